//! The corpus of real pages, answers and feeds. It is kept beside the repository
//! (`../shared/corpus`, or `PAPERROUND_CORPUS`).

#![allow(dead_code, unreachable_pub, reason = "not every test program needs all of it")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// The corpus.
pub struct Corpus {
    /// Where it is kept.
    pub home: PathBuf,
    /// Where its archives are unpacked.
    pub dir: tempfile::TempDir,
}

impl Corpus {
    /// Unpacked; none, loudly, where it is not there.
    pub fn open() -> Option<Self> {
        let home = std::env::var_os("PAPERROUND_CORPUS").map_or_else(
            || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"),
            PathBuf::from,
        );
        if !home.join("SOURCES.tsv").exists() {
            eprintln!("SKIPPED: no corpus at {}", home.display());
            return None;
        }
        let dir = tempfile::tempdir().unwrap();
        for archive in ["huggingface-html", "huggingface-api", "huggingface-api-raw", "arxiv-feeds"]
        {
            let status = Command::new("tar")
                .arg("-xJf")
                .arg(home.join(format!("{archive}.tar.xz")))
                .arg("-C")
                .arg(dir.path())
                .status()
                .unwrap();
            assert!(status.success(), "{archive}");
        }
        Some(Self { home, dir })
    }
}
