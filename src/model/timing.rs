//! When a reader's digests are due: preferences, and the config where they left it open,
//! turned into instants. Pure; correct through every change of the clocks.

use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Span as CivilSpan, Timestamp};

use super::{HourMinute, Preferences, Rhythm, Schedule, Span, Zone, resolve_civil};

/// A planning this late still counts for the day of its slot; later, for the day on which
/// it happens. So a slot at 23:59 that is planned at 00:01 does not cost the next day its
/// own, and one digest after a long stop is the only one of that day.
const LATE: SignedDuration = SignedDuration::from_hours(1);

/// How far back the slot before the present one can lie: a month, and a bit.
const LONGEST: i64 = 64;

/// A reader's clock: the slots at which digests are due.
#[derive(Clone, Debug, PartialEq)]
pub struct Timing {
    days: Days,
    zone: Zone,
}

#[derive(Clone, Debug, PartialEq)]
enum Days {
    Rhythm(Rhythm, HourMinute),
    /// The days of the schedule at another hour.
    OtherHour(Schedule, HourMinute),
    Cron(Schedule),
}

impl Timing {
    /// The timing of `preferences`; `schedule` and `zone` serve where they are open. A
    /// rhythm without an hour takes the schedule's first time of day.
    pub fn of(preferences: &Preferences, schedule: &Schedule, zone: &Zone) -> Self {
        let days = match (preferences.rhythm, preferences.hour) {
            (Some(rhythm), Some(hour)) => Days::Rhythm(rhythm, hour),
            (Some(rhythm), None) => Days::Rhythm(rhythm, first_hour(schedule)),
            (None, Some(hour)) => Days::OtherHour(schedule.clone(), hour),
            (None, None) => Days::Cron(schedule.clone()),
        };
        Self { days, zone: preferences.zone.clone().unwrap_or_else(|| zone.clone()) }
    }

    /// The zone in which its days count.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The first slot after `after` on a local day after `last_day`.
    pub fn next_after(&self, after: Timestamp, last_day: Option<Date>) -> Option<Timestamp> {
        let mut date = self.zone.civil(after).date().yesterday().ok()?;
        if let Some(last) = last_day {
            date = date.max(last.tomorrow().ok()?);
        }
        // Longer than any rhythm leaves open; a rare schedule (29 February) may need years.
        let end = date.checked_add(CivilSpan::new().years(9)).ok()?;
        let hour = match &self.days {
            Days::Rhythm(_, hour) | Days::OtherHour(_, hour) => hour.time(),
            Days::Cron(schedule) => {
                let slot = schedule.next_of_days(after, date, &self.zone);
                return slot.filter(|slot| self.zone.civil(*slot).date() <= end);
            }
        };
        loop {
            date = self.next_day(date)?;
            if date > end {
                return None;
            }
            let slot = resolve_civil(&self.zone, date.to_datetime(hour));
            if let Some(slot) = slot.filter(|slot| *slot > after) {
                return Some(slot);
            }
            date = date.tomorrow().ok()?;
        }
    }

    /// The last slot at `until` or before, where one lies within two months.
    pub fn latest(&self, until: Timestamp) -> Option<Timestamp> {
        let today = self.zone.civil(until).date();
        let hour = match &self.days {
            Days::Rhythm(_, hour) | Days::OtherHour(_, hour) => hour.time(),
            Days::Cron(schedule) => {
                let first = today.checked_sub(CivilSpan::new().days(LONGEST - 1)).ok()?;
                return schedule.last_until(until, first, &self.zone);
            }
        };
        (-1..LONGEST).find_map(|back| {
            let date = today.checked_sub(CivilSpan::new().days(back)).ok()?;
            if !self.includes(date) {
                return None;
            }
            resolve_civil(&self.zone, date.to_datetime(hour)).filter(|slot| *slot <= until)
        })
    }

