//! A text with its braces matched, and the small steps of reading it. Never writes anything.

use std::ops::Range;

/// How deep groups and arguments nest before they are left as written.
pub(super) const DEEPEST: usize = 24;

/// A text to be read, by places in it.
pub(super) struct Source<'a> {
    text: &'a str,
    /// Where groups open and close, in the order of opening.
    groups: Vec<(usize, usize)>,
}

impl<'a> Source<'a> {
    /// Finds the groups of `text`, in one pass.
    pub(super) fn new(text: &'a str) -> Self {
        let mut groups = Vec::new();
        let mut open: Vec<usize> = Vec::new();
        let mut escaped = false;
        for (at, byte) in text.bytes().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'{' => {
                    open.push(groups.len());
                    groups.push((at, usize::MAX));
                }
                b'}' => {
                    if let Some(group) = open.pop() {
                        groups[group].1 = at;
                    }
                }
                _ => {}
            }
        }
        Self { text, groups }
    }

    /// The text between two places.
    pub(super) fn between(&self, range: Range<usize>) -> &'a str {
        self.text.get(range).unwrap_or_default()
    }

    /// The character at `at`, before `end`.
    pub(super) fn char(&self, at: usize, end: usize) -> Option<char> {
        self.between(at..end).chars().next()
    }

    /// The character before `at`.
    pub(super) fn before(&self, at: usize) -> Option<char> {
        self.text[..at].chars().next_back()
    }

    /// What is inside the group that opens at `at` and closes before `end`.
    pub(super) fn group(&self, at: usize, end: usize) -> Option<Range<usize>> {
        let found = self.groups.binary_search_by_key(&at, |group| group.0).ok()?;
        let close = self.groups[found].1;
        (close < end).then_some(at + 1..close)
    }

    /// Behind the characters from `at` on that are `wanted`.
    pub(super) fn skip(&self, at: usize, end: usize, wanted: impl Fn(char) -> bool) -> usize {
        let rest = self.between(at..end);
        at + rest.find(|c: char| !wanted(c)).unwrap_or(rest.len())
    }

    /// Behind the white space from `at` on.
    pub(super) fn skip_space(&self, at: usize, end: usize) -> usize {
        self.skip(at, end, char::is_whitespace)
    }

    /// Behind the number at `at`: `12`, `0.5`, `1,000`; `at` itself where there is none.
    pub(super) fn number(&self, at: usize, end: usize) -> usize {
        let digits = |at| self.skip(at, end, |c| c.is_ascii_digit());
        let mut behind = digits(at);
        while behind > at && self.between(behind..end).starts_with(['.', ',']) {
            let more = digits(behind + 1);
            if more == behind + 1 {
                break;
            }
            behind = more;
        }
        behind
    }

    /// The name of the command whose backslash is at `at`, and where it ends: letters, with a
    /// star, or one sign.
    pub(super) fn command(&self, at: usize, end: usize) -> Option<(&'a str, usize)> {
        let first = self.char(at + 1, end)?;
        let behind = match first.is_ascii_alphabetic() {
            true => self.skip(at + 1, end, |c| c.is_ascii_alphabetic()),
            false => at + 1 + first.len_utf8(),
        };
        Some((self.between(at + 1..behind), behind))
    }

    /// Where `mark` stands next from `at` on, within a distance that keeps reading linear.
    pub(super) fn find(&self, at: usize, end: usize, mark: &str, within: usize) -> Option<usize> {
        let mut most = end.min(at.saturating_add(within));
        while !self.text.is_char_boundary(most) {
            most -= 1;
        }
        self.between(at..most).find(mark).map(|found| at + found)
    }
}
