//! A text as a TOML tree, with every fault of its syntax; what of the rest can then still be
//! trusted.

use std::collections::HashSet;

use toml::de::DeTable;

use super::fault::{Found, Lines, Show};
use super::keys::nearest;
use super::tree::{Place, Table};

/// What was made of a text.
pub(super) struct Parsed {
    pub(super) table: Table,
    pub(super) faults: Vec<Found>,
    doubtful: Vec<std::ops::Range<usize>>,
}

/// Parses as far as possible.
pub(super) fn parse(text: &str) -> Parsed {
    let (table, errors) = DeTable::parse_recoverable(text);
    let table = Table::new(table.into_inner(), &Place::from);
    let lines = Lines::new(text);
    let mut faults: Vec<Found> = Vec::new();
    let mut doubtful = Vec::new();
    let mut told = HashSet::new();
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        let line = lines.position(span.start).0;
        doubtful.push(doubt(&lines, line, text.len()));
        // One slip often makes several errors on its line: the first says it.
        if !told.insert(line) {
            continue;
        }
        faults.push(Found {
            place: span.into(),
            key: None,
            seen: None,
            wanted: format!("TOML syntax: {}", error.message()),
            hint: None,
            excerpt: if may_hold_secret(&lines, line) { Show::Nothing } else { Show::Line },
        });
    }
    Parsed { table, faults, doubtful }
}

impl Parsed {
    /// Whether a fault found in the recovered tree may only follow from one of the syntax.
    pub(super) fn doubts(&self, found: &Found) -> bool {
        match &found.place {
            _ if self.doubtful.is_empty() => false,
            _ if found.seen.as_deref() == Some("nothing") => true,
            // What the parser made up has no place.
            &Place::START => true,
            Place::Text(start, _) => self.doubtful.iter().any(|lines| lines.contains(start)),
            Place::Variable(_) => false,
        }
    }
}

/// The bytes that an error on this line makes doubtful: the line; with a broken header, all
/// up to the next one.
fn doubt(lines: &Lines<'_>, line: usize, whole: usize) -> std::ops::Range<usize> {
    let mut end = line + 1;
    if lines.text(line).trim_start().starts_with('[') {
        while lines.start(end) < whole && !lines.text(end).trim_start().starts_with('[') {
            end += 1;
        }
    }
    lines.start(line)..lines.start(end).max(lines.start(line) + 1)
}

/// Whether the line belongs to what looks like the value of a secret.
fn may_hold_secret(lines: &Lines<'_>, line: usize) -> bool {
    /// Values of more lines than this are not shown in any case.
    const BACK: usize = 20;
    let name = |line: usize| {
        let text = lines.text(line).trim_start();
        let (name, _) = text.split_once(['=', ' ', '"', '\'', ':'])?;
        let name = name.trim().rsplit('.').next()?.to_owned();
        let plain = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        (!name.is_empty() && name.chars().all(plain)).then_some(name)
    };
    let secret = |name: &str| {
        nearest(name, ["password"]).is_some()
            || ["pass", "secret", "token"].iter().any(|word| name.to_lowercase().contains(word))
    };
    let first = line.saturating_sub(BACK).max(1);
    let assigns = |line: usize| lines.text(line).contains('=') && name(line).is_some();
    if name(line).is_some_and(|name| secret(&name)) {
        return true;
    }
    // A line of its own makes its own name; others continue the value above them.
    let above = (first..line).rev().find(|line| assigns(*line));
    above.and_then(name).is_some_and(|name| secret(&name)) && !assigns(line)
}
