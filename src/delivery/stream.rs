//! The stream under an SMTP conversation: it sends at once, and while it is plain it takes
//! one reply for each thing said. A relay, or somebody in between, that answers before it is
//! asked (CVE-2021-38371 and its kin: replies slipped in before STARTTLS) ends it. Replies
//! that end with a bare LF are read as if they ended with CRLF, for which lettre would wait.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use lettre::transport::smtp::client::AsyncTokioStream;
use rustls::ClientConfig;
use rustls_platform_verifier::ConfigVerifierExt;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// The first byte of a TLS record that begins a handshake (RFC 8446 5.1).
const HANDSHAKE: u8 = 0x16;

/// A stream for lettre.
#[derive(Debug)]
pub(super) struct Prompt<S> {
    stream: S,
    peer: SocketAddr,
    guard: Guard,
    /// Read, with its line ends mended, and not yet taken.
    mended: VecDeque<u8>,
    last: u8,
}

/// Watches that replies do not come before the question.
#[derive(Debug)]
enum Guard {
    /// Somebody else (TLS) watches.
    Off,
    /// How much of the present line was read, and whether the reply is whole.
    Reading {
        seen: usize,
        last: bool,
    },
    Whole,
}

impl Prompt<TcpStream> {
    /// A plain connection to `host`.
    pub(super) async fn plain(host: &str, port: u16) -> io::Result<Self> {
        let stream = TcpStream::connect((host, port)).await?;
        stream.set_nodelay(true)?;
        let peer = stream.peer_addr()?;
        let guard = Guard::Reading { seen: 0, last: false };
        Ok(Self { stream, peer, guard, mended: VecDeque::new(), last: 0 })
    }

    /// The same inside TLS from the first byte, the certificate checked against the
    /// system's authorities.
    pub(super) async fn encrypted(
        self,
        host: &str,
    ) -> io::Result<Prompt<tokio_rustls::client::TlsStream<TcpStream>>> {
        let config = ClientConfig::with_platform_verifier().map_err(io::Error::other)?;
        let name = rustls::pki_types::ServerName::try_from(host.to_owned())
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        let stream = TlsConnector::from(Arc::new(config)).connect(name, self.stream).await?;
        let (peer, mended) = (self.peer, VecDeque::new());
        Ok(Prompt { stream, peer, guard: Guard::Off, mended, last: 0 })
    }
}

impl Guard {
    /// Takes note of what was read; false where it holds more than one reply.
    fn read(&mut self, bytes: &[u8]) -> bool {
        for &byte in bytes {
            match self {
                Self::Off => return true,
                Self::Whole => return false,
                Self::Reading { seen, last } => {
                    // `250 ok` ends a reply, `250-more` does not (RFC 5321 4.2.1); a bare
                    // code does too.
                    if *seen == 3 {
                        *last = byte != b'-';
                    }
                    if byte == b'\n' {
                        if *last { *self = Self::Whole } else { *seen = 0 }
                    } else {
                        *seen += 1;
                    }
                }
            }
        }
        true
    }

    fn wrote(&mut self, bytes: &[u8]) {
        if matches!(self, Self::Off) || bytes.first() == Some(&HANDSHAKE) {
            *self = Self::Off;
        } else if matches!(self, Self::Whole) {
            *self = Self::Reading { seen: 0, last: false };
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
            if matches!(this.guard, Guard::Off) {
                return Pin::new(&mut this.stream).poll_read(cx, buf);
            }
            let mut space = [0; 2048];
            let mut plain = ReadBuf::new(&mut space);
            std::task::ready!(Pin::new(&mut this.stream).poll_read(cx, &mut plain))?;
            if !this.guard.read(plain.filled()) {
                let words = "the relay answered before it was asked";
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, words)));
            }
            for &byte in plain.filled() {
                if byte == b'\n' && this.last != b'\r' {
                    this.mended.push_back(b'\r');
                }
                this.mended.push_back(byte);
                this.last = byte;
            }
        }
        let (ready, _) = this.mended.as_slices();
        let taken = ready.len().min(buf.remaining());
        buf.put_slice(&ready[..taken]);
        this.mended.drain(..taken);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Prompt<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.guard.wrote(buf);
        Pin::new(&mut self.stream).poll_write(cx, buf)
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
    use super::*;

    #[test]
    fn one_reply_for_each_thing_said() {
        let mut guard = Guard::Reading { seen: 0, last: false };
        assert!(guard.read(b"220-hello\r\n22") && guard.read(b"0 go\r\n"));
        guard.wrote(b"EHLO x\r\n");
        assert!(guard.read(b"250-a\r\n250 b\r\n"));
        guard.wrote(b"STARTTLS\r\n");
        assert!(!guard.read(b"220 go\r\n250 slipped in\r\n"));
        let mut guard = Guard::Whole;
        guard.wrote(&[HANDSHAKE, 3, 1]);
        assert!(guard.read(b"220 a\r\n220 b\r\n220 c\r\n"));
    }
}
