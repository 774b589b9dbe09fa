//! Subscribers: who they are, where they stand, and what they asked for.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::json;

use super::interned::{
    hold_profile, intern_history, intern_profile, profile_of, remembered, settle_profile,
};
use super::{Sql, Store, StoreError, Tx, either, instant, micros, sql};
use crate::links::Person;
use crate::model::{EmailAddress, Preferences, SubscriberState};

/// A subscriber to be added.
#[derive(Clone, Debug)]
pub struct NewSubscriber {
    /// The address.
    pub email: EmailAddress,
    /// Pending, or active on an admin's word.
    pub state: SubscriberState,
    /// What they asked for.
    pub preferences: Preferences,
    /// When the person confirmed, if that is known from elsewhere; else now, if active.
    pub confirmed_at: Option<Timestamp>,
    /// Until when they are paused, if they are; none: until somebody ends it.
    pub paused_until: Option<Timestamp>,
    /// When the first digest is due, if active.
    pub next_due_at: Option<Timestamp>,
    /// How they came, for `why`.
    pub how: String,
    /// The keyed hash of the address, by which it may be suppressed; empty: none is.
    pub mark: String,
}

/// What came of adding one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// There is a new subscriber.
    New,
    /// The address was known, in this state, and is left as it was.
    Known(SubscriberState),
}

/// A subscriber as stored.
#[derive(Clone, Debug)]
pub struct Subscriber {
    /// The row.
    pub id: i64,
    /// The address.
    pub email: EmailAddress,
    /// The standing.
    pub state: SubscriberState,
    /// The profile's row.
    pub profile: i64,
    /// What they asked for.
    pub preferences: Preferences,
    /// Whether they have said which papers they want more like, less, or not.
    pub has_taste: bool,
    /// The history's row.
    pub history: i64,
    /// When the next digest is due, while active.
    pub next_due_at: Option<Timestamp>,
    /// The local day of the last digest.
    pub last_digest_day: Option<Date>,
    /// When they came.
    pub created_at: Timestamp,
    /// When they confirmed.
    pub confirmed_at: Option<Timestamp>,
    /// What their links are bound to, beside the row.
    pub epoch: i64,
    /// Since when they stand where they stand.
    pub state_at: Timestamp,
    /// Until when they want no digests, if paused; none: until somebody ends it.
    pub paused_until: Option<Timestamp>,
    /// The address that they asked to move to.
    pub moving_to: Option<EmailAddress>,
}

impl Subscriber {
    /// Whom links are for.
    pub fn person(&self) -> Person {
        Person { id: self.id, epoch: self.epoch }
    }
}

/// Which subscribers to list.
#[derive(Clone, Debug, Default)]
pub struct SubscriberFilter {
    /// Only these.
    pub state: Option<SubscriberState>,
    /// Only addresses that hold this text.
    pub contains: Option<String>,
}

#[derive(sqlx::FromRow)]
pub(super) struct Columns {
    id: i64,
    email: String,
    state: String,
    profile: i64,
    preferences: String,
    history: i64,
    next_due_at: Option<i64>,
    last_digest_day: Option<String>,
    created_at: i64,
    confirmed_at: Option<i64>,
    epoch: i64,
    state_at: i64,
    paused_until: Option<i64>,
    moving_to: Option<String>,
}

/// A subscriber with what belongs to them.
pub(super) const SELECT: &str = "SELECT s.id, s.email, s.state, s.profile, p.preferences, s.history, \
    s.next_due_at, s.last_digest_day, s.created_at, s.confirmed_at, s.epoch, s.state_at, \
    s.paused_until, s.moving_to FROM subscribers s JOIN profiles p ON p.id = s.profile";

impl TryFrom<Columns> for Subscriber {
    type Error = StoreError;

    fn try_from(row: Columns) -> Result<Self, StoreError> {
        let profile = profile_of(&row.preferences)?;
        Ok(Self {
            id: row.id,
            email: row.email.parse().map_err(|_| StoreError::damaged("address", "(hidden)"))?,
            state: state_of(&row.state)?,
            profile: row.profile,
            preferences: profile.preferences,
            has_taste: profile.taste.is_some(),
            history: row.history,
            next_due_at: row.next_due_at.map(instant),
            last_digest_day: row.last_digest_day.as_deref().map(day_of).transpose()?,
            created_at: instant(row.created_at),
            confirmed_at: row.confirmed_at.map(instant),
            epoch: row.epoch,
            state_at: instant(row.state_at),
            paused_until: row.paused_until.map(instant),
            moving_to: row.moving_to.and_then(|text| text.parse().ok()),
        })
    }
}

