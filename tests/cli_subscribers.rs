//! The admin's commands on subscribers, by the program itself: what they print, what they
//! store, and how they exit.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;

/// A Monday.
const MONDAY: &str = "2026-02-23T08:15:00Z";

struct House {
    folder: tempfile::TempDir,
}

/// What a run of the program left.
struct Run {
    code: i32,
    out: String,
    err: String,
}

impl Run {
    fn of(output: &Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout.clone()).unwrap(),
            err: String::from_utf8(output.stderr.clone()).unwrap(),
        }
    }

    #[track_caller]
    fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout: {}\nstderr: {}", self.out, self.err);
        self
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap()
    }

    fn lines(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl House {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = r#"
[site]
url = "https://papers.example.org"
time_zone = "Europe/Berlin"
data_dir = "data"

[[sources]]
name = "sample"
kind = "huggingface"
url = "https://huggingface.co/papers/trending"

[mail]
from = "Paper Round <papers@example.org>"

[[mail.relays]]
url = "folder:outbox"
"#;
        std::fs::write(folder.path().join("paperround.toml"), config).unwrap();
        Self { folder }
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Runs the program on this house's config at `at`.
    fn at(&self, at: &str, args: &[&str]) -> Run {
        let output = program()
            .args(["--at", at, "-c"])
            .arg(self.folder.path().join("paperround.toml"))
            .args(args)
            .output()
            .unwrap();
        Run::of(&output)
    }

    fn run(&self, args: &[&str]) -> Run {
        self.at(MONDAY, args)
    }

    fn import(&self, name: &str, text: &str, args: &[&str]) -> Run {
        let path = self.file(name, text);
        let mut all = vec!["subscriber", "import", path.to_str().unwrap(), "--json"];
        all.extend(args);
        self.run(&all)
    }

    fn state(&self, email: &str) -> String {
        let shown = self.run(&["--json", "subscriber", "show", email]).exits(0).json();
        shown["state"].as_str().unwrap().to_owned()
    }
}

fn program() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_paperround"));
    program.env_remove("PAPERROUND_CONFIG").env("RUST_BACKTRACE", "0");
    program
}

/// Everything that the audit log says: what, about what, and in which words.
fn audit(house: &House) -> Vec<(String, String, String)> {
    use paperround::config::Config;
    use paperround::store::{AuditFilter, Store};
    let file = house.folder.path().join("paperround.toml");
    let config = Config::load(Some(&file), std::iter::empty()).unwrap().config;
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let rows = runtime.block_on(async {
        let store = Store::open(&config.database).await.unwrap();
        let rows = store.audit(&AuditFilter::default(), 0, 100).await.unwrap();
        store.close().await;
        rows
    });
    assert!(rows.iter().all(|row| row.who == "the command line"));
    rows.into_iter().rev().map(|row| (row.what, row.about, row.detail)).collect()
}

#[test]
fn what_is_changed_stands_in_the_audit_log() {
    let house = House::new();
    house.run(&["subscriber", "add", "ada@example.org", "--confirmed"]).exits(0);
    house.run(&["subscriber", "pause", "ada@example.org"]).exits(0);
    house.run(&["subscriber", "show", "ada@example.org"]).exits(0);
    house.run(&["suppression", "add", "bob@example.org"]).exits(0);
    house.run(&["queue", "retry", "--all", "--dry-run"]).exits(0);
    // Refused before anything was done: not noted.
    house.run(&["subscriber", "pause", "nobody@example.org"]).exits(1);
    house.run(&["subscriber", "add", "carl@example.org", "--ask"]).exits(0);
    house.run(&["queue", "drop", "--all"]).exits(2);
    house.run(&["queue", "drop", "--all", "--yes"]).exits(0);
    house.run(&["queue", "drop", "--all", "--yes"]).exits(0);
    house.run(&["subscriber", "add", "bob@example.org", "dora@example.org"]).exits(1);
    let told = audit(&house);
    let words: Vec<&str> = told.iter().map(|(what, ..)| what.as_str()).collect();
    let (add, drop) = ("subscriber.add", "queue.drop");
    let wanted = [add, "subscriber.pause", "subscriber.suppress", add, drop, drop, add];
    assert_eq!(words, wanted, "{told:?}");
    assert!(!format!("{told:?}").contains("ada@"), "{told:?}");
    assert!(told[1].2.starts_with("by an admin"), "{told:?}");
    assert!(told[4].2.ends_with("; changed: 1"), "{told:?}");
    assert!(told[5].2.ends_with("; changed: 0"), "{told:?}");
    assert!(told[6].2.ends_with("; changed: 1; not all of it could be done"), "{told:?}");
}

#[test]
fn words_that_mean_nothing_are_refused() {
    let house = House::new();
    house.run(&["subscriber", "add", "ada@example.org", "--confirmed"]).exits(0);
    let why = |kind: &str| house.run(&["why", "ada@example.org", "--kind", kind]);
    why("subscribed").exits(0);
    why("bounced").exits(0);
    assert!(why("bogus").exits(2).err.contains("wanted one of"));
    house.run(&["suppression", "list", "--reason", "complaint"]).exits(0);
    let refused = house.run(&["suppression", "list", "--reason", "bogus"]).exits(2);
    assert!(refused.err.contains("complaint"), "{}", refused.err);
    // A file that was imported may have had other reasons.
    let file = house.file("s.csv", "email,reason\neve@example.org,bogus\n");
    house.run(&["suppression", "import", file.to_str().unwrap()]).exits(0);
    let listed = house.run(&["suppression", "list", "--reason", "bogus"]).exits(0);
    assert!(listed.out.contains("eve@"), "{}", listed.out);
    let until = house.run(&["subscriber", "pause", "ada@example.org", "--until", "tomorrow"]);
    assert!(until.exits(2).err.contains("wanted a date such as 2026-12-24"));
}

