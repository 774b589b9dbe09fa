//! What the templates of a digest are given.

use jiff::civil::Date;
use serde::Serialize;

use super::beside::{Beside, Hush, Moved, Trend};
use super::figures;
use super::link;
use super::markers::{Field, Markers};
use super::messages::Messages;
use super::paper::PaperView;
use super::words::{clean, shorten};
use crate::model::Locale;

/// Longest and shortest preheader, in characters: less and mail programs fill up with the
/// mail's first words, more is never shown.
const PREHEADER: (usize, usize) = (40, 130);

/// What surrounds the papers of a digest: everything that is not a paper.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The site's name.
    pub site_title: String,
    /// The site's address.
    pub site_url: String,
    /// The language of the mail's own words and dates.
    pub locale: Locale,
    /// The reader's civil date.
    pub date: Date,
    /// When digests come, such as `weekdays at 08:00, Europe/Berlin`.
    pub rhythm: String,
    /// What stands for the reader's own address and links.
    pub markers: Markers,
    /// Whether it is the first that its readers get.
    pub welcome: bool,
    /// Dates as `2026-11-23`, the same in every language.
    pub iso_dates: bool,
    /// The address of a person who helps.
    pub contact: String,
    /// Whether a reply can say what the reader wants.
    pub by_reply: bool,
    /// The postal address, one or more lines.
    pub postal_address: Option<String>,
    /// What stands beside the papers.
    pub beside: Beside,
}

/// The context of `mail/digest.*`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DigestContext {
    /// The site's name.
    pub site_title: String,
    /// The site's address.
    pub site_url: String,
    /// The language of the mail's own words, such as `en` (BCP 47).
    pub language: String,
    /// `Monday, November 23, 2026`, as the language has it.
    pub date_long: String,
    /// `Nov 23`, as the language has it.
    pub date_short: String,
    /// When digests come.
    pub rhythm: String,
    /// The reader's address.
    pub recipient: String,
    /// The page where the reader leaves.
    pub unsubscribe_url: String,
    /// The page where the reader changes what they get.
    pub preferences_url: String,
    /// This mail in a browser.
    pub browser_url: String,
    /// The page where the reader says of a paper that they want more or less like it, to
    /// which `?p=` and [`PaperView::key`] are added; empty: there is none.
    pub taste_url: String,
    /// Whether it is the first that its readers get.
    pub welcome: bool,
    /// The address of a person who helps.
    pub contact: String,
    /// The same as a link, with a subject that asks to unsubscribe.
    pub contact_url: String,
    /// Whether a reply can say what the reader wants.
    pub by_reply: bool,
    /// The postal address in one line.
    pub postal_address: Option<String>,
    /// How many papers the mail shows, cards and lines.
    pub count: usize,
    /// How many more there are, which come with the next digest.
    pub more: usize,
    /// What a mail program shows beside the subject.
    pub preheader: String,
    /// The papers shown in full, the lead first.
    pub cards: Vec<PaperView>,
    /// The papers shown by their titles.
    pub lines: Vec<PaperView>,
    /// Two earlier papers that are closest to the lead.
    pub related: Vec<Moved>,
    /// Papers that the reader was sent already and that still rise.
    pub rising: Vec<Moved>,
    /// What rose and what faded in a week.
    pub trend: Option<Trend>,
    /// Why nothing new came on the days before, or today.
    pub silence: Option<SilenceView>,
}

/// Days on which nothing new came, ready to be shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SilenceView {
    /// The first of them, such as `Saturday, 21 November`.
    pub from: String,
    /// The last of them.
    pub to: String,
    /// How many.
    pub days: usize,
    /// Whether it is the day of this mail.
    pub today: bool,
    /// Why.
    pub why: Hush,
}

impl DigestContext {
    /// A digest of the first `listed` of `papers`, the first `cards` of them in full.
    pub(super) fn new(
        messages: &Messages,
        frame: &Frame,
        papers: &[PaperView],
        listed: usize,
        cards: usize,
    ) -> Self {
        let shown = &papers[..listed.min(papers.len())];
        let (cards, lines) = shown.split_at(cards.min(shown.len()));
        let site_title = shorten(&clean(&frame.site_title), 60);
        let contact = clean(&frame.contact);
        let stop = format!("Unsubscribe from {site_title}");
        let show = |date: Date, words: fn(&Locale, Date) -> String| match frame.iso_dates {
            true => date.to_string(),
            false => words(&frame.locale, date),
        };
        let date = |words| show(frame.date, words);
        let day = |date| show(date, figures::date_long);
        Self {
            // A site without a usable address is not linked.
            site_url: link::web(&frame.site_url).unwrap_or_default(),
            language: frame.locale.to_string(),
            date_long: date(figures::date_long),
            date_short: date(figures::date_short),
            rhythm: clean(&frame.rhythm),
            recipient: frame.markers.of(Field::Address),
            unsubscribe_url: frame.markers.of(Field::Unsubscribe),
            preferences_url: frame.markers.of(Field::Preferences),
            browser_url: frame.markers.of(Field::Browser),
            taste_url: frame.markers.of(Field::Taste),
            welcome: frame.welcome,
            contact_url: link::mailto(&contact, &stop),
            contact,
            by_reply: frame.by_reply,
            postal_address: frame.postal_address.as_deref().map(postal),
            count: shown.len(),
            more: papers.len() - shown.len(),
            preheader: preheader(messages, &frame.locale, shown),
            site_title,
            cards: cards.to_vec(),
            lines: lines.to_vec(),
            related: frame.beside.related.clone(),
            rising: frame.beside.rising.clone(),
            trend: frame.beside.trend.clone(),
            silence: frame.beside.silence.map(|silence| SilenceView {
                from: day(silence.from),
                to: day(silence.to),
                days: silence.days,
                today: silence.to == frame.date,
                why: silence.why,
            }),
        }
    }
}

/// An address of several lines in one, its lines parted by commas.
pub(super) fn postal(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(clean).filter(|line| !line.is_empty()).collect();
    shorten(&lines.join(", "), 300)
}

/// The lead's summary, or what else is in the mail.
fn preheader(messages: &Messages, locale: &Locale, papers: &[PaperView]) -> String {
    let (least, most) = PREHEADER;
    let mut text = papers.first().map(|lead| lead.summary.clone()).unwrap_or_default();
    if text.chars().count() < least {
        let titles: Vec<&str> = papers.iter().skip(1).take(2).map(|p| p.title.as_str()).collect();
        let rest = messages.also(locale.language(), &titles);
        text = if text.is_empty() { rest } else { format!("{text} {rest}") };
    }
    shorten(&text, most)
}
