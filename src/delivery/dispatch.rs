//! Which relay sends what, and when: relays by weight and by the domains that they serve, a
//! lane for each receiving domain, and no more than a relay's pace and health allow. Holds
//! what is claimed and not begun. Never waits, never talks to anybody and reads no clock.

use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use tokio::time::Instant;

use super::relay::One;
use crate::config;

/// All relays with their lanes.
#[derive(Debug)]
pub(super) struct Dispatch<J> {
    relays: Vec<One<J>>,
}

/// A job that was given out.
#[derive(Debug)]
pub(super) struct Ticket<J> {
    pub(super) job: J,
    pub(super) domain: Arc<str>,
}

/// What a connection shall do.
#[derive(Debug)]
pub(super) enum Next<J> {
    Job(Ticket<J>),
    /// Something waits, yet not before so long.
    Later(Duration),
    Empty,
}

/// Why a job has no place.
#[derive(Debug)]
pub(super) enum Refused {
    /// No relay serves its domain.
    Nobody,
    /// None can take it before so long.
    Rests { wait: Duration, reason: String },
}

/// How a mail ended, as far as that tells of relay and domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Took,
    /// It was refused, for reasons of its own.
    Refused,
    /// The domain asks for fewer at a time.
    Less,
    /// The domain asks for a pause.
    Pause,
    /// The connection was lost.
    Lost,
}

/// Whether a connection may be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opening {
    Go,
    /// Another one finds out first.
    Wait,
    /// The relay rests.
    Rests,
}

impl<J> Dispatch<J> {
    pub(super) fn new(relays: &[config::Relay], now: Instant) -> Self {
        Self { relays: relays.iter().map(|relay| One::new(relay, now)).collect() }
    }

    /// Takes over what `before`, which has ended, knew of the relays that are the same.
    pub(super) fn take_over(&mut self, before: Self, now: Instant) {
        for old in before.relays {
            let same = self.relays.iter_mut().find(|one| one.config.name == old.config.name);
            if let Some(one) = same {
                one.take_over(old, now);
            }
        }
    }

    /// What is known of a relay's ramp-up from before.
    pub(super) fn recall(&mut self, at: usize, first: Option<Date>, today: Date, count: u64) {
        if let Some(ramp) = self.relays.get_mut(at).and_then(|one| one.ramp.as_mut()) {
            ramp.recall(first, today, count);
        }
    }

    /// Gives the job to a relay: by weight among those that serve the domain and can take it;
    /// one of weight 0 where no other can.
    pub(super) fn put(&mut self, domain: &str, job: J, now: Instant) -> Result<(), (J, Refused)> {
        let mut rest: Option<(Duration, String)> = None;
        let mut able: Vec<usize> = Vec::new();
        for (at, one) in self.relays.iter_mut().enumerate() {
            if !one.config.serves(domain) {
                continue;
            }
            match one.has_place(domain, now) {
                Ok(()) => able.push(at),
                Err(why) if rest.as_ref().is_none_or(|(wait, _)| why.0 < *wait) => rest = Some(why),
                Err(_) => {}
            }
        }
        if able.iter().any(|at| self.relays[*at].config.weight > 0) {
            able.retain(|at| self.relays[*at].config.weight > 0);
        }
        let Some(chosen) = self.choose(&able) else {
            let refused =
                rest.map_or(Refused::Nobody, |(wait, reason)| Refused::Rests { wait, reason });
            return Err((job, refused));
        };
        self.relays[chosen].push(domain, job, now);
        Ok(())
    }

    /// Smooth weighted round robin.
    fn choose(&mut self, able: &[usize]) -> Option<usize> {
        if let [only] = able {
            return Some(*only);
        }
        let mut total = 0.0;
        let mut best: Option<(usize, f64)> = None;
        for &at in able {
            let one = &mut self.relays[at];
            let weight = f64::from(one.config.weight.max(1)) * one.health.share();
            total += weight;
            one.turn += weight;
            if best.is_none_or(|(_, turn)| one.turn > turn) {
                best = Some((at, one.turn));
            }
        }
        let (at, _) = best?;
        self.relays[at].turn -= total;
        Some(at)
    }

    /// What a connection of relay `at` may begin now.
    pub(super) fn next(&mut self, at: usize, now: Instant) -> Next<J> {
        self.relays.get_mut(at).map_or(Next::Empty, |one| one.next(now))
    }

