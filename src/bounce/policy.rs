//! What is to be done about a bounce. Pure: decides by what is known, and does nothing.
//!
//! A hard bounce of a mail of ours has its reader suppressed at once. A soft one is a point, one
//! for each day (UTC) on which any came. A point halves every seven days, and with each mail
//! since that has arrived; below a sixteenth it is forgotten. Three points or more, from days
//! that are seven apart, with a sum of 1.5, wear an address out: a probe is sent, and only if
//! that bounces too, softly or hard, is the reader suppressed. A refusal as policy says nothing of
//! the person, but three of them within an hour have the domain rest: for an hour, and each time
//! that it goes on within a day for twice as long, up to twelve.

use jiff::{SignedDuration, Timestamp};

use crate::model::{MailKind, SubscriberState, Verdict};
use crate::store::{BounceRecord, Deed, NewBounce, Refusals};

const DAY_S: i64 = 24 * 3_600;
/// After so many days a point counts half.
const HALF_LIFE: f64 = 7.0;
/// A point that counts less counts nothing.
const LEAST: f64 = 1.0 / 16.0;
/// What wears an address out: so many points, over so long, with such a sum.
const POINTS: usize = 3;
const SPAN: SignedDuration = SignedDuration::from_hours(7 * 24);
const SUM: f64 = 1.5;
/// What is said of a mail that is older has no effect: servers give up much sooner.
pub(super) const MEMORY: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Refusals within an hour after which a domain rests.
const REFUSALS: u64 = 3;
/// The first and the longest rest, in minutes.
const RESTS: (i64, i64) = (60, 12 * 60);
/// A rest that ended no longer ago makes the next one longer.
const AGAIN: SignedDuration = SignedDuration::from_hours(24);

/// What is to be done.
pub(super) fn decide(said: &NewBounce, record: &BounceRecord, now: Timestamp) -> Deed {
    use SubscriberState::{Active, Paused, Pending};
    let before = |at: Option<Timestamp>| at.is_some_and(|at| record.made_at < at);
    // Sent elsewhere, judged and taken back, or so old that it can only be a replay.
    let void = record.elsewhere || record.cleared || now.duration_since(record.made_at) > MEMORY;
    let here = matches!(record.state, Active | Paused);
    let over = void || before(record.back_at);
    match said.verdict {
        Verdict::Complaint if void || before(record.agreed_at) => Deed::Note,
        Verdict::Complaint => Deed::Unsubscribe,
        Verdict::Hard if here && !over => Deed::Suppress,
        // Nobody is here yet: who never confirms is forgotten.
        Verdict::Hard if record.state == Pending && !void => Deed::EndWaiting,
        Verdict::Soft if here && !over && record.kind == Some(MailKind::Probe) => Deed::Suppress,
        Verdict::Soft if here && !over && !record.probing => {
            let wear = Wear::of(&record.softs, &record.arrived, now);
            if wear.is_out() { Deed::Probe } else { Deed::Note }
        }
        Verdict::Policy if !void => {
            let minutes = record.refusals.as_ref().and_then(|known| rest(known, now));
            minutes.map_or(Deed::Note, Deed::Rest)
        }
        _ => Deed::Note,
    }
}

/// For how many minutes the domain is to rest, if it is.
fn rest(refusals: &Refusals, now: Timestamp) -> Option<i64> {
    if refusals.count < REFUSALS {
        return None;
    }
    Some(match refusals.last {
        Some((until, _)) if until > now => return None,
        Some((until, minutes)) if now.duration_since(until) < AGAIN => {
            minutes.saturating_mul(2).clamp(RESTS.0, RESTS.1)
        }
        _ => RESTS.0,
    })
}

/// How worn an address is by soft bounces.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Wear {
    /// The days that count.
    pub(super) points: usize,
    /// From the first of them to the last.
    pub(super) span: SignedDuration,
    /// What they count together.
    pub(super) sum: f64,
}

