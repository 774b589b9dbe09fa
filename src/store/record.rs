//! What became of claimed deliveries, recorded in groups, together with which ones may be on
//! the wire from here on. Each row changes only while it is the claimer's, so that a node
//! that lost its lease changes nothing. The common group, mails sent and mails begun, is one
//! statement. A delivery that ends failed or skipped gives its papers back to its reader.

use jiff::Timestamp;
use serde::Serialize;

use super::interned::rows_to_json;
use super::owed::give_back;
use super::{Node, Pace, Sql, Store, StoreError, Tx, either, leases, micros, sql};
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

/// What a process reports of its claims in one unit.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// What became of some.
    pub finished: Vec<Finished>,
    /// These may be on the wire from here on.
    pub begun: Vec<i64>,
    /// These were begun and are not on the wire after all.
    pub withdrawn: Vec<i64>,
}

/// A delivery as the statement reads it: its row, what is said of it, and of one that was
/// sent the relay and its answer.
#[derive(Serialize)]
struct Row<'a>(i64, Word, Option<&'a str>, Option<&'a str>);

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
enum Word {
    Sent,
    Begun,
    Withdrawn,
}

impl Store {
    /// Records a group, all in one unit. Nothing of a delivery may leave before it was
    /// recorded here as begun. A unit that is not `durable` outlives a killed process, and a
    /// power cut from the next durable one on.
    ///
    /// # Errors
    ///
    /// [`StoreError::Fenced`] where the node lost its lease. What was sent is recorded even
    /// then, if nobody has taken it on again.
    pub async fn record(
        &self,
        node: &Node,
        now: Timestamp,
        group: &Group,
        durable: bool,
    ) -> Result<(), StoreError> {
        let name = node.name();
        let pace = if durable { Pace::Durable } else { Pace::Quick };
        let rows = rows(group);
        if rows.is_empty() && group.finished.is_empty() {
            // Nothing to say, but what was said before shall last.
            let held = self.renew(&name).await?;
            return if held { Ok(()) } else { Err(StoreError::Fenced) };
        }
        let is_sent = |one: &Finished| matches!(one.what, Recorded::Sent { .. });
        let held = if group.finished.iter().all(is_sent) {
            let text = rows_to_json(&rows);
            let hot = self.hot.as_ref().filter(|_| !durable);
            let done = match hot.and_then(|hot| hot.execute(NOTE, micros(now), &text, &name)) {
                Some(done) => done,
                None => {
                    let note = listed(NOTE).bind(micros(now)).bind(text).bind(&name);
                    self.write_at(pace, note).await?
                }
            };
            done == rows.len() as u64
        } else {
            let mut tx = self.begin_at(pace).await?;
            let held = leases::check(&mut tx, &name).await?;
            if held {
                note(&mut tx, now, &rows, &name).await?;
                record(&mut tx, now, &group.finished).await?;
            }
            tx.commit().await?;
            held
        };
        if held {
            return Ok(());
        }
        node.lost();
        self.salvage(now, &rows).await?;
        Err(StoreError::Fenced)
    }

    /// Whether the database can fall over alone, with what it was told in the last second.
    pub fn may_forget(&self) -> bool {
        self.quick.is_some()
    }

    /// Records a group after the database failed: it may have taken this group, and may have
    /// forgotten `before`, what it was told since the last durable one. What was sent stays
    /// sent, and what may be on the wire is marked once more.
    ///
    /// # Errors
    ///
    /// [`StoreError::Fenced`] where the node lost its lease.
    pub async fn settle(
        &self,
        node: &Node,
        now: Timestamp,
        before: &[Group],
        group: &Group,
    ) -> Result<(), StoreError> {
        let name = node.name();
        let mut tx = self.begin().await?;
        if !leases::check(&mut tx, &name).await? {
            tx.rollback().await?;
            node.lost();
            return Err(StoreError::Fenced);
        }
        for one in before.iter().chain([group]) {
            listed(NOTE)
                .bind(micros(now))
                .bind(rows_to_json(&rows(one)))
                .bind(&name)
                .execute(&mut tx)
                .await?;
        }
        record(&mut tx, now, &group.finished).await?;
        tx.commit().await
    }

