//! `sink`: an SMTP server on loopback that takes every mail and throws it away, fast enough
//! not to be what limits a sender. It offers what today's Postfix offers. With `--delay-ms`
//! every reply leaves so much later, while commands are read on: a round trip of that length,
//! without its bandwidth or slow start.

use std::collections::HashSet;
use std::io::BufRead;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use memchr::memmem;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::Instant;

#[derive(Clone, clap::Args)]
pub(crate) struct Sink {
    /// The port on 127.0.0.1; 0 takes any.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Every reply leaves so many milliseconds late.
    #[arg(long, default_value_t = 0)]
    delay_ms: u64,
    /// Threads that serve connections.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Does not offer PIPELINING.
    #[arg(long)]
    no_pipelining: bool,
    /// Does not offer CHUNKING.
    #[arg(long)]
    no_chunking: bool,
    /// Looks into each mail: whether it names its recipient, and how often it is signed.
    #[arg(long)]
    check: bool,
}

/// What came in since the last question.
#[derive(Default)]
struct Counts {
    messages: u64,
    bytes: u64,
    connections: u64,
    /// Mails that do not hold their recipient's address; with `--check`.
    impersonal: u64,
    signatures: u64,
    recipients: HashSet<Vec<u8>>,
}

type Shared = Arc<Mutex<Counts>>;

impl Sink {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(self.threads.max(1))
            .enable_all()
            .build()?;
        let counts = Shared::default();
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, self.port)))?;
        println!("{}", json!({ "port": listener.local_addr()?.port() }));
        runtime.spawn(self.listen(listener, Arc::clone(&counts)));
        for line in std::io::stdin().lock().lines() {
            line?;
            let counts =
                std::mem::take(&mut *counts.lock().unwrap_or_else(PoisonError::into_inner));
            println!("{}", counts.said());
        }
        Ok(())
    }

    async fn listen(self, listener: TcpListener, counts: Shared) {
        while let Ok((stream, _)) = listener.accept().await {
            counts.lock().unwrap_or_else(PoisonError::into_inner).connections += 1;
            let (sink, counts) = (self.clone(), Arc::clone(&counts));
            // A client that goes away mid-way is its own concern.
            tokio::spawn(async move {
                let _ = sink.serve(stream, counts).await;
            });
        }
    }

    async fn serve(self, stream: TcpStream, counts: Shared) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        let (mut from, to) = stream.into_split();
        let mut replies = Replies::new(to, Duration::from_millis(self.delay_ms));
        let mut talk = Talk::new(self, counts);
        replies.send(b"220 sink ESMTP\r\n".to_vec()).await?;
        loop {
            let mut answer = Vec::new();
            let goes_on = talk.hear(&mut answer);
            if !answer.is_empty() {
                replies.send(answer).await?;
            }
            if !goes_on || !talk.read(&mut from).await? {
                return Ok(());
            }
        }
    }
}

impl Counts {
    fn said(&self) -> serde_json::Value {
        json!({
            "messages": self.messages,
            "bytes": self.bytes,
            "connections": self.connections,
            "impersonal": self.impersonal,
            "signatures": self.signatures,
            "recipients": self.recipients.len(),
        })
    }
}

/// The way back, at once or late.
enum Replies {
    AtOnce(OwnedWriteHalf),
    Late(Duration, mpsc::UnboundedSender<(Instant, Vec<u8>)>),
}

impl Replies {
    fn new(mut to: OwnedWriteHalf, delay: Duration) -> Self {
        if delay.is_zero() {
            return Self::AtOnce(to);
        }
        let (late, mut due) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
        tokio::spawn(async move {
            while let Some((at, reply)) = due.recv().await {
                tokio::time::sleep_until(at).await;
                if to.write_all(&reply).await.is_err() {
                    return;
                }
            }
        });
        Self::Late(delay, late)
    }

    async fn send(&mut self, reply: Vec<u8>) -> std::io::Result<()> {
        match self {
            Self::AtOnce(to) => to.write_all(&reply).await,
            Self::Late(delay, late) => late
                .send((Instant::now() + *delay, reply))
                .map_err(|_| std::io::ErrorKind::BrokenPipe.into()),
        }
    }
}

/// What is being read.
enum State {
    Commands,
    /// A mail up to its lone dot.
    Data,
    /// A chunk (RFC 3030): bytes left, and whether it is the last of its mail.
    Chunk(usize, bool),
}

/// A conversation.
struct Talk {
    sink: Sink,
    counts: Shared,
    state: State,
    input: Vec<u8>,
    /// Where what is unread begins, and up to where the lone dot was looked for.
    start: usize,
    looked: usize,
    to: Vec<u8>,
    /// The chunks of a mail so far.
    chunks: Vec<u8>,
}

const SPACE: usize = 256 * 1024;

impl Talk {
    fn new(sink: Sink, counts: Shared) -> Self {
        Self {
            sink,
            counts,
            state: State::Commands,
            input: Vec::with_capacity(SPACE),
            start: 0,
            looked: 0,
            to: Vec::new(),
            chunks: Vec::new(),
        }
    }

