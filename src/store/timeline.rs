//! A person's timeline: what happened to them and to each of their mails, for `why`.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::bounces::kind;
use super::queue::is_held;
use super::subscribers::each;
use super::{Store, StoreError, Subscriber, either, instant, micros, sql};
use crate::model::{Feedback, MailKind, Way};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TimelineEvent {
    /// When.
    pub at: Timestamp,
    /// In a word: `subscribed`, `planned`, `sent`, `deferred`, `failed`, `skipped`,
    /// `nothing-new`, …
    pub what: String,
    /// What it was about.
    pub detail: String,
    /// Why, or what the relay answered.
    pub reason: Option<String>,
    /// The delivery that it is about, where it is about one that is known.
    #[serde(skip)]
    pub delivery: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct DeliveryColumns {
    id: i64,
    kind: String,
    created_at: i64,
    state: String,
    subject: String,
    day: String,
    papers: i64,
    finished_at: Option<i64>,
    relay: Option<String>,
    reason: Option<String>,
    doubtful: bool,
    next_attempt_at: i64,
}

/// What is noted of one thing that happened; what a kind has no word for is empty.
#[derive(sqlx::FromRow)]
struct Note {
    /// `event`, `bounce` or `attempt`.
    of: String,
    id: i64,
    /// The mail that it is about; 0: none that is known.
    delivery: i64,
    at: i64,
    /// What happened, the verdict of a report, or the outcome of an attempt.
    what: String,
    detail: String,
    /// Who told of it: the way of a report, or the relay.
    who: String,
    status: Option<String>,
    state: String,
}

/// A note of the profile that a subscriber had until then, beside what they see; see
/// [`super::interned`].
pub(super) const FORMER: &str = "former-profile";

/// How a delivery is told that asks its reader to confirm.
const ASKS: &str = "mail that asks to confirm";

impl TimelineEvent {
    /// Whether it is about a mail that asked the reader to confirm.
    pub fn asks_to_confirm(&self) -> bool {
        self.delivery.is_some()
            && self.detail.strip_prefix(ASKS).is_some_and(|rest| !rest.starts_with(' '))
    }
}

/// The ids of the deliveries to one reader, those of digests and the others each by their own
/// index.
const IDS: &str = "SELECT id FROM deliveries WHERE kind = 'digest' AND subscriber = $1 \
      UNION ALL SELECT id FROM deliveries WHERE kind <> 'digest' AND subscriber = $1";

/// Everything noted of one reader, by one statement: each costs a way to the database and back.
const NOTES: &str = "SELECT 'event' AS of, id, CAST(0 AS BIGINT) AS delivery, at, what, detail, \
      '' AS who, CAST(NULL AS TEXT) AS status, '' AS state \
      FROM subscriber_events WHERE subscriber = $1 \
    UNION ALL SELECT 'bounce', id, delivery, at, verdict, detail, way, status, state \
      FROM bounces WHERE subscriber = $1 \
    UNION ALL SELECT 'attempt', id, delivery, at, outcome, reply, relay, NULL, '' \
      FROM attempts WHERE delivery IN";

/// Deliveries to one reader; `LENGTH` is how many papers a digest has.
const DELIVERIES: &str = "SELECT d.id, d.kind, d.created_at, d.state, g.subject, g.day, \
    CAST(LENGTH AS BIGINT) AS papers, d.finished_at, d.relay, d.reason, d.doubtful, \
    d.next_attempt_at FROM deliveries d JOIN digests g ON g.id = d.digest \
    WHERE d.id IN";

impl Store {
    /// Everything that happened to `subscriber`, the oldest first.
    pub async fn timeline(
        &self,
        subscriber: &Subscriber,
    ) -> Result<Vec<TimelineEvent>, StoreError> {
        let deliveries: Vec<DeliveryColumns> = either(
            format!("{} ({IDS})", DELIVERIES.replace("LENGTH", "json_array_length(g.papers)")),
            format!(
                "{} ({IDS})",
                DELIVERIES.replace("LENGTH", "jsonb_array_length(CAST(g.papers AS jsonb))")
            ),
        )
        .bind(subscriber.id)
        .fetch_all(&self.read)
        .await?;
        let mut notes: Vec<Note> =
            sql(format!("{NOTES} ({IDS})")).bind(subscriber.id).fetch_all(&self.read).await?;
        notes.sort_by_key(|note| note.id);
        let abouts: HashMap<i64, String> =
            deliveries.iter().map(|delivery| (delivery.id, about(delivery))).collect();
        let mut events = Vec::new();
        let mut said = Vec::new();
        let mut tried: HashMap<i64, Vec<Note>> = HashMap::new();
        // The profiles that they had before, and until when.
        let mut before: Vec<(i64, i64)> = Vec::new();
        for note in notes {
            match note.of.as_str() {
                "event" if note.what == FORMER => {
                    before.extend(note.detail.parse().ok().map(|profile| (note.at, profile)));
                }
                "event" => events.push(event(note.at, &note.what, note.detail, None)),
                "attempt" => tried.entry(note.delivery).or_default().push(note),
                _ => {
                    let about = abouts.get(&note.delivery).map(String::as_str);
                    let delivery = about.map(|_| note.delivery);
                    said.push(TimelineEvent { delivery, ..said_of(note, about) });
                }
            }
        }
        events.extend(said);
        // Few have any, and the others need not be looked for.
        let rated =
            if subscriber.has_taste { self.rated(subscriber.id).await? } else { Vec::new() };
        events.extend(rated.into_iter().map(|one| {
            let detail = match one.feedback {
                Feedback::More => format!("more like: {}", one.title),
                Feedback::Less => format!("less like: {}", one.title),
                Feedback::Hide => format!("never again: {}", one.title),
            };
            event(micros(one.at), "taste", detail, None)
        }));
        for delivery in deliveries {
            let attempts = tried.remove(&delivery.id).unwrap_or_default();
            let (id, from) = (delivery.id, events.len());
            tell(&mut events, delivery, attempts);
            events[from..].iter_mut().for_each(|event| event.delivery = Some(id));
        }

        before.push((i64::MAX, subscriber.profile));
        let profiles = Value::from_iter(before.iter().map(|(_, profile)| json!([profile])));
        let plans: Vec<(i64, i64, String, i64, String)> = each(
            "SELECT p.profile, p.planned_at, p.day, p.candidates, p.reason FROM plans p \
             WHERE p.id IN (SELECT max(one.id) FROM plans one WHERE one.profile IN \
                 (SELECT CAST(r.value ->> 0 AS BIGINT) FROM EACH) \
                 AND one.digest IS NULL AND one.planned_at >= $1 \
                 GROUP BY one.profile, one.day) \
               AND NOT EXISTS (SELECT 1 FROM deliveries d \
                               WHERE d.kind = 'digest' AND d.subscriber = $2 \
                                 AND d.day = p.day)",
            3,
        )
        .bind(subscriber.created_at.as_microsecond())
        .bind(subscriber.id)
        .bind(profiles.to_string())
        .fetch_all(&self.read)
        .await?;
        for (profile, at, day, candidates, reason) in plans {
            // Only those of the profile that was theirs at the time.
            if before.iter().find(|(until, _)| at < *until).map(|(_, own)| *own) != Some(profile) {
                continue;
            }
            let detail = format!("no digest on {day}, {candidates} recent papers looked at");
            events.push(event(at, "nothing-new", detail, Some(reason)));
        }
        // What happened at one moment, in the order in which it came about.
        let step = |event: &TimelineEvent| match event.what.as_str() {
            "bounced" | "complained" => 1,
            "suppressed" => 2,
            _ => 0,
        };
        events.sort_by_key(|event| (event.at, step(event)));
        Ok(events)
    }
}

/// Tells one delivery: planned, tried, ended.
fn tell(events: &mut Vec<TimelineEvent>, delivery: DeliveryColumns, attempts: Vec<Note>) {
    let DeliveryColumns { created_at, next_attempt_at, .. } = delivery;
    let what = about(&delivery);
    let papers = match delivery.papers {
        0 => String::new(),
        1 => ", 1 paper".to_owned(),
        papers => format!(", {papers} papers"),
    };
    let planned = format!("{what}{papers}: {}", delivery.subject);
    events.push(event(created_at, "planned", planned, None));
    if delivery.doubtful && !is_held(&delivery.state, delivery.reason.as_deref()) {
        let reason = "a process ended while sending it; sent once more as the same mail";
        events.push(event(created_at, "doubtful", what.clone(), Some(reason.to_owned())));
    }
    // A failed attempt is also the delivery's end, which is told below.
    for note in attempts.into_iter().filter(|note| note.what != "failed") {
        events.push(event(note.at, &note.what, by(&what, Some(&note.who)), Some(note.detail)));
    }
    let reason = delivery.reason;
    match delivery.finished_at {
        Some(at) => {
            let detail = by(&what, delivery.relay.as_deref());
            events.push(event(at, &delivery.state, detail, reason));
        }
        None => {
            let detail = format!("{what}, next attempt {:.0}", instant(next_attempt_at));
            events.push(event(next_attempt_at, "waiting", detail, reason));
        }
    }
}

/// Tells what was said of a mail; what the relay said stands with the attempt.
fn said_of(said: Note, about: Option<&str>) -> TimelineEvent {
    let status = said.status.as_deref();
    let (what, how) = match said.what.as_str() {
        "complaint" => ("complained", String::new()),
        "delivered" => ("arrived", String::new()),
        "autoreply" => ("answered", "by a machine, ".to_owned()),
        "delayed" => ("delayed", status.map(|code| format!("{code}, ")).unwrap_or_default()),
        verdict => ("bounced", format!("{}, ", kind(verdict, status))),
    };
    let waits =
        if said.state == "held" { "; too many of the domain at once: it waits" } else { "" };
    let about = about.map(|about| format!("{about}, ")).unwrap_or_default();
    let reason = (said.who != "relay" && !said.detail.is_empty()).then_some(said.detail);
    let by = Way::from_word(&said.who).map_or(&*said.who, |way| way.name());
    event(said.at, what, format!("{how}{about}by {by}{waits}"), reason)
}

/// What a delivery brought, in words; those of a digest begin with its day.
fn about(delivery: &DeliveryColumns) -> String {
    let words = match MailKind::from_word(&delivery.kind) {
        Some(MailKind::Resend) => return format!("once more, the digest of {}", delivery.day),
        Some(MailKind::Confirm) => ASKS,
        Some(MailKind::Known) => "mail that there is a subscription",
        Some(MailKind::Link) => "mail with the link to the preferences",
        Some(MailKind::Goodbye) => "mail that says goodbye",
        Some(MailKind::Move) => "mail that asks to confirm a new address",
        Some(MailKind::Answer) => "answer to a mail",
        Some(MailKind::Ask) => "mail that asks whether a mail was theirs",
        Some(MailKind::Probe) => "mail that finds out whether any arrives",
        Some(MailKind::Alarm) => "alarm",
        Some(MailKind::Canary) => "digest to ourselves",
        Some(MailKind::Digest) | None => return format!("digest of {}", delivery.day),
    };
    words.to_owned()
}

fn event(at: i64, what: &str, detail: String, reason: Option<String>) -> TimelineEvent {
    TimelineEvent { at: instant(at), what: what.to_owned(), detail, reason, delivery: None }
}

fn by(what: &str, relay: Option<&str>) -> String {
    match relay {
        Some(relay) if !relay.is_empty() => format!("{what}, by {relay}"),
        _ => what.to_owned(),
    }
}
