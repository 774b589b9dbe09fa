//! Tells whoever runs the site what bounces say of the sending as a whole: a domain that refuses
//! us, too many bounces at once, and more of them than is usual. Names nobody.

use jiff::{SignedDuration, Timestamp};

use super::apply::{BounceError, Bounces, before};
use crate::alarms::Kind;
use crate::model::Verdict;
use crate::store::{NewBounce, Taken};

/// What is unusual in a day: so many hard bounces, and one mail in so many; likewise complaints.
const UNUSUAL_HARD: (u64, u64) = (20, 20);
const UNUSUAL_COMPLAINTS: (u64, u64) = (5, 1_000);

impl Bounces {
    /// Raises the alarms that go with what was taken.
    pub(super) async fn tell(
        &self,
        new: &[NewBounce],
        taken: &[Taken],
        now: Timestamp,
    ) -> Result<(), BounceError> {
        let each = || new.iter().zip(taken);
        let held: Vec<&NewBounce> =
            each().filter(|(_, taken)| **taken == Taken::Held).map(|(said, _)| said).collect();
        if let Some(said) = held.first() {
            let (domain, most) = (said.email.domain(), said.most);
            let detail = format!(
                "So many mails to {domain} came back at once that the readers may all be real: no \
                 more than {most} of them are suppressed within an hour, and the others wait for \
                 their turn. If the fault is not theirs, drop those that wait with `paperround \
                 suppression remove`; who gets a mail meanwhile is left alone anyway."
            );
            tracing::warn!(domain, most, "too many bounces of one domain: the others wait");
            self.alarms.raise(Kind::BounceHeld, domain, &detail, now).await?;
        }
        let mut policy = each().filter(|(said, taken)| {
            said.verdict == Verdict::Policy && !matches!(taken, Taken::Known | Taken::Nobody)
        });
        let Some((said, _)) = policy.next_back() else { return Ok(()) };
        let since = before(now, SignedDuration::from_hours(6));
        let refusing = self.store.refusing(since, 10).await?;
        let resting = self.store.resting(now).await?;
        let domains = refusing.iter().map(|(domain, count)| {
            let rest = resting
                .iter()
                .find(|rest| rest.domain == *domain)
                .map(|rest| format!(", and gets no digest until {}: {}", rest.until, rest.detail));
            format!("{domain} refused {count}{}", rest.unwrap_or_default())
        });
        let domains = domains.collect::<Vec<_>>().join("; ");
        let domain = said.email.domain();
        tracing::warn!(domain, status = said.status, "mail is refused as policy");
        let detail = format!(
            "Mail is refused for what it is or where it comes from, not for who gets it. In the \
             last six hours: {domains}. Nobody was suppressed for it. See whether the relay's \
             address stands on a block list, and whether SPF, DKIM and DMARC pass."
        );
        self.alarms.raise(Kind::BouncePolicy, "", &detail, now).await?;
        Ok(())
    }

    /// Alarms where much more comes back than should, or no longer does. Returns how many alarms.
    pub async fn look_at_rates(&self, now: Timestamp) -> Result<u64, BounceError> {
        let day = before(now, SignedDuration::from_hours(24));
        let rates = self.store.rates(day, UNUSUAL_HARD.0, UNUSUAL_COMPLAINTS.0).await?;
        let unusual = |count: u64, (least, one_in): (u64, u64)| {
            count >= least && count.saturating_mul(one_in) > rates.mails
        };
        let mut told = 0;
        for (kind, count, bounds, words) in [
            (Kind::BounceRate, rates.hard, UNUSUAL_HARD, "came back as undeliverable"),
            (Kind::ComplaintRate, rates.complaints, UNUSUAL_COMPLAINTS, "were called unwanted"),
        ] {
            if !unusual(count, bounds) {
                self.alarms.over(kind, "", now).await?;
                continue;
            }
            let detail = format!(
                "Of {} mails of the last 24 hours {count} {words}, more than one in {}. That is \
                 unusual, and providers judge a sender by it. See where these addresses came from \
                 (`paperround why ADDRESS`), and whether an import brought them.",
                rates.mails, bounds.1
            );
            told += u64::from(self.alarms.raise(kind, "", &detail, now).await?);
        }
        Ok(told)
    }
}
