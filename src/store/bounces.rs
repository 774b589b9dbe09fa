//! What reports and relays said of mails to subscribers: each thing noted once, and in the same
//! unit what the caller's policy makes of it. Never decides by itself, and believes what it is
//! told: who it is about was proved before.

use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::deliveries::skip_waiting;
use super::evidence::{About, BounceRecord, about, record};
use super::notices::{NewNotice, enqueue_all};
use super::rests::rest;
use super::standing::{Change, change_each};
use super::subscribers::{note, state_of};
use super::suppressions::{NewSuppression, mark_of, put};
use super::{Pool, Store, StoreError, Tx, micros, sql};
use crate::model::{EmailAddress, SubscriberState, Verdict, Way};
use crate::token::Key;

/// Suppressed by bounces within this time count together.
pub(super) const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// How many of a domain they are.
pub(super) const LATELY: &str = "SELECT count(*) FROM bounces WHERE domain = $1 AND acted_at > $2";

/// A thing said of a mail.
#[derive(Clone, Debug)]
pub struct NewBounce {
    /// Of a mail to whom.
    pub subscriber: i64,
    /// Their address, as it was looked up.
    pub email: EmailAddress,
    /// Which mail; none: it is taken for the newest that they were sent, probes apart.
    pub delivery: Option<i64>,
    /// What it means.
    pub verdict: Verdict,
    /// By whom.
    pub way: Way,
    /// The enhanced code.
    pub status: Option<String>,
    /// In the other side's words.
    pub detail: String,
    /// When.
    pub at: Timestamp,
    /// The attempt that it comes from, noted as judged.
    pub attempt: Option<i64>,
    /// How many of the domain may be suppressed within an hour.
    pub most: u64,
    /// What is sent to find out whether anything arrives.
    pub probe: NewNotice,
    /// When the next digest is due after that.
    pub after_probe: Option<Timestamp>,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Nothing: it is noted.
    Note,
    /// What waits for them is not sent.
    EndWaiting,
    /// They are mailed no more, unless too many of their domain are suppressed at once.
    Suppress,
    /// They have left.
    Unsubscribe,
    /// A last mail finds out whether anything arrives.
    Probe,
    /// The domain gets no digest for so many minutes.
    Rest(i64),
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is about nobody here, or about somebody else's mail.
    Nobody,
    /// It was said before.
    Known,
    /// It is noted.
    Noted,
    /// The person is suppressed.
    Suppressed,
    /// They shall be, when the hour allows.
    Held,
    /// The person is unsubscribed.
    Unsubscribed,
    /// A probe goes out to them.
    Probed,
    /// Their domain rests until then.
    Rests(Timestamp),
}

/// The caller's policy.
type Decide = fn(&NewBounce, &BounceRecord, Timestamp) -> Deed;

impl Store {
    /// Takes what was said; what is said of others at this moment is in the same unit. What was
    /// taken before has no effect.
    pub async fn take_bounce(
        &self,
        key: &Key,
        said: NewBounce,
        decide: Decide,
        now: Timestamp,
    ) -> Result<Taken, StoreError> {
        let (store, key) = (self.clone(), key.clone());
        let work = move |said: Vec<(NewBounce, Timestamp)>| {
            let (store, key) = (store.clone(), key.clone());
            let now = said.iter().map(|(_, at)| *at).max().unwrap_or(now);
            let said: Vec<NewBounce> = said.into_iter().map(|(said, _)| said).collect();
            async move { store.take_bounces(&key, &said, decide, now).await }
        };
        Arc::clone(&self.bounces).run((said, now), work).await
    }

    /// Takes what was said, all in one unit; says of each what became of it, in their order.
    /// What was taken before has no effect.
    pub async fn take_bounces(
        &self,
        key: &Key,
        said: &[NewBounce],
        decide: Decide,
        now: Timestamp,
    ) -> Result<Vec<Taken>, StoreError> {
        let mut tx = self.begin().await?;
        self.one_by_one(&mut tx).await?;
        let mut taken = Vec::with_capacity(said.len());
        for one in said {
            if let Some(attempt) = one.attempt {
                sql("UPDATE attempts SET judged = TRUE WHERE id = $1")
                    .bind(attempt)
                    .execute(&mut tx)
                    .await?;
            }
            taken.push(take(&mut tx, key, one, decide, now).await?);
        }
        tx.commit().await?;
        if taken.contains(&Taken::Probed) {
            self.bell.send();
        }
        Ok(taken)
    }

