//! `config diff`, `history` and `rollback`: the versions that the file has had.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use serde_json::json;

use super::super::context::load;
use super::super::ui::{Ui, when};
use super::super::user;
use super::{edit, known, opened, refuse, refused};
use crate::clock::Clock;
use crate::config::{
    Change, Config, Database, Loaded, database_of, environment, place_of_file, read_text, redacted,
};
use crate::setup::{Setup, shown};
use crate::store::ConfigVersion;

/// What the file, or another one, changes.
pub(super) async fn diff(
    ui: &Ui,
    file: Option<&Path>,
    clock: Clock,
    other: Option<&Path>,
    version: Option<i64>,
) -> anyhow::Result<ExitCode> {
    let loaded = match load(file) {
        Ok(loaded) => loaded,
        Err(faults) => return Ok(refuse(&faults, ui)),
    };
    let (path, new) = match other {
        None => (loaded.path.clone(), loaded),
        // As if it stood where the config is: its relative paths mean the same.
        Some(other) => {
            let read =
                read_text(other).and_then(|text| Config::parse(&text, &loaded.path, environment()));
            match read {
                Ok(new) => (loaded.path, new),
                Err(faults) => return Ok(refuse(&faults, ui)),
            }
        }
    };
    let setup = opened(&new.config.database, &path, clock).await?;
    let waiting = if version.is_none() { setup.waiting().await? } else { Vec::new() };
    let (old, against) = match version {
        Some(version) => {
            let version = match setup.version(version).await {
                Ok(version) => version,
                Err(error) => return refused(error, ui),
            };
            (read_again(&version, &path)?, format!("version {}", version.id))
        }
        None => {
            let applied = setup.last_applied().await?;
            let old = applied.context(
                "no version was ever in force that still reads; \
                 `paperround config history` lists them",
            )?;
            (old, "what was last in force".to_owned())
        }
    };
    tell_changes(ui, &old.changes_to(&new), &against, &waiting)?;
    Ok(ExitCode::SUCCESS)
}

fn tell_changes(
    ui: &Ui,
    changes: &[Change],
    against: &str,
    waiting: &[String],
) -> anyhow::Result<()> {
    let told = json!({"against": against, "changes": changes, "waiting": waiting});
    ui.document(&told, || {
        let mut lines: Vec<String> = changes.iter().map(ToString::to_string).collect();
        if lines.is_empty() {
            lines.push(format!("nothing differs from {against}"));
        }
        let waits = waiting.iter();
        lines.extend(waits.map(|key| format!("{key}: its new value still waits for a restart")));
        lines.join("\n")
    })
}

fn read_again(version: &ConfigVersion, path: &Path) -> anyhow::Result<Loaded> {
    Config::parse(&version.text, path, environment())
        .with_context(|| format!("version {} does not read any more", version.id))
}

/// The versions, or the text of one.
pub(super) async fn history(
    ui: &Ui,
    place: Place<'_>,
    clock: Clock,
    limit: u32,
    show: Option<i64>,
) -> anyhow::Result<ExitCode> {
    let Some((setup, _)) = of_file(ui, place, clock).await? else { return Ok(ExitCode::from(78)) };
    if let Some(id) = show {
        let version = match setup.version(id).await {
            Ok(version) => version,
            Err(error) => return refused(error, ui),
        };
        if let Some(reason) = &version.reason {
            eprintln!("{}: {reason}", version.outcome.word());
        }
        ui.document(&as_json(&version, true), || shown(&version).trim_end().to_owned())?;
        return Ok(ExitCode::SUCCESS);
    }
    let versions = setup.history(limit).await?;
    let all: Vec<_> = versions.iter().map(|version| as_json(version, false)).collect();
    ui.document(&json!({"versions": all}), || table(ui, &versions))?;
    Ok(ExitCode::SUCCESS)
}

fn as_json(version: &ConfigVersion, whole: bool) -> serde_json::Value {
    let mut told = json!({
        "version": version.id,
        "at": version.at.to_string(),
        "who": version.who,
        "file": version.file,
        "hash": version.hash,
        "outcome": version.outcome,
        "reason": version.reason,
    });
    if whole {
        told["text"] = json!(redacted(&version.text));
    }
    told
}

