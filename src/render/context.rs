//! What the digest's templates see: plain values, ready to be shown. The work of display
//! (who is named, what is cut, which links are safe) happens here, once.

use jiff::civil::Date;
use serde::Serialize;

use super::text::{one_line, shorten};
use crate::model::Paper;

/// Characters of a title; the longest real one has 172.
const TITLE: usize = 300;
/// Characters of a card's summary.
const SUMMARY: usize = 320;
/// Authors named on a card.
const NAMED: usize = 3;

/// The sender.
#[derive(Clone, Debug, Serialize)]
pub struct SiteView {
    /// Its name.
    pub title: String,
    /// Its address.
    pub url: String,
    /// Where readers write to change or stop their mail.
    pub contact: String,
    /// The postal address, if one is given.
    pub postal_address: Option<String>,
}

/// A paper as a card.
#[derive(Clone, Debug, Serialize)]
pub struct PaperView {
    /// Its place in the mail, from 1.
    pub rank: usize,
    /// Its title.
    pub title: String,
    /// Its page at the source.
    pub url: String,
    /// The first three authors and how many more; empty when unknown.
    pub authors: String,
    /// Where it comes from.
    pub organization: Option<String>,
    /// The source's one line, else the first sentences of the abstract; may be empty.
    pub summary: String,
    /// Votes, as shown: `8`, `1.2k`.
    pub votes: Option<String>,
    /// Stars, as shown.
    pub stars: Option<String>,
    /// A picture.
    pub thumbnail: Option<String>,
    /// Its other places, with their names: arXiv, PDF, Code, Project.
    pub links: Vec<Link>,
}

/// A named place of a paper.
#[derive(Clone, Debug, Serialize)]
pub struct Link {
    /// Its name.
    pub name: &'static str,
    /// Its address.
    pub url: String,
}

/// A paper as one line.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// Its title.
    pub title: String,
    /// Its page at the source.
    pub url: String,
    /// Votes, as shown.
    pub votes: Option<String>,
}

/// A digest.
#[derive(Clone, Debug, Serialize)]
pub struct DigestContext {
    /// The sender.
    pub site: SiteView,
    /// The day on the reader's calendar: `Friday, 20 February 2026`.
    pub date: String,
    /// The same, short: `20 Feb`.
    pub date_short: String,
    /// Papers in this mail.
    pub count: usize,
    /// What an inbox shows behind the subject.
    pub preheader: String,
    /// Full cards, the best first.
    pub cards: Vec<PaperView>,
    /// The rest, as titles.
    pub lines: Vec<Line>,
    /// New papers that did not fit, and come with the next digest.
    pub held_back: usize,
    /// When this reader gets mail: `weekdays at 08:00, Europe/Berlin`.
    pub rhythm: String,
    /// Stands for the reader's address.
    pub reader: String,
}

impl PaperView {
    /// The card of `paper` at place `rank`.
    pub fn new(rank: usize, paper: &Paper) -> Self {
        let places = [
            ("arXiv", paper.arxiv_url()),
            ("PDF", paper.pdf_url()),
            ("Code", paper.code_url.clone()),
            ("Project", paper.project_url.clone()),
        ];
        let told = paper.brief.as_deref().filter(|brief| !brief.trim().is_empty());
        Self {
            rank,
            title: title_of(paper),
            url: web_address(&paper.url).unwrap_or_else(|| "https://huggingface.co/papers".into()),
            authors: authors_of(&paper.authors),
            organization: paper.organization.as_deref().map(|name| shorten(name, 80)),
            summary: shorten(told.unwrap_or(&paper.summary), SUMMARY),
            votes: paper.votes.filter(|votes| *votes > 0).map(count),
            stars: paper.stars.filter(|stars| *stars > 0).map(count),
            thumbnail: paper
                .thumbnail
                .as_deref()
                .and_then(web_address)
                .filter(|url| url.starts_with("https:")),
            links: places
                .into_iter()
                .filter_map(|(name, url)| Some(Link { name, url: web_address(&url?)? }))
                .collect(),
        }
    }
}