    /// The last slot on `day` or before, where one lies within two months.
    pub fn latest_on(&self, day: Date) -> Option<Timestamp> {
        let end = day.tomorrow().ok()?.to_zoned(self.zone.rules().clone()).ok()?.timestamp();
        self.latest(end.checked_sub(SignedDuration::from_micros(1)).ok()?)
    }

    /// The local day for which a digest planned at `now` counts.
    pub fn day_of(&self, now: Timestamp) -> Date {
        match self.latest(now) {
            Some(slot) if now.duration_since(slot) <= LATE => self.zone.civil(slot).date(),
            _ => self.zone.civil(now).date(),
        }
    }

    /// Since when papers are candidates for a digest planned at `now`: the look-back, or
    /// for slower rhythms the slot before the present one, so that no week is cut.
    pub fn candidates_since(&self, now: Timestamp, look_back: Span) -> Timestamp {
        let by_age = now.checked_sub(look_back.signed()).unwrap_or(Timestamp::MIN);
        let before = self
            .latest(now)
            .and_then(|slot| slot.checked_sub(SignedDuration::from_micros(1)).ok())
            .and_then(|before| self.latest(before));
        before.map_or(by_age, |slot| slot.min(by_age))
    }

    /// The rhythm and hour in words, such as `weekdays at 08:00, Europe/Berlin`.
    pub fn words(&self) -> String {
        let zone = self.zone.name();
        match &self.days {
            Days::Rhythm(rhythm, hour) => format!("{} at {hour}, {zone}", rhythm.words()),
            Days::OtherHour(schedule, hour) => match plain_rhythm(schedule) {
                Some((rhythm, _)) => format!("{} at {hour}, {zone}", rhythm.words()),
                None => format!("{hour} on the days of \"{schedule}\", {zone}"),
            },
            Days::Cron(schedule) => match plain_rhythm(schedule) {
                Some((rhythm, hour)) => format!("{} at {hour}, {zone}", rhythm.words()),
                None => format!("\"{schedule}\", {zone}"),
            },
        }
    }

    /// The schedule, where its days have no name of ours, and whether its hour is another.
    pub fn odd_schedule(&self) -> Option<(&Schedule, bool)> {
        let (schedule, other_hour) = match &self.days {
            Days::Rhythm(..) => return None,
            Days::OtherHour(schedule, _) => (schedule, true),
            Days::Cron(schedule) => (schedule, false),
        };
        plain_rhythm(schedule).is_none().then_some((schedule, other_hour))
    }

    /// The rhythm, where the days are one that has a name.
    pub fn rhythm(&self) -> Option<Rhythm> {
        match &self.days {
            Days::Rhythm(rhythm, _) => Some(*rhythm),
            Days::OtherHour(schedule, _) | Days::Cron(schedule) => {
                plain_rhythm(schedule).map(|(rhythm, _)| rhythm)
            }
        }
    }

    /// The minute of the day, where there is one.
    pub fn hour(&self) -> Option<HourMinute> {
        match &self.days {
            Days::Rhythm(_, hour) | Days::OtherHour(_, hour) => Some(*hour),
            Days::Cron(schedule) => {
                plain_rhythm(schedule).map(|(_, hour)| hour).or_else(|| Some(first_hour(schedule)))
            }
        }
    }

    fn includes(&self, date: Date) -> bool {
        match &self.days {
            Days::Rhythm(rhythm, _) => rhythm.includes(date),
            Days::OtherHour(schedule, _) | Days::Cron(schedule) => {
                first_on(schedule, date).is_some()
            }
        }
    }

    /// The first included day from `from` on.
    fn next_day(&self, from: Date) -> Option<Date> {
        match &self.days {
            Days::Rhythm(rhythm, _) => {
                from.series(CivilSpan::new().days(1)).take(40).find(|date| rhythm.includes(*date))
            }
            Days::OtherHour(schedule, _) | Days::Cron(schedule) => {
                let eve = from.at(0, 0, 0, 0).checked_sub(CivilSpan::new().seconds(1)).ok()?;
                schedule.next_civil(eve).map(DateTime::date)
            }
        }
    }
}

