//! A lane: the mails of one receiving domain by one relay, and how many of them may be under
//! way at once. It starts with two, grows while the domain takes them, and backs off when
//! that asks for less. Knows no other lane and reads no clock.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::dispatch::End;

/// Under way at once in the beginning: nobody's limit is that low (Postfix starts alike).
const START: f64 = 2.0;
/// Pauses asked for in a row after which the lane rests.
const PATIENCE: u32 = 3;
/// The shortest and the longest rest; in between an eighth of the time that the domain has
/// been asking for pauses. Short, as each mail that was put off waits by itself already, and
/// as nobody can tell whether it was the domain or the recipient that wanted the pause.
const RESTS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(5));
/// A lane is slow when a mail takes longer than this, and this many times what it usually
/// takes elsewhere.
const SLOW: (Duration, f64) = (Duration::from_secs(1), 8.0);

#[derive(Debug)]
pub(super) struct Lane<J> {
    jobs: VecDeque<J>,
    window: f64,
    /// It was never refused: the window grows by one with each mail.
    fresh: bool,
    under_way: u32,
    /// Pauses asked for in a row, and since when.
    pauses: u32,
    asking: Option<Instant>,
    rests: Option<Instant>,
    /// How long a mail takes, smoothed; nothing before the first.
    takes: Option<Duration>,
    /// Since when the oldest mail is under way, at most.
    since: Option<Instant>,
    last: Instant,
    /// Whether it stands in its relay's queue of lanes.
    pub(super) queued: bool,
}

/// How a relay's mails go in general.
#[derive(Clone, Copy, Debug)]
pub(super) struct Usual {
    /// How long one takes, smoothed.
    pub(super) takes: Duration,
    /// When the last one ended.
    pub(super) last: Instant,
}

impl Usual {
    pub(super) fn new(now: Instant) -> Self {
        Self { takes: Duration::from_millis(10), last: now }
    }

    /// A mail ended. One that took very long counts little: it may be its lane's alone.
    pub(super) fn ended(&mut self, took: Duration, now: Instant) {
        let most = self.takes * 2 + Duration::from_millis(100);
        self.takes = (self.takes * 15 + took.min(most)) / 16;
        self.last = now;
    }
}

/// Whether a lane may begin a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gate {
    Open,
    /// As many are under way as may be.
    Full,
    Rests(Instant),
}

