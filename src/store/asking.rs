//! What strangers ask for by address: a subscription, or the link to their preferences. In one
//! unit it is counted, granted within the limits, stored, and its mail enqueued; so the limits
//! hold across restarts, processes and doors. The caller learns nothing that it must not tell.

use jiff::{SignedDuration, Timestamp};

use super::interned::{intern_history, intern_profile};
use super::notices::{NewNotice, enqueue};
use super::subscribers::{note, state_of};
use super::suppressions::reason_of;
use super::{Pool, Store, StoreError, Tx, micros, sql};
use crate::model::{EmailAddress, Preferences, SubscriberState};

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
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// The address.
    pub email: &'a EmailAddress,
    /// By which names it is counted.
    pub marks: &'a Marks,
    /// How many there may be.
    pub bounds: &'a Bounds,
    /// Whether the form came back sooner than people type.
    pub quick: bool,
    /// The subscriber who wants to move to the address, if that is what is asked.
    pub mover: Option<i64>,
    /// The mail to who is not subscribed; none: nobody is added.
    pub confirm: Option<NewNotice<'a>>,
    /// The mail to who is.
    pub known: NewNotice<'a>,
    /// What a new subscriber wishes.
    pub preferences: &'a Preferences,
    /// By which door, such as `web`.
    pub how: &'a str,
    /// The version of the words that are agreed to.
    pub wording: &'a str,
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

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);
const MONTH: SignedDuration = SignedDuration::from_hours(30 * 24);

