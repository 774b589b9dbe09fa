//! TeX's commands in prose: accents, escaped signs, styles, links, notes. A macro of the paper's
//! own is shown by its name or its text. A backslash that begins no command stays.

use super::math::{Math, formula};
use super::prose::Prose;
use super::table::{self, Command};

/// How far the end of a formula or an environment is looked for, in bytes.
const REACH: usize = 2_000;

impl Prose<'_, '_> {
    /// Writes what the backslash at `at` begins; returns where the next begins.
    pub(super) fn command(&mut self, at: usize, end: usize) -> usize {
        let source = self.source;
        let Some((name, behind)) = source.command(at, end) else { return self.push('\\', at) };
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return self.sign(name, at, behind, end);
        }
        if self.is_path(at) {
            let path = source.skip(at, end, |c| !c.is_whitespace());
            return self.keep(at, path);
        }
        if let Some(mark) = table::accent(name) {
            return self.letter_accent(mark, at, behind, end);
        }
        match table::command(name) {
            Some(Command::Letter(letter)) => self.letter(letter, at, behind, end),
            Some(Command::Words(words)) => {
                let behind = self.words(words, behind, end);
                if name.starts_with("text") { source.skip_space(behind, end) } else { behind }
            }
            Some(Command::Contents) => match source.group(behind, end) {
                Some(inner) => {
                    let after = inner.end + 1;
                    self.inside(inner);
                    after
                }
                None => self.skip_empty(source.skip_space(behind, end), end),
            },
            Some(Command::Nothing) if source.before(at).is_some_and(char::is_alphanumeric) => {
                self.blank();
                source.skip_space(behind, end)
            }
            Some(Command::Nothing) => self.skip_empty(source.skip_space(behind, end), end),
            Some(Command::Space) => {
                self.blank();
                source.skip_space(self.skip_empty(behind, end), end)
            }
            Some(Command::Ordinary(_)) if name.len() == 1 => {
                let used = source.char(behind, end).is_some_and(|c| " ~{0123456789".contains(c));
                if used { self.symbol(at, end) } else { self.keep(at, behind) }
            }
            Some(Command::NothingWith) => match source.group(behind, end) {
                Some(inner) => source.skip_space(inner.end + 1, end),
                None => self.keep(at, behind),
            },
            Some(_) => self.symbol(at, end),
            None => self.built(name, at, behind, end),
        }
    }

    /// `C:\new`: the backslash stands in a path.
    fn is_path(&self, at: usize) -> bool {
        let mut before = self.source.between(0..at).chars().rev();
        before.next() == Some(':')
            && before.next().is_some_and(|c| c.is_ascii_alphabetic())
            && before.next().is_none_or(|c| !c.is_alphanumeric())
    }

    /// `{}` ends the name of a command.
    pub(super) fn skip_empty(&self, at: usize, end: usize) -> usize {
        self.source
            .group(at, end)
            .filter(|inner| inner.is_empty())
            .map_or(at, |inner| inner.end + 1)
    }

    /// A command of formulas where their dollars are lost.
    fn symbol(&mut self, at: usize, end: usize) -> usize {
        let source = self.source;
        let (name, behind) = source.command(at, end).unwrap_or_default();
        let joined = source.before(at).is_some_and(|c| !c.is_whitespace());
        match table::command(name) {
            Some(Command::Binary(sign) | Command::Relation(sign)) => {
                self.out.push_str(sign);
                let next = source.skip_space(behind, end);
                // The space only ends the name: `3\times 4`.
                let number = source.char(next, end).is_some_and(|c| c.is_ascii_digit());
                if joined && number { next } else { self.skip_empty(behind, end) }
            }
            _ => {
                let (text, behind) = Math::command_at(source, at, end, self.depth);
                if matches!(table::command(name), Some(Command::Function(_)))
                    && source.before(at).is_some_and(char::is_alphanumeric)
                {
                    self.blank();
                }
                self.out.push_str(&text);
                self.skip_empty(behind, end)
            }
        }
    }

    fn words(&mut self, words: &str, behind: usize, end: usize) -> usize {
        let source = self.source;
        self.out += &words.replace('_', " ");
        let behind = self.skip_empty(behind, end);
        match words.ends_with('.') && source.char(behind, end) == Some('.') {
            true => behind + 1,
            // `\ae` ends with a blank that is not shown: `C\ae sar`.
            false if words.chars().count() < 3 && words.chars().all(char::is_alphabetic) => {
                source.skip_space(behind, end)
            }
            false => behind,
        }
    }

    /// A command that is a sign.
    fn sign(&mut self, name: &str, at: usize, behind: usize, end: usize) -> usize {
        let source = self.source;
        let before = source.before(at);
        let next = source.char(behind, end);
        match name {
            "%" | "&" | "#" | "_" | "$" | "{" | "}" | "*" => {
                self.out.push_str(name);
                behind
            }
            "," | ";" | ":" | ">" => {
                self.blank();
                source.skip_space(behind, end)
            }
            "!" | "-" | "@" => behind,
            "/" if next == Some('}') => behind,
            "/" => self.push('/', behind - 1),
            "|" => {
                self.out.push('‖');
                behind
            }
            "(" | "[" => {
                let close = if name == "(" { "\\)" } else { "\\]" };
                match source.find(behind, end, close, REACH) {
                    Some(found) => {
                        self.out += &formula(source, behind..found, self.depth + 1);
                        found + close.len()
                    }
                    None => self.keep(at, behind),
                }
            }
            "\\" => self.line_break(at, behind, end),
            "'" | "\"" if self.is_escaped_quote(name, before, behind, end) => {
                self.out.push_str(name);
                behind
            }
            _ if name.trim().is_empty() => {
                self.blank();
                source.skip_space(behind, end)
            }
            _ if name.bytes().all(|byte| byte.is_ascii_digit()) => {
                // A price: the source takes dollars, and leaves their backslashes.
                let number = source.number(at + 1, end);
                if number - at > 2 {
                    self.out.push('$');
                    return self.keep(at + 1, number);
                }
                self.keep(at, behind)
            }
            _ => self.accent(name, at, behind, end),
        }
    }

    fn line_break(&mut self, at: usize, behind: usize, end: usize) -> usize {
        let source = self.source;
        // `\\alpha` has been through one program too many.
        let doubled = source
            .command(at + 1, end)
            .is_some_and(|(name, _)| name.len() > 1 && table::command(name).is_some());
        if doubled {
            return at + 1;
        }
        let apart = |c: Option<char>| c.is_none_or(char::is_whitespace);
        if apart(source.before(at)) && !apart(source.char(behind, end)) {
            return self.keep(at, behind);
        }
        self.blank();
        source.skip_space(behind, end)
    }

    /// A bracketed option at `at` is passed over.
    fn option(&self, at: usize, end: usize) -> usize {
        match self.source.char(at, end) {
            Some('[') => self.source.find(at, end, "]", 100).map_or(at, |close| close + 1),
            _ => at,
        }
    }

    /// What is built of its arguments, and macros.
    fn built(&mut self, name: &str, at: usize, behind: usize, end: usize) -> usize {
        let source = self.source;
        match name {
            "href" => {
                let Some(link) = source.group(behind, end) else {
                    return self.keep(at, behind);
                };
                let address = source.between(link.clone()).to_owned();
                let behind = link.end + 1;
                let Some(text) = source.group(behind, end) else {
                    self.inside(link);
                    return behind;
                };
                let after = text.end + 1;
                let same = source.between(text.clone()).trim() == address.trim();
                if !same {
                    self.inside(text);
                    self.out.push_str(" (");
                }
                self.inside(link);
                self.out.push_str(if same { "" } else { ")" });
                after
            }
            "footnote" | "thanks" | "footnotetext" | "todo" | "tablefootnote" => {
                match source.group(self.option(behind, end), end) {
                    Some(inner) => self.note(inner),
                    None => behind,
                }
            }
            _ if is_reference(name) => self.reference(at, behind, end),
            "begin" => self.environment(at, behind, end),
            "end" => source.group(behind, end).map_or(behind, |inner| inner.end + 1),
            "verb" => match source.char(behind, end) {
                Some(bar) if bar.is_ascii_punctuation() => {
                    let start = behind + 1;
                    let mark = bar.to_string();
                    match source.find(start, end, &mark, REACH) {
                        Some(close) => self.keep(start, close) + 1,
                        None => self.keep(at, behind),
                    }
                }
                _ => self.keep(at, behind),
            },
            _ if is_formula(name) => self.symbol(at, end),
            _ => self.own_macro(name, at, behind, end),
        }
    }

    /// `\cite[see][p.~3]{key}` as `[see key, p. 3]`.
    fn reference(&mut self, at: usize, behind: usize, end: usize) -> usize {
        let source = self.source;
        let middle = self.option(behind, end);
        let last = self.option(middle, end);
        let Some(keys) = source.group(last, end) else { return self.keep(at, behind) };
        let note = |from: usize, to: usize| from + 1..to.saturating_sub(1).max(from + 1);
        let (before, after) = match (middle > behind, last > middle) {
            (true, true) => (Some(note(behind, middle)), Some(note(middle, last))),
            (true, false) => (None, Some(note(behind, middle))),
            _ => (None, None),
        };
        let next = keys.end + 1;
        self.open_bracket('[');
        if let Some(note) = before.filter(|note| !note.is_empty()) {
            self.inside(note);
            self.out.push(' ');
        }
        self.inside(keys);
        if let Some(note) = after.filter(|note| !note.is_empty()) {
            self.out.push_str(", ");
            self.inside(note);
        }
        self.out.push(']');
        next
    }

    /// A bracket apart from the word before it.
    fn open_bracket(&mut self, bracket: char) {
        if !self.out.is_empty() && !self.out.ends_with(['(', '[', '“']) {
            self.blank();
        }
        self.out.push(bracket);
    }

    fn note(&mut self, inner: std::ops::Range<usize>) -> usize {
        let behind = inner.end + 1;
        self.open_bracket('(');
        self.inside(inner);
        self.out.push(')');
        behind
    }

    /// A macro of the paper's own: what it is given, else its name.
    fn own_macro(&mut self, name: &str, at: usize, behind: usize, end: usize) -> usize {
        let source = self.source;
        let next = source.char(behind, end);
        let within = source.before(at).is_some_and(|c| c.is_ascii_alphanumeric() || c == '\\');
        let letter = name.len() == 1;
        let variable = letter
            && name.starts_with(|c: char| c.is_ascii_uppercase())
            && next.is_some_and(|c| "^_{".contains(c));
        if within || letter && !variable {
            return self.keep(at, behind);
        }
        match source.group(behind, end) {
            Some(inner) if !inner.is_empty() => {
                let after = inner.end + 1;
                self.inside(inner);
                after
            }
            empty => {
                self.out.push_str(name);
                empty.map_or(behind, |inner| inner.end + 1)
            }
        }
    }

    fn environment(&mut self, at: usize, behind: usize, end: usize) -> usize {
        let source = self.source;
        let Some(inner) = source.group(behind, end) else { return behind };
        let mut start = inner.end + 1;
        let name = source.between(inner).to_owned();
        let formula_name = matches!(
            name.trim_end_matches('*'),
            "equation" | "align" | "gather" | "math" | "displaymath" | "eqnarray" | "multline"
        );
        let close = format!("\\end{{{name}}}");
        if formula_name && let Some(found) = source.find(start, end, &close, REACH) {
            let behind = found + close.len();
            self.out += &formula(source, at..behind, self.depth + 1);
            return behind;
        }
        // Where it may float, how it looks; a title stays.
        let behind = self.option(start, end);
        let option = source.between(start..behind);
        if option.contains('=') || option.chars().all(|c| "[]htbpH!".contains(c)) {
            start = behind;
        }
        source.skip_space(start, end)
    }
}

fn is_reference(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.ends_with("ref") && name.len() <= 8
        || name.contains("cite") && name.len() <= 12
        || name == "bibitem"
}

fn is_formula(name: &str) -> bool {
    table::hat(name).is_some()
        || matches!(
            name,
            "frac"
                | "dfrac"
                | "tfrac"
                | "cfrac"
                | "nicefrac"
                | "sfrac"
                | "sqrt"
                | "binom"
                | "mathbb"
                | "operatorname"
                | "mathop"
                | "overset"
                | "underset"
                | "stackrel"
                | "textcolor"
                | "colorbox"
                | "textsuperscript"
                | "textsubscript"
                | "xrightarrow"
                | "xleftarrow"
                | "pmod"
                | "not"
        )
}
