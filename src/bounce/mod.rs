//! Bounces: what reports about our mail mean for the people that they are about. Reads reports
//! (pure), and acts through the store. Never answers and never sends.

mod address;
mod apply;
mod arf;
mod autoreply;
mod dsn;
mod fields;
mod meaning;
mod naming;
mod parts;
mod phrases;
mod policy;
mod reading;
mod reply;
mod sns;
mod standing;
mod telling;
mod text;
mod wording;

pub use apply::{Applied, BounceError, Bounces, Judged, Said};
pub use naming::Named;
pub use reply::{meaning_for_provider, meaning_of_reply};

pub use reading::{Report, ReportKind, read};
