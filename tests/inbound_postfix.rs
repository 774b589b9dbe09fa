//! Mail in and out through the real Postfix and Dovecot, with the real program between them: a
//! person subscribes, changes her mind and leaves by mail, and what does not arrive comes back as
//! a true report. The servers are set up as docs/mail-in.md says, word for word.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "support/dovecot.rs"]
mod dovecot;
#[path = "support/postfix.rs"]
mod postfix;

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use dovecot::{Dovecot, free_ports};
use mail_parser::MessageParser;
use paperround::clock::Clock;
use postfix::Postfix;
use serde_json::Value;

/// How long any one thing may take before a test fails: the daemon looks every 15 seconds for
/// what another process has left it.
const PATIENCE: Duration = Duration::from_secs(60);

const OURS: &str = "papers@example.org";
const ADA: &str = "ada@reader.example";
/// Has no mailbox.
const GONE: &str = "nouser-bob@reader.example";
/// Has one that is full.
const FULL: &str = "full-eve@reader.example";

/// The user that the program runs as: `nobody` of every Linux.
const NOBODY: u32 = 65_534;

/// By which way mail comes in.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Lmtp,
    Pipe,
    Imap,
}

/// What docs/mail-in.md has under the mark `name`, with what differs here put in.
fn recipe(name: &str, here: &[(&str, &str)]) -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/mail-in.md");
    let page = std::fs::read_to_string(page).unwrap();
    let mark = format!("<!-- tried: {name} -->\n```");
    let (_, rest) = page.split_once(&mark).unwrap_or_else(|| panic!("no {name} in the page"));
    let (_, rest) = rest.split_once('\n').unwrap();
    let mut text = rest.split_once("\n```").unwrap().0.to_owned();
    for (there, here) in here {
        assert!(text.contains(there), "{name} lacks {there}: {text}");
        text = text.replace(there, here);
    }
    text
}

/// The program, its servers, and all that they keep.
struct World {
    daemon: Child,
    postfix: Postfix,
    dovecot: Dovecot,
    home: tempfile::TempDir,
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.daemon.id().to_string()).status();
        let _ = self.daemon.wait();
        if std::thread::panicking() {
            let log = std::fs::read_to_string(self.home.path().join("log")).unwrap_or_default();
            eprintln!("== paperround\n{log}\n== Postfix\n{}", self.postfix.log());
            eprintln!("{}\n== Dovecot\n{}", self.postfix.queue(), self.dovecot.log());
        }
    }
}

