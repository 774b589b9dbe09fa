//! A query's text to its meaning, with faults that point at the character. Pure; takes time
//! in proportion to the text.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{Field, Measure, Query, Relation, Topic, TopicSlip, is_space, words};

/// What is wrong with a query, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{said} (at character {})", at + 1)]
pub struct TopicFault {
    /// The character that it is about, from 0.
    pub at: usize,
    /// What is wrong and what would be right.
    pub said: TopicSlip,
}

impl TopicFault {
    /// Two lines for a fixed-width page: the query, or what of it stands around the character,
    /// and a caret below that.
    pub fn pointing(&self, text: &str) -> String {
        let from = self.at.saturating_sub(AROUND);
        let around = |c: char| match c.width() {
            None | Some(0) => ' ',
            _ => c,
        };
        let before: String = text.chars().skip(from).take(self.at - from).map(around).collect();
        let after: String = text.chars().skip(self.at).take(AROUND).map(around).collect();
        format!("{before}{after}\n{}^ {}", " ".repeat(before.width()), self.said)
    }
}

/// How much of a query is shown on either side of a fault, in characters.
const AROUND: usize = 60;

/// What a query is made of.
#[derive(Clone, Debug, PartialEq)]
enum Sign {
    Open,
    Close,
    Minus,
    /// `name:`, whatever the name.
    Field(String),
    /// In quotation marks.
    Phrase(String),
    /// Anything else up to white space or a parenthesis.
    Word(String),
}

/// Reads a query.
pub(super) fn query(text: &str) -> Result<Query, TopicFault> {
    let length = text.trim().chars().count();
    if length > Topic::LONGEST {
        return Err(fault(Topic::LONGEST, TopicSlip::TooLong(length)));
    }
    let signs = signs(text)?;
    let mut reader =
        Reader { signs: &signs, next: 0, end: text.chars().count(), terms: 0, depth: 0 };
    let query = reader.any(None)?;
    match reader.peek() {
        None => Ok(query),
        Some((at, _)) => Err(fault(*at, TopicSlip::ClosesNothing)),
    }
}

/// A query's alternatives, and what must all hold in each, every part with its own text.
pub(super) fn parts(text: &str) -> Result<Vec<Vec<(String, Query)>>, TopicFault> {
    let chars: Vec<char> = text.chars().collect();
    let signs = signs(text)?;
    let mut reader = Reader { signs: &signs, next: 0, end: chars.len(), terms: 0, depth: 0 };
    let mut alternatives = vec![Vec::new()];
    while let Some((from, _)) = reader.peek() {
        if reader.is_word("OR") || reader.is_word("AND") {
            if reader.is_word("OR") {
                alternatives.push(Vec::new());
            }
            reader.next += 1;
            continue;
        }
        let query = reader.one(None)?;
        let to = reader.peek().map_or(chars.len(), |(at, _)| *at);
        let written: String = chars[*from..to].iter().collect();
        if let Some(parts) = alternatives.last_mut() {
            parts.push((written.trim().to_owned(), query));
        }
    }
    Ok(alternatives)
}

fn fault(at: usize, said: TopicSlip) -> TopicFault {
    TopicFault { at, said }
}

