//! Subscribers: who they are, where they stand, and when they are due.

use jiff::Timestamp;
use jiff::civil::Date;

use super::interned::{intern_history, intern_profile, preferences_of, remembered};
use super::{Store, StoreError, Tx, instant, micros, sql};
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
    /// When the first digest is due, if active.
    pub next_due_at: Option<Timestamp>,
    /// How they came, for `why`.
    pub how: String,
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
struct Columns {
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
}

impl TryFrom<Columns> for Subscriber {
    type Error = StoreError;

    fn try_from(row: Columns) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            email: row.email.parse().map_err(|_| StoreError::damaged("address", "(hidden)"))?,
            state: state_of(&row.state)?,
            profile: row.profile,
            preferences: preferences_of(&row.preferences)?,
            history: row.history,
            next_due_at: row.next_due_at.map(instant),
            last_digest_day: row.last_digest_day.as_deref().map(day_of).transpose()?,
            created_at: instant(row.created_at),
            confirmed_at: row.confirmed_at.map(instant),
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
        let mut profiles = std::collections::HashMap::new();
        let mut results = Vec::with_capacity(new.len());
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
            let id: Option<i64> = sql(
                "INSERT INTO subscribers (email, email_key, state, profile, history, next_due_at, \
                   created_at, confirmed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
                 ON CONFLICT (email_key) DO NOTHING RETURNING id",
            )
            .bind(one.email.as_str())
            .bind(one.email.key())
            .bind(one.state.word())
            .bind(profile)
            .bind(history)
            .bind(one.next_due_at.map(micros))
            .bind(micros(now))
            .bind(one.confirmed_at.or_else(|| confirmed.then_some(now)).map(micros))
            .scalar_optional(&mut tx)
            .await?;
            match id {
                Some(id) => {
                    note(&mut tx, id, now, "subscribed", &one.how).await?;
                    results.push(Added::New);
                }
                None => {
                    let state: String = sql("SELECT state FROM subscribers WHERE email_key = $1")
                        .bind(one.email.key())
                        .scalar(&mut tx)
                        .await?;
                    results.push(Added::Known(state_of(&state)?));
                }
            }
        }
        tx.commit().await?;
        Ok(results)
    }

    /// What [`Store::add_subscribers`] would say of each, with nothing stored.
    pub async fn known(&self, new: &[NewSubscriber]) -> Result<Vec<Added>, StoreError> {
        let mut results = Vec::with_capacity(new.len());
        for one in new {
            let state: Option<String> = sql("SELECT state FROM subscribers WHERE email_key = $1")
                .bind(one.email.key())
                .scalar_optional(&self.read)
                .await?;
            results.push(match state {
                None => Added::New,
                Some(state) => Added::Known(state_of(&state)?),
            });
        }
        Ok(results)
    }

    /// The subscriber with this address.
    pub async fn subscriber(&self, email: &EmailAddress) -> Result<Option<Subscriber>, StoreError> {
        let row: Option<Columns> = sql(
            "SELECT s.id, s.email, s.state, s.profile, p.preferences, s.history, s.next_due_at, \
               s.last_digest_day, s.created_at, s.confirmed_at \
             FROM subscribers s JOIN profiles p ON p.id = s.profile WHERE s.email_key = $1",
        )
        .bind(email.key())
        .fetch_optional(&self.read)
        .await?;
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
        let rows: Vec<Columns> = sql(
            "SELECT s.id, s.email, s.state, s.profile, p.preferences, s.history, s.next_due_at, \
               s.last_digest_day, s.created_at, s.confirmed_at \
             FROM subscribers s JOIN profiles p ON p.id = s.profile \
             WHERE s.id > $1 AND ($2 IS NULL OR s.state = $2) \
               AND ($3 IS NULL OR replace(s.email_key, $3, '') <> s.email_key) \
             ORDER BY s.id LIMIT $4",
        )
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
        let rows: Vec<(String, i64)> =
            sql("SELECT state, count(*) FROM subscribers GROUP BY state ORDER BY state")
                .fetch_all(&self.read)
                .await?;
        rows.into_iter().map(|(state, count)| Ok((state_of(&state)?, count))).collect()
    }

    /// Gives a subscriber other preferences. `remember_since`: the history is filled up with
    /// what they were sent since then, as a slower rhythm looks further back than the
    /// history reaches.
    pub async fn set_preferences(
        &self,
        subscriber: i64,
        preferences: &Preferences,
        next_due_at: Option<Timestamp>,
        remember_since: Timestamp,
        now: Timestamp,
        detail: &str,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let profile = intern_profile(&mut tx, &preferences.canonical()).await?;
        let history = remembered(&mut tx, subscriber, remember_since).await?;
        sql("UPDATE subscribers SET profile = $1, history = $2, next_due_at = $3 WHERE id = $4")
            .bind(profile)
            .bind(history)
            .bind(next_due_at.map(micros))
            .bind(subscriber)
            .execute(&mut tx)
            .await?;
        note(&mut tx, subscriber, now, "preferences", detail).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Moves a subscriber to `state`; `next_due_at` counts while active.
    pub async fn set_state(
        &self,
        subscriber: i64,
        state: SubscriberState,
        next_due_at: Option<Timestamp>,
        now: Timestamp,
        detail: &str,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let active = state == SubscriberState::Active;
        sql("UPDATE subscribers SET state = $1, next_due_at = $2, \
               confirmed_at = CASE WHEN $3 THEN coalesce(confirmed_at, $4) ELSE confirmed_at END \
             WHERE id = $5")
        .bind(state.word())
        .bind(next_due_at.filter(|_| active).map(micros))
        .bind(active)
        .bind(micros(now))
        .bind(subscriber)
        .execute(&mut tx)
        .await?;
        note(&mut tx, subscriber, now, state.word(), detail).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Moves every active reader of `profile` who is not due at `now` to the due moment
    /// `next`, or to `after_today` where their last digest was on `today` or later. Returns
    /// how many.
    pub async fn reschedule(
        &self,
        profile: i64,
        now: Timestamp,
        next: Timestamp,
        after_today: Timestamp,
        today: Date,
    ) -> Result<u64, StoreError> {
        let done = sql("UPDATE subscribers SET next_due_at = \
               CASE WHEN last_digest_day >= $1 THEN $2 ELSE $3 END \
             WHERE profile = $4 AND state = 'active' AND next_due_at > $5")
        .bind(today.to_string())
        .bind(micros(after_today))
        .bind(micros(next))
        .bind(profile)
        .bind(micros(now))
        .execute(&self.write)
        .await?;
        Ok(done)
    }

    /// The earliest moment at which a digest is due.
    pub async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        let at: Option<i64> =
            sql("SELECT min(next_due_at) FROM subscribers WHERE state = 'active'")
                .scalar(&self.read)
                .await?;
        Ok(at.map(instant))
    }
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
