//! `[mail]` and `[[mail.relays]]`

use std::path::PathBuf;

use secrecy::SecretString;

use crate::model::EmailAddress;

/// How mail leaves.
#[derive(Clone, Debug)]
pub struct Mail {
    /// The display name of the sender, where `mail.from` gives one; else the site's title.
    pub from_name: String,
    /// The sender's address. Required.
    pub from: EmailAddress,
    /// Where replies go. Default: the sender.
    pub reply_to: Option<EmailAddress>,
    /// The RFC 2919 identifier, `label.domain`. Default: `digest.` and the sender's domain.
    pub list_id: String,
    /// The postal address that some laws want at the foot of each mail.
    pub postal_address: Option<String>,
    /// The envelope sender. Default: the sender.
    pub bounce_address: EmailAddress,
    /// The relays, in order of preference; at least one.
    pub relays: Vec<Relay>,
}

/// Where a relay is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RelayTarget {
    /// An SMTP server.
    Smtp {
        /// Its host.
        host: String,
        /// Its port.
        port: u16,
        /// How it is encrypted.
        tls: SmtpTls,
        /// The login name.
        user: Option<String>,
    },
    /// A folder that gets `.eml` files.
    Folder(PathBuf),
}

/// How a connection to an SMTP server is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpTls {
    /// TLS from the first byte (`smtps://`).
    Implicit,
    /// STARTTLS, or no mail (`smtp://`).
    Required,
    /// STARTTLS where offered (`?tls=opportunistic`).
    Opportunistic,
    /// None (`?tls=none`, and loopback addresses).
    None,
}

/// One relay.
#[derive(Clone, Debug)]
pub struct Relay {
    /// Its address without any secret, for logs.
    pub name: String,
    /// Where it is.
    pub target: RelayTarget,
    /// The password of the login name.
    pub password: Option<SecretString>,
    /// How many connections at most. Default 8.
    pub connections: u32,
    /// How many mails a second at most (`"100/s"`, `"600/m"`, `"5000/h"`). Default: no bound.
    pub rate: Option<f64>,
    /// The receiving domains that it serves; `*` for all. Default `["*"]`.
    pub domains: Vec<String>,
}
