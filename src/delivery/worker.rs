//! One worker: a line to a relay, and the mails that go over it one after the other.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::compose::{Composed, Parts};
use super::relays::{Choice, Relay, choose};
use super::smtp::{Connection, Said};
use super::{Job, Postman, folder, nobody};
use crate::config::RelayTarget;
use crate::model::Outcome;
use crate::store::Finished;

/// What became of a delivery, and whom to tell once that is recorded.
pub(super) struct Result {
    pub(super) finished: Finished,
    pub(super) recorded: oneshot::Sender<()>,
}

/// A connection that stays open between mails.
#[derive(Default)]
pub(super) struct Line {
    open: Option<(usize, Connection)>,
}

/// Sends jobs until there are none, or `stop`.
pub(super) async fn work(
    postman: &Postman,
    line: &mut Line,
    jobs: &Mutex<VecDeque<Job>>,
    stop: &CancellationToken,
    results: mpsc::Sender<Result>,
) {
    let mut unrecorded: Option<oneshot::Receiver<()>> = None;
    while !stop.is_cancelled() {
        let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let Some(job) = next else { break };
        let finished = one(postman, line, &job).await;
        // One result may be unrecorded while the next mail is on the wire, no more.
        if let Some(earlier) = unrecorded.take()
            && earlier.await.is_err()
        {
            break;
        }
        let (recorded, wait) = oneshot::channel();
        if results.send(Result { finished, recorded }).await.is_err() {
            break;
        }
        unrecorded = Some(wait);
    }
}

/// One delivery: composed, sent by the first relay that can, concluded.
async fn one(postman: &Postman, line: &mut Line, job: &Job) -> Finished {
    let claimed = &job.claimed;
    let digest = &job.digest;
    let parts = Parts {
        marker: &digest.marker,
        subject: &digest.subject,
        html: &digest.html,
        text: &digest.text,
        day: digest.day,
    };
    let id = claimed.id.to_string();
    let mail = match postman.composer.mail(&id, &claimed.email, claimed.created_at, &parts) {
        Ok(mail) => mail,
        Err(error) => return postman.conclude(claimed, "", Outcome::Failed(error.to_string())),
    };
    let domain = claimed.email.domain();
    // Each turn either ends, or puts one more relay to rest.
    for _ in 0..=postman.relays.len() {
        let at = match choose(&postman.relays, domain, postman.clock.now()) {
            Choice::Use(at) => at,
            Choice::Wait(_, reason) => {
                return postman.conclude(claimed, "", Outcome::RelayDown(reason));
            }
            Choice::Nobody => {
                return postman.conclude(claimed, "", Outcome::Failed(nobody(domain)));
            }
        };
        let relay = &postman.relays[at];
        relay.pace().await;
        let (outcome, opening) = line.send(relay, at, &mail).await;
        let name = &relay.config.name;
        match &outcome {
            Outcome::Sent(_) | Outcome::Failed(_) => relay.works(),
            Outcome::Deferred(reply) => {
                tracing::info!(delivery = claimed.id, relay = name, reply, "deferred");
            }
            Outcome::RelayDown(reason) => {
                relay.faulted(postman.clock.now(), opening, reason);
                if relay.rests(postman.clock.now()).is_some() {
                    continue;
                }
            }
        }
        if let Outcome::Failed(reply) = &outcome {
            tracing::warn!(
                delivery = claimed.id,
                to = postman.who(&claimed.email),
                relay = name,
                reply,
                "refused for good"
            );
        }
        return postman.conclude(claimed, name, outcome);
    }
    postman.conclude(claimed, "", Outcome::RelayDown("every relay is down".to_owned()))
}

impl Line {
    /// Sends one mail by `relay`, the one at place `at`, over the open connection or a new
    /// one. The second is true where no connection could be opened.
    pub(super) async fn send(
        &mut self,
        relay: &Relay,
        at: usize,
        mail: &Composed,
    ) -> (Outcome, bool) {
        let (host, port, tls, user) = match &relay.config.target {
            RelayTarget::Folder(path) => return (folder::file(path, mail).await, true),
            RelayTarget::Smtp { host, port, tls, user } => (host, *port, *tls, user.as_deref()),
        };
        match self.open.take() {
            Some((kept, mut connection)) if kept == at => {
                let said = connection.send(&mail.envelope, &mail.bytes).await;
                if said.begun {
                    return (self.keep(at, connection, said).await, false);
                }
                // The relay closed it between two mails: this one was never begun.
            }
            Some((_, other)) => other.close().await,
            None => {}
        }
        match Connection::open(&relay.config, host, port, tls, user).await {
            Err(outcome) => (outcome, true),
            Ok(mut connection) => {
                let said = connection.send(&mail.envelope, &mail.bytes).await;
                (self.keep(at, connection, said).await, false)
            }
        }
    }

    async fn keep(&mut self, at: usize, connection: Connection, said: Said) -> Outcome {
        if said.goes_on {
            self.open = Some((at, connection));
        } else if matches!(said.outcome, Outcome::Sent(_)) {
            connection.close().await;
        }
        said.outcome
    }

    /// Says goodbye.
    pub(super) async fn close(self) {
        if let Some((_, connection)) = self.open {
            connection.close().await;
        }
    }
}
