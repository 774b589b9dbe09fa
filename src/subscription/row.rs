//! One row of an import: text fields to an address and preferences, each fault in words.
//! Pure.

use std::str::FromStr;

use jiff::Timestamp;

use crate::model::{EmailAddress, Preferences, SubscriberState, Topics};

/// The columns that an import may have; only `email` must be there.
pub(super) const COLUMNS: [&str; 13] = [
    "email",
    "zone",
    "rhythm",
    "hour",
    "max_papers",
    "min_votes",
    "locale",
    "iso_dates",
    "lines",
    "topics",
    "state",
    "paused_until",
    "confirmed_at",
];

/// A row as read.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The address.
    pub email: EmailAddress,
    /// What they ask for.
    pub preferences: Preferences,
    /// Where the subscription stood when it was exported.
    pub state: Option<SubscriberState>,
    /// Until when they are paused, if they are.
    pub paused_until: Option<Timestamp>,
    /// When they had confirmed.
    pub confirmed_at: Option<Timestamp>,
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RowFault(pub String);

impl Row {
    /// Reads the fields that `get` gives by their column's name; empty ones are open.
    pub fn read<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Result<Self, RowFault> {
        let field = |name: &str| get(name).map(str::trim).filter(|text| !text.is_empty());
        let email = field("email").ok_or_else(|| RowFault("there is no email".to_owned()))?;
        let email = email.parse::<EmailAddress>().map_err(|error| RowFault(error.to_string()))?;
        let topics = field("topics")
            .map(|text| Topics::read(text).map_err(|error| RowFault(format!("topics: {error}"))));
        let state = field("state").map(|word| {
            SubscriberState::from_word(&word.to_ascii_lowercase()).ok_or_else(|| {
                RowFault(format!(
                    "state: {word:?} is not pending, active, paused, unsubscribed or suppressed"
                ))
            })
        });
        Ok(Self {
            email,
            state: state.transpose()?,
            paused_until: time("paused_until", field("paused_until"))?,
            confirmed_at: time("confirmed_at", field("confirmed_at"))?,
            preferences: Preferences {
                rhythm: parsed("rhythm", field("rhythm"))?,
                hour: parsed("hour", field("hour"))?,
                zone: parsed("zone", field("zone"))?,
                max_papers: number("max_papers", field("max_papers"), 1..=1_000)?,
                min_votes: number("min_votes", field("min_votes"), 0..=1_000_000)?,
                locale: parsed("locale", field("locale"))?,
                iso_dates: truth("iso_dates", field("iso_dates"))?,
                lines: parsed("lines", field("lines"))?.unwrap_or_default(),
                topics: topics.transpose()?.unwrap_or_default(),
            },
        })
    }
}

fn parsed<T: FromStr<Err = String>>(name: &str, text: Option<&str>) -> Result<Option<T>, RowFault> {
    text.map(|text| text.parse().map_err(|error| RowFault(format!("{name}: {error}")))).transpose()
}

fn time(name: &str, text: Option<&str>) -> Result<Option<Timestamp>, RowFault> {
    let wrong =
        |text| RowFault(format!("{name}: {text:?} is not a time such as 2026-02-23T08:15Z"));
    text.map(|text| text.parse().map_err(|_| wrong(text))).transpose()
}

fn truth(name: &str, text: Option<&str>) -> Result<bool, RowFault> {
    match text.map(str::to_ascii_lowercase).as_deref() {
        None | Some("false" | "no" | "0") => Ok(false),
        Some("true" | "yes" | "1") => Ok(true),
        Some(other) => Err(RowFault(format!("{name}: {other:?} is not true or false"))),
    }
}

fn number(
    name: &str,
    text: Option<&str>,
    range: std::ops::RangeInclusive<u32>,
) -> Result<Option<u32>, RowFault> {
    text.map(|text| {
        text.parse().ok().filter(|n| range.contains(n)).ok_or_else(|| {
            RowFault(format!(
                "{name}: {text:?} is not a number from {} to {}",
                range.start(),
                range.end()
            ))
        })
    })
    .transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(fields: &[(&str, &'static str)]) -> Result<Row, RowFault> {
        Row::read(|name| fields.iter().find(|(known, _)| *known == name).map(|(_, text)| *text))
    }

    #[test]
    fn open_fields_stay_open_and_faults_name_their_column() {
        let row = read(&[("email", " a@example.org "), ("zone", ""), ("min_votes", "5")]).unwrap();
        assert_eq!(row.email.as_str(), "a@example.org");
        assert_eq!(row.preferences.min_votes, Some(5));
        assert_eq!(row.preferences.zone, None);
        for (field, text) in [
            ("zone", "Mars"),
            ("rhythm", "hourly"),
            ("hour", "25:00"),
            ("max_papers", "0"),
            ("locale", "klingon"),
            ("lines", "rising fast"),
            ("topics", "llm; autor:x"),
            ("paused_until", "soon"),
            ("state", "enabled"),
            ("confirmed_at", "yesterday"),
        ] {
            let fault = read(&[("email", "a@example.org"), (field, text)]).unwrap_err();
            assert!(fault.0.starts_with(field), "{fault}");
        }
        assert!(read(&[("email", "")]).is_err());
    }
}
