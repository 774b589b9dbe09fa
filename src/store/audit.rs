//! The audit log: who changed what, when, from where. Written with the change or right after it,
//! kept for two years; never holds a secret.

use jiff::Timestamp;
use serde::Serialize;

use super::sql::On;
use super::{Store, StoreError, instant, micros, sql};

/// How long an entry is kept.
const KEPT_DAYS: i64 = 730;

/// An entry to be written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewAudit {
    /// The account's name; `the command line` on the server itself.
    pub who: String,
    /// The masked network that it came from; empty on the server itself.
    pub network: String,
    /// In a word, such as `queue.drop`.
    pub what: &'static str,
    /// What it was done to, such as an address or the name of a source.
    pub about: String,
    /// More: what was before and after, without secrets.
    pub detail: String,
}

/// An entry as read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditRow {
    /// Its row.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub who: String,
    /// From where, masked.
    pub network: String,
    /// In a word.
    pub what: String,
    /// To what.
    pub about: String,
    /// More.
    pub detail: String,
}

/// Which entries to read.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Only this account's.
    pub who: Option<String>,
    /// Only of this word, or of the words that begin with it and a dot.
    pub what: Option<String>,
}

impl Store {
    /// Writes an entry.
    pub async fn note_audit(&self, entry: &NewAudit, now: Timestamp) -> Result<(), StoreError> {
        write(&self.write, entry, now).await
    }

    /// Counts that a login failed: one entry for each account (`entry.about`) and hour says how often,
    /// so that whoever guesses writes a few rows and not thousands.
    pub async fn note_failed_login(
        &self,
        entry: &NewAudit,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let since = micros(now).saturating_sub(3_600_000_000);
        let mut tx = self.begin().await?;
        let last: Option<(i64, String)> = sql("SELECT id, detail FROM audit \
             WHERE what = $1 AND about = $2 AND at > $3 ORDER BY id DESC LIMIT 1")
        .bind(entry.what)
        .bind(&entry.about)
        .bind(since)
        .fetch_optional(&mut tx)
        .await?;
        match last {
            Some((id, detail)) => {
                let before = detail.split(' ').next().and_then(|word| word.parse::<u64>().ok());
                let count = before.unwrap_or(1) + 1;
                sql("UPDATE audit SET detail = $1, \
                       network = CASE WHEN network = $2 THEN network ELSE 'several' END \
                     WHERE id = $3")
                .bind(format!("{count} tries within an hour"))
                .bind(&entry.network)
                .bind(id)
                .execute(&mut tx)
                .await?;
            }
            None => {
                write(&mut tx, &NewAudit { detail: "1 try".to_owned(), ..entry.clone() }, now)
                    .await?
            }
        }
        tx.commit().await
    }

    /// Up to `limit` entries, the newest first, those before the row `before` (0: from the newest).
    pub async fn audit(
        &self,
        filter: &AuditFilter,
        before: i64,
        limit: u32,
    ) -> Result<Vec<AuditRow>, StoreError> {
        let before = if before > 0 { before } else { i64::MAX };
        let rows: Vec<(i64, i64, String, String, String, String, String)> =
            sql("SELECT id, at, who, network, what, about, detail FROM audit \
             WHERE id < $1 AND ($2 IS NULL OR who = $2) \
               AND ($3 IS NULL OR what = $3 OR (what > $3 || '.' AND what < $3 || '/')) \
             ORDER BY id DESC LIMIT $4")
            .bind(before)
            .bind(filter.who.as_ref())
            .bind(filter.what.as_ref())
            .bind(i64::from(limit))
            .fetch_all(&self.read)
            .await?;
        let row = |(id, at, who, network, what, about, detail)| AuditRow {
            id,
            at: instant(at),
            who,
            network,
            what,
            about,
            detail,
        };
        Ok(rows.into_iter().map(row).collect())
    }

    /// Everybody and every word in the log, for its filters.
    pub async fn audit_words(&self) -> Result<(Vec<String>, Vec<String>), StoreError> {
        let who = sql("SELECT DISTINCT who FROM audit ORDER BY who LIMIT 200");
        let what = sql("SELECT DISTINCT what FROM audit ORDER BY what LIMIT 200");
        Ok((who.scalars(&self.read).await?, what.scalars(&self.read).await?))
    }
}

/// Writes an entry, and forgets those that are too old.
pub(super) async fn write<'a>(
    on: impl Into<On<'a>>,
    entry: &NewAudit,
    now: Timestamp,
) -> Result<(), StoreError> {
    const LONGEST: usize = 4_000;
    let detail: String = entry.detail.chars().take(LONGEST).collect();
    sql("INSERT INTO audit (at, who, network, what, about, detail) \
         VALUES ($1, $2, $3, $4, $5, $6)")
    .bind(micros(now))
    .bind(&entry.who)
    .bind(&entry.network)
    .bind(entry.what)
    .bind(&entry.about)
    .bind(detail)
    .execute(on)
    .await?;
    Ok(())
}

/// Forgets entries that are too old.
pub(super) async fn forget(store: &Store, now: Timestamp) -> Result<(), StoreError> {
    let before = micros(now).saturating_sub(KEPT_DAYS * 86_400_000_000);
    sql("DELETE FROM audit WHERE at < $1").bind(before).execute(&store.write).await?;
    Ok(())
}
