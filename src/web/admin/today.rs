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
    /// Planned before today, and waiting still.
    earlier: i64,
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

/// The states of a mail as the page tells them: each mail stands in one, so they add up.
const SENT: &[&str] = &["sent"];
const WAITING: &[&str] = &["queued", "sending", "deferred"];
const FAILED: &[&str] = &["failed"];
const SKIPPED: &[&str] = &["skipped"];
const STANDINGS: [(&str, &[&str]); 4] =
    [("sent", SENT), ("waiting", WAITING), ("failed", FAILED), ("not sent", SKIPPED)];

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
        earlier: store.count_late(from).await?,
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
    let standing = |family: &str, states: &[&str]| -> i64 {
        states.iter().map(|state| of(&format!("{family}.{state}"))).sum()
    };
    let mut waits = vec![match of("digests.deferred") {
        0 => "none was put off".to_owned(),
        count => format!("{} put off by a relay", spaced(count)),
    }];
    if counted.earlier > 0 {
        waits.push(format!("{} of earlier days", many(counted.earlier, "mail")));
    }
    // What is no digest of today stands apart, with all that became of it.
    let apart = |family: &str, words: String| {
        let parts = STANDINGS.iter().map(|(name, states)| (standing(family, states), name));
        let told = parts
            .filter(|(count, _)| *count > 0)
            .map(|(count, name)| format!("{} {name}", spaced(count)));
        std::iter::once(words).chain(told).collect::<Vec<_>>().join(", ")
    };
    let planned = sum("digests.");
    let (again, notices) = (sum("resends."), sum("notices."));
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
            standing("digests", SENT),
            "of these digests".to_owned(),
            "/admin/queue?state=sent&days=1",
            false,
        ),
        card("Waiting", standing("digests", WAITING), waits.join(", "), "/admin/queue", false),
        card(
            "Failed",
            standing("digests", FAILED),
            "refused for good".to_owned(),
            "/admin/queue?state=failed&days=1",
            true,
        ),
        card(
            "Not sent",
            standing("digests", SKIPPED),
            "dropped, too late, unwanted".to_owned(),
            "/admin/queue?state=skipped&days=1",
            false,
        ),
        card(
            "Once more",
            again,
            apart("resends", format!("{} sent again", noun(again, "digest"))),
            "/admin/queue?state=any&days=1",
            of("resends.failed") > 0,
        ),
        card(
            "Notices",
            notices,
            apart("notices", "to one person each".to_owned()),
            "/admin/queue?state=any&days=1",
            of("notices.failed") > 0,
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
