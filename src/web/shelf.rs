//! The papers of the last days, read from the store a few times a minute, however many look.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::Shared;
use crate::model::Span;
use crate::store::{Listed, StoreError};

/// How far back the pages look.
pub(super) const LOOK_BACK: Span = Span::from_days(7);
/// How long what was read counts.
const FRESH: Duration = Duration::from_secs(5);
const MOST: u32 = 1_000;

/// What was read last.
pub(super) type Kept = Mutex<Option<(Instant, Arc<Vec<Listed>>)>>;

/// The papers first seen within the look-back, the newest first, without withdrawn ones.
pub(super) async fn recent(app: &Shared) -> Result<Arc<Vec<Listed>>, StoreError> {
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
    let papers = Arc::new(papers);
    // A site that has none yet shows its first at once.
    *kept = (!papers.is_empty()).then(|| (Instant::now(), Arc::clone(&papers)));
    Ok(papers)
}
