//! Votes over time, and the days on which a cohort was sent nothing: what a digest can say beside
//! its papers.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;

use super::subscribers::day_of;
use super::{Store, StoreError, instant, micros, sql};
use crate::model::Paper;

/// How many plans are looked at for the days without a digest.
const PLANS: i64 = 400;

/// A paper's votes at the ends of two weeks or other stretches of time.
#[derive(Clone, Debug)]
pub struct Course {
    /// The paper.
    pub paper: Paper,
    /// Its votes at each moment; none before it was first counted.
    pub votes: [Option<u32>; 3],
}

/// A paper's data, and its votes at three moments.
type CourseRow = (String, Option<i64>, Option<i64>, Option<i64>);

/// A planning that found nothing new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silent {
    /// The day that it counted for, on the readers' calendar.
    pub day: Date,
    /// When it was.
    pub at: Timestamp,
}

impl Store {
    /// The votes at `moment` of the papers first seen listed at `since` or later, by their rows;
    /// without those that had none counted yet.
    pub async fn votes_at(
        &self,
        since: Timestamp,
        moment: Timestamp,
    ) -> Result<HashMap<i64, u32>, StoreError> {
        let rows: Vec<(i64, i64)> = sql("SELECT c.paper, c.votes FROM papers p \
             JOIN paper_counts c ON c.paper = p.id \
             WHERE p.first_listed_at >= $1 AND p.first_listed_at <= $2 AND c.votes IS NOT NULL \
               AND c.at = (SELECT max(l.at) FROM paper_counts l \
                           WHERE l.paper = p.id AND l.at <= $2)")
        .bind(micros(since))
        .bind(micros(moment))
        .fetch_all(&self.read)
        .await?;
        Ok(rows.into_iter().map(|(paper, votes)| (paper, count(votes))).collect())
    }

    /// The votes at three moments, in order, of every paper that was listed since the first.
    pub async fn courses(&self, moments: [Timestamp; 3]) -> Result<Vec<Course>, StoreError> {
        const AT: &str = "(SELECT c.votes FROM paper_counts c WHERE c.paper = p.id AND c.at <= ";
        const LAST: &str = " ORDER BY c.at DESC LIMIT 1)";
        let [first, middle, last] = moments;
        let rows: Vec<CourseRow> = sql(format!(
            "SELECT p.data, {AT}$1{LAST}, {AT}$2{LAST}, {AT}$3{LAST} FROM papers p \
             WHERE p.last_listed_at >= $1 AND p.first_listed_at <= $3 ORDER BY p.id"
        ))
        .bind(micros(first))
        .bind(micros(middle))
        .bind(micros(last))
        .fetch_all(&self.read)
        .await?;
        rows.into_iter()
            .map(|(data, first, middle, last)| {
                let paper =
                    serde_json::from_str(&data).map_err(|_| StoreError::damaged("paper", &data))?;
                Ok(Course { paper, votes: [first, middle, last].map(|votes| votes.map(count)) })
            })
            .collect()
    }

    /// The plannings after the day `after` that found nothing new for the cohort whose readers
    /// have this profile and, as these left it, this history; the oldest first.
    pub async fn silent_plans(
        &self,
        profile: i64,
        history: i64,
        after: Date,
        since: Timestamp,
    ) -> Result<Vec<Silent>, StoreError> {
        let rows: Vec<(String, i64, i64, i64)> =
            sql("SELECT day, planned_at, history_before, history_after FROM plans \
             WHERE profile = $1 AND due_at >= $2 AND day > $3 AND digest IS NULL \
             ORDER BY id DESC LIMIT $4")
            .bind(profile)
            .bind(micros(since))
            .bind(after.to_string())
            .bind(PLANS)
            .fetch_all(&self.read)
            .await?;
        let mut left = history;
        let mut found: Vec<Silent> = Vec::new();
        for (day, at, before, after) in rows {
            if after == left {
                left = before;
                found.push(Silent { day: day_of(&day)?, at: instant(at) });
            }
        }
        found.reverse();
        Ok(found)
    }

    /// Whether any source was read, with or without news, after `from` and until `to`.
    pub async fn was_read(&self, from: Timestamp, to: Timestamp) -> Result<bool, StoreError> {
        let good: i64 = sql("SELECT count(*) FROM fetches WHERE at > $1 AND at <= $2 \
               AND outcome IN ('good', 'unchanged', 'empty')")
        .bind(micros(from))
        .bind(micros(to))
        .scalar(&self.read)
        .await?;
        Ok(good > 0)
    }
}

fn count(votes: i64) -> u32 {
    u32::try_from(votes).unwrap_or(0)
}
