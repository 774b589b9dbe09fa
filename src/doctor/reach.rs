//! Counts who was asked over the network and whether anybody answered: where nobody did, it is the
//! network that is down, and nothing can be said of the rest.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// What came of asking.
#[derive(Debug, Default)]
pub(super) struct Reach {
    asked: AtomicU32,
    heard: AtomicU32,
}

impl Reach {
    pub(super) fn asked(&self) {
        self.asked.fetch_add(1, Relaxed);
    }

    pub(super) fn heard(&self) {
        self.heard.fetch_add(1, Relaxed);
    }

    /// Whether somebody was asked and nobody answered.
    pub(super) fn is_silent(&self) -> bool {
        self.asked.load(Relaxed) > 0 && self.heard.load(Relaxed) == 0
    }
}
