//! The daemon as a service manager runs it: what it tells, the sockets that it takes over, the
//! secrets that it is handed; and how a service is set up.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

/// How long anything may take before a test fails.
const PATIENCE: Duration = Duration::from_secs(60);

fn configure(folder: &Path, more: &str) {
    let text = format!(
        "[site]\nurl = \"https://digest.example\"\ndata_dir = \"data\"\n\
         [server]\nlisten = \"127.0.0.1:0\"\n[[sources]]\nurl = \"http://127.0.0.1:9/\"\n\
         [mail]\nfrom = \"papers@digest.example\"\n[[mail.relays]]\nurl = \"folder:outbox\"\n{more}"
    );
    std::fs::write(folder.join("c.toml"), text).unwrap();
}

fn program(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_paperround"));
    command.current_dir(folder).args(["-c", "c.toml"]).args(words).env("NO_COLOR", "1");
    command
}

fn said(done: &Output) -> String {
    String::from_utf8_lossy(&[done.stdout.as_slice(), &done.stderr].concat()).into_owned()
}

/// The service manager's ear.
struct Ear(UnixDatagram);

impl Ear {
    fn new(folder: &Path) -> Self {
        let socket = UnixDatagram::bind(folder.join("notify")).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self(socket)
    }

    /// Hears messages until one has this line.
    fn hear(&self, line: &str) -> Vec<String> {
        let mut heard = Vec::new();
        loop {
            let mut bytes = [0; 4096];
            let length = self.0.recv(&mut bytes).unwrap_or_else(|_| panic!("no {line}: {heard:?}"));
            let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
            heard.extend(text.lines().map(str::to_owned));
            if text.lines().any(|one| one.starts_with(line)) {
                return heard;
            }
        }
    }
}

/// A daemon that is gone with the test.
struct Daemon(Child);

impl Daemon {
    fn signal(&self, name: &str) {
        let done = Command::new("kill").args([name, &self.0.id().to_string()]).status().unwrap();
        assert!(done.success());
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn get(at: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(at).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Starts the daemon with two sockets, as systemd does: they are its descriptors 3 and 4, and the
/// number of the process is said. A shell moves them there from where they can be handed over.
fn activated(folder: &Path, notify: &Path, web: &TcpListener, inbound: &TcpListener) -> Daemon {
    let script = format!(
        "exec 3<&0 4>&1 </dev/null >/dev/null; \
         export LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES=web:inbound; \
         exec {} -c c.toml serve",
        env!("CARGO_BIN_EXE_paperround")
    );
    let handed = |listener: &TcpListener| Stdio::from(OwnedFd::from(listener.try_clone().unwrap()));
    let mut command = Command::new("bash");
    command.current_dir(folder).args(["-c", &script]).env("NOTIFY_SOCKET", notify);
    command.stdin(handed(web)).stdout(handed(inbound)).stderr(Stdio::null());
    Daemon(command.spawn().unwrap())
}

#[test]
fn the_manager_hears_how_things_stand() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    configure(folder, "");
    let ear = Ear::new(folder);
    let child = program(folder, &["serve"])
        .env("NOTIFY_SOCKET", folder.join("notify"))
        .env("WATCHDOG_USEC", "300000")
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut daemon = Daemon(child);
    let start = ear.hear("READY=1");
    assert!(start.iter().any(|line| line.starts_with("EXTEND_TIMEOUT_USEC=")), "{start:?}");
    let status = ear.hear("STATUS=up; ");
    assert!(status.last().unwrap().contains("nobody waits for a digest"), "{status:?}");
    ear.hear("WATCHDOG=1");
    // And again, while it lives.
    ear.hear("WATCHDOG=1");
    daemon.signal("-HUP");
    ear.hear("RELOADING=1");
    ear.hear("READY=1");
    daemon.signal("-TERM");
    ear.hear("STOPPING=1");
    assert!(daemon.0.wait().unwrap().success());
}

/// The manager holds the ports: while the daemon is away connections wait, and none is refused.
#[test]
fn its_sockets_are_taken_over() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    configure(folder, "[inbound]\naddress = \"papers@digest.example\"\n");
    let [web, inbound] = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    let (site, lmtp) = (web.local_addr().unwrap(), inbound.local_addr().unwrap());
    for round in ["first", "second"] {
        let place = folder.join(round);
        std::fs::create_dir(&place).unwrap();
        let ear = Ear::new(&place);
        // A reader comes while nothing runs.
        let asks = std::thread::spawn(move || get(site, "/healthz"));
        let mut daemon = activated(folder, &place.join("notify"), &web, &inbound);
        ear.hear("READY=1");
        assert!(asks.join().unwrap().contains("200 OK"));
        let mut mail = TcpStream::connect(lmtp).unwrap();
        mail.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut hello = [0; 4];
        mail.read_exact(&mut hello).unwrap();
        assert_eq!(&hello, b"220 ");
        drop(mail);
        daemon.signal("-TERM");
        assert!(daemon.0.wait().unwrap().success());
    }
}

#[test]
fn secrets_come_from_the_manager() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    let text = "[site]\nurl = \"https://digest.example\"\n[mail]\nfrom = \"papers@digest.example\"\n\
                [[mail.relays]]\nurl = \"smtp://me@127.0.0.1\"\npassword_file = \"credential:relay\"\n";
    std::fs::write(folder.join("c.toml"), text).unwrap();
    let check = |place: &Path| {
        let mut check = program(folder, &["config", "check"]);
        check.env("CREDENTIALS_DIRECTORY", place).output().unwrap()
    };
    let missing = check(folder);
    assert_eq!(missing.status.code(), Some(78));
    let words = said(&missing);
    assert!(words.contains("LoadCredential=relay:/path/to/the/file"), "{words}");
    let place = folder.join("credentials");
    std::fs::create_dir(&place).unwrap();
    std::fs::write(place.join("relay"), "secret\n").unwrap();
    std::fs::set_permissions(place.join("relay"), PermissionsExt::from_mode(0o400)).unwrap();
    let good = check(&place);
    assert!(good.status.success(), "{}", said(&good));
    // Never out of that folder.
    std::fs::write(folder.join("c.toml"), text.replace("credential:relay", "credential:../c.toml"))
        .unwrap();
    let outside = check(&place);
    assert_eq!(outside.status.code(), Some(78), "{}", said(&outside));
}

