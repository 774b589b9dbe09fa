//! The verdict on a listing: whether it may touch the papers. Pure: what was asked, what
//! came, what came lately, and what time it is. Never sees bytes.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use url::Url;

use super::api::parameter;
use super::cards::period_of;
use super::item::day;
use super::{Known, Reading};
use crate::model::{FetchOutcome, Period};

/// What an address asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Nothing: a saved page is taken for what it says.
    Anything,
    /// What is newest, whatever that is.
    Newest,
    /// That day.
    Day(Date),
    /// The week with that Monday, where the address could be read.
    Week(Option<Date>),
    /// The month with that first day, where the address could be read.
    Month(Option<Date>),
    /// What trends.
    Trending,
}

impl Asked {
    /// What `url` asks for.
    pub fn of(url: &Url) -> Self {
        if let Some(date) = parameter(url, "date") {
            return day(&date).map_or(Self::Newest, Self::Day);
        }
        if let Some(week) = parameter(url, "week") {
            return Self::Week(monday(&week));
        }
        if let Some(month) = parameter(url, "month") {
            return Self::Month(day(&format!("{month}-01")));
        }
        let last = url.path().trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        match period_of(url.path()) {
            Some(Period::Day(day)) => Self::Day(day),
            Some(Period::Week(_)) => Self::Week(monday(last)),
            Some(Period::Month(_)) => Self::Month(day(&format!("{last}-01"))),
            Some(Period::Trending) => Self::Trending,
            _ if parameter(url, "sort").as_deref() == Some("trending") => Self::Trending,
            _ => Self::Newest,
        }
    }

    /// Why a list of `period` does not answer this.
    fn mismatch(self, period: Period) -> Option<String> {
        let fits = match (self, period) {
            (Self::Anything | Self::Newest, _) => true,
            (Self::Day(asked), Period::Day(got)) => asked == got,
            // The source dates a week by the Sunday before it.
            (Self::Week(Some(monday)), Period::Week(Some(got))) => {
                monday.checked_sub(1.day()).is_ok_and(|first| first <= got)
                    && monday.checked_add(6.days()).is_ok_and(|last| got <= last)
            }
            (Self::Month(Some(asked)), Period::Month(Some(got))) => {
                (asked.year(), asked.month()) == (got.year(), got.month())
            }
            (Self::Week(_), Period::Week(_))
            | (Self::Month(_), Period::Month(_))
            | (Self::Trending, Period::Trending) => true,
            _ => false,
        };
        let asked = match self {
            Self::Day(day) => Period::Day(day),
            Self::Week(day) => Period::Week(day),
            Self::Month(day) => Period::Month(day),
            _ => Period::Trending,
        };
        (!fits).then(|| format!("asked for {}, got {}", named(asked), named(period)))
    }
}

/// The Monday of a week such as `2026-W39`.
fn monday(week: &str) -> Option<Date> {
    let (year, week) = week.split_once("-W")?;
    jiff::civil::ISOWeekDate::new(year.parse().ok()?, week.parse().ok()?, Weekday::Monday)
        .ok()
        .map(|date| date.date())
}

fn named(period: Period) -> String {
    match period {
        Period::Day(day) => day.to_string(),
        Period::Week(Some(day)) => format!("the week of {day}"),
        Period::Month(Some(day)) => format!("the month of {day}"),
        Period::Week(None) => "a week".to_owned(),
        Period::Month(None) => "a month".to_owned(),
        Period::Trending => "what trends".to_owned(),
        Period::Feed => "a list without a date".to_owned(),
    }
}

/// Judges what was read. The reason is there for every outcome but a plainly good one.
pub fn judge(
    asked: Asked,
    reading: &Reading,
    known: &Known,
    now: Timestamp,
) -> (FetchOutcome, Option<String>) {
    let listing = &reading.listing;
    let today = now.to_zoned(TimeZone::UTC).date();
    let papers = listing.papers.len();
    let rejected = listing.rejected.len();
    let broken = |reason: String| (FetchOutcome::Broken, Some(reason));
    let incomplete = |reason: String| (FetchOutcome::Incomplete, Some(reason));

    if let Some(reason) = asked.mismatch(listing.period) {
        return broken(reason);
    }
    if let Some(day) = listing.period.day()
        && today.tomorrow().is_ok_and(|tomorrow| day > tomorrow)
    {
        return broken(format!("it lists {day}, which is still to come"));
    }
    if rejected > papers {
        let first = listing.rejected.first();
        let first = first.map_or_else(String::new, |first| {
            format!("; the first, item {}: {}", first.item, first.reason)
        });
        return broken(format!("{rejected} of {} items cannot be read{first}", papers + rejected));
    }
    if let Some((cards, missing)) = reading.cards
        && missing * 5 > cards
    {
        let reason =
            format!("{missing} of the {cards} papers shown are missing from the page's data");
        return incomplete(reason);
    }
    if let Some(reason) = shrunk(listing.period, papers, known, today) {
        return incomplete(reason);
    }
    if papers == 0 {
        return match quiet(reading, today) {
            Some(reason) => (FetchOutcome::Empty, Some(reason)),
            None => incomplete(format!("no papers in the list of {}", named(listing.period))),
        };
    }
    (FetchOutcome::Good, remark(reading, rejected))
}

