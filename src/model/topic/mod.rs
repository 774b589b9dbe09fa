//! A topic: what a reader follows, as a query over papers. `"flow matching" OR title:diffusion
//! author:"Kaiming He" -survey votes>=20 has:code`. The query is read here; which papers it
//! matches is told by [`Batch`]. Never ranks and never reads the store.

mod batch;
mod hits;
mod interest;
mod near;
mod parse;
mod slip;
mod words;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use batch::{Batch, Mask};
pub use hits::Hit;
pub use interest::{Interest, Interests};
pub use near::Near;
pub use parse::TopicFault;
pub use slip::TopicSlip;
pub use words::{same_words, stemmed};

/// A query over papers, as its reader wrote it, with white space folded.
///
/// Words are compared without case, accents and endings, in titles, abstracts and keywords.
/// Side by side all must match; `OR`, `-` (or `NOT`) and parentheses combine; quotation marks
/// hold a phrase together. `title:`, `abstract:`, `author:`, `org:` and `keyword:` look at one
/// field; `votes>=20`, `stars<100` and `has:code` at what the source tells.
///
/// Held as its text, which was read once when it was written, and is read again by a [`Batch`]:
/// readers' preferences are loaded far more often than their topics are matched. One from the
/// store that cannot be read any more matches nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Topic(String);

/// What a query asks of a paper.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Query {
    /// All of them.
    All(Vec<Query>),
    /// One of them or more.
    Any(Vec<Query>),
    Not(Box<Query>),
    /// These stems side by side, in one field.
    Words(Field, Vec<String>),
    /// An author with these parts of a name, the family name last.
    Author(Vec<String>),
    Count(Measure, Relation, u32),
    HasCode,
}

/// Where words are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Field {
    /// Title, abstract and keywords.
    Text,
    Title,
    Abstract,
    Keyword,
    Org,
}

impl Field {
    const COUNT: usize = 5;

    /// Its word in a query.
    fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Title => "title",
            Self::Abstract => "abstract",
            Self::Keyword => "keyword",
            Self::Org => "org",
        }
    }

    /// Whether [`Field::Text`] looks there.
    fn is_text(self) -> bool {
        self != Self::Org
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Measure {
    Votes,
    Stars,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Relation {
    Least,
    Over,
    Most,
    Under,
    Exactly,
}

impl Relation {
    fn holds(self, found: u32, wanted: u32) -> bool {
        match self {
            Self::Least => found >= wanted,
            Self::Over => found > wanted,
            Self::Most => found <= wanted,
            Self::Under => found < wanted,
            Self::Exactly => found == wanted,
        }
    }
}

impl Topic {
    /// Longest query, in characters.
    pub const LONGEST: usize = 300;
    /// The most words, names and numbers in one query.
    pub const MOST_TERMS: usize = 64;
    /// The deepest that parentheses may stand in one another.
    pub const DEEPEST: usize = 8;

    /// The query as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its meaning.
    fn query(&self) -> Option<Query> {
        parse::query(&self.0).ok()
    }
}

/// What parts words: white space, and the semicolon, which parts topics where they are listed.
fn is_space(c: char) -> bool {
    c.is_whitespace() || c == ';'
}

impl FromStr for Topic {
    type Err = TopicFault;

    fn from_str(text: &str) -> Result<Self, TopicFault> {
        parse::query(text)?;
        let words: Vec<&str> = text.split(is_space).filter(|word| !word.is_empty()).collect();
        Ok(Self(words.join(" ")))
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A reader's topics: a paper qualifies when one of them matches; without any, every paper
/// does. In alphabetical order, each once, so that equal wishes are one profile.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Topic>", into = "Vec<Topic>")]
pub struct Topics(Vec<Topic>);

impl Topics {
    /// The most that one reader may have.
    pub const MOST: usize = 50;

    /// Reads topics that stand on lines of their own or are parted by semicolons; a JSON array
    /// of texts will do as well. The error says which topic it is about.
    pub fn read(text: &str) -> Result<Self, String> {
        let array: Option<Vec<String>> =
            text.trim_start().starts_with('[').then(|| serde_json::from_str(text).ok()).flatten();
        let texts =
            array.unwrap_or_else(|| text.split(['\n', '\r', ';']).map(Into::into).collect());
        let read = |text: &String| {
            text.parse::<Topic>().map_err(|fault| {
                let short: String = text.trim().chars().take(60).collect();
                format!("{short:?}: {fault}")
            })
        };
        let topics: Vec<Topic> = texts
            .iter()
            .filter(|text| !text.trim().is_empty())
            .map(read)
            .collect::<Result<_, _>>()?;
        Self::of(topics).map_err(|many| many.to_string())
    }

    /// These topics.
    ///
    /// # Errors
    ///
    /// More than [`Topics::MOST`].
    pub fn of(topics: impl IntoIterator<Item = Topic>) -> Result<Self, TooManyTopics> {
        let all = Self::from(topics.into_iter().collect::<Vec<_>>());
        if all.0.len() > Self::MOST {
            return Err(TooManyTopics(all.0.len()));
        }
        Ok(all)
    }

    /// Whether there is none, so that every paper qualifies.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The topics in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Topic> {
        self.0.iter()
    }

    /// Parted by semicolons, as [`Topics::read`] reads them.
    pub fn line(&self) -> String {
        self.0.iter().map(Topic::as_str).collect::<Vec<_>>().join("; ")
    }
}

/// More topics than one reader may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} topics are too many: {most} can be", most = Topics::MOST)]
pub struct TooManyTopics(
    /// How many they would be.
    pub usize,
);

impl From<Vec<Topic>> for Topics {
    fn from(mut topics: Vec<Topic>) -> Self {
        topics.sort_unstable();
        topics.dedup();
        Self(topics)
    }
}

impl From<Topics> for Vec<Topic> {
    fn from(topics: Topics) -> Self {
        topics.0
    }
}