/// Cuts a query into its signs.
fn signs(text: &str) -> Result<Vec<(usize, Sign)>, TopicFault> {
    let chars: Vec<char> = text.chars().collect();
    let is_quote = |c: char| matches!(c, '"' | '“' | '”' | '„' | '«' | '»');
    let mut signs = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let start = at;
        at += 1;
        match c {
            c if is_space(c) => {}
            '(' => signs.push((start, Sign::Open)),
            ')' => signs.push((start, Sign::Close)),
            // Only before something: inside a word it is a hyphen.
            '-' | '−' | '–' => match chars.get(at) {
                Some(c) if !is_space(*c) => signs.push((start, Sign::Minus)),
                _ => return Err(fault(start, TopicSlip::LooseMinus)),
            },
            c if is_quote(c) => {
                let length = chars[at..]
                    .iter()
                    .position(|c| is_quote(*c))
                    .ok_or_else(|| fault(start, TopicSlip::OpenQuote))?;
                let phrase = chars[at..at + length].iter().collect();
                signs.push((start, Sign::Phrase(phrase)));
                at += length + 1;
            }
            _ => {
                while let Some(&c) = chars.get(at)
                    && !is_space(c)
                    && !matches!(c, '(' | ')' | ':')
                    && !is_quote(c)
                {
                    at += 1;
                }
                let word: String = chars[start..at].iter().collect();
                if chars.get(at) == Some(&':') {
                    at += 1;
                    signs.push((start, Sign::Field(word)));
                } else {
                    signs.push((start, Sign::Word(word)));
                }
            }
        }
    }
    Ok(signs)
}

/// What a `name:` looks at.
#[derive(Clone, Copy)]
enum Scope {
    Words(Field),
    Author,
}

