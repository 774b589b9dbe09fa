//! What a restore never undoes: who left, was suppressed or erased after the backup was made, as
//! far as the database that is moved aside still tells.

use std::collections::HashSet;

use jiff::Timestamp;

use super::{Store, StoreError, micros, sql};

/// Those who went since a moment, read of the database that was there.
#[derive(Clone, Debug, Default)]
pub(super) struct Leavings {
    /// Addresses: keyed hash, address, when, reason, detail.
    suppressed: Vec<(String, Option<String>, i64, String, String)>,
    /// Subscribers who left or were suppressed: key of their address, state, since when.
    left: Vec<(String, String, i64)>,
    /// Subscribers who are still there, by row and when they came.
    there: HashSet<(i64, i64)>,
}

/// How many of them were there again, and went again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Carried {
    /// Unsubscribed or suppressed.
    pub left: u64,
    /// Erased, or forgotten as they never confirmed.
    pub erased: u64,
}

impl Store {
    /// Who went since `since`; nothing where the schema is too old to tell.
    pub(super) async fn leavings(&self, since: Timestamp) -> Result<Option<Leavings>, StoreError> {
        if !self.has_table("suppressions").await? {
            return Ok(None);
        }
        let suppressed = sql("SELECT address, email, at, reason, detail FROM suppressions \
             WHERE at > $1")
        .bind(micros(since))
        .fetch_all(&self.write)
        .await?;
        let left = sql("SELECT email_key, state, state_at FROM subscribers \
             WHERE state IN ('unsubscribed', 'suppressed') AND state_at > $1")
        .bind(micros(since))
        .fetch_all(&self.write)
        .await?;
        let there: Vec<(i64, i64)> =
            sql("SELECT id, created_at FROM subscribers").fetch_all(&self.write).await?;
        Ok(Some(Leavings { suppressed, left, there: there.into_iter().collect() }))
    }

    /// Has them gone here, too.
    pub(super) async fn carry(
        &self,
        leavings: &Leavings,
        now: Timestamp,
    ) -> Result<Carried, StoreError> {
        let mut done = Carried::default();
        let here: Vec<(i64, i64)> =
            sql("SELECT id, created_at FROM subscribers").fetch_all(&self.write).await?;
        for (id, created_at) in here {
            if !leavings.there.contains(&(id, created_at)) {
                done.erased += u64::from(self.erase(id, None, now).await?);
            }
        }
        let mut tx = self.begin().await?;
        for (address, email, at, reason, detail) in &leavings.suppressed {
            sql("INSERT INTO suppressions (address, email, at, reason, detail) \
                 VALUES ($1, $2, $3, $4, $5) ON CONFLICT (address) DO NOTHING")
            .bind(address)
            .bind(email.as_ref())
            .bind(at)
            .bind(reason)
            .bind(detail)
            .execute(&mut tx)
            .await?;
        }
        for (key, state, at) in &leavings.left {
            let moved: Option<i64> = sql("UPDATE subscribers SET state = $1, state_at = $2, \
                   next_due_at = NULL, paused_until = NULL \
                 WHERE email_key = $3 AND state IN ('pending', 'active', 'paused') RETURNING id")
            .bind(state)
            .bind(at)
            .bind(key)
            .scalar_optional(&mut tx)
            .await?;
            if let Some(id) = moved {
                done.left += 1;
                sql("INSERT INTO subscriber_events (subscriber, at, what, detail) \
                     VALUES ($1, $2, $3, 'before a backup was restored; kept')")
                .bind(id)
                .bind(at)
                .bind(state)
                .execute(&mut tx)
                .await?;
            }
        }
        tx.commit().await?;
        Ok(done)
    }
}
