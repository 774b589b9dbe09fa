//! The program as its admin uses it: the real binary, from the demo to the daemon, and what
//! it says and returns when something is wrong.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    /// A folder with a configuration; `more` is added to it.
    fn new(more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "{more}\n[site]\nurl = \"http://127.0.0.1:8080\"\ndata_dir = \"data\"\n\
             [mail]\nfrom = \"Paper Round <papers@digest.example>\"\n\
             [[mail.relays]]\nurl = \"folder:outbox\"\n"
        );
        std::fs::write(folder.path().join("paperround.toml"), text).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_paperround"));
        command.arg("-c").arg(self.path("paperround.toml")).args(words).env("NO_COLOR", "1");
        command
    }

    fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    fn json(&self, words: &[&str]) -> (i32, Value) {
        let done = self.command(words).arg("--json").output().unwrap();
        let text = String::from_utf8(done.stdout).unwrap();
        let value = serde_json::from_str(text.trim()).unwrap_or_else(|error| {
            panic!("{words:?}: {error}: {text}{}", String::from_utf8_lossy(&done.stderr))
        });
        (done.status.code().unwrap(), value)
    }
}

fn sample() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sample/trending.html").display().to_string()
}

fn said(done: &Output) -> String {
    String::from_utf8_lossy(&done.stderr).into_owned()
}

#[test]
fn the_demo_ends_with_a_digest_in_an_inbox() {
    let folder = tempfile::tempdir().unwrap();
    let done = Command::new(env!("CARGO_BIN_EXE_paperround"))
        .args(["demo", "--once", "--json", "--dir"])
        .arg(folder.path().join("demo"))
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", said(&done));
    let told: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(told["papers"], 24);
    let eml = std::fs::read(told["eml"].as_str().unwrap()).unwrap();
    let mail = mail_parser::MessageParser::default().parse(&eml).unwrap();
    assert!(mail.subject().unwrap().contains("and 23 more"), "{:?}", mail.subject());
    let page = std::fs::read_to_string(told["html"].as_str().unwrap()).unwrap();
    assert!(
        page.contains("reader@paperround.example") && page.contains("Attention Is All You Need")
    );
    assert!(mail.body_text(0).unwrap().contains("Attention Is All You Need"));
}

#[test]
fn a_page_becomes_a_mail_once() {
    let home = Home::new("");
    let add = ["subscriber", "add", "alice@example.org", "--confirmed", "--rhythm", "daily"];
    assert!(home.run(&[&add[..], &["--at", "2026-02-19T12:00:00Z"]].concat()).status.success());
    let from = ["fetch", "--from", &sample(), "--at", "2026-02-20T07:00:00Z"];
    let (code, told) = home.json(&from);
    assert_eq!((code, &told["outcome"], &told["new"]), (0, &"good".into(), &24.into()));
    for key in ["source", "url", "reason", "listed", "changed", "rejected"] {
        assert!(told.get(key).is_some(), "{key}");
    }
    let (_, dry) = home.json(&["run", "--dry-run", "--at", "2026-02-20T08:00:00Z"]);
    assert_eq!((&dry["planned"], &dry["sent"]), (&1.into(), &0.into()));
    let (code, done) = home.json(&["run", "--no-fetch", "--at", "2026-02-20T08:00:00Z"]);
    assert_eq!((code, &done["planned"], &done["sent"]), (0, &1.into(), &1.into()));
    assert_eq!(done["waiting"], 0);
    // The next day nothing is new, and nobody is mailed; `why` says so.
    let (_, next) = home.json(&["run", "--no-fetch", "--at", "2026-02-21T08:00:00Z"]);
    assert_eq!((&next["planned"], &next["nothing_new"]), (&0.into(), &1.into()));
    let at = ["--at", "2026-02-21T09:00:00Z"];
    let (_, why) = home.json(&[&["why", "alice@example.org"][..], &at].concat());
    let whats: Vec<&str> = why["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["what"].as_str().unwrap())
        .collect();
    assert_eq!(whats, ["subscribed", "planned", "sent", "nothing-new"]);
    let filed = std::fs::read_dir(home.path("outbox")).unwrap().count();
    assert_eq!(filed, 1);
}

#[test]
fn a_preview_is_the_mail_to_the_byte_but_for_its_name() {
    let home = Home::new("");
    let at = ["--at", "2026-02-20T08:00:00Z"];
    home.run(&["subscriber", "add", "alice@example.org", "--confirmed", "--at", "2026-02-19"]);
    home.run(&["fetch", "--from", &sample(), "--at", "2026-02-20T07:00:00Z"]);
    let part = |format: &str| {
        let words = ["preview", "--as", "alice@example.org", "--format", format];
        let done = home.run(&[&words[..], &at].concat());
        assert!(done.status.success(), "{}", said(&done));
        String::from_utf8(done.stdout).unwrap()
    };
    let (html, text) = (part("html"), part("text"));
    let json: serde_json::Value = {
        let words = ["--json", "preview", "--as", "alice@example.org", "--format", "text"];
        serde_json::from_slice(&home.run(&[&words[..], &at].concat()).stdout).unwrap()
    };
    assert_eq!((&json["to"], &json["format"]), (&"alice@example.org".into(), &"text".into()));
    assert_eq!(json["content"], text);
    assert!(json["subject"].as_str().is_some_and(|subject| !subject.is_empty()), "{json}");
    home.run(&[&["run", "--no-fetch"][..], &at].concat());
    let filed = std::fs::read_dir(home.path("outbox")).unwrap().next().unwrap().unwrap().path();
    let bytes = std::fs::read(filed).unwrap();
    let mail = mail_parser::MessageParser::default().parse(&bytes).unwrap();
    assert_eq!(mail.body_html(0).unwrap(), html);
    assert_eq!(mail.body_text(0).unwrap(), text);
    // Nothing is new after it.
    let done = home.run(&["preview", "--as", "alice@example.org", "--at", "2026-02-20T09:00:00Z"]);
    assert_eq!(done.status.code(), Some(1));
    assert!(said(&done).contains("nothing is new"), "{}", said(&done));
}

#[test]
fn what_is_no_listing_is_set_aside_with_its_bytes() {
    let home = Home::new("");
    for (name, bytes) in [
        ("garbage", &b"\x00\xff\xfe garbage"[..]),
        ("challenge.html", b"<html><title>Just a moment...</title>Verify you are human</html>"),
        ("error.json", b"{\"error\":\"rate limited\"}"),
        ("empty", b""),
    ] {
        std::fs::write(home.path(name), bytes).unwrap();
        let (code, told) = home.json(&["fetch", "--from", home.path(name).to_str().unwrap()]);
        assert_eq!((code, &told["outcome"]), (65, &"broken".into()), "{name}");
        assert!(told["reason"].as_str().is_some_and(|reason| !reason.is_empty()), "{name}");
    }
    let (_, status) = home.json(&["source", "status"]);
    assert!(status["last_good"].is_null());
    let kept = std::fs::read_dir(home.path("data/kept/huggingface")).unwrap().count();
    assert_eq!(kept, 3, "all but the empty one");
    // Nobody is listening there.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (code, told) = home.json(&["fetch", "--from", &format!("http://{free}/papers")]);
    assert_eq!((code, &told["outcome"]), (69, &"broken".into()));
}

#[test]
fn the_daemon_answers_and_stops_when_told() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let source = "[[sources]]\nname = \"local\"\nkind = \"feed\"\nurl = \"http://127.0.0.1:9/\"\n";
    let home = Home::new(&format!("{source}[server]\nlisten = \"127.0.0.1:{port}\""));
    let mut daemon = home.command(&["serve"]).stderr(Stdio::piped()).spawn().unwrap();
    let mut log = BufReader::new(daemon.stderr.take().unwrap()).lines();
    assert!(log.any(|line| line.unwrap().contains("Paper Round is up")));
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"ok\""), "{answer}");
    // A second one is told that the port is taken.
    let second = home.run(&["serve"]);
    assert_eq!(second.status.code(), Some(69));
    assert!(said(&second).contains(&port.to_string()), "{}", said(&second));
    let pid = daemon.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    let rest: Vec<String> = log.map_while(Result::ok).collect();
    assert!(daemon.wait().unwrap().success(), "{rest:?}");
    assert!(rest.iter().any(|line| line.contains("stopped")), "{rest:?}");
}

