//! The configuration as something that people change: checked, compared, written, remembered,
//! taken back; and what of it is in force in this process. What follows from a change for the
//! readers is told before it is made. Never builds the parts of the house, and never shows a
//! secret.

mod effects;
mod state;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use serde::Serialize;
use tokio::sync::{mpsc, oneshot};

use crate::clock::Clock;
use crate::config::{
    self, Change, Config, EditLock, Faults, Loaded, WriteError, environment, redacted,
};
use crate::store::{ConfigOutcome, ConfigVersion, NewConfigVersion, NodeRow, Store, StoreError};
pub use state::{InForce, Refused};

/// How it is noted of a version in force which keys wait for a restart.
const WAITING: &str = "waits for a restart: ";

/// Tries whatever can fail of the parts that a config makes, without making them.
pub type Trial = fn(&Config) -> Result<(), PartFault>;

/// Why a part of the house cannot be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartFault {
    /// The key that it goes by.
    pub key: &'static str,
    /// What is wrong.
    pub reason: String,
}

/// The configuration of this process, to be looked at and changed. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Setup {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    file: PathBuf,
    store: Store,
    clock: Clock,
    trial: Trial,
    in_force: ArcSwapOption<InForce>,
    loaded: ArcSwapOption<Loaded>,
    asks: mpsc::Sender<Ask>,
}

/// That the file be read again.
#[derive(Debug)]
pub struct Ask {
    /// Who asks: an admin's account, or `file`.
    pub who: String,
    /// Where the answer goes.
    pub answer: oneshot::Sender<Outcome>,
}

/// What became of a reload.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It is in force; what waits for a restart is among the changes.
    Applied {
        /// What is different now.
        changes: Vec<Change>,
    },
    /// Nothing in it is new.
    Unchanged,
    /// It is not, and what was in force stays.
    Refused(Refused),
}

/// A text that was found good, with what it would change.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The config that it is.
    pub loaded: Loaded,
    /// What would be different from the one in force; empty where none is known.
    pub changes: Vec<Change>,
    /// What that means for the readers, a sentence each.
    pub effects: Vec<String>,
}

/// Why a change was not made.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The text is no good config.
    #[error(transparent)]
    Faults(#[from] Faults),
    /// A part of the house cannot be made from it.
    #[error("{0}")]
    Part(String),
    /// The file was not written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The database did not do it.
    #[error("the history of the config cannot be read or written")]
    Store(#[from] StoreError),
    /// There is no such version.
    #[error("there is no version {0}; `paperround config history` lists those that are kept")]
    NoVersion(i64),
    /// There is no text in that version.
    #[error(
        "version {0} has no text, as the file was missing or could not be read then: there is \
         nothing to show or to go back to"
    )]
    NoText(i64),
}

impl Setup {
    /// The configuration in `file`. Whoever holds the other end reads the file again when asked.
    pub fn new(
        file: &Path,
        store: Store,
        clock: Clock,
        trial: Trial,
    ) -> (Self, mpsc::Receiver<Ask>) {
        let (asks, asked) = mpsc::channel(8);
        let inner = Inner {
            file: file.to_owned(),
            store,
            clock,
            trial,
            in_force: ArcSwapOption::empty(),
            loaded: ArcSwapOption::empty(),
            asks,
        };
        (Self { inner: Arc::new(inner) }, asked)
    }

    /// The file.
    pub fn file(&self) -> &Path {
        &self.inner.file
    }

    /// What is in force in this process; none before it has begun to work.
    pub fn in_force(&self) -> Option<Arc<InForce>> {
        self.inner.in_force.load_full()
    }

    /// The config in force. Its text may hold secrets.
    pub fn loaded(&self) -> Option<Arc<Loaded>> {
        self.inner.loaded.load_full()
    }

    /// What is not as the file says, in sentences: for whoever watches.
    pub fn troubles(&self) -> Vec<String> {
        self.in_force().map_or_else(Vec::new, |state| state.troubles())
    }

    /// Notes what is in force from now on.
    pub fn set_in_force(&self, state: InForce, loaded: Arc<Loaded>) {
        self.inner.loaded.store(Some(loaded));
        self.inner.in_force.store(Some(Arc::new(state)));
    }

