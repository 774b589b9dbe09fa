//! What a mail asks for: commands in its subject or its first lines, in whatever form a mail
//! program gives them. Pure.

use serde::Serialize;

use crate::mail::Incoming;
use crate::model::{Rhythm, Topic, Zone};

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

/// Reads the commands of a mail.
pub fn hear(_mail: &Incoming<'_>) -> Heard {
    Heard::default()
}
