//! How a relay fares as a whole: whether it may be used, rests, or is being tried again. Its
//! faults cost no recipient anything. Knows nothing of mails and reads no clock.

use std::time::Duration;

use tokio::time::Instant;

/// The first and the longest rest.
const RESTS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(15 * 60));
/// Faults in mid-mail without a mail taken between, after which it rests.
const PATIENCE: u32 = 3;
/// What the newest end counts in the score.
const NEWEST: f64 = 0.05;

#[derive(Debug)]
pub(super) struct Health {
    /// The share of mails that it dealt with, smoothed: 0 to 1.
    score: f64,
    /// Faults since it last took a mail.
    faults: u32,
    rest: Duration,
    rests: Option<(Instant, String)>,
    /// Since when it has taken nothing for being at fault, and what went wrong last.
    down: Option<(Instant, String)>,
    /// It is not known to answer: connections are opened one at a time.
    suspect: bool,
    opening: u32,
}

impl Health {
    pub(super) fn new() -> Self {
        Self {
            score: 1.0,
            faults: 0,
            rest: RESTS.0,
            rests: None,
            down: None,
            suspect: true,
            opening: 0,
        }
    }

    /// How long it still rests, and why.
    pub(super) fn rest(&self, now: Instant) -> Option<(Duration, &str)> {
        let (until, reason) = self.rests.as_ref()?;
        (*until > now).then(|| (*until - now, reason.as_str()))
    }

    /// Since when it has taken nothing, and what went wrong last.
    pub(super) fn down(&self) -> Option<(Instant, &str)> {
        self.down.as_ref().map(|(since, reason)| (*since, reason.as_str()))
    }

    /// Whether another connection may be opened now.
    pub(super) fn may_open(&self) -> bool {
        !self.suspect || self.opening == 0
    }

    /// A connection is being opened.
    pub(super) fn opening(&mut self) {
        self.opening += 1;
    }

    /// It was.
    pub(super) fn opened(&mut self) {
        self.opening = self.opening.saturating_sub(1);
        self.suspect = false;
    }

    /// No connection is being opened.
    pub(super) fn begin_anew(&mut self) {
        self.opening = 0;
    }

    /// It dealt with a mail; `well`: the connection held.
    pub(super) fn ended(&mut self, well: bool, took: bool) {
        self.score += NEWEST * (f64::from(u8::from(well)) - self.score);
        if took {
            self.faults = 0;
            self.rest = RESTS.0;
            self.down = None;
        }
    }

    /// It is at fault; `opening`: before any mail could be offered. True where it rests now.
    /// `jitter`: 0 to 1, so that many nodes do not come back at once.
    pub(super) fn fault(&mut self, opening: bool, reason: &str, jitter: f64, now: Instant) -> bool {
        if opening {
            self.opening = self.opening.saturating_sub(1);
        }
        self.suspect = true;
        self.score += NEWEST * (0.0 - self.score);
        if self.rest(now).is_some() {
            return true;
        }
        self.faults += 1;
        if !opening && self.faults < PATIENCE {
            return false;
        }
        let since = self.down.as_ref().map_or(now, |(since, _)| *since);
        self.down = Some((since, reason.to_owned()));
        let rest = self.rest.mul_f64(1.0 + jitter.clamp(0.0, 1.0) / 5.0);
        self.rests = Some((now + rest, reason.to_owned()));
        self.rest = (self.rest * 2).min(RESTS.1);
        true
    }

    /// What of its share it gets: all, unless it fails more often than not.
    pub(super) fn share(&self) -> f64 {
        if self.score < 0.5 { self.score.max(0.05) } else { 1.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_rests_longer_each_time_and_is_tried_by_one() {
        let (mut health, mut now) = (Health::new(), Instant::now());
        let mut tries = 0;
        let from = now;
        while now - from < Duration::from_secs(60) {
            if health.rest(now).is_none() && health.may_open() {
                health.opening();
                assert!(!health.may_open(), "one at a time");
                assert!(health.fault(true, "refused", 0.0, now));
                tries += 1;
            }
            now += Duration::from_millis(100);
        }
        assert_eq!(tries, 6, "at 0, 1, 3, 7, 15 and 31 s");
        assert_eq!(health.down(), Some((from, "refused")));
        while health.rest(now).is_some() {
            now += Duration::from_secs(1);
        }
        health.opening();
        health.opened();
        assert!(health.may_open());
        health.ended(true, true);
        assert_eq!(health.down(), None);
        health.fault(true, "refused", 0.0, now);
        assert_eq!(health.rest(now).unwrap().0, Duration::from_secs(1), "forgiven");
    }

    #[test]
    fn one_lost_connection_is_no_fault_of_the_relay() {
        let (mut health, now) = (Health::new(), Instant::now());
        assert!(!health.fault(false, "reset", 0.0, now) && !health.fault(false, "reset", 0.0, now));
        health.ended(true, true);
        assert!(!health.fault(false, "reset", 0.0, now));
        assert!(!health.fault(false, "reset", 0.0, now) && health.fault(false, "reset", 0.0, now));
    }
}