    /// Reads more; false at the end.
    async fn read(&mut self, from: &mut OwnedReadHalf) -> std::io::Result<bool> {
        self.input.drain(..self.start);
        self.looked -= self.start;
        self.start = 0;
        Ok(from.read_buf(&mut self.input).await? > 0)
    }

    /// Takes in what was read; false when the client says goodbye.
    fn hear(&mut self, answer: &mut Vec<u8>) -> bool {
        loop {
            match self.state {
                State::Commands => {
                    let unread = &self.input[self.start..];
                    let Some(end) = memchr::memchr(b'\n', unread) else { return true };
                    let line = unread[..end].trim_ascii_end().to_vec();
                    self.start += end + 1;
                    self.looked = self.start;
                    if !self.obey(&line, answer) {
                        return false;
                    }
                }
                State::Data => {
                    let Some((end, next)) = self.dot() else { return true };
                    self.count(&self.input[self.start..end]);
                    self.start = next;
                    self.looked = next;
                    self.state = State::Commands;
                    answer.extend_from_slice(b"250 2.0.0 Ok\r\n");
                }
                State::Chunk(left, last) => {
                    let end = self.input.len().min(self.start + left);
                    self.chunks.extend_from_slice(&self.input[self.start..end]);
                    let left = left - (end - self.start);
                    self.start = end;
                    self.looked = end;
                    if left > 0 {
                        self.state = State::Chunk(left, last);
                        return true;
                    }
                    if last {
                        let mail = std::mem::take(&mut self.chunks);
                        self.count(&mail);
                    }
                    self.state = State::Commands;
                    answer.extend_from_slice(b"250 2.0.0 Ok\r\n");
                }
            }
        }
    }

    /// Where the mail ends and what follows it begins.
    fn dot(&mut self) -> Option<(usize, usize)> {
        if self.input[self.start..].starts_with(b".\r\n") {
            return Some((self.start, self.start + 3));
        }
        // What was looked at may end amid the mark.
        let from = self.looked.saturating_sub(4).max(self.start);
        let found = memmem::find(&self.input[from..], b"\r\n.\r\n").map(|at| from + at);
        self.looked = self.input.len();
        found.map(|at| (at + 2, at + 5))
    }

    fn obey(&mut self, line: &[u8], answer: &mut Vec<u8>) -> bool {
        let verb = line.get(..4).unwrap_or(line).to_ascii_uppercase();
        match verb.as_slice() {
            b"EHLO" => {
                answer.extend_from_slice(b"250-sink\r\n");
                if !self.sink.no_pipelining {
                    answer.extend_from_slice(b"250-PIPELINING\r\n");
                }
                if !self.sink.no_chunking {
                    answer.extend_from_slice(b"250-CHUNKING\r\n");
                }
                answer.extend_from_slice(b"250-ENHANCEDSTATUSCODES\r\n250-SMTPUTF8\r\n");
                answer.extend_from_slice(b"250 8BITMIME\r\n");
            }
            b"RCPT" => {
                let from = memchr::memchr(b'<', line).map_or(0, |at| at + 1);
                let to = memchr::memchr(b'>', line).unwrap_or(line.len());
                self.to = line.get(from..to).unwrap_or_default().to_vec();
                answer.extend_from_slice(b"250 2.1.5 Ok\r\n");
            }
            b"DATA" => {
                self.state = State::Data;
                answer.extend_from_slice(b"354 End data with <CR><LF>.<CR><LF>\r\n");
            }
            b"BDAT" => {
                let words = String::from_utf8_lossy(&line[4..]).to_ascii_uppercase();
                let mut words = words.split_ascii_whitespace();
                let length = words.next().and_then(|word| word.parse().ok()).unwrap_or(0);
                self.state = State::Chunk(length, words.next() == Some("LAST"));
            }
            b"QUIT" => {
                answer.extend_from_slice(b"221 2.0.0 Bye\r\n");
                return false;
            }
            _ => answer.extend_from_slice(b"250 2.0.0 Ok\r\n"),
        }
        true
    }

    fn count(&self, mail: &[u8]) {
        let (mut impersonal, mut signatures) = (0, 0);
        if self.sink.check {
            let head = memmem::find(mail, b"\r\n\r\n").map_or(mail, |end| &mail[..end]);
            let body = mail.get(head.len()..).unwrap_or_default();
            impersonal = u64::from(memmem::find(&unfolded(body), &self.to).is_none());
            signatures = memmem::find_iter(head, b"\nDKIM-Signature:").count() as u64
                + u64::from(head.starts_with(b"DKIM-Signature:"));
        }
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.messages += 1;
        counts.bytes += mail.len() as u64;
        if self.sink.check {
            counts.impersonal += impersonal;
            counts.signatures += signatures;
            counts.recipients.insert(self.to.clone());
        }
    }
}

/// Without the line breaks of quoted-printable, which may cut an address.
fn unfolded(body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::with_capacity(body.len());
    let mut from = 0;
    for at in memmem::find_iter(body, b"=\r\n") {
        whole.extend_from_slice(&body[from..at]);
        from = at + 3;
    }
    whole.extend_from_slice(&body[from..]);
    whole
}
