//! Deliveries claimed by a process, to be sent by it. A claim is a mark with the claimer's
//! name, never an open transaction; it holds as long as the claimer's lease.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::notices::Answered;
use super::record::{Finished, Recorded, record};
use super::subscribers::each;
use super::{Node, Pace, Store, StoreError, Tx, either, instant, micros};
use crate::links::Person;
use crate::model::{EmailAddress, MailKind};

/// How the reason of a delivery begins that was not sent as it was too late.
pub(super) const EXPIRED: &str = "expired";

/// A delivery that this process may now send.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// Its row.
    pub id: i64,
    /// What it brings.
    pub kind: MailKind,
    /// The row of the digest, or of the notice.
    pub digest: i64,
    /// Whose links are in it.
    pub person: Person,
    /// To whom.
    pub email: EmailAddress,
    /// Attempts so far that the recipient has cost.
    pub attempts: u32,
    /// When it was planned: the mail's date.
    pub created_at: Timestamp,
    /// Not to be sent after.
    pub expires_at: Timestamp,
    /// What it answers, if it answers a mail.
    pub answers: Option<Answered>,
}

#[derive(sqlx::FromRow)]
struct ClaimColumns {
    id: i64,
    kind: String,
    digest: i64,
    subscriber: i64,
    recipient: Option<String>,
    email: Option<String>,
    epoch: Option<i64>,
    standing: Option<String>,
    attempts: i64,
    created_at: i64,
    expires_at: i64,
    answers: Option<String>,
    orders: Option<i64>,
}

const CLAIM: &str = "UPDATE deliveries SET state = 'sending', node = $1, begun = FALSE \
    WHERE id IN (SELECT id FROM deliveries WHERE state IN ('queued', 'deferred') \
        AND next_attempt_at <= $2 ORDER BY priority, next_attempt_at, id LIMIT $3) \
      AND EXISTS (SELECT 1 FROM nodes WHERE name = $1 AND NOT fenced) \
    RETURNING id, kind, digest, subscriber, recipient, attempts, created_at, expires_at, \
      answers, orders, (SELECT email FROM subscribers s WHERE s.id = subscriber) AS email, \
      (SELECT epoch FROM subscribers s WHERE s.id = subscriber) AS epoch, \
      (SELECT state FROM subscribers s WHERE s.id = subscriber) AS standing";

/// Others claim at the same time, each other rows. The node's own row is held, so that nobody
/// fences it between its claim and the moment when that can be seen.
const CLAIM_POSTGRES: &str = "WITH \
    me AS MATERIALIZED (SELECT name FROM nodes WHERE name = $1 AND NOT fenced FOR SHARE), \
    due AS MATERIALIZED (SELECT d.id FROM deliveries d WHERE d.state IN ('queued', 'deferred') \
        AND d.next_attempt_at <= $2 AND EXISTS (SELECT 1 FROM me) \
        ORDER BY d.priority, d.next_attempt_at, d.id LIMIT $3 FOR UPDATE OF d SKIP LOCKED) \
    UPDATE deliveries SET state = 'sending', node = $1, begun = FALSE FROM due \
    WHERE deliveries.id = due.id \
    RETURNING deliveries.id, kind, digest, subscriber, recipient, attempts, created_at, \
      expires_at, answers, orders, (SELECT email FROM subscribers s WHERE s.id = subscriber) AS email, \
      (SELECT epoch FROM subscribers s WHERE s.id = subscriber) AS epoch, \
      (SELECT state FROM subscribers s WHERE s.id = subscriber) AS standing";

