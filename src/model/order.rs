//! What a reader asks for in words, as it was understood. Plain data.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{HourMinute, Lines, Locale, Rhythm, Topic, Zone};

/// Until when digests are to pause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Until {
    /// Until somebody says `resume`.
    Resumed,
    /// For so many days.
    Days(u32),
    /// Until the beginning of this day on the reader's calendar, `YYYY-MM-DD`.
    Day(Date),
}

/// One thing that is asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "command", content = "value")]
pub enum Order {
    /// Digests, perhaps of these topics alone.
    Subscribe(Vec<Topic>),
    /// No more digests.
    Unsubscribe,
    /// Yes, to what we asked.
    Confirm,
    /// No digests for a while.
    Pause(Until),
    /// Digests again.
    Resume,
    /// What is in force.
    Status,
    /// Digests at this hour.
    Time(HourMinute),
    /// Digests on this clock.
    Zone(Zone),
    /// Digests on these days.
    Rhythm(Rhythm),
    /// Mails in this language.
    Language(Locale),
    /// These lines beside the papers, and no others.
    Lines(Lines),
    /// Papers of this topic too.
    AddTopic(Topic),
    /// No longer of this topic, as they wrote it.
    RemoveTopic(String),
    /// The last digest once more.
    Resend,
    /// What can be asked for.
    Help,
}

impl Order {
    /// The word of the face by which answers are counted.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Subscribe(_) => "subscribe",
            Self::Unsubscribe => "unsubscribe",
            Self::Confirm => "confirm",
            Self::Pause(_) => "pause",
            Self::Resume => "resume",
            Self::Status => "status",
            Self::Time(_) => "set-time",
            Self::Zone(_) => "set-zone",
            Self::Rhythm(_) => "set-rhythm",
            Self::Language(_) => "set-language",
            Self::Lines(_) => "set-lines",
            Self::AddTopic(_) => "add-topic",
            Self::RemoveTopic(_) => "remove-topic",
            Self::Resend => "resend",
            Self::Help => "help",
        }
    }

    /// Whether it changes nothing.
    pub fn only_asks(&self) -> bool {
        matches!(self, Self::Status | Self::Help | Self::Confirm)
    }
}

/// What is asked for, and how we would write it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Command {
    /// What is asked for.
    #[serde(flatten)]
    pub order: Order,
    /// In our words: `pause until 2026-12-24`.
    pub words: String,
}

impl fmt::Display for Order {
    /// As we would write it; reads back as the same.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Subscribe(topics) => {
                f.write_str("subscribe")?;
                for (at, topic) in topics.iter().enumerate() {
                    write!(f, "{} {topic}", if at == 0 { "" } else { "," })?;
                }
                Ok(())
            }
            Self::Unsubscribe => f.write_str("unsubscribe"),
            Self::Confirm => f.write_str("confirm"),
            Self::Pause(Until::Resumed) => f.write_str("pause"),
            Self::Pause(Until::Days(days)) => {
                let (count, unit) = match days {
                    days if days % 7 == 0 => (days / 7, "week"),
                    days => (*days, "day"),
                };
                write!(f, "pause {count} {unit}{}", if count == 1 { "" } else { "s" })
            }
            Self::Pause(Until::Day(day)) => write!(f, "pause until {day}"),
            Self::Resume => f.write_str("resume"),
            Self::Status => f.write_str("status"),
            Self::Time(hour) => write!(f, "set time {hour}"),
            Self::Zone(zone) => write!(f, "set zone {zone}"),
            Self::Rhythm(Rhythm::Weekly(day)) => {
                write!(f, "set rhythm weekly {}", format!("{day:?}").to_lowercase())
            }
            Self::Rhythm(Rhythm::Monthly(day)) => write!(f, "set rhythm monthly {day}"),
            Self::Rhythm(rhythm) => write!(f, "set rhythm {rhythm}"),
            Self::Language(locale) => write!(f, "set language {locale}"),
            Self::Lines(lines) => write!(f, "set lines {lines}"),
            Self::AddTopic(topic) => write!(f, "add topic {topic}"),
            Self::RemoveTopic(topic) => write!(f, "remove topic {topic}"),
            Self::Resend => f.write_str("resend"),
            Self::Help => f.write_str("help"),
        }
    }
}
