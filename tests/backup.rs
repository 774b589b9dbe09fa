//! Backups: made while mail is being sent, read back, and put into databases of either kind;
//! and what is refused. Through the program, as an administrator does it.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "support/gate.rs"]
mod gate;
#[path = "support/postgres.rs"]
mod postgres;

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use gate::Gate;
use postgres::Cluster;
use serde_json::Value;

const MONDAY: &str = "2026-02-23T08:20:00Z";
const TUESDAY: &str = "2026-02-24T08:20:00Z";
const WEDNESDAY: &str = "2026-02-25T08:20:00Z";

fn configure(folder: &Path, database: &str, relay: &str) {
    let text = format!(
        "[site]\nurl = \"https://digest.example\"\ndata_dir = \"data\"\n[database]\nurl = {database:?}\n\
         [mail]\nfrom = \"papers@digest.example\"\n[[mail.relays]]\nurl = {relay:?}\n"
    );
    std::fs::write(folder.join("c.toml"), text).unwrap();
}

fn command(folder: &Path, at: &str, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_paperround"));
    command.current_dir(folder).args(["-c", "c.toml", "--at", at, "--json"]).args(words);
    command.env("NO_COLOR", "1");
    command
}

fn program(folder: &Path, at: &str, words: &[&str]) -> Output {
    command(folder, at, words).output().unwrap()
}

fn said(done: &Output) -> String {
    String::from_utf8_lossy(&done.stderr).into_owned()
}

fn json(folder: &Path, at: &str, words: &[&str]) -> Value {
    let done = program(folder, at, words);
    assert!(done.status.success(), "{words:?}: {}", said(&done));
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    serde_json::from_str(text.trim()).unwrap_or(Value::Null)
}

/// A service with `readers` readers and papers that are not sent yet.
fn fill(folder: &Path, readers: usize) {
    let mut rows = "email\n".to_owned();
    (0..readers).for_each(|number| rows.push_str(&format!("reader{number}@example.net\n")));
    std::fs::write(folder.join("readers.csv"), rows).unwrap();
    json(folder, MONDAY, &["subscriber", "import", "readers.csv", "--confirmed"]);
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample/trending.html");
    json(folder, MONDAY, &["fetch", "--from", page.to_str().unwrap()]);
}

fn homes() -> (tempfile::TempDir, tempfile::TempDir) {
    (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap())
}

