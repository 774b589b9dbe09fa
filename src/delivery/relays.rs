//! Relays and their health: which one serves a recipient now, who rests, and how fast each
//! may be fed. A relay that faults rests for a while that grows, and is then tried again.

use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use crate::config;

/// Faults in the middle of mails, without one success between, that make a relay rest. A
/// single one may be the fault of the mail.
const PATIENCE: u32 = 3;
/// The first rest; it doubles up to the longest.
const REST: SignedDuration = SignedDuration::from_secs(30);
const LONGEST_REST: SignedDuration = SignedDuration::from_mins(15);

/// One relay and how it does.
#[derive(Debug)]
pub(super) struct Relay {
    pub(super) config: config::Relay,
    health: Mutex<Health>,
    next_slot: tokio::sync::Mutex<Option<Instant>>,
}

#[derive(Debug, Default)]
struct Health {
    faults: u32,
    rests: u32,
    rest_until: Option<Timestamp>,
    reason: String,
}

impl Relay {
    pub(super) fn new(config: config::Relay) -> Self {
        Self { config, health: Mutex::default(), next_slot: tokio::sync::Mutex::default() }
    }

    /// Until when it rests, and why, if it does at `now`.
    pub(super) fn rests(&self, now: Timestamp) -> Option<(Timestamp, String)> {
        let health = self.health();
        health.rest_until.filter(|until| *until > now).map(|until| (until, health.reason.clone()))
    }

    /// It took a mail, or gave a proper answer about one.
    pub(super) fn works(&self) {
        let mut health = self.health();
        if health.rests > 0 {
            tracing::info!(relay = self.config.name, "the relay works again");
        }
        *health = Health::default();
    }

    /// It faulted; `opening`: before any mail.
    pub(super) fn faulted(&self, now: Timestamp, opening: bool, reason: &str) {
        let mut health = self.health();
        health.faults += 1;
        if !opening && health.faults < PATIENCE {
            return;
        }
        // Several workers see the same fault: one rest for all of them.
        if health.rest_until.is_some_and(|until| until > now) {
            return;
        }
        let rest = REST.saturating_mul(1 << health.rests.min(10)).min(LONGEST_REST);
        health.rests += 1;
        health.rest_until = now.checked_add(rest).ok();
        reason.clone_into(&mut health.reason);
        tracing::warn!(
            relay = self.config.name,
            reason,
            rest_s = rest.as_secs(),
            "the relay is down and rests; its mail waits or goes by another"
        );
    }

    /// Waits until the relay's rate allows one more mail.
    pub(super) async fn pace(&self) {
        let Some(rate) = self.config.rate.filter(|rate| *rate > 0.0) else { return };
        let mut slot = self.next_slot.lock().await;
        let now = Instant::now();
        let at = slot.unwrap_or(now).max(now);
        *slot = Some(at + Duration::from_secs_f64(1.0 / rate));
        drop(slot);
        tokio::time::sleep_until(at).await;
    }

    fn serves(&self, domain: &str) -> bool {
        self.config.domains.iter().any(|pattern| match pattern.strip_prefix("*.") {
            _ if pattern == "*" => true,
            Some(parent) => domain.strip_suffix(parent).is_some_and(|rest| rest.ends_with('.')),
            None => pattern.eq_ignore_ascii_case(domain),
        })
    }

    fn health(&self) -> MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// What the relays can do for a recipient now.
pub(super) enum Choice {
    /// This one serves, by its place.
    Use(usize),
    /// All that would serve rest until then.
    Wait(Timestamp, String),
    /// None serves that domain.
    Nobody,
}

/// The first relay that serves `domain` and does not rest.
pub(super) fn choose(relays: &[Relay], domain: &str, now: Timestamp) -> Choice {
    let mut wait: Option<(Timestamp, String)> = None;
    for (at, relay) in relays.iter().enumerate().filter(|(_, relay)| relay.serves(domain)) {
        match relay.rests(now) {
            None => return Choice::Use(at),
            Some(rest) if wait.as_ref().is_none_or(|known| rest.0 < known.0) => wait = Some(rest),
            Some(_) => {}
        }
    }
    wait.map_or(Choice::Nobody, |(until, reason)| Choice::Wait(until, reason))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::RelayTarget;

    fn relay(name: &str, domains: &[&str]) -> Relay {
        Relay::new(config::Relay {
            name: name.to_owned(),
            target: RelayTarget::Folder("x".into()),
            password: None,
            connections: 1,
            rate: None,
            domains: domains.iter().map(|domain| (*domain).to_owned()).collect(),
        })
    }

    #[test]
    fn a_resting_relay_is_passed_over_and_probed_again() {
        let now: Timestamp = "2026-02-20T08:00:00Z".parse().unwrap();
        let relays = [relay("a", &["*"]), relay("b", &["example.org", "*.example.net"])];
        assert!(matches!(choose(&relays, "example.org", now), Choice::Use(0)));
        relays[0].faulted(now, true, "refused");
        assert!(matches!(choose(&relays, "example.org", now), Choice::Use(1)));
        assert!(matches!(choose(&relays, "mx.example.net", now), Choice::Use(1)));
        assert!(matches!(choose(&relays, "example.net", now), Choice::Wait(..)));
        let later = now + REST;
        assert!(matches!(choose(&relays, "example.net", later), Choice::Use(0)));
        relays[0].faulted(later, true, "refused");
        let Choice::Wait(until, reason) = choose(&relays, "example.net", later) else { panic!() };
        assert_eq!((until, reason.as_str()), (later + REST * 2, "refused"));
        relays[0].works();
        assert!(matches!(choose(&relays, "example.net", later), Choice::Use(0)));
        assert!(matches!(choose(&relays[1..], "example.com", now), Choice::Nobody));
    }

    #[test]
    fn one_fault_in_the_middle_may_be_the_mails() {
        let now: Timestamp = "2026-02-20T08:00:00Z".parse().unwrap();
        let one = relay("a", &["*"]);
        one.faulted(now, false, "421 bye");
        one.faulted(now, false, "421 bye");
        assert!(one.rests(now).is_none());
        one.works();
        for _ in 0..PATIENCE {
            one.faulted(now, false, "421 bye");
        }
        assert!(one.rests(now).is_some());
    }
}
