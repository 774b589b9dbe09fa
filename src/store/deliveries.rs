//! Deliveries on their way: claimed by a process, then recorded. A claim is a mark with the
//! claimer's name, never an open transaction. A delivery that ends failed or skipped gives
//! its papers back to its reader.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::interned::{intern_history, rows_of, rows_to_json};
use super::{Node, Store, StoreError, Tx, instant, micros};
use crate::model::{DeliveryState, EmailAddress};

/// How long a claim holds without being renewed, should its process hang.
const LEASE: SignedDuration = SignedDuration::from_mins(10);

/// A delivery that this process may now send.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// Its row.
    pub id: i64,
    /// The digest's row.
    pub digest: i64,
    /// The subscriber's row.
    pub subscriber: i64,
    /// To whom.
    pub email: EmailAddress,
    /// Attempts so far that the recipient has cost.
    pub attempts: u32,
    /// When it was planned: the mail's date.
    pub created_at: Timestamp,
    /// Not to be sent after.
    pub expires_at: Timestamp,
}

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

#[derive(sqlx::FromRow)]
struct ClaimColumns {
    id: i64,
    digest: i64,
    subscriber: i64,
    email: String,
    state: String,
    attempts: i64,
    created_at: i64,
    expires_at: i64,
}

impl Store {
    /// Claims up to `limit` deliveries that are due. Those that have expired, or whose
    /// reader is not active any more, end as skipped on the way; `skipped` counts them.
    pub async fn claim(
        &self,
        node: &Node,
        now: Timestamp,
        limit: u32,
    ) -> Result<(Vec<Claimed>, u64), StoreError> {
        let mut tx = self.begin().await?;
        // Just these: what this process claimed before may still be on the wire.
        let ids: Vec<i64> = sqlx::query_scalar(
            "UPDATE deliveries SET state = 'sending', node = $1, lease_until = $2 \
             WHERE id IN (SELECT id FROM deliveries WHERE state IN ('queued', 'deferred') \
                 AND next_attempt_at <= $3 ORDER BY next_attempt_at, id LIMIT $4) RETURNING id",
        )
        .bind(node.name())
        .bind(micros(now.saturating_add(LEASE).unwrap_or(now)))
        .bind(micros(now))
        .bind(i64::from(limit))
        .fetch_all(&mut *tx)
        .await?;
        let rows: Vec<ClaimColumns> = sqlx::query_as(
            "SELECT d.id, d.digest, d.subscriber, s.email, s.state, d.attempts, d.created_at, \
               d.expires_at \
             FROM deliveries d JOIN subscribers s ON s.id = d.subscriber \
             WHERE d.id IN (SELECT value FROM json_each($1)) ORDER BY d.id",
        )
        .bind(rows_to_json(&ids))
        .fetch_all(&mut *tx)
        .await?;
        let mut claimed = Vec::with_capacity(rows.len());
        let mut skipped = Vec::new();
        for row in rows {
            let reason = if row.state != "active" {
                Some(format!("the subscription is {}", row.state))
            } else if instant(row.expires_at) < now {
                Some("expired: it could not be sent in time".to_owned())
            } else {
                None
            };
            match (reason, row.email.parse()) {
                (None, Ok(email)) => claimed.push(Claimed {
                    id: row.id,
                    digest: row.digest,
                    subscriber: row.subscriber,
                    email,
                    attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
                    created_at: instant(row.created_at),
                    expires_at: instant(row.expires_at),
                }),
                (Some(reason), _) => skipped.push(skip(row.id, reason)),
                (None, Err(_)) => skipped.push(skip(row.id, "the address is damaged".to_owned())),
            }
        }
        record(&mut tx, now, &skipped).await?;
        tx.commit().await?;
        Ok((claimed, skipped.len() as u64))
    }