#[test]
fn a_look_is_copied_out_checked_and_used() {
    let home = Home::new("digest.look = \"plain\"\ndigest.templates = \"own\"");
    std::fs::create_dir(home.path("own")).unwrap();
    for (look, folder) in [(&[][..], "own"), (&["--look", "cards"][..], "cards")] {
        let folder = home.path(folder).display().to_string();
        let done = home.run(&[&["template", "eject"][..], look, &[&folder]].concat());
        assert!(done.status.success(), "{}", said(&done));
    }
    let read = |name: &str| std::fs::read_to_string(home.path(name)).unwrap();
    assert!(!read("own/mail/digest.html").contains("<img"), "the look that is configured");
    assert!(read("cards/mail/digest.html").contains("<img"));

    let words = read("own/locales/de.ftl").replace("Guten Tag,", "Moin,");
    std::fs::write(home.path("own/locales/de.ftl"), words).unwrap();
    let (code, report) = home.json(&["template", "check"]);
    assert_eq!((code, &report["ok"]), (0, &true.into()), "{report}");
    let measured = report["measured"].as_array().unwrap();
    assert_eq!(measured.len(), 12, "two looks in six languages");
    assert!(measured.iter().all(|one| one["sixty_bytes"].as_u64().unwrap() <= 90_000));

    assert!(home.run(&["fetch", "--from", &sample()]).status.success());
    let mut preview = home.command(&["preview", "--format", "text"]);
    let text = preview.env("PAPERROUND__SITE__LOCALE", "de").output().unwrap().stdout;
    assert!(String::from_utf8_lossy(&text).contains("\nMoin,"));
}

#[test]
fn what_cannot_be_used_is_said_in_one_sentence() {
    let home = Home::new("digest.templates = \"mine\"");
    std::fs::create_dir_all(home.path("mine/mail")).unwrap();
    std::fs::write(home.path("mine/mail/digest.txt"), "one\ntwo {{ nothing_of_the_kind }}")
        .unwrap();
    for words in
        [&["template", "check"][..], &["run", "--no-fetch"], &["serve"], &["config", "check"]]
    {
        let done = home.run(words);
        assert_eq!(done.status.code(), Some(78), "{words:?}: {}", said(&done));
        assert!(said(&done).contains("digest.txt:2"), "{words:?}: {}", said(&done));
    }
    let home = Home::new("");
    std::fs::write(home.path("data"), "a file where a folder should be").unwrap();
    let done = home.run(&["run"]);
    assert_eq!(done.status.code(), Some(69));
    assert!(said(&done).contains("data folder"), "{}", said(&done));
    let home = Home::new("");
    assert_eq!(home.run(&["serve", "--at", "2026-02-20"]).status.code(), Some(2));
    assert_eq!(home.run(&["frobnicate"]).status.code(), Some(2));
    let home = Home::new("no_such_key = 1");
    let done = home.run(&["run"]);
    assert_eq!(done.status.code(), Some(78));
    assert!(said(&done).contains("paperround.toml:1:1"), "{}", said(&done));
}
