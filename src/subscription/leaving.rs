//! Out, and back: leaving at once, taking it back, pausing, moving, and being forgotten.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::letters::WORDING;
use super::signing_up::Origin;
use super::{SubscriptionError, Subscriptions, UNDO_WITHIN};
use crate::links::{Claim, Purpose, minute};
use crate::model::{EmailAddress, Preferences, Rhythm, SubscriberState};
use crate::store::{Change, Consent, Marks, NewNotice, StoreError, Subscriber};

use SubscriberState::{Active, Paused, Pending, Suppressed, Unsubscribed};

impl Subscriptions {
    /// The reader whom a link of `purpose` with this token is for. None for every token that
    /// was not made here for just that, and for readers who must not be mailed or are gone.
    pub async fn open(
        &self,
        purpose: Purpose,
        token: &str,
    ) -> Result<Option<(Subscriber, Claim)>, StoreError> {
        let Some(claim) = Claim::read(token) else { return Ok(None) };
        let Some(reader) = self.store.subscriber_in(claim.subscriber).await? else {
            return Ok(None);
        };
        let holds = self.links.holds(&claim, purpose, reader.person(), "");
        Ok((holds && reader.state != Suppressed).then_some((reader, claim)))
    }

    /// Ends the subscription; what waits is not sent. With `tell`, a last mail says so. Nothing
    /// where it has ended.
    pub async fn unsubscribe(
        &self,
        reader: &Subscriber,
        how: &str,
        tell: bool,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let locale = reader.preferences.locale.as_ref();
        let goodbye =
            self.notice(&self.letters.goodbye, locale, SignedDuration::from_hours(72), now);
        let change = Change {
            subscriber: reader.id,
            from: &[Active, Paused, Pending],
            to: Unsubscribed,
            next_due_at: None,
            // Kept, so that whoever takes it back is paused again.
            paused_until: reader.paused_until,
            detail: how.to_owned(),
            consent: None,
            ends_waiting: Some("the subscription is unsubscribed"),
            // Who never confirmed gets no mail for having said no.
            notice: (tell && reader.state != Pending).then_some(goodbye),
            lifts: None,
        };
        self.store.change(change, now).await?;
        Ok(())
    }

    /// The reader who may take their leaving back by this token; none where it is too late,
    /// or they are back.
    pub async fn undoable(&self, token: &str) -> Result<Option<Subscriber>, StoreError> {
        let Some((reader, claim)) = self.open(Purpose::Undo, token).await? else {
            return Ok(None);
        };
        let of_this_leaving = claim.number >= minute(reader.state_at);
        let good = reader.state == Unsubscribed
            && of_this_leaving
            && self.in_time(&claim, UNDO_WITHIN.signed());
        Ok(good.then_some(reader))
    }

    /// The token by which `reader`, who has left, may take it back.
    pub fn undo_token(&self, reader: &Subscriber) -> String {
        self.links.token(Purpose::Undo, reader.person(), minute(self.clock.now()), "")
    }

    /// Takes a leaving back: everything is as it was, or weekly instead.
    pub async fn come_back(
        &self,
        reader: &Subscriber,
        weekly: bool,
        origin: Origin,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let paused_until = reader.paused_until.filter(|until| *until > now);
        let mut reader = reader.clone();
        if weekly {
            let mut preferences = reader.preferences.clone();
            preferences.rhythm = Some(Rhythm::Weekly(jiff::civil::Weekday::Monday));
            self.replace(&reader, preferences.clone()).await?;
            reader.preferences = preferences;
        }
        let Marks { address, network, .. } = self.marks(&reader.email, origin.from);
        let change = Change {
            subscriber: reader.id,
            from: &[Unsubscribed],
            to: if paused_until.is_some() { Paused } else { Active },
            next_due_at: self.next_due(&reader, now),
            paused_until,
            detail: "took the leaving back".to_owned(),
            consent: Some(Consent {
                what: "returned",
                how: origin.how,
                wording: WORDING,
                source: origin.from.map(|_| network),
            }),
            ends_waiting: Some("the subscription goes on"),
            notice: None,
            lifts: Some(address),
        };
        self.store.change(change, now).await?;
        Ok(())
    }

