//! A week and a half of real pages through the real binary into a real SMTP server: the small
//! version of `scripts/replay`. Runs where the corpus and its SMTP server lie beside the
//! project.

use std::path::{Path, PathBuf};
use std::process::Command;

fn beside(variable: &str, default: &str) -> PathBuf {
    std::env::var_os(variable).map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(default),
        PathBuf::from,
    )
}

#[test]
fn days_of_real_pages_keep_every_promise() {
    let corpus = beside("PAPERROUND_CORPUS", "shared/corpus");
    let tools = beside("PAPERROUND_TOOLS", "shared/tools");
    if !corpus.join("huggingface-html.tar.xz").exists() || !tools.join("hostile-smtp").exists() {
        println!("skipped: the corpus and hostile-smtp are not beside the project");
        return;
    }
    let done = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/replay"))
        .args(["--days", "6", "--json", "--binary", env!("CARGO_BIN_EXE_paperround")])
        .arg("--corpus")
        .arg(corpus)
        .arg("--tools")
        .arg(tools)
        .output()
        .expect("python3 runs scripts/replay");
    let told = String::from_utf8_lossy(&done.stdout);
    let errors = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{told}{errors}");
    // Counted at all: readers in eight zones and all rhythms, and mails for them.
    let counts: serde_json::Value = serde_json::from_str(told.trim()).expect("one JSON object");
    assert!(counts["mails"].as_u64() > Some(150), "{counts}");
    assert_eq!(counts["planned"], counts["mails"]);
    assert!(counts["papers"].as_u64() > Some(100), "{counts}");
    println!("{told}");
}
