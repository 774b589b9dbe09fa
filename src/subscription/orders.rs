//! What readers ask for in words: carried out where it is proved who asks, else kept until they
//! say yes. The words themselves are read by whoever takes the mail, and what came of them is
//! told in facts alone.

use jiff::civil::Date;

use super::again::Resent;
use super::signing_up::Origin;
use super::{SubscriptionError, Subscriptions};
use crate::links::{Claim, Purpose};
use crate::model::{
    Command, Order, Preferences, Said, Setting, SubscriberState, Topic, Topics, Until,
};
use crate::store::Subscriber;

use SubscriberState::{Active, Paused, Pending, Suppressed, Unsubscribed};

/// What came of orders.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Carried {
    /// What came of each; nothing of a leaving.
    pub said: Vec<Said>,
    /// Whether the reader has left: the goodbye mail says so.
    pub left: bool,
}

/// What waits for a reader's yes.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Whose.
    pub reader: Subscriber,
    /// What.
    pub commands: Vec<Command>,
    /// Whether they said it before.
    pub done: bool,
    row: i64,
}

impl Subscriptions {
    /// Does what a reader, who is proved to be the one, asks for. A second time it does no harm.
    pub async fn carry_out(
        &self,
        reader: &Subscriber,
        commands: &[Command],
        origin: Origin,
    ) -> Result<Carried, SubscriptionError> {
        if !matches!(reader.state, Active | Paused) {
            return Ok(Carried { said: vec![not_subscribed(reader.state)], left: false });
        }
        let said = self
            .amend(reader, |wanted| {
                lasting(commands).filter_map(|order| wish(wanted, order)).collect()
            })
            .await?;
        let mut carried = Carried { said, left: false };
        let how = format!("by {}", origin.how);
        for command in commands {
            // As they stand after what came before.
            let Some(reader) = self.again(reader).await? else { break };
            if command.order == Order::Unsubscribe {
                self.unsubscribe(&reader, &how, true).await?;
                carried.left = true;
            }
            carried.said.extend(self.step(&reader, &command.order, &how).await?);
        }
        Ok(carried)
    }

    /// What is more than a wish.
    async fn step(
        &self,
        reader: &Subscriber,
        order: &Order,
        how: &str,
    ) -> Result<Option<Said>, SubscriptionError> {
        Ok(Some(match order {
            Order::Pause(until) => {
                let today = self.today(reader);
                match end_of_pause(until, today) {
                    Some(end) if end <= today => Said::NotAhead(end),
                    end => {
                        self.pause(reader, end, how).await?;
                        end.map_or(Said::Paused, Said::PausedUntil)
                    }
                }
            }
            Order::Resume if reader.state == Paused => {
                self.resume(reader, how).await?;
                Said::Resumed
            }
            Order::Resume => Said::NotPaused,
            Order::Resend => match self.resend(reader).await? {
                Resent::Now => Said::Resent,
                Resent::Already => Said::ResentBefore,
                Resent::None => Said::NothingToResend,
            },
            Order::Confirm => Said::NothingToConfirm,
            _ => return Ok(None),
        }))
    }

    /// What is in force for a reader; nothing for who gets no digests.
    pub fn in_force(&self, reader: &Subscriber) -> Vec<Setting> {
        if !matches!(reader.state, Active | Paused) {
            return Vec::new();
        }
        let timing = self.timing(&reader.preferences);
        let Preferences { topics, min_votes, lines, max_papers, .. } = &reader.preferences;
        let mut all = match (reader.state, reader.paused_until) {
            (Paused, until) => vec![
                until.map_or(Setting::Paused, |until| {
                    Setting::PausedUntil(timing.zone().civil(until))
                }),
                Setting::DigestsThen(timing.clone()),
            ],
            _ => vec![Setting::Digests(timing.clone())],
        };
        if topics.is_empty() {
            all.push(Setting::AllPapers);
        }
        all.extend(topics.iter().cloned().map(Setting::Topic));
        all.extend(min_votes.map(Setting::MinVotes));
        all.extend((!lines.is_empty()).then_some(Setting::Lines(*lines)));
        all.extend(max_papers.map(Setting::MaxPapers));
        let next = reader.next_due_at.filter(|_| reader.state == Active);
        all.extend(next.map(|next| Setting::Next(timing.zone().civil(next))));
        all
    }

    /// What waits for the yes that this token is; none for every other token, and too late.
    pub async fn asked(&self, token: &str) -> Result<Option<Asked>, SubscriptionError> {
        let Some(claim) = Claim::read(token) else { return Ok(None) };
        let Ok(row) = i64::try_from(claim.number) else { return Ok(None) };
        let Some(reader) = self.store.subscriber_in(claim.subscriber).await? else {
            return Ok(None);
        };
        if reader.state == Suppressed
            || !self.links.holds(&claim, Purpose::Orders, reader.person(), "")
        {
            return Ok(None);
        }
        let Some(asked) = self.store.asked_orders(row).await? else { return Ok(None) };
        let age = self.clock.now().duration_since(asked.at);
        if asked.subscriber != reader.id || age > self.limits.confirm_within.signed() {
            return Ok(None);
        }
        let commands = serde_json::from_str(&asked.commands).unwrap_or_default();
        Ok(Some(Asked { reader, commands, done: asked.done, row }))
    }

