//! One relay's side of the dispatch: its lanes, its health and its pace. Knows no other relay,
//! never waits and reads no clock.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::dispatch::{Next, Ticket};
use super::health::Health;
use super::lane::{Gate, Lane, Usual};
use super::pace::{Bucket, Ramp};
use crate::config;

/// A lane that is held back keeps so many mails waiting; more go back to the queue.
const HELD: usize = 32;
/// A relay keeps so many for each of its connections.
const EACH: usize = 32;
/// With those that are held back, so many times as many.
const CROWD: usize = 8;
/// Lanes that are remembered for each relay, unless they are in use.
const LANES: usize = 4_096;
/// The shortest and the longest that a mail is put off for want of a place.
const TURN: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(10 * 60));
/// When a lane or a relay that must wait is looked at again, if nothing happens before.
const LOOK: Duration = Duration::from_millis(100);

#[derive(Debug)]
pub(super) struct One<J> {
    pub(super) config: config::Relay,
    pub(super) health: Health,
    pub(super) bucket: Option<Bucket>,
    pub(super) ramp: Option<Ramp>,
    pub(super) lanes: HashMap<Arc<str>, Lane<J>>,
    /// The lanes that may begin a mail, in turn.
    pub(super) queue: VecDeque<Arc<str>>,
    /// Those that rest.
    resting: Vec<(Instant, Arc<str>)>,
    /// Those whose mails take long.
    slow: Vec<Arc<str>>,
    /// Mails that wait.
    waiting: usize,
    /// Those of them that are held back, as last counted.
    held: usize,
    looked: Instant,
    pub(super) usual: Usual,
    /// Its turn in the round by weight.
    pub(super) turn: f64,
}

impl<J> One<J> {
    pub(super) fn new(config: &config::Relay, now: Instant) -> Self {
        Self {
            config: config.clone(),
            health: Health::new(),
            bucket: config.rate.map(|rate| Bucket::new(rate, now)),
            ramp: config.ramp_up.map(Ramp::new),
            lanes: HashMap::new(),
            queue: VecDeque::new(),
            resting: Vec::new(),
            slow: Vec::new(),
            waiting: 0,
            held: 0,
            looked: now,
            usual: Usual::new(now),
            turn: 0.0,
        }
    }

    /// Takes over what is known of the same relay under another configuration; nothing waits or
    /// is under way there any more.
    pub(super) fn take_over(&mut self, mut old: Self, now: Instant) {
        drop(old.drain());
        old.begin_anew();
        self.health = old.health;
        self.lanes = old.lanes;
        self.usual = old.usual;
        if let (Some(bucket), Some(old)) = (&mut self.bucket, old.bucket) {
            bucket.take_over(&old, now);
        }
        if let (Some(ramp), Some(old)) = (&mut self.ramp, old.ramp) {
            ramp.take_over(&old);
        }
    }

    /// Whether a mail to `domain` may wait here, else how long it had better stay away.
    pub(super) fn has_place(&self, domain: &str, now: Instant) -> Result<(), (Duration, String)> {
        if let Some((wait, reason)) = self.health.rest(now) {
            return Err((wait, reason.to_owned()));
        }
        let lane = self.lanes.get(domain);
        if let Some(lane) = lane.filter(|lane| lane.waiting() >= HELD && lane.is_held(&self.usual))
        {
            let wait = lane.wait(now).clamp(TURN.0, TURN.1);
            return Err((wait, format!("{domain} takes mails slowly; this one waits its turn")));
        }
        if self.ramp.is_some_and(|ramp| !ramp.has()) {
            let reason = format!("{} has sent what ramp_up allows for today", self.config.name);
            return Err((TURN.1, reason));
        }
        // What is held back must not keep the others out.
        let (most, soon) = (self.most(), self.waiting.saturating_sub(self.held));
        if soon >= most || self.waiting >= most * CROWD {
            let rate = self.config.rate.unwrap_or(100.0);
            let wait = Duration::from_secs_f64((self.waiting as f64 / rate).min(600.0));
            let reason = format!("{} takes no more for now", self.config.name);
            return Err((wait.clamp(TURN.0, TURN.1), reason));
        }
        Ok(())
    }

    /// How many mails may wait here.
    fn most(&self) -> usize {
        let most = (self.config.connections as usize).saturating_mul(EACH);
        // What could not leave within ten seconds is better off in the queue.
        self.config.rate.map_or(most, |rate| most.min((rate * 10.0) as usize).max(8))
    }

    /// How many more mails it could do with, if it has fewer than `low` that leave soon.
    pub(super) fn wants(&mut self, low: usize, now: Instant) -> usize {
        if self.health.rest(now).is_some() || self.ramp.is_some_and(|ramp| !ramp.has()) {
            return 0;
        }
        self.look(now);
        let (most, soon) = (self.most(), self.waiting.saturating_sub(self.held));
        let room = most.saturating_sub(soon).min((most * CROWD).saturating_sub(self.waiting));
        if soon < low.min(most) { room } else { 0 }
    }

