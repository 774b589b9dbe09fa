//! One connection to an IMAP server: commands out, responses in, each step within a time and
//! within bounds that the server's word cannot widen. Never logs what was said.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::ConfigVerifierExt;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::response::{self, Fetch, Raw, Response, Status};
use crate::config::Mailbox;

/// How long a step may take.
pub(super) const STEP: Duration = Duration::from_secs(30);

/// A line: room for some 500 000 UIDs that a search found.
const MOST_LINE: usize = 4 << 20;

/// What a mail may have: more than is asked for, as Exchange only estimates sizes.
const MOST_LITERAL: u64 = 20 << 20;

/// All that a command may be answered with, and one that fetches a mail.
const MOST_ANSWER: u64 = 8 << 20;
const MOST_MAIL: u64 = MOST_LITERAL + (1 << 20);

/// Of so many mails it is kept what was told: more are not asked about at once.
const MOST_FETCHED: usize = 1000;

/// Why it does not go on.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// The connection broke, or never came about.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The connection is of no more use.
    #[error("{0}")]
    Lost(&'static str),
    /// The server did not do what it was asked; the connection is as good as before.
    #[error("the server refuses {what}{}", coded(.code))]
    Refused { what: String, code: Option<String> },
    /// The server does not let us in.
    #[error("the login is refused{}", coded(.0))]
    Login(Option<String>),
    /// The folder is not there, or its mails cannot be marked.
    #[error("{0}")]
    Folder(&'static str),
}

impl Trouble {
    /// Whether a refusal is the server's own trouble, which passes (RFC 5530).
    pub(super) fn passes(&self) -> bool {
        matches!(self, Self::Refused { code: Some(code), .. }
            if matches!(code.as_str(), "UNAVAILABLE" | "INUSE" | "SERVERBUG" | "LIMIT"))
    }
}

fn coded(code: &Option<String>) -> String {
    code.as_ref().map(|code| format!(" ({code})")).unwrap_or_default()
}

/// What a command was answered with.
#[derive(Debug, Default)]
pub(super) struct Answer {
    pub(super) capabilities: Vec<String>,
    pub(super) permanent_flags: Option<Vec<String>>,
    pub(super) found: Vec<u32>,
    pub(super) fetched: Vec<Fetch>,
    /// The code of the last line.
    pub(super) code: Option<String>,
}

/// What IMAP can be spoken over.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// An open connection.
pub(super) struct Wire {
    stream: BufReader<Box<dyn Stream>>,
    commands: u32,
    /// A response of which not all has come.
    begun: Raw,
    line: Vec<u8>,
    /// What the present command may still be answered with.
    left: u64,
    /// Whether the server has said that there may be new mail.
    pub(super) news: bool,
}

impl Wire {
    /// Connects: TCP, TLS where it is wanted (RFC 8314), and the greeting. Says whether the
    /// greeting makes a login needless.
    pub(super) async fn connect(mailbox: &Mailbox) -> Result<(Self, bool), Trouble> {
        let open = async {
            let stream = TcpStream::connect((mailbox.host.as_str(), mailbox.port)).await?;
            stream.set_nodelay(true)?;
            let stream: Box<dyn Stream> = match mailbox.tls {
                true => Box::new(encrypt(stream, &mailbox.host).await?),
                false => Box::new(stream),
            };
            let mut wire = Self::over(stream);
            match wire.response().await? {
                Response::Remark { status: Status::Ok, preauth } => Ok((wire, preauth)),
                _ => Err(Trouble::Lost("the server does not greet as an IMAP server")),
            }
        };
        timeout(STEP, open).await.unwrap_or(Err(LATE))
    }

    /// A connection whose greeting was read.
    pub(super) fn over(stream: Box<dyn Stream>) -> Self {
        Self {
            stream: BufReader::new(stream),
            commands: 0,
            begun: Raw::default(),
            line: Vec::new(),
            left: MOST_ANSWER,
            news: false,
        }
    }

    /// Sends a command and reads until its end.
    pub(super) async fn command(&mut self, text: &str) -> Result<Answer, Trouble> {
        self.exchange(text, STEP, MOST_ANSWER).await
    }

    /// Fetches a mail, for which more time may be needed.
    pub(super) async fn fetch(&mut self, uid: u32, time: Duration) -> Result<Answer, Trouble> {
        // PEEK: it is not read before it is dealt with.
        self.exchange(&format!("UID FETCH {uid} (UID BODY.PEEK[])"), time, MOST_MAIL).await
    }

    async fn exchange(&mut self, text: &str, time: Duration, most: u64) -> Result<Answer, Trouble> {
        let exchange = async {
            let tag = self.begin(text).await?;
            self.left = most;
            self.finish(&tag, text).await
        };
        timeout(time, exchange).await.unwrap_or(Err(LATE))
    }

    /// A command that goes on with `more` once the server is ready for it (RFC 3501 7.5).
    pub(super) async fn command_and(&mut self, text: &str, more: &str) -> Result<Answer, Trouble> {
        let exchange = async {
            let tag = self.begin(text).await?;
            self.go_ahead(&tag, text).await?;
            self.send(more).await?;
            self.finish(&tag, text).await
        };
        timeout(STEP, exchange).await.unwrap_or(Err(LATE))
    }

    /// Sends IDLE (RFC 2177) and waits until the server listens; gives the tag.
    pub(super) async fn idle(&mut self) -> Result<String, Trouble> {
        let begin = async {
            let tag = self.begin("IDLE").await?;
            self.go_ahead(&tag, "IDLE").await?;
            Ok(tag)
        };
        timeout(STEP, begin).await.unwrap_or(Err(LATE))
    }

    /// Reads until there may be new mail, however long that takes. May be dropped: what has come
    /// of a line is kept.
    pub(super) async fn until_news(&mut self) -> Result<(), Trouble> {
        while !self.news {
            self.response().await?;
            // What is said while nothing is asked is no answer that could be too long.
            self.left = MOST_ANSWER;
        }
        Ok(())
    }

    /// Ends IDLE.
    pub(super) async fn done(&mut self, tag: &str) -> Result<Answer, Trouble> {
        let end = async {
            self.send("DONE").await?;
            self.finish(tag, "IDLE").await
        };
        timeout(STEP, end).await.unwrap_or(Err(LATE))
    }

    async fn begin(&mut self, text: &str) -> Result<String, Trouble> {
        self.commands += 1;
        self.left = MOST_ANSWER;
        let tag = format!("a{}", self.commands);
        self.send(&format!("{tag} {text}")).await?;
        Ok(tag)
    }

    async fn send(&mut self, line: &str) -> Result<(), Trouble> {
        self.stream.write_all(format!("{line}\r\n").as_bytes()).await?;
        Ok(self.stream.flush().await?)
    }

    async fn go_ahead(&mut self, tag: &str, text: &str) -> Result<(), Trouble> {
        loop {
            match self.response().await? {
                Response::Continue => return Ok(()),
                Response::Done { tag: ended, code, .. } if ended == tag => {
                    return Err(Trouble::Refused { what: verb(text), code });
                }
                _ => {}
            }
        }
    }

    async fn finish(&mut self, tag: &str, text: &str) -> Result<Answer, Trouble> {
        let mut answer = Answer::default();
        loop {
            match self.response().await? {
                Response::Done { tag: ended, status, code } if ended == tag => match status {
                    Status::Ok => return Ok(Answer { code, ..answer }),
                    _ => return Err(Trouble::Refused { what: verb(text), code }),
                },
                Response::Capability(able) => answer.capabilities = able,
                Response::PermanentFlags(flags) => answer.permanent_flags = Some(flags),
                Response::Search(found) => answer.found.extend(found),
                Response::Fetch(fetch)
                    if (fetch.size.is_some() || fetch.body.is_some())
                        && answer.fetched.len() < MOST_FETCHED =>
                {
                    answer.fetched.push(fetch);
                }
                _ => {}
            }
        }
    }

    async fn response(&mut self) -> Result<Response, Trouble> {
        loop {
            self.read_line().await?;
            let line = std::mem::take(&mut self.line);
            self.begun.text.extend_from_slice(line.trim_ascii_end());
            let Some(length) = response::announced(&self.begun.text) else { break };
            if length > MOST_LITERAL || length > self.left {
                return Err(Trouble::Lost("the server sends more than was asked for"));
            }
            // It grows with what comes, not with what was announced.
            let mut literal = Vec::new();
            (&mut self.stream).take(length).read_to_end(&mut literal).await?;
            if literal.len() as u64 != length {
                return Err(GONE);
            }
            self.left -= length;
            self.begun.literals.push(literal);
        }
        match response::read(std::mem::take(&mut self.begun)) {
            Some(Response::Bye) => Err(Trouble::Lost("the server hangs up")),
            Some(said) => {
                self.news |= said == Response::Exists;
                Ok(said)
            }
            None => Err(Trouble::Lost("the server does not speak IMAP")),
        }
    }

    /// Reads to the end of a line; goes on with what an earlier, dropped call has read.
    async fn read_line(&mut self) -> Result<(), Trouble> {
        let had = self.line.len();
        let room = (MOST_LINE - self.begun.text.len().min(MOST_LINE)).saturating_sub(had) as u64;
        (&mut self.stream).take(room.min(self.left)).read_until(b'\n', &mut self.line).await?;
        self.left -= (self.line.len() - had) as u64;
        match self.line.ends_with(b"\n") {
            true => Ok(()),
            false if (self.line.len() - had) as u64 >= room || self.left == 0 => {
                Err(Trouble::Lost("the server sends more than was asked for"))
            }
            false => Err(GONE),
        }
    }
}

const LATE: Trouble = Trouble::Lost("the server does not answer in time");
const GONE: Trouble = Trouble::Lost("the connection is closed");

/// A command without what it is about: that may be private.
fn verb(text: &str) -> String {
    let mut words = text.split(' ');
    let first = words.next().unwrap_or_default();
    match words.next() {
        Some(second) if first == "UID" => format!("UID {second}"),
        _ => first.to_owned(),
    }
}

/// The certificate must be one of the system's authorities' for this host: a password follows.
async fn encrypt(
    stream: TcpStream,
    host: &str,
) -> io::Result<tokio_rustls::client::TlsStream<TcpStream>> {
    let name = ServerName::try_from(host.to_owned())
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
    let config = ClientConfig::with_platform_verifier().map_err(io::Error::other)?;
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A wire whose server says this and hangs up.
    async fn told(said: &[u8]) -> (Wire, tokio::io::DuplexStream) {
        let (ours, mut theirs) = tokio::io::duplex(64 << 20);
        theirs.write_all(said).await.unwrap();
        (Wire::over(Box::new(ours)), theirs)
    }

    async fn answer(said: &[u8]) -> Result<Answer, Trouble> {
        let (mut wire, mut theirs) = told(said).await;
        theirs.shutdown().await.unwrap();
        wire.fetch(1, STEP).await
    }

    #[tokio::test]
    async fn an_answer_is_collected() {
        let said = b"* 1 FETCH (UID 4 BODY[] {6}\r\na}\r\n{9 FLAGS (\\Seen))\r\n* 2 EXISTS\r\n\
                     * OK still {9}\r\na1 OK [DONE] ok\r\n";
        let (mut wire, _theirs) = told(said).await;
        let answer = wire.fetch(4, STEP).await.unwrap();
        assert_eq!(answer.fetched.len(), 1);
        assert_eq!(answer.fetched[0].body.as_deref(), Some(&b"a}\r\n{9"[..]));
        assert_eq!(answer.code.as_deref(), Some("DONE"));
        assert!(wire.news);
    }

    #[tokio::test]
    async fn refusals_and_ends_are_told_apart() {
        let refused = answer(b"a1 NO [INUSE] ada@example.org is busy\r\n").await.unwrap_err();
        assert_eq!(refused.to_string(), "the server refuses UID FETCH (INUSE)");
        for (said, reason) in [
            (&b""[..], "the connection is closed"),
            (b"a1 O", "the connection is closed"),
            (b"* 1 FETCH (BODY[] {5}\r\nab", "the connection is closed"),
            (b"* BYE full\r\n", "the server hangs up"),
            (b"HTTP/1.1 400 Bad Request\r\n", "the server does not speak IMAP"),
        ] {
            assert_eq!(answer(said).await.unwrap_err().to_string(), reason);
        }
    }

    #[tokio::test]
    async fn a_hostile_server_cannot_fill_the_memory() {
        let endless = [b"* 1 FETCH (X ".as_slice(), &vec![b'a'; MOST_LINE + 1]].concat();
        let pieces = format!("X {{1}}\r\na{} ", "X".repeat(4000)).repeat(6000);
        let literals = format!("* 1 FETCH ({pieces}");
        let lines = |line: &str| format!("{line}{}\r\n", " 1".repeat(2000)).repeat(6000);
        let (remarks, finds) = (lines("* OK still here"), lines("* SEARCH"));
        for said in [
            endless.as_slice(),
            b"* 1 FETCH (BODY[] {500000000}\r\n",
            b"* 1 FETCH (BODY[] {99999999999999999999}\r\n)\r\n",
            literals.as_bytes(),
            remarks.as_bytes(),
            finds.as_bytes(),
        ] {
            let error = answer(said).await.unwrap_err().to_string();
            let expected =
                ["the server sends more than was asked for", "the server does not speak IMAP"];
            assert!(expected.contains(&error.as_str()), "{error}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_server_is_given_up() {
        let (mut wire, _theirs) = told(b"* OK wait\r\n").await;
        let error = wire.command("NOOP").await.unwrap_err();
        assert_eq!(error.to_string(), "the server does not answer in time");
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_that_is_dropped_loses_nothing() {
        let (mut wire, mut theirs) = told(b"+ ok\r\n* 5 EXI").await;
        let tag = wire.idle().await.unwrap();
        let brief = timeout(Duration::from_secs(1), wire.until_news()).await;
        assert!(brief.is_err() && !wire.news);
        theirs.write_all(b"STS\r\na1 OK\r\n").await.unwrap();
        wire.done(&tag).await.unwrap();
        assert!(wire.news);
    }
}
