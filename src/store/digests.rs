//! Cohorts and their digests: who is due together, and what they receive. One cohort is
//! moved in one unit of writing, however many readers it has.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::interned::{intern_history, profile_of, rows_of, rows_to_json};
use super::subscribers::day_of;
use super::{Store, StoreError, Tx, instant, micros, sql};
use crate::model::{MailKind, Preferences};

/// Subscribers moved by one statement.
const SLICE: i64 = 20_000;

/// Active subscribers who share profile, history, due moment and the day of their last digest.
#[derive(Clone, Debug)]
pub struct Cohort {
    /// The profile's row.
    pub profile: i64,
    /// What they asked for.
    pub preferences: Preferences,
    /// The row of the one reader, if they have taste.
    pub taste: Option<i64>,
    /// The history's row.
    pub history: i64,
    /// The rows of the papers that they were already sent.
    pub sent: Vec<i64>,
    /// When they were due.
    pub due_at: Timestamp,
    /// The day of their last digest, on their calendar; none before the first.
    pub last_day: Option<Date>,
}

impl Cohort {
    /// The day of their last digest as it stands in its column, or an empty text.
    fn last(&self) -> String {
        self.last_day.map(|day| day.to_string()).unwrap_or_default()
    }
}

/// What a cohort receives.
#[derive(Clone, Debug)]
pub struct NewDigest {
    /// The rows of its papers, best first.
    pub papers: Vec<i64>,
    /// What stands in the parts where the personal ones go.
    pub marker: String,
    /// The subject.
    pub subject: String,
    /// The HTML part.
    pub html: String,
    /// The text part.
    pub text: String,
    /// What it says of its sender; empty: what the sending process says.
    pub letterhead: String,
    /// Not to be sent after.
    pub expires_at: Timestamp,
}

/// A digest as stored.
#[derive(Clone, Debug)]
pub struct StoredDigest {
    /// Its row.
    pub id: i64,
    /// A digest, or the kind of notice.
    pub kind: MailKind,
    /// The day that a digest counts for, on its readers' calendar.
    pub day: Option<Date>,
    /// When it was made.
    pub created_at: Timestamp,
    /// What stands in the parts where the personal ones go.
    pub marker: String,
    /// The subject.
    pub subject: String,
    /// The HTML part.
    pub html: String,
    /// The text part.
    pub text: String,
    /// What it says of its sender; empty: what the sending process says.
    pub letterhead: String,
}

/// How a cohort is moved on.
#[derive(Clone, Debug)]
pub struct Move<'a> {
    /// When it was planned.
    pub now: Timestamp,
    /// The day that the planning counts for, on the readers' calendar.
    pub day: Date,
    /// When they are due next.
    pub next_due_at: Timestamp,
    /// The papers to remember.
    pub history: &'a [i64],
    /// How many papers were inside the look-back.
    pub candidates: usize,
    /// What was decided and why, in words.
    pub reason: &'a str,
}

#[derive(sqlx::FromRow)]
struct DigestColumns {
    id: i64,
    kind: String,
    day: String,
    created_at: i64,
    marker: String,
    subject: String,
    html: String,
    body_text: String,
    letterhead: Option<String>,
}

/// Due moment, profile, history, last digest's day, readers, preferences and papers.
type CohortRow = (i64, i64, i64, Option<String>, i64, String, String);

impl Store {
    /// The cohort that has been due longest, if any is due at `now`.
    pub async fn next_cohort(&self, now: Timestamp) -> Result<Option<Cohort>, StoreError> {
        // Two steps, so that the first walks the index and stops at once, however large
        // the cohort is.
        let found: Option<(i64, i64, i64, Option<String>)> =
            sql("SELECT next_due_at, profile, history, last_digest_day FROM subscribers \
             WHERE state = 'active' AND next_due_at <= $1 \
             ORDER BY next_due_at, profile, history LIMIT 1")
            .bind(micros(now))
            .fetch_optional(&self.read)
            .await?;
        let Some((due_at, profile, history, last)) = found else { return Ok(None) };
        let (preferences, sent): (String, String) =
            sql("SELECT p.preferences, h.papers FROM profiles p, histories h \
             WHERE p.id = $1 AND h.id = $2")
            .bind(profile)
            .bind(history)
            .fetch_one(&self.read)
            .await?;
        let text = profile_of(&preferences)?;
        Ok(Some(Cohort {
            profile,
            preferences: text.preferences,
            taste: text.taste,
            history,
            sent: rows_of(&sent)?,
            due_at: instant(due_at),
            last_day: last.as_deref().map(day_of).transpose()?,
        }))
    }

