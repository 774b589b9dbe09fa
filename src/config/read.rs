//! From one value to what the house works with. Each reader says only what is special about
//! its refusal; the place and the wording come from the key.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;

use url::{Host, Url};

use super::keys::nearest;
use super::tree::{Node, Place, Value, quoted};
use crate::model::{ByteSize, Span};

/// A value, or why it is none.
pub(super) type Reading<T> = Result<T, Misread>;

/// A refusal. What is `None` follows from the key and its value.
#[derive(Clone, Debug, Default)]
pub(super) struct Misread {
    pub(super) seen: Option<String>,
    pub(super) wanted: Option<String>,
    pub(super) hint: Option<String>,
    pub(super) place: Option<Place>,
}

impl Misread {
    /// With a word of advice.
    pub(super) fn hint(hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..Self::default() }
    }

    /// With what was wanted instead of the key's own wording.
    pub(super) fn wanted(wanted: impl Into<String>) -> Self {
        Self { wanted: Some(wanted.into()), ..Self::default() }
    }

    /// The same, with a word of advice.
    pub(super) fn and_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// Any text.
pub(super) fn text(node: &Node) -> Reading<&str> {
    node.text().ok_or_else(|| match node.value() {
        Value::Whole(_) | Value::Decimal(_) | Value::Truth(_) | Value::Odd(_) => {
            Misread::hint("put it in quotes")
        }
        _ => Misread::default(),
    })
}

/// Text on one line, without control characters, not empty.
pub(super) fn line(node: &Node) -> Reading<String> {
    let text = text(node)?.trim();
    if text.is_empty() {
        return Err(Misread::hint("it is empty"));
    }
    if text.chars().any(char::is_control) {
        return Err(Misread::hint("it holds a line break or another control character"));
    }
    Ok(text.to_owned())
}

/// Text on one or more lines, not empty.
pub(super) fn lines(node: &Node) -> Reading<String> {
    let text = text(node)?.trim();
    if text.is_empty() {
        return Err(Misread::hint("it is empty"));
    }
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\r') {
        return Err(Misread::hint("it holds a control character"));
    }
    Ok(text.lines().map(str::trim).collect::<Vec<_>>().join("\n"))
}

/// `true` or `false`.
pub(super) fn truth(node: &Node) -> Reading<bool> {
    match node.value() {
        Value::Truth(truth) => Ok(*truth),
        Value::Text(text) if text == "true" || text == "false" => {
            Err(Misread::hint("write it without quotes"))
        }
        _ => Err(Misread::default()),
    }
}

/// A whole number within bounds.
pub(super) fn whole(bounds: RangeInclusive<u32>) -> impl Fn(&Node) -> Reading<u32> {
    move |node| match node.value() {
        Value::Whole(number) => {
            let number = u32::try_from(*number).ok();
            number.filter(|number| bounds.contains(number)).ok_or_else(Misread::default)
        }
        Value::Text(text) if text.parse::<i64>().is_ok() => {
            Err(Misread::hint("write it without quotes"))
        }
        _ => Err(Misread::default()),
    }
}

/// A number within bounds.
pub(super) fn decimal(bounds: RangeInclusive<f64>) -> impl Fn(&Node) -> Reading<f64> {
    move |node| {
        let number = match node.value() {
            Value::Whole(number) => Some(*number as f64),
            Value::Decimal(number) => Some(*number),
            Value::Text(text) if text.parse::<f64>().is_ok() => {
                return Err(Misread::hint("write it without quotes"));
            }
            _ => None,
        };
        number.filter(|number| bounds.contains(number)).ok_or_else(Misread::default)
    }
}

/// What has a text form; the key's wording tells it.
pub(super) fn parsed<T: FromStr>(node: &Node) -> Reading<T> {
    text(node)?.trim().parse().map_err(|_| Misread::default())
}

/// What has a text form, with its own account of what is wrong.
pub(super) fn explained<T: FromStr<Err: Display>>(node: &Node) -> Reading<T> {
    let text = text(node)?.trim();
    text.parse().map_err(|error: T::Err| {
        // The value itself is told already; where there are several lines, they point into it.
        let error = error.to_string();
        let last = error.trim_end().lines().last().unwrap_or_default();
        let rest = last.strip_prefix(&format!("{text:?} ")).map(|rest| format!("it {rest}"));
        Misread::hint(rest.unwrap_or_else(|| last.to_owned()))
    })
}

/// A length of time within bounds.
pub(super) fn span(bounds: RangeInclusive<Span>) -> impl Fn(&Node) -> Reading<Span> {
    move |node| match (node.value(), parsed::<Span>(node)) {
        (_, Ok(span)) if bounds.contains(&span) => Ok(span),
        (Value::Whole(number), _) => Err(Misread::hint(format!("with a unit: \"{number}d\"?"))),
        _ => Err(Misread::default()),
    }
}

/// A size within bounds.
pub(super) fn size(bounds: RangeInclusive<ByteSize>) -> impl Fn(&Node) -> Reading<ByteSize> {
    move |node| match (node.value(), parsed::<ByteSize>(node)) {
        (_, Ok(size)) if bounds.contains(&size) => Ok(size),
        (Value::Whole(number), _) => Err(Misread::hint(format!("with a unit: \"{number} kB\"?"))),
        _ => Err(Misread::default()),
    }
}

/// One of the words.
pub(super) fn word<T: Copy>(words: &[(&'static str, T)]) -> impl Fn(&Node) -> Reading<T> {
    let words: BTreeMap<&'static str, T> = words.iter().copied().collect();
    move |node| {
        let seen = text(node)?;
        words.get(seen).copied().ok_or_else(|| Misread {
            hint: nearest(seen, words.keys().copied()).map(did_you_mean),
            ..Misread::default()
        })
    }
}

/// The sentence for a word that was probably meant.
pub(super) fn did_you_mean(word: &str) -> String {
    format!("did you mean {}?", quoted(word))
}

/// A path, as written.
pub(super) fn path(node: &Node) -> Reading<PathBuf> {
    line(node).map(PathBuf::from)
}

/// The address of a web page: `https`, or `http` on this machine; no login in it.
pub(super) fn web_address(node: &Node) -> Reading<Url> {
    let text = text(node)?.trim();
    let url = Url::parse(text).map_err(|error| {
        if text.contains("://") {
            Misread::hint(error.to_string())
        } else {
            Misread::hint(format!("did you mean {}?", quoted(&format!("https://{text}"))))
        }
    })?;
    if !["https", "http"].contains(&url.scheme()) {
        let near = nearest(url.scheme(), ["https", "http"]).map(|_| "did you mean https?".into());
        return Err(Misread { hint: near, ..Misread::default() });
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Misread::hint("a login has no place in it"));
    }
    if url.scheme() == "http" && !url.host().is_some_and(|host| is_loopback(&host)) {
        return Err(Misread::hint("plain http is for this machine only; did you mean https?"));
    }
    Ok(url)
}

/// Whether a host is this machine by its very name.
pub(super) fn is_loopback<S: AsRef<str>>(host: &Host<S>) -> bool {
    match host {
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
        Host::Domain(name) => {
            let name = name.as_ref().trim_end_matches('.').to_ascii_lowercase();
            name == "localhost" || name.ends_with(".localhost")
        }
    }
}
