//! Asks a relay all that a mail would, step by step, and takes the mail back before it is one:
//! greeting, TLS, login, sender and recipient, then RSET. Nothing is sent.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lettre::transport::smtp::extension::ClientId;
use secrecy::ExposeSecret;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::open::{Trouble, answer};
use super::outcome::line;
use super::stream::Prompt;
use super::tls::{connect, encrypt};
use crate::config::{Relay, RelayTarget, SmtpTls};
use crate::mail::Envelope;

/// For each step. A mail may wait longer; somebody who looks may not.
const STEP: Duration = Duration::from_secs(10);

/// A step of the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The connection and the greeting.
    Connect,
    /// Encryption.
    Tls,
    /// The login.
    Login,
    /// The sender of the envelope.
    Sender,
    /// The recipient of the envelope.
    Recipient,
}

/// What a relay said and offered, up to where the conversation ended.
#[derive(Clone, Debug, Default)]
pub struct Probed {
    /// Where it is.
    pub peer: Option<SocketAddr>,
    /// Its greeting without the code.
    pub greeting: String,
    /// The lines of its answer to EHLO, once encrypted: `SIZE 10240000`, `AUTH PLAIN LOGIN`, …
    pub offers: Vec<String>,
    /// Whether the conversation is encrypted.
    pub encrypted: bool,
    /// Its certificate in DER, good or not, where it showed one.
    pub certificate: Option<Vec<u8>>,
    /// The step at which it ended, and why; none where all went well.
    pub stopped: Option<(Step, String)>,
}

impl Probed {
    /// What follows the word `name` in what it offers, such as `10240000` for `SIZE`.
    pub fn offer(&self, name: &str) -> Option<&str> {
        self.offers.iter().find_map(|offer| {
            let (word, rest) = offer.split_once([' ', '=']).unwrap_or((offer, ""));
            word.eq_ignore_ascii_case(name).then_some(rest.trim())
        })
    }
}

/// A stream of either kind.
trait Both: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Both for S {}
type Talk = Prompt<Box<dyn Both>>;

/// Asks `relay`, an SMTP server, whether it would take a mail of `size` bytes in this envelope.
pub async fn probe(relay: &Relay, envelope: &Envelope, size: u64) -> Probed {
    asked(relay, Some((envelope, size))).await
}

/// Asks `relay` whether it is there, encrypts and lets us in; and no longer than `most`.
pub async fn knock(relay: &Relay, most: Duration) -> Probed {
    match timeout(most, asked(relay, None)).await {
        Ok(probed) => probed,
        Err(_) => Probed {
            stopped: Some((Step::Connect, format!("no answer within {} s", most.as_secs()))),
            ..Probed::default()
        },
    }
}

/// The mail that a relay is asked for.
type Wanted<'a> = Option<(&'a Envelope, u64)>;

async fn asked(relay: &Relay, mail: Wanted<'_>) -> Probed {
    let mut probed = Probed::default();
    let RelayTarget::Smtp { host, port, tls, .. } = &relay.target else { return probed };
    let mut done = converse(relay, mail, *tls, &mut probed).await;
    if *tls == SmtpTls::Opportunistic && matches!(done, Err((Step::Tls, _))) {
        // Then mail goes without, as the admin said it may.
        done = converse(relay, mail, SmtpTls::None, &mut probed).await;
    } else if matches!(done, Err((Step::Tls, _))) && probed.certificate.is_none() {
        // What is wrong with the certificate is seen by looking at it.
        probed.certificate = shown(host, *port, *tls).await.ok().flatten();
    }
    probed.stopped = done.err().map(|(step, words)| (step, line(&words)));
    probed
}

type Stopped = (Step, String);

async fn converse(
    relay: &Relay,
    mail: Wanted<'_>,
    tls: SmtpTls,
    probed: &mut Probed,
) -> Result<(), Stopped> {
    let RelayTarget::Smtp { host, port, user, .. } = &relay.target else { return Ok(()) };
    let stream = dial(host, *port).await.map_err(|words| (Step::Connect, words))?;
    let peer = stream.peer_addr().map_err(|error| (Step::Connect, error.to_string()))?;
    probed.peer = Some(peer);
    let mut talk = match tls {
        SmtpTls::Implicit => {
            let safe = secured(stream, host, true, probed).await?;
            greeted(safe, peer, probed).await?
        }
        _ => greeted(Box::new(stream), peer, probed).await?,
    };
    if matches!(tls, SmtpTls::Required | SmtpTls::Opportunistic) {
        if probed.offer("STARTTLS").is_none() {
            return Err((Step::Tls, "it offers no STARTTLS".to_owned()));
        }
        ask(&mut talk, "STARTTLS\r\n", Step::Tls).await?;
        let check = tls == SmtpTls::Required;
        let safe = secured(talk.into_inner(), host, check, probed).await?;
        talk = Prompt::new(safe, peer, Arc::default(), false).greeted(b"");
        hello(&mut talk, Step::Tls, probed).await?;
    }
    if let Some(user) = user {
        let password = relay.password.as_ref().map_or("", |secret| secret.expose_secret());
        login(&mut talk, user, password, probed).await?;
    }
    if let Some((envelope, size)) = mail {
        let announced = match probed.offer("SIZE") {
            Some(_) => format!(" SIZE={size}"),
            None => String::new(),
        };
        let from = format!("MAIL FROM:<{}>{announced}\r\n", envelope.from);
        ask(&mut talk, &from, Step::Sender).await?;
        ask(&mut talk, &format!("RCPT TO:<{}>\r\n", envelope.to), Step::Recipient).await?;
        // Nothing follows: the mail is taken back.
        let _ = ask(&mut talk, "RSET\r\n", Step::Recipient).await;
    }
    let _ = timeout(Duration::from_secs(1), answer(&mut talk, "QUIT\r\n", b'2')).await;
    Ok(())
}

