//! One running process, as others see it: a row with a lease, renewed while the process
//! lives, and a file in the data folder that stays locked as long. The system drops the
//! lock however the process ends, so on one machine work claimed by the dead is known at
//! once; between machines the lease decides. A process that lost its lease is fenced: it
//! can neither claim nor record until it joins anew. Never decides what to send.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use tokio::time::Instant;

use super::{Store, StoreError, instant};

/// How long a lease holds without being renewed.
pub(super) const LEASE: Duration = Duration::from_secs(120);
/// How often it is renewed.
const RENEWAL: Duration = Duration::from_secs(20);
/// A node stops trusting its own lease so long before others may take it.
const MARGIN: Duration = Duration::from_secs(20);

/// What all processes that share a database must agree on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// A mark of the server's key, from which the key cannot be told.
    pub key_mark: String,
    /// What the configuration says about the bytes of mails: names and values.
    pub facts: BTreeMap<String, String>,
}

/// This process. It leaves when it is dropped.
#[derive(Debug)]
pub struct Node {
    store: Store,
    folder: PathBuf,
    place: String,
    standing: Mutex<Standing>,
    seat: Mutex<Seat>,
}

/// What changes when a fenced node joins anew.
#[derive(Debug)]
struct Seat {
    name: String,
    _lock: File,
    renewed: Instant,
    fenced: bool,
}

/// A node as the table shows it.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct NodeRow {
    /// Its name, unique among all processes ever.
    pub name: String,
    /// The machine's name.
    pub host: String,
    /// The process's number there.
    pub pid: i64,
    /// The version that it runs.
    pub version: String,
    /// When it joined, in microseconds of the database's clock.
    pub since: i64,
    /// When it was last heard of, likewise.
    pub seen_at: i64,
    /// Until when its claims are its own, likewise.
    pub lease_until: i64,
    /// Whether it lost its claims.
    pub fenced: bool,
    /// Whether its lease has run out.
    pub expired: bool,
    /// Deliveries that it has claimed.
    pub claims: i64,
}

impl NodeRow {
    /// Whether it is `alive`, has `expired` or is `fenced`.
    pub fn state(&self) -> &'static str {
        match (self.fenced, self.expired) {
            (true, _) => "fenced",
            (_, true) => "expired",
            _ => "alive",
        }
    }

    /// The instant of one of its fields.
    pub fn at(micros: i64) -> Timestamp {
        instant(micros)
    }
}

impl Node {
    /// Enters this process in `folder`, making it where missing, and in the database; a task
    /// of its own renews the lease until the node is dropped.
    ///
    /// # Errors
    ///
    /// [`StoreError::Stranger`] where others work on the database with another key or
    /// configuration.
    pub async fn enter(
        store: &Store,
        folder: &Path,
        standing: Standing,
    ) -> Result<Arc<Self>, StoreError> {
        let place = place(folder).map_err(|error| refused(folder, &error))?;
        let (name, lock) = lock(folder)?;
        let renewed = Instant::now();
        let lives = |name: &str, other: &str| lives(folder, &place, name, other);
        if let Err(error) = store.join(&name, &place, &standing, lives).await {
            let _ = std::fs::remove_file(path(folder, &name));
            return Err(error);
        }
        let seat = Mutex::new(Seat { name, _lock: lock, renewed, fenced: false });
        let standing = Mutex::new(standing);
        let (store, folder) = (store.clone(), folder.to_owned());
        let node = Arc::new(Self { store, folder, place, standing, seat });
        tokio::spawn(keep(Arc::downgrade(&node)));
        Ok(node)
    }

    /// The machine's name.
    pub fn host(&self) -> String {
        crate::machine::host()
    }

    /// Its name, unique among all processes ever.
    pub fn name(&self) -> String {
        self.seat().name.clone()
    }

    /// Whether its lease surely holds: what it claimed nobody else has.
    pub fn holds(&self) -> bool {
        let seat = self.seat();
        !seat.fenced && seat.renewed.elapsed() + MARGIN < LEASE
    }

    /// Joins anew, under another name, where the lease was lost; else renews it.
    pub async fn rejoin(&self) -> Result<(), StoreError> {
        if !self.seat().fenced && (self.holds() || self.renew().await?) {
            return Ok(());
        }
        let (name, lock) = lock(&self.folder)?;
        let renewed = Instant::now();
        let lives = |name: &str, place: &str| lives(&self.folder, &self.place, name, place);
        let standing = self.standing();
        self.store.join(&name, &self.place, &standing, lives).await?;
        tracing::warn!(node = name, "this process had lost its lease and joined anew");
        let left = std::mem::replace(
            &mut *self.seat(),
            Seat { name, _lock: lock, renewed, fenced: false },
        );
        let _ = std::fs::remove_file(path(&self.folder, &left.name));
        Ok(())
    }

