//! "Why did Bob get nothing on Tuesday?": eleven real situations of one week, made by the program
//! itself against a small mail server, and the answer to each in one screen.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use serde_json::Value;

/// What the mail server says to the recipient of that name; others are taken.
type Rules = Arc<Mutex<HashMap<&'static str, &'static str>>>;
/// The envelope sender of the last mail to each name.
type Senders = Arc<Mutex<HashMap<String, String>>>;

fn serve(listener: &TcpListener, rules: &Rules, senders: &Senders) {
    for stream in listener.incoming() {
        let (rules, senders) = (Arc::clone(rules), Arc::clone(senders));
        // A client that hangs up ends its own conversation only.
        std::thread::spawn(move || stream.and_then(|stream| talk(stream, &rules, &senders)));
    }
}

fn talk(stream: TcpStream, rules: &Rules, senders: &Senders) -> std::io::Result<()> {
    let mut out = stream.try_clone()?;
    let mut lines = BufReader::new(stream).lines();
    out.write_all(b"220 mx.example ready\r\n")?;
    let mut from = String::new();
    while let Some(line) = lines.next().transpose()? {
        let inner = || line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
        let reply = match line.get(..4).unwrap_or_default() {
            "EHLO" => "250-mx.example\r\n250 8BITMIME",
            "MAIL" => {
                from = inner();
                "250 ok"
            }
            "RCPT" => {
                let name = inner().split('@').next().unwrap().to_owned();
                let rule = rules.lock().unwrap().get(name.as_str()).copied();
                if rule.is_none() {
                    senders.lock().unwrap().insert(name, from.clone());
                }
                rule.unwrap_or("250 2.1.5 ok")
            }
            "DATA" => {
                out.write_all(b"354 go\r\n")?;
                while lines.next().transpose()?.is_some_and(|line| line != ".") {}
                "250 2.0.0 queued as 4F2A"
            }
            "QUIT" => return out.write_all(b"221 bye\r\n"),
            _ => "250 ok",
        };
        out.write_all(format!("{reply}\r\n").as_bytes())?;
    }
    Ok(())
}

/// A site with its mail server.
struct House {
    folder: tempfile::TempDir,
    rules: Rules,
    senders: Senders,
}

impl House {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (rules, senders) = (Rules::default(), Senders::default());
        let (theirs, kept) = (Arc::clone(&rules), Arc::clone(&senders));
        std::thread::spawn(move || serve(&listener, &theirs, &kept));
        let folder = tempfile::tempdir().unwrap();
        let config = format!(
            r#"
[site]
url = "https://papers.example.org"
time_zone = "Europe/Berlin"
data_dir = "data"

[[sources]]
name = "papers"
kind = "feed"
url = "http://127.0.0.1:9/feed.xml"

[mail]
from = "Paper Round <papers@digest.example>"

[inbound]
address = "in@digest.example"

[[mail.relays]]
url = "smtp://127.0.0.1:{port}"
"#
        );
        std::fs::write(folder.path().join("paperround.toml"), config).unwrap();
        Self { folder, rules, senders }
    }

    fn rule(&self, name: &'static str, reply: Option<&'static str>) {
        let mut rules = self.rules.lock().unwrap();
        match reply {
            Some(reply) => rules.insert(name, reply),
            None => rules.remove(name),
        };
    }

    /// Runs the program at `at`: exit code, standard output, standard error.
    fn run_with(&self, at: &str, args: &[&str], input: &str) -> (i32, String, String) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_paperround"))
            .args(["--at", at, "-c"])
            .arg(self.folder.path().join("paperround.toml"))
            .args(args)
            .env_remove("PAPERROUND_CONFIG")
            .env("LOGNAME", "root")
            .env_remove("SUDO_USER")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let done = child.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (done.status.code().unwrap(), text(done.stdout), text(done.stderr))
    }

    #[track_caller]
    fn run(&self, at: &str, args: &[&str]) -> String {
        let (code, out, err) = self.run_with(at, args, "");
        assert_eq!(code, 0, "{args:?}: {out}{err}");
        out
    }

    /// A list of these titles is read.
    #[track_caller]
    fn fetch(&self, at: &str, titles: &[(u32, &str)]) {
        let item = |(number, title): &(u32, &str)| {
            format!(
                "<item><title>{title}</title><link>https://arxiv.org/abs/2611.{number:05}</link>\
                 <description>{title}, in more words.</description></item>"
            )
        };
        let items: String = titles.iter().map(item).collect();
        let feed = format!(
            "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Papers</title>\
             <link>https://arxiv.org</link><description>Papers</description>{items}</channel></rss>"
        );
        let file = self.folder.path().join("feed.xml");
        std::fs::write(&file, feed).unwrap();
        self.run(at, &["fetch", "--from", file.to_str().unwrap()]);
    }

    fn add(&self, at: &str, email: &str, more: &[&str]) {
        self.run(at, &[&["subscriber", "add", "--confirmed", email][..], more].concat());
    }
}