/// R14: while a send is under way, and others write, a backup shows one moment of it.
fn made_while_sending(database: &str) {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    let (relay, gate) = Gate::relay(99);
    configure(folder, database, &relay);
    fill(folder, 300);
    let sending = command(folder, TUESDAY, &["run", "--no-fetch"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    gate.wait(100);
    // Between mails on the wire and mails that wait.
    let made = json(folder, TUESDAY, &["backup", "sending.db"]);
    assert_eq!(made["tables"]["deliveries"], 300, "{made}");
    assert_eq!(made["tables"]["subscribers"], 300);
    assert_eq!(made["files"], serde_json::json!(["paperround.key", "paperround.toml"]));
    let mode = std::fs::metadata(folder.join("sending.db")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // Nobody may take the database away from under it.
    let refused = program(folder, TUESDAY, &["restore", "sending.db", "--force"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("stop it first"), "{}", said(&refused));
    // Writers are not held up either.
    json(folder, TUESDAY, &["subscriber", "add", "late@example.net", "--confirmed"]);
    gate.allow(usize::MAX);
    let done = sending.wait_with_output().unwrap();
    assert!(done.status.success(), "{}", said(&done));
    assert_eq!(gate.came(), 300, "the send lost and doubled nothing");
    let left: Vec<_> = std::fs::read_dir(folder).unwrap().flatten().collect();
    assert!(!left.iter().any(|file| file.file_name().to_string_lossy().contains("partial")));

    // Restored, what may have been sent since is not sent again.
    let after = json(folder, TUESDAY, &["restore", "sending.db", "--force"]);
    let held = after["restored"]["waiting"].as_u64().unwrap();
    assert!((1..300).contains(&held), "{after}");
    assert_eq!(after["restored"]["moved"], 0, "their next day is ahead: {after}");
    let run = json(folder, TUESDAY, &["run", "--no-fetch"]);
    assert_eq!((&run["sent"], &run["books"]["planned"]), (&0.into(), &300.into()), "{run}");
    let sent = run["books"]["sent"].as_u64().unwrap();
    assert_eq!(run["books"]["skipped"].as_u64().unwrap() + sent, 300);
    assert_eq!(gate.came(), 300);
    let listed = program(folder, TUESDAY, &["queue", "list", "--doubtful"]);
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert_eq!(listed.lines().count() as u64, held);
    assert!(listed.contains("may have been sent since"), "{listed}");
    // Whoever asks hears what is so.
    let one = listed.lines().next().unwrap();
    let one: Value = serde_json::from_str(one).unwrap();
    let (id, email) = (one["id"].to_string(), one["email"].as_str().unwrap());
    let why = json(folder, TUESDAY, &["why", email, "--date", "2026-02-24"]);
    let answer = why["answer"].as_str().unwrap();
    assert!(answer.ends_with("its papers count as sent"), "{answer}");
    let shown = ["-c", "c.toml", "--at", TUESDAY, "queue", "show", &id];
    let shown = Command::new(env!("CARGO_BIN_EXE_paperround"))
        .current_dir(folder)
        .args(shown)
        .output()
        .unwrap();
    let all = format!("{why} {}", String::from_utf8_lossy(&shown.stdout));
    assert!(all.contains("not sent again"), "{all}");
    for untrue in ["with the next", "arrived twice", "sent once more"] {
        assert!(!all.contains(untrue), "{untrue}: {all}");
    }
    // And what was there is there still.
    assert!(after["restored"]["aside"].as_str().unwrap().contains("before"), "{after}");

    // Told that nothing was sent since, it goes out.
    let again = ["restore", "sending.db", "--force", "--resend"];
    let again = json(folder, WEDNESDAY, &again);
    assert_eq!(again["restored"]["waiting"], held);
    let run = json(folder, TUESDAY, &["run", "--no-fetch"]);
    assert_eq!(run["sent"], held, "{run}");
    assert_eq!((&run["waiting"], &run["books"]["sent"]), (&0.into(), &300.into()), "{run}");
}

#[test]
fn made_while_sending_from_a_file() {
    made_while_sending("sqlite:lab.db");
}

#[test]
fn made_while_sending_from_a_server() {
    let Some(cluster) = Cluster::start() else { return };
    made_while_sending(&cluster.url());
}

#[test]
fn it_moves_between_files_and_servers() {
    let Some(cluster) = Cluster::start() else { return };
    let (home, other) = homes();
    let (folder, there) = (home.path(), other.path());
    configure(folder, "sqlite:lab.db", "folder:outbox");
    fill(folder, 3);
    assert_eq!(json(folder, TUESDAY, &["run", "--no-fetch"])["sent"], 3);
    let from_file = json(folder, TUESDAY, &["backup", "file.db"]);

    // Another machine with nothing but the backup: the files first, then the database.
    std::fs::copy(folder.join("file.db"), there.join("file.db")).unwrap();
    let nothing = Command::new(env!("CARGO_BIN_EXE_paperround"))
        .current_dir(there)
        .args(["restore", "file.db", "--extract", "files"])
        .output()
        .unwrap();
    assert!(nothing.status.success(), "{}", said(&nothing));
    let text = std::fs::read_to_string(there.join("files/paperround.toml")).unwrap();
    assert!(text.contains("papers@digest.example"));
    configure(there, &cluster.url(), "folder:outbox");
    let back = json(there, TUESDAY, &["restore", "file.db"]);
    assert_eq!(back["rows"], from_file["rows"]);
    let key = |folder: &Path| std::fs::read(folder.join("data/paperround.key")).unwrap();
    assert_eq!(key(folder), key(there), "links in mails sent before go on working");

    // It goes on where it ended: nothing twice, the next day all of them.
    let books = &json(there, TUESDAY, &["run", "--no-fetch"])["books"];
    assert_eq!((&books["planned"], &books["sent"]), (&3.into(), &3.into()));
    json(there, TUESDAY, &["subscriber", "add", "cleo@example.net", "--confirmed"]);
    let run = json(there, WEDNESDAY, &["run", "--no-fetch"]);
    assert_eq!((&run["sent"], &run["books"]["planned"]), (&1.into(), &4.into()), "{run}");

    // And back from the server into a file, row for row.
    let from_server = json(there, WEDNESDAY, &["backup", "server.db"]);
    assert_eq!(from_server["kind"], "postgres");
    configure(there, "sqlite:new.db", "folder:outbox");
    let back = json(there, WEDNESDAY, &["restore", "server.db"]);
    assert_eq!(back["tables"], from_server["tables"]);
    assert_eq!(json(there, WEDNESDAY, &["run", "--no-fetch"])["books"]["sent"], 4);
    // Not over something, unasked.
    let full = program(there, WEDNESDAY, &["restore", "server.db"]);
    assert_eq!(full.status.code(), Some(1));
    assert!(said(&full).contains("--force moves what is there aside"), "{}", said(&full));
    // On the server, what was there moves into a schema of its own.
    configure(there, &cluster.url(), "folder:outbox");
    let again = json(there, WEDNESDAY, &["restore", "server.db", "--force"]);
    let aside = again["restored"]["aside"].as_str().unwrap();
    assert!(aside.contains("paperround_before_20260225"), "{aside}");
    assert_eq!(json(there, WEDNESDAY, &["run", "--no-fetch"])["books"]["sent"], 4);
    let url = cluster.url();
    let kept = Command::new("psql")
        .args([url.as_str(), "-Atc"])
        .arg("SELECT count(*) FROM paperround_before_20260225t082000z.deliveries")
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&kept.stdout).trim(), "4", "{}", said(&kept));
}

/// Who was due between the backup and the restore may have had their digest: they get the next.
#[test]
fn who_was_due_since_is_not_mailed_again() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    configure(folder, "sqlite:lab.db", "folder:outbox");
    fill(folder, 2);
    json(folder, MONDAY, &["backup", "monday.db"]);
    assert_eq!(json(folder, TUESDAY, &["run", "--no-fetch"])["sent"], 2);
    // The disk dies on Tuesday; a WAL of it is left, which is nothing to the restored one.
    std::fs::remove_file(folder.join("data/lab.db")).unwrap();
    std::fs::write(folder.join("data/lab.db-wal"), "left over").unwrap();
    let back = json(folder, TUESDAY, &["restore", "monday.db"]);
    assert_eq!(back["restored"]["moved"], 2, "{back}");
    let aside = back["restored"]["aside"].as_str().unwrap().to_owned();
    assert_eq!(std::fs::read(format!("{aside}-wal")).unwrap(), b"left over");
    let run = json(folder, TUESDAY, &["run", "--no-fetch"]);
    assert_eq!(run["sent"], 0, "no second mail that day: {run}");
    let run = json(folder, WEDNESDAY, &["run", "--no-fetch"]);
    assert_eq!(run["sent"], 2, "the round goes on: {run}");

    // Where nothing was sent, they are planned at once.
    std::fs::remove_file(folder.join("data/lab.db")).unwrap();
    json(folder, TUESDAY, &["restore", "monday.db", "--resend"]);
    assert_eq!(json(folder, TUESDAY, &["run", "--no-fetch"])["sent"], 2);
}

/// Who left after the backup stays away, as far as the database that is moved aside tells.
#[test]
fn leaving_is_not_undone() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    let cluster = Cluster::start();
    let databases = cluster.as_ref().map(|cluster| cluster.url());
    for database in ["sqlite:lab.db".to_owned()].into_iter().chain(databases) {
        configure(folder, &database, "folder:outbox");
        fill(folder, 4);
        json(folder, MONDAY, &["backup", "then.db", "--force"]);
        let later = "2026-02-23T12:00:00Z";
        json(folder, later, &["subscriber", "remove", "reader0@example.net"]);
        json(folder, later, &["subscriber", "erase", "reader1@example.net"]);
        json(folder, later, &["suppression", "add", "reader2@example.net"]);
        let back = json(folder, TUESDAY, &["restore", "then.db", "--force"]);
        assert_eq!(back["restored"]["carried"]["left"], 2, "{back}");
        assert_eq!(back["restored"]["carried"]["erased"], 1, "{back}");
        let state = |name: &str| {
            let done = program(folder, TUESDAY, &["subscriber", "show", name]);
            let shown: Value = serde_json::from_slice(&done.stdout).unwrap_or(Value::Null);
            shown["state"].as_str().unwrap_or("none").to_owned()
        };
        let states = [0, 1, 2, 3].map(|at| state(&format!("reader{at}@example.net")));
        assert_eq!(states, ["unsubscribed", "none", "suppressed", "active"], "{database}");
        // The erased cannot be brought back by a file either.
        program(folder, TUESDAY, &["subscriber", "import", "readers.csv", "--confirmed"]);
        assert_eq!(state("reader1@example.net"), "none");
    }
}

