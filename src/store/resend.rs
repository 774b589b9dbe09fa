//! A digest sent once more: as a delivery of its own, under a Message-ID of its own, with a note for
//! its reader's timeline. The papers of a digest that had not reached its reader count as sent from
//! then on, so that they do not come a second time with the next one.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::{Value, json};

use super::deliveries::EXPIRED;
use super::owed::take_along;
use super::sql::On;
use super::subscribers::each;
use super::tend::DROPPED;
use super::{Store, StoreError, Tx, micros, sql};

/// Readers served by one statement.
const SLICE: i64 = 20_000;

/// A day's digest to be sent once more.
#[derive(Clone, Copy, Debug)]
pub struct NewResend<'a> {
    /// The day that it counted for, on its readers' calendars.
    pub day: Date,
    /// Who has it sent and why, for the readers' timelines.
    pub detail: &'a str,
    /// Not to be sent after.
    pub expires_at: Timestamp,
    /// When it is enqueued.
    pub now: Timestamp,
}

/// What became of a digest that one reader is to get once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// It is on its way.
    Enqueued,
    /// The digest itself still waits.
    Waits,
    /// It was on its way once more already.
    Known,
    /// There was no digest for them on that day.
    None,
}

/// The digests of one day, by what became of them; each is counted once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Missed {
    /// Missed: refused for good, and the reader is active still.
    pub failed: u64,
    /// Missed: they could not be sent in time.
    pub expired: u64,
    /// Missed: an administrator dropped them.
    pub dropped: u64,
    /// Missed: a relay took them, and a report said later that they did not arrive.
    pub bounced: u64,
    /// Taken by a relay; nothing else is known.
    pub sent: u64,
    /// They wait still.
    pub waiting: u64,
    /// Sent once more already, or about to be.
    pub resent: u64,
    /// Missed, but their papers came, or come, with a later digest.
    pub later: u64,
    /// Not sent, as their readers wanted none at the time.
    pub unwanted: u64,
    /// Missed by readers who have left, are paused, or must not be mailed.
    pub gone: u64,
}

impl Missed {
    /// How many are to be sent once more.
    pub fn total(&self) -> u64 {
        self.failed + self.expired + self.dropped + self.bounced
    }

    /// How many digests the day had, of readers who are known still.
    pub fn digests(&self) -> u64 {
        let Self { sent, waiting, resent, later, unwanted, gone, .. } = self;
        self.total() + sent + waiting + resent + later + unwanted + gone
    }
}

/// One that was missed: the digest, its reader, their history, and what became of it.
type Row = (i64, i64, i64, String);

impl Store {
    /// The digests of `day`, by what became of them.
    pub async fn missed(&self, day: Date) -> Result<Missed, StoreError> {
        let text = format!("SELECT class, count(*) FROM ({}) all_of_day GROUP BY class", of_day());
        let rows: Vec<(String, i64)> =
            sql(text).bind(day.to_string()).fetch_all(&self.read).await?;
        let mut missed = Missed::default();
        for (class, count) in rows {
            let place = match class.as_str() {
                "failed" => &mut missed.failed,
                "expired" => &mut missed.expired,
                "dropped" => &mut missed.dropped,
                "bounced" => &mut missed.bounced,
                "sent" => &mut missed.sent,
                "waiting" => &mut missed.waiting,
                "resent" => &mut missed.resent,
                "later" => &mut missed.later,
                "gone" => &mut missed.gone,
                _ => &mut missed.unwanted,
            };
            *place += count.unsigned_abs();
        }
        Ok(missed)
    }

