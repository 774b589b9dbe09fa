//! `/admin/sources`: where papers come from, how that goes, and what was set aside: shown first for
//! what would come of it, then read again by the same verb as `source replay`.

use std::path::PathBuf;

use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Office;
use super::guard::{Sent, Visitor};
use super::today::spaced;
use super::view::{Stop, When, ago, answer, encoded, go, office, page, when};
use crate::config::Source;
use crate::source::Origin;
use crate::store::FetchRow;
use crate::web::Shared;
use crate::web::place::{Asked, Piece};
use axum::http::StatusCode;

/// How a source is doing.
#[derive(Clone, Debug, Serialize)]
pub(super) struct SourceView {
    name: String,
    /// The name within an address.
    place: String,
    kind: &'static str,
    url: String,
    schedule: String,
    /// good, bad, or never.
    state: &'static str,
    last_good: Option<When>,
    ago: String,
    listed: String,
    /// Why the last fetch was set aside, if it was.
    fault: String,
}

#[derive(Serialize)]
struct List {
    sources: Vec<SourceView>,
}

/// How many fetches a page tells of.
const SHOWN: u32 = 100;

/// How each source is doing.
pub(super) async fn views(
    app: &Shared,
    office: &Office,
    now: Timestamp,
) -> Result<Vec<SourceView>, Stop> {
    let mut views = Vec::new();
    for source in &office.sources {
        views.push(view(app, source, now).await?);
    }
    Ok(views)
}

async fn view(app: &Shared, source: &Source, now: Timestamp) -> Result<SourceView, Stop> {
    let store = &app.site.store;
    let good = store.last_good_fetch(&source.name, now).await?;
    let last = store.last_fetches(&source.name, now, 1).await?.into_iter().next();
    let fault = last.as_ref().filter(|fetch| is_bad(fetch));
    Ok(SourceView {
        name: source.name.clone(),
        place: encoded(&source.name),
        kind: source.kind.word(),
        url: source.url.to_string(),
        schedule: source.schedule.to_string(),
        state: match (&last, &fault) {
            (None, _) => "never",
            (_, Some(_)) => "bad",
            _ => "good",
        },
        ago: good.as_ref().map_or_else(|| "never".to_owned(), |fetch| ago(now, fetch.at)),
        listed: good.as_ref().map_or_else(String::new, told),
        last_good: good.map(|fetch| when(app, fetch.at)),
        fault: fault.map(|fetch| fetch.reason.clone().unwrap_or_default()).unwrap_or_default(),
    })
}

fn is_bad(fetch: &FetchRow) -> bool {
    matches!(fetch.outcome.as_str(), "broken" | "incomplete")
}

/// What a fetch brought.
fn told(fetch: &FetchRow) -> String {
    match fetch.outcome.as_str() {
        "good" => format!("{} listed, {} new", spaced(fetch.listed), spaced(fetch.new)),
        other => other.to_owned(),
    }
}

/// The list.
pub(super) async fn list(State(app): State<Shared>, visitor: Visitor) -> Response {
    answer(&app, &visitor, async {
        let sources = views(&app, office(&app)?, app.site.clock.now()).await?;
        page(&app, &visitor, "sources", "sources", List { sources })
    })
    .await
}

/// What a page about one source may be asked.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Wish {
    said: String,
    /// A fetch whose kept page is to be tried: its moment in microseconds.
    at: Option<i64>,
}

#[derive(Serialize)]
struct One {
    source: SourceView,
    fetches: Vec<FetchView>,
    /// What would come of a kept page, where that was asked.
    trial: Option<Trial>,
    said: String,
}

#[derive(Serialize)]
struct FetchView {
    at: When,
    /// The same in microseconds.
    micros: i64,
    outcome: String,
    bad: bool,
    told: String,
    reason: String,
    kept: bool,
}

#[derive(Serialize)]
struct Trial {
    at: When,
    micros: i64,
    file: String,
    outcome: &'static str,
    /// Whether reading it again would bring papers.
    good: bool,
    listed: u64,
    new: u64,
    rejected: u64,
    reason: String,
}

/// One source: its fetches, and what would come of a kept page.
pub(super) async fn one(
    State(app): State<Shared>,
    visitor: Visitor,
    Piece(name): Piece,
    Asked(wish): Asked<Wish>,
) -> Response {
    answer(&app, &visitor, async {
        let office = office(&app)?;
        let source = find(office, &name)?;
        let trial = match wish.at {
            Some(at) => Some(trial(&app, office, source, at).await?),
            None => None,
        };
        let fetches = app.site.store.last_fetches(&source.name, Timestamp::MAX, SHOWN).await?;
        let fetches = fetches.into_iter().map(|fetch| FetchView {
            at: when(&app, fetch.at),
            micros: fetch.at.as_microsecond(),
            bad: is_bad(&fetch),
            told: told(&fetch),
            kept: fetch.kept.is_some(),
            reason: fetch.reason.unwrap_or_default(),
            outcome: fetch.outcome,
        });
        let context = One {
            source: view(&app, source, app.site.clock.now()).await?,
            fetches: fetches.collect(),
            trial,
            said: wish.said,
        };
        page(&app, &visitor, "sources", "source", context)
    })
    .await
}

/// Reads a kept page again, as `source replay` does.
pub(super) async fn replay(
    State(app): State<Shared>,
    visitor: Visitor,
    Piece(name): Piece,
    Sent(form): Sent,
) -> Response {
    answer(&app, &visitor, async {
        let office = office(&app)?;
        let source = find(office, &name)?;
        let at = form.get("at").and_then(|at| at.parse().ok()).unwrap_or(0);
        let file = kept(&app, source, at).await?;
        let shown = file.display().to_string();
        let origin = Origin::File(file);
        let report = office.collector.collect_once(source, Some(&origin)).await?;
        let detail = format!("{shown}: {report}");
        office.admins.note(&visitor.by(), "source.replay", &source.name, detail).await?;
        let said = match report.outcome {
            crate::model::FetchOutcome::Good => "replayed",
            _ => "refused",
        };
        Ok(go(format!("/admin/sources/{}?said={said}", encoded(&source.name))))
    })
    .await
}

fn find<'a>(office: &'a Office, name: &str) -> Result<&'a Source, Stop> {
    let found = office.sources.iter().find(|source| source.name == name);
    found.ok_or(Stop::Refused(StatusCode::NOT_FOUND))
}

/// The page that was kept of the fetch at that moment: none but those that the store knows.
async fn kept(app: &Shared, source: &Source, at: i64) -> Result<PathBuf, Stop> {
    let fetches = app.site.store.last_fetches(&source.name, Timestamp::MAX, SHOWN).await?;
    let fetch = fetches.into_iter().find(|fetch| fetch.at.as_microsecond() == at);
    let file = fetch.and_then(|fetch| fetch.kept).map(PathBuf::from);
    file.ok_or(Stop::Refused(StatusCode::NOT_FOUND))
}

async fn trial(app: &Shared, office: &Office, source: &Source, at: i64) -> Result<Trial, Stop> {
    let file = kept(app, source, at).await?;
    let report = office.collector.rehearse_once(source, Some(&Origin::File(file.clone()))).await?;
    Ok(Trial {
        at: when(app, Timestamp::from_microsecond(at).unwrap_or(Timestamp::UNIX_EPOCH)),
        micros: at,
        file: file.display().to_string(),
        outcome: report.outcome.word(),
        good: report.outcome == crate::model::FetchOutcome::Good,
        listed: report.listed,
        new: report.new,
        rejected: report.rejected,
        reason: report.reason.unwrap_or_default(),
    })
}
