//! `config explain`, `schema` and `reference`: what the table of keys knows.

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use super::super::context::load;
use super::super::ui::Ui;
use crate::config::{self, Held, Key, Named, Origin, Preset, Section, environment};

/// The JSON Schema, one document whether or not JSON is asked for.
pub(super) fn schema(ui: &Ui) -> anyhow::Result<ExitCode> {
    let schema = config::schema();
    let text = if ui.json { schema.to_string() } else { serde_json::to_string_pretty(&schema)? };
    ui.line(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// The page of the docs.
pub(super) fn reference(ui: &Ui) -> anyhow::Result<ExitCode> {
    ui.line(config::reference().trim_end())?;
    Ok(ExitCode::SUCCESS)
}

/// A key or a section, in words.
pub(super) fn explain(ui: &Ui, file: Option<&Path>, name: &str) -> anyhow::Result<ExitCode> {
    let named = match config::find(name) {
        Ok(named) => named,
        Err(near) => {
            let hint = match near.as_slice() {
                [] => "`paperround config schema` has them all".to_owned(),
                several => format!("did you mean {}?", several.join(" or ")),
            };
            eprintln!("paperround: there is no key or section {name:?}; {hint}");
            return Ok(ExitCode::from(2));
        }
    };
    // A broken config is no reason not to be told what a key means.
    let loaded = load(file);
    let (held, place) = match &loaded {
        Ok(loaded) => (loaded.held(named, environment()), loaded.path.display().to_string()),
        Err(_) => (Vec::new(), String::new()),
    };
    let (section, keys) = match named {
        Named::Section(section) => (section, section.keys.iter().collect()),
        Named::Key(section, key) => (section, vec![key]),
    };
    let told = json!({
        "section": section.path,
        "repeated": section.repeated,
        "doc": section.doc,
        "keys": keys.iter().map(|key| as_json(key, &held)).collect::<Vec<_>>(),
        "file": loaded.as_ref().ok().map(|loaded| loaded.path.display().to_string()),
    });
    ui.document(&told, || {
        words(section, &keys, matches!(named, Named::Section(_)), &held, &place)
    })?;
    if let Err(faults) = loaded {
        eprintln!("warning: what it is set to is not known: {}", faults.lines().join("\n"));
    }
    Ok(ExitCode::SUCCESS)
}

fn as_json(key: &Key, held: &[Held]) -> serde_json::Value {
    json!({
        "name": key.name,
        "doc": key.doc,
        "takes": key.wanted,
        "default": match key.preset { Preset::Is(default) => Some(default), _ => None },
        "required": key.preset == Preset::Required,
        "without": match key.preset { Preset::Unset(then) => Some(then), _ => None },
        "secret": key.secret,
        "restart": key.restart,
        "values": held.iter().filter(|one| is_of(one, key)).collect::<Vec<_>>(),
    })
}

fn is_of(held: &Held, key: &Key) -> bool {
    held.key.rsplit('.').next() == Some(key.name)
}

fn words(section: &Section, keys: &[&Key], whole: bool, held: &[Held], file: &str) -> String {
    let mut out = String::new();
    if whole {
        out += &format!("{}\n{}\n", section.header(), section.doc);
    }
    for key in keys {
        if !out.is_empty() {
            out.push('\n');
        }
        out +=
            &format!("{}.{}\n  {}\n  It takes {}.\n", section.path, key.name, key.doc, key.wanted);
        out += &match key.preset {
            Preset::Is(default) => format!("  Default: {default}\n"),
            Preset::Required => "  It must be given.\n".to_owned(),
            Preset::Unset(then) => format!("  Without it: {then}\n"),
        };
        if key.secret {
            out += "  A secret: it is never shown, and better kept in a file of its own.\n";
        }
        if key.restart {
            out += "  A new value counts after a restart.\n";
        }
        let values: Vec<&Held> = held.iter().filter(|one| is_of(one, key)).collect();
        for one in &values {
            let path = if values.len() > 1 { format!("{}: ", one.key) } else { String::new() };
            let value = one.value.as_deref().unwrap_or("not set");
            let from = match &one.origin {
                Origin::File { line } => format!("{file}:{line}"),
                Origin::Environment { variable } => format!("the variable {variable}"),
                Origin::Default => "the default".to_owned(),
            };
            out += &format!("  Now: {path}{value}, from {from}\n");
        }
    }
    out.trim_end().to_owned()
}
