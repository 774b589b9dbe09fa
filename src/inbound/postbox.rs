//! What becomes of a mail: reports go to `bounce`, what people ask for to the verbs of
//! `subscription`, and an answer to whoever wrote, at most once a day of each kind. Nothing is
//! changed on the word of a `From` header alone.

use std::sync::Arc;

use super::answer::{self, Words};
use super::envelope::{mark, message_id, named_in_to, ours, sender, tag};
use super::verify::Verifier;
use super::{Accept, Accepted, Arrival, Class, Heard, InboundError, classify, hear, reports};
use crate::bounce::{self, Bounces};
use crate::clock::Clock;
use crate::links::{Links, Purpose, Tag};
use crate::mail::Incoming;
use crate::meter;
use crate::model::{Command, EmailAddress, MailKind, Order, Preferences, SubscriberState, Topics};
use crate::notices::Stationery;
use crate::render::NoticeContext;
use crate::store::{Answered, Limit, NewNotice, Receipt, Reply, Store, Subscriber};
use crate::subscription::{Confirmed, Origin, Subscriptions};
use crate::token::Key;

/// Answers to one address in 24 hours (RFC 3834 2): one of a kind, five in all.
const OF_KIND: i64 = 1;
const IN_ALL: i64 = 5;

/// A later answer helps nobody.
const ANSWER_WITHIN: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

/// Takes mail from every door.
#[derive(Clone, Debug)]
pub struct Postbox {
    /// The database.
    pub store: Store,
    /// What time it is.
    pub clock: Clock,
    /// The server's key.
    pub key: Key,
    /// Our mailboxes and their tokens.
    pub links: Links,
    /// The verbs.
    pub subscriptions: Arc<Subscriptions>,
    /// What reports mean for people.
    pub bounces: Arc<Bounces>,
    /// Writes answers.
    pub stationery: Arc<Stationery>,
    /// Answers to all together in an hour, before strangers get no more.
    pub an_hour: i64,
    /// How long a yes is waited for, in words.
    pub within: String,
    /// Who proves senders; none does where that is not configured.
    pub verifier: Option<Arc<Verifier>>,
}

/// A mail that is being dealt with.
struct Letter<'a> {
    mail: &'a Incoming<'a>,
    from: EmailAddress,
    tag: Tag<'a>,
    heard: Heard,
}

/// What came of a mail: whose timeline tells what of it, and what is answered.
#[derive(Debug, Default)]
struct Outcome {
    told: Option<(i64, String)>,
    answer: Option<Words>,
}

impl Outcome {
    fn answered(words: Words) -> Self {
        Self { told: None, answer: Some(words) }
    }

    fn told(mut self, reader: &Subscriber, detail: String) -> Self {
        self.told = Some((reader.id, detail));
        self
    }
}

impl Accept for Postbox {
    fn is_ours(&self, recipient: &str) -> bool {
        self.links.tag(&recipient.to_lowercase()).is_some()
    }

    async fn accept_once(&self, arrival: Arrival<'_>) -> Result<Accepted, InboundError> {
        let mail = Incoming::read(arrival.bytes);
        let ours = ours(&arrival, &mail, &self.links);
        if ours.is_empty() && !arrival.to.is_empty() {
            return Ok(Accepted::Refused("there is no such mailbox here".to_owned()));
        }
        let mark = mark(&mail, &ours, &self.key);
        if self.store.was_received(&mark).await? {
            tracing::debug!("the same mail once more: it was dealt with");
            return Ok(Accepted::Done);
        }
        let report = bounce::read(&mail);
        let class = classify(&arrival, &mail, report.as_ref(), self.links.inbound());
        if let Tag::Canary(token) = tag(&ours, &self.links) {
            // A report that it could not be delivered is no proof that it was.
            if !matches!(class, Class::Bounce | Class::Complaint)
                && let Some(number) = self.links.canary(token)
            {
                let known = self.store.canary_seen(number, self.clock.now()).await?;
                tracing::info!(known, "a mail of ours to ourselves came back");
            }
            self.finish(&mail, mark, Outcome::default()).await?;
            return Ok(Accepted::Done);
        }
        let outcome = match (class, report) {
            (Class::Bounce | Class::Complaint | Class::AutoReply, Some(report)) => {
                reports::apply(self, &ours, &report).await?;
                Outcome::default()
            }
            (Class::Command | Class::Reply, _) => self.hear(&mail, &ours).await?,
            _ => Outcome::default(),
        };
        tracing::info!(?class, answered = outcome.answer.is_some(), "a mail came in");
        self.finish(&mail, mark, outcome).await?;
        meter::INBOUND.add(&[class.word()], 1);
        Ok(Accepted::Done)
    }
}