impl Wear {
    /// Of soft bounces at `softs` when mails arrived at `arrived`.
    pub(super) fn of(softs: &[Timestamp], arrived: &[Timestamp], now: Timestamp) -> Self {
        let mut wear = Self::default();
        let mut first: Option<Timestamp> = None;
        let mut day = None;
        for &at in softs {
            let this = at.as_second().div_euclid(DAY_S);
            if day == Some(this) {
                // The same day: another one, not another point.
                if let Some(first) = first {
                    wear.span = at.duration_since(first);
                }
                continue;
            }
            let age = now.duration_since(at).as_secs_f64().max(0.0) / DAY_S as f64;
            let since = arrived.iter().filter(|arrival| **arrival > at).count();
            let weight = 0.5_f64.powf(age / HALF_LIFE + since as f64);
            if weight < LEAST {
                continue;
            }
            day = Some(this);
            wear.points += 1;
            wear.sum += weight;
            wear.span = at.duration_since(*first.get_or_insert(at));
        }
        wear
    }

    /// Whether it is time to find out.
    pub(super) fn is_out(&self) -> bool {
        self.points >= POINTS && self.span >= SPAN && self.sum >= SUM
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(days: f64) -> Timestamp {
        let start: Timestamp = "2026-02-02T08:00:00Z".parse().unwrap();
        start + SignedDuration::from_secs_f64(days * DAY_S as f64)
    }

    /// Soft bounces after so many days, mails that arrived, and whether that is too much.
    #[test]
    fn an_address_wears_out_over_days() {
        let cases: &[(&str, &[f64], &[f64], bool)] = &[
            ("one", &[0.0], &[], false),
            ("thrice in a day", &[0.0, 0.1, 0.2], &[], false),
            ("on two days, a week apart", &[0.0, 0.1, 7.0], &[], false),
            ("on three days within a week", &[0.0, 3.0, 6.9], &[], false),
            (
                "each day of a week but the last hour",
                &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.9],
                &[],
                false,
            ),
            ("spread", &[0.0, 3.0, 7.0], &[], true),
            ("daily", &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], &[], true),
            ("the last one twice a day", &[0.0, 3.0, 6.9, 7.0], &[], true),
            ("weekly", &[0.0, 7.0, 14.0], &[], true),
            ("monthly", &[0.0, 30.0, 60.0, 90.0], &[], false),
            ("two mails arrived between", &[0.0, 1.0, 8.0], &[2.0, 3.0], false),
            ("mails arrived before", &[10.0, 13.0, 17.0], &[1.0, 2.0, 3.0, 4.0, 5.0], true),
            ("long ago", &[0.0, 3.0, 60.0], &[], false),
            ("a bad spell long ago and a new one", &[0.0, 3.0, 7.0, 60.0, 61.0, 62.0], &[], false),
        ];
        for (what, softs, arrived, out) in cases {
            let times = |days: &[f64]| days.iter().map(|day| at(*day)).collect::<Vec<_>>();
            let wear = Wear::of(&times(softs), &times(arrived), at(*softs.last().unwrap()));
            assert_eq!(wear.is_out(), *out, "{what}: {wear:?}");
        }
    }

    #[test]
    fn rests_double_up_to_twelve_hours() {
        let now = at(0.0);
        let ago = |hours: i64| now - SignedDuration::from_hours(hours);
        let rest = |count, last| rest(&Refusals { count, last }, now);
        assert_eq!(rest(2, None), None);
        assert_eq!(rest(3, None), Some(60));
        assert_eq!(rest(2, Some((ago(1), 60))), None);
        assert_eq!(rest(3, Some((ago(1), 60))), Some(120));
        assert_eq!(rest(3, Some((ago(1), 480))), Some(720));
        assert_eq!(rest(3, Some((ago(23), 720))), Some(720));
        assert_eq!(rest(3, Some((ago(24), 720))), Some(60), "forgiven");
        assert_eq!(rest(9, Some((now + SignedDuration::from_hours(1), 60))), None, "it rests");
    }
}
