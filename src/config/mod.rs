//! The configuration as the rest of the house sees it: whole, valid, with every default
//! filled in. Never read again by those who hold a part of it.

mod admin;
mod alarms;
mod change;
mod database;
mod digest;
mod dkim;
mod entries;
mod env;
mod explain;
mod fault;
mod inbound;
mod init;
mod keys;
mod load;
mod log;
mod mail;
mod mailbox;
mod metrics;
mod read;
mod redact;
mod reference;
mod relay;
mod retry;
mod schema;
mod secret;
mod server;
mod show;
mod site;
mod source;
mod subscriptions;
mod syntax;
mod takes;
mod target;
mod telemetry;
#[cfg(test)]
mod tests;
mod tree;
mod webhooks;
mod write;

pub use admin::{Admin, Hook, HookKind};
pub use alarms::Alarms;
pub use change::Change;
pub use database::{Database, DatabaseTarget};
pub use digest::Digest;
pub use dkim::{Dkim, is_selector};
pub use explain::{Held, Named, Origin, find};
pub use fault::{Fault, Faults};
pub use inbound::Inbound;
pub use init::{Answers, InitError, init};
pub use keys::{Key, Preset, SECTIONS, Section};
pub use load::{Loaded, database_of, environment, find_file, place_of_file, read_text};
pub use log::{AddressStyle, Log, LogFormat};
pub use mail::Mail;
pub use mailbox::Mailbox;
pub use metrics::Metrics;
pub use redact::redacted;
pub use reference::reference;
pub use relay::Relay;
pub use retry::Retry;
pub use schema::schema;
pub use secret::CREDENTIAL;
pub use server::Server;
pub use site::Site;
pub use source::{Source, SourceKind};
pub use subscriptions::{Limits, Subscriptions};
pub use takes::Takes;
pub use target::{RelayTarget, SmtpTls};
pub use telemetry::Telemetry;
pub use webhooks::{SendgridKey, Webhooks};
pub use write::{EditLock, WriteError, real, replace, writable};

use entries::Entries;

/// The whole configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// The site.
    pub site: Site,
    /// The HTTP server.
    pub server: Server,
    /// The database.
    pub database: Database,
    /// Where papers come from, in order; at least one.
    pub sources: Vec<Source>,
    /// What a digest is, where the reader did not choose.
    pub digest: Digest,
    /// How mail leaves.
    pub mail: Mail,
    /// When a deferred mail is tried again.
    pub retry: Retry,
    /// Who may subscribe, and how.
    pub subscriptions: Subscriptions,
    /// Mail that readers send.
    pub inbound: Inbound,
    /// Whoever runs the site.
    pub admin: Admin,
    /// When they are told.
    pub alarms: Alarms,
    /// Who may read the figures.
    pub metrics: Metrics,
    /// The log.
    pub log: Log,
    /// Traces.
    pub telemetry: Telemetry,
}

impl Config {
    /// Reads every section, so that all faults are noted; `None` where there is any.
    fn read(mut top: Entries<'_>) -> Option<Self> {
        let site = top.table(&site::SECTION, Site::read);
        let server = top.table(&server::SECTION, Server::read);
        let data_dir = site.as_ref().map_or_else(|| top.resolve(""), |site| site.data_dir.clone());
        let database = top.table(&database::SECTION, |entries| Database::read(entries, &data_dir));
        let sources = Source::read_all(&mut top);
        let digest = top.table(&digest::SECTION, Digest::read);
        let title = site.as_ref().map(|site| site.title.as_str());
        let mail = top.table(&mail::SECTION, |entries| Mail::read(entries, title));
        let retry = top.table(&retry::SECTION, Retry::read);
        let subscriptions = top.table(&subscriptions::SECTION, Subscriptions::read);
        let inbound = top.table(&inbound::SECTION, Inbound::read);
        let admin = top.table(&admin::SECTION, Admin::read);
        let alarms = top.table(&alarms::SECTION, Alarms::read);
        let metrics = top.table(&metrics::SECTION, Metrics::read);
        let log = top.table(&log::SECTION, Log::read);
        let telemetry = top.table(&telemetry::SECTION, Telemetry::read);
        top.finish();
        Some(Self {
            site: site?,
            server: server?,
            database: database?,
            sources: sources?,
            digest: digest?,
            mail: mail?,
            retry: retry?,
            subscriptions: subscriptions?,
            inbound: inbound?,
            admin: admin?,
            alarms: alarms?,
            metrics: metrics?,
            log: log?,
            telemetry: telemetry?,
        })
    }
}
