//! Papers: each once, with the newest known of every field, and its votes over time.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::interned::rows_to_json;
use super::{Store, StoreError, Tx, either, instant, micros, sql};
use crate::model::{Listing, Paper, Period};

/// What a good listing did to the papers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListingChange {
    /// Papers seen for the first time.
    pub new: u64,
    /// Known papers of which something changed.
    pub changed: u64,
}

/// A paper that may still be sent to somebody.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Its row.
    pub row: i64,
    /// The paper.
    pub paper: Paper,
    /// When it was first seen listed.
    pub first_listed_at: Timestamp,
    /// Its best place in any list, from 1.
    pub position: i64,
}

/// As a count holds them; none: not known.
type Votes = Option<i64>;

const DAY: SignedDuration = SignedDuration::from_hours(24);

impl Store {
    /// The papers first seen listed at `since` or later.
    pub async fn candidates(&self, since: Timestamp) -> Result<Vec<Candidate>, StoreError> {
        let rows: Vec<(i64, String, i64, Option<i64>)> =
            sql("SELECT p.id, p.data, p.first_listed_at, \
               (SELECT min(l.position) FROM listings l WHERE l.paper = p.id) \
             FROM papers p WHERE p.first_listed_at >= $1 ORDER BY p.first_listed_at, p.id")
            .bind(micros(since))
            .fetch_all(&self.read)
            .await?;
        rows.into_iter()
            .map(|(row, data, first, position)| {
                Ok(Candidate {
                    row,
                    paper: from_json(&data)?,
                    first_listed_at: instant(first),
                    position: position.unwrap_or(i64::MAX),
                })
            })
            .collect()
    }

    /// What each paper first seen listed at `since` or later has gained in votes since `from`,
    /// or since it was first seen, where that was later. Who gained nothing is left out; so is
    /// who was there at `from`, where no fetch in the day before it tells how things stood.
    pub async fn gains(
        &self,
        since: Timestamp,
        from: Timestamp,
    ) -> Result<HashMap<i64, u32>, StoreError> {
        let before = from.saturating_sub(DAY).unwrap_or(Timestamp::MIN);
        let looked: bool = sql("SELECT EXISTS (SELECT 1 FROM fetches WHERE at > $1 AND at <= $2 \
               AND outcome IN ('good', 'unchanged'))")
        .bind(micros(before))
        .bind(micros(from))
        .scalar(&self.read)
        .await?;
        let since = if looked { since } else { since.max(from) };
        let rows: Vec<(i64, Votes, Votes, Votes)> = sql("SELECT p.id, \
               (SELECT c.votes FROM paper_counts c WHERE c.paper = p.id \
                ORDER BY c.at DESC LIMIT 1), \
               (SELECT c.votes FROM paper_counts c WHERE c.paper = p.id AND c.at <= $2 \
                ORDER BY c.at DESC LIMIT 1), \
               (SELECT c.votes FROM paper_counts c WHERE c.paper = p.id ORDER BY c.at LIMIT 1) \
             FROM papers p WHERE p.first_listed_at >= $1")
        .bind(micros(since))
        .bind(micros(from))
        .fetch_all(&self.read)
        .await?;
        let gain = |(row, now, then, first): (i64, Votes, Votes, Votes)| {
            let gained = u32::try_from(now? - then.or(first)?).ok()?;
            (gained > 0).then_some((row, gained))
        };
        Ok(rows.into_iter().filter_map(gain).collect())
    }

    /// The rows of the newest `limit` papers first seen listed at `since` or later, each with
    /// that moment, the newest first.
    pub async fn newest_papers(
        &self,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<(i64, Timestamp)>, StoreError> {
        let rows: Vec<(i64, i64)> = sql("SELECT id, first_listed_at FROM papers \
             WHERE first_listed_at >= $1 ORDER BY first_listed_at DESC, id DESC LIMIT $2")
        .bind(micros(since))
        .bind(i64::from(limit))
        .fetch_all(&self.read)
        .await?;
        Ok(rows.into_iter().map(|(row, at)| (row, instant(at))).collect())
    }

    /// The papers in these rows, as far as there are any, in no order.
    pub async fn papers_in(&self, rows: &[i64]) -> Result<Vec<(i64, Paper)>, StoreError> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let found: Vec<(i64, String)> = either(
            "SELECT id, data FROM papers WHERE id IN (SELECT value FROM json_each($1))",
            "SELECT id, data FROM papers WHERE id IN \
               (SELECT CAST(jsonb_array_elements_text(CAST($1 AS jsonb)) AS BIGINT))",
        )
        .bind(rows_to_json(rows))
        .fetch_all(&self.read)
        .await?;
        found.into_iter().map(|(row, data)| Ok((row, from_json(&data)?))).collect()
    }

    /// How many papers are known.
    pub async fn count_papers(&self) -> Result<i64, StoreError> {
        sql("SELECT count(*) FROM papers").scalar(&self.read).await
    }
}

/// The list's name in `listings.period`.
pub(super) fn period_name(period: Period) -> String {
    match period {
        Period::Day(date) => format!("day:{date}"),
        Period::Week(Some(date)) => format!("week:{date}"),
        Period::Month(Some(date)) => format!("month:{date}"),
        other => other.word().to_owned(),
    }
}

/// The list of that name.
pub(super) fn period_of(name: &str) -> Option<Period> {
    let (word, date) = match name.split_once(':') {
        Some((word, date)) => (word, Some(date.parse().ok()?)),
        None => (name, None),
    };
    match (word, date) {
        ("day", Some(date)) => Some(Period::Day(date)),
        ("week", date) => Some(Period::Week(date)),
        ("month", date) => Some(Period::Month(date)),
        ("trending", None) => Some(Period::Trending),
        ("feed", None) => Some(Period::Feed),
        _ => None,
    }
}

