//! A PostgreSQL server of a test's own: made in a temporary folder, reached over a socket
//! there, gone with the test.

#![allow(dead_code, unreachable_pub, reason = "not every test program needs all of it")]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running server.
pub(crate) struct Cluster {
    folder: tempfile::TempDir,
    server: Child,
}

impl Cluster {
    /// Starts one; none, with a loud word, where PostgreSQL is not installed.
    pub(crate) fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            eprintln!("NOT TESTED on PostgreSQL: it is not installed (apt install postgresql)");
            assert!(
                std::env::var_os("PAPERROUND_NEED_POSTGRES").is_none(),
                "PostgreSQL is wanted and not installed"
            );
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        if is_root() {
            let done = Command::new("chown").arg("postgres").arg(folder.path()).status().unwrap();
            assert!(done.success());
        }
        let data = folder.path().join("data");
        let made = as_postgres(&programs.join("initdb"))
            .arg("-D")
            .arg(&data)
            .args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"])
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let server = serve(folder.path());
        let cluster = Self { folder, server };
        cluster.wait_until_up();
        Some(cluster)
    }

    /// Ends the server as a crash would.
    pub(crate) fn stop(&mut self) {
        let _ = Command::new("kill").arg("-QUIT").arg(self.server.id().to_string()).status();
        let _ = self.server.wait();
    }

    /// Starts it again.
    pub(crate) fn again(&mut self) {
        self.server = serve(self.folder.path());
        self.wait_until_up();
    }

    /// Its URL.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@localhost/postgres?host={}", self.folder.path().display())
    }

    fn wait_until_up(&self) {
        let until = Instant::now() + Duration::from_secs(60);
        let ready = programs().unwrap().join("pg_isready");
        loop {
            let up = Command::new(&ready).arg("-q").arg("-h").arg(self.folder.path()).status();
            if up.unwrap().success() {
                return;
            }
            let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            assert!(Instant::now() < until, "PostgreSQL did not start: {log}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop();
    }
}

fn serve(folder: &Path) -> Child {
    as_postgres(&programs().unwrap().join("postgres"))
        .arg("-D")
        .arg(folder.join("data"))
        .arg("-k")
        .arg(folder)
        .args(["-c", "listen_addresses=", "-c", "max_connections=100"])
        .stdout(Stdio::null())
        .stderr(Stdio::from(std::fs::File::create(folder.join("log")).unwrap()))
        .spawn()
        .unwrap()
}

/// Where Debian keeps its programs.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut found: Vec<PathBuf> = versions
        .filter_map(|version| Some(version.ok()?.path().join("bin")))
        .filter(|programs| programs.join("initdb").exists())
        .collect();
    found.sort();
    found.pop()
}

/// The server refuses to run as root.
fn as_postgres(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
    command.current_dir("/");
    command
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|about| about.uid() == 0)
}
