//! The candidates of a planning, read once for all cohorts, made ready for topics once some cohort
//! has any, and for comparing once some cohort has a digest; and what else many cohorts need of the
//! same moment. Chooses nothing.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::library::Library;
use super::trend::trend;
use super::vectors::Vectors;
use crate::model::{Interest, Interests, Topic, Topics};
use crate::render::Trend;
use crate::store::{Candidate, Store, StoreError};

const DAY: SignedDuration = SignedDuration::from_hours(24);
/// What a trend compares with the same before it.
const WEEK: SignedDuration = SignedDuration::from_hours(24 * 7);

/// The votes of the candidates at one moment, by their rows.
type Votes = Arc<HashMap<i64, u32>>;

/// The candidates.
#[derive(Default)]
pub(super) struct Shelf {
    since: Option<Timestamp>,
    candidates: Arc<[Candidate]>,
    /// Where each of them stands, by row.
    places: HashMap<i64, usize>,
    /// Votes gained since yesterday, by row.
    gains: Votes,
    vectors: Option<Arc<Vectors>>,
    interests: Option<Interests>,
    votes: HashMap<Timestamp, Votes>,
    trend: Option<Option<Trend>>,
    read: HashMap<(Timestamp, Timestamp), bool>,
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
            self.candidates = store.candidates(since).await?.into();
            self.places = self.candidates.iter().map(|one| one.row).zip(0..).collect();
            let yesterday = now.saturating_sub(DAY).unwrap_or(Timestamp::MIN);
            self.gains = Arc::new(store.gains(since, yesterday).await?);
            self.interests = None;
            self.votes.clear();
            self.since = Some(since);
        }
        Ok(())
    }

    /// The papers, and perhaps some older ones.
    pub(super) fn candidates(&self) -> Arc<[Candidate]> {
        Arc::clone(&self.candidates)
    }

    /// What `topics` match; none where there are no topics.
    pub(super) fn interest<'a>(&mut self, topics: &'a Topics) -> Option<Interest<'a>> {
        if topics.is_empty() {
            return None;
        }
        let papers = || Interests::new(self.candidates.iter().map(|one| &one.paper));
        self.interests.get_or_insert_with(papers).of(topics)
    }

    /// The topics that match the candidate in this row, in their order.
    pub(super) fn topics_of<'a, 'b>(
        &self,
        interest: Option<&'b Interest<'a>>,
        row: i64,
    ) -> impl Iterator<Item = &'a Topic> + Clone + use<'a, 'b> {
        let found = interest.zip(self.places.get(&row).copied());
        found.into_iter().flat_map(|(interest, place)| interest.topics_of(place))
    }

    /// Votes gained since yesterday, by row; who gained none is not there.
    pub(super) fn gains(&self) -> Votes {
        Arc::clone(&self.gains)
    }

    /// The papers of the store, to be compared with; read when first asked for.
    pub(super) async fn vectors(
        &mut self,
        store: &Store,
        library: &Library,
        now: Timestamp,
    ) -> Result<Arc<Vectors>, StoreError> {
        if let Some(vectors) = &self.vectors {
            return Ok(Arc::clone(vectors));
        }
        let vectors = library.read(store, now, &self.candidates).await?;
        self.vectors = Some(Arc::clone(&vectors));
        Ok(vectors)
    }

    /// The votes that the candidates had at `moment`.
    pub(super) async fn votes_at(
        &mut self,
        store: &Store,
        moment: Timestamp,
    ) -> Result<Votes, StoreError> {
        if let Some(votes) = self.votes.get(&moment) {
            return Ok(Arc::clone(votes));
        }
        let since = self.since.unwrap_or(moment);
        let votes = Arc::new(store.votes_at(since, moment).await?);
        self.votes.insert(moment, Arc::clone(&votes));
        Ok(votes)
    }

    /// What rose and what faded in the week until `now`, where there is enough to tell.
    pub(super) async fn trend(
        &mut self,
        store: &Store,
        now: Timestamp,
    ) -> Result<Option<Trend>, StoreError> {
        if self.trend.is_none() {
            let before = |weeks: i32| now.saturating_sub(WEEK * weeks).unwrap_or(Timestamp::MIN);
            self.trend = Some(trend(&store.courses([before(2), before(1), now]).await?));
        }
        Ok(self.trend.clone().flatten())
    }

    /// Whether any source was read after `from` and until `to`.
    pub(super) async fn was_read(
        &mut self,
        store: &Store,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<bool, StoreError> {
        if let Some(read) = self.read.get(&(from, to)) {
            return Ok(*read);
        }
        let read = store.was_read(from, to).await?;
        self.read.insert((from, to), read);
        Ok(read)
    }
}
