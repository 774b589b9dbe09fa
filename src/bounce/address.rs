//! Finds addresses in running text, in time that grows with the text alone. Never says whose
//! they are.

use std::ops::Range;

const LONGEST_LOCAL: usize = 128;
const LONGEST_DOMAIN: usize = 255;

/// The addresses in a text, and where they stand.
pub(super) fn find(text: &str) -> Vec<(Range<usize>, &str)> {
    let mut found = Vec::new();
    let mut behind = 0;
    for at in memchr::memchr_iter(b'@', text.as_bytes()) {
        if let Some(range) = around(text, at, behind) {
            behind = range.end;
            found.push((range.clone(), &text[range]));
        }
    }
    found
}

/// The first address in a text.
pub(super) fn first(text: &str) -> Option<&str> {
    memchr::memchr_iter(b'@', text.as_bytes())
        .take(50)
        .find_map(|at| around(text, at, 0))
        .map(|range| &text[range])
}

/// The address around this `@`, not beginning before `behind`.
fn around(text: &str, at: usize, behind: usize) -> Option<Range<usize>> {
    let start = local(text, at, behind)?;
    let domain = &text[at + 1..];
    let mut end = domain
        .char_indices()
        .take_while(|&(i, c)| i < LONGEST_DOMAIN && is_domain(c))
        .last()
        .map(|(i, c)| i + c.len_utf8())?;
    while domain[..end].ends_with(['.', '-', '_']) {
        end -= 1;
    }
    let domain = &domain[..end];
    let is_good = !domain.is_empty()
        && !domain.starts_with(['.', '-'])
        && !domain.contains("..")
        && domain.chars().any(char::is_alphanumeric);
    is_good.then_some(start..at + 1 + end)
}

/// Where the local part begins.
fn local(text: &str, at: usize, behind: usize) -> Option<usize> {
    let before = &text[behind..at];
    if let Some(inner) = before.strip_suffix('"') {
        // "John Doe"@example.org (RFC 5321 4.1.2, Quoted-string)
        let open = inner.char_indices().rev().take(LONGEST_LOCAL).find(|&(_, c)| c == '"')?.0;
        let is_line = !inner[open..].contains(['\n', '<', '>']);
        return (is_line && open + 1 < inner.len()).then_some(behind + open);
    }
    let mut start = at;
    for (i, c) in before.char_indices().rev() {
        if !is_local(c) || at - (behind + i) > LONGEST_LOCAL {
            break;
        }
        start = behind + i;
    }
    // What stands about an address more often than in one.
    let trimmed =
        text[start..at].trim_start_matches(['\'', '`', '*', '=', '/', '|', '.', '{', '}']);
    let trimmed = trimmed.strip_prefix("mailto:").unwrap_or(trimmed);
    (!trimmed.is_empty() && !trimmed.ends_with('.')).then_some(at - trimmed.len())
}

fn is_local(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || ".!#$%&'*+/=?^_`{|}~-".contains(c)
        || (!c.is_ascii() && c.is_alphanumeric() && !is_script_without_spaces(c))
}

fn is_domain(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || ".-_".contains(c)
        || (!c.is_ascii() && c.is_alphanumeric() && !is_script_without_spaces(c))
}

/// In Chinese and Japanese running text an address touches the words about it.
fn is_script_without_spaces(c: char) -> bool {
    matches!(u32::from(c), 0x2E80..=0x9FFF | 0xF900..=0xFAFF | 0xFF00..=0xFFEF | 0x20000..=0x3FFFF)
}
