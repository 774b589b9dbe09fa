//! How much mail strangers have caused lately, and what is right for an address as it stands:
//! read once for many requests, then decided for one after the other. Writes nothing.

use std::collections::{BTreeMap, HashMap};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::asking::{Ask, Granted, MONTH};
use super::subscribers::{each, state_of};
use super::{StoreError, Tx, micros};
use crate::model::SubscriberState;

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What is to be done for who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    /// Add them, pending, and ask them to confirm.
    New,
    /// Ask this pending one once more.
    Again(i64),
    /// Ask this one, who had left.
    Confirm(i64),
    /// Tell this one that they are subscribed, or send the link.
    Known(i64),
    /// Ask at the address whether this one may move there.
    Move(i64),
}

/// The counts, and where the addresses stand.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Within an hour, and of these with quick forms.
    networks: HashMap<String, (i64, i64)>,
    /// Within an hour.
    domains: HashMap<String, i64>,
    all: i64,
    /// By mailbox and kind, within a day and within 30.
    mailboxes: HashMap<(String, &'static str), (i64, i64)>,
    /// Why an address is suppressed, and its subscriber, by the address's key.
    standings: HashMap<String, Standing>,
}

/// Why an address is suppressed, if it is; its subscriber, if there is one.
type Standing = (Option<String>, Option<(i64, SubscriberState)>);

impl Tally {
    /// Reads what the decisions on `asks` need.
    pub(super) async fn read(
        tx: &mut Tx,
        asks: &[Ask],
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let since = |ago| micros(now.saturating_sub(ago).unwrap_or(Timestamp::MIN));
        let mut counted: BTreeMap<(&str, &str), bool> = BTreeMap::from([(("all", ""), false)]);
        for ask in asks {
            counted.insert(("domain", &ask.marks.domain), false);
            // Of the quick ones each row is looked at, so only where it matters.
            *counted.entry(("network", &ask.marks.network)).or_default() |= ask.quick;
        }
        let rows = counted.into_iter().map(|((of, name), quick)| json!([of, name, quick]));
        let counts: Vec<(String, String, i64, i64)> = each(
            "SELECT r.value ->> 0, r.value ->> 1, CASE r.value ->> 0 \
               WHEN 'network' THEN (SELECT count(*) FROM asked_mails \
                  WHERE network = r.value ->> 1 AND at > $2) \
               WHEN 'domain' THEN (SELECT count(*) FROM asked_mails \
                  WHERE domain = r.value ->> 1 AND at > $2) \
               ELSE (SELECT count(*) FROM asked_mails WHERE at > $2) END, \
               CASE WHEN CAST(r.value ->> 2 AS BOOLEAN) THEN \
                 (SELECT count(*) FROM asked_mails WHERE network = r.value ->> 1 AND at > $2 \
                    AND quick) ELSE 0 END FROM EACH",
            1,
        )
        .bind(Value::from_iter(rows).to_string())
        .bind(since(HOUR))
        .fetch_all(&mut *tx)
        .await?;
        let mut tally = Self::default();
        for (of, name, count, quick) in counts {
            match of.as_str() {
                "network" => drop(tally.networks.insert(name, (count, quick))),
                "domain" => drop(tally.domains.insert(name, count)),
                _ => tally.all = count,
            }
        }
        tally.read_each(tx, asks, since(DAY), since(MONTH)).await?;
        Ok(tally)
    }