    pub(super) fn push(&mut self, domain: &str, job: J, now: Instant) {
        let name = match self.lanes.get_key_value(domain) {
            Some((name, _)) => Arc::clone(name),
            None => {
                if self.lanes.len() >= LANES {
                    let usual = self.usual;
                    self.lanes.retain(|_, lane| !lane.is_blank(&usual, now));
                    self.slow.retain(|name| self.lanes.contains_key(name));
                }
                let name: Arc<str> = domain.into();
                self.lanes.insert(Arc::clone(&name), Lane::new(now));
                name
            }
        };
        if let Some(lane) = self.lanes.get_mut(&name) {
            lane.push(job);
        }
        self.waiting += 1;
        if let Some(ramp) = &mut self.ramp {
            ramp.take();
        }
        self.settle(&name, now);
    }

    /// Puts a lane where it belongs after something changed.
    pub(super) fn settle(&mut self, name: &Arc<str>, now: Instant) {
        let Some(lane) = self.lanes.get_mut(name) else { return };
        let slow = lane.is_slow(&self.usual);
        let known = self.slow.iter().position(|known| known == name);
        match (slow, known) {
            (true, None) => self.slow.push(Arc::clone(name)),
            (false, Some(at)) => drop(self.slow.swap_remove(at)),
            _ => {}
        }
        if lane.queued || lane.waiting() == 0 {
            return;
        }
        match lane.gate(now) {
            Gate::Open => self.queue.push_back(Arc::clone(name)),
            Gate::Rests(until) => self.resting.push((until, Arc::clone(name))),
            // It comes back when one of its mails ends.
            Gate::Full => return,
        }
        lane.queued = true;
    }

    /// Lets lanes back whose rest is over, and says when the next one is.
    fn wake(&mut self, now: Instant) -> Option<Instant> {
        if self.resting.iter().any(|(until, _)| *until <= now) {
            for (until, name) in std::mem::take(&mut self.resting) {
                if until > now {
                    self.resting.push((until, name));
                } else if let Some(lane) = self.lanes.get_mut(&name) {
                    lane.queued = false;
                    self.settle(&name, now);
                }
            }
        }
        self.resting.iter().map(|(until, _)| *until).min()
    }

    /// Finds out which lanes are slow or held back by now.
    fn look(&mut self, now: Instant) {
        if now.saturating_duration_since(self.looked) < LOOK / 2 {
            return;
        }
        self.looked = now;
        let usual = self.usual;
        self.held = self.lanes.values().map(|lane| lane.held(&usual)).sum();
        let slow = self.lanes.iter().filter(|(_, lane)| lane.is_slow(&usual));
        self.slow = slow.map(|(name, _)| Arc::clone(name)).collect();
    }

    /// Slow lanes share an eighth of the connections, half of them when nothing else waits.
    fn may_begin_slow(&self) -> bool {
        let alone = self.queue.iter().all(|name| self.slow.contains(name));
        let part = if alone { 2 } else { 8 };
        let most = (self.config.connections / part).max(1);
        let slow = self.slow.iter().filter_map(|name| self.lanes.get(name));
        slow.map(Lane::under_way).sum::<u32>() < most
    }

    pub(super) fn next(&mut self, now: Instant) -> Next<J> {
        if self.waiting == 0 {
            return Next::Empty;
        }
        if let Some((wait, _)) = self.health.rest(now) {
            return Next::Later(wait);
        }
        let wakes = self.wake(now);
        self.look(now);
        if let Some(Err(wait)) = self.bucket.as_mut().map(|bucket| bucket.take(now)) {
            return Next::Later(wait);
        }
        for _ in 0..self.queue.len() {
            let Some(name) = self.queue.pop_front() else { break };
            let Some(lane) = self.lanes.get_mut(&name) else { continue };
            lane.queued = false;
            if lane.gate(now) != Gate::Open {
                self.settle(&name, now);
                continue;
            }
            if lane.is_slow(&self.usual) && !self.may_begin_slow() {
                self.settle(&name, now);
                continue;
            }
            let Some(lane) = self.lanes.get_mut(&name) else { continue };
            let Some(job) = lane.begin(now) else { continue };
            self.waiting -= 1;
            self.settle(&name, now);
            return Next::Job(Ticket { job, domain: name });
        }
        if let Some(bucket) = &mut self.bucket {
            bucket.give();
        }
        let wait = wakes.map_or(LOOK, |at| at.saturating_duration_since(now).min(LOOK));
        Next::Later(wait)
    }

    /// A mail that was counted by the ramp-up was not sent.
    pub(super) fn allow_again(&mut self) {
        if let Some(ramp) = &mut self.ramp {
            ramp.give();
        }
    }

    /// Nothing is under way.
    pub(super) fn begin_anew(&mut self) {
        self.health.begin_anew();
        self.lanes.values_mut().for_each(Lane::begin_anew);
        self.slow.clear();
    }

    pub(super) fn drain(&mut self) -> Vec<(Arc<str>, J)> {
        (0..self.waiting).for_each(|_| self.allow_again());
        (self.waiting, self.held) = (0, 0);
        self.queue.clear();
        self.resting.clear();
        let lanes = self.lanes.iter_mut();
        lanes
            .flat_map(|(name, lane)| {
                lane.queued = false;
                lane.drain().map(|job| (Arc::clone(name), job)).collect::<Vec<_>>()
            })
            .collect()
    }
}
