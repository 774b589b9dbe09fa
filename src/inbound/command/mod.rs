//! What a mail asks for: commands in its subject or its first lines, in whatever form a mail
//! program gives them. Pure. When in doubt nothing is done: what was not understood is said.

mod dates;
mod ear;
mod formal;
mod grammar;
mod html;
mod marks;
mod phrases;
mod text;
mod wishes;
mod words;

use std::fmt;

use jiff::civil::Date;
use serde::Serialize;

use crate::mail::Incoming;
use crate::model::{Rhythm, Topic, Zone};

pub(super) use text::{bare_subject, new_lines};
pub(super) use words::fold;

/// Commands that one mail may hold.
pub const MOST_COMMANDS: usize = 20;

/// Until when digests are to pause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Until {
    /// Until somebody says `resume`.
    Resumed,
    /// For so many days.
    Days(u32),
    /// Until the beginning of this day on the reader's calendar, `YYYY-MM-DD`.
    Day(jiff::civil::Date),
}

/// One thing that is asked for.
#[derive(Clone, Debug, PartialEq, Serialize)]
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
    Time(jiff::civil::Time),
    /// Digests on this clock.
    Zone(Zone),
    /// Digests on these days.
    Rhythm(Rhythm),
    /// Papers of this topic too.
    AddTopic(Topic),
    /// No longer of this topic, as they wrote it.
    RemoveTopic(String),
    /// The last digest once more.
    Resend,
    /// What can be asked for.
    Help,
}

/// A command as it was understood: its own words, in the form in which we would write it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Command {
    /// What is asked for.
    #[serde(flatten)]
    pub order: Order,
    /// In our words: `pause until 2026-12-24`.
    pub words: String,
}

/// What a mail asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Heard {
    /// What was understood, in order.
    pub commands: Vec<Command>,
    /// What was not: the line, shortened, and the nearest command or what is wrong with it.
    pub unclear: Vec<(String, String)>,
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
            Self::Time(time) => write!(f, "set time {:02}:{:02}", time.hour(), time.minute()),
            Self::Zone(zone) => write!(f, "set zone {zone}"),
            Self::Rhythm(Rhythm::Weekly(day)) => {
                write!(f, "set rhythm weekly {}", dates::day_name(*day))
            }
            Self::Rhythm(Rhythm::Monthly(day)) => write!(f, "set rhythm monthly {day}"),
            Self::Rhythm(rhythm) => write!(f, "set rhythm {rhythm}"),
            Self::AddTopic(topic) => write!(f, "add topic {topic}"),
            Self::RemoveTopic(topic) => write!(f, "remove topic {topic}"),
            Self::Resend => f.write_str("resend"),
            Self::Help => f.write_str("help"),
        }
    }
}

/// Reads the commands of a mail. `today`: the day on which it came, from which days are
/// counted that are named without a year.
///
/// Only the first 40 lines (8 kB) of what its writer wrote are looked at; what is quoted is not.
/// The subject counts too; that of a reply only where nothing else is written, and where it is
/// nothing but a command.
pub fn hear(mail: &Incoming<'_>, today: Date) -> Heard {
    let message = mail.message();
    if message.parts.is_empty() {
        return Heard::default();
    }
    let mut body = ear::Ear::new(today);
    body.listen(&text::new_lines(message));
    let (subject, is_reply) = text::bare_subject(message.subject().unwrap_or(""));
    body.with_subject(subject, is_reply).heard()
}