#[test]
fn three_answers_make_a_service() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    let bare = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_paperround"));
        command.current_dir(folder).args(words).env("NO_COLOR", "1").output().unwrap()
    };
    let some = bare(&["init", "a", "--url", "https://papers.example.org"]);
    assert!(said(&some).contains("go together"), "{}", said(&some));
    let url = ["--url", "ftp://papers.example.org"];
    let rest = ["--from", "Rounds <papers@example.org>", "--relay", "smtp://127.0.0.1:1"];
    let wrong = bare(&[&["init", "a"][..], &url, &rest].concat());
    assert_eq!(wrong.status.code(), Some(2), "{}", said(&wrong));
    assert!(!folder.join("a").exists(), "nothing was written");
    // There is no file that could be quoted.
    let wrong = bare(&[&["init", "a"][..], &["--url", "papers.example.org"], &rest].concat());
    let words = said(&wrong);
    assert!(words.contains("--url: site.url: saw \"papers.example.org\""), "{words}");
    assert!(!words.contains(".toml:"), "{words}");
    // An address that leads straight here is where it listens.
    let local = ["--url", "http://127.0.0.1:18099", "--from", "papers@localhost"];
    let done = bare(&[&["init", "l", "--relay", "folder:../outbox"][..], &local].concat());
    assert!(done.status.success(), "{}", said(&done));
    let text = std::fs::read_to_string(folder.join("l/config/paperround.toml")).unwrap();
    assert!(text.contains("\nlisten = \"127.0.0.1:18099\"\n"), "{text}");
    // A relay that does not answer is told of, and is no reason to set nothing up.
    let done = bare(&[&["init", "r", "--relay", "smtp://127.0.0.1:1"][..], &local].concat());
    assert!(done.status.success(), "{}", said(&done));
    assert!(said(&done).contains("127.0.0.1 does not answer at port 1"), "{}", said(&done));
    let url = ["--url", "https://papers.example.org"];
    let done = bare(&[&["init", "a", "--json"][..], &url, &rest].concat());
    assert!(done.status.success(), "{}", said(&done));
    let said_json: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
    let records = said_json["records"].as_array().unwrap();
    let names: Vec<&str> = records.iter().map(|record| record["name"].as_str().unwrap()).collect();
    assert!(names[0].ends_with("r._domainkey.example.org"), "{names:?}");
    assert_eq!(names[2..], ["example.org", "_dmarc.example.org"]);
    assert_eq!(records[2]["value"], "v=spf1 a:papers.example.org mx ~all");
    let config = folder.join("a/config/paperround.toml");
    let mode = std::fs::metadata(&config).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    let config = config.to_str().unwrap();
    let shown = bare(&["-c", config, "config", "show", "--json"]);
    let words = said(&shown);
    assert!(words.contains("https://papers.example.org"), "{words}");
    // It can be moved: the keys are named as seen from the configuration.
    let text = std::fs::read_to_string(config).unwrap();
    assert!(text.contains("\nkey_file = \"paperround-data/dkim-"), "{text}");
    assert!(text.contains("\n# listen = "), "a web server stands before it: {text}");
    // What is printed is what signs.
    let keys = bare(&["-c", config, "key", "dkim", "--show", "--json"]);
    let keys: serde_json::Value = serde_json::from_slice(&keys.stdout).unwrap();
    assert_eq!(keys["records"].as_array().unwrap()[..], records[..2]);
    let again = bare(&[&["init", "a"][..], &url, &rest].concat());
    assert!(said(&again).contains("is there already"), "{}", said(&again));
}