impl Store {
    /// Grants what is asked for, or does nothing.
    pub async fn ask(&self, ask: &Ask<'_>, now: Timestamp) -> Result<Granted, StoreError> {
        let kind = if ask.confirm.is_some() { "confirm" } else { "link" };
        // The common flood, one address over and over, is not to take the one writer's time.
        let since = micros(now.saturating_sub(DAY).unwrap_or(Timestamp::MIN));
        let had: i64 = sql("SELECT count(*) FROM asked_mails \
             WHERE address = $1 AND kind = $2 AND at > $3")
        .bind(&ask.marks.mailbox)
        .bind(kind)
        .bind(since)
        .scalar(&self.read)
        .await?;
        if had >= i64::from(ask.bounds.a_day) {
            return Ok(Granted::Mailbox);
        }
        let mut tx = self.begin().await?;
        if let Pool::Postgres(_) = self.write {
            // One after the other: what is counted must not change meanwhile.
            sql("SELECT 1 FROM (SELECT pg_advisory_xact_lock(7010)) one").execute(&mut tx).await?;
        }
        let granted = count(&mut tx, ask, kind, now).await?;
        if granted != Granted::Mail {
            tx.rollback().await?;
            return Ok(granted);
        }
        let granted = serve(&mut tx, ask, now).await?;
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

/// Counts the request where all limits leave room for it.
async fn count(
    tx: &mut Tx,
    ask: &Ask<'_>,
    kind: &str,
    now: Timestamp,
) -> Result<Granted, StoreError> {
    let Ask { marks, bounds, .. } = ask;
    let since = |ago| micros(now.saturating_sub(ago).unwrap_or(Timestamp::MIN));
    let of_mailbox = "address = $1 AND kind = $2 AND at > $3";
    for (ago, most) in [(DAY, bounds.a_day), (MONTH, bounds.a_month)] {
        let found: i64 = sql(format!("SELECT count(*) FROM asked_mails WHERE {of_mailbox}"))
            .bind(&marks.mailbox)
            .bind(kind)
            .bind(since(ago))
            .scalar(&mut *tx)
            .await?;
        if found >= i64::from(most) {
            return Ok(Granted::Mailbox);
        }
    }
    for (column, name, most, over) in [
        ("network", &marks.network, bounds.network, Granted::Network),
        ("domain", &marks.domain, bounds.domain, Granted::Domain),
    ] {
        let found: i64 =
            sql(format!("SELECT count(*) FROM asked_mails WHERE {column} = $1 AND at > $2"))
                .bind(name)
                .bind(since(HOUR))
                .scalar(&mut *tx)
                .await?;
        if found >= i64::from(most) {
            return Ok(over);
        }
    }
    if ask.quick {
        let found: i64 = sql("SELECT count(*) FROM asked_mails \
             WHERE network = $1 AND at > $2 AND quick")
        .bind(&marks.network)
        .bind(since(HOUR))
        .scalar(&mut *tx)
        .await?;
        if found >= i64::from(bounds.quick) {
            return Ok(Granted::Network);
        }
    }
    let found: i64 = sql("SELECT count(*) FROM asked_mails WHERE at > $1")
        .bind(since(HOUR))
        .scalar(&mut *tx)
        .await?;
    if found >= i64::from(bounds.all) {
        return Ok(Granted::All);
    }
    sql("INSERT INTO asked_mails (at, kind, address, network, domain, quick) \
         VALUES ($1, $2, $3, $4, $5, $6)")
    .bind(micros(now))
    .bind(kind)
    .bind(&marks.mailbox)
    .bind(&marks.network)
    .bind(&marks.domain)
    .bind(ask.quick)
    .execute(&mut *tx)
    .await?;
    Ok(Granted::Mail)
}

/// Does what is right for the address as it stands.
async fn serve(tx: &mut Tx, ask: &Ask<'_>, now: Timestamp) -> Result<Granted, StoreError> {
    let suppressed = reason_of(tx, &ask.marks.address).await?;
    // Who had themselves erased may come back by their own yes.
    if suppressed.is_some_and(|reason| reason != "erased") {
        return Ok(Granted::Nothing);
    }
    if let (Some(mover), Some(confirm)) = (ask.mover, &ask.confirm) {
        sql("UPDATE subscribers SET moving_to = $1 WHERE id = $2")
            .bind(ask.email.as_str())
            .bind(mover)
            .execute(&mut *tx)
            .await?;
        note(tx, mover, now, "moving", "asked to move to another address").await?;
        enqueue(tx, mover, confirm, now).await?;
        return Ok(Granted::Mail);
    }
    let found: Option<(i64, String)> =
        sql("SELECT id, state FROM subscribers WHERE email_key = $1")
            .bind(ask.email.key())
            .fetch_optional(&mut *tx)
            .await?;
    let standing = match found {
        Some((id, state)) => Some((id, state_of(&state)?)),
        None => None,
    };
    let (subscriber, notice) = match (standing, &ask.confirm) {
        (Some((_, SubscriberState::Suppressed)), _)
        | (Some((_, SubscriberState::Pending)) | None, None) => return Ok(Granted::Nothing),
        (Some((id, _)), None) => (id, &ask.known),
        (Some((id, SubscriberState::Active | SubscriberState::Paused)), Some(_)) => {
            (id, &ask.known)
        }
        (Some((id, SubscriberState::Pending)), Some(confirm)) => {
            let profile = intern_profile(tx, &ask.preferences.canonical()).await?;
            sql("UPDATE subscribers SET profile = $1, state_at = $2 WHERE id = $3")
                .bind(profile)
                .bind(micros(now))
                .bind(id)
                .execute(&mut *tx)
                .await?;
            (id, confirm)
        }
        (Some((id, SubscriberState::Unsubscribed)), Some(confirm)) => (id, confirm),
        (None, Some(confirm)) => (add(tx, ask, now).await?, confirm),
    };
    if ask.confirm.is_some() {
        note(tx, subscriber, now, "asked", &format!("for digests, by {}", ask.how)).await?;
        consent(tx, subscriber, "asked", now, ask.how, ask.wording, Some(&ask.marks.network))
            .await?;
    }
    enqueue(tx, subscriber, notice, now).await?;
    Ok(Granted::Mail)
}

async fn add(tx: &mut Tx, ask: &Ask<'_>, now: Timestamp) -> Result<i64, StoreError> {
    let profile = intern_profile(tx, &ask.preferences.canonical()).await?;
    let history = intern_history(tx, &[]).await?;
    sql("INSERT INTO subscribers (email, email_key, state, profile, history, epoch, created_at, \
           state_at) VALUES ($1, $2, 'pending', $3, $4, $5, $5, $5) RETURNING id")
    .bind(ask.email.as_str())
    .bind(ask.email.key())
    .bind(profile)
    .bind(history)
    .bind(micros(now))
    .scalar(tx)
    .await
}

/// Notes what a person agreed to.
pub(super) async fn consent(
    tx: &mut Tx,
    subscriber: i64,
    what: &str,
    now: Timestamp,
    how: &str,
    wording: &str,
    source: Option<&str>,
) -> Result<(), StoreError> {
    sql("INSERT INTO consents (subscriber, at, what, how, wording, source) \
         VALUES ($1, $2, $3, $4, $5, $6)")
    .bind(subscriber)
    .bind(micros(now))
    .bind(what)
    .bind(how)
    .bind(wording)
    .bind(source)
    .execute(tx)
    .await?;
    Ok(())
}