/// Why far too few papers came, measured by what came lately.
fn shrunk(period: Period, papers: usize, known: &Known, today: Date) -> Option<String> {
    if let Some(day) = period.day() {
        let before = known.most_of(day);
        if papers * 2 < before {
            return Some(format!("{papers} papers, where {day} listed {before} before"));
        }
    }
    let median = known.median(period)?;
    let (few, lately) = match period {
        Period::Feed => return None,
        // A day fills all day long, and holidays have lists of three.
        Period::Day(day) if day < today => (papers * 3 < median, "a whole day"),
        Period::Day(_) => (papers > 0 && papers * 100 < median * 8, "a day"),
        _ => (papers * 2 < median, "it"),
    };
    few.then(|| format!("only {papers} papers, where {lately} lately listed {median}"))
}

/// Why it is no wonder that there are no papers.
fn quiet(reading: &Reading, today: Date) -> Option<String> {
    match reading.listing.period {
        Period::Day(day) if matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) => {
            Some(format!("{day} is a weekend day"))
        }
        Period::Day(day) if holiday(day) => Some(format!("{day} is a holiday")),
        Period::Day(day) if day >= today => Some(format!("{day} has no papers yet")),
        Period::Feed if reading.quiet => Some("the feed announces nothing".to_owned()),
        Period::Feed if matches!(today.weekday(), Weekday::Saturday | Weekday::Sunday) => {
            Some("it is the weekend".to_owned())
        }
        _ => None,
    }
}

/// The days around the turn of the year, when lists are short or missing.
fn holiday(day: Date) -> bool {
    matches!((day.month(), day.day()), (12, 24..) | (1, 1 | 2))
}

/// What the admin should know of a good listing.
fn remark(reading: &Reading, rejected: usize) -> Option<String> {
    let mut remarks: Vec<String> = reading.note.iter().cloned().collect();
    match reading.cards {
        Some((0, _)) => remarks.push("the visible cards were not found".to_owned()),
        Some((cards, missing)) if missing > 0 => {
            remarks
                .push(format!("{missing} of the {cards} papers shown are not in the page's data"));
        }
        _ => {}
    }
    if rejected > 0 {
        remarks.push(format!("{rejected} items could not be read"));
    }
    (!remarks.is_empty()).then(|| remarks.join("; "))
}

#[cfg(test)]
mod tests {
    use super::super::Seen;
    use super::*;
    use crate::model::{Listing, Paper, PaperId, Rejected};

    const NOW: &str = "2026-11-18T09:00:00Z"; // a Wednesday

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn reading(period: Period, papers: usize) -> Reading {
        let paper = |n| Paper::new(PaperId::from_url(&format!("{n}")), "T", "https://example.org");
        Reading::new(Listing { period, papers: (0..papers).map(paper).collect(), rejected: vec![] })
    }

    fn of_day(day: &str, papers: usize) -> Reading {
        reading(Period::Day(date(day)), papers)
    }

    fn known(counts: &[(&str, u32)]) -> Known {
        let seen =
            |(day, papers): &(&str, u32)| Seen { period: Period::Day(date(day)), papers: *papers };
        Known { recent: counts.iter().map(seen).collect() }
    }

