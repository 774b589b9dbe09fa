//! The application: every part built from one configuration, and the daemon, whose parts are
//! built anew when the configuration changes. Never parses arguments and
//! never prints.

mod doors;
mod live;
mod mailbox;
mod parts;
mod watch;

use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use tokio::sync::OnceCell;

use crate::admins::Admins;
use crate::alarms::Alarms;
use crate::bounce::Bounces;
use crate::clock::Clock;
use crate::config::Config;
use crate::delivery::Postman;
use crate::digest::{Colophon, Library, Planner};
use crate::inbound::{ListenError, Postbox, TlsError, UnderWay, Verifier, VerifierError};
use crate::links::Links;
use crate::mail::Letterhead;
use crate::model::{EmailAddress, Preferences};
use crate::notices::Stationery;
use crate::render::{TemplateFault, Templates};
use crate::scheduler::{Pulse, Scheduler};
use crate::setup::Setup;
use crate::source::Collector;
use crate::store::{Node, Standing, Store, StoreError};
use crate::subscription::Subscriptions;
use crate::token::{Key, KeyError};
use crate::watch::Watch;
use crate::web::{Amazon, Hooks, Office, Site, Usual, WebError};
pub use live::{Live, Phase, Sockets};
pub(crate) use parts::trial;

/// The parts that every command shares.
#[derive(Clone, Debug)]
pub struct App {
    /// The configuration.
    pub config: Config,
    /// What time it is.
    pub clock: Clock,
    /// The database.
    pub store: Store,
    /// The server's key.
    pub key: Key,
    /// The configuration as it is changed; none where it came from no file.
    pub setup: Option<Setup>,
    /// This process among those that share the database, once it has entered.
    node: Arc<OnceCell<Arc<Node>>>,
    /// The templates, once somebody needed them.
    templates: Arc<OnceLock<Arc<Templates>>>,
    /// The papers that ranking compares, read once for all who plan.
    library: Arc<Library>,
}

