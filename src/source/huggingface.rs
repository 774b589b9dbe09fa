//! Pages of <https://huggingface.co/papers>: a day's, week's or month's, or what trends.
//! The papers are taken from the JSON that the page carries for its own script, found
//! without building a tree; the visible cards are the cross-check, and serve in its stead.

use std::borrow::Cow;
use std::collections::HashSet;

use jiff::civil::Date;

use super::cards::{self, Cards};
use super::entity::unescape;
use super::item::{Item, day};
use super::lenient::{Loose, Text, mend_surrogates, object};
use super::markup::{Token, Tokens};
use super::{Fault, Reading};
use crate::model::{Listing, Paper, Period, Rejected};

object! {
    /// The data of the list's script.
    Props {
        items: Option<Vec<Item<'de>>> = "dailyPapers",
        date_string: Text<'de> = "dateString",
        date: Text<'de> = "date",
        period_type: Text<'de> = "periodType",
        trending: Option<bool> = "isTrending",
    }
}

/// Reads a page.
pub fn page(text: &str) -> Result<Reading, Fault> {
    match embedded(text) {
        Ok(listing) => {
            let cards = cards::ids(text);
            let listed: HashSet<_> = listing.papers.iter().map(|paper| &paper.id).collect();
            let missing = cards.iter().filter(|id| !listed.contains(id)).count();
            let cards = (cards.len(), missing);
            Ok(Reading { cards: Some(cards), ..Reading::new(listing) })
        }
        Err(fault) => visible(text, fault),
    }
}

/// Reads the JSON that the page carries.
pub fn embedded(text: &str) -> Result<Listing, Fault> {
    let mut fault = Fault::NoListing { title: String::new() };
    for island in islands(text) {
        let json = unescape(island);
        match props(&mend_surrogates(&json)) {
            Ok(listing) => return Ok(listing),
            Err(reason) => fault = reason,
        }
    }
    Err(fault)
}

/// The data of each element that says it is the list, as written.
fn islands(text: &str) -> impl Iterator<Item = &str> {
    Tokens::new(text).filter_map(|token| match token {
        Token::Open(tag) if tag.attribute("data-target") == Some("DailyPapers") => {
            tag.attribute("data-props")
        }
        _ => None,
    })
}

fn props(json: &str) -> Result<Listing, Fault> {
    let Loose(props) = serde_json::from_str::<Loose<Props<'_>>>(json)
        .map_err(|error| Fault::Unreadable(error.to_string()))?;
    let Some(items) = props.items else {
        return Err(Fault::Unreadable("dailyPapers is missing".to_owned()));
    };
    let date = props.date_string.as_deref().or(props.date.as_deref()).and_then(day);
    let period = match (props.trending, props.period_type.as_deref()) {
        (Some(true), _) => Period::Trending,
        (_, Some("week")) => Period::Week(date),
        (_, Some("month")) => Period::Month(date),
        (_, None | Some("day")) => match date.or_else(|| common_day(&items, 50)) {
            Some(day) => Period::Day(day),
            None => return Err(Fault::NoDay { papers: items.len() }),
        },
        (_, Some(other)) => {
            let other = super::text::cut(super::text::line(other), 40);
            return Err(Fault::Unreadable(format!("the period {other:?} is not known")));
        }
    };
    Ok(gather(period, items))
}

/// The day on which most of the papers were listed, where more than `percent` of them agree;
/// 50 at least.
pub(super) fn common_day(items: &[Item<'_>], percent: usize) -> Option<Date> {
    let mut days: Vec<_> = items.iter().filter_map(Item::day).collect();
    days.sort_unstable();
    // What more than half share stands in the middle.
    let middle = *days.get(days.len() / 2)?;
    (days.iter().filter(|day| **day == middle).count() * 100 > items.len() * percent)
        .then_some(middle)
}

/// The papers of a list, each once.
pub(super) fn gather(period: Period, items: Vec<Item<'_>>) -> Listing {
    let mut listing = Listing { period, papers: Vec::with_capacity(items.len()), rejected: vec![] };
    let mut seen = HashSet::with_capacity(items.len());
    for (at, item) in items.into_iter().enumerate() {
        match item.into_paper(at) {
            Ok(paper) if seen.insert(paper.id.clone()) => listing.papers.push(paper),
            Ok(_) => {}
            Err(rejected) => listing.rejected.push(rejected),
        }
    }
    listing
}

/// Reads the cards instead, as the JSON could not be read because of `fault`.
fn visible(text: &str, fault: Fault) -> Result<Reading, Fault> {
    let Cards { papers, rejected, period, title } = cards::read(text);
    if papers.is_empty() {
        return Err(match fault {
            Fault::NoListing { .. } => unlisted(text, title.unwrap_or_default()),
            other => other,
        });
    }
    let papers: Vec<Paper> = papers;
    let rejected: Vec<Rejected> = rejected;
    let Some(period) = period else { return Err(Fault::NoDay { papers: papers.len() }) };
    let note = format!("read from the visible cards: {fault}");
    Ok(Reading { note: Some(note), ..Reading::new(Listing { period, papers, rejected }) })
}

/// What a page without papers is.
fn unlisted(text: &str, title: String) -> Fault {
    const SIGNS: [&str; 6] = [
        "verify you are human",
        "just a moment",
        "captcha-delivery",
        "awswafintegration",
        "unusual traffic",
        "enable javascript and cookies",
    ];
    let shown: Cow<'_, str> = text.chars().take(200_000).collect::<String>().to_lowercase().into();
    let titled = title.to_lowercase();
    if SIGNS.iter().any(|sign| shown.contains(sign))
        || titled.contains("log in")
        || titled.contains("login")
    {
        Fault::Challenge { title }
    } else {
        Fault::NoListing { title }
    }
}
