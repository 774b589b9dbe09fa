//! `/admin`: whether today went out, at a glance.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use serde::Serialize;

use super::guard::Visitor;
use super::sources::{self, SourceView};
use super::troubles::{self, Trouble};
use super::view::{answer, office, page};
use crate::model::SubscriberState;
use crate::store::{DayFigures, StoreError};
use crate::web::Shared;

/// What was counted of today.
#[derive(Debug)]
pub(in crate::web) struct Counted {
    figures: DayFigures,
    waiting: (i64, i64),
    later: i64,
    pub(super) subscribers: Vec<(SubscriberState, i64)>,
}

impl Counted {
    /// The day's numbers as they are kept for charts.
    pub(super) fn of_the_day(&self) -> BTreeMap<String, i64> {
        let standing = |(state, count): &(SubscriberState, i64)| {
            (format!("subscribers.{}", state.word()), *count)
        };
        let people = self.subscribers.iter().map(standing);
        self.figures.0.clone().into_iter().chain(people).collect()
    }
}

#[derive(Serialize)]
struct Context {
    day: String,
    troubles: Vec<Trouble>,
    cards: Vec<Card>,
    subscribers: Vec<(&'static str, String)>,
    sources: Vec<SourceView>,
}

/// A number with its name.
#[derive(Serialize)]
struct Card {
    name: &'static str,
    value: String,
    note: String,
    link: &'static str,
    bad: bool,
}

/// The page.
pub(super) async fn show(State(app): State<Shared>, visitor: Visitor) -> Response {
    answer(&app, &visitor, async {
        let office = office(&app)?;
        let now = app.site.clock.now();
        let counted = app.counted.get(count(&app, now)).await?;
        let context = Context {
            day: app.site.zone.civil(now).strftime("%A, %-d %B %Y").to_string(),
            troubles: troubles::open(&app, office, now).await?,
            cards: cards(&counted),
            subscribers: counted
                .subscribers
                .iter()
                .map(|(state, count)| (state.word(), spaced(*count)))
                .collect(),
            sources: sources::views(&app, office, now).await?,
        };
        page(&app, &visitor, "today", "today", context)
    })
    .await
}

pub(super) async fn count(app: &Shared, now: Timestamp) -> Result<Counted, StoreError> {
    let (store, zone) = (&app.site.store, &app.site.zone);
    let today = zone.civil(now).date();
    let start = |day: jiff::civil::Date| {
        day.to_zoned(zone.rules().clone()).map_or(now, |zoned| zoned.timestamp())
    };
    let (from, until) = (start(today), start(today.tomorrow().unwrap_or(today)));
    Ok(Counted {
        figures: store.counts_between(from, until).await?,
        waiting: store.count_waiting().await?,
        later: store.count_due_later(now, until).await?,
        subscribers: store.count_subscribers().await?,
    })
}

fn cards(counted: &Counted) -> Vec<Card> {
    let of = |name: &str| counted.figures.of(name);
    let sum = |begin: &str| counted.figures.sum(begin);
    let card = |name, value: i64, note: String, link, bad| Card {
        name,
        value: spaced(value),
        note,
        link,
        bad: bad && value > 0,
    };
    let good = sum("fetches.good/") + sum("fetches.unchanged/") + sum("fetches.empty/");
    let (waiting, deferred) = counted.waiting;
    let put_off = match deferred {
        0 => "none was put off".to_owned(),
        count => format!("{} put off by a relay", spaced(count)),
    };
    let planned = sum("digests.");
    let mut beside = Vec::new();
    if sum("resends.") > 0 {
        beside.push(format!("{} once more", spaced(of("resends.sent"))));
    }
    beside.push(format!("{} of {}", spaced(of("notices.sent")), many(sum("notices."), "notice")));
    let failed = ["digests.failed", "resends.failed", "notices.failed"].map(of).iter().sum();
    let papers = of("papers");
    vec![
        card(
            "Fetched",
            papers,
            format!("new {}, in {}", noun(papers, "paper"), many(good, "good fetch")),
            "/admin/sources",
            false,
        ),
        card("Planned", planned, noun(planned, "digest"), "/admin/queue?state=any&days=1", false),
        card(
            "Sent",
            of("digests.sent"),
            format!("{}, and {}", noun(of("digests.sent"), "digest"), beside.join(", ")),
            "/admin/queue?state=sent&days=1",
            false,
        ),
        card("Waiting", waiting, put_off, "/admin/queue", false),
        card(
            "Failed",
            failed,
            "refused for good".to_owned(),
            "/admin/queue?state=failed&days=1",
            true,
        ),
        card(
            "Bounced",
            sum("bounces."),
            format!("{} as spam", spaced(of("bounces.complaint"))),
            "/admin/charts",
            true,
        ),
        card(
            "Left",
            of("events.unsubscribed"),
            format!("{} came", spaced(of("came"))),
            "/admin/subscribers",
            false,
        ),
        card(
            "Due",
            counted.later,
            format!("{}, later today", noun(counted.later, "reader")),
            "/admin/subscribers",
            false,
        ),
    ]
}

/// The word for one or for several.
pub(super) fn noun(count: i64, one: &str) -> String {
    let more = if one.ends_with("ch") { "es" } else { "s" };
    format!("{one}{}", if count == 1 { "" } else { more })
}

/// A number with its word.
pub(super) fn many(count: i64, one: &str) -> String {
    format!("{} {}", spaced(count), noun(count, one))
}

/// A number in groups of three.
pub(super) fn spaced(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if number < 0 { format!("-{out}") } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        for (number, words) in
            [(0, "0"), (999, "999"), (1_000, "1,000"), (-1_234_567, "-1,234,567")]
        {
            assert_eq!(spaced(number), words);
        }
        assert_eq!(many(1, "good fetch"), "1 good fetch");
        assert_eq!(
            (many(0, "good fetch"), many(1_000, "digest")),
            ("0 good fetches".into(), "1,000 digests".into())
        );
    }
}
