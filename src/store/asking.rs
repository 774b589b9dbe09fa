//! What strangers ask for by address: a subscription, or the link to their preferences. In one
//! unit it is counted, granted within the limits, stored, and its mail enqueued; so the limits
//! hold across restarts, processes and doors. The caller learns nothing that it must not tell.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::interned::{intern_history, intern_profile, settle_profile};
use super::notices::{NewNotice, enqueue_all};
use super::subscribers::{each, note};
use super::tally::{Deed, Tally};
use super::{Pool, Store, StoreError, Tx, micros, sql};
use crate::model::{EmailAddress, Preferences};

/// By which names a request is counted: keyed hashes, never the things themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marks {
    /// The address as far as a mailbox is concerned.
    pub mailbox: String,
    /// The very address, by which it may be suppressed.
    pub address: String,
    /// The network that the request came from.
    pub network: String,
    /// The receiving domain.
    pub domain: String,
}

/// How many such mails there may be.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// To one mailbox in 24 hours.
    pub a_day: u32,
    /// To one mailbox in 30 days.
    pub a_month: u32,
    /// By one network in an hour.
    pub network: u32,
    /// By one network in an hour with forms that came back sooner than people type.
    pub quick: u32,
    /// To one domain in an hour.
    pub domain: u32,
    /// In all, in an hour.
    pub all: u32,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The address.
    pub email: EmailAddress,
    /// By which names it is counted.
    pub marks: Marks,
    /// How many there may be.
    pub bounds: Bounds,
    /// Whether the form came back sooner than people type.
    pub quick: bool,
    /// The subscriber who wants to move to the address, if that is what is asked.
    pub mover: Option<i64>,
    /// The mail to who is not subscribed; none: nobody is added.
    pub confirm: Option<NewNotice>,
    /// The mail to who is.
    pub known: NewNotice,
    /// What a new subscriber wishes.
    pub preferences: Preferences,
    /// By which door, such as `web`.
    pub how: &'static str,
    /// The version of the words that are agreed to.
    pub wording: &'static str,
    /// When.
    pub at: Timestamp,
}

impl Ask {
    /// Which kind of mail it is counted as.
    pub(super) fn kind(&self) -> &'static str {
        if self.confirm.is_some() { "confirm" } else { "link" }
    }
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Granted {
    /// A mail is on its way.
    Mail,
    /// Nothing is to be done for this address.
    Nothing,
    /// The mailbox had its mail.
    Mailbox,
    /// The network has caused enough.
    Network,
    /// The domain has had enough.
    Domain,
    /// There were enough in all.
    All,
}

/// So long a request counts.
pub(super) const MONTH: SignedDuration = SignedDuration::from_hours(30 * 24);

impl Store {
    /// Grants what is asked for, or does nothing. Those that come at once are one unit.
    pub async fn ask(&self, ask: Ask) -> Result<Granted, StoreError> {
        let store = self.clone();
        let work = move |asks: Vec<Ask>| {
            let store = store.clone();
            async move { store.ask_all(&asks).await }
        };
        Arc::clone(&self.asks).run(ask, work).await
    }

    async fn ask_all(&self, asks: &[Ask]) -> Result<Vec<Granted>, StoreError> {
        let Some(now) = asks.iter().map(|ask| ask.at).max() else { return Ok(Vec::new()) };
        let mut tx = self.begin().await?;
        if let Pool::Postgres(_) = self.write {
            // One after the other: what is counted must not change meanwhile.
            sql("SELECT 1 FROM (SELECT pg_advisory_xact_lock(7010)) one").execute(&mut tx).await?;
        }
        let mut tally = Tally::read(&mut tx, asks, now).await?;
        let decided: Vec<(Granted, Option<Deed>)> =
            asks.iter().map(|ask| tally.decide(ask)).collect();
        let granted: Vec<Granted> = decided.iter().map(|(granted, _)| *granted).collect();
        if granted.iter().all(|one| !matches!(one, Granted::Mail | Granted::Nothing)) {
            tx.rollback().await?;
            return Ok(granted);
        }
        count(&mut tx, asks, &granted, now).await?;
        serve(&mut tx, asks, &decided, now).await?;
        tx.commit().await?;
        self.bell.send();
        Ok(granted)
    }

    /// Forgets what counts no more. Returns how many rows.
    pub async fn forget_asked(&self, now: Timestamp) -> Result<u64, StoreError> {
        let until = now.saturating_sub(MONTH).unwrap_or(Timestamp::MIN);
        sql("DELETE FROM asked_mails WHERE at <= $1").bind(micros(until)).execute(&self.write).await
    }
}

/// Counts what was within the limits, whatever comes of it.
async fn count(
    tx: &mut Tx,
    asks: &[Ask],
    granted: &[Granted],
    now: Timestamp,
) -> Result<(), StoreError> {
    let counted = asks.iter().zip(granted).filter_map(|(ask, granted)| {
        let Marks { mailbox, network, domain, .. } = &ask.marks;
        matches!(granted, Granted::Mail | Granted::Nothing)
            .then(|| json!([ask.kind(), mailbox, network, domain, ask.quick]))
    });
    each(
        "INSERT INTO asked_mails (at, kind, address, network, domain, quick) \
         SELECT $1, r.value ->> 0, r.value ->> 1, r.value ->> 2, r.value ->> 3, \
           CAST(r.value ->> 4 AS BOOLEAN) FROM EACH",
        2,
    )
    .bind(micros(now))
    .bind(Value::from_iter(counted).to_string())
    .execute(tx)
    .await?;
    Ok(())
}

