//! The candidates of a planning, read once for all cohorts, and made ready for topics once
//! some cohort has any, and for comparing once some cohort has a digest. Chooses nothing.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::OnceCell;

use super::library::Library;
use super::vectors::Vectors;
use crate::model::{Batch, Mask, Topic, Topics};
use crate::store::{Candidate, Store, StoreError};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// The candidates.
#[derive(Default)]
pub(super) struct Shelf {
    since: Option<Timestamp>,
    candidates: Vec<Candidate>,
    /// Where each of them stands, by row.
    places: HashMap<i64, usize>,
    /// Votes gained since yesterday, by row.
    gains: HashMap<i64, u32>,
    batch: OnceLock<Batch>,
    vectors: OnceCell<Arc<Vectors>>,
}

/// What a cohort's topics match.
pub(super) struct Interest {
    /// The candidates, by their place, that one of them matches.
    pub(super) any: Mask,
    /// Each topic with its candidates.
    each: Vec<(Topic, Mask)>,
}

impl Shelf {
    /// Reads the papers first seen listed at `since` or later, where they are not there yet.
    pub(super) async fn reach(
        &mut self,
        store: &Store,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if self.since.is_none_or(|loaded| loaded > since) {
            self.candidates = store.candidates(since).await?;
            let rows = self.candidates.iter().map(|one| one.row);
            self.places = rows.zip(0..).collect();
            let yesterday = now.saturating_sub(DAY).unwrap_or(Timestamp::MIN);
            self.gains = store.gains(since, yesterday).await?;
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
        let each = topics.iter().map(|topic| (topic.clone(), batch.matches(topic))).collect();
        Some(Interest { any, each })
    }

    /// The topics that match the candidate in this row, in their order.
    pub(super) fn topics_of<'a>(
        &self,
        interest: Option<&'a Interest>,
        row: i64,
    ) -> impl Iterator<Item = &'a Topic> + Clone + use<'a> {
        let place = self.places.get(&row).copied();
        let each = interest.map_or(&[][..], |interest| &interest.each);
        let matches = move |mask: &Mask| place.is_some_and(|place| mask.holds(place));
        each.iter().filter(move |(_, mask)| matches(mask)).map(|(topic, _)| topic)
    }

    /// Votes gained since yesterday, by row; who gained none is not there.
    pub(super) fn gains(&self) -> &HashMap<i64, u32> {
        &self.gains
    }

    /// The papers of the store, to be compared with; read when first asked for.
    pub(super) async fn vectors(
        &self,
        store: &Store,
        library: &Library,
        now: Timestamp,
    ) -> Result<&Arc<Vectors>, StoreError> {
        self.vectors.get_or_try_init(|| library.read(store, now, &self.candidates)).await
    }
}
