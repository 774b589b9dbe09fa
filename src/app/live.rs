//! The daemon: the parts of one configuration at work, and what becomes of them when the file
//! changes. A new file is tried as a whole before anything is touched: either every part of it
//! is in force, or none, and what was in force stays. Never decides what a part does.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::doors::{Doors, are_of_mailbox};
use super::parts::needs_postman;
use super::watch::Watch;
use super::{App, AppError, trial};
use crate::config::{Change, Config, Loaded, environment};
use crate::meter;
use crate::scheduler::{Pulse, Rota};
use crate::setup::{Ask, InForce, Outcome, Refused, Setup};
use crate::store::ConfigOutcome;
use crate::telemetry::{self, Volume};
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

/// Why a file is not taken over, and whether it may be when it is tried again.
struct Hindrance {
    faults: Vec<String>,
    again: bool,
}

impl Hindrance {
    fn of(loaded: &Loaded, error: AppError, again: bool) -> Self {
        let fault = error.into_fault();
        let told = loaded.fault_of(fault.key, &fault.reason, environment());
        Self { faults: vec![told], again }
    }
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
        let mut doors = Doors::new(sockets.mail, app.clock.clone(), stop.clone());
        let mail = doors.listener(&app).await?;
        let node = app.node().await?;
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

    /// Reads the file and takes it over, or says why not. `loud`: somebody waits for a word even
    /// where nothing is new. The second of what is returned: to be tried again soon.
    async fn reload(&mut self, who: &str, loud: bool) -> (Outcome, bool) {
        (self.tell)(Phase::Reloading);
        self.watch.take_note();
        let done = self.take_over(who, loud).await;
        (self.tell)(Phase::Ready);
        done
    }

    async fn take_over(&mut self, who: &str, loud: bool) -> (Outcome, bool) {
        let file = self.setup.file().to_owned();
        let read = tokio::task::spawn_blocking(move || Config::load(Some(&file), environment()));
        let loaded = match read.await {
            Ok(Ok(loaded)) => loaded,
            Ok(Err(faults)) => {
                self.watch.follow(files_of(self.setup.file(), faults.files()));
                let hindrance = Hindrance { faults: faults.lines(), again: false };
                return (self.refuse(who, faults.text(), hindrance, loud).await, false);
            }
            Err(panic) => {
                let text = format!("the file could not be read: {panic}");
                let hindrance = Hindrance { faults: vec![text], again: true };
                return (self.refuse(who, None, hindrance, loud).await, true);
            }
        };
        self.watch.follow(files_of(&loaded.path, &loaded.files));
        let text = loaded.text.clone();
        let who = &self.setup.writer_of(&text, who).await;
        match self.try_parts(loaded, who, loud).await {
            Ok(outcome) => (outcome, false),
            Err(hindrance) => {
                let again = hindrance.again;
                (self.refuse(who, Some(&text), hindrance, loud).await, again)
            }
        }
    }

    /// Makes every part, and only then puts them to work.
    async fn try_parts(
        &mut self,
        loaded: Loaded,
        who: &str,
        loud: bool,
    ) -> Result<Outcome, Hindrance> {
        let kept = loaded.keeping(&self.first);
        let changes = self.in_force.changes_to(&kept);
        let mut waiting = kept.changes_to(&loaded);
        waiting.retain(|change| change.restart);
        if changes.is_empty() {
            return Ok(self.unchanged(loaded, kept, waiting, who, loud).await);
        }
        let app = self.app.renewed(kept.config.clone());
        let before = self.rota.parts().postman;
        let postman = (!needs_postman(&changes)).then(|| Arc::clone(&before));
        // What stands in the way of these may be gone when it is tried again.
        let not_now = |error: AppError| Hindrance::of(&loaded, error, true);
        let node = app.node().await.map_err(AppError::from).map_err(not_now)?;
        let made = tokio::task::spawn_blocking({
            let (app, node) = (app.clone(), Arc::clone(&node));
            move || app.parts(&node, postman)
        });
        let mut parts = match made.await {
            Ok(parts) => parts.map_err(|error| Hindrance::of(&loaded, error, false))?,
            Err(panic) => {
                let text = format!("a part could not be made from it: {panic}");
                return Err(Hindrance { faults: vec![text], again: false });
            }
        };
        parts.succeed(&before);
        let mail = self.doors.listener(&app).await.map_err(not_now)?;
        // Mails that were made before are not touched by that: each has its own letterhead.
        node.restate(app.standing()).await.map_err(AppError::from).map_err(not_now)?;

        // Counted while it is all as it was.
        let effects = self.setup.effects(&self.in_force.config, &kept.config).await;
        let effects = effects.unwrap_or_default();

        // From here on nothing can fail.
        telemetry::change(&app.config.log, self.volume);
        self.rota.replace(parts.scheduler);
        self.front.show(parts.site);
        self.app = app;
        self.doors.open(parts.wanted, mail, are_of_mailbox(&changes));
        self.in_force = Arc::new(kept);
        for warning in &loaded.warnings {
            tracing::warn!("{warning}");
        }
        effects.iter().for_each(|effect| tracing::info!("{effect}"));
        let keys: Vec<&str> = changes.iter().map(|change| change.key.as_str()).collect();
        tracing::info!(by = who, changed = keys.join(", "), "the config is in force");
        meter::RELOADS.add(&["applied"], 1);
        tell_waiting(&waiting);
        self.settle(&loaded, who, waiting.clone()).await;
        let changes = changes.into_iter().chain(waiting).collect();
        Ok(Outcome::Applied { changes })
    }