impl World {
    fn start(way: Way) -> Option<Self> {
        if !postfix::is_here() {
            return None;
        }
        let full = format!("{FULL}:::::::userdb_quota_rule=*:storage=1");
        let ada = format!("{ADA}:::::::");
        let ours = format!("{OURS}:::::::");
        let quota = "protocol lmtp {\n  mail_plugins = quota\n}\nplugin {\n  quota = maildir:User\n}\n\
                     quota_full_tempfail = yes\n";
        let settings = format!("{quota}{}", recipe("dovecot.conf", &[]));
        let dovecot = Dovecot::of(Some(&[&full, &ada, &ours]), &settings)?;
        let [smtp, lmtp, web] = free_ports();
        let home = home(way, &dovecot, smtp, lmtp, web);
        let postfix = mail_server(way, &dovecot, home.path(), smtp, lmtp);
        let log = std::fs::File::create(home.path().join("log")).unwrap();
        let run = |words: &[&str]| {
            let done = command(home.path(), words).output().unwrap();
            assert!(done.status.success(), "{words:?}: {done:?}");
        };
        run(&["fetch", "--from", "trending.html"]);
        // Their digests are due as soon as the daemon is there.
        let now = Clock::system().now();
        let before = (now - jiff::SignedDuration::from_mins(90)).to_string();
        run(&["--at", &before, "subscriber", "add", "--confirmed", GONE]);
        run(&["--at", &before, "subscriber", "add", "--confirmed", FULL]);
        let daemon = command(home.path(), &["serve"]).stderr(log).spawn().unwrap();
        let world = Self { daemon, postfix, dovecot, home };
        until("the daemon is up", || world.log().contains("Paper Round is up").then_some(()));
        Some(world)
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.home.path().join("log")).unwrap()
    }

    fn json(&self, words: &[&str]) -> Option<Value> {
        let done = command(self.home.path(), words).arg("--json").output().unwrap();
        done.status.success().then(|| serde_json::from_slice(&done.stdout).unwrap())
    }

    fn until_state(&self, email: &str, state: &str) {
        until(&format!("{email} is {state}"), || {
            let shown = self.json(&["subscriber", "show", email])?;
            (shown["state"] == state).then_some(())
        });
    }

    /// What `why` tells of somebody, once it tells of `what`.
    fn until_told(&self, email: &str, what: &str) -> String {
        until(&format!("why {email} tells of {what}"), || {
            let told = self.json(&["why", email])?["events"].to_string();
            told.contains(what).then_some(told)
        })
    }

    /// The first mail of ADA's whose header has `field` with `words` in it.
    fn mail(&self, field: &str, words: &str) -> String {
        until(&format!("{ADA} has a mail with {field}: {words}"), || {
            let mut mails = self.dovecot.client(ADA).mails("INBOX").into_iter();
            mails.find(|mail| header(mail, field).contains(words))
        })
    }

    /// Writes as a person does, with a program that people have; the mail's name.
    fn write(&self, to: &str, subject: &str, more: &str, body: &str) -> String {
        let (id, file) = self.letter(&format!("<{to}>"), subject, more, body);
        let said = self.hand(to, &file);
        assert!(said.is_empty(), "{to}: {said}");
        id
    }

    /// A mail in a file, and its name.
    fn letter(&self, to: &str, subject: &str, more: &str, body: &str) -> (String, PathBuf) {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let id = format!("<m{}@mua.example>", COUNT.fetch_add(1, Ordering::Relaxed));
        let date =
            jiff::fmt::rfc2822::to_string(&Clock::system().now().to_zoned(jiff::tz::TimeZone::UTC));
        let text = format!(
            "From: Ada <{ADA}>\r\nTo: {to}\r\nSubject: {subject}\r\nDate: {}\r\n\
             Message-ID: {id}\r\n{more}MIME-Version: 1.0\r\n\
             Content-Type: text/plain; charset=utf-8\r\n\r\n{body}",
            date.unwrap()
        );
        let file = self.home.path().join("letter");
        std::fs::write(&file, text).unwrap();
        (id, file)
    }

    /// Hands a mail to Postfix; what it said against it, if anything.
    fn hand(&self, to: &str, file: &Path) -> String {
        let port = self.postfix.smtp.to_string();
        let script = "import smtplib, sys\n\
                      with smtplib.SMTP('127.0.0.1', int(sys.argv[1])) as server:\n\
                      \x20   try: server.sendmail(sys.argv[2], [sys.argv[3]], open(sys.argv[4], 'rb').read())\n\
                      \x20   except smtplib.SMTPRecipientsRefused as refused: print(refused)\n";
        let done = Command::new("python3")
            .args(["-c", script, &port, ADA, to])
            .arg(file)
            .output()
            .unwrap();
        assert!(done.status.success(), "{done:?}");
        String::from_utf8(done.stdout).unwrap()
    }

    /// Answers a mail as mail programs do: quoted below, with a signature.
    fn reply(&self, mail: &str, words: &str) -> String {
        let parsed = MessageParser::default().parse(mail.as_bytes()).unwrap();
        let text = parsed.body_text(0).unwrap();
        let quoted: String = text.lines().map(|line| format!("> {line}\r\n")).collect();
        let body = format!(
            "{words}\r\n\r\nOn Mon, 23 Nov 2026 at 08:00, Paper Round <{OURS}> wrote:\r\n{quoted}\r\n\
             -- \r\nAda Lovelace\r\nunsubscribe is not what I want\r\n"
        );
        let id = header(mail, "Message-ID");
        let more = format!("In-Reply-To: {id}\r\nReferences: {id}\r\n");
        let subject = format!("Re: {}", parsed.subject().unwrap());
        let subject: String = subject.chars().filter(char::is_ascii).collect();
        self.write(&header(mail, "Reply-To"), &subject, &more, &body)
    }
}

