//! What is changed for readers and mails on the command line, for the audit log: which command it
//! was, and to what, with addresses masked as the admin pages mask them. Decides nothing, and says
//! nothing of commands that only look. Changes of the configuration have a history of their own.

use std::ffi::OsStr;
use std::sync::atomic::{AtomicU64, Ordering};

use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory as _};

use super::context::Context;
use super::{Cli, by_admin};
use crate::admins::By;
use crate::model::EmailAddress;
use crate::store::StoreError;

/// The commands that change something, and their words in the log.
const DEEDS: &[(&[&str], &str)] = &[
    (&["subscriber", "add"], "subscriber.add"),
    (&["subscriber", "set"], "subscriber.set"),
    (&["subscriber", "pause"], "subscriber.pause"),
    (&["subscriber", "resume"], "subscriber.resume"),
    (&["subscriber", "remove"], "subscriber.remove"),
    (&["subscriber", "erase"], "subscriber.erase"),
    (&["subscriber", "import"], "subscriber.import"),
    (&["suppression", "add"], "subscriber.suppress"),
    (&["suppression", "remove"], "subscriber.lift"),
    (&["suppression", "import"], "suppression.import"),
    (&["queue", "retry"], "queue.retry"),
    (&["queue", "drop"], "queue.drop"),
    (&["resend"], "digest.resend"),
];

/// The most letters of an entry: a thousand addresses may be named.
const LONGEST: usize = 300;

/// How many readers, addresses or mails a command has changed so far.
#[derive(Debug, Default)]
pub(super) struct Changed(AtomicU64);

impl Changed {
    pub(super) fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }
}

/// A command that changes something.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Deed {
    what: &'static str,
    about: String,
}

impl Deed {
    /// What this process was asked to change; none: nothing.
    pub(super) fn asked() -> Option<Self> {
        Self::of(&Cli::command().try_get_matches().ok()?)
    }

    fn of(matches: &ArgMatches) -> Option<Self> {
        let (mut path, mut given, mut command) = (Vec::new(), matches, Cli::command());
        while let Some((name, inner)) = given.subcommand() {
            path.push(name);
            given = inner;
            command = command.find_subcommand(name)?.clone();
        }
        let (_, what) = DEEDS.iter().find(|(known, _)| *known == path)?;
        let mut words = Vec::new();
        for argument in command.get_arguments() {
            let id = argument.get_id().as_str();
            if id == "yes" || given.value_source(id) != Some(ValueSource::CommandLine) {
                continue;
            }
            if id == "dry_run" {
                return None;
            }
            words.extend(argument.get_long().map(|long| format!("--{long}")));
            if argument.get_action().takes_values() {
                words.extend(given.get_raw(id).into_iter().flatten().map(shown));
            }
        }
        let about = words.join(" ");
        let cut = about.char_indices().nth(LONGEST).map(|(at, _)| format!("{} …", &about[..at]));
        Some(Self { what, about: cut.unwrap_or(about) })
    }

    /// Writes it into the log, once it is done: in whole, or else in part. What was refused before
    /// anything was done is not noted.
    pub(super) async fn note(self, context: &Context, whole: bool) -> Result<(), StoreError> {
        let changed = context.changed.0.load(Ordering::Relaxed);
        if changed == 0 && !whole {
            return Ok(());
        }
        let whole = if whole { "" } else { "; not all of it could be done" };
        let detail = format!("{}; changed: {changed}{whole}", by_admin(None));
        context.app.admins().note(&By::command_line(), self.what, self.about, detail).await
    }
}

/// A word of the command line; an address masked.
fn shown(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    word.parse::<EmailAddress>().map_or_else(|_| word.into_owned(), |email| email.masked())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_something_is_noted_and_addresses_are_masked() {
        let of = |line: &str| {
            let words = std::iter::once("paperround").chain(line.split(' '));
            Deed::of(&Cli::command().try_get_matches_from(words).unwrap())
                .map(|deed| format!("{} {}", deed.what, deed.about))
        };
        let masked = "ada@example.org".parse::<EmailAddress>().unwrap().masked();
        assert!(!masked.contains("ada@"));
        for (line, told) in [
            (
                "subscriber pause ada@example.org --until 2026-12-24",
                format!("subscriber.pause {masked} --until 2026-12-24"),
            ),
            ("suppression remove ada@example.org --json", format!("subscriber.lift {masked}")),
            ("--quiet queue drop 7 8 --why gone -y", "queue.drop 7 8 --why gone".to_owned()),
        ] {
            assert_eq!(of(line), Some(told), "{line}");
        }
        for line in ["subscriber show ada@example.org", "queue retry --all --dry-run", "run"] {
            assert_eq!(of(line), None, "{line}");
        }
        // Each of them is a command.
        for (path, _) in DEEDS {
            let mut command = Cli::command();
            for name in *path {
                command = command.find_subcommand(name).unwrap().clone();
            }
        }
        let many = format!("subscriber add {}", "ada@example.org ".repeat(60).trim_end());
        assert!(of(&many).unwrap().ends_with(" …"));
    }
}