fn bare(args: &[&str]) -> Run {
    Run::of(&program().args(args).output().unwrap())
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

fn sorted<const N: usize>(mut keys: [&str; N]) -> Vec<&str> {
    keys.sort_unstable();
    keys.to_vec()
}

#[test]
fn usage_errors_exit_2_and_help_0() {
    for args in [
        &["nonsense"] as &[&str],
        &["subscriber", "add"],
        &["subscriber", "add", "not-an-address"],
        &["subscriber", "add", "a@example.org", "--zone", "Mars/Olympus"],
        &["subscriber", "add", "a@example.org", "--rhythm", "hourly"],
        &["subscriber", "add", "a@example.org", "--hour", "25:00"],
        &["subscriber", "add", "a@example.org", "--max-papers", "0"],
        &["--at", "yesterday", "subscriber", "list"],
        &["why", "a@example.org", "--date", "2026-02-30"],
        &["queue", "list", "--state", "lost"],
        &["-q", "-v", "queue", "list"],
    ] {
        let run = bare(args).exits(2);
        assert!(run.out.is_empty() && !run.err.is_empty(), "{args:?}: {}", run.out);
    }
    let told = bare(&["--at", "yesterday", "subscriber", "list"]).err;
    assert!(told.contains("2026-02-23T08:15:00Z"), "{told}");
    bare(&["--help"]).exits(0);
    bare(&["subscriber", "add", "--help"]).exits(0);
    assert!(bare(&["completions", "bash"]).exits(0).out.contains("paperround"));
    assert!(bare(&["man"]).exits(0).out.contains(".TH"));
    let house = House::new();
    house.run(&["subscriber", "add", "a@example.org"]).exits(0);
    house.run(&["subscriber", "set", "a@example.org"]).exits(2);
}

#[test]
fn a_bad_config_or_place_is_told_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("paperround.toml");
    let at = config.to_str().unwrap();
    bare(&["-c", at, "subscriber", "list"]).exits(78);
    std::fs::write(&config, "[site]\nurl = \"https://x.example\"\ntitel = \"x\"\n").unwrap();
    let run = bare(&["-c", at, "--json", "config", "check"]).exits(78);
    assert_eq!(run.json()["ok"], false);
    assert!(run.json()["faults"].as_array().unwrap().len() > 1);
    assert!(run.err.contains("did you mean"), "{}", run.err);

    let house = House::new();
    assert_eq!(house.run(&["--json", "config", "check"]).exits(0).json()["ok"], true);
    assert!(house.run(&["config", "show"]).exits(0).out.contains("Europe/Berlin"));
    // A file stands where the data folder should be.
    house.file("data", "");
    let run = house.run(&["subscriber", "list"]).exits(69);
    assert!(run.out.is_empty());
    assert_eq!(run.err.lines().count(), 1, "{}", run.err);
    assert!(run.err.starts_with("paperround: ") && run.err.contains("data"), "{}", run.err);
}

#[test]
fn init_writes_once_and_what_it_writes_works() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().to_str().unwrap();
    let run = bare(&["init", at]).exits(0);
    let config = folder.path().join("config/paperround.toml");
    assert!(config.is_file() && run.out.contains("config check"), "{}", run.out);
    bare(&["init", at]).exits(1);
    bare(&["config", "check", "-c", config.to_str().unwrap()]).exits(0);
}

#[test]
fn a_subscriber_is_shown_with_what_they_left_open_filled_in() {
    let house = House::new();
    let added = house
        .run(&[
            "subscriber",
            "add",
            "Alice@Example.org",
            "bob@example.org",
            "--confirmed",
            "--json",
        ])
        .exits(0)
        .lines();
    assert_eq!(added.len(), 2);
    assert_eq!(added[0]["email"], "Alice@example.org");
    assert_eq!((&added[0]["state"], &added[0]["result"]), (&"active".into(), &"added".into()));
    let again = house.run(&["--json", "subscriber", "add", "alice@example.org"]).exits(0).json();
    assert_eq!((&again["state"], &again["result"]), (&"active".into(), &"known".into()));

    let shown = house.run(&["subscriber", "show", "ALICE@example.org", "--json"]).exits(0).json();
    assert_eq!(
        keys(&shown),
        sorted([
            "email",
            "state",
            "zone",
            "rhythm",
            "hour",
            "locale",
            "topics",
            "max_papers",
            "min_votes",
            "lines",
            "next_due_at",
            "paused_until",
            "last_digest_day",
            "created_at",
            "confirmed_at",
        ])
    );
    assert_eq!(shown["zone"], "Europe/Berlin");
    assert_eq!(shown["rhythm"], "weekdays");
    assert_eq!(shown["hour"], "08:00");
    assert_eq!(shown["topics"], Value::Array(Vec::new()));
    assert_eq!(shown["locale"], "en");
    assert_eq!(shown["max_papers"], 15);
    assert_eq!(shown["next_due_at"], "2026-02-24T07:00:00Z");
    assert_eq!(shown["created_at"], MONDAY);
    assert_eq!(shown["confirmed_at"], MONDAY);
    assert!(house.run(&["subscriber", "show", "alice@example.org"]).out.contains("weekdays"));

    let run = house.run(&["subscriber", "show", "nobody@example.org", "--json"]).exits(1);
    assert!(run.out.is_empty() && run.err.contains("nobody@example.org"), "{}", run.err);
    house.run(&["why", "nobody@example.org"]).exits(1);
}

