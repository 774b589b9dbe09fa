//! Everything that is made of one configuration and can be changed while the daemon runs. All of
//! it is made before any of it is used.

use std::sync::Arc;

use super::doors::Wanted;
use super::{App, AppError};
use crate::config::{Change, Config};
use crate::delivery::Postman;
use crate::inbound::{self, TlsError, imap};
use crate::scheduler::Scheduler;
use crate::setup::PartFault;
use crate::store::Node;
use crate::web::Ready;

/// The parts.
pub(super) struct Parts {
    pub(super) scheduler: Scheduler,
    pub(super) site: Ready,
    pub(super) wanted: Wanted,
    /// Whether the postman is a new one.
    fresh_postman: bool,
}

impl Parts {
    /// Has a new postman go on where `before` ends.
    pub(super) fn succeed(&mut self, before: &Arc<Postman>) {
        if self.fresh_postman
            && let Some(postman) = Arc::get_mut(&mut self.scheduler.postman)
        {
            postman.go_on_after(before);
        }
    }
}

impl App {
    /// Every part; with `postman` where that one goes on.
    pub(super) fn parts(
        &self,
        node: &Arc<Node>,
        postman: Option<Arc<Postman>>,
    ) -> Result<Parts, AppError> {
        let config = &self.config;
        let mailbox = imap::Settings::of(&config.inbound);
        let door = door(config)?;
        let takes_mail = door.is_some() || mailbox.is_some();
        let postbox = if takes_mail { Some(self.postbox()?) } else { None };
        let fresh_postman = postman.is_none();
        let postman = postman.unwrap_or_else(|| Arc::new(self.postman_of(Arc::clone(node))));
        Ok(Parts {
            scheduler: self.scheduler_of(Arc::clone(node), postman)?,
            site: Ready::new(self.site(None)?)?,
            wanted: Wanted { postbox, door, mailbox },
            fresh_postman,
        })
    }
}

/// What the door for mail servers needs to know, where readers may write to us.
fn door(config: &Config) -> Result<Option<inbound::Settings>, AppError> {
    let Some(address) = &config.inbound.address else { return Ok(None) };
    let tls = match &config.inbound.tls {
        Some((certificate, key)) => Some(inbound::acceptor(certificate, key)?),
        None => None,
    };
    let host = address.domain().chars().filter(char::is_ascii_graphic).collect();
    Ok(Some(inbound::Settings { host, tls, limits: inbound::Limits::default() }))
}

/// Tries whatever can fail of the parts that a config makes, without a database.
pub(crate) fn trial(config: &Config) -> Result<(), PartFault> {
    let tried = || -> Result<(), AppError> {
        super::templates(config)?;
        door(config)?;
        if config.inbound.verify_senders {
            crate::inbound::Verifier::new(config.inbound.resolver)?;
        }
        Ok(())
    };
    tried().map_err(AppError::into_fault)
}

impl AppError {
    /// What is wrong, and with which key.
    pub(super) fn into_fault(self) -> PartFault {
        let key = match &self {
            Self::DataFolder { .. } | Self::Key(_) => "site.data_dir",
            Self::Store(_) => "database.url",
            Self::Template(_) => "digest.templates",
            Self::Verifier(_) => "inbound.resolver",
            Self::Tls(TlsError::File { key: "tls_key", .. }) => "inbound.tls_key",
            Self::Tls(_) => "inbound.tls_certificate",
            Self::Listen(_) => "inbound.lmtp",
            Self::Web(_) => "site.title",
            Self::Client(_) => "sources",
        };
        PartFault { key, reason: format!("{:#}", anyhow::Error::new(self)) }
    }
}

/// Whether the sending goes by any of these.
pub(super) fn needs_postman(changes: &[Change]) -> bool {
    const BY: [&str; 5] = ["mail.", "retry.", "site.", "inbound.address", "log.addresses"];
    changes.iter().any(|change| BY.iter().any(|part| change.key.starts_with(part)))
}
