//! The cards of a Hugging Face page: what a reader sees of each paper. They hold less than
//! the embedded JSON (no abstract on day pages, no authors) and serve as its cross-check, and
//! in its stead. Read from tags and text by what they link to, as class names change.

use std::collections::HashMap;

use jiff::civil::Date;

use super::entity::unescape;
use super::item::{check_title, day, identity, web_url};
use super::markup::{Tag, Token, Tokens};
use super::text::{cut, line, prose};
use crate::model::{Paper, PaperId, Period, Rejected};

/// What is more is a trap: the longest pages have 105. The rest is passed over.
const MOST_CARDS: usize = 5_000;

/// What the visible page says.
#[derive(Default)]
pub(super) struct Cards {
    /// A paper per card, in order, each once.
    pub(super) papers: Vec<Paper>,
    /// Cards that could not be read.
    pub(super) rejected: Vec<Rejected>,
    /// What the page says it lists.
    pub(super) period: Option<Period>,
    /// The page's `<title>`.
    pub(super) title: Option<String>,
}

/// Which text is being gathered.
#[derive(Clone, Copy, PartialEq)]
enum Field {
    Title,
    Votes,
    Comments,
    Stars,
    Organization,
    Summary,
    Published,
    Heading,
    PageTitle,
}

/// Text being gathered up to the end of the element that holds it.
struct Gather<'a> {
    field: Field,
    element: &'a str,
    depth: usize,
    text: String,
}

#[derive(Default)]
struct Reader<'a> {
    cards: Cards,
    known: HashMap<PaperId, usize>,
    /// The card that is being read.
    current: Option<usize>,
    heading: bool,
    organization: bool,
    gather: Option<Gather<'a>>,
    previous: Option<Date>,
    /// The day's name, between the links to the days beside it.
    label: Option<(i8, i8)>,
    time: Option<Date>,
    address: Option<Period>,
    trending: bool,
}

/// Reads the cards of a page.
pub(super) fn read(page: &str) -> Cards {
    let mut reader = Reader::default();
    for token in Tokens::new(page) {
        match token {
            Token::Open(tag) => reader.open(tag),
            Token::Close(name) => reader.close(name),
            Token::Text(text) => reader.text(text),
        }
    }
    reader.finish()
}

/// The ids of the cards, in order, each once: the cheap cross-check.
pub(super) fn ids(page: &str) -> Vec<PaperId> {
    let mut ids = Vec::new();
    let mut seen = std::collections::HashSet::new();
    let mut heading = false;
    for token in Tokens::new(page) {
        match token {
            Token::Open(tag) if tag.is("h3") => heading = true,
            Token::Close(name) if name.eq_ignore_ascii_case("h3") => heading = false,
            Token::Open(tag) if heading && tag.is("a") => {
                if let Some((id, _)) = link(tag).as_deref().and_then(paper_link)
                    && seen.insert(id.clone())
                {
                    ids.push(id);
                }
            }
            _ => {}
        }
        if ids.len() == MOST_CARDS {
            break;
        }
    }
    ids
}

fn link(tag: Tag<'_>) -> Option<String> {
    tag.attribute("href").map(|href| unescape(href.trim()).into_owned())
}

/// The paper that an address such as `/papers/2605.06356` leads to.
fn paper_link(href: &str) -> Option<(PaperId, String)> {
    let path = href.strip_prefix("https://huggingface.co").unwrap_or(href);
    let id = path.strip_prefix("/papers/")?;
    let id = id.split(['?', '#']).next().unwrap_or(id);
    // `/papers/trending`, `/papers/date/…`, `/papers/week/…` are lists.
    identity(id).filter(|_| id.bytes().any(|c| c.is_ascii_digit()))
}

/// A number as a card writes it: `131`, `3.29k`, `1.2M`; `-` is none.
fn count(text: &str) -> Option<u32> {
    let word = text.split_whitespace().last()?;
    if word == "-" {
        return Some(0);
    }
    let (digits, unit) = match word.char_indices().last()? {
        (at, 'k' | 'K') => (&word[..at], 1e3),
        (at, 'm' | 'M') => (&word[..at], 1e6),
        _ => (word, 1.0),
    };
    let plain = digits.replace(',', "");
    if !plain.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    plain.parse::<f64>().ok().map(|number| (number * unit).round() as u32)
}

impl<'a> Reader<'a> {
    fn begin(&mut self, field: Field, element: &'a str) {
        if self.gather.is_none() {
            self.gather = Some(Gather { field, element, depth: 0, text: String::new() });
        }
    }