#[test]
fn set_moves_the_next_digest_to_the_new_clock() {
    let house = House::new();
    house.run(&["subscriber", "add", "a@example.org", "--confirmed"]).exits(0);
    let set = ["subscriber", "set", "a@example.org", "--json"];
    let wishes = ["--zone", "Asia/Tokyo", "--rhythm", "weekly:fri", "--hour", "19:30"];
    let shown = house.run(&[&set[..], &wishes, &["--min-votes", "7"]].concat()).exits(0).json();
    assert_eq!(shown["next_due_at"], "2026-02-27T10:30:00Z");
    assert_eq!((&shown["rhythm"], &shown["min_votes"]), (&"weekly:fri".into(), &7.into()));
    let shown = house.run(&[&set[..], &["--locale", "de_at"]].concat()).exits(0).json();
    assert_eq!(shown["locale"], "de-AT");
    let refused = house.run(&[&set[..], &["--locale", "deutsch"]].concat()).exits(2);
    assert!(refused.err.contains("did you mean de?"), "{}", refused.err);
    let told = house.run(&["why", "a@example.org"]).exits(0).out;
    assert!(told.contains("rhythm from default to weekly:fri"), "{told}");
    assert!(told.contains("next digest due Friday 2026-02-27 19:30 +09:00"), "{told}");
    // A wish about size leaves the due moment; the same wish again changes nothing.
    let shown = house.run(&[&set[..], &["--max-papers", "3"]].concat()).exits(0).json();
    assert_eq!(shown["next_due_at"], "2026-02-27T10:30:00Z");
    let events = |house: &House| {
        let why = house.run(&["why", "a@example.org", "--json"]).exits(0).json();
        why["events"].as_array().unwrap().len()
    };
    let before = events(&house);
    house.run(&[&set[..], &["--max-papers", "3"]].concat()).exits(0);
    assert_eq!(events(&house), before);
}

#[test]
fn standing_changes_only_where_it_may() {
    let house = House::new();
    let does = |verb: &str, code: i32, state: &str| {
        house.run(&["subscriber", verb, "a@example.org"]).exits(code);
        assert_eq!(house.state("a@example.org"), state, "{verb}");
    };
    house.run(&["subscriber", "add", "a@example.org"]).exits(0);
    assert_eq!(house.state("a@example.org"), "pending");
    let thursday = "2026-02-26T12:00:00Z";
    let why = ["--json", "why", "a@example.org", "--date", "2026-02-25"];
    let told = house.at(thursday, &why).exits(0).json();
    assert!(told["answer"].as_str().unwrap().contains("not confirmed"), "{told}");
    // Only the person, or the admin's word that they asked for it, confirms.
    does("resume", 1, "pending");
    does("pause", 1, "pending");
    house.run(&["subscriber", "add", "a@example.org", "--confirmed"]).exits(0);
    does("pause", 0, "paused");
    does("pause", 0, "paused");
    does("resume", 0, "active");
    does("remove", 0, "unsubscribed");
    does("remove", 0, "unsubscribed");
    does("pause", 1, "unsubscribed");
    let run = house.run(&["subscriber", "add", "a@example.org", "--confirmed"]).exits(0);
    assert!(run.out.contains("unsubscribed"), "{}", run.out);
    assert_eq!(house.state("a@example.org"), "unsubscribed");
    does("resume", 0, "active");
    house.run(&["subscriber", "remove", "nobody@example.org"]).exits(1);

    let listed = house.run(&["--json", "subscriber", "list"]).exits(0).lines();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0], house.run(&["--json", "subscriber", "show", "a@example.org"]).json());
    let none = house.run(&["subscriber", "list", "--state", "paused", "--json"]).exits(0);
    assert!(none.out.is_empty());
}

#[test]
fn an_import_takes_the_good_rows_and_names_the_bad() {
    let house = House::new();
    let csv = "\u{feff}Email;Zone;rhythm;max_papers;topics\r\n\
               a@example.org;Asia/Tokyo;daily;5;\r\n\
               \r\n\
               nobody;;;;\r\n\
               b@example.org;Mars;;;\r\n\
               c@example.org;;;;autor:He\r\n\
               A@example.org;;;;\r\n\
               d@example.org;;;;\r\n";
    let dry = house.import("in.csv", csv, &["--confirmed", "--dry-run"]).exits(65).json();
    assert!(house.run(&["subscriber", "list", "--json"]).exits(0).out.is_empty());
    assert!(house.run(&["subscriber", "list"]).out.starts_with("there is no subscriber yet"));
    let done = house.import("in.csv", csv, &["--confirmed"]).exits(65).json();
    for (field, count) in
        [("rows", 6), ("added", 2), ("confirmed", 0), ("known", 0), ("skipped", 1), ("rejected", 3)]
    {
        assert_eq!((&done[field], &dry[field]), (&count.into(), &count.into()), "{field}");
    }
    assert_eq!(done["untaken"], dry["untaken"]);
    let untaken: Vec<_> = done["untaken"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["line"].as_u64().unwrap(), one["result"].as_str().unwrap()))
        .collect();
    let (rejected, skipped) = ("rejected", "skipped");
    assert_eq!(untaken, [(4, rejected), (5, rejected), (6, rejected), (7, skipped)]);
    let a = house.run(&["--json", "subscriber", "show", "a@example.org"]).exits(0).json();
    assert_eq!((&a["zone"], &a["rhythm"]), (&"Asia/Tokyo".into(), &"daily".into()));
    assert_eq!((&a["max_papers"], &a["state"]), (&5.into(), &"active".into()));

    let run = house.import("bad.csv", "mail,zone,colour\na@example.org,,\n", &[]).exits(65);
    assert!(run.err.contains("\"mail\", \"colour\""), "{}", run.err);
    let run = house.run(&["subscriber", "import", "/nowhere/at-all.csv"]).exits(1);
    assert!(run.err.contains("cannot open /nowhere/at-all.csv"), "{}", run.err);
}

#[test]
fn a_file_brings_nobody_back_and_confirms_the_waiting() {
    let house = House::new();
    house.run(&["subscriber", "add", "gone@example.org", "--confirmed"]).exits(0);
    house.run(&["subscriber", "remove", "gone@example.org"]).exits(0);
    house.run(&["subscriber", "add", "waits@example.org"]).exits(0);
    let lines = "{\"email\":\"gone@example.org\"}\n\
                 {\"email\":\"waits@example.org\",\"hour\":\"7:30\",\"zone\":\"Asia/Tokyo\"}\n\
                 {\"email\":\"new@example.org\",\"hour\":\"7:05\",\"min_votes\":3}\n";
    let done = house.import("in.jsonl", lines, &[]).exits(0).json();
    assert_eq!((&done["added"], &done["known"]), (&1.into(), &1.into()));
    assert_eq!((&done["skipped"], &done["untaken"][0]["line"]), (&1.into(), &1.into()));
    assert_eq!(house.state("new@example.org"), "pending");
    let done = house.import("in.jsonl", lines, &["--confirmed"]).exits(0).json();
    assert_eq!((&done["confirmed"], &done["skipped"]), (&2.into(), &1.into()));
    assert_eq!(house.state("waits@example.org"), "active");
    // With what the file says they want.
    let waits = house.run(&["--json", "subscriber", "show", "waits@example.org"]).exits(0).json();
    assert_eq!((&waits["hour"], &waits["zone"]), (&"07:30".into(), &"Asia/Tokyo".into()));
    assert_eq!(waits["next_due_at"], "2026-02-23T22:30:00Z");
    assert_eq!(house.state("gone@example.org"), "unsubscribed");
}

