//! Alarms: what needs a person, from when it was seen until it was over, and what webhooks are
//! still to be told. One unit opens, closes and tells, so that several processes tell once.

use jiff::Timestamp;
use serde::Serialize;

use super::notices::enqueue_all;
use super::{NewNotice, Store, StoreError, instant, micros, sql};

/// An alarm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AlarmRow {
    /// Its row.
    pub id: i64,
    /// The word of its kind.
    pub topic: String,
    /// What it is about, such as a source's name; may be empty.
    pub subject: String,
    /// The machine that it is about; empty: all of them.
    pub place: String,
    /// What is wrong, in words.
    pub detail: String,
    /// Since when.
    pub opened_at: Timestamp,
    /// When it was last found to be there.
    pub seen_at: Timestamp,
    /// When a mail last told of it.
    pub mailed_at: Option<Timestamp>,
    /// When webhooks were last told of it.
    pub posted_at: Option<Timestamp>,
    /// When it was over.
    pub closed_at: Option<Timestamp>,
}

/// What changes about the alarms of one kind.
#[derive(Debug, Default)]
pub struct AlarmTurn<'a> {
    /// The word of the kind.
    pub topic: &'a str,
    /// The machine; empty: all of them.
    pub place: &'a str,
    /// What is new: subject, detail, and whether webhooks are told.
    pub opens: Vec<(&'a str, &'a str, bool)>,
    /// What is still there: its row, and what is wrong now.
    pub seen: Vec<(i64, &'a str)>,
    /// What is over: rows.
    pub closes: Vec<i64>,
    /// Whether the mail tells of everything of this kind that is open.
    pub mailed: bool,
    /// The rows of which webhooks are told again.
    pub posted: Vec<i64>,
    /// The mail.
    pub notice: Option<&'a NewNotice>,
    /// What webhooks are told: their name and the event, in JSON.
    pub posts: Vec<(&'a str, String)>,
}

/// What a webhook is still to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlarmPost {
    /// Its row.
    pub id: i64,
    /// The webhook's name.
    pub hook: String,
    /// The event, in JSON.
    pub event: String,
    /// When it happened.
    pub at: Timestamp,
    /// Attempts so far.
    pub attempts: u32,
}

#[derive(sqlx::FromRow)]
struct Columns {
    id: i64,
    topic: String,
    subject: String,
    place: String,
    detail: String,
    opened_at: i64,
    seen_at: i64,
    mailed_at: Option<i64>,
    posted_at: Option<i64>,
    closed_at: Option<i64>,
}

const SELECT: &str = "SELECT id, topic, subject, place, detail, opened_at, seen_at, mailed_at, \
     posted_at, closed_at FROM alarms";

impl From<Columns> for AlarmRow {
    fn from(row: Columns) -> Self {
        Self {
            id: row.id,
            topic: row.topic,
            subject: row.subject,
            place: row.place,
            detail: row.detail,
            opened_at: instant(row.opened_at),
            seen_at: instant(row.seen_at),
            mailed_at: row.mailed_at.map(instant),
            posted_at: row.posted_at.map(instant),
            closed_at: row.closed_at.map(instant),
        }
    }
}

impl Store {
    /// The alarms that are open, the oldest first.
    pub async fn open_alarms(&self) -> Result<Vec<AlarmRow>, StoreError> {
        let rows: Vec<Columns> =
            sql(format!("{SELECT} WHERE closed_at IS NULL ORDER BY opened_at, id"))
                .fetch_all(&self.read)
                .await?;
        Ok(rows.into_iter().map(AlarmRow::from).collect())
    }

    /// The last `limit` alarms, open or not, the newest first.
    pub async fn last_alarms(&self, limit: u32) -> Result<Vec<AlarmRow>, StoreError> {
        let rows: Vec<Columns> = sql(format!("{SELECT} ORDER BY opened_at DESC, id DESC LIMIT $1"))
            .bind(i64::from(limit))
            .fetch_all(&self.read)
            .await?;
        Ok(rows.into_iter().map(AlarmRow::from).collect())
    }

    /// The alarms of one kind that are open, or of which somebody was told since `since`.
    pub async fn alarms_of(
        &self,
        topic: &str,
        since: Timestamp,
    ) -> Result<Vec<AlarmRow>, StoreError> {
        let rows: Vec<Columns> = sql(format!(
            "{SELECT} WHERE topic = $1 AND (closed_at IS NULL OR mailed_at > $2 OR posted_at > $2) \
             ORDER BY opened_at, id"
        ))
        .bind(topic)
        .bind(micros(since))
        .fetch_all(&self.read)
        .await?;
        Ok(rows.into_iter().map(AlarmRow::from).collect())
    }

