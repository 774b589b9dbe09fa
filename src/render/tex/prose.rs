//! Prose with TeX in it: what is TeX for sure is written as it is meant, everything else stays
//! as it is. Formulas are `math`, commands `commands`, lost backslashes `bare`.

use std::ops::Range;

use super::address;
use super::bare;
use super::dollar;
use super::math;
use super::script::Script;
use super::source::{DEEPEST, Source};
use super::table::{self, Bare};

/// The prose in `range`.
pub(super) fn prose(source: &Source<'_>, range: Range<usize>, depth: usize) -> String {
    let mut prose =
        Prose { source, depth, out: String::with_capacity(range.len()), open_quotes: 0 };
    let mut at = range.start;
    while at < range.end {
        at = prose.one(at, range.end);
    }
    prose.out
}

/// What is written of a text so far.
pub(super) struct Prose<'s, 'a> {
    pub(super) source: &'s Source<'a>,
    pub(super) depth: usize,
    pub(super) out: String,
    pub(super) open_quotes: usize,
}

impl Prose<'_, '_> {
    /// Writes what stands at `at`; returns where the next begins.
    fn one(&mut self, at: usize, end: usize) -> usize {
        let Some(c) = self.source.char(at, end) else { return end };
        match c {
            '\\' => self.command(at, end),
            '$' => match dollar::formula_at(self.source, at, end) {
                Some((inner, behind)) if self.depth < DEEPEST => {
                    self.out += &math::formula(self.source, inner, self.depth + 1);
                    behind
                }
                _ => self.push(c, at),
            },
            '{' => self.group(at, end),
            '^' | '_' => self.script(c, at, end),
            '~' => self.tie(at, end),
            '`' => self.opening(at, end),
            '\'' => self.closing(at, end),
            '"' if self.open_quotes > 0 && self.closes(at, at + 1, end) => self.close(at + 1),
            '-' => self.dash(at, end),
            c if c.is_ascii_alphanumeric() => self.word(at, end),
            c => self.push(c, at),
        }
    }

    pub(super) fn push(&mut self, c: char, at: usize) -> usize {
        self.out.push(c);
        at + c.len_utf8()
    }

    /// As written, up to `to`.
    pub(super) fn keep(&mut self, at: usize, to: usize) -> usize {
        self.out.push_str(self.source.between(at..to));
        to
    }

    /// The prose of a group inside this; too deep a one as written.
    pub(super) fn inside(&mut self, inner: Range<usize>) {
        let text = match self.depth < DEEPEST {
            true => prose(self.source, inner, self.depth + 1),
            false => self.source.between(inner).to_owned(),
        };
        self.out.push_str(&text);
    }

    /// One blank, where there is none.
    pub(super) fn blank(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with(' ') {
            self.out.push(' ');
        }
    }

    fn word(&mut self, at: usize, end: usize) -> usize {
        let source = self.source;
        let before = source.before(at);
        if !before.is_some_and(|c| c.is_alphanumeric() || "._-@/".contains(c)) {
            let behind = address::end_of(source, at, end);
            if behind > at {
                return self.address(at, behind, end);
            }
        }
        let letters = source.skip(at, end, |c| c.is_ascii_alphabetic());
        if letters == at {
            let digits = source.skip(at, end, |c| c.is_ascii_digit());
            return self.keep(at, digits);
        }
        match bare::read(self, at, letters, end) {
            Some(behind) => behind,
            None => self.keep(at, letters),
        }
    }

    /// An address without TeX's escapes, and the text that TeX would have shown in its place.
    fn address(&mut self, at: usize, behind: usize, end: usize) -> usize {
        let start = self.out.len();
        let escaped = self.source.between(at..behind);
        let mut chars = escaped.chars().peekable();
        while let Some(c) = chars.next() {
            if c != '\\' || !chars.peek().is_some_and(|next| "_%#&~$".contains(*next)) {
                self.out.push(c);
            }
        }
        let Some(inner) = self.source.group(behind, end) else { return behind };
        let after = inner.end + 1;
        // `{mypink{Github}}`: the text has a colour of its own.
        let word = self.source.skip(inner.start, inner.end, |c| c.is_ascii_alphabetic());
        let inner = match self.source.group(word, inner.end) {
            Some(deeper) if word > inner.start && deeper.end + 1 == inner.end => deeper,
            _ => inner,
        };
        let text = self.source.between(inner.clone());
        let same = |a: &str, b: &str| a.trim_end_matches('/') == b.trim_end_matches('/');
        if !text.trim().is_empty() && !same(text, &self.out[start..]) && !same(text, escaped) {
            self.out.push_str(" (");
            self.inside(inner);
            self.out.push(')');
        }
        after
    }