    /// Says what the configuration says from now on. Mails that were made before keep what they
    /// were made with.
    pub async fn restate(&self, standing: Standing) -> Result<(), StoreError> {
        if self.standing() == standing {
            return Ok(());
        }
        self.store.restate(&self.name(), &standing).await?;
        *self.standing.lock().unwrap_or_else(PoisonError::into_inner) = standing;
        Ok(())
    }

    /// How the other processes at work differ from this one, in words.
    pub async fn apart(&self) -> Result<Vec<String>, StoreError> {
        self.store.apart(self, &self.standing()).await
    }

    fn standing(&self) -> Standing {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes its row out: nothing of it is claimed any more, or what is may be taken over.
    pub async fn leave(&self) -> Result<(), StoreError> {
        let name = self.name();
        self.store.leave(&name).await
    }

    /// Renews the lease; false where it was lost.
    async fn renew(&self) -> Result<bool, StoreError> {
        let (name, began) = (self.name(), Instant::now());
        let held = self.store.renew(&name).await?;
        let mut seat = self.seat();
        if seat.name == name {
            if held {
                seat.renewed = began;
            } else {
                seat.fenced = true;
            }
        }
        Ok(held)
    }

    /// Gives up what it has claimed: whoever drains next, here or elsewhere, takes it over.
    pub fn give_up(&self) {
        let mut seat = self.seat();
        seat.fenced = true;
        // With its lock file it is as dead as if the process were.
        let _ = std::fs::remove_file(path(&self.folder, &seat.name));
    }

    /// Notes that the database said it was fenced.
    pub(super) fn lost(&self) {
        self.seat().fenced = true;
    }

    /// Whether the process called `name` still runs, as far as its lock file tells; `None`
    /// where that is not for this machine to say. Removes what a dead one left.
    pub(super) fn lives(&self, name: &str, place: &str) -> Option<bool> {
        if place == self.place && name == self.name() {
            return Some(!self.seat().fenced);
        }
        lives(&self.folder, &self.place, name, place)
    }

    fn seat(&self) -> MutexGuard<'_, Seat> {
        self.seat.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(path(&self.folder, &self.seat().name));
    }
}

/// Renews the lease of a node for as long as there is one.
async fn keep(node: Weak<Node>) {
    loop {
        tokio::time::sleep(RENEWAL).await;
        let Some(node) = node.upgrade() else { break };
        if let Err(error) = node.renew().await {
            tracing::warn!(%error, "the lease of this process could not be renewed");
        }
    }
}

/// See [`Node::lives`]; `own` is the place of `folder`.
fn lives(folder: &Path, own: &str, name: &str, place: &str) -> Option<bool> {
    if place != own {
        return None;
    }
    let file = path(folder, name);
    let Ok(lock) = OpenOptions::new().write(true).open(&file) else { return Some(false) };
    match lock.try_lock() {
        Err(TryLockError::WouldBlock) => Some(true),
        _ => {
            // Left behind by a dead process; should it stay, nothing is lost.
            let _ = std::fs::remove_file(&file);
            Some(false)
        }
    }
}

/// A new name, and the locked file that goes with it.
fn lock(folder: &Path) -> Result<(String, File), StoreError> {
    let failed = |error: std::io::Error| refused(folder, &error);
    let name = format!("{}-{}", std::process::id(), random().map_err(failed)?);
    let mut options = OpenOptions::new();
    let file = options.write(true).create_new(true).open(path(folder, &name)).map_err(failed)?;
    file.lock().map_err(failed)?;
    Ok((name, file))
}

/// What names this folder among all data folders of all machines.
fn place(folder: &Path) -> std::io::Result<String> {
    std::fs::create_dir_all(folder)?;
    let file = folder.join("place");
    let aside = folder.join(format!(".place-{}", random()?));
    if !file.exists() {
        std::fs::write(&aside, random()?)?;
        // The first process to link it decides for all.
        let linked = std::fs::hard_link(&aside, &file);
        std::fs::remove_file(&aside)?;
        if !file.exists() {
            linked?;
        }
    }
    Ok(std::fs::read_to_string(file)?.trim().to_owned())
}

fn random() -> std::io::Result<String> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
    Ok(crate::token::to_hex(&bytes))
}

fn refused(folder: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Open {
        place: folder.display().to_string(),
        reason: format!("cannot enter this process there: {error}"),
    }
}

fn path(folder: &Path, name: &str) -> PathBuf {
    // Names come from the database too: never let one lead out of the folder.
    let safe: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    folder.join(format!("{safe}.lock"))
}
