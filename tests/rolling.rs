//! Two daemons on one PostgreSQL, restarted one after the other while they send and while readers
//! fall due: nobody misses a digest, nobody gets two.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "support/gate.rs"]
mod gate;
#[path = "support/postgres.rs"]
mod postgres;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use gate::Gate;
use postgres::Cluster;
use serde_json::Value;

/// A daemon, or whatever else works with this configuration.
struct Node {
    folder: PathBuf,
    listen: SocketAddr,
}

impl Node {
    fn new(home: &Path, name: &str, database: &str, relay: &str) -> Self {
        let folder = home.join(name);
        std::fs::create_dir_all(folder.join("data")).unwrap();
        // All nodes share one key.
        let key = format!("{}\n", "5a".repeat(32));
        std::fs::write(folder.join("data/paperround.key"), key).unwrap();
        let listen = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let text = format!(
            "[site]\nurl = \"https://digest.example\"\ndata_dir = \"data\"\n\
             [server]\nlisten = \"{listen}\"\n[database]\nurl = {database:?}\n\
             [[sources]]\nurl = \"http://127.0.0.1:9/\"\n[mail]\nfrom = \"papers@digest.example\"\n\
             [[mail.relays]]\nurl = {relay:?}\nconnections = 4\n"
        );
        std::fs::write(folder.join("c.toml"), text).unwrap();
        Self { folder, listen }
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_paperround"));
        command.current_dir(&self.folder).args(["-c", "c.toml", "--json"]).args(words);
        command.env("NO_COLOR", "1");
        command
    }

    fn json(&self, words: &[&str]) -> Value {
        let done = self.command(words).output().unwrap();
        assert!(done.status.success(), "{words:?}: {}", String::from_utf8_lossy(&done.stderr));
        serde_json::from_slice(&done.stdout).unwrap_or(Value::Null)
    }

    /// Adds readers, each of a domain of their own, so that all connections have work.
    fn add(&self, from: usize, to: usize) {
        let mut rows = "email\n".to_owned();
        (from..to).for_each(|at| rows.push_str(&format!("reader@r{at}.example\n")));
        std::fs::write(self.folder.join("readers.csv"), rows).unwrap();
        // Added as of two days ago, they are due at once.
        let at = days_ago(2);
        self.json(&["--at", &at, "subscriber", "import", "readers.csv", "--confirmed"]);
    }

    fn serve(&self) -> Daemon {
        let mut child = self.command(&["serve"]).stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        while !said.contains("Paper Round is up") {
            assert!(log.read_line(&mut said).unwrap() > 0, "it did not start: {said}");
        }
        // What it says from here on must not fill the pipe.
        let log = std::thread::spawn(move || {
            let _ = log.read_to_string(&mut said);
            said
        });
        Daemon { child, log: Some(log) }
    }

    /// What the site says of its health.
    fn health(&self) -> String {
        let mut stream = TcpStream::connect(self.listen).unwrap();
        let ask = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        stream.write_all(ask.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

#[expect(clippy::disallowed_methods, reason = "daemons go by the system's clock")]
fn days_ago(days: i64) -> String {
    (jiff::Timestamp::now() - jiff::SignedDuration::from_hours(24 * days)).to_string()
}

struct Daemon {
    child: Child,
    log: Option<std::thread::JoinHandle<String>>,
}

impl Daemon {
    /// Asks it to stop, as a service manager does.
    fn term(&self) {
        let done = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(done.success());
    }

    /// Its end: it has to come by itself, and be a good one.
    fn end(mut self) {
        let status = self.child.wait().unwrap();
        let said = self.log.take().unwrap().join().unwrap();
        assert!(status.success(), "{status}: {said}");
        assert!(said.contains("stopped") && !said.contains("cut off"), "{said}");
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // After a failed assertion nothing stays behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn two_nodes_are_restarted_while_they_send() {
    let Some(cluster) = Cluster::start() else { return };
    let home = tempfile::tempdir().unwrap();
    let (relay, gate) = Gate::relay(50);
    let url = cluster.url();
    let [a, b, admin] = ["a", "b", "admin"].map(|name| Node::new(home.path(), name, &url, &relay));
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample/trending.html");
    admin.json(&["fetch", "--from", page.to_str().unwrap()]);
    admin.add(0, 300);
    let (one, two) = (a.serve(), b.serve());

    // Mails of both are on the wire and unanswered; more readers fall due; the first is restarted.
    gate.wait(54);
    admin.add(300, 400);
    one.term();
    gate.allow(150);
    one.end();
    let one = a.serve();

    // The same with the second.
    gate.wait(154);
    admin.add(400, 500);
    two.term();
    gate.allow(250);
    two.end();
    let two = b.serve();

    // Both at work again, and readers who fall due now are served by whoever comes first.
    gate.wait(254);
    admin.add(500, 600);
    assert!(a.health().contains("200 OK") && b.health().contains("200 OK"));
    gate.allow(usize::MAX);
    gate.wait(600);
    one.term();
    two.term();
    one.end();
    two.end();

    let mails = gate.mails();
    let twice: Vec<_> = mails.iter().filter(|(_, mails)| mails.len() != 1).collect();
    assert!(twice.is_empty(), "not once: {twice:?}");
    assert_eq!(mails.len(), 600, "each reader one");
    let run = admin.json(&["run", "--no-fetch"]);
    assert_eq!(run["sent"], 0, "nothing was left: {run}");
    let books = &run["books"];
    let counts = ["planned", "sent", "waiting", "failed", "skipped"].map(|name| &books[name]);
    assert_eq!(counts, [600, 600, 0, 0, 0].map(Value::from).each_ref(), "{run}");
    let doubtful = admin.command(&["queue", "list", "--doubtful"]).output().unwrap();
    assert!(doubtful.stdout.is_empty(), "a restart leaves no doubt");
}
