//! Where a subscription stands, and each move from there: made only from where it was thought
//! to stand, with its note, its consent, and the end of what waits, all in one unit.

use jiff::Timestamp;

use super::asking::consent;
use super::deliveries::skip_waiting;
use super::notices::{NewNotice, enqueue};
use super::subscribers::note;
use super::{Store, StoreError, instant, micros, sql};
use crate::model::{EmailAddress, SubscriberState};

/// A move from one standing to another.
#[derive(Clone, Debug)]
pub struct Change<'a> {
    /// Who.
    pub subscriber: i64,
    /// Made only where they stand at one of these.
    pub from: &'a [SubscriberState],
    /// Where to.
    pub to: SubscriberState,
    /// When the next digest is due, if active then.
    pub next_due_at: Option<Timestamp>,
    /// Until when, if paused then; none: until somebody ends it.
    pub paused_until: Option<Timestamp>,
    /// Why, in words, for `why`.
    pub detail: &'a str,
    /// What was agreed to, if anything was.
    pub consent: Option<Consent<'a>>,
    /// Ends what waits, with this reason.
    pub ends_waiting: Option<&'a str>,
    /// A notice of it.
    pub notice: Option<NewNotice<'a>>,
    /// The mark under which a suppression of who had themselves erased ends.
    pub lifts: Option<&'a str>,
}

/// What a person agreed to.
#[derive(Clone, Copy, Debug)]
pub struct Consent<'a> {
    /// In a word: `confirmed`, `returned`, `moved`.
    pub what: &'a str,
    /// By which door, such as `web`.
    pub how: &'a str,
    /// The version of the words.
    pub wording: &'a str,
    /// Keyed hash of the network that it came from.
    pub source: Option<&'a str>,
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
    /// the subscription stands elsewhere.
    pub async fn change(
        &self,
        change: &Change<'_>,
        now: Timestamp,
    ) -> Result<Option<u64>, StoreError> {
        let mut tx = self.begin().await?;
        let active = change.to == SubscriberState::Active;
        let from: Vec<String> = change.from.iter().map(|s| format!("'{}'", s.word())).collect();
        let done = sql(format!(
            "UPDATE subscribers SET state = $1, next_due_at = $2, paused_until = $3, \
               state_at = $4, \
               confirmed_at = CASE WHEN $5 THEN coalesce(confirmed_at, $4) ELSE confirmed_at END \
             WHERE id = $6 AND state IN ({})",
            from.join(", ")
        ))
        .bind(change.to.word())
        .bind(change.next_due_at.filter(|_| active).map(micros))
        .bind(change.paused_until.map(micros))
        .bind(micros(now))
        .bind(active)
        .bind(change.subscriber)
        .execute(&mut tx)
        .await?;
        if done == 0 {
            tx.rollback().await?;
            return Ok(None);
        }
        let id = change.subscriber;
        note(&mut tx, id, now, change.to.word(), change.detail).await?;
        if let Some(Consent { what, how, wording, source }) = change.consent {
            consent(&mut tx, id, what, now, how, wording, source).await?;
        }
        if let Some(mark) = change.lifts {
            sql("DELETE FROM suppressions WHERE address = $1 AND reason = 'erased'")
                .bind(mark)
                .execute(&mut tx)
                .await?;
        }
        let mut waited = 0;
        if let Some(reason) = change.ends_waiting {
            waited = skip_waiting(&mut tx, id, now, reason).await?;
        }
        if let Some(notice) = &change.notice {
            enqueue(&mut tx, id, notice, now).await?;
        }
        tx.commit().await?;
        self.bell.plan();
        self.bell.send();
        Ok(Some(waited))
    }

    /// Moves `subscriber` to `email`, whose owner agreed. False, with nothing changed, where
    /// somebody has a subscription there.
    pub async fn finish_move(
        &self,
        subscriber: i64,
        email: &EmailAddress,
        given: Consent<'_>,
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
        let Consent { what, how, wording, source } = given;
        consent(&mut tx, subscriber, what, now, how, wording, source).await?;
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
