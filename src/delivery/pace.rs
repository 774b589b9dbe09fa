//! How fast a relay may be used: so many mails a second, and for a sender that nobody knows
//! yet so many a day, more each day. Reads no clock.

use std::time::Duration;

use jiff::civil::Date;
use tokio::time::Instant;

/// A bucket that fills evenly; each mail takes one out of it.
#[derive(Debug)]
pub(super) struct Bucket {
    per_second: f64,
    level: f64,
    at: Instant,
}

impl Bucket {
    /// One that lets `per_second` mails a second through, and at most a second's worth, or
    /// one, at once.
    pub(super) fn new(per_second: f64, now: Instant) -> Self {
        let level = per_second.max(1.0);
        Self { per_second, level, at: now }
    }

    /// Holds no more than what `old` holds by now: who changes a rate gets no second's worth
    /// for it.
    pub(super) fn take_over(&mut self, old: &Self, now: Instant) {
        let passed = now.saturating_duration_since(old.at).as_secs_f64();
        let level = (old.level + passed * old.per_second).min(old.per_second.max(1.0));
        self.level = self.level.min(level);
    }

    /// Takes one, or says how long to wait for it.
    pub(super) fn take(&mut self, now: Instant) -> Result<(), Duration> {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.at = now.max(self.at);
        self.level = (self.level + passed * self.per_second).min(self.per_second.max(1.0));
        if self.level >= 1.0 {
            self.level -= 1.0;
            return Ok(());
        }
        Err(Duration::from_secs_f64((1.0 - self.level) / self.per_second))
    }

    /// Puts one back that was not used.
    pub(super) fn give(&mut self) {
        self.level += 1.0;
    }
}

/// Days after which a sender is known.
const DAYS: i32 = 30;
/// By how much a day's allowance exceeds that of the day before.
const GROWTH: f64 = 1.5;

/// A plan for a new sender: `start` mails on its first day, half as many again on each
/// following one, for 30 days; then as many as there are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ramp {
    start: u32,
    /// The first day with mail, in UTC.
    first: Option<Date>,
    today: Option<Date>,
    count: u64,
}

impl Ramp {
    pub(super) fn new(start: u32) -> Self {
        Self { start, first: None, today: None, count: 0 }
    }

    /// What is known from before: the first day with mail, and how many went out `today`.
    pub(super) fn recall(&mut self, first: Option<Date>, today: Date, count: u64) {
        let count = if self.today == Some(today) { count.max(self.count) } else { count };
        (self.first, self.today, self.count) = (first, Some(today), count);
    }

    /// Counts what `old` has counted, under its own first allowance.
    pub(super) fn take_over(&mut self, old: &Self) {
        *self = Self { start: self.start, ..*old };
    }

    /// Whether one of today's is left.
    pub(super) fn has(&self) -> bool {
        let Some(today) = self.today else { return true };
        let day = (today - self.first.unwrap_or(today)).get_days();
        day >= DAYS
            || (self.count as f64) < (f64::from(self.start) * GROWTH.powi(day.max(0))).floor()
    }

    /// Takes one.
    pub(super) fn take(&mut self) {
        self.count += 1;
    }

    /// Puts one back that was not sent.
    pub(super) fn give(&mut self) {
        self.count = self.count.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_lets_through_what_it_says() {
        let from = Instant::now();
        let mut bucket = Bucket::new(10.0, from);
        let mut through = 0;
        for step in 0..3_000 {
            if bucket.take(from + Duration::from_millis(step)).is_ok() {
                through += 1;
            }
        }
        assert!((39..=40).contains(&through), "10 at once and 10 a second: {through}");
        let wait = bucket.take(from + Duration::from_millis(2_999)).unwrap_err();
        assert!(wait <= Duration::from_millis(100), "{wait:?}");
    }

    #[test]
    fn a_new_rate_gives_no_more_than_the_old_one_has_left() {
        let from = Instant::now();
        let mut old = Bucket::new(10.0, from);
        while old.take(from).is_ok() {}
        let mut new = Bucket::new(5.0, from);
        new.take_over(&old, from);
        assert!(new.take(from).is_err());
        assert!(new.take(from + Duration::from_millis(250)).is_ok());
        let mut new = Bucket::new(5.0, from);
        new.take_over(&Bucket::new(100.0, from), from);
        assert_eq!((0..).take_while(|_| new.take(from).is_ok()).count(), 5);
    }

    #[test]
    fn a_ramp_grows_by_half_each_day_and_ends() {
        let first: Date = "2026-02-23".parse().unwrap();
        let day = |days: i64| first.saturating_add(jiff::Span::new().days(days));
        let sent = |days: i64| {
            let mut ramp = Ramp::new(100);
            ramp.recall(Some(first), day(days), 0);
            let mut count = 0;
            while count < 10_000 && ramp.has() {
                ramp.take();
                count += 1;
            }
            count
        };
        assert_eq!([sent(0), sent(1), sent(2), sent(30)], [100, 150, 225, 10_000]);
        let mut ramp = Ramp::new(100);
        ramp.recall(None, first, 99);
        ramp.take();
        assert!(!ramp.has());
        ramp.give();
        assert!(ramp.has());
    }
}
