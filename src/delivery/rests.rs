//! Receiving domains that get no digest for a while, as they refused our mail as such: what the
//! store says of them, looked up now and then. Decides nothing.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::store::{DomainRest, Store, StoreError};

/// How often the store is asked, at most.
const EVERY: Duration = Duration::from_secs(5);

/// The domains at rest.
#[derive(Debug, Default)]
pub(super) struct Rests(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    asked: Option<Instant>,
    domains: HashMap<String, DomainRest>,
}

impl Rests {
    /// Asks the store, unless that was done just now.
    pub(super) async fn look(&self, store: &Store, now: Timestamp) -> Result<(), StoreError> {
        if self.known().asked.is_some_and(|asked| asked.elapsed() < EVERY) {
            return Ok(());
        }
        let rests = store.resting(now).await?;
        let domains = rests.into_iter().map(|rest| (rest.domain.clone(), rest)).collect();
        *self.known() = Known { asked: Some(Instant::now()), domains };
        Ok(())
    }

    /// The next look asks the store.
    pub(super) fn forget(&self) {
        self.known().asked = None;
    }

    /// How long `domain` still rests, and why.
    pub(super) fn of(&self, domain: &str, now: Timestamp) -> Option<(Duration, String)> {
        let known = self.known();
        let rest = known.domains.get(domain)?;
        let wait = Duration::try_from(rest.until.duration_since(now)).ok()?;
        let DomainRest { until, detail, .. } = rest;
        let reason =
            format!("{domain} rests until {until}: it refused our mail as policy: {detail}");
        (!wait.is_zero()).then_some((wait, reason))
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
