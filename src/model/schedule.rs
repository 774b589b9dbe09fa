//! A schedule: a cron expression on civil time, mapped to instants by the zone's rules.
//! Five fields mean what crontab(5) says; six or seven (with seconds first and a year last)
//! what the `cron` crate says. chrono is used here and nowhere else.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate, TimeZone as _, Timelike, Utc};
use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Timestamp};

use super::measure::as_text;
use super::zone::{Zone, resolve_civil};

/// A cron expression. When both the day of the month and the day of the week are
/// restricted in a five-field one, either suffices, as crontab(5) says.
#[derive(Clone, Debug)]
pub struct Schedule {
    text: String,
    any_of: Vec<cron::Schedule>,
}

impl PartialEq for Schedule {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Schedule {
    /// The expression as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The first civil time after `after`; `None` when there is none.
    pub fn next_civil(&self, after: DateTime) -> Option<DateTime> {
        let from = to_chrono(after)?;
        self.any_of
            .iter()
            .filter_map(|schedule| schedule.after(&from).next())
            .min()
            .and_then(from_chrono)
    }

    /// The last civil time before `before`; `None` when there is none.
    fn prev_civil(&self, before: DateTime) -> Option<DateTime> {
        let from = to_chrono(before)?;
        self.any_of
            .iter()
            .filter_map(|schedule| schedule.after(&from).next_back())
            .max()
            .and_then(from_chrono)
    }

    /// The first instant after `after` in `zone`. A time skipped by a change of the clocks
    /// is moved to the first minute after the gap; one shown twice counts once, the first.
    pub fn next_after(&self, after: Timestamp, zone: &Zone) -> Option<Timestamp> {
        self.next_of_days(after, Date::MIN, zone)
    }

    /// The first instant after `after` in `zone` on a day from `first` on. It takes a few steps,
    /// however often the schedule comes.
    pub(super) fn next_of_days(
        &self,
        after: Timestamp,
        first: Date,
        zone: &Zone,
    ) -> Option<Timestamp> {
        let mut civil = once(zone, after)?;
        if first > civil.date() {
            civil = first.at(0, 0, 0, 0).checked_sub(jiff::Span::new().seconds(1)).ok()?;
        }
        let mut best: Option<Timestamp> = None;
        loop {
            civil = self.next_civil(civil)?;
            match (resolve_civil(zone, civil).filter(|at| *at > after), best) {
                // Moved times can come out of order before a gap over midnight: look a little
                // past the first hit.
                (Some(at), Some(first)) if at >= first => return Some(first),
                (Some(at), _) => best = Some(at),
                (None, Some(first)) => return Some(first),
                (None, None) if civil.date().year() > 9_000 => return None,
                // A day that the zone leaves out has none at all.
                (None, None) if resolve_civil(zone, civil).is_none() => {
                    civil = civil.date().at(23, 59, 59, 0);
                }
                (None, None) => {}
            }
        }
    }

