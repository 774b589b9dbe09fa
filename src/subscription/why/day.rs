//! One day of one person's calendar: why there was, or was not, a digest.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::sources::{FRESH, Stale};
use super::{Answer, Cause, local};
use crate::model::{SubscriberState, Timing};
use crate::store::{StoreError, Subscriber, TimelineEvent};
use crate::subscription::Subscriptions;

/// One day of one person.
#[derive(Clone, Copy)]
pub(super) struct Day<'a> {
    pub(super) verbs: &'a Subscriptions,
    pub(super) reader: &'a Subscriber,
    pub(super) timing: &'a Timing,
    pub(super) date: Date,
    /// The whole timeline.
    pub(super) events: &'a [TimelineEvent],
}

/// Where a subscription stood.
struct Stood<'a> {
    state: SubscriberState,
    since: Timestamp,
    /// How it came there, in words.
    how: &'a str,
}

impl Day<'_> {
    /// Whether the event belongs to it.
    pub(super) fn holds(&self, event: &TimelineEvent) -> bool {
        self.timing.zone().civil(event.at).date() == self.date
            || event.delivery.is_some() && event.delivery == self.delivery()
            || is_of(event, "once more, the digest of", self.date)
    }

    /// The delivery of the day's digest.
    pub(super) fn delivery(&self) -> Option<i64> {
        let planned = |event: &&TimelineEvent| {
            event.what == "planned" && is_of(event, "digest of", self.date)
        };
        self.events.iter().find(planned).and_then(|event| event.delivery)
    }

    pub(super) fn local(&self, at: Timestamp) -> String {
        local(self.timing.zone(), at)
    }

    /// The answer.
    pub(super) async fn answer(&self) -> Result<Answer, StoreError> {
        let Self { verbs, reader, timing, date, .. } = self;
        if let Some(delivery) = self.delivery()
            && let Some(entry) = verbs.store.queue_entry(delivery).await?
        {
            return Ok(self.of_digest(&entry));
        }
        let now = verbs.clock.now();
        let zone = timing.zone();
        if zone.civil(now).date() < *date {
            return Ok(Answer::new(Cause::Ahead, format!("{date} is yet to come")));
        }
        // The day's slot, or its end where it has none; as things stand now.
        let due = date.yesterday().ok().and_then(|eve| {
            let from = eve.to_zoned(zone.rules().clone()).ok()?.timestamp();
            let due = timing.next_after(from, Some(eve))?;
            (zone.civil(due).date() == *date).then_some(due)
        });
        let end = date.tomorrow().ok().and_then(|day| day.to_zoned(zone.rules().clone()).ok());
        let end = end.map_or(now, |end| end.timestamp());
        let moment = due.unwrap_or(end).min(now);
        if reader.created_at > moment {
            let came = self.local(reader.created_at);
            let said = format!("{date}: not subscribed yet: they came {came}");
            let answer = Answer::new(Cause::NotYet, said);
            let pending = reader.state == SubscriberState::Pending;
            return Ok(if pending { answer.fact(self.asked()) } else { answer });
        }
        let stood = self.stood(moment);
        if stood.state != SubscriberState::Active {
            return self.away(&stood).await;
        }
        if let Some(nothing) = self.nothing_new() {
            return self.quiet(nothing).await;
        }
        let Some(due) = due else {
            let weekday = date.strftime("%A");
            let said = format!("{date} is a {weekday}: no digest was due: {}", timing.words());
            return Ok(Answer::new(Cause::NotDue, said));
        };
        let at = self.local(due);
        if due > now {
            let said = format!("{date}: the digest is due at {at}");
            return Ok(Answer::new(Cause::Ahead, said));
        }
        let stale = verbs.stale_sources(due).await?;
        if reader.next_due_at.is_some_and(|next| next <= now) {
            let said = format!(
                "{date}: the digest was due at {at} and is not planned yet: neither `serve` nor \
                 `run` has run since"
            );
            return Ok(self.with_sources(Answer::new(Cause::Overdue, said), &stale));
        }
        let later = self.events.iter().find(|event| {
            event.at > due && matches!(event.what.as_str(), "planned" | "nothing-new")
        });
        let look = later.map_or_else(String::new, |event| {
            format!("; the next look was at {}: {}", self.local(event.at), event.detail)
        });
        let said = format!(
            "{date}: no digest was planned, though by today's preferences one was due at {at}{look}"
        );
        Ok(self.with_sources(Answer::new(Cause::NotPlanned, said), &stale))
    }

    /// They wanted no digest, or could have none.
    async fn away(&self, stood: &Stood<'_>) -> Result<Answer, StoreError> {
        let Self { verbs, reader, date, .. } = self;
        let since = self.local(stood.since);
        let email = &reader.email;
        let how = match stood.how {
            "" => String::new(),
            how => format!(": {how}"),
        };
        let still = reader.state == stood.state;
        Ok(match stood.state {
            SubscriberState::Pending => {
                let said = format!("{date}: no digest: not confirmed (pending since {since})");
                let answer = Answer::new(Cause::Pending, said);
                if still { answer.fact(self.asked()) } else { answer }
            }
            SubscriberState::Paused => {
                let mut answer = Answer::new(
                    Cause::Paused,
                    format!("{date}: no digest: paused since {since}{how}"),
                );
                if still {
                    let end = reader.paused_until.map_or_else(
                        || format!("`subscriber resume {email}` ends the pause"),
                        |until| format!("digests come again from {} on", self.local(until)),
                    );
                    answer = answer.fact(end);
                }
                answer
            }
            SubscriberState::Suppressed => {
                let mut answer = Answer::new(
                    Cause::Suppressed,
                    format!("{date}: no digest: suppressed since {since}{how}"),
                );
                if still {
                    if let Some(found) =
                        verbs.store.suppression(&verbs.mark_of(&reader.email)).await?
                        && !stood.how.contains(&found.detail)
                    {
                        answer = answer.fact(format!("{}: {}", found.reason, found.detail));
                    }
                    if let Some(said) = self.said_before(stood.since) {
                        answer = answer.fact(format!("in the other side's words: {said}"));
                    }
                    answer = answer.fact(format!(
                        "once the address works again: `suppression remove {email}`, then \
                         `subscriber resume {email}`"
                    ));
                }
                answer
            }
            state => Answer::new(
                Cause::Unsubscribed,
                format!("{date}: no digest: {} since {since}{how}", state.word()),
            ),
        })
    }

    /// What became of the mail that asks a pending reader to confirm, and what can be done.
    fn asked(&self) -> String {
        let email = &self.reader.email;
        let last = self.events.iter().rev().find(|event| event.asks_to_confirm());
        let Some(last) = last else {
            return format!(
                "no mail has asked them: `subscriber add {email} --ask` sends one; `subscriber add \
                 {email} --confirmed` where they have asked for digests themselves"
            );
        };
        let at = self.local(last.at);
        let reply = last.reason.as_ref().map(|reply| format!(": {reply}")).unwrap_or_default();
        match last.what.as_str() {
            "planned" | "waiting" | "deferred" => format!(
                "the mail that asks them waits to be sent, next attempt {at}{reply}; digests come \
                 once they say yes to it"
            ),
            "sent" | "arrived" | "answered" | "delayed" | "doubtful" => format!(
                "the mail that asks them was sent at {at}: digests come once they say \
                 yes to it"
            ),
            what => format!(
                "the mail that asks them did not reach them ({what} at {at}{reply}); `subscriber \
                 add {email} --ask` sends another"
            ),
        }
    }

    /// It was planned that there is nothing for them: nothing was new, nothing new was on their
    /// topics, or a source told of nothing.
    async fn quiet(&self, nothing: &TimelineEvent) -> Result<Answer, StoreError> {
        let Self { verbs, date, .. } = self;
        let reason = nothing.reason.as_deref().unwrap_or_default();
        let stale = verbs.stale_sources(nothing.at).await?;
        let hush = self.hush(nothing.at).await?;
        if !stale.is_empty() && stale.len() == verbs.sources.len() {
            let told: Vec<String> = stale.iter().map(Stale::said).collect();
            let said = format!("{date}: nothing was new, as {}; {reason}{hush}", told.join("; "));
            let mut answer = Answer::new(Cause::SourceBroken, said);
            for one in &stale {
                answer.facts.extend(one.facts(|at| self.local(at)));
            }
            return Ok(answer);
        }
        let mut answer =
            Answer::new(Cause::NothingNew, format!("{date}: nothing was new: {reason}{hush}"));
        if let Some(off) = self.off_topic(nothing.at).await? {
            answer = Answer { cause: Cause::OffTopic, answer: off.said(*date), facts: off.facts() };
            answer = answer.fact(format!("as planned: {reason}"));
        }
        Ok(self.with_sources(answer, &stale))
    }

    /// What the other side said last of a mail that did not reach the reader, until `moment`.
    fn said_before(&self, moment: Timestamp) -> Option<&str> {
        let said = |event: &&TimelineEvent| {
            matches!(event.what.as_str(), "bounced" | "failed" | "complained")
                && event.at <= moment
                && event.reason.is_some()
        };
        self.events.iter().rev().find(said).and_then(|event| event.reason.as_deref())
    }

    /// With what is wrong with the sources.
    fn with_sources(&self, mut answer: Answer, stale: &[Stale]) -> Answer {
        for one in stale {
            answer.answer.push_str(&format!("; {}", one.said()));
            answer.facts.extend(one.facts(|at| self.local(at)));
        }
        answer
    }

    /// Since when the sources list nothing new, where that is more than a day before `moment`: at
    /// weekends and on holidays many do not.
    async fn hush(&self, moment: Timestamp) -> Result<String, StoreError> {
        let last = self.verbs.store.last_listed(moment).await?;
        let old =
            |last: &Timestamp| moment.duration_since(*last) > SignedDuration::from_hours(FRESH);
        Ok(match last.filter(old) {
            Some(last) => format!("; nothing new was listed since {}", self.local(last)),
            None => String::new(),
        })
    }

    fn nothing_new(&self) -> Option<&TimelineEvent> {
        let planned = |event: &&TimelineEvent| {
            event.what == "nothing-new" && is_of(event, "no digest on", self.date)
        };
        self.events.iter().find(planned)
    }

    /// Where the subscription stood at `moment`, since when, and how it came there.
    fn stood(&self, moment: Timestamp) -> Stood<'_> {
        let changes: Vec<_> = self
            .events
            .iter()
            .filter_map(|event| Some((SubscriberState::from_word(&event.what)?, event)))
            .collect();
        let before = changes.iter().rev().find(|(_, event)| event.at <= moment);
        if let Some((state, event)) = before {
            return Stood { state: *state, since: event.at, how: &event.detail };
        }
        // As they came: never changed since, or confirmed there and then, or pending.
        let came = self.reader.created_at;
        let state = if changes.is_empty() {
            self.reader.state
        } else if self.reader.confirmed_at.is_some_and(|at| at <= came) {
            SubscriberState::Active
        } else {
            SubscriberState::Pending
        };
        Stood { state, since: came, how: "" }
    }
}

/// Whether the event's words begin with these and the day; the store's do.
fn is_of(event: &TimelineEvent, words: &str, day: Date) -> bool {
    event
        .detail
        .strip_prefix(words)
        .is_some_and(|rest| rest.trim_start().starts_with(&day.to_string()))
}
