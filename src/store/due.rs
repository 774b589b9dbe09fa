//! When subscribers are due: the earliest of them, another clock for many, and those who were left
//! without a moment. Never decides when that is.

use jiff::Timestamp;
use jiff::civil::Date;

use super::subscribers::note;
use super::{Store, StoreError, instant, micros, sql};

impl Store {
    /// Moves every active reader of `profile` who is not due at `now` to the due moment
    /// `next`, or to `after_today` where their last digest was on `today` or later. Returns
    /// how many.
    pub async fn reschedule(
        &self,
        profile: i64,
        now: Timestamp,
        next: Timestamp,
        after_today: Timestamp,
        today: Date,
    ) -> Result<u64, StoreError> {
        let done = sql("UPDATE subscribers SET next_due_at = \
               CASE WHEN last_digest_day >= $1 THEN $2 ELSE $3 END \
             WHERE profile = $4 AND state = 'active' AND next_due_at > $5")
        .bind(today.to_string())
        .bind(micros(after_today))
        .bind(micros(next))
        .bind(profile)
        .bind(micros(now))
        .execute(&self.write)
        .await?;
        Ok(done)
    }

    /// Up to `limit` active subscribers without a due moment, whom no planning would ever find.
    pub async fn never_due(&self, limit: u32) -> Result<Vec<i64>, StoreError> {
        sql("SELECT id FROM subscribers WHERE state = 'active' AND next_due_at IS NULL LIMIT $1")
            .bind(i64::from(limit))
            .scalars(&self.read)
            .await
    }

    /// How many subscribers [`Store::never_due`] is about.
    pub async fn count_never_due(&self) -> Result<i64, StoreError> {
        sql("SELECT count(*) FROM subscribers WHERE state = 'active' AND next_due_at IS NULL")
            .scalar(&self.read)
            .await
    }

    /// Gives an active subscriber without a due moment this one.
    pub async fn make_due(
        &self,
        subscriber: i64,
        next_due_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let done = sql("UPDATE subscribers SET next_due_at = $1 \
             WHERE id = $2 AND state = 'active' AND next_due_at IS NULL")
        .bind(micros(next_due_at))
        .bind(subscriber)
        .execute(&mut tx)
        .await?;
        if done == 1 {
            let detail = "active without a next digest; it comes with the next slot now";
            note(&mut tx, subscriber, now, "mended", detail).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// The earliest moment at which a digest is due.
    pub async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        let at: Option<i64> =
            sql("SELECT min(next_due_at) FROM subscribers WHERE state = 'active'")
                .scalar(&self.read)
                .await?;
        Ok(at.map(instant))
    }
}
