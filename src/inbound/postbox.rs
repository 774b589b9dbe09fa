//! What becomes of a mail: reports go to `bounce`, what people ask for to the verbs of
//! `subscription`, and an answer to whoever wrote, at most once a day of each kind. Nothing is
//! changed on the word of a `From` header alone.

use std::collections::HashSet;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::answer::Words;
use super::envelope::{mark, message_id, ours, tags};
use super::verify::Verifier;
use super::{Accept, Accepted, Arrival, Class, InboundError, classify, reports};
use crate::bounce::{self, Bounces};
use crate::clock::Clock;
use crate::links::{Links, Tag};
use crate::mail::Incoming;
use crate::meter;
use crate::model::{MailKind, Span};
use crate::notices::Stationery;
use crate::store::{Answered, Limit, NewNotice, Receipt, Reply, Store, Subscriber};
use crate::subscription::Subscriptions;
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
    /// How long a yes is waited for.
    pub within: Span,
    /// Who proves senders; none does where that is not configured.
    pub verifier: Option<Arc<Verifier>>,
    /// What is being dealt with at the moment.
    pub under_way: UnderWay,
}

/// The marks of the mails that are being dealt with, so that a mail that is handed over once more
/// before it is done, as servers do that have waited long, waits for what comes of the first.
#[derive(Clone, Debug, Default)]
pub struct UnderWay(Arc<Marks>);

#[derive(Debug, Default)]
struct Marks {
    held: Mutex<HashSet<String>>,
    freed: Notify,
}

/// Holds the place of a mail until it is done, or given up.
struct Place<'a>(&'a Marks, &'a str);

impl UnderWay {
    async fn take<'a>(&'a self, mark: &'a str) -> Place<'a> {
        loop {
            let mut freed = pin!(self.0.freed.notified());
            // What is freed from here on wakes it.
            freed.as_mut().enable();
            if self.0.held().insert(mark.to_owned()) {
                return Place(&self.0, mark);
            }
            freed.await;
        }
    }
}

impl Marks {
    fn held(&self) -> MutexGuard<'_, HashSet<String>> {
        // A set is whole after each of its steps.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.held().remove(self.1);
        self.0.freed.notify_waiters();
    }
}

/// What came of a mail: whose timeline tells what of it, and what is answered.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    told: Option<(i64, String)>,
    answer: Option<Words>,
}

impl Outcome {
    pub(super) fn answered(words: Words) -> Self {
        Self { told: None, answer: Some(words) }
    }

    pub(super) fn told(mut self, reader: &Subscriber, detail: String) -> Self {
        self.told = Some((reader.id, detail));
        self
    }

    /// With what came of another mailbox of the same mail: there is one answer to a mail.
    pub(super) fn and(self, other: Self) -> Self {
        Self { told: self.told.or(other.told), answer: self.answer.or(other.answer) }
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
        let _place = self.under_way.take(&mark).await;
        if self.store.was_received(&mark).await? {
            tracing::debug!("the same mail once more: it was dealt with");
            return Ok(Accepted::Done);
        }
        let report = bounce::read(&mail);
        let class = classify(&arrival, &mail, report.as_ref(), self.links.inbound());
        if let Some(Tag::Canary(token)) = tags(&ours, &self.links).first() {
            // A report that it could not be delivered is no proof that it was.
            if !matches!(class, Class::Bounce | Class::Complaint)
                && let Some(number) = self.links.canary(token)
            {
                let known = self.store.canary_seen(number, self.clock.now()).await?;
                tracing::info!(known, "a mail of ours to ourselves came back");
            }
            self.finish(&mail, &mark, Outcome::default()).await?;
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
        self.finish(&mail, &mark, outcome).await?;
        meter::INBOUND.add(&[class.word()], 1);
        Ok(Accepted::Done)
    }
}

impl Postbox {
    /// Stores that the mail was dealt with, with its answer.
    async fn finish(
        &self,
        mail: &Incoming<'_>,
        mark: &str,
        outcome: Outcome,
    ) -> Result<(), InboundError> {
        let answer = match outcome.answer {
            None => None,
            Some(words) => {
                let address = self.subscriptions.answered_mark(&words.to);
                let kind = if words.orders.is_some() { MailKind::Ask } else { MailKind::Answer };
                let letter =
                    self.stationery.answer(kind, &words.locale, &words.answer, self.within)?;
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
        let receipt = Receipt { mark: mark.to_owned(), told: outcome.told, answer };
        self.store.finish_received(receipt, self.clock.now()).await?;
        Ok(())
    }
}
