//! Where a subscription stands, and each move from there: made only from where it was thought
//! to stand, with its note, its consent, and the end of what waits, all in one unit.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::bounces::clear;
use super::deliveries::skip_all_waiting;
use super::notices::{NewNotice, enqueue_all};
use super::subscribers::{each, note};
use super::{Store, StoreError, Tx, instant, micros, sql};
use crate::model::{EmailAddress, SubscriberState};

/// A move from one standing to another.
#[derive(Clone, Debug)]
pub struct Change {
    /// Who.
    pub subscriber: i64,
    /// Made only where they stand at one of these.
    pub from: &'static [SubscriberState],
    /// Where to.
    pub to: SubscriberState,
    /// When the next digest is due, if active then.
    pub next_due_at: Option<Timestamp>,
    /// Until when, if paused then; none: until somebody ends it.
    pub paused_until: Option<Timestamp>,
    /// Why, in words, for `why`.
    pub detail: String,
    /// What was agreed to, if anything was.
    pub consent: Option<Consent>,
    /// Ends what waits, with this reason.
    pub ends_waiting: Option<&'static str>,
    /// A notice of it.
    pub notice: Option<NewNotice>,
    /// The mark of an address whose owner wants mail again: a suppression of it ends, unless an
    /// administrator's word stands behind it; then the move is not made.
    pub lifts: Option<String>,
}

/// What a person agreed to.
#[derive(Clone, Debug)]
pub struct Consent {
    /// In a word: `confirmed`, `returned`, `moved`.
    pub what: &'static str,
    /// By which door, such as `web`.
    pub how: &'static str,
    /// The version of the words.
    pub wording: &'static str,
    /// Keyed hash of the network that it came from.
    pub source: Option<String>,
}

/// A consent as stored.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ConsentRow {
    /// When.
    pub at: Timestamp,
    /// In a word.
    pub what: String,
    /// By which door.
    pub how: String,
    /// The version of the words.
    pub wording: String,
}

impl Store {
    /// Makes the move. Returns how many mails had waited; `None`, with nothing changed, where
    /// the subscription stands elsewhere. Those that come at once are one unit.
    pub async fn change(&self, change: Change, now: Timestamp) -> Result<Option<u64>, StoreError> {
        let store = self.clone();
        let work = move |changes: Vec<(Change, Timestamp)>| {
            let store = store.clone();
            async move { store.change_all(&changes).await }
        };
        Arc::clone(&self.changes).run((change, now), work).await
    }

    async fn change_all(
        &self,
        changes: &[(Change, Timestamp)],
    ) -> Result<Vec<Option<u64>>, StoreError> {
        let Some(now) = changes.iter().map(|(_, at)| *at).max() else { return Ok(Vec::new()) };
        let mut tx = self.begin().await?;
        let mut done: Vec<Option<u64>> = vec![None; changes.len()];
        let mut left: Vec<usize> = (0..changes.len()).collect();
        // The same person twice: the second move begins where the first one ended.
        while !left.is_empty() {
            let mut seen = HashSet::new();
            let (round, rest): (Vec<usize>, Vec<usize>) =
                left.into_iter().partition(|at| seen.insert(changes[*at].0.subscriber));
            let round: Vec<(usize, &Change)> =
                round.into_iter().map(|at| (at, &changes[at].0)).collect();
            for (at, waited) in change_each(&mut tx, &round, now).await? {
                done[at] = Some(waited);
            }
            left = rest;
        }
        if done.iter().all(Option::is_none) {
            tx.rollback().await?;
            return Ok(done);
        }
        tx.commit().await?;
        // Nobody is due, and no pause ends, for having left.
        let come = |change: &Change| {
            matches!(change.to, SubscriberState::Active | SubscriberState::Paused)
        };
        if changes.iter().any(|(change, _)| come(change)) {
            self.bell.plan();
        }
        self.bell.send();
        Ok(done)
    }