/// Takes in a good listing.
pub(super) async fn take_in(
    tx: &mut Tx,
    source: &str,
    at: Timestamp,
    listing: &Listing,
) -> Result<ListingChange, StoreError> {
    let period = period_name(listing.period);
    let mut change = ListingChange::default();
    let known = known_papers(tx, &listing.papers).await?;
    for (position, paper) in (1_i64..).zip(&listing.papers) {
        let row = match known.get(paper.id.as_str()) {
            None => {
                change.new += 1;
                let row: i64 = sql(
                    "INSERT INTO papers (paper_key, title, data, source, first_listed_at, last_listed_at) \
                     VALUES ($1, $2, $3, $4, $5, $5) RETURNING id",
                )
                .bind(paper.id.as_str())
                .bind(&paper.title)
                .bind(to_json(paper))
                .bind(source)
                .bind(micros(at))
                .scalar(&mut *tx)
                .await?;
                count(tx, row, at, paper).await?;
                row
            }
            Some((row, old)) => {
                let merged = merge(old, paper);
                if merged != *old {
                    change.changed += 1;
                    sql("UPDATE papers SET title = $1, data = $2 WHERE id = $3")
                        .bind(&merged.title)
                        .bind(to_json(&merged))
                        .bind(row)
                        .execute(&mut *tx)
                        .await?;
                }
                if (merged.votes, merged.stars) != (old.votes, old.stars) {
                    count(tx, *row, at, &merged).await?;
                }
                // A list read late never turns time back.
                sql("UPDATE papers SET last_listed_at = $1 WHERE id = $2 AND last_listed_at < $1")
                    .bind(micros(at))
                    .bind(row)
                    .execute(&mut *tx)
                    .await?;
                *row
            }
        };
        sql("INSERT INTO listings (source, period, paper, position, first_at, last_at) \
             VALUES ($1, $2, $3, $4, $5, $5) \
             ON CONFLICT (source, period, paper) \
             DO UPDATE SET position = excluded.position, last_at = excluded.last_at")
        .bind(source)
        .bind(&period)
        .bind(row)
        .bind(position)
        .bind(micros(at))
        .execute(&mut *tx)
        .await?;
    }
    Ok(change)
}

async fn known_papers(
    tx: &mut Tx,
    papers: &[Paper],
) -> Result<HashMap<String, (i64, Paper)>, StoreError> {
    let keys: Vec<&str> = papers.iter().map(|paper| paper.id.as_str()).collect();
    let rows: Vec<(i64, String, String)> = either(
        "SELECT id, paper_key, data FROM papers \
         WHERE paper_key IN (SELECT value FROM json_each($1))",
        "SELECT id, paper_key, data FROM papers \
         WHERE paper_key IN (SELECT jsonb_array_elements_text(CAST($1 AS jsonb)))",
    )
    .bind(serde_json::Value::from(keys).to_string())
    .fetch_all(&mut *tx)
    .await?;
    rows.into_iter().map(|(row, key, data)| Ok((key, (row, from_json(&data)?)))).collect()
}

async fn count(tx: &mut Tx, row: i64, at: Timestamp, paper: &Paper) -> Result<(), StoreError> {
    sql("INSERT INTO paper_counts (paper, at, votes, stars) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (paper, at) DO UPDATE SET votes = excluded.votes, stars = excluded.stars")
    .bind(row)
    .bind(micros(at))
    .bind(paper.votes.map(i64::from))
    .bind(paper.stars.map(i64::from))
    .execute(&mut *tx)
    .await?;
    Ok(())
}

/// The newest known of every field: what a listing leaves out (summaries fail for weeks,
/// cards hold less than pages) does not erase what is known.
fn merge(old: &Paper, new: &Paper) -> Paper {
    fn newer<T: Clone>(new: &Option<T>, old: &Option<T>) -> Option<T> {
        new.clone().or_else(|| old.clone())
    }
    fn fuller<T: Clone>(new: &[T], old: &[T]) -> Vec<T> {
        if new.is_empty() { old.to_vec() } else { new.to_vec() }
    }
    Paper {
        id: old.id.clone(),
        title: if new.title.is_empty() { old.title.clone() } else { new.title.clone() },
        summary: if new.summary.is_empty() { old.summary.clone() } else { new.summary.clone() },
        brief: newer(&new.brief, &old.brief),
        authors: fuller(&new.authors, &old.authors),
        organization: newer(&new.organization, &old.organization),
        published_at: newer(&new.published_at, &old.published_at),
        votes: newer(&new.votes, &old.votes),
        stars: newer(&new.stars, &old.stars),
        comments: newer(&new.comments, &old.comments),
        keywords: fuller(&new.keywords, &old.keywords),
        // The first source's page stays: links in mails already sent do not move.
        url: old.url.clone(),
        thumbnail: newer(&new.thumbnail, &old.thumbnail),
        code_url: newer(&new.code_url, &old.code_url),
        project_url: newer(&new.project_url, &old.project_url),
        withdrawn: old.withdrawn || new.withdrawn,
    }
}

fn to_json(paper: &Paper) -> String {
    serde_json::to_string(paper).unwrap_or_default()
}

fn from_json(data: &str) -> Result<Paper, StoreError> {
    serde_json::from_str(data).map_err(|_| StoreError::damaged("paper", data))
}
