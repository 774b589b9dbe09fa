//! In: a subscription is asked for, confirmed by its owner, and begins with a welcome digest.
//! What a stranger learns from it is the same for every address.

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};

use super::letters::WORDING;
use super::mailbox::{canonical, meant};
use super::{SubscriptionError, Subscriptions};
use crate::alarms::Kind;
use crate::links::{Claim, Purpose, minute};
use crate::model::{EmailAddress, Locale, Preferences, SubscriberState};
use crate::notices::Translated;
use crate::store::{
    Ask, Bounds, Change, Consent, Granted, Marks, NewNotice, StoreError, Subscriber, mark_of,
};

/// Forms that come back sooner than people type, by one network in an hour.
const QUICK: u32 = 5;

/// Where a wish comes from.
#[derive(Clone, Copy, Debug)]
pub struct Origin {
    /// By which door: `web`, `mail`, `admin`.
    pub how: &'static str,
    /// The address of whoever asks, where there is one.
    pub from: Option<IpAddr>,
    /// Whether their form came back sooner than people type.
    pub quick: bool,
}

/// By a mail to us, which has no network address that means anything.
pub const BY_MAIL: Origin = Origin { how: "mail", from: None, quick: false };

/// What came of a confirm link.
#[derive(Clone, Debug)]
pub enum Confirmed {
    /// The subscription begins.
    Now(Subscriber),
    /// It had begun.
    Already(Subscriber),
    /// The subscription has moved to the address.
    Moved(Subscriber),
    /// It cannot move there: the address has a subscription of its own.
    Taken(Subscriber),
}

/// What a confirm link would do.
#[derive(Clone, Debug)]
pub enum Confirmable {
    /// Begin the subscription, or nothing where it has begun.
    Subscription(Subscriber),
    /// Move the subscription to this address.
    Move(Subscriber, EmailAddress),
}

impl Subscriptions {
    /// Whether anybody may subscribe.
    pub fn is_open(&self) -> bool {
        self.limits.open
    }

    /// The address that was probably meant by one whose domain looks mistyped.
    pub fn meant(&self, email: &EmailAddress) -> Option<String> {
        meant(email)
    }

    /// Asks the owner of the address whether they want digests, or tells them that they have
    /// a subscription. What it says is for the log and not for who asks.
    pub async fn subscribe(
        &self,
        email: &EmailAddress,
        preferences: &Preferences,
        origin: Origin,
    ) -> Result<Granted, SubscriptionError> {
        self.invite(email, preferences, origin, &self.letters.confirm, false).await
    }

    /// The same by a mail; `all`: whether `preferences` are all that it asks for. If not, whoever
    /// gets the confirm mail is told so. `proved`: whether the owner of the address wrote it, who may
    /// leave and come back on one day.
    pub async fn subscribe_by_mail(
        &self,
        email: &EmailAddress,
        preferences: &Preferences,
        all: bool,
        proved: bool,
    ) -> Result<Granted, SubscriptionError> {
        let confirm = if all { &self.letters.confirm } else { &self.letters.confirm_in_part };
        self.invite(email, preferences, BY_MAIL, confirm, proved).await
    }

    async fn invite(
        &self,
        email: &EmailAddress,
        preferences: &Preferences,
        origin: Origin,
        confirm: &Translated,
        often: bool,
    ) -> Result<Granted, SubscriptionError> {
        if !self.limits.open {
            return Ok(Granted::Nothing);
        }
        let now = self.clock.now();
        let within = self.limits.confirm_within.signed();
        let locale = preferences.locale.as_ref();
        let own = self.chosen(email).await?;
        let confirm = self.notice(confirm, locale, within, now);
        let day = SignedDuration::from_hours(24);
        let known = self.notice(&self.letters.known, own.as_ref().or(locale), day, now);
        self.ask(email, preferences, origin, None, Some(confirm), known, often, now).await
    }

    /// Mails the link to their preferences to who has a subscription.
    pub async fn request_link(
        &self,
        email: &EmailAddress,
        origin: Origin,
    ) -> Result<Granted, SubscriptionError> {
        let now = self.clock.now();
        let own = self.chosen(email).await?;
        let day = SignedDuration::from_hours(24);
        let link = self.notice(&self.letters.link, own.as_ref(), day, now);
        self.ask(email, &Preferences::default(), origin, None, None, link, true, now).await
    }

