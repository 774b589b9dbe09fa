//! The stream under an SMTP conversation. It keeps count of the replies that are owed, and
//! takes none that was not asked for: a relay, or somebody in
//! between, that answers before the question (CVE-2021-38371 and its kin: replies slipped in
//! before STARTTLS) ends it. Replies that end with a bare LF are read as if they ended with
//! CRLF, for which lettre would wait. Knows nothing of what is said.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The longest line that can say what the relay offers; longer ones say something else.
const WORD: usize = 120;

/// Programs that go on reading behind the end of a mail, by what their greetings hold.
const READ_ON: [&str; 3] = [" Postfix", " Exim ", "smtp-sink "];

/// What the conversation and its stream tell each other.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// Replies to the next thing said; 0: one, as to any command.
    announced: AtomicU32,
    /// What goes out in place of the next thing said, and then its empty buffer.
    text: Mutex<Text>,
    /// Bytes that have left.
    written: AtomicU64,
    /// The relay said that it takes PIPELINING (RFC 2920); lettre does not look for it.
    pipelining: AtomicBool,
    /// The relay is known to read on behind the end of a mail.
    reads_on: AtomicBool,
}

/// A long text that goes past lettre, which would copy it.
#[derive(Debug, Default)]
struct Text {
    bytes: String,
    /// How much of it has left; all of it where there is none.
    left: usize,
}

impl Ledger {
    /// The next thing said is this text, whatever it seems to be.
    pub(super) fn say(&self, text: String) {
        *self.text() = Text { bytes: text, left: 0 };
    }

    /// The buffer of what was said last, for another text.
    pub(super) fn buffer(&self) -> String {
        std::mem::take(&mut *self.text()).bytes
    }

    fn text(&self) -> MutexGuard<'_, Text> {
        self.text.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next thing said is answered by `replies` replies.
    pub(super) fn announce(&self, replies: u32) {
        self.announced.store(replies, Relaxed);
    }

    /// Bytes that have left so far.
    pub(super) fn written(&self) -> u64 {
        self.written.load(Relaxed)
    }

    /// Whether the relay offers PIPELINING.
    pub(super) fn pipelining(&self) -> bool {
        self.pipelining.load(Relaxed)
    }

    /// Whether the next mail's commands may follow the end of a mail without waiting for its
    /// answer. RFC 2920 allows it with PIPELINING, yet there are relays that throw away what
    /// they read behind the final dot, as a guard against smuggling. Those that take mails in
    /// counted chunks (CHUNKING, RFC 3030) or are known by name do not.
    pub(super) fn reads_on(&self) -> bool {
        self.pipelining() && self.reads_on.load(Relaxed)
    }
}

/// A stream for lettre.
#[derive(Debug)]
pub(super) struct Prompt<S> {
    stream: S,
    peer: SocketAddr,
    ledger: Arc<Ledger>,
    /// Replies that were asked for and have not come. The greeting is owed from the start.
    owed: u32,
    /// The present line of a reply, as much as says what it is, and how long it is.
    line: Vec<u8>,
    seen: usize,
    /// Read, with its line ends mended, and not yet taken.
    mended: VecDeque<u8>,
    previous: u8,
    /// More came than was asked for: once what was asked for is read, that is the end.
    surplus: bool,
    /// The line is of the greeting.
    greeting: bool,
    /// Says HELO for EHLO, to a relay that knows no better (RFC 5321 3.2).
    helo: bool,
}

impl<S> Prompt<S> {
    /// A conversation over `stream` that begins with the relay's greeting.
    pub(super) fn new(stream: S, peer: SocketAddr, ledger: Arc<Ledger>, helo: bool) -> Self {
        Self {
            stream,
            peer,
            ledger,
            owed: 1,
            line: Vec::with_capacity(WORD),
            seen: 0,
            mended: VecDeque::new(),
            previous: 0,
            surplus: false,
            greeting: true,
            helo,
        }
    }

    /// A conversation that goes on where another one, which read `greeting`, ended.
    pub(super) fn greeted(mut self, greeting: &[u8]) -> Self {
        self.owed = 0;
        self.greeting = false;
        self.mended.extend(greeting);
        self
    }

    /// Whether an answer, or the rest of one, has yet to be read.
    pub(super) fn owes(&self) -> bool {
        self.owed > 0 || !self.mended.is_empty()
    }

    /// The stream, for another use.
    pub(super) fn into_inner(self) -> S {
        self.stream
    }