#[test]
fn wrong_places_are_told_with_what_to_do() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    configure(folder, "sqlite:lab.db", "folder:outbox");
    fill(folder, 1);
    for place in ["missing/b.db", "missing/"] {
        let done = program(folder, MONDAY, &["backup", place]);
        assert_eq!(done.status.code(), Some(1));
        let (words, there) = (said(&done), folder.join("missing"));
        let wanted = format!("there is no folder {}", there.display());
        assert!(words.contains(&wanted) && words.contains("mkdir -p"), "{words}");
    }
    let done = program(folder, MONDAY, &["restore", "gone.db"]);
    assert_eq!(done.status.code(), Some(1));
    let words = said(&done);
    assert!(
        words.contains("there is no backup to be read at") && words.contains("gone.db"),
        "{words}"
    );
    std::fs::create_dir(folder.join("backups")).unwrap();
    json(folder, MONDAY, &["backup", "backups"]);
    let words = said(&program(folder, MONDAY, &["restore", "backups"]));
    assert!(
        words.contains("is a folder: name a backup in it, such as backups/paperround-"),
        "{words}"
    );
    let rollback = ["config", "rollback", "--database", "sqlite:elsewhere/none.db"];
    let done = program(folder, MONDAY, &rollback);
    assert_eq!(done.status.code(), Some(1));
    let (words, there) = (said(&done), folder.join("elsewhere/none.db"));
    assert!(words.contains(&format!("there is no database file {}", there.display())), "{words}");
}

