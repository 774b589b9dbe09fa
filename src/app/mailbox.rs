//! Reads the IMAP mailbox on one machine at a time, however many share the database: two that read
//! the same mail in the same moment could answer it twice over. Another takes over when the one that
//! reads ends or dies.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::inbound::{Latest, Postbox, imap};
use crate::store::{Node, Store};

/// The step that is taken.
const STEP: &str = "mailbox";

/// How often who waits asks for its turn, and who reads whether it is still theirs.
const PAUSE: Duration = Duration::from_secs(20);

/// Whose turn it is to read.
#[derive(Clone, Debug)]
pub(super) struct Turn {
    store: Store,
    node: Arc<Node>,
    /// In this process: a changed configuration's reader waits for the one before it.
    own: Arc<Mutex<()>>,
}

impl Turn {
    /// Of the process `node`.
    pub(super) fn new(store: Store, node: Arc<Node>) -> Self {
        Self { store, node, own: Arc::default() }
    }

    /// Reads the mailbox whenever it is this process's turn, until `stop`.
    pub(super) async fn read(
        self,
        settings: imap::Settings,
        postbox: Latest<Postbox>,
        clock: Clock,
        stop: CancellationToken,
    ) {
        let _own = self.own.lock().await;
        while !stop.is_cancelled() {
            if !self.is_ours().await {
                pause(&stop).await;
                continue;
            }
            let close = stop.child_token();
            let reading =
                imap::watch(settings.clone(), postbox.clone(), clock.clone(), close.clone());
            let lost = async {
                self.lost(&stop).await;
                close.cancel();
            };
            tokio::join!(reading, lost);
        }
        if let Err(error) = self.store.give_step(STEP, &self.node).await {
            tracing::debug!(%error, "the mailbox is not given back: it is free when we are gone");
        }
    }

    async fn is_ours(&self) -> bool {
        match self.store.take_step(STEP, &self.node).await {
            Ok(true) => true,
            Ok(false) => {
                tracing::debug!("another process reads the mailbox");
                false
            }
            Err(error) => {
                tracing::warn!(%error, "cannot ask whether the mailbox is ours to read");
                false
            }
        }
    }

    /// Returns when another process reads, or all is to stop. While the database does not answer,
    /// nobody else can have taken over, and nothing can be stored either.
    async fn lost(&self, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            pause(stop).await;
            if !stop.is_cancelled()
                && let Ok(false) = self.store.take_step(STEP, &self.node).await
            {
                tracing::info!("another process reads the mailbox now");
                return;
            }
        }
    }
}

async fn pause(stop: &CancellationToken) {
    tokio::select! {
        () = tokio::time::sleep(PAUSE) => {}
        () = stop.cancelled() => {}
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::app::App;
    use crate::config::Config;

    #[tokio::test]
    async fn one_of_two_reads_and_the_other_takes_over() {
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "[site]\nurl = \"https://papers.example.org\"\ndata_dir = {:?}\n\
             [mail]\nfrom = \"papers@example.org\"\n[[mail.relays]]\nurl = \"folder:out\"\n",
            folder.path()
        );
        let mut turns = Vec::new();
        let mut apps = Vec::new();
        for _ in 0..2 {
            let loaded = Config::parse(&text, Path::new("paperround.toml"), std::iter::empty());
            let app = App::open(loaded.unwrap().config, Clock::system()).await.unwrap();
            turns.push(Turn::new(app.store.clone(), app.node().await.unwrap()));
            apps.push(app);
        }
        assert!(turns[0].is_ours().await && turns[0].is_ours().await);
        assert!(!turns[1].is_ours().await);
        turns[0].store.give_step(STEP, &turns[0].node).await.unwrap();
        assert!(turns[1].is_ours().await && !turns[0].is_ours().await);
    }
}
