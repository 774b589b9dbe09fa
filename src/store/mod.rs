//! The store: the only room that speaks SQL, and the place where the flow's rooms hand over
//! to each other. Never renders, fetches or sends, and never holds a transaction open for
//! longer than its own statements.
//!
//! The text of every statement is written for SQLite and PostgreSQL alike (`$1`, `RETURNING`,
//! whole microseconds for instants); only migrations and the opening of a database differ.
//! SQLite runs in WAL mode with one writing connection (`BEGIN IMMEDIATE`) and a few that
//! only read.

mod deliveries;
mod digests;
mod error;
mod fetches;
mod interned;
mod leases;
mod node;
mod open;
mod papers;
mod queue;
mod record;
mod settings;
mod subscribers;
mod timeline;

pub use deliveries::Claimed;
pub use digests::{Cohort, Move, NewDigest, StoredDigest};
pub use error::StoreError;
pub use fetches::{FetchRecord, FetchRow, Validator};
pub use leases::Recovered;
pub use node::{Node, NodeRow};
pub use papers::{Candidate, ListingChange};
pub use queue::{Books, QueueFilter, QueueRow};
pub use record::{Finished, Recorded};
pub use subscribers::{Added, NewSubscriber, Subscriber, SubscriberFilter};
pub use timeline::TimelineEvent;

use jiff::Timestamp;
use sqlx::SqlitePool;

/// An open database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    read: SqlitePool,
    write: SqlitePool,
}

type Tx = sqlx::Transaction<'static, sqlx::Sqlite>;

impl Store {
    /// Begins a unit of writing, alone on SQLite.
    async fn begin(&self) -> Result<Tx, StoreError> {
        Ok(self.write.begin_with("BEGIN IMMEDIATE").await?)
    }
}

/// Microseconds since 1970, as instants are stored.
fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// The instant of a stored number.
fn instant(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH)
}
