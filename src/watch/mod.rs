//! Watches over the whole: finds what needs a person, and tells by `alarms`; sends what webhooks
//! are to be told, and canaries. Never mends anything, and never sends mail itself.

mod canary;
mod late;
mod machine;
mod post;
mod sources;

pub use canary::CANARY;
pub use post::{Post, PostError, Poster};

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};

use crate::alarms::{Alarms, Kind, Trouble};
use crate::clock::Clock;
use crate::config::{self, Config};
use crate::links::Links;
use crate::model::{Schedule, Zone};
use crate::notices::NoticeError;
use crate::store::{NodeRow, Store, StoreError};

/// Alarms that were over so long ago are forgotten.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Watches: the room's one struct.
#[derive(Debug)]
pub struct Watch {
    store: Store,
    clock: Clock,
    alarms: Alarms,
    sources: Vec<config::Source>,
    zone: Zone,
    bounds: config::Alarms,
    dkim: Vec<config::Dkim>,
    certificate: Option<PathBuf>,
    folders: Vec<PathBuf>,
    schedule: Schedule,
    canary: Option<Links>,
    /// When a canary may be tried again that could not be written.
    again: Mutex<Option<Timestamp>>,
    poster: Arc<Poster>,
}

/// What only this process knows.
#[derive(Clone, Debug, Default)]
pub struct Here {
    /// The machine's name.
    pub host: String,
    /// Relays that take nothing: name, for how long, and why.
    pub relays: Vec<(String, std::time::Duration, String)>,
    /// Whether it lost its lease on the database.
    pub fenced: bool,
    /// Why the config file is not in force; none where it is.
    pub refused: Option<String>,
}

/// Why a look ended early.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An alarm was not told.
    #[error(transparent)]
    Notice(#[from] NoticeError),
}

impl Watch {
    /// Watches over what the configuration names.
    ///
    /// # Errors
    ///
    /// The HTTP client for webhooks cannot be made.
    pub fn new(
        config: &Config,
        store: Store,
        clock: Clock,
        alarms: Alarms,
        links: Links,
    ) -> Result<Self, reqwest::Error> {
        let mut folders = vec![config.site.data_dir.clone()];
        folders.extend(config.database.folder());
        folders.dedup();
        Ok(Self {
            sources: config.sources.clone(),
            zone: config.site.time_zone.clone(),
            bounds: config.alarms.clone(),
            dkim: config.mail.dkim.clone(),
            certificate: config.inbound.tls.as_ref().map(|(certificate, _)| certificate.clone()),
            schedule: config.digest.schedule.clone(),
            canary: (config.admin.canary && config.inbound.address.is_some()).then_some(links),
            again: Mutex::default(),
            poster: Arc::new(Poster::new(config)?),
            folders,
            store,
            clock,
            alarms,
        })
    }

    /// Looks at this process and its machine.
    pub async fn watch_here(&self, here: &Here) -> Result<(), WatchError> {
        let now = self.clock.now();
        let alone = alone(&self.store.nodes().await?, &here.host);
        let process = match alone {
            true => here.host.clone(),
            false => format!("{}/{}", here.host, std::process::id()),
        };
        let relays =
            here.relays.iter().filter(|(_, lasted, _)| *lasted >= self.bounds.relay_down.std());
        let relays: Vec<Trouble> = relays
            .map(|(relay, lasted, reason)| {
                let minutes = lasted.as_secs() / 60;
                Trouble::new(
                    relay,
                    format!(
                        "It has taken nothing for {minutes} minutes. It said: {reason}. Mail waits \
                         or goes by other relays, and is sent when it is back. `paperround \
                         send-test ADDRESS` tries it now."
                    ),
                )
            })
            .collect();
        self.alarms.settle(Kind::RelayDown, &process, &relays, now).await?;
        let fenced = here.fenced.then(|| {
            Trouble::new(
                "",
                "This process has lost its lease on the database: it could not renew it for two \
                 minutes. It sends nothing until it has joined anew, and others send what it had \
                 claimed. See whether the machine or the database hangs.",
            )
        });
        self.alarms.settle(Kind::NodeFenced, &process, fenced.as_slice(), now).await?;
        let refused = here.refused.as_ref().map(|why| {
            Trouble::new(
                "",
                format!(
                    "The changed file is refused, and the configuration before stays in force: \
                     {why}. `paperround config check` says all that is wrong."
                ),
            )
        });
        self.alarms.settle(Kind::ConfigRefused, &process, refused.as_slice(), now).await?;
        self.look_at_machine(&here.host, now).await
    }

    /// Looks at what the database knows: for one process at a time. `write_canary` writes the
    /// digest that goes to ourselves, where one is due.
    pub async fn watch_once(&self) -> Result<(), WatchError> {
        let now = self.clock.now();
        self.look_at_sources(now).await?;
        self.look_at_digests(now).await?;
        self.look_at_queue(now).await?;
        self.look_at_canary(now).await?;
        let nodes = self.store.nodes().await?;
        self.alarms.fade(&places(&nodes), now).await?;
        self.store.forget_alarms(now.saturating_sub(KEPT).unwrap_or(Timestamp::MIN)).await?;
        Ok(())
    }
}

/// Whether no other process lives on the machine `host`.
fn alone(nodes: &[NodeRow], host: &str) -> bool {
    let lives = |node: &&NodeRow| node.host == host && node.state() == "alive";
    nodes.iter().filter(lives).count() <= 1
}

/// What living processes call their places.
fn places(nodes: &[NodeRow]) -> Vec<String> {
    let living = nodes.iter().filter(|node| node.state() == "alive");
    living.flat_map(|node| [node.host.clone(), format!("{}/{}", node.host, node.pid)]).collect()
}
