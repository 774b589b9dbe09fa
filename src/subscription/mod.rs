//! Subscriptions and the verbs on them: the one way in and out, whoever asks. Never sends
//! and never renders.

mod import;
mod lines;
mod row;
mod rows;

use crate::clock::Clock;
use crate::config::Config;
use crate::model::{EmailAddress, Preferences, Schedule, Span, SubscriberState, Timing, Zone};
use crate::store::{Added, NewSubscriber, Store, StoreError, Subscriber};
pub use import::{How, ImportError, Imported, Remark, Untaken};
pub use row::{Row, RowFault};

/// The verbs: the room's one struct.
#[derive(Clone, Debug)]
pub struct Subscriptions {
    store: Store,
    clock: Clock,
    schedule: Schedule,
    zone: Zone,
    look_back: Span,
}

/// Wishes that change a reader's preferences; `None` leaves one as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wishes(pub Preferences);

impl Subscriptions {
    /// The verbs, with the config's word for what readers leave open.
    pub fn new(config: &Config, store: Store, clock: Clock) -> Self {
        Self {
            store,
            clock,
            schedule: config.digest.schedule.clone(),
            zone: config.site.time_zone.clone(),
            look_back: config.digest.look_back,
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
                self.activate(&known, "confirmed on an admin's word").await?;
                if *preferences != Preferences::default() {
                    self.set(&known, &Wishes(preferences.clone())).await?;
                }
            }
            return Ok(Added::New);
        }
        Ok(added)
    }

    /// Changes what a reader asked for; the next digest comes on their new clock, never a
    /// second one on a day that had one.
    pub async fn set(&self, reader: &Subscriber, wishes: &Wishes) -> Result<(), StoreError> {
        let now = self.clock.now();
        let old = &reader.preferences;
        let new = wishes.0.clone();
        let preferences = Preferences {
            rhythm: new.rhythm.or(old.rhythm),
            hour: new.hour.or(old.hour),
            zone: new.zone.or_else(|| old.zone.clone()),
            max_papers: new.max_papers.or(old.max_papers),
            min_votes: new.min_votes.or(old.min_votes),
        };
        let told = changes(old, &preferences);
        if told.is_empty() {
            return Ok(());
        }
        let timing = self.timing(&preferences);
        let same_clock = timing == self.timing(old);
        let next = match reader.state {
            // Who is due now stays due: a wish about size must not cost a digest.
            SubscriberState::Active if same_clock => reader.next_due_at,
            SubscriberState::Active => timing.next_after(now, reader.last_digest_day),
            _ => None,
        };
        let since = timing.candidates_since(now, self.look_back);
        let detail = format!("{told}; now {}", timing.words());
        self.store.set_preferences(reader.id, &preferences, next, since, now, &detail).await
    }

    /// Makes a subscriber active, from their next slot on.
    pub async fn activate(&self, reader: &Subscriber, detail: &str) -> Result<(), StoreError> {
        let now = self.clock.now();
        let next = self.timing(&reader.preferences).next_after(now, reader.last_digest_day);
        self.store.set_state(reader.id, SubscriberState::Active, next, now, detail).await
    }

    /// Ends or pauses a subscription at once; what waits for the reader is not sent, and its
    /// papers come later, should they return. Returns how many mails were waiting.
    pub async fn leave(
        &self,
        reader: &Subscriber,
        state: SubscriberState,
        detail: &str,
    ) -> Result<u64, StoreError> {
        let now = self.clock.now();
        self.store.set_state(reader.id, state, None, now, detail).await?;
        let reason = format!("the subscription is {}", state.word());
        self.store.skip_waiting(reader.id, now, &reason).await
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
            next_due_at,
            how: how.to_owned(),
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
    [
        change("zone", &old.zone, &new.zone),
        change("rhythm", &old.rhythm, &new.rhythm),
        change("hour", &old.hour, &new.hour),
        change("max_papers", &old.max_papers, &new.max_papers),
        change("min_votes", &old.min_votes, &new.min_votes),
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join(", ")
}
