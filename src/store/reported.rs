//! What providers reported over HTTP: what is sent twice, by one that missed our answer or by
//! somebody who copied it, has no effect a second time, whichever process it comes to. Kept as
//! hashes, which nothing is found out from; never says what a report means.

use jiff::{SignedDuration, Timestamp};

use super::{Pace, Store, StoreError, micros, sql};

/// Longer than any proof counts: 25 hours from the moment that it names, which may lie as far ahead
/// as behind.
const KEPT: SignedDuration = SignedDuration::from_hours(3 * 24);

/// What is known of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reported {
    /// It had no effect yet: it is new, or what was to come of it failed.
    New,
    /// It has had its effect.
    Done,
    /// Its proof came before, with something else.
    Other,
}

impl Store {
    /// Binds the proof `mark` to the first body that comes with it. So nothing is lost where that one
    /// fails, as it may come again, and no other can take its place.
    pub async fn claim_report(
        &self,
        mark: &str,
        body: &str,
        now: Timestamp,
    ) -> Result<Reported, StoreError> {
        // Whatever comes of it is durable before its answer, and this with it.
        let (pool, _pace) = self.at(Pace::Quick).await?;
        let (first, done): (String, bool) = sql("INSERT INTO reported (mark, body, at) \
             VALUES ($1, $2, $3) ON CONFLICT (mark) DO UPDATE SET at = reported.at \
             RETURNING body, done")
        .bind(mark)
        .bind(body)
        .bind(micros(now))
        .fetch_one(pool)
        .await?;
        Ok(match (first == body, done) {
            (false, _) => Reported::Other,
            (true, true) => Reported::Done,
            (true, false) => Reported::New,
        })
    }

    /// Notes that the report has had its effect.
    pub async fn finish_report(&self, mark: &str) -> Result<(), StoreError> {
        let text = "UPDATE reported SET done = TRUE WHERE mark = $1";
        self.write_at(Pace::Durable, sql(text).bind(mark)).await?;
        Ok(())
    }

    /// Forgets reports whose proofs count no more.
    pub(super) async fn forget_reported(&self, now: Timestamp) -> Result<(), StoreError> {
        let until = now.saturating_sub(KEPT).unwrap_or(Timestamp::MIN);
        let text = "DELETE FROM reported WHERE at <= $1";
        sql(text).bind(micros(until)).execute(&self.write).await?;
        Ok(())
    }
}
