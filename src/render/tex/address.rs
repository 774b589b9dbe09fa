//! Finds addresses in prose, which are never TeX: of pages, with or without their scheme, and
//! of people.

use super::source::Source;

/// Where the address that begins at `at` ends; `at` where none begins there.
pub(super) fn end_of(source: &Source<'_>, at: usize, end: usize) -> usize {
    let rest = source.between(at..end);
    let starts = |scheme: &str| {
        rest.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    let scheme = rest.starts_with(['h', 'H', 'f', 'F', 'w', 'W']);
    if scheme && ["https://", "http://", "ftp://", "www."].into_iter().any(starts) {
        return page_end(source, at, end);
    }
    let name = source.skip(at, end, |c| c.is_ascii_alphanumeric() || ".-_+".contains(c));
    let host = source.between(at..name);
    match source.char(name, end) {
        Some('/') if is_host(host) => page_end(source, at, end),
        Some('@') if name > at => {
            let behind =
                source.skip(name + 1, end, |c| c.is_ascii_alphanumeric() || ".-".contains(c));
            if is_host(source.between(name + 1..behind).trim_end_matches('.')) {
                behind
            } else {
                at
            }
        }
        _ => at,
    }
}

/// Whether a name is one of a host: labels parted by dots, the last of them letters.
fn is_host(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(labels, last)| {
        !labels.is_empty()
            && !labels.starts_with('.')
            && (2..=24).contains(&last.len())
            && last.bytes().all(|byte| byte.is_ascii_lowercase())
    })
}

/// Behind the address of a page. A brace ends it: what follows is TeX's again; so does a
/// command, but not an escaped sign.
fn page_end(source: &Source<'_>, at: usize, end: usize) -> usize {
    let mut escaped = false;
    let rest = source.between(at..end);
    let stop = rest.char_indices().find(|(place, c)| match c {
        _ if escaped => {
            escaped = false;
            false
        }
        '\\' => {
            escaped = rest[place + 1..].starts_with(['_', '%', '#', '&', '~', '$']);
            !escaped
        }
        '{' | '}' | '<' | '>' | '"' | '|' | '`' | '$' => true,
        c => c.is_whitespace(),
    });
    at + stop.map_or(rest.len(), |(place, _)| place)
}
