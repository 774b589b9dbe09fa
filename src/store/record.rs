//! What became of claimed deliveries, recorded in groups. Each group first takes hold of its
//! node's row, so that a node that lost its lease changes nothing, and in the same unit says
//! which mails may be on the wire from here on. A delivery that ends failed or skipped gives
//! its papers back to its reader.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::Serialize;

use super::interned::{intern_history, rows_of, rows_to_json};
use super::{Node, Store, StoreError, Tx, leases, micros};
use crate::model::DeliveryState;

/// What became of a claimed delivery.
#[derive(Clone, Debug)]
pub enum Recorded {
    /// A relay took it.
    Sent {
        /// Its answer.
        reply: String,
    },
    /// To be tried again.
    Deferred {
        /// When.
        next_attempt_at: Timestamp,
        /// Whether it counts as an attempt; a relay that is down costs nobody one.
        counts: bool,
        /// Whether its bytes may have arrived: no answer came after the mail.
        doubtful: bool,
        /// The answer, or our own words.
        reply: String,
    },
    /// Refused for good.
    Failed {
        /// The answer.
        reply: String,
    },
    /// Not to be sent any more.
    Skipped {
        /// Why.
        reason: String,
    },
    /// Claimed but not tried (the process stops): as it was before.
    Released,
}

/// One claimed delivery's end.
#[derive(Clone, Debug)]
pub struct Finished {
    /// Its row.
    pub id: i64,
    /// The relay's name, where one was tried.
    pub relay: Option<String>,
    /// What became of it.
    pub what: Recorded,
}

/// A sent delivery as the statement reads it.
#[derive(Serialize)]
struct SentRow<'a> {
    id: i64,
    relay: Option<&'a str>,
    reply: &'a str,
}

impl Store {
    /// Records what became of claimed deliveries, and which ones may be on the wire from here
    /// on (`on_wire`), all in one unit. Nothing of a delivery may leave before it was recorded
    /// here as on the wire.
    ///
    /// # Errors
    ///
    /// [`StoreError::Fenced`] where the node lost its lease. What was sent is recorded even
    /// then, if nobody has taken it on again.
    pub async fn record(
        &self,
        node: &Node,
        now: Timestamp,
        finished: &[Finished],
        on_wire: &[i64],
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        if leases::hold(&mut tx, &node.name(), &rows_to_json(on_wire)).await? {
            record(&mut tx, now, finished).await?;
            tx.commit().await?;
            return Ok(());
        }
        node.lost();
        let waits = "deliveries.doubtful AND deliveries.state IN ('queued', 'deferred')";
        sent(&mut tx, now, finished, waits).await?;
        tx.commit().await?;
        Err(StoreError::Fenced)
    }
}

/// Records what became of deliveries that are this process's to decide on.
pub(super) async fn record(
    tx: &mut Tx,
    now: Timestamp,
    finished: &[Finished],
) -> Result<(), StoreError> {
    sent(tx, now, finished, "deliveries.state = 'sending'").await?;
    release(tx, finished).await?;
    let mut given_back = HashMap::new();
    for one in finished {
        let relay = one.relay.as_deref();
        match &one.what {
            Recorded::Sent { .. } | Recorded::Released => {}
            Recorded::Failed { reply } => {
                attempt(tx, one.id, now, relay, "failed", reply).await?;
                end(tx, one.id, now, DeliveryState::Failed, relay, reply, true).await?;
                give_back(tx, one.id, &mut given_back).await?;
            }
            Recorded::Skipped { reason } => {
                end(tx, one.id, now, DeliveryState::Skipped, relay, reason, false).await?;
                give_back(tx, one.id, &mut given_back).await?;
            }
            Recorded::Deferred { next_attempt_at, counts, doubtful, reply } => {
                let outcome = if *counts { "deferred" } else { "relay-down" };
                attempt(tx, one.id, now, relay, outcome, reply).await?;
                sqlx::query(
                    "UPDATE deliveries SET state = 'deferred', node = NULL, \
                       attempts = attempts + $1, next_attempt_at = $2, relay = $3, reason = $4, \
                       doubtful = doubtful OR $5 WHERE id = $6",
                )
                .bind(i64::from(*counts))
                .bind(micros(*next_attempt_at))
                .bind(relay)
                .bind(reply)
                .bind(*doubtful)
                .bind(one.id)
                .execute(&mut **tx)
                .await?;
            }
        }
    }
    Ok(())
}