    /// Every distinct cohort that is due at `now`, with its number of readers.
    pub async fn due_cohorts(&self, now: Timestamp) -> Result<Vec<(Cohort, i64)>, StoreError> {
        let rows: Vec<CohortRow> =
            sql("SELECT c.next_due_at, c.profile, c.history, c.last_digest_day, c.readers, \
               p.preferences, h.papers \
             FROM (SELECT next_due_at, profile, history, last_digest_day, \
                     count(*) AS readers FROM subscribers \
                   WHERE state = 'active' AND next_due_at <= $1 \
                   GROUP BY next_due_at, profile, history, last_digest_day) c \
             JOIN profiles p ON p.id = c.profile JOIN histories h ON h.id = c.history \
             ORDER BY c.next_due_at, c.profile, c.history")
            .bind(micros(now))
            .fetch_all(&self.read)
            .await?;
        rows.into_iter()
            .map(|(due_at, profile, history, last, readers, preferences, sent)| {
                let text = profile_of(&preferences)?;
                let cohort = Cohort {
                    profile,
                    preferences: text.preferences,
                    taste: text.taste,
                    history,
                    sent: rows_of(&sent)?,
                    due_at: instant(due_at),
                    last_day: last.as_deref().map(day_of).transpose()?,
                };
                Ok((cohort, readers))
            })
            .collect()
    }

    /// Stores the digest, enqueues a delivery for every reader of the cohort, and moves them
    /// on: all of it or nothing. Returns how many deliveries there are; none, with nothing
    /// stored, when another process was first.
    pub async fn enqueue_digest(
        &self,
        cohort: &Cohort,
        digest: &NewDigest,
        step: &Move<'_>,
    ) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let day = step.day.to_string();
        let id: i64 = sql(
            "INSERT INTO digests (profile, day, created_at, papers, marker, subject, html, body_text, \
               letterhead) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id",
        )
        .bind(cohort.profile)
        .bind(&day)
        .bind(micros(step.now))
        .bind(rows_to_json(&digest.papers))
        .bind(&digest.marker)
        .bind(&digest.subject)
        .bind(&digest.html)
        .bind(&digest.text)
        .bind(&digest.letterhead)
        .scalar(&mut tx)
        .await?;
        let history = intern_history(&mut tx, step.history).await?;
        let mut planned = 0;
        // One unit, in slices: what a statement remembers stays small, however many they are.
        while let Some(upto) = slice(&mut tx, cohort).await? {
            planned += enqueue(&mut tx, cohort, step, id, digest.expires_at, upto).await?;
            move_on(&mut tx, cohort, step, history, true, upto).await?;
        }
        if planned == 0 {
            tx.rollback().await?;
            let mut tx = self.begin().await?;
            move_on(&mut tx, cohort, step, cohort.history, false, i64::MAX).await?;
            tx.commit().await?;
            return Ok(0);
        }
        record_plan(&mut tx, cohort, step, history, Some(id), planned).await?;
        tx.commit().await?;
        Ok(planned)
    }

    /// Moves a cohort on without a digest, and notes why. Returns how many readers it has.
    pub async fn enqueue_nothing(
        &self,
        cohort: &Cohort,
        step: &Move<'_>,
    ) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let history = intern_history(&mut tx, step.history).await?;
        let moved = move_on(&mut tx, cohort, step, history, false, i64::MAX).await?;
        if moved > 0 {
            record_plan(&mut tx, cohort, step, history, None, moved).await?;
        }
        tx.commit().await?;
        Ok(moved)
    }

    /// The digest in this row.
    pub async fn digest(&self, id: i64) -> Result<Option<StoredDigest>, StoreError> {
        let row: Option<DigestColumns> =
            sql("SELECT id, kind, day, created_at, marker, subject, html, body_text, letterhead \
             FROM digests \
             WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.read)
            .await?;
        row.map(|row| {
            let kind = MailKind::from_word(&row.kind)
                .ok_or_else(|| StoreError::damaged("kind of mail", &row.kind))?;
            let day = match kind {
                // It counts for nobody's day.
                MailKind::Canary => Some(instant(row.created_at).to_zoned(TimeZone::UTC).date()),
                kind => kind.is_digest().then(|| day_of(&row.day)).transpose()?,
            };
            Ok(StoredDigest {
                id: row.id,
                kind,
                day,
                created_at: instant(row.created_at),
                marker: row.marker,
                subject: row.subject,
                html: row.html,
                text: row.body_text,
                letterhead: row.letterhead.unwrap_or_default(),
            })
        })
        .transpose()
    }
}

