//! What people ask for by mail: which of our mailboxes they wrote to, who is proved to have
//! written, and what is done or asked back. Nothing is changed on the word of a `From` header
//! alone.

use sha2::{Digest as _, Sha256};

use super::answer;
use super::classify::is_marked_spam;
use super::envelope::{named_in_to, replied_in, sender, tags};
use super::postbox::{Outcome, Postbox};
use super::{Heard, InboundError, hear, refusal};
use crate::links::{Purpose, Tag};
use crate::mail::Incoming;
use crate::model::{
    Command, EmailAddress, Locale, Order, Preferences, Said, SubscriberState, Topic, Topics,
};
use crate::store::Subscriber;
use crate::subscription::{Asked, BY_MAIL, Confirmable, Confirmed, wishes};
use crate::token::to_hex;

/// A mail that is being dealt with.
struct Letter<'a> {
    mail: &'a Incoming<'a>,
    from: EmailAddress,
    heard: Heard,
    /// Whom the token of the mailbox names: they wrote it, or gave it away.
    holder: Option<Subscriber>,
    /// Whom `From` names, which proves nothing.
    named: Option<Subscriber>,
}

impl Postbox {
    /// Deals with what a person wrote.
    pub(super) async fn hear(
        &self,
        mail: &Incoming<'_>,
        ours: &[String],
    ) -> Result<Outcome, InboundError> {
        let Some(from) = sender(mail) else { return Ok(Outcome::default()) };
        if self.links.tag(&from.key()).is_some() {
            return Ok(Outcome::default());
        }
        let tags = tags(ours, &self.links);
        let holder = match tags.first() {
            Some(Tag::Reply(token)) => {
                self.subscriptions.open(Purpose::Reply, token).await?.map(|(reader, _)| reader)
            }
            _ => None,
        };
        let named = self.store.subscriber(&from).await?;
        // "Until tomorrow" is said on the writer's calendar.
        let anybody = Preferences::default();
        let reader = holder.as_ref().or(named.as_ref());
        let timing = self.subscriptions.timing(reader.map_or(&anybody, |one| &one.preferences));
        let heard = hear(mail, timing.zone().civil(self.clock.now()).date());
        let letter = Letter { mail, from, heard, holder, named };
        let mut outcome = Outcome::default();
        // These act whatever else the mail says, and each for itself.
        for tag in &tags {
            let one = match tag {
                Tag::Unsubscribe(token) => self.unsubscribe(&letter, token).await?,
                Tag::Confirm(token) => self.confirm(&letter, token).await?,
                _ => break,
            };
            outcome = outcome.and(one);
        }
        match tags.first().unwrap_or(&Tag::None) {
            Tag::Unsubscribe(_) | Tag::Confirm(_) => Ok(outcome),
            // Somebody writes to where only reports go, or our own mail.
            Tag::Bounce(_) | Tag::Canary(_) => Ok(outcome),
            Tag::Subscribe => self.subscribe(&letter, &[]).await,
            Tag::Help => {
                let locale = self.spoken(&letter);
                Ok(Outcome::answered(answer::help(&letter.from, locale, self.links.inbound())))
            }
            Tag::Reply(_) | Tag::None => self.orders(&letter).await,
        }
    }

    /// The language of somebody who is no reader: that of their mail where it is sure.
    fn spoken(&self, letter: &Letter<'_>) -> Locale {
        let understood = letter.heard.language.map(Locale::from);
        let own = understood.or_else(|| replied_in(letter.mail));
        own.unwrap_or_else(|| self.stationery.locale(None))
    }

    /// The language of a reader.
    fn of(&self, reader: &Subscriber) -> Locale {
        self.stationery.locale(reader.preferences.locale.as_ref())
    }

    /// `+unsubscribe-TOKEN`: acts at once, whatever the mail says.
    async fn unsubscribe(&self, letter: &Letter<'_>, token: &str) -> Result<Outcome, InboundError> {
        let Some((reader, _)) = self.subscriptions.open(Purpose::Unsubscribe, token).await? else {
            // An old or damaged address: what it meant is clear, who wrote is not.
            let commands = [Command { order: Order::Unsubscribe, words: "unsubscribe".to_owned() }];
            return self.unproved(letter, &commands).await;
        };
        self.leave(&reader).await
    }

