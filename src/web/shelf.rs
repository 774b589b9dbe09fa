//! The papers of the last days, read from the store a few times a minute, however many look.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::Shared;
use super::error::Fault;
use super::feed::Entry;
use super::kept::FRESH;
use crate::model::{Batch, Span};
use crate::store::{Listed, StoreError};

/// How far back the pages look.
pub(super) const LOOK_BACK: Span = Span::from_days(7);
const MOST: u32 = 1_000;

/// What was read last.
pub(super) type Kept = Mutex<Option<(Instant, Arc<Recent>)>>;

/// Papers of the last days, ready for topics once somebody has any.
pub(super) struct Recent {
    papers: Vec<Listed>,
    entries: Vec<OnceLock<Entry>>,
    batch: OnceLock<Batch>,
}

impl Recent {
    /// The paper at `place` as the feeds have it, written by `write` the first time.
    pub(super) fn entry(
        &self,
        place: usize,
        write: impl FnOnce() -> Result<Entry, Fault>,
    ) -> Result<&Entry, Fault> {
        let entry = self.entries.get(place).ok_or(Fault::Missing)?;
        if let Some(entry) = entry.get() {
            return Ok(entry);
        }
        let written = write()?;
        Ok(entry.get_or_init(|| written))
    }

    /// The papers made ready for queries, in their order.
    pub(super) fn batch(&self) -> &Batch {
        self.batch.get_or_init(|| Batch::new(self.papers.iter().map(|one| &one.paper)))
    }
}

impl Deref for Recent {
    type Target = [Listed];

    fn deref(&self) -> &[Listed] {
        &self.papers
    }
}

/// The papers first seen within the look-back, the newest first, without withdrawn ones.
pub(super) async fn recent(app: &Shared) -> Result<Arc<Recent>, StoreError> {
    let mut kept = app.shelf.lock().await;
    if let Some((at, papers)) = &*kept
        && at.elapsed() < FRESH
    {
        return Ok(Arc::clone(papers));
    }
    let now = app.site.clock.now();
    let since = now.saturating_sub(LOOK_BACK.signed()).unwrap_or(Timestamp::MIN);
    let mut papers = app.site.store.listed(since, Timestamp::MAX, MOST).await?;
    papers.retain(|one| !one.paper.withdrawn);
    let papers = Arc::new(Recent {
        entries: papers.iter().map(|_| OnceLock::new()).collect(),
        papers,
        batch: OnceLock::new(),
    });
    // A site that has none yet shows its first at once.
    *kept = (!papers.is_empty()).then(|| (Instant::now(), Arc::clone(&papers)));
    Ok(papers)
}
