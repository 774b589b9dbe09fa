//! `/admin/queue`: what waits and what is stuck; tried at once, or dropped, one by one or all that
//! match, with their number first.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::guard::{Sent, Visitor};
use super::today::spaced;
use super::view::{Stop, When, answer, go, office, page, when};
use crate::model::{DeliveryState, EmailAddress};
use crate::store::{QueueFilter, Tended};
use crate::web::Shared;
use crate::web::form::Form;
use crate::web::place::{Asked, Piece};

/// Which deliveries.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Wish {
    /// A state, `doubtful`, `any`, or empty for those that wait.
    state: String,
    /// An address, or `@` and a domain.
    to: String,
    relay: String,
    /// How many days back.
    days: String,
    #[serde(skip_serializing)]
    before: Option<i64>,
    #[serde(skip_serializing)]
    said: String,
    #[serde(skip_serializing)]
    count: Option<u64>,
}

#[derive(Serialize)]
struct Context {
    wish: Wish,
    states: [(&'static str, &'static str); 8],
    days: [(&'static str, &'static str); 4],
    counts: Vec<(String, String)>,
    /// Of how many, the newest, these are the counts; empty: of all.
    counted: String,
    /// Whether any of those that match could be tried or dropped.
    tended: bool,
    lines: Vec<Line>,
    /// The query of the next page.
    next: String,
    said: String,
    count: String,
    wrong: String,
}

#[derive(Serialize)]
struct Line {
    id: i64,
    email: String,
    subscriber: i64,
    kind: String,
    state: String,
    waits: bool,
    attempts: i64,
    planned: When,
    next: When,
    ended: Option<When>,
    relay: String,
    reason: String,
}

#[derive(Serialize)]
struct Confirm {
    what: &'static str,
    verb: &'static str,
    count: u64,
    ids: Vec<i64>,
    wish: Wish,
    why: String,
    back: String,
}

#[derive(Serialize)]
struct One {
    facts: Vec<(&'static str, String)>,
    tries: Vec<Try>,
    email: String,
    id: i64,
    waits: bool,
}

#[derive(Serialize)]
struct Try {
    at: When,
    relay: String,
    outcome: String,
    reply: String,
}

const SHOWN: u32 = 40;
/// The most that are counted.
const COUNTED: u32 = 100_000;

const STATES: [(&str, &str); 8] = [
    ("", "all that are not done"),
    ("deferred", "put off by a relay"),
    ("sending", "being sent"),
    ("sent", "sent"),
    ("failed", "failed: refused for good"),
    ("skipped", "not sent: dropped, too late, unwanted"),
    ("doubtful", "perhaps sent twice"),
    ("any", "all"),
];

const DAYS: [(&str, &str); 4] = [
    ("", "the last 7 days"),
    ("1", "the last day"),
    ("30", "the last 30 days"),
    ("365", "the last year"),
];

/// The state of a mail in the words of the filter.
fn told(state: &str) -> &str {
    match state {
        "queued" => "waiting",
        "deferred" => "put off",
        "sending" => "being sent",
        "skipped" => "not sent",
        other => other,
    }
}

impl Wish {
    /// The filter, or a sentence about what cannot be read.
    fn filter(&self) -> Result<QueueFilter, String> {
        let mut filter = QueueFilter::default();
        match self.state.as_str() {
            "doubtful" => filter.doubtful = true,
            "any" | "" => {}
            word => {
                let state = DeliveryState::from_word(word);
                filter.state = Some(state.ok_or("There is no such state.")?);
            }
        }
        match self.to.trim() {
            "" => {}
            to if to.starts_with('@') => filter.domain = Some(to[1..].to_lowercase()),
            to => {
                let wrong =
                    |error| format!("{to} is no address ({error}); a domain begins with @.");
                let email: EmailAddress = to.parse().map_err(wrong)?;
                filter.email = Some(email);
            }
        }
        filter.relay = Some(self.relay.trim().to_owned()).filter(|relay| !relay.is_empty());
        Ok(filter)
    }

    fn since(&self, now: Timestamp) -> Timestamp {
        let days = self.days.parse::<i64>().ok().filter(|days| [1, 30, 365].contains(days));
        let hours = 24 * days.unwrap_or(7);
        now.saturating_sub(SignedDuration::from_hours(hours)).unwrap_or(now)
    }

