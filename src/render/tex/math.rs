//! A formula as a line of plain characters, in the spacing of its author. What has no plain form
//! is written as it would be said at a blackboard by hand: `a/b`, `√(x + 1)`, `x^(i, j)`.

use std::ops::Range;

use super::prose;
use super::script::Script;
use super::source::{DEEPEST, Source};
use super::table::{self, Command};

/// The formula in `range`.
pub(super) fn formula(source: &Source<'_>, range: Range<usize>, depth: usize) -> String {
    let mut math = Math::new(source, depth);
    math.all(range);
    math.out.trim().to_owned()
}

/// What is written of a formula so far.
pub(super) struct Math<'s, 'a> {
    pub(super) source: &'s Source<'a>,
    depth: usize,
    pub(super) out: String,
    /// What parts the cells and the rows of the array that is open.
    pub(super) cells: (&'static str, &'static str),
    /// What closes it.
    pub(super) close: &'static str,
}

impl<'s, 'a> Math<'s, 'a> {
    fn new(source: &'s Source<'a>, depth: usize) -> Self {
        Self { source, depth, out: String::new(), cells: ("&", " "), close: "" }
    }

    /// The one command at `at`, for a formula whose `$` are lost: its text, and where it ends.
    pub(super) fn command_at(
        source: &'s Source<'a>,
        at: usize,
        end: usize,
        depth: usize,
    ) -> (String, usize) {
        let mut math = Self::new(source, depth);
        let (name, behind) = source.command(at, end).unwrap_or(("", at + 1));
        let behind = math.named(name, behind, end);
        (math.out, behind)
    }

    /// The same of a command that has lost its backslash, too.
    pub(super) fn bare(
        source: &'s Source<'a>,
        name: &str,
        behind: usize,
        end: usize,
        depth: usize,
    ) -> (String, usize) {
        let mut math = Self::new(source, depth);
        let behind = math.named(name, behind, end);
        (math.out, behind)
    }

    fn all(&mut self, range: Range<usize>) {
        let mut at = range.start;
        while at < range.end {
            at = self.one(at, range.end);
        }
    }

    /// Writes what stands at `at`; returns where the next begins.
    fn one(&mut self, at: usize, end: usize) -> usize {
        let Some(c) = self.source.char(at, end) else { return end };
        let behind = at + c.len_utf8();
        match c {
            '\\' => match self.source.command(at, end) {
                Some((name, behind)) => self.named(name, behind, end),
                None => behind,
            },
            '{' => match self.source.group(at, end) {
                Some(inner) => self.nested(inner),
                None => self.push(c, behind),
            },
            '^' | '_' => self.script(c, behind, end),
            '\'' => {
                let behind = self.source.skip(at, end, |c| c == '\'');
                let primes = behind - at;
                self.out.push_str(["′", "″", "‴"][primes.clamp(1, 3) - 1]);
                behind
            }
            '&' => {
                if self.cells.0.starts_with(',') {
                    self.trim();
                }
                self.out.push_str(self.cells.0);
                behind
            }
            '~' => self.space(behind),
            c if c.is_whitespace() => self.space(behind),
            c => self.push(c, behind),
        }
    }

    pub(super) fn push(&mut self, c: char, behind: usize) -> usize {
        self.out.push(c);
        behind
    }

    pub(super) fn space(&mut self, behind: usize) -> usize {
        if !self.out.is_empty() && !self.out.ends_with(' ') {
            self.out.push(' ');
        }
        behind
    }

    /// Takes back the space that was written last.
    pub(super) fn trim(&mut self) {
        let kept = self.out.trim_end().len();
        self.out.truncate(kept);
    }

    /// A group in its place; too deep a one as written.
    pub(super) fn nested(&mut self, inner: Range<usize>) -> usize {
        let behind = inner.end + 1;
        if self.depth >= DEEPEST {
            self.out.push_str(self.source.between(inner));
            return behind;
        }
        self.depth += 1;
        self.all(inner);
        self.depth -= 1;
        behind
    }

    /// The argument at `at`, a group or one thing, written for itself.
    pub(super) fn argument(&self, at: usize, end: usize) -> (String, usize) {
        let at = self.source.skip_space(at, end);
        let Some(c) = self.source.char(at, end) else { return (String::new(), at) };
        if self.depth >= DEEPEST {
            return (c.to_string(), at + c.len_utf8());
        }
        if let Some(inner) = self.source.group(at, end) {
            let behind = inner.end + 1;
            return (formula(self.source, inner, self.depth + 1), behind);
        }
        if c == '\\'
            && let Some((name, behind)) = self.source.command(at, end)
            && let Some(sign) = table::symbol(name)
        {
            return (sign.to_owned(), behind);
        }
        let mut one = Math::new(self.source, self.depth + 1);
        let behind = match Script::of(c) {
            Some(_) => one.push(c, at + c.len_utf8()),
            None => one.one(at, end),
        };
        (one.out, behind)
    }

    /// `[…]` at `at`.
    pub(super) fn option(&self, at: usize, end: usize) -> (Option<String>, usize) {
        if self.source.char(at, end) != Some('[') || self.depth >= DEEPEST {
            return (None, at);
        }
        match self.source.find(at, end, "]", 60) {
            Some(close) => (Some(formula(self.source, at + 1..close, self.depth + 1)), close + 1),
            None => (None, at),
        }
    }

