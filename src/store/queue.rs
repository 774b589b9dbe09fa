//! The queue as people look at it, and the books that must balance.

use jiff::Timestamp;
use serde::Serialize;

use super::pick::QueueFilter;
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

/// A delivery as the queue shows it.
#[derive(Clone, Debug)]
pub struct QueueRow {
    /// Its row.
    pub id: i64,
    /// To whom.
    pub email: String,
    /// The word of its kind: `digest`, `resend`, `confirm`, …
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

/// All that is known of one delivery.
#[derive(Clone, Debug, Serialize)]
pub struct QueueEntry {
    /// Its row.
    pub id: i64,
    /// To whom; empty where they were erased.
    pub email: String,
    /// The word of its kind.
    pub kind: String,
    /// The word of its state.
    pub state: String,
    /// The subject of the mail.
    pub subject: String,
    /// The day that a digest counts for, on its reader's calendar; empty for notices.
    pub day: String,
    /// Attempts that the recipient has cost; those at which a relay was down are none.
    pub attempts: i64,
    /// When it was planned.
    pub created_at: Timestamp,
    /// When it is tried next, while it waits.
    pub next_attempt_at: Timestamp,
    /// Not to be sent after.
    pub expires_at: Timestamp,
    /// When it ended, if it has.
    pub finished_at: Option<Timestamp>,
    /// The process that has claimed it, if one has.
    pub node: Option<String>,
    /// Whether its bytes may be on the wire.
    pub begun: bool,
    /// Whether it may have arrived before it was sent again.
    pub doubtful: bool,
    /// The relay that was tried last.
    pub relay: Option<String>,
    /// The last answer, or our own words.
    pub reason: Option<String>,
    /// The attempts that did not end in "sent", the oldest first.
    pub tries: Vec<Attempt>,
}

/// How the reason of a mail begins that a restore holds back.
pub(super) const HELD: &str = "held:";

impl QueueEntry {
    /// Whether a restore holds it back: it may have been sent after the backup was made, so that its
    /// papers count as sent.
    pub fn is_held(&self) -> bool {
        is_held(&self.state, self.reason.as_deref())
    }

    /// What there is to say of a mail that may have arrived unnoticed.
    pub fn doubt(&self) -> Option<&'static str> {
        self.doubtful.then(|| match self.is_held() {
            true => "it may have been sent after the backup was made, and is not sent again",
            false => "a process ended while sending it: it may have arrived twice",
        })
    }
}

/// Whether these are the state and the reason of a mail that a restore holds back.
pub(super) fn is_held(state: &str, reason: Option<&str>) -> bool {
    state == "skipped" && reason.is_some_and(|reason| reason.starts_with(HELD))
}

/// An attempt that did not end in "sent".
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// When.
    pub at: Timestamp,
    /// By which relay.
    pub relay: String,
    /// `deferred`, `failed` or `relay-down`.
    pub outcome: String,
    /// What the relay answered.
    pub reply: String,
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

#[derive(sqlx::FromRow)]
struct EntryColumns {
    id: i64,
    email: String,
    kind: String,
    state: String,
    subject: String,
    day: String,
    attempts: i64,
    created_at: i64,
    next_attempt_at: i64,
    expires_at: i64,
    finished_at: Option<i64>,
    node: Option<String>,
    begun: bool,
    doubtful: bool,
    relay: Option<String>,
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
        let rows: Vec<QueueColumns> = filter
            .conditions()
            .and("d.id > ?", after)
            .select(
                "SELECT d.id, coalesce(d.recipient, s.email, '') AS email, d.kind, d.state, \
                   d.attempts, d.next_attempt_at, d.reason \
                 FROM deliveries d LEFT JOIN subscribers s ON s.id = d.subscriber",
                &format!("ORDER BY d.id LIMIT {limit}"),
            )
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

    /// How many deliveries fit `filter`, by state; states with none are left out.
    pub async fn queue_counts(
        &self,
        filter: &QueueFilter,
    ) -> Result<Vec<(DeliveryState, u64)>, StoreError> {
        let rows: Vec<(String, i64)> = filter
            .conditions()
            .select(
                "SELECT d.state, count(*) FROM deliveries d \
                 LEFT JOIN subscribers s ON s.id = d.subscriber",
                "GROUP BY d.state",
            )
            .fetch_all(&self.read)
            .await?;
        let known = |(word, count): (String, i64)| {
            let state = DeliveryState::from_word(&word)
                .ok_or_else(|| StoreError::damaged("state of a delivery", &word))?;
            Ok((state, count.unsigned_abs()))
        };
        rows.into_iter().map(known).collect()
    }

    /// All that is known of the delivery in this row.
    pub async fn queue_entry(&self, id: i64) -> Result<Option<QueueEntry>, StoreError> {
        let row: Option<EntryColumns> =
            sql("SELECT d.id, coalesce(d.recipient, s.email, '') AS email, d.kind, d.state, \
               g.subject, d.day, d.attempts, d.created_at, d.next_attempt_at, d.expires_at, \
               d.finished_at, d.node, d.begun, d.doubtful, d.relay, d.reason \
             FROM deliveries d JOIN digests g ON g.id = d.digest \
             LEFT JOIN subscribers s ON s.id = d.subscriber WHERE d.id = $1")
            .bind(id)
            .fetch_optional(&self.read)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let tries: Vec<(i64, String, String, String)> =
            sql("SELECT at, relay, outcome, reply FROM attempts WHERE delivery = $1 ORDER BY id")
                .bind(id)
                .fetch_all(&self.read)
                .await?;
        let attempt =
            |(at, relay, outcome, reply)| Attempt { at: instant(at), relay, outcome, reply };
        Ok(Some(QueueEntry {
            id: row.id,
            email: row.email,
            kind: row.kind,
            state: row.state,
            subject: row.subject,
            day: row.day,
            attempts: row.attempts,
            created_at: instant(row.created_at),
            next_attempt_at: instant(row.next_attempt_at),
            expires_at: instant(row.expires_at),
            finished_at: row.finished_at.map(instant),
            node: row.node,
            begun: row.begun,
            doubtful: row.doubtful,
            relay: row.relay,
            reason: row.reason,
            tries: tries.into_iter().map(attempt).collect(),
        }))
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
