//! Letters with marks, as TeX writes them: `\'e`, `\c{c}`, `\o`. Only what Unicode has as one
//! letter is read so: the same signs escape quotes elsewhere, and begin patterns and paths.

use super::prose::Prose;
use super::table;

impl Prose<'_, '_> {
    /// `\o`, `\l`: a letter where it stands among letters, else some macro.
    pub(super) fn letter(&mut self, letter: &str, at: usize, behind: usize, end: usize) -> usize {
        let source = self.source;
        let among = source.before(at).is_some_and(|c| c.is_alphabetic() || c == '{');
        let next = source.char(behind, end);
        match next {
            Some('{') if source.group(behind, end).is_some_and(|inner| inner.is_empty()) => {
                self.out.push_str(letter);
                behind + 2
            }
            Some(' ') if among || letter.chars().all(char::is_uppercase) => {
                self.out.push_str(letter);
                source.skip_space(behind, end)
            }
            None | Some('}') => {
                self.out.push_str(letter);
                behind
            }
            Some(_) if among => {
                self.out.push_str(letter);
                behind
            }
            _ => self.keep(at, behind),
        }
    }

    /// The letter to be marked at `at`: `e`, `{e}`, `\i`, `{\i}`; and where it ends.
    fn marked_letter(&self, at: usize, end: usize) -> Option<(&'static str, char, usize)> {
        let source = self.source;
        let plain = |at: usize, end: usize| match source.char(at, end)? {
            '\\' => match source.command(at, end)? {
                ("i", behind) => Some(("ı", behind)),
                ("j", behind) => Some(("ȷ", behind)),
                _ => None,
            },
            c => c.is_alphabetic().then(|| ("", at + c.len_utf8())),
        };
        let letter = |at: usize| source.char(at, end).unwrap_or_default();
        if let Some(inner) = source.group(at, end) {
            let (dotless, behind) = plain(inner.start, inner.end)?;
            return (behind == inner.end).then_some((dotless, letter(inner.start), inner.end + 1));
        }
        let (dotless, behind) = plain(at, end)?;
        Some((dotless, letter(at), behind))
    }

    /// Writes the letter at `at` under `mark`, where Unicode has such a letter.
    fn mark(&mut self, mark: char, at: usize, end: usize) -> Option<usize> {
        let (dotless, letter, behind) = self.marked_letter(at, end)?;
        let base = if dotless.is_empty() { letter.to_string() } else { dotless.to_owned() };
        let marked = table::marked(&base, mark);
        if marked.chars().count() != 1 {
            return None;
        }
        self.out.push_str(&marked);
        Some(behind)
    }

    /// `\c{c}`, `\v s`: marks whose names are letters.
    pub(super) fn letter_accent(
        &mut self,
        mark: char,
        at: usize,
        behind: usize,
        end: usize,
    ) -> usize {
        let source = self.source;
        let grouped = source.char(behind, end) == Some('{');
        let among = source.before(at).is_some_and(|c| c.is_alphabetic() || c == '{');
        let start = source.skip_space(behind, end);
        if (grouped || among && start > behind)
            && let Some(behind) = self.mark(mark, start, end)
        {
            return behind;
        }
        self.keep(at, behind)
    }

    pub(super) fn accent(&mut self, name: &str, at: usize, behind: usize, end: usize) -> usize {
        let source = self.source;
        let Some(mark) = table::accent(name) else { return self.keep(at, behind) };
        // `example\.com` and `a\=b` are no accents.
        let doubtful = matches!(name, "." | "=")
            && source.char(behind, end) != Some('{')
            && source.before(at).is_some_and(char::is_alphanumeric);
        if !doubtful && let Some(behind) = self.mark(mark, behind, end) {
            return behind;
        }
        match name {
            "~" | "^" => {
                self.out.push_str(name);
                self.skip_empty(behind, end)
            }
            "'" | "\"" | "`" => {
                self.out.push_str(name);
                behind
            }
            _ => self.keep(at, behind),
        }
    }

    /// Whether the quote is one that another program has escaped: `it\'s`, `\"so\"`.
    pub(super) fn is_escaped_quote(
        &self,
        name: &str,
        before: Option<char>,
        at: usize,
        end: usize,
    ) -> bool {
        let source = self.source;
        let letters = source.skip(at, end, char::is_alphabetic);
        let inside_word = before.is_some_and(char::is_alphanumeric);
        if name == "'" {
            return inside_word
                && matches!(source.between(at..letters), "s" | "t" | "re" | "ll" | "ve");
        }
        let ends = |at: usize| !source.char(at, end).is_some_and(|c| c.is_alphabetic() || c == '{');
        if inside_word || ends(at) {
            return ends(at);
        }
        source.find(at, end, "\\\"", 200).is_some_and(|close| ends(close + 2))
    }
}
