//! A digest sent once more: a reader's last one at their own wish, a day's at an administrator's. It
//! is the same digest in a new delivery: under the old Message-ID, a mail program that has it, or
//! had it in the bin, would show nothing.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::Subscriptions;
use crate::model::{EmailAddress, SubscriberState};
use crate::store::{Again, NewResend, StoreError, Subscriber};

/// What came of a wish for the last digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resent {
    /// It is on its way.
    Now,
    /// It was sent again within the last day.
    Already,
    /// There was none yet.
    None,
}

/// What came of sending a day's digest to one person once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayAgain {
    /// It is on its way.
    Enqueued,
    /// The digest itself still waits to be sent.
    Waits,
    /// It was on its way once more already.
    Known,
    /// They had no digest on that day.
    None,
    /// They want no digests, or must not be mailed.
    Stands(SubscriberState),
    /// Nobody subscribes with that address.
    Unknown,
}

impl DayAgain {
    /// In a word, for programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Enqueued => "enqueued",
            Self::Waits => "waits",
            Self::Known => "on-its-way",
            Self::None => "no-digest",
            Self::Stands(state) => state.word(),
            Self::Unknown => "unknown",
        }
    }

    /// In words, for people.
    pub fn words(self, email: &EmailAddress, day: Date) -> String {
        match self {
            Self::Enqueued => format!("the digest of {day} goes out once more"),
            Self::Waits => {
                format!("the digest of {day} waits still: `queue retry --email {email}` tries it")
            }
            Self::Known => format!("the digest of {day} is on its way once more already"),
            Self::None => {
                format!("had no digest on {day}: `why {email} --date {day}` says why")
            }
            Self::Stands(state) => format!("not sent: the subscription is {}", state.word()),
            Self::Unknown => "not sent: there is no such subscriber".to_owned(),
        }
    }
}

impl Subscriptions {
    /// Sends the reader's last digest once more, at most once a day.
    pub async fn resend(&self, reader: &Subscriber) -> Result<Resent, StoreError> {
        let now = self.clock.now();
        let day = SignedDuration::from_hours(24);
        let since = now.saturating_sub(day).unwrap_or(Timestamp::MIN);
        let expires = now.saturating_add(day).unwrap_or(Timestamp::MAX);
        Ok(match self.store.resend_last(reader.id, since, expires, now).await? {
            None => Resent::None,
            Some(true) => Resent::Now,
            Some(false) => Resent::Already,
        })
    }

    /// Sends the digest of `day` once more to one reader, whether or not they were sent it. Who has
    /// paused digests gets this one: it was asked for. `detail`: who has it sent and why.
    pub async fn resend_day(
        &self,
        reader: &Subscriber,
        day: Date,
        detail: &str,
    ) -> Result<DayAgain, StoreError> {
        if !matches!(reader.state, SubscriberState::Active | SubscriberState::Paused) {
            return Ok(DayAgain::Stands(reader.state));
        }
        Ok(again(self.store.resend_day(reader.id, &self.once_more(day, detail)).await?))
    }

    /// What [`Self::resend_day`] would come to.
    pub async fn could_resend(
        &self,
        reader: &Subscriber,
        day: Date,
    ) -> Result<DayAgain, StoreError> {
        if !matches!(reader.state, SubscriberState::Active | SubscriberState::Paused) {
            return Ok(DayAgain::Stands(reader.state));
        }
        Ok(again(self.store.could_resend(reader.id, day).await?))
    }

    /// Sends the digest of `day` once more to everybody who missed it; see
    /// [`crate::store::Missed`]. Returns to how many.
    pub async fn resend_missed(&self, day: Date, detail: &str) -> Result<u64, StoreError> {
        self.store.resend_missed(&self.once_more(day, detail)).await
    }

    fn once_more<'a>(&self, day: Date, detail: &'a str) -> NewResend<'a> {
        let now = self.clock.now();
        let expires_at = now.saturating_add(self.expire_after.signed()).unwrap_or(Timestamp::MAX);
        NewResend { day, detail, expires_at, now }
    }
}

fn again(said: Again) -> DayAgain {
    match said {
        Again::Enqueued => DayAgain::Enqueued,
        Again::Waits => DayAgain::Waits,
        Again::Known => DayAgain::Known,
        Again::None => DayAgain::None,
    }
}
