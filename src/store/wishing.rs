//! How many readers wish for what, and when they are served next: what a change of the defaults
//! would touch. Changes nothing.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;

use super::interned::profile_of;
use super::{Store, StoreError, either, instant, micros, sql};
use crate::model::Preferences;

/// The active readers with the same preferences.
#[derive(Clone, Debug)]
pub struct Wishing {
    /// What they wish.
    pub preferences: Preferences,
    /// How many they are.
    pub readers: i64,
    /// How many of them are due already.
    pub overdue: i64,
    /// The earliest moment after now at which one of them is due.
    pub next_due_at: Option<Timestamp>,
    /// The days of their last digests, the newest first, and how many had one then; only the
    /// last few.
    last_days: Vec<(Date, i64)>,
}

impl Wishing {
    /// How many of them had a digest for `day`, or a later one.
    pub fn served_on(&self, day: Date) -> i64 {
        self.last_days.iter().filter(|(last, _)| *last >= day).map(|(_, readers)| readers).sum()
    }
}

impl Store {
    /// The active readers by their preferences, at `now`.
    pub async fn wishing(&self, now: Timestamp) -> Result<Vec<Wishing>, StoreError> {
        let rows: Vec<(i64, String, i64, i64, Option<i64>)> =
            sql("SELECT s.profile, min(p.preferences), count(*), \
               count(CASE WHEN s.next_due_at <= $1 THEN 1 END), \
               min(CASE WHEN s.next_due_at > $1 THEN s.next_due_at END) \
             FROM subscribers s JOIN profiles p ON p.id = s.profile WHERE s.state = 'active' \
             GROUP BY s.profile ORDER BY s.profile")
            .bind(micros(now))
            .fetch_all(&self.read)
            .await?;
        // A digest's day is at most two ahead of, or behind, today's anywhere.
        let recent = now.to_zoned(jiff::tz::TimeZone::UTC).date();
        let recent = recent.saturating_sub(jiff::Span::new().days(2)).to_string();
        let days: Vec<(i64, String, i64)> =
            sql("SELECT profile, last_digest_day, count(*) FROM subscribers \
             WHERE state = 'active' AND last_digest_day >= $1 \
             GROUP BY profile, last_digest_day ORDER BY profile, last_digest_day DESC")
            .bind(recent)
            .fetch_all(&self.read)
            .await?;
        let mut last: HashMap<i64, Vec<(Date, i64)>> = HashMap::new();
        for (profile, day, count) in days {
            let Ok(day) = day.parse() else { continue };
            last.entry(profile).or_default().push((day, count));
        }
        rows.into_iter()
            .map(|(profile, preferences, readers, overdue, next)| {
                let last_days = last.remove(&profile).unwrap_or_default();
                Ok(Wishing {
                    preferences: profile_of(&preferences)?.preferences,
                    readers,
                    overdue,
                    next_due_at: next.map(instant),
                    last_days,
                })
            })
            .collect()
    }

    /// How many papers were first seen after `from` and until `to`.
    pub async fn first_listed_between(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<i64, StoreError> {
        sql("SELECT count(*) FROM papers WHERE first_listed_at > $1 AND first_listed_at <= $2")
            .bind(micros(from))
            .bind(micros(to))
            .scalar(&self.read)
            .await
    }

    /// The active readers by the domain of their address, in lower case; most first.
    pub async fn readers_by_domain(&self) -> Result<Vec<(String, i64)>, StoreError> {
        either(
            "SELECT lower(substr(email, instr(email, '@') + 1)) AS domain, count(*) \
             FROM subscribers WHERE state = 'active' GROUP BY 1 ORDER BY 2 DESC, 1",
            "SELECT lower(substr(email, strpos(email, '@') + 1)) AS domain, count(*) \
             FROM subscribers WHERE state = 'active' GROUP BY 1 ORDER BY 2 DESC, 1",
        )
        .fetch_all(&self.read)
        .await
    }
}
