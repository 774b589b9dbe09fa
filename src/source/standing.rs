//! How a source fares, in a word and in words: whether it is healthy, how often it failed lately, and
//! when it is due next. Reads what was recorded, and fetches nothing.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::config::Source;
use crate::model::Zone;
use crate::store::{FetchFilter, FetchRow, Store, StoreError};

/// What "lately" means.
const LATELY: SignedDuration = SignedDuration::from_hours(24);
/// A fetch is overdue so long after its moment: no process is at it.
const GRACE: SignedDuration = SignedDuration::from_mins(15);
/// Fetches looked at; every two minutes for a day.
const MOST: u32 = 720;

/// How a source fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Health {
    /// Its last fetch was good.
    Healthy,
    /// Its last fetch was not good.
    Failing,
    /// It is due, and nothing fetches it.
    Silent,
    /// It was never fetched.
    New,
}

/// How a source fares, and by what that is known.
#[derive(Clone, Debug, Serialize)]
pub struct SourceStanding {
    /// Its name.
    pub source: String,
    /// The last fetch that was good, unchanged or empty as expected.
    pub last_good: Option<FetchRow>,
    /// The last fetch that was set aside.
    pub last_fault: Option<FetchRow>,
    /// In a word.
    pub health: Health,
    /// The same in a sentence.
    pub words: String,
    /// When it is to be fetched next.
    pub next_fetch_at: Timestamp,
    /// Fetches in the last 24 hours.
    pub fetches_lately: u64,
    /// Those of them that were not good.
    pub failed_lately: u64,
    /// How many of the last ones failed, one after the other.
    pub failed_in_a_row: u64,
}

/// When `source`, whose last fetch is `last`, is to be fetched next: at once where it never was,
/// else by its schedule, and not before the moment that it asked for.
pub fn next_fetch(
    source: &Source,
    last: Option<&FetchRow>,
    zone: &Zone,
    now: Timestamp,
) -> Timestamp {
    let Some(last) = last else { return now };
    let next = source.schedule.next_after(last.at, zone).unwrap_or(Timestamp::MAX);
    next.max(last.not_before.unwrap_or(Timestamp::MIN))
}

impl SourceStanding {
    /// How `source` fares at `now`.
    pub async fn of(
        store: &Store,
        source: &Source,
        zone: &Zone,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let since = now.saturating_sub(LATELY).unwrap_or(now);
        let name = Some(source.name.clone());
        let filter = FetchFilter { source: name, since: Some(since), outcome: None };
        let mut lately = store.fetches(&filter, MOST).await?;
        lately.retain(|fetch| fetch.at <= now);
        let last = store.last_fetches(&source.name, now, MOST).await?;
        let is_bad = |fetch: &&FetchRow| matches!(fetch.outcome.as_str(), "incomplete" | "broken");
        let in_a_row = last.iter().take_while(is_bad).count() as u64;
        let next = next_fetch(source, last.first(), zone, now);
        let mut standing = Self {
            source: source.name.clone(),
            last_good: store.last_good_fetch(&source.name, now).await?,
            last_fault: store.last_bad_fetch(&source.name, now).await?,
            health: match in_a_row {
                _ if last.is_empty() => Health::New,
                _ if now.duration_since(next) > GRACE => Health::Silent,
                0 => Health::Healthy,
                _ => Health::Failing,
            },
            words: String::new(),
            next_fetch_at: next,
            fetches_lately: lately.len() as u64,
            failed_lately: lately.iter().filter(is_bad).count() as u64,
            failed_in_a_row: in_a_row,
        };
        standing.words = standing.in_words(now);
        Ok(standing)
    }

    fn in_words(&self, now: Timestamp) -> String {
        let ago = |at: Timestamp| format!("{} ago", length(now.duration_since(at)));
        let good = self.last_good.as_ref().map_or("never".to_owned(), |fetch| ago(fetch.at));
        let lately = match (self.failed_lately, self.fetches_lately) {
            (_, 0) => "no fetch in the last 24 hours".to_owned(),
            (0, all) => format!("none of {all} fetches failed in the last 24 hours"),
            (bad, all) => format!("{bad} of {all} fetches failed in the last 24 hours"),
        };
        match self.health {
            Health::New => "never fetched: `fetch` does it now, `serve` by itself".to_owned(),
            Health::Healthy => format!("healthy: last good fetch {good}; {lately}"),
            Health::Failing => {
                let times = match self.failed_in_a_row {
                    1 => "the last fetch".to_owned(),
                    count => format!("the last {count} fetches"),
                };
                format!("failing: {times} came to nothing, last good fetch {good}; {lately}")
            }
            Health::Silent => format!(
                "silent: due since {:.0} and not fetched; is `serve` running? Last good fetch {good}; \
                 {lately}",
                self.next_fetch_at
            ),
        }
    }
}

/// A length of time, roughly, as people say it.
fn length(time: SignedDuration) -> String {
    let minutes = time.as_mins().max(0);
    match minutes {
        0 => "less than a minute".to_owned(),
        1 => "a minute".to_owned(),
        2..=119 => format!("{minutes} minutes"),
        120..=2_879 => format!("{} hours", minutes / 60),
        _ => format!("{} days", minutes / 1_440),
    }
}