impl Store {
    /// Adds subscribers, all in one unit; says of each what came of it, in their order.
    pub async fn add_subscribers(
        &self,
        new: &[NewSubscriber],
        now: Timestamp,
    ) -> Result<Vec<Added>, StoreError> {
        let mut tx = self.begin().await?;
        let history = intern_history(&mut tx, &[]).await?;
        let mut profiles = HashMap::new();
        let mut rows = Vec::with_capacity(new.len());
        for one in new {
            let canonical = one.preferences.canonical();
            let profile = match profiles.get(&canonical) {
                Some(profile) => *profile,
                None => {
                    let profile = intern_profile(&mut tx, &canonical).await?;
                    profiles.insert(canonical, profile);
                    profile
                }
            };
            let confirmed = one.state == SubscriberState::Active;
            rows.push(json!([
                one.email.as_str(),
                one.email.key(),
                one.state.word(),
                profile,
                one.next_due_at.map(micros),
                one.confirmed_at.or_else(|| confirmed.then_some(now)).map(micros),
                one.how,
                one.mark,
                one.paused_until.map(micros),
            ]));
        }
        let rows = serde_json::Value::from(rows).to_string();
        let added = each(ADD, 3).bind(history).bind(micros(now)).bind(&rows);
        let added: HashSet<String> = added.scalars(&mut tx).await?.into_iter().collect();
        each(NOTE, 2).bind(micros(now)).bind(&rows).execute(&mut tx).await?;
        let known: Vec<(String, String)> = each(KNOWN, 1).bind(&rows).fetch_all(&mut tx).await?;
        tx.commit().await?;
        self.bell.plan();
        let known: HashMap<String, String> = known.into_iter().collect();
        let mut seen = HashSet::new();
        new.iter()
            .map(|one| {
                let key = one.email.key();
                if added.contains(&key) && seen.insert(key.clone()) {
                    return Ok(Added::New);
                }
                // Not added and not there: its mark is among the suppressed.
                let state = known.get(&key).map_or("suppressed", String::as_str);
                Ok(Added::Known(state_of(state)?))
            })
            .collect()
    }

    /// What [`Store::add_subscribers`] would say of each, with nothing stored.
    pub async fn known(&self, new: &[NewSubscriber]) -> Result<Vec<Added>, StoreError> {
        let rows = new.iter().enumerate().map(|(at, one)| json!([at, one.email.key(), one.mark]));
        let found: Vec<(i64, String)> = each(
            "SELECT at, state FROM (SELECT CAST(r.value ->> 0 AS BIGINT) AS at, coalesce(\
               (SELECT state FROM subscribers WHERE email_key = r.value ->> 1), \
               (SELECT 'suppressed' FROM suppressions WHERE address = r.value ->> 2)) AS state \
             FROM EACH) known WHERE state IS NOT NULL",
            1,
        )
        .bind(serde_json::Value::from_iter(rows).to_string())
        .fetch_all(&self.read)
        .await?;
        let mut results = vec![Added::New; new.len()];
        for (at, state) in found {
            if let Some(one) = usize::try_from(at).ok().and_then(|at| results.get_mut(at)) {
                *one = Added::Known(state_of(&state)?);
            }
        }
        Ok(results)
    }

    /// The subscriber with this address.
    pub async fn subscriber(&self, email: &EmailAddress) -> Result<Option<Subscriber>, StoreError> {
        let row: Option<Columns> = sql(format!("{SELECT} WHERE s.email_key = $1"))
            .bind(email.key())
            .fetch_optional(&self.read)
            .await?;
        row.map(Subscriber::try_from).transpose()
    }

    /// The subscriber in this row.
    pub async fn subscriber_in(&self, id: i64) -> Result<Option<Subscriber>, StoreError> {
        let row: Option<Columns> =
            sql(format!("{SELECT} WHERE s.id = $1")).bind(id).fetch_optional(&self.read).await?;
        row.map(Subscriber::try_from).transpose()
    }

    /// Up to `limit` subscribers that fit `filter`, by row, those after `after` (0: from the
    /// first): pages of a table that may hold millions.
    pub async fn subscribers(
        &self,
        filter: &SubscriberFilter,
        after: i64,
        limit: u32,
    ) -> Result<Vec<Subscriber>, StoreError> {
        let rows: Vec<Columns> = sql(format!(
            "{SELECT} WHERE s.id > $1 AND ($2 IS NULL OR s.state = $2) \
               AND ($3 IS NULL OR replace(s.email_key, $3, '') <> s.email_key) \
             ORDER BY s.id LIMIT $4"
        ))
        .bind(after)
        .bind(filter.state.map(SubscriberState::word))
        .bind(filter.contains.as_ref().map(|text| text.to_lowercase()))
        .bind(i64::from(limit))
        .fetch_all(&self.read)
        .await?;
        rows.into_iter().map(Subscriber::try_from).collect()
    }