/// One situation: whose, which day, asked when; how the answer goes, and its cause.
struct Situation {
    email: &'static str,
    day: &'static str,
    asked: &'static str,
    cause: &'static str,
    answer: &'static str,
    /// Words that the screen must hold beside it.
    facts: &'static [&'static str],
}

impl Situation {
    /// What is wrong with the answer, if anything is. With `SHOW_WHY` set, shows it.
    fn check(&self, house: &House) -> Option<String> {
        let why = ["why", self.email, "--date", self.day];
        let screen = house.run(self.asked, &why);
        if std::env::var_os("SHOW_WHY").is_some() {
            println!(
                "== {} ({})\n$ paperround {}\n{screen}",
                self.cause,
                self.asked,
                why.join(" ")
            );
        }
        let told = house.run(self.asked, &[&why[..], &["--json"]].concat());
        let told: Value = serde_json::from_str(&told).unwrap();
        let answer = told["answer"].as_str().unwrap();
        let lines = screen.lines().count();
        let good = answer.starts_with(self.answer)
            && told["cause"] == self.cause
            && screen.contains(answer)
            && self.facts.iter().all(|fact| screen.contains(fact))
            && lines <= 24;
        (!good).then(|| format!("{} ({}), {lines} lines:\n{screen}", self.cause, told["cause"]))
    }
}

const MONDAY: [(u32, &str); 2] = [(1, "Flow matching for all"), (2, "Cats that count")];
const TUESDAY: [(u32, &str); 4] =
    [MONDAY[0], MONDAY[1], (3, "Diffusion of robots"), (4, "Matching the flow of traffic")];

