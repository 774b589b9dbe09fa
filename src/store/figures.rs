//! What is in the database, in numbers, for whoever watches it. Every figure comes from an index
//! or a small table, so that it may be asked for often. Never names a reader.

use jiff::Timestamp;

use super::{Store, StoreError, either, instant, micros, sql};
use crate::model::SubscriberState;

/// What is in the database at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Subscribers by state, each state once.
    pub subscribers: Vec<(SubscriberState, u64)>,
    /// Deliveries that were planned and not yet tried.
    pub queued: u64,
    /// Those that a process has claimed.
    pub sending: u64,
    /// Those that wait for another attempt.
    pub deferred: u64,
    /// Those whose moment has come.
    pub due: u64,
    /// Since when the first of them is due.
    pub oldest_due: Option<Timestamp>,
    /// Those that may arrive twice.
    pub doubtful: u64,
    /// Readers who are due and not planned.
    pub readers_due: u64,
    /// Since when the first of them is due.
    pub oldest_reader_due: Option<Timestamp>,
    /// Papers.
    pub papers: u64,
    /// Addresses that must not be mailed.
    pub suppressions: u64,
    /// Receiving domains at rest.
    pub domains_resting: u64,
    /// When a digest was last planned.
    pub last_digest: Option<Timestamp>,
    /// The size of the database in bytes.
    pub bytes: u64,
}

/// How a source has fared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SourceFigures {
    /// When a fetch was last good, unchanged or rightly empty.
    pub last_good: Option<Timestamp>,
    /// When one last brought a new paper.
    pub last_new: Option<Timestamp>,
}

/// Digests that are not out in their time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Late {
    /// Readers who were due and are not planned.
    pub unplanned: u64,
    /// Since when the first of them is due.
    pub oldest_reader: Option<Timestamp>,
    /// Digests that were planned and not tried.
    pub untried: u64,
    /// When the first of them was planned.
    pub oldest_mail: Option<Timestamp>,
    /// Digests that were planned lately.
    pub planned: u64,
}

impl Store {
    /// What should have been done before `cut`, beside what was planned since `since`.
    pub async fn late(&self, cut: Timestamp, since: Timestamp) -> Result<Late, StoreError> {
        let count = |number: i64| u64::try_from(number).unwrap_or(0);
        let (unplanned, oldest_reader): (i64, Option<i64>) =
            sql("SELECT count(*), min(next_due_at) FROM subscribers \
             WHERE state = 'active' AND next_due_at <= $1")
            .bind(micros(cut))
            .fetch_one(&self.read)
            .await?;
        let (untried, oldest_mail): (i64, Option<i64>) =
            sql("SELECT count(*), min(created_at) FROM deliveries \
             WHERE state IN ('queued', 'deferred') AND kind = 'digest' AND attempts = 0 \
               AND created_at <= $1")
            .bind(micros(cut))
            .fetch_one(&self.read)
            .await?;
        let planned: i64 = sql("SELECT CAST(coalesce(sum(readers), 0) AS BIGINT) FROM plans \
             WHERE digest IS NOT NULL AND planned_at > $1")
        .bind(micros(since))
        .scalar(&self.read)
        .await?;
        Ok(Late {
            unplanned: count(unplanned),
            oldest_reader: oldest_reader.map(instant),
            untried: count(untried),
            oldest_mail: oldest_mail.map(instant),
            planned: count(planned),
        })
    }

    /// The delivery that is to be claimed next at `now`: its row.
    pub async fn queue_head(&self, now: Timestamp) -> Result<Option<i64>, StoreError> {
        sql("SELECT id FROM deliveries WHERE state IN ('queued', 'deferred') \
             AND next_attempt_at <= $1 ORDER BY priority, next_attempt_at, id LIMIT 1")
        .bind(micros(now))
        .scalar_optional(&self.read)
        .await
    }

