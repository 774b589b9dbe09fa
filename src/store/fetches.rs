//! Fetches: what each came to, and what the next one is judged by.

use jiff::Timestamp;
use serde::Serialize;

use super::papers::{period_name, period_of, take_in};
use super::pick::Conditions;
use super::{ListingChange, Store, StoreError, instant, micros, sql};
use crate::model::{FetchOutcome, Listing, Period};

/// A fetch to be recorded.
#[derive(Clone, Debug)]
pub struct FetchRecord<'a> {
    /// The source's name.
    pub source: &'a str,
    /// The address fetched, or the file read.
    pub url: &'a str,
    /// When.
    pub at: Timestamp,
    /// What it came to.
    pub outcome: FetchOutcome,
    /// Why, in words, unless it was good.
    pub reason: Option<&'a str>,
    /// Whether the source answered at all.
    pub reachable: bool,
    /// The listing, where one was read. It touches the papers only if the outcome is good.
    pub listing: Option<&'a Listing>,
    /// The answer's `ETag`.
    pub etag: Option<&'a str>,
    /// The answer's `Last-Modified`.
    pub last_modified: Option<&'a str>,
    /// SHA-256 of the body, in hexadecimal.
    pub body_hash: Option<&'a str>,
    /// The file that keeps the raw bytes.
    pub kept: Option<&'a str>,
    /// The source asked for peace until then.
    pub not_before: Option<Timestamp>,
}

/// What the last good fetch of an address left behind, for a conditional request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validator {
    /// Its `ETag`.
    pub etag: Option<String>,
    /// Its `Last-Modified`.
    pub last_modified: Option<String>,
    /// SHA-256 of its body.
    pub body_hash: Option<String>,
}

/// A recorded fetch, as `source status` and the log show it.
#[derive(Clone, Debug, Serialize)]
pub struct FetchRow {
    /// When.
    pub at: Timestamp,
    /// The address fetched, or the file read.
    pub url: String,
    /// The word of its outcome.
    pub outcome: String,
    /// Why, unless it was good.
    pub reason: Option<String>,
    /// Entries in the list.
    pub listed: i64,
    /// Papers seen for the first time.
    pub new: i64,
    /// Known papers that changed.
    pub changed: i64,
    /// Entries that could not be read.
    pub rejected: i64,
    /// The file that keeps its raw bytes.
    pub kept: Option<String>,
    /// The source asked for peace until then.
    pub not_before: Option<Timestamp>,
}

/// Which fetches are meant. What is set must all hold.
#[derive(Clone, Debug, Default)]
pub struct FetchFilter {
    /// Only those of this source.
    pub source: Option<String>,
    /// Only those that came to this.
    pub outcome: Option<FetchOutcome>,
    /// Only those from then on.
    pub since: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct FetchColumns {
    at: i64,
    url: String,
    outcome: String,
    reason: Option<String>,
    listed: i64,
    added: i64,
    changed: i64,
    rejected: i64,
    kept: Option<String>,
    not_before: Option<i64>,
}

impl From<FetchColumns> for FetchRow {
    fn from(row: FetchColumns) -> Self {
        Self {
            at: instant(row.at),
            url: row.url,
            outcome: row.outcome,
            reason: row.reason,
            listed: row.listed,
            new: row.added,
            changed: row.changed,
            rejected: row.rejected,
            kept: row.kept,
            not_before: row.not_before.map(instant),
        }
    }
}

impl Store {
    /// Records a fetch and, if it was good, takes in its listing: all of it or nothing.
    pub async fn record_fetch(&self, fetch: &FetchRecord<'_>) -> Result<ListingChange, StoreError> {
        let mut tx = self.begin().await?;
        let change = match (fetch.outcome, fetch.listing) {
            (FetchOutcome::Good, Some(listing)) => {
                take_in(&mut tx, fetch.source, fetch.at, listing).await?
            }
            _ => ListingChange::default(),
        };
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        sql("INSERT INTO fetches (source, url, at, outcome, reason, reachable, period, listed, \
               added, changed, rejected, etag, last_modified, body_hash, kept, not_before) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)")
        .bind(fetch.source)
        .bind(fetch.url)
        .bind(micros(fetch.at))
        .bind(fetch.outcome.word())
        .bind(fetch.reason)
        .bind(fetch.reachable)
        .bind(fetch.listing.map(|listing| period_name(listing.period)))
        .bind(fetch.listing.map_or(0, |listing| count(listing.papers.len())))
        .bind(change.new as i64)
        .bind(change.changed as i64)
        .bind(fetch.listing.map_or(0, |listing| count(listing.rejected.len())))
        .bind(fetch.etag)
        .bind(fetch.last_modified)
        .bind(fetch.body_hash)
        .bind(fetch.kept)
        .bind(fetch.not_before.map(micros))
        .execute(&mut tx)
        .await?;
        tx.commit().await?;
        Ok(change)
    }

