//! A Dovecot of a test's own on loopback: made in a temporary folder, on free ports, gone with
//! the test. Any user logs in with the password `x`.

#![allow(dead_code, unreachable_pub, reason = "not every test program needs all of it")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// How long anything may take before a test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server.
pub(crate) struct Dovecot {
    folder: tempfile::TempDir,
    server: Option<Child>,
    /// Where IMAP is spoken in the clear.
    pub imap: u16,
    /// Where IMAP is spoken over TLS, with a certificate for `localhost`.
    pub imaps: u16,
    /// Where mail is taken by LMTP, if that is installed.
    pub lmtp: u16,
}

impl Dovecot {
    /// Starts one; none, with a loud word, where it is not installed or cannot run.
    pub(crate) fn start() -> Option<Self> {
        Self::with("")
    }

    /// Starts one with more settings.
    pub(crate) fn with(settings: &str) -> Option<Self> {
        Self::of(None, settings)
    }

    /// Starts one that knows `users` alone, each a line of a passwd-file without a password;
    /// without them there is everybody.
    pub(crate) fn of(users: Option<&[&str]>, settings: &str) -> Option<Self> {
        let root = std::fs::metadata("/proc/self").is_ok_and(|about| about.uid() == 0);
        if program().is_none() || !Path::new("/usr/lib/dovecot/imap").exists() || !root {
            eprintln!(
                "NOT TESTED with Dovecot: it is not installed (apt install dovecot-imapd), or this is not root"
            );
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        // Its processes run as other users.
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
        for name in ["mail", "raw"] {
            let path = folder.path().join(name);
            std::fs::create_dir(&path).unwrap();
            let done = Command::new("chown").arg("mail:mail").arg(&path).status().unwrap();
            assert!(done.success());
        }
        certify(folder.path());
        let [imap, imaps, lmtp] = free_ports();
        let mut server = Self { folder, server: None, imap, imaps, lmtp };
        if let Some(users) = users {
            std::fs::write(server.path("users"), users.join("\n") + "\n").unwrap();
        }
        let config = server.config(users.is_some(), settings);
        std::fs::write(server.path("dovecot.conf"), config).unwrap();
        server.again();
        Some(server)
    }

    fn config(&self, users: bool, settings: &str) -> String {
        let root = self.folder.path().display();
        let home = format!("uid=mail gid=mail home={root}/mail/%u");
        let userdb = match users {
            true => format!("passwd-file\n  args = {root}/users\n  default_fields = {home}"),
            false => format!("static\n  args = {home} allow_all_users=yes"),
        };
        let Self { imap, imaps, lmtp, .. } = self;
        let protocols = match Path::new("/usr/lib/dovecot/lmtp").exists() {
            true => "imap lmtp",
            false => "imap",
        };
        format!(
            "base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/log
auth_verbose = yes
protocols = {protocols}
listen = 127.0.0.1
ssl = yes
ssl_cert = <{root}/cert.pem
ssl_key = <{root}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
first_valid_uid = 1
default_internal_user = nobody
default_login_user = nobody
mail_location = maildir:{root}/mail/%u
passdb {{
  driver = static
  args = password=x
}}
userdb {{
  driver = {userdb}
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
protocol imap {{
  rawlog_dir = {root}/raw
  mail_max_userip_connections = 50
}}
protocol lmtp {{
  auth_username_format = %Lu
}}
{settings}
"
        )
    }

    /// Ends the server and all its connections.
    pub(crate) fn stop(&mut self) {
        let Some(mut server) = self.server.take() else { return };
        let _ = Command::new("kill").arg(server.id().to_string()).status();
        let _ = server.wait();
    }

    /// Starts it again.
    pub(crate) fn again(&mut self) {
        let output = || Stdio::from(std::fs::File::create(self.path("output")).unwrap());
        let server = Command::new(program().unwrap())
            .arg("-F")
            .arg("-c")
            .arg(self.path("dovecot.conf"))
            .stdin(Stdio::null())
            .stdout(output())
            .stderr(output())
            .spawn()
            .unwrap();
        self.server = Some(server);
        let until = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", self.imap)).is_err() {
            let output = std::fs::read_to_string(self.path("output")).unwrap_or_default();
            assert!(Instant::now() < until, "Dovecot did not start: {output}{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// A file of its folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What it has logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    /// What all IMAP clients have said after their logins.
    pub(crate) fn heard(&self) -> String {
        let mut files: Vec<PathBuf> = std::fs::read_dir(self.path("raw"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|ending| ending == "in"))
            .collect();
        files.sort();
        files
            .iter()
            .map(|file| String::from_utf8_lossy(&std::fs::read(file).unwrap()).into_owned())
            .collect()
    }

    /// Somebody who reads their mail.
    pub(crate) fn client(&self, user: &str) -> Client {
        let stream = TcpStream::connect(("127.0.0.1", self.imap)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut client = Client { stream: BufReader::new(stream) };
        client.line();
        client.command(&format!("LOGIN \"{user}\" \"x\""));
        client
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A mail program, as simple as can be.
pub(crate) struct Client {
    stream: BufReader<TcpStream>,
}

impl Client {
    /// Sends a command that must succeed; gives all lines of the answer.
    pub(crate) fn command(&mut self, text: &str) -> String {
        self.exchange(text).0
    }

    /// The mails of a folder, whole and in order.
    pub(crate) fn mails(&mut self, folder: &str) -> Vec<String> {
        if self.command(&format!("EXAMINE \"{folder}\"")).contains("* 0 EXISTS") {
            return Vec::new();
        }
        self.exchange("FETCH 1:* BODY.PEEK[]").1
    }

    /// The answer to a command, and the literals in it.
    fn exchange(&mut self, text: &str) -> (String, Vec<String>) {
        self.stream.get_mut().write_all(format!("t {text}\r\n").as_bytes()).unwrap();
        let mut answer = String::new();
        let mut literals = Vec::new();
        loop {
            let line = self.line();
            answer.push_str(&line);
            if let Some(end) = line.strip_prefix("t ") {
                assert!(end.starts_with("OK"), "{text}: {end}");
                return (answer, literals);
            }
            if let Some(length) = line.trim_end().strip_suffix('}') {
                let length = length.rsplit('{').next().unwrap().parse().unwrap();
                let mut literal = vec![0; length];
                self.stream.read_exact(&mut literal).unwrap();
                let literal = String::from_utf8_lossy(&literal).into_owned();
                answer.push_str(&literal);
                literals.push(literal);
            }
        }
    }

    /// Puts a mail into a folder, with these flags.
    pub(crate) fn append(&mut self, folder: &str, flags: &str, mail: &[u8]) {
        let head = format!("t APPEND \"{folder}\" ({flags}) {{{}}}\r\n", mail.len());
        self.stream.get_mut().write_all(head.as_bytes()).unwrap();
        assert!(self.line().starts_with('+'));
        self.stream.get_mut().write_all(&[mail, b"\r\n"].concat()).unwrap();
        while !self.line().starts_with("t OK") {}
    }

    /// The subject and the flags of each mail of a folder, in order.
    pub(crate) fn list(&mut self, folder: &str) -> Vec<(String, String)> {
        let opened = self.command(&format!("EXAMINE \"{folder}\""));
        if opened.contains("* 0 EXISTS") {
            return Vec::new();
        }
        let answer = self.command("FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])");
        let mails = answer.split(" FETCH (").skip(1);
        mails
            .map(|mail| {
                let flags = mail.split_once("FLAGS (").unwrap().1.split_once(')').unwrap().0;
                let mut flags: Vec<&str> =
                    flags.split(' ').filter(|flag| !matches!(*flag, "" | "\\Recent")).collect();
                flags.sort_unstable();
                let subject = mail.split_once("Subject: ").map_or("", |(_, rest)| rest);
                (subject.lines().next().unwrap_or("").to_owned(), flags.join(" "))
            })
            .collect()
    }

    fn line(&mut self) -> String {
        let mut line = Vec::new();
        self.stream.read_until(b'\n', &mut line).unwrap();
        assert!(!line.is_empty(), "Dovecot has hung up");
        String::from_utf8_lossy(&line).into_owned()
    }
}

/// A certificate for `localhost` that signs itself: `cert.pem` and `key.pem`.
fn certify(folder: &Path) {
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30"])
        .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-addext", "extendedKeyUsage=serverAuth"])
        .arg("-keyout")
        .arg(folder.join("key.pem"))
        .arg("-out")
        .arg(folder.join("cert.pem"))
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

/// Ports that are free, below those that the system gives to whoever asks for any: else one of
/// these could be taken before its server has started.
pub(crate) fn free_ports<const N: usize>() -> [u16; N] {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    [(); N].map(|()| {
        loop {
            let next = NEXT.fetch_add(1, Ordering::Relaxed);
            let port = 20_000 + std::process::id().wrapping_mul(16).wrapping_add(next) % 12_000;
            let port = u16::try_from(port).unwrap();
            if TcpListener::bind(("127.0.0.1", port)).is_ok() {
                return port;
            }
        }
    })
}

fn program() -> Option<&'static Path> {
    Some(Path::new("/usr/sbin/dovecot")).filter(|program| program.exists())
}
