//! Where papers come from: one polite look at a source, and what it found. Reads pages, API
//! answers and feeds into listings, and judges whether a listing may be trusted. Stores
//! nothing but the raw bytes of what it set aside, and never asks what time it is.

mod api;
mod cards;
mod client;
mod collect;
mod entity;
mod fault;
mod feed;
mod huggingface;
mod item;
mod judge;
mod kept;
mod lenient;
mod look;
mod markup;
mod pace;
mod sniff;
mod standing;
mod text;

pub use api::answer as read_api;
pub use client::{Client, Fetched, Limits, Missed, Request};
pub use collect::{Collector, Report};
pub use fault::Fault;
pub use feed::feed as read_feed;
pub use huggingface::{embedded as read_embedded, page as read_page};
pub use judge::{Asked, judge};
pub use kept::KeptPages;
pub use look::{Found, Origin, Scout, Validators};
pub use sniff::sniff;
pub use standing::{Health, SourceStanding, next_fetch};

use std::collections::BTreeMap;

use jiff::civil::Date;
use url::Url;

use crate::config::SourceKind;
use crate::model::{Listing, Period};

/// A listing as read, with what the reader noticed on the way.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// The listing.
    pub listing: Listing,
    /// Of a page: how many papers its visible cards show, and how many of them its data lack.
    pub cards: Option<(usize, usize)>,
    /// Whether it would be no wonder if it held no papers.
    pub quiet: bool,
    /// What else the admin should know.
    pub note: Option<String>,
}

impl Reading {
    fn new(listing: Listing) -> Self {
        Self { listing, cards: None, quiet: false, note: None }
    }
}

/// A good listing of lately.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// What it listed.
    pub period: Period,
    /// How many papers.
    pub papers: u32,
}

/// What is known of a source's recent listings; filled by the store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The good listings of the last 14 days, in any order.
    pub recent: Vec<Seen>,
}

impl Known {
    /// The most papers that were listed for `day`.
    fn most_of(&self, day: Date) -> usize {
        let days = self.recent.iter().filter(|seen| seen.period.day() == Some(day));
        days.map(|seen| seen.papers as usize).max().unwrap_or(0)
    }

    /// The median of the listings of the same kind, other days' where it lists a day; `None`
    /// for fewer than three. Of each day, the fullest counts.
    fn median(&self, period: Period) -> Option<usize> {
        let mut counts: Vec<usize> = match period {
            Period::Day(day) => {
                let mut days = BTreeMap::<Date, usize>::new();
                for seen in &self.recent {
                    if let Some(other) = seen.period.day().filter(|other| *other != day) {
                        let most = days.entry(other).or_default();
                        *most = (*most).max(seen.papers as usize);
                    }
                }
                days.into_values().collect()
            }
            _ => {
                let same = self.recent.iter().filter(|seen| seen.period.word() == period.word());
                same.map(|seen| seen.papers as usize).collect()
            }
        };
        counts.sort_unstable();
        (counts.len() >= 3).then(|| counts[counts.len() / 2])
    }
}

/// Reads `bytes` as what a source of this kind answers to the request for `asked`.
/// `charset` is what the HTTP header says. Without a kind, they are taken for what they say
/// they are. Any bytes whatever give a listing or a fault.
pub fn read(
    kind: Option<SourceKind>,
    bytes: &[u8],
    charset: Option<&str>,
    asked: Option<&Url>,
) -> Result<(SourceKind, Reading), Fault> {
    let decoded = text::decode(bytes, charset).ok_or(Fault::NotText)?;
    if decoded.text.trim().is_empty() {
        return Err(Fault::Empty);
    }
    let kind = kind.or_else(|| sniff(&decoded.text)).unwrap_or(SourceKind::HuggingFace);
    // The site and its API always write clean UTF-8; feeds of others may hold a stray byte.
    let tolerated = match kind {
        SourceKind::HuggingFace | SourceKind::HuggingFaceApi => 0,
        SourceKind::Arxiv | SourceKind::Feed => bytes.len() / 10_000,
    };
    if decoded.unreadable > tolerated {
        let (charset, places) = (decoded.charset, decoded.unreadable);
        return Err(Fault::Undecodable { charset, places });
    }
    let reading = match kind {
        SourceKind::HuggingFace => read_page(&decoded.text),
        SourceKind::HuggingFaceApi => read_api(&decoded.text, asked),
        SourceKind::Arxiv | SourceKind::Feed => read_feed(&decoded.text),
    }?;
    Ok((kind, reading))
}

#[cfg(test)]
mod tests;
