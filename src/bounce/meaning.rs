//! What is meant for a recipient by what a server said: its words first, then its codes. Never
//! looks at who said it.

use super::{address, phrases, wording};
use crate::model::Verdict;

/// Why a mail did not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    UnknownUser,
    UnknownHost,
    Moved,
    NullMx,
    Full,
    Suspended,
    Refused,
    /// The mailbox is "unavailable", which some say of one that is none.
    Unavailable,
    Sender,
    Authentication,
    Relay,
    Content,
    Blocked,
    Policy,
    TooBig,
    Rate,
    Expired,
    Network,
    System,
}

impl Reason {
    /// The reason of a section of the table.
    pub(super) fn named(section: &str) -> Option<Self> {
        Some(match section {
            "full" => Self::Full,
            "sender" => Self::Sender,
            "authentication" => Self::Authentication,
            "relay" => Self::Relay,
            "null mx" => Self::NullMx,
            "content" => Self::Content,
            "blocked" => Self::Blocked,
            "suspended" => Self::Suspended,
            "moved" => Self::Moved,
            "unknown user" => Self::UnknownUser,
            "too big" => Self::TooBig,
            "expired" => Self::Expired,
            "unknown host" => Self::UnknownHost,
            "rate" => Self::Rate,
            "network" => Self::Network,
            "policy" => Self::Policy,
            "system" => Self::System,
            "unavailable" => Self::Unavailable,
            "refused" => Self::Refused,
            _ => return None,
        })
    }

    fn verdict(self) -> Verdict {
        match self {
            Self::UnknownUser | Self::UnknownHost | Self::Moved | Self::NullMx => Verdict::Hard,
            Self::Full
            | Self::Suspended
            | Self::Refused
            | Self::Unavailable
            | Self::TooBig
            | Self::Rate
            | Self::Expired
            | Self::Network
            | Self::System => Verdict::Soft,
            Self::Sender
            | Self::Authentication
            | Self::Relay
            | Self::Content
            | Self::Blocked
            | Self::Policy => Verdict::Policy,
        }
    }

    /// Whether it tells more than that something went wrong.
    fn is_telling(self) -> bool {
        !matches!(
            self,
            Self::Refused
                | Self::Unavailable
                | Self::System
                | Self::Policy
                | Self::Network
                | Self::Rate
        )
    }
}

/// What was said of a recipient.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Said<'a> {
    /// The enhanced status code of the report's own field.
    pub(super) status: Option<&'a str>,
    /// The words, with the codes in them.
    pub(super) text: &'a str,
    /// What else is told, which may say at which command it was said.
    pub(super) context: &'a str,
}

impl<'a> Said<'a> {
    /// The code that tells most.
    pub(super) fn status(&self) -> Option<&'a str> {
        let inner = wording::status(self.text).filter(|code| !code.starts_with('2'));
        match self.status {
            Some(status) if !status.ends_with(".0.0") => Some(status),
            outer => inner.filter(|code| !code.ends_with(".0.0")).or(outer).or(inner),
        }
    }

    /// Whether there are words or codes that tell anything.
    pub(super) fn is_telling(&self) -> bool {
        reason(self.text).is_some_and(Reason::is_telling)
            || self.status().is_some_and(|status| by_status(status).is_some())
    }

    /// Whether the words alone say why.
    pub(super) fn is_clear(&self) -> bool {
        match reason(self.text) {
            Some(Reason::Unavailable) => self.is_of_no_mailbox(),
            reason => reason.is_some_and(Reason::is_telling),
        }
    }

    /// Whether it says no more than that something was refused.
    pub(super) fn is_silent(&self) -> bool {
        matches!(reason(self.text), None | Some(Reason::Refused))
            && self.status().and_then(by_status).is_none()
    }

    /// What it means.
    pub(super) fn verdict(&self) -> Verdict {
        let words = reason(self.text);
        let codes = self.status().and_then(by_status);
        let reason = match words {
            Some(reason) if reason.is_telling() => Some(reason),
            Some(Reason::Unavailable) if self.is_of_no_mailbox() => Some(Reason::UnknownHost),
            vague => codes.or(vague),
        };
        let verdict = reason.map_or(Verdict::Soft, Reason::verdict);
        if verdict == Verdict::Hard {
            self.hard(reason == Some(Reason::UnknownUser))
        } else {
            verdict
        }
    }

    /// Whether an unavailable mailbox is none: RFC 5321 4.2.3 has 550 say both, and so do large
    /// providers, to RCPT and with a code that speaks of the command.
    fn is_of_no_mailbox(&self) -> bool {
        let command = command(self.text).or_else(|| command(self.context));
        wording::reply_code(self.text) == Some("550")
            && match self.status() {
                Some("5.0.0" | "5.5.0") => true,
                Some(_) => false,
                None => command == Some(Command::Rcpt),
            }
    }

    /// Hard, unless what else is known speaks against it.
    fn hard(&self, is_user: bool) -> Verdict {
        let status = self.status().unwrap_or_default();
        let command = command(self.text).or_else(|| command(self.context));
        let is_of_address = status.starts_with("5.1.");
        match command {
            _ if self.is_temporary() => Verdict::Soft,
            // Said of the sender.
            Some(Command::Mail) => Verdict::Policy,
            // An unknown user is refused before the mail is taken. What comes later is a filter,
            // which some carriers let speak like that.
            Some(Command::Data) if !is_of_address && !speaks_of_mailbox(self.text) => Verdict::Soft,
            // The code speaks of security, and no recipient was refused in so many words.
            Some(Command::Piped) if status.starts_with("5.7.") => Verdict::Soft,
            None if is_user
                && (!is_of_address || names_nobody(self.text))
                && self.is_doubtful() =>
            {
                Verdict::Soft
            }
            _ => Verdict::Hard,
        }
    }

    /// Whether an unknown user may be a filter's pretext, where it is not told at which command it
    /// was said: an answer without a code, or with one that speaks of something else, or that does
    /// not name the recipient as those to RCPT do. What a server knows by itself, without an
    /// answer, is believed unless it had a code for it and did not use it.
    fn is_doubtful(&self) -> bool {
        let is_answer = wording::reply_code(self.text).is_some();
        let Some(status) = self.status() else { return is_answer };
        let is_other = ["5.2.", "5.3.", "5.7."].iter().any(|subject| status.starts_with(subject));
        let is_named = address::first(self.text).is_some()
            || self.text.to_ascii_lowercase().contains("recipient");
        is_other || !is_answer || !is_named || names_nobody(self.text)
    }

    /// Whether the codes say that the failure passes.
    fn is_temporary(&self) -> bool {
        match self.status() {
            Some(status) => status.starts_with('4'),
            None => wording::reply_code(self.text).is_some_and(|code| code.starts_with('4')),
        }
    }
}

