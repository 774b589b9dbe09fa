//! The candidates of a planning, read once for all cohorts, and made ready for topics once
//! some cohort has any. Chooses nothing.

use std::sync::OnceLock;

use jiff::Timestamp;

use crate::model::{Batch, Mask, Topics};
use crate::store::{Candidate, Store, StoreError};

/// The candidates.
#[derive(Default)]
pub(super) struct Shelf {
    since: Option<Timestamp>,
    candidates: Vec<Candidate>,
    batch: OnceLock<Batch>,
}

/// What a cohort's topics match.
pub(super) struct Interest {
    /// The candidates, by their place, that one of them matches.
    pub(super) any: Mask,
    /// Each topic with its candidates.
    each: Vec<(String, Mask)>,
}

impl Shelf {
    /// Reads the papers first seen listed at `since` or later, where they are not there yet.
    pub(super) async fn reach(
        &mut self,
        store: &Store,
        since: Timestamp,
    ) -> Result<(), StoreError> {
        if self.since.is_none_or(|loaded| loaded > since) {
            self.candidates = store.candidates(since).await?;
            self.batch = OnceLock::new();
            self.since = Some(since);
        }
        Ok(())
    }

    /// The papers, and perhaps some older ones.
    pub(super) fn candidates(&self) -> &[Candidate] {
        &self.candidates
    }

    /// What `topics` match; none where there are no topics.
    pub(super) fn interest(&self, topics: &Topics) -> Option<Interest> {
        if topics.is_empty() {
            return None;
        }
        let papers = || Batch::new(self.candidates.iter().map(|one| &one.paper));
        let batch = self.batch.get_or_init(papers);
        let any = batch.matches_any(topics);
        let each = topics.iter().map(|topic| (topic.to_string(), batch.matches(topic))).collect();
        Some(Interest { any, each })
    }

    /// The first of the topics that matches `candidate`, one of the shelf's.
    pub(super) fn topic_of<'a>(
        &self,
        interest: Option<&'a Interest>,
        candidate: &Candidate,
    ) -> Option<&'a str> {
        let each = &interest?.each;
        let place = self.candidates.iter().position(|one| one.row == candidate.row)?;
        each.iter().find(|(_, mask)| mask.holds(place)).map(|(topic, _)| topic.as_str())
    }
}
