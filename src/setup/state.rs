//! What is in force in this process, and what stands in its way. Never holds a secret.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::Serialize;

use crate::config::Change;

/// The configuration that a process works by.
#[derive(Clone, Debug, Serialize)]
pub struct InForce {
    /// The file that it came from.
    pub file: PathBuf,
    /// Since when.
    pub since: Timestamp,
    /// Its number in the history; none where the history could not be written.
    pub version: Option<i64>,
    /// What is allowed in it and yet worth a word, `FILE:LINE:COLUMN: warning: …` each.
    pub warnings: Vec<String>,
    /// What became of the file since, where that was refused.
    pub refused: Option<Refused>,
    /// The keys whose new values wait for a restart.
    pub waiting: Vec<Change>,
    /// Other processes on the database that work by another sender, in words.
    pub apart: Vec<String>,
}

/// A file that was not taken over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// Since when: when the first of the files was looked at that were refused in a row.
    pub at: Timestamp,
    /// Why: `FILE:LINE:COLUMN: KEY: …` each.
    pub faults: Vec<String>,
}

impl Refused {
    /// The first reason, and how many more there are.
    pub fn words(&self) -> String {
        match self.faults.as_slice() {
            [] => "for an unknown reason".to_owned(),
            [only] => only.clone(),
            [first, rest @ ..] => {
                format!("{first} (and {} more: `paperround config check` tells all)", rest.len())
            }
        }
    }
}

impl InForce {
    /// What is not as the file says, in sentences; none where all is.
    pub fn troubles(&self) -> Vec<String> {
        self.told().into_iter().map(|(_, words)| words).collect()
    }

    /// The same, with since when each is so.
    pub fn told(&self) -> Vec<(Timestamp, String)> {
        let since = self.since.strftime("%Y-%m-%d %H:%M:%SZ");
        let mut told = Vec::new();
        if let Some(refused) = &self.refused {
            let words = format!(
                "the config file is refused, and the one of {since} stays in force: {}",
                refused.words()
            );
            told.push((refused.at, words));
        }
        for change in &self.waiting {
            let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "not set".into());
            let words = match (&change.old, &change.new) {
                (old, new) if old == new => format!("{} changed: restart to use it", change.key),
                (old, new) => format!(
                    "{} is {} in the file and still {} here: restart to use the new value",
                    change.key,
                    value(new),
                    value(old)
                ),
            };
            told.push((self.since, words));
        }
        told.extend(self.apart.iter().map(|words| (self.since, words.clone())));
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn troubles_are_told_by_key_and_place() {
        let at: Timestamp = "2026-11-27T08:00:00Z".parse().unwrap();
        let mut state = InForce {
            file: "c.toml".into(),
            since: at,
            version: Some(3),
            warnings: Vec::new(),
            refused: None,
            waiting: Vec::new(),
            apart: Vec::new(),
        };
        assert!(state.troubles().is_empty());
        state.refused =
            Some(Refused { at, faults: vec!["c.toml:3:5: site.url: saw 1".into(), "more".into()] });
        state.waiting.push(Change {
            key: "server.listen".into(),
            old: Some("\"127.0.0.1:1\"".into()),
            new: Some("\"127.0.0.1:2\"".into()),
            restart: true,
        });
        let told = state.troubles();
        assert!(told[0].contains("2026-11-27 08:00:00Z stays in force: c.toml:3:5: site.url"));
        assert!(told[0].contains("and 1 more"));
        assert!(told[1].starts_with("server.listen is \"127.0.0.1:2\" in the file and still"));
    }
}
