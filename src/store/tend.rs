//! The queue tended by hand: waiting deliveries tried at once, or ended. What a process has claimed
//! is left alone, as its bytes may be on the wire; what has ended stays ended.

use jiff::Timestamp;
use serde::Serialize;

use super::interned::rows_to_json;
use super::owed::give_back;
use super::pick::QueueFilter;
use super::{Store, StoreError, Tx, either, micros};
use crate::model::DeliveryState;

/// Deliveries changed in one unit: others write in between.
const SLICE: u32 = 20_000;

/// How the reason of a delivery begins that an administrator dropped.
pub(super) const DROPPED: &str = "dropped";

/// What was done to the queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tended {
    /// Deliveries that it was done to.
    pub done: u64,
    /// Left alone: a process has claimed them, and they may be on the wire.
    pub on_wire: u64,
    /// Left alone: sent, failed or skipped already.
    pub ended: u64,
}

#[derive(Clone, Copy)]
enum Deed<'a> {
    Retry,
    Drop(&'a str),
}

impl Store {
    /// Makes the waiting deliveries that fit `filter` due at `now`, whenever they were to be tried
    /// next. Their attempts so far, and when they expire, stay; a relay or a domain that rests goes
    /// on resting. Deliveries that failed are not sent again: a new one is, see
    /// [`Store::resend_day`].
    pub async fn retry_waiting(
        &self,
        filter: &QueueFilter,
        now: Timestamp,
    ) -> Result<Tended, StoreError> {
        let tended = self.tend(filter, Deed::Retry, now).await?;
        self.bell().send();
        Ok(tended)
    }

    /// Ends the waiting deliveries that fit `filter` as skipped. The papers of a digest go back to
    /// its reader, and come with the next. `by` goes on after "dropped": by whom, and why.
    pub async fn drop_waiting(
        &self,
        filter: &QueueFilter,
        by: &str,
        now: Timestamp,
    ) -> Result<Tended, StoreError> {
        self.tend(filter, Deed::Drop(&format!("{DROPPED} {by}")), now).await
    }

    async fn tend(
        &self,
        filter: &QueueFilter,
        deed: Deed<'_>,
        now: Timestamp,
    ) -> Result<Tended, StoreError> {
        let (mut done, mut after) = (0, 0);
        loop {
            let ids: Vec<i64> = filter
                .conditions()
                .and_just("d.state IN ('queued', 'deferred')")
                .and("d.id > ?", after)
                .select("SELECT d.id FROM deliveries d", &format!("ORDER BY d.id LIMIT {SLICE}"))
                .scalars(&self.read)
                .await?;
            let Some(last) = ids.last() else { break };
            after = *last;
            let mut tx = self.begin().await?;
            done += match deed {
                Deed::Retry => retry(&mut tx, &ids, now).await?,
                Deed::Drop(reason) => end(&mut tx, &ids, reason, now).await?,
            };
            tx.commit().await?;
        }
        let mut tended = Tended { done, ..Tended::default() };
        for (state, count) in self.queue_counts(filter).await? {
            match state {
                DeliveryState::Queued | DeliveryState::Deferred => {}
                DeliveryState::Sending => tended.on_wire += count,
                // With those that were ended here, where the filter asks for none in particular.
                _ => tended.ended += count,
            }
        }
        let ended_here = matches!(deed, Deed::Drop(_)) && filter.shows_skipped();
        if ended_here {
            tended.ended = tended.ended.saturating_sub(done);
        }
        Ok(tended)
    }
}

impl QueueFilter {
    /// Whether a delivery that fits it still does once it was skipped.
    fn shows_skipped(&self) -> bool {
        self.state.is_none() && (!self.ids.is_empty() || self.doubtful)
    }
}

async fn retry(tx: &mut Tx, ids: &[i64], now: Timestamp) -> Result<u64, StoreError> {
    either(
        "UPDATE deliveries SET next_attempt_at = min(next_attempt_at, $1) \
         WHERE id IN (SELECT value FROM json_each($2)) \
           AND state || '' IN ('queued', 'deferred')",
        "UPDATE deliveries SET next_attempt_at = least(next_attempt_at, $1) \
         WHERE id IN (SELECT CAST(jsonb_array_elements_text(CAST($2 AS jsonb)) AS BIGINT)) \
           AND state || '' IN ('queued', 'deferred')",
    )
    .bind(micros(now))
    .bind(rows_to_json(ids))
    .execute(&mut *tx)
    .await
}

async fn end(tx: &mut Tx, ids: &[i64], reason: &str, now: Timestamp) -> Result<u64, StoreError> {
    let text = |rows: &str| {
        format!(
            "UPDATE deliveries SET state = 'skipped', node = NULL, begun = FALSE, \
               finished_at = $1, reason = CASE WHEN subscriber < 0 THEN reason ELSE $3 END \
             WHERE id IN ({rows}) AND state || '' IN ('queued', 'deferred') RETURNING id"
        )
    };
    let ended: Vec<i64> = either(
        text("SELECT value FROM json_each($2)"),
        text("SELECT CAST(jsonb_array_elements_text(CAST($2 AS jsonb)) AS BIGINT)"),
    )
    .bind(micros(now))
    .bind(rows_to_json(ids))
    .bind(reason)
    .scalars(&mut *tx)
    .await?;
    give_back(tx, &ended).await?;
    Ok(ended.len() as u64)
}
