//! Mail that comes in: the door for those who write. Says what a mail is before anything else,
//! then hands it to the verbs of `subscription` or to `bounce`. The doors themselves (`LMTP` and
//! `SMTP`, a mailbox over `IMAP`, a pipe) all end in `Accept::accept_once`. Never sends.

mod answer;
mod classify;
mod command;
mod envelope;
mod hearing;
pub mod imap;
mod latest;
mod listener;
mod postbox;
mod refusal;
mod reports;
pub mod session;
mod tls;
mod verify;

pub use classify::{Class, classify};
pub use command::{Heard, MOST_COMMANDS, hear};
pub use latest::Latest;
pub use listener::{ListenError, Settings, listen, serve, serve_changing};
pub use postbox::{Postbox, UnderWay};
pub use session::Limits;
pub use tls::{TlsError, acceptor};
pub use verify::{Verifier, VerifierError};

use jiff::civil::Date;
use serde::Serialize;

use crate::bounce;
use crate::mail::Incoming;
use crate::model::{Command, EmailAddress, Finding};

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

/// What became of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// Its effect is stored, or it has none.
    Done,
    /// It is nothing that we take; in words for the other side.
    Refused(String),
}

/// Why a mail could not be dealt with: it is to be handed over again later.
#[derive(Debug, thiserror::Error)]
pub enum InboundError {
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
    /// A subscription could not be changed.
    #[error(transparent)]
    Subscription(#[from] crate::subscription::SubscriptionError),
    /// What a report means was not stored.
    #[error(transparent)]
    Bounce(#[from] crate::bounce::BounceError),
    /// An answer could not be written.
    #[error("an answer cannot be written")]
    Template(#[from] crate::render::TemplateFault),
}

/// Who takes mail from the doors: the postbox, or what a test puts there.
pub trait Accept: Clone + Send + Sync + 'static {
    /// Whether mail to this address is ours to take: `local+anything@domain` of our own.
    fn is_ours(&self, recipient: &str) -> bool;

    /// Deals with a mail. When it returns `Ok`, the effect outlives a power cut; the same mail
    /// to the same recipients has no effect a second time.
    fn accept_once(
        &self,
        arrival: Arrival<'_>,
    ) -> impl Future<Output = Result<Accepted, InboundError>> + Send;
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
    /// What was not understood of what it asks for.
    pub unclear: Vec<String>,
}

/// Says what a mail is; changes nothing. `own`: the mailbox that readers write to; `today`: the
/// day from which `pause 2 weeks` counts.
pub fn explain(arrival: &Arrival<'_>, own: Option<&EmailAddress>, today: Date) -> Explained {
    let mail = Incoming::read(arrival.bytes);
    let report = bounce::read(&mail);
    let class = classify(arrival, &mail, report.as_ref(), own);
    let results = report.map(|report| report.findings).unwrap_or_default();
    let heard = match class {
        Class::Command | Class::Reply => hear(&mail, today),
        _ => Heard::default(),
    };
    let unclear = heard.unclear.into_iter().map(|unclear| unclear.line).collect();
    Explained { class, results, commands: heard.commands, unclear }
}