    /// When fetches of the source called `name` brought a new paper since `since`, the newest
    /// first, 400 at most.
    pub async fn fetches_with_new(
        &self,
        name: &str,
        since: Timestamp,
    ) -> Result<Vec<Timestamp>, StoreError> {
        let at: Vec<i64> = sql("SELECT at FROM fetches \
             WHERE source = $1 AND added > 0 AND at > $2 ORDER BY at DESC LIMIT 400")
        .bind(name)
        .bind(micros(since))
        .scalars(&self.read)
        .await?;
        Ok(at.into_iter().map(instant).collect())
    }

    /// What there is at `now`.
    pub async fn figures(&self, now: Timestamp) -> Result<Figures, StoreError> {
        let count = |number: i64| u64::try_from(number).unwrap_or(0);
        let by_state: Vec<(String, i64)> =
            sql("SELECT state, count(*) FROM subscribers GROUP BY state")
                .fetch_all(&self.read)
                .await?;
        let of = |state: SubscriberState| {
            let row = by_state.iter().find(|(word, _)| word == state.word());
            (state, row.map_or(0, |(_, number)| count(*number)))
        };
        let subscribers = SubscriberState::ALL.map(of).to_vec();
        let waiting: Vec<(String, i64, i64, Option<i64>)> = sql("SELECT state, count(*), \
               coalesce(sum(CASE WHEN next_attempt_at <= $1 THEN 1 ELSE 0 END), 0), \
               min(next_attempt_at) \
             FROM deliveries WHERE state IN ('queued', 'deferred') GROUP BY state")
        .bind(micros(now))
        .fetch_all(&self.read)
        .await?;
        let in_state = |word: &str| {
            waiting.iter().find(|row| row.0 == word).map_or(0, |(_, number, ..)| count(*number))
        };
        let oldest_due = waiting.iter().filter_map(|row| row.3).min().map(instant);
        let one = |text: &'static str| sql(text).scalar::<i64>(&self.read);
        let (readers_due, oldest_reader): (i64, Option<i64>) =
            sql("SELECT count(*), min(next_due_at) FROM subscribers \
             WHERE state = 'active' AND next_due_at <= $1")
            .bind(micros(now))
            .fetch_one(&self.read)
            .await?;
        let resting: i64 = sql("SELECT count(*) FROM domain_rests WHERE until > $1")
            .bind(micros(now))
            .scalar(&self.read)
            .await?;
        let last_digest: Option<i64> =
            sql("SELECT max(planned_at) FROM plans WHERE digest IS NOT NULL")
                .scalar(&self.read)
                .await?;
        let bytes: i64 = either(
            "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
            "SELECT pg_database_size(current_database())",
        )
        .scalar(&self.read)
        .await?;
        Ok(Figures {
            queued: in_state("queued"),
            deferred: in_state("deferred"),
            due: waiting.iter().map(|row| count(row.2)).sum(),
            oldest_due: oldest_due.filter(|at| *at <= now),
            sending: count(one("SELECT count(*) FROM deliveries WHERE state = 'sending'").await?),
            doubtful: count(one("SELECT count(*) FROM deliveries WHERE doubtful").await?),
            readers_due: count(readers_due),
            oldest_reader_due: oldest_reader.map(instant),
            papers: count(one("SELECT count(*) FROM papers").await?),
            suppressions: count(one("SELECT count(*) FROM suppressions").await?),
            domains_resting: count(resting),
            last_digest: last_digest.map(instant),
            bytes: count(bytes),
            subscribers,
        })
    }

    /// How the source called `name` has fared until `until`.
    pub async fn source_figures(
        &self,
        name: &str,
        until: Timestamp,
    ) -> Result<SourceFigures, StoreError> {
        let last_good: Option<i64> = sql("SELECT max(at) FROM fetches \
             WHERE source = $1 AND outcome IN ('good', 'unchanged', 'empty') AND at <= $2")
        .bind(name)
        .bind(micros(until))
        .scalar(&self.read)
        .await?;
        let last_new: Option<i64> =
            sql("SELECT max(at) FROM fetches WHERE source = $1 AND added > 0 AND at <= $2")
                .bind(name)
                .bind(micros(until))
                .scalar(&self.read)
                .await?;
        Ok(SourceFigures { last_good: last_good.map(instant), last_new: last_new.map(instant) })
    }
}
