//! Whether the database itself is sound: its pages, its references, its indexes. Changes nothing.

use super::{Store, StoreError, either};

/// Faults that are told; there may be more.
const MOST: usize = 10;

/// How the database is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Soundness {
    /// Which, and of which version: `SQLite 3.50.4`.
    pub version: String,
    /// What is wrong in it, in its own words; empty: nothing.
    pub faults: Vec<String>,
    /// Whether it takes no writes: a standby of PostgreSQL.
    pub read_only: bool,
}

impl Store {
    /// Looks at every page of SQLite's file (`PRAGMA quick_check`) and at all references, or at
    /// PostgreSQL's indexes. As long as that takes.
    pub async fn soundness(&self) -> Result<Soundness, StoreError> {
        let version: String = either(
            "SELECT 'SQLite ' || sqlite_version()",
            "SELECT 'PostgreSQL ' || current_setting('server_version')",
        )
        .scalar(&self.read)
        .await?;
        let mut faults: Vec<String> = either(
            "SELECT quick_check FROM pragma_quick_check WHERE quick_check <> 'ok'",
            "SELECT 'the index ' || CAST(indexrelid::regclass AS TEXT) || ' is not valid' \
             FROM pg_index WHERE NOT indisvalid",
        )
        .scalars(&self.read)
        .await?;
        let lost: Vec<String> = either(
            "SELECT DISTINCT 'rows of ' || \"table\" || ' point to rows of ' || parent || \
               ' that are not there' FROM pragma_foreign_key_check",
            "SELECT '' WHERE FALSE",
        )
        .scalars(&self.read)
        .await?;
        faults.extend(lost);
        faults.truncate(MOST);
        let standby: i64 = either(
            "SELECT 0",
            "SELECT CAST(CASE WHEN pg_is_in_recovery() THEN 1 ELSE 0 END AS BIGINT)",
        )
        .scalar(&self.read)
        .await?;
        Ok(Soundness { version, faults, read_only: standby == 1 })
    }

    /// Whether the tables are there at all.
    pub async fn is_new(&self) -> Result<bool, StoreError> {
        let count: i64 = either(
            "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'settings'",
            "SELECT count(*) FROM pg_catalog.pg_class WHERE oid = to_regclass('settings')",
        )
        .scalar(&self.read)
        .await?;
        Ok(count == 0)
    }

    /// How many mails went out since `since`, and how many were complained about.
    pub async fn complaints_since(&self, since: jiff::Timestamp) -> Result<(u64, u64), StoreError> {
        // Asked for with bounds of 0, it counts the mails too.
        let rates = self.rates(since, 0, 0).await?;
        Ok((rates.mails, rates.complaints))
    }
}