#[test]
fn a_damaged_backup_changes_nothing() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    configure(folder, "sqlite:lab.db", "folder:outbox");
    fill(folder, 50);
    json(folder, MONDAY, &["backup", "good.db"]);
    assert_eq!(
        json(folder, MONDAY, &["restore", "good.db", "--check"])["tables"]["subscribers"],
        50
    );
    let good = std::fs::read(folder.join("good.db")).unwrap();
    let before = std::fs::read(folder.join("data/lab.db")).unwrap();
    let mut cases: Vec<(&str, Vec<u8>)> = vec![
        ("empty", Vec::new()),
        ("a text", b"[site]\nurl = \"https://digest.example\"\n".to_vec()),
        ("the first half", good[..good.len() / 2].to_vec()),
        ("the last page is missing", good[..good.len() - 4096].to_vec()),
    ];
    // A page of zeros, at every tenth place.
    for tenth in 1..10 {
        let page = good.len() / 4096 * tenth / 10;
        let mut bytes = good.clone();
        bytes[page * 4096..(page + 1) * 4096].fill(0);
        cases.push(("a page of zeros", bytes));
    }
    for (what, bytes) in cases {
        std::fs::write(folder.join("bad.db"), bytes).unwrap();
        let done = program(folder, MONDAY, &["restore", "bad.db", "--force"]);
        assert_eq!(done.status.code(), Some(65), "{what}: {}", said(&done));
        assert!(said(&done).contains("not a good backup"), "{what}: {}", said(&done));
        assert_eq!(std::fs::read(folder.join("data/lab.db")).unwrap(), before, "{what}");
    }
    let absent = program(folder, MONDAY, &["restore", "nowhere.db"]);
    assert_eq!(absent.status.code(), Some(1), "{}", said(&absent));
    // A plain database is none: nobody knows of which moment it is.
    let plain = program(folder, MONDAY, &["restore", "data/lab.db", "--force"]);
    assert!(said(&plain).contains("name it in database.url"), "{}", said(&plain));
}

