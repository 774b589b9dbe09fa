//! The config to start from. Writes files only in the folder that it is given, and never over
//! one that is there.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Every key, explained; valid as it stands.
pub(super) const DEFAULT: &str = include_str!("../../config/default.toml");

/// Why no config was written.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// There is one.
    #[error("{0} is there already, and is left as it is: change it, or remove it first")]
    Exists(PathBuf),
    /// A folder or file could not be made.
    #[error("cannot write {path}")]
    Write {
        /// Which one.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Writes `DIR/config/paperround.toml`, making both folders, and gives the files written.
/// The config is valid as it stands: its mail goes to the folder `DIR/outbox`.
pub fn init(dir: &Path) -> Result<Vec<PathBuf>, InitError> {
    let folder = dir.join("config");
    let file = folder.join("paperround.toml");
    let failed = |path: &Path| {
        let path = path.to_owned();
        |source| InitError::Write { path, source }
    };
    fs::create_dir_all(&folder).map_err(failed(&folder))?;
    // `create_new` also refuses what another process has just written, and dangling links.
    match OpenOptions::new().write(true).create_new(true).open(&file) {
        Ok(mut open) => {
            open.write_all(DEFAULT.as_bytes())
                .and_then(|()| open.sync_all())
                .map_err(failed(&file))?;
            Ok(vec![file])
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(InitError::Exists(file)),
        Err(error) => Err(failed(&file)(error)),
    }
}
