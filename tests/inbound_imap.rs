//! A mailbox over IMAP, with a real Dovecot on loopback: each mail is taken once, marked or
//! moved, and never lost, whatever breaks in between.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "support/dovecot.rs"]
mod dovecot;

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use paperround::clock::Clock;
use paperround::config::Mailbox;
use paperround::inbound::imap::{Settings, watch};
use paperround::inbound::{Accept, Accepted, Arrival, InboundError};
use paperround::store::StoreError;
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use dovecot::Dovecot;

/// How long anything may take before a test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// Who takes the mail in these tests. The subject says what becomes of it: `fail` cannot be
/// dealt with at first, `never` never, `refuse` is refused, `hang` takes for ever.
#[derive(Clone, Default)]
struct Door(Arc<Inner>);

#[derive(Default)]
struct Inner {
    /// Subject, recipients and size of each that came, in order.
    came: Mutex<Vec<(String, Vec<String>, usize)>>,
    changed: Notify,
}

impl Door {
    /// The subjects of all that came, in order.
    fn subjects(&self) -> Vec<String> {
        self.0.came.lock().unwrap().iter().map(|came| came.0.clone()).collect()
    }

    /// Waits until this many have come.
    async fn until(&self, count: usize) {
        self.wait(&format!("{count} mails"), |came| came.len() >= count).await;
    }

    async fn wait(&self, what: &str, enough: impl Fn(&[String]) -> bool) {
        let waiting = async {
            loop {
                let changed = self.0.changed.notified();
                if enough(&self.subjects()) {
                    return;
                }
                changed.await;
            }
        };
        if tokio::time::timeout(PATIENCE, waiting).await.is_err() {
            panic!("waited for {what}, had {:?}", self.subjects());
        }
    }
}

impl Accept for Door {
    fn is_ours(&self, recipient: &str) -> bool {
        recipient.starts_with("papers") && recipient.ends_with("@example.org")
    }

    async fn accept_once(&self, arrival: Arrival<'_>) -> Result<Accepted, InboundError> {
        assert_eq!(arrival.from, None);
        let text = String::from_utf8_lossy(arrival.bytes);
        let subject = text.split_once("Subject: ").unwrap().1.lines().next().unwrap().to_owned();
        let before = {
            let mut came = self.0.came.lock().unwrap();
            let before = came.iter().filter(|(known, ..)| *known == subject).count();
            came.push((subject.clone(), arrival.to.to_vec(), arrival.bytes.len()));
            before
        };
        self.0.changed.notify_waiters();
        let broken =
            || StoreError::Open { place: "nowhere".to_owned(), reason: "a test".to_owned() };
        match subject.split(' ').next().unwrap() {
            "never" => Err(broken().into()),
            "fail" if before < 2 => Err(broken().into()),
            "refuse" => Ok(Accepted::Refused("no".to_owned())),
            "hang" => std::future::pending().await,
            _ => Ok(Accepted::Done),
        }
    }
}

/// A watch at work.
struct Watch {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Watch {
    fn start(settings: Settings, door: &Door) -> Self {
        let stop = CancellationToken::new();
        let task = tokio::spawn(watch(settings, door.clone(), Clock::system(), stop.clone()));
        Self { stop, task }
    }

    async fn stop(self) {
        self.stop.cancel();
        tokio::time::timeout(PATIENCE, self.task).await.unwrap().unwrap();
    }

    /// Ends it as a crash would.
    async fn kill(self) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
    }
}

fn settings(dovecot: &Dovecot, done: &str) -> Settings {
    let mailbox = Mailbox {
        host: "127.0.0.1".to_owned(),
        port: dovecot.imap,
        tls: false,
        user: "ada".to_owned(),
        folder: "INBOX".to_owned(),
    };
    Settings { mailbox, password: SecretString::from("x"), done: done.to_owned() }
}

