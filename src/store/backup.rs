//! A backup: the whole database as it was at one moment, as one SQLite file whichever database
//! it came from, with the files that belong to a service beside it (keys, configuration) in a
//! table of its own. Made while others write, and read back before anybody is told that it is
//! there. Never writes to the database, and never over a file unasked.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, params};

use super::partial::{Partial, at};
use super::tables::{PROCESSES, SETTINGS, TABLES};
use super::{Store, StoreError, instant, micros};
use crate::config::{Database, DatabaseTarget};

/// Pages copied between two looks at the progress.
const PAGES: i32 = 4_096;
/// How long another process's lock is waited for.
const BUSY: Duration = Duration::from_secs(60);

/// A file that a service needs besides its database.
#[derive(Clone, PartialEq, Eq)]
pub struct KeptFile {
    /// What it is called in the backup: a relative path, `/` between its parts.
    pub name: String,
    /// Where it lay.
    pub origin: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Without the bytes, which may be a secret.
impl std::fmt::Debug for KeptFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeptFile").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A backup that was read from end to end and found good.
#[derive(Clone, Debug)]
pub struct Backup {
    /// Where it lies.
    pub path: PathBuf,
    /// The moment that it shows.
    pub made_at: Timestamp,
    /// The version that made it.
    pub version: String,
    /// `sqlite` or `postgres`: what it was made of.
    pub kind: String,
    /// The newest step of its schema.
    pub schema: i64,
    /// Each table with the number of its rows.
    pub tables: Vec<(String, u64)>,
    /// What else is in it.
    pub files: Vec<KeptFile>,
}

impl Backup {
    /// The rows of all tables.
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|(_, rows)| rows).sum()
    }
}

/// Why there is no backup, or none to be trusted.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is a file of that name.
    #[error("{0} is there already; name another file, or say --force to replace it")]
    Exists(PathBuf),
    /// A file cannot be written, read or moved.
    #[error("cannot use {path}")]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The database could not be read, or the copy not be written: in SQLite's words.
    #[error("{path}: {reason}")]
    Sqlite {
        /// The file that it was about.
        path: PathBuf,
        /// What SQLite said, and what to do.
        reason: String,
    },
    /// It is no backup, or not all of it is there.
    #[error("{path} is not a good backup: {reason}; use another one")]
    Bad {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The database refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Writes a backup of `database` into `path`, as of `now`, with `files` in it: beside `path`
/// first, under its name only when it has been read back. Others may go on writing.
/// `progress` hears how much is done, in pages or rows.
///
/// # Errors
///
/// Nothing new is left behind then, and a file that was there is as it was.
pub async fn back_up(
    database: &Database,
    path: &Path,
    replace: bool,
    files: Vec<KeptFile>,
    now: Timestamp,
    progress: impl Fn(u64) + Send + 'static,
) -> Result<Backup, BackupError> {
    let path = std::path::absolute(path).map_err(|error| at(path, error))?;
    if !replace && path.symlink_metadata().is_ok() {
        return Err(BackupError::Exists(path));
    }
    let partial = Partial::beside(&path)?;
    let kind = match &database.target {
        DatabaseTarget::Sqlite(from) => {
            let (from, into) = (from.clone(), partial.path.clone());
            blocking(move || copy_pages(&from, &into, &progress)).await?;
            "sqlite"
        }
        DatabaseTarget::Postgres(_) => {
            let source = Store::connect(database).await?;
            source.want_newest().await?;
            let target = Store::open_sqlite(&partial.path).await?;
            let poured = source.pour(&target, progress).await;
            source.close().await;
            target.close().await;
            poured?;
            "postgres"
        }
    };
    blocking(move || {
        finish(&partial.path, kind, &files, now)?;
        let found = read(&partial.path)?;
        if found.files != files {
            return Err(bad(&partial.path, "what was written does not read back"));
        }
        partial.put(&path, replace)?;
        Ok(Backup { path, ..found })
    })
    .await
}

/// Reads a backup from end to end: its pages, its references, and the number of its rows.
///
/// # Errors
///
/// [`BackupError::Bad`] where it is none, or damaged.
pub async fn read_backup(path: &Path) -> Result<Backup, BackupError> {
    let path = path.to_owned();
    blocking(move || read(&path)).await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BackupError> + Send + 'static,
) -> Result<T, BackupError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    }
}