    /// Of each mailbox how much it had, of each address where it stands.
    async fn read_each(
        &mut self,
        tx: &mut Tx,
        asks: &[Ask],
        day: i64,
        month: i64,
    ) -> Result<(), StoreError> {
        let rows = asks.iter().enumerate().map(|(at, ask)| {
            let kind = ask.kind();
            json!([at, ask.marks.mailbox, kind, ask.marks.address, ask.email.key()])
        });
        let had = "SELECT count(*) FROM asked_mails WHERE address = r.value ->> 1 \
                   AND kind = r.value ->> 2";
        type Found = (i64, i64, i64, Option<String>, Option<i64>, Option<String>);
        let text = format!(
            "SELECT CAST(r.value ->> 0 AS BIGINT), ({had} AND at > $2), ({had} AND at > $3), \
               (SELECT reason FROM suppressions WHERE address = r.value ->> 3), s.id, s.state \
             FROM EACH LEFT JOIN subscribers s ON s.email_key = r.value ->> 4"
        );
        let found: Vec<Found> = each(text, 1)
            .bind(Value::from_iter(rows).to_string())
            .bind(day)
            .bind(month)
            .fetch_all(&mut *tx)
            .await?;
        for (at, a_day, a_month, suppressed, id, state) in found {
            let Some(ask) = usize::try_from(at).ok().and_then(|at| asks.get(at)) else { continue };
            self.mailboxes.insert((ask.marks.mailbox.clone(), ask.kind()), (a_day, a_month));
            let subscriber = match (id, state) {
                (Some(id), Some(state)) => Some((id, state_of(&state)?)),
                _ => None,
            };
            self.standings.insert(ask.email.key(), (suppressed, subscriber));
        }
        Ok(())
    }

    /// Decides on one request, and counts it for those after it.
    pub(super) fn decide(&mut self, ask: &Ask) -> (Granted, Option<Deed>) {
        let (marks, bounds) = (&ask.marks, &ask.bounds);
        let over = |found: i64, most: u32| found >= i64::from(most);
        let mailbox = self.mailboxes.entry((marks.mailbox.clone(), ask.kind())).or_default();
        let network = self.networks.entry(marks.network.clone()).or_default();
        let domain = self.domains.entry(marks.domain.clone()).or_default();
        if over(mailbox.0, bounds.a_day) || over(mailbox.1, bounds.a_month) {
            return (Granted::Mailbox, None);
        }
        if over(network.0, bounds.network) {
            return (Granted::Network, None);
        }
        if over(*domain, bounds.domain) {
            return (Granted::Domain, None);
        }
        if ask.quick && over(network.1, bounds.quick) {
            return (Granted::Network, None);
        }
        if over(self.all, bounds.all) {
            return (Granted::All, None);
        }
        mailbox.0 += 1;
        mailbox.1 += 1;
        network.0 += 1;
        network.1 += i64::from(ask.quick);
        *domain += 1;
        self.all += 1;
        match self.deed(ask) {
            Some(deed) => (Granted::Mail, Some(deed)),
            None => (Granted::Nothing, None),
        }
    }

    /// What is right for the address as it stands.
    fn deed(&mut self, ask: &Ask) -> Option<Deed> {
        use SubscriberState::{Active, Paused, Pending, Suppressed, Unsubscribed};
        let (suppressed, found) = self.standings.entry(ask.email.key()).or_default();
        let asks = ask.confirm.is_some();
        if let (Some(mover), true) = (ask.mover, asks) {
            let free = suppressed.as_ref().is_none_or(|reason| reason == "erased");
            return free.then_some(Deed::Move(mover));
        }
        // Who had themselves erased, who complained, and whose mailbox is back: they may come
        // back by their own yes.
        let own = ["erased", "complaint", "bounce"];
        let may = suppressed.as_ref().is_none_or(|reason| own.contains(&reason.as_str()));
        if !may || suppressed.is_some() && !asks {
            return None;
        }
        match *found {
            Some((id, Suppressed)) => suppressed.is_some().then_some(Deed::Confirm(id)),
            Some((_, Pending)) | None if !asks => None,
            // For those after it, who cannot be asked a second time: there is no row yet.
            None => {
                *found = Some((0, Pending));
                Some(Deed::New)
            }
            Some((0, _)) => None,
            Some((id, Pending)) => Some(Deed::Again(id)),
            Some((id, Unsubscribed)) if asks => Some(Deed::Confirm(id)),
            Some((id, Active | Paused | Unsubscribed)) => Some(Deed::Known(id)),
        }
    }
}