impl Line {
    /// The line of `paper`.
    pub fn new(paper: &Paper) -> Self {
        Self {
            title: title_of(paper),
            url: web_address(&paper.url).unwrap_or_else(|| "https://huggingface.co/papers".into()),
            votes: paper.votes.filter(|votes| *votes > 0).map(count),
        }
    }
}

/// The day as `Friday, 20 February 2026` and as `20 Feb`.
pub(super) fn dates(day: Date) -> (String, String) {
    (day.strftime("%A, %-d %B %Y").to_string(), day.strftime("%-d %b").to_string())
}

/// What an inbox shows behind the subject: the lead's first words, and how much follows.
pub(super) fn preheader(cards: &[PaperView], count: usize) -> String {
    let lead = cards.first().map_or("", |card| {
        if card.summary.is_empty() { card.authors.as_str() } else { card.summary.as_str() }
    });
    let rest = match count {
        0 => "No new papers today; the next digest comes as usual.".to_owned(),
        1 => "One new paper today, on the list of papers that people talk about.".to_owned(),
        n => format!("{n} new papers today."),
    };
    if lead.is_empty() { rest } else { shorten(&format!("{} {rest}", shorten(lead, 90)), 128) }
}

fn title_of(paper: &Paper) -> String {
    let title = shorten(&paper.title, TITLE);
    if title.is_empty() { paper.id.to_string() } else { title }
}

fn authors_of(authors: &[String]) -> String {
    let named: Vec<String> = authors
        .iter()
        .take(NAMED)
        .map(|name| shorten(name, 60))
        .filter(|n| !n.is_empty())
        .collect();
    match authors.len().saturating_sub(NAMED) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

/// `1.2k` for 1,234.
fn count(n: u32) -> String {
    match n {
        0..=999 => n.to_string(),
        1_000..=9_999 => format!("{}.{}k", n / 1_000, n % 1_000 / 100).replace(".0k", "k"),
        _ => format!("{}k", n / 1_000),
    }
}

/// `url` in its encoded form, if it is an http or https address with a host.
fn web_address(url: &str) -> Option<String> {
    let parsed = url::Url::parse(url.trim()).ok()?;
    let fits =
        matches!(parsed.scheme(), "http" | "https") && parsed.has_host() && url.len() < 2_000;
    fits.then(|| one_line(parsed.as_str()).replace('\'', "%27"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PaperId;

    #[test]
    fn authors_counts_and_links_are_shown_as_people_read_them() {
        let names: Vec<String> = ["A", "B", "C", "D", "E"].map(str::to_owned).to_vec();
        assert_eq!(authors_of(&names), "A, B, C and 2 more");
        assert_eq!(authors_of(&names[..3]), "A, B, C");
        assert_eq!(
            [count(8), count(1_000), count(1_234), count(110_432)],
            ["8", "1k", "1.2k", "110k"]
        );
        for bad in ["javascript:alert(1)", "ftp://x", "https://", "x", ""] {
            assert_eq!(web_address(bad), None, "{bad}");
        }
        assert_eq!(web_address(" https://x.org/a b ").unwrap(), "https://x.org/a%20b");
        let id = PaperId::from_arxiv("2602.00001").unwrap();
        let paper =
            Paper { code_url: Some("javascript:x".into()), ..Paper::new(id, "T", "https://x.org") };
        let names: Vec<&str> =
            PaperView::new(1, &paper).links.iter().map(|link| link.name).collect();
        assert_eq!(names, ["arXiv", "PDF"]);
    }

    #[test]
    fn days_read_as_people_write_them() {
        let (long, short) = dates("2026-02-20".parse().unwrap());
        assert_eq!((long.as_str(), short.as_str()), ("Friday, 20 February 2026", "20 Feb"));
    }
}
