//! What a digest says beside its papers, and why each of them is there. Values alone: the words
//! are the templates'.

use jiff::civil::Date;
use serde::Serialize;

use super::paper::PaperView;
use super::words::{clean, readable, shorten};
use crate::model::Paper;

/// Longest reason, in characters.
const REASON: usize = 80;

/// Why a paper is in this reader's digest: the strongest reason alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", content = "what", rename_all = "kebab-case")]
pub enum Why {
    /// The reader's topic that it matches, as they wrote it.
    Topic(String),
    /// An author whom they follow.
    Author(String),
    /// The title of a paper near it that they liked.
    Liked(String),
    /// So many votes more than the day before.
    Rising(u32),
}

impl Why {
    /// The same in one line, cut where it is too long for one.
    pub fn tidy(self) -> Self {
        let tidy = |text: String| shorten(&clean(&text), REASON);
        match self {
            Self::Topic(text) => Self::Topic(tidy(text)),
            Self::Author(text) => Self::Author(tidy(text)),
            Self::Liked(text) => Self::Liked(shorten(&readable(&text), REASON)),
            Self::Rising(votes) => Self::Rising(votes),
        }
    }
}

/// A paper in one line, with how its votes moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// Its title.
    pub title: String,
    /// Its page; may be empty.
    pub url: String,
    /// Votes gained in the time looked at.
    pub gain: u32,
}

impl Moved {
    /// `paper` with what it gained.
    pub fn new(paper: &Paper, gain: u32) -> Self {
        let PaperView { title, url, .. } = PaperView::new(1, paper);
        Self { title, url, gain }
    }
}

/// Why nothing new came on some days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hush {
    /// The sources were read, and listed nothing that was new.
    NothingListed,
    /// What they listed was not for this reader: not of their topics, or too few votes.
    NothingForThem,
    /// No source could be read.
    NothingRead,
}

/// Days on which nothing new came, though a digest was due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Silence {
    /// The first of them.
    pub from: Date,
    /// The last of them.
    pub to: Date,
    /// How many.
    pub days: usize,
    /// Why.
    pub why: Hush,
}

/// What rose and what faded in a week.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Trend {
    /// Words that more papers hold than the week before, the strongest first.
    pub rose: Vec<String>,
    /// Words that fewer papers hold.
    pub faded: Vec<String>,
    /// The papers that gained the most votes.
    pub papers: Vec<Moved>,
}

/// Everything beside the papers; empty where the reader did not ask for it or there is none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Beside {
    /// Two earlier papers that are closest to the lead.
    pub related: Vec<Moved>,
    /// Papers that they were sent already and that still rise.
    pub rising: Vec<Moved>,
    /// Once a week.
    pub trend: Option<Trend>,
    /// The days without a mail before this one, or this one itself.
    pub silence: Option<Silence>,
}
