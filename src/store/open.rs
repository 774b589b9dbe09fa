//! Opening a database: made where missing, migrated where old, refused where newer.

use std::path::Path;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret as _;
use sqlx::ConnectOptions as _;
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{
    SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};

use super::{Hot, Pace, Pool, Store, StoreError, either, sql};
use crate::config::{Database, DatabaseTarget};

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// How long a statement waits for another process's write.
const BUSY: Duration = Duration::from_secs(60);
/// How long a free connection to PostgreSQL is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
const READERS: u32 = 4;
/// Connections to PostgreSQL.
const CONNECTIONS: u32 = 8;
/// And those that do not wait for its disk.
const QUICK: u32 = 2;

/// A step of the schema.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Migration {
    /// Its number.
    pub version: i64,
    /// What it is about.
    pub name: String,
    /// Whether this database has it.
    pub done: bool,
}

impl Store {
    /// Opens the database, making it where SQLite's file does not exist, and brings its schema
    /// up to date; of several processes that start at once, one does. A database of a newer
    /// version is left as it is.
    pub async fn open(database: &Database) -> Result<Self, StoreError> {
        let store = Self::connect(database).await?;
        store.migrate().await?;
        Ok(store)
    }

    /// Opens the SQLite database in `path` likewise.
    pub async fn open_sqlite(path: &Path) -> Result<Self, StoreError> {
        let store = Self::connect_sqlite(path).await?;
        store.migrate().await?;
        Ok(store)
    }

    /// Opens the database and leaves its schema as it is.
    pub async fn connect(database: &Database) -> Result<Self, StoreError> {
        match &database.target {
            DatabaseTarget::Sqlite(path) => Self::connect_sqlite(path).await,
            DatabaseTarget::Postgres(url) => {
                Self::connect_postgres(url.expose_secret(), &database.url).await
            }
        }
    }

    pub(super) async fn connect_sqlite(path: &Path) -> Result<Self, StoreError> {
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
            .pragma("cache_size", "-16384")
            // Journals of statements and sorters: never a file that an address could be left in.
            .pragma("temp_store", "MEMORY")
            // What is deleted is gone from the file, too: people ask to be erased.
            .pragma("secure_delete", "ON");
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(BUSY)
            .connect_with(options.clone())
            .await
            .map_err(|error| refused(words(&error)))?;
        // Opened when first used: until then there may be no schema.
        let read = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(BUSY)
            .connect_lazy_with(options.pragma("query_only", "ON"));
        let (write, read) = (Pool::Sqlite(write), Pool::Sqlite(read));
        let hot = Hot::open(path);
        Ok(Self {
            place,
            read,
            write,
            quick: None,
            hot,
            bell: Arc::default(),
            asks: Arc::default(),
            changes: Arc::default(),
            bounces: Arc::default(),
            receipts: Arc::default(),
            pace: Arc::default(),
        })
    }

    async fn connect_postgres(url: &str, place: &str) -> Result<Self, StoreError> {
        let place = place.to_owned();
        let refused = |error: sqlx::Error| StoreError::Open {
            place: place.clone(),
            reason: postgres_words(&error),
        };
        let options = PgConnectOptions::from_str(url)
            .map_err(refused)?
            .application_name("paperround")
            .disable_statement_logging();
        let options = options.options([
            // A process that was cut off must not hold what others wait for.
            ("idle_in_transaction_session_timeout", "60000"),
            ("client_min_messages", "warning"),
        ]);
        let pool = |most| PgPoolOptions::new().max_connections(most).acquire_timeout(PATIENCE);
        let write = pool(CONNECTIONS).connect_with(options.clone()).await.map_err(refused)?;
        let write = Pool::Postgres(write);
        let quick = pool(QUICK).connect_lazy_with(options.options([("synchronous_commit", "off")]));
        let quick = Some(Pool::Postgres(quick));
        Ok(Self {
            place,
            read: write.clone(),
            write,
            quick,
            hot: None,
            bell: Arc::default(),
            asks: Arc::default(),
            changes: Arc::default(),
            bounces: Arc::default(),
            receipts: Arc::default(),
            pace: Arc::default(),
        })
    }

