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
use crate::store::{AlarmRow, NodeRow, Store, StoreError};

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
        let nodes = self.store.nodes().await?;
        let process = place(&nodes, &here.host, i64::from(std::process::id()));
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
                     {} `paperround config check` says all that is wrong.",
                    if why.ends_with(['.', '?']) { why.clone() } else { format!("{why}.") }
                ),
            )
        });
        self.alarms.settle(Kind::ConfigRefused, &process, refused.as_slice(), now).await?;
        self.look_at_machine(&here.host, now).await
    }

    /// Looks at what the database knows: for one process at a time.
    pub async fn watch_once(&self) -> Result<(), WatchError> {
        let now = self.clock.now();
        self.look_at_sources(now).await?;
        self.look_at_digests(now).await?;
        self.look_at_queue(now).await?;
        self.look_at_canary(now).await?;
        let here = places(&self.store.nodes().await?);
        let lives = |kind, row: &AlarmRow| match kind {
            // Whoever took it out of the configuration knows.
            Kind::WebhookFailing => self.poster.names().any(|name| name == row.subject),
            _ => row.place.is_empty() || here.contains(&row.place),
        };
        self.alarms.fade(lives, now).await?;
        self.store.forget_alarms(now.saturating_sub(KEPT).unwrap_or(Timestamp::MIN)).await?;
        Ok(())
    }
}

/// What the process `pid` on the machine `host` is called in alarms: by the machine alone where it is
/// the eldest there. So one that comes for a moment (a command) changes nobody's name.
fn place(nodes: &[NodeRow], host: &str, pid: i64) -> String {
    let here = nodes.iter().filter(|node| node.host == host && node.state() == "alive");
    match here.min_by_key(|node| (node.since, &node.name)) {
        Some(eldest) if eldest.pid != pid => format!("{host}/{pid}"),
        _ => host.to_owned(),
    }
}

/// The places of living processes, and with them those of their machines.
fn places(nodes: &[NodeRow]) -> Vec<String> {
    let living = nodes.iter().filter(|node| node.state() == "alive");
    living.map(|node| place(nodes, &node.host, node.pid)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(host: &str, pid: i64, since: i64) -> NodeRow {
        NodeRow {
            name: format!("{pid}-x"),
            host: host.to_owned(),
            pid,
            version: String::new(),
            since,
            seen_at: since,
            lease_until: since,
            fenced: false,
            expired: false,
            claims: 0,
        }
    }

    #[test]
    fn who_comes_for_a_moment_changes_nobodys_name() {
        let mut nodes = vec![node("alpha", 7, 10), node("beta", 9, 5)];
        assert_eq!(place(&nodes, "alpha", 7), "alpha");
        nodes.push(node("alpha", 3, 20));
        assert_eq!(place(&nodes, "alpha", 7), "alpha");
        assert_eq!(place(&nodes, "alpha", 3), "alpha/3");
        assert_eq!(places(&nodes), ["alpha", "beta", "alpha/3"]);
        // Who stays alone is the machine's, and nobody else is called by what it was.
        nodes.remove(0);
        assert_eq!(place(&nodes, "alpha", 3), "alpha");
        assert_eq!(places(&nodes), ["beta", "alpha"]);
        assert_eq!(place(&nodes, "gamma", 1), "gamma");
    }
}
