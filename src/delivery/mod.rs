//! Delivery: claims what is due, sends it, and records what became of it. A process that is
//! killed leaves at most two doubtful mails for each open connection: one on the wire, one
//! whose result was not yet recorded. Never plans, and never holds a transaction while it
//! talks to a relay.

mod compose;
mod folder;
mod outcome;
mod relays;
mod retry;
mod smtp;
mod stream;
mod worker;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::config::{AddressStyle, Config, Retry};
use crate::model::{EmailAddress, Outcome};
use crate::store::{Claimed, Finished, Node, Recorded, Store, StoreError, StoredDigest};
use crate::token::Key;
pub use compose::{Composed, Composer, Parts, message_id};
use relays::{Choice, Relay, choose};
use worker::{Line, Result as WorkerResult};

/// Deliveries claimed at a time for each connection: should the process die, so many are
/// taken for doubtful, though at most two of them are.
const BATCH: u32 = 4;
/// Results recorded at a time.
const GROUP: usize = 100;
/// How long a stop waits for mails in flight.
const GRACE: std::time::Duration = std::time::Duration::from_secs(25);

/// Sends: the room's one struct.
#[derive(Debug)]
pub struct Postman {
    store: Store,
    clock: Clock,
    node: Arc<Node>,
    composer: Composer,
    key: Key,
    relays: Vec<Relay>,
    retry: Retry,
    addresses: AddressStyle,
}

/// What one drain did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drained {
    /// Taken by a relay.
    pub sent: u64,
    /// To be tried again.
    pub deferred: u64,
    /// Refused for good.
    pub failed: u64,
    /// Not to be sent any more.
    pub skipped: u64,
}

/// Why a drain stopped. What was recorded before stays.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// The database did not do it.
    #[error("cannot record what was sent")]
    Store(#[from] StoreError),
    /// A delivery points to a digest that is not there.
    #[error("the digest {0} is missing; restore the database from a backup")]
    NoDigest(i64),
}

/// A claimed delivery with what it is made of.
#[derive(Clone, Debug)]
struct Job {
    claimed: Claimed,
    digest: Arc<StoredDigest>,
}

impl Postman {
    /// Ready to send by the configured relays.
    pub fn new(config: &Config, store: Store, clock: Clock, key: Key, node: Arc<Node>) -> Self {
        Self {
            store,
            clock,
            node,
            composer: Composer::new(config, key.clone()),
            key,
            addresses: config.log.addresses,
            relays: config.mail.relays.iter().cloned().map(Relay::new).collect(),
            retry: config.retry,
        }
    }