/// Does what was decided.
async fn serve(
    tx: &mut Tx,
    asks: &[Ask],
    decided: &[(Granted, Option<Deed>)],
    now: Timestamp,
) -> Result<(), StoreError> {
    let deeds = || {
        let done = asks.iter().zip(decided);
        done.filter_map(|(ask, (_, deed))| deed.as_ref().map(|deed| (ask, deed)))
    };
    let new: Vec<&Ask> =
        deeds().filter(|(_, deed)| **deed == Deed::New).map(|(ask, _)| ask).collect();
    let added = add(tx, &new, now).await?;
    let mut added = added.into_iter();
    let (mut asked, mut notices) = (Vec::new(), Vec::new());
    for (ask, deed) in deeds() {
        let (subscriber, notice) = match (deed, &ask.confirm) {
            (Deed::New, Some(confirm)) => match added.next() {
                Some(id) => (id, confirm),
                None => continue,
            },
            (Deed::Again(id), Some(confirm)) => {
                renew(tx, *id, &ask.preferences, now).await?;
                (*id, confirm)
            }
            (Deed::Confirm(id), Some(confirm)) => (*id, confirm),
            (Deed::Move(id), Some(confirm)) => {
                sql("UPDATE subscribers SET moving_to = $1 WHERE id = $2")
                    .bind(ask.email.as_str())
                    .bind(id)
                    .execute(&mut *tx)
                    .await?;
                note(tx, *id, now, "moving", "asked to move to another address").await?;
                notices.push((*id, confirm));
                continue;
            }
            (Deed::Known(id), _) => (*id, &ask.known),
            (_, None) => continue,
        };
        notices.push((subscriber, notice));
        if ask.confirm.is_some() {
            asked.push((subscriber, ask));
        }
    }
    remember(tx, &asked, now).await?;
    enqueue_all(tx, &notices, now).await
}

/// Adds pending subscribers; their rows, in the same order.
async fn add(tx: &mut Tx, new: &[&Ask], now: Timestamp) -> Result<Vec<i64>, StoreError> {
    if new.is_empty() {
        return Ok(Vec::new());
    }
    let history = intern_history(tx, &[]).await?;
    let mut profiles = std::collections::HashMap::new();
    let mut rows = Vec::with_capacity(new.len());
    for ask in new {
        let canonical = ask.preferences.canonical();
        let profile = match profiles.get(&canonical) {
            Some(profile) => *profile,
            None => {
                let profile = intern_profile(tx, &canonical).await?;
                profiles.insert(canonical, profile);
                profile
            }
        };
        rows.push(json!([ask.email.as_str(), ask.email.key(), profile]));
    }
    let ids: Vec<(String, i64)> = each(
        "INSERT INTO subscribers (email, email_key, state, profile, history, epoch, created_at, \
           state_at) \
         SELECT r.value ->> 0, r.value ->> 1, 'pending', CAST(r.value ->> 2 AS BIGINT), $1, $2, \
           $2, $2 FROM EACH RETURNING email_key, id",
        3,
    )
    .bind(history)
    .bind(micros(now))
    .bind(Value::from(rows).to_string())
    .fetch_all(tx)
    .await?;
    let ids: std::collections::HashMap<String, i64> = ids.into_iter().collect();
    Ok(new.iter().filter_map(|ask| ids.get(&ask.email.key()).copied()).collect())
}

/// A pending one has asked again: with these wishes, and as much time.
async fn renew(
    tx: &mut Tx,
    subscriber: i64,
    preferences: &Preferences,
    now: Timestamp,
) -> Result<(), StoreError> {
    settle_profile(tx, subscriber, Some(preferences), now).await?;
    sql("UPDATE subscribers SET state_at = $1 WHERE id = $2")
        .bind(micros(now))
        .bind(subscriber)
        .execute(&mut *tx)
        .await?;
    Ok(())
}

/// Notes who asked for digests, and to which words they agreed by it.
async fn remember(tx: &mut Tx, asked: &[(i64, &Ask)], now: Timestamp) -> Result<(), StoreError> {
    if asked.is_empty() {
        return Ok(());
    }
    let rows = asked.iter().map(|(subscriber, ask)| {
        let Ask { how, wording, marks, .. } = ask;
        json!([subscriber, format!("for digests, by {how}"), how, wording, marks.network])
    });
    let rows = Value::from_iter(rows).to_string();
    for text in [
        "INSERT INTO subscriber_events (subscriber, at, what, detail) \
         SELECT CAST(r.value ->> 0 AS BIGINT), $1, 'asked', r.value ->> 1 FROM EACH",
        "INSERT INTO consents (subscriber, at, what, how, wording, source) \
         SELECT CAST(r.value ->> 0 AS BIGINT), $1, 'asked', r.value ->> 2, r.value ->> 3, \
           r.value ->> 4 FROM EACH",
    ] {
        each(text, 2).bind(micros(now)).bind(&rows).execute(&mut *tx).await?;
    }
    Ok(())
}