    async fn leave(&self, reader: &Subscriber) -> Result<Outcome, InboundError> {
        self.subscriptions.unsubscribe(reader, "by mail", true).await?;
        Ok(Outcome::default().told(reader, "unsubscribed by mail".to_owned()))
    }

    /// `+confirm-TOKEN`: a reply says yes, unless it says no.
    async fn confirm(&self, letter: &Letter<'_>, token: &str) -> Result<Outcome, InboundError> {
        let asked = self.subscriptions.asked(token).await?;
        let orders = asked.iter().flat_map(|asked| &asked.commands);
        if is_refused(letter, orders) {
            return self.refused(letter, token, asked).await;
        }
        if let Some(asked) = asked {
            let carried = self.subscriptions.agree(&asked, BY_MAIL).await?;
            let told = format!("said yes by mail: {}", words(&asked.commands));
            let outcome = match self.subscriptions.again(&asked.reader).await? {
                Some(reader) if !carried.left => {
                    let settings = self.subscriptions.in_force(&reader);
                    let (locale, said) = (self.of(&reader), carried.said);
                    Outcome::answered(answer::done(&reader, locale, said, settings, "agreed"))
                }
                _ => Outcome::default(),
            };
            return Ok(outcome.told(&asked.reader, told));
        }
        Ok(match self.subscriptions.confirm(token, BY_MAIL).await? {
            Some(Confirmed::Now(reader)) => {
                let told = "confirmed by mail".to_owned();
                // The welcome digest is the answer, unless nothing may be to their taste today.
                let wanted = &reader.preferences;
                if wanted.topics.is_empty() && wanted.min_votes.is_none() {
                    return Ok(Outcome::default().told(&reader, told));
                }
                let settings = self.subscriptions.in_force(&reader);
                let (locale, said) = (self.of(&reader), vec![Said::Subscribed]);
                let words = answer::done(&reader, locale, said, settings, "confirm");
                Outcome::answered(words).told(&reader, told)
            }
            Some(Confirmed::Already(reader) | Confirmed::Moved(reader)) => {
                let settings = self.subscriptions.in_force(&reader);
                let (locale, said) = (self.of(&reader), vec![Said::Subscribed]);
                Outcome::answered(answer::done(&reader, locale, said, settings, "confirm"))
            }
            Some(Confirmed::Taken(_)) => Outcome::default(),
            None if is_marked_spam(letter.mail) => Outcome::default(),
            None if letter.named.as_ref().is_some_and(is_suppressed) => Outcome::default(),
            None => Outcome::answered(answer::too_late(&letter.from, self.spoken(letter))),
        })
    }

    /// They say no. To what was asked in their name, that ends it. Of a subscription nothing comes, as
    /// the mail that asks says of silence; who has one by then, and writes that they want none, has
    /// shown with the token who they are.
    async fn refused(
        &self,
        letter: &Letter<'_>,
        token: &str,
        asked: Option<Asked>,
    ) -> Result<Outcome, InboundError> {
        let leaves = letter.heard.commands.iter().any(|one| one.order == Order::Unsubscribe);
        if let Some(asked) = asked {
            let reader = &asked.reader;
            self.subscriptions.decline(&asked).await?;
            if leaves {
                return self.leave(reader).await;
            }
            let told = format!("said no by mail to: {}", words(&asked.commands));
            let said = vec![if asked.done { Said::DoneBefore } else { Said::Declined }];
            let settings = self.subscriptions.in_force(reader);
            let answer = answer::done(reader, self.of(reader), said, settings, "declined");
            return Ok(Outcome::answered(answer).told(reader, told));
        }
        let reader = match self.subscriptions.confirmable(token).await? {
            Some(Confirmable::Subscription(reader)) => reader,
            Some(Confirmable::Move(reader, _)) => {
                let told = "the new address said no by mail".to_owned();
                return Ok(Outcome::default().told(&reader, told));
            }
            None => return Ok(Outcome::default()),
        };
        if leaves && matches!(reader.state, SubscriberState::Active | SubscriberState::Paused) {
            return self.leave(&reader).await;
        }
        let told = "said no by mail: nothing was confirmed".to_owned();
        Ok(Outcome::default().told(&reader, told))
    }

