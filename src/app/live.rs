//! The daemon: the parts of one configuration at work, from the start to the end, and when the
//! config file is looked at in between. Never decides what a part does.

mod reload;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::doors::Doors;
use super::mailbox::Turn;
use super::watch::Watch;
use super::{App, AppError, trial};
use crate::config::Loaded;
use crate::scheduler::{Pulse, Rota};
use crate::setup::{Ask, Setup};
use crate::telemetry::Volume;
use crate::web::{self, Front};

/// How long a stop may take before what hangs is cut off.
const GRACE: Duration = Duration::from_secs(29);
/// How soon a good file is tried again that something else than the file stood in the way of.
const AGAIN: Duration = Duration::from_secs(10);
/// How often other processes are compared with this one.
const COMPARE: Duration = Duration::from_secs(60);

/// What the daemon is about, for whoever supervises it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// All parts are at work, by the configuration in force.
    Ready,
    /// The configuration is read again; [`Phase::Ready`] follows, whatever comes of it.
    Reloading,
    /// It ends.
    Stopping,
}

/// Where the daemon is reached, open already.
#[derive(Debug, Default)]
pub struct Sockets {
    /// The site's, one or more.
    pub web: Vec<TcpListener>,
    /// The mail servers', where it was handed over by whoever supervises the daemon.
    pub mail: Option<TcpListener>,
}

/// The parts at work.
pub struct Live {
    app: App,
    volume: Volume,
    /// What the process was started with: keys that need a restart keep its values.
    first: Arc<Loaded>,
    in_force: Arc<Loaded>,
    rota: Rota,
    front: Arc<Front>,
    doors: Doors,
    web: JoinHandle<()>,
    looping: JoinHandle<()>,
    setup: Setup,
    asks: mpsc::Receiver<Ask>,
    watch: Watch,
    stop: CancellationToken,
    tell: Box<dyn Fn(Phase) + Send + Sync>,
}

impl Live {
    /// Puts all parts to work: the site behind `sockets`, the doors for mail, the loops.
    /// Everything ends with `stop`. `tell` hears when it is ready, reloads and stops.
    pub async fn start(
        mut app: App,
        loaded: Loaded,
        volume: Volume,
        sockets: Sockets,
        stop: CancellationToken,
        tell: Box<dyn Fn(Phase) + Send + Sync>,
    ) -> Result<Self, AppError> {
        let loaded = Arc::new(loaded);
        let (setup, asks) = Setup::new(&loaded.path, app.store.clone(), app.clock.clone(), trial);
        app.setup = Some(setup.clone());
        let listen = sockets.web.first().and_then(|web| web.local_addr().ok());
        let listen = listen.unwrap_or(app.config.server.listen);
        let node = app.node().await?;
        let turn = Turn::new(app.store.clone(), Arc::clone(&node));
        let mut doors = Doors::new(sockets.mail, turn, app.clock.clone(), stop.clone());
        let mail = doors.listener(&app).await?;
        let parts = app.parts(&node, None)?;
        let rota = Rota::new(parts.scheduler, stop.clone());
        let front = Arc::new(Front::new(parts.site));
        let site = sockets.web.into_iter();
        let site = site.map(|web| web::serve_front(web, Arc::clone(&front), stop.clone()));
        let site = join_all(site);
        let web = tokio::spawn(async move { drop(site.await) });
        let looping = tokio::spawn({
            let rota = rota.clone();
            async move { rota.run().await }
        });
        doors.open(parts.wanted, mail, true);
        let watch = Watch::new(files_of(&loaded.path, &loaded.files));
        let mut live = Self {
            volume,
            first: Arc::clone(&loaded),
            in_force: Arc::clone(&loaded),
            rota,
            front,
            doors,
            web,
            looping,
            setup,
            asks,
            watch,
            stop,
            tell,
            app,
        };
        live.settle(&loaded, "file", Vec::new()).await;
        tracing::info!(
            version = env!("CARGO_PKG_VERSION"),
            %listen,
            sources = live.app.config.sources.len(),
            "Paper Round is up"
        );
        (live.tell)(Phase::Ready);
        Ok(live)
    }

    /// Whether its loops get on.
    pub fn pulse(&self) -> Pulse {
        self.rota.parts().pulse
    }

    /// Works until the stop, taking over what becomes of the config; then finishes the mails in
    /// flight and starts no new one.
    pub async fn run(mut self) {
        let mut again = false;
        let mut hangup = hangups();
        let mut compare = tokio::time::interval(COMPARE);
        let stop = self.stop.clone();
        loop {
            let (who, loud, answer) = tokio::select! {
                () = stop.cancelled() => break,
                Some(()) = hangup.recv() => {
                    tracing::info!("told to read the config again");
                    ("file".to_owned(), true, None)
                }
                () = self.watch.changed() => ("file".to_owned(), false, None),
                () = tokio::time::sleep(AGAIN), if again => ("file".to_owned(), false, None),
                Some(ask) = self.asks.recv() => (ask.who, true, Some(ask.answer)),
                _ = compare.tick() => {
                    self.compare().await;
                    continue;
                }
                Some(()) = self.doors.ended() => continue,
            };
            // A stop does not wait for a database that does not answer.
            let outcome = tokio::select! {
                () = stop.cancelled() => break,
                (outcome, later) = self.reload(&who, loud) => {
                    again = later;
                    outcome
                }
            };
            if let Some(answer) = answer {
                // Who asked may have gone.
                let _ = answer.send(outcome);
            }
        }
        self.end().await;
    }

    async fn end(mut self) {
        (self.tell)(Phase::Stopping);
        tracing::info!("stopping: mails in flight are finished, no new one is started");
        let ended = tokio::time::timeout(GRACE, async {
            let _ = self.looping.await;
            while self.doors.ended().await.is_some() {}
            self.web.await
        })
        .await;
        match ended {
            Ok(Ok(())) => {}
            Ok(Err(panic)) => tracing::error!(%panic, "the web server ended in a panic"),
            Err(_) => tracing::warn!("what was still under way after 29 s is cut off"),
        }
        tracing::info!("stopped");
    }
}

/// The config file and those that it names.
fn files_of(file: &std::path::Path, named: &[PathBuf]) -> Vec<PathBuf> {
    let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    std::iter::once(file).chain(named.iter().cloned()).collect()
}

/// Heard at each SIGHUP.
fn hangups() -> mpsc::Receiver<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (tell, heard) = mpsc::channel(1);
    if let Ok(mut signals) = signal(SignalKind::hangup()) {
        tokio::spawn(async move {
            while signals.recv().await.is_some() {
                // One that waits says enough.
                let _ = tell.try_send(());
            }
        });
    }
    heard
}