/// The program's folder: its config is the page's, and what makes it fast and local.
fn home(way: Way, dovecot: &Dovecot, smtp: u16, lmtp: u16, web: u16) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name);
    std::fs::set_permissions(home.path(), PermissionsExt::from_mode(0o755)).unwrap();
    // Where the checkout lies, other users may have no way in.
    std::fs::copy(env!("CARGO_BIN_EXE_paperround"), at("paperround")).unwrap();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample/trending.html");
    std::fs::copy(sample, at("trending.html")).unwrap();
    let certificate = dovecot.path("cert.pem");
    std::fs::copy(certificate, at("cert.pem")).unwrap();
    std::fs::write(at("imap.password"), "x\n").unwrap();
    let port = lmtp.to_string();
    let inbound = match way {
        Way::Imap => {
            let server = format!("@localhost:{}", dovecot.imaps);
            let recipe = recipe("paperround.toml, imap", &[("@imap.example.org", &server)]);
            format!("{recipe}\nlmtp = \"127.0.0.1:{port}\"\n")
        }
        _ => recipe("paperround.toml, lmtp", &[("8024", &port)]),
    };
    let config = format!(
        "[site]\nurl = \"http://127.0.0.1:{web}\"\ndata_dir = \"data\"\n\
         [server]\nlisten = \"127.0.0.1:{web}\"\n\
         [digest]\nschedule = \"0 * * * *\"\n\
         [[sources]]\nkind = \"huggingface\"\nurl = \"http://127.0.0.1:9/papers\"\n\
         schedule = \"0 0 1 1 *\"\n\
         [mail]\nfrom = \"Paper Round <{OURS}>\"\n\
         [[mail.relays]]\nurl = \"smtp://127.0.0.1:{smtp}\"\n{inbound}\n"
    );
    std::fs::write(at("paperround.toml"), config).unwrap();
    let owner = format!("{NOBODY}:{NOBODY}");
    let owned = Command::new("chown").arg("-R").arg(owner).arg(home.path()).status().unwrap();
    assert!(owned.success());
    std::fs::set_permissions(at("imap.password"), PermissionsExt::from_mode(0o600)).unwrap();
    home
}

/// Postfix as the page says, and readers' mailboxes behind it.
fn mail_server(way: Way, dovecot: &Dovecot, home: &Path, smtp: u16, lmtp: u16) -> Postfix {
    let etc = ("/etc/postfix", "{etc}");
    let local = if way == Way::Pipe { "example.org" } else { "" };
    let mut main = format!(
        "mydestination = {local}\nvirtual_mailbox_domains = reader.example\nvirtual_mailbox_maps = static:all\n\
         virtual_transport = lmtp:inet:127.0.0.1:{}\n",
        dovecot.lmtp
    );
    let mut services = String::new();
    let mut files = Vec::new();
    if way != Way::Imap {
        main += &recipe("main.cf, lmtp", &[etc]);
    }
    match way {
        Way::Lmtp => {
            main += &format!("\n{}", recipe("main.cf, domain of its own", &[]));
            files.push(recipe("transport, lmtp", &[("8024", &lmtp.to_string())]));
        }
        Way::Pipe => {
            main += &format!("\n{}", recipe("main.cf, domain of this machine", &[]));
            main += &format!("\n{}", recipe("main.cf, pipe", &[]));
            let home = home.display().to_string();
            services = recipe(
                "master.cf, pipe",
                &[
                    ("/etc/paperround", &home),
                    ("/usr/local/bin", &home),
                    ("user=paperround", "user=nobody"),
                ],
            );
            files.push(recipe("transport, pipe", &[]));
        }
        // One mailbox of Dovecot's among others.
        Way::Imap => main = main.replace("reader.example", "reader.example example.org"),
    }
    let files: Vec<_> = files.into_iter().map(|text| ("paperround", text + "\n")).collect();
    Postfix::start(smtp, &main, &services, &files)
}

fn command(home: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(home.join("paperround"));
    command.current_dir(home).arg("-c").arg(home.join("paperround.toml")).args(words);
    command.env("NO_COLOR", "1").env("HOME", home).env_remove("SSL_CERT_DIR");
    command.env("SSL_CERT_FILE", home.join("cert.pem"));
    command.uid(NOBODY).gid(NOBODY).stdin(Stdio::null());
    command
}

fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn header(mail: &str, name: &str) -> String {
    let parsed = MessageParser::default().parse(mail.as_bytes()).unwrap();
    let raw = parsed.header_raw(name.to_owned()).unwrap_or_default();
    raw.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A life by mail.
fn journey(way: Way) {
    let Some(world) = World::start(way) else { return };

    // Who wants it and says so gets it, if only when the program can be started again.
    let config = world.home.path().join("paperround.toml");
    let away = world.home.path().join("away.toml");
    if way == Way::Pipe {
        std::fs::rename(&config, &away).unwrap();
    }
    subscribe(&world);
    if way == Way::Pipe {
        until("Postfix keeps her mail", || {
            let log = world.postfix.log();
            log.contains("relay=paperround, ").then(|| assert!(log.contains("status=deferred")))
        });
        std::fs::rename(&away, &config).unwrap();
    }
    let confirm = world.mail("Reply-To", "papers+confirm-");
    world.until_state(ADA, "pending");
    world.reply(&confirm, "Yes please!");
    world.until_state(ADA, "active");
    let digest = world.mail("List-Id", "digest.example.org");
    assert!(header(&digest, "Return-Path").contains("papers+b-"), "{digest}");
    assert!(digest.contains("Attention Is All You Need"));

    let asked = world.reply(&digest, "pause 2 weeks");
    world.until_state(ADA, "paused");
    let answer = world.mail("In-Reply-To", &asked);
    assert_eq!(header(&answer, "Auto-Submitted"), "auto-replied");

    // The button of her mail program.
    let leave = header(&digest, "List-Unsubscribe");
    let (_, leave) = leave.split_once("mailto:").unwrap();
    world.write(leave.split(['>', '?']).next().unwrap(), "unsubscribe", "", "unsubscribe\r\n");
    world.until_state(ADA, "unsubscribed");
    assert!(world.until_told(ADA, "unsubscribed").contains("by mail"));

    // What did not arrive came back, and was told of the right reader.
    let gone = world.until_told(GONE, "5.1.1");
    world.until_state(GONE, "suppressed");
    assert!(gone.contains("User doesn't exist") || gone.contains("report"), "{gone}");
    assert!(world.postfix.log().contains("sender non-delivery notification"));
    let full = world.until_told(FULL, "4.2.2");
    assert!(full.contains("soft"), "{full}");
    world.until_state(FULL, "active");

    if way != Way::Imap {
        let file = world.home.path().join("letter");
        let refused = world.hand("postmaster2@example.org", &file);
        assert!(refused.contains("550"), "there is no such mailbox: {refused}");
    }
    if way == Way::Imap {
        // Only what the mailbox's server wrote on top says whom it is for.
        let file = world.letter("undisclosed-recipients:;", "help", "", "help\r\n").1;
        assert_eq!(world.hand("papers+help@example.org", &file), "");
        world.mail("Subject", "what you can write");
    }
    until("nothing is left on the way", || {
        let waiting = command(world.home.path(), &["queue", "list", "--json"]).output().unwrap();
        let empty = world.postfix.queue().contains("Mail queue is empty");
        (empty && waiting.status.success() && waiting.stdout.is_empty()).then_some(())
    });
    // She was asked, got the digest and an answer, and a goodbye; each of them once.
    let mails = world.dovecot.client(ADA).list("INBOX");
    assert_eq!(mails.len(), if way == Way::Imap { 5 } else { 4 }, "{mails:?}");
    if way == Way::Imap {
        let mut ours = world.dovecot.client(OURS);
        assert!(ours.list("INBOX").is_empty());
        // What she wrote, and two reports.
        assert_eq!(ours.list("Done").len(), 7);
    }
    // But for the config file that was away for a while.
    let bad = |line: &str| line.contains("ERROR") && !line.contains("config file is refused");
    let log = world.log();
    assert!(!log.lines().any(bad) && !log.contains("panicked"), "{log}");
}

/// The first mail, by swaks where that is installed.
fn subscribe(world: &World) {
    let swaks = PathBuf::from("/usr/bin/swaks");
    if !swaks.exists() {
        world.write(OURS, "subscribe", "", "subscribe\r\n");
        return;
    }
    let done = Command::new(swaks)
        .args(["--server", "127.0.0.1", "--from", ADA, "--to", OURS, "--port"])
        .arg(world.postfix.smtp.to_string())
        .args(["--header", "Subject: subscribe", "--body", "subscribe"])
        .output()
        .unwrap();
    assert!(done.status.success(), "{done:?}");
}

#[test]
fn a_life_by_mail_over_lmtp() {
    journey(Way::Lmtp);
}

#[test]
fn a_life_by_mail_through_a_pipe() {
    journey(Way::Pipe);
}

#[test]
fn a_life_by_mail_in_a_mailbox() {
    journey(Way::Imap);
}