    fn verdict(asked: Asked, reading: &Reading, known: &Known) -> &'static str {
        judge(asked, reading, known, NOW.parse().unwrap()).0.word()
    }

    #[test]
    fn addresses_say_what_they_ask_for() {
        for (url, asked) in [
            ("https://huggingface.co/papers", Asked::Newest),
            ("https://huggingface.co/papers/date/2026-11-17", Asked::Day(date("2026-11-17"))),
            ("https://huggingface.co/papers?date=2026-11-17", Asked::Day(date("2026-11-17"))),
            (
                "https://huggingface.co/api/daily_papers?date=2026-11-17&p=1",
                Asked::Day(date("2026-11-17")),
            ),
            ("https://huggingface.co/papers/week/2026-W39", Asked::Week(Some(date("2026-09-21")))),
            ("https://huggingface.co/papers/month/2026-09", Asked::Month(Some(date("2026-09-01")))),
            ("https://huggingface.co/papers/trending", Asked::Trending),
            ("http://127.0.0.1:8099/ok", Asked::Newest),
        ] {
            assert_eq!(Asked::of(&url.parse().unwrap()), asked, "{url}");
        }
    }

    #[test]
    fn another_day_than_asked_is_broken() {
        let none = Known::default();
        let page = of_day("2026-11-16", 30);
        let asked = Asked::Day(date("2026-11-17"));
        let (outcome, reason) = judge(asked, &page, &none, NOW.parse().unwrap());
        assert_eq!(outcome.word(), "broken");
        assert_eq!(reason.unwrap(), "asked for 2026-11-17, got 2026-11-16");
        assert_eq!(verdict(Asked::Newest, &page, &none), "good");
        assert_eq!(verdict(Asked::Newest, &of_day("2026-11-20", 30), &none), "broken");
        assert_eq!(verdict(Asked::Trending, &page, &none), "broken");
        let week = |day: &str| reading(Period::Week(Some(date(day))), 105);
        let asked = Asked::Week(Some(date("2026-09-21")));
        assert_eq!(verdict(asked, &week("2026-09-20"), &none), "good");
        assert_eq!(verdict(asked, &week("2026-09-13"), &none), "broken");
    }

    #[test]
    fn days_that_shrank_are_incomplete_and_days_that_fill_are_not() {
        let lately = known(&[
            ("2026-11-10", 40),
            ("2026-11-11", 20),
            ("2026-11-11", 33),
            ("2026-11-12", 15),
        ]);
        for (day, papers, outcome) in [
            ("2026-11-17", 11, "good"),
            ("2026-11-17", 10, "incomplete"),
            ("2026-11-18", 3, "good"),
            ("2026-11-18", 2, "incomplete"),
            ("2026-11-10", 20, "good"),
            ("2026-11-10", 19, "incomplete"),
        ] {
            assert_eq!(
                verdict(Asked::Newest, &of_day(day, papers), &lately),
                outcome,
                "{day} {papers}"
            );
        }
        // Two days are too few to judge by.
        let two = known(&[("2026-11-10", 40), ("2026-11-11", 40)]);
        assert_eq!(verdict(Asked::Newest, &of_day("2026-11-17", 1), &two), "good");
        let trending = Seen { period: Period::Trending, papers: 50 };
        let trends = Known { recent: vec![trending; 3] };
        assert_eq!(verdict(Asked::Trending, &reading(Period::Trending, 24), &trends), "incomplete");
        assert_eq!(verdict(Asked::Trending, &reading(Period::Trending, 25), &trends), "good");
        assert_eq!(verdict(Asked::Newest, &reading(Period::Feed, 1), &trends), "good");
    }

    #[test]
    fn no_papers_are_expected_only_on_quiet_days() {
        let none = Known::default();
        for (page, outcome) in [
            (of_day("2026-11-14", 0), "empty"),
            (of_day("2026-11-17", 0), "incomplete"),
            (of_day("2026-11-18", 0), "empty"),
            (of_day("2025-12-25", 0), "empty"),
            (reading(Period::Trending, 0), "incomplete"),
            (reading(Period::Feed, 0), "incomplete"),
            (Reading { quiet: true, ..reading(Period::Feed, 0) }, "empty"),
        ] {
            assert_eq!(
                verdict(Asked::Anything, &page, &none),
                outcome,
                "{:?}",
                page.listing.period
            );
        }
        let listed = known(&[("2026-11-18", 12)]);
        assert_eq!(verdict(Asked::Newest, &of_day("2026-11-18", 0), &listed), "incomplete");
    }

    #[test]
    fn rejected_items_and_cards_that_disagree_are_told() {
        let none = Known::default();
        let mut page = of_day("2026-11-17", 10);
        page.cards = Some((10, 2));
        assert_eq!(verdict(Asked::Newest, &page, &none), "good");
        page.cards = Some((10, 3));
        assert_eq!(verdict(Asked::Newest, &page, &none), "incomplete");
        page.cards = None;
        page.listing.rejected = vec![Rejected { item: "0".into(), reason: "x".into() }; 10];
        assert_eq!(verdict(Asked::Newest, &page, &none), "good");
        page.listing.rejected.push(Rejected { item: "0".into(), reason: "x".into() });
        assert_eq!(verdict(Asked::Newest, &page, &none), "broken");
    }
}
