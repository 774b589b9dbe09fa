//! Deliveries claimed by a process, to be sent by it. A claim is a mark with the claimer's
//! name, never an open transaction; it holds as long as the claimer's lease.

use jiff::Timestamp;

use super::interned::rows_to_json;
use super::record::{Finished, Recorded, record};
use super::{Node, Pace, Store, StoreError, instant, leases, micros};
use crate::model::EmailAddress;

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
    /// Claims up to `limit` deliveries that are due, notices before digests. Those that have
    /// expired, or whose reader is not active any more, end as skipped on the way; the number
    /// counts them.
    ///
    /// # Errors
    ///
    /// [`StoreError::Fenced`] where the node lost its lease.
    pub async fn claim(
        &self,
        node: &Node,
        now: Timestamp,
        limit: u32,
    ) -> Result<(Vec<Claimed>, u64), StoreError> {
        let name = node.name();
        // A claim that a power cut undoes was nobody's: the process is gone with it.
        let mut tx = self.begin_at(Pace::Quick).await?;
        if !leases::check(&mut tx, &name).await? {
            node.lost();
            return Err(StoreError::Fenced);
        }
        // Just these: what this process claimed before may still be on the wire.
        let ids: Vec<i64> = sqlx::query_scalar(
            "UPDATE deliveries SET state = 'sending', node = $1, begun = FALSE \
             WHERE id IN (SELECT id FROM deliveries WHERE state IN ('queued', 'deferred') \
                 AND next_attempt_at <= $2 ORDER BY priority, next_attempt_at, id LIMIT $3) \
             RETURNING id",
        )
        .bind(&name)
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