    /// Does what `turn` says; false where another process was quicker, and nothing is told.
    pub async fn turn_alarms(
        &self,
        turn: &AlarmTurn<'_>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        for (subject, detail, posted) in &turn.opens {
            let opened = sql("INSERT INTO alarms (topic, subject, place, detail, opened_at, \
                   seen_at, posted_at) VALUES ($1, $2, $3, $4, $5, $5, $6) ON CONFLICT DO NOTHING")
            .bind(turn.topic)
            .bind(subject)
            .bind(turn.place)
            .bind(detail)
            .bind(micros(now))
            .bind(posted.then(|| micros(now)))
            .execute(&mut tx)
            .await?;
            if opened == 0 {
                tx.rollback().await?;
                return Ok(false);
            }
        }
        for (id, detail) in &turn.seen {
            sql("UPDATE alarms SET seen_at = $1, detail = $2 WHERE id = $3")
                .bind(micros(now))
                .bind(detail)
                .bind(id)
                .execute(&mut tx)
                .await?;
        }
        for id in &turn.closes {
            let closed =
                sql("UPDATE alarms SET closed_at = $1 WHERE id = $2 AND closed_at IS NULL")
                    .bind(micros(now))
                    .bind(id)
                    .execute(&mut tx)
                    .await?;
            if closed == 0 {
                tx.rollback().await?;
                return Ok(false);
            }
        }
        if turn.mailed {
            sql("UPDATE alarms SET mailed_at = $1 WHERE topic = $2 AND closed_at IS NULL")
                .bind(micros(now))
                .bind(turn.topic)
                .execute(&mut tx)
                .await?;
        }
        for id in &turn.posted {
            sql("UPDATE alarms SET posted_at = $1 WHERE id = $2")
                .bind(micros(now))
                .bind(id)
                .execute(&mut tx)
                .await?;
        }
        if let Some(notice) = turn.notice {
            enqueue_all(&mut tx, &[(0, notice)], now).await?;
        }
        for (hook, event) in &turn.posts {
            sql("INSERT INTO alarm_posts (hook, event, at, next_at, attempts) \
                 VALUES ($1, $2, $3, $3, 0)")
            .bind(hook)
            .bind(event)
            .bind(micros(now))
            .execute(&mut tx)
            .await?;
        }
        tx.commit().await?;
        if turn.notice.is_some() {
            self.bell.send();
        }
        if !turn.posts.is_empty() {
            self.bell.watch();
        }
        Ok(true)
    }

    /// Up to `limit` posts whose moment has come, the oldest first. A webhook is told in order: what
    /// stands behind one that waits for another attempt waits with it.
    pub async fn due_posts(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<AlarmPost>, StoreError> {
        let rows: Vec<(i64, String, String, i64, i64)> =
            sql("SELECT id, hook, event, at, attempts FROM alarm_posts p WHERE next_at <= $1 \
               AND NOT EXISTS (SELECT 1 FROM alarm_posts first WHERE first.hook = p.hook \
                 AND first.id < p.id AND first.next_at > $1) ORDER BY id LIMIT $2")
            .bind(micros(now))
            .bind(i64::from(limit))
            .fetch_all(&self.read)
            .await?;
        let post = |(id, hook, event, at, attempts)| AlarmPost {
            id,
            hook,
            event,
            at: instant(at),
            attempts: u32::try_from(attempts).unwrap_or(u32::MAX),
        };
        Ok(rows.into_iter().map(post).collect())
    }

    /// A post that was taken, or is given up.
    pub async fn drop_post(&self, id: i64) -> Result<(), StoreError> {
        sql("DELETE FROM alarm_posts WHERE id = $1").bind(id).execute(&self.write).await?;
        Ok(())
    }

    /// A post that was not taken, to be tried again at `next_at`.
    pub async fn defer_post(
        &self,
        id: i64,
        next_at: Timestamp,
        reason: &str,
    ) -> Result<(), StoreError> {
        sql("UPDATE alarm_posts SET attempts = attempts + 1, next_at = $1, reason = $2 \
             WHERE id = $3")
        .bind(micros(next_at))
        .bind(reason)
        .bind(id)
        .execute(&self.write)
        .await?;
        Ok(())
    }

    /// Forgets alarms that were over before `before`.
    pub async fn forget_alarms(&self, before: Timestamp) -> Result<u64, StoreError> {
        // Most times there are none: that costs no commit.
        let some: Option<i64> = sql("SELECT id FROM alarms WHERE closed_at < $1 LIMIT 1")
            .bind(micros(before))
            .scalar_optional(&self.read)
            .await?;
        if some.is_none() {
            return Ok(0);
        }
        sql("DELETE FROM alarms WHERE closed_at < $1")
            .bind(micros(before))
            .execute(&self.write)
            .await
    }
}