impl Store {
    /// Claims up to `limit` deliveries that are due, notices before digests. Those that have
    /// expired, or whose reader is not active any more, end as skipped on the way; the number
    /// counts them.
    ///
    /// A node that lost its lease claims nothing.
    pub async fn claim(
        &self,
        node: &Node,
        now: Timestamp,
        limit: u32,
    ) -> Result<(Vec<Claimed>, u64), StoreError> {
        // Just these: what this process claimed before may still be on the wire.
        let claim = either(CLAIM, CLAIM_POSTGRES)
            .bind(node.name())
            .bind(micros(now))
            .bind(i64::from(limit));
        let mut rows: Vec<ClaimColumns> = {
            let (pool, _pace) = self.at(self.pace_of_claims()).await?;
            claim.fetch_all(pool).await?
        };
        // Notices first here, too: somebody waits for them.
        rows.sort_unstable_by_key(|row| (row.kind == "digest", row.id));
        let mut claimed = Vec::with_capacity(rows.len());
        let mut skipped = Vec::new();
        for row in rows {
            let kind = MailKind::from_word(&row.kind)
                .ok_or_else(|| StoreError::damaged("kind of delivery", &row.kind))?;
            let reason = if !may_get(kind, row.standing.as_deref()) {
                let standing = row.standing.as_deref().unwrap_or("erased");
                Some(format!("the subscription is {standing}"))
            } else if instant(row.expires_at) < now {
                Some(format!("{EXPIRED}: it could not be sent in time"))
            } else {
                None
            };
            let email = row.recipient.or(row.email).unwrap_or_default();
            match (reason, email.parse()) {
                (None, Ok(email)) => claimed.push(Claimed {
                    id: row.id,
                    kind,
                    digest: row.digest,
                    person: Person { id: row.subscriber, epoch: row.epoch.unwrap_or(0) },
                    email,
                    attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
                    created_at: instant(row.created_at),
                    expires_at: instant(row.expires_at),
                    answers: row
                        .answers
                        .map(|message_id| Answered { message_id, orders: row.orders.unwrap_or(0) }),
                }),
                (Some(reason), _) => skipped.push(skip(row.id, reason)),
                (None, Err(_)) => skipped.push(skip(row.id, "the address is damaged".to_owned())),
            }
        }
        if !skipped.is_empty() {
            let mut tx = self.begin_at(Pace::Quick).await?;
            record(&mut tx, now, &skipped).await?;
            tx.commit().await?;
        }
        Ok((claimed, skipped.len() as u64))
    }

    /// A claim that SQLite loses with the power was nobody's: the process is gone with it.
    /// PostgreSQL can fall over alone.
    fn pace_of_claims(&self) -> Pace {
        if self.quick.is_some() { Pace::Durable } else { Pace::Quick }
    }
}

/// Ends every waiting delivery to `subscriber` as skipped, digests and notices.
pub(super) async fn skip_waiting(
    tx: &mut Tx,
    subscriber: i64,
    now: Timestamp,
    reason: &str,
) -> Result<(), StoreError> {
    skip_all_waiting(tx, &HashMap::from([(subscriber, reason)]), now).await.map(drop)
}

/// Ends what waits for each of these subscribers, for the reason beside. Returns how many
/// mails of each had waited.
pub(super) async fn skip_all_waiting(
    tx: &mut Tx,
    of: &HashMap<i64, &str>,
    now: Timestamp,
) -> Result<HashMap<i64, u64>, StoreError> {
    if of.is_empty() {
        return Ok(HashMap::new());
    }
    // The subscribers first, then what is theirs: of all that waits it is little.
    let theirs = "SELECT d.id, d.subscriber FROM EACH CROSS JOIN deliveries d \
        WHERE d.subscriber = CAST(r.value ->> 0 AS BIGINT) \
          AND d.state || '' IN ('queued', 'deferred')";
    let text = format!("{theirs} AND d.kind = 'digest' UNION ALL {theirs} AND d.kind <> 'digest'");
    let rows = Value::from_iter(of.keys().map(|id| json!([id])));
    let waiting: Vec<(i64, i64)> = each(text, 1).bind(rows.to_string()).fetch_all(&mut *tx).await?;
    let reason = |subscriber| of.get(subscriber).copied().unwrap_or_default().to_owned();
    let skipped: Vec<Finished> =
        waiting.iter().map(|(id, subscriber)| skip(*id, reason(subscriber))).collect();
    record(tx, now, &skipped).await?;
    let mut waited = HashMap::new();
    for (_, subscriber) in waiting {
        *waited.entry(subscriber).or_default() += 1;
    }
    Ok(waited)
}

/// Whether a mail of `kind` may go to somebody in `standing` (none: erased, or no subscriber).
fn may_get(kind: MailKind, standing: Option<&str>) -> bool {
    match kind {
        MailKind::Digest => standing == Some("active"),
        MailKind::Resend | MailKind::Known | MailKind::Move | MailKind::Probe => {
            matches!(standing, Some("active" | "paused"))
        }
        // To who is suppressed as their mail came back only at their own new wish: when an
        // administrator suppresses an address, what waits for it ends.
        MailKind::Confirm => matches!(standing, Some("pending" | "unsubscribed" | "suppressed")),
        MailKind::Goodbye => standing == Some("unsubscribed"),
        MailKind::Link | MailKind::Ask => !matches!(standing, None | Some("suppressed")),
        // Also to who is no subscriber.
        MailKind::Answer => standing != Some("suppressed"),
        MailKind::Alarm | MailKind::Canary => true,
    }
}

fn skip(id: i64, reason: String) -> Finished {
    Finished { id, relay: None, what: Recorded::Skipped { reason } }
}
