//! Raw bytes of what was set aside, kept for the admin and for replay: a bounded folder per
//! source. Never holds the only copy of anything that was used.

use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::fs;

use crate::model::FetchOutcome;

/// The folder of what was set aside.
#[derive(Clone, Debug)]
pub struct KeptPages {
    dir: PathBuf,
    files: usize,
    bytes: u64,
}

impl KeptPages {
    /// Keeps at most 20 files and 100 MB per source under `dir`, which is made when needed.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into(), files: 20, bytes: 100_000_000 }
    }

    /// Keeps the bytes of one fetch and returns where. The oldest give way. What is already
    /// the newest there is not kept twice.
    pub async fn keep(
        &self,
        source: &str,
        outcome: FetchOutcome,
        now: Timestamp,
        bytes: &[u8],
    ) -> io::Result<PathBuf> {
        // Names are checked by the config; a path must not depend on that.
        let safe = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
        let dir = self.dir.join(source.chars().map(safe).collect::<String>());
        fs::create_dir_all(&dir).await?;
        let mut kept = list(&dir).await?;
        if let Some((newest, _)) = kept.last().filter(|(_, size)| *size == bytes.len() as u64)
            && fs::read(newest).await.is_ok_and(|held| held == bytes)
        {
            return Ok(newest.clone());
        }
        let at = now.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%S.%6fZ");
        let name = format!("{at}-{}", outcome.word());
        let path = dir.join(format!("{name}.bin"));
        let unfinished = dir.join(format!(".{name}.part"));
        fs::write(&unfinished, bytes).await?;
        fs::rename(&unfinished, &path).await?;
        kept.retain(|(other, _)| *other != path);
        let mut total = bytes.len() as u64 + kept.iter().map(|(_, size)| size).sum::<u64>();
        let mut files = kept.len() + 1;
        for (oldest, size) in kept {
            if files <= self.files && total <= self.bytes {
                break;
            }
            fs::remove_file(oldest).await?;
            total -= size;
            files -= 1;
        }
        Ok(path)
    }
}

/// The files kept there with their sizes, oldest first: their names are their times.
async fn list(dir: &Path) -> io::Result<Vec<(PathBuf, u64)>> {
    let mut entries = fs::read_dir(dir).await?;
    let mut files = Vec::new();
    while let Some(entry) = entries.next_entry().await? {
        let path = entry.path();
        if path.extension().is_some_and(|extension| extension == "bin") {
            files.push((path, entry.metadata().await?.len()));
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_oldest_give_way() {
        let dir = tempfile::tempdir().unwrap();
        let pages = KeptPages { files: 3, bytes: 100, ..KeptPages::new(dir.path()) };
        let keep = async |second: i64, bytes: &[u8]| {
            let now = Timestamp::from_second(1_763_600_000 + second).unwrap();
            pages.keep("a/../b", FetchOutcome::Broken, now, bytes).await.unwrap()
        };
        let first = keep(0, b"one").await;
        assert_eq!(std::fs::read(&first).unwrap(), b"one");
        assert!(first.ends_with("a----b/20251120T005320.000000Z-broken.bin"), "{first:?}");
        assert_eq!(keep(1, b"one").await, first);
        for second in 2..5 {
            keep(second, second.to_string().as_bytes()).await;
        }
        assert!(!first.exists());
        let last = keep(9, &[b'x'; 99]).await;
        let left = list(last.parent().unwrap()).await.unwrap();
        assert_eq!(left.len(), 2);
        assert!(left.iter().any(|(path, _)| *path == last));
    }
}