    /// One process after the other: what is counted must not change meanwhile.
    pub(super) async fn one_by_one(&self, tx: &mut Tx) -> Result<(), StoreError> {
        if let Pool::Postgres(_) = self.write {
            sql("SELECT 1 FROM (SELECT pg_advisory_xact_lock(7011)) one").execute(tx).await?;
        }
        Ok(())
    }
}

async fn take(
    tx: &mut Tx,
    key: &Key,
    said: &NewBounce,
    decide: Decide,
    now: Timestamp,
) -> Result<Taken, StoreError> {
    let person: Option<(String, String)> =
        sql("SELECT state, email_key FROM subscribers WHERE id = $1")
            .bind(said.subscriber)
            .fetch_optional(&mut *tx)
            .await?;
    let Some((state, email_key)) = person else { return Ok(Taken::Nobody) };
    let Some(about) = about(tx, said).await? else { return Ok(Taken::Nobody) };
    let new: Option<i64> = sql("INSERT INTO bounces (subscriber, delivery, at, verdict, way, \
           domain, status, detail, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'noted') \
         ON CONFLICT DO NOTHING RETURNING id")
    .bind(said.subscriber)
    .bind(about.id)
    .bind(micros(said.at))
    .bind(said.verdict.word())
    .bind(said.way.word())
    .bind(said.email.domain())
    .bind(said.status.as_ref())
    .bind(&said.detail)
    .scalar_optional(&mut *tx)
    .await?;
    let Some(id) = new else { return Ok(Taken::Known) };
    // Moved since it was looked up: the report is about the old address.
    let elsewhere = about.elsewhere || email_key != said.email.key();
    let about = About { elsewhere, ..about };
    let record = record(tx, said, &about, state_of(&state)?, now).await?;
    match decide(said, &record, now) {
        Deed::Note => Ok(Taken::Noted),
        Deed::EndWaiting => {
            skip_waiting(tx, said.subscriber, now, "mail to the address came back").await?;
            Ok(Taken::Noted)
        }
        Deed::Suppress => suppress(tx, key, id, said, now).await,
        Deed::Unsubscribe => unsubscribe(tx, key, id, said, now).await,
        Deed::Probe => probe(tx, said, now).await,
        Deed::Rest(minutes) => {
            let until = rest(tx, said, minutes, now).await?;
            Ok(Taken::Rests(until))
        }
    }
}

/// Suppresses the person, or keeps the bounce for later where their domain has had enough
/// suppressed within the hour.
pub(super) async fn suppress(
    tx: &mut Tx,
    key: &Key,
    bounce: i64,
    said: &NewBounce,
    now: Timestamp,
) -> Result<Taken, StoreError> {
    let since = now.saturating_sub(HOUR).unwrap_or(Timestamp::MIN);
    let done: i64 =
        sql(LATELY).bind(said.email.domain()).bind(micros(since)).scalar(&mut *tx).await?;
    if done.unsigned_abs() >= said.most {
        set_state(tx, bounce, "held", None).await?;
        return Ok(Taken::Held);
    }
    let detail = told(said.verdict, said.status.as_deref(), said.way, said.at);
    let change = Change {
        subscriber: said.subscriber,
        from: &[SubscriberState::Active, SubscriberState::Paused],
        to: SubscriberState::Suppressed,
        next_due_at: None,
        paused_until: None,
        detail: format!("mail came back: {detail}"),
        consent: None,
        ends_waiting: Some("the address is suppressed"),
        notice: None,
        lifts: None,
    };
    if change_each(tx, &[(0, &change)], now).await?.is_empty() {
        set_state(tx, bounce, "noted", None).await?;
        return Ok(Taken::Noted);
    }
    put(tx, &suppressed(key, said, "bounce", &detail), now).await?;
    end_probe(tx, said.subscriber).await?;
    // Of theirs nothing has to wait any more.
    sql("UPDATE bounces SET state = 'noted' WHERE subscriber = $1 AND state = 'held'")
        .bind(said.subscriber)
        .execute(&mut *tx)
        .await?;
    set_state(tx, bounce, "acted", Some(now)).await?;
    Ok(Taken::Suppressed)
}

