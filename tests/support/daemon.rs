//! The real program serving in a folder of its own, with its config to change and its log to
//! read.

#![allow(dead_code, unreachable_pub, reason = "not every test program needs all of it")]

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(60);

const NOBODY: [&str; 4] = ["--reuid=65534", "--regid=65534", "--clear-groups", "--"];

/// An installation, and its daemon while it runs.
pub struct Daemon {
    pub folder: tempfile::TempDir,
    pub listen: u16,
    child: Option<Child>,
    /// The test is root, and the daemon is nobody: permissions mean something to it.
    as_nobody: bool,
    /// Permissions mean something to the daemon: it is not root.
    pub obeys: bool,
}

impl Daemon {
    /// With this config; `LISTEN` in it becomes a free address.
    pub fn new(config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let probe = TcpListener::bind("127.0.0.1:0").unwrap();
        let listen = probe.local_addr().unwrap().port();
        let is_root = std::os::unix::fs::MetadataExt::uid(&folder.path().metadata().unwrap()) == 0;
        let as_nobody = is_root && {
            let mut tried = Command::new("/usr/bin/setpriv");
            tried.args(NOBODY).args([env!("CARGO_BIN_EXE_paperround"), "--version"]);
            tried.output().is_ok_and(|done| done.status.success())
        };
        let obeys = !is_root || as_nobody;
        let daemon = Self { folder, listen, child: None, as_nobody, obeys };
        daemon.write(config);
        if as_nobody {
            run(Command::new("chown").args(["-R", "65534:65534"]).arg(daemon.folder.path()));
        }
        daemon
    }

    /// The config file.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("paperround.toml")
    }

    /// A file beside it.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The text with what this installation has of its own.
    pub fn text(&self, config: &str) -> String {
        config.replace("LISTEN", &format!("127.0.0.1:{}", self.listen))
    }

    /// Writes the config as careful editors do: aside, then renamed.
    pub fn write(&self, config: &str) {
        let aside = self.beside(".paperround.toml.swp");
        std::fs::write(&aside, self.text(config)).unwrap();
        if self.as_nobody {
            run(Command::new("chown").arg("65534:65534").arg(&aside));
        }
        std::fs::rename(&aside, self.file()).unwrap();
    }

    fn command(&self) -> Command {
        let program = env!("CARGO_BIN_EXE_paperround");
        let mut command = if self.as_nobody {
            let mut command = Command::new("/usr/bin/setpriv");
            command.args(NOBODY).arg(program);
            command
        } else {
            Command::new(program)
        };
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PAPERROUND") {
                command.env_remove(name);
            }
        }
        command.current_dir(self.folder.path()).env("NO_COLOR", "1").env("USER", "the-admin");
        command.env_remove("SUDO_USER").arg("-c").arg(self.file());
        command
    }

    /// One command to its end, with these variables.
    pub fn call_with(&self, words: &[&str], env: &[(&str, &str)]) -> Output {
        let mut command = self.command();
        command.args(words).envs(env.iter().copied()).stdin(Stdio::null());
        command.output().unwrap()
    }

    /// One command to its end; its standard output. It must succeed.
    pub fn call(&self, words: &[&str]) -> String {
        let done = self.call_with(words, &[]);
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{words:?}: {said}");
        String::from_utf8(done.stdout).unwrap()
    }

    /// The same, however it ends.
    pub fn call_with_stdout(&self, words: &[&str]) -> String {
        String::from_utf8(self.call_with(words, &[]).stdout).unwrap()
    }

    /// Begins to serve, and waits until it does.
    pub fn serve(&mut self) {
        let log = std::fs::File::options().append(true).create(true).open(self.log_file()).unwrap();
        let child = self.command().arg("serve").stderr(log).stdout(Stdio::null()).spawn().unwrap();
        self.child = Some(child);
        self.wait("the daemon is up", || self.log().contains("Paper Round is up"));
    }

    fn log_file(&self) -> PathBuf {
        self.beside("daemon.log")
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    /// Lines of the log that hold `text`.
    pub fn said(&self, text: &str) -> Vec<String> {
        self.log().lines().filter(|line| line.contains(text)).map(str::to_owned).collect()
    }

    /// Waits until `condition`.
    pub fn wait(&self, what: &str, condition: impl FnMut() -> bool) {
        let mut condition = condition;
        let begun = Instant::now();
        while !condition() {
            assert!(begun.elapsed() < PATIENCE, "waited in vain until {what}:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Sends it a signal.
    pub fn signal(&self, name: &str) {
        let child = self.child.as_ref().expect("it serves");
        run(Command::new("kill").arg(format!("-{name}")).arg(child.id().to_string()));
    }

    /// A page's whole answer.
    pub fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.listen)).unwrap();
        let mut ask = String::new();
        write!(ask, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        stream.write_all(ask.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Ends it as a supervisor does; it must end well.
    pub fn stop(&mut self) {
        self.signal("TERM");
        let ended = self.child.take().expect("it serves").wait().unwrap();
        assert!(ended.success(), "{ended}: {}", self.log());
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn run(command: &mut Command) {
    let status = command.status().unwrap();
    assert!(status.success(), "{command:?}: {status}");
}
