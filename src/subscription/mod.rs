//! Subscriptions and the verbs on them: the one way in and out, whoever asks. Writes the
//! notices that go with them and leaves the sending to delivery.

mod again;
mod import;
mod leaving;
mod letters;
mod lines;
mod mailbox;

mod orders;
mod row;
mod rows;
mod signing_up;
mod taste;
mod why;

use std::borrow::Cow;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::alarms::Alarms;
use crate::clock::Clock;
use crate::config::{self, Config};
use crate::links::Links;
use crate::model::{
    EmailAddress, Locale, Preferences, Schedule, Span, SubscriberState, Timing, Zone,
};
use crate::notices::{NoticeError, Stationery, Translated};
use crate::render::TemplateFault;
use crate::store::{Added, NewNotice, NewSubscriber, Store, StoreError, Subscriber};
use crate::token::Key;
pub use again::{DayAgain, Resent};
pub use import::{How, ImportError, Imported, Remark, Untaken};
use letters::Letters;
pub use orders::{Asked, Carried};
pub use row::{Row, RowFault};
pub use signing_up::{Confirmable, Confirmed, Origin};
pub use why::{Answer, Cause, Story};

/// How long a leaving can be taken back.
const UNDO_WITHIN: Span = Span::from_days(7);

/// The verbs: the room's one struct.
#[derive(Clone, Debug)]
pub struct Subscriptions {
    store: Store,
    clock: Clock,
    schedule: Schedule,
    zone: Zone,
    look_back: Span,
    /// How long a digest may wait to be sent.
    expire_after: Span,
    /// The names of the sources.
    sources: Vec<String>,
    key: Key,
    links: Links,
    limits: config::Subscriptions,
    alarms: Alarms,
    letters: Arc<Letters>,
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum SubscriptionError {
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A notice was not enqueued.
    #[error(transparent)]
    Notice(#[from] NoticeError),
}

/// Wishes that change a reader's preferences; `None` leaves one as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wishes(pub Preferences);

impl Subscriptions {
    /// The verbs, with the config's word for what readers leave open.
    ///
    /// # Errors
    ///
    /// A notice whose template does not render.
    pub fn new(
        config: &Config,
        store: Store,
        clock: Clock,
        key: Key,
        links: Links,
        stationery: Arc<Stationery>,
    ) -> Result<Self, TemplateFault> {
        let letters = Letters::new(config, &stationery, UNDO_WITHIN)?;
        let alarms = Alarms::new(config, store.clone(), stationery);
        Ok(Self {
            store,
            clock,
            key,
            links,
            limits: config.subscriptions.clone(),
            alarms,
            letters: Arc::new(letters),
            schedule: config.digest.schedule.clone(),
            zone: config.site.time_zone.clone(),
            look_back: config.digest.look_back,
            expire_after: config.digest.expire_after,
            sources: config.sources.iter().map(|source| source.name.clone()).collect(),
        })
    }

    /// A notice in the language of a reader who chose `locale`, or none; not to be sent later than `within` from now.
    fn notice(
        &self,
        letters: &Translated,
        locale: Option<&Locale>,
        within: SignedDuration,
        now: Timestamp,
    ) -> NewNotice {
        let expires_at = now.saturating_add(within).unwrap_or(Timestamp::MAX);
        NewNotice {
            letter: Arc::clone(letters.of(locale)),
            recipient: None,
            expires_at,
            answers: None,
        }
    }

    /// The clock that a reader with these preferences has.
    pub fn timing(&self, preferences: &Preferences) -> Timing {
        Timing::of(preferences, &self.schedule, &self.zone)
    }

    /// Adds a subscriber: pending, or active if `confirmed`. A pending one who is known is
    /// made active by a `confirmed` call; anybody else known is left as they are.
    pub async fn add(
        &self,
        email: &EmailAddress,
        preferences: &Preferences,
        confirmed: bool,
        how: &str,
    ) -> Result<Added, StoreError> {
        let state = if confirmed { SubscriberState::Active } else { SubscriberState::Pending };
        let new = self.new_subscriber(email, preferences, state, how);
        let added = self.store.add_subscribers(&[new], self.clock.now()).await?;
        let added = added.into_iter().next().unwrap_or(Added::New);
        if confirmed && added == Added::Known(SubscriberState::Pending) {
            if let Some(known) = self.store.subscriber(email).await? {
                self.begin(&known, preferences, "confirmed on an admin's word").await?;
            }
            return Ok(Added::New);
        }
        Ok(added)
    }

    /// Makes a pending reader active, with these wishes beside their own.
    async fn begin(
        &self,
        pending: &Subscriber,
        wishes: &Preferences,
        how: &str,
    ) -> Result<(), StoreError> {
        if *wishes != Preferences::default() {
            self.set(pending, &Wishes(wishes.clone())).await?;
        }
        match self.again(pending).await? {
            Some(as_wished) => self.resume(&as_wished, how).await,
            None => Ok(()),
        }
    }

    /// Changes what a reader asked for; the next digest comes on their new clock, never a
    /// second one on a day that had one.
    pub async fn set(&self, reader: &Subscriber, wishes: &Wishes) -> Result<(), StoreError> {
        self.amend(reader, |old| {
            let new = wishes.0.clone();
            *old = Preferences {
                rhythm: new.rhythm.or(old.rhythm),
                hour: new.hour.or(old.hour),
                zone: new.zone.or_else(|| old.zone.take()),
                max_papers: new.max_papers.or(old.max_papers),
                min_votes: new.min_votes.or(old.min_votes),
                locale: new.locale.or_else(|| old.locale.take()),
                iso_dates: new.iso_dates || old.iso_dates,
                lines: if new.lines.is_empty() { old.lines } else { new.lines },
                topics: match new.topics.is_empty() {
                    true => std::mem::take(&mut old.topics),
                    false => new.topics,
                },
            };
        })
        .await
    }

    /// Has `amend` change what the reader asks for as it stands when it is written, so that of two
    /// changes in one moment neither undoes the other. Returns what `amend` says of the one that
    /// counted.
    async fn amend<T>(
        &self,
        reader: &Subscriber,
        amend: impl Fn(&mut Preferences) -> T,
    ) -> Result<T, StoreError> {
        let mut reader = Cow::Borrowed(reader);
        loop {
            let mut wanted = reader.preferences.clone();
            let said = amend(&mut wanted);
            if self.put(&reader, &wanted).await? {
                return Ok(said);
            }
            match self.again(&reader).await? {
                Some(now) => reader = Cow::Owned(now),
                // Erased meanwhile: there is nobody left to change.
                None => return Ok(said),
            }
        }
    }

    /// Makes `preferences` all that the reader asks for; false where they have changed them.
    async fn put(
        &self,
        reader: &Subscriber,
        preferences: &Preferences,
    ) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let old = &reader.preferences;
        let told = changes(old, preferences);
        if told.is_empty() {
            return Ok(true);
        }
        let timing = self.timing(preferences);
        // On the same clock who is due now stays due: a wish about size must not cost a digest.
        let same_clock = timing == self.timing(old);
        let next = (!same_clock).then(|| timing.next_after(now, reader.last_digest_day)).flatten();
        let since = timing.candidates_since(now, self.look_back);
        let detail = format!("{told}; now {}", timing.words());
        self.store.set_preferences(reader, preferences, next, since, now, &detail).await
    }

    fn new_subscriber(
        &self,
        email: &EmailAddress,
        preferences: &Preferences,
        state: SubscriberState,
        how: &str,
    ) -> NewSubscriber {
        let next_due_at = match state {
            SubscriberState::Active => self.timing(preferences).next_after(self.clock.now(), None),
            _ => None,
        };
        NewSubscriber {
            email: email.clone(),
            state,
            preferences: preferences.clone(),
            confirmed_at: None,
            paused_until: None,
            next_due_at,
            how: how.to_owned(),
            mark: self.mark_of(email),
        }
    }
}

/// What changed, in words; nothing where nothing did.
fn changes(old: &Preferences, new: &Preferences) -> String {
    fn change<T: PartialEq + ToString>(
        name: &str,
        old: &Option<T>,
        new: &Option<T>,
    ) -> Option<String> {
        let words = |value: &Option<T>| value.as_ref().map_or("default".to_owned(), T::to_string);
        (old != new).then(|| format!("{name} from {} to {}", words(old), words(new)))
    }
    let topics = |one: &Preferences| (!one.topics.is_empty()).then(|| one.topics.line());
    [
        change("zone", &old.zone, &new.zone),
        change("rhythm", &old.rhythm, &new.rhythm),
        change("hour", &old.hour, &new.hour),
        change("max_papers", &old.max_papers, &new.max_papers),
        change("min_votes", &old.min_votes, &new.min_votes),
        change("locale", &old.locale, &new.locale),
        change("iso_dates", &Some(old.iso_dates), &Some(new.iso_dates)),
        change("lines", &Some(old.lines), &Some(new.lines)),
        change("topics", &topics(old), &topics(new)),
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join(", ")
}