    /// Brings the schema up to date.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        self.refuse_newer().await?;
        let done = match &self.write {
            Pool::Sqlite(pool) => SQLITE.run(pool).await,
            // Under an advisory lock: whoever comes second finds it done.
            Pool::Postgres(pool) => POSTGRES.run(pool).await,
        };
        done.map_err(|error| StoreError::Open {
            place: self.place.clone(),
            reason: format!("its schema cannot be brought up to date: {error}"),
        })
    }

    /// Every step of the schema that this version or the database knows.
    pub async fn migrations(&self) -> Result<Vec<Migration>, StoreError> {
        let done: Vec<(i64, String)> = if self.has_schema().await? {
            sql("SELECT version, description FROM _sqlx_migrations WHERE success ORDER BY version")
                .fetch_all(&self.write)
                .await?
        } else {
            Vec::new()
        };
        let known = self.migrator().iter().map(|step| (step.version, step.description.to_string()));
        let mut all: Vec<Migration> = known
            .map(|(version, name)| {
                let done = done.iter().any(|(had, _)| *had == version);
                Migration { version, name, done }
            })
            .collect();
        for (version, name) in done {
            if !all.iter().any(|one| one.version == version) {
                all.push(Migration { version, name, done: true });
            }
        }
        Ok(all)
    }

    /// Ends every connection, after what is under way.
    pub async fn close(&self) {
        self.read.close().await;
        if let Some(quick) = &self.quick {
            quick.close().await;
        }
        self.write.close().await;
    }

    /// Reads, and writes one row through to the disk: what a database that is locked, full or
    /// on a broken disk cannot do.
    pub async fn probe(&self) -> Result<(), StoreError> {
        let stamp = "INSERT INTO settings (name, value) VALUES ('probed', $1) \
                     ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        let before: Option<String> = self.setting("probed").await?;
        let value = before.and_then(|text| text.parse().ok()).map_or(0, |count: u32| count % 1_000);
        self.write_at(Pace::Durable, sql(stamp).bind((value + 1).to_string())).await?;
        Ok(())
    }

    fn migrator(&self) -> &'static Migrator {
        match self.write {
            Pool::Sqlite(_) => &SQLITE,
            Pool::Postgres(_) => &POSTGRES,
        }
    }

    pub(super) async fn has_schema(&self) -> Result<bool, StoreError> {
        self.has_table("_sqlx_migrations").await
    }

    pub(super) async fn has_table(&self, name: &str) -> Result<bool, StoreError> {
        let count: i64 = either(
            "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = $1",
            "SELECT count(*) FROM pg_catalog.pg_class WHERE oid = to_regclass($1)",
        )
        .bind(name)
        .scalar(&self.write)
        .await
        .map_err(|error| match error {
            StoreError::Database(error) => {
                StoreError::Open { place: self.place.clone(), reason: words(&error) }
            }
            other => other,
        })?;
        Ok(count > 0)
    }

    /// Refuses a database whose schema is older than this version's.
    pub(super) async fn want_newest(&self) -> Result<(), StoreError> {
        self.refuse_newer().await?;
        if self.migrations().await?.iter().all(|step| step.done) {
            return Ok(());
        }
        let reason = format!(
            "{} has the schema of an older version; use that version, or bring it up to date \
             with `paperround migrate`",
            self.place
        );
        Err(StoreError::Refused { reason })
    }

    /// The newest step of the schema that this version knows.
    pub(super) fn newest() -> i64 {
        SQLITE.iter().map(|step| step.version).max().unwrap_or(0)
    }

    pub(super) async fn refuse_newer(&self) -> Result<(), StoreError> {
        if !self.has_schema().await? {
            return Ok(());
        }
        let known = self.migrator().iter().map(|step| step.version).max().unwrap_or(0);
        let found: Option<i64> =
            sql("SELECT max(version) FROM _sqlx_migrations").scalar(&self.write).await?;
        match found {
            Some(found) if found > known => {
                Err(StoreError::Newer { place: self.place.clone(), found, known })
            }
            _ => Ok(()),
        }
    }
}

/// PostgreSQL's own words, and what to do about the usual ones.
fn postgres_words(error: &sqlx::Error) -> String {
    let (said, code) = match error {
        sqlx::Error::Database(inner) => {
            (inner.message().to_owned(), inner.code().unwrap_or_default().into_owned())
        }
        other => (other.to_string(), String::new()),
    };
    // Appendix A of PostgreSQL's manual.
    let advice = match code.as_str() {
        "28P01" | "28000" => "; check the user in database.url and database.password_file",
        "3D000" => "; make it with createdb",
        "53300" => "; it has no connection left: raise max_connections there",
        _ if matches!(error, sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut) => {
            "; check that the server runs, and the host and port in database.url"
        }
        _ => "",
    };
    format!("{said}{advice}")
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