    /// The language that whoever has this address chose, if they did. Looked up for every address
    /// alike, and never told to who asks.
    async fn chosen(&self, email: &EmailAddress) -> Result<Option<Locale>, StoreError> {
        let reader = self.store.subscriber(email).await?;
        Ok(reader.and_then(|reader| reader.preferences.locale))
    }

    #[expect(clippy::too_many_arguments, reason = "the one place where they come together")]
    pub(super) async fn ask(
        &self,
        email: &EmailAddress,
        preferences: &Preferences,
        origin: Origin,
        mover: Option<i64>,
        confirm: Option<NewNotice>,
        known: NewNotice,
        often: bool,
        now: Timestamp,
    ) -> Result<Granted, SubscriptionError> {
        let limits = &self.limits.limits;
        // A link may be asked for more often: who has a subscription has agreed to mail.
        let (a_day, a_month) = if often { (3, 10) } else { (1, 3) };
        let bounds = Bounds {
            a_day,
            a_month,
            network: if origin.from.is_some() { limits.per_network } else { u32::MAX },
            quick: QUICK,
            domain: limits.per_domain,
            all: limits.in_all,
        };
        let ask = Ask {
            email: email.clone(),
            marks: self.marks(email, origin.from),
            bounds,
            quick: origin.quick,
            mover,
            confirm,
            known,
            preferences: preferences.clone(),
            how: origin.how,
            wording: WORDING,
            at: now,
        };
        let granted = self.store.ask(ask).await?;
        let told = match granted {
            Granted::Mail | Granted::Nothing | Granted::Mailbox => None,
            Granted::Network => Some(("network", "one network", limits.per_network)),
            Granted::Domain => Some(("domain", email.domain(), limits.per_domain)),
            Granted::All => Some(("all", "all together", limits.in_all)),
        };
        if let Some((subject, who, most)) = told {
            let detail = format!(
                "More than {most} mails within an hour were asked for by sign-ups ({who}); the \
                 others got none. If that was no attack, raise subscriptions.limits."
            );
            tracing::warn!(subject, most, "sign-ups over the limit: no mail for the others");
            self.alarms.raise(Kind::SignUps, subject, &detail, now).await?;
        }
        Ok(granted)
    }

    /// What the confirm link with this token would do; none where it does nothing (any more).
    pub async fn confirmable(&self, token: &str) -> Result<Option<Confirmable>, StoreError> {
        let Some(claim) = Claim::read(token) else { return Ok(None) };
        let Some(reader) = self.store.subscriber_in(claim.subscriber).await? else {
            return Ok(None);
        };
        if !self.in_time(&claim, self.limits.confirm_within.signed()) {
            return Ok(None);
        }
        let person = reader.person();
        if self.links.holds(&claim, Purpose::Confirm, person, "") {
            let good = match reader.state {
                SubscriberState::Pending | SubscriberState::Active | SubscriberState::Paused => {
                    true
                }
                // Who has left since is not brought back by an old mail.
                SubscriberState::Unsubscribed => {
                    claim.number >= minute(reader.state_at) && self.asked_since(&reader).await?
                }
                // Nor who is suppressed, unless it is for mail that came back, and they were
                // asked since.
                SubscriberState::Suppressed => {
                    let suppressed = self.store.suppression(&self.mark_of(&reader.email)).await?;
                    claim.number >= minute(reader.state_at)
                        && suppressed.is_some_and(|why| why.reason == "bounce")
                        && self.asked_since(&reader).await?
                }
            };
            return Ok(good.then_some(Confirmable::Subscription(reader)));
        }
        let to = reader.moving_to.clone().filter(|to| {
            reader.state != SubscriberState::Suppressed
                && self.links.holds(&claim, Purpose::Move, person, &to.key())
        });
        Ok(to.map(|to| Confirmable::Move(reader, to)))
    }

    /// Whether they asked for digests since they left or were suppressed: the minute in a link could
    /// be that of both.
    async fn asked_since(&self, reader: &Subscriber) -> Result<bool, StoreError> {
        let consents = self.store.consents(reader.id).await?;
        Ok(consents.iter().any(|one| one.what == "asked" && one.at >= reader.state_at))
    }