async fn dial(host: &str, port: u16) -> Result<TcpStream, String> {
    match timeout(STEP, connect(host, port)).await {
        Ok(done) => done.map_err(|error| error.to_string()),
        Err(_) => Err(format!("no answer within {} s", STEP.as_secs())),
    }
}

/// The stream inside TLS; its certificate is noted.
async fn secured<S>(
    stream: S,
    host: &str,
    check: bool,
    probed: &mut Probed,
) -> Result<Box<dyn Both>, Stopped>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let safe = match timeout(STEP, encrypt(stream, host, check)).await {
        Ok(done) => done.map_err(|error| (Step::Tls, error.to_string()))?,
        Err(_) => return Err((Step::Tls, format!("no answer within {} s", STEP.as_secs()))),
    };
    probed.certificate = leaf(safe.get_ref().1.peer_certificates());
    probed.encrypted = true;
    Ok(Box::new(safe))
}

fn leaf(chain: Option<&[rustls::pki_types::CertificateDer<'_>]>) -> Option<Vec<u8>> {
    chain.and_then(<[_]>::first).map(|leaf| leaf.to_vec())
}

async fn greeted(
    stream: Box<dyn Both>,
    peer: SocketAddr,
    probed: &mut Probed,
) -> Result<Talk, Stopped> {
    let mut talk = Prompt::new(stream, peer, Arc::default(), false);
    let greeting = ask(&mut talk, "", Step::Connect).await?;
    probed.greeting = line(greeting.get(4..).unwrap_or_default());
    hello(&mut talk, Step::Connect, probed).await?;
    Ok(talk)
}

async fn hello(talk: &mut Talk, step: Step, probed: &mut Probed) -> Result<(), Stopped> {
    let said = ask(talk, &format!("EHLO {}\r\n", ClientId::default()), step).await?;
    let offers = said.lines().skip(1).filter_map(|line| line.get(4..));
    probed.offers = offers.map(|offer| offer.trim().to_owned()).collect();
    Ok(())
}

/// RFC 4954 4, by PLAIN or LOGIN.
async fn login(
    talk: &mut Talk,
    user: &str,
    password: &str,
    probed: &Probed,
) -> Result<(), Stopped> {
    let offered = probed.offer("AUTH").unwrap_or_default().to_ascii_uppercase();
    let offers = |word: &str| offered.split_whitespace().any(|one| one == word);
    if offers("PLAIN") {
        let secret = STANDARD.encode(format!("\0{user}\0{password}"));
        ask(talk, &format!("AUTH PLAIN {secret}\r\n"), Step::Login).await?;
    } else if offers("LOGIN") {
        next(talk, "AUTH LOGIN\r\n", b'3', Step::Login).await?;
        next(talk, &format!("{}\r\n", STANDARD.encode(user)), b'3', Step::Login).await?;
        ask(talk, &format!("{}\r\n", STANDARD.encode(password)), Step::Login).await?;
    } else if offered.is_empty() {
        return Err((Step::Login, "it offers no login (AUTH)".to_owned()));
    } else {
        return Err((
            Step::Login,
            format!("it offers the logins {offered}, and none that we know"),
        ));
    }
    Ok(())
}

async fn ask(talk: &mut Talk, text: &str, step: Step) -> Result<String, Stopped> {
    next(talk, text, b'2', step).await
}

async fn next(talk: &mut Talk, text: &str, wanted: u8, step: Step) -> Result<String, Stopped> {
    match timeout(STEP, answer(talk, text, wanted)).await {
        Ok(done) => done.map_err(|trouble: Trouble| (step, trouble.words())),
        Err(_) => Err((step, format!("no answer within {} s", STEP.as_secs()))),
    }
}

/// The certificate that is shown there, whatever it is.
async fn shown(host: &str, port: u16, tls: SmtpTls) -> io::Result<Option<Vec<u8>>> {
    let mut probed = Probed::default();
    let stream = dial(host, port).await.map_err(io::Error::other)?;
    let peer = stream.peer_addr()?;
    let words = |(_, words): Stopped| io::Error::other(words);
    if tls == SmtpTls::Implicit {
        secured(stream, host, false, &mut probed).await.map_err(words)?;
    } else {
        let mut talk = greeted(Box::new(stream), peer, &mut probed).await.map_err(words)?;
        ask(&mut talk, "STARTTLS\r\n", Step::Tls).await.map_err(words)?;
        secured(talk.into_inner(), host, false, &mut probed).await.map_err(words)?;
    }
    Ok(probed.certificate)
}
