//! The clock: the only place that reads the time. Everything else is told what time it is,
//! so that any command can act as of another moment (`--at`) and months replay in seconds.
//! Never sleeps; waiting is the scheduler's.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

/// What time it is: the system's, or a moment that stands still until moved.
#[derive(Clone, Debug)]
pub struct Clock(Kind);

#[derive(Clone, Debug)]
enum Kind {
    System,
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self(Kind::System)
    }

    /// A clock that stands still at `at` until [`Clock::set`].
    pub fn fixed(at: Timestamp) -> Self {
        Self(Kind::Fixed(Arc::new(AtomicI64::new(at.as_microsecond()))))
    }

    /// The present moment, cut to whole microseconds: what both databases can keep.
    pub fn now(&self) -> Timestamp {
        let micros = match &self.0 {
            #[expect(clippy::disallowed_methods, reason = "the one reader of the system's clock")]
            Kind::System => Timestamp::now().as_microsecond(),
            Kind::Fixed(at) => at.load(Ordering::SeqCst),
        };
        Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Moves a fixed clock; the system's clock is left as it is.
    pub fn set(&self, at: Timestamp) {
        if let Kind::Fixed(kept) = &self.0 {
            kept.store(at.as_microsecond(), Ordering::SeqCst);
        }
    }

    /// Whether the clock stands still (a command was given `--at`).
    pub fn is_fixed(&self) -> bool {
        matches!(self.0, Kind::Fixed(_))
    }
}
