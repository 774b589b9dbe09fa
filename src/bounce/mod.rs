//! Bounces: what reports about our mail mean for the people that they are about. Reads reports
//! (pure), and acts through the store. Never answers and never sends.

mod apply;
mod policy;
mod reply;
mod telling;

pub use apply::{Applied, BounceError, Bounces, Judged, Said};
pub use reply::meaning_of_reply;

use crate::mail::Incoming;
use crate::model::Finding;

/// What kind of report a mail is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportKind {
    /// Of a mail that did not arrive, or arrives late, or arrived (RFC 3464 and the rest).
    Bounce,
    /// Of a mail that its reader calls unwanted (RFC 5965).
    Complaint,
    /// Of a machine that answers for a person (RFC 3834), or of a mail's being read (RFC 8098).
    AutoReply,
}

/// A report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What kind.
    pub kind: ReportKind,
    /// What it says of whom.
    pub findings: Vec<Finding>,
    /// The head of the mail that it is about, or all that came back of it; empty: nothing did.
    pub returned: String,
}

/// Reads a report; none where the mail is none.
pub fn read(_mail: &Incoming<'_>) -> Option<Report> {
    None
}
