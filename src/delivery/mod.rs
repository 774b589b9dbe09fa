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
mod meters;
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

use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::config::{self, AddressStyle, Config, RelayTarget, Retry};
use crate::mail::ComposeError;
use crate::model::{EmailAddress, Outcome};
use crate::store::{Claimed, Node, Store, StoreError};
use crate::token::Key;
use compose::Moulds;
pub use compose::{Addressee, Composed, Composer, Parts, Plate, message_id};
use dispatch::Dispatch;
use meters::Meters;
pub use probe::{Probed, Step, knock, probe};
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
    meters: Meters,
    /// Whose work this one takes over, until it begins.
    before: Mutex<Option<Arc<Core>>>,
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

/// A relay that takes nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Down {
    /// Its name, without a login.
    pub relay: String,
    /// For how long.
    pub lasted: std::time::Duration,
    /// What went wrong last.
    pub reason: String,
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
    pub fn new(config: &Config, store: Store, clock: Clock, key: Key, node: Arc<Node>) -> Self {
        let core = Core {
            store,
            clock,
            node,
            composer: Composer::new(config, key.clone()),
            moulds: Moulds::default(),
            key,
            addresses: config.log.addresses,
            meters: Meters::new(&config.mail.relays),
            dispatch: Mutex::new(Dispatch::new(&config.mail.relays, Instant::now())),
            rests: Rests::default(),
            relays: config.mail.relays.clone(),
            retry: config.retry,
            before: Mutex::default(),
        };
        Self { core: Arc::new(core) }
    }

    /// Goes on where `before` ends: what that one knows of its relays (their health, how much of a
    /// rate is used up, which domains take mails slowly) is taken over when this one begins.
    pub fn go_on_after(&mut self, before: &Self) {
        // One that never began has nothing of its own to tell.
        let unused = before.core.before().take();
        *self.core.before() = Some(unused.unwrap_or_else(|| Arc::clone(&before.core)));
    }

    /// As [`Self::drain_once`], and ended by `cut` too: then mails in flight are finished however
    /// long their answers take, unless `stop` comes.
    pub async fn drain_until(
        &self,
        cut: &CancellationToken,
        stop: &CancellationToken,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<Drained, DeliveryError> {
        self.drain(cut, stop, progress).await
    }

    /// Takes over what processes that are gone had claimed, then claims and sends until
    /// nothing that is due is left, every relay rests, or `stop`. `progress` hears how many
    /// are done.
    pub async fn drain_once(
        &self,
        stop: &CancellationToken,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<Drained, DeliveryError> {
        self.drain(stop, stop, progress).await
    }

    async fn drain(
        &self,
        cut: &CancellationToken,
        stop: &CancellationToken,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<Drained, DeliveryError> {
        let core = &self.core;
        if let Some(before) = core.before().take() {
            let old =
                std::mem::replace(&mut *before.dispatch(), Dispatch::new(&[], Instant::now()));
            core.dispatch().take_over(old, Instant::now());
        }
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
        let drained = shift::run(core, cut, stop, progress).await?;
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

    /// The relays that have taken nothing since they were last found at fault: name, for how
    /// long, and why. One that was not tried since is among them.
    pub fn down(&self) -> Vec<Down> {
        let found = self.core.dispatch().down(Instant::now());
        let relays = &self.core.relays;
        let name = |at: usize| relays.get(at).map(|relay| meters::label(&relay.name));
        let down = found
            .into_iter()
            .filter_map(|(at, lasted, reason)| Some(Down { relay: name(at)?, lasted, reason }));
        down.collect()
    }

    /// Makes mails as the deliveries' are made.
    pub fn composer(&self) -> &Composer {
        &self.core.composer
    }
}

impl Core {
    fn before(&self) -> MutexGuard<'_, Option<Arc<Self>>> {
        self.before.lock().unwrap_or_else(PoisonError::into_inner)
    }

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

    /// A relay's own words as the log may show them: it likes to repeat the address.
    fn cleaned<'a>(&self, reply: &'a str) -> Cow<'a, str> {
        if self.addresses == AddressStyle::Plain || !reply.contains('@') {
            return Cow::Borrowed(reply);
        }
        Cow::Owned(without_addresses(reply, |address| self.who(address)))
    }
}

/// The text with each address in it as `who` shows it.
fn without_addresses(text: &str, who: impl Fn(&EmailAddress) -> String) -> String {
    let word = |word: &str| match word.contains('@') {
        false => word.to_owned(),
        true => {
            let inside = |c: char| c.is_alphanumeric() || "@._%+-=!#$&'*/?^`{|}~".contains(c);
            let bare = word.trim_start_matches(['<', '(']);
            let bare = bare.split(|c| !inside(c)).next().unwrap_or_default();
            let bare = bare.trim_end_matches('.');
            // What ends the address as a mark of the sentence is kept.
            let mark = [':', ';', ','].into_iter().find(|mark| word.ends_with(*mark));
            let mark = mark.map_or(String::new(), String::from);
            bare.parse()
                .map_or(format!("(address){mark}"), |address| format!("<{}>{mark}", who(&address)))
        }
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relays_words_lose_addresses_and_nothing_else() {
        let shown = |text: &str| without_addresses(text, EmailAddress::masked);
        for (text, wanted) in [
            ("550 <him@example.org>: user unknown", "550 <h***@example.org>: user unknown"),
            (
                "him@example.org: unknown; him@example.org, too",
                "<h***@example.org>: unknown; <h***@example.org>, too",
            ),
            ("(him@example.org) is gone @here;", "<h***@example.org> is gone (address);"),
        ] {
            assert_eq!(shown(text), wanted);
        }
    }
}