    /// Starts the double opt-in: its mail is the answer. What `commands` say of the digests counts
    /// from the yes on; that there was more to the mail, it says.
    async fn subscribe(
        &self,
        letter: &Letter<'_>,
        commands: &[Command],
    ) -> Result<Outcome, InboundError> {
        // The site's own language is left open, so that they follow it.
        let usual = self.stationery.locale(None).language();
        let locale = Some(self.spoken(letter)).filter(|own| own.language() != usual);
        let (preferences, all) = wishes(commands, Preferences { locale, ..Preferences::default() });
        // Who was a reader has the wishes of then, which nobody else may change.
        let was_reader =
            letter.named.as_ref().is_some_and(|one| one.state != SubscriberState::Pending);
        let wishes_nothing =
            Preferences { locale: None, ..preferences.clone() } == Preferences::default();
        let all = all
            && (wishes_nothing || !was_reader)
            && (commands.is_empty() || letter.heard.unclear.is_empty());
        self.subscriptions.subscribe_by_mail(&letter.from, &preferences, all, false).await?;
        Ok(Outcome::default())
    }

    /// What the mail itself asks for.
    async fn orders(&self, letter: &Letter<'_>) -> Result<Outcome, InboundError> {
        let commands = &letter.heard.commands;
        if let Some(reader) = self.proved(letter).await? {
            return self.proved_orders(letter, &reader).await;
        }
        if !commands.iter().any(|one| matches!(one.order, Order::Subscribe(_))) {
            return self.unproved(letter, commands).await;
        }
        let has_one = letter.named.as_ref().is_some_and(|reader| {
            matches!(reader.state, SubscriberState::Active | SubscriberState::Paused)
        });
        let changes = as_changes(commands);
        // Who has a subscription is told so; what else they wish is asked back like any wish.
        if has_one && changes.iter().any(|one| !one.order.only_asks()) {
            return self.unproved(letter, &changes).await;
        }
        self.subscribe(letter, commands).await
    }

    /// Who wrote, where a token or the sender's domain proves it.
    async fn proved(&self, letter: &Letter<'_>) -> Result<Option<Subscriber>, InboundError> {
        if letter.holder.is_some() {
            return Ok(letter.holder.clone());
        }
        let Some(verifier) = &self.verifier else { return Ok(None) };
        // A mail to somebody else, signed as well, is handed to us by whoever got it.
        if !named_in_to(letter.mail, &self.links) {
            return Ok(None);
        }
        let Some(reader) = letter.named.clone() else { return Ok(None) };
        let proves = verifier.proves(letter.mail, letter.from.domain(), self.clock.now()).await;
        Ok(proves.then_some(reader))
    }

    async fn proved_orders(
        &self,
        letter: &Letter<'_>,
        reader: &Subscriber,
    ) -> Result<Outcome, InboundError> {
        let Heard { commands, unclear, .. } = &letter.heard;
        let is_suppressed = reader.state == SubscriberState::Suppressed;
        let comes_back = is_suppressed
            || matches!(reader.state, SubscriberState::Unsubscribed | SubscriberState::Pending);
        if comes_back && commands.iter().any(|one| matches!(one.order, Order::Subscribe(_))) {
            let mut usual = reader.preferences.clone();
            // Topics that are named are all that they want; else it is as it was.
            if commands
                .iter()
                .any(|one| matches!(&one.order, Order::Subscribe(all) if !all.is_empty()))
            {
                usual.topics = Topics::default();
            }
            let (preferences, all) = wishes(commands, usual);
            let all = all && unclear.is_empty();
            self.subscriptions.replace(reader, preferences.clone()).await?;
            self.subscriptions.subscribe_by_mail(&reader.email, &preferences, all, true).await?;
            return Ok(Outcome::default().told(reader, "asked to subscribe, by mail".to_owned()));
        }
        if is_suppressed {
            let told =
                format!("wrote, and nothing was done: they are suppressed: {}", words(commands));
            return Ok(Outcome::default().told(reader, told));
        }
        let carried = self.subscriptions.carry_out(reader, commands, BY_MAIL).await?;
        let told = match commands.is_empty() {
            true => "wrote what we did not understand".to_owned(),
            false => format!("wrote: {}", words(commands)),
        };
        if carried.left {
            return Ok(Outcome::default().told(reader, told));
        }
        let reader = self.subscriptions.again(reader).await?.unwrap_or_else(|| reader.clone());
        let settings = self.subscriptions.in_force(&reader);
        let (locale, said) = (self.of(&reader), carried.said);
        let mut words = answer::done(&reader, locale, said, settings, &own_kind(commands));
        words.answer.unclear = answer::unclear(unclear, true);
        if commands.is_empty() || commands.iter().any(|one| one.order == Order::Help) {
            words = words.with_help(self.links.inbound());
        }
        Ok(Outcome::answered(words).told(&reader, told))
    }

