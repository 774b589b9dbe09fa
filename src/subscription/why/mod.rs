//! Why a person got what they got, or nothing: their timeline, and an answer for one day in a
//! sentence, the same on the command line and on the pages. Reads, and changes nothing.

mod day;
mod digest;
mod off_topic;
mod sources;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::Subscriptions;
use crate::model::{EmailAddress, SubscriberState, Timing, Zone};
use crate::store::{StoreError, Subscriber, TimelineEvent};
use day::Day;

/// What an answer comes to, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// A relay took the digest.
    Sent,
    /// A relay took it, and it came back or was complained about.
    Bounced,
    /// It waits to be sent, or to be tried again.
    Deferred,
    /// It was refused for good.
    Failed,
    /// It was planned, and could not be sent in time.
    Expired,
    /// It was planned and not sent for another reason, such as an administrator's word.
    Skipped,
    /// The address must not be mailed.
    Suppressed,
    /// The reader has paused digests.
    Paused,
    /// The reader has left.
    Unsubscribed,
    /// The reader had not confirmed.
    Pending,
    /// There was nothing that they had not had.
    NothingNew,
    /// There was something new, and none of it on their topics.
    OffTopic,
    /// There was nothing new, as a source could not be read.
    SourceBroken,
    /// No digest was due on that day.
    NotDue,
    /// The day's digest is due later.
    Ahead,
    /// It was due, and nothing has planned it yet.
    Overdue,
    /// None was planned, though by today's preferences one was due.
    NotPlanned,
    /// They had not subscribed.
    NotYet,
    /// The address was erased: a keyed hash is all that is left.
    Erased,
    /// Nothing is known of the address.
    Unknown,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// What it comes to.
    pub cause: Cause,
    /// The answer, one sentence without a full stop.
    pub answer: String,
    /// What else helps to understand it, and what can be done.
    pub facts: Vec<String>,
}

impl Answer {
    fn new(cause: Cause, answer: impl Into<String>) -> Self {
        Self { cause, answer: answer.into(), facts: Vec::new() }
    }

    fn fact(mut self, fact: impl Into<String>) -> Self {
        self.facts.push(fact.into());
        self
    }
}

/// A person's story.
#[derive(Clone, Debug)]
pub struct Story {
    /// The day, on their calendar, that the answer is about.
    pub day: Date,
    /// The answer for that day.
    pub answer: Answer,
    /// What happened, the oldest first: all, or what belongs to the day that was asked for.
    pub events: Vec<TimelineEvent>,
    /// What comes next, in words.
    pub next: String,
    /// When their digests are due, in words.
    pub rhythm: String,
    zone: Zone,
}

impl Story {
    /// A moment on the person's own clock.
    pub fn local(&self, at: Timestamp) -> String {
        local(&self.zone, at)
    }

    /// The zone of their calendar.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }
}

/// A moment on a clock in `zone`.
fn local(zone: &Zone, at: Timestamp) -> String {
    at.to_zoned(zone.rules().clone()).strftime("%Y-%m-%d %H:%M %:z").to_string()
}

impl Subscriptions {
    /// The reader's story. With a `day` of their own calendar, the answer is for it and the events
    /// are those that belong to it; else the answer is for the last day on which a digest was due.
    pub async fn story(&self, reader: &Subscriber, day: Option<Date>) -> Result<Story, StoreError> {
        let timing = self.timing(&reader.preferences);
        let all = self.store.timeline(reader).await?;
        let date = day.unwrap_or_else(|| self.last_day(reader, &timing));
        let asked = Day { verbs: self, reader, timing: &timing, date, events: &all };
        let answer = asked.answer().await?;
        let events = match day {
            Some(_) => all.iter().filter(|event| asked.holds(event)).cloned().collect(),
            None => all,
        };
        let next = next(reader, &timing);
        let zone = timing.zone().clone();
        Ok(Story { day: date, answer, events, next, rhythm: timing.words(), zone })
    }

    /// What may be said of an address with which nobody subscribes.
    pub async fn nobody(&self, email: &EmailAddress) -> Result<Answer, StoreError> {
        let found = self.store.suppression(&self.mark_of(email)).await?;
        let zone = &self.zone;
        Ok(match found {
            Some(found) if found.email.is_none() => {
                let on = zone.civil(found.since).date();
                // Whoever was suppressed first, and erased later, keeps the first date.
                let what = if found.reason == "erased" { "was erased" } else { "is suppressed" };
                let since = if found.reason == "erased" { "on" } else { "since" };
                Answer::new(
                    Cause::Erased,
                    format!("{email} {what} {since} {on}: a keyed hash of it is all that is left"),
                )
                .fact("nothing is sent to it, unless its owner subscribes again by themselves")
            }
            Some(found) => Answer::new(
                Cause::Suppressed,
                format!(
                    "{email} is no subscriber, and is suppressed since {}: {}: {}",
                    local(zone, found.since),
                    found.reason,
                    found.detail
                ),
            )
            .fact(format!("`suppression remove {email}` lets it be mailed again")),
            None => Answer::new(
                Cause::Unknown,
                format!("there is no subscriber {email}, and nothing is known of that address"),
            ),
        })
    }

    /// The last day on which a digest was due to `reader`, or today.
    fn last_day(&self, reader: &Subscriber, timing: &Timing) -> Date {
        let now = self.clock.now();
        let today = timing.zone().civil(now).date();
        if reader.state != SubscriberState::Active {
            return today;
        }
        let due = reader.next_due_at.filter(|due| *due <= now);
        let slot = due.or_else(|| timing.latest(now)).filter(|slot| *slot >= reader.created_at);
        let slot = slot.map(|slot| timing.zone().civil(slot).date());
        slot.max(reader.last_digest_day).unwrap_or(today).min(today)
    }
}

/// What comes next for `reader`.
fn next(reader: &Subscriber, timing: &Timing) -> String {
    let zone = timing.zone();
    match (reader.state, reader.next_due_at, reader.paused_until) {
        (SubscriberState::Active, Some(next), _) => {
            let day = zone.civil(next).strftime("%A").to_string();
            format!("next digest due {day} {}", local(zone, next))
        }
        (SubscriberState::Pending, ..) => "gets nothing until confirmed".to_owned(),
        (SubscriberState::Paused, _, Some(until)) => {
            format!("gets nothing until {}, when the pause is over", local(zone, until))
        }
        (state, ..) => format!("gets nothing while {}", state.word()),
    }
}