/// Copies the database `from` as it is at one moment. What is written meanwhile waits in the
/// WAL, and is not in the copy.
fn copy_pages(from: &Path, into: &Path, progress: &dyn Fn(u64)) -> Result<(), BackupError> {
    if !from.exists() {
        let source = io::Error::from(io::ErrorKind::NotFound);
        return Err(BackupError::File { path: from.to_owned(), source });
    }
    let failed = |error| sqlite(from, &error);
    // A reader of a database in WAL mode writes beside it, too.
    let source = connect(from, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(failed)?;
    // The copy shows the moment of this first look, whatever is written until it is done.
    source.execute_batch("BEGIN").map_err(failed)?;
    let before = counts(&source).map_err(failed)?;
    if !before.iter().any(|(table, _)| table == "subscribers") {
        let reason = "it holds no schema of Paper Round; `paperround migrate` makes it".to_owned();
        return Err(BackupError::Sqlite { path: from.to_owned(), reason });
    }
    let failed = |error| sqlite(into, &error);
    let mut target = connect(into, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(failed)?;
    {
        use rusqlite::backup::{Backup, StepResult};
        let backup = Backup::new(&source, &mut target).map_err(failed)?;
        loop {
            match backup.step(PAGES).map_err(failed)? {
                StepResult::Done => break,
                StepResult::More => {
                    let done = backup.progress();
                    let pages = done.pagecount.saturating_sub(done.remaining);
                    progress(u64::try_from(pages).unwrap_or(0));
                }
                _ => return Err(bad(into, "another process has locked the database")),
            }
        }
    }
    let after = counts(&target).map_err(failed)?;
    if after != before {
        return Err(bad(into, "its tables have other numbers of rows than the database"));
    }
    Ok(())
}

/// Makes a copy a backup: one file without a WAL, without the processes that worked on the
/// database, and with what is to be known of it.
fn finish(path: &Path, kind: &str, files: &[KeptFile], now: Timestamp) -> Result<(), BackupError> {
    let failed = |error| sqlite(path, &error);
    let mut copy = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(failed)?;
    let write = |copy: &mut Connection| -> rusqlite::Result<()> {
        copy.pragma_update(None, "journal_mode", "DELETE")?;
        let tx = copy.transaction()?;
        for table in PROCESSES {
            if has(&tx, table)? {
                tx.execute(&format!("DELETE FROM {table}"), [])?;
            }
        }
        let tables: serde_json::Map<_, _> =
            counts(&tx)?.into_iter().map(|(table, rows)| (table, rows.into())).collect();
        tx.execute_batch(
            "CREATE TABLE backup_about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
             CREATE TABLE backup_files (name TEXT PRIMARY KEY, origin TEXT NOT NULL, \
               bytes BLOB NOT NULL);",
        )?;
        for (name, value) in [
            ("made_at", micros(now).to_string()),
            ("version", env!("CARGO_PKG_VERSION").to_owned()),
            ("kind", kind.to_owned()),
            ("tables", serde_json::Value::from(tables).to_string()),
        ] {
            tx.execute("INSERT INTO backup_about VALUES (?1, ?2)", params![name, value])?;
        }
        for file in files {
            let row = params![file.name, file.origin, file.bytes];
            tx.execute("INSERT INTO backup_files VALUES (?1, ?2, ?3)", row)?;
        }
        tx.commit()
    };
    write(&mut copy).map_err(failed)?;
    copy.close().map_err(|(_, error)| failed(error))?;
    let file = File::open(path).and_then(|file| file.sync_all());
    file.map_err(|error| at(path, error))
}

fn read(path: &Path) -> Result<Backup, BackupError> {
    File::open(path).map_err(|error| at(path, error))?;
    let failed = |error: rusqlite::Error| bad(path, &error.to_string());
    let file = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(failed)?;
    if !has(&file, "backup_about").map_err(failed)? {
        let reason = match has(&file, "subscribers").map_err(failed)? {
            true => "it is a database in use, or a plain copy of one: name it in database.url",
            false => "`paperround backup` did not make it",
        };
        return Err(bad(path, reason));
    }
    let said: String =
        file.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(failed)?;
    if said != "ok" {
        return Err(bad(path, &format!("SQLite says {said:?}")));
    }
    let orphan: Option<String> = file
        .query_row("SELECT \"table\" FROM pragma_foreign_key_check LIMIT 1", [], |row| row.get(0))
        .map(Some)
        .or_else(none)
        .map_err(failed)?;
    if let Some(table) = orphan {
        return Err(bad(path, &format!("a row of {table} refers to one that is not there")));
    }
    let about = |name: &str| {
        file.query_row("SELECT value FROM backup_about WHERE name = ?1", [name], |row| {
            row.get::<_, String>(0)
        })
        .map_err(failed)
    };
    let tables: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&about("tables")?)
            .map_err(|_| bad(path, "its list of tables is damaged"))?;
    let mut tables: Vec<(String, u64)> =
        tables.into_iter().map(|(table, rows)| (table, rows.as_u64().unwrap_or(0))).collect();
    let mut found = counts(&file).map_err(failed)?;
    found.sort();
    tables.sort();
    if found != tables {
        return Err(bad(path, "its tables have other numbers of rows than it says"));
    }
    let made_at = about("made_at")?.parse().map_err(|_| bad(path, "its time is damaged"))?;
    let schema: i64 = file
        .query_row("SELECT max(version) FROM _sqlx_migrations WHERE success", [], |row| row.get(0))
        .map_err(failed)?;
    let files = {
        let mut rows = file
            .prepare("SELECT name, origin, bytes FROM backup_files ORDER BY rowid")
            .map_err(failed)?;
        let rows = rows.query_map([], |row| {
            Ok(KeptFile { name: row.get(0)?, origin: row.get(1)?, bytes: row.get(2)? })
        });
        rows.and_then(Iterator::collect).map_err(failed)?
    };
    Ok(Backup {
        path: path.to_owned(),
        made_at: instant(made_at),
        version: about("version")?,
        kind: about("kind")?,
        schema,
        tables,
        files,
    })
}

/// Takes out of a copy of a backup what makes it one: a database is left.
pub(super) fn strip(path: &Path) -> Result<(), BackupError> {
    let failed = |error| sqlite(path, &error);
    let copy = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(failed)?;
    // The key is not to stay in pages that are free now.
    let text = "PRAGMA secure_delete = ON; DROP TABLE backup_about; DROP TABLE backup_files;";
    copy.execute_batch(text).map_err(failed)
}

/// Whether a database made of a backup, in the file `path`, holds the rows that are in it.
pub(super) fn recount(path: &Path, backup: &Backup) -> Result<(), BackupError> {
    let failed = |error| sqlite(path, &error);
    let file = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(failed)?;
    let found = counts(&file).map_err(failed)?;
    match backup.tables.iter().find(|counted| !found.contains(counted)) {
        Some((table, rows)) => {
            let reason = format!("its {rows} rows of {table} did not arrive whole");
            Err(bad(&backup.path, &reason))
        }
        None => Ok(()),
    }
}

fn connect(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY)?;
    connection.execute_batch("PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY;")?;
    Ok(connection)
}

