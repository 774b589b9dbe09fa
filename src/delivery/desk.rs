//! One desk: a connection to one relay, and the mails that go over it one after the other.
//! While one mail is on the wire the next is made and announced.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::compose::{Addressee, Answers, Composed};
use super::dispatch::{End, Next, Opening, Ticket};
use super::meters::since;
use super::open::open;
use super::outcome::{Asks, Said};
use super::record::Report;
use super::shift::Shift;
use super::wire::Wire;
use super::{Job, send_by};
use crate::config::{Relay, RelayTarget};
use crate::mail::ComposeError;
use crate::model::Outcome;

/// An idle connection is closed after so long.
const IDLE: Duration = Duration::from_secs(5);
/// The longest wait before a desk looks again.
const LOOK: Duration = Duration::from_millis(500);
/// So often a relay may fault under one delivery in a shift before it waits.
const FAULTS: u32 = 2;

struct Desk<'a> {
    shift: &'a Shift,
    relay: &'a Relay,
    at: usize,
    wire: Option<Wire>,
}

/// A mail that this desk shall send.
struct Task {
    ticket: Ticket<Job>,
    mail: Composed,
    /// Told once it is recorded that it may be on the wire.
    recorded: oneshot::Receiver<()>,
    /// How long the relay has taken over it so far.
    spent: Duration,
}

/// Sends what the dispatch has for relay `at`, until the shift closes.
pub(super) async fn work(shift: Arc<Shift>, at: usize) {
    let Some(relay) = shift.core.relays.get(at) else { return };
    let mut desk = Desk { shift: &shift, relay, at, wire: None };
    while let Some(task) = desk.wait().await {
        desk.serve(task).await;
    }
    desk.hang_up().await;
}

