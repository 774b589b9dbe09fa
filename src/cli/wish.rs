//! What a reader can ask for, as options of a command. Stores nothing.

use crate::model::{HourMinute, Lines, Locale, Preferences, Rhythm, Topic, Topics, Zone};

/// What a reader can ask for.
#[derive(clap::Args, Debug)]
pub(super) struct WishArgs {
    /// Their time zone, such as Europe/Berlin
    #[arg(long)]
    zone: Option<Zone>,
    /// daily, weekdays, weekly:mon … weekly:sun, monthly:1 … monthly:31
    #[arg(long)]
    rhythm: Option<Rhythm>,
    /// The minute of their day, HH:MM
    #[arg(long, value_name = "HH:MM")]
    hour: Option<HourMinute>,
    /// Full cards in a digest; the rest follow as titles
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    max_papers: Option<u32>,
    /// Papers with fewer votes wait until they have them
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    min_votes: Option<u32>,
    /// The language of their mails: en, de, fr, es, ja, zh, with a country if need be (en-GB)
    #[arg(long, value_name = "LANGUAGE")]
    locale: Option<Locale>,
    /// Dates as 2026-11-23, the same in every language
    #[arg(long)]
    iso_dates: bool,
    /// What they want beside the papers: rising, trend, quiet, with commas between them; or none
    #[arg(long, value_name = "LINES")]
    pub(super) lines: Option<Lines>,
    /// Only papers that match: words, "phrases", OR, -not, title: abstract: author: org:
    /// keyword:, votes>=20, stars>=20, has:code; may be given several times
    #[arg(long = "topic", value_name = "QUERY")]
    topics: Vec<Topic>,
}

impl WishArgs {
    /// The same as preferences; what was not said is left open.
    pub(super) fn preferences(&self) -> Preferences {
        Preferences {
            rhythm: self.rhythm,
            hour: self.hour,
            zone: self.zone.clone(),
            max_papers: self.max_papers,
            min_votes: self.min_votes,
            locale: self.locale.clone(),
            iso_dates: self.iso_dates,
            lines: self.lines.unwrap_or_default(),
            topics: Topics::from(self.topics.clone()),
        }
    }
}
