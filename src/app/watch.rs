//! Notices that the config file, or a file that it names, is another: by the system's word where
//! there is one, and by a look every few seconds where there is none. Editors rename, so it is
//! the folders that are watched. Never reads a file.

use std::collections::BTreeSet;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use notify_debouncer_full::notify::{INotifyWatcher, RecursiveMode};
use notify_debouncer_full::{Debouncer, NoCache, new_debouncer_opt, notify};
use tokio::sync::mpsc;

/// How long after the last of a burst of events one is told.
const QUIET: Duration = Duration::from_millis(200);
/// How often the files are looked at anyway.
const LOOK: Duration = Duration::from_secs(5);
/// Files that change stay as they are for so long before they are read: a half-written one is
/// not.
const SETTLE: Duration = Duration::from_millis(100);
/// For so long at most.
const PATIENCE: u32 = 50;
/// Links that are followed, and folders below a folder.
const DEPTH: usize = 16;

/// The files that are watched.
pub(super) struct Watch {
    files: Vec<PathBuf>,
    seen: Vec<Look>,
    /// Something is another, and nobody has read it yet.
    pending: bool,
    events: mpsc::Receiver<()>,
    debouncer: Option<Debouncer<INotifyWatcher, NoCache>>,
    folders: BTreeSet<PathBuf>,
}

/// What is seen of a file without opening it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Look {
    File { inode: (u64, u64), size: u64, changed: (i64, i64), mode: u32 },
    Missing,
    Folder(Vec<Self>),
}

impl Watch {
    /// Watches these files and folders.
    pub(super) fn new(files: Vec<PathBuf>) -> Self {
        let (tell, events) = mpsc::channel(1);
        let heard = move |_: notify_debouncer_full::DebounceEventResult| {
            // One that waits says enough.
            let _ = tell.try_send(());
        };
        let config = notify::Config::default();
        let debouncer = new_debouncer_opt(QUIET, None, heard, NoCache, config);
        if let Err(error) = &debouncer {
            tracing::info!(%error, "the system tells of no changed files; they are looked at");
        }
        let debouncer = debouncer.ok();
        let seen = files.iter().map(|file| Look::at(file)).collect();
        let pending = false;
        let mut watch = Self { files, seen, pending, events, debouncer, folders: BTreeSet::new() };
        watch.look_to();
        watch
    }

    /// Watches these from now on. What changed before is heard of all the same, if it was
    /// watched.
    pub(super) fn follow(&mut self, files: Vec<PathBuf>) {
        if files != self.files {
            let before = |file: &PathBuf| {
                let at = self.files.iter().position(|known| known == file)?;
                self.seen.get(at).cloned()
            };
            self.seen =
                files.iter().map(|file| before(file).unwrap_or_else(|| Look::at(file))).collect();
            self.files = files;
        }
        self.look_to();
    }

    /// Returns when a file is another, and has stopped changing. Dropped before, it forgets
    /// nothing: see [`Self::take_note`].
    pub(super) async fn changed(&mut self) {
        while !self.pending {
            tokio::select! {
                Some(()) = self.events.recv() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
            self.pending = self.look();
        }
        for _ in 0..PATIENCE {
            tokio::time::sleep(SETTLE).await;
            if !self.look() {
                break;
            }
        }
    }

    /// Takes note of what there is now: it is read next.
    pub(super) fn take_note(&mut self) {
        self.look();
        self.pending = false;
    }

    /// Whether anything is not as it was seen before.
    fn look(&mut self) -> bool {
        let now: Vec<Look> = self.files.iter().map(|file| Look::at(file)).collect();
        let other = now != self.seen;
        self.seen = now;
        other
    }

    /// Has the system tell of the folders in which the files, and what they link to, lie.
    fn look_to(&mut self) {
        let mut wanted = BTreeSet::new();
        for file in &self.files {
            folders_of(file, &mut wanted);
        }
        let Some(debouncer) = &mut self.debouncer else { return };
        for folder in self.folders.difference(&wanted) {
            let _ = debouncer.unwatch(folder);
        }
        for folder in &wanted {
            // Once more where it is watched already: it may be another of that name.
            if let Err(error) = debouncer.watch(folder, RecursiveMode::NonRecursive) {
                tracing::debug!(folder = %folder.display(), %error, "not told of changes");
            }
        }
        self.folders = wanted;
    }
}

impl Look {
    fn at(path: &Path) -> Self {
        Self::down(path, DEPTH)
    }

    fn down(path: &Path, depth: usize) -> Self {
        match std::fs::metadata(path) {
            Ok(about) if about.is_dir() && depth > 0 => {
                let mut inside: Vec<PathBuf> = std::fs::read_dir(path)
                    .map(|folder| folder.flatten().map(|entry| entry.path()).collect())
                    .unwrap_or_default();
                inside.sort();
                Self::Folder(inside.iter().map(|path| Self::down(path, depth - 1)).collect())
            }
            Ok(about) => Self::of(&about),
            Err(_) => Self::Missing,
        }
    }

    fn of(about: &Metadata) -> Self {
        Self::File {
            inode: (about.dev(), about.ino()),
            size: about.len(),
            changed: (about.ctime(), about.ctime_nsec()),
            mode: about.mode(),
        }
    }
}

/// The folder of the file, and of whatever it leads to; of a folder also what is below.
fn folders_of(file: &Path, into: &mut BTreeSet<PathBuf>) {
    let mut path = file.to_owned();
    for _ in 0..DEPTH {
        let Some(parent) = path.parent() else { break };
        into.insert(parent.to_owned());
        match std::fs::read_link(&path) {
            Ok(target) => path = parent.join(target),
            Err(_) => break,
        }
    }
    below(file, DEPTH, into);
}

fn below(path: &Path, depth: usize, into: &mut BTreeSet<PathBuf>) {
    if depth == 0 || !path.is_dir() {
        return;
    }
    into.insert(path.to_owned());
    for entry in std::fs::read_dir(path).into_iter().flatten().flatten() {
        below(&entry.path(), depth - 1, into);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn renames_links_and_files_that_come_are_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("real")).unwrap();
        std::fs::write(at("real/c.toml"), "1").unwrap();
        std::os::unix::fs::symlink("real/c.toml", at("c.toml")).unwrap();
        std::fs::create_dir(at("templates")).unwrap();
        let files = vec![at("c.toml"), at("secret"), at("templates")];
        let mut watch = Watch::new(files.clone());
        let steps: [&dyn Fn(); 6] = [
            &|| std::fs::write(at("real/c.toml"), "2").unwrap(),
            &|| {
                std::fs::write(at("real/new"), "3").unwrap();
                std::fs::rename(at("real/new"), at("real/c.toml")).unwrap();
            },
            &|| std::fs::write(at("secret"), "s").unwrap(),
            &|| std::fs::write(at("templates/digest.html"), "t").unwrap(),
            &|| std::fs::remove_file(at("c.toml")).unwrap(),
            &|| std::fs::write(at("c.toml"), "4").unwrap(),
        ];
        for step in steps {
            step();
            // Whoever waits may have to see to something else in between.
            let mut heard = false;
            for _ in 0..10 {
                let short = tokio::time::timeout(SETTLE / 2, watch.changed());
                heard = heard || short.await.is_ok();
            }
            if !heard {
                watch.changed().await;
            }
            watch.take_note();
            watch.follow(files.clone());
        }
    }
}
