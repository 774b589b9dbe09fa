//! What a mail is, decided before anything is done with it. Pure.

use serde::Serialize;

use super::Arrival;
use crate::bounce::{Report, ReportKind};
use crate::mail::Incoming;
use crate::model::EmailAddress;

/// What a mail is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Somebody asks for something.
    Command,
    /// An answer to one of our notices or digests.
    Reply,
    /// A report of a mail that did not arrive.
    Bounce,
    /// A report of a mail that is unwanted.
    Complaint,
    /// A machine answers for a person: never answered.
    AutoReply,
    /// Anything else that no person wrote to us: lists, our own mail, spam.
    Other,
}

impl Class {
    /// The word of the face.
    pub fn word(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Reply => "reply",
            Self::Bounce => "bounce",
            Self::Complaint => "complaint",
            Self::AutoReply => "auto-reply",
            Self::Other => "other",
        }
    }
}

/// Says what a mail is.
pub fn classify(
    _arrival: &Arrival<'_>,
    _mail: &Incoming<'_>,
    report: Option<&Report>,
    _own: Option<&EmailAddress>,
) -> Class {
    match report.map(|report| report.kind) {
        Some(ReportKind::Bounce) => Class::Bounce,
        Some(ReportKind::Complaint) => Class::Complaint,
        Some(ReportKind::AutoReply) => Class::AutoReply,
        None => Class::Command,
    }
}
