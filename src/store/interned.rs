//! Profiles and histories: distinct sets, each stored once, that subscribers share.

use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::{Store, StoreError, Tx, either, micros, sql};
use crate::model::Preferences;
use crate::token::to_hex;

impl Store {
    /// The rows of the papers in this history.
    pub async fn history(&self, history: i64) -> Result<Vec<i64>, StoreError> {
        let papers: String = sql("SELECT papers FROM histories WHERE id = $1")
            .bind(history)
            .scalar(&self.read)
            .await?;
        rows_of(&papers)
    }

    /// The papers in this history, by their keys and titles.
    pub async fn papers_of(&self, history: i64) -> Result<Vec<(String, String)>, StoreError> {
        let rows = self.history(history).await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let rows = rows_to_json(&rows);
        either(
            "SELECT paper_key, title FROM papers WHERE id IN (SELECT value FROM json_each($1)) \
             ORDER BY id",
            "SELECT paper_key, title FROM papers WHERE id IN \
               (SELECT CAST(jsonb_array_elements_text(CAST($1 AS jsonb)) AS BIGINT)) ORDER BY id",
        )
        .bind(rows)
        .fetch_all(&self.read)
        .await
    }

    /// Every profile that some active subscriber has.
    pub async fn active_profiles(&self) -> Result<Vec<(i64, Preferences)>, StoreError> {
        let rows: Vec<(i64, String)> =
            sql("SELECT p.id, p.preferences FROM profiles p WHERE EXISTS \
               (SELECT 1 FROM subscribers s WHERE s.profile = p.id AND s.state = 'active') \
             ORDER BY p.id")
            .fetch_all(&self.read)
            .await?;
        rows.into_iter().map(|(id, text)| Ok((id, preferences_of(&text)?))).collect()
    }

    /// Removes histories that nobody has any more. Returns how many.
    pub async fn sweep_histories(&self) -> Result<u64, StoreError> {
        sql("DELETE FROM histories WHERE papers <> '[]' AND NOT EXISTS \
               (SELECT 1 FROM subscribers s WHERE s.history = histories.id)")
        .execute(&self.write)
        .await
    }
}

/// The history that holds what `subscriber`'s own holds, and what else they were sent, or
/// are about to be, since `since`.
pub(super) async fn remembered(
    tx: &mut Tx,
    subscriber: i64,
    since: Timestamp,
) -> Result<i64, StoreError> {
    let own: String = sql(
        "SELECT h.papers FROM subscribers s JOIN histories h ON h.id = s.history WHERE s.id = $1",
    )
    .bind(subscriber)
    .scalar(&mut *tx)
    .await?;
    let sent: Vec<String> =
        sql("SELECT g.papers FROM deliveries d JOIN digests g ON g.id = d.digest \
         WHERE d.kind = 'digest' AND d.subscriber = $1 AND d.created_at >= $2 \
           AND d.state IN ('queued', 'sending', 'sent', 'deferred')")
        .bind(subscriber)
        .bind(micros(since))
        .scalars(&mut *tx)
        .await?;
    let mut papers = rows_of(&own)?;
    for digest in &sent {
        papers.extend(rows_of(digest)?);
    }
    intern_history(tx, &papers).await
}

/// The row of the profile with this canonical text.
pub(super) async fn intern_profile(tx: &mut Tx, canonical: &str) -> Result<i64, StoreError> {
    sql("INSERT INTO profiles (preferences) VALUES ($1) ON CONFLICT DO NOTHING")
        .bind(canonical)
        .execute(&mut *tx)
        .await?;
    sql("SELECT id FROM profiles WHERE preferences = $1").bind(canonical).scalar(&mut *tx).await
}

/// The row of the history that holds just these papers.
pub(super) async fn intern_history(tx: &mut Tx, papers: &[i64]) -> Result<i64, StoreError> {
    let mut sorted = papers.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let text = rows_to_json(&sorted);
    let hash = to_hex(&Sha256::digest(text.as_bytes()));
    sql("INSERT INTO histories (hash, papers) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(&hash)
        .bind(&text)
        .execute(&mut *tx)
        .await?;
    sql("SELECT id FROM histories WHERE hash = $1").bind(&hash).scalar(&mut *tx).await
}

pub(super) fn preferences_of(text: &str) -> Result<Preferences, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::damaged("profile", text))
}

/// Rows of papers from their JSON.
pub(super) fn rows_of(text: &str) -> Result<Vec<i64>, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::damaged("list of papers", text))
}

/// Rows of papers as JSON.
pub(super) fn rows_to_json<T: Serialize>(rows: &[T]) -> String {
    serde_json::to_string(rows).unwrap_or_default()
}
