//! The database as its admin sees it: schema, nodes, and the move from one machine's file to a
//! server that several share.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "support/postgres.rs"]
mod postgres;

use std::path::Path;
use std::process::{Command, Output};

use postgres::Cluster;
use serde_json::Value;

const MONDAY: &str = "2026-02-23T08:20:00Z";
const TUESDAY: &str = "2026-02-24T08:20:00Z";

fn configure(folder: &Path, database: &str) {
    let text = format!(
        "[site]\nurl = \"https://digest.example\"\ndata_dir = \"data\"\n[database]\nurl = {database:?}\n\
         [mail]\nfrom = \"papers@digest.example\"\n[[mail.relays]]\nurl = \"folder:outbox\"\n"
    );
    std::fs::write(folder.join("c.toml"), text).unwrap();
}

fn program(folder: &Path, at: &str, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_paperround"));
    command.current_dir(folder).args(["-c", "c.toml", "--at", at, "--json"]).args(words);
    command.env("NO_COLOR", "1").output().unwrap()
}

fn json(folder: &Path, at: &str, words: &[&str]) -> Value {
    let done = program(folder, at, words);
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{words:?}: {}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_str(text.trim()).unwrap_or(Value::Null)
}

#[test]
fn a_lab_moves_to_a_server_and_back() {
    let Some(cluster) = Cluster::start() else { return };
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    configure(folder, "sqlite:lab.db");
    let fresh = program(folder, MONDAY, &["migrate", "--status"]);
    assert_eq!(fresh.status.code(), Some(1), "steps are missing");
    assert!(json(folder, MONDAY, &["migrate"])["done_now"].as_u64().unwrap() > 0);
    assert_eq!(json(folder, MONDAY, &["migrate"])["done_now"], 0);
    for name in ["ann", "bob"] {
        let address = format!("{name}@example.net");
        json(folder, MONDAY, &["subscriber", "add", &address, "--confirmed"]);
    }
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample/trending.html");
    json(folder, MONDAY, &["fetch", "--from", page.to_str().unwrap()]);
    assert_eq!(json(folder, TUESDAY, &["run", "--no-fetch"])["sent"], 2);
    assert_eq!(json(folder, TUESDAY, &["node", "list"]), Value::Null, "each signed off");

    let url = cluster.url();
    let there = ["copy", "--from", "sqlite:data/lab.db", "--to", url.as_str()];
    let moved = json(folder, TUESDAY, &there);
    assert!(moved["rows"].as_u64().unwrap() > 30, "{moved}");
    let again = program(folder, TUESDAY, &there);
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).contains("is not empty"));
    let absent = ["copy", "--from", "sqlite:nowhere.db", "--to", url.as_str()];
    let absent = program(folder, TUESDAY, &absent);
    assert!(String::from_utf8_lossy(&absent.stderr).contains("there is no file"));

    // The server goes on where the file ended: nothing new, nobody twice.
    configure(folder, &url);
    let books = &json(folder, TUESDAY, &["run", "--no-fetch"])["books"];
    assert_eq!((&books["planned"], &books["sent"]), (&2.into(), &2.into()));
    json(folder, TUESDAY, &["subscriber", "add", "cleo@example.net", "--confirmed"]);
    let next = json(folder, "2026-02-25T08:20:00Z", &["run", "--no-fetch"]);
    assert_eq!((&next["sent"], &next["books"]["planned"]), (&1.into(), &3.into()), "{next}");

    let back = ["copy", "--from", url.as_str(), "--to", "sqlite:back.db"];
    let back = json(folder, TUESDAY, &back);
    assert!(back["rows"].as_u64() > moved["rows"].as_u64());
}

#[test]
fn a_database_that_is_not_there_is_told_in_words() {
    let home = tempfile::tempdir().unwrap();
    configure(home.path(), "postgres://me:hunter2@127.0.0.1:1/papers");
    let done = program(home.path(), MONDAY, &["run"]);
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(done.status.code(), Some(69), "{said}");
    assert!(said.contains("check that the server runs") && !said.contains("hunter2"), "{said}");
}