impl Postbox {
    /// Stores that the mail was dealt with, with its answer.
    async fn finish(
        &self,
        mail: &Incoming<'_>,
        mark: String,
        outcome: Outcome,
    ) -> Result<(), InboundError> {
        let answer = match outcome.answer {
            None => None,
            Some(words) => {
                let address = self.subscriptions.answered_mark(&words.to);
                let kind = if words.orders.is_some() { MailKind::Ask } else { MailKind::Answer };
                let within = self.within.clone();
                let answer = words.said;
                let letter = self.stationery.letter(kind, None, |context| NoticeContext {
                    answer,
                    within,
                    ..context
                })?;
                let until = self.clock.now().saturating_add(ANSWER_WITHIN);
                let notice = NewNotice {
                    letter: Arc::new(letter),
                    recipient: (words.subscriber == 0).then_some(words.to),
                    expires_at: until.unwrap_or(jiff::Timestamp::MAX),
                    answers: Some(Answered { message_id: message_id(mail), orders: 0 }),
                };
                Some(Reply {
                    subscriber: words.subscriber,
                    notice,
                    orders: words.orders,
                    address,
                    kind: words.kind,
                    limit: Limit { of_kind: OF_KIND, in_all: IN_ALL, an_hour: self.an_hour },
                })
            }
        };
        let receipt = Receipt { mark, told: outcome.told, answer };
        self.store.finish_received(receipt, self.clock.now()).await?;
        Ok(())
    }

    /// Deals with what a person wrote.
    async fn hear(&self, mail: &Incoming<'_>, ours: &[String]) -> Result<Outcome, InboundError> {
        let Some(from) = sender(mail) else { return Ok(Outcome::default()) };
        if self.links.tag(&from.key()).is_some() {
            return Ok(Outcome::default());
        }
        let today = self.clock.now().to_zoned(jiff::tz::TimeZone::UTC).date();
        let heard = hear(mail, today);
        let letter = Letter { mail, from, tag: tag(ours, &self.links), heard };
        match letter.tag {
            // Somebody writes to where only reports go, or our own mail.
            Tag::Bounce(_) | Tag::Canary(_) => Ok(Outcome::default()),
            Tag::Unsubscribe(token) => self.unsubscribe(&letter, token).await,
            Tag::Confirm(token) => self.confirm(&letter, token).await,
            Tag::Subscribe => self.subscribe(&letter, &[]).await,
            Tag::Help => Ok(Outcome::answered(answer::help(&letter.from, 0, self.links.inbound()))),
            Tag::Reply(_) | Tag::None => self.orders(&letter).await,
        }
    }

    /// `+unsubscribe-TOKEN`: acts at once, whatever the mail says.
    async fn unsubscribe(&self, letter: &Letter<'_>, token: &str) -> Result<Outcome, InboundError> {
        let Some((reader, _)) = self.subscriptions.open(Purpose::Unsubscribe, token).await? else {
            // An old or damaged address: what it meant is clear, who wrote is not.
            let commands = [Command { order: Order::Unsubscribe, words: "unsubscribe".to_owned() }];
            return self.unproved(letter, &commands).await;
        };
        self.subscriptions.unsubscribe(&reader, "by mail", true).await?;
        Ok(Outcome::default().told(&reader, "unsubscribed by mail".to_owned()))
    }