    fn script(&mut self, sign: char, at: usize, end: usize) -> usize {
        let start = self.source.skip_space(at, end);
        // TeX raises one digit; who writes `10^10` means both.
        let number = self.source.skip(start, end, |c| c.is_ascii_digit());
        let (content, behind) = match number > start {
            true => (self.source.between(start..number).to_owned(), number),
            false => self.argument(start, end),
        };
        let joined = self.source.char(behind, end).is_some_and(char::is_alphanumeric);
        self.trim();
        if let Some(script) = Script::of(sign) {
            self.out.push_str(&script.write(&content, joined));
        }
        behind
    }

    /// Writes the command `name`, whose arguments begin at `at`.
    fn named(&mut self, name: &str, at: usize, end: usize) -> usize {
        match table::command(name) {
            Some(Command::Ordinary(text)) => {
                if matches!(name, "rangle" | "rceil" | "rfloor" | "rvert" | "rVert" | "rbrace") {
                    self.trim();
                }
                let opens =
                    matches!(name, "langle" | "lceil" | "lfloor" | "lvert" | "lVert" | "lbrace");
                let behind = self.ordinary(text, at, end);
                if opens { self.source.skip_space(behind, end) } else { behind }
            }
            Some(Command::Binary(text) | Command::Relation(text)) => self.operator(text, at, end),
            Some(Command::Function(text)) => self.function(text, at, end),
            Some(Command::Words(text)) => {
                self.out.push_str(&text.replace('_', " "));
                at
            }
            Some(Command::Letter(text)) => {
                self.out.push_str(text);
                at
            }
            Some(Command::Contents) => self.contents(name, at, end),
            Some(Command::Nothing) => match name {
                "left" | "right" | "middle" if self.source.char(at, end) == Some('.') => at + 1,
                _ => at,
            },
            Some(Command::NothingWith) => self.argument(at, end).1,
            Some(Command::Space) => self.space(at),
            None => self.built(name, at, end),
        }
    }

    /// Whether nothing stands before to which an operator could be put: `≤ 5`, `(±1)`.
    fn is_first(&self) -> bool {
        self.out
            .trim_end()
            .chars()
            .next_back()
            .is_none_or(|c| matches!(c, '(' | '[' | '{' | ',' | '|') || is_operator(c))
    }

    fn ordinary(&mut self, text: &str, at: usize, end: usize) -> usize {
        let parted = self.out.ends_with(' ') && !self.is_first();
        self.out.push_str(text);
        let next = self.source.skip_space(at, end);
        // The space behind a command ends its name: `\Delta x` is one thing.
        let joins = match self.source.char(next, end) {
            Some('\\') => self.source.command(next, end).is_some_and(|(name, _)| {
                matches!(table::command(name), Some(Command::Ordinary(_) | Command::Contents))
            }),
            Some(c) => c.is_alphanumeric() || c == '(',
            None => false,
        };
        if joins && !parted { next } else { at }
    }

    pub(super) fn operator(&mut self, text: &str, at: usize, end: usize) -> usize {
        let parted = self.out.ends_with(' ') && !self.is_first();
        self.out.push_str(text);
        let next = self.source.skip_space(at, end);
        if parted && next < end {
            self.out.push(' ');
        }
        next
    }

    pub(super) fn function(&mut self, text: &str, at: usize, end: usize) -> usize {
        if self.out.chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == ')') {
            self.out.push(' ');
        }
        self.out.push_str(text);
        let next = self.source.skip_space(at, end);
        let word = match self.source.char(next, end) {
            Some('\\') => self.source.command(next, end).is_some_and(|(name, _)| {
                !matches!(table::command(name), Some(Command::Nothing | Command::Space))
                    && name.starts_with(|c: char| c.is_ascii_alphabetic())
            }),
            Some(c) => c.is_alphanumeric(),
            None => false,
        };
        if word {
            self.out.push(' ');
        }
        next
    }

    /// A command that only says how its argument looks. Text in a formula is prose again.
    pub(super) fn contents(&mut self, name: &str, at: usize, end: usize) -> usize {
        let start = self.source.skip_space(at, end);
        match self.source.group(start, end) {
            Some(inner) if name.starts_with("text") || name.ends_with("box") || name == "emph" => {
                let behind = inner.end + 1;
                match self.depth < DEEPEST {
                    true => self.out += &prose::prose(self.source, inner, self.depth + 1),
                    false => self.out += self.source.between(inner),
                }
                behind
            }
            Some(inner) => {
                let script = self.source.char(inner.end + 1, end).and_then(Script::of);
                let braced = name.ends_with("brace") && script.is_some();
                self.out.push_str(if braced { "(" } else { "" });
                let behind = self.nested(inner);
                self.out.push_str(if braced { ")" } else { "" });
                behind
            }
            None => {
                let (one, behind) = self.argument(start, end);
                self.out.push_str(&one);
                behind
            }
        }
    }
}

/// Whether a sign parts or relates what stands beside it.
pub(in crate::render) fn is_operator(c: char) -> bool {
    matches!(c, '=' | '<' | '>' | '+' | '-' | '/' | '*' | '~' | '±' | '×' | '÷' | '·' | '−')
        || matches!(c, '\u{2190}'..='\u{21ff}' | '\u{2208}'..='\u{220d}' | '\u{2212}'..='\u{2214}'
            | '\u{2217}'..='\u{2218}' | '\u{221d}' | '\u{2223}'..='\u{222a}'
            | '\u{223c}'..='\u{22ff}' | '\u{2a7d}'..='\u{2abf}')
}
