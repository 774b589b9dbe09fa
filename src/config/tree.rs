//! A TOML document as a tree whose every value knows where it was written: in the file, in a
//! variable of the environment, or nowhere (a default). Never judges what it holds.

use std::borrow::Cow;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Where something was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// These bytes of its text.
    Text(usize, usize),
    /// This variable of the environment.
    Variable(String),
}

impl Place {
    /// The first byte of the text.
    pub(super) const START: Self = Self::Text(0, 0);
}

impl From<Range<usize>> for Place {
    fn from(span: Range<usize>) -> Self {
        Self::Text(span.start, span.end)
    }
}

/// A value and its place.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) place: Place,
}

/// A value.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(String),
    Whole(i64),
    Decimal(f64),
    Truth(bool),
    /// What no key takes: a date, or a number beyond 64 bits.
    Odd(String),
    List(Vec<Node>),
    Table(Table),
    /// A variable of the environment: its text, and that text as a TOML value where it is one.
    Variable(String, Option<Box<Value>>),
}

/// A table, in the order of the file.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    pub(super) entries: Vec<Entry>,
}

/// A name with its value.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) place: Place,
    pub(super) node: Node,
}

impl Table {
    /// Removes the entry of that name.
    pub(super) fn take(&mut self, name: &str) -> Option<Entry> {
        let at = self.entries.iter().position(|entry| entry.name == name)?;
        Some(self.entries.remove(at))
    }

    /// The parsed table, its places found by `place`.
    pub(super) fn new(table: DeTable<'_>, place: &impl Fn(Range<usize>) -> Place) -> Self {
        let mut entries: Vec<Entry> = table
            .into_iter()
            .map(|(name, node)| Entry {
                place: place(name.span()),
                name: name.into_inner().into_owned(),
                node: Node::new(node, place),
            })
            .collect();
        entries.sort_by(|a, b| a.place.cmp(&b.place));
        Self { entries }
    }
}

impl Node {
    fn new(node: Spanned<DeValue<'_>>, place: &impl Fn(Range<usize>) -> Place) -> Self {
        let at = place(node.span());
        let value = match node.into_inner() {
            DeValue::String(text) => Value::Text(text.into_owned()),
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
                .map_or_else(|_| Value::Odd(number.to_string()), Value::Whole),
            DeValue::Float(number) => {
                number.as_str().parse().map_or(Value::Odd(number.to_string()), Value::Decimal)
            }
            DeValue::Boolean(truth) => Value::Truth(truth),
            DeValue::Datetime(date) => Value::Odd(date.to_string()),
            DeValue::Array(items) => {
                Value::List(items.into_iter().map(|item| Self::new(item, place)).collect())
            }
            DeValue::Table(table) => Value::Table(Table::new(table, place)),
        };
        Self { value, place: at }
    }

    /// The value of a variable.
    pub(super) fn variable(name: &str, text: String) -> Self {
        let place = Place::Variable(name.to_owned());
        let parsed = DeValue::parse(&text).ok().map(|node| Self::new(node, &|_| place.clone()));
        Self { value: Value::Variable(text, parsed.map(|node| Box::new(node.value))), place }
    }

    /// A default: a TOML value that we wrote ourselves.
    pub(super) fn preset(text: &str) -> Option<Self> {
        DeValue::parse(text).ok().map(|node| Self::new(node, &|_| Place::START))
    }

    /// What it holds; of a variable, what its text reads as.
    pub(super) fn value(&self) -> &Value {
        match &self.value {
            Value::Variable(_, Some(parsed)) => parsed,
            value => value,
        }
    }

    /// The same, taken out.
    pub(super) fn into_value(self) -> Value {
        match self.value {
            Value::Variable(_, Some(parsed)) => *parsed,
            value => value,
        }
    }

    /// A text that stands in no file.
    pub(super) fn text_of(text: &str) -> Self {
        Self { value: Value::Text(text.to_owned()), place: Place::START }
    }

    /// Becomes a list of one.
    pub(super) fn wrap(&mut self) {
        let place = self.place.clone();
        let value = std::mem::replace(&mut self.value, Value::List(Vec::new()));
        self.value = Value::List(vec![Self { value, place }]);
    }

    /// Its text. A variable is text whatever else it could be read as.
    pub(super) fn text(&self) -> Option<&str> {
        match (&self.value, self.value()) {
            (_, Value::Text(text)) | (Value::Variable(text, _), _) => Some(text),
            _ => None,
        }
    }

    /// As shown in a fault: short, on one line, without control characters.
    pub(super) fn seen(&self) -> String {
        match &self.value {
            Value::Text(text) | Value::Variable(text, _) => quoted(text),
            Value::Whole(number) => number.to_string(),
            Value::Decimal(number) => format!("{number:?}"),
            Value::Truth(truth) => truth.to_string(),
            Value::Odd(text) => short(text).into_owned(),
            Value::List(items) if items.is_empty() => "an empty list".to_owned(),
            Value::List(_) => "a list".to_owned(),
            Value::Table(_) => "a table".to_owned(),
        }
    }
}

/// The text in quotes, escaped, its middle left out where it is long, and without the
/// password of a URL.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", short(&without_password(text)).escape_debug())
}

fn short(text: &str) -> Cow<'_, str> {
    const MOST: usize = 80;
    match text.char_indices().nth(MOST) {
        Some((cut, _)) => Cow::Owned(format!("{}…", &text[..cut])),
        None => Cow::Borrowed(text),
    }
}

/// The text with `…` for whatever stands where a URL has its password.
pub(super) fn without_password(text: &str) -> Cow<'_, str> {
    let hidden = || {
        let start = text.find("://")? + 3;
        // A password may hold an unescaped slash or @: better to hide too much.
        let end = start + text[start..].rfind('@')?;
        let colon = start + text[start..end].find(':')?;
        Some(format!("{}:…{}", &text[..colon], &text[end..]))
    };
    hidden().map_or(Cow::Borrowed(text), Cow::Owned)
}