/// Each answer is tried at once, and asked for again where it cannot be used; a password is not
/// shown. The terminal is util-linux's `script`.
#[test]
fn somebody_at_a_terminal_is_asked() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    let line = format!("{} init a", env!("CARGO_BIN_EXE_paperround"));
    let mut child = Command::new("script")
        .current_dir(folder)
        .args(["-qec", &line, "/dev/null"])
        .env("NO_COLOR", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut ask, mut shown) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let mut text = String::new();
    let mut hear = |wanted: &str| {
        let from = text.len();
        let mut bytes = [0; 1024];
        while !text[from..].contains(wanted) {
            let length = shown.read(&mut bytes).unwrap_or(0);
            assert!(length > 0, "no {wanted:?}: {text}");
            text.push_str(&String::from_utf8_lossy(&bytes[..length]));
        }
        text[from..].to_owned()
    };
    let mut say = |words: &str| ask.write_all(format!("{words}\n").as_bytes()).unwrap();
    hear("http://127.0.0.1:8080]: ");
    say("ftp://papers.example.org");
    assert!(hear("http://127.0.0.1:8080]: ").contains("site.url"));
    say("https://papers.example.org");
    hear("papers@localhost>]: ");
    say("Rounds <papers@example.org>");
    hear("folder:../outbox]: ");
    say("smtp://127.0.0.1:1");
    assert!(hear("Keep it all the same? [y/N] ").contains("does not answer at port 1"));
    say("n");
    hear("folder:../outbox]: ");
    say("smtps://me@127.0.0.1:1");
    hear("Its password: ");
    say("hunter2");
    hear("Keep it all the same? [y/N] ");
    say("y");
    let end = hear("subscriber add you@example.org");
    assert!(end.contains("_dmarc.example.org") && !end.contains("hunter2"), "{end}");
    assert!(child.wait().unwrap().success());
    let password = folder.join("a/config/relay-password");
    assert_eq!(std::fs::read_to_string(&password).unwrap(), "hunter2\n");
    assert_eq!(std::fs::metadata(&password).unwrap().permissions().mode() & 0o777, 0o640);
    let config = folder.join("a/config/paperround.toml");
    let text = std::fs::read_to_string(config).unwrap();
    assert!(text.contains("password_file = \"relay-password\"") && !text.contains("hunter2"));
}

#[test]
fn each_command_has_a_manual_page() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    let done = program(folder, &["man", "--dir", "man"]).output().unwrap();
    assert!(done.status.success(), "{}", said(&done));
    let page = |name: &str| std::fs::read_to_string(folder.join("man").join(name)).unwrap();
    for name in ["paperround.1", "paperround-backup.1", "paperround-subscriber-add.1"] {
        assert!(page(name).contains(".TH "), "{name}");
    }
    assert!(page("paperround.1").contains("EXIT STATUS"));
}

#[test]
fn a_daemon_is_asked_for_its_health() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path();
    configure(folder, "");
    let listen = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let ask = || {
        let mut ask = program(folder, &["health"]);
        ask.env("PAPERROUND__SERVER__LISTEN", listen.to_string()).output().unwrap()
    };
    assert_eq!(ask().status.code(), Some(69));
    let ear = Ear::new(folder);
    let child = program(folder, &["serve"])
        .env("PAPERROUND__SERVER__LISTEN", listen.to_string())
        .env("NOTIFY_SOCKET", folder.join("notify"))
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let _daemon = Daemon(child);
    ear.hear("READY=1");
    let well = ask();
    assert!(well.status.success() && said(&well).contains("\"ok\""), "{}", said(&well));
    // A file that breaks afterwards does not make the daemon ill.
    std::fs::write(folder.join("c.toml"), "[site\n").unwrap();
    assert_eq!(ask().status.code(), Some(78));
    let well = program(folder, &["health", &listen.to_string()]).output().unwrap();
    assert!(well.status.success(), "{}", said(&well));
}
