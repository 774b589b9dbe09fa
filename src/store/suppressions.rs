//! Suppressions: addresses that must not be mailed, subscriber or not. They outlive the
//! subscriber; of who was erased, a keyed hash alone is left.

use jiff::Timestamp;
use serde::Serialize;

use super::bounces::clear;
use super::deliveries::skip_waiting;
use super::pick::Conditions;
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

/// Which suppressions are meant. What is set must all hold.
#[derive(Clone, Debug, Default)]
pub struct SuppressionFilter {
    /// Only those for this reason, in a word.
    pub reason: Option<String>,
    /// Only addresses of this domain; those of which a hash is left have none.
    pub domain: Option<String>,
    /// Only those from then on.
    pub since: Option<Timestamp>,
}

/// A suppression to be entered.
#[derive(Clone, Debug)]
pub struct NewSuppression {
    /// The address; none where a hash is all that is known.
    pub email: Option<EmailAddress>,
    /// The keyed hash.
    pub mark: String,
    /// In a word.
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
        self.suppressions_like(&SuppressionFilter::default(), after, limit).await
    }

    /// Up to `limit` suppressions that fit `filter`, by their marks, those after `after`.
    pub async fn suppressions_like(
        &self,
        filter: &SuppressionFilter,
        after: &str,
        limit: u32,
    ) -> Result<Vec<Suppression>, StoreError> {
        let mut all = Conditions::default().and("address > ?", after);
        if let Some(reason) = &filter.reason {
            all = all.and("reason = ?", reason);
        }
        if let Some(domain) = &filter.domain {
            let domain = domain.trim_start_matches('@').to_lowercase();
            all = all.and("lower(email) LIKE '%@' || ?", domain);
        }
        if let Some(since) = filter.since {
            all = all.and("at >= ?", micros(since));
        }
        let rows: Vec<(String, Option<String>, i64, String, String)> = all
            .select(
                "SELECT address, email, at, reason, detail FROM suppressions",
                &format!("ORDER BY address LIMIT {limit}"),
            )
            .fetch_all(&self.read)
            .await?;
        Ok(rows.into_iter().map(suppression).collect())
    }

    /// Enters all of these, in one unit; what waits for them is not sent. Returns how many were
    /// not there yet.
    pub async fn suppress_all(
        &self,
        new: &[NewSuppression],
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let mut done = 0;
        for one in new {
            done += u64::from(put(&mut tx, one, now).await?);
            if let Some(email) = &one.email {
                end_subscription(&mut tx, email, &one.reason, &one.detail, now).await?;
            }
        }
        tx.commit().await?;
        Ok(done)
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
        let one = NewSuppression {
            email: Some(email.clone()),
            mark: mark.to_owned(),
            reason: reason.to_owned(),
            detail: detail.to_owned(),
        };
        Ok(self.suppress_all(&[one], now).await? == 1)
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

/// A subscriber with this address is mailed no more.
async fn end_subscription(
    tx: &mut Tx,
    email: &EmailAddress,
    reason: &str,
    detail: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let subscriber: Option<i64> = sql("UPDATE subscribers SET state = 'suppressed', \
           next_due_at = NULL, paused_until = NULL, state_at = $1 \
         WHERE email_key = $2 AND state <> 'suppressed' RETURNING id")
    .bind(micros(now))
    .bind(email.key())
    .scalar_optional(&mut *tx)
    .await?;
    if let Some(id) = subscriber {
        note(tx, id, now, "suppressed", &format!("{reason}: {detail}")).await?;
        skip_waiting(tx, id, now, "the address is suppressed").await?;
    }
    Ok(())
}

/// Enters one in a unit of writing that does more. False where it was there already.
pub(super) async fn put(
    tx: &mut Tx,
    new: &NewSuppression,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let done = sql("INSERT INTO suppressions (address, email, at, reason, detail) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING")
    .bind(&new.mark)
    .bind(new.email.as_ref().map(EmailAddress::as_str))
    .bind(micros(now))
    .bind(&new.reason)
    .bind(&new.detail)
    .execute(tx)
    .await?;
    Ok(done == 1)
}

fn suppression(
    (mark, email, at, reason, detail): (String, Option<String>, i64, String, String),
) -> Suppression {
    Suppression { mark, email, since: instant(at), reason, detail }
}