impl<J> Lane<J> {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            jobs: VecDeque::new(),
            window: START,
            fresh: true,
            under_way: 0,
            pauses: 0,
            asking: None,
            rests: None,
            takes: None,
            since: None,
            last: now,
            queued: false,
        }
    }

    pub(super) fn push(&mut self, job: J) {
        self.jobs.push_back(job);
    }

    pub(super) fn waiting(&self) -> usize {
        self.jobs.len()
    }

    pub(super) fn under_way(&self) -> u32 {
        self.under_way
    }

    pub(super) fn gate(&self, now: Instant) -> Gate {
        match self.rests {
            Some(until) if until > now => Gate::Rests(until),
            // Back from a rest, one mail finds out.
            _ if self.pauses >= PATIENCE && self.under_way > 0 => Gate::Full,
            _ if f64::from(self.under_way) >= self.window.floor() => Gate::Full,
            _ => Gate::Open,
        }
    }

    /// Begins the next mail.
    pub(super) fn begin(&mut self, now: Instant) -> Option<J> {
        let job = self.jobs.pop_front()?;
        self.under_way += 1;
        self.since.get_or_insert(now);
        self.last = now;
        Some(job)
    }

    /// One that was begun was not sent after all.
    pub(super) fn back(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
        if self.under_way == 0 {
            self.since = None;
        }
    }

    /// A mail ended, after `took`. `most`: the most that may be under way.
    pub(super) fn ended(&mut self, end: End, took: Duration, most: f64, now: Instant) {
        self.back();
        self.since = (self.under_way > 0).then_some(now);
        self.last = now;
        match end {
            End::Took => {
                let step = if self.fresh { 1.0 } else { 1.0 / self.window };
                self.window = (self.window + step).min(most);
                (self.pauses, self.asking, self.rests) = (0, None, None);
            }
            End::Less | End::Pause => {
                self.fresh = false;
                self.window = (self.window / 2.0).max(1.0);
                if end == End::Pause {
                    self.pauses += 1;
                    let since = *self.asking.get_or_insert(now);
                    if self.pauses >= PATIENCE {
                        let rest = now.saturating_duration_since(since) / 8;
                        self.rests = Some(now + rest.clamp(RESTS.0, RESTS.1));
                    }
                }
            }
            End::Refused | End::Lost => {}
        }
        self.takes = Some(self.takes.map_or(took, |takes| (takes * 3 + took) / 4));
    }

    /// Whether its mails take so long that they must not take the others' connections.
    pub(super) fn is_slow(&self, usual: &Usual) -> bool {
        let bound = SLOW.0.max(usual.takes.mul_f64(SLOW.1));
        let long = |takes: Duration| takes > bound;
        self.takes.is_some_and(long)
            // Where nothing ends, it is not this lane's fault.
            || self.since.is_some_and(|since| long(usual.last.saturating_duration_since(since)))
    }

    /// Whether it is held back: more mails would only wait here.
    pub(super) fn is_held(&self, usual: &Usual) -> bool {
        self.pauses >= PATIENCE || self.is_slow(usual)
    }

    /// Of its mails those that will not leave soon.
    pub(super) fn held(&self, usual: &Usual) -> usize {
        if self.is_held(usual) {
            return self.jobs.len();
        }
        self.jobs.len().saturating_sub((self.window * 4.0) as usize)
    }

    /// How long a mail that comes now will have to wait, roughly.
    pub(super) fn wait(&self, now: Instant) -> Duration {
        let rest = self.rests.map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
        let each = self.takes.unwrap_or_default().div_f64(self.window);
        let each = if self.pauses >= PATIENCE { each.max(RESTS.1) } else { each };
        let jobs = u32::try_from(self.jobs.len()).unwrap_or(u32::MAX);
        rest + each.saturating_mul(jobs)
    }

    /// Whether it may be forgotten: nothing is in it, and nothing was learned that is not
    /// soon learned again.
    pub(super) fn is_blank(&self, usual: &Usual, now: Instant) -> bool {
        const HOUR: Duration = Duration::from_secs(3_600);
        let idle = self.jobs.is_empty() && self.under_way == 0;
        let plain = self.fresh && !self.is_slow(usual);
        idle && (plain || now.saturating_duration_since(self.last) > HOUR)
    }

    /// Nothing is under way.
    pub(super) fn begin_anew(&mut self) {
        (self.under_way, self.since) = (0, None);
    }

    pub(super) fn drain(&mut self) -> impl Iterator<Item = J> {
        self.jobs.drain(..)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn lane(jobs: usize) -> (Lane<usize>, Instant) {
        let now = Instant::now();
        let mut lane = Lane::new(now);
        (0..jobs).for_each(|job| lane.push(job));
        (lane, now)
    }

    fn begun(lane: &mut Lane<usize>, now: Instant) -> usize {
        let mut count = 0;
        while lane.gate(now) == Gate::Open && lane.begin(now).is_some() {
            count += 1;
        }
        count
    }

    #[test]
    fn it_starts_with_two_grows_and_halves() {
        let (mut lane, now) = lane(100);
        assert_eq!(begun(&mut lane, now), 2);
        for _ in 0..2 {
            lane.ended(End::Took, MS, 16.0, now);
        }
        assert_eq!(begun(&mut lane, now), 4);
        for _ in 0..4 {
            lane.ended(End::Took, MS, 16.0, now);
        }
        assert_eq!(begun(&mut lane, now), 8);
        lane.ended(End::Less, MS, 16.0, now);
        for _ in 0..7 {
            lane.ended(End::Refused, MS, 16.0, now);
        }
        assert_eq!(begun(&mut lane, now), 4);
        // From here on it grows by one in a round, not with each mail.
        for _ in 0..4 {
            lane.ended(End::Took, MS, 16.0, now);
        }
        assert_eq!(begun(&mut lane, now), 4);
    }

    #[test]
    fn three_pauses_rest_it_and_one_mail_finds_out() {
        let (mut lane, now) = lane(100);
        for _ in 0..3 {
            lane.begin(now);
            lane.ended(End::Pause, MS, 16.0, now);
        }
        assert!(matches!(lane.gate(now), Gate::Rests(_)));
        let later = now + Duration::from_secs(2);
        assert_eq!(begun(&mut lane, later), 1);
        lane.ended(End::Pause, MS, 16.0, later);
        assert!(matches!(lane.gate(later), Gate::Rests(_)));
        // The longer it goes on, the longer the rests.
        let later = later + Duration::from_secs(38);
        assert_eq!(begun(&mut lane, later), 1);
        lane.ended(End::Pause, MS, 16.0, later);
        assert!(matches!(lane.gate(later + Duration::from_millis(4_900)), Gate::Rests(_)));
        let later = later + Duration::from_secs(6);
        assert_eq!(begun(&mut lane, later), 1);
        lane.ended(End::Took, MS, 16.0, later);
        assert_eq!(lane.gate(later), Gate::Open);
    }

    #[test]
    fn a_tarpit_is_known_before_its_first_answer() {
        let (mut lane, now) = lane(3);
        lane.begin(now);
        let after = |millis| Usual { takes: MS, last: now + Duration::from_millis(millis) };
        assert!(!lane.is_slow(&after(500)));
        assert!(lane.is_slow(&after(1_500)), "others ended meanwhile");
        assert!(!lane.is_slow(&Usual { takes: Duration::from_secs(1), ..after(5_000) }));
        // Where everything takes long, nobody is slow.
        let mut usual = Usual::new(now);
        lane.ended(End::Took, Duration::from_secs(4), 16.0, now);
        assert!(lane.is_slow(&usual));
        for _ in 0..60 {
            usual.ended(Duration::from_secs(4), now);
        }
        assert!(!lane.is_slow(&usual));
    }
}
