//! A listing: the trending page as read, and what a fetch of it came to.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Paper;

/// What a listing is a list of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Period {
    /// One day's papers.
    Day(Date),
    /// One week's; the date is the source's own, where it gives one.
    Week(Option<Date>),
    /// One month's; the date is its first day.
    Month(Option<Date>),
    /// What trends now, old and new.
    Trending,
    /// What a feed holds now.
    Feed,
}

impl Period {
    /// A short word for it: `day`, `week`, `month`, `trending`, `feed`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Day(_) => "day",
            Self::Week(_) => "week",
            Self::Month(_) => "month",
            Self::Trending => "trending",
            Self::Feed => "feed",
        }
    }

    /// The day that it lists, where it lists one day.
    pub fn day(self) -> Option<Date> {
        if let Self::Day(day) = self { Some(day) } else { None }
    }
}

/// One entry that could not be read as a paper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rejected {
    /// Which one: its position from 0, and its id where known.
    pub item: String,
    /// What was wrong with it.
    pub reason: String,
}

/// A page, answer or feed as read: papers in the source's order, each id once.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    /// What it lists.
    pub period: Period,
    /// The papers.
    pub papers: Vec<Paper>,
    /// What could not be read.
    pub rejected: Vec<Rejected>,
}

/// What a fetch came to. Only a good one touches the papers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FetchOutcome {
    /// A whole listing.
    Good,
    /// The same bytes as the last good one.
    Unchanged,
    /// No papers, as expected on a weekend or holiday.
    Empty,
    /// Far fewer papers than lately: set aside.
    Incomplete,
    /// Not a listing, another day's, or not reachable: set aside.
    Broken,
}

impl FetchOutcome {
    /// The word of the face.
    pub fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Unchanged => "unchanged",
            Self::Empty => "empty",
            Self::Incomplete => "incomplete",
            Self::Broken => "broken",
        }
    }

    /// The outcome of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Good, Self::Unchanged, Self::Empty, Self::Incomplete, Self::Broken]
            .into_iter()
            .find(|outcome| outcome.word() == word)
    }
}