#[test]
fn eleven_situations_are_answered_in_one_screen_each() {
    let house = House::new();
    let sunday = "2026-11-22T12:00:00Z";
    for email in [
        "bob@example.org",
        "later@example.org",
        "late@example.org",
        "refused@example.org",
        "back@two.example",
        "dead@one.example",
        "away@example.org",
        "gone@example.org",
    ] {
        house.add(sunday, email, &[]);
    }
    let topics = ["--topic", "\"flow matching\"", "--topic", "diffusion votes>=20"];
    house.add(sunday, "picky@example.org", &topics);

    // Monday: one mailbox is not there.
    house.rule("dead", Some("550 5.1.1 no such user here"));
    house.fetch("2026-11-23T06:30:00Z", &MONDAY);
    house.run("2026-11-23T07:00:00Z", &["run", "--no-fetch"]);
    house.run(
        "2026-11-23T12:00:00Z",
        &["subscriber", "pause", "away@example.org", "--until", "2026-12-01"],
    );

    // Tuesday: one is put off, one again and again, one is refused, and one comes back.
    house.rule("later", Some("450 4.2.1 mailbox is busy"));
    house.rule("late", Some("451 4.7.1 greylisted"));
    house.rule("refused", Some("554 5.7.1 message looks like spam"));
    house.fetch("2026-11-24T06:30:00Z", &TUESDAY);
    house.run("2026-11-24T07:00:00Z", &["run", "--no-fetch"]);
    let later = Situation {
        email: "later@example.org",
        day: "2026-11-24",
        asked: "2026-11-24T07:02:00Z",
        cause: "deferred",
        answer: "2026-11-24: the digest waits: put off",
        facts: &["450 4.2.1 mailbox is busy", "next attempt 2026-11-2", "queue retry"],
    };
    let in_time = later.check(&house);
    let sender = house.senders.lock().unwrap()["back"].clone();
    let report = report("back@two.example");
    let receive = ["receive", "--from", "", "--to", &sender];
    let (code, out, err) = house.run_with("2026-11-24T07:30:00Z", &receive, &report);
    assert_eq!(code, 0, "{out}{err}");
    house.run("2026-11-24T07:31:00Z", &["run", "--no-fetch"]);
    house.run("2026-11-24T12:00:00Z", &["run", "--no-fetch"]);

    // Wednesday: what waited since Tuesday is too late, and nothing is new.
    house.run("2026-11-25T04:30:00Z", &["run", "--no-fetch"]);
    house.fetch("2026-11-25T06:30:00Z", &TUESDAY);
    house.rule("late", None);
    house.run("2026-11-25T07:00:00Z", &["run", "--no-fetch"]);
    // Thursday: nobody answers at the source.
    house.run("2026-11-26T07:00:00Z", &["run"]);
    house.run("2026-11-26T09:00:00Z", &["subscriber", "erase", "gone@example.org"]);

    let situations = [
        Situation {
            email: "bob@example.org",
            day: "2026-11-24",
            asked: "2026-11-26T10:00:00Z",
            cause: "sent",
            answer: "2026-11-24: the digest was sent at 2026-11-24 08:00 +01:00 by smtp://127.0.0.1:",
            facts: &["250 2.0.0 queued as 4F2A", "queue show", "2 papers"],
        },
        Situation {
            email: "refused@example.org",
            day: "2026-11-24",
            asked: "2026-11-24T10:00:00Z",
            cause: "failed",
            answer: "2026-11-24: the digest was refused for good at 2026-11-24 08:00 +01:00 by",
            facts: &["554 5.7.1 message looks like spam", "its papers come with the next"],
        },
        Situation {
            email: "back@two.example",
            day: "2026-11-24",
            asked: "2026-11-26T10:00:00Z",
            cause: "bounced",
            answer: "2026-11-24: the digest was sent at 2026-11-24 08:00 +01:00 and came back at \
                     2026-11-24 08:30 +01:00: hard 5.1.1, by a report",
            facts: &["550 5.1.1 unknown user", "suppressed since 2026-11-24 08:30 +01:00"],
        },
        Situation {
            email: "dead@one.example",
            day: "2026-11-24",
            asked: "2026-11-26T10:00:00Z",
            cause: "suppressed",
            answer: "2026-11-24: no digest: suppressed since 2026-11-23 08:00 +01:00",
            facts: &["550 5.1.1 no such user here", "suppression remove dead@one.example"],
        },
        Situation {
            email: "away@example.org",
            day: "2026-11-24",
            asked: "2026-11-26T10:00:00Z",
            cause: "paused",
            answer: "2026-11-24: no digest: paused since 2026-11-23 13:00 +01:00: paused by an \
                     admin, until 2026-12-01",
            facts: &["digests come again from 2026-12-01 00:00 +01:00 on"],
        },
        Situation {
            email: "bob@example.org",
            day: "2026-11-25",
            asked: "2026-11-26T10:00:00Z",
            cause: "nothing-new",
            answer: "2026-11-25: nothing was new: all 4 recent papers were already sent",
            facts: &["nothing new was listed since 2026-11-24 07:30 +01:00"],
        },
        Situation {
            email: "picky@example.org",
            day: "2026-11-24",
            asked: "2026-11-26T10:00:00Z",
            cause: "off-topic",
            answer: "2026-11-24: none of the 3 recent papers that were new to them is on their \
                     topics",
            facts: &[
                "\"flow matching\"; diffusion votes>=20",
                "“Diffusion of robots”, 0 votes: lacks votes>=20 of diffusion votes>=20",
                "“Matching the flow of traffic”, 0 votes: not quite \"flow matching\"",
            ],
        },
        Situation {
            email: "bob@example.org",
            day: "2026-11-26",
            asked: "2026-11-26T10:00:00Z",
            cause: "source-broken",
            answer: "2026-11-26: nothing was new, as papers had no good fetch in the day before: ",
            facts: &["last good fetch of papers before that: 2026-11-25 07:30 +01:00"],
        },
        Situation {
            email: "late@example.org",
            day: "2026-11-24",
            asked: "2026-11-26T10:00:00Z",
            cause: "expired",
            answer: "2026-11-24: the digest was planned at 2026-11-24 08:00 +01:00 and expired at \
                     2026-11-25 04:00 +01:00 unsent; ",
            facts: &["451 4.7.1 greylisted", "resend 2026-11-24 --to late@example.org"],
        },
        Situation {
            email: "gone@example.org",
            day: "2026-11-24",
            asked: "2026-11-26T10:00:00Z",
            cause: "erased",
            answer: "gone@example.org was erased on 2026-11-26: a keyed hash of it is all that is \
                     left",
            facts: &["unless its owner subscribes again"],
        },
    ];
    let faults: Vec<String> =
        in_time.into_iter().chain(situations.iter().filter_map(|one| one.check(&house))).collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));

    // Who was never known: nothing can be said, and that is no success.
    let (code, out, err) =
        house.run_with("2026-11-26T10:00:00Z", &["why", "nobody@example.org"], "");
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.contains("nothing is known of that address"), "{err}");

    // Without a day the answer is for the last one on which a digest was due.
    let screen = house.run("2026-11-24T10:00:00Z", &["why", "bob@example.org"]);
    assert!(screen.contains("\n2026-11-24: the digest was sent"), "{screen}");
    let some = ["why", "bob@example.org", "--kind", "sent", "--since", "2026-11-24", "--json"];
    let told: Value = serde_json::from_str(&house.run("2026-11-26T10:00:00Z", &some)).unwrap();
    assert_eq!(told["events"].as_array().unwrap().len(), 1, "{told}");
    let until = ["why", "bob@example.org", "--until", "2026-11-22", "--json"];
    let told: Value = serde_json::from_str(&house.run("2026-11-26T10:00:00Z", &until)).unwrap();
    let whats: Vec<_> = told["events"].as_array().unwrap().iter().map(|one| &one["what"]).collect();
    assert_eq!(whats, ["subscribed"], "{told}");

    what_changed_since_does_not_change_the_answer(&house);
    resent_by_hand(&house);
}

