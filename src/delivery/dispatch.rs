//! Which relay sends what, and when. (A first form: one queue a relay, the first that works.)

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::config;

#[derive(Debug)]
pub(super) struct Dispatch<J> {
    relays: Vec<One<J>>,
}

#[derive(Debug)]
struct One<J> {
    config: config::Relay,
    jobs: VecDeque<Ticket<J>>,
    faults: u32,
    rests: Option<(Instant, String)>,
}

#[derive(Debug)]
pub(super) struct Ticket<J> {
    pub(super) job: J,
    pub(super) domain: Arc<str>,
}

pub(super) enum Next<J> {
    Job(Ticket<J>),
    Later(Duration),
    Empty,
}

#[derive(Debug)]
pub(super) enum Refused {
    Nobody,
    Rests { wait: Duration, reason: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Took,
    Refused,
    Busy,
    Lost,
}

impl<J> Dispatch<J> {
    pub(super) fn new(relays: &[config::Relay]) -> Self {
        let one = |config: &config::Relay| One {
            config: config.clone(),
            jobs: VecDeque::new(),
            faults: 0,
            rests: None,
        };
        Self { relays: relays.iter().map(one).collect() }
    }

    pub(super) fn put(&mut self, domain: &str, job: J, now: Instant) -> Result<(), (J, Refused)> {
        let mut rest: Option<(Duration, String)> = None;
        for one in self.relays.iter_mut().filter(|one| one.config.serves(domain)) {
            match &one.rests {
                Some((until, reason)) if *until > now => {
                    rest.get_or_insert((*until - now, reason.clone()));
                }
                _ => {
                    one.jobs.push_back(Ticket { job, domain: domain.into() });
                    return Ok(());
                }
            }
        }
        Err((job, rest.map_or(Refused::Nobody, |(wait, reason)| Refused::Rests { wait, reason })))
    }

    pub(super) fn next(&mut self, at: usize, now: Instant) -> Next<J> {
        let one = &mut self.relays[at];
        if let Some((until, _)) = &one.rests
            && *until > now
        {
            return Next::Later(*until - now);
        }
        one.jobs.pop_front().map_or(Next::Empty, Next::Job)
    }

    pub(super) fn done(
        &mut self,
        at: usize,
        _domain: &str,
        end: End,
        _took: Duration,
        _now: Instant,
    ) -> Vec<(J, Refused)> {
        if end == End::Took {
            self.relays[at].faults = 0;
        }
        Vec::new()
    }

    pub(super) fn back(&mut self, _at: usize, _domain: &str) {}

    pub(super) fn fault(
        &mut self,
        at: usize,
        opening: bool,
        reason: &str,
        now: Instant,
    ) -> Vec<(J, Refused)> {
        let one = &mut self.relays[at];
        one.faults += 1;
        if !opening && one.faults < 3 {
            return Vec::new();
        }
        one.rests = Some((now + Duration::from_secs(2), reason.to_owned()));
        let jobs: Vec<Ticket<J>> = one.jobs.drain(..).collect();
        jobs.into_iter().filter_map(|t| self.put(&t.domain, t.job, now).err()).collect()
    }

    pub(super) fn connections(&self, at: usize, _now: Instant) -> u32 {
        self.relays[at].config.connections
    }

    pub(super) fn waiting(&self) -> usize {
        self.relays.iter().map(|one| one.jobs.len()).sum()
    }

    pub(super) fn works(&self, now: Instant) -> bool {
        self.relays.iter().any(|one| one.rests.as_ref().is_none_or(|(until, _)| *until <= now))
    }

    pub(super) fn drain(&mut self) -> Vec<J> {
        self.relays.iter_mut().flat_map(|one| one.jobs.drain(..)).map(|t| t.job).collect()
    }
}
