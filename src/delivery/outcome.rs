//! Every reply and fault of an SMTP conversation, classified in this one place.

use lettre::transport::smtp::Error;

use crate::model::Outcome;

/// How far a conversation had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Connecting, greeting, EHLO, TLS, login.
    Open,
    /// MAIL FROM.
    Mail,
    /// RCPT TO or DATA.
    Recipient,
    /// The mail's bytes and the final dot.
    Body,
}

/// What a fault in `stage` means for the delivery, and whether the connection can go on.
pub(super) fn of_fault(stage: Stage, error: &Error) -> (Outcome, bool) {
    let reply = words(error);
    let Some(code) = error.status().map(u16::from) else {
        // No reply at all: the connection is gone. While opening that is the relay's fault;
        // later it may be this very mail that ends connections, so it costs an attempt.
        return match stage {
            Stage::Open => (Outcome::RelayDown(reply), false),
            Stage::Body => {
                let doubt = format!("no answer after the mail, it may have arrived: {reply}");
                (Outcome::Deferred(line(&doubt)), false)
            }
            Stage::Mail | Stage::Recipient => (Outcome::Deferred(reply), false),
        };
    };
    match (stage, code) {
        (Stage::Open, _) | (_, 421) => (Outcome::RelayDown(reply), false),
        // It refuses us as a sender, or wants a login: no recipient is to blame.
        (Stage::Mail, 500..) | (_, 530 | 534 | 535 | 538) => (Outcome::RelayDown(reply), false),
        (_, 500..) => (Outcome::Failed(reply), true),
        _ => (Outcome::Deferred(reply), true),
    }
}

/// What a time-out in `stage` means.
pub(super) fn of_time_out(stage: Stage) -> Outcome {
    match stage {
        Stage::Open => Outcome::RelayDown("no answer in time while connecting".to_owned()),
        Stage::Body => {
            Outcome::Deferred("no answer in time after the mail; it may have arrived".to_owned())
        }
        Stage::Mail | Stage::Recipient => Outcome::Deferred("no answer in time".to_owned()),
    }
}

/// A reply as one line of at most 500 characters.
pub(super) fn line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(500).collect()
}

/// The relay's own words, such as `550 5.1.1 no such user`, or what went wrong instead.
fn words(error: &Error) -> String {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    let said = match (error.status(), cause) {
        (Some(code), Some(text)) => format!("{code} {text}"),
        (Some(code), None) => code.to_string(),
        (None, Some(text)) => text,
        (None, None) => error.to_string(),
    };
    line(&said)
}