/// Other topics than on that day: the answer is still for what was planned then.
fn what_changed_since_does_not_change_the_answer(house: &House) {
    let friday = "2026-11-27T10:00:00Z";
    let set = ["subscriber", "set", "bob@example.org", "--topic", "cats"];
    house.run("2026-11-26T12:00:00Z", &set);
    let screen = house.run(friday, &["why", "bob@example.org", "--date", "2026-11-25"]);
    assert!(screen.contains("2026-11-25: nothing was new"), "{screen}");
}

/// The digest that was too late is sent after all: once, to who missed it.
fn resent_by_hand(house: &House) {
    let friday = "2026-11-27T10:00:00Z";
    let dry = ["resend", "2026-11-24", "--missed", "--dry-run", "--json"];
    let told: Value = serde_json::from_str(&house.run(friday, &dry)).unwrap();
    // One had the papers with a later digest, one is refused each day, and one waits each day until
    // it is too late.
    let counts = ["later", "failed", "expired", "missed"].map(|name| told[name].as_u64().unwrap());
    assert_eq!(counts, [1, 1, 1, 2], "{told}");
    let to = ["resend", "2026-11-24", "--to", "late@example.org", "--why", "they asked"];
    let said = house.run(friday, &to);
    assert!(said.contains("goes out once more"), "{said}");
    house.run(friday, &["run", "--no-fetch"]);
    let screen = house.run(friday, &["why", "late@example.org", "--date", "2026-11-24"]);
    assert!(screen.contains("; once more: sent at 2026-11-27 11:00 +01:00"), "{screen}");
    let noted = "the digest of 2026-11-24, by an admin (root): they asked";
    let screen = house.run(friday, &["why", "late@example.org"]);
    assert!(screen.contains(noted), "{screen}");
    let (code, out, _) =
        house.run_with(friday, &["resend", "2026-11-22", "--to", "bob@example.org"], "");
    assert_eq!(code, 1);
    assert!(out.contains("had no digest on 2026-11-22"), "{out}");
    assert_eq!(house.run_with(friday, &["resend", "2026-11-22"], "").0, 2, "to whom?");
}

/// A mail server's report that a mail to `address` could not be delivered (RFC 3464).
fn report(address: &str) -> String {
    format!(
        "From: MAILER-DAEMON@two.example\r\nTo: in@digest.example\r\n\
         Subject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.\r\n\
         --b\r\nContent-Type: message/delivery-status\r\n\r\n\
         Reporting-MTA: dns; mx.two.example\r\n\r\n\
         Final-Recipient: rfc822; {address}\r\nAction: failed\r\nStatus: 5.1.1\r\n\
         Diagnostic-Code: smtp; 550 5.1.1 unknown user\r\n\r\n--b--\r\n"
    )
}