/// Ends the subscription of who complained, wherever it stands; no file brings them back.
async fn unsubscribe(
    tx: &mut Tx,
    key: &Key,
    bounce: i64,
    said: &NewBounce,
    now: Timestamp,
) -> Result<Taken, StoreError> {
    use SubscriberState::{Active, Paused, Pending, Unsubscribed};
    let detail = told(said.verdict, None, said.way, said.at);
    let change = Change {
        subscriber: said.subscriber,
        from: &[Active, Paused, Pending],
        to: Unsubscribed,
        next_due_at: None,
        paused_until: None,
        detail: format!("complained: {detail}"),
        consent: None,
        ends_waiting: Some("the reader complained"),
        notice: None,
        lifts: None,
    };
    let left = change_each(tx, &[(0, &change)], now).await?;
    put(tx, &suppressed(key, said, "complaint", &detail), now).await?;
    end_probe(tx, said.subscriber).await?;
    set_state(tx, bounce, "acted", None).await?;
    Ok(if left.is_empty() { Taken::Noted } else { Taken::Unsubscribed })
}

/// Sends a last mail; digests wait until it is known what came of it.
async fn probe(tx: &mut Tx, said: &NewBounce, now: Timestamp) -> Result<Taken, StoreError> {
    enqueue_all(tx, &[(said.subscriber, &said.probe)], now).await?;
    sql("INSERT INTO probes (subscriber, delivery, at) SELECT $1, max(id), $2 FROM deliveries \
         WHERE kind <> 'digest' AND kind = 'probe' AND subscriber = $1 \
         ON CONFLICT (subscriber) DO UPDATE SET delivery = excluded.delivery, at = excluded.at")
    .bind(said.subscriber)
    .bind(micros(now))
    .execute(&mut *tx)
    .await?;
    sql("UPDATE subscribers SET next_due_at = $1 WHERE id = $2 AND state = 'active' \
           AND next_due_at < $1")
    .bind(said.after_probe.map(micros))
    .bind(said.subscriber)
    .execute(&mut *tx)
    .await?;
    let detail = "mail kept coming back: a last one finds out whether any arrives; digests wait";
    note(tx, said.subscriber, now, "probed", detail).await?;
    Ok(Taken::Probed)
}

pub(super) async fn end_probe(tx: &mut Tx, subscriber: i64) -> Result<(), StoreError> {
    sql("DELETE FROM probes WHERE subscriber = $1").bind(subscriber).execute(tx).await?;
    Ok(())
}

pub(super) async fn set_state(
    tx: &mut Tx,
    bounce: i64,
    state: &str,
    acted_at: Option<Timestamp>,
) -> Result<(), StoreError> {
    sql("UPDATE bounces SET state = $1, acted_at = $2 WHERE id = $3")
        .bind(state)
        .bind(acted_at.map(micros))
        .bind(bounce)
        .execute(tx)
        .await?;
    Ok(())
}

/// Begins a person's record anew: what was said so far counts no more. Returns how many bounces
/// had waited for their turn.
pub(super) async fn clear(tx: &mut Tx, subscriber: i64) -> Result<u64, StoreError> {
    end_probe(tx, subscriber).await?;
    let held = sql("UPDATE bounces SET state = 'cleared' WHERE subscriber = $1 AND state = 'held'")
        .bind(subscriber)
        .execute(&mut *tx)
        .await?;
    sql("UPDATE bounces SET state = 'cleared' WHERE subscriber = $1 AND state <> 'cleared'")
        .bind(subscriber)
        .execute(&mut *tx)
        .await?;
    Ok(held)
}

/// What was said, in words without an address: `hard 5.1.1 on 2026-11-25, by a report`.
fn told(verdict: Verdict, status: Option<&str>, way: Way, at: Timestamp) -> String {
    let day = at.to_zoned(TimeZone::UTC).date();
    format!("{} on {day}, by {}", kind(verdict.word(), status), way.name())
}

/// `hard 5.1.1`
pub(super) fn kind(verdict: &str, status: Option<&str>) -> String {
    match status {
        Some(status) => format!("{verdict} {status}"),
        None => verdict.to_owned(),
    }
}

fn suppressed(key: &Key, said: &NewBounce, reason: &str, detail: &str) -> NewSuppression {
    NewSuppression {
        mark: mark_of(key, &said.email),
        email: Some(said.email.clone()),
        reason: reason.to_owned(),
        detail: detail.to_owned(),
    }
}