    /// Records what became of claimed deliveries, all in one unit.
    pub async fn record_deliveries(
        &self,
        now: Timestamp,
        finished: &[Finished],
    ) -> Result<(), StoreError> {
        if finished.is_empty() {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        record(&mut tx, now, finished).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Takes back what dead processes had claimed. What was on the wire may have arrived:
    /// such deliveries are marked doubtful and go out once more, as the same mail. Returns
    /// how many. A process that lives keeps its claims whatever the lease says: another may
    /// be acting as of a later time, and a relay may take ten minutes to answer.
    pub async fn recover(&self, node: &Node) -> Result<u64, StoreError> {
        let nodes: Vec<Option<String>> =
            sqlx::query_scalar("SELECT DISTINCT node FROM deliveries WHERE state = 'sending'")
                .fetch_all(&self.read)
                .await?;
        let mut recovered = 0;
        for name in nodes {
            let name = name.unwrap_or_default();
            if node.lives(&name) {
                continue;
            }
            recovered += sqlx::query(
                "UPDATE deliveries SET doubtful = TRUE, node = NULL, lease_until = NULL, \
                   state = CASE WHEN attempts > 0 THEN 'deferred' ELSE 'queued' END \
                 WHERE state = 'sending' AND coalesce(node, '') = $1",
            )
            .bind(&name)
            .execute(&self.write)
            .await?
            .rows_affected();
        }
        Ok(recovered)
    }

    /// Ends every waiting delivery to `subscriber` as skipped. Returns how many.
    pub async fn skip_waiting(
        &self,
        subscriber: i64,
        now: Timestamp,
        reason: &str,
    ) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let ids: Vec<i64> = sqlx::query_scalar(
            "SELECT id FROM deliveries WHERE subscriber = $1 AND state IN ('queued', 'deferred')",
        )
        .bind(subscriber)
        .fetch_all(&mut *tx)
        .await?;
        let skipped: Vec<Finished> = ids.iter().map(|id| skip(*id, reason.to_owned())).collect();
        record(&mut tx, now, &skipped).await?;
        tx.commit().await?;
        Ok(skipped.len() as u64)
    }
}

fn skip(id: i64, reason: String) -> Finished {
    Finished { id, relay: None, what: Recorded::Skipped { reason } }
}

async fn record(tx: &mut Tx, now: Timestamp, finished: &[Finished]) -> Result<(), StoreError> {
    let mut given_back = HashMap::new();
    for one in finished {
        let relay = one.relay.as_deref();
        match &one.what {
            Recorded::Sent { reply } => {
                end(tx, one.id, now, DeliveryState::Sent, relay, reply, true).await?;
            }
            Recorded::Failed { reply } => {
                attempt(tx, one.id, now, relay, "failed", reply).await?;
                end(tx, one.id, now, DeliveryState::Failed, relay, reply, true).await?;
                give_back(tx, one.id, &mut given_back).await?;
            }
            Recorded::Skipped { reason } => {
                end(tx, one.id, now, DeliveryState::Skipped, relay, reason, false).await?;
                give_back(tx, one.id, &mut given_back).await?;
            }
            Recorded::Deferred { next_attempt_at, counts, reply } => {
                let outcome = if *counts { "deferred" } else { "relay-down" };
                attempt(tx, one.id, now, relay, outcome, reply).await?;
                sqlx::query(
                    "UPDATE deliveries SET state = 'deferred', node = NULL, lease_until = NULL, \
                       attempts = attempts + $1, next_attempt_at = $2, relay = $3, reason = $4 \
                     WHERE id = $5",
                )
                .bind(i64::from(*counts))
                .bind(micros(*next_attempt_at))
                .bind(relay)
                .bind(reply)
                .bind(one.id)
                .execute(&mut **tx)
                .await?;
            }
            Recorded::Released => {
                sqlx::query(
                    "UPDATE deliveries SET node = NULL, lease_until = NULL, \
                       state = CASE WHEN attempts > 0 THEN 'deferred' ELSE 'queued' END \
                     WHERE id = $1 AND state = 'sending'",
                )
                .bind(one.id)
                .execute(&mut **tx)
                .await?;
            }
        }
    }
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
        "UPDATE deliveries SET state = $1, node = NULL, lease_until = NULL, finished_at = $2, \
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