    /// Enqueues a day's digest once more for everybody who missed it (see [`Missed`]): all of them
    /// or none. Returns how many. Asked twice at one moment, they are sent it once.
    pub async fn resend_missed(&self, again: &NewResend<'_>) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        one_at_a_time(&mut tx, again).await?;
        let (mut done, mut after) = (0, 0);
        loop {
            let text = format!(
                "SELECT digest, subscriber, history, class FROM ({}) all_of_day \
                 WHERE subscriber > $2 AND class IN ('failed', 'expired', 'dropped', 'bounced') \
                 ORDER BY subscriber LIMIT $3",
                of_day()
            );
            let rows: Vec<Row> = sql(text)
                .bind(again.day.to_string())
                .bind(after)
                .bind(SLICE)
                .fetch_all(&mut tx)
                .await?;
            let Some((_, last, ..)) = rows.last() else { break };
            after = *last;
            // As many as these are mail to a list, and wait behind what one person waits for.
            let to: Vec<(i64, i64)> = rows.iter().map(|row| (row.0, row.1)).collect();
            enqueue(&mut tx, &to, again, 1).await?;
            note(&mut tx, &to, again).await?;
            // What bounced was in the history all along.
            let owed: Vec<_> = rows.iter().filter(|row| row.3 != "bounced").collect();
            let owed: Vec<_> = owed.into_iter().map(|row| (row.0, row.1, row.2)).collect();
            take_along(&mut tx, &owed).await?;
            done += rows.len() as u64;
        }
        tx.commit().await?;
        self.bell.send();
        Ok(done)
    }

    /// Enqueues a day's digest once more for one reader, whether or not they were sent it.
    pub async fn resend_day(
        &self,
        subscriber: i64,
        again: &NewResend<'_>,
    ) -> Result<Again, StoreError> {
        let mut tx = self.begin().await?;
        one_at_a_time(&mut tx, again).await?;
        let found = of_one(&mut tx, subscriber, again.day).await?;
        let (said, Some((digest, state, history))) = (standing(found.as_ref()), found) else {
            return Ok(Again::None);
        };
        if said != Again::Enqueued {
            return Ok(said);
        }
        enqueue(&mut tx, &[(digest, subscriber)], again, 0).await?;
        note(&mut tx, &[(digest, subscriber)], again).await?;
        if state != "sent" {
            take_along(&mut tx, &[(digest, subscriber, history)]).await?;
        }
        tx.commit().await?;
        self.bell.send();
        Ok(said)
    }

    /// What [`Store::resend_day`] would come to; nothing is stored.
    pub async fn could_resend(&self, subscriber: i64, day: Date) -> Result<Again, StoreError> {
        let found = of_one(&self.read, subscriber, day).await?;
        Ok(standing(found.as_ref()))
    }

    /// Enqueues the last digest that `subscriber` was sent once more, at their own wish, unless
    /// that was done since `since`. Returns whether it was; `None` where they were sent none.
    pub async fn resend_last(
        &self,
        subscriber: i64,
        since: Timestamp,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Option<bool>, StoreError> {
        let mut tx = self.begin().await?;
        let last: Option<(i64, String)> = sql("SELECT digest, day FROM deliveries \
             WHERE kind = 'digest' AND subscriber = $1 AND state = 'sent' \
             ORDER BY day DESC LIMIT 1")
        .bind(subscriber)
        .fetch_optional(&mut tx)
        .await?;
        let Some((digest, day)) = last else { return Ok(None) };
        let day = super::subscribers::day_of(&day)?;
        let again = NewResend { day, detail: "", expires_at, now };
        one_at_a_time(&mut tx, &again).await?;
        let known: bool = sql("SELECT EXISTS (SELECT 1 FROM deliveries \
             WHERE kind <> 'digest' AND kind = 'resend' AND subscriber = $1 \
               AND created_at > $2)")
        .bind(subscriber)
        .bind(micros(since))
        .scalar(&mut tx)
        .await?;
        if !known {
            enqueue(&mut tx, &[(digest, subscriber)], &again, 0).await?;
        }
        tx.commit().await?;
        self.bell.send();
        Ok(Some(!known))
    }
}

/// A reader's digest of a day: its row, its state (`again`: it is on its way once more), and their
/// history.
async fn of_one<'a>(
    on: impl Into<On<'a>>,
    subscriber: i64,
    day: Date,
) -> Result<Option<(i64, String, i64)>, StoreError> {
    sql("SELECT d.digest, CASE WHEN EXISTS (SELECT 1 FROM deliveries r \
           WHERE r.kind <> 'digest' AND r.kind = 'resend' AND r.subscriber = $1 AND r.day = $2 \
             AND r.state IN ('queued', 'sending', 'deferred')) THEN 'again' ELSE d.state END, \
           s.history FROM deliveries d JOIN subscribers s ON s.id = d.subscriber \
         WHERE d.kind = 'digest' AND d.subscriber = $1 AND d.day = $2")
    .bind(subscriber)
    .bind(day.to_string())
    .fetch_optional(on)
    .await
}