    /// The last instant at `until` or before in `zone`, on a day from `first` on; in as few steps.
    pub(super) fn last_until(
        &self,
        until: Timestamp,
        first: Date,
        zone: &Zone,
    ) -> Option<Timestamp> {
        let mut civil = once(zone, until)?.checked_add(jiff::Span::new().seconds(1)).ok()?;
        let mut best: Option<Timestamp> = None;
        loop {
            civil = match self.prev_civil(civil) {
                Some(civil) if civil.date() >= first => civil,
                _ => return best,
            };
            match (resolve_civil(zone, civil).filter(|at| *at <= until), best) {
                (Some(at), Some(last)) if at <= last => return Some(last),
                (Some(at), _) => best = Some(at),
                (None, Some(last)) => return Some(last),
                (None, None) if resolve_civil(zone, civil).is_none() => {
                    civil = civil.date().at(0, 0, 0, 0);
                }
                (None, None) => {}
            }
        }
    }
}

/// The civil time at `at`; where the clock shows an hour for the second time, that hour's last
/// second, as each of its times has come already.
fn once(zone: &Zone, at: Timestamp) -> Option<DateTime> {
    let civil = zone.civil(at);
    let shown = resolve_civil(zone, civil)?;
    if shown >= at {
        return Some(civil);
    }
    let just_after = at.checked_add(SignedDuration::from_nanos(1)).ok()?;
    let change = zone.rules().preceding(just_after).next()?.timestamp();
    Some(zone.civil(change.checked_sub(SignedDuration::from_secs(1)).ok()?).max(civil))
}

impl FromStr for Schedule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let expressions = match fields.len() {
            5 => from_crontab(&fields)?,
            6 | 7 => vec![fields.join(" ")],
            n => {
                return Err(format!(
                    "{text:?} has {n} fields; a schedule has five (minute hour day month weekday) or six to seven with seconds first"
                ));
            }
        };
        let any_of = expressions
            .iter()
            .map(|expression| {
                cron::Schedule::from_str(expression)
                    .map_err(|error| format!("{text:?} is not a cron expression: {error}"))
            })
            .collect::<Result<Vec<_>, _>>()?;
        let schedule = Self { text: text.trim().to_owned(), any_of };
        let start = DateTime::constant(2026, 1, 1, 0, 0, 0, 0);
        if schedule.next_civil(start).is_none() {
            return Err(format!("{text:?} never comes"));
        }
        Ok(schedule)
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

as_text!(Schedule);

/// Five fields of crontab(5) in the crate's six: seconds first, Sunday from 0 (or 7) to 1,
/// and "day of month OR day of week" as two expressions.
fn from_crontab(fields: &[&str]) -> Result<Vec<String>, String> {
    let [minute, hour, day, month, weekday] = fields else {
        return Err("a crontab line has five fields".to_owned());
    };
    let weekday = weekdays(weekday)?;
    let day = if *day == "?" { "*" } else { day };
    let line = |day: &str, weekday: &str| format!("0 {minute} {hour} {day} {month} {weekday}");
    // crontab(5): a field that starts with * counts as unrestricted.
    if day.starts_with('*') || weekday.starts_with('*') {
        Ok(vec![line(day, &weekday)])
    } else {
        Ok(vec![line(day, "*"), line("*", &weekday)])
    }
}

/// The weekday field with its numbers moved from Sunday = 0 or 7 to Sunday = 1; ranges are
/// written out, as `5-7` would turn round the end of the crate's week.
fn weekdays(field: &str) -> Result<String, String> {
    if field == "*" || field == "?" {
        return Ok("*".to_owned());
    }
    let wrong = |part: &str| format!("{part:?} is not a day of the week: 0-7 or Sun-Sat");
    let number = |text: &str| -> Result<u8, String> {
        const NAMES: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
        let lower = text.to_ascii_lowercase();
        if let Some(at) = NAMES.iter().position(|name| lower.starts_with(name)) {
            return Ok(at as u8);
        }
        text.parse().ok().filter(|day| *day <= 7).ok_or_else(|| wrong(text))
    };
    let mut days = std::collections::BTreeSet::new();
    for part in field.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => {
                let step = step.parse::<usize>().ok().filter(|step| *step > 0);
                (range, step.ok_or_else(|| wrong(part))?)
            }
            None => (part, 1),
        };
        let (first, last) = match range.split_once('-') {
            _ if range == "*" => (0, 6),
            Some((first, last)) => (number(first)?, number(last)?),
            None if part.contains('/') => (number(range)?, 6),
            None => (number(range)?, number(range)?),
        };
        // `Fri-Sun` runs over the end of the week.
        let last = if last < first { last + 7 } else { last };
        days.extend((first..=last).step_by(step).map(|day| day % 7 + 1));
    }
    Ok(days.iter().map(u8::to_string).collect::<Vec<_>>().join(","))
}

fn to_chrono(at: DateTime) -> Option<chrono::DateTime<Utc>> {
    let naive = NaiveDate::from_ymd_opt(at.year().into(), at.month() as u32, at.day() as u32)?
        .and_hms_opt(at.hour() as u32, at.minute() as u32, at.second() as u32)?;
    Some(Utc.from_utc_datetime(&naive))
}