/// Ends those that were sent, where `still` holds of them: one statement for all.
async fn sent(
    tx: &mut Tx,
    now: Timestamp,
    finished: &[Finished],
    still: &'static str,
) -> Result<(), StoreError> {
    let rows: Vec<SentRow<'_>> = finished
        .iter()
        .filter_map(|one| match &one.what {
            Recorded::Sent { reply } => {
                Some(SentRow { id: one.id, relay: one.relay.as_deref(), reply })
            }
            _ => None,
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    let text = format!(
        "UPDATE deliveries SET state = 'sent', node = NULL, finished_at = $1, \
           attempts = attempts + 1, relay = one.value ->> 'relay', reason = one.value ->> 'reply' \
         FROM json_each($2) one WHERE deliveries.id = one.value ->> 'id' AND {still}"
    );
    sqlx::query(sqlx::AssertSqlSafe(text))
        .bind(micros(now))
        .bind(rows_to_json(&rows))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Gives back what was claimed and not begun, as it was before.
async fn release(tx: &mut Tx, finished: &[Finished]) -> Result<(), StoreError> {
    let released = |one: &&Finished| matches!(one.what, Recorded::Released);
    let ids: Vec<i64> = finished.iter().filter(released).map(|one| one.id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "UPDATE deliveries SET node = NULL, \
           state = CASE WHEN attempts > 0 THEN 'deferred' ELSE 'queued' END \
         WHERE id IN (SELECT value FROM json_each($1)) AND state = 'sending'",
    )
    .bind(rows_to_json(&ids))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn end(
    tx: &mut Tx,
    id: i64,
    now: Timestamp,
    state: DeliveryState,
    relay: Option<&str>,
    reason: &str,
    tried: bool,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE deliveries SET state = $1, node = NULL, finished_at = $2, \
           relay = coalesce($3, relay), reason = $4, attempts = attempts + $5 WHERE id = $6",
    )
    .bind(state.word())
    .bind(micros(now))
    .bind(relay)
    .bind(reason)
    .bind(i64::from(tried))
    .bind(id)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn attempt(
    tx: &mut Tx,
    delivery: i64,
    at: Timestamp,
    relay: Option<&str>,
    outcome: &str,
    reply: &str,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO attempts (delivery, at, relay, outcome, reply) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(delivery)
    .bind(micros(at))
    .bind(relay.unwrap_or(""))
    .bind(outcome)
    .bind(reply)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Takes the papers of an unsent digest out of its reader's history, so that they come
/// with the next one. Readers of one cohort share the work through `known`: (history,
/// digest) to the history without it.
async fn give_back(
    tx: &mut Tx,
    delivery: i64,
    known: &mut HashMap<(i64, i64), i64>,
) -> Result<(), StoreError> {
    let row: Option<(i64, i64, i64)> = sqlx::query_as(
        "SELECT s.id, s.history, d.digest FROM deliveries d \
         JOIN subscribers s ON s.id = d.subscriber WHERE d.id = $1",
    )
    .bind(delivery)
    .fetch_optional(&mut **tx)
    .await?;
    let Some((subscriber, history, digest)) = row else { return Ok(()) };
    let without = match known.get(&(history, digest)) {
        Some(without) => *without,
        None => {
            let (kept, unsent): (String, String) = sqlx::query_as(
                "SELECT h.papers, g.papers FROM histories h, digests g \
                 WHERE h.id = $1 AND g.id = $2",
            )
            .bind(history)
            .bind(digest)
            .fetch_one(&mut **tx)
            .await?;
            let unsent = rows_of(&unsent)?;
            let mut papers = rows_of(&kept)?;
            papers.retain(|paper| !unsent.contains(paper));
            let without = intern_history(tx, &papers).await?;
            known.insert((history, digest), without);
            without
        }
    };
    sqlx::query("UPDATE subscribers SET history = $1 WHERE id = $2")
        .bind(without)
        .bind(subscriber)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
