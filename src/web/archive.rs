//! `/archive`: the days on which papers were first seen, and a page for each, on the site's own
//! calendar.

use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Shared;
use super::error::Fault;
use super::kept::Page;
use super::place::{Asked, Piece};
use crate::render::PaperView;

/// Days looked back from the newest of a page.
const DAYS: i64 = 60;
/// Papers shown of one day.
const MOST: u32 = 500;

/// Where a page of days begins.
#[derive(Deserialize)]
pub(super) struct From {
    before: Option<String>,
}

#[derive(Serialize)]
struct Days {
    days: Vec<Day>,
    /// The day before which the next page begins; empty: there are no more.
    older: String,
    first_page: bool,
}

#[derive(Serialize)]
struct Day {
    date: String,
    words: String,
    count: usize,
}

#[derive(Serialize)]
struct Papers {
    date: String,
    words: String,
    papers: Vec<PaperView>,
    earlier: String,
    later: String,
}

/// The days, the newest first.
pub(super) async fn days(State(app): State<Shared>, Asked(from): Asked<From>) -> Response {
    let make = async {
        let zone = app.site.zone.rules();
        let first_page = from.before.is_none();
        let end = match from.before.as_deref().map(str::parse::<Date>) {
            None => Timestamp::MAX,
            Some(Ok(day)) => midnight(&app, day).ok_or(Fault::Missing)?,
            Some(Err(_)) => return Err(Fault::Missing),
        };
        let Some(newest) = app.site.store.last_listed(end).await? else {
            let none = Days { days: Vec::new(), older: String::new(), first_page };
            return Ok((app.pages.render("archive.html", none)?.0, false));
        };
        let last = zone.to_datetime(newest).date();
        let start = last
            .checked_sub(SignedDuration::from_hours(24 * DAYS))
            .ok()
            .and_then(|day| midnight(&app, day))
            .unwrap_or(Timestamp::MIN);
        let mut days: Vec<Day> = Vec::new();
        for at in app.site.store.listed_moments(start, end).await? {
            let date = zone.to_datetime(at).date();
            match days.last_mut() {
                Some(day) if day.date == date.to_string() => day.count += 1,
                _ => days.push(Day { date: date.to_string(), words: words(date), count: 1 }),
            }
        }
        let more = app.site.store.last_listed(start).await?.is_some();
        let older = days.last().filter(|_| more).map_or_else(String::new, |day| day.date.clone());
        Ok((app.pages.render("archive.html", Days { days, older, first_page })?.0, true))
    };
    let address = format!("archive?{}", from.before.as_deref().unwrap_or_default());
    shown(&app, app.kept.page(&address, make).await)
}

/// The papers first seen on one day, the best first.
pub(super) async fn day(State(app): State<Shared>, Piece(text): Piece) -> Response {
    let make = async {
        let date: Date =
            text.parse().ok().filter(|day: &Date| day.to_string() == text).ok_or(Fault::Missing)?;
        let next = date.tomorrow().map_err(|_| Fault::Missing)?;
        let (Some(from), Some(to)) = (midnight(&app, date), midnight(&app, next)) else {
            return Err(Fault::Missing);
        };
        let mut listed = app.site.store.listed(from, to, MOST).await?;
        if listed.is_empty() {
            return Err(Fault::Missing);
        }
        listed.sort_by_key(|one| std::cmp::Reverse(one.paper.votes.unwrap_or(0)));
        let zone = app.site.zone.rules();
        let date_of = |at: Option<Timestamp>| {
            at.map_or_else(String::new, |at| zone.to_datetime(at).date().to_string())
        };
        let later = app.site.store.listed_moments(to, Timestamp::MAX).await?;
        let papers = Papers {
            words: words(date),
            date: text.clone(),
            papers: (1..)
                .zip(&listed)
                .map(|(rank, one)| PaperView::new(rank, &one.paper))
                .collect(),
            earlier: date_of(app.site.store.last_listed(from).await?),
            later: date_of(later.last().copied()),
        };
        Ok((app.pages.render("day.html", papers)?.0, true))
    };
    shown(&app, app.kept.page(&format!("archive/{text}"), make).await)
}

fn shown(app: &Shared, page: Result<std::sync::Arc<Page>, Fault>) -> Response {
    match page {
        Ok(page) => Html(page.text.clone()).into_response(),
        Err(fault) => fault.page(app),
    }
}

/// The first moment of a day on the site's calendar.
fn midnight(app: &Shared, day: Date) -> Option<Timestamp> {
    day.to_zoned(app.site.zone.rules().clone()).ok().map(|at| at.timestamp())
}

fn words(day: Date) -> String {
    day.strftime("%A, %-d %B %Y").to_string()
}
