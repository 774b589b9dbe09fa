//! A rhythm: on which days a reader wants a digest, and at which minute of the day.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, Time, Weekday};

use super::measure::as_text;

/// The days on which a digest is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rhythm {
    /// Every day.
    Daily,
    /// Monday to Friday.
    Weekdays,
    /// Once a week, on this day.
    Weekly(Weekday),
    /// Once a month, on this day, or on the last one of a shorter month. 1 to 31.
    Monthly(u8),
}

impl Rhythm {
    /// In words, such as `weekdays`, `Mondays` or `monthly on day 1`.
    pub fn words(self) -> String {
        match self {
            Self::Daily => "daily".to_owned(),
            Self::Weekdays => "weekdays".to_owned(),
            Self::Weekly(day) => format!("{day:?}s"),
            Self::Monthly(day) => format!("monthly on day {day}"),
        }
    }

    /// Whether a digest is due on `date`.
    pub fn includes(self, date: Date) -> bool {
        match self {
            Self::Daily => true,
            Self::Weekdays => !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday),
            Self::Weekly(day) => date.weekday() == day,
            Self::Monthly(day) => {
                let last = date.days_in_month();
                date.day() == i8::try_from(day).unwrap_or(last).min(last)
            }
        }
    }
}

const DAYS: [(&str, &str, Weekday); 7] = [
    ("mon", "monday", Weekday::Monday),
    ("tue", "tuesday", Weekday::Tuesday),
    ("wed", "wednesday", Weekday::Wednesday),
    ("thu", "thursday", Weekday::Thursday),
    ("fri", "friday", Weekday::Friday),
    ("sat", "saturday", Weekday::Saturday),
    ("sun", "sunday", Weekday::Sunday),
];

impl FromStr for Rhythm {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wanted = || {
            format!(
                "{text:?} is not a rhythm: daily, weekdays, weekly:mon … weekly:sun, monthly:1 … monthly:31"
            )
        };
        let lower = text.trim().to_ascii_lowercase();
        let (word, rest) = lower.split_once(':').unwrap_or((&lower, ""));
        match (word, rest) {
            ("daily", "") => Ok(Self::Daily),
            ("weekdays", "") => Ok(Self::Weekdays),
            ("weekly", "") => Ok(Self::Weekly(Weekday::Monday)),
            ("weekly", day) => DAYS
                .iter()
                .find(|(short, long, _)| *short == day || *long == day)
                .map(|(_, _, day)| Self::Weekly(*day))
                .ok_or_else(wanted),
            ("monthly", "") => Ok(Self::Monthly(1)),
            ("monthly", day) => day
                .parse()
                .ok()
                .filter(|day| (1..=31).contains(day))
                .map(Self::Monthly)
                .ok_or_else(wanted),
            _ => Err(wanted()),
        }
    }
}

impl fmt::Display for Rhythm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Daily => f.write_str("daily"),
            Self::Weekdays => f.write_str("weekdays"),
            Self::Weekly(day) => {
                let short = DAYS.iter().find(|(_, _, known)| known == day).map_or("mon", |d| d.0);
                write!(f, "weekly:{short}")
            }
            Self::Monthly(day) => write!(f, "monthly:{day}"),
        }
    }
}

as_text!(Rhythm);

/// A minute of the day, `07:30`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HourMinute {
    hour: u8,
    minute: u8,
}

impl HourMinute {
    /// The minute `minute` (0 to 59) of the hour `hour` (0 to 23).
    pub fn new(hour: u8, minute: u8) -> Option<Self> {
        (hour < 24 && minute < 60).then_some(Self { hour, minute })
    }

    /// As a civil time.
    pub fn time(self) -> Time {
        // Both are in range by construction.
        Time::new(self.hour as i8, self.minute as i8, 0, 0).unwrap_or_default()
    }
}

impl FromStr for HourMinute {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let part = |text: &str| {
            (!text.is_empty() && text.len() <= 2 && text.bytes().all(|b| b.is_ascii_digit()))
                .then(|| text.parse().ok())
                .flatten()
        };
        text.trim()
            .split_once(':')
            .and_then(|(hour, minute)| Self::new(part(hour)?, part(minute)?))
            .ok_or_else(|| format!("{text:?} is not a time of day such as 07:30"))
    }
}

impl fmt::Display for HourMinute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.hour, self.minute)
    }
}

as_text!(HourMinute);

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn rhythms_read_back_as_written() {
        for text in ["daily", "weekdays", "weekly:mon", "weekly:sun", "monthly:1", "monthly:31"] {
            assert_eq!(text.parse::<Rhythm>().unwrap().to_string(), text);
        }
        assert_eq!("Weekly:Friday".parse::<Rhythm>().unwrap(), Rhythm::Weekly(Weekday::Friday));
        for bad in ["", "hourly", "weekly:xyz", "monthly:0", "monthly:32", "daily:1"] {
            assert!(bad.parse::<Rhythm>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_month_without_that_day_has_its_last() {
        let rhythm = Rhythm::Monthly(31);
        assert!(rhythm.includes(date(2026, 2, 28)));
        assert!(!rhythm.includes(date(2028, 2, 28)));
        assert!(rhythm.includes(date(2028, 2, 29)));
        assert!(rhythm.includes(date(2026, 4, 30)));
    }

    #[test]
    fn times_of_day() {
        assert_eq!("7:05".parse::<HourMinute>().unwrap().to_string(), "07:05");
        for bad in ["24:00", "7", "07:60", "-1:00", "007:00", "07:30:00"] {
            assert!(bad.parse::<HourMinute>().is_err(), "{bad}");
        }
    }
}
