//! Which reports have had their effect: what is sent twice, by a provider that missed our answer
//! or by somebody who copied it, has none a second time. Remembers in memory, up to a bound.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The most reports that are remembered.
const MOST: usize = 50_000;

/// SHA-256 of something.
pub(super) type Mark = [u8; 32];

/// The reports seen of late.
#[derive(Debug, Default)]
pub(super) struct Seen(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    reports: HashMap<Mark, State>,
    order: VecDeque<Mark>,
}

#[derive(Clone, Copy, Debug)]
struct State {
    body: Mark,
    done: bool,
}

/// What is known of a report.
#[derive(Debug)]
pub(super) enum Claim<'a> {
    /// It is new, and whoever asked deals with it.
    New(UnderWay<'a>),
    /// It has had its effect.
    Done,
    /// Another request is about to give it its effect.
    Busy,
    /// Its proof came before, with something else.
    Other,
}

/// A report that is being dealt with; forgotten where nothing comes of it.
#[derive(Debug)]
pub(super) struct UnderWay<'a> {
    seen: &'a Seen,
    id: Mark,
    done: bool,
}

impl Seen {
    /// Claims the report `id` with this body.
    pub(super) fn claim(&self, id: Mark, body: Mark) -> Claim<'_> {
        let mut kept = self.kept();
        match kept.reports.get(&id) {
            Some(known) if known.body != body => return Claim::Other,
            Some(known) if known.done => return Claim::Done,
            Some(_) => return Claim::Busy,
            None => {}
        }
        kept.reports.insert(id, State { body, done: false });
        kept.order.push_back(id);
        while kept.order.len() > MOST
            && let Some(oldest) = kept.order.pop_front()
        {
            kept.reports.remove(&oldest);
        }
        Claim::New(UnderWay { seen: self, id, done: false })
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl UnderWay<'_> {
    /// It has had its effect, which is durable.
    pub(super) fn done(mut self) {
        self.done = true;
        if let Some(state) = self.seen.kept().reports.get_mut(&self.id) {
            state.done = true;
        }
    }
}

/// A request that failed or was cut off has no effect, and its report may come again.
impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        if !self.done {
            self.seen.kept().reports.remove(&self.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_counts_once_and_a_failed_one_again() {
        let seen = Seen::default();
        let (id, body) = ([1; 32], [2; 32]);
        let Claim::New(first) = seen.claim(id, body) else { panic!("it is new") };
        assert!(matches!(seen.claim(id, body), Claim::Busy));
        drop(first);
        let Claim::New(second) = seen.claim(id, body) else { panic!("nothing came of it") };
        second.done();
        assert!(matches!(seen.claim(id, body), Claim::Done));
        assert!(matches!(seen.claim(id, [3; 32]), Claim::Other));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let seen = Seen::default();
        for number in 0..MOST as u32 + 10 {
            let mut id = [0; 32];
            id[..4].copy_from_slice(&number.to_le_bytes());
            if let Claim::New(one) = seen.claim(id, id) {
                one.done();
            }
        }
        assert_eq!(seen.kept().reports.len(), MOST);
        assert!(matches!(seen.claim([0; 32], [0; 32]), Claim::New(_)), "the oldest is forgotten");
    }
}
