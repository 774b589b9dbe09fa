//! The canary: each day a digest goes to ourselves, by the way that everybody's goes. Where it
//! does not come back, mail may leave and not arrive.

use std::sync::{Arc, PoisonError};

use jiff::civil::Time;
use jiff::{SignedDuration, Timestamp};

use super::sources::moment;
use super::{Watch, WatchError};
use crate::alarms::{Kind, Trouble};
use crate::model::{EmailAddress, resolve_civil};
use crate::store::{Canary, Letter, NewNotice};

/// By which the store tells these canaries from others.
pub const CANARY: &str = "canary";
/// How soon one is tried again that could not be written.
const AGAIN: SignedDuration = SignedDuration::from_hours(1);

impl Watch {
    /// Whether a canary is to be written and handed to [`Self::let_fly`].
    pub async fn wants_canary(&self) -> Result<bool, WatchError> {
        let now = self.clock.now();
        if self.canary.is_none() {
            return Ok(false);
        }
        let again = *self.again.lock().unwrap_or_else(PoisonError::into_inner);
        if again.is_some_and(|again| now < again) {
            return Ok(false);
        }
        let last = self.newest().await?;
        Ok(self.due(last.map(|last| last.sent_at), now))
    }

    /// Sends a canary: `letter` is a digest as a new reader would get it; none where there is
    /// nothing to be sent yet.
    pub async fn let_fly(&self, letter: Option<Letter>) -> Result<(), WatchError> {
        let (Some(links), now) = (&self.canary, self.clock.now()) else { return Ok(()) };
        let number = now.as_millisecond().unsigned_abs();
        let to = links.canary_by_mail(number).and_then(|to| to.parse::<EmailAddress>().ok());
        let (Some(letter), Some(to)) = (letter, to) else {
            let again = now.saturating_add(AGAIN).unwrap_or(Timestamp::MAX);
            *self.again.lock().unwrap_or_else(PoisonError::into_inner) = Some(again);
            tracing::debug!("there is nothing yet that a canary could carry");
            return Ok(());
        };
        let notice = NewNotice {
            letter: Arc::new(letter),
            recipient: Some(to),
            expires_at: now
                .saturating_add(self.bounds.canary_within.signed())
                .unwrap_or(Timestamp::MAX),
            answers: None,
        };
        self.store.enqueue_canary(number, CANARY, &notice, now).await?;
        tracing::info!("a canary flies");
        Ok(())
    }

    async fn newest(&self) -> Result<Option<Canary>, WatchError> {
        let all = self.store.canaries().await?;
        Ok(all.into_iter().find(|one| one.kind == CANARY))
    }

    /// Whether it is a new day, and as late on it as digests come.
    fn due(&self, last: Option<Timestamp>, now: Timestamp) -> bool {
        let Some(last) = last else { return true };
        let today = self.zone.civil(now).date();
        if self.zone.civil(last).date() >= today {
            return false;
        }
        let midnight = today.to_datetime(Time::midnight());
        let usual = self.schedule.next_civil(midnight).map_or(Time::midnight(), |at| at.time());
        resolve_civil(&self.zone, today.to_datetime(usual)).is_none_or(|due| now >= due)
    }

    pub(super) async fn look_at_canary(&self, now: Timestamp) -> Result<(), WatchError> {
        let within = self.bounds.canary_within;
        let overdue = |one: &Canary| now.duration_since(one.sent_at) > within.signed();
        let decided = match self.canary {
            // One that still flies says nothing yet.
            Some(_) => self
                .store
                .canaries()
                .await?
                .into_iter()
                .find(|one| one.kind == CANARY && (one.seen_at.is_some() || overdue(one))),
            // Nobody waits for one any more.
            None => None,
        };
        let lost = decided.filter(|one| one.seen_at.is_none());
        let found = lost.map(|one| {
            Trouble::new(
                "",
                format!(
                    "The digest that went to ourselves at {} has not come back within {}. Readers' \
                     mail may not arrive either. `paperround queue list` says whether it left; \
                     then look at the relay's log, and whether mail to `inbound.address` and what \
                     stands behind its + reaches this program (docs/mail-in.md).",
                    moment(one.sent_at),
                    within.words()
                ),
            )
        });
        self.alarms.settle(Kind::CanaryLost, "", found.as_slice(), now).await?;
        Ok(())
    }
}
