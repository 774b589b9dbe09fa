//! A file on its way: written beside its place under another name, and put there whole or not at
//! all. Never leaves a half of itself behind.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::BackupError;

/// A file that is not yet what it is to be; gone when it is dropped, unless it was put in place.
pub(super) struct Partial {
    pub(super) path: PathBuf,
}

impl Partial {
    /// An empty one beside `path`, which only its owner may read.
    pub(super) fn beside(path: &Path) -> Result<Self, BackupError> {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let partial = path.with_file_name(format!(
            ".{}.partial-{}",
            name.unwrap_or_default(),
            std::process::id()
        ));
        let failed = |error| at(&partial, error);
        let _ = std::fs::remove_file(&partial);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o600).open(&partial).map_err(failed)?;
        Ok(Self { path: partial })
    }

    /// Gives it its name, for good; without `replace` only where nothing else has it.
    pub(super) fn put(self, path: &Path, replace: bool) -> Result<(), BackupError> {
        let failed = |error| at(path, error);
        if !replace {
            // A link is refused where the name is taken, at whatever moment that happened; file
            // systems that know none are looked at once more instead.
            match std::fs::hard_link(&self.path, path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    return Err(BackupError::Exists(path.to_owned()));
                }
                Err(_) if path.symlink_metadata().is_ok() => {
                    return Err(BackupError::Exists(path.to_owned()));
                }
                Err(_) => std::fs::rename(&self.path, path).map_err(failed)?,
                Ok(()) => {}
            }
        } else {
            std::fs::rename(&self.path, path).map_err(failed)?;
        }
        let folder = path.parent().unwrap_or(path);
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        for end in ["", "-journal", "-wal", "-shm"] {
            let mut path = self.path.clone().into_os_string();
            path.push(end);
            let _ = std::fs::remove_file(path);
        }
    }
}

pub(super) fn at(path: &Path, source: io::Error) -> BackupError {
    BackupError::File { path: path.to_owned(), source }
}