    /// What the last good fetch of `url` left behind.
    pub async fn validator(&self, source: &str, url: &str) -> Result<Validator, StoreError> {
        let row: Option<(Option<String>, Option<String>, Option<String>)> =
            sql("SELECT etag, last_modified, body_hash FROM fetches \
             WHERE source = $1 AND url = $2 AND outcome = 'good' ORDER BY at DESC, id DESC LIMIT 1")
            .bind(source)
            .bind(url)
            .fetch_optional(&self.read)
            .await?;
        let (etag, last_modified, body_hash) = row.unwrap_or_default();
        Ok(Validator { etag, last_modified, body_hash })
    }

    /// The good lists of `source` since `since`: what each listed, and how many papers.
    pub async fn recent_lists(
        &self,
        source: &str,
        since: Timestamp,
    ) -> Result<Vec<(Period, u32)>, StoreError> {
        let rows: Vec<(String, i64)> = sql("SELECT period, listed FROM fetches \
             WHERE source = $1 AND outcome = 'good' AND at >= $2 AND period IS NOT NULL")
        .bind(source)
        .bind(micros(since))
        .fetch_all(&self.read)
        .await?;
        rows.into_iter()
            .map(|(name, listed)| {
                let period =
                    period_of(&name).ok_or_else(|| StoreError::damaged("period", &name))?;
                Ok((period, u32::try_from(listed).unwrap_or(u32::MAX)))
            })
            .collect()
    }

    /// The last `limit` fetches of `source` until `until`, the newest first. What a run as of a later
    /// moment recorded is none for whoever asks what to do now.
    pub async fn last_fetches(
        &self,
        source: &str,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<FetchRow>, StoreError> {
        let rows: Vec<FetchColumns> = sql(
            "SELECT at, url, outcome, reason, listed, added, changed, rejected, kept, not_before \
             FROM fetches WHERE source = $1 AND at <= $2 ORDER BY at DESC, id DESC LIMIT $3",
        )
        .bind(source)
        .bind(micros(until))
        .bind(i64::from(limit))
        .fetch_all(&self.read)
        .await?;
        Ok(rows.into_iter().map(FetchRow::from).collect())
    }

    /// The last `limit` fetches that fit `filter`, the newest first.
    pub async fn fetches(
        &self,
        filter: &FetchFilter,
        limit: u32,
    ) -> Result<Vec<FetchRow>, StoreError> {
        let mut all = Conditions::default();
        if let Some(source) = &filter.source {
            all = all.and("source = ?", source);
        }
        if let Some(outcome) = filter.outcome {
            all = all.and("outcome = ?", outcome.word());
        }
        if let Some(since) = filter.since {
            all = all.and("at >= ?", micros(since));
        }
        let rows: Vec<FetchColumns> = all
            .select(
                "SELECT at, url, outcome, reason, listed, added, changed, rejected, kept, \
                   not_before FROM fetches",
                &format!("ORDER BY at DESC, id DESC LIMIT {limit}"),
            )
            .fetch_all(&self.read)
            .await?;
        Ok(rows.into_iter().map(FetchRow::from).collect())
    }

    /// What taking this listing in would come to; nothing is stored.
    pub async fn rehearse(
        &self,
        source: &str,
        at: Timestamp,
        listing: &Listing,
    ) -> Result<ListingChange, StoreError> {
        let mut tx = self.begin().await?;
        let change = take_in(&mut tx, source, at, listing).await?;
        tx.rollback().await?;
        Ok(change)
    }

    /// The last fetch of `source` until `until` that was good, unchanged or empty as expected.
    pub async fn last_good_fetch(
        &self,
        source: &str,
        until: Timestamp,
    ) -> Result<Option<FetchRow>, StoreError> {
        let row: Option<FetchColumns> = sql(
            "SELECT at, url, outcome, reason, listed, added, changed, rejected, kept, not_before \
             FROM fetches WHERE source = $1 AND outcome IN ('good', 'unchanged', 'empty') \
               AND at <= $2 ORDER BY at DESC, id DESC LIMIT 1",
        )
        .bind(source)
        .bind(micros(until))
        .fetch_optional(&self.read)
        .await?;
        Ok(row.map(FetchRow::from))
    }

    /// The last fetch of `source` until `until` that was set aside.
    pub async fn last_bad_fetch(
        &self,
        source: &str,
        until: Timestamp,
    ) -> Result<Option<FetchRow>, StoreError> {
        let row: Option<FetchColumns> = sql(
            "SELECT at, url, outcome, reason, listed, added, changed, rejected, kept, not_before \
             FROM fetches WHERE source = $1 AND outcome IN ('incomplete', 'broken') \
               AND at <= $2 ORDER BY at DESC, id DESC LIMIT 1",
        )
        .bind(source)
        .bind(micros(until))
        .fetch_optional(&self.read)
        .await?;
        Ok(row.map(FetchRow::from))
    }
}