#[test]
fn an_export_reads_back_with_every_standing() {
    let house = House::new();
    let add = ["subscriber", "add", "--confirmed"];
    let wishes =
        ["a@example.org", "--hour", "7:30", "--zone", "UTC", "--iso-dates", "--locale", "zh"];
    let topics = ["--topic", "\"flow, matching\" OR votes>=20", "--topic", "author:\"K. He\""];
    house.run(&[&add[..], &wishes[..], &topics[..]].concat()).exits(0);
    let odd = ["\"odd, \\\" one\"@example.org", "+tag@b\u{fc}cher.example"];
    house.run(&[&add[..], &odd[..]].concat()).exits(0);
    house.run(&[&add[..], &["paused@example.org", "gone@example.org"]].concat()).exits(0);
    house.run(&["subscriber", "pause", "paused@example.org", "--until", "2026-12-24"]).exits(0);
    house.run(&["subscriber", "remove", "gone@example.org"]).exits(0);
    house.run(&["subscriber", "add", "waits@example.org", "--rhythm", "monthly:31"]).exits(0);
    for (args, name) in [
        (&["subscriber", "export"] as &[&str], "out.csv"),
        (&["subscriber", "export", "--format", "jsonl"], "out.jsonl"),
    ] {
        let out = house.run(args).exits(0).out;
        let other = House::new();
        let done = other.import(name, &out, &["--confirmed"]).exits(0).json();
        assert_eq!((&done["rows"], &done["added"]), (&6.into(), &6.into()), "{out}");
        assert_eq!(other.run(args).exits(0).out, out);
        for (email, state) in [
            ("a@example.org", "active"),
            ("paused@example.org", "paused"),
            ("gone@example.org", "unsubscribed"),
            ("waits@example.org", "pending"),
        ] {
            assert_eq!(other.state(email), state, "{name}");
        }
        let shown = |house: &House| {
            let shown = house.run(&["--json", "subscriber", "show", "a@example.org"]).json();
            ["hour", "zone", "next_due_at", "locale"].map(|name| shown[name].clone())
        };
        assert_eq!(shown(&other), shown(&house));
    }
    // Topics can be taken back.
    let set = |args: &[&str]| {
        let run = house.run(&[&["--json", "subscriber", "set", "a@example.org"], args].concat());
        run.exits(0).json()["topics"].clone()
    };
    assert_eq!(set(&["--hour", "8:00"]).as_array().unwrap().len(), 2);
    assert_eq!(set(&["--topic", "llm"]), serde_json::json!(["llm"]));
    assert_eq!(set(&["--no-topics"]), serde_json::json!([]));
    let bad = house.run(&["subscriber", "set", "a@example.org", "--topic", "(a"]).exits(2);
    assert!(bad.err.contains("not closed (at character 1)"), "{}", bad.err);
}

/// What comes beside the papers is set, taken back, exported and imported.
#[test]
fn lines_travel_with_their_readers() {
    let house = House::new();
    house.run(&["subscriber", "add", "a@example.org", "--confirmed", "--lines", "trend,rising"]);
    let lines = |args: &[&str]| {
        let run = house.run(&[&["--json", "subscriber", "set", "a@example.org"], args].concat());
        run.exits(0).json()["lines"].clone()
    };
    assert_eq!(lines(&["--hour", "8:00"]), "rising trend");
    let csv = house.run(&["subscriber", "export"]).exits(0).out;
    assert!(csv.contains("08:00,,,,,rising trend,,"), "{csv}");
    let json = house.run(&["subscriber", "export", "--format", "jsonl"]).exits(0).out;
    assert!(json.contains("\"lines\":\"rising trend\""), "{json}");
    for (name, text) in [("a.csv", csv), ("a.jsonl", json)] {
        let file = house.file(name, &text.replace("a@example.org", &format!("{name}@example.org")));
        house.run(&["subscriber", "import", file.to_str().unwrap()]).exits(0);
        let of = format!("{name}@example.org");
        let shown = house.run(&["--json", "subscriber", "show", &of]).exits(0).json();
        assert_eq!(shown["lines"], "rising trend", "{name}");
    }
    assert_eq!(lines(&["--lines", "quiet"]), "quiet");
    assert_eq!(lines(&["--lines", "none"]), "none");
    let bad = house.run(&["subscriber", "set", "a@example.org", "--lines", "news"]).exits(2);
    assert!(bad.err.contains("rising, trend, quiet and none are"), "{}", bad.err);
}

