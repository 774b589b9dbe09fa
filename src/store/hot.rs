//! SQLite's shortest way, for the one statement that runs with every mail sent: on a connection
//! of its own, in the calling thread. sqlx hands each statement to another thread and back,
//! which costs more than the statement. Never waits: while another connection writes, the
//! statement goes the long way, and so it does where anything is wrong.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex};

use rusqlite::{Connection, OpenFlags, params};

/// A connection that waits for no disk and for nobody: what it writes is carried into the
/// database's file by the others' commits.
#[derive(Clone)]
pub(super) struct Hot(Arc<Mutex<Connection>>);

impl fmt::Debug for Hot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hot")
    }
}

impl Hot {
    /// Opens another connection to the database in `path`, which exists. Where that fails,
    /// every statement goes the long way.
    pub(super) fn open(path: &Path) -> Option<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let open = || -> rusqlite::Result<Connection> {
            let connection = Connection::open_with_flags(path, flags)?;
            connection.busy_timeout(std::time::Duration::ZERO)?;
            connection.execute_batch(
                "PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA mmap_size = 0; \
                 PRAGMA cache_size = -4096; PRAGMA wal_autocheckpoint = 0; PRAGMA secure_delete = ON;",
            )?;
            Ok(connection)
        };
        open().ok().map(|connection| Self(Arc::new(Mutex::new(connection))))
    }

    /// How many rows the statement changed, which takes a number and two texts; nothing where
    /// it is to go the long way.
    pub(super) fn execute(
        &self,
        text: &'static str,
        first: i64,
        second: &str,
        third: &str,
    ) -> Option<u64> {
        let connection = self.0.try_lock().ok()?;
        let mut statement = connection.prepare_cached(text).ok()?;
        statement.execute(params![first, second, third]).ok().map(|rows| rows as u64)
    }
}
