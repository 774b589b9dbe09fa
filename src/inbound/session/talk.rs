//! A session over a stream: reads, sends what there is to say in as few writes as the client's
//! pipelining permits (RFC 2920), hands mail over, and loses patience. Never decides what is said.

use std::io;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::reply::put;
use super::{Next, Session};
use crate::inbound::{Accept, Accepted};

/// RFC 5321 4.5.3.2.7: a server waits for a command for at least 5 minutes.
const COMMAND: Duration = Duration::from_secs(5 * 60);
/// For the next piece of a mail, and for all of it.
const PIECE: Duration = Duration::from_secs(3 * 60);
const MAIL: Duration = Duration::from_secs(30 * 60);
/// For a TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(30);
/// How long a client is heard after the last word, so that the word reaches it: closing on
/// what was not read makes many systems forget what was sent.
const FAREWELL: Duration = Duration::from_secs(10);
/// What is read at once, and what is said at once at most.
const PIECE_SIZE: usize = 16 * 1024;

/// What a conversation needs besides its stream.
pub(in crate::inbound) struct Way<'a, A> {
    /// Who takes the mail.
    pub accept: &'a A,
    /// When to come to an end.
    pub stop: &'a CancellationToken,
    /// With it, STARTTLS.
    pub tls: Option<&'a TlsAcceptor>,
    /// How long the greeting waits for clients that speak before it.
    pub pause: Duration,
}

impl<A> Clone for Way<'_, A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A> Copy for Way<'_, A> {}

/// How talking came to an end.
#[derive(Debug)]
enum Ended {
    Closed,
    Handshake,
}

/// Greets, and talks until either side has enough.
pub(in crate::inbound) async fn talk<S, A>(
    mut stream: S,
    mut session: Session,
    way: Way<'_, A>,
) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    A: Accept,
{
    if let Ended::Closed = greet(&mut stream, &mut session, way).await? {
        return Ok(());
    }
    let Some(tls) = way.tls else { return Ok(()) };
    // What lies in the stream unread is the handshake's, or breaks it.
    let mut stream = timeout(HANDSHAKE, tls.accept(stream)).await??;
    session.encrypted();
    converse(&mut stream, &mut session, way).await.map(|_| ())
}

async fn greet<S, A>(stream: &mut S, session: &mut Session, way: Way<'_, A>) -> io::Result<Ended>
where
    S: AsyncRead + AsyncWrite + Unpin,
    A: Accept,
{
    let mut out = Vec::new();
    let mut early = [0; 1];
    match timeout(way.pause, stream.read(&mut early)).await {
        Ok(Ok(0)) => return Ok(Ended::Closed),
        Ok(Ok(_)) => {
            // RFC 5321 4.3.1: a client waits for the greeting. What does not is no mail server.
            put(&mut out, "554 5.5.1 you spoke before the greeting");
            part(stream, &mut out, way.stop).await?;
            return Ok(Ended::Closed);
        }
        Ok(Err(error)) => return Err(error),
        Err(_) => {}
    }
    session.greet(&mut out);
    say(stream, &mut out).await?;
    converse(stream, session, way).await
}

async fn converse<S, A>(stream: &mut S, session: &mut Session, way: Way<'_, A>) -> io::Result<Ended>
where
    S: AsyncRead + AsyncWrite + Unpin,
    A: Accept,
{
    let ours = |address: &str| way.accept.is_ours(address);
    let mut input = vec![0; PIECE_SIZE];
    let mut out = Vec::with_capacity(1024);
    let mut since = Instant::now();
    loop {
        let (due, word) = if session.is_in_data() {
            ((since + MAIL).min(Instant::now() + PIECE), "421 4.4.2 the mail takes too long")
        } else {
            (since + COMMAND, "421 4.4.2 nothing was said for too long")
        };
        let read = tokio::select! {
            biased;
            // A mail that is coming in is heard to its end.
            () = way.stop.cancelled(), if !session.is_in_data() => {
                put(&mut out, "421 4.3.2 this server stops, please come back later");
                part(stream, &mut out, way.stop).await?;
                return Ok(Ended::Closed);
            }
            read = timeout_at(due, stream.read(&mut input)) => read,
        };
        let length = match read {
            Ok(read) => read?,
            Err(_) => {
                put(&mut out, word);
                part(stream, &mut out, way.stop).await?;
                return Ok(Ended::Closed);
            }
        };
        if length == 0 {
            return Ok(Ended::Closed);
        }
        let mut rest = &input[..length];
        while !rest.is_empty() {
            let next = session.step(&mut rest, &mut out, &ours);
            match next {
                Next::More => break,
                Next::Again => {}
                Next::Mail => {
                    // Nobody waits for a word of ours while the mail is dealt with.
                    say(stream, &mut out).await?;
                    let accepted = take(session, way.accept).await;
                    session.settle(accepted.as_ref(), &mut out);
                }
                Next::Handshake => {
                    say(stream, &mut out).await?;
                    return Ok(Ended::Handshake);
                }
                Next::Close => {
                    part(stream, &mut out, way.stop).await?;
                    return Ok(Ended::Closed);
                }
            }
            since = Instant::now();
            if out.len() > PIECE_SIZE {
                say(stream, &mut out).await?;
            }
        }
        say(stream, &mut out).await?;
    }
}

/// Hands the mail over. None: it could not be dealt with, be it that the code for it panics.
async fn take<A: Accept>(session: &Session, accept: &A) -> Option<Accepted> {
    let arrival = session.arrival();
    let (id, octets, recipients) = (session.mail_id(), arrival.bytes.len(), arrival.to.len());
    let taken = AssertUnwindSafe(async { accept.accept_once(arrival).await }).catch_unwind().await;
    match taken {
        Ok(Ok(Accepted::Done)) => {
            tracing::info!(id, octets, recipients, "a mail came in");
            Some(Accepted::Done)
        }
        Ok(Ok(Accepted::Refused(words))) => {
            tracing::info!(id, octets, recipients, words, "a mail was refused");
            Some(Accepted::Refused(words))
        }
        Ok(Err(error)) => {
            let error = anyhow::Error::new(error);
            tracing::error!(
                id,
                octets,
                recipients,
                error = format!("{error:#}"),
                "a mail could not be dealt with"
            );
            None
        }
        Err(_) => {
            tracing::error!(id, octets, recipients, "a mail could not be dealt with: a panic");
            None
        }
    }
}

async fn say<S: AsyncWrite + Unpin>(stream: &mut S, out: &mut Vec<u8>) -> io::Result<()> {
    if out.is_empty() {
        return Ok(());
    }
    let written = timeout(COMMAND, async {
        stream.write_all(out).await?;
        stream.flush().await
    });
    written.await??;
    out.clear();
    Ok(())
}

/// Says the last word, and hears the client out for a while, without listening.
async fn part<S>(stream: &mut S, out: &mut Vec<u8>, stop: &CancellationToken) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    say(stream, out).await?;
    let mut scrap = [0; 4096];
    let heard = timeout(FAREWELL, async {
        let _ = stream.shutdown().await;
        while stream.read(&mut scrap).await.is_ok_and(|length| length > 0) {}
    });
    tokio::select! {
        () = stop.cancelled() => {}
        _ = heard => {}
    }
    Ok(())
}