    /// What somebody asks for who may be anybody.
    async fn unproved(
        &self,
        letter: &Letter<'_>,
        commands: &[Command],
    ) -> Result<Outcome, InboundError> {
        if is_marked_spam(letter.mail) {
            return Ok(Outcome::default());
        }
        let inbound = self.links.inbound();
        let reader = letter.named.as_ref().filter(|reader| {
            !matches!(reader.state, SubscriberState::Pending | SubscriberState::Unsubscribed)
        });
        let Some(reader) = reader else {
            let mark = self.subscriptions.mark_of(&letter.from);
            let kept_out = self.store.suppression(&mark).await?;
            if kept_out.is_some_and(|one| one.reason != "erased") {
                return Ok(Outcome::default());
            }
            if commands.is_empty() || commands.iter().all(|one| one.order == Order::Help) {
                let locale = self.spoken(letter);
                return Ok(Outcome::answered(answer::help(&letter.from, locale, inbound)));
            }
            return Ok(Outcome::answered(answer::no_reader(&letter.from, self.spoken(letter))));
        };
        if reader.state == SubscriberState::Suppressed {
            let told = "a mail in their name had no effect: they are suppressed".to_owned();
            return Ok(Outcome::default().told(reader, told));
        }
        let (asks, does): (Vec<&Command>, Vec<&Command>) =
            commands.iter().partition(|command| command.order.only_asks());
        if does.is_empty() {
            let settings = self.subscriptions.in_force(reader);
            let locale = self.of(reader);
            let mut words = answer::done(reader, locale, Vec::new(), settings, &kind(commands));
            words.answer.unclear = answer::unclear(&letter.heard.unclear, false);
            if asks.iter().any(|one| one.order == Order::Help) || asks.is_empty() {
                words = words.with_help(inbound);
            }
            return Ok(Outcome::answered(words));
        }
        let does: Vec<Command> = does.into_iter().cloned().collect();
        let told = format!("a mail in their name asks: {}", words(&does));
        let words = answer::ask(reader, self.of(reader), &does, &kind(&does));
        Ok(Outcome::answered(words).told(reader, told))
    }
}

/// Whether a reply to what we ask refuses it. Who writes once more what was `asked` about agrees, and
/// so does who subscribes; who leaves refuses everything else.
fn is_refused<'c>(letter: &Letter<'_>, asked: impl Iterator<Item = &'c Command>) -> bool {
    let asked: Vec<&str> = asked.map(|command| command.order.word()).collect();
    let mut heard = letter.heard.commands.iter().map(|command| &command.order);
    let agrees = |order: &Order| {
        asked.contains(&order.word())
            || *order == Order::Confirm
            || asked.is_empty() && matches!(order, Order::Subscribe(_))
    };
    if heard.clone().any(agrees) {
        return false;
    }
    heard.any(|order| *order == Order::Unsubscribe) || refusal::is_no(letter.mail.message())
}

fn is_suppressed(reader: &Subscriber) -> bool {
    reader.state == SubscriberState::Suppressed
}

/// The commands of somebody who has a subscription: to subscribe to topics is to add them.
fn as_changes(commands: &[Command]) -> Vec<Command> {
    let added = |topic: &Topic| {
        let order = Order::AddTopic(topic.clone());
        Command { words: order.to_string(), order }
    };
    let changes = commands.iter().map(|command| match &command.order {
        Order::Subscribe(topics) => topics.iter().map(added).collect(),
        _ => vec![command.clone()],
    });
    changes.collect::<Vec<_>>().concat()
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

/// The same for whoever is proved to have written: another change is another answer.
fn own_kind(commands: &[Command]) -> String {
    if commands.iter().all(|one| one.order.only_asks()) {
        return if commands.is_empty() { "unclear".to_owned() } else { kind(commands) };
    }
    let hash = to_hex(&Sha256::digest(words(commands)));
    format!("{} {}", kind(commands), &hash[..8])
}