    /// The file says what is in force already: another text, a comment, or what waits for a
    /// restart.
    async fn unchanged(
        &mut self,
        loaded: Loaded,
        kept: Loaded,
        waiting: Vec<Change>,
        who: &str,
        loud: bool,
    ) -> Outcome {
        let state = self.setup.in_force();
        let was_refused = state.as_ref().is_some_and(|state| state.refused.is_some());
        let waited = state.is_some_and(|state| state.waiting == waiting);
        if loaded.text != self.in_force.text || was_refused || !waited {
            self.in_force = Arc::new(kept);
            if !waited {
                tell_waiting(&waiting);
            }
            if was_refused {
                tracing::info!(by = who, "the config file is good again, and in force");
            }
            self.settle(&loaded, who, waiting.clone()).await;
        } else if loud {
            tracing::info!("nothing in the config is new");
        }
        if waited { Outcome::Unchanged } else { Outcome::Applied { changes: waiting } }
    }

    /// Notes that a file was not taken over, and says so once.
    async fn refuse(
        &mut self,
        who: &str,
        text: Option<&str>,
        hindrance: Hindrance,
        loud: bool,
    ) -> Outcome {
        let refused = Refused { at: self.app.clock.now(), faults: hindrance.faults };
        let known = self.setup.in_force().and_then(|state| state.refused.clone());
        if loud || known.is_none_or(|known| known.faults != refused.faults) {
            meter::RELOADS.add(&["refused"], 1);
            tracing::error!(
                "the config file is refused, and what was in force stays: {}",
                refused.words()
            );
            let reason = refused.faults.join("\n");
            let text = text.unwrap_or_default();
            let noted = self.setup.note_version(who, text, ConfigOutcome::Refused, Some(&reason));
            if let Err(error) = noted.await {
                tracing::warn!(%error, "the history of the config could not be written");
            }
        }
        self.setup.note_refused(&refused);
        Outcome::Refused(refused)
    }

    /// Notes what is in force.
    async fn settle(&mut self, loaded: &Loaded, who: &str, waiting: Vec<Change>) {
        let noted = self.setup.note_applied(who, &loaded.text, &waiting).await;
        if let Err(error) = &noted {
            tracing::warn!(%error, "the history of the config could not be written");
        }
        let state = InForce {
            file: loaded.path.clone(),
            since: self.app.clock.now(),
            version: noted.ok(),
            warnings: loaded.warnings.clone(),
            refused: None,
            waiting,
            apart: Vec::new(),
        };
        self.setup.set_in_force(state, Arc::clone(&self.in_force));
        self.compare().await;
    }

    /// Notes which other processes work by another sender.
    async fn compare(&self) {
        let Ok(node) = self.app.node().await else { return };
        match node.apart().await {
            Ok(apart) => {
                let known = self.setup.in_force().map(|state| state.apart.clone());
                for words in apart.iter().filter(|_| known.as_ref() != Some(&apart)) {
                    tracing::warn!("{words}");
                }
                self.setup.note(|state| state.apart = apart);
            }
            Err(error) => tracing::debug!(%error, "other processes could not be compared"),
        }
    }
}

fn tell_waiting(waiting: &[Change]) {
    for change in waiting {
        tracing::warn!(key = change.key, "the new value counts after a restart: {change}");
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
