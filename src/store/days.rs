//! What happened in a span of time, in numbers: for the page of today, and kept a number a day for
//! charts. Reads spans of rows by their moments, which an index knows, never whole tables.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::subscribers::{day_of, each};
use super::{Store, StoreError, micros, sql};
use crate::model::{DeliveryState, Zone};

/// Numbers by name, such as `digests.sent`, `bounces.hard`, `papers`, `fetches.good/NAME`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DayFigures(pub BTreeMap<String, i64>);

/// One number of one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayFigure {
    /// In the site's zone.
    pub day: Date,
    /// Of what.
    pub name: String,
    /// How many.
    pub value: i64,
}

/// The setting that says when the numbers were last kept.
const KEPT_AT: &str = "figures-at";
/// How often they are.
const OFTEN: SignedDuration = SignedDuration::from_mins(10);
/// Days that may still change: what waits is sent or not.
const OPEN_DAYS: i64 = 3;
/// Days that are looked at when there are no numbers yet.
const FIRST_DAYS: i64 = 365;

/// Which deliveries are counted by state, and how they are told. `digests` are all at first: that a
/// delivery is none is looked at only where it is rare.
const FAMILIES: [(&str, &str); 3] = [
    ("digests", ""),
    ("resends", "kind = 'resend' AND "),
    ("notices", "kind NOT IN ('digest', 'resend') AND "),
];

/// What else is counted from `$1` until before `$2`.
const COUNTS: [&str; 5] = [
    "SELECT 'events.' || what, count(*) FROM subscriber_events WHERE at >= $1 AND at < $2 \
     GROUP BY what",
    // Added as confirmed, or active where they were not before; who comes out of a pause was here
    // all the time.
    "SELECT 'came', count(*) FROM subscriber_events e JOIN subscribers s ON s.id = e.subscriber \
     WHERE e.at >= $1 AND e.at < $2 AND (e.what = 'subscribed' AND s.confirmed_at <= e.at \
       OR e.what = 'active' AND coalesce((SELECT p.what FROM subscriber_events p \
         WHERE p.subscriber = e.subscriber AND p.at <= e.at AND p.id < e.id \
           AND p.what IN ('active', 'paused', 'pending', 'unsubscribed', 'suppressed') \
         ORDER BY p.at DESC, p.id DESC LIMIT 1), '') <> 'paused')",
    "SELECT 'fetches.' || outcome || '/' || source, count(*) FROM fetches \
     WHERE at >= $1 AND at < $2 GROUP BY outcome, source",
    "SELECT 'bounces.' || verdict, count(DISTINCT delivery) FROM bounces \
     WHERE verdict IN ('hard', 'soft', 'policy', 'complaint') AND at >= $1 AND at < $2 \
     GROUP BY verdict",
    "SELECT 'papers', count(*) FROM papers WHERE first_listed_at >= $1 AND first_listed_at < $2",
];

impl DayFigures {
    /// The number of that name; 0 where there is none.
    pub fn of(&self, name: &str) -> i64 {
        self.0.get(name).copied().unwrap_or(0)
    }

    /// The sum of the numbers whose names begin so.
    pub fn sum(&self, begin: &str) -> i64 {
        self.0.iter().filter(|(name, _)| name.starts_with(begin)).map(|(_, value)| value).sum()
    }

    fn add(&mut self, rows: Vec<(String, i64)>) {
        for (name, value) in rows {
            *self.0.entry(name).or_default() += value;
        }
    }
}

