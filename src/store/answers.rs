//! Mail that came in: which was dealt with, what it asked for, and how it was answered. What
//! is noted of a mail and the answer to it are one unit, so that neither comes twice.

use jiff::{SignedDuration, Timestamp};

use super::notices::{NewNotice, enqueue_all};
use super::subscribers::note;
use super::{Pool, Store, StoreError, instant, micros, sql};

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
pub struct Receipt<'a> {
    /// The keyed hash of the mail.
    pub mark: &'a str,
    /// Whose timeline tells of it, and how; none where it is nobody's.
    pub told: Option<(i64, String)>,
    /// The answer, if it gets one.
    pub answer: Option<Reply<'a>>,
}

/// An answer, to be sent within the limits.
#[derive(Clone, Debug)]
pub struct Reply<'a> {
    /// To which subscriber; 0: to nobody who subscribes, but the notice's recipient.
    pub subscriber: i64,
    /// Its words.
    pub notice: NewNotice,
    /// What waits for a yes, as JSON, if anything does.
    pub orders: Option<String>,
    /// The keyed hash of the address.
    pub address: &'a str,
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
    /// neither. Nothing happens where it was noted before. Returns whether an answer goes out.
    pub async fn finish_received(
        &self,
        receipt: &Receipt<'_>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let new = sql("INSERT INTO received (mark, at) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(receipt.mark)
            .bind(micros(now))
            .execute(&mut tx)
            .await?;
        if new == 0 {
            tx.rollback().await?;
            return Ok(false);
        }
        if let Some((subscriber, detail)) = &receipt.told {
            note(&mut tx, *subscriber, now, "mail", detail).await?;
        }
        let mut answered = false;
        if let Some(reply) = &receipt.answer {
            if let Pool::Postgres(_) = self.write {
                // One after the other: what is counted must not change meanwhile.
                let lock = "SELECT 1 FROM (SELECT pg_advisory_xact_lock(7011)) one";
                sql(lock).execute(&mut tx).await?;
            }
            let since = micros(now.saturating_sub(DAY).unwrap_or(Timestamp::MIN));
            let (of_kind, in_all): (i64, i64) = sql("SELECT \
                   CAST(coalesce(sum(CASE WHEN kind = $1 THEN 1 ELSE 0 END), 0) AS BIGINT), \
                   count(*) FROM answers WHERE address = $2 AND at > $3")
            .bind(&reply.kind)
            .bind(reply.address)
            .bind(since)
            .fetch_one(&mut tx)
            .await?;
            answered = of_kind < reply.limit.of_kind && in_all < reply.limit.in_all;
            if answered && reply.subscriber == 0 {
                let hour = now.saturating_sub(HOUR).unwrap_or(Timestamp::MIN);
                let lately: i64 = sql("SELECT count(*) FROM answers WHERE at > $1")
                    .bind(micros(hour))
                    .scalar(&mut tx)
                    .await?;
                answered = lately < reply.limit.an_hour;
                if !answered {
                    tracing::warn!(
                        lately,
                        "too many strangers write at once: no answer to this one"
                    );
                }
            }
            if answered {
                sql("INSERT INTO answers (at, address, kind) VALUES ($1, $2, $3)")
                    .bind(micros(now))
                    .bind(reply.address)
                    .bind(&reply.kind)
                    .execute(&mut tx)
                    .await?;
                let mut notice = reply.notice.clone();
                if let (Some(commands), Some(answers)) = (&reply.orders, &mut notice.answers) {
                    answers.orders = sql("INSERT INTO asked_orders (subscriber, at, commands) \
                         VALUES ($1, $2, $3) RETURNING id")
                    .bind(reply.subscriber)
                    .bind(micros(now))
                    .bind(commands)
                    .scalar(&mut tx)
                    .await?;
                }
                enqueue_all(&mut tx, &[(reply.subscriber, &notice)], now).await?;
            }
        }
        tx.commit().await?;
        self.bell.send();
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

    /// Forgets mails and answers that count no more.
    pub async fn forget_received(&self, now: Timestamp) -> Result<(), StoreError> {
        let until = micros(now.saturating_sub(REMEMBERED).unwrap_or(Timestamp::MIN));
        for text in [
            "DELETE FROM received WHERE at <= $1",
            "DELETE FROM answers WHERE at <= $1",
            "DELETE FROM asked_orders WHERE at <= $1",
        ] {
            sql(text).bind(until).execute(&self.write).await?;
        }
        Ok(())
    }
}
