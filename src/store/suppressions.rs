//! Suppressions: addresses that must not be mailed, subscriber or not. They outlive the
//! subscriber; of who was erased, a keyed hash alone is left.

use jiff::Timestamp;
use serde::Serialize;

use super::bounces::clear;
use super::deliveries::skip_waiting;
use super::subscribers::note;
use super::{Store, StoreError, Tx, instant, micros, sql};
use crate::model::EmailAddress;
use crate::token::Key;

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Suppression {
    /// The keyed hash of the address.
    pub mark: String,
    /// The address, unless it was erased.
    pub email: Option<String>,
    /// Since when.
    pub since: Timestamp,
    /// In a word: `erased`, `admin`, `bounce`, `complaint`.
    pub reason: String,
    /// In more words.
    pub detail: String,
}

impl Store {
    /// Up to `limit` suppressions, by their marks, those after `after`.
    pub async fn suppressions(
        &self,
        after: &str,
        limit: u32,
    ) -> Result<Vec<Suppression>, StoreError> {
        let rows: Vec<(String, Option<String>, i64, String, String)> =
            sql("SELECT address, email, at, reason, detail FROM suppressions \
                 WHERE address > $1 ORDER BY address LIMIT $2")
            .bind(after)
            .bind(i64::from(limit))
            .fetch_all(&self.read)
            .await?;
        Ok(rows.into_iter().map(suppression).collect())
    }

    /// The suppression of the address with this mark.
    pub async fn suppression(&self, mark: &str) -> Result<Option<Suppression>, StoreError> {
        let row: Option<(String, Option<String>, i64, String, String)> =
            sql("SELECT address, email, at, reason, detail FROM suppressions WHERE address = $1")
                .bind(mark)
                .fetch_optional(&self.read)
                .await?;
        Ok(row.map(suppression))
    }

    /// Suppresses an address; what waits for it is not sent. False where it was already.
    pub async fn suppress(
        &self,
        email: &EmailAddress,
        mark: &str,
        reason: &str,
        detail: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let new = put(&mut tx, mark, email, reason, detail, now).await?;
        let subscriber: Option<i64> = sql("UPDATE subscribers SET state = 'suppressed', \
               next_due_at = NULL, paused_until = NULL, state_at = $1 \
             WHERE email_key = $2 AND state <> 'suppressed' RETURNING id")
        .bind(micros(now))
        .bind(email.key())
        .scalar_optional(&mut tx)
        .await?;
        if let Some(id) = subscriber {
            note(&mut tx, id, now, "suppressed", &format!("{reason}: {detail}")).await?;
            skip_waiting(&mut tx, id, now, "the address is suppressed").await?;
        }
        tx.commit().await?;
        Ok(new)
    }

    /// Lifts the suppression with this mark, and whatever else was going to come of mail that came
    /// back. A subscriber who was suppressed stays away until they return by themselves, or an
    /// administrator resumes them. False where there was nothing to lift.
    pub async fn lift(
        &self,
        mark: &str,
        key: Option<&str>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let done =
            sql("DELETE FROM suppressions WHERE address = $1").bind(mark).execute(&mut tx).await?;
        let subscriber: Option<i64> = sql("UPDATE subscribers SET state = 'unsubscribed', \
               state_at = $1 WHERE email_key = $2 AND state = 'suppressed' RETURNING id")
        .bind(micros(now))
        .bind(key)
        .scalar_optional(&mut tx)
        .await?;
        if let Some(id) = subscriber {
            note(&mut tx, id, now, "unsubscribed", "no longer suppressed").await?;
        }
        let known: Option<i64> = sql("SELECT id FROM subscribers WHERE email_key = $1")
            .bind(key)
            .scalar_optional(&mut tx)
            .await?;
        let held = match known {
            Some(id) => clear(&mut tx, id).await?,
            None => 0,
        };
        tx.commit().await?;
        Ok(done == 1 || subscriber.is_some() || held > 0)
    }
}

/// The mark by which an address is suppressed: a keyed hash.
pub fn mark_of(key: &Key, email: &EmailAddress) -> String {
    key.pseudonym("suppressed", &email.key())
}

/// Enters an address in a unit of writing that does more. False where it was there already.
pub(super) async fn put(
    tx: &mut Tx,
    mark: &str,
    email: &EmailAddress,
    reason: &str,
    detail: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let new = sql("INSERT INTO suppressions (address, email, at, reason, detail) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING")
    .bind(mark)
    .bind(email.as_str())
    .bind(micros(now))
    .bind(reason)
    .bind(detail)
    .execute(tx)
    .await?;
    Ok(new == 1)
}

fn suppression(
    (mark, email, at, reason, detail): (String, Option<String>, i64, String, String),
) -> Suppression {
    Suppression { mark, email, since: instant(at), reason, detail }
}