fn first_on(schedule: &Schedule, date: Date) -> Option<DateTime> {
    let eve = date.at(0, 0, 0, 0).checked_sub(CivilSpan::new().seconds(1)).ok()?;
    schedule.next_civil(eve).filter(|civil| civil.date() == date)
}

/// The schedule's first time of day.
fn first_hour(schedule: &Schedule) -> HourMinute {
    let start = DateTime::constant(2026, 1, 1, 0, 0, 0, 0);
    let eve = start.checked_sub(CivilSpan::new().seconds(1)).unwrap_or(start);
    schedule
        .next_civil(eve)
        .and_then(|civil| HourMinute::new(civil.hour() as u8, civil.minute() as u8))
        .or_else(|| HourMinute::new(8, 0))
        .unwrap_or_else(|| unreachable!("08:00 is a time of day"))
}

/// The rhythm that a crontab line spells, where it is one of ours at one time of day.
fn plain_rhythm(schedule: &Schedule) -> Option<(Rhythm, HourMinute)> {
    let fields: Vec<&str> = schedule.text().split_whitespace().collect();
    let [minute, hour, day, "*", weekday] = fields.as_slice() else { return None };
    let at = HourMinute::new(hour.parse().ok()?, minute.parse().ok()?)?;
    let weekday = weekday.to_ascii_lowercase();
    let rhythm = match (*day, weekday.as_str()) {
        ("*", "*" | "0-6" | "1-7" | "mon-sun" | "sun-sat") => Rhythm::Daily,
        ("*", "1-5" | "mon-fri" | "1,2,3,4,5") => Rhythm::Weekdays,
        ("*", "0" | "7") => "weekly:sun".parse().ok()?,
        ("*", one) => {
            let name = match one {
                "1" => "mon",
                "2" => "tue",
                "3" => "wed",
                "4" => "thu",
                "5" => "fri",
                "6" => "sat",
                other => other,
            };
            format!("weekly:{name}").parse().ok()?
        }
        (day, "*") => Rhythm::Monthly(day.parse().ok().filter(|day| (1..=28).contains(day))?),
        _ => return None,
    };
    Some((rhythm, at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn timing(rhythm: Option<&str>, hour: Option<&str>, zone: &str) -> Timing {
        let preferences = Preferences {
            rhythm: rhythm.map(|text| text.parse().unwrap()),
            hour: hour.map(|text| text.parse().unwrap()),
            zone: Some(zone.parse().unwrap()),
            ..Preferences::default()
        };
        Timing::of(&preferences, &"0 8 * * Mon-Fri".parse().unwrap(), &Zone::UTC)
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn what_a_reader_leaves_open_follows_the_schedule() {
        let open = timing(None, None, "Europe/Berlin");
        assert_eq!(open.words(), "weekdays at 08:00, Europe/Berlin");
        assert_eq!(
            open.next_after(at("2026-11-20T12:00:00Z"), None).unwrap(),
            at("2026-11-23T07:00:00Z")
        );
        let hour = timing(None, Some("19:30"), "UTC");
        assert_eq!(
            hour.next_after(at("2026-11-20T20:00:00Z"), None).unwrap(),
            at("2026-11-23T19:30:00Z")
        );
        assert_eq!(timing(Some("daily"), None, "UTC").words(), "daily at 08:00, UTC");
    }

    #[test]
    fn one_due_moment_a_day_in_every_zone_over_both_changes() {
        let mut zones = 0;
        for name in jiff::tz::db().available() {
            let Ok(zone) = name.as_str().parse::<Zone>() else { continue };
            zones += 1;
            for hour in ["00:00", "02:30", "23:59"] {
                let timing = timing(Some("daily"), Some(hour), zone.name());
                let mut now = at("2025-12-31T12:00:00Z");
                let end = at("2027-01-01T12:00:00Z");
                let mut last: Option<Date> = None;
                while now < end {
                    let next = timing.next_after(now, last).unwrap();
                    let day = zone.civil(next).date();
                    assert!(next > now, "{name}");
                    if let Some(last) = last {
                        assert_eq!(day, last.tomorrow().unwrap(), "{name} {hour} {next}");
                    }
                    assert_eq!(timing.latest(next), Some(next), "{name} {hour}");
                    assert_eq!(timing.day_of(next), day, "{name} {hour}");
                    (now, last) = (next, Some(day));
                }
            }
        }
        assert!(zones > 300, "{zones}");
    }

    #[test]
    fn a_late_planning_counts_for_its_slot_and_a_later_one_for_its_day() {
        let timing = timing(Some("daily"), Some("23:59"), "UTC");
        assert_eq!(timing.day_of(at("2026-11-24T00:01:00Z")), date(2026, 11, 23));
        assert_eq!(timing.day_of(at("2026-11-24T06:00:00Z")), date(2026, 11, 24));
    }

    #[test]
    fn a_changed_hour_gives_no_second_digest_on_one_day() {
        let timing = timing(Some("daily"), Some("18:00"), "UTC");
        let next = timing.next_after(at("2026-11-23T09:00:00Z"), Some(date(2026, 11, 23)));
        assert_eq!(next.unwrap(), at("2026-11-24T18:00:00Z"));
    }

    #[test]
    fn slower_rhythms_look_back_to_the_slot_before() {
        let week = Span::from_days(7);
        let weekly = timing(Some("weekly:mon"), Some("08:00"), "Europe/Berlin");
        // Over the change of the clocks a week has an hour more than seven days.
        assert_eq!(
            weekly.candidates_since(at("2026-10-26T07:03:00Z"), week),
            at("2026-10-19T06:00:00Z")
        );
        let monthly = timing(Some("monthly:31"), Some("08:00"), "UTC");
        assert_eq!(
            monthly.candidates_since(at("2026-03-31T08:00:00Z"), week),
            at("2026-02-28T08:00:00Z")
        );
        let daily = timing(Some("daily"), Some("08:00"), "UTC");
        assert_eq!(
            daily.candidates_since(at("2026-03-31T08:00:00Z"), week),
            at("2026-03-24T08:00:00Z")
        );
    }

    #[test]
    fn a_schedule_of_every_second_is_asked_quickly() {
        let begun = std::time::Instant::now();
        let (now, zone) = (at("2026-11-24T08:00:00Z"), "Europe/Berlin".parse().unwrap());
        let timing = Timing::of(&Preferences::default(), &"* * * * * *".parse().unwrap(), &zone);
        for _ in 0..100 {
            assert_eq!(timing.next_after(now, None), Some(at("2026-11-24T08:00:01Z")));
            let next_day = timing.next_after(now, Some(date(2026, 11, 24)));
            assert_eq!(next_day, Some(at("2026-11-24T23:00:00Z")));
            assert_eq!(timing.latest(now), Some(now));
            assert_eq!(timing.day_of(now), date(2026, 11, 24));
        }
        // Day by day it took a second for each.
        assert!(begun.elapsed().as_secs() < 5, "{:?}", begun.elapsed());
    }

    #[test]
    fn apia_skips_the_day_that_it_skipped() {
        let timing = timing(Some("daily"), Some("08:00"), "Pacific/Apia");
        let last = timing.next_after(at("2011-12-29T00:00:00Z"), None).unwrap();
        assert_eq!(timing.zone().civil(last).date(), date(2011, 12, 29));
        let next = timing.next_after(last, Some(date(2011, 12, 29))).unwrap();
        assert_eq!(timing.zone().civil(next).date(), date(2011, 12, 31));
    }
}
