//! Tells the dollars that enclose a formula from those that are paid.

use std::ops::Range;

use super::math::is_operator;
use super::source::Source;
use super::table::{self, Bare, Command};

/// Longest formula, in bytes.
const LONGEST: usize = 1_200;

/// The formula whose first dollar stands at `at`: what it encloses, and where it ends.
pub(super) fn formula_at(
    source: &Source<'_>,
    at: usize,
    end: usize,
) -> Option<(Range<usize>, usize)> {
    let mark = if source.between(at..end).starts_with("$$") { "$$" } else { "$" };
    let start = at + mark.len();
    let close = closing(source, start, end, mark)?;
    let content = source.between(start..close);
    let behind = close + mark.len();
    let (before, after) = (source.before(at), source.char(behind, end));
    let sure = mark == "$$" && !content.trim().is_empty() || is_formula(content, before, after);
    sure.then_some((start..close, behind))
}

/// The next mark that is not escaped.
fn closing(source: &Source<'_>, start: usize, end: usize, mark: &str) -> Option<usize> {
    let limit = end.min(start.saturating_add(LONGEST));
    let mut from = start;
    loop {
        let found = source.find(from, limit, mark, LONGEST)?;
        if source.before(found) != Some('\\') {
            return Some(found);
        }
        from = found + mark.len();
    }
}

fn is_formula(content: &str, before: Option<char>, after: Option<char>) -> bool {
    let trimmed = content.trim();
    if trimmed.is_empty() {
        return false;
    }
    let command = content
        .as_bytes()
        .windows(2)
        .any(|pair| pair[0] == b'\\' && (pair[1].is_ascii_alphabetic() || pair[1] == b'%'));
    // `$<$1%`
    if trimmed.chars().all(|c| is_operator(c) && c != '/') {
        return true;
    }
    let signs =
        command || content.contains(['^', '_', '{']) || content.chars().any(table::is_greek);
    let padded = (trimmed.len() < content.len(), content.starts_with(' '), content.ends_with(' '));
    match padded {
        (false, ..) => {}
        (true, true, true) if command => {}
        _ => return false,
    }
    // `US$3M`, and the second of two prices.
    if !signs
        && (before.is_some_and(char::is_alphanumeric)
            || after.is_some_and(|c| c.is_ascii_digit() || c == '\\'))
    {
        return false;
    }
    let words = words(content);
    let price = content.starts_with(|c: char| c.is_ascii_digit());
    if price && !signs && content.contains(' ') {
        return !content.contains(char::is_alphabetic);
    }
    match words {
        0 => true,
        1 if !signs => {
            !price && !content.contains(' ') && !after.is_some_and(char::is_alphanumeric)
        }
        1 => true,
        2 | 3 => command && !price,
        _ => false,
    }
}

/// How many words of prose there are outside of groups and commands; formulas have none.
fn words(content: &str) -> usize {
    let mut words = 0;
    let mut depth = 0_usize;
    let mut before = ' ';
    let mut at = 0;
    while let Some(c) = content[at..].chars().next() {
        let rest = &content[at..];
        let length = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let name = &rest[..length];
        let known = matches!(table::command(name), Some(Command::Function(_)))
            || table::is_bare(name, Bare::Itself);
        let letters = name.bytes().filter(u8::is_ascii_alphabetic).count();
        if letters >= 3 && depth == 0 && !matches!(before, '\\' | '_' | '^') && !known {
            words += 1;
        }
        let step = if length > 0 { length } else { c.len_utf8() };
        before = content[at..at + step].chars().next_back().unwrap_or(' ');
        at += step;
    }
    words
}