    /// Changes what is noted of the one in force.
    pub fn note(&self, change: impl FnOnce(&mut InForce)) {
        if let Some(state) = self.in_force() {
            let mut state = (*state).clone();
            change(&mut state);
            self.inner.in_force.store(Some(Arc::new(state)));
        }
    }

    /// Notes that the file is refused; it stays refused since the first of those in a row.
    pub fn note_refused(&self, refused: &Refused) {
        self.note(|state| {
            let at = state.refused.as_ref().map_or(refused.at, |known| known.at);
            state.refused = Some(Refused { at, ..refused.clone() });
        });
    }

    /// Judges a text as if it stood in the file: every fault, every part that it would make,
    /// what it would change, and what that means for the readers.
    pub async fn check(&self, text: &str) -> Result<Verdict, SetupError> {
        let loaded = Config::parse(text, &self.inner.file, environment())?;
        self.judge(loaded).await
    }

    /// The same of a config that was read already.
    pub async fn judge(&self, loaded: Loaded) -> Result<Verdict, SetupError> {
        let inner = &self.inner;
        (inner.trial)(&loaded.config).map_err(|fault| {
            SetupError::Part(loaded.fault_of(fault.key, &fault.reason, environment()))
        })?;
        let before = match self.loaded() {
            Some(before) => Some(before),
            None => self.last_applied().await?.map(Arc::new),
        };
        let Some(before) = before else {
            return Ok(Verdict { loaded, changes: Vec::new(), effects: Vec::new() });
        };
        let changes = before.changes_to(&loaded);
        let effects = self.effects(&before.config, &loaded.config).await?;
        Ok(Verdict { loaded, changes, effects })
    }

    /// What `after` in place of `before` means for the readers, a sentence each.
    pub async fn effects(
        &self,
        before: &Config,
        after: &Config,
    ) -> Result<Vec<String>, StoreError> {
        effects::of(&self.inner.store, before, after, self.inner.clock.now()).await
    }

    /// The version that was last applied, by whichever process, where it still reads.
    pub async fn last_applied(&self) -> Result<Option<Loaded>, StoreError> {
        let version = self.inner.store.config_applied().await?;
        let version = version.filter(|version| !version.text.is_empty());
        Ok(version
            .and_then(|version| Config::parse(&version.text, &self.inner.file, environment()).ok()))
    }

    /// The same for who only looks: the files with secrets that it names may be gone.
    pub async fn last_applied_to_look(&self) -> Result<Option<Loaded>, StoreError> {
        let version = self.inner.store.config_applied().await?;
        let version = version.filter(|version| !version.text.is_empty());
        Ok(version.and_then(|version| {
            Config::parse_to_look(&version.text, &self.inner.file, environment()).ok()
        }))
    }

    /// Puts a text into the file, which must still hold `seen` (none: no text), once it is found
    /// good; and notes it in the history under `who`. The daemon takes it over: this one if it is
    /// one, see [`Self::reload`].
    pub async fn write(
        &self,
        seen: Option<&str>,
        text: &str,
        who: &str,
    ) -> Result<Verdict, SetupError> {
        let _lock = EditLock::take(&self.inner.file)?;
        self.write_locked(seen, text, who).await
    }

    /// The same, where the caller holds the lock.
    pub async fn write_locked(
        &self,
        seen: Option<&str>,
        text: &str,
        who: &str,
    ) -> Result<Verdict, SetupError> {
        let verdict = self.check(text).await?;
        // Noted first: who watches the file then finds out whose it is.
        self.note_version(who, text, ConfigOutcome::Written, None).await?;
        if let Err(error) = config::replace(&self.inner.file, seen, text) {
            let reason = error.to_string();
            self.note_version(who, text, ConfigOutcome::Refused, Some(&reason)).await?;
            return Err(error.into());
        }
        Ok(verdict)
    }

    /// Has this process read the file again; none where it is no daemon.
    pub async fn reload(&self, who: &str) -> Option<Outcome> {
        let (answer, told) = oneshot::channel();
        let ask = Ask { who: who.to_owned(), answer };
        self.inner.asks.send(ask).await.ok()?;
        told.await.ok()
    }

