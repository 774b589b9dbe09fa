//! Digests that are not out in their time, and a queue from which nothing leaves.

use jiff::{SignedDuration, Timestamp};

use super::sources::moment;
use super::{Watch, WatchError};
use crate::alarms::{Kind, Trouble};

/// How long the first in the queue may stay the first.
const STUCK: SignedDuration = SignedDuration::from_mins(30);
/// One in so many digests may be late: a receiving domain can rest.
const ONE_IN: u64 = 20;
/// The setting under which the head of the queue is kept: its row, and since when it is that.
const HEAD: &str = "watch-queue-head";

impl Watch {
    pub(super) async fn look_at_digests(&self, now: Timestamp) -> Result<(), WatchError> {
        let cut = now.saturating_sub(self.bounds.digest_late.signed()).unwrap_or(Timestamp::MIN);
        let day = now.saturating_sub(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MIN);
        let late = self.store.late(cut, day).await?;
        let mut found = Vec::new();
        if let Some(since) = late.oldest_reader.filter(|_| late.unplanned > 0) {
            found.push(Trouble::new(
                "planning",
                format!(
                    "{} readers have been due since {} and nothing was planned for them. See the \
                     log for the step `plan`; `paperround run --no-fetch` plans now and says what \
                     is wrong.",
                    late.unplanned,
                    moment(since)
                ),
            ));
        }
        if let Some(since) = late.oldest_mail
            && late.untried.saturating_mul(ONE_IN) > late.planned
        {
            found.push(Trouble::new(
                "sending",
                format!(
                    "{} digests that were planned since {} have not been tried once. `paperround \
                     queue list` says why they wait.",
                    late.untried,
                    moment(since)
                ),
            ));
        }
        self.alarms.settle(Kind::DigestLate, "", &found, now).await?;
        Ok(())
    }

    pub(super) async fn look_at_queue(&self, now: Timestamp) -> Result<(), WatchError> {
        let head = self.store.queue_head(now).await?;
        let known = self.store.setting(HEAD).await?.unwrap_or_default();
        let known = known.split_once(' ').and_then(|(row, since)| {
            Some((row.parse::<i64>().ok()?, since.parse::<Timestamp>().ok()?))
        });
        let since = match (head, known) {
            (Some(row), Some((known, since))) if row == known => Some(since),
            (Some(row), _) => {
                self.store.set_setting(HEAD, &format!("{row} {now}")).await?;
                None
            }
            (None, Some(_)) => {
                self.store.set_setting(HEAD, "").await?;
                None
            }
            (None, None) => None,
        };
        let stuck = since.filter(|since| now.duration_since(*since) >= STUCK);
        let found = stuck.map(|since| {
            Trouble::new(
                "",
                format!(
                    "The mail that is next has been next since {}, and none leaves. Is `paperround \
                     serve` at work, and is its database writable? `paperround queue list` shows \
                     what waits, `paperround node list` who sends.",
                    moment(since)
                ),
            )
        });
        self.alarms.settle(Kind::QueueStuck, "", found.as_slice(), now).await?;
        Ok(())
    }
}
