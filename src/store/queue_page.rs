//! The queue in pages, the newest first, for who looks: never further back than asked, so that a
//! page of a rare state does not look at every delivery that ever was.

use jiff::Timestamp;

use super::pick::{Conditions, QueueFilter};
use super::{Store, StoreError, instant, micros};
use crate::model::DeliveryState;

/// A delivery as a page shows it.
#[derive(Clone, Debug)]
pub struct QueueLine {
    /// Its row.
    pub id: i64,
    /// To whom; empty where they were erased.
    pub email: String,
    /// The subscriber's row; 0: none.
    pub subscriber: i64,
    /// The word of its kind.
    pub kind: String,
    /// The word of its state.
    pub state: String,
    /// Attempts so far.
    pub attempts: i64,
    /// When it was planned.
    pub created_at: Timestamp,
    /// When it is tried next, while it waits.
    pub next_attempt_at: Timestamp,
    /// When it ended, if it has.
    pub finished_at: Option<Timestamp>,
    /// The relay that was tried last.
    pub relay: Option<String>,
    /// The last answer, or our own words.
    pub reason: Option<String>,
}

/// How many deliveries there are.
#[derive(Clone, Debug)]
pub struct QueueCounts {
    /// By state.
    pub states: Vec<(DeliveryState, u64)>,
    /// Whether all of them were counted, and not the newest alone.
    pub whole: bool,
}

#[derive(sqlx::FromRow)]
struct Columns {
    id: i64,
    email: String,
    subscriber: i64,
    kind: String,
    state: String,
    attempts: i64,
    created_at: i64,
    next_attempt_at: i64,
    finished_at: Option<i64>,
    relay: Option<String>,
    reason: Option<String>,
}

impl Store {
    /// Up to `limit` deliveries that fit, planned since `since`, the newest first, those before the
    /// row `before` (0: from the newest).
    pub async fn queue_page(
        &self,
        filter: &QueueFilter,
        since: Timestamp,
        before: i64,
        limit: u32,
    ) -> Result<Vec<QueueLine>, StoreError> {
        let mut conditions = since_then(filter, since);
        if before > 0 {
            let made = "SELECT created_at FROM deliveries WHERE id = ?";
            conditions = conditions.and(&format!("(d.created_at, d.id) < (({made}), ?)"), before);
        }
        let rows: Vec<Columns> = conditions
            .select(
                "SELECT d.id, coalesce(d.recipient, s.email, '') AS email, d.subscriber, d.kind, \
                   d.state, d.attempts, d.created_at, d.next_attempt_at, d.finished_at, d.relay, \
                   d.reason \
                 FROM deliveries d LEFT JOIN subscribers s ON s.id = d.subscriber",
                &format!("ORDER BY d.created_at DESC, d.id DESC LIMIT {limit}"),
            )
            .fetch_all(&self.read)
            .await?;
        let line = |row: Columns| QueueLine {
            id: row.id,
            email: row.email,
            subscriber: row.subscriber,
            kind: row.kind,
            state: row.state,
            attempts: row.attempts,
            created_at: instant(row.created_at),
            next_attempt_at: instant(row.next_attempt_at),
            finished_at: row.finished_at.map(instant),
            relay: row.relay,
            reason: row.reason,
        };
        Ok(rows.into_iter().map(line).collect())
    }

    /// How many deliveries fit, planned since `since`, by state. Those that wait are all counted; of
    /// others the newest `most`, as they may be millions.
    pub async fn queue_counts_since(
        &self,
        filter: &QueueFilter,
        since: Timestamp,
        most: u32,
    ) -> Result<QueueCounts, StoreError> {
        let newest = match filter.waits() {
            true => String::new(),
            false => format!("ORDER BY d.created_at DESC LIMIT {most}"),
        };
        let rows: Vec<(String, i64)> = since_then(filter, since)
            .select(
                "SELECT state, count(*) FROM (SELECT d.state FROM deliveries d",
                &format!("{newest}) those GROUP BY state"),
            )
            .fetch_all(&self.read)
            .await?;
        let known = |(word, count): (String, i64)| {
            let state = DeliveryState::from_word(&word)
                .ok_or_else(|| StoreError::damaged("state of a delivery", &word))?;
            Ok((state, count.unsigned_abs()))
        };
        let states: Vec<_> = rows.into_iter().map(known).collect::<Result<_, StoreError>>()?;
        let total: u64 = states.iter().map(|(_, count)| count).sum();
        Ok(QueueCounts { whole: filter.waits() || total < u64::from(most), states })
    }
}

/// Those that fit, planned since `since`.
fn since_then(filter: &QueueFilter, since: Timestamp) -> Conditions {
    let conditions = filter.conditions().and("d.created_at > ?", micros(since));
    match filter.waits() {
        // Two small indices have them.
        true => conditions.and_just(
            "d.id IN (SELECT id FROM deliveries WHERE state IN ('queued', 'deferred') \
               UNION ALL SELECT id FROM deliveries WHERE state = 'sending')",
        ),
        false => conditions,
    }
}