#[test]
fn a_topic_can_be_tried_before_it_is_followed() {
    let house = House::new();
    let none = house.run(&["topic", "try", "llm"]).exits(0).out;
    assert_eq!(none, "no paper was listed in the last 30 days\n");
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample/trending.html");
    house.run(&["fetch", "--from", page.to_str().unwrap()]).exits(0);

    let shown = house.run(&["topic", "try", "title:\"agents\" -\"deep research\""]).exits(0).out;
    let row = shown.lines().find(|line| line.contains("TradingAgents")).unwrap();
    assert!(row.contains("2026-02-23") && row.contains("title: Agents"), "{shown}");
    assert!(!shown.contains("DR^{3}"), "{shown}");
    let last = shown.lines().last().unwrap();
    assert!(last.contains(" papers of the last 30 days match"), "{shown}");

    let tried = |args: &[&str]| house.run(&[&["--json", "topic", "try"], args].concat()).exits(0);
    let all = tried(&["-nothing", "--days", "7", "--limit", "2"]).json();
    assert_eq!(keys(&all), sorted(["topic", "days", "papers", "matched", "shown"]));
    assert_eq!((&all["papers"], all["shown"].as_array().unwrap().len()), (&all["matched"], 2));
    let first = &all["shown"][0];
    assert_eq!(keys(first), sorted(["id", "date", "votes", "title", "url", "words"]));
    // The most voted for come first, and what is only missing is not shown.
    assert!(first["votes"].as_u64() >= all["shown"][1]["votes"].as_u64());
    assert_eq!(first["words"], serde_json::json!([]));
    let one = tried(&["author:vaswani title:attention votes>=0"]).json();
    let words = &one["shown"][0]["words"];
    let hit = |at: usize| words[at]["words"].as_str().unwrap();
    assert_eq!((words[0]["place"].as_str(), hit(0)), (Some("author"), "Ashish Vaswani"));
    assert_eq!((words[1]["place"].as_str(), hit(1)), (Some("title"), "Attention"));
    // As of a month later there is none.
    let later = house.at("2026-04-23T00:00:00Z", &["--json", "topic", "try", "llm"]).exits(0);
    assert_eq!(later.json()["papers"], 0);

    let bad = house.run(&["topic", "try", "llm autor:he"]).exits(2);
    assert!(bad.err.contains("llm autor:he\n    ^ there is no field \"autor\""), "{}", bad.err);
    assert!(bad.out.is_empty());
    let long = "word ".repeat(10_000);
    let bad = house.run(&["topic", "try", &long]).exits(2);
    assert!(bad.err.contains("a topic can have 300 characters") && bad.err.len() < 600);
}

/// One reader's Monday to Friday, on the bundled page.
#[test]
fn why_and_queue_tell_what_became_of_each_day() {
    let house = House::new();
    let add = ["subscriber", "add", "--confirmed", "--zone", "Asia/Tokyo"];
    house.run(&[&add[..], &["a@example.org", "late@example.org"]].concat()).exits(0);
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample/trending.html");
    house.run(&["fetch", "--from", page.to_str().unwrap()]).exits(0);
    let why = |at: &str, date: &str| {
        let args = ["--json", "why", "a@example.org", "--date", date];
        house.at(at, &args).exits(0).json()["answer"].as_str().unwrap().to_owned()
    };
    assert!(why(MONDAY, "2026-02-20").contains("not subscribed yet"));
    // They came that day, after its hour.
    let told = why(MONDAY, "2026-02-23");
    assert!(told.contains("not subscribed yet: they came 2026-02-23 17:15 +09:00"), "{told}");
    assert!(why(MONDAY, "2026-02-24").contains("yet to come"));
    let tuesday = "2026-02-24T01:00:00Z";
    assert!(
        why("2026-02-23T20:00:00Z", "2026-02-24").contains("is due at 2026-02-24 08:00 +09:00")
    );
    assert!(why(tuesday, "2026-02-24").contains("not planned yet"));

    house.at(tuesday, &["run", "--no-fetch"]).exits(0);
    let told = why(tuesday, "2026-02-24");
    assert!(told.contains("was sent at 2026-02-24 10:00 +09:00"), "{told}");
    let sent = house.run(&["--json", "queue", "list", "--state", "sent"]).exits(0).lines();
    assert_eq!(sent.len(), 2);
    assert_eq!(
        keys(&sent[0]),
        sorted([
            "id",
            "email",
            "kind",
            "state",
            "attempts",
            "next_attempt_at",
            "message_id",
            "reason"
        ])
    );
    assert_eq!((&sent[0]["kind"], &sent[0]["state"]), (&"digest".into(), &"sent".into()));
    let id = sent[0]["message_id"].as_str().unwrap();
    assert!(id.starts_with('<') && id.ends_with("@example.org>"), "{id}");
    assert!(house.run(&["--json", "queue", "list"]).exits(0).out.is_empty());
    assert!(house.run(&["--json", "queue", "list", "--doubtful"]).exits(0).out.is_empty());

    let wednesday = "2026-02-25T00:00:00Z";
    house.at(wednesday, &["run", "--no-fetch"]).exits(0);
    let told = why(wednesday, "2026-02-25");
    assert!(
        told.contains("nothing was new") && told.contains("sample had no good fetch"),
        "{told}"
    );
    assert!(told.contains("nothing new was listed since 2026-02-23 17:15 +09:00"), "{told}");
    house.at(wednesday, &["subscriber", "pause", "a@example.org"]).exits(0);
    let friday = "2026-02-27T00:00:00Z";
    let told = why(friday, "2026-02-26");
    assert!(told.contains("paused since 2026-02-25 09:00 +09:00"), "{told}");
    house.at(friday, &["subscriber", "resume", "a@example.org"]).exits(0);
    let sunday = "2026-03-01T00:00:00Z";
    let told = why(sunday, "2026-02-28");
    assert!(told.contains("is a Saturday: no digest was due: weekdays at 08:00, Asia/"), "{told}");
    assert!(why(sunday, "2026-02-26").contains("paused"));

    let all = house.run(&["--json", "why", "a@example.org"]).exits(0).json();
    assert_eq!(keys(&all), sorted(["subscriber", "events"]));
    let events = all["events"].as_array().unwrap();
    assert_eq!(keys(&events[0]), sorted(["at", "what", "detail", "reason"]));
    for what in ["subscribed", "planned", "sent", "nothing-new", "paused", "active"] {
        assert!(events.iter().any(|event| event["what"] == what), "{what}");
    }
    let shown = house.at(sunday, &["why", "a@example.org"]).exits(0).out;
    assert!(shown.lines().count() <= 40);
    assert!(
        shown.trim_end().ends_with("next digest due Monday 2026-03-02 08:00 +09:00"),
        "{shown}"
    );
}

