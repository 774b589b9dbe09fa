//! Opening a database: made where missing, migrated where old, refused where newer.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};

use super::{Pace, Store, StoreError};

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// How long a statement waits for another process's write.
const BUSY: Duration = Duration::from_secs(60);
const READERS: u32 = 4;

impl Store {
    /// Opens the SQLite database in `path`, making it where it does not exist, and brings its
    /// schema up to date. A database of a newer version is left as it is.
    pub async fn open_sqlite(path: &Path) -> Result<Self, StoreError> {
        let place = path.display().to_string();
        let refused = |reason: String| StoreError::Open { place: place.clone(), reason };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)
                .map_err(|error| refused(format!("cannot make its folder: {error}")))?;
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .auto_vacuum(SqliteAutoVacuum::Incremental)
            .busy_timeout(BUSY)
            .foreign_keys(true)
            .pragma("mmap_size", "0")
            .pragma("cache_size", "-16384");
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(BUSY)
            .connect_with(options.clone())
            .await
            .map_err(|error| refused(words(&error)))?;
        refuse_newer(&write, &place).await?;
        MIGRATIONS.run(&write).await.map_err(|error| {
            refused(format!("its schema cannot be brought up to date: {error}"))
        })?;
        let read = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(BUSY)
            .connect_with(options.pragma("query_only", "ON"))
            .await
            .map_err(|error| refused(words(&error)))?;
        Ok(Self { read, write, pace: Arc::default() })
    }

    /// Ends every connection, after what is under way.
    pub async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }

    /// Reads, and writes one row through to the disk: what a database that is locked, full or
    /// on a broken disk cannot do.
    pub async fn probe(&self) -> Result<(), StoreError> {
        let stamp = "INSERT INTO settings (name, value) VALUES ('probed', $1) \
                     ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        let before: Option<String> = self.setting("probed").await?;
        let value = before.and_then(|text| text.parse().ok()).map_or(0, |count: u32| count % 1_000);
        self.write_at(Pace::Durable, sqlx::query(stamp).bind((value + 1).to_string())).await?;
        Ok(())
    }
}

async fn refuse_newer(pool: &sqlx::SqlitePool, place: &str) -> Result<(), StoreError> {
    let known = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0);
    let has_table: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = '_sqlx_migrations'",
    )
    .fetch_one(pool)
    .await
    .map_err(|error| StoreError::Open { place: place.to_owned(), reason: words(&error) })?;
    if has_table == 0 {
        return Ok(());
    }
    let found: Option<i64> =
        sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations").fetch_one(pool).await?;
    match found {
        Some(found) if found > known => {
            Err(StoreError::Newer { place: place.to_owned(), found, known })
        }
        _ => Ok(()),
    }
}

/// SQLite's own words, and what to do about the usual ones.
fn words(error: &sqlx::Error) -> String {
    let said = match error {
        sqlx::Error::Database(inner) => inner.message().to_owned(),
        other => other.to_string(),
    };
    let advice = match said.as_str() {
        text if text.contains("unable to open") => {
            "; check that the folder exists and that this user may write in it"
        }
        text if text.contains("readonly") => "; this user may not write to it",
        text if text.contains("not a database") => {
            "; it is another kind of file, or damaged: restore it from a backup, or name another"
        }
        _ => "",
    };
    format!("{said}{advice}")
}