fn has(file: &Connection, table: &str) -> rusqlite::Result<bool> {
    let text = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?1";
    file.query_row(text, [table], |row| row.get::<_, i64>(0)).map(|count| count > 0)
}

/// The rows of each table of ours that is there: an older schema has fewer.
fn counts(file: &Connection) -> rusqlite::Result<Vec<(String, u64)>> {
    let mut counts = Vec::new();
    for table in TABLES.iter().chain([&SETTINGS]) {
        if has(file, table.name)? {
            let text = format!("SELECT count(*) FROM {}", table.name);
            let rows: i64 = file.query_row(&text, [], |row| row.get(0))?;
            counts.push((table.name.to_owned(), rows.unsigned_abs()));
        }
    }
    Ok(counts)
}

fn none<T>(error: rusqlite::Error) -> rusqlite::Result<Option<T>> {
    match error {
        rusqlite::Error::QueryReturnedNoRows => Ok(None),
        other => Err(other),
    }
}

fn bad(path: &Path, reason: &str) -> BackupError {
    BackupError::Bad { path: path.to_owned(), reason: reason.to_owned() }
}

fn sqlite(path: &Path, error: &rusqlite::Error) -> BackupError {
    use rusqlite::ErrorCode::{DiskFull, NotADatabase};
    let advice = match error.sqlite_error_code() {
        Some(DiskFull) => "; make room, or name a file on another disk",
        Some(NotADatabase) => "; it is another kind of file, or damaged",
        _ => "",
    };
    BackupError::Sqlite { path: path.to_owned(), reason: format!("{error}{advice}") }
}
