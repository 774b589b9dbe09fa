//! Canaries: mails to ourselves, when each was sent, and when it came back.

use jiff::Timestamp;

use super::notices::enqueue_all;
use super::{NewNotice, Store, StoreError, instant, micros, sql};

/// A canary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Canary {
    /// Its row.
    pub id: i64,
    /// When it was enqueued.
    pub sent_at: Timestamp,
    /// When it came back.
    pub seen_at: Option<Timestamp>,
}

type Columns = (i64, i64, Option<i64>);

fn canary((id, sent_at, seen_at): Columns) -> Canary {
    Canary { id, sent_at: instant(sent_at), seen_at: seen_at.map(instant) }
}

impl Store {
    /// The last canary that was sent.
    pub async fn newest_canary(&self) -> Result<Option<Canary>, StoreError> {
        let row: Option<Columns> =
            sql("SELECT id, sent_at, seen_at FROM canaries ORDER BY id DESC LIMIT 1")
                .fetch_optional(&self.read)
                .await?;
        Ok(row.map(canary))
    }

    /// The last canary that came back.
    pub async fn last_seen_canary(&self) -> Result<Option<Canary>, StoreError> {
        let row: Option<Columns> = sql("SELECT id, sent_at, seen_at FROM canaries \
             WHERE seen_at IS NOT NULL ORDER BY id DESC LIMIT 1")
        .fetch_optional(&self.read)
        .await?;
        Ok(row.map(canary))
    }

    /// Enqueues a canary, whose notice `make` writes for its row. Those of more than 90 days ago
    /// are forgotten.
    pub async fn enqueue_canary<E: From<StoreError>>(
        &self,
        now: Timestamp,
        make: impl FnOnce(i64) -> Result<NewNotice, E>,
    ) -> Result<i64, E> {
        let old = now.saturating_sub(jiff::SignedDuration::from_hours(90 * 24));
        let mut tx = self.begin().await?;
        sql("DELETE FROM canaries WHERE sent_at < $1")
            .bind(micros(old.unwrap_or(Timestamp::MIN)))
            .execute(&mut tx)
            .await?;
        let id: i64 = sql("INSERT INTO canaries (sent_at) VALUES ($1) RETURNING id")
            .bind(micros(now))
            .scalar(&mut tx)
            .await?;
        let notice = make(id)?;
        enqueue_all(&mut tx, &[(0, &notice)], now).await?;
        tx.commit().await?;
        self.bell.send();
        Ok(id)
    }

    /// Notes that the canary of row `id` came back; false where it had already, or never left.
    pub async fn see_canary(&self, id: i64, now: Timestamp) -> Result<bool, StoreError> {
        let seen = sql("UPDATE canaries SET seen_at = $1 WHERE id = $2 AND seen_at IS NULL")
            .bind(micros(now))
            .bind(id)
            .execute(&self.write)
            .await?;
        Ok(seen == 1)
    }
}