struct Reader<'a> {
    signs: &'a [(usize, Sign)],
    next: usize,
    end: usize,
    terms: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<&'a (usize, Sign)> {
        self.signs.get(self.next)
    }

    fn is_word(&self, wanted: &str) -> bool {
        matches!(self.peek(), Some((_, Sign::Word(word))) if word == wanted)
    }

    /// One or more, with `OR` between them.
    fn any(&mut self, scope: Option<Scope>) -> Result<Query, TopicFault> {
        let mut parts = vec![self.all(scope)?];
        while self.is_word("OR") {
            self.next += 1;
            parts.push(self.all(scope)?);
        }
        Ok(single(parts, Query::Any))
    }

    /// One or more side by side.
    fn all(&mut self, scope: Option<Scope>) -> Result<Query, TopicFault> {
        let mut parts = Vec::new();
        loop {
            if self.is_word("AND") && !parts.is_empty() {
                self.next += 1;
                if matches!(self.peek(), None | Some((_, Sign::Close))) || self.is_word("OR") {
                    return Err(self.missing());
                }
            }
            match self.peek() {
                None | Some((_, Sign::Close)) => break,
                Some(_) if self.is_word("OR") => break,
                Some(_) => parts.push(self.one(scope)?),
            }
        }
        if parts.is_empty() { Err(self.missing()) } else { Ok(single(parts, Query::All)) }
    }

    /// Something is wanted here and nothing is there.
    fn missing(&self) -> TopicFault {
        match (self.peek(), self.signs.is_empty()) {
            (_, true) => fault(0, TopicSlip::Empty),
            (Some((at, _)), _) => fault(*at, TopicSlip::MissingBefore),
            (None, _) => fault(self.end, TopicSlip::MissingAtEnd),
        }
    }

    fn one(&mut self, scope: Option<Scope>) -> Result<Query, TopicFault> {
        let Some((at, sign)) = self.peek() else { return Err(self.missing()) };
        let at = *at;
        let is_not = *sign == Sign::Minus || matches!(sign, Sign::Word(word) if word == "NOT");
        self.next += 1;
        if is_not {
            return self.nested(at, |reader| Ok(Query::Not(Box::new(reader.one(scope)?))));
        }
        match sign {
            Sign::Open => {
                let inner = self.nested(at, |reader| reader.any(scope))?;
                match self.peek() {
                    Some((_, Sign::Close)) => self.next += 1,
                    _ => return Err(fault(at, TopicSlip::OpenParenthesis)),
                }
                Ok(inner)
            }
            Sign::Field(name) => self.field(at, name, scope),
            Sign::Phrase(text) => self.term(at, text, scope),
            Sign::Word(text) => match comparison(at, text)? {
                Some(count) => self.counted(at, count),
                None => self.term(at, text, scope),
            },
            Sign::Close | Sign::Minus => Err(self.missing()),
        }
    }

    fn nested(
        &mut self,
        at: usize,
        inner: impl FnOnce(&mut Self) -> Result<Query, TopicFault>,
    ) -> Result<Query, TopicFault> {
        self.depth += 1;
        if self.depth > Topic::DEEPEST {
            return Err(fault(at, TopicSlip::TooDeep));
        }
        let query = inner(self)?;
        self.depth -= 1;
        Ok(query)
    }

    fn field(&mut self, at: usize, name: &str, outer: Option<Scope>) -> Result<Query, TopicFault> {
        if outer.is_some() {
            return Err(fault(at, TopicSlip::FieldInField));
        }
        let scope = match name.to_lowercase().as_str() {
            "title" | "ti" => Scope::Words(Field::Title),
            "abstract" | "abs" => Scope::Words(Field::Abstract),
            "keyword" | "keywords" => Scope::Words(Field::Keyword),
            "org" | "organization" | "organisation" => Scope::Words(Field::Org),
            "author" | "au" => Scope::Author,
            "has" => {
                let code = matches!(
                    self.peek(),
                    Some((_, Sign::Word(word))) if word.eq_ignore_ascii_case("code")
                );
                if !code {
                    return Err(fault(at, TopicSlip::OnlyHasCode));
                }
                self.next += 1;
                return self.counted(at, Query::HasCode);
            }
            "votes" | "stars" => {
                return Err(fault(at, TopicSlip::NoColon(name.to_lowercase())));
            }
            _ => {
                let short: String = name.chars().take(30).collect();
                return Err(fault(at, TopicSlip::NoField(short)));
            }
        };
        match self.peek() {
            Some((_, Sign::Open | Sign::Phrase(_))) => self.one(Some(scope)),
            Some((_, Sign::Word(word))) if word != "OR" => {
                let Some((at, Sign::Word(word))) = self.peek() else { return Err(self.missing()) };
                self.next += 1;
                self.term(*at, word, Some(scope))
            }
            _ => Err(fault(at, TopicSlip::FieldAlone(name.chars().take(30).collect()))),
        }
    }

    fn counted(&mut self, at: usize, query: Query) -> Result<Query, TopicFault> {
        self.terms += 1;
        if self.terms > Topic::MOST_TERMS {
            return Err(fault(at, TopicSlip::TooManyWords));
        }
        Ok(query)
    }

    fn term(&mut self, at: usize, text: &str, scope: Option<Scope>) -> Result<Query, TopicFault> {
        let query = match scope.unwrap_or(Scope::Words(Field::Text)) {
            Scope::Author => Query::Author(words::name(text)),
            Scope::Words(field) => Query::Words(field, words::stems(text).collect()),
        };
        if matches!(&query, Query::Author(parts) | Query::Words(_, parts) if parts.is_empty()) {
            return Err(fault(at, TopicSlip::NothingToFind));
        }
        self.counted(at, query)
    }
}

/// `votes>=20`.
fn comparison(at: usize, text: &str) -> Result<Option<Query>, TopicFault> {
    let lower = text.to_lowercase();
    let (measure, rest) = match (lower.strip_prefix("votes"), lower.strip_prefix("stars")) {
        (Some(rest), _) => (Measure::Votes, rest),
        (_, Some(rest)) => (Measure::Stars, rest),
        _ => return Ok(None),
    };
    let signs = [
        (">=", Relation::Least),
        ("≥", Relation::Least),
        ("<=", Relation::Most),
        ("≤", Relation::Most),
        (">", Relation::Over),
        ("<", Relation::Under),
        ("=", Relation::Exactly),
    ];
    let found = signs.iter().find_map(|(sign, is)| Some((*is, rest.strip_prefix(sign)?)));
    // `votes` itself is a word like any other.
    let Some((relation, number)) = found else { return Ok(None) };
    let number = number.parse().map_err(|_| fault(at, TopicSlip::NoNumber))?;
    Ok(Some(Query::Count(measure, relation, number)))
}

fn single(mut parts: Vec<Query>, many: impl FnOnce(Vec<Query>) -> Query) -> Query {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            many(parts)
        }
    }
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
