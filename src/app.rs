//! The application: every part built from one configuration. Never parses arguments and
//! never prints.

use std::sync::Arc;

use crate::clock::Clock;
use crate::config::Config;
use crate::delivery::Postman;
use crate::digest::{Colophon, Planner};
use crate::render::{TemplateFault, Templates};
use crate::scheduler::Scheduler;
use crate::source::Collector;
use crate::store::{Node, Store, StoreError};
use crate::token::{Key, KeyError};

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
    /// The HTTP client cannot be made.
    #[error("cannot make the HTTP client")]
    Client(#[from] reqwest::Error),
}

/// The templates in force, each rendered with every sample first: a broken one is refused
/// before there is a digest to be made with it.
pub fn templates(config: &Config) -> Result<Templates, TemplateFault> {
    let templates = Templates::load(config.digest.templates.as_deref())?;
    templates.check().into_iter().next().map_or(Ok(templates), Err)
}

impl App {
    /// Opens what every command needs: the data folder, the key and the database.
    pub async fn open(config: Config, clock: Clock) -> Result<Self, AppError> {
        let folder = &config.site.data_dir;
        std::fs::create_dir_all(folder).map_err(|source| AppError::DataFolder {
            folder: folder.display().to_string(),
            source,
        })?;
        let key = Key::load_or_make(&folder.join("paperround.key"))?;
        let store = Store::open(&config.database).await?;
        Ok(Self { config, clock, store, key })
    }

    /// Plans.
    pub fn planner(&self) -> Result<Planner, AppError> {
        Ok(Planner {
            store: self.store.clone(),
            clock: self.clock.clone(),
            templates: Arc::new(templates(&self.config)?),
            key: self.key.clone(),
            digest: self.config.digest.clone(),
            zone: self.config.site.time_zone.clone(),
            colophon: Colophon::of(&self.config),
        })
    }

    /// Fetches.
    pub fn collector(&self) -> Result<Collector, AppError> {
        Ok(Collector::new(&self.config, self.store.clone(), self.clock.clone())?)
    }

    /// Sends.
    pub async fn postman(&self) -> Result<Postman, AppError> {
        let node = Node::enter(&self.store, &self.config.site.data_dir.join("nodes")).await?;
        Ok(Postman::new(
            &self.config,
            self.store.clone(),
            self.clock.clone(),
            self.key.clone(),
            node,
        ))
    }

    /// Decides when.
    pub async fn scheduler(&self) -> Result<Scheduler, AppError> {
        Ok(Scheduler {
            store: self.store.clone(),
            clock: self.clock.clone(),
            sources: self.config.sources.clone(),
            zone: self.config.site.time_zone.clone(),
            collector: Arc::new(self.collector()?),
            planner: Arc::new(self.planner()?),
            postman: Arc::new(self.postman().await?),
        })
    }
}