    fn open(&mut self, tag: Tag<'a>) {
        if let Some(gather) = &mut self.gather {
            gather.text.push(' ');
            if tag.is(gather.element) {
                gather.depth += 1;
            }
        }
        let name = tag.name();
        match name.to_ascii_lowercase().as_str() {
            "article" => self.current = None,
            "h3" => self.heading = true,
            "h1" => self.begin(Field::Heading, name),
            "title" => self.begin(Field::PageTitle, name),
            "time" => self.time = self.time.or_else(|| tag.attribute("datetime").and_then(day)),
            "meta" if tag.attribute("property") == Some("og:url") => {
                self.address = tag.attribute("content").and_then(period_of);
            }
            "a" => self.anchor(tag),
            "span" if self.organization && tag.has_class("truncate") => {
                self.begin(Field::Organization, name);
            }
            "span" if self.current.is_some() && !self.organization => {
                self.begin(Field::Published, name);
            }
            "p" if tag.has_class("line-clamp-2") => self.begin(Field::Summary, name),
            "div" if tag.has_class("leading-none") || tag.has_class("text-orange-500") => {
                self.begin(Field::Votes, name);
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(gather) = &mut self.gather {
            gather.text.push_str(&unescape(text));
        } else if self.previous.is_some() && self.label.is_none() && self.known.is_empty() {
            self.label = month_day(text.trim());
        }
    }

    fn anchor(&mut self, tag: Tag<'a>) {
        let Some(href) = link(tag) else { return };
        let name = tag.name();
        if let Some((id, url)) = paper_link(&href) {
            // The first link of a card is its picture; votes come between that and the title.
            self.current = self.card(id, url);
            if !self.heading {
                let comments = href.ends_with("#community");
                self.begin(if comments { Field::Comments } else { Field::Stars }, name);
            } else {
                self.begin(Field::Title, name);
            }
        } else if let Some(date) = period_of(&href).and_then(Period::day) {
            self.previous = self.previous.or(Some(date));
        } else if href.starts_with("https://github.com/")
            && let Some(paper) = self.paper()
        {
            paper.code_url = web_url(&href);
            self.begin(Field::Stars, name);
        } else {
            let path = href.strip_prefix('/').unwrap_or_default();
            self.organization = !path.is_empty() && !path.contains(['/', '?', '#']);
        }
    }

    fn card(&mut self, id: PaperId, url: String) -> Option<usize> {
        let next = self.cards.papers.len();
        if let Some(at) = self.known.get(&id) {
            return Some(*at);
        }
        (next < MOST_CARDS).then(|| {
            self.known.insert(id.clone(), next);
            self.cards.papers.push(Paper::new(id, "", url));
            next
        })
    }

    fn paper(&mut self) -> Option<&mut Paper> {
        self.cards.papers.get_mut(self.current?)
    }

    fn close(&mut self, name: &str) {
        if name.eq_ignore_ascii_case("h3") {
            self.heading = false;
        } else if name.eq_ignore_ascii_case("a") {
            self.organization = false;
        } else if name.eq_ignore_ascii_case("article") {
            self.current = None;
        }
        match &mut self.gather {
            Some(gather) if name.eq_ignore_ascii_case(gather.element) => {
                if gather.depth > 0 {
                    gather.depth -= 1;
                } else if let Some(gather) = self.gather.take() {
                    self.keep(gather.field, &gather.text);
                }
            }
            Some(gather) => gather.text.push(' '),
            None => {}
        }
    }

    fn keep(&mut self, field: Field, text: &str) {
        match field {
            Field::Heading => self.trending |= line(text).starts_with("Trending"),
            Field::PageTitle => self.cards.title = Some(cut(line(text), 100)),
            _ => {}
        }
        let Some(paper) = self.paper() else { return };
        match field {
            Field::Title if paper.title.is_empty() => paper.title = line(text),
            // "Submitted by 4711" is set in the same type.
            Field::Votes if text.split_whitespace().count() == 1 => {
                paper.votes = paper.votes.or_else(|| count(text));
            }
            Field::Comments => paper.comments = paper.comments.or_else(|| count(text)),
            Field::Stars => paper.stars = paper.stars.or_else(|| count(text)),
            Field::Organization if paper.organization.is_none() => {
                paper.organization = Some(line(text)).filter(|name| !name.is_empty());
            }
            Field::Summary if paper.summary.is_empty() => paper.summary = prose(text),
            Field::Published if paper.published_at.is_none() => {
                let text = line(text);
                let date = text.strip_prefix("Published on ").unwrap_or(&text);
                paper.published_at = jiff::fmt::strtime::parse("%b %d, %Y", date)
                    .and_then(|date| date.to_date())
                    .and_then(|date| date.to_zoned(jiff::tz::TimeZone::UTC))
                    .map(|start| start.timestamp())
                    .ok();
            }
            _ => {}
        }
    }

    fn finish(mut self) -> Cards {
        let labelled = self.label.zip(self.previous).and_then(|((month, day), near)| {
            (-1..=1)
                .filter_map(|years| Date::new(near.year() + years, month, day).ok())
                .min_by_key(|date| near.until(*date).map_or(i32::MAX, |span| span.get_days().abs()))
        });
        self.cards.period = if self.trending {
            Some(Period::Trending)
        } else {
            match self.address {
                Some(period @ (Period::Week(_) | Period::Month(_))) => Some(period),
                address => labelled.or(self.time).map(Period::Day).or(address),
            }
        };
        let mut at = 0;
        let rejected = &mut self.cards.rejected;
        // A link to a paper without a heading is no card.
        self.cards.papers.retain(|paper| {
            at += 1;
            match check_title(&paper.title) {
                Err(reason) => {
                    rejected.push(Rejected { item: format!("{} ({})", at - 1, paper.id), reason });
                    false
                }
                Ok(()) => !paper.title.is_empty(),
            }
        });
        self.cards
    }
}

/// What the list at an address such as `/papers/date/2026-04-17` is of.
pub(super) fn period_of(address: &str) -> Option<Period> {
    let path = address.strip_prefix("https://huggingface.co").unwrap_or(address);
    let rest = path.strip_prefix("/papers")?;
    if let Some(date) = rest.strip_prefix("/date/").or_else(|| rest.strip_prefix("?date=")) {
        return day(date).map(Period::Day);
    }
    match rest.split(['/', '?', '#']).nth(1) {
        Some("trending") => Some(Period::Trending),
        Some("week") => Some(Period::Week(None)),
        Some("month") => Some(Period::Month(None)),
        _ => None,
    }
}

/// `Apr 17` as month and day.
fn month_day(text: &str) -> Option<(i8, i8)> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (month, day) = text.split_once(' ')?;
    let month = MONTHS.iter().position(|name| *name == month)? as i8 + 1;
    Some((month, day.parse().ok()?))
}
