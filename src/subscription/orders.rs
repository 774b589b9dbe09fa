//! What readers ask for in words: carried out where it is proved who asks, else kept until they
//! say yes. The words themselves are read by whoever takes the mail.

use jiff::civil::Date;

use super::again::Resent;
use super::signing_up::Origin;
use super::{SubscriptionError, Subscriptions};
use crate::links::{Claim, Purpose};
use crate::model::{Command, Order, Preferences, SubscriberState, Topic, Topics, Until};
use crate::store::Subscriber;

use SubscriberState::{Active, Paused, Pending, Suppressed, Unsubscribed};

/// What came of orders.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// What was done of each, in words.
    pub said: Vec<String>,
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
        let mut carried = Carried::default();
        let mut wanted = reader.preferences.clone();
        for command in commands {
            if let Some(said) = wish(&mut wanted, &command.order) {
                carried.said.push(said);
            }
        }
        if wanted != reader.preferences {
            self.replace(reader, wanted).await?;
        }
        let how = format!("by {}", origin.how);
        for command in commands {
            // As they stand after what came before.
            let Some(reader) = self.again(reader).await? else { break };
            if let Some(said) = self.step(&reader, &command.order, &how, &mut carried).await? {
                carried.said.push(said);
            }
        }
        Ok(carried)
    }

    /// What is more than a wish.
    async fn step(
        &self,
        reader: &Subscriber,
        order: &Order,
        how: &str,
        carried: &mut Carried,
    ) -> Result<Option<String>, SubscriptionError> {
        Ok(Some(match order {
            Order::Unsubscribe => {
                self.unsubscribe(reader, how, true).await?;
                carried.left = true;
                "You are unsubscribed.".to_owned()
            }
            Order::Pause(until) => {
                let today = self.today(reader);
                match end_of_pause(until, today) {
                    Some(end) if end <= today => {
                        format!("{end} is not in the future: nothing was paused.")
                    }
                    end => {
                        self.pause(reader, end, how).await?;
                        match end {
                            Some(end) => format!("No digests until {end}."),
                            None => "No digests until you write “resume”.".to_owned(),
                        }
                    }
                }
            }
            Order::Resume if reader.state == Paused => {
                self.resume(reader, how).await?;
                "Digests come again.".to_owned()
            }
            Order::Resume => "Digests were not paused.".to_owned(),
            Order::Resend => match self.resend(reader).await? {
                Resent::Now => "Your last digest comes once more.".to_owned(),
                Resent::Already => "It was sent again within the last day already.".to_owned(),
                Resent::None => "There was no digest yet.".to_owned(),
            },
            Order::Confirm => "You are subscribed: there is nothing left to confirm.".to_owned(),
            _ => return Ok(None),
        }))
    }

    /// What is in force for a reader, in lines.
    pub fn in_force(&self, reader: &Subscriber) -> Vec<String> {
        let timing = self.timing(&reader.preferences);
        let local = |at: jiff::Timestamp| {
            let zoned = at.to_zoned(timing.zone().rules().clone());
            zoned.strftime("%A, %Y-%m-%d %H:%M").to_string()
        };
        let mut lines = vec![match (reader.state, reader.paused_until) {
            (Paused, Some(until)) => format!("paused until {}", local(until)),
            (Paused, None) => "paused until you write “resume”".to_owned(),
            _ => format!("digests {}", timing.words()),
        }];
        if reader.state == Paused {
            lines.push(format!("then digests {}", timing.words()));
        }
        let Preferences { topics, min_votes, max_papers, .. } = &reader.preferences;
        if topics.is_empty() {
            lines.push("all papers, whatever their topic".to_owned());
        } else {
            lines.extend(topics.iter().map(|topic| format!("topic: {topic}")));
        }
        lines.extend(min_votes.map(|votes| format!("from {votes} votes on")));
        if !reader.preferences.lines.is_empty() {
            lines.push(format!("lines beside the papers: {}", reader.preferences.lines));
        }
        lines.extend(max_papers.map(|most| format!("up to {most} papers in full")));
        if let (Active, Some(next)) = (reader.state, reader.next_due_at) {
            lines.push(format!("the next one: {}", local(next)));
        }
        lines
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

    /// They said yes.
    pub async fn agree(&self, asked: &Asked, origin: Origin) -> Result<Carried, SubscriptionError> {
        if asked.done {
            return Ok(Carried { said: vec!["This was done before.".to_owned()], left: false });
        }
        let carried = self.carry_out(&asked.reader, &asked.commands, origin).await?;
        self.store.finish_orders(asked.row).await?;
        Ok(carried)
    }
}

/// What somebody is told who has no digests to change.
fn not_subscribed(state: SubscriberState) -> String {
    match state {
        Pending => "You have not confirmed your subscription yet: reply to the mail that asked.",
        Unsubscribed => "You have left. Write “subscribe” to come back.",
        _ => "There is no subscription that this could change.",
    }
    .to_owned()
}

/// Puts a wish among the preferences; says what it comes to. None for what is no wish.
fn wish(wanted: &mut Preferences, order: &Order) -> Option<String> {
    Some(match order {
        Order::Time(hour) => {
            wanted.hour = Some(*hour);
            format!("Digests come at {hour}.")
        }
        Order::Zone(zone) => {
            wanted.zone = Some(zone.clone());
            format!("Your clock is that of {zone}.")
        }
        Order::Rhythm(rhythm) => {
            wanted.rhythm = Some(*rhythm);
            format!("Digests come {}.", rhythm.words())
        }
        Order::Language(locale) => {
            wanted.locale = Some(locale.clone());
            format!("Mails come in this language: {}.", locale.language().name())
        }
        Order::Lines(lines) => {
            wanted.lines = *lines;
            format!("Lines beside the papers: {lines}.")
        }
        Order::AddTopic(topic) => add_topics(wanted, std::slice::from_ref(topic)),
        Order::Subscribe(topics) if topics.is_empty() => "You are subscribed already.".to_owned(),
        Order::Subscribe(topics) => add_topics(wanted, topics),
        Order::RemoveTopic(text) => {
            let same = |topic: &Topic| topic.as_str().trim().eq_ignore_ascii_case(text.trim());
            let left: Vec<_> = wanted.topics.iter().filter(|topic| !same(topic)).cloned().collect();
            if left.len() == wanted.topics.iter().count() {
                return Some(match wanted.topics.is_empty() {
                    true => "You have no topics: all papers come.".to_owned(),
                    false => format!("No such topic. Yours are: {}.", wanted.topics.line()),
                });
            }
            wanted.topics = Topics::from(left);
            match wanted.topics.is_empty() {
                true => "That was the last topic: from now on all papers come.".to_owned(),
                false => format!("The topic is gone: {text}"),
            }
        }
        _ => return None,
    })
}

fn add_topics(wanted: &mut Preferences, topics: &[Topic]) -> String {
    match Topics::of(wanted.topics.iter().chain(topics).cloned()) {
        Ok(all) => {
            wanted.topics = all;
            let words: Vec<&str> = topics.iter().map(Topic::as_str).collect();
            format!("Papers of these topics come too: {}", words.join("; "))
        }
        Err(words) => format!("No topic was added: {words}."),
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
