//! Profiles and histories: distinct sets, each stored once, that subscribers share.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::subscribers::note;
use super::timeline::FORMER;
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
        rows.into_iter().map(|(id, text)| Ok((id, profile_of(&text)?.preferences))).collect()
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
           AND d.state IN ('queued', 'sending', 'sent', 'deferred') \
         UNION ALL SELECT g.papers FROM deliveries d JOIN digests g ON g.id = d.digest \
         WHERE d.kind <> 'digest' AND d.kind = 'resend' AND d.subscriber = $1 \
           AND d.created_at >= $2 AND d.state IN ('queued', 'sending', 'sent', 'deferred')")
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

/// A profile's text: the preferences, and whose taste goes with them. Who has taste has a profile
/// of their own; all others share one with whoever wishes the same.
#[derive(Serialize, Deserialize)]
pub(super) struct ProfileText {
    #[serde(flatten)]
    pub(super) preferences: Preferences,
    /// The row of a subscriber.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) taste: Option<i64>,
}

pub(super) fn profile_of(text: &str) -> Result<ProfileText, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::damaged("profile", text))
}

/// The profile that a subscriber has, which nobody else changes until the transaction ends.
pub(super) async fn hold_profile(
    tx: &mut Tx,
    subscriber: i64,
) -> Result<(i64, ProfileText), StoreError> {
    sql("UPDATE subscribers SET profile = profile WHERE id = $1")
        .bind(subscriber)
        .execute(&mut *tx)
        .await?;
    let (id, text): (i64, String) = sql("SELECT p.id, p.preferences FROM subscribers s \
         JOIN profiles p ON p.id = s.profile WHERE s.id = $1")
    .bind(subscriber)
    .fetch_one(&mut *tx)
    .await?;
    Ok((id, profile_of(&text)?))
}

/// Gives `subscriber` the profile that fits their preferences (those that they have, where there
/// are no new ones) and whether they have taste. What they leave behind and nobody else can have,
/// goes; what others may have is noted, so that `why` finds what was planned for it.
pub(super) async fn settle_profile(
    tx: &mut Tx,
    subscriber: i64,
    preferences: Option<&Preferences>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (old, before) = hold_profile(tx, subscriber).await?;
    let rated: bool = sql("SELECT EXISTS (SELECT 1 FROM taste WHERE subscriber = $1)")
        .bind(subscriber)
        .scalar(&mut *tx)
        .await?;
    let wanted = ProfileText {
        preferences: preferences.unwrap_or(&before.preferences).clone(),
        taste: rated.then_some(subscriber),
    };
    let new = intern_profile(tx, &serde_json::to_string(&wanted).unwrap_or_default()).await?;
    if new == old {
        return Ok(());
    }
    sql("UPDATE subscribers SET profile = $1 WHERE id = $2")
        .bind(new)
        .bind(subscriber)
        .execute(&mut *tx)
        .await?;
    if before.taste.is_none() {
        note(tx, subscriber, now, FORMER, &old.to_string()).await?;
    }
    drop_own_profile(tx, old, &before).await
}

/// Removes a profile that was one person's alone, and is not theirs any more.
pub(super) async fn drop_own_profile(
    tx: &mut Tx,
    profile: i64,
    text: &ProfileText,
) -> Result<(), StoreError> {
    if text.taste.is_none() {
        return Ok(());
    }
    // Nobody's from now on: SQLite gives the number of the last row to the next.
    sql("UPDATE plans SET profile = 0 WHERE profile = $1").bind(profile).execute(&mut *tx).await?;
    sql("DELETE FROM profiles WHERE id = $1").bind(profile).execute(&mut *tx).await?;
    Ok(())
}

/// Rows of papers from their JSON.
pub(super) fn rows_of(text: &str) -> Result<Vec<i64>, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::damaged("list of papers", text))
}

/// Rows of papers as JSON.
pub(super) fn rows_to_json<T: Serialize>(rows: &[T]) -> String {
    serde_json::to_string(rows).unwrap_or_default()
}
