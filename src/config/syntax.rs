//! A text as a TOML tree, with every fault of its syntax; what of the rest can then still be
//! trusted.

use std::collections::HashSet;

use toml::de::DeTable;

use super::fault::{Found, Lines, MOST, Show};
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
        let line = lines.line(span.start);
        // One slip often makes several errors on its line: the first says it.
        if !told.insert(line) {
            continue;
        }
        doubtful.push(doubt(&lines, line, text.len()));
        let hidden = told.len() > MOST || may_hold_secret(&lines, line);
        faults.push(Found {
            place: span.into(),
            key: None,
            seen: None,
            wanted: format!("TOML syntax: {}", error.message()),
            hint: None,
            excerpt: if hidden { Show::Nothing } else { Show::Line },
        });
    }
    // In order and apart, so that they can be searched.
    doubtful.sort_by_key(|lines| lines.start);
    doubtful.dedup_by(|next, last| {
        let inside = next.start < last.end;
        last.end = if inside { last.end.max(next.end) } else { last.end };
        inside
    });
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
            Place::Text(start, _) => {
                let before = self.doubtful.partition_point(|lines| lines.start <= *start);
                self.doubtful[..before].last().is_some_and(|lines| lines.contains(start))
            }
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

/// Whether the line may be, or go on with, the value of a secret: by the words on it and on
/// the last line above that assigns something.
pub(super) fn may_hold_secret(lines: &Lines<'_>, line: usize) -> bool {
    /// Values of more lines than this are taken for secrets.
    const BACK: usize = 20;
    let plain = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let secret = |line: usize| {
        let mut words = lines.text(line).split(|c| !plain(c)).map(str::to_lowercase);
        words.any(|word| {
            nearest(&word, ["password"]).is_some()
                || ["pass", "secret", "token"].iter().any(|part| word.contains(part))
        })
    };
    let assigns = |line: usize| {
        let name = lines.text(line).split_once('=').map(|(name, _)| name.trim().trim_matches('"'));
        name.is_some_and(|name| !name.is_empty() && name.chars().all(|c| plain(c) || c == '.'))
    };
    if secret(line) {
        return true;
    }
    let header = |line: usize| lines.text(line).trim_start().starts_with('[');
    if assigns(line) || header(line) || line == 1 {
        return false;
    }
    let above = (1..line).rev().take(BACK).find(|line| assigns(*line) || header(*line));
    above.map_or(line > BACK, secret)
}