#[test]
fn what_is_said_of_a_pending_one_is_true() {
    let house = House::new();
    let why = |at: &str, email: &str| house.at(at, &["why", email]).exits(0).out;
    let added = house.run(&["subscriber", "add", "a@example.org"]).exits(0).out;
    assert!(added.contains("no mail asks them") && added.contains("--ask"), "{added}");
    let told = why(MONDAY, "a@example.org");
    assert!(told.contains("no mail has asked them") && !told.contains("say yes"), "{told}");
    let ask = ["--json", "subscriber", "add", "a@example.org", "--ask"];
    let asked = house.run(&ask).exits(0).json();
    assert_eq!((&asked["asked"], &asked["result"]), (&true.into(), &"known".into()));
    assert_eq!(house.run(&ask).exits(0).json()["asked"], false, "once a day");
    let told = why(MONDAY, "a@example.org");
    assert!(told.contains("the mail that asks them waits to be sent"), "{told}");
    house.at("2026-02-23T09:00:00Z", &["run", "--no-fetch"]).exits(0);
    let told = why("2026-02-23T09:00:00Z", "a@example.org");
    assert!(told.contains("was sent at 2026-02-23 10:00") && told.contains("say yes"), "{told}");
    // The mail holds its reader's links.
    use std::os::unix::fs::PermissionsExt as _;
    let outbox = house.folder.path().join("outbox");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&outbox), 0o700);
    for mail in std::fs::read_dir(&outbox).unwrap() {
        assert_eq!(mode(&mail.unwrap().path()), 0o600);
    }
}

#[test]
fn a_pause_ends_in_the_time_to_come() {
    let house = House::new();
    house.run(&["subscriber", "add", "a@example.org", "--confirmed"]).exits(0);
    for day in ["2026-02-22", "2026-02-23", "2028-02-24"] {
        let pause = ["subscriber", "pause", "a@example.org", "--until", day];
        let refused = house.run(&pause).exits(2);
        let words = "A pause can end from tomorrow on and until 2028-02-23.";
        assert!(refused.err.contains(words), "{}", refused.err);
    }
    assert_eq!(house.state("a@example.org"), "active");
    house.run(&["subscriber", "pause", "a@example.org", "--until", "2026-02-24"]).exits(0);
    assert_eq!(house.state("a@example.org"), "paused");
}

#[test]
fn who_is_suppressed_is_not_added() {
    let house = House::new();
    house.run(&["suppression", "add", "a@example.org", "--why", "asked by phone"]).exits(0);
    house.run(&["subscriber", "add", "b@example.org", "--confirmed"]).exits(0);
    house.run(&["suppression", "add", "b@example.org"]).exits(0);
    let add =
        ["subscriber", "add", "--confirmed", "a@example.org", "b@example.org", "c@example.org"];
    let run = house.run(&add).exits(1);
    let why = "a@example.org: not added: it is suppressed since 2026-02-23T08:15:00Z: admin: asked by \
               phone; once it may be mailed again, `suppression remove a@example.org`";
    assert!(run.err.contains(why), "{}", run.err);
    assert!(run.err.contains("suppression remove b@example.org"), "{}", run.err);
    assert!(run.out.contains("c@example.org: active"), "the others are added: {}", run.out);
    let told = house.run(&["--json", "subscriber", "add", "a@example.org"]).exits(1).json();
    assert_eq!((&told["result"], &told["state"]), (&"suppressed".into(), &"suppressed".into()));
    assert_eq!(told["suppression"]["reason"], "admin");
}

#[test]
fn whom_to_send_to_again_must_be_said() {
    let house = House::new();
    let refused = house.run(&["resend", "2026-02-23", "--dry-run"]).exits(2);
    assert!(refused.err.contains("--to") && refused.err.contains("--missed"), "{}", refused.err);
    let both = ["resend", "2026-02-23", "--missed", "--to", "a@example.org"];
    house.run(&both).exits(2);
}

#[test]
fn people_are_shown_whole_seconds() {
    let house = House::new();
    let at = "2026-02-23T08:15:00.123456Z";
    house.at(at, &["subscriber", "add", "a@example.org", "--confirmed"]).exits(0);
    let show = ["subscriber", "show", "a@example.org"];
    let shown = house.at(at, &show).exits(0).out;
    assert!(shown.contains("2026-02-23T08:15:00Z") && !shown.contains(".12"), "{shown}");
    let told = house.at(at, &[&show[..], &["--json"]].concat()).exits(0).json();
    assert_eq!(told["created_at"], at);
}

#[test]
fn a_schedule_of_every_second_makes_no_import_slow() {
    let house = House::new();
    let config = house.folder.path().join("paperround.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, format!("{text}\n[digest]\nschedule = \"* * * * * *\"\n")).unwrap();
    let rows: Vec<String> = (0..300).map(|n| format!("r{n}@example.org")).collect();
    let begun = std::time::Instant::now();
    let done = house.import("roll.csv", &format!("email\n{}\n", rows.join("\n")), &["--confirmed"]);
    assert_eq!(done.exits(0).json()["added"], 300);
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
}

