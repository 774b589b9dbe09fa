//! The files that belong to a service besides its database: what a backup takes along.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use crate::config::{CREDENTIAL, Loaded, read_text};
use crate::store::KeptFile;

/// The key's name in the data folder and in a backup.
pub(super) const KEY: &str = "paperround.key";
/// The configuration's name in a backup.
const CONFIG: &str = "paperround.toml";

/// What cannot be taken along: what, and why.
type Missing = Vec<(String, String)>;

/// The files that belong to a service, and what cannot be taken along, with the reason.
pub(super) fn gather(loaded: &Loaded) -> anyhow::Result<(Vec<KeptFile>, Missing)> {
    let path = std::path::absolute(&loaded.path)?;
    let base = path.parent().unwrap_or(&path).to_owned();
    let (mut files, mut missing) = (Vec::new(), Vec::new());
    // As it is, even where that is not what is in force.
    let origin = path.display().to_string();
    match read_text(&path) {
        Ok(text) => {
            files.push(KeptFile { name: CONFIG.to_owned(), origin, bytes: text.into_bytes() })
        }
        Err(faults) => {
            let why = faults.list().iter().map(|fault| fault.sentence()).collect::<Vec<_>>();
            missing.push((origin, why.join("; ")));
        }
    }
    let mut wanted = vec![(KEY.to_owned(), loaded.config.site.data_dir.join(KEY))];
    let mut named = Vec::new();
    secrets(&toml::from_str(&loaded.text)?, "", &mut named);
    for (section, file) in named {
        if file.starts_with(CREDENTIAL) {
            missing.push((file, "the service manager keeps it".to_owned()));
            continue;
        }
        let origin = base.join(&file);
        let end = origin.file_name().unwrap_or_default().to_string_lossy().into_owned();
        wanted.push((format!("{section}/{end}"), origin));
    }
    if let Some(folder) = &loaded.config.digest.templates {
        let mut found = Vec::new();
        walk(folder, &mut found)
            .with_context(|| format!("cannot read the templates in {}", folder.display()))?;
        for origin in found {
            let inside = origin.strip_prefix(folder).unwrap_or(&origin);
            wanted.push((format!("templates/{}", inside.display()), origin));
        }
    }
    for (name, path) in wanted {
        let origin = path.display().to_string();
        // Opening a named pipe would wait for its other end.
        let read = std::fs::metadata(&path).and_then(|about| match about.is_file() {
            true => std::fs::read(&path),
            false => Err(std::io::Error::other("it is not a regular file")),
        });
        match read {
            Ok(bytes) => files.push(KeptFile { name, origin, bytes }),
            Err(error) => missing.push((origin, error.to_string())),
        }
    }
    // Two keys may name one file.
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files.dedup_by(|a, b| a.name == b.name && a.origin == b.origin);
    let twice = files.windows(2).find(|pair| pair[0].name == pair[1].name);
    if let Some(pair) = twice {
        bail!("{} and {} would have one name in the backup", pair[0].origin, pair[1].origin);
    }
    Ok((files, missing))
}

/// Every `…_file` that the configuration names, with its section.
fn secrets(table: &toml::Table, section: &str, found: &mut Vec<(String, String)>) {
    for (name, value) in table {
        let below = if section.is_empty() { name.clone() } else { format!("{section}.{name}") };
        match value {
            toml::Value::String(file) if name.ends_with("_file") => {
                found.push((section.to_owned(), file.clone()));
            }
            toml::Value::Table(table) => secrets(table, &below, found),
            toml::Value::Array(many) => {
                for table in many.iter().filter_map(toml::Value::as_table) {
                    secrets(table, &below, found);
                }
            }
            _ => {}
        }
    }
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}