    /// Moves `subscriber` to `email`, whose owner agreed. False, with nothing changed, where
    /// somebody has a subscription there.
    pub async fn finish_move(
        &self,
        subscriber: i64,
        email: &EmailAddress,
        given: Consent,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let done = sql("UPDATE subscribers SET email = $1, email_key = $2, moving_to = NULL \
             WHERE id = $3 AND NOT EXISTS \
               (SELECT 1 FROM subscribers o WHERE o.email_key = $2 AND o.id <> $3)")
        .bind(email.as_str())
        .bind(email.key())
        .bind(subscriber)
        .execute(&mut tx)
        .await?;
        if done == 0 {
            tx.rollback().await?;
            return Ok(false);
        }
        note(&mut tx, subscriber, now, "moved", "to another address, confirmed there").await?;
        agree(&mut tx, &[(subscriber, &given)], now).await?;
        // What came back from the old address says nothing of the new one.
        clear(&mut tx, subscriber).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// What `subscriber` agreed to, the oldest first.
    pub async fn consents(&self, subscriber: i64) -> Result<Vec<ConsentRow>, StoreError> {
        let rows: Vec<(i64, String, String, String)> =
            sql("SELECT at, what, how, wording FROM consents WHERE subscriber = $1 ORDER BY id")
                .bind(subscriber)
                .fetch_all(&self.read)
                .await?;
        let row = |(at, what, how, wording)| ConsentRow { at: instant(at), what, how, wording };
        Ok(rows.into_iter().map(row).collect())
    }

    /// Up to `limit` subscribers whose pause has ended at `now`.
    pub async fn pauses_over(&self, now: Timestamp, limit: u32) -> Result<Vec<i64>, StoreError> {
        sql("SELECT id FROM subscribers \
             WHERE paused_until IS NOT NULL AND paused_until <= $1 AND state = 'paused' \
             ORDER BY paused_until LIMIT $2")
        .bind(micros(now))
        .bind(i64::from(limit))
        .scalars(&self.read)
        .await
    }

    /// When the next pause ends.
    pub async fn next_pause_over(&self) -> Result<Option<Timestamp>, StoreError> {
        let at: Option<i64> = sql("SELECT min(paused_until) FROM subscribers \
             WHERE paused_until IS NOT NULL AND state = 'paused'")
        .scalar(&self.read)
        .await?;
        Ok(at.map(instant))
    }

    /// Up to `limit` subscribers who came by themselves, have not confirmed, and were last
    /// asked before `before`.
    pub async fn never_confirmed(
        &self,
        before: Timestamp,
        limit: u32,
    ) -> Result<Vec<i64>, StoreError> {
        sql("SELECT id FROM subscribers s WHERE state = 'pending' AND state_at < $1 \
               AND EXISTS (SELECT 1 FROM consents c WHERE c.subscriber = s.id) \
             ORDER BY state_at LIMIT $2")
        .bind(micros(before))
        .bind(i64::from(limit))
        .scalars(&self.read)
        .await
    }
}

/// Makes moves of different people. Returns which were made, and how many mails had waited.
pub(super) async fn change_each(
    tx: &mut Tx,
    changes: &[(usize, &Change)],
    now: Timestamp,
) -> Result<Vec<(usize, u64)>, StoreError> {
    let rows = changes.iter().map(|(_, change)| {
        let active = change.to == SubscriberState::Active;
        let next = change.next_due_at.filter(|_| active).map(micros);
        let until = change.paused_until.map(micros);
        let from: String = change.from.iter().map(|one| format!(",{},", one.word())).collect();
        json!([change.subscriber, change.to.word(), next, until, from, change.lifts])
    });
    let moved: Vec<i64> = each(
        "UPDATE subscribers SET state = r.value ->> 1, \
           next_due_at = CAST(r.value ->> 2 AS BIGINT), \
           paused_until = CAST(r.value ->> 3 AS BIGINT), state_at = $1, \
           confirmed_at = CASE r.value ->> 1 WHEN 'active' THEN coalesce(confirmed_at, $1) \
             ELSE confirmed_at END \
         FROM EACH WHERE subscribers.id = CAST(r.value ->> 0 AS BIGINT) \
           AND r.value ->> 4 LIKE '%,' || state || ',%' \
           AND NOT EXISTS (SELECT 1 FROM suppressions p \
             WHERE p.address = r.value ->> 5 AND p.reason = 'admin') RETURNING id",
        2,
    )
    .bind(micros(now))
    .bind(Value::from_iter(rows).to_string())
    .scalars(&mut *tx)
    .await?;
    let moved: HashSet<i64> = moved.into_iter().collect();
    let made: Vec<(usize, &Change)> =
        changes.iter().filter(|(_, change)| moved.contains(&change.subscriber)).copied().collect();
    if made.is_empty() {
        return Ok(Vec::new());
    }
    let changes = || made.iter().map(|(_, change)| *change);
    let notes = changes().map(|one| json!([one.subscriber, one.to.word(), one.detail]));
    each(
        "INSERT INTO subscriber_events (subscriber, at, what, detail) \
         SELECT CAST(r.value ->> 0 AS BIGINT), $1, r.value ->> 1, r.value ->> 2 FROM EACH",
        2,
    )
    .bind(micros(now))
    .bind(Value::from_iter(notes).to_string())
    .execute(&mut *tx)
    .await?;
    let given: Vec<(i64, &Consent)> =
        changes().filter_map(|one| Some((one.subscriber, one.consent.as_ref()?))).collect();
    agree(tx, &given, now).await?;
    for (subscriber, mark) in
        changes().filter_map(|one| Some((one.subscriber, one.lifts.as_ref()?)))
    {
        sql("DELETE FROM suppressions WHERE address = $1").bind(mark).execute(&mut *tx).await?;
        clear(tx, subscriber).await?;
    }
    let ended: HashMap<i64, &str> =
        changes().filter_map(|one| Some((one.subscriber, one.ends_waiting?))).collect();
    let waited = skip_all_waiting(tx, &ended, now).await?;
    let notices: Vec<(i64, &NewNotice)> =
        changes().filter_map(|one| Some((one.subscriber, one.notice.as_ref()?))).collect();
    enqueue_all(tx, &notices, now).await?;
    let waited_of = |one: &Change| waited.get(&one.subscriber).copied().unwrap_or(0);
    Ok(made.iter().map(|(at, change)| (*at, waited_of(change))).collect())
}

/// Notes what people agreed to.
async fn agree(tx: &mut Tx, given: &[(i64, &Consent)], now: Timestamp) -> Result<(), StoreError> {
    if given.is_empty() {
        return Ok(());
    }
    let rows = given.iter().map(|(subscriber, consent)| {
        let Consent { what, how, wording, source } = consent;
        json!([subscriber, what, how, wording, source])
    });
    each(
        "INSERT INTO consents (subscriber, at, what, how, wording, source) \
         SELECT CAST(r.value ->> 0 AS BIGINT), $1, r.value ->> 1, r.value ->> 2, r.value ->> 3, \
           r.value ->> 4 FROM EACH",
        2,
    )
    .bind(micros(now))
    .bind(Value::from_iter(rows).to_string())
    .execute(tx)
    .await?;
    Ok(())
}