fn standing(found: Option<&(i64, String, i64)>) -> Again {
    match found.map(|(_, state, _)| state.as_str()) {
        None => Again::None,
        Some("again") => Again::Known,
        Some("queued" | "sending" | "deferred") => Again::Waits,
        Some(_) => Again::Enqueued,
    }
}

/// Each digest of a day (`$1`) with its reader, and what became of it.
fn of_day() -> String {
    let said = |verdicts: &str| {
        format!(
            "EXISTS (SELECT 1 FROM bounces b WHERE b.subscriber = s.id AND b.delivery = d.id \
               AND b.verdict IN ({verdicts}))"
        )
    };
    format!(
        "SELECT d.digest, s.id AS subscriber, s.history, CASE \
           WHEN d.state IN ('queued', 'sending', 'deferred') THEN 'waiting' \
           WHEN d.state = 'sent' AND NOT ({} AND NOT {}) THEN 'sent' \
           WHEN EXISTS (SELECT 1 FROM deliveries r WHERE r.kind <> 'digest' \
               AND r.kind = 'resend' AND r.subscriber = s.id AND r.digest = d.digest \
               AND r.state NOT IN ('failed', 'skipped')) THEN 'resent' \
           WHEN d.state = 'skipped' AND d.reason NOT LIKE '{EXPIRED}%' \
             AND d.reason NOT LIKE '{DROPPED}%' THEN 'unwanted' \
           WHEN s.state <> 'active' THEN 'gone' \
           WHEN d.state = 'sent' THEN 'bounced' \
           WHEN EXISTS (SELECT 1 FROM deliveries l WHERE l.kind = 'digest' \
               AND l.subscriber = s.id AND l.day > $1 \
               AND l.state NOT IN ('failed', 'skipped')) THEN 'later' \
           WHEN d.state = 'failed' THEN 'failed' \
           WHEN d.reason LIKE '{EXPIRED}%' THEN 'expired' \
           ELSE 'dropped' END AS class \
         FROM subscribers s CROSS JOIN deliveries d \
         WHERE d.kind = 'digest' AND d.subscriber = s.id AND d.day = $1",
        said("'soft', 'policy'"),
        said("'delivered'"),
    )
}

/// Whoever else sends this day once more waits until this unit has ended, and then sees it.
async fn one_at_a_time(tx: &mut Tx, again: &NewResend<'_>) -> Result<(), StoreError> {
    sql("INSERT INTO settings (name, value) VALUES ('resend', $1) \
         ON CONFLICT (name) DO UPDATE SET value = excluded.value")
    .bind(format!("{} at {}", again.day, again.now))
    .execute(&mut *tx)
    .await?;
    Ok(())
}

/// Enqueues each of these (digest, subscriber).
async fn enqueue(
    tx: &mut Tx,
    to: &[(i64, i64)],
    again: &NewResend<'_>,
    priority: i64,
) -> Result<(), StoreError> {
    each(
        "INSERT INTO deliveries (kind, digest, subscriber, day, state, created_at, \
           next_attempt_at, expires_at, priority) \
         SELECT 'resend', CAST(r.value ->> 0 AS BIGINT), CAST(r.value ->> 1 AS BIGINT), $1, \
           'queued', $2, $2, $3, $4 FROM EACH",
        5,
    )
    .bind(again.day.to_string())
    .bind(micros(again.now))
    .bind(micros(again.expires_at))
    .bind(priority)
    .bind(Value::from_iter(to.iter().map(|(digest, reader)| json!([digest, reader]))).to_string())
    .execute(&mut *tx)
    .await?;
    Ok(())
}

/// Notes in the readers' timelines who had it sent, and why.
async fn note(tx: &mut Tx, to: &[(i64, i64)], again: &NewResend<'_>) -> Result<(), StoreError> {
    each(
        "INSERT INTO subscriber_events (subscriber, at, what, detail) \
         SELECT CAST(r.value ->> 0 AS BIGINT), $1, 'resend', $2 FROM EACH",
        3,
    )
    .bind(micros(again.now))
    .bind(format!("the digest of {}, {}", again.day, again.detail))
    .bind(Value::from_iter(to.iter().map(|(_, reader)| json!([reader]))).to_string())
    .execute(&mut *tx)
    .await?;
    Ok(())
}
