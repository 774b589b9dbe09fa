//! The answer of `why --date`: in one sentence, why there was, or was not, a digest on one
//! day of a person's own calendar.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::context::Context;
use super::why::local;
use crate::model::{SubscriberState, Timing};
use crate::store::{Subscriber, TimelineEvent};

/// How long before a slot a source should have had a good fetch.
const FRESH: SignedDuration = SignedDuration::from_hours(24);
/// Fetches looked at: some weeks of hourly ones.
const FETCHES: u32 = 1_000;

/// One day of one person.
pub(super) struct Day<'a> {
    pub(super) reader: &'a Subscriber,
    pub(super) timing: &'a Timing,
    pub(super) date: Date,
    /// The whole timeline.
    pub(super) events: &'a [TimelineEvent],
}

impl Day<'_> {
    /// The events that belong to it.
    pub(super) fn holds(&self, event: &TimelineEvent) -> bool {
        self.timing.zone().civil(event.at).date() == self.date || self.is_of_digest(event)
    }

    /// The sentence.
    pub(super) async fn answer(&self, context: &Context) -> anyhow::Result<String> {
        let Self { reader, timing, date, .. } = self;
        if let Some(told) = self.digest() {
            return Ok(told);
        }
        let now = context.app.clock.now();
        let zone = timing.zone();
        if zone.civil(now).date() < *date {
            return Ok(format!("{date} is yet to come"));
        }
        // The day's slot, or its end where it has none; as things stand now.
        let eve = date.yesterday()?;
        let due = timing
            .next_after(eve.to_zoned(zone.rules().clone())?.timestamp(), Some(eve))
            .filter(|due| zone.civil(*due).date() == *date);
        let end = date.tomorrow()?.to_zoned(zone.rules().clone())?.timestamp();
        let moment = due.unwrap_or(end).min(now);
        if reader.created_at > moment {
            let came = local(zone, reader.created_at);
            return Ok(format!("{date}: not subscribed yet: they came {came}"));
        }
        let (state, since) = self.standing(moment);
        let since = local(zone, since);
        match state {
            SubscriberState::Active => {}
            SubscriberState::Pending => {
                return Ok(format!("{date}: no digest: not confirmed (pending since {since})"));
            }
            state => return Ok(format!("{date}: no digest: {} since {since}", state.word())),
        }
        if let Some(nothing) = self.nothing_new() {
            let faults = stale_sources(context, moment).await?;
            let hush = self.hush(context, moment).await?;
            return Ok(format!("{date}: nothing was new: {nothing}{hush}{faults}"));
        }
        let Some(due) = due else {
            let weekday = date.strftime("%A");
            return Ok(format!("{date} is a {weekday}: no digest was due: {}", timing.words()));
        };
        let at = local(zone, due);
        if due > now {
            return Ok(format!("{date}: the digest is due at {at}"));
        }
        let faults = stale_sources(context, due).await?;
        if reader.next_due_at.is_some_and(|next| next <= now) {
            return Ok(format!(
                "{date}: the digest was due at {at} and is not planned yet: neither `serve` nor \
                 `run` has run since{faults}"
            ));
        }
        let later = self.events.iter().find(|event| {
            event.at > due && matches!(event.what.as_str(), "planned" | "nothing-new")
        });
        Ok(match later {
            Some(event) => format!(
                "{date}: no digest was planned, though by today's preferences one was due at \
                 {at}; the next look was at {}: {}{faults}",
                local(zone, event.at),
                event.detail
            ),
            None => format!(
                "{date}: no digest was planned, though by today's preferences one was due at \
                 {at}{faults}"
            ),
        })
    }

    /// Since when the sources list nothing new, where that is more than a day before `moment`: at
    /// weekends and on holidays many do not.
    async fn hush(&self, context: &Context, moment: Timestamp) -> anyhow::Result<String> {
        let last = context.app.store.last_listed(moment).await?;
        Ok(match last.filter(|last| moment.duration_since(*last) > FRESH) {
            Some(last) => {
                format!("; nothing new was listed since {}", local(self.timing.zone(), last))
            }
            None => String::new(),
        })
    }

    /// What became of the day's digest, if there is one.
    fn digest(&self) -> Option<String> {
        let date = self.date;
        let ended = |what: &str| {
            self.events.iter().rev().find(|event| event.what == what && self.is_of_digest(event))
        };
        let told = |event: &TimelineEvent| {
            event.reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"))
        };
        let at = |event: &TimelineEvent| local(self.timing.zone(), event.at);
        if let Some(event) = ended("sent") {
            return Some(format!("{date}: the digest was sent at {}{}", at(event), told(event)));
        }
        for (what, words) in [("failed", "was refused for good"), ("skipped", "was not sent")] {
            if let Some(event) = ended(what) {
                return Some(format!(
                    "{date}: the digest {words} at {}{}; its papers come with the next",
                    at(event),
                    told(event)
                ));
            }
        }
        let event = ended("waiting")?;
        Some(format!("{date}: the digest waits, next attempt {}{}", at(event), told(event)))
    }

    fn nothing_new(&self) -> Option<&str> {
        let of_day = format!("no digest on {}", self.date);
        self.events
            .iter()
            .find(|event| event.what == "nothing-new" && event.detail.starts_with(&of_day))
            .map(|event| event.reason.as_deref().unwrap_or_default())
    }

    /// Whether it tells of the day's digest; the store's words begin that way.
    fn is_of_digest(&self, event: &TimelineEvent) -> bool {
        event.detail.starts_with(&format!("digest of {}", self.date))
    }

    /// Where the subscription stood at `moment`, and since when.
    fn standing(&self, moment: Timestamp) -> (SubscriberState, Timestamp) {
        let changes: Vec<_> = self
            .events
            .iter()
            .filter_map(|event| Some((SubscriberState::from_word(&event.what)?, event.at)))
            .collect();
        let before = changes.iter().rev().find(|(_, at)| *at <= moment);
        before.copied().unwrap_or_else(|| {
            // As they came: never changed since, or confirmed there and then, or pending.
            let came = self.reader.created_at;
            let state = if changes.is_empty() {
                self.reader.state
            } else if self.reader.confirmed_at.is_some_and(|at| at <= came) {
                SubscriberState::Active
            } else {
                SubscriberState::Pending
            };
            (state, came)
        })
    }
}

/// The sources without a good fetch in the day before `moment`, and why.
async fn stale_sources(context: &Context, moment: Timestamp) -> anyhow::Result<String> {
    let from = moment.saturating_sub(FRESH)?;
    let mut told = String::new();
    for source in &context.app.config.sources {
        let fetches = context.app.store.last_fetches(&source.name, FETCHES).await?;
        let forgotten = fetches.len() == FETCHES as usize
            && fetches.last().is_some_and(|oldest| oldest.at > from);
        let mut then = fetches.iter().filter(|fetch| from < fetch.at && fetch.at <= moment);
        let good = |outcome: &str| matches!(outcome, "good" | "unchanged" | "empty");
        if forgotten || then.clone().any(|fetch| good(&fetch.outcome)) {
            continue;
        }
        let why = then
            .next()
            .map_or("none was tried", |fetch| fetch.reason.as_deref().unwrap_or(&fetch.outcome));
        told.push_str(&format!("; {} had no good fetch in the day before: {why}", source.name));
    }
    Ok(told)
}