/// The queue, the sources and the suppressions as an admin works with them.
#[test]
fn what_is_stuck_is_found_and_tended() {
    let house = House::new();
    let add = ["subscriber", "add", "--confirmed", "--zone", "UTC", "--hour", "09:00"];
    house.run(&[&add[..], &["a@example.org", "b@other.example"]].concat()).exits(0);
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample/trending.html");
    house.run(&["fetch", "--from", page.to_str().unwrap()]).exits(0);
    let nine = "2026-02-23T09:00:00Z";
    // A folder that is a file: the relay is down, and the mail waits.
    std::fs::write(house.folder.path().join("outbox"), "").unwrap();
    house.at(nine, &["run", "--no-fetch"]).exits(0);
    let list = |more: &[&str]| house.at(nine, &[&["queue", "list"][..], more].concat()).exits(0);
    assert_eq!(list(&["--json"]).lines().len(), 2);
    assert_eq!(list(&["--json", "--domain", "other.example"]).lines().len(), 1);
    assert_eq!(list(&["--json", "--limit", "1"]).lines().len(), 1);
    assert_eq!(list(&["--json", "--count"]).json()["count"], 2);
    assert_eq!(list(&["--older", "2h"]).out.trim(), "no delivery is like that");
    assert!(list(&[]).out.trim_start().starts_with("id"), "{}", list(&[]).out);

    let shown = house.run(&["queue", "show", "1", "--json"]).exits(0).json();
    assert_eq!((&shown["kind"], &shown["email"]), (&"digest".into(), &"a@example.org".into()));
    assert!(shown["message_id"].as_str().unwrap().ends_with("@example.org>"));
    assert_eq!(shown["tries"].as_array().unwrap().len(), 1, "{shown}");
    assert!(house.run(&["queue", "show", "1"]).exits(0).out.contains("relay-down"));
    house.run(&["queue", "show", "99"]).exits(1);

    // By filter nobody is there to ask; all is too much to mean by chance.
    house.run(&["queue", "drop"]).exits(2);
    let drop = ["queue", "drop", "--domain", "other.example"];
    assert!(house.run(&drop).exits(2).err.contains("1 delivery would be dropped"));
    let would = house.run(&[&drop[..], &["--dry-run", "--json"]].concat()).exits(0).json();
    assert_eq!((&would["done"], &would["dry_run"]), (&1.into(), &true.into()));
    house.at(nine, &[&drop[..], &["--yes", "--why", "a mistake"]].concat()).exits(0);
    let why = house.at(nine, &["why", "b@other.example", "--date", "2026-02-23"]).exits(0).out;
    assert!(why.contains("the digest was not sent: dropped by an admin"), "{why}");
    assert!(why.contains(": a mistake") && why.contains("its papers come with the next"), "{why}");
    let done = house.at(nine, &["queue", "retry", "1", "2", "99"]).exits(1).out;
    assert!(done.contains("1 delivery tried now; 1 delivery left alone: ended before"), "{done}");
    assert!(done.contains("1 of these numbers fit no delivery"), "{done}");
    std::fs::remove_file(house.folder.path().join("outbox")).unwrap();
    let run = house.at(nine, &["run", "--no-fetch", "--json"]).exits(0).json();
    assert_eq!((&run["sent"], &run["waiting"]), (&1.into(), &0.into()), "{run}");
    let resend = ["resend", "today", "--missed"];
    let counted = house.at(nine, &[&resend[..], &["--dry-run", "--json"]].concat()).exits(0).json();
    assert_eq!((&counted["dropped"], &counted["sent"]), (&1.into(), &1.into()), "{counted}");
    house.at(nine, &resend).exits(2);
    house.at(nine, &[&resend[..], &["--yes"]].concat()).exits(0);
    let why = house.at(nine, &["why", "b@other.example", "--date", "2026-02-23"]).exits(0).out;
    assert!(why.contains("it goes out once more") && !why.contains("with the next"), "{why}");
    let run = house.at(nine, &["run", "--no-fetch", "--json"]).exits(0).json();
    assert_eq!(run["sent"], 1, "{run}");
    let next = house.at("2026-02-24T09:00:00Z", &["run", "--no-fetch", "--json"]).exits(0).json();
    assert_eq!((&next["planned"], &next["nothing_new"]), (&0.into(), &2.into()), "once: {next}");
}

#[test]
fn sources_say_how_they_fare() {
    let house = House::new();
    let status = |at: &str| house.at(at, &["source", "status", "--json"]).exits(0).json();
    assert_eq!(status(MONDAY)["health"], "new");
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample/trending.html");
    let ten = "2026-02-23T10:00:00Z";
    house.at(MONDAY, &["fetch", "--from", page.to_str().unwrap()]).exits(0);
    let told = status("2026-02-23T08:45:00Z");
    assert_eq!((&told["health"], &told["failed_lately"]), (&"healthy".into(), &0.into()));
    assert_eq!(told["next_fetch_at"], "2026-02-23T09:05:00Z", "{told}");
    assert!(told["words"].as_str().unwrap().contains("last good fetch 30 minutes ago"), "{told}");
    assert_eq!(status("2026-02-23T12:00:00Z")["health"], "silent");
    house.at(ten, &["source", "status", "--unhealthy"]).exits(1);
    // What is no listing is set aside, and read again in vain.
    let bad = house.file("bad.html", "<html>Just a moment...</html>");
    house.at(ten, &["fetch", "--from", bad.to_str().unwrap()]).exits(65);
    let told = house.at(ten, &["source", "status"]).exits(0).out;
    assert!(told.contains("failing: the last fetch came to nothing"), "{told}");
    assert!(told.contains("1 of 2 fetches failed in the last 24 hours"), "{told}");
    let history = |more: &[&str]| {
        let args = [&["source", "history", "sample", "--json"][..], more].concat();
        house.at(ten, &args).exits(0).lines()
    };
    assert_eq!(history(&[]).len(), 2);
    assert_eq!(history(&["--outcome", "good"]).len(), 1);
    assert_eq!(history(&["--since", "1h"]).len(), 1);
    let dry = ["source", "replay", "sample", "--dry-run", "--json"];
    assert_eq!(house.at(ten, &dry).exits(65).json()["outcome"], "broken");
    let good = ["source", "replay", "sample", page.to_str().unwrap(), "--dry-run", "--json"];
    let told = house.at(ten, &good).json();
    assert_eq!(told["new"], 0, "{told}");
    assert_eq!(history(&[]).len(), 2, "a rehearsal is not recorded");
    // Nor is a slip of the pen: that is not how the source fares.
    for slip in ["nowhere.html", "http://127.0.0.1:1/"] {
        let run = house.at(ten, &["fetch", "--from", slip]).exits(69);
        assert!(run.out.contains("sample: broken: "), "{}", run.out);
    }
    assert_eq!(history(&[]).len(), 2, "what a person mistypes is not recorded");
    // A fetch as of a time to come is none yet.
    house.at("2026-02-25T10:00:00Z", &["fetch", "--from", page.to_str().unwrap()]).exits(0);
    let told = status(ten);
    assert_eq!(
        (&told["health"], &told["fetches_lately"]),
        (&"failing".into(), &2.into()),
        "{told}"
    );
    assert_eq!(told["last_good"]["at"], MONDAY, "{told}");
}

