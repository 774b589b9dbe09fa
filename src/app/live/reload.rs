//! What becomes of the daemon when its config file changes. A new file is tried as a whole before
//! anything is touched: either every part of it is in force, or none, and what was in force stays.
//! Never decides when to look.

use std::sync::Arc;

use super::{Live, Phase, files_of};
use crate::app::AppError;
use crate::app::doors::are_of_mailbox;
use crate::app::parts::needs_postman;
use crate::config::{Change, Config, Loaded, environment};
use crate::meter;
use crate::setup::{InForce, Outcome, Refused};
use crate::store::ConfigOutcome;
use crate::telemetry;

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
    /// Reads the file and takes it over, or says why not. `loud`: somebody waits for a word even
    /// where nothing is new. The second of what is returned: to be tried again soon.
    pub(super) async fn reload(&mut self, who: &str, loud: bool) -> (Outcome, bool) {
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
                let faults = faults.with_way_back(&self.first.config.database.url);
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
        let mail = self.doors.listener(&app).await.map_err(not_now)?;
        // Mails that were made before are not touched by that: each has its own letterhead.
        if let Err(error) = node.restate(app.standing()).await {
            self.doors.keep(mail);
            return Err(not_now(error.into()));
        }

        // Counted while it is all as it was.
        let effects = self.setup.effects(&self.in_force.config, &kept.config).await;
        let effects = effects.unwrap_or_default();

        // From here on nothing can fail.
        parts.succeed(&before);
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
    pub(super) async fn settle(&mut self, loaded: &Loaded, who: &str, waiting: Vec<Change>) {
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
    pub(super) async fn compare(&self) {
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
        tracing::warn!(key = change.key, "a new value waits: {change}");
    }
}
