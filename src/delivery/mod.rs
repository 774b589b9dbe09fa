//! Delivery: claims what is due, sends it, and records what became of it. A process that is
//! killed leaves at most two doubtful mails for each open connection: one on the wire, one
//! whose result was not yet recorded. Never plans, and never holds a transaction while it
//! talks to a relay.

mod compose;
mod desk;
mod dispatch;
mod folder;
mod health;
mod lane;
mod open;
mod outcome;
mod pace;
mod probe;
mod record;
mod relay;
mod rests;
mod retry;
mod sendmail;
mod shift;
mod stream;
mod tls;
mod wire;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::config::{self, AddressStyle, Config, RelayTarget, Retry};
use crate::links::Links;
use crate::mail::ComposeError;
use crate::model::{EmailAddress, Outcome};
use crate::store::{Claimed, Node, Store, StoreError};
use crate::token::Key;
use compose::Moulds;
pub use compose::{Addressee, Composed, Composer, Parts, Plate, message_id};
use dispatch::Dispatch;
pub use probe::{Probed, Step, probe};
use rests::Rests;

/// Sends: the room's one struct.
#[derive(Debug)]
pub struct Postman {
    core: Arc<Core>,
}

/// What every desk of a shift needs.
#[derive(Debug)]
struct Core {
    store: Store,
    clock: Clock,
    node: Arc<Node>,
    composer: Composer,
    moulds: Moulds,
    key: Key,
    relays: Vec<config::Relay>,
    dispatch: Mutex<Dispatch<Job>>,
    rests: Rests,
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

impl Drained {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.sent + self.deferred + self.failed + self.skipped
    }
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
    /// A digest cannot be written as a mail.
    #[error("the digest {0} cannot be written as a mail")]
    Compose(i64, #[source] ComposeError),
    /// A part of the sending ended in a panic.
    #[error("a part of the sending ended unexpectedly")]
    Panic,
}

/// A claimed delivery with what it is made of.
#[derive(Debug)]
struct Job {
    claimed: Claimed,
    plate: Arc<Plate>,
    /// How often a relay faulted under it in this shift.
    faults: u32,
}

/// Claims of a shift that ends in any other way than by its end are given up: whoever comes
/// next takes them over, with just those in doubt that may be on the wire.
struct Claims<'a>(Option<&'a Node>);

impl Drop for Claims<'_> {
    fn drop(&mut self) {
        if let Some(node) = self.0 {
            node.give_up();
        }
    }
}

impl Postman {
    /// Ready to send by the configured relays.
    pub fn new(
        config: &Config,
        store: Store,
        clock: Clock,
        key: Key,
        links: Links,
        node: Arc<Node>,
    ) -> Self {
        let core = Core {
            store,
            clock,
            node,
            composer: Composer::new(config, key.clone(), links),
            moulds: Moulds::default(),
            key,
            addresses: config.log.addresses,
            dispatch: Mutex::new(Dispatch::new(&config.mail.relays, Instant::now())),
            rests: Rests::default(),
            relays: config.mail.relays.clone(),
            retry: config.retry,
        };
        Self { core: Arc::new(core) }
    }

    /// Takes over what processes that are gone had claimed, then claims and sends until
    /// nothing that is due is left, every relay rests, or `stop`. `progress` hears how many
    /// are done.
    pub async fn drain_once(
        &self,
        stop: &CancellationToken,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<Drained, DeliveryError> {
        let core = &self.core;
        core.node.rejoin().await?;
        let recovered = core.store.recover(&core.node).await?;
        if recovered.deliveries > 0 {
            tracing::warn!(
                deliveries = recovered.deliveries,
                doubtful = recovered.doubtful,
                "a process ended while it was sending: its mails go out as the same mails; \
                 queue list --doubtful names those that may arrive twice"
            );
        }
        let mut claims = Claims(Some(&core.node));
        let drained = shift::run(core, stop, progress).await?;
        claims.0 = None;
        Ok(drained)
    }

    /// Sends one mail that is no delivery, now, by the first relay that can.
    pub async fn send_one(&self, mail: &Composed) -> Outcome {
        let domain = mail.envelope.domain();
        let mut last = Outcome::Failed(nobody(domain));
        for relay in self.core.relays.iter().filter(|relay| relay.serves(domain)) {
            last = send_by(relay, mail).await;
            if !matches!(last, Outcome::RelayDown(_)) {
                break;
            }
        }
        last
    }

    /// Makes mails as the deliveries' are made.
    pub fn composer(&self) -> &Composer {
        &self.core.composer
    }
}

impl Core {
    fn dispatch(&self) -> MutexGuard<'_, Dispatch<Job>> {
        self.dispatch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The address as the log may show it.
    fn who(&self, address: &EmailAddress) -> String {
        match self.addresses {
            AddressStyle::Masked => address.masked(),
            AddressStyle::Hashed => self.key.pseudonym("address", &address.key()),
            AddressStyle::Plain => address.to_string(),
        }
    }
}

/// Sends one mail that is no delivery by one relay, over a connection of its own.
pub async fn send_by(relay: &config::Relay, mail: &Composed) -> Outcome {
    match &relay.target {
        RelayTarget::Folder(folder) => return folder::file(folder, mail).await,
        RelayTarget::Sendmail(program) => return sendmail::hand(program, mail).await,
        RelayTarget::Smtp { .. } => {}
    }
    let mut wire = match open::open(relay).await {
        Ok(wire) => wire,
        Err(reason) => return Outcome::RelayDown(reason),
    };
    let outcome = match wire.offer(&mail.envelope).await {
        Ok(()) => wire.deliver(mail.clone(), None).await.0.outcome,
        Err(said) => said.outcome,
    };
    wire.close().await;
    outcome
}

fn nobody(domain: &str) -> String {
    format!("no relay serves {domain}; see mail.relays.domains")
}
