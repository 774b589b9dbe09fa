//! The config changes while the daemon serves: a send goes on through it, and every kind of
//! broken file is refused in one clear sentence and heals.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "support/daemon.rs"]
mod daemon;
#[path = "support/sink.rs"]
mod sink;

use std::collections::BTreeSet;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use daemon::Daemon;
use sink::Sink;

/// A config with what the tests change; nothing is ever fetched.
fn config(title: &str, relay: &str, more: &str) -> String {
    format!(
        "[site]\nurl = \"https://digest.example\"\ntitle = {title:?}\ndata_dir = \"data\"\n\
         [server]\nlisten = \"LISTEN\"\n[digest]\nschedule = \"0 8 * * *\"\n\
         [[sources]]\nkind = \"feed\"\nurl = \"http://127.0.0.1:9/feed\"\nschedule = \"0 0 1 1 *\"\n\
         [mail]\nfrom = \"papers@digest.example\"\n{relay}\
         [retry]\nfirst = \"1s\"\nmost = \"2s\"\n{more}"
    )
}

fn relay(port: u16, connections: u32, more: &str) -> String {
    format!(
        "[[mail.relays]]\nurl = \"smtp://127.0.0.1:{port}\"\nconnections = {connections}\n{more}"
    )
}

/// Readers who are due, and papers for them.
fn fill(daemon: &Daemon, readers: &[String]) {
    let roll = daemon.beside("readers.csv");
    std::fs::write(&roll, format!("email\n{}\n", readers.join("\n"))).unwrap();
    let now = paperround::clock::Clock::system().now();
    let before = (now - jiff::SignedDuration::from_hours(48)).to_string();
    let roll = roll.to_str().unwrap();
    daemon.call(&["--at", &before, "subscriber", "import", roll, "--confirmed"]);
    let feed = daemon.beside("feed.xml");
    std::fs::write(&feed, FEED).unwrap();
    daemon.call(&["fetch", "--from", feed.to_str().unwrap()]);
}

const FEED: &str = r#"<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom">
<id>urn:x</id><title>x</title><updated>2026-01-01T00:00:00Z</updated>
<entry><id>https://papers.example/1</id><link href="https://papers.example/1"/>
<title>On changing things in use</title><author><name>Ada</name></author>
<summary>We change everything, and nothing is lost.</summary>
<updated>2026-01-01T00:00:00Z</updated></entry></feed>"#;

const APPLIED: &str = "the config is in force";
const REFUSED: &str = "the config file is refused";

