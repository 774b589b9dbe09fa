//! When a deferred delivery is tried again. Pure.

use jiff::{SignedDuration, Timestamp};

use crate::config::Retry;

/// The next attempt after `attempts` (from 1) that failed: `first`, then `factor` times as
/// long each time, at most `most`; up to a fifth later, so that a crowd does not come back
/// as one. The spread depends on the delivery and the attempt alone.
pub(super) fn next_attempt(
    retry: &Retry,
    attempts: u32,
    delivery: i64,
    now: Timestamp,
) -> Timestamp {
    let exponent = i32::try_from(attempts.saturating_sub(1)).unwrap_or(i32::MAX);
    let wait = f64::from(retry.first.secs()) * retry.factor.powi(exponent);
    let wait = wait.min(f64::from(retry.most.secs())).max(1.0);
    // Weyl's sequence: neighbours land far apart.
    let turn =
        (delivery as f64 * 0.618_033_988_749_895 + f64::from(attempts) * 0.414_213_562).fract();
    let late = SignedDuration::from_secs_f64(wait * (1.0 + turn.abs() / 5.0));
    now.saturating_add(late).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Span;

    #[test]
    fn waits_grow_to_the_longest_and_spread() {
        let retry =
            Retry { first: Span::from_secs(300), factor: 2.0, most: Span::from_secs(14_400) };
        let now: Timestamp = "2026-02-20T08:00:00Z".parse().unwrap();
        for (attempts, least) in
            [(1, 300), (2, 600), (3, 1_200), (7, 14_400), (4_000_000_000, 14_400)]
        {
            let mut seen = std::collections::BTreeSet::new();
            for delivery in 1..50 {
                let wait =
                    next_attempt(&retry, attempts, delivery, now).duration_since(now).as_secs();
                assert!(wait >= least && wait <= least * 6 / 5, "{attempts}: {wait}");
                seen.insert(wait);
            }
            assert!(seen.len() > 20);
        }
    }
}