#[test]
fn another_key_is_not_overwritten_unasked() {
    let (home, other) = homes();
    let (folder, there) = (home.path(), other.path());
    for folder in [folder, there] {
        configure(folder, "sqlite:lab.db", "folder:outbox");
        fill(folder, 1);
    }
    json(folder, MONDAY, &["backup", "a.db"]);
    std::fs::copy(folder.join("a.db"), there.join("a.db")).unwrap();
    std::fs::remove_file(there.join("data/lab.db")).unwrap();
    let key = |folder: &Path| std::fs::read(folder.join("data/paperround.key")).unwrap();
    let own = key(there);
    let refused = program(there, MONDAY, &["restore", "a.db"]);
    assert!(said(&refused).contains("another key"), "{}", said(&refused));
    assert!(own == key(there) && !there.join("data/lab.db").exists());
    json(there, MONDAY, &["restore", "a.db", "--force"]);
    assert_eq!(key(there), key(folder));
    let aside = there.join("data/paperround.key.before-restore-20260223T082000Z");
    assert_eq!(std::fs::read(aside).unwrap(), own);
}

/// A limit on the size of files stands for a full disk: both end a write in the middle.
#[test]
fn a_full_disk_leaves_no_half_of_it() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    configure(folder, "sqlite:lab.db", "folder:outbox");
    fill(folder, 200);
    std::fs::create_dir(folder.join("out")).unwrap();
    std::fs::write(folder.join("out/old.db"), "yesterday's").unwrap();
    for words in ["backup out/new.db", "backup out/old.db --force"] {
        let line = format!(
            "trap '' XFSZ; ulimit -f 64; exec {} -c c.toml --at {MONDAY} {words}",
            env!("CARGO_BIN_EXE_paperround")
        );
        let done = Command::new("sh").current_dir(folder).args(["-c", &line]).output().unwrap();
        assert_eq!(done.status.code(), Some(1), "{}", said(&done));
        let said = said(&done);
        assert!(said.contains("out/") && said.contains("partial"), "{said}");
        let left: Vec<_> = std::fs::read_dir(folder.join("out")).unwrap().flatten().collect();
        assert_eq!(left.len(), 1, "{left:?}");
        assert_eq!(std::fs::read(folder.join("out/old.db")).unwrap(), b"yesterday's");
    }
}

#[test]
fn a_folder_keeps_the_newest() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    configure(folder, "sqlite:lab.db", "folder:outbox");
    fill(folder, 1);
    std::fs::create_dir(folder.join("out")).unwrap();
    std::fs::write(folder.join("out/notes.db"), "another file").unwrap();
    for day in 20..25 {
        let at = format!("2026-02-{day}T03:00:00Z");
        json(folder, &at, &["backup", "out", "--keep", "3"]);
    }
    let mut names: Vec<String> = std::fs::read_dir(folder.join("out"))
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let kept = [22, 23, 24].map(|day| format!("paperround-202602{day}T030000Z.db"));
    assert_eq!(names, [vec!["notes.db".to_owned()], kept.to_vec()].concat());
    let twice = program(folder, "2026-02-24T03:00:00Z", &["backup", "out"]);
    assert!(said(&twice).contains("is there already"), "{}", said(&twice));
}