/// Why the application cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The data folder cannot be made or written.
    #[error("cannot use the data folder {folder}; check site.data_dir, and who may write there")]
    DataFolder {
        /// The folder.
        folder: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// There is no key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A template cannot be used.
    #[error("a template cannot be used")]
    Template(#[from] TemplateFault),
    /// Nobody can prove senders.
    #[error(transparent)]
    Verifier(#[from] VerifierError),
    /// The certificate for mail servers cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The address for mail servers cannot be used.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// A page cannot be made.
    #[error(transparent)]
    Web(#[from] WebError),
    /// The HTTP client cannot be made.
    #[error("cannot make the HTTP client")]
    Client(#[from] reqwest::Error),
}

/// The templates in force, each rendered with every sample in the site's language first: a broken
/// one is refused before there is a digest to be made with it.
pub fn templates(config: &Config) -> Result<Templates, TemplateFault> {
    let templates = Templates::in_look(config.digest.look, config.digest.templates.as_deref())?;
    templates.try_all(&config.site.locale).into_iter().next().map_or(Ok(templates), Err)
}

/// Signed links of the site that is configured.
pub fn links(config: &Config, key: &Key) -> Links {
    Letterhead::of(config).links(key.clone())
}

/// The mailbox whose `+addresses` are the envelope senders of our mail.
pub fn bounce_address(config: &Config) -> Option<&EmailAddress> {
    config.mail.bounce_address.as_ref().or(config.inbound.address.as_ref())
}

/// Where the server's key lies.
pub fn key_file(config: &Config) -> PathBuf {
    config.site.data_dir.join("paperround.key")
}

/// Makes a folder that is its owner's alone, where it is not there yet: readers' addresses lie in it.
pub fn private_folder(folder: &Path) -> std::io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

impl App {
    /// Opens what every command needs: the data folder, the key and the database.
    pub async fn open(config: Config, clock: Clock) -> Result<Self, AppError> {
        let folder = &config.site.data_dir;
        private_folder(folder).map_err(|source| AppError::DataFolder {
            folder: folder.display().to_string(),
            source,
        })?;
        let key = Key::load_or_make(&key_file(&config))?;
        let store = Store::open(&config.database).await?;
        let (node, templates, library) = Default::default();
        Ok(Self { config, clock, store, key, setup: None, node, templates, library })
    }

    /// The same process by another configuration.
    fn renewed(&self, config: Config) -> Self {
        Self { config, templates: Arc::default(), ..self.clone() }
    }

    /// Plans.
    pub fn planner(&self) -> Result<Planner, AppError> {
        Ok(Planner {
            store: self.store.clone(),
            clock: self.clock.clone(),
            templates: self.templates()?,
            key: self.key.clone(),
            digest: self.config.digest.clone(),
            zone: self.config.site.time_zone.clone(),
            colophon: Colophon::of(&self.config),
            letterhead: Letterhead::of(&self.config).to_text(),
            library: Arc::clone(&self.library),
        })
    }

    /// Signed links of this site.
    pub fn links(&self) -> Links {
        Letterhead::of(&self.config).links(self.key.clone())
    }

    /// Subscribes and unsubscribes.
    pub fn subscriptions(&self) -> Result<Subscriptions, AppError> {
        Ok(Subscriptions::new(
            &self.config,
            self.store.clone(),
            self.clock.clone(),
            self.key.clone(),
            self.links(),
            self.stationery()?,
        )?)
    }

    /// The templates in force, loaded and tried once.
    fn templates(&self) -> Result<Arc<Templates>, TemplateFault> {
        match self.templates.get() {
            Some(templates) => Ok(Arc::clone(templates)),
            None => {
                let loaded = Arc::new(templates(&self.config)?);
                Ok(Arc::clone(self.templates.get_or_init(|| loaded)))
            }
        }
    }

    /// Writes notices.
    fn stationery(&self) -> Result<Arc<Stationery>, AppError> {
        let templates = self.templates()?;
        Ok(Arc::new(Stationery::new(&self.config, self.key.clone(), templates)))
    }

    /// Tells whoever runs the site.
    pub fn alarms(&self) -> Result<Alarms, AppError> {
        Ok(Alarms::new(&self.config, self.store.clone(), self.stationery()?))
    }

    /// Takes mail that comes in.
    pub fn postbox(&self) -> Result<Postbox, AppError> {
        let config = &self.config;
        let verifier = match config.inbound.verify_senders {
            true => Some(Arc::new(Verifier::new(config.inbound.resolver)?)),
            false => None,
        };
        Ok(Postbox {
            store: self.store.clone(),
            clock: self.clock.clone(),
            key: self.key.clone(),
            links: self.links(),
            subscriptions: Arc::new(self.subscriptions()?),
            bounces: Arc::new(self.bounces()?),
            stationery: self.stationery()?,
            an_hour: i64::from(config.subscriptions.limits.in_all).min(200),
            within: config.subscriptions.confirm_within,
            verifier,
            under_way: UnderWay::default(),
        })
    }

    /// Acts on what comes back.
    pub fn bounces(&self) -> Result<Bounces, AppError> {
        let (store, clock) = (self.store.clone(), self.clock.clone());
        Ok(Bounces::new(&self.config, store, clock, self.key.clone(), self.stationery()?)?)
    }

    /// The web site; `inbox` is the demo's folder of mails.
    pub fn site(&self, inbox: Option<PathBuf>) -> Result<Site, AppError> {
        let (config, subscriptions) = (&self.config, self.subscriptions()?);
        let mail = &config.mail;
        Ok(Site {
            store: self.store.clone(),
            clock: self.clock.clone(),
            title: config.site.title.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            inbox,
            usual: Usual {
                timing: subscriptions.timing(&Preferences::default()),
                max_papers: config.digest.max_papers,
                min_votes: config.digest.min_votes,
                locale: config.site.locale.clone(),
                topics_offered: config.subscriptions.topics_offered.clone(),
            },
            subscriptions,
            planner: self.planner()?,
            links: self.links(),
            zone: config.site.time_zone.clone(),
            trusted_proxies: config.server.trusted_proxies.clone(),
            contact: mail.reply_to.as_ref().unwrap_or(&mail.from).to_string(),
            bounces: self.bounces()?,
            setup: self.setup.clone(),
            hooks: Hooks { webhooks: config.inbound.webhooks.clone(), amazon: Amazon::default() },
            office: if config.admin.pages { Some(self.office()?) } else { None },
            metrics: config.metrics.clone(),
            sources: config.sources.iter().map(|source| source.name.clone()).collect(),
            data_dir: config.site.data_dir.clone(),
            node: self.node.get().cloned(),
        })
    }

    /// What the admin pages need.
    fn office(&self) -> Result<Office, AppError> {
        Ok(Office {
            admins: self.admins(),
            networks: self.config.admin.networks.clone(),
            sources: self.config.sources.clone(),
            collector: self.collector()?,
        })
    }

    /// Accounts of the admin pages.
    pub fn admins(&self) -> Admins {
        let (site, key) = (&self.config.site, self.key.clone());
        Admins::new(self.store.clone(), self.clock.clone(), key, site.address(), &site.title)
    }

    /// Fetches.
    pub fn collector(&self) -> Result<Collector, AppError> {
        Ok(Collector::new(&self.config, self.store.clone(), self.clock.clone())?)
    }

    /// This process, entered among those that share the database.
    pub async fn node(&self) -> Result<Arc<Node>, StoreError> {
        let enter = || async {
            let folder = self.config.site.data_dir.join("nodes");
            Node::enter(&self.store, &folder, self.standing()).await
        };
        self.node.get_or_try_init(enter).await.cloned()
    }

    /// Leaves the database: nothing of this process is under way any more.
    pub async fn close(&self) {
        if let Some(node) = self.node.get()
            && let Err(error) = node.leave().await
        {
            let error = anyhow::Error::new(error);
            tracing::warn!(error = format!("{error:#}"), "this process could not sign off");
        }
        self.store.close().await;
    }

    /// What other processes on this database must share: with another key or sender a mail
    /// that is tried again elsewhere would not be the same mail.
    pub(crate) fn standing(&self) -> Standing {
        let (site, mail) = (&self.config.site, &self.config.mail);
        let head = Letterhead::of(&self.config);
        let dkim =
            mail.dkim.iter().map(|one| format!("{}._domainkey.{}", one.selector, one.domain));
        let facts = [
            ("site.url", site.address().to_owned()),
            ("site.title", site.title.clone()),
            ("site.time_zone", site.time_zone.to_string()),
            ("mail.from", format!("{} <{}>", mail.from_name, mail.from)),
            ("mail.reply_to", mail.reply_to.as_ref().map_or(String::new(), ToString::to_string)),
            ("mail.list_id", mail.list_id.clone()),
            (
                "mail.bounce_address",
                head.bounces.as_ref().map_or(String::new(), ToString::to_string),
            ),
            (
                "inbound.address",
                self.config.inbound.address.as_ref().map_or(String::new(), ToString::to_string),
            ),
            ("mail.postal_address", mail.postal_address.clone().unwrap_or_default()),
            ("mail.dkim", dkim.collect::<Vec<_>>().join(" ")),
        ];
        let facts = facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Standing { key_mark: self.key.pseudonym("key-mark", ""), facts }
    }

    /// Sends.
    pub async fn postman(&self) -> Result<Postman, AppError> {
        Ok(self.postman_of(self.node().await?))
    }

    fn postman_of(&self, node: Arc<Node>) -> Postman {
        let (store, clock, key) = (self.store.clone(), self.clock.clone(), self.key.clone());
        Postman::new(&self.config, store, clock, key, node)
    }

    /// Decides when.
    pub async fn scheduler(&self) -> Result<Scheduler, AppError> {
        let node = self.node().await?;
        let postman = Arc::new(self.postman_of(Arc::clone(&node)));
        self.scheduler_of(node, postman)
    }

    fn scheduler_of(&self, node: Arc<Node>, postman: Arc<Postman>) -> Result<Scheduler, AppError> {
        Ok(Scheduler {
            store: self.store.clone(),
            clock: self.clock.clone(),
            sources: self.config.sources.clone(),
            zone: self.config.site.time_zone.clone(),
            collector: Arc::new(self.collector()?),
            planner: Arc::new(self.planner()?),
            postman,
            node,
            subscriptions: Arc::new(self.subscriptions()?),
            bounces: Arc::new(self.bounces()?),
            pulse: Pulse::default(),
            watch: Arc::new(self.watch()?),
            setup: self.setup.clone(),
        })
    }

    /// Watches over the whole.
    pub fn watch(&self) -> Result<Watch, AppError> {
        let (store, clock) = (self.store.clone(), self.clock.clone());
        Ok(Watch::new(&self.config, store, clock, self.alarms()?, self.links())?)
    }
}