    /// How many subscribers there are, by state.
    pub async fn count_subscribers(&self) -> Result<Vec<(SubscriberState, i64)>, StoreError> {
        // An index has the others; to count all is quick.
        let mut rows: Vec<(String, i64)> = sql("SELECT state, count(*) FROM subscribers \
             WHERE state <> 'active' GROUP BY state ORDER BY state")
        .fetch_all(&self.read)
        .await?;
        let all: i64 = sql("SELECT count(*) FROM subscribers").scalar(&self.read).await?;
        let active = all - rows.iter().map(|row| row.1).sum::<i64>();
        if active > 0 {
            rows.insert(0, (SubscriberState::Active.word().to_owned(), active));
        }
        rows.into_iter().map(|(state, count)| Ok((state_of(&state)?, count))).collect()
    }

    /// Gives a subscriber other preferences and, if active, another due moment; none: the one that
    /// they have. False, and nothing done, where their preferences are no longer the `known` ones:
    /// another change was quicker, and is not to be undone. Whether they are active is asked here:
    /// what the caller read may be over, and an active reader without a due moment would never be
    /// served. `remember_since`: the history is filled up with what they were sent since then, as a
    /// slower rhythm looks further back than the history reaches.
    pub async fn set_preferences(
        &self,
        known: &Subscriber,
        preferences: &Preferences,
        next_due_at: Option<Timestamp>,
        remember_since: Timestamp,
        now: Timestamp,
        detail: &str,
    ) -> Result<bool, StoreError> {
        let subscriber = known.id;
        let mut tx = self.begin().await?;
        let (_, held) = hold_profile(&mut tx, subscriber).await?;
        if held.preferences != known.preferences {
            return Ok(false);
        }
        settle_profile(&mut tx, subscriber, Some(preferences), now).await?;
        let history = remembered(&mut tx, subscriber, remember_since).await?;
        sql("UPDATE subscribers SET history = $1, \
               next_due_at = CASE WHEN state = 'active' THEN coalesce($2, next_due_at) END \
             WHERE id = $3")
        .bind(history)
        .bind(next_due_at.map(micros))
        .bind(subscriber)
        .execute(&mut tx)
        .await?;
        note(&mut tx, subscriber, now, "preferences", detail).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// Adds each of the rows `$3` whose address is neither there nor suppressed.
const ADD: &str = "INSERT INTO subscribers (email, email_key, state, profile, history, next_due_at, \
      epoch, created_at, state_at, confirmed_at, paused_until) \
    SELECT r.value ->> 0, r.value ->> 1, r.value ->> 2, CAST(r.value ->> 3 AS BIGINT), $1, \
      CAST(r.value ->> 4 AS BIGINT), $2, $2, $2, CAST(r.value ->> 5 AS BIGINT), CAST(r.value ->> 8 AS BIGINT) \
    FROM EACH WHERE NOT EXISTS (SELECT 1 FROM suppressions WHERE address = r.value ->> 7) \
    ON CONFLICT (email_key) DO NOTHING RETURNING email_key";

/// Notes how those of the rows `$2` came that have just been added.
const NOTE: &str = "INSERT INTO subscriber_events (subscriber, at, what, detail) \
    SELECT s.id, $1, 'subscribed', min(r.value ->> 6) \
    FROM EACH JOIN subscribers s ON s.email_key = r.value ->> 1 \
    WHERE s.epoch = $1 AND NOT EXISTS \
      (SELECT 1 FROM subscriber_events e WHERE e.subscriber = s.id) GROUP BY s.id ORDER BY s.id";

const KNOWN: &str = "SELECT email_key, state FROM subscribers WHERE email_key IN \
    (SELECT r.value ->> 1 FROM EACH)";

/// A statement over the rows of the JSON list `$at`.
pub(super) fn each(text: impl AsRef<str>, at: u32) -> Sql {
    let text = text.as_ref();
    either(
        text.replace("EACH", &format!("json_each(${at}) r")),
        text.replace("EACH", &format!("jsonb_array_elements(CAST(${at} AS jsonb)) AS r (value)")),
    )
}

/// Notes what happened to a subscription.
pub(super) async fn note(
    tx: &mut Tx,
    subscriber: i64,
    at: Timestamp,
    what: &str,
    detail: &str,
) -> Result<(), StoreError> {
    sql("INSERT INTO subscriber_events (subscriber, at, what, detail) VALUES ($1, $2, $3, $4)")
        .bind(subscriber)
        .bind(micros(at))
        .bind(what)
        .bind(detail)
        .execute(&mut *tx)
        .await?;
    Ok(())
}

pub(super) fn state_of(word: &str) -> Result<SubscriberState, StoreError> {
    SubscriberState::from_word(word).ok_or_else(|| StoreError::damaged("subscriber's state", word))
}

pub(super) fn day_of(text: &str) -> Result<Date, StoreError> {
    text.parse().map_err(|_| StoreError::damaged("day", text))
}
