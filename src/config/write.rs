//! Putting a new text into the config file: whole or not at all, by a rename in its folder, with
//! the owner and the permissions that it had, through links to where it really is; and the lock
//! that keeps two editors apart. Never judges the text.

use std::fs::{File, Metadata, OpenOptions, TryLockError};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown};
use std::path::{Path, PathBuf};

use super::load::read_text;

/// Why the file was left as it is.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// It is not there, or a link leads nowhere.
    #[error("{path}: {reason}")]
    Missing {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// Somebody edits it.
    #[error("{path} is being edited already, by the process {who}; wait until that has ended")]
    Busy {
        /// The file.
        path: PathBuf,
        /// The number of the process.
        who: String,
    },
    /// It changed since it was read.
    #[error("{path} was changed by somebody else meanwhile; look at it again, then try again")]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// It cannot be written.
    #[error("cannot write {path}: {reason}; it is left as it was")]
    Failed {
        /// The file.
        path: PathBuf,
        /// What the system said, and what to do.
        reason: String,
    },
}

/// Where the file really is: through every link. A link that leads to no file is itself the place.
pub fn real(path: &Path) -> Result<PathBuf, WriteError> {
    match std::fs::canonicalize(path) {
        Ok(real) if real.is_file() => return Ok(real),
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            return Err(missing(path, super::secret::reason(&error)));
        }
        _ => {}
    }
    let name = path.file_name().ok_or_else(|| missing(path, "this names no file".to_owned()))?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = std::fs::canonicalize(folder.unwrap_or(Path::new("."))).map_err(|error| {
        missing(path, format!("its folder cannot be reached ({})", super::secret::reason(&error)))
    })?;
    Ok(folder.join(name))
}

fn missing(path: &Path, reason: String) -> WriteError {
    WriteError::Missing { path: path.to_owned(), reason }
}

/// Whoever holds it edits the file; gone with its value, or with the process.
#[derive(Debug)]
pub struct EditLock {
    path: PathBuf,
    _file: File,
}

impl EditLock {
    /// Takes the lock of the file, whether it is there or not.
    pub fn take(path: &Path) -> Result<Self, WriteError> {
        let real = real(path)?;
        let lock = beside(&real, "lock");
        let failed = |error: std::io::Error| failed(&real, &error);
        for _ in 0..8 {
            let mut file = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .mode(0o600)
                .open(&lock)
                .map_err(failed)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let mut who = String::new();
                    let _ = file.read_to_string(&mut who);
                    let who = who.trim();
                    let who = if who.is_empty() { "(unknown)" } else { who }.to_owned();
                    return Err(WriteError::Busy { path: real, who });
                }
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
            // Whoever held it before has removed the name of what we locked.
            let named = std::fs::metadata(&lock).map(|about| (about.dev(), about.ino())).ok();
            let ours = file.metadata().map(|about| (about.dev(), about.ino())).ok();
            if named.is_none() || named != ours {
                continue;
            }
            file.set_len(0).map_err(failed)?;
            write!(file, "{}", std::process::id()).map_err(failed)?;
            return Ok(Self { path: lock, _file: file });
        }
        Err(WriteError::Busy { path: real, who: "(unknown)".to_owned() })
    }
}

