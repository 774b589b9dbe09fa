//! `[log]`

use super::entries::Entries;
use super::keys::{Key, Section, nearest};
use super::read::{self, Misread, Reading};
use super::show::{Shown, shown};
use super::tree::Node;

pub(super) const SECTION: Section = Section {
    path: "log",
    repeated: false,
    doc: "The log, on stderr.",
    keys: &[
        Key::is(
            "format",
            r#""text""#,
            "\"text\", \"json\" or \"journald\"",
            "For people, for programs, or with its fields to systemd's journal.",
        ),
        Key::is(
            "level",
            r#""info""#,
            "error, warn, info, debug or trace, or a filter such as \"info,paperround=debug\"",
            "How much is said.",
        ),
        Key::is(
            "addresses",
            r#""masked""#,
            "\"masked\", \"hashed\" or \"plain\"",
            "How addresses of readers look: a***@example.org, a keyed hash, or as they are.",
        ),
    ],
};

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
    /// To systemd's journal, with its fields.
    Journald,
}

const FORMATS: [(&str, LogFormat); 3] =
    [("text", LogFormat::Text), ("json", LogFormat::Json), ("journald", LogFormat::Journald)];

/// How addresses look in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressStyle {
    /// `a***@example.org`
    Masked,
    /// A keyed hash.
    Hashed,
    /// As they are.
    Plain,
}

const STYLES: [(&str, AddressStyle); 3] = [
    ("masked", AddressStyle::Masked),
    ("hashed", AddressStyle::Hashed),
    ("plain", AddressStyle::Plain),
];

/// The log, on stderr.
#[derive(Clone, Debug)]
pub struct Log {
    /// How lines look. Default text.
    pub format: LogFormat,
    /// `error`, `warn`, `info`, `debug`, `trace`, or a filter such as `info,paperround=debug`.
    /// Default info.
    pub level: String,
    /// How addresses look. Default masked.
    pub addresses: AddressStyle,
}

impl Log {
    pub(super) fn read(entries: &mut Entries<'_>) -> Option<Self> {
        let format = entries.get("format", read::word(&FORMATS));
        let level = entries.get("level", level);
        let addresses = entries.get("addresses", read::word(&STYLES));
        Some(Self { format: format?, level: level?, addresses: addresses? })
    }

    pub(super) fn shown(&self) -> Shown {
        let format = FORMATS.iter().find(|(_, format)| *format == self.format);
        let style = STYLES.iter().find(|(_, style)| *style == self.addresses);
        vec![
            ("format", format.and_then(|(word, _)| shown(word))),
            ("level", shown(&self.level)),
            ("addresses", style.and_then(|(word, _)| shown(word))),
        ]
    }
}

/// Stricter than tracing's own filter, which takes a mistyped level for the name of a module.
fn level(node: &Node) -> Reading<String> {
    const LEVELS: [&str; 6] = ["error", "warn", "info", "debug", "trace", "off"];
    let text = read::line(node)?;
    for part in text.split(',').map(str::trim) {
        let (target, level) = part.split_once('=').unwrap_or(("all", part));
        if !LEVELS.contains(&level.to_ascii_lowercase().as_str()) {
            let near = nearest(level, LEVELS).map(read::did_you_mean);
            return Err(Misread { hint: near, ..Misread::default() });
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | ':');
        if target.is_empty() || !target.chars().all(plain) {
            return Err(Misread::hint("before the = goes the name of a module"));
        }
    }
    Ok(text)
}