    fn group(&mut self, at: usize, end: usize) -> usize {
        let source = self.source;
        let Some(inner) = source.group(at, end) else { return self.push('{', at) };
        let behind = inner.end + 1;
        // Longer ones are looked at no further, so that reading stays linear.
        let content = source.between(inner.clone());
        let short = content.len() <= 40;
        let before = source.before(at);
        let after = source.char(behind, end);
        let mut signs = content.chars();
        match (signs.next(), signs.next()) {
            (None, _) => return self.keep(at, behind),
            (Some(c), None) if ",.;:=<>+-/*|~".contains(c) => {
                self.out.push(c);
                return behind;
            }
            (Some('\\'), Some(c)) if !"{}".contains(c) => {
                self.inside(inner);
                return behind;
            }
            _ => {}
        }
        if let Some(rest) = content.get(..3)
            && matches!(rest, "bf " | "it " | "em " | "sc " | "tt " | "sl " | "rm " | "sf ")
        {
            self.inside(inner.start + 3..inner.end);
            return behind;
        }
        let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
        if short && let Some(sign) = table::symbol(content) {
            let known = table::is_bare(content, Bare::Itself)
                || matches!(content, "times" | "approx" | "sim" | "circ" | "pm");
            if known || digit(before) || digit(after) {
                self.out.push_str(sign);
                return behind;
            }
        }
        let letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic());
        let name = content.chars().all(|c| c.is_alphanumeric() || c == '-');
        let capitals = content.chars().filter(|c| c.is_uppercase()).count();
        // `{S}ignal` marks a letter, `{BERT}` keeps its capitals in a bibliography.
        let glued = letter(before) || letter(after);
        let whole = letter(before) && letter(after) || content.starts_with(char::is_uppercase);
        if short && name && (glued && whole || capitals >= 2) {
            self.inside(inner);
            return behind;
        }
        self.out.push('{');
        self.inside(inner);
        self.out.push('}');
        behind
    }

    fn script(&mut self, sign: char, at: usize, end: usize) -> usize {
        let source = self.source;
        let Some(script) = Script::of(sign) else { return self.push(sign, at) };
        let base = source.before(at);
        let is_base = |c: char| c.is_alphanumeric() || ")]}′*∇∂∑∏∫∞ℓ%|‖".contains(c);
        if !base.is_some_and(is_base) || self.depth >= DEEPEST {
            return self.push(sign, at);
        }
        let start = at + 1;
        let joined = |behind| source.char(behind, end).is_some_and(char::is_alphanumeric);
        if let Some(inner) = source.group(start, end) {
            let behind = inner.end + 1;
            let name = source.between(inner.clone()).trim();
            let content = match table::symbol(name) {
                Some(sign) => sign.to_owned(),
                None => prose(source, inner, self.depth + 1),
            };
            self.out += &script.write(&content, joined(behind));
            return behind;
        }
        match self.short_script(script, start, end) {
            Some((text, behind)) => {
                self.out += &text;
                behind
            }
            None => self.push(sign, at),
        }
    }

    /// A script without braces, where it can be nothing else: a number, a letter alone.
    fn short_script(&self, script: Script, start: usize, end: usize) -> Option<(String, usize)> {
        let source = self.source;
        let rest = source.between(start..end);
        if script == Script::Lowered && !self.is_variable(start - 1) {
            return None;
        }
        if let Some((name, behind)) = source.command(start, end).filter(|_| rest.starts_with('\\'))
        {
            let text = table::symbol(name)?;
            return Some((script.write(text, false), behind));
        }
        if script == Script::Raised && rest.starts_with("(-") {
            let digits = source.skip(start + 2, end, |c| c.is_ascii_digit());
            let closed = digits > start + 2 && source.char(digits, end) == Some(')');
            let small = script.small(source.between(start + 1..digits))?;
            return closed.then_some((small, digits + 1));
        }
        let signed = start + usize::from(rest.starts_with(['-', '+', '−']));
        let number = source.skip(signed, end, |c| c.is_ascii_digit());
        if number > signed && script == Script::Raised
            || number > start && signed == start && !self.goes_on(number, end)
        {
            let decimal = source.number(signed, end);
            let point = source.between(number..decimal).starts_with('.');
            let behind = if point && script == Script::Lowered { decimal } else { number };
            return Some((script.small(source.between(start..behind))?, behind));
        }
        if script == Script::Raised && rest.starts_with('*') {
            let behind = source.skip(start, end, |c| c == '*');
            return Some((script.small(source.between(start..behind))?, behind));
        }
        let letters = source.skip(start, end, |c| c.is_ascii_alphabetic());
        let name = source.between(start..letters);
        if self.goes_on(letters, end) {
            return None;
        }
        let known = matches!(name, "circ" | "star" | "ast" | "prime" | "dagger" | "top" | "infty");
        match name.len() {
            1 => Some((script.small(name)?, letters)),
            _ if known && script == Script::Raised || table::greek(name).is_some() => {
                Some((script.write(table::symbol(name)?, false), letters))
            }
            _ => None,
        }
    }

    /// Whether a name goes on at `at`: `x_1y`, `x_1_2`, `x_1.py`.
    fn goes_on(&self, at: usize, end: usize) -> bool {
        let mut next = self.source.between(at..end).chars();
        match next.next() {
            Some('.') => next.next().is_some_and(|c| c.is_ascii_alphabetic()),
            Some(c) => c.is_alphanumeric() || c == '_' || c == '/',
            None => false,
        }
    }

    /// Whether the name before `at` is that of a variable: one letter, a sign, a group.
    pub(super) fn is_variable(&self, at: usize) -> bool {
        let mut before = self.source.between(0..at).chars().rev();
        let Some(base) = before.next() else { return false };
        match base {
            _ if table::is_greek(base) || "∑∏∇∂ℓ)]}|‖".contains(base) => true,
            // The Greek letter may still be written out.
            _ if self.out.ends_with(|c| table::is_greek(c) || "∑∏∇ℓ".contains(c)) => true,
            _ if !base.is_alphabetic() => false,
            _ if bare::takes_index(self.source.between(0..at)) => true,
            _ => before.next().is_none_or(|c| {
                !c.is_ascii_alphanumeric() && !matches!(c, '_' | '@' | '/' | '.' | '#' | '\\')
            }),
        }
    }
}
