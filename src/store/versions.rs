//! The texts that the config file has had: when, by whom, and what became of each. They may
//! hold secrets: whoever shows one redacts it first. Never reads a file.

use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::{Store, StoreError, Tx, instant, micros, sql};
use crate::token::to_hex;

/// Versions that are kept, beside the last one that was applied.
const KEPT: i64 = 100;

/// What became of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ConfigOutcome {
    /// It was put into the file; no process has taken it over yet.
    Written,
    /// It is, or was, in force.
    Applied,
    /// It was not taken over.
    Refused,
}

impl ConfigOutcome {
    /// As stored and shown.
    pub fn word(self) -> &'static str {
        match self {
            Self::Written => "written",
            Self::Applied => "applied",
            Self::Refused => "refused",
        }
    }

    fn from_word(word: &str) -> Result<Self, StoreError> {
        [Self::Written, Self::Applied, Self::Refused]
            .into_iter()
            .find(|one| one.word() == word)
            .ok_or_else(|| StoreError::damaged("outcome of a config", word))
    }
}

/// A text that the config file has had.
#[derive(Clone, Debug)]
pub struct ConfigVersion {
    /// Its number, from 1, rising.
    pub id: i64,
    /// When that was noted, or last changed.
    pub at: Timestamp,
    /// A user of the system, an admin's account, or `file` for who changed it by hand.
    pub who: String,
    /// The file.
    pub file: String,
    /// SHA-256 of the text, in hex.
    pub hash: String,
    /// The text; empty where the file was none. May hold secrets.
    pub text: String,
    /// What became of it.
    pub outcome: ConfigOutcome,
    /// Why it was refused; of one in force, what of it waits.
    pub reason: Option<String>,
}

/// The same, to be noted.
#[derive(Clone, Copy, Debug)]
pub struct NewConfigVersion<'a> {
    /// A user of the system, an admin's account, or `file` for who changed it by hand.
    pub who: &'a str,
    /// The file.
    pub file: &'a str,
    /// The text; empty where the file was none.
    pub text: &'a str,
    /// What became of it.
    pub outcome: ConfigOutcome,
    /// Why it was refused; of one in force, what of it waits. No secret may stand in it.
    pub reason: Option<&'a str>,
}

#[derive(sqlx::FromRow)]
struct Columns {
    id: i64,
    at: i64,
    who: String,
    file: String,
    hash: String,
    body: String,
    outcome: String,
    reason: Option<String>,
}

impl ConfigVersion {
    /// SHA-256 of a text, in hex.
    pub fn hash_of(text: &str) -> String {
        to_hex(&Sha256::digest(text.as_bytes()))
    }

    fn of(row: Columns) -> Result<Self, StoreError> {
        let Columns { id, at, who, file, hash, body, outcome, reason } = row;
        let outcome = ConfigOutcome::from_word(&outcome)?;
        Ok(Self { id, at: instant(at), who, file, hash, text: body, outcome, reason })
    }
}

impl Store {
    /// Notes what became of a text. One that was written, by whomever, becomes applied or
    /// refused in its row; what is in force already, or was refused for the same reason just
    /// now, is not noted twice, and what of it waits is noted anew. Returns its number.
    pub async fn note_config(
        &self,
        new: &NewConfigVersion<'_>,
        at: Timestamp,
    ) -> Result<i64, StoreError> {
        let hash = ConfigVersion::hash_of(new.text);
        let mut tx = self.begin().await?;
        let last: Option<(i64, String, String, Option<String>)> =
            sql("SELECT id, hash, outcome, reason FROM config_versions ORDER BY id DESC LIMIT 1")
                .fetch_optional(&mut tx)
                .await?;
        if let Some((id, known, outcome, reason)) = last
            && known == hash
        {
            let same = outcome == new.outcome.word() && reason.as_deref() == new.reason;
            let in_force = new.outcome == ConfigOutcome::Applied && outcome == new.outcome.word();
            let settled = in_force || outcome == ConfigOutcome::Written.word();
            if settled && !same {
                sql("UPDATE config_versions SET outcome = $1, reason = $2, \
                     at = CASE WHEN outcome = $1 THEN at ELSE $3 END WHERE id = $4")
                .bind(new.outcome.word())
                .bind(new.reason)
                .bind(micros(at))
                .bind(id)
                .execute(&mut tx)
                .await?;
            }
            if settled || same {
                tx.commit().await?;
                return Ok(id);
            }
        }
        let id: i64 =
            sql("INSERT INTO config_versions (at, who, file, hash, body, outcome, reason) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id")
            .bind(micros(at))
            .bind(new.who)
            .bind(new.file)
            .bind(&hash)
            .bind(new.text)
            .bind(new.outcome.word())
            .bind(new.reason)
            .scalar(&mut tx)
            .await?;
        forget(&mut tx).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// The last versions, the newest first.
    pub async fn config_versions(&self, most: u32) -> Result<Vec<ConfigVersion>, StoreError> {
        let rows: Vec<Columns> =
            sql("SELECT id, at, who, file, hash, body, outcome, reason FROM config_versions \
                 ORDER BY id DESC LIMIT $1")
            .bind(i64::from(most))
            .fetch_all(&self.read)
            .await?;
        rows.into_iter().map(ConfigVersion::of).collect()
    }

    /// The version of that number.
    pub async fn config_version(&self, id: i64) -> Result<Option<ConfigVersion>, StoreError> {
        let row: Option<Columns> =
            sql("SELECT id, at, who, file, hash, body, outcome, reason FROM config_versions \
                 WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.read)
            .await?;
        row.map(ConfigVersion::of).transpose()
    }

    /// The version that was last applied.
    pub async fn config_applied(&self) -> Result<Option<ConfigVersion>, StoreError> {
        let row: Option<Columns> =
            sql("SELECT id, at, who, file, hash, body, outcome, reason FROM config_versions \
                 WHERE outcome = 'applied' ORDER BY id DESC LIMIT 1")
            .fetch_optional(&self.read)
            .await?;
        row.map(ConfigVersion::of).transpose()
    }
}

/// Forgets all but the last hundred, and the last that was applied.
async fn forget(tx: &mut Tx) -> Result<(), StoreError> {
    sql("DELETE FROM config_versions WHERE id NOT IN \
           (SELECT id FROM config_versions ORDER BY id DESC LIMIT $1) \
         AND id <> coalesce((SELECT max(id) FROM config_versions WHERE outcome = 'applied'), 0)")
    .bind(KEPT)
    .execute(tx)
    .await?;
    Ok(())
}
