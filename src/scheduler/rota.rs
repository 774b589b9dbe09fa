//! The parts that the loops work with, and how they are changed while the loops run: each step
//! takes the parts that are in force when it begins, and ends with them. Never loops itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use arc_swap::ArcSwap;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::Scheduler;

/// The parts in force.
#[derive(Clone)]
pub struct Rota {
    now: Arc<ArcSwap<Turn>>,
    fetching: Arc<Notify>,
    stop: CancellationToken,
}

/// Parts, for as long as they are in force.
pub(super) struct Turn {
    pub(super) parts: Scheduler,
    /// Ends the sending, as a stop does: mails in flight are finished, the others given back.
    pub(super) cut: CancellationToken,
    pub(super) stop: CancellationToken,
    /// Whether the planner has taken note of the defaults that it has.
    noted: AtomicBool,
}

impl Rota {
    /// Begins with these parts; all ends with `stop`.
    pub fn new(parts: Scheduler, stop: CancellationToken) -> Self {
        let cut = stop.child_token();
        let turn = Turn { parts, cut, stop: stop.clone(), noted: AtomicBool::new(false) };
        Self { now: Arc::new(ArcSwap::from_pointee(turn)), fetching: Arc::default(), stop }
    }

    /// The parts in force.
    pub fn parts(&self) -> Scheduler {
        self.now.load().parts.clone()
    }

    /// Goes on with other parts. What another part does is not disturbed; the sending is, where
    /// the postman is another: it finishes the mails in flight, and the new one goes on.
    pub fn replace(&self, parts: Scheduler) {
        let before = self.now.load_full();
        let same = Arc::ptr_eq(&before.parts.postman, &parts.postman);
        let cut = if same { before.cut.clone() } else { self.stop.child_token() };
        let bell = parts.store.clone();
        let (stop, noted) = (self.stop.clone(), AtomicBool::new(false));
        self.now.store(Arc::new(Turn { parts, cut, stop, noted }));
        if !same {
            before.cut.cancel();
            bell.bell().send();
        }
        bell.bell().plan();
        self.fetching.notify_one();
    }

    pub(super) fn turn(&self) -> Arc<Turn> {
        self.now.load_full()
    }

    /// Heard when the sources may be others.
    pub(super) fn fetching(&self) -> &Notify {
        &self.fetching
    }

    pub(super) fn stop(&self) -> &CancellationToken {
        &self.stop
    }
}

impl Turn {
    /// Whether the planner has yet to take note of its defaults.
    pub(super) fn is_new(&self) -> bool {
        !self.noted.load(Relaxed)
    }

    /// It has.
    pub(super) fn is_noted(&self) {
        self.noted.store(true, Relaxed);
    }
}
