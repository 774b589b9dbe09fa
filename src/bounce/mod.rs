//! Bounces: what reports about our mail mean for the people that they are about. Reads reports
//! (pure), and acts through the store. Never answers and never sends.

mod address;
mod arf;
mod autoreply;
mod dsn;
mod fields;
mod meaning;
mod parts;
mod phrases;
mod reading;
mod sns;
mod standing;
mod text;
mod wording;

pub use reading::{Report, ReportKind, read};
