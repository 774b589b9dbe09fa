//! One running process, as others see it: a file in the data folder that stays locked while
//! the process lives. The system drops the lock however the process ends, so work claimed
//! by the dead is known at once, whatever the clock says.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use super::StoreError;

/// This process.
#[derive(Debug)]
pub struct Node {
    name: String,
    folder: PathBuf,
    _lock: File,
}

impl Node {
    /// Enters this process in `folder`, making it where missing.
    pub fn enter(folder: &Path) -> Result<Self, StoreError> {
        let refused = |error: std::io::Error| StoreError::Open {
            place: folder.display().to_string(),
            reason: format!("cannot enter this process there: {error}"),
        };
        std::fs::create_dir_all(folder).map_err(refused)?;
        let mut random = [0; 6];
        getrandom::fill(&mut random).map_err(|error| refused(std::io::Error::other(error)))?;
        let name = format!("{}-{}", std::process::id(), crate::token::to_hex(&random));
        let lock = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(path(folder, &name))
            .map_err(refused)?;
        lock.lock().map_err(refused)?;
        Ok(Self { name, folder: folder.to_owned(), _lock: lock })
    }

    /// Its name, unique among all processes ever.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the process called `name` still runs. Removes what a dead one left.
    pub fn lives(&self, name: &str) -> bool {
        if name == self.name {
            return true;
        }
        let file = path(&self.folder, name);
        let Ok(lock) = OpenOptions::new().write(true).open(&file) else { return false };
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => true,
            _ => {
                // Left behind by a dead process; should it stay, nothing is lost.
                let _ = std::fs::remove_file(&file);
                false
            }
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(path(&self.folder, &self.name));
    }
}

fn path(folder: &Path, name: &str) -> PathBuf {
    // Names come from the database too: never let one lead out of the folder.
    let safe: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    folder.join(format!("{safe}.lock"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_lives_until_its_lock_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let first = Node::enter(folder.path()).unwrap();
        let second = Node::enter(folder.path()).unwrap();
        assert!(first.lives(second.name()));
        let name = second.name().to_owned();
        drop(second);
        assert!(!first.lives(&name));
        // A killed process leaves its file, unlocked.
        std::fs::write(folder.path().join("1-dead.lock"), "").unwrap();
        assert!(!first.lives("1-dead"));
        assert!(!first.lives("../../etc/passwd"));
    }
}
