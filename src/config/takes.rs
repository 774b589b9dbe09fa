//! What a key takes, for programs: read from the very wording that faults and pages use, so that
//! there is one account of it. Never judges a value.

use super::keys::{Key, Preset};

/// The values that a key takes.
#[derive(Clone, Debug, PartialEq)]
pub enum Takes {
    /// `true` or `false`.
    Truth,
    /// A whole number from the first to the second.
    Whole(i64, i64),
    /// A number from the first to the second.
    Number(f64, f64),
    /// One of these words.
    Words(Vec<String>),
    /// A list of texts.
    Texts,
    /// A text; what else is wanted of it stands in the wording.
    Text,
}

impl Key {
    /// What it takes.
    pub fn takes(&self) -> Takes {
        let wanted = self.wanted;
        if wanted == "true or false" {
            return Takes::Truth;
        }
        if let Some((from, to)) = bounds(wanted, "a whole number from ") {
            return Takes::Whole(from, to);
        }
        if let Some((from, to)) = bounds(wanted, "a number from ") {
            return Takes::Number(from, to);
        }
        if wanted.starts_with("a list of ") {
            return Takes::Texts;
        }
        match words(wanted) {
            Some(words) if !self.is_example(&words) => Takes::Words(words),
            _ => Takes::Text,
        }
    }

    /// Whether the words in quotes are but examples: a choice has its default among them.
    fn is_example(&self, words: &[String]) -> bool {
        match self.preset {
            Preset::Is(default) => !words.iter().any(|word| default == format!("\"{word}\"")),
            Preset::Required | Preset::Unset(_) => true,
        }
    }

    /// The values in quotes of its wording, as TOML.
    pub fn examples(&self) -> Vec<String> {
        let Some((_, rest)) = self.wanted.split_once("such as ") else { return Vec::new() };
        if rest.starts_with('[') {
            return rest.rfind(']').map(|end| vec![rest[..=end].to_owned()]).unwrap_or_default();
        }
        rest.split('"').skip(1).step_by(2).map(|text| format!("\"{text}\"")).collect()
    }
}

/// `… 1 to 1000`: both numbers.
fn bounds<T: std::str::FromStr>(wanted: &str, intro: &str) -> Option<(T, T)> {
    let (from, to) = wanted.strip_prefix(intro)?.split_once(" to ")?;
    Some((from.parse().ok()?, to.parse().ok()?))
}

/// The words of `"a", "b" or "c"`, where there is nothing else.
fn words(wanted: &str) -> Option<Vec<String>> {
    let parts: Vec<&str> = wanted.split('"').collect();
    let between = parts.iter().step_by(2);
    let plain = between.clone().all(|part| ["", ", ", " or "].contains(part));
    let words: Vec<String> = parts.iter().skip(1).step_by(2).map(|&word| word.to_owned()).collect();
    (plain && words.len() > 1).then_some(words)
}
