//! The store: the only room that speaks SQL, and the place where the flow's rooms hand over
//! to each other. Never renders, fetches or sends, and never holds a transaction open for
//! longer than its own statements.
//!
//! The text of every statement is written for SQLite and PostgreSQL alike (`$1`, `RETURNING`,
//! whole microseconds for instants); only migrations and the opening of a database differ.
//! SQLite runs in WAL mode with one writing connection (`BEGIN IMMEDIATE`) and a few that
//! only read.

mod admin_codes;
mod admin_logins;
mod admins;
mod alarms;
mod answers;
mod archive;
mod asking;
mod audit;
mod backup;
mod bell;
mod bounces;
mod canary;
mod carry;
mod check;
mod copy;
mod days;
mod deliveries;
mod digests;
mod due;
mod erase;
mod error;
mod evidence;
mod fetches;
mod figures;
mod held;
mod hot;
mod interned;
mod leases;
mod node;
mod notices;
mod open;
mod owed;
mod papers;
mod partial;
mod pick;
mod queue;
mod queue_page;
mod record;
mod reported;
mod resend;
mod restore;
mod rests;
mod roll;
mod settings;
mod sql;
mod standing;
mod steps;
mod subscribers;
mod suppressions;
mod tables;
mod tally;
mod taste;
mod tend;
mod timeline;
mod together;
mod versions;
mod votes;
mod wishing;

pub use admin_logins::{AdminSession, NewSession, Tried};
pub use admins::{Account, AccountError};
pub use alarms::{AlarmPost, AlarmRow, AlarmTurn};
pub use answers::{AskedOrders, Limit, Receipt, Reply};
pub use archive::Listed;
pub use asking::{Ask, Bounds, Granted, Marks};
pub use audit::{AuditFilter, AuditRow, NewAudit};
pub use backup::{Backup, BackupError, KeptFile, back_up, read_backup};
pub use bell::Bell;
pub use bounces::{Deed, NewBounce, Taken};
pub use canary::Canary;
pub use carry::Carried;
pub use check::Soundness;
pub use copy::Copied;
pub use days::{DayFigure, DayFigures};
pub use deliveries::Claimed;
pub use digests::{Cohort, Move, NewDigest, StoredDigest};
pub use error::StoreError;
pub use evidence::{BounceRecord, SentMail};
pub use fetches::{FetchFilter, FetchRecord, FetchRow, Validator};
pub use figures::{Figures, Late, SourceFigures};
pub use held::{BounceNote, Failure, Rates};
pub use leases::Recovered;
pub use node::{Node, NodeRow, Standing};
pub use notices::{Answered, Letter, NewNotice};
pub use open::Migration;
pub use papers::{Candidate, ListingChange};
pub use pick::QueueFilter;
pub use queue::{Attempt, Books, QueueEntry, QueueRow};
pub use queue_page::{QueueCounts, QueueLine};
pub use record::{Finished, Group, Recorded};
pub use reported::Reported;
pub use resend::{Again, Missed, NewResend};
pub use restore::{Restored, Waiting, own, restore};
pub use rests::{DomainRest, Refusals};
pub use roll::{RollPage, RollQuery};
pub use standing::{Change, Consent, ConsentRow};
pub use subscribers::{Added, NewSubscriber, Subscriber, SubscriberFilter};
pub use suppressions::{NewSuppression, Suppression, SuppressionFilter, mark_of};
pub use taste::{Rated, RatedPaper};
pub use tend::Tended;
pub use timeline::TimelineEvent;
pub use versions::{ConfigOutcome, ConfigVersion, NewConfigVersion};
pub use votes::{Course, Silent};
pub use wishing::Wishing;

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::{Mutex, MutexGuard};

use hot::Hot;
use sql::{Pool, Sql, Tx, either, sql};
use together::Together;

/// An open database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    /// Where it is, without secrets.
    place: String,
    read: Pool,
    write: Pool,
    /// PostgreSQL's connections that do not wait for its disk.
    quick: Option<Pool>,
    hot: Option<Hot>,
    bell: Arc<Bell>,
    /// Requests of strangers, and moves of subscribers, that come at one moment.
    asks: Arc<Together<Ask, Granted>>,
    changes: Arc<Together<(Change, Timestamp), Option<u64>>>,
    /// What is said of mails at one moment.
    bounces: Arc<Together<(NewBounce, Timestamp), Taken>>,
    /// Mails that were dealt with at one moment.
    receipts: Arc<Together<(Receipt, Timestamp), bool>>,
    /// What a commit of SQLite's writing connection waits for at present.
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

impl Store {
    /// Rung by whoever stores work; every copy of this store has the same one.
    pub fn bell(&self) -> &Bell {
        &self.bell
    }

    /// Begins a unit of writing, alone on SQLite.
    async fn begin(&self) -> Result<Tx, StoreError> {
        self.begin_at(Pace::Durable).await
    }

    async fn begin_at(&self, wanted: Pace) -> Result<Tx, StoreError> {
        // Held until the connection, of which there is one, is ours.
        let (pool, _pace) = self.at(wanted).await?;
        pool.begin().await
    }

    /// One statement that is a unit of its own. Returns how many rows it changed.
    async fn write_at(&self, wanted: Pace, statement: Sql) -> Result<u64, StoreError> {
        let (pool, _pace) = self.at(wanted).await?;
        statement.execute(pool).await
    }

    /// The connections that keep the pace `wanted`; on SQLite for as long as the guard is held.
    async fn at(&self, wanted: Pace) -> Result<(&Pool, Option<MutexGuard<'_, Pace>>), StoreError> {
        if let Pool::Postgres(_) = self.write {
            let quick = self.quick.as_ref().filter(|_| wanted == Pace::Quick);
            return Ok((quick.unwrap_or(&self.write), None));
        }
        let mut pace = self.pace.lock().await;
        if *pace != wanted {
            let text = match wanted {
                Pace::Durable => "PRAGMA synchronous = FULL",
                Pace::Quick => "PRAGMA synchronous = NORMAL",
            };
            sql(text).execute(&self.write).await?;
            *pace = wanted;
        }
        Ok((&self.write, Some(pace)))
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
