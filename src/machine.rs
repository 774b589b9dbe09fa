//! What there is to know of this machine: how much room the disk has, and what the machine is
//! called. Never changes anything.

use std::io;
use std::path::Path;

/// Room on a file system, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// What this user may still write.
    pub free: u64,
    /// All of it.
    pub size: u64,
}

/// The room where `path` lies, which need not exist: then that of the folder above it.
///
/// # Errors
///
/// What the system says.
pub fn space(path: &Path) -> io::Result<Space> {
    let there = path.ancestors().find(|path| path.exists()).unwrap_or(Path::new("."));
    let about = rustix::fs::statvfs(there)?;
    let bytes = |blocks: u64| blocks.saturating_mul(about.f_frsize);
    Ok(Space { free: bytes(about.f_bavail), size: bytes(about.f_blocks) })
}

/// The machine's name, for people.
pub fn host() -> String {
    std::env::var("HOSTNAME")
        .ok()
        .or_else(|| std::fs::read_to_string("/etc/hostname").ok())
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "localhost".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_somewhere() {
        let folder = tempfile::tempdir().unwrap();
        let here = space(folder.path()).unwrap();
        assert!(here.size > 0 && here.free <= here.size);
        assert_eq!(space(&folder.path().join("not/there")).unwrap().size, here.size);
        assert!(!host().is_empty());
    }
}