#[test]
fn who_really_sends_as_of_a_time_to_come_is_warned() {
    let house = House::new();
    let err = |at: &str, more: &[&str]| {
        house.at(at, &[&["run", "--no-fetch"][..], more].concat()).exits(0).err
    };
    let ahead = "2199-01-01T00:00:00Z";
    assert!(err(ahead, &[]).contains("yet to come"));
    assert!(!err(ahead, &["--dry-run"]).contains("yet to come"));
    assert!(!err(MONDAY, &[]).contains("yet to come"));
}

#[test]
fn suppressions_are_listed_checked_and_carried() {
    let house = House::new();
    house.run(&["subscriber", "add", "--confirmed", "c@example.org", "d@example.org"]).exits(0);
    let file = house.file("list.txt", "a@one.example\nB@Two.example\nno address\nc@example.org\n");
    let import = ["suppression", "import", file.to_str().unwrap(), "--json"];
    let dry = house.run(&[&import[..], &["--dry-run"]].concat()).exits(65).json();
    assert_eq!((&dry["good"], &dry["new"]), (&3.into(), &0.into()));
    let done = house.run(&import).exits(65);
    assert_eq!(done.json()["new"], 3);
    assert!(done.err.contains("row 3"), "{}", done.err);
    assert_eq!(house.state("c@example.org"), "suppressed");
    assert_eq!(house.run(&import).exits(65).json()["new"], 0, "once");
    house.run(&["subscriber", "erase", "d@example.org"]).exits(0);
    let list = |more: &[&str]| {
        house.run(&[&["suppression", "list", "--json"][..], more].concat()).exits(0).lines()
    };
    assert_eq!(list(&[]).len(), 4);
    assert_eq!(list(&["--reason", "erased"]).len(), 1);
    assert_eq!(list(&["--domain", "two.EXAMPLE"]).len(), 1);
    assert_eq!(list(&["--email", "b@two.example"]).len(), 1);
    assert_eq!(list(&["--since", "1h"]).len(), 4);
    let none = house.run(&["suppression", "list", "--reason", "bounce"]).exits(0).out;
    assert_eq!(none.trim(), "no address is suppressed like that");
    let check = |email: &str| house.run(&["suppression", "check", email, "--json"]).exits(0).json();
    assert_eq!(check("a@one.example")["suppressed"], true);
    let erased = &check("d@example.org")["suppression"];
    assert_eq!((&erased["reason"], &erased["detail"]), (&"erased".into(), &"by an admin".into()));
    assert_eq!(check("e@example.org")["suppressed"], false);

    let out = house.folder.path().join("out.csv");
    let export = house.run(&["suppression", "export", "--output", out.to_str().unwrap()]).exits(0);
    assert!(export.err.contains("1 of 4 are keyed hashes"), "{}", export.err);
    for email in ["a@one.example", "d@example.org"] {
        house.run(&["suppression", "remove", email]).exits(0);
    }
    let back = house.run(&["suppression", "import", out.to_str().unwrap(), "--json"]).exits(0);
    assert_eq!(back.json()["new"], 2);
    assert_eq!(check("d@example.org")["suppression"]["reason"], "erased");
}

#[test]
fn who_is_confirmed_with_other_wishes_is_served() {
    let house = House::new();
    let shown = |email: &str| house.run(&["--json", "subscriber", "show", email]).exits(0).json();
    for (email, wish, value, next) in [
        ("a@example.org", "--hour", "06:30", "2026-02-24T05:30:00Z"),
        ("b@example.org", "--rhythm", "weekly:fri", "2026-02-27T07:00:00Z"),
        ("c@example.org", "--topic", "diffusion", "2026-02-24T07:00:00Z"),
    ] {
        house.run(&["subscriber", "add", email]).exits(0);
        let add = ["subscriber", "add", email, "--confirmed", wish, value];
        let said = house.run(&add).exits(0).out;
        assert!(said.contains("next digest 2026-02-2"), "{said}");
        assert_eq!(shown(email)["next_due_at"], next, "{email}");
    }
    assert_eq!(shown("a@example.org")["hour"], "06:30");
}

#[test]
fn who_was_left_without_a_next_digest_is_found_and_served() {
    use paperround::config::Config;
    use paperround::model::SubscriberState::{Active, Pending};
    use paperround::store::{Change, Store};
    let house = House::new();
    house.run(&["subscriber", "add", "a@example.org"]).exits(0);
    let file = house.folder.path().join("paperround.toml");
    let config = Config::load(Some(&file), std::iter::empty()).unwrap().config;
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let store = Store::open(&config.database).await.unwrap();
        let change = Change {
            subscriber: 1,
            from: &[Pending],
            to: Active,
            next_due_at: None,
            paused_until: None,
            detail: String::new(),
            consent: None,
            ends_waiting: None,
            notice: None,
            lifts: None,
        };
        assert!(store.change(change, MONDAY.parse().unwrap()).await.unwrap().is_some());
        store.close().await;
    });
    let readers = || {
        let doctor = ["doctor", "--offline", "--only", "database", "--json"];
        let told = house.run(&doctor).json();
        let all = told["findings"].as_array().unwrap();
        all.iter().find(|one| one["name"] == "readers").unwrap().clone()
    };
    let found = readers();
    assert_eq!(found["verdict"], "bad", "{found}");
    assert!(found["says"].as_str().unwrap().starts_with("1 active without"), "{found}");
    house.run(&["run", "--no-fetch"]).exits(0);
    assert_eq!(readers()["verdict"], "good");
    let shown = house.run(&["--json", "subscriber", "show", "a@example.org"]).exits(0).json();
    assert_eq!(shown["next_due_at"], "2026-02-24T07:00:00Z");
    let why = house.run(&["why", "a@example.org"]).exits(0).out;
    assert!(why.contains("active without a next digest"), "{why}");
}
