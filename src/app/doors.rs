//! The doors for mail while the configuration changes: opened where it begins to want one, closed
//! where it ends to, and kept open in between, with the latest postbox behind them.

use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::net::TcpListener;
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use super::{App, AppError};
use crate::clock::Clock;
use crate::config::Change;
use crate::inbound::{self, Latest, Postbox, imap};

/// The doors.
pub(super) struct Doors {
    door: Option<Door>,
    mailbox: Option<Mailbox>,
    tasks: JoinSet<()>,
    clock: Clock,
    stop: CancellationToken,
}

/// What a configuration says of them.
pub(super) struct Wanted {
    /// Takes mail, where any comes in.
    pub(super) postbox: Option<Postbox>,
    pub(super) door: Option<inbound::Settings>,
    pub(super) mailbox: Option<imap::Settings>,
}

/// The door for mail servers.
struct Door {
    settings: Arc<ArcSwap<inbound::Settings>>,
    postbox: Latest<Postbox>,
    close: CancellationToken,
}

/// The mailbox that is read.
struct Mailbox {
    postbox: Latest<Postbox>,
    close: CancellationToken,
}

impl Doors {
    /// None is open; all close with `stop`.
    pub(super) fn new(clock: Clock, stop: CancellationToken) -> Self {
        Self { door: None, mailbox: None, tasks: JoinSet::new(), clock, stop }
    }

    /// The address for mail servers, where the config wants one and none is listened to yet.
    pub(super) async fn listener(&self, app: &App) -> Result<Option<TcpListener>, AppError> {
        if app.config.inbound.address.is_none() || self.door.is_some() {
            return Ok(None);
        }
        let listener = inbound::listen(app.config.inbound.lmtp).await?;
        tracing::info!(
            listen = %app.config.inbound.lmtp,
            starttls = app.config.inbound.tls.is_some(),
            "mail for the readers' mailbox is taken by LMTP and SMTP"
        );
        Ok(Some(listener))
    }

    /// Waits until one ends; none where none is open.
    pub(super) async fn ended(&mut self) -> Option<()> {
        let ended = self.tasks.join_next().await?;
        told(&ended);
        Some(())
    }

    /// Opens, changes or closes the doors for mail.
    pub(super) fn open(
        &mut self,
        wanted: Wanted,
        listener: Option<TcpListener>,
        mailbox_changed: bool,
    ) {
        let Wanted { postbox, door, mailbox } = wanted;
        match (&self.door, postbox.clone().zip(door), listener) {
            (Some(open), Some((postbox, settings)), _) => {
                open.postbox.replace(postbox);
                open.settings.store(Arc::new(settings));
            }
            (None, Some((postbox, settings)), Some(listener)) => {
                let (postbox, close) = (Latest::new(postbox), self.stop.child_token());
                let settings = Arc::new(ArcSwap::from_pointee(settings));
                self.tasks.spawn(inbound::serve_changing(
                    listener,
                    postbox.clone(),
                    Arc::clone(&settings),
                    close.clone(),
                ));
                self.door = Some(Door { settings, postbox, close });
            }
            (Some(open), None, _) => {
                open.close.cancel();
                self.door = None;
            }
            (None, ..) => {}
        }
        match (&self.mailbox, postbox.zip(mailbox)) {
            (Some(open), Some((postbox, _))) if !mailbox_changed => open.postbox.replace(postbox),
            (open, wanted) => {
                if let Some(open) = open {
                    open.close.cancel();
                }
                self.mailbox = wanted.map(|(postbox, settings)| {
                    let (postbox, close) = (Latest::new(postbox), self.stop.child_token());
                    let (taken, clock) = (postbox.clone(), self.clock.clone());
                    self.tasks.spawn(imap::watch(settings, taken, clock, close.clone()));
                    Mailbox { postbox, close }
                });
            }
        }
    }
}

/// Whether the mailbox that is read is another, or its way in.
pub(super) fn are_of_mailbox(changes: &[Change]) -> bool {
    const KEYS: [&str; 4] =
        ["inbound.imap", "inbound.imap_done", "inbound.password", "inbound.address"];
    changes.iter().any(|change| KEYS.contains(&change.key.as_str()))
}

fn told(ended: &Result<(), JoinError>) {
    if let Err(panic) = ended {
        tracing::error!(%panic, "a door for mail ended in a panic");
    }
}