    /// Whether a pause of the reader's can end on `day`: from tomorrow on, within two years.
    ///
    /// # Errors
    ///
    /// That it cannot, in a sentence.
    pub fn can_pause_until(&self, reader: &Subscriber, day: Date) -> Result<(), String> {
        let today = self.today(reader);
        let last = today.checked_add(jiff::Span::new().years(2)).unwrap_or(Date::MAX);
        if today < day && day <= last {
            return Ok(());
        }
        Err(format!("A pause can end from tomorrow on and until {last}."))
    }

    /// No digests until the beginning of the day `until` on the reader's calendar; none: until
    /// somebody ends it. Returns how many mails had waited.
    pub async fn pause(
        &self,
        reader: &Subscriber,
        until: Option<Date>,
        how: &str,
    ) -> Result<u64, StoreError> {
        let now = self.clock.now();
        let zone = self.timing(&reader.preferences).zone().clone();
        let end = until.and_then(|day| day.to_zoned(zone.rules().clone()).ok());
        let detail = match until {
            Some(day) => format!("{how}, until {day}"),
            None => how.to_owned(),
        };
        let change = Change {
            from: &[Active, Paused],
            paused_until: end.map(|end| end.timestamp()),
            detail,
            ends_waiting: Some("the subscription is paused"),
            ..plain(reader, Paused)
        };
        Ok(self.store.change(change, now).await?.unwrap_or(0))
    }

    /// Digests again, from the next slot on.
    pub async fn resume(&self, reader: &Subscriber, how: &str) -> Result<(), StoreError> {
        let now = self.clock.now();
        let change = Change {
            from: &[Paused, Unsubscribed, Pending],
            next_due_at: self.next_due(reader, now),
            detail: how.to_owned(),
            ..plain(reader, Active)
        };
        self.store.change(change, now).await?;
        Ok(())
    }

    fn next_due(&self, reader: &Subscriber, now: Timestamp) -> Option<Timestamp> {
        self.timing(&reader.preferences).next_after(now, reader.last_digest_day)
    }

    /// Makes `preferences` all that the reader asks for.
    pub async fn replace(
        &self,
        reader: &Subscriber,
        preferences: Preferences,
    ) -> Result<(), StoreError> {
        self.amend(reader, |wanted| *wanted = preferences.clone()).await
    }

    /// Asks at `to` whether the reader's digests may go there. Says nothing of whether it
    /// did: an address gets one such mail a day, whoever asks.
    pub async fn ask_to_move(
        &self,
        reader: &Subscriber,
        to: &EmailAddress,
        origin: Origin,
    ) -> Result<(), SubscriptionError> {
        let now = self.clock.now();
        if to.key() == reader.email.key() {
            return Ok(());
        }
        let within = self.limits.confirm_within.signed();
        let moving = NewNotice {
            recipient: Some(to.clone()),
            ..self.notice(&self.letters.moving, reader.preferences.locale.as_ref(), within, now)
        };
        let wish = Preferences::default();
        self.ask(to, &wish, origin, Some(reader.id), Some(moving.clone()), moving, false, now)
            .await?;
        Ok(())
    }

    /// The reader as they stand now.
    pub async fn again(&self, reader: &Subscriber) -> Result<Option<Subscriber>, StoreError> {
        self.store.subscriber_in(reader.id).await
    }

    /// Today on the reader's calendar.
    pub fn today(&self, reader: &Subscriber) -> Date {
        self.timing(&reader.preferences).zone().civil(self.clock.now()).date()
    }