    /// They said no: a later yes, of whoever has the token, does nothing any more.
    pub async fn decline(&self, asked: &Asked) -> Result<(), SubscriptionError> {
        if !asked.done {
            self.store.withdraw_orders(asked.row).await?;
        }
        Ok(())
    }

    /// They said yes.
    pub async fn agree(&self, asked: &Asked, origin: Origin) -> Result<Carried, SubscriptionError> {
        if asked.done {
            return Ok(Carried { said: vec![Said::DoneBefore], left: false });
        }
        let carried = self.carry_out(&asked.reader, &asked.commands, origin).await?;
        self.store.finish_orders(asked.row).await?;
        Ok(carried)
    }
}

/// What somebody is told who has no digests to change.
fn not_subscribed(state: SubscriberState) -> Said {
    match state {
        Pending => Said::Unconfirmed,
        Unsubscribed => Said::HasLeft,
        _ => Said::NoSubscription,
    }
}

/// The digests that somebody wishes who has no subscription, on top of what is `usual` for
/// them; and whether that is all they ask for.
pub fn wishes(commands: &[Command], usual: Preferences) -> (Preferences, bool) {
    let (mut wanted, mut all) = (usual, true);
    for order in lasting(commands) {
        let said = wish(&mut wanted, order);
        let is_kept = said.is_some_and(|said| !matches!(said, Said::TooManyTopics(_)));
        all &= is_kept || *order == Order::Confirm;
    }
    (wanted, all)
}

/// The orders without settings that a later one replaces.
fn lasting(commands: &[Command]) -> impl Iterator<Item = &Order> {
    let is_setting = |order: &Order| {
        matches!(
            order,
            Order::Time(_)
                | Order::Zone(_)
                | Order::Rhythm(_)
                | Order::Language(_)
                | Order::Lines(_)
        )
    };
    commands.iter().enumerate().map(|(at, command)| (at, &command.order)).filter_map(
        move |(at, order)| {
            let again = |later: &Command| later.order.word() == order.word();
            let is_replaced = is_setting(order) && commands[at + 1..].iter().any(again);
            (!is_replaced).then_some(order)
        },
    )
}

/// Puts a wish among the preferences; says what it comes to. None for what is no wish.
fn wish(wanted: &mut Preferences, order: &Order) -> Option<Said> {
    Some(match order {
        Order::Time(hour) => {
            wanted.hour = Some(*hour);
            Said::Time(*hour)
        }
        Order::Zone(zone) => {
            wanted.zone = Some(zone.clone());
            Said::Zone(zone.clone())
        }
        Order::Rhythm(rhythm) => {
            wanted.rhythm = Some(*rhythm);
            Said::Rhythm(*rhythm)
        }
        Order::Language(locale) => {
            wanted.locale = Some(locale.clone());
            Said::Language(locale.clone())
        }
        Order::Lines(lines) => {
            wanted.lines = *lines;
            Said::Lines(*lines)
        }
        Order::AddTopic(topic) => add_topics(wanted, std::slice::from_ref(topic)),
        Order::Subscribe(topics) if topics.is_empty() => Said::SubscribedAlready,
        Order::Subscribe(topics) => add_topics(wanted, topics),
        Order::RemoveTopic(text) => {
            let same = |topic: &Topic| topic.as_str().trim().eq_ignore_ascii_case(text.trim());
            let left: Vec<_> = wanted.topics.iter().filter(|topic| !same(topic)).cloned().collect();
            if left.len() == wanted.topics.iter().count() {
                return Some(match wanted.topics.is_empty() {
                    true => Said::NoTopics,
                    false => Said::NoSuchTopic(text.clone(), wanted.topics.clone()),
                });
            }
            wanted.topics = Topics::from(left);
            match wanted.topics.is_empty() {
                true => Said::LastTopicGone,
                false => Said::TopicGone(text.clone()),
            }
        }
        _ => return None,
    })
}

fn add_topics(wanted: &mut Preferences, topics: &[Topic]) -> Said {
    let had_all = wanted.topics.is_empty();
    match Topics::of(wanted.topics.iter().chain(topics).cloned()) {
        Ok(all) => {
            wanted.topics = all;
            match had_all {
                true => Said::TopicsOnly(topics.to_vec()),
                false => Said::TopicsAdded(topics.to_vec()),
            }
        }
        Err(many) => Said::TooManyTopics(many),
    }
}

/// The day on which digests come again; none: when somebody says so.
fn end_of_pause(until: &Until, today: Date) -> Option<Date> {
    match until {
        Until::Resumed => None,
        Until::Day(day) => Some(*day),
        Until::Days(days) => {
            today.checked_add(jiff::Span::new().days(i64::from((*days).min(3_660)))).ok()
        }
    }
}
