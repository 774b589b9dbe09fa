//! The sources that told of nothing before a planning, and why.

use jiff::{SignedDuration, Timestamp};

use crate::store::StoreError;
use crate::subscription::Subscriptions;

/// How long before a slot a source should have had a good fetch, in hours.
pub(super) const FRESH: i64 = 24;
/// Fetches looked at: some weeks of hourly ones.
const FETCHES: u32 = 1_000;

/// A source without a good fetch in the day before some moment.
pub(super) struct Stale {
    name: String,
    /// What the last fetch before the moment came to.
    why: String,
    /// The last good one before it.
    good: Option<Timestamp>,
    /// Where the raw bytes of the last bad one lie.
    kept: Option<String>,
}

impl Stale {
    /// In words.
    pub(super) fn said(&self) -> String {
        format!("{} had no good fetch in the day before: {}", self.name, self.why)
    }

    /// What helps.
    pub(super) fn facts(&self, local: impl Fn(Timestamp) -> String) -> Vec<String> {
        let good = self.good.map_or("never".to_owned(), local);
        let mut facts = vec![format!(
            "the last good fetch of {} before that: {good}; `source status` says how it stands now",
            self.name
        )];
        facts.extend(self.kept.as_ref().map(|file| format!("what it sent instead lies in {file}")));
        facts
    }
}

impl Subscriptions {
    /// The sources without a good fetch in the day before `moment`.
    pub(super) async fn stale_sources(&self, moment: Timestamp) -> Result<Vec<Stale>, StoreError> {
        let from = moment.saturating_sub(SignedDuration::from_hours(FRESH)).unwrap_or(moment);
        let mut stale = Vec::new();
        for name in &self.sources {
            let fetches = self.store.last_fetches(name, moment, FETCHES).await?;
            let forgotten = fetches.len() == FETCHES as usize
                && fetches.last().is_some_and(|oldest| oldest.at > from);
            let good = |outcome: &str| matches!(outcome, "good" | "unchanged" | "empty");
            let mut before = fetches.iter();
            let last_good = before.clone().find(|fetch| good(&fetch.outcome));
            if forgotten || last_good.is_some_and(|fetch| fetch.at > from) {
                continue;
            }
            let last = before.next().filter(|fetch| fetch.at > from);
            let why = last.map_or("none was tried", |fetch| {
                fetch.reason.as_deref().unwrap_or(&fetch.outcome)
            });
            stale.push(Stale {
                name: name.clone(),
                why: why.to_owned(),
                good: last_good.map(|fetch| fetch.at),
                kept: last.and_then(|fetch| fetch.kept.clone()),
            });
        }
        Ok(stale)
    }
}