    /// Everything that is known of a reader, for them.
    pub async fn everything(&self, reader: &Subscriber) -> Result<Value, StoreError> {
        let timing = self.timing(&reader.preferences);
        let rated = match reader.has_taste {
            true => self.store.rated(reader.id).await?,
            false => Vec::new(),
        };
        let taste: Vec<Value> = rated
            .iter()
            .map(|one| json!({"paper": one.title, "said": one.feedback, "at": one.at}))
            .collect();
        Ok(json!({
            "email": reader.email,
            "state": reader.state,
            "since": reader.state_at,
            "created_at": reader.created_at,
            "confirmed_at": reader.confirmed_at,
            "paused_until": reader.paused_until,
            "moving_to": reader.moving_to,
            "asked_for": reader.preferences,
            "in_force": timing.words(),
            "next_due_at": reader.next_due_at,
            "last_digest_day": reader.last_digest_day.map(|day| day.to_string()),
            "consents": self.store.consents(reader.id).await?,
            "events": self.store.timeline(reader).await?,
            "taste": taste,
            "papers_remembered": self.store.papers_of(reader.history).await?,
        }))
    }

    /// Forgets the reader: everything but a keyed hash, by which no file and no admin brings
    /// them back unawares. `wish`: whose it was, in words.
    pub async fn erase(&self, reader: &Subscriber, wish: &str) -> Result<(), StoreError> {
        let mark = self.mark_of(&reader.email);
        self.store.erase(reader.id, Some((&mark, wish)), self.clock.now()).await?;
        self.purge(&[reader]).await
    }

    async fn purge(&self, readers: &[&Subscriber]) -> Result<(), StoreError> {
        let mut words = Vec::new();
        for reader in readers {
            words.push(reader.email.key());
            words.extend(reader.moving_to.as_ref().map(EmailAddress::key));
        }
        self.store.purge(&words).await
    }

    /// Ends pauses that are over, gives whoever is active without a due moment one, and forgets
    /// who was asked and never confirmed. Returns when the next pause ends.
    pub async fn tidy_once(&self) -> Result<Option<Timestamp>, StoreError> {
        let now = self.clock.now();
        for id in self.store.pauses_over(now, 1_000).await? {
            if let Some(reader) = self.store.subscriber_in(id).await? {
                self.resume(&reader, "the pause is over").await?;
            }
        }
        self.mend_never_due(now).await?;
        let before = now.checked_sub(self.limits.confirm_within.signed());
        let mut gone = Vec::new();
        for id in self.store.never_confirmed(before.unwrap_or(Timestamp::MIN), 1_000).await? {
            if let Some(reader) = self.store.subscriber_in(id).await? {
                self.store.erase(id, None, now).await?;
                gone.push(reader);
            }
        }
        if !gone.is_empty() {
            tracing::info!(count = gone.len(), "forgot who never confirmed");
            self.purge(&gone.iter().collect::<Vec<_>>()).await?;
        }
        self.store.forget_asked(now).await?;
        self.store.forget_received(now).await?;
        self.store.next_pause_over().await
    }

    /// Readers whom an earlier version, or a hand in the database, left active with no due moment.
    async fn mend_never_due(&self, now: Timestamp) -> Result<(), StoreError> {
        let mut count = 0;
        for id in self.store.never_due(1_000).await? {
            let Some(reader) = self.store.subscriber_in(id).await? else { continue };
            // A schedule without a next moment leaves them as they are.
            if let Some(next) = self.next_due(&reader, now) {
                self.store.make_due(id, next, now).await?;
                count += 1;
            }
        }
        if count > 0 {
            tracing::warn!(count, "active readers had no next digest; they are due again");
        }
        Ok(())
    }
}

/// A change that carries nothing with it.
fn plain(reader: &Subscriber, to: SubscriberState) -> Change {
    Change {
        subscriber: reader.id,
        from: &[],
        to,
        next_due_at: None,
        paused_until: None,
        detail: String::new(),
        consent: None,
        ends_waiting: None,
        notice: None,
        lifts: None,
    }
}