fn table(ui: &Ui, versions: &[ConfigVersion]) -> String {
    if versions.is_empty() {
        return "there is no version yet: the first is noted when `paperround serve` starts".into();
    }
    let mut table = ui.table(&["version", "at", "who", "outcome", "hash", "why"]);
    for version in versions {
        let mut reasons = version.reason.as_deref().unwrap_or_default().lines();
        let first = reasons.next().unwrap_or_default();
        let why = match reasons.count() {
            0 => first.to_owned(),
            more => format!("{first} (and {more} more: `config history --show {}`)", version.id),
        };
        table.add_row([
            version.id.to_string(),
            when(version.at),
            version.who.clone(),
            version.outcome.word().to_owned(),
            version.hash.get(..8).unwrap_or_default().to_owned(),
            why,
        ]);
    }
    table.trim_fmt()
}

/// Puts an earlier version back, by the same checked and whole way as any change.
pub(super) async fn rollback(
    ui: &Ui,
    place: Place<'_>,
    clock: Clock,
    version: Option<i64>,
    yes: bool,
) -> anyhow::Result<ExitCode> {
    let Some((setup, seen)) = of_file(ui, place, clock).await? else {
        return Ok(ExitCode::from(78));
    };
    let version = match version {
        Some(id) => setup.version(id).await,
        None => setup.back_from(seen.as_deref()).await,
    };
    let version = match version {
        Ok(version) => version,
        Err(error) => return refused(error, ui),
    };
    if Some(&version.text) == seen.as_ref() {
        ui.document(&json!({"ok": true, "version": version.id, "changes": []}), || {
            format!("version {} is what the file holds already", version.id)
        })?;
        return Ok(ExitCode::SUCCESS);
    }
    let verdict = match setup.check(&version.text).await {
        Ok(verdict) => verdict,
        Err(error) => return refused(error, ui),
    };
    let question = format!("(p)ut version {} in place, or e(x)it and leave the file?", version.id);
    if edit::agreed(&verdict, yes, &question, &['p'])? != edit::Answer::Go {
        return edit::left(ExitCode::FAILURE);
    }
    let verdict = match setup.write(seen.as_deref(), &version.text, &user()).await {
        Ok(verdict) => verdict,
        Err(error) => return refused(error, ui),
    };
    edit::tell_written(ui, &setup, &verdict, Some(version.id)).await
}

/// Which file, and where its history is.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) file: Option<&'a Path>,
    /// A `database.url`, where the file does not say.
    pub(super) database: Option<&'a str>,
}

/// The history of the file, and its text as it is now, if it is one. A broken file, or none, is no
/// reason not to go back: what still reads of it may say where the history is, or whoever asks does;
/// else it is looked for where it is unless somebody says otherwise.
async fn of_file(
    ui: &Ui,
    place: Place<'_>,
    clock: Clock,
) -> anyhow::Result<Option<(Setup, Option<String>)>> {
    let faults = match (load(place.file), place.database) {
        (Ok(loaded), None) => {
            let setup = opened(&loaded.config.database, &loaded.path, clock).await?;
            return Ok(Some((setup, Some(loaded.text))));
        }
        (Ok(_), Some(_)) => None,
        (Err(faults), _) => Some(faults),
    };
    let path = place_of_file(place.file, environment());
    let seen = read_text(&path).ok();
    let folder = std::path::absolute(&path)?;
    let folder = folder.parent().unwrap_or(Path::new("/"));
    let database = match place.database {
        Some(url) => Some(Database::from_url(url, folder).map_err(anyhow::Error::msg)?),
        None => database_of(seen.as_deref().unwrap_or_default(), &path, environment()),
    };
    let setup = match (&database, &faults) {
        // Named by hand: a wrong name is worth a word.
        (Some(database), faults) if faults.is_none() || place.database.is_some() => {
            Some(opened(database, &path, clock).await?)
        }
        (Some(database), _) => known(database, &path, clock).await.ok().flatten(),
        (None, _) => None,
    };
    if let (None, Some(faults)) = (&setup, &faults) {
        refuse(faults, ui);
        eprintln!(
            "paperround: the file does not say any more where its history is: name the database \
             with --database, such as --database sqlite:paperround-data/paperround.db"
        );
    }
    Ok(setup.map(|setup| (setup, seen)))
}
