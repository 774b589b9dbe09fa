//! Mail that comes in: the door for those who write. Says what a mail is before anything else,
//! then hands it to the verbs of `subscription` or to `bounce`. The doors themselves (`LMTP` and
//! `SMTP`, a mailbox over `IMAP`, a pipe) all end in [`Postbox::accept_once`]. Never sends.

mod classify;
mod command;

pub use classify::{Class, classify};
pub use command::{Command, Heard, Order, hear};

use serde::Serialize;

use crate::bounce;
use crate::mail::Incoming;
use crate::model::{EmailAddress, Finding};

/// A mail at the door.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    /// The envelope's sender; `Some("")` is the null sender of reports. None where no envelope
    /// came along.
    pub from: Option<&'a str>,
    /// The envelope's recipients that are ours; empty where no envelope came along, and the
    /// header decides.
    pub to: &'a [String],
    /// The mail.
    pub bytes: &'a [u8],
}

/// What a mail would be taken for.
#[derive(Clone, Debug, Serialize)]
pub struct Explained {
    /// What it is.
    pub class: Class,
    /// What it says of whom, if it is a report.
    pub results: Vec<Finding>,
    /// What it asks for, if it asks for anything.
    pub commands: Vec<Command>,
}

/// Says what a mail is; changes nothing. `own`: the mailbox that readers write to.
pub fn explain(arrival: &Arrival<'_>, own: Option<&EmailAddress>) -> Explained {
    let mail = Incoming::read(arrival.bytes);
    let report = bounce::read(&mail);
    let class = classify(arrival, &mail, report.as_ref(), own);
    let results = report.map(|report| report.findings).unwrap_or_default();
    let commands = match class {
        Class::Command | Class::Reply => hear(&mail).commands,
        _ => Vec::new(),
    };
    Explained { class, results, commands }
}
