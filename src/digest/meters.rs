//! What planning counts.

use std::time::Duration;

use super::Planned;
use crate::meter;

/// Counts a planning that had somebody due.
pub(super) fn count(done: &Planned, took: Duration) {
    if *done == Planned::default() {
        return;
    }
    meter::PLAN_SECONDS.took(&[], took);
    meter::DIGESTS.add(&[], done.digests);
    meter::PLANNED.add(&[], done.planned);
    meter::NOTHING_NEW.add(&[], done.nothing_new);
}
