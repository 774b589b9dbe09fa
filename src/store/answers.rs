//! Mail that came in: which was dealt with, what it asked for, and how it was answered. What
//! is noted of a mail and the answer to it are one unit, so that neither comes twice.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::notices::{NewNotice, enqueue_all};
use super::subscribers::note;
use super::{Store, StoreError, Tx, instant, micros, sql};

/// So long a mail is remembered: nobody hands the same one over later than this.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(30 * 24);
/// So long what was asked waits for a yes.
const DAY: SignedDuration = SignedDuration::from_hours(24);
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// How many answers there may be.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// Of one kind to one address in 24 hours.
    pub of_kind: i64,
    /// To one address in 24 hours.
    pub in_all: i64,
    /// To everybody in an hour, before who is no reader gets another: senders can be forged, and
    /// so many strangers be made to get mail from us.
    pub an_hour: i64,
}

/// That a mail was dealt with.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// The keyed hash of the mail.
    pub mark: String,
    /// Whose timeline tells of it, and how; none where it is nobody's.
    pub told: Option<(i64, String)>,
    /// The answer, if it gets one.
    pub answer: Option<Reply>,
}

/// An answer, to be sent within the limits.
#[derive(Clone, Debug)]
pub struct Reply {
    /// To which subscriber; 0: to nobody who subscribes, but the notice's recipient.
    pub subscriber: i64,
    /// Its words.
    pub notice: NewNotice,
    /// What waits for a yes, as JSON, if anything does.
    pub orders: Option<String>,
    /// The keyed hash of the address.
    pub address: String,
    /// What it answers, in a word or a few.
    pub kind: String,
    /// How many there may be.
    pub limit: Limit,
}

/// What was asked by mail without proof, and waits for a yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedOrders {
    /// Who is to say it.
    pub subscriber: i64,
    /// When it was asked.
    pub at: Timestamp,
    /// The commands, as JSON.
    pub commands: String,
    /// Whether they said it.
    pub done: bool,
}

impl Store {
    /// Whether the mail with this mark was dealt with.
    pub async fn was_received(&self, mark: &str) -> Result<bool, StoreError> {
        let found: Option<i64> = sql("SELECT at FROM received WHERE mark = $1")
            .bind(mark)
            .scalar_optional(&self.read)
            .await?;
        Ok(found.is_some())
    }

    /// Notes that a mail was dealt with, and enqueues its answer, within the limits, both or
    /// neither; mails that come at this moment are in the same unit. Nothing happens where it
    /// was noted before. Returns whether an answer goes out.
    pub async fn finish_received(
        &self,
        receipt: Receipt,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let store = self.clone();
        let work = move |receipts: Vec<(Receipt, Timestamp)>| {
            let store = store.clone();
            async move { store.finish_all(&receipts).await }
        };
        Arc::clone(&self.receipts).run((receipt, now), work).await
    }

    /// Finishes one after the other, so that each counts the answers to those before it.
    async fn finish_all(&self, receipts: &[(Receipt, Timestamp)]) -> Result<Vec<bool>, StoreError> {
        let mut tx = self.begin().await?;
        self.one_by_one(&mut tx).await?;
        let mut answered = Vec::with_capacity(receipts.len());
        for (receipt, now) in receipts {
            answered.push(finish(&mut tx, receipt, *now).await?);
        }
        tx.commit().await?;
        if answered.contains(&true) {
            self.bell.send();
        }
        Ok(answered)
    }

    /// What waits for a yes in row `row`.
    pub async fn asked_orders(&self, row: i64) -> Result<Option<AskedOrders>, StoreError> {
        let found: Option<(i64, i64, String, bool)> =
            sql("SELECT subscriber, at, commands, done FROM asked_orders WHERE id = $1")
                .bind(row)
                .fetch_optional(&self.read)
                .await?;
        Ok(found.map(|(subscriber, at, commands, done)| AskedOrders {
            subscriber,
            at: instant(at),
            commands,
            done,
        }))
    }

    /// Notes that what waited in row `row` was done.
    pub async fn finish_orders(&self, row: i64) -> Result<(), StoreError> {
        sql("UPDATE asked_orders SET done = TRUE WHERE id = $1")
            .bind(row)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// Has what waits in row `row` be as old as what nobody can say yes to any more.
    pub async fn withdraw_orders(&self, row: i64) -> Result<(), StoreError> {
        sql("UPDATE asked_orders SET at = 0 WHERE id = $1 AND NOT done")
            .bind(row)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// Forgets mails, answers and reports that count no more.
    pub async fn forget_received(&self, now: Timestamp) -> Result<(), StoreError> {
        let until = micros(now.saturating_sub(REMEMBERED).unwrap_or(Timestamp::MIN));
        for text in [
            "DELETE FROM received WHERE at <= $1",
            "DELETE FROM answers WHERE at <= $1",
            "DELETE FROM asked_orders WHERE at <= $1",
        ] {
            sql(text).bind(until).execute(&self.write).await?;
        }
        self.forget_reported(now).await
    }
}

async fn finish(tx: &mut Tx, receipt: &Receipt, now: Timestamp) -> Result<bool, StoreError> {
    let new = sql("INSERT INTO received (mark, at) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(&receipt.mark)
        .bind(micros(now))
        .execute(&mut *tx)
        .await?;
    if new == 0 {
        return Ok(false);
    }
    if let Some((subscriber, detail)) = &receipt.told {
        note(tx, *subscriber, now, "mail", detail).await?;
    }
    match &receipt.answer {
        Some(reply) => answer(tx, reply, now).await,
        None => Ok(false),
    }
}

/// Enqueues an answer, within its limits. Returns whether it was.
async fn answer(tx: &mut Tx, reply: &Reply, now: Timestamp) -> Result<bool, StoreError> {
    let since = micros(now.saturating_sub(DAY).unwrap_or(Timestamp::MIN));
    let (of_kind, in_all): (i64, i64) = sql("SELECT \
           CAST(coalesce(sum(CASE WHEN kind = $1 THEN 1 ELSE 0 END), 0) AS BIGINT), \
           count(*) FROM answers WHERE address = $2 AND at > $3")
    .bind(&reply.kind)
    .bind(&reply.address)
    .bind(since)
    .fetch_one(&mut *tx)
    .await?;
    if of_kind >= reply.limit.of_kind || in_all >= reply.limit.in_all {
        return Ok(false);
    }
    if reply.subscriber == 0 {
        let hour = micros(now.saturating_sub(HOUR).unwrap_or(Timestamp::MIN));
        let lately: i64 =
            sql("SELECT count(*) FROM answers WHERE at > $1").bind(hour).scalar(&mut *tx).await?;
        if lately >= reply.limit.an_hour {
            tracing::warn!(lately, "too many strangers write at once: no answer to this one");
            return Ok(false);
        }
    }
    sql("INSERT INTO answers (at, address, kind) VALUES ($1, $2, $3)")
        .bind(micros(now))
        .bind(&reply.address)
        .bind(&reply.kind)
        .execute(&mut *tx)
        .await?;
    let mut notice = reply.notice.clone();
    if let (Some(commands), Some(answers)) = (&reply.orders, &mut notice.answers) {
        answers.orders = sql("INSERT INTO asked_orders (subscriber, at, commands) \
             VALUES ($1, $2, $3) RETURNING id")
        .bind(reply.subscriber)
        .bind(micros(now))
        .bind(commands)
        .scalar(&mut *tx)
        .await?;
    }
    enqueue_all(tx, &[(reply.subscriber, &notice)], now).await?;
    Ok(true)
}