    fn of(form: &Form) -> Self {
        let field = |name: &str| form.get(name).unwrap_or_default().to_owned();
        Self {
            state: field("state"),
            to: field("to"),
            relay: field("relay"),
            days: field("days"),
            ..Self::default()
        }
    }

    fn query(&self, more: &[(&str, &str)]) -> String {
        let own = [
            ("state", self.state.as_str()),
            ("to", &self.to),
            ("relay", &self.relay),
            ("days", &self.days),
        ];
        let set = own.iter().chain(more).filter(|(_, value)| !value.is_empty());
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(set).finish()
    }
}

/// The page.
pub(super) async fn list(
    State(app): State<Shared>,
    visitor: Visitor,
    Asked(wish): Asked<Wish>,
) -> Response {
    answer(&app, &visitor, shown(&app, &visitor, wish, String::new())).await
}

async fn shown(
    app: &Shared,
    visitor: &Visitor,
    wish: Wish,
    mut wrong: String,
) -> Result<Response, Stop> {
    let store = &app.site.store;
    let since = wish.since(app.site.clock.now());
    let (mut lines, mut counts, mut whole) = (Vec::new(), Vec::new(), true);
    match wish.filter() {
        Ok(filter) => {
            let filter = QueueFilter { any: wish.state == "any", ..filter };
            let before = wish.before.unwrap_or(0);
            lines = store.queue_page(&filter, since, before, SHOWN + 1).await?;
            let counted = store.queue_counts_since(&filter, since, COUNTED).await?;
            (counts, whole) = (counted.states, counted.whole);
        }
        Err(sentence) => wrong = sentence,
    }
    let more = lines.len() > SHOWN as usize;
    lines.truncate(SHOWN as usize);
    let last = lines.last().filter(|_| more).map(|line| line.id.to_string());
    let waits = |word: &str| matches!(word, "queued" | "deferred");
    let context = Context {
        tended: counts.iter().any(|(state, _)| waits(state.word()))
            || lines.iter().any(|line| waits(&line.state)),
        counted: match whole {
            true => String::new(),
            false => spaced(i64::from(COUNTED)),
        },
        counts: counts
            .iter()
            .map(|(state, count)| {
                let count = i64::try_from(*count).unwrap_or(i64::MAX);
                (told(state.word()).to_owned(), spaced(count))
            })
            .collect(),
        states: STATES,
        days: DAYS,
        next: last.map(|last| wish.query(&[("before", &last)])).unwrap_or_default(),
        lines: lines
            .into_iter()
            .map(|line| Line {
                id: line.id,
                waits: waits(&line.state),
                email: line.email,
                subscriber: line.subscriber,
                kind: line.kind,
                state: told(&line.state).to_owned(),
                attempts: line.attempts,
                planned: when(app, line.created_at),
                next: when(app, line.next_attempt_at),
                ended: line.finished_at.map(|at| when(app, at)),
                relay: line.relay.unwrap_or_default(),
                reason: line.reason.unwrap_or_default(),
            })
            .collect(),
        said: wish.said.clone(),
        count: wish
            .count
            .map(|count| spaced(i64::try_from(count).unwrap_or(0)))
            .unwrap_or_default(),
        wish,
        wrong,
    };
    page(app, visitor, "queue", "queue", context)
}

/// One delivery with every answer of a relay.
pub(super) async fn one(State(app): State<Shared>, visitor: Visitor, Piece(id): Piece) -> Response {
    answer(&app, &visitor, async {
        let id = id.parse().unwrap_or(0);
        let entry = app.site.store.queue_entry(id).await?;
        let entry = entry.ok_or(Stop::Refused(StatusCode::NOT_FOUND))?;
        let words = |at| when(&app, at).words();
        let doubt = entry.doubt();
        let mut facts = vec![
            ("To", entry.email.clone()),
            ("Subject", entry.subject),
            ("Kind", entry.kind),
            ("State", told(&entry.state).to_owned()),
            ("Attempts", entry.attempts.to_string()),
            ("Planned", words(entry.created_at)),
        ];
        match entry.finished_at {
            Some(at) => facts.push(("Ended", words(at))),
            None => facts.extend([
                ("Next attempt", words(entry.next_attempt_at)),
                ("Not sent after", words(entry.expires_at)),
            ]),
        }
        for (name, value) in [("Relay", entry.relay), ("Last answer", entry.reason)] {
            facts.extend(value.filter(|value| !value.is_empty()).map(|value| (name, value)));
        }
        facts.extend(doubt.map(|doubt| ("Doubtful", doubt.to_owned())));
        let tries = entry.tries.into_iter().map(|one| Try {
            at: when(&app, one.at),
            relay: one.relay,
            outcome: one.outcome,
            reply: one.reply,
        });
        let context = One {
            facts,
            tries: tries.collect(),
            email: entry.email,
            id,
            waits: matches!(entry.state.as_str(), "queued" | "deferred"),
        };
        page(&app, &visitor, "queue", "delivery", context)
    })
    .await
}

/// Tries or drops: those that are ticked, or all that match. What drops, and what touches all, is
/// shown with its number first.
pub(super) async fn act(State(app): State<Shared>, visitor: Visitor, Sent(form): Sent) -> Response {
    answer(&app, &visitor, async {
        let wish = Wish::of(&form);
        let ids: Vec<i64> = form.all("id").filter_map(|id| id.trim().parse().ok()).collect();
        let (drops, all) = match form.get("do") {
            Some("retry") => (false, false),
            Some("drop") => (true, false),
            Some("retry-all") => (false, true),
            Some("drop-all") => (true, true),
            _ => return Err(Stop::Fault(crate::web::error::Fault::Form)),
        };
        let mut filter = match wish.filter() {
            Ok(filter) => filter,
            Err(wrong) => return shown(&app, &visitor, wish, wrong).await,
        };
        if !all {
            if ids.is_empty() {
                let wrong = "Tick the mails first.".to_owned();
                return shown(&app, &visitor, wish, wrong).await;
            }
            filter = QueueFilter { ids: ids.clone(), ..QueueFilter::default() };
        }
        let why: String = form.get("why").unwrap_or_default().chars().take(200).collect();
        if (drops || all) && !form.says("sure", "yes") {
            let count = count(&app, &filter).await?;
            let context = Confirm {
                what: if drops { "drop" } else { "try" },
                verb: form.get("do").map_or("", |word| match word {
                    "drop" => "drop",
                    "drop-all" => "drop-all",
                    _ => "retry-all",
                }),
                count,
                ids: if all { Vec::new() } else { ids },
                back: format!("/admin/queue?{}", wish.query(&[])),
                wish,
                why,
            };
            return page(&app, &visitor, "queue", "queue_sure", context);
        }
        let (store, now) = (&app.site.store, app.site.clock.now());
        let by = visitor.by();
        let (what, said, tended) = if drops {
            let because = if why.is_empty() { String::new() } else { format!(": {why}") };
            let words = format!("by an admin ({}){because}", by.who);
            ("queue.drop", "dropped", store.drop_waiting(&filter, &words, now).await?)
        } else {
            ("queue.retry", "retried", store.retry_waiting(&filter, now).await?)
        };
        let about = match all {
            true => format!("all that match {}", wish.query(&[])),
            false => {
                let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
                format!("mails {}", ids.join(", "))
            }
        };
        let Tended { done, on_wire, ended } = tended;
        let detail = format!("{done} done, {on_wire} on the wire, {ended} ended before; {why}");
        office(&app)?.admins.note(&by, what, about, detail.trim_end_matches("; ")).await?;
        let count = done.to_string();
        Ok(go(format!("/admin/queue?{}", wish.query(&[("said", said), ("count", &count)]))))
    })
    .await
}

/// How many of those that match could be tried or dropped.
async fn count(app: &Shared, filter: &QueueFilter) -> Result<u64, Stop> {
    let counts = app.site.store.queue_counts(filter).await?;
    let waits = |state: &DeliveryState| matches!(state.word(), "queued" | "deferred");
    Ok(counts.iter().filter(|(state, _)| waits(state)).map(|(_, count)| count).sum())
}