    /// Does what the confirm link with this token is for.
    pub async fn confirm(
        &self,
        token: &str,
        origin: Origin,
    ) -> Result<Option<Confirmed>, StoreError> {
        let now = self.clock.now();
        let (reader, to) = match self.confirmable(token).await? {
            None => return Ok(None),
            Some(Confirmable::Subscription(reader)) => (reader, None),
            Some(Confirmable::Move(reader, to)) => (reader, Some(to)),
        };
        let marks = self.marks(to.as_ref().unwrap_or(&reader.email), origin.from);
        let what = if to.is_some() { "moved" } else { "confirmed" };
        let source = origin.from.map(|_| marks.network.clone());
        let consent = Consent { what, how: origin.how, wording: WORDING, source };
        if let Some(to) = to {
            let done = self.store.finish_move(reader.id, &to, consent, now).await?;
            let reader = self.store.subscriber_in(reader.id).await?.unwrap_or(reader);
            return Ok(Some(if done {
                Confirmed::Moved(reader)
            } else {
                Confirmed::Taken(reader)
            }));
        }
        let change = Change {
            subscriber: reader.id,
            from: &[
                SubscriberState::Pending,
                SubscriberState::Unsubscribed,
                SubscriberState::Suppressed,
            ],
            to: SubscriberState::Active,
            next_due_at: self.welcome_at(&reader, now),
            paused_until: None,
            detail: format!("confirmed by {}", origin.how),
            consent: Some(consent),
            ends_waiting: None,
            notice: None,
            lifts: Some(marks.address),
        };
        let done = self.store.change(change, now).await?;
        let reader = self.store.subscriber_in(reader.id).await?.unwrap_or(reader);
        Ok(Some(match done {
            Some(_) => Confirmed::Now(reader),
            None => Confirmed::Already(reader),
        }))
    }

    /// At once, for a digest of what is best now; but never a second one on one day. Whole
    /// minutes, so that those who come together share one.
    fn welcome_at(&self, reader: &Subscriber, now: Timestamp) -> Option<Timestamp> {
        let timing = self.timing(&reader.preferences);
        if reader.last_digest_day.is_some_and(|day| day >= timing.day_of(now)) {
            return timing.next_after(now, reader.last_digest_day);
        }
        Timestamp::from_second(now.as_second().div_euclid(60) * 60).ok()
    }

    /// Whether the minute of a link is not longer ago than `within`.
    pub(super) fn in_time(&self, claim: &Claim, within: SignedDuration) -> bool {
        let end = claim
            .minute()
            .and_then(|made| made.checked_add(within + SignedDuration::from_secs(60)).ok());
        end.is_some_and(|end| self.clock.now() < end)
    }

    /// By which names a request is counted.
    pub(super) fn marks(&self, email: &EmailAddress, from: Option<IpAddr>) -> Marks {
        let network = from.map(network).unwrap_or_default();
        Marks {
            mailbox: self.key.pseudonym("mailbox", &canonical(email)),
            address: self.mark_of(email),
            network: self.key.pseudonym("network", &network),
            domain: self.key.pseudonym("domain", email.domain()),
        }
    }

    /// The keyed hash by which answers to a mailbox are counted, whatever its +tags and dots.
    pub fn answered_mark(&self, email: &EmailAddress) -> String {
        self.key.pseudonym("answered", &canonical(email))
    }

    /// The keyed hash by which an address may be suppressed.
    pub fn mark_of(&self, email: &EmailAddress) -> String {
        mark_of(&self.key, email)
    }
}

/// The /24 of an IPv4 address, the /64 of an IPv6 one.
fn network(from: IpAddr) -> String {
    match from.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_one_network() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("203.0.113.9"), of("203.0.113.250"));
        assert_eq!(of("203.0.113.9"), of("::ffff:203.0.113.9"));
        assert_ne!(of("203.0.113.9"), of("203.0.114.9"));
        assert_eq!(of("2001:db8:1:2::3"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::3"), of("2001:db8:1:3::3"));
    }
}