    /// Takes in what was read, up to where it holds more than was asked for.
    fn take(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            if self.owed == 0 {
                self.surplus = true;
                return;
            }
            if byte == b'\n' {
                self.end_line();
                if self.previous != b'\r' {
                    self.mended.push_back(b'\r');
                }
            } else {
                self.seen += 1;
                if self.line.len() < WORD {
                    self.line.push(byte);
                }
            }
            self.mended.push_back(byte);
            self.previous = byte;
        }
    }

    fn end_line(&mut self) {
        // `250 ok` ends a reply, `250-more` does not (RFC 5321 4.2.1); a bare code does.
        let last = self.line.get(3) != Some(&b'-');
        let text = String::from_utf8_lossy(self.line.get(4..).unwrap_or_default());
        let word = text.trim_ascii_end();
        if self.greeting {
            if READ_ON.iter().any(|name| text.contains(name)) {
                self.ledger.reads_on.store(true, Relaxed);
            }
            self.greeting = !last;
        } else if self.seen <= WORD && word.eq_ignore_ascii_case("PIPELINING") {
            self.ledger.pipelining.store(true, Relaxed);
        } else if self.seen <= WORD && word.eq_ignore_ascii_case("CHUNKING") {
            self.ledger.reads_on.store(true, Relaxed);
        }
        self.owed -= u32::from(last);
        self.line.clear();
        self.seen = 0;
    }
}

fn early() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the relay answered before it was asked")
}

impl<S: AsyncRead + Unpin> Prompt<S> {
    /// Looks whether something came that nobody asked for, without waiting.
    fn unasked(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        if self.surplus || !self.mended.is_empty() {
            return Err(early());
        }
        let mut space = [0; 256];
        let mut buffer = ReadBuf::new(&mut space);
        match Pin::new(&mut self.stream).poll_read(cx, &mut buffer) {
            Poll::Pending => Ok(()),
            Poll::Ready(Ok(())) if buffer.filled().is_empty() => Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the relay had closed the connection",
            )),
            // 421 is how a relay that ends an idle connection says so (RFC 5321 3.8).
            Poll::Ready(Ok(())) if buffer.filled().starts_with(b"421") => Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                String::from_utf8_lossy(buffer.filled()).into_owned(),
            )),
            Poll::Ready(Ok(())) => Err(early()),
            Poll::Ready(Err(error)) => Err(error),
        }
    }
}

