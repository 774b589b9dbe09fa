//! What readers say of papers. While somebody has said anything, their profile is their own; what
//! they take back is gone, and with the last of it that profile.

use jiff::Timestamp;

use super::interned::{rows_of, settle_profile};
use super::subscribers::note;
use super::{Store, StoreError, either, instant, micros, sql};
use crate::model::{Feedback, Paper};

/// What a reader said of a paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rated {
    /// The paper's row.
    pub paper: i64,
    /// Its title.
    pub title: String,
    /// What they said.
    pub feedback: Feedback,
    /// When.
    pub at: Timestamp,
}

/// A paper, and what a reader said of it, if they did.
#[derive(Clone, Debug, PartialEq)]
pub struct RatedPaper {
    /// The paper's row.
    pub row: i64,
    /// The paper.
    pub paper: Paper,
    /// What they said.
    pub feedback: Option<Feedback>,
}

const COLUMNS: &str = "t.paper, p.title, t.feedback, t.at";
const FROM: &str = "FROM taste t JOIN papers p ON p.id = t.paper WHERE t.subscriber = $1";

impl Store {
    /// All that `subscriber` has said, the newest first.
    pub async fn rated(&self, subscriber: i64) -> Result<Vec<Rated>, StoreError> {
        // As one text: there may be hundreds, and each row on its own costs more than all as one.
        let all: String = either(
            format!("SELECT json_group_array(json_array({COLUMNS})) {FROM}"),
            format!(
                "SELECT coalesce(CAST(json_agg(json_build_array({COLUMNS})) AS TEXT), '[]') {FROM}"
            ),
        )
        .bind(subscriber)
        .scalar(&self.read)
        .await?;
        let rows: Vec<(i64, String, String, i64)> =
            serde_json::from_str(&all).map_err(|_| StoreError::damaged("taste", &all))?;
        let rated = rows.into_iter().map(|(paper, title, word, at)| {
            Ok(Rated { paper, title, feedback: feedback_of(&word)?, at: instant(at) })
        });
        let mut rated: Vec<Rated> = rated.collect::<Result<_, StoreError>>()?;
        rated.sort_by_key(|one| (std::cmp::Reverse(one.at), one.paper));
        Ok(rated)
    }

    /// These papers as far as they are known, in this order, with what `subscriber` said of them.
    pub async fn rated_papers(
        &self,
        subscriber: i64,
        rows: &[i64],
    ) -> Result<Vec<RatedPaper>, StoreError> {
        let said = self.rated(subscriber).await?;
        let of = |row| said.iter().find(|one| one.paper == row).map(|one| one.feedback);
        let mut papers = self.papers_in(rows).await?;
        let placed = rows.iter().filter_map(|row| {
            let at = papers.iter().position(|(found, _)| found == row)?;
            let (row, paper) = papers.swap_remove(at);
            Some(RatedPaper { row, paper, feedback: of(row) })
        });
        Ok(placed.collect())
    }

    /// The rows of the papers of the last `digests` digests that `subscriber` was sent, the
    /// newest digest first, each paper once.
    pub async fn last_papers(&self, subscriber: i64, digests: u32) -> Result<Vec<i64>, StoreError> {
        let sent: Vec<String> =
            sql("SELECT g.papers FROM deliveries d JOIN digests g ON g.id = d.digest \
             WHERE d.kind = 'digest' AND d.subscriber = $1 \
               AND d.state IN ('queued', 'sending', 'sent', 'deferred') \
             ORDER BY d.day DESC LIMIT $2")
            .bind(subscriber)
            .bind(i64::from(digests))
            .scalars(&self.read)
            .await?;
        let mut rows = Vec::new();
        for papers in &sent {
            rows.extend(rows_of(papers)?);
        }
        let mut seen = std::collections::HashSet::new();
        rows.retain(|row| seen.insert(*row));
        Ok(rows)
    }

    /// Notes what `subscriber` says of `paper`; none: takes back what they said. False, with
    /// nothing changed, where that is how it stands.
    pub async fn rate(
        &self,
        subscriber: i64,
        paper: i64,
        feedback: Option<Feedback>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let changed = match feedback {
            Some(feedback) => {
                sql("INSERT INTO taste (subscriber, paper, feedback, at) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (subscriber, paper) DO UPDATE SET feedback = excluded.feedback, \
                   at = excluded.at WHERE taste.feedback <> excluded.feedback")
                .bind(subscriber)
                .bind(paper)
                .bind(feedback.word())
                .bind(micros(now))
                .execute(&mut tx)
                .await?
            }
            None => {
                sql("DELETE FROM taste WHERE subscriber = $1 AND paper = $2")
                    .bind(subscriber)
                    .bind(paper)
                    .execute(&mut tx)
                    .await?
            }
        };
        if changed == 0 {
            tx.rollback().await?;
            return Ok(false);
        }
        settle_profile(&mut tx, subscriber, None, now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Forgets all that `subscriber` has said. Returns how much it was.
    pub async fn reset_taste(&self, subscriber: i64, now: Timestamp) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let gone = sql("DELETE FROM taste WHERE subscriber = $1")
            .bind(subscriber)
            .execute(&mut tx)
            .await?;
        settle_profile(&mut tx, subscriber, None, now).await?;
        if gone > 0 {
            note(&mut tx, subscriber, now, "taste", "forgotten, as they asked").await?;
        }
        tx.commit().await?;
        Ok(gone)
    }
}

fn feedback_of(word: &str) -> Result<Feedback, StoreError> {
    Feedback::from_word(word).ok_or_else(|| StoreError::damaged("feedback", word))
}