    /// What was sent was sent, whoever has lost what meanwhile: those that wait again, as
    /// doubtful, need not go out twice.
    async fn salvage(&self, now: Timestamp, rows: &[Row<'_>]) -> Result<(), StoreError> {
        let sent: Vec<&Row<'_>> = rows.iter().filter(|row| row.3.is_some()).collect();
        listed(
            "UPDATE deliveries SET state = 'sent', finished_at = $1, attempts = attempts + 1, \
               relay = r.value ->> 2, reason = r.value ->> 3 \
             FROM json_each($2) r WHERE deliveries.id = CAST(r.value ->> 0 AS BIGINT) \
               AND deliveries.doubtful AND deliveries.state || '' IN ('queued', 'deferred')",
        )
        .bind(micros(now))
        .bind(rows_to_json(&sent))
        .execute(&self.write)
        .await?;
        Ok(())
    }
}

/// Ends those that were sent and notes which ones are on the wire: one statement for all. Of who
/// was erased meanwhile (below 0) no answer is kept: it may quote their address. The `|| ''` keep SQLite from walking everything that is claimed to find a few rows by number.
const NOTE: &str = "UPDATE deliveries SET \
    begun = (r.value ->> 1 = 'begun'), \
    state = CASE r.value ->> 1 WHEN 'sent' THEN 'sent' ELSE deliveries.state END, \
    node = CASE r.value ->> 1 WHEN 'sent' THEN NULL ELSE deliveries.node END, \
    finished_at = CASE r.value ->> 1 WHEN 'sent' THEN $1 ELSE deliveries.finished_at END, \
    attempts = attempts + CASE r.value ->> 1 WHEN 'sent' THEN 1 ELSE 0 END, \
    relay = coalesce(r.value ->> 2, deliveries.relay), \
    reason = CASE WHEN deliveries.subscriber < 0 THEN deliveries.reason \
      ELSE coalesce(r.value ->> 3, deliveries.reason) END \
    FROM json_each($2) r WHERE deliveries.id = CAST(r.value ->> 0 AS BIGINT) \
      AND deliveries.state || '' = 'sending' AND deliveries.node || '' = $3 || ''";

async fn note(tx: &mut Tx, now: Timestamp, rows: &[Row<'_>], node: &str) -> Result<(), StoreError> {
    listed(NOTE).bind(micros(now)).bind(rows_to_json(rows)).bind(node).execute(&mut *tx).await?;
    Ok(())
}

/// A statement over the rows of a JSON list, as SQLite says it and as PostgreSQL does. That
/// would walk the whole table where it knows nothing of it yet, but for the list of numbers.
fn listed(text: &'static str) -> Sql {
    let rows = "jsonb_array_elements(CAST($2 AS jsonb)) AS r (value)";
    let text_there = text.replace("json_each($2) r", rows);
    let numbers = "AND deliveries.id = ANY (ARRAY(SELECT CAST(n.value ->> 0 AS BIGINT) \
                   FROM jsonb_array_elements(CAST($2 AS jsonb)) AS n (value)))";
    either(text, format!("{text_there} {numbers}"))
}

/// What the statement is to know of a group.
fn rows(group: &Group) -> Vec<Row<'_>> {
    let sent = group.finished.iter().filter_map(|one| match &one.what {
        Recorded::Sent { reply } => {
            Some(Row(one.id, Word::Sent, one.relay.as_deref(), Some(reply)))
        }
        _ => None,
    });
    let begun = group.begun.iter().map(|id| Row(*id, Word::Begun, None, None));
    let withdrawn = group.withdrawn.iter().map(|id| Row(*id, Word::Withdrawn, None, None));
    sent.chain(begun).chain(withdrawn).collect()
}

/// Records what became of deliveries that are this process's to decide on, but for those
/// that were sent.
pub(super) async fn record(
    tx: &mut Tx,
    now: Timestamp,
    finished: &[Finished],
) -> Result<(), StoreError> {
    release(tx, finished).await?;
    let mut unsent = Vec::new();
    for one in finished {
        let relay = one.relay.as_deref();
        match &one.what {
            Recorded::Sent { .. } | Recorded::Released => {}
            Recorded::Failed { reply } => {
                attempt(tx, one.id, now, relay, "failed", reply).await?;
                end(tx, one.id, now, DeliveryState::Failed, relay, reply, true).await?;
                unsent.push(one.id);
            }
            Recorded::Skipped { reason } => {
                end(tx, one.id, now, DeliveryState::Skipped, relay, reason, false).await?;
                unsent.push(one.id);
            }
            Recorded::Deferred { next_attempt_at, counts, doubtful, reply } => {
                let outcome = if *counts { "deferred" } else { "relay-down" };
                attempt(tx, one.id, now, relay, outcome, reply).await?;
                sql("UPDATE deliveries SET state = 'deferred', node = NULL, begun = FALSE, \
                       attempts = attempts + $1, next_attempt_at = $2, relay = $3, \
                       reason = CASE WHEN subscriber < 0 THEN reason ELSE $4 END, \
                       doubtful = doubtful OR $5 WHERE id = $6")
                .bind(i64::from(*counts))
                .bind(micros(*next_attempt_at))
                .bind(relay)
                .bind(reply)
                .bind(*doubtful)
                .bind(one.id)
                .execute(&mut *tx)
                .await?;
            }
        }
    }
    give_back(tx, &unsent).await
}

/// Gives back what was claimed and not begun, as it was before.
async fn release(tx: &mut Tx, finished: &[Finished]) -> Result<(), StoreError> {
    let released = |one: &&Finished| matches!(one.what, Recorded::Released);
    let ids: Vec<i64> = finished.iter().filter(released).map(|one| one.id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    either(
        "UPDATE deliveries SET node = NULL, begun = FALSE, \
           state = CASE WHEN attempts > 0 THEN 'deferred' ELSE 'queued' END \
         WHERE id IN (SELECT value FROM json_each($1)) AND state = 'sending'",
        "UPDATE deliveries SET node = NULL, begun = FALSE, \
           state = CASE WHEN attempts > 0 THEN 'deferred' ELSE 'queued' END \
         WHERE id IN (SELECT CAST(jsonb_array_elements_text(CAST($1 AS jsonb)) AS BIGINT)) \
           AND state = 'sending'",
    )
    .bind(rows_to_json(&ids))
    .execute(&mut *tx)
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
    sql("UPDATE deliveries SET state = $1, node = NULL, begun = FALSE, finished_at = $2, \
           relay = coalesce($3, relay), attempts = attempts + $5, \
           reason = CASE WHEN subscriber < 0 THEN reason ELSE $4 END WHERE id = $6")
    .bind(state.word())
    .bind(micros(now))
    .bind(relay)
    .bind(reason)
    .bind(i64::from(tried))
    .bind(id)
    .execute(&mut *tx)
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
    sql("INSERT INTO attempts (delivery, at, relay, outcome, reply) \
         SELECT id, $2, $3, $4, $5 FROM deliveries WHERE id = $1 AND subscriber >= 0")
    .bind(delivery)
    .bind(micros(at))
    .bind(relay.unwrap_or(""))
    .bind(outcome)
    .bind(reply)
    .execute(&mut *tx)
    .await?;
    Ok(())
}
