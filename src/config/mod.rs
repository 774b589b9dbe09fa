//! The configuration as the rest of the house sees it: whole, valid, with every default
//! filled in. Never read again by those who hold a part of it.

mod database;
mod digest;
mod log;
mod mail;
mod retry;
mod server;
mod site;
mod source;

pub use database::Database;
pub use digest::Digest;
pub use log::{AddressStyle, Log, LogFormat};
pub use mail::{Mail, Relay, RelayTarget, SmtpTls};
pub use retry::Retry;
pub use server::Server;
pub use site::Site;
pub use source::{Source, SourceKind};

/// The whole configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// The site.
    pub site: Site,
    /// The HTTP server.
    pub server: Server,
    /// The database.
    pub database: Database,
    /// Where papers come from, in order.
    pub sources: Vec<Source>,
    /// What a digest is, where the reader did not choose.
    pub digest: Digest,
    /// How mail leaves.
    pub mail: Mail,
    /// When a deferred mail is tried again.
    pub retry: Retry,
    /// The log.
    pub log: Log,
}
