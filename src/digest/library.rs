//! The papers that ranking compares: those of the store that were first seen in the last 400
//! days, at most the newest 20,000. Their words are read once and kept between plannings. Never
//! ranks.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use super::vectors::{Bag, Vectors, Words};
use crate::model::Paper;
use crate::store::{Candidate, Store, StoreError};

/// How far back the papers go that are compared.
const REACH: SignedDuration = SignedDuration::from_hours(24 * 400);
/// How many they are at most.
const MOST: u32 = 20_000;
/// Read at a time, so that others get their turn between.
const SLICE: usize = 250;
/// With so many words, most are of papers long gone: all are read anew.
const MOST_WORDS: usize = 1_000_000;

/// What was read. Nothing at first; with 20,000 papers some 50 MB.
#[derive(Debug, Default)]
pub struct Library(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    words: Words,
    bags: HashMap<i64, Bag>,
    vectors: Option<Arc<Vectors>>,
}

impl Kept {
    /// Reads the paper's words where they are not known. Says whether they were not.
    fn take(&mut self, row: i64, paper: &Paper) -> bool {
        if self.bags.get(&row).is_some_and(|bag| bag.is_of(paper)) {
            return false;
        }
        let bag = self.words.bag(paper);
        self.bags.insert(row, bag);
        true
    }
}

impl Library {
    /// The papers of the store as they are at `now`. Of the `candidates`, which their sources may
    /// still change, the words are those of now.
    pub(super) async fn read(
        &self,
        store: &Store,
        now: Timestamp,
        candidates: &[Candidate],
    ) -> Result<Arc<Vectors>, StoreError> {
        let since = now.saturating_sub(REACH).unwrap_or(Timestamp::MIN);
        let rows = store.newest_papers(since, MOST).await?;
        let listed: HashSet<i64> = rows.iter().map(|(row, _)| *row).collect();
        let mut kept = self.0.lock().await;
        if kept.words.len() > MOST_WORDS {
            *kept = Kept::default();
        }
        let mut changed = false;
        for candidate in candidates.iter().filter(|one| listed.contains(&one.row)) {
            changed |= kept.take(candidate.row, &candidate.paper);
        }
        let is_missing = |row: &i64| !kept.bags.contains_key(row);
        let missing: Vec<i64> = rows.iter().map(|(row, _)| *row).filter(is_missing).collect();
        for slice in missing.chunks(SLICE) {
            for (row, paper) in store.papers_in(slice).await? {
                changed |= kept.take(row, &paper);
            }
        }
        if let Some(vectors) = kept.vectors.as_ref().filter(|old| !changed && old.rows() == rows) {
            return Ok(Arc::clone(vectors));
        }
        kept.bags.retain(|row, _| listed.contains(row));
        let vectors = Arc::new(Vectors::new(rows, &kept.bags, kept.words.len()));
        kept.vectors = Some(Arc::clone(&vectors));
        Ok(vectors)
    }
}