    /// `+confirm-TOKEN`: any reply says yes.
    async fn confirm(&self, letter: &Letter<'_>, token: &str) -> Result<Outcome, InboundError> {
        let origin = origin();
        if let Some(asked) = self.subscriptions.asked(token).await? {
            let carried = self.subscriptions.agree(&asked, origin).await?;
            let told = format!("said yes by mail: {}", words(&asked.commands));
            let outcome = match self.subscriptions.again(&asked.reader).await? {
                Some(reader) if !carried.left => {
                    let settings = self.subscriptions.in_force(&reader);
                    Outcome::answered(answer::done(&reader, carried.said, settings, "agreed"))
                }
                _ => Outcome::default(),
            };
            return Ok(outcome.told(&asked.reader, told));
        }
        Ok(match self.subscriptions.confirm(token, origin).await? {
            // The welcome digest is the answer.
            Some(Confirmed::Now(reader)) => {
                Outcome::default().told(&reader, "confirmed by mail".to_owned())
            }
            Some(Confirmed::Already(reader) | Confirmed::Moved(reader)) => {
                let said = vec!["You are subscribed.".to_owned()];
                let settings = self.subscriptions.in_force(&reader);
                Outcome::answered(answer::done(&reader, said, settings, "confirm"))
            }
            Some(Confirmed::Taken(_)) => Outcome::default(),
            None => Outcome::answered(answer::too_late(&letter.from, self.links.inbound())),
        })
    }

    /// Starts the double opt-in: its mail is the answer.
    async fn subscribe(
        &self,
        letter: &Letter<'_>,
        topics: &[crate::model::Topic],
    ) -> Result<Outcome, InboundError> {
        let topics = Topics::of(topics.iter().cloned()).unwrap_or_default();
        let preferences = Preferences { topics, ..Preferences::default() };
        self.subscriptions.subscribe(&letter.from, &preferences, origin()).await?;
        Ok(Outcome::default())
    }

    /// What the mail itself asks for.
    async fn orders(&self, letter: &Letter<'_>) -> Result<Outcome, InboundError> {
        let commands = &letter.heard.commands;
        if let Some(reader) = self.proved(letter).await? {
            return self.proved_orders(letter, &reader).await;
        }
        let subscribes = commands.iter().find_map(|command| match &command.order {
            Order::Subscribe(topics) => Some(topics),
            _ => None,
        });
        if let Some(topics) = subscribes {
            return self.subscribe(letter, topics).await;
        }
        self.unproved(letter, commands).await
    }

    /// Who wrote, where a token or the sender's domain proves it.
    async fn proved(&self, letter: &Letter<'_>) -> Result<Option<Subscriber>, InboundError> {
        if let Tag::Reply(token) = letter.tag
            && let Some((reader, _)) = self.subscriptions.open(Purpose::Reply, token).await?
        {
            return Ok(Some(reader));
        }
        let Some(verifier) = &self.verifier else { return Ok(None) };
        // A mail to somebody else, signed as well, is handed to us by whoever got it.
        if !named_in_to(letter.mail, &self.links) {
            return Ok(None);
        }
        let Some(reader) = self.store.subscriber(&letter.from).await? else { return Ok(None) };
        let proves = verifier.proves(letter.mail, letter.from.domain(), self.clock.now()).await;
        Ok(proves.then_some(reader))
    }