    /// A mail that relay `at` began ended, `took` after its envelope was offered. True where
    /// another connection could do something now.
    pub(super) fn done(
        &mut self,
        at: usize,
        domain: &str,
        end: End,
        took: Duration,
        now: Instant,
    ) -> bool {
        let Some(one) = self.relays.get_mut(at) else { return false };
        one.health.ended(end != End::Lost, end == End::Took);
        let most = f64::from(one.config.connections.saturating_mul(2));
        if let Some((name, _)) = one.lanes.get_key_value(domain) {
            let name = Arc::clone(name);
            one.usual.ended(took, now);
            if let Some(lane) = one.lanes.get_mut(&name) {
                lane.ended(end, took, most, now);
            }
            one.settle(&name, now);
        }
        if end != End::Took {
            one.allow_again();
        }
        !one.queue.is_empty()
    }

    /// A mail that was begun was not offered after all; its job comes back by [`Self::put`].
    pub(super) fn back(&mut self, at: usize, domain: &str, now: Instant) {
        let Some(one) = self.relays.get_mut(at) else { return };
        if let Some(bucket) = &mut one.bucket {
            bucket.give();
        }
        one.allow_again();
        if let Some((name, _)) = one.lanes.get_key_value(domain) {
            let name = Arc::clone(name);
            if let Some(lane) = one.lanes.get_mut(&name) {
                lane.back();
            }
            one.settle(&name, now);
        }
    }

    /// Whether relay `at` may be connected to. After `Go` comes [`Self::opened`] or
    /// [`Self::fault`].
    pub(super) fn open(&mut self, at: usize, now: Instant) -> Opening {
        let Some(one) = self.relays.get_mut(at) else { return Opening::Rests };
        if one.health.rest(now).is_some() {
            return Opening::Rests;
        }
        if !one.health.may_open() {
            return Opening::Wait;
        }
        one.health.opening();
        Opening::Go
    }

    /// A connection to relay `at` stands.
    pub(super) fn opened(&mut self, at: usize) {
        if let Some(one) = self.relays.get_mut(at) {
            one.health.opened();
        }
    }

    /// The relay failed as a whole. Where it rests now, what waited for it goes to others;
    /// returned are the jobs that none can take.
    pub(super) fn fault(
        &mut self,
        at: usize,
        opening: bool,
        reason: &str,
        jitter: f64,
        now: Instant,
    ) -> Vec<(J, Refused)> {
        let Some(one) = self.relays.get_mut(at) else { return Vec::new() };
        if !one.health.fault(opening, reason, jitter, now) {
            return Vec::new();
        }
        let jobs = one.drain();
        jobs.into_iter().filter_map(|(domain, job)| self.put(&domain, job, now).err()).collect()
    }

    /// The relays that have taken nothing since a fault: which, for how long, and why.
    pub(super) fn down(&self, now: Instant) -> Vec<(usize, Duration, String)> {
        let relays = self.relays.iter().enumerate();
        let down = relays.filter_map(|(at, one)| {
            let (since, reason) = one.health.down()?;
            Some((at, now.saturating_duration_since(since), reason.to_owned()))
        });
        down.collect()
    }

    /// How many more jobs the relays could do with: those that work and have fewer than `low`
    /// waiting that they may begin soon.
    pub(super) fn wants(&mut self, low: usize, now: Instant) -> usize {
        self.relays.iter_mut().map(|one| one.wants(low, now)).sum()
    }

    /// Whether any relay works.
    pub(super) fn works(&self, now: Instant) -> bool {
        self.relays.iter().any(|one| one.health.rest(now).is_none())
    }

    /// Forgets what was under way: the shift before may have ended in the middle of it. Returns
    /// what still waits.
    pub(super) fn begin_anew(&mut self) -> Vec<J> {
        let left = self.drain();
        self.relays.iter_mut().for_each(One::begin_anew);
        left
    }

    /// Everything that waits, when the shift ends.
    pub(super) fn drain(&mut self) -> Vec<J> {
        self.relays.iter_mut().flat_map(One::drain).map(|(_, job)| job).collect()
    }
}

#[cfg(test)]
#[path = "dispatch_tests.rs"]
mod tests;