    /// Writes, and has this process take it over.
    pub async fn apply(
        &self,
        seen: Option<&str>,
        text: &str,
        who: &str,
    ) -> Result<Outcome, SetupError> {
        self.write(seen, text, who).await?;
        Ok(self.reload(who).await.unwrap_or(Outcome::Unchanged))
    }

    /// The last versions, the newest first. Their texts may hold secrets.
    pub async fn history(&self, most: u32) -> Result<Vec<ConfigVersion>, StoreError> {
        self.inner.store.config_versions(most).await
    }

    /// The text of a version.
    pub async fn version(&self, id: i64) -> Result<ConfigVersion, SetupError> {
        let found = self.inner.store.config_version(id).await?;
        with_text(found.ok_or(SetupError::NoVersion(id))?)
    }

    /// The last version in force that was not this text: what was before it, or, where the text
    /// never counted or there is none, what still is.
    pub async fn back_from(&self, text: Option<&str>) -> Result<ConfigVersion, SetupError> {
        let hash = text.map(ConfigVersion::hash_of);
        let mut all = self.history(200).await?.into_iter();
        let other = |one: &ConfigVersion| Some(&one.hash) != hash.as_ref();
        let found = all.find(|one| one.outcome == ConfigOutcome::Applied && other(one));
        with_text(found.ok_or(SetupError::NoVersion(0))?)
    }

    /// The processes at work on the database: a daemon among them takes a written file over.
    pub async fn daemons(&self) -> Result<Vec<NodeRow>, StoreError> {
        let nodes = self.inner.store.nodes().await?;
        Ok(nodes.into_iter().filter(|node| !node.fenced && !node.expired).collect())
    }

    /// What became of a text, as last noted.
    pub async fn outcome_of(
        &self,
        text: &str,
    ) -> Result<Option<(ConfigOutcome, Option<String>)>, StoreError> {
        let hash = ConfigVersion::hash_of(text);
        let last = self.history(5).await?.into_iter().find(|version| version.hash == hash);
        Ok(last.map(|version| (version.outcome, version.reason)))
    }

    /// Who put this text into the file: by the history, where it was noted that they did and
    /// nobody has taken it over yet, else `heard`.
    pub async fn writer_of(&self, text: &str, heard: &str) -> String {
        let last = self.history(1).await.unwrap_or_default().into_iter().next();
        let written = last.filter(|last| {
            last.outcome == ConfigOutcome::Written && last.hash == ConfigVersion::hash_of(text)
        });
        written.map_or_else(|| heard.to_owned(), |written| written.who)
    }

    /// The keys whose new values wait for a restart, as the process said that was the last to
    /// take a file over.
    pub async fn waiting(&self) -> Result<Vec<String>, StoreError> {
        let reason = self.inner.store.config_applied().await?.and_then(|version| version.reason);
        let keys = reason.as_deref().and_then(|reason| reason.strip_prefix(WAITING));
        Ok(keys.map_or_else(Vec::new, |keys| keys.split(", ").map(str::to_owned).collect()))
    }

    /// Notes in the history that a text is in force, but for the keys that wait for a restart.
    pub async fn note_applied(
        &self,
        who: &str,
        text: &str,
        waiting: &[Change],
    ) -> Result<i64, StoreError> {
        let keys: Vec<&str> = waiting.iter().map(|change| change.key.as_str()).collect();
        let words = (!keys.is_empty()).then(|| format!("{WAITING}{}", keys.join(", ")));
        self.note_version(who, text, ConfigOutcome::Applied, words.as_deref()).await
    }

    /// Notes in the history what became of a text.
    pub async fn note_version(
        &self,
        who: &str,
        text: &str,
        outcome: ConfigOutcome,
        reason: Option<&str>,
    ) -> Result<i64, StoreError> {
        let file = self.inner.file.display().to_string();
        // A PostgreSQL text holds no NUL.
        let text = if text.contains('\0') { "" } else { text };
        let new = NewConfigVersion { who, file: &file, text, outcome, reason };
        self.inner.store.note_config(&new, self.inner.clock.now()).await
    }
}

/// The text of the version for people: without its secrets.
pub fn shown(version: &ConfigVersion) -> String {
    redacted(&version.text)
}

fn with_text(version: ConfigVersion) -> Result<ConfigVersion, SetupError> {
    if version.text.is_empty() { Err(SetupError::NoText(version.id)) } else { Ok(version) }
}
