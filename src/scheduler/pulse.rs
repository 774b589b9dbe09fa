//! The pulse of the loops: when each was last seen to get on. Judges nothing but time that has
//! passed; what follows from it is the service's.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Shared by the loops, which beat, and by whoever watches them.
#[derive(Clone, Debug, Default)]
pub struct Pulse(Arc<Mutex<BTreeMap<&'static str, Instant>>>);

impl Pulse {
    /// The loop called `name` gets on.
    pub fn beat(&self, name: &'static str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name, Instant::now());
    }

    /// The loop called `name` has ended as it should.
    pub fn end(&self, name: &'static str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }

    /// The loop that was not seen for longest, and for how long; none where none runs.
    pub fn weakest(&self) -> Option<(&'static str, Duration)> {
        let beats = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (name, last) = beats.iter().min_by_key(|(_, last)| **last)?;
        Some((name, last.elapsed()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_one_that_is_silent_longest_is_named() {
        let pulse = Pulse::default();
        assert_eq!(pulse.weakest(), None);
        pulse.beat("send");
        tokio::time::advance(Duration::from_secs(5)).await;
        pulse.beat("plan");
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(pulse.weakest(), Some(("send", Duration::from_secs(7))));
        pulse.beat("send");
        assert_eq!(pulse.weakest(), Some(("plan", Duration::from_secs(2))));
        pulse.end("plan");
        assert_eq!(pulse.weakest(), Some(("send", Duration::ZERO)));
    }
}
