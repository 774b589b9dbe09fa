//! Every reply and fault of an SMTP conversation, classified in this one place.

use lettre::transport::smtp::Error;
use lettre::transport::smtp::response::Response;

use crate::model::Outcome;

/// How far a mail had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// MAIL FROM.
    Mail,
    /// RCPT TO or DATA.
    Recipient,
    /// The mail's bytes; `left`: the final dot too.
    Body {
        /// Whether all of it had left us.
        left: bool,
    },
}

/// What came of one mail on a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) outcome: Outcome,
    /// Whether the connection can take the next mail.
    pub(super) goes_on: bool,
    /// The mail may have arrived all the same.
    pub(super) doubtful: bool,
    /// What the relay, or who stands behind it, asks for (RFC 5321 4.2.2, 4.2.3).
    pub(super) asks: Asks,
    /// The relay heard nothing of this mail before it was gone: nobody is to blame.
    pub(super) unheard: bool,
}

/// How a relay asks for less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asks {
    Nothing,
    /// 450 to 452: fewer at a time. It may be this one recipient too, or greylisting, where
    /// the next one is no worse off for coming at once.
    Less,
    /// 421, 454: it has had enough for now.
    Pause,
}

impl Said {
    pub(super) fn of(outcome: Outcome, goes_on: bool) -> Self {
        Self { outcome, goes_on, doubtful: false, asks: Asks::Nothing, unheard: false }
    }
}

/// The relay took it.
pub(super) fn sent(reply: &Response) -> Said {
    let words: Vec<&str> = reply.message().collect();
    Said::of(Outcome::Sent(line(&format!("{} {}", reply.code(), words.join(" ")))), true)
}

/// What a fault in `stage` means.
pub(super) fn of_fault(stage: Stage, error: &Error) -> Said {
    let reply = words(error);
    let Some(code) = error.status().map(u16::from) else {
        // No reply at all: the connection is gone, or not to be understood. It may be this
        // very mail that ends connections, so it costs an attempt.
        return match stage {
            Stage::Mail => Said { unheard: true, ..Said::of(Outcome::RelayDown(reply), false) },
            Stage::Recipient => Said::of(Outcome::Deferred(reply), false),
            Stage::Body { left } => unanswered(left, &reply),
        };
    };
    let asks = match code {
        421 | 454 => Asks::Pause,
        450..=452 => Asks::Less,
        _ => Asks::Nothing,
    };
    let said = |outcome, goes_on| Said { asks, ..Said::of(outcome, goes_on) };
    match (stage, code) {
        (Stage::Mail, 421) => Said { unheard: true, ..said(Outcome::RelayDown(reply), false) },
        // Said after the recipient's name, it may well be about that.
        (_, 421) => said(Outcome::Deferred(reply), false),
        // It refuses us as a sender, or wants a login: no recipient is to blame.
        (Stage::Mail, 500..) | (_, 530 | 534 | 535 | 538) => said(Outcome::RelayDown(reply), false),
        (_, 500..) => said(Outcome::Failed(reply), true),
        _ => said(Outcome::Deferred(reply), true),
    }
}

/// What it means that no answer came in time, or one that makes no sense.
pub(super) fn of_silence(stage: Stage) -> Said {
    match stage {
        Stage::Mail | Stage::Recipient => {
            Said::of(Outcome::Deferred("no answer in time".to_owned()), false)
        }
        Stage::Body { left } => unanswered(left, "no proper answer in time"),
    }
}

fn unanswered(left: bool, why: &str) -> Said {
    let words = if left {
        format!("no answer after the mail, it may have arrived: {why}")
    } else {
        format!("the connection ended within the mail: {why}")
    };
    Said { doubtful: left, ..Said::of(Outcome::Deferred(line(&words)), false) }
}

/// A reply as one line of at most 500 characters.
pub(super) fn line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(500).collect()
}

/// The relay's own words, such as `550 5.1.1 no such user`, or what went wrong instead.
pub(super) fn words(error: &Error) -> String {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    let said = match (error.status(), cause) {
        (Some(code), Some(text)) => format!("{code} {text}"),
        (Some(code), None) => code.to_string(),
        (None, Some(text)) => text,
        (None, None) => error.to_string(),
    };
    line(&said)
}
