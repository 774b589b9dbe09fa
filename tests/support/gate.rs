//! A relay whose pace the test sets: it takes mails up to a number, and the next ones only when
//! the test lets it; so that something can be done while a send is surely under way.

#![allow(dead_code, unreachable_pub, reason = "not every test program needs all of it")]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// How long anything may take before a test fails.
const PATIENCE: Duration = Duration::from_secs(120);

/// The relay.
#[derive(Default)]
pub(crate) struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Mails that came in whole, answered or not.
    came: usize,
    /// So many are answered.
    allowed: usize,
    /// Of each recipient the Message-IDs of their mails.
    mails: BTreeMap<String, Vec<String>>,
}

impl Gate {
    /// Starts one that answers the first `allowed` mails; gives its URL.
    pub(crate) fn relay(allowed: usize) -> (String, Arc<Self>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("smtp://{}?tls=none", listener.local_addr().unwrap());
        let gate = Arc::new(Self::default());
        gate.allow(allowed);
        let kept = Arc::clone(&gate);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let gate = Arc::clone(&kept);
                // A client that hangs up ends its own conversation only.
                std::thread::spawn(move || gate.talk(stream));
            }
        });
        (url, gate)
    }

    /// Answers so many mails in all.
    pub(crate) fn allow(&self, mails: usize) {
        self.state.lock().unwrap().allowed = mails;
        self.changed.notify_all();
    }

    /// Waits until so many mails have come in whole.
    pub(crate) fn wait(&self, mails: usize) {
        let state = self.state.lock().unwrap();
        let (state, late) =
            self.changed.wait_timeout_while(state, PATIENCE, |state| state.came < mails).unwrap();
        assert!(!late.timed_out(), "{} of {mails} mails came", state.came);
    }

    /// How many mails have come in whole.
    pub(crate) fn came(&self) -> usize {
        self.state.lock().unwrap().came
    }

    /// Of each recipient the Message-IDs of their mails.
    pub(crate) fn mails(&self) -> BTreeMap<String, Vec<String>> {
        self.state.lock().unwrap().mails.clone()
    }

    fn talk(&self, stream: TcpStream) -> Option<()> {
        let mut write = stream.try_clone().ok()?;
        let mut lines = BufReader::new(stream).lines();
        let mut to = String::new();
        write.write_all(b"220 test\r\n").ok()?;
        while let Some(Ok(line)) = lines.next() {
            let reply: &[u8] = match line.get(..4).unwrap_or_default() {
                "EHLO" => b"250-test\r\n250 8BITMIME\r\n",
                "QUIT" => b"221 bye\r\n",
                "RCPT" => {
                    to = line.trim_start_matches("RCPT TO:").trim_matches(['<', '>']).to_owned();
                    to.truncate(to.find('>').unwrap_or(to.len()));
                    b"250 ok\r\n"
                }
                "DATA" => {
                    write.write_all(b"354 go on\r\n").ok()?;
                    self.take(&to, &mut lines)?;
                    b"250 taken\r\n"
                }
                _ => b"250 ok\r\n",
            };
            write.write_all(reply).ok()?;
        }
        Some(())
    }

    fn take(
        &self,
        to: &str,
        lines: &mut impl Iterator<Item = std::io::Result<String>>,
    ) -> Option<()> {
        let mut id = String::new();
        loop {
            let line = lines.next()?.ok()?;
            match line.as_str() {
                "." => break,
                _ if id.is_empty() && line.starts_with("Message-ID:") => id = line,
                _ => {}
            }
        }
        let mut state = self.state.lock().ok()?;
        state.came += 1;
        state.mails.entry(to.to_owned()).or_default().push(id);
        let number = state.came;
        self.changed.notify_all();
        let allowed = self.changed.wait_while(state, |state| number > state.allowed).ok()?;
        drop(allowed);
        Some(())
    }
}
