//! What an alarm says: the lines of its mail, and the event that webhooks are told of.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Kind, Trouble};
use crate::model::Zone;
use crate::store::AlarmRow;

/// The most subjects that a subject line names.
const NAMED: usize = 3;

/// What happened to an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It is new.
    Open,
    /// It is still there, after six hours.
    Still,
    /// It is over.
    Over,
}

/// What webhooks are told, as `kind = "json"` sends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The version of this format.
    pub version: u32,
    /// The site's name.
    pub site: String,
    /// The site's address.
    pub url: String,
    /// What happened.
    pub state: State,
    /// The word of the alarm's kind.
    pub topic: String,
    /// What it is called.
    pub title: String,
    /// `warning` or `critical`.
    pub severity: String,
    /// What it is about, such as a source's name; may be empty.
    pub subject: String,
    /// The machine that it is about; empty: all of them.
    pub place: String,
    /// What is wrong and what to do, or that it is over.
    pub detail: String,
    /// Since when it is wrong.
    pub since: Timestamp,
    /// When this happened.
    pub at: Timestamp,
}

impl Event {
    /// As JSON on one line.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The first line: `A source gives nothing: huggingface`, `Over: …`.
    pub fn headline(&self) -> String {
        let about = if self.subject.is_empty() { &self.place } else { &self.subject };
        let what = match about.as_str() {
            "" => self.title.clone(),
            about => format!("{}: {about}", self.title),
        };
        match self.state {
            State::Open => what,
            State::Still => format!("Still: {what}"),
            State::Over => format!("Over: {what}"),
        }
    }
}

/// What an alarm's words need to know.
#[derive(Clone, Copy)]
pub(super) struct Words<'a> {
    pub(super) kind: Kind,
    pub(super) place: &'a str,
    pub(super) zone: &'a Zone,
    pub(super) now: Timestamp,
}

/// A mail's words.
pub(super) struct Mail {
    pub(super) subject: String,
    pub(super) lines: Vec<String>,
    pub(super) now: Timestamp,
}

impl Words<'_> {
    /// What is new, still there, and over. `wrong`: the mail is about what is wrong; else it is
    /// about what is over.
    pub(super) fn mail(
        self,
        opens: &[&Trouble],
        stays: &[&AlarmRow],
        closes: &[&AlarmRow],
        wrong: bool,
    ) -> Mail {
        let title = self.kind.title();
        let mut names: Vec<&str> = Vec::new();
        let mut lines = Vec::new();
        for row in closes {
            if !wrong {
                names.push(&row.subject);
            }
            lines.push(self.over(row));
        }
        for one in opens {
            if wrong {
                names.push(&one.subject);
            }
            lines.push(self.line("", &one.subject, self.place, &one.detail));
        }
        for row in stays {
            if wrong {
                names.push(&row.subject);
            }
            let since = format!("Since {}: ", self.moment(row.opened_at));
            lines.push(self.line(&since, &row.subject, &row.place, &row.detail));
        }
        if wrong {
            lines.push(format!(
                "docs/alarms.md says under {} what this means and what to do; `paperround alarm \
                 list` shows all that is open. The next mail about this comes in six hours, or \
                 when it is over.",
                self.kind.word()
            ));
        }
        names.retain(|name| !name.is_empty());
        names.dedup();
        let more = names.len().saturating_sub(NAMED);
        let mut about = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
        if more > 0 {
            about += &format!(" and {more} more");
        }
        let what = if about.is_empty() { title.to_owned() } else { format!("{title}: {about}") };
        let subject = if wrong { what } else { format!("Over: {what}") };
        Mail { subject, lines, now: self.now }
    }

    /// That an alarm is over, and how long it lasted.
    pub(super) fn over(self, row: &AlarmRow) -> String {
        let lasted = lasting(self.now.duration_since(row.opened_at));
        let said = format!("It is over since {}; it lasted {lasted}.", self.moment(self.now));
        self.line("", &row.subject, &row.place, &said)
    }

    fn line(self, since: &str, subject: &str, place: &str, detail: &str) -> String {
        let about = match (subject, place) {
            ("", "") => String::new(),
            ("", place) => format!("{place}: "),
            (subject, "") => format!("{subject}: "),
            (subject, place) => format!("{subject} on {place}: "),
        };
        format!("{about}{since}{detail}")
    }

    fn moment(self, at: Timestamp) -> String {
        let civil = self.zone.civil(at);
        format!("{} {}", civil.strftime("%Y-%m-%d %H:%M"), self.zone)
    }
}

/// A length of time in words: `12 minutes`, `2 hours`, `3 days`.
fn lasting(time: SignedDuration) -> String {
    let minutes = time.as_mins().max(1);
    let (count, unit) = match minutes {
        ..=119 => (minutes, "minute"),
        120..=2_879 => (minutes / 60, "hour"),
        _ => (minutes / 1_440, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_told_in_words() {
        for (minutes, words) in
            [(0, "1 minute"), (90, "90 minutes"), (135, "2 hours"), (5_000, "3 days")]
        {
            assert_eq!(lasting(SignedDuration::from_mins(minutes)), words);
        }
    }
}
