//! A Postfix of a test's own on loopback: made in a temporary folder, on a free port, gone with
//! the test. It asks no DNS and never mails anybody outside of this machine.

#![allow(dead_code, unreachable_pub, reason = "not every test program needs all of it")]

use std::net::TcpStream;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a start may take before a test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// The services that a mail needs on its way.
const SERVICES: &str = "\
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
lmtp unix - - n - - lmtp
local unix - n n - - local
virtual unix - n n - - virtual
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
showq unix n - n - - showq
postlog unix-dgram n - n - 1 postlogd
";

/// A running server.
pub(crate) struct Postfix {
    folder: tempfile::TempDir,
    server: Option<Child>,
    /// Where SMTP is spoken, in the clear.
    pub smtp: u16,
}

/// Whether one can run here; says loudly why not.
pub(crate) fn is_here() -> bool {
    let root = std::fs::metadata("/proc/self").is_ok_and(|about| about.uid() == 0);
    let here = root && Path::new("/usr/lib/postfix/sbin/master").exists();
    if !here {
        eprintln!(
            "NOT TESTED with Postfix: it is not installed (apt install postfix), or this is not root"
        );
    }
    here
}

impl Postfix {
    /// Starts one at the port `smtp`. `files`: what else is to lie beside `main.cf`; `main` and
    /// `services`: more lines of `main.cf` and `master.cf`. `{etc}` in them is its folder.
    pub(crate) fn start(smtp: u16, main: &str, services: &str, files: &[(&str, String)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
        for name in ["etc", "queue", "data"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        let data = folder.path().join("data");
        assert!(Command::new("chown").arg("postfix").arg(data).status().unwrap().success());
        let mut server = Self { folder, server: None, smtp };
        let etc = server.path("etc");
        let root = server.folder.path().display();
        let own = format!(
            "compatibility_level = 3.6
queue_directory = {root}/queue
data_directory = {root}/data
maillog_file = {root}/log
maillog_file_prefixes = {root}
myhostname = mx.example.net
alias_maps =
alias_database =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtp_dns_support_level = disabled
smtp_host_lookup = native
smtpd_peername_lookup = no
smtpd_client_restrictions =
smtpd_recipient_restrictions = reject_unauth_destination
queue_run_delay = 2s
minimal_backoff_time = 2s
maximal_backoff_time = 4s
maximal_queue_lifetime = 20s
bounce_queue_lifetime = 20s
{main}
"
        );
        let services = format!("127.0.0.1:{smtp} inet n - n - - smtpd\n{SERVICES}{services}\n");
        let place = |text: &str| text.replace("{etc}", &etc.display().to_string());
        std::fs::write(etc.join("main.cf"), place(&own)).unwrap();
        std::fs::write(etc.join("master.cf"), place(&services)).unwrap();
        for (name, text) in files {
            std::fs::write(etc.join(name), place(text)).unwrap();
        }
        let output = std::fs::File::create(server.path("output")).unwrap();
        let child = Command::new("/usr/sbin/postfix")
            .arg("-c")
            .arg(&etc)
            .arg("start-fg")
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .spawn()
            .unwrap();
        server.server = Some(child);
        let until = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", smtp)).is_err() {
            let ended = server.server.as_mut().is_some_and(|it| it.try_wait().unwrap().is_some());
            let fails = ended || Instant::now() > until;
            assert!(!fails, "Postfix did not start: {}", server.log());
            std::thread::sleep(Duration::from_millis(20));
        }
        server
    }

    /// A file of its folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What it has said and logged.
    pub(crate) fn log(&self) -> String {
        let read = |name| std::fs::read(self.path(name)).unwrap_or_default();
        String::from_utf8_lossy(&[read("output"), read("log")].concat()).into_owned()
    }

    /// The queue, as its admin sees it.
    pub(crate) fn queue(&self) -> String {
        let done = Command::new("/usr/sbin/postqueue")
            .arg("-c")
            .arg(self.path("etc"))
            .arg("-p")
            .output()
            .unwrap();
        String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned()
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        let Some(mut server) = self.server.take() else { return };
        // What was started waits for the master, which has a process of its own.
        let master = std::fs::read_to_string(self.path("queue/pid/master.pid"));
        let master = master.map(|pid| pid.trim().to_owned());
        let process = master.unwrap_or_else(|_| server.id().to_string());
        let _ = Command::new("kill").arg(process).status();
        let _ = server.wait();
    }
}
