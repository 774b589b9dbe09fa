//! The doors for mail while the configuration changes: opened where it begins to want one, closed
//! where it ends to, and kept open in between, with the latest postbox behind them.

use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::net::TcpListener;
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use super::mailbox::Turn;
use super::{App, AppError};
use crate::clock::Clock;
use crate::config::Change;
use crate::inbound::{self, Latest, Postbox, imap};

/// The doors.
pub(super) struct Doors {
    door: Option<Door>,
    mailbox: Option<Mailbox>,
    /// The mail servers' socket that was handed over, until it is used.
    given: Option<TcpListener>,
    tasks: JoinSet<()>,
    turn: Turn,
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
    /// None is open; all close with `stop`. The first time that one for mail servers is wanted,
    /// it stands at the socket `given`, if there is one.
    pub(super) fn new(
        given: Option<TcpListener>,
        turn: Turn,
        clock: Clock,
        stop: CancellationToken,
    ) -> Self {
        Self { door: None, mailbox: None, given, tasks: JoinSet::new(), turn, clock, stop }
    }

    /// The address for mail servers, where the config wants one and none is listened to yet.
    pub(super) async fn listener(&mut self, app: &App) -> Result<Option<TcpListener>, AppError> {
        if app.config.inbound.address.is_none() || self.door.is_some() {
            return Ok(None);
        }
        let listener = match self.given.take() {
            Some(listener) => listener,
            None => inbound::listen(app.config.inbound.lmtp).await?,
        };
        Ok(Some(listener))
    }

    /// Takes an address back that [`Self::listener`] gave and nobody used: one that was handed over
    /// cannot be opened a second time.
    pub(super) fn keep(&mut self, listener: Option<TcpListener>) {
        self.given = listener.or(self.given.take());
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
                tracing::info!(
                    listen = listener.local_addr().ok().map(tracing::field::display),
                    starttls = settings.tls.is_some(),
                    "mail for the readers' mailbox is taken by LMTP and SMTP"
                );
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
                    self.tasks.spawn(self.turn.clone().read(settings, taken, clock, close.clone()));
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::Config;

    #[tokio::test]
    async fn an_address_that_was_handed_over_is_not_lost() {
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "[site]\nurl = \"https://papers.example.org\"\ndata_dir = {:?}\n\
             [mail]\nfrom = \"papers@example.org\"\n[[mail.relays]]\nurl = \"folder:out\"\n\
             [inbound]\naddress = \"papers@example.org\"\n",
            folder.path()
        );
        let loaded = Config::parse(&text, Path::new("paperround.toml"), std::iter::empty());
        let clock = Clock::system();
        let app = App::open(loaded.unwrap().config, clock.clone()).await.unwrap();
        let given = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let place = given.local_addr().unwrap();
        let turn = Turn::new(app.store.clone(), app.node().await.unwrap());
        let mut doors = Doors::new(Some(given), turn, clock, CancellationToken::new());
        let listener = doors.listener(&app).await.unwrap();
        doors.keep(listener);
        // The configuration is tried again: the socket is still there.
        let listener = doors.listener(&app).await.unwrap().unwrap();
        assert_eq!(listener.local_addr().unwrap(), place);
    }
}