fn mail(subject: &str) -> Vec<u8> {
    format!(
        "Delivered-To: papers+abc@example.org\r\nFrom: ada@example.com\r\n\
         To: Papers <papers@example.org>, bob@example.com\r\nSubject: {subject}\r\n\r\nhello {{3}}\r\n"
    )
    .into_bytes()
}

/// Waits until a question has the right answer.
async fn until(what: &str, mut question: impl FnMut() -> bool) {
    for _ in 0..PATIENCE.as_millis() / 20 {
        if question() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("waited in vain until {what}");
}

/// Waits until the server listens for news.
async fn until_idle(dovecot: &Dovecot) {
    until("the watch idles", || dovecot.heard().trim_end().rsplit(' ').next() == Some("IDLE"))
        .await;
}

fn listed(mails: &[(String, String)]) -> Vec<(&str, &str)> {
    mails.iter().map(|(subject, flags)| (subject.as_str(), flags.as_str())).collect()
}

#[tokio::test]
async fn mail_is_taken_once_and_news_wake() {
    let Some(dovecot) = Dovecot::start() else { return };
    let mut ada = dovecot.client("ada");
    ada.append("INBOX", "", &mail("first"));
    ada.append("INBOX", "\\Seen", &mail("read before"));
    ada.append("INBOX", "\\Deleted", &mail("deleted before"));
    ada.append("INBOX", "\\Flagged", &mail("second"));

    let door = Door::default();
    let watch = Watch::start(settings(&dovecot, ""), &door);
    door.until(2).await;
    // Only IDLE tells of it: the next look would be minutes away.
    until_idle(&dovecot).await;
    ada.append("INBOX", "", &mail("third"));
    door.until(3).await;
    until_idle(&dovecot).await;
    // Somebody marks it as unread: it was dealt with all the same.
    ada.command("SELECT INBOX");
    ada.command("STORE 5 -FLAGS (\\Seen)");
    ada.append("INBOX", "", &mail("fourth"));
    door.until(4).await;
    until_idle(&dovecot).await;
    watch.stop().await;

    assert_eq!(door.subjects(), ["first", "second", "third", "fourth"]);
    let expected = ["papers+abc@example.org", "papers@example.org"];
    for (subject, to, size) in door.0.came.lock().unwrap().iter() {
        assert_eq!(*to, expected);
        assert_eq!(*size, mail(subject).len());
    }
    assert_eq!(
        listed(&ada.list("INBOX")),
        [
            ("first", "PaperRound \\Seen"),
            ("read before", "\\Seen"),
            ("deleted before", "\\Deleted"),
            ("second", "PaperRound \\Flagged \\Seen"),
            ("third", "PaperRound"),
            ("fourth", "PaperRound \\Seen"),
        ]
    );
    until("it took its leave", || dovecot.heard().contains("LOGOUT")).await;
}

#[tokio::test]
async fn a_mail_that_cannot_be_dealt_with_stays_and_is_tried_again() {
    let Some(dovecot) = Dovecot::start() else { return };
    let mut ada = dovecot.client("ada");
    for subject in ["never 1", "never 2", "never 3", "fail", "good"] {
        ada.append("INBOX", "", &mail(subject));
    }
    let door = Door::default();
    let watch = Watch::start(settings(&dovecot, ""), &door);
    // Three that fail end a round, and come last in the next.
    door.wait("the good one", |came| came.iter().any(|one| one == "good")).await;
    door.wait("the third try", |came| came.iter().filter(|one| *one == "fail").count() == 3).await;
    until_idle(&dovecot).await;
    watch.stop().await;

    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for subject in door.subjects() {
        *counts.entry(subject).or_default() += 1;
    }
    assert_eq!((counts["good"], counts["fail"]), (1, 3));
    assert!((2..10).contains(&counts["never 1"]), "{counts:?}");
    assert_eq!(
        listed(&ada.list("INBOX")),
        [
            ("never 1", ""),
            ("never 2", ""),
            ("never 3", ""),
            ("fail", "PaperRound \\Seen"),
            ("good", "PaperRound \\Seen"),
        ]
    );
}

#[tokio::test]
async fn what_is_refused_or_too_large_is_left_for_a_person() {
    let Some(dovecot) = Dovecot::start() else { return };
    let mut ada = dovecot.client("ada");
    let mut large = mail("large");
    large.resize(11 << 20, b'x');
    ada.append("INBOX", "", &mail("refuse"));
    ada.append("INBOX", "", &large);
    ada.append("INBOX", "", &mail("good"));
    let door = Door::default();
    let watch = Watch::start(settings(&dovecot, "Done"), &door);
    door.until(2).await;
    until_idle(&dovecot).await;
    watch.stop().await;
    assert_eq!(door.subjects(), ["refuse", "good"]);
    let flags = "PaperRound \\Flagged \\Seen";
    assert_eq!(listed(&ada.list("INBOX")), [("refuse", flags), ("large", flags)]);
    assert_eq!(listed(&ada.list("Done")), [("good", "PaperRound \\Seen")]);
}

/// Has two mails put away while one that somebody else has marked as deleted is there.
async fn put_away(capability: &str) -> Option<(Dovecot, Vec<(String, String)>, String)> {
    let settings_of_server = match capability {
        "" => String::new(),
        some => format!("protocol imap {{\n  imap_capability = {some}\n}}"),
    };
    let dovecot = Dovecot::with(&settings_of_server)?;
    let mut ada = dovecot.client("ada");
    ada.append("INBOX", "\\Deleted", &mail("another's"));
    ada.append("INBOX", "", &mail("first"));
    let door = Door::default();
    let watch = Watch::start(settings(&dovecot, "Erledigt & ✓/Post"), &door);
    door.until(1).await;
    until_idle(&dovecot).await;
    ada.append("INBOX", "", &mail("second"));
    door.until(2).await;
    until_idle(&dovecot).await;
    watch.stop().await;
    let done = ada.list("Erledigt &- &JxM-/Post");
    let flags = "PaperRound \\Seen";
    assert_eq!(listed(&done), [("first", flags), ("second", flags)]);
    let (left, heard) = (ada.list("INBOX"), dovecot.heard());
    Some((dovecot, left, heard))
}

#[tokio::test]
async fn mail_is_moved() {
    let Some((_dovecot, left, heard)) = put_away("").await else { return };
    assert_eq!(listed(&left), [("another's", "\\Deleted")]);
    assert_eq!(heard.matches("CREATE").count(), 1, "{heard}");
    assert!(heard.contains("UID MOVE") && !heard.contains("EXPUNGE"), "{heard}");
}

#[tokio::test]
async fn mail_is_copied_and_removed_where_it_cannot_be_moved() {
    let able = "IMAP4rev1 IDLE UIDPLUS";
    let Some((_dovecot, left, heard)) = put_away(able).await else { return };
    assert_eq!(listed(&left), [("another's", "\\Deleted")]);
    assert!(!heard.contains("MOVE"), "{heard}");
    assert_eq!(heard.matches("EXPUNGE").count(), heard.matches("UID EXPUNGE").count());
}

#[tokio::test]
async fn nothing_is_removed_where_that_could_remove_more() {
    let Some((_dovecot, left, heard)) = put_away("IMAP4rev1 IDLE").await else { return };
    let gone = "PaperRound \\Deleted \\Seen";
    let expected = [("another's", "\\Deleted"), ("first", gone), ("second", gone)];
    assert_eq!(listed(&left), expected);
    assert!(!heard.contains("MOVE") && !heard.contains("EXPUNGE"), "{heard}");
}

#[tokio::test]
async fn nothing_comes_twice_after_a_restart_and_nothing_is_lost_by_a_crash() {
    let Some(dovecot) = Dovecot::start() else { return };
    let mut ada = dovecot.client("ada");
    ada.append("INBOX", "", &mail("first"));
    let door = Door::default();
    let watch = Watch::start(settings(&dovecot, ""), &door);
    door.until(1).await;
    until_idle(&dovecot).await;
    watch.stop().await;

    ada.append("INBOX", "", &mail("hang"));
    let watch = Watch::start(settings(&dovecot, ""), &door);
    door.until(2).await;
    watch.kill().await;

    ada.append("INBOX", "", &mail("third"));
    let watch = Watch::start(settings(&dovecot, ""), &door);
    door.until(3).await;
    // It ends within its grace, although the mail at hand never would.
    watch.stop().await;
    assert_eq!(door.subjects(), ["first", "hang", "hang"]);
    let expected = [("first", "PaperRound \\Seen"), ("hang", ""), ("third", "")];
    assert_eq!(listed(&ada.list("INBOX")), expected);
}

#[tokio::test]
async fn it_comes_back_when_the_server_does() {
    let Some(mut dovecot) = Dovecot::start() else { return };
    let door = Door::default();
    let watch = Watch::start(settings(&dovecot, ""), &door);
    until_idle(&dovecot).await;
    dovecot.stop();
    dovecot.again();
    let mut ada = dovecot.client("ada");
    ada.append("INBOX", "", &mail("after"));
    door.until(1).await;
    watch.stop().await;
    assert_eq!(door.subjects(), ["after"]);
}

#[tokio::test]
async fn a_wrong_password_is_not_tried_again_and_again() {
    let Some(dovecot) = Dovecot::start() else { return };
    let settings = Settings { password: SecretString::from("wrong"), ..settings(&dovecot, "") };
    let door = Door::default();
    let watch = Watch::start(settings.clone(), &door);
    let refused = |user: &str| dovecot.log().matches(&format!("({user},")).count();
    until("the login is refused", || refused("ada") > 0).await;
    let once = refused("ada");
    // Who only lost the connection is back after a second, and after two.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut other = settings.clone();
    other.mailbox.port = listener.local_addr().unwrap().port();
    let losing = Watch::start(other, &door);
    for _ in 0..3 {
        drop(tokio::time::timeout(PATIENCE, listener.accept()).await.unwrap().unwrap());
    }
    losing.stop().await;
    assert_eq!(refused("ada"), once);
    watch.stop().await;
    assert!(door.subjects().is_empty());
}

/// What the system trusts is read once in a process, so this test runs itself in two more.
#[tokio::test]
async fn only_a_trusted_certificate_is_told_the_password() {
    if let Ok(port) = std::env::var("PAPERROUND_TEST_IMAPS") {
        return over_tls(port.parse().unwrap()).await;
    }
    let Some(dovecot) = Dovecot::start() else { return };
    dovecot.client("ada").append("INBOX", "", &mail("secret"));
    let run = |trusted: &std::path::Path| {
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "only_a_trusted_certificate_is_told_the_password"])
            .env("PAPERROUND_TEST_IMAPS", dovecot.imaps.to_string())
            .env("SSL_CERT_FILE", trusted)
            .env_remove("SSL_CERT_DIR")
            .spawn()
            .unwrap()
    };
    let logged_in =
        || dovecot.log().lines().any(|line| line.contains("Login:") && line.contains(", TLS"));
    // A certificate of the same name, by another who signed it.
    let Some(stranger) = Dovecot::start() else { return };
    let mut wary = run(&stranger.path("cert.pem"));
    until("the handshake fails", || dovecot.log().contains("TLS handshaking")).await;
    wary.kill().unwrap();
    wary.wait().unwrap();
    assert!(!logged_in());
    assert!(run(&dovecot.path("cert.pem")).wait().unwrap().success());
    assert!(logged_in());
}

async fn over_tls(port: u16) {
    let mailbox = Mailbox {
        host: "localhost".to_owned(),
        port,
        tls: true,
        user: "ada".to_owned(),
        folder: "INBOX".to_owned(),
    };
    let password = SecretString::from("x");
    let door = Door::default();
    let watch = Watch::start(Settings { mailbox, password, done: String::new() }, &door);
    door.until(1).await;
    watch.stop().await;
}
