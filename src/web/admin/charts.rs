//! `/admin/charts`: what happened over time, from the numbers that are kept a day each. The pictures
//! are SVG in the pages' own colours, light and dark; each has its numbers below it as a table.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::chart::{Chart, Kind, Series, Strip};
use super::guard::Visitor;
use super::today;
use super::view::{answer, office, page};
use crate::store::DayFigure;
use crate::web::Shared;
use crate::web::place::Asked;

/// How far back.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Wish {
    days: Option<u16>,
}

#[derive(Serialize)]
struct Context {
    days: u16,
    choices: [u16; 4],
    charts: Vec<Chart>,
    strips: Vec<Strip>,
    /// Whether no day before today has numbers.
    new: bool,
}

const CHOICES: [u16; 4] = [7, 30, 90, 365];

/// Days and their numbers.
struct Kept {
    days: Vec<Date>,
    figures: BTreeMap<Date, BTreeMap<String, i64>>,
}

/// The page.
pub(super) async fn show(
    State(app): State<Shared>,
    visitor: Visitor,
    Asked(wish): Asked<Wish>,
) -> Response {
    answer(&app, &visitor, async {
        let days = wish.days.filter(|days| CHOICES.contains(days)).unwrap_or(30);
        let now = app.site.clock.now();
        let today = app.site.zone.civil(now).date();
        let first = today.checked_sub((i64::from(days) - 1).days()).unwrap_or(today);
        let mut kept = Kept::new(first, today, app.site.store.day_figures(first).await?);
        // Today's are counted anew: what is kept of it may be ten minutes old, or not be there yet.
        let counted = app.counted.get(today::count(&app, now)).await?;
        kept.figures.insert(today, counted.of_the_day());
        let sources = office(&app)?.sources.iter().map(|source| source.name.as_str());
        let context = Context {
            days,
            choices: CHOICES,
            charts: charts(&kept),
            strips: sources.map(|name| strip(&kept, name)).collect(),
            new: kept.figures.len() < 2,
        };
        page(&app, &visitor, "charts", "charts", context)
    })
    .await
}

impl Kept {
    fn new(first: Date, last: Date, rows: Vec<DayFigure>) -> Self {
        let mut figures: BTreeMap<Date, BTreeMap<String, i64>> = BTreeMap::new();
        // What was kept under another clock may lie beyond today.
        for row in rows.into_iter().filter(|row| row.day <= last) {
            figures.entry(row.day).or_default().insert(row.name, row.value);
        }
        let days = first.series(1.day()).take_while(|day| *day <= last).collect();
        Self { days, figures }
    }

    /// The sum of these numbers on each day; none where nothing is known of the day.
    fn each(&self, names: &[&str]) -> Vec<Option<i64>> {
        let of = |day: &Date| {
            let figures = self.figures.get(day)?;
            Some(names.iter().map(|name| figures.get(*name).copied().unwrap_or(0)).sum())
        };
        self.days.iter().map(of).collect()
    }

    /// The number on each day; none where it was not kept.
    fn exactly(&self, name: &str) -> Vec<Option<i64>> {
        self.days.iter().map(|day| self.figures.get(day)?.get(name).copied()).collect()
    }
}

fn charts(kept: &Kept) -> Vec<Chart> {
    let mails = |states: &[&str]| {
        let names = states.iter().flat_map(|state| {
            ["digests", "resends", "notices"].map(|kind| format!("{kind}.{state}"))
        });
        let names: Vec<String> = names.collect();
        kept.each(&names.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let subscribers = ["active", "paused", "pending", "unsubscribed", "suppressed"]
        .map(|state| Series::new(state, kept.exactly(&format!("subscribers.{state}"))));
    let series = |names: &[(&str, &str)]| -> Vec<Series> {
        names.iter().map(|(words, name)| Series::new(words, kept.each(&[name]))).collect()
    };
    let days = &kept.days;
    vec![
        Chart::new("subscribers", "Subscribers by state", Kind::Lines, days, subscribers.into()),
        Chart::new(
            "mails",
            "Mails planned each day, as they stand now",
            Kind::Bars,
            days,
            vec![
                Series::new("sent", mails(&["sent"])),
                Series::new("failed", mails(&["failed"])),
                Series::new("skipped", mails(&["skipped"])),
                Series::new("waiting", mails(&["queued", "sending", "deferred"])),
            ],
        ),
        Chart::new(
            "returns",
            "What came back",
            Kind::Bars,
            days,
            series(&[
                ("hard bounces", "bounces.hard"),
                ("complaints", "bounces.complaint"),
                ("soft bounces", "bounces.soft"),
                ("refused as policy", "bounces.policy"),
            ]),
        ),
        Chart::new(
            "moves",
            "Subscribers who came and left",
            Kind::Lines,
            days,
            series(&[("came", "came"), ("left", "events.unsubscribed")]),
        ),
        Chart::new(
            "papers",
            "Papers first seen each day",
            Kind::Bars,
            days,
            series(&[("papers", "papers")]),
        ),
    ]
}

/// The share of good fetches of a source on each day.
fn strip(kept: &Kept, name: &str) -> Strip {
    let of = |outcomes: &[&str]| {
        let names: Vec<String> =
            outcomes.iter().map(|outcome| format!("fetches.{outcome}/{name}")).collect();
        kept.each(&names.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let (good, bad) = (of(&["good", "unchanged", "empty"]), of(&["broken", "incomplete"]));
    Strip::new(name, &kept.days, &good, &bad)
}