    async fn proved_orders(
        &self,
        letter: &Letter<'_>,
        reader: &Subscriber,
    ) -> Result<Outcome, InboundError> {
        let Heard { commands, unclear } = &letter.heard;
        let is_suppressed = reader.state == SubscriberState::Suppressed;
        let comes_back = is_suppressed
            || matches!(reader.state, SubscriberState::Unsubscribed | SubscriberState::Pending);
        if comes_back
            && let Some(topics) = commands.iter().find_map(|command| match &command.order {
                Order::Subscribe(topics) => Some(topics.clone()),
                _ => None,
            })
        {
            let preferences = Preferences {
                topics: Topics::of(topics).unwrap_or_default(),
                ..reader.preferences.clone()
            };
            self.subscriptions.subscribe(&reader.email, &preferences, origin()).await?;
            return Ok(Outcome::default().told(reader, "asked to subscribe, by mail".to_owned()));
        }
        if is_suppressed {
            return Ok(Outcome::default());
        }
        let carried = self.subscriptions.carry_out(reader, commands, origin()).await?;
        let told = match commands.is_empty() {
            true => "wrote what we did not understand".to_owned(),
            false => format!("wrote: {}", words(commands)),
        };
        if carried.left {
            return Ok(Outcome::default().told(reader, told));
        }
        let reader = self.subscriptions.again(reader).await?.unwrap_or_else(|| reader.clone());
        let settings = self.subscriptions.in_force(&reader);
        let mut answer = answer::done(&reader, carried.said, settings, &kind(commands));
        answer.said.unclear = answer::unclear(unclear, true);
        if commands.is_empty() || commands.iter().any(|one| one.order == Order::Help) {
            answer.said.help = answer::HELP.to_vec();
            answer.said.write_to = answer::write_to(self.links.inbound());
        }
        Ok(Outcome::answered(answer).told(&reader, told))
    }

    /// What somebody asks for who may be anybody.
    async fn unproved(
        &self,
        letter: &Letter<'_>,
        commands: &[Command],
    ) -> Result<Outcome, InboundError> {
        let inbound = self.links.inbound();
        let reader = self.store.subscriber(&letter.from).await?;
        let reader = reader.filter(|reader| {
            !matches!(reader.state, SubscriberState::Pending | SubscriberState::Unsubscribed)
        });
        let Some(reader) = reader else {
            let mark = self.subscriptions.mark_of(&letter.from);
            let kept_out = self.store.suppression(&mark).await?;
            if kept_out.is_some_and(|one| one.reason != "erased") {
                return Ok(Outcome::default());
            }
            if commands.is_empty() || commands.iter().all(|one| one.order == Order::Help) {
                return Ok(Outcome::answered(answer::help(&letter.from, 0, inbound)));
            }
            return Ok(Outcome::answered(answer::no_reader(&letter.from, inbound)));
        };
        if reader.state == SubscriberState::Suppressed {
            return Ok(Outcome::default());
        }
        let (asks, does): (Vec<&Command>, Vec<&Command>) =
            commands.iter().partition(|command| command.order.only_asks());
        if does.is_empty() {
            let settings = self.subscriptions.in_force(&reader);
            let mut answer = answer::done(&reader, Vec::new(), settings, &kind(commands));
            answer.said.unclear = answer::unclear(&letter.heard.unclear, false);
            if asks.iter().any(|one| one.order == Order::Help) || asks.is_empty() {
                answer.said.help = answer::HELP.to_vec();
                answer.said.write_to = answer::write_to(inbound);
            }
            return Ok(Outcome::answered(answer));
        }
        let does: Vec<Command> = does.into_iter().cloned().collect();
        let told = format!("a mail in their name asks: {}", words(&does));
        Ok(Outcome::answered(answer::ask(&reader, &does, &kind(&does))).told(&reader, told))
    }
}

fn origin() -> Origin {
    Origin { how: "mail", from: None, quick: false }
}

/// Commands in our words.
fn words(commands: &[Command]) -> String {
    commands.iter().map(|command| command.words.as_str()).collect::<Vec<_>>().join(", ")
}

/// By what answers are counted.
fn kind(commands: &[Command]) -> String {
    let mut kinds: Vec<&str> = commands.iter().map(|command| command.order.word()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    if kinds.is_empty() { "help".to_owned() } else { kinds.join("+") }
}
