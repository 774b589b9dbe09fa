//! The room's one verb: look at a source once, judge what was found by what is known, and
//! record it. Only a good listing touches the papers.

use std::fmt;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::{Client, Found, KeptPages, Known, Limits, Origin, Scout, Seen, Validators};
use crate::clock::Clock;
use crate::config::{Config, Source};
use crate::meter;
use crate::model::FetchOutcome;
use crate::store::{FetchRecord, ListingChange, Store, StoreError};

/// How long a listing counts as recent.
const RECENT: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Fetches: the room's one struct.
#[derive(Clone, Debug)]
pub struct Collector {
    scout: Scout,
    store: Store,
    clock: Clock,
}

/// What one fetch came to.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The source's name.
    pub source: String,
    /// The address fetched, or the file read.
    pub url: String,
    /// What it came to.
    pub outcome: FetchOutcome,
    /// Why, unless it was plainly good.
    pub reason: Option<String>,
    /// Entries in the list.
    pub listed: u64,
    /// Papers seen for the first time.
    pub new: u64,
    /// Known papers that changed.
    pub changed: u64,
    /// Entries that could not be read.
    pub rejected: u64,
    /// Whether there was no answer at all.
    #[serde(skip)]
    pub unreachable: bool,
}

impl Collector {
    /// Ready to fetch as the configuration has it. Installs the process's TLS provider,
    /// where none is.
    pub fn new(config: &Config, store: Store, clock: Clock) -> Result<Self, reqwest::Error> {
        // A second call finds the first one's provider: just as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::new(config.site.address(), Limits::default())?;
        let kept = KeptPages::new(config.site.data_dir.join("kept"));
        Ok(Self { scout: Scout::new(client, kept), store, clock })
    }

    /// What [`Self::collect_once`] would come to, with nothing recorded and nothing set aside.
    pub async fn rehearse_once(
        &self,
        source: &Source,
        origin: Option<&Origin>,
    ) -> Result<Report, StoreError> {
        let now = self.clock.now();
        let (known, validators) = self.known(source, now).await?;
        let found = self.scout.find(source, origin, &known, &validators, now).await;
        let change = match (found.outcome, &found.listing) {
            (FetchOutcome::Good, Some(listing)) => {
                self.store.rehearse(&source.name, now, listing).await?
            }
            _ => ListingChange::default(),
        };
        Ok(report(source, found, change.new, change.changed))
    }

    /// Looks once at `source`, or at `origin` in its stead, and records what it came to. An origin
    /// that cannot be read is somebody's slip, and says nothing of the source: that is only told.
    pub async fn collect_once(
        &self,
        source: &Source,
        origin: Option<&Origin>,
    ) -> Result<Report, StoreError> {
        let (now, begun) = (self.clock.now(), Instant::now());
        let (known, validators) = self.known(source, now).await?;
        let found = self.scout.look(source, origin, &known, &validators, now).await;
        if origin.is_some() && found.missed {
            let report = report(source, found, 0, 0);
            let reason = report.reason.as_deref().unwrap_or("");
            tracing::debug!(source = report.source, reason, "not read, and not recorded");
            return Ok(report);
        }
        let kept = found.kept.as_ref().map(|path| path.display().to_string());
        let change = self
            .store
            .record_fetch(&FetchRecord {
                source: &source.name,
                url: &found.url,
                at: now,
                outcome: found.outcome,
                reason: found.reason.as_deref(),
                reachable: !found.unreachable,
                listing: found.listing.as_ref(),
                etag: found.etag.as_deref(),
                last_modified: found.last_modified.as_deref(),
                body_hash: Some(&found.body_hash),
                kept: kept.as_deref(),
                not_before: found.retry_not_before,
            })
            .await?;
        let report = report(source, found, change.new, change.changed);
        meter::FETCH_SECONDS.took(&[&source.name], begun.elapsed());
        meter::FETCHES.add(&[&source.name, report.outcome.word()], 1);
        meter::PAPERS_NEW.add(&[&source.name], report.new);
        log(&report, kept.as_deref());
        Ok(report)
    }

    /// What is known, by which a listing is judged and an answer can be "as before".
    async fn known(
        &self,
        source: &Source,
        now: Timestamp,
    ) -> Result<(Known, Validators), StoreError> {
        let since = now.checked_sub(RECENT).unwrap_or(now);
        let recent = self.store.recent_lists(&source.name, since).await?;
        let recent = recent.into_iter().map(|(period, papers)| Seen { period, papers }).collect();
        let last = self.store.validator(&source.name, source.url.as_str()).await?;
        let validators = Validators {
            etag: last.etag,
            last_modified: last.last_modified,
            body_hash: last.body_hash,
        };
        Ok((Known { recent }, validators))
    }
}

fn report(source: &Source, found: Found, new: u64, changed: u64) -> Report {
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    let listing = found.listing.as_ref();
    Report {
        source: source.name.clone(),
        url: found.url,
        outcome: found.outcome,
        reason: found.reason,
        listed: listing.map_or(0, |listing| count(listing.papers.len())),
        new,
        changed,
        rejected: listing.map_or(0, |listing| count(listing.rejected.len())),
        unreachable: found.unreachable,
    }
}

fn log(report: &Report, kept: Option<&str>) {
    let reason = report.reason.as_deref().unwrap_or("");
    match report.outcome {
        FetchOutcome::Good | FetchOutcome::Unchanged | FetchOutcome::Empty => tracing::info!(
            source = report.source,
            outcome = report.outcome.word(),
            listed = report.listed,
            new = report.new,
            changed = report.changed,
            rejected = report.rejected,
            reason,
            "fetched"
        ),
        FetchOutcome::Incomplete | FetchOutcome::Broken => tracing::warn!(
            source = report.source,
            outcome = report.outcome.word(),
            reason,
            kept = kept.unwrap_or("nothing"),
            "the fetch is set aside; the papers are untouched"
        ),
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.source, self.outcome.word())?;
        if self.outcome == FetchOutcome::Good {
            write!(f, ", {} listed, {} new, {} changed", self.listed, self.new, self.changed)?;
        }
        if self.rejected > 0 {
            write!(f, ", {} could not be read", self.rejected)?;
        }
        self.reason.as_ref().map_or(Ok(()), |reason| write!(f, ": {reason}"))
    }
}
