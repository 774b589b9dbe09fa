//! An IANA time zone, and the one rule by which a civil time becomes an instant.

use std::fmt;
use std::str::FromStr;

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use super::measure::as_text;

/// An IANA time zone, such as `Europe/Berlin` or `UTC`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// UTC.
    pub const UTC: Self = Self(TimeZone::UTC);

    /// Its rules.
    pub fn rules(&self) -> &TimeZone {
        &self.0
    }

    /// Its IANA name.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The civil time of `at` here.
    pub fn civil(&self, at: Timestamp) -> DateTime {
        self.0.to_datetime(at)
    }
}

impl FromStr for Zone {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        // jiff also reads POSIX strings and paths; only names from the database are zones.
        TimeZone::get(text)
            .ok()
            .filter(|zone| zone.iana_name().is_some())
            .map(Self)
            .ok_or_else(|| format!("{text:?} is not an IANA time zone such as Europe/Berlin"))
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

as_text!(Zone);

/// The instant of the civil time `at` in `zone`. Skipped by a change of the clocks: the
/// first minute after the gap (the last before it, where the gap runs past midnight).
/// Shown twice: the first of the two. `None` where the whole day does not exist
/// (Pacific/Apia, 2011-12-30) or is beyond the calendar.
pub fn resolve_civil(zone: &Zone, at: DateTime) -> Option<Timestamp> {
    let found = zone.rules().to_ambiguous_timestamp(at);
    let AmbiguousOffset::Gap { .. } = found.offset() else {
        return found.earlier().ok();
    };
    let after = found.later().ok()?;
    let before = found.earlier().ok()?;
    let change = zone
        .rules()
        .preceding(after.max(before).checked_add(SignedDuration::from_nanos(1)).ok()?)
        .next()?
        .timestamp();
    if zone.civil(change).date() == at.date() {
        return Some(change);
    }
    let last = change.checked_sub(SignedDuration::from_secs(60)).ok()?;
    (zone.civil(last).date() == at.date()).then_some(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(zone: &str, civil: &str) -> Option<String> {
        let zone: Zone = zone.parse().unwrap();
        resolve_civil(&zone, civil.parse().unwrap()).map(|ts| ts.to_string())
    }

    #[test]
    fn gaps_give_the_next_valid_minute_and_overlaps_the_first() {
        assert_eq!(at("Europe/Berlin", "2026-03-29T02:30").unwrap(), "2026-03-29T01:00:00Z");
        assert_eq!(at("Europe/Berlin", "2026-10-25T02:30").unwrap(), "2026-10-25T00:30:00Z");
        assert_eq!(at("Europe/Berlin", "2026-07-01T08:00").unwrap(), "2026-07-01T06:00:00Z");
        assert_eq!(at("Australia/Lord_Howe", "2026-10-04T02:10").unwrap(), "2026-10-03T15:30:00Z");
        assert_eq!(at("America/Sao_Paulo", "2018-11-04T00:15").unwrap(), "2018-11-04T03:00:00Z");
    }

    #[test]
    fn a_day_that_does_not_exist_has_no_minute() {
        assert_eq!(at("Pacific/Apia", "2011-12-30T08:00"), None);
        assert!(at("Pacific/Apia", "2011-12-31T08:00").is_some());
    }

    #[test]
    fn only_names_of_the_database_are_zones() {
        for bad in ["", "Mars/Olympus", "CET-1CEST,M3.5.0,M10.5.0/3", "/etc/passwd", "+02:00"] {
            assert!(bad.parse::<Zone>().is_err(), "{bad}");
        }
        assert_eq!("europe/berlin".parse::<Zone>().unwrap().name(), "Europe/Berlin");
        assert_eq!("UTC".parse::<Zone>().unwrap().name(), "UTC");
    }
}
