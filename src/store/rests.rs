//! Receiving domains that refused our mail as such, whoever its recipient: no digest goes there
//! for a while. Kept here, so that it holds for every process and after a restart.

use jiff::{SignedDuration, Timestamp};

use super::bounces::NewBounce;
use super::{Store, StoreError, Tx, instant, micros, sql};

/// Refusals within this time count together.
const WINDOW: SignedDuration = SignedDuration::from_hours(1);

/// A domain at rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainRest {
    /// The receiving domain.
    pub domain: String,
    /// Until when.
    pub until: Timestamp,
    /// For how many minutes in all.
    pub minutes: i64,
    /// What it said.
    pub detail: String,
}

/// How a domain has refused us.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusals {
    /// Mails that it refused within an hour, and since it last came back from a rest.
    pub count: u64,
    /// Its last rest: until when, and for how many minutes.
    pub last: Option<(Timestamp, i64)>,
}

impl Store {
    /// The domains that rest at `now`, and why.
    pub async fn resting(&self, now: Timestamp) -> Result<Vec<DomainRest>, StoreError> {
        let rows: Vec<(String, i64, i64, String)> = sql("SELECT domain, until, minutes, detail \
             FROM domain_rests WHERE until > $1 ORDER BY domain")
        .bind(micros(now))
        .fetch_all(&self.read)
        .await?;
        let rest = |(domain, until, minutes, detail)| DomainRest {
            domain,
            until: instant(until),
            minutes,
            detail,
        };
        Ok(rows.into_iter().map(rest).collect())
    }

    /// The domains that refused mail as such since `since`, those that refused most first, and
    /// how many.
    pub async fn refusing(
        &self,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<(String, i64)>, StoreError> {
        sql("SELECT domain, count(DISTINCT delivery) FROM bounces \
             WHERE verdict = 'policy' AND at > $1 GROUP BY domain ORDER BY 2 DESC, 1 LIMIT $2")
        .bind(micros(since))
        .bind(i64::from(limit))
        .fetch_all(&self.read)
        .await
    }
}

/// How `domain` has refused us.
pub(super) async fn refusals(
    tx: &mut Tx,
    domain: &str,
    now: Timestamp,
) -> Result<Refusals, StoreError> {
    let last: Option<(i64, i64)> = sql("SELECT until, minutes FROM domain_rests WHERE domain = $1")
        .bind(domain)
        .fetch_optional(&mut *tx)
        .await?;
    let hour = micros(now.saturating_sub(WINDOW).unwrap_or(Timestamp::MIN));
    let since = last.map_or(hour, |(until, _)| hour.max(until));
    // Of different people: one alone could write reports about their own mails, and stop those of
    // everybody at their provider.
    let count: i64 = sql("SELECT count(DISTINCT subscriber) FROM bounces \
         WHERE domain = $1 AND verdict = 'policy' AND at > $2")
    .bind(domain)
    .bind(since)
    .scalar(tx)
    .await?;
    let last = last.map(|(until, minutes)| (instant(until), minutes));
    Ok(Refusals { count: count.unsigned_abs(), last })
}

/// Has the domain rest for so many minutes. Returns until when.
pub(super) async fn rest(
    tx: &mut Tx,
    said: &NewBounce,
    minutes: i64,
    now: Timestamp,
) -> Result<Timestamp, StoreError> {
    let until = now.saturating_add(SignedDuration::from_mins(minutes)).unwrap_or(Timestamp::MAX);
    let words = without_addresses(&said.detail);
    let detail = match said.status.as_deref() {
        Some(status) if !words.contains(status) => format!("{status} {words}"),
        _ => words,
    };
    sql("INSERT INTO domain_rests (domain, until, minutes, detail) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (domain) DO UPDATE SET until = excluded.until, minutes = excluded.minutes, \
           detail = excluded.detail")
    .bind(said.email.domain())
    .bind(micros(until))
    .bind(minutes)
    .bind(detail)
    .execute(tx)
    .await?;
    Ok(until)
}

/// A reply as it may be kept when a person is forgotten: without what looks like an address.
fn without_addresses(text: &str) -> String {
    let word = |word: &str| if word.contains('@') { "(address)" } else { word }.to_owned();
    text.split_whitespace().map(word).collect::<Vec<_>>().join(" ").chars().take(200).collect()
}
