//! The papers by the moment when they were first seen: what a day brought, for pages and feeds.

use jiff::Timestamp;
use serde::Serialize;

use super::{Store, StoreError, instant, micros, sql};
use crate::model::Paper;

/// A paper with the moment when it was first seen listed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Listed {
    /// The paper, with the newest known of each field.
    pub paper: Paper,
    /// When it was first seen.
    pub first_listed_at: Timestamp,
    /// When it was last seen.
    pub last_listed_at: Timestamp,
}

impl Store {
    /// Up to `limit` papers first seen at `from` or later and before `to`, the newest first.
    pub async fn listed(
        &self,
        from: Timestamp,
        to: Timestamp,
        limit: u32,
    ) -> Result<Vec<Listed>, StoreError> {
        let rows: Vec<(String, i64, i64)> = sql("SELECT data, first_listed_at, last_listed_at \
             FROM papers WHERE first_listed_at >= $1 AND first_listed_at < $2 \
             ORDER BY first_listed_at DESC, id LIMIT $3")
        .bind(micros(from))
        .bind(micros(to))
        .bind(i64::from(limit))
        .fetch_all(&self.read)
        .await?;
        rows.into_iter()
            .map(|(data, first, last)| {
                let paper =
                    serde_json::from_str(&data).map_err(|_| StoreError::damaged("paper", &data))?;
                Ok(Listed { paper, first_listed_at: instant(first), last_listed_at: instant(last) })
            })
            .collect()
    }

    /// When each paper was first seen that was at `from` or later and before `to`, the newest
    /// first.
    pub async fn listed_moments(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Timestamp>, StoreError> {
        let rows: Vec<i64> = sql("SELECT first_listed_at FROM papers \
             WHERE first_listed_at >= $1 AND first_listed_at < $2 ORDER BY first_listed_at DESC")
        .bind(micros(from))
        .bind(micros(to))
        .scalars(&self.read)
        .await?;
        Ok(rows.into_iter().map(instant).collect())
    }

    /// When the newest paper before `to` was first seen.
    pub async fn last_listed(&self, to: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let at: Option<i64> =
            sql("SELECT max(first_listed_at) FROM papers WHERE first_listed_at < $1")
                .bind(micros(to))
                .scalar(&self.read)
                .await?;
        Ok(at.map(instant))
    }
}