impl Desk<'_> {
    /// The next task, once there is one; none when the shift closes.
    async fn wait(&mut self) -> Option<Task> {
        let idle_since = Instant::now();
        loop {
            let woken = self.shift.wake.notified();
            tokio::pin!(woken);
            woken.as_mut().enable();
            if self.shift.closing.is_cancelled() {
                return None;
            }
            let wait = match self.next() {
                Next::Job(ticket) => match self.prepare(ticket).await {
                    Some(task) => return Some(task),
                    None => continue,
                },
                Next::Later(wait) => wait.clamp(Duration::from_millis(1), LOOK),
                Next::Empty => LOOK,
            };
            tokio::select! {
                () = woken => {}
                () = tokio::time::sleep(wait) => {}
                () = self.shift.closing.cancelled() => {}
            }
            if idle_since.elapsed() > IDLE {
                self.hang_up().await;
            }
        }
    }

    fn next(&self) -> Next<Job> {
        self.shift.core.dispatch().next(self.at, Instant::now())
    }

    /// Makes the mail, and has it recorded that it may be on the wire.
    async fn prepare(&self, ticket: Ticket<Job>) -> Option<Task> {
        let recorded = self.shift.begin(ticket.job.claimed.id).await;
        match self.compose(&ticket.job) {
            Ok(mail) => Some(Task { ticket, mail, recorded, spent: Duration::ZERO }),
            Err(error) => {
                let outcome = Outcome::Failed(error.to_string());
                self.ended(ticket, Said::of(outcome, true), Duration::ZERO).await;
                None
            }
        }
    }

    fn compose(&self, job: &Job) -> Result<Composed, ComposeError> {
        let claimed = &job.claimed;
        let id = claimed.id.to_string();
        let of = Addressee {
            id: &id,
            to: &claimed.email,
            person: claimed.person,
            date: claimed.created_at,
            answers: claimed
                .answers
                .as_ref()
                .map(|answered| Answers { message_id: &answered.message_id, row: answered.orders }),
        };
        self.shift.core.composer.pour(&job.plate, &of)
    }

    /// Sends `task`, and over the same connection whatever comes next without waiting.
    async fn serve(&mut self, task: Task) {
        let _at_work = self.shift.at_work();
        if !matches!(self.relay.target, RelayTarget::Smtp { .. }) {
            if self.may_begin(task.recorded).await {
                let begun = Instant::now();
                let outcome = send_by(self.relay, &task.mail).await;
                self.ended(task.ticket, Said::of(outcome, true), begun.elapsed()).await;
            }
            return;
        }
        let Some((mut task, mut wire)) = self.offer(task).await else { return };
        // The relay waits for the mail's text.
        loop {
            let Task { ticket, mail, recorded, spent } = task;
            if !self.may_begin(recorded).await {
                return;
            }
            let next = if wire.is_spent() || self.shift.closing.is_cancelled() {
                None
            } else {
                match self.next() {
                    Next::Job(ticket) => self.prepare(ticket).await,
                    _ => None,
                }
            };
            let envelope = next.as_ref().map(|next| &next.mail.envelope);
            let begun = Instant::now();
            let (said, buffer) = wire.deliver(mail, envelope).await;
            let spent = spent + begun.elapsed();
            self.shift.core.composer.keep(buffer);
            let goes_on = said.goes_on;
            self.ended(ticket, said, spent).await;
            let Some(mut next) = next else {
                self.wire = goes_on.then_some(wire);
                return;
            };
            if !goes_on {
                return self.give_back(next).await;
            }
            let begun = Instant::now();
            let offered = wire.offer(&next.mail.envelope).await;
            next.spent = begun.elapsed();
            match offered {
                Ok(()) => task = next,
                // Closed between two mails, as relays do after so many: no fault of anybody's.
                Err(said) if said.unheard => return self.give_back(next).await,
                Err(said) => {
                    self.wire = said.goes_on.then_some(wire);
                    return self.ended(next.ticket, *said, next.spent).await;
                }
            }
        }
    }

    /// Has the relay take the envelope, over the open connection or a new one.
    async fn offer(&mut self, task: Task) -> Option<(Task, Wire)> {
        let kept = self.wire.take().filter(|wire| !wire.is_spent());
        let mut wire = match kept {
            Some(wire) => wire,
            None if !self.may_open().await => {
                self.give_back(task).await;
                return None;
            }
            None => match open(self.relay).await {
                Ok(wire) => {
                    self.shift.core.dispatch().opened(self.at);
                    self.shift.core.meters.is_up(self.at, true);
                    self.shift.wake.notify_waiters();
                    wire
                }
                Err(reason) => {
                    self.down(true, &reason).await;
                    self.give_back(task).await;
                    return None;
                }
            },
        };
        let begun = Instant::now();
        let offered = wire.offer(&task.mail.envelope).await;
        let task = Task { spent: begun.elapsed(), ..task };
        match offered {
            Ok(()) => Some((task, wire)),
            Err(said) if said.unheard && !wire.is_fresh() => {
                // It had been closed meanwhile. The next round opens a new one.
                self.give_back(task).await;
                None
            }
            Err(said) => {
                self.wire = said.goes_on.then_some(wire);
                self.ended(task.ticket, *said, task.spent).await;
                None
            }
        }
    }

    /// Waits until the relay may be connected to; false where it rests or the shift closes.
    async fn may_open(&self) -> bool {
        loop {
            let woken = self.shift.wake.notified();
            tokio::pin!(woken);
            woken.as_mut().enable();
            match self.shift.core.dispatch().open(self.at, Instant::now()) {
                Opening::Go => return true,
                Opening::Rests => return false,
                Opening::Wait => {}
            }
            tokio::select! {
                () = woken => {}
                () = tokio::time::sleep(LOOK) => {}
                () = self.shift.closing.cancelled() => return false,
            }
        }
    }

    /// Whether the mail's text may leave: it is recorded that it may be on the wire, and the
    /// delivery is still ours.
    async fn may_begin(&self, recorded: oneshot::Receiver<()>) -> bool {
        let may = recorded.await.is_ok() && self.shift.core.node.holds();
        if !may {
            self.shift.closing.cancel();
        }
        may
    }

    /// What became of a mail.
    async fn ended(&self, ticket: Ticket<Job>, said: Said, took: Duration) {
        let Ticket { mut job, domain } = ticket;
        let now = Instant::now();
        let end = match &said.outcome {
            Outcome::Sent(_) => End::Took,
            _ if said.asks == Asks::Pause => End::Pause,
            _ if said.asks == Asks::Less => End::Less,
            Outcome::Failed(_) => End::Refused,
            Outcome::Deferred(_) if said.goes_on => End::Refused,
            Outcome::Deferred(_) | Outcome::RelayDown(_) => End::Lost,
        };
        if self.shift.core.dispatch().done(self.at, &domain, end, took, now) {
            self.shift.wake.notify_one();
        }
        if let Outcome::RelayDown(reason) = &said.outcome {
            self.down(false, reason).await;
            job.faults += 1;
            if job.faults < FAULTS {
                // It costs the recipient nothing: another try, or another relay.
                self.shift.report(Report::Withdrawn(job.claimed.id)).await;
                self.shift.put(job).await;
                self.shift.wake.notify_waiters();
                return;
            }
        }
        let core = &self.shift.core;
        let waited = since(job.claimed.created_at, core.clock.now());
        core.meters.ended(self.at, job.claimed.kind, &said.outcome, took, waited);
        self.shift.end(&job.claimed, &self.relay.name, said.outcome, said.doubtful).await;
    }

    /// The relay as a whole is at fault.
    async fn down(&self, opening: bool, reason: &str) {
        let jitter = getrandom::u32().map_or(0.5, |random| f64::from(random) / f64::from(u32::MAX));
        let now = Instant::now();
        self.shift.core.meters.is_up(self.at, false);
        let left = self.shift.core.dispatch().fault(self.at, opening, reason, jitter, now);
        for refused in left {
            self.shift.refuse(refused).await;
        }
        self.shift.wake.notify_waiters();
    }

    /// Nothing of this mail was said but its envelope: it goes back to the dispatch.
    async fn give_back(&self, task: Task) {
        let Ticket { job, domain } = task.ticket;
        self.shift.report(Report::Withdrawn(job.claimed.id)).await;
        self.shift.core.dispatch().back(self.at, &domain, Instant::now());
        self.shift.put(job).await;
        self.shift.wake.notify_waiters();
    }

    async fn hang_up(&mut self) {
        if let Some(wire) = self.wire.take() {
            wire.close().await;
        }
    }
}
