//! What is looked at: the configuration, and what it names as far as that could be opened. Never
//! makes a file, a key or a table.

use std::net::{IpAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use url::Host;

use super::Scope;
use super::dns::Dns;
use super::providers::{Provider, provider};
use super::reach::Reach;
use crate::app::{self, App};
use crate::clock::Clock;
use crate::config::{Config, DatabaseTarget, Relay, RelayTarget};
use crate::links::Links;
use crate::model::EmailAddress;
use crate::reach;
use crate::store::Store;
use crate::token::Key;

/// How long a database that does not answer is waited for.
const OPENING: Duration = Duration::from_secs(15);

/// What is looked at.
pub(super) struct Patient {
    pub(super) config: Config,
    /// The file of the configuration.
    pub(super) file: Option<PathBuf>,
    pub(super) clock: Clock,
    /// The server's key, or why there is none.
    pub(super) key: Result<Key, String>,
    /// The database, or why it could not be opened.
    pub(super) store: Result<Store, String>,
    /// The DNS, or why it cannot be asked.
    pub(super) dns: Result<Dns, String>,
    pub(super) reach: Arc<Reach>,
}

/// Where mail of a relay comes from, as receivers see it.
#[derive(Clone, Debug)]
pub(super) enum Leaves {
    /// It is put into a folder.
    Nowhere,
    /// From the servers of somebody who sends for many.
    Provider(&'static Provider),
    /// From this machine, by these addresses; none where they cannot be seen from here.
    Here(Vec<IpAddr>),
    /// From a relay of whom nobody knows by which addresses it sends: perhaps by its own.
    Relay(String),
}

impl Patient {
    pub(super) async fn open(config: Config, file: Option<&Path>, clock: Clock) -> Self {
        let key = Key::load(&app::key_file(&config)).map_err(|error| words(&error));
        let store = match &config.database.target {
            DatabaseTarget::Sqlite(path) if !path.exists() => {
                Err(format!("there is no file {} yet", path.display()))
            }
            _ => match tokio::time::timeout(OPENING, Store::connect(&config.database)).await {
                Ok(opened) => opened.map_err(|error| words(&error)),
                Err(_) => Err(format!("no answer within {} s", OPENING.as_secs())),
            },
        };
        Self::with(config, file.map(Path::to_owned), clock, key, store)
    }

    pub(super) fn of(app: &App) -> Self {
        let (key, store) = (Ok(app.key.clone()), Ok(app.store.clone()));
        Self::with(app.config.clone(), None, app.clock.clone(), key, store)
    }

    pub(super) fn with(
        config: Config,
        file: Option<PathBuf>,
        clock: Clock,
        key: Result<Key, String>,
        store: Result<Store, String>,
    ) -> Self {
        // Whoever speaks TLS below needs one; a second one changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let reach = Arc::new(Reach::default());
        let dns = Dns::new(config.inbound.resolver, Arc::clone(&reach));
        // What is to be done about it is done from anywhere.
        let file = file.map(|file| std::path::absolute(&file).unwrap_or(file));
        Self { config, file, clock, key, store, dns, reach }
    }

    /// Signed links; none without a key.
    pub(super) fn links(&self) -> Option<Links> {
        self.key.as_ref().ok().map(|key| app::links(&self.config, key))
    }

    /// The domain in `From`, in ASCII.
    pub(super) fn sender_domain(&self) -> String {
        ascii(self.config.mail.from.domain())
    }

    /// The mailbox in whose name mail leaves, as SMTP is told: SPF judges its domain.
    pub(super) fn envelope_sender(&self) -> &EmailAddress {
        app::bounce_address(&self.config).unwrap_or(&self.config.mail.from)
    }

    /// The key of the config that names it.
    pub(super) fn envelope_key(&self) -> &'static str {
        match (&self.config.mail.bounce_address, &self.config.inbound.address) {
            (Some(_), _) => "mail.bounce_address",
            (None, Some(_)) => "inbound.address",
            (None, None) => "mail.from",
        }
    }

    /// Its domain, in ASCII.
    pub(super) fn envelope_domain(&self) -> String {
        ascii(self.envelope_sender().domain())
    }

    /// How the site is called in the DNS; none where it is an IP address, or this machine alone.
    pub(super) fn site_host(&self) -> Option<String> {
        match self.config.site.url.host() {
            Some(url::Host::Domain(host)) if !is_here(host) => Some(host.to_owned()),
            _ => None,
        }
    }

    /// The site's address by https; a port that was said is said again.
    pub(super) fn by_https(&self) -> String {
        let url = self.config.site.url.as_str();
        let rest = url.split_once(':').map_or("//HOST", |(_, rest)| rest);
        format!("https:{}", rest.trim_end_matches('/'))
    }

    /// Where mail of `relay` comes from.
    pub(super) fn leaves(&self, relay: &Relay, scope: &Scope) -> Leaves {
        match &relay.target {
            RelayTarget::Folder(_) => Leaves::Nowhere,
            RelayTarget::Sendmail(_) => Leaves::Here(here(scope)),
            RelayTarget::Smtp { host, .. } if is_here(host) => Leaves::Here(here(scope)),
            RelayTarget::Smtp { host, .. } => match provider(host) {
                Some(known) => Leaves::Provider(known),
                None if !scope.from.is_empty() => Leaves::Here(scope.from.clone()),
                None => Leaves::Relay(host.clone()),
            },
        }
    }

    /// The addresses from which this machine sends mail itself; none where others do.
    pub(super) fn own_addresses(&self, scope: &Scope) -> Option<Vec<IpAddr>> {
        let mut own = None;
        for relay in &self.config.mail.relays {
            if let Leaves::Here(addresses) = self.leaves(relay, scope) {
                own = Some(addresses);
            }
        }
        own
    }

    /// Whether mail is sent at all.
    pub(super) fn sends(&self) -> bool {
        let folder = |relay: &Relay| matches!(relay.target, RelayTarget::Folder(_));
        !self.config.mail.relays.iter().all(folder)
    }
}

/// What an error says, with its causes.
pub(super) fn words(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let more = cause.to_string();
        if !text.contains(&more) {
            text.push_str(&format!(": {more}"));
        }
        source = cause.source();
    }
    text
}

/// The cause of all: what a library says of its own steps helps nobody.
pub(super) fn cause(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(next) = last.source() {
        last = next;
    }
    last.to_string()
}

/// A domain as the DNS has it.
pub(super) fn ascii(domain: &str) -> String {
    match Host::parse(domain) {
        Ok(Host::Domain(name)) => name,
        _ => domain.to_owned(),
    }
}

/// Whether a relay's host is this machine.
fn is_here(host: &str) -> bool {
    let loopback = |ip: IpAddr| ip.is_loopback();
    host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(loopback)
}

/// The addresses of this machine as the Internet sees them: those that were told, else those from
/// which packets leave, if these are public. Nothing is sent to find out.
pub(super) fn here(scope: &Scope) -> Vec<IpAddr> {
    if !scope.from.is_empty() {
        return scope.from.clone();
    }
    // Addresses of documentation (RFC 5737, RFC 3849): routed like any other.
    let toward = |from: &str, to: &str| {
        let socket = UdpSocket::bind(from).ok()?;
        socket.connect(to).ok()?;
        socket.local_addr().ok().map(|address| address.ip())
    };
    let found = [toward("0.0.0.0:0", "192.0.2.1:9"), toward("[::]:0", "[2001:db8::1]:9")];
    found.into_iter().flatten().filter(|ip| reach::is_public(*ip)).collect()
}
