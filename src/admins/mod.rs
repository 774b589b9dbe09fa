//! Accounts of the admin pages and the verbs on them, for the pages and the command line alike:
//! one-time links, passwords, codes, sessions, limits on guessing. Passwords, links, cookies and
//! recovery codes are kept as hashes only, and no word of theirs is ever logged.

mod accounts;
mod codes;
mod login;
mod password;
mod sessions;
mod totp;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Semaphore;

use crate::clock::Clock;
use crate::store::{AccountError, NewAudit, Store, StoreError};
use crate::token::{Key, to_hex};
pub use accounts::Link;
pub use codes::{CodeSetup, NewCodes};
pub use login::{Entry, Guest};
pub use password::PasswordFault;
pub use sessions::{SESSION_IDLE, SESSION_LIFE, Visit};
pub use totp::{STEP_SECS, code_at};

/// How long a one-time link is good.
pub const LINK_LIFE: SignedDuration = SignedDuration::from_hours(24);

/// Who is written into the audit log for what is done on the server itself.
pub const COMMAND_LINE: &str = "the command line";

/// Passwords that are looked at in one moment: each takes 19 MiB and a core, and whoever guesses is
/// not to slow the site down for its readers.
const AT_ONCE: usize = 1;

/// The verbs: the room's one struct.
#[derive(Clone, Debug)]
pub struct Admins {
    store: Store,
    clock: Clock,
    key: Key,
    /// The site's address, without a slash at its end.
    site: String,
    /// The site's name, as an authenticator shows it.
    title: String,
    hashing: Arc<Semaphore>,
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// The name cannot be one.
    #[error(
        "{0:?} cannot be a name: wanted 1 to 40 letters and digits, with . - _ and @ between them"
    )]
    Name(String),
    /// There is no such account.
    #[error("there is no account {0}; `paperround admin list` shows those that there are")]
    Unknown(String),
    /// The password is refused.
    #[error(transparent)]
    Password(#[from] PasswordFault),
    /// The store refused.
    #[error(transparent)]
    Account(AccountError),
    /// The store did not do it.
    #[error(transparent)]
    Store(StoreError),
    /// The system gave no randomness, or a hash could not be made.
    #[error("cannot make a secret: {0}")]
    Secret(String),
}

impl From<StoreError> for AdminError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<AccountError> for AdminError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Store(error) => Self::Store(error),
            other => Self::Account(other),
        }
    }
}

/// Who does something, for the audit log.
#[derive(Clone, Debug)]
pub struct By {
    /// The account's name, or [`COMMAND_LINE`].
    pub who: String,
    /// The masked network; empty on the server itself.
    pub network: String,
}

impl By {
    /// Whoever has a shell on the server.
    pub fn command_line() -> Self {
        Self { who: COMMAND_LINE.to_owned(), network: String::new() }
    }

    /// An entry of theirs.
    pub fn entry(
        &self,
        what: &'static str,
        about: impl Into<String>,
        detail: impl Into<String>,
    ) -> NewAudit {
        let (about, detail) = (about.into(), detail.into());
        NewAudit { who: self.who.clone(), network: self.network.clone(), what, about, detail }
    }
}

impl Admins {
    /// The verbs for the site at `site`, whose name is `title`.
    pub fn new(store: Store, clock: Clock, key: Key, site: &str, title: &str) -> Self {
        Self {
            store,
            clock,
            key,
            site: site.to_owned(),
            title: title.to_owned(),
            hashing: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// Writes into the audit log.
    ///
    /// # Errors
    ///
    /// The database did not do it.
    pub async fn note(
        &self,
        by: &By,
        what: &'static str,
        about: impl Into<String>,
        detail: impl Into<String>,
    ) -> Result<(), StoreError> {
        self.store.note_audit(&by.entry(what, about, detail), self.clock.now()).await
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// As a secret of 256 bits is kept: it cannot be guessed, so a plain hash is enough.
    fn hashed(secret: &str) -> String {
        use sha2::{Digest as _, Sha256};
        to_hex(&Sha256::digest(secret.as_bytes()))
    }
}

/// 256 random bits as letters that stand in an address and in a cookie.
fn secret() -> Result<String, AdminError> {
    use base64::Engine as _;
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|error| AdminError::Secret(error.to_string()))?;
    Ok(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes))
}