impl Drop for EditLock {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Whether [`replace`] could write the file as things are: nothing is tried, the system is asked.
/// Says what to do where it could not.
pub fn writable(path: &Path) -> Result<(), WriteError> {
    use rustix::fs::{Access, access};
    let real = real(path)?;
    let folder = real.parent().unwrap_or(Path::new("/"));
    access(folder, Access::WRITE_OK | Access::EXEC_OK)
        .map_err(|errno| failed(&real, &errno.into()))?;
    let Some(about) = there(&real)? else { return Ok(()) };
    let me = rustix::process::geteuid();
    if !me.is_root() && me.as_raw() != about.uid() {
        return Err(failed(&real, &not_ours(&about, "")));
    }
    Ok(())
}

/// What is wrong where the new file could not be given to the owner of the old one.
fn not_ours(about: &Metadata, said: &str) -> std::io::Error {
    let (user, group) = (about.uid(), about.gid());
    let what = format!(
        "it belongs to user {user} and group {group}, which this user cannot give it{said}"
    );
    std::io::Error::new(std::io::ErrorKind::PermissionDenied, what)
}

/// What is at the place of a file, if anything; a folder is in the way.
fn there(real: &Path) -> Result<Option<Metadata>, WriteError> {
    let about = std::fs::symlink_metadata(real).ok();
    if about.as_ref().is_some_and(Metadata::is_dir) {
        let reason = "there is a folder in its place; move that away first".to_owned();
        return Err(WriteError::Failed { path: real.to_owned(), reason });
    }
    Ok(about)
}

/// Puts `text` into the file, if it still holds `seen`; none: if it is still missing, or no text
/// that can be read.
pub fn replace(path: &Path, seen: Option<&str>, text: &str) -> Result<(), WriteError> {
    let real = real(path)?;
    let failed = |error: std::io::Error| failed(&real, &error);
    // What is no file has no permissions worth keeping.
    let about = there(&real)?.filter(Metadata::is_file);
    let same = || read_text(&real).ok().as_deref() == seen;
    if !same() {
        return Err(WriteError::Changed { path: real });
    }
    let aside = beside(&real, &format!("new-{}", std::process::id()));
    let _ = std::fs::remove_file(&aside);
    let put = || -> std::io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside)?;
        file.write_all(text.as_bytes())?;
        let made = file.metadata()?;
        if let Some(about) = &about {
            if (made.uid(), made.gid()) != (about.uid(), about.gid()) {
                fchown(&file, Some(about.uid()), Some(about.gid()))
                    .map_err(|error| not_ours(about, &format!(" ({error})")))?;
            }
            // After the owner, whose change would clear some bits. What its owner could not read
            // would be as bad as before.
            let mode = about.permissions().mode() & 0o7777 | 0o400;
            file.set_permissions(std::fs::Permissions::from_mode(mode))?;
        } else if let Some(folder) = real.parent() {
            // One that is written anew is theirs who have its folder, as far as we may say so.
            let about = std::fs::metadata(folder)?;
            if fchown(&file, Some(about.uid()), Some(about.gid())).is_ok() {
                file.set_permissions(std::fs::Permissions::from_mode(0o640))?;
            }
        }
        file.sync_all()
    };
    let done = put().map_err(failed).and_then(|()| match same() {
        true => std::fs::rename(&aside, &real).map_err(failed),
        false => Err(WriteError::Changed { path: real.clone() }),
    });
    if done.is_err() {
        let _ = std::fs::remove_file(&aside);
    }
    done?;
    // The rename itself outlives a power cut once the folder is on the disk.
    if let Some(folder) = real.parent().and_then(|folder| File::open(folder).ok()) {
        let _ = folder.sync_all();
    }
    Ok(())
}

/// `.paperround.toml.lock` beside `paperround.toml`.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{ending}"))
}

fn failed(path: &Path, error: &std::io::Error) -> WriteError {
    let folder = path.parent().unwrap_or(Path::new("/")).display();
    let reason = match error.kind() {
        std::io::ErrorKind::PermissionDenied => format!(
            "{error}; run this as the user that owns the file and may write in its folder. For \
             the service to write it: `chown -R paperround: {folder}`"
        ),
        std::io::ErrorKind::ReadOnlyFilesystem => format!(
            "{folder} is read-only for this process, as it is for the service until you allow it: \
             `systemctl edit paperround`, there [Service] and ReadWritePaths={folder}; then \
             `chown -R paperround: {folder}` and `systemctl restart paperround`"
        ),
        std::io::ErrorKind::StorageFull => format!("{error}; make room on the disk"),
        _ => error.to_string(),
    };
    WriteError::Failed { path: path.to_owned(), reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_replaced_whole_through_links_with_its_permissions() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("real.toml"), folder.path().join("link.toml"));
        std::fs::write(&file, "old").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink("real.toml", &link).unwrap();
        replace(&link, Some("old"), "new").unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "new");
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
        assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
        let told = replace(&link, Some("old"), "newer").unwrap_err();
        assert!(matches!(told, WriteError::Changed { .. }), "{told}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "new");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left beside");
        std::fs::remove_file(&file).unwrap();
        let told = replace(&link, Some("new"), "newer").unwrap_err();
        assert!(matches!(told, WriteError::Changed { .. }), "{told}");
        replace(&link, None, "newer").unwrap();
        assert_eq!(std::fs::read_to_string(&link).unwrap(), "newer");
        let nowhere = folder.path().join("none/c.toml");
        let told = replace(&nowhere, None, "x").unwrap_err();
        assert!(matches!(told, WriteError::Missing { .. }), "{told}");
    }

    #[test]
    fn why_it_cannot_be_written_says_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("c.toml");
        writable(&file).unwrap();
        let nowhere = folder.path().join("none/c.toml");
        assert!(matches!(writable(&nowhere), Err(WriteError::Missing { .. })));
        std::fs::write(&file, "x").unwrap();
        writable(&file).unwrap();
        let path = Path::new("/etc/paperround/paperround.toml");
        let told = |kind: std::io::ErrorKind| failed(path, &kind.into()).to_string();
        let read_only = told(std::io::ErrorKind::ReadOnlyFilesystem);
        let chown = "`chown -R paperround: /etc/paperround`";
        assert!(read_only.contains("ReadWritePaths=/etc/paperround;"), "{read_only}");
        assert!(
            read_only.contains(chown) && told(std::io::ErrorKind::PermissionDenied).contains(chown)
        );
    }

    #[test]
    fn one_edits_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("c.toml");
        drop(EditLock::take(&file).unwrap());
        std::fs::write(&file, "x").unwrap();
        let lock = EditLock::take(&file).unwrap();
        let told = EditLock::take(&file).unwrap_err().to_string();
        assert!(told.contains(&format!("process {}", std::process::id())), "{told}");
        drop(lock);
        drop(EditLock::take(&file).unwrap());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
