//! The queue as people look at it, and the books that must balance.

use jiff::Timestamp;
use serde::Serialize;

use super::{Store, StoreError, instant, sql};
use crate::model::DeliveryState;

/// What was planned, and where all of it is now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Books {
    /// Deliveries ever planned.
    pub planned: u64,
    /// Taken by a relay.
    pub sent: u64,
    /// Queued, claimed or deferred.
    pub waiting: u64,
    /// Refused for good.
    pub failed: u64,
    /// Not sent, for the reason given with each.
    pub skipped: u64,
}

impl Books {
    /// Whether every delivery is accounted for.
    pub fn balance(&self) -> bool {
        self.planned == self.sent + self.waiting + self.failed + self.skipped
    }
}

/// Which deliveries to list.
#[derive(Clone, Debug, Default)]
pub struct QueueFilter {
    /// Only those in this state; else those that wait.
    pub state: Option<DeliveryState>,
    /// Only those that may have been sent twice.
    pub doubtful: bool,
}

/// A delivery as the queue shows it.
#[derive(Clone, Debug)]
pub struct QueueRow {
    /// Its row.
    pub id: i64,
    /// To whom.
    pub email: String,
    /// `digest`.
    pub kind: String,
    /// The word of its state.
    pub state: String,
    /// Attempts so far.
    pub attempts: i64,
    /// When it is tried next.
    pub next_attempt_at: Timestamp,
    /// The last answer, or our own words.
    pub reason: Option<String>,
}

#[derive(sqlx::FromRow)]
struct QueueColumns {
    id: i64,
    email: String,
    kind: String,
    state: String,
    attempts: i64,
    next_attempt_at: i64,
    reason: Option<String>,
}

impl Store {
    /// When the relay called `relay` first took a mail, and how many it took from `since` on.
    pub async fn sent_by(
        &self,
        relay: &str,
        since: Timestamp,
    ) -> Result<(Option<Timestamp>, u64), StoreError> {
        let (first, count): (Option<i64>, i64) = sql(
            "SELECT min(finished_at), coalesce(sum(CASE WHEN finished_at >= $2 THEN 1 ELSE 0 END), 0) \
             FROM deliveries WHERE state = 'sent' AND relay = $1",
        )
        .bind(relay)
        .bind(super::micros(since))
        .fetch_one(&self.read)
        .await?;
        Ok((first.map(instant), count.unsigned_abs()))
    }

    /// What was planned, and where all of it is now.
    pub async fn books(&self) -> Result<Books, StoreError> {
        let rows: Vec<(String, i64)> = sql("SELECT state, count(*) FROM deliveries GROUP BY state")
            .fetch_all(&self.read)
            .await?;
        let mut books = Books::default();
        for (state, count) in rows {
            let count = u64::try_from(count).unwrap_or(0);
            books.planned += count;
            match DeliveryState::from_word(&state) {
                Some(DeliveryState::Sent) => books.sent += count,
                Some(DeliveryState::Failed) => books.failed += count,
                Some(DeliveryState::Skipped) => books.skipped += count,
                Some(_) => books.waiting += count,
                // Of no known state: counted as planned alone, so that the books say so.
                None => {}
            }
        }
        Ok(books)
    }

    /// Up to `limit` deliveries that fit `filter`, by row, those after `after`.
    pub async fn queue(
        &self,
        filter: &QueueFilter,
        after: i64,
        limit: u32,
    ) -> Result<Vec<QueueRow>, StoreError> {
        let rows: Vec<QueueColumns> = sql(
            "SELECT d.id, coalesce(d.recipient, s.email, '') AS email, d.kind, d.state, d.attempts, d.next_attempt_at, \
               d.reason \
             FROM deliveries d LEFT JOIN subscribers s ON s.id = d.subscriber \
             WHERE d.id > $1 AND (NOT $2 OR d.doubtful) \
               AND (d.state = $3 OR ($3 IS NULL \
                    AND ($2 OR d.state IN ('queued', 'sending', 'deferred')))) \
             ORDER BY d.id LIMIT $4",
        )
        .bind(after)
        .bind(filter.doubtful)
        .bind(filter.state.map(DeliveryState::word))
        .bind(i64::from(limit))
        .fetch_all(&self.read)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| QueueRow {
                id: row.id,
                email: row.email,
                kind: row.kind,
                state: row.state,
                attempts: row.attempts,
                next_attempt_at: instant(row.next_attempt_at),
                reason: row.reason,
            })
            .collect())
    }

    /// The earliest moment at which a waiting delivery is to be tried.
    pub async fn next_attempt(&self) -> Result<Option<Timestamp>, StoreError> {
        let at: Option<i64> = sql(
            "SELECT min(next_attempt_at) FROM deliveries WHERE state IN ('queued', 'deferred')",
        )
        .scalar(&self.read)
        .await?;
        Ok(at.map(instant))
    }

    /// How many deliveries are due at `now`.
    pub async fn count_due(&self, now: Timestamp) -> Result<u64, StoreError> {
        let count: i64 = sql("SELECT count(*) FROM deliveries \
             WHERE state IN ('queued', 'deferred') AND next_attempt_at <= $1")
        .bind(super::micros(now))
        .scalar(&self.read)
        .await?;
        Ok(u64::try_from(count).unwrap_or(0))
    }
}