/// At which command of a transaction (RFC 5321 3.3) a server refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Command {
    Mail,
    Rcpt,
    /// Of a recipient, as what follows shows, but told behind DATA: a client that does not wait
    /// for each answer (RFC 2920).
    Piped,
    Data,
}

fn command(text: &str) -> Option<Command> {
    const SAID: &[(&str, Command)] = &[
        ("mail from", Command::Mail),
        ("mail_from", Command::Mail),
        ("rcpt", Command::Rcpt),
        ("rcpt to", Command::Rcpt),
        ("does not like recipient", Command::Rcpt),
        ("data", Command::Data),
        ("final dot", Command::Data),
        ("failed after i sent the message", Command::Data),
    ];
    const BEFORE: &[&str] = &[
        ">>> ",
        ">>>",
        "reply to ",
        "reply to end of ",
        "after ",
        "after end of ",
        "after sending ",
        "smtp command ",
        "smtp:",
        "following ",
        "our ",
        "[",
        "response to ",
        "during ",
        "command: ",
        "command ",
    ];
    let low = wording::cut(text, 8 << 10).to_ascii_lowercase();
    let low = low.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_piped =
        ["need rcpt", "no valid recipients", "no recipients", "valid rcpt command must precede"]
            .iter()
            .any(|words| low.contains(words));
    let mut last = None;
    for &(words, command) in SAID {
        for (at, _) in low.match_indices(words) {
            let is_whole =
                words.contains(' ') || BEFORE.iter().any(|before| low[..at].ends_with(before));
            if is_whole && last.is_none_or(|(place, _)| at > place) {
                last = Some((at, command));
            }
        }
    }
    match last.map(|(_, command)| command) {
        Some(Command::Data) | None if is_piped => Some(Command::Piped),
        command => command,
    }
}

/// Whether a refusal that comes after the mail speaks of the mailbox itself, as no filter does.
fn speaks_of_mailbox(text: &str) -> bool {
    let words = wording::words(text);
    ["mailbox not found", "invalid mailbox"].iter().any(|said| words.contains(said))
        || words.contains(" rcpt ") && words.contains(" does not exist ")
}

/// `550 : User unknown`: an answer that leaves out whom.
fn names_nobody(text: &str) -> bool {
    ["550 : ", "551 : ", "553 : ", "554 : "].iter().any(|begin| text.contains(begin))
}

/// Why, by the words alone.
pub(super) fn reason(text: &str) -> Option<Reason> {
    phrases::reason(&wording::words(text))
}

/// Why, by an enhanced status code (RFC 3463 3, and the registry's later ones).
fn by_status(status: &str) -> Option<Reason> {
    let (class, rest) = status.split_once('.')?;
    let reason = match rest {
        "1.1" | "1.3" | "1.10" => Reason::UnknownUser,
        "1.2" | "4.4" | "4.310" => Reason::UnknownHost,
        "1.6" => Reason::Moved,
        "1.0" | "1.7" | "1.8" => Reason::Sender,
        "2.1" => Reason::Suspended,
        "2.2" => Reason::Full,
        "2.3" | "3.4" => Reason::TooBig,
        "2.0" | "2.4" | "1.4" | "1.5" | "1.9" => Reason::Refused,
        "4.7" => Reason::Expired,
        "7.27" if class == "5" => Reason::Sender,
        _ => match rest.split('.').next() {
            Some("3") => Reason::System,
            Some("4") => Reason::Network,
            Some("5") => Reason::Policy,
            Some("6") => Reason::Content,
            Some("7") => Reason::Policy,
            _ => return None,
        },
    };
    Some(reason)
}