/// Every reload of the send, in turn: how the config is written, and whether it is good.
fn step(at: usize, port: u16) -> (String, bool) {
    let title = format!("Paper Round {at}");
    match at % 6 {
        0 => (config(&title, &relay(port, 6, ""), ""), true),
        1 => (config(&title, &relay(port, 3, "rate = \"900/s\"\n"), ""), true),
        2 => (config(&title, &relay(port, 3, "weight = -1\n"), ""), false),
        3 => (config(&title, &relay(port, 5, ""), "[log]\naddresses = \"hashed\"\n"), true),
        4 => (config(&title, &relay(port, 5, "domains = [\"a@b\"]\n"), ""), false),
        _ => {
            (config(&title, &relay(port, 4, ""), "[digest]\n").replace("[digest]\n[", "[x"), false)
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_send_goes_on_through_reloads_and_each_reader_has_one_mail() {
    const STEPS: usize = 36;
    const EACH: usize = 50;
    let sink = Sink::start().await;
    let mut daemon = Daemon::new(&config("Paper Round", &relay(sink.port, 4, ""), ""));
    let plain = (0..1_900).map(|n| format!("ok-{n}@example.org"));
    let lost = (0..20).map(|n| format!("lost-{n}@slow{}.example", n % 4));
    let soft = (0..80).map(|n| format!("soft-{n}@other.example"));
    let readers: Vec<String> = lost.chain(soft).chain(plain).collect();
    let port = sink.port;
    let (daemon, readers) = tokio::task::spawn_blocking(move || {
        fill(&daemon, &readers);
        daemon.serve();
        (daemon, readers)
    })
    .await
    .unwrap();
    let sink = std::sync::Arc::new(sink);
    let shared = std::sync::Arc::clone(&sink);
    let mut daemon = tokio::task::spawn_blocking(move || {
        let daemon = daemon;
        for at in 0..STEPS {
            // In mid-send: the sink takes no more than it is allowed to.
            let before = shared.reached();
            shared.allow(EACH);
            daemon.wait("mails arrive", || shared.reached() > before);
            let (text, good) = step(at, port);
            let word = if good { APPLIED } else { REFUSED };
            let told = daemon.said(word).len();
            daemon.write(&text);
            if at % 4 == 0 {
                daemon.signal("HUP");
            }
            daemon.wait("the daemon speaks of the file", || daemon.said(word).len() > told);
            assert!(shared.reached() < 2_000, "the send was over before the reloads");
        }
        daemon.write(&config("The last", &relay(port, 8, ""), ""));
        shared.allow(100_000);
        daemon.wait("all have their mail", || shared.reached() == 2_000);
        daemon
    })
    .await
    .unwrap();
    // What was doubtful goes out once more, and then all is quiet.
    daemon.wait("nothing waits", || daemon.call(&["--json", "queue", "list"]).trim().is_empty());
    daemon.stop();

    let mails = sink.mails();
    let reached: BTreeSet<&str> = mails.keys().map(String::as_str).collect();
    let wanted: BTreeSet<&str> = readers.iter().map(String::as_str).collect();
    assert_eq!(reached, wanted);
    let title = |mail: &String| {
        let line = mail.lines().find(|line| line.starts_with("From:")).unwrap();
        line.to_owned()
    };
    let titles: BTreeSet<String> = mails.values().map(|mails| title(&mails[0])).collect();
    assert_eq!(titles.len(), 1, "one digest has one sender: {titles:?}");
    for (to, mails) in &mails {
        let times = if to.starts_with("lost") { 2 } else { 1 };
        assert_eq!(mails.len(), times, "{to}");
        // Whatever the config said in between.
        assert!(mails.iter().all(|mail| *mail == mails[0]), "{to}: another mail");
    }
    assert!(sink.most_open() <= 8, "{} connections at once", sink.most_open());
    let books: serde_json::Value =
        serde_json::from_str(&daemon.call(&["--json", "run", "--no-fetch"])).unwrap();
    assert_eq!(books["books"]["sent"], 2_000, "{books}");
}

/// One way to break the file: what is done, and what the sentence must say.
struct Break {
    name: &'static str,
    how: Box<dyn Fn(&Daemon)>,
    says: &'static str,
}

fn text(name: &'static str, text: String, says: &'static str) -> Break {
    let how = Box::new(move |daemon: &Daemon| daemon.write(&text));
    Break { name, how, says }
}

fn bytes(name: &'static str, bytes: Vec<u8>, says: &'static str) -> Break {
    let how = Box::new(move |daemon: &Daemon| std::fs::write(daemon.file(), &bytes).unwrap());
    Break { name, how, says }
}

/// Another thing in the file's place.
fn place(name: &'static str, put: impl Fn(&Daemon, &Path) + 'static, says: &'static str) -> Break {
    let how = Box::new(move |daemon: &Daemon| {
        std::fs::remove_file(daemon.file()).unwrap();
        put(daemon, &daemon.file());
    });
    Break { name, how, says }
}

/// A good text, and a file that it names.
fn beside(
    name: &'static str,
    more: &'static str,
    put: impl Fn(&Daemon) + 'static,
    says: &'static str,
) -> Break {
    let how = Box::new(move |daemon: &Daemon| {
        put(daemon);
        daemon.write(&good("Paper Round", more));
    });
    Break { name, how, says }
}

const OUTBOX: &str = "[[mail.relays]]\nurl = \"folder:outbox\"\n";

fn good(title: &str, more: &str) -> String {
    config(title, OUTBOX, more)
}

fn chmod(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

fn breaks(taken: u16) -> Vec<Break> {
    let whole = good("Paper Round", "");
    let cut = |at: &str| whole[..whole.find(at).unwrap() + at.len()].to_owned();
    let with = |from: &str, to: &str| whole.replacen(from, to, 1);
    let dkim = "[[mail.dkim]]\nselector = \"s\"\nkey_file = \"dkim.pem\"\n";
    let login = "[[mail.relays]]\nurl = \"smtps://me@127.0.0.1:9\"\npassword_file = \"secret\"\n";
    let tls = "[inbound]\naddress = \"in@digest.example\"\nlmtp = \"127.0.0.1:0\"\n\
               tls_certificate = \"cert.pem\"\ntls_key = \"key.pem\"\n";
    let inbound: &'static str = Box::leak(
        format!("[inbound]\naddress = \"in@digest.example\"\nlmtp = \"127.0.0.1:{taken}\"\n")
            .into_boxed_str(),
    );
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(whole.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    vec![
        bytes("empty", Vec::new(), "the file is empty"),
        text("blank lines", "\n \n\t\n".to_owned(), "the file is empty"),
        text("half a text", cut("https://dig"), "toml:2:19: TOML syntax"),
        text("half a header", cut("[sour"), "TOML syntax"),
        text("half a key", cut("from"), "TOML syntax"),
        bytes(
            "binary",
            (0..=255).cycle().take(5_000).collect(),
            "toml:2:118: the file is not UTF-8",
        ),
        bytes("a NUL", with("Paper", "Pa\0per").into_bytes(), "toml:3:12: there is a NUL byte"),
        bytes(
            "Latin-1",
            b"[site]\ntitle = \"caf\xe9\"\n".to_vec(),
            "toml:2:13: the file is not UTF-8",
        ),
        bytes("UTF-16", utf16, "toml:1:1: the file is not UTF-8"),
        bytes("huge", vec![b'#'; 2_000_000], "larger than 1 MB"),
        place("a loop of links", |_, file| symlink(file, file).unwrap(), "paperround.toml: "),
        place("a dangling link", |_, file| symlink("nowhere", file).unwrap(), "no such file"),
        place("deleted", |_, _| (), "there is no such file"),
        place("a folder", |_, file| std::fs::create_dir(file).unwrap(), "a folder, not a file"),
        place(
            "a pipe",
            |_, file| {
                assert!(std::process::Command::new("mkfifo").arg(file).status().unwrap().success())
            },
            "not a regular file",
        ),
        place("a device", |_, file| symlink("/dev/zero", file).unwrap(), "not a regular file"),
        Break {
            name: "unreadable",
            how: Box::new(|daemon| {
                let aside = daemon.beside("x.toml");
                std::fs::write(&aside, "x").unwrap();
                chmod(&aside, 0o000);
                std::fs::rename(&aside, daemon.file()).unwrap();
            }),
            says: "this user may not read it",
        },
        text("an unknown key", with("title", "titel"), "did you mean title?"),
        text(
            "an unknown section",
            with("[digest]", "[digets]"),
            "toml:7:2: digets: saw an unknown section",
        ),
        text("a wrong type", with("\"0 8 * * *\"", "8"), "toml:8:12: digest.schedule: saw 8"),
        text(
            "out of bounds",
            good("x", "[log]\n").replace("[log]", "[subscriptions.limits]\nin_all = 0"),
            "subscriptions.limits.in_all: saw 0",
        ),
        text(
            "an impossible zone",
            with("data_dir", "time_zone = \"Europe/Berln\"\ndata_dir"),
            "Europe/Berlin",
        ),
        text("an impossible schedule", with("0 8 * * *", "0 25 * * *"), "digest.schedule"),
        text(
            "a key twice",
            with("data_dir", "title = \"b\"\ndata_dir"),
            "TOML syntax: duplicate key",
        ),
        text(
            "a section twice",
            good("x", "[digest]\nmax_papers = 3\n"),
            "TOML syntax: duplicate key",
        ),
        text(
            "nothing required",
            with("url = \"https://digest.example\"\n", ""),
            "this key is required in [site]",
        ),
        text("no relay", config("x", "", ""), "mail.relays.url: saw nothing"),
        text(
            "two relays alike",
            config("x", &OUTBOX.repeat(2), ""),
            "another relay has the same address",
        ),
        text("YAML", "site:\n  url: https://x.example\n".to_owned(), "TOML syntax"),
        Break {
            name: "a secret that is not there",
            how: Box::new(move |daemon| daemon.write(&config("x", login, ""))),
            says: "secret\"",
        },
        Break {
            name: "an empty secret",
            how: Box::new(move |daemon| {
                std::fs::write(daemon.beside("secret"), "\n").unwrap();
                daemon.write(&config("y", login, ""));
            }),
            says: "it is empty",
        },
        beside("a key that is not there", dkim, |_| (), "dkim.pem"),
        beside(
            "a broken key",
            dkim,
            |daemon| put(daemon, "dkim.pem", "-----BEGIN", 0o600),
            "mail.dkim[0].key_file",
        ),
        beside(
            "a key for all to read",
            dkim,
            |daemon| put(daemon, "dkim.pem", "x", 0o644),
            "everyone may read this private key",
        ),
        text("templates that are not there", with_templates(), "there is no such folder"),
        Break {
            name: "a broken template",
            how: Box::new(|daemon| {
                std::fs::create_dir_all(daemon.beside("templates/mail")).unwrap();
                std::fs::write(daemon.beside("templates/mail/digest.html"), "a\n{% if %}\n")
                    .unwrap();
                daemon.write(&with_templates());
            }),
            says: "digest.html",
        },
        beside("no certificate", tls, |_| (), "cert.pem"),
        beside(
            "a broken certificate",
            tls,
            |daemon| put(daemon, "cert.pem", "x", 0o644),
            "inbound.tls_certificate",
        ),
        beside("an address that is taken", inbound, |_| (), "another program has it already"),
    ]
}

fn with_templates() -> String {
    good("Paper Round", "").replace("[digest]\n", "[digest]\ntemplates = \"templates\"\n")
}

fn put(daemon: &Daemon, name: &str, text: &str, mode: u32) {
    let path = daemon.beside(name);
    std::fs::write(&path, text).unwrap();
    chmod(&path, mode);
    if std::fs::metadata(&path).is_ok_and(|about| std::os::unix::fs::MetadataExt::uid(&about) == 0)
    {
        let owner = std::process::Command::new("chown").arg("65534").arg(&path).status();
        assert!(owner.unwrap().success());
    }
}

#[test]
fn every_broken_file_is_refused_in_one_sentence_and_heals() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut daemon = Daemon::new(&good("Title 0", ""));
    daemon.serve();
    let mut breaks = breaks(taken.local_addr().unwrap().port());
    assert!(breaks.len() >= 30);
    if !daemon.obeys {
        eprintln!("SKIPPED: unreadable: root reads everything, and nobody cannot run the program");
        breaks.retain(|one| one.name != "unreadable");
    }
    let mut unclear = Vec::new();
    for (number, broken) in (1..).zip(&breaks) {
        let name = broken.name;
        let before = daemon.said(REFUSED).len();
        (broken.how)(&daemon);
        daemon.wait(name, || daemon.said(REFUSED).len() > before);
        let told = daemon.said(REFUSED);
        assert_eq!(told.len(), before + 1, "{name}: {:#?}", &told[before..]);
        let told = &told[before];
        let file = ["paperround.toml", "digest.html"].iter().any(|file| told.contains(file));
        if !told.contains(broken.says) || !file {
            unclear.push(format!("{name}: wanted {:?}: {told}", broken.says));
        }
        let page = daemon.get("/");
        let title = format!("Title {}", number - 1);
        assert!(page.contains(&title), "{name}: what was in force stays");

        let file = daemon.file();
        if file.is_dir() {
            std::fs::remove_dir(&file).unwrap();
        }
        let title = format!("Title {number}");
        let healed = good(&title, "");
        let before = daemon.said(APPLIED).len();
        daemon.write(&healed);
        daemon.wait(name, || daemon.said(APPLIED).len() > before);
        daemon.wait(name, || daemon.get("/").contains(&title));
        assert_eq!(daemon.said(REFUSED).len(), number, "{name}: told once");
    }
    assert!(unclear.is_empty(), "{unclear:#?}");
    // Windows' line ends and a mark of byte order are no faults.
    for (title, text) in [
        ("Ends", good("Ends", "").replace('\n', "\r\n")),
        ("Mark", format!("\u{feff}{}", good("Mark", ""))),
    ] {
        daemon.write(&text);
        daemon.wait(title, || daemon.get("/").contains(title));
    }
    assert_eq!(daemon.said(REFUSED).len(), breaks.len());
    let history: serde_json::Value =
        serde_json::from_str(&daemon.call(&["--json", "config", "history", "-n", "200"])).unwrap();
    let versions = history["versions"].as_array().unwrap();
    let refused = versions.iter().filter(|one| one["outcome"] == "refused");
    assert!(refused.count() >= 30 && versions.len() <= 101, "{}", versions.len());
    daemon.stop();
}

#[test]
fn what_needs_a_restart_waits_and_the_rest_counts_at_once() {
    let mut daemon = Daemon::new(&good("Before", ""));
    daemon.serve();
    let text = good("After", "[log]\nformat = \"json\"\nlevel = \"debug\"\n")
        .replace("data_dir = \"data\"", "data_dir = \"elsewhere\"")
        .replace("LISTEN", "127.0.0.1:1");
    daemon.write(&text);
    daemon.wait("the title counts", || daemon.get("/").contains("After"));
    daemon.wait("all is told", || daemon.log().contains("a new value waits"));
    let told = daemon.said("a new value waits");
    assert!(told.iter().any(|line| line.contains("site.data_dir")), "{told:#?}");
    assert!(told.iter().any(|line| line.contains("server.listen")), "{told:#?}");
    assert!(told.iter().all(|line| line.starts_with('{')), "the format counts at once: {told:#?}");
    assert!(!daemon.beside("elsewhere").exists());
    // The history lies where the daemon works; the file, where it will work.
    daemon.write(&good("After", ""));
    let told = daemon.said("the config is in force").len();
    daemon.wait("it is as it was", || daemon.said("the config is in force").len() >= told);
    daemon.stop();
}

#[test]
fn a_file_that_the_config_names_counts_as_the_config() {
    const GOOD_AGAIN: &str = "the config file is good again";
    let login = "[[mail.relays]]\nurl = \"smtps://me@127.0.0.1:9\"\npassword_file = \"secret\"\n";
    let text = config("x", login, "").replace("[digest]\n", "[digest]\ntemplates = \"own\"\n");
    let mut daemon = Daemon::new(&text);
    std::fs::create_dir_all(daemon.beside("own/mail")).unwrap();
    put(&daemon, "secret", "hunter2", 0o600);
    daemon.serve();
    put(&daemon, "secret", "hunter3", 0o600);
    let changed = "changed=\"mail.relays[0].password\"";
    daemon.wait("the password counts", || daemon.said(changed).len() == 1);
    std::fs::remove_file(daemon.beside("secret")).unwrap();
    daemon.wait("it is missed", || daemon.said(REFUSED).len() == 1);
    assert!(daemon.said(REFUSED)[0].contains("there is no such file"));
    put(&daemon, "secret", "hunter3", 0o600);
    daemon.wait("it is back", || daemon.said(GOOD_AGAIN).len() == 1);

    put(&daemon, "own/mail/digest.txt", "{% if %}", 0o644);
    daemon.wait("the template is refused", || daemon.said(REFUSED).len() == 2);
    assert!(daemon.said(REFUSED)[1].contains("digest.txt"), "{:?}", daemon.said(REFUSED));
    std::fs::remove_file(daemon.beside("own/mail/digest.txt")).unwrap();
    daemon.wait("it is gone", || daemon.said(GOOD_AGAIN).len() == 2);
    // Nothing is new: said to who asks, and no more.
    daemon.signal("HUP");
    daemon.wait("it says so", || daemon.said("nothing in the config is new").len() == 1);
    assert!(!daemon.log().contains("hunter"));
    daemon.stop();
}

#[test]
fn the_door_for_mail_opens_and_closes_with_the_config() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let door = free.local_addr().unwrap();
    drop(free);
    let greeted = || {
        use std::io::Read as _;
        let Ok(mut stream) = std::net::TcpStream::connect(door) else { return false };
        let mut greeting = [0; 4];
        stream.read_exact(&mut greeting).is_ok_and(|()| &greeting == b"220 ")
    };
    let mut daemon = Daemon::new(&good("x", ""));
    daemon.serve();
    assert!(!greeted());
    let inbound = format!("[inbound]\naddress = \"in@digest.example\"\nlmtp = \"{door}\"\n");
    daemon.write(&good("x", &inbound));
    daemon.wait("it opens", greeted);
    // Another name, by the same door.
    daemon.write(&good("x", &inbound.replace("in@", "papers@")));
    daemon.wait("it counts", || daemon.said(APPLIED).len() == 2);
    assert!(greeted());
    daemon.write(&good("x", ""));
    daemon.wait("it closes", || !greeted());
    daemon.stop();
}