fn from_chrono(at: chrono::DateTime<Utc>) -> Option<DateTime> {
    let date = Date::new(at.year().try_into().ok()?, at.month() as i8, at.day() as i8).ok()?;
    Some(date.at(at.hour() as i8, at.minute() as i8, at.second() as i8, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(expression: &str, zone: &str, after: &str) -> String {
        let schedule: Schedule = expression.parse().unwrap();
        let zone = zone.parse().unwrap();
        schedule.next_after(after.parse().unwrap(), &zone).unwrap().to_string()
    }

    #[test]
    fn five_fields_mean_what_crontab_says() {
        assert_eq!(next("0 8 * * Mon-Fri", "UTC", "2026-11-20T08:00:00Z"), "2026-11-23T08:00:00Z");
        assert_eq!(next("5 * * * *", "UTC", "2026-11-20T08:05:00Z"), "2026-11-20T09:05:00Z");
        assert_eq!(next("0 0 * * 0", "UTC", "2026-11-20T08:00:00Z"), "2026-11-22T00:00:00Z");
        assert_eq!(next("0 0 * * 7", "UTC", "2026-11-20T08:00:00Z"), "2026-11-22T00:00:00Z");
        assert_eq!(next("0 0 * * 5-7", "UTC", "2026-11-21T08:00:00Z"), "2026-11-22T00:00:00Z");
        // Either the 13th or a Friday.
        assert_eq!(next("0 0 13 * Fri", "UTC", "2026-11-14T00:00:00Z"), "2026-11-20T00:00:00Z");
        assert_eq!(next("0 0 13 * Fri", "UTC", "2026-12-12T00:00:00Z"), "2026-12-13T00:00:00Z");
    }

    #[test]
    fn six_fields_have_seconds() {
        assert_eq!(next("30 0 8 * * *", "UTC", "2026-11-20T08:00:00Z"), "2026-11-20T08:00:30Z");
    }

    #[test]
    fn zones_with_both_changes_of_the_clocks() {
        let zone = "Europe/Berlin";
        assert_eq!(next("30 2 * * *", zone, "2026-03-28T12:00:00Z"), "2026-03-29T01:00:00Z");
        assert_eq!(next("30 2 * * *", zone, "2026-03-29T01:00:00Z"), "2026-03-30T00:30:00Z");
        assert_eq!(next("30 2 * * *", zone, "2026-10-24T12:00:00Z"), "2026-10-25T00:30:00Z");
        assert_eq!(next("30 2 * * *", zone, "2026-10-25T00:30:00Z"), "2026-10-26T01:30:00Z");
    }

    /// Every instant of the schedule in these days, by looking at each civil time.
    fn all(schedule: &Schedule, zone: &Zone, from: Date, days: i32) -> Vec<Timestamp> {
        let end = from.checked_add(jiff::Span::new().days(days)).unwrap();
        let mut civil = from.at(0, 0, 0, 0).checked_sub(jiff::Span::new().seconds(1)).unwrap();
        let mut found = Vec::new();
        while let Some(next) = schedule.next_civil(civil).filter(|next| next.date() < end) {
            found.extend(resolve_civil(zone, next));
            civil = next;
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    #[test]
    fn each_way_finds_the_same_through_every_kind_of_change() {
        for (zone, day) in [
            ("Europe/Berlin", "2026-03-28"),
            ("Europe/Berlin", "2026-10-24"),
            ("America/Sao_Paulo", "2018-11-03"),
            ("Australia/Lord_Howe", "2026-04-04"),
            ("Africa/Cairo", "2026-04-23"),
            ("Pacific/Apia", "2011-12-29"),
            ("America/Scoresbysund", "2024-03-30"),
        ] {
            let (zone, day): (Zone, Date) = (zone.parse().unwrap(), day.parse().unwrap());
            for text in ["*/7 * * * *", "30 0,2,23 * * *", "15 8 * * *", "*/20 * * * * *"] {
                let schedule: Schedule = text.parse().unwrap();
                let known = all(&schedule, &zone, day, 3);
                for pair in known.windows(2) {
                    let near = format!("{} {text} {}", zone.name(), pair[0]);
                    assert_eq!(schedule.next_after(pair[0], &zone), Some(pair[1]), "{near}");
                    let just = pair[1].checked_sub(SignedDuration::from_secs(1)).unwrap();
                    assert_eq!(schedule.last_until(just, day, &zone), Some(pair[0]), "{near}");
                    assert_eq!(schedule.last_until(pair[1], day, &zone), Some(pair[1]), "{near}");
                }
            }
        }
    }

    #[test]
    fn impossible_ones_are_refused() {
        for bad in [
            "",
            "8",
            "0 8 * *",
            "61 * * * *",
            "0 0 31 2 *",
            "0 8 * * Xyz",
            "a b c d e",
            "1 2 3 4 5 6 7 8",
            "0 0 * * 1/0",
        ] {
            assert!(bad.parse::<Schedule>().is_err(), "{bad}");
        }
    }
}
