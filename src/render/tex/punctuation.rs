//! TeX's punctuation in prose: ties, quotes, dashes. What Markdown, shells and prices write with
//! the same signs stays as it is.

use super::prose::Prose;

/// How far a quotation by single quotes may reach, in bytes.
const QUOTATION: usize = 200;

impl Prose<'_, '_> {
    /// `~` is a blank that does not break, unless it means "about" or parts two numbers.
    pub(super) fn tie(&mut self, at: usize, end: usize) -> usize {
        let source = self.source;
        // Behind a formula its last sign counts, not its dollar.
        let before = match source.before(at) {
            Some('$') => self.out.chars().next_back(),
            other => other,
        };
        let after = source.char(at + 1, end);
        let ties = |c: char| c.is_alphanumeric() || ".,;:!?)]}'\"%”’".contains(c);
        let tied = |c: char| c.is_alphanumeric() || "([{\\$`\"'“‘".contains(c);
        let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        let distribution = || {
            let name = source.skip(at + 1, end, |c| c.is_alphanumeric());
            let opens = source.char(name, end) == Some('(');
            opens && name > at + 1 && self.is_variable(at)
        };
        match (before, after) {
            (Some(left), Some(right)) if ties(left) && tied(right) => {
                let letters = lone(source.between(0..at).chars().rev())
                    && lone(source.between(at + 1..end).chars());
                let range = digit(before) && digit(after) || letters;
                if range || distribution() {
                    return self.push('~', at);
                }
                self.blank();
                at + 1
            }
            (Some(left), Some(' ')) if ties(left) => {
                let next = source.char(source.skip_space(at + 1, end), end);
                match digit(next) {
                    true => self.push('~', at),
                    false => at + 1,
                }
            }
            _ => self.push('~', at),
        }
    }

    /// Quotes as TeX opens them. Markdown's, which close as they open, stay.
    pub(super) fn opening(&mut self, at: usize, end: usize) -> usize {
        let source = self.source;
        let behind = source.skip(at, end, |c| c == '`');
        let apart = !source.before(at).is_some_and(char::is_alphanumeric);
        let begins =
            source.char(behind, end).is_some_and(|c| c.is_alphanumeric() || "\\$({[<".contains(c));
        match behind - at {
            2 if apart && begins => {
                self.out.push('“');
                self.open_quotes += 1;
                behind
            }
            1 if apart && begins => {
                let mut from = behind;
                while let Some(close) = source.find(from, end, "'", QUOTATION) {
                    if source.between(at + 1..close).contains('`') || close > at + QUOTATION {
                        break;
                    }
                    let run = source.skip(close, end, |c| c == '\'') - close;
                    if run != 2 && !source.char(close + run, end).is_some_and(char::is_alphanumeric)
                    {
                        self.out.push('‘');
                        self.inside(behind..close);
                        self.out.push('’');
                        return close + 1;
                    }
                    from = close + run;
                }
                self.keep(at, behind)
            }
            // Who opens with two may close with two of the same.
            2 if self.open_quotes > 0 && self.closes(at, behind, end) => self.close(behind),
            _ => self.keep(at, behind),
        }
    }

    /// Whether a quote between two places can end a quotation.
    pub(super) fn closes(&self, at: usize, behind: usize, end: usize) -> bool {
        !self.source.before(at).is_none_or(char::is_whitespace)
            && !self.source.char(behind, end).is_some_and(char::is_alphanumeric)
    }

    pub(super) fn close(&mut self, behind: usize) -> usize {
        self.open_quotes -= 1;
        self.out.push('”');
        behind
    }

    pub(super) fn closing(&mut self, at: usize, end: usize) -> usize {
        let two = self.source.between(at..end).starts_with("''");
        let behind_word = !self.source.before(at).is_none_or(char::is_whitespace);
        if two && self.open_quotes > 0 && behind_word {
            return self.close(at + 2);
        }
        // ''so'' opens as it closes.
        let begins = self.source.char(at + 2, end).is_some_and(char::is_alphanumeric);
        if two && !behind_word && begins && self.source.find(at + 2, end, "''", QUOTATION).is_some()
        {
            self.out.push('“');
            self.open_quotes += 1;
            return at + 2;
        }
        self.push('\'', at)
    }

    /// `--` and `---` between words; never an option, an arrow or a decrement.
    pub(super) fn dash(&mut self, at: usize, end: usize) -> usize {
        let source = self.source;
        let behind = source.skip(at, end, |c| c == '-');
        let dash = match behind - at {
            2 => '–',
            3 => '—',
            _ => return self.keep(at, behind),
        };
        let (before, after) = (source.before(at), source.char(behind, end));
        let space = |c: Option<char>| c.is_some_and(char::is_whitespace);
        let word = |c: Option<char>| {
            c.is_some_and(|c| c.is_alphanumeric() || "()[]{}\"“”‘’'`$\\.,:;%&?!*".contains(c))
        };
        if space(before) && space(after)
            || word(before) && (word(after) || dash == '—' && space(after))
            || dash == '—' && space(before) && word(after)
        {
            self.out.push(dash);
            return behind;
        }
        self.keep(at, behind)
    }
}

/// Whether a letter stands alone at the beginning: `A~Z` is a range.
fn lone(mut near: impl Iterator<Item = char>) -> bool {
    near.next().is_some_and(char::is_alphabetic) && near.next().is_none_or(|c| !c.is_alphanumeric())
}