/// The last row of the next slice of the cohort, if any of it is left.
async fn slice(tx: &mut Tx, cohort: &Cohort) -> Result<Option<i64>, StoreError> {
    sql("SELECT max(id) FROM (SELECT id FROM subscribers \
           WHERE state = 'active' AND profile = $1 AND history = $2 AND next_due_at = $3 \
             AND COALESCE(last_digest_day, '') = $5 \
           ORDER BY id LIMIT $4) slice")
    .bind(cohort.profile)
    .bind(cohort.history)
    .bind(micros(cohort.due_at))
    .bind(SLICE)
    .bind(cohort.last())
    .scalar(&mut *tx)
    .await
}

/// Enqueues a delivery for each of the slice. Who already has a digest of this local day
/// (their hour or zone was changed) gets no second one.
async fn enqueue(
    tx: &mut Tx,
    cohort: &Cohort,
    step: &Move<'_>,
    digest: i64,
    expires_at: Timestamp,
    upto: i64,
) -> Result<u64, StoreError> {
    sql("INSERT INTO deliveries (kind, digest, subscriber, day, state, created_at, \
           next_attempt_at, expires_at) \
         SELECT 'digest', $1, id, $2, 'queued', $3, $3, $4 FROM subscribers \
         WHERE state = 'active' AND profile = $5 AND history = $6 AND next_due_at = $7 \
           AND id <= $8 AND (last_digest_day IS NULL OR last_digest_day < $2) \
           AND COALESCE(last_digest_day, '') = $9 \
         ON CONFLICT DO NOTHING")
    .bind(digest)
    .bind(step.day.to_string())
    .bind(micros(step.now))
    .bind(micros(expires_at))
    .bind(cohort.profile)
    .bind(cohort.history)
    .bind(micros(cohort.due_at))
    .bind(upto)
    .bind(cohort.last())
    .execute(&mut *tx)
    .await
}

/// Gives the cohort up to the row `upto` its next due moment; with `sent`, the day counts as
/// served.
async fn move_on(
    tx: &mut Tx,
    cohort: &Cohort,
    step: &Move<'_>,
    history: i64,
    sent: bool,
    upto: i64,
) -> Result<u64, StoreError> {
    let day = step.day.to_string();
    let mut moved = 0;
    if sent {
        moved +=
            sql("UPDATE subscribers SET history = $1, next_due_at = $2, last_digest_day = $3 \
             WHERE state = 'active' AND profile = $4 AND history = $5 AND next_due_at = $6 \
               AND id <= $7 AND (last_digest_day IS NULL OR last_digest_day < $3) \
               AND COALESCE(last_digest_day, '') = $8")
            .bind(history)
            .bind(micros(step.next_due_at))
            .bind(&day)
            .bind(cohort.profile)
            .bind(cohort.history)
            .bind(micros(cohort.due_at))
            .bind(upto)
            .bind(cohort.last())
            .execute(&mut *tx)
            .await?;
    }
    // All of them, or those who already had a digest of this day.
    moved += sql("UPDATE subscribers SET history = $1, next_due_at = $2 \
         WHERE state = 'active' AND profile = $3 AND history = $4 AND next_due_at = $5 \
           AND id <= $6 AND COALESCE(last_digest_day, '') = $7")
    .bind(if sent { cohort.history } else { history })
    .bind(micros(step.next_due_at))
    .bind(cohort.profile)
    .bind(cohort.history)
    .bind(micros(cohort.due_at))
    .bind(upto)
    .bind(cohort.last())
    .execute(&mut *tx)
    .await?;
    Ok(moved)
}

async fn record_plan(
    tx: &mut Tx,
    cohort: &Cohort,
    step: &Move<'_>,
    history: i64,
    digest: Option<i64>,
    readers: u64,
) -> Result<(), StoreError> {
    sql("INSERT INTO plans (profile, history_before, history_after, due_at, planned_at, day, \
           readers, candidates, digest, reason) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
    .bind(cohort.profile)
    .bind(cohort.history)
    .bind(history)
    .bind(micros(cohort.due_at))
    .bind(micros(step.now))
    .bind(step.day.to_string())
    .bind(i64::try_from(readers).unwrap_or(i64::MAX))
    .bind(i64::try_from(step.candidates).unwrap_or(i64::MAX))
    .bind(digest)
    .bind(step.reason)
    .execute(&mut *tx)
    .await?;
    Ok(())
}