    /// Takes back what dead processes had claimed, then claims and sends until nothing that
    /// is due is left, every relay rests, or `stop`. `progress` hears how many are done.
    pub async fn drain_once(
        &self,
        stop: &CancellationToken,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<Drained, DeliveryError> {
        self.node.rejoin().await?;
        let recovered = self.store.recover(&self.node).await?;
        if recovered.deliveries > 0 {
            tracing::warn!(
                deliveries = recovered.deliveries,
                doubtful = recovered.doubtful,
                "a process ended while it was sending: its mails go out as the same mails; \
                 queue list --doubtful names them"
            );
        }
        let batch = self.connections().saturating_mul(BATCH);
        // They stay open from batch to batch.
        let mut lines: Vec<Line> = (0..self.connections()).map(|_| Line::default()).collect();
        let mut drained = Drained::default();
        let mut digests: VecDeque<Arc<StoredDigest>> = VecDeque::new();
        while !stop.is_cancelled() && self.any_relay_works() {
            let (claimed, skipped) = self.store.claim(&self.node, self.clock.now(), batch).await?;
            drained.skipped += skipped;
            if claimed.is_empty() && skipped == 0 {
                break;
            }
            let mut jobs = VecDeque::with_capacity(claimed.len());
            for one in claimed {
                let digest = self.digest(one.digest, &mut digests).await?;
                jobs.push_back(Job { claimed: one, digest });
            }
            self.send(jobs, &mut lines, stop, &mut drained, progress).await?;
        }
        futures_util::future::join_all(lines.into_iter().map(Line::close)).await;
        Ok(drained)
    }

    /// Sends one mail that is no delivery, now.
    pub async fn send_one(&self, mail: &Composed) -> Outcome {
        let domain = mail.envelope.to.domain();
        match choose(&self.relays, domain, self.clock.now()) {
            Choice::Use(at) => {
                let mut line = Line::default();
                let (outcome, _) = line.send(&self.relays[at], at, mail).await;
                line.close().await;
                outcome
            }
            Choice::Wait(_, reason) => Outcome::RelayDown(reason),
            Choice::Nobody => Outcome::Failed(nobody(domain)),
        }
    }

    /// Makes mails as the deliveries' are made.
    pub fn composer(&self) -> &Composer {
        &self.composer
    }

    /// Sends one batch with as many workers as there are connections, and records the
    /// results in groups while the next mails are on the wire.
    async fn send(
        &self,
        jobs: VecDeque<Job>,
        lines: &mut [Line],
        stop: &CancellationToken,
        drained: &mut Drained,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<(), DeliveryError> {
        let jobs = Mutex::new(jobs);
        let waiting = &jobs;
        let (results, mut inbox) = mpsc::channel::<WorkerResult>(GROUP);
        let working = async move {
            let one = |line| worker::work(self, line, waiting, stop, results.clone());
            let all = futures_util::future::join_all(lines.iter_mut().map(one));
            let cut = async {
                stop.cancelled().await;
                tokio::time::sleep(GRACE).await;
            };
            tokio::select! {
                _ = all => {}
                () = cut => tracing::warn!("mails in flight are cut off; they count as doubtful"),
            }
            drop(results);
        };
        // Owns the inbox: should recording fail, the workers find it closed and end.
        let recording = async move {
            let mut group = Vec::with_capacity(GROUP);
            while inbox.recv_many(&mut group, GROUP).await > 0 {
                self.record(&mut group, drained).await?;
                progress(drained.sent + drained.deferred + drained.failed + drained.skipped);
            }
            Ok::<(), DeliveryError>(())
        };
        let ((), recorded) = tokio::join!(working, recording);
        recorded?;
        // What was claimed but not begun goes back as it was.
        let left = jobs.into_inner().unwrap_or_else(PoisonError::into_inner);
        let released: Vec<Finished> = left
            .into_iter()
            .map(|job| Finished { id: job.claimed.id, relay: None, what: Recorded::Released })
            .collect();
        self.store.record(&self.node, self.clock.now(), &released, &[]).await?;
        Ok(())
    }

    async fn record(
        &self,
        group: &mut Vec<WorkerResult>,
        drained: &mut Drained,
    ) -> Result<(), DeliveryError> {
        let (finished, acknowledge): (Vec<Finished>, Vec<_>) =
            group.drain(..).map(|result| (result.finished, result.recorded)).unzip();
        self.store.record(&self.node, self.clock.now(), &finished, &[]).await?;
        for one in &finished {
            match &one.what {
                Recorded::Sent { .. } => drained.sent += 1,
                Recorded::Deferred { .. } => drained.deferred += 1,
                Recorded::Failed { .. } => drained.failed += 1,
                Recorded::Skipped { .. } => drained.skipped += 1,
                Recorded::Released => {}
            }
        }
        for one in acknowledge {
            // A worker that is gone does not wait for it.
            let _ = one.send(());
        }
        Ok(())
    }

    /// What an outcome means for the delivery.
    fn conclude(&self, claimed: &Claimed, relay: &str, outcome: Outcome) -> Finished {
        let now = self.clock.now();
        let later = |attempts| retry::next_attempt(&self.retry, attempts, claimed.id, now);
        let what = match outcome {
            Outcome::Sent(reply) => Recorded::Sent { reply },
            Outcome::Failed(reply) => Recorded::Failed { reply },
            Outcome::Deferred(reply) => Recorded::Deferred {
                next_attempt_at: later(claimed.attempts + 1),
                counts: true,
                doubtful: false,
                reply,
            },
            Outcome::RelayDown(reply) => {
                let next_attempt_at = match choose(&self.relays, claimed.email.domain(), now) {
                    Choice::Wait(until, _) => soon_after(until, claimed.id),
                    _ => later(1),
                };
                Recorded::Deferred { next_attempt_at, counts: false, doubtful: false, reply }
            }
        };
        Finished { id: claimed.id, relay: Some(relay.to_owned()), what }
    }

    /// Connections of all relays together.
    fn connections(&self) -> u32 {
        self.relays.iter().map(|relay| relay.config.connections).fold(0, u32::saturating_add)
    }

    /// The address as the log may show it.
    fn who(&self, address: &EmailAddress) -> String {
        match self.addresses {
            AddressStyle::Masked => address.masked(),
            AddressStyle::Hashed => self.key.pseudonym("address", &address.key()),
            AddressStyle::Plain => address.to_string(),
        }
    }

    fn any_relay_works(&self) -> bool {
        let now = self.clock.now();
        self.relays.iter().any(|relay| relay.rests(now).is_none())
    }

    /// The digest in this row; the last few are kept.
    async fn digest(
        &self,
        id: i64,
        kept: &mut VecDeque<Arc<StoredDigest>>,
    ) -> Result<Arc<StoredDigest>, DeliveryError> {
        if let Some(found) = kept.iter().find(|digest| digest.id == id) {
            return Ok(Arc::clone(found));
        }
        let digest = self.store.digest(id).await?.ok_or(DeliveryError::NoDigest(id))?;
        let digest = Arc::new(digest);
        kept.push_front(Arc::clone(&digest));
        kept.truncate(16);
        Ok(digest)
    }
}

/// Spread over a minute, so that a relay that is back is not met by a crowd at once.
fn soon_after(until: Timestamp, delivery: i64) -> Timestamp {
    until.saturating_add(SignedDuration::from_secs(delivery.rem_euclid(60))).unwrap_or(until)
}

fn nobody(domain: &str) -> String {
    format!("no relay serves {domain}; see mail.relays.domains")
}
