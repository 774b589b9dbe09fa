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
pub use record::{Finished, Group, Recorded};
pub use subscribers::{Added, NewSubscriber, Subscriber, SubscriberFilter};
pub use timeline::TimelineEvent;

use std::sync::Arc;

use jiff::Timestamp;
use sqlx::SqlitePool;
use tokio::sync::{Mutex, MutexGuard};

/// An open database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    read: SqlitePool,
    write: SqlitePool,
    /// What a commit of the writing connection waits for at present.
    pace: Arc<Mutex<Pace>>,
}

/// What a commit waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Pace {
    /// For the disk: what was committed outlives a power cut.
    #[default]
    Durable,
    /// For the system: it outlives a killed process. A later durable commit carries it along.
    Quick,
}

type Tx = sqlx::Transaction<'static, sqlx::Sqlite>;
type Statement<'q> = sqlx::query::Query<'q, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>;

impl Store {
    /// Begins a unit of writing, alone on SQLite.
    async fn begin(&self) -> Result<Tx, StoreError> {
        self.begin_at(Pace::Durable).await
    }

    async fn begin_at(&self, wanted: Pace) -> Result<Tx, StoreError> {
        // Held until the connection, of which there is one, is ours.
        let _pace = self.keep_pace(wanted).await?;
        Ok(self.write.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// One statement that is a unit of its own. Returns how many rows it changed.
    async fn write_at(&self, wanted: Pace, query: Statement<'_>) -> Result<u64, StoreError> {
        let _pace = self.keep_pace(wanted).await?;
        Ok(query.execute(&self.write).await?.rows_affected())
    }

    async fn keep_pace(&self, wanted: Pace) -> Result<MutexGuard<'_, Pace>, StoreError> {
        let mut pace = self.pace.lock().await;
        if *pace != wanted {
            let text = match wanted {
                Pace::Durable => "PRAGMA synchronous = FULL",
                Pace::Quick => "PRAGMA synchronous = NORMAL",
            };
            sqlx::query(text).execute(&self.write).await?;
            *pace = wanted;
        }
        Ok(pace)
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