impl Store {
    /// What happened from `from` until before `until`: `digests.STATE`, `resends.STATE` (digests sent
    /// once more) and `notices.STATE` (planned then, as they stand now), `events.WHAT`, `came` (who
    /// became a reader, or one again), `bounces.VERDICT`, `papers`, and `fetches.OUTCOME/SOURCE`.
    pub async fn counts_between(
        &self,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<DayFigures, StoreError> {
        let mut figures = DayFigures::default();
        figures.add(self.deliveries_between(from, until).await?);
        for text in COUNTS {
            let rows = sql(text).bind(micros(from)).bind(micros(until));
            figures.add(rows.fetch_all(&self.read).await?);
        }
        Ok(figures)
    }

    /// How many deliveries were planned then, by kind and state. One pass that sorts nothing: of a
    /// busy day there are millions.
    async fn deliveries_between(
        &self,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<(String, i64)>, StoreError> {
        let each = FAMILIES.iter().flat_map(|(family, those)| {
            DeliveryState::ALL.map(|state| {
                let state = state.word();
                let count = format!("count(*) FILTER (WHERE {those}state = '{state}')");
                (format!("{family}.{state}"), count)
            })
        });
        let (names, counts): (Vec<String>, Vec<String>) = each.unzip();
        // One text, as a row of a query may not be so wide.
        let told: String = sql(format!(
            "SELECT {} FROM deliveries WHERE created_at >= $1 AND created_at < $2",
            counts.join(" || ' ' || ")
        ))
        .bind(micros(from))
        .bind(micros(until))
        .scalar(&self.read)
        .await?;
        let counts = told.split(' ').filter_map(|count| count.parse::<i64>().ok());
        let mut rows: BTreeMap<String, i64> = names.into_iter().zip(counts).collect();
        for state in DeliveryState::ALL.map(DeliveryState::word) {
            let of = |family: &str| rows.get(&format!("{family}.{state}")).copied().unwrap_or(0);
            let digests = of("digests") - of("resends") - of("notices");
            rows.insert(format!("digests.{state}"), digests);
        }
        rows.retain(|_, count| *count > 0);
        Ok(rows.into_iter().collect())
    }

    /// How many active readers are due from `now` until before `until`.
    pub async fn count_due_later(
        &self,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<i64, StoreError> {
        sql("SELECT count(*) FROM subscribers \
             WHERE state = 'active' AND next_due_at >= $1 AND next_due_at < $2")
        .bind(micros(now))
        .bind(micros(until))
        .scalar(&self.read)
        .await
    }

    /// How many deliveries that were planned before `before` still wait.
    pub async fn count_late(&self, before: Timestamp) -> Result<i64, StoreError> {
        sql("SELECT count(*) FROM deliveries \
             WHERE state IN ('queued', 'deferred') AND created_at < $1")
        .bind(micros(before))
        .scalar(&self.read)
        .await
    }

    /// How many deliveries planned since `since` may have been sent twice.
    pub async fn count_doubtful(&self, since: Timestamp) -> Result<i64, StoreError> {
        sql("SELECT count(*) FROM deliveries WHERE doubtful AND created_at > $1")
            .bind(micros(since))
            .scalar(&self.read)
            .await
    }

    /// Whether the numbers of days were not kept for ten minutes.
    pub async fn day_figures_due(&self, now: Timestamp) -> Result<bool, StoreError> {
        let last = self.setting(KEPT_AT).await?;
        let last = last.and_then(|text| text.parse().ok()).map(super::instant);
        Ok(last.is_none_or(|at| now.duration_since(at).abs() >= OFTEN))
    }

    /// Keeps the numbers of each day until `now`. Days count in `zone`. Returns how many days were
    /// looked at.
    pub async fn keep_day_figures(&self, zone: &Zone, now: Timestamp) -> Result<u32, StoreError> {
        let today = zone.civil(now).date();
        let before = |days: i64| today.checked_sub(days.days()).unwrap_or(today);
        let kept: Option<String> =
            sql("SELECT max(day) FROM day_figures").scalar(&self.read).await?;
        let mut day = match kept.as_deref().map(day_of).transpose()? {
            Some(day) => {
                let again = day.checked_sub((OPEN_DAYS - 1).days()).unwrap_or(day);
                again.max(before(FIRST_DAYS)).min(before(OPEN_DAYS - 1))
            }
            None => self.first_day(zone).await?.unwrap_or(today).max(before(FIRST_DAYS)),
        };
        let mut looked = 0;
        while day <= today {
            let next = day.tomorrow().unwrap_or(day);
            let mut figures =
                self.counts_between(start_of(zone, day), start_of(zone, next)).await?;
            if day == today {
                for (state, count) in self.count_subscribers().await? {
                    figures.0.insert(format!("subscribers.{}", state.word()), count);
                }
            }
            self.put_figures(day, &figures).await?;
            looked += 1;
            if next == day {
                break;
            }
            day = next;
        }
        self.set_setting(KEPT_AT, &micros(now).to_string()).await?;
        Ok(looked)
    }

    /// The kept numbers from `since` on, by day and name.
    pub async fn day_figures(&self, since: Date) -> Result<Vec<DayFigure>, StoreError> {
        let rows: Vec<(String, String, i64)> =
            sql("SELECT day, name, value FROM day_figures WHERE day >= $1 ORDER BY day, name")
                .bind(since.to_string())
                .fetch_all(&self.read)
                .await?;
        rows.into_iter()
            .map(|(day, name, value)| Ok(DayFigure { day: day_of(&day)?, name, value }))
            .collect()
    }

    async fn put_figures(&self, day: Date, figures: &DayFigures) -> Result<(), StoreError> {
        let text = day.to_string();
        let rows = figures.0.iter().map(|(name, value)| serde_json::json!([name, value]));
        let rows = serde_json::Value::from_iter(rows).to_string();
        let mut tx = self.begin().await?;
        // What was counted as waiting may be sent by now.
        sql("DELETE FROM day_figures WHERE day = $1 AND name NOT LIKE 'subscribers.%'")
            .bind(&text)
            .execute(&mut tx)
            .await?;
        each(
            "INSERT INTO day_figures (day, name, value) \
             SELECT $1, r.value ->> 0, CAST(r.value ->> 1 AS BIGINT) FROM EACH WHERE TRUE \
             ON CONFLICT (day, name) DO UPDATE SET value = excluded.value",
            2,
        )
        .bind(&text)
        .bind(&rows)
        .execute(&mut tx)
        .await?;
        tx.commit().await
    }

    /// The first day of which anything is known.
    async fn first_day(&self, zone: &Zone) -> Result<Option<Date>, StoreError> {
        let mut first: Option<i64> = None;
        for text in [
            "SELECT min(first_listed_at) FROM papers",
            "SELECT min(created_at) FROM deliveries",
            "SELECT min(at) FROM subscriber_events",
        ] {
            let at: Option<i64> = sql(text).scalar(&self.read).await?;
            first = match (first, at) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
        }
        Ok(first.map(|at| zone.civil(super::instant(at)).date()))
    }
}

/// When a day begins there.
fn start_of(zone: &Zone, day: Date) -> Timestamp {
    day.to_zoned(zone.rules().clone()).map_or(Timestamp::UNIX_EPOCH, |zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_its_own_midnight() {
        let zone: Zone = "Europe/Berlin".parse().unwrap();
        let day: Date = "2026-11-23".parse().unwrap();
        assert_eq!(start_of(&zone, day).to_string(), "2026-11-22T23:00:00Z");
    }
}