impl<S> AsyncTokioStream for Prompt<S>
where
    S: AsyncRead + AsyncWrite + Send + Sync + Unpin + fmt::Debug,
{
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.peer)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Prompt<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.mended.is_empty() {
            if this.surplus {
                return Poll::Ready(Err(early()));
            }
            let mut space = [0; 2048];
            let mut plain = ReadBuf::new(&mut space);
            ready!(Pin::new(&mut this.stream).poll_read(cx, &mut plain))?;
            this.take(plain.filled());
            if this.surplus && this.mended.is_empty() {
                return Poll::Ready(Err(early()));
            }
        }
        let (ready, _) = this.mended.as_slices();
        let taken = ready.len().min(buf.remaining());
        buf.put_slice(&ready[..taken]);
        this.mended.drain(..taken);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Prompt<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let announced = this.ledger.announced.load(Relaxed);
        let begins = announced > 0 || this.owed == 0;
        if begins && this.owed == 0 {
            this.unasked(cx)?;
        }
        let mut text = this.ledger.text();
        if text.left < text.bytes.len() {
            if begins {
                this.owed += announced.max(1);
                this.ledger.announced.store(0, Relaxed);
            }
            while text.left < text.bytes.len() {
                let rest = &text.bytes.as_bytes()[text.left..];
                let written = ready!(Pin::new(&mut this.stream).poll_write(cx, rest))?;
                if written == 0 {
                    return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
                }
                text.left += written;
                this.ledger.written.fetch_add(written as u64, Relaxed);
            }
            return Poll::Ready(Ok(buf.len()));
        }
        drop(text);
        let written = if this.helo && buf.starts_with(b"EHLO ") {
            let helo = [b"HELO ", &buf[5..]].concat();
            ready!(Pin::new(&mut this.stream).poll_write(cx, &helo))?
        } else {
            ready!(Pin::new(&mut this.stream).poll_write(cx, buf))?
        };
        if begins {
            this.owed += announced.max(1);
            this.ledger.announced.store(0, Relaxed);
        }
        this.ledger.written.fetch_add(written as u64, Relaxed);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    fn pair() -> (Prompt<tokio::io::DuplexStream>, tokio::io::DuplexStream, Arc<Ledger>) {
        let (ours, theirs) = tokio::io::duplex(4096);
        let ledger = Arc::new(Ledger::default());
        let peer = ([127, 0, 0, 1], 25).into();
        (Prompt::new(ours, peer, Arc::clone(&ledger), false), theirs, ledger)
    }

    async fn read(prompt: &mut Prompt<tokio::io::DuplexStream>) -> io::Result<String> {
        let mut space = [0; 1024];
        let count = prompt.read(&mut space).await?;
        Ok(String::from_utf8_lossy(&space[..count]).into_owned())
    }

    #[tokio::test]
    async fn as_many_replies_as_were_asked_for() {
        let (mut prompt, mut relay, ledger) = pair();
        relay.write_all(b"220-hello\n220 go\r\n").await.unwrap();
        assert_eq!(read(&mut prompt).await.unwrap(), "220-hello\r\n220 go\r\n");
        ledger.announce(3);
        // A long text goes beside what is said.
        ledger.say("MAIL\r\nRCPT\r\nDATA\r\n".to_owned());
        prompt.write_all(b"?").await.unwrap();
        assert_eq!(ledger.buffer(), "MAIL\r\nRCPT\r\nDATA\r\n");
        let mut heard = [0; 18];
        relay.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"MAIL\r\nRCPT\r\nDATA\r\n");
        relay.write_all(b"250 a\r\n250 b\r\n354 c\r\n").await.unwrap();
        assert_eq!(read(&mut prompt).await.unwrap(), "250 a\r\n250 b\r\n354 c\r\n");
        assert_eq!(ledger.written(), 18);
        prompt.write_all(b"x\r\n.\r\n").await.unwrap();
        relay.write_all(b"250 ok\r\n250 and more\r\n").await.unwrap();
        // What was asked for counts; what was not ends it.
        assert_eq!(read(&mut prompt).await.unwrap(), "250 ok\r\n");
        assert!(read(&mut prompt).await.is_err());
        assert!(prompt.write_all(b"MAIL\r\n").await.is_err());
    }

    #[tokio::test]
    async fn only_who_is_known_to_read_on_is_spoken_to_behind_the_dot() {
        for (greeting, offer, reads_on) in [
            ("220 mx.example.org ESMTP Postfix (Debian/GNU)", "250 PIPELINING", true),
            ("220 mx.example.org ESMTP Postfix", "250 HELP", false),
            ("220 mx.example.org ESMTP", "250-CHUNKING\r\n250 PIPELINING", true),
            ("220 mx.example.org ESMTP", "250-Postfix\r\n250 PIPELINING", false),
        ] {
            let (mut prompt, mut relay, ledger) = pair();
            relay.write_all(format!("{greeting}\r\n").as_bytes()).await.unwrap();
            read(&mut prompt).await.unwrap();
            prompt.write_all(b"EHLO a\r\n").await.unwrap();
            relay.write_all(format!("{offer}\r\n").as_bytes()).await.unwrap();
            read(&mut prompt).await.unwrap();
            assert_eq!(ledger.reads_on(), reads_on, "{greeting} {offer}");
        }
    }

    #[tokio::test]
    async fn what_the_relay_offers_is_seen() {
        for (said, offered) in [("250 pipelining\r\n", true), ("250 PIPELINING is bad\n", false)] {
            let (mut prompt, mut relay, ledger) = pair();
            prompt.greeting = false;
            relay.write_all(format!("250-host\r\n{said}").as_bytes()).await.unwrap();
            read(&mut prompt).await.unwrap();
            assert_eq!(ledger.pipelining(), offered, "{said}");
        }
    }

    #[tokio::test]
    async fn an_answer_before_the_question_is_none() {
        let (mut prompt, mut relay, _) = pair();
        relay.write_all(b"220 go\r\n").await.unwrap();
        read(&mut prompt).await.unwrap();
        relay.write_all(b"250 early\r\n").await.unwrap();
        assert!(prompt.write_all(b"STARTTLS\r\n").await.is_err());
        let (mut prompt, relay, _) = pair();
        prompt.owed = 0;
        drop(relay);
        let error = prompt.write_all(b"MAIL\r\n").await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }
}
