//! Opening a connection to a relay: TCP, greeting, TLS, login. Fails closed: where TLS is
//! required and not to be had, no mail leaves. lettre is given a stream that is already as
//! safe as it will be.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream};
use lettre::transport::smtp::extension::ClientId;
use secrecy::ExposeSecret;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::outcome::line;
use super::stream::{Ledger, Prompt};
use super::tls::{connect, encrypt};
use super::wire::Wire;
use crate::config::{Relay, RelayTarget, SmtpTls};

/// For TCP alone.
const CONNECT: Duration = Duration::from_secs(30);
/// RFC 5321 4.5.3.2.1: 5 minutes for the greeting and each answer.
const ANSWER: Duration = Duration::from_secs(5 * 60);
/// The longest answer that is read while opening.
const MOST: usize = 16 * 1024;

/// Why a relay cannot be used: its fault, or ours, never a recipient's.
type Down = String;

/// Where and how, from the relay's configuration.
struct Place<'a> {
    host: &'a str,
    port: u16,
    user: Option<&'a str>,
}

/// An open connection to `relay`.
pub(super) async fn open(relay: &Relay) -> Result<Wire, Down> {
    let RelayTarget::Smtp { host, port, tls, user } = &relay.target else {
        return Err(format!("{} is not an SMTP server", relay.name));
    };
    let place = Place { host, port: *port, user: user.as_deref() };
    let (mut smtp, ledger) = match converse(&place, *tls, false).await {
        // Encryption was worth a try; the admin said that it may do without.
        Err(_) if *tls == SmtpTls::Opportunistic => converse(&place, SmtpTls::None, false).await,
        Err(Trouble::Unknown(_)) => converse(&place, *tls, true).await,
        done => done,
    }
    .map_err(Trouble::words)?;
    if let Some(user) = place.user {
        let password = relay.password.as_ref().map_or("", |secret| secret.expose_secret());
        let login = Credentials::new(user.to_owned(), password.to_owned());
        within(ANSWER, smtp.auth(&[Mechanism::Plain, Mechanism::Login], &login))
            .await
            .map_err(Trouble::words)?;
    }
    Ok(Wire::new(smtp, ledger))
}

/// What went wrong on the way.
pub(super) enum Trouble {
    /// EHLO is unknown to it: HELO may be known (RFC 5321 3.2).
    Unknown(String),
    Other(String),
}

impl Trouble {
    pub(super) fn words(self) -> Down {
        let (Self::Unknown(words) | Self::Other(words)) = self;
        line(&words)
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Other(error.to_string())
    }
}

impl From<lettre::transport::smtp::Error> for Trouble {
    fn from(error: lettre::transport::smtp::Error) -> Self {
        Self::Other(super::outcome::words(&error))
    }
}

/// Up to where lettre has said EHLO on a stream that is as it shall be.
async fn converse(
    place: &Place<'_>,
    tls: SmtpTls,
    helo: bool,
) -> Result<(AsyncSmtpConnection, Arc<Ledger>), Trouble> {
    let stream = timeout(CONNECT, connect(place.host, place.port))
        .await
        .map_err(|_| Trouble::Other("cannot connect: no answer in time".to_owned()))?
        .map_err(|error| Trouble::Other(format!("cannot connect: {error}")))?;
    let peer = stream.peer_addr()?;
    match tls {
        SmtpTls::None => lettre(stream, peer, helo, None).await,
        SmtpTls::Implicit => {
            let safe = within(ANSWER, encrypt(stream, place.host, true)).await?;
            lettre(safe, peer, helo, None).await
        }
        SmtpTls::Required | SmtpTls::Opportunistic => {
            let (stream, offered) = within(ANSWER, start_tls(stream, peer)).await?;
            if !offered && tls == SmtpTls::Required {
                let words = "the relay offers no STARTTLS, which is required; see ?tls= in its url";
                return Err(Trouble::Other(words.to_owned()));
            }
            if !offered {
                return Err(Trouble::Other("the relay offers no STARTTLS".to_owned()));
            }
            let check = tls == SmtpTls::Required;
            let safe = within(ANSWER, encrypt(stream, place.host, check)).await?;
            // What was said in the clear counts for nothing (RFC 3207 4.2): lettre begins anew.
            lettre(safe, peer, helo, Some(b"220 encrypted\r\n")).await
        }
    }
}

/// Greeting, EHLO and STARTTLS in the clear. False where that is not offered.
async fn start_tls(stream: TcpStream, peer: SocketAddr) -> Result<(TcpStream, bool), Trouble> {
    let mut prompt = Prompt::new(stream, peer, Arc::default(), false);
    answer(&mut prompt, "", b'2').await?;
    let hello = answer(&mut prompt, &format!("EHLO {}\r\n", ClientId::default()), b'2').await?;
    let offers =
        |line: &str| line.get(4..).is_some_and(|word| word.eq_ignore_ascii_case("STARTTLS"));
    if !hello.lines().any(offers) {
        return Ok((prompt.into_inner(), false));
    }
    answer(&mut prompt, "STARTTLS\r\n", b'2').await?;
    Ok((prompt.into_inner(), true))
}

/// Says `text` and reads the whole answer, which must begin with the digit `wanted`.
pub(super) async fn answer<S>(
    prompt: &mut Prompt<S>,
    text: &str,
    wanted: u8,
) -> Result<String, Trouble>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    if !text.is_empty() {
        prompt.write_all(text.as_bytes()).await?;
    }
    let mut heard = Vec::new();
    while prompt.owes() {
        let mut space = [0; 1024];
        let count = prompt.read(&mut space).await?;
        heard.extend_from_slice(&space[..count]);
        if count == 0 || heard.len() > MOST {
            return Err(Trouble::Other("the relay's answer has no end".to_owned()));
        }
    }
    let heard = String::from_utf8_lossy(&heard).into_owned();
    if heard.as_bytes().first() == Some(&wanted) { Ok(heard) } else { Err(Trouble::Other(heard)) }
}

/// Hands the stream to lettre, which says EHLO.
async fn lettre<S>(
    stream: S,
    peer: SocketAddr,
    helo: bool,
    greeting: Option<&[u8]>,
) -> Result<(AsyncSmtpConnection, Arc<Ledger>), Trouble>
where
    S: AsyncRead + AsyncWrite + Send + Sync + Unpin + std::fmt::Debug + 'static,
{
    let ledger = Arc::new(Ledger::default());
    let mut prompt = Prompt::new(stream, peer, Arc::clone(&ledger), helo);
    if let Some(greeting) = greeting {
        prompt = prompt.greeted(greeting);
    }
    let stream: Box<dyn AsyncTokioStream> = Box::new(prompt);
    let hello = ClientId::default();
    let connecting = AsyncSmtpConnection::connect_with_transport(stream, &hello);
    match timeout(ANSWER, connecting).await {
        Ok(Ok(smtp)) => Ok((smtp, ledger)),
        Ok(Err(error)) => {
            let words = super::outcome::words(&error);
            // A greeting that is refused is 554 (RFC 5321 3.1).
            let unknown = error.status().is_some_and(|code| [500, 502, 504].contains(&code.into()));
            Err(if unknown && !helo { Trouble::Unknown(words) } else { Trouble::Other(words) })
        }
        Err(_) => Err(Trouble::Other("no answer in time while connecting".to_owned())),
    }
}

async fn within<T, E: Into<Trouble>>(
    limit: Duration,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, Trouble> {
    match timeout(limit, work).await {
        Ok(done) => done.map_err(Into::into),
        Err(_) => Err(Trouble::Other("no answer in time while connecting".to_owned())),
    }
}
