//! Web servers as they stand before the program, or in its place: one with TLS that leads to it, in
//! the manners it is given, and one that has a page of papers.

#![allow(dead_code, unreachable_pub, reason = "not every test program needs all of it")]

use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// What it does with requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Leads them on.
    Leads,
    /// Has a page of its own.
    Stranger,
    /// Sends them elsewhere.
    Elsewhere(&'static str),
    /// Asks whoever posts for a login.
    NoPosts,
}

pub struct Front {
    pub port: u16,
    pub manner: Arc<Mutex<Manner>>,
    pub tls: Arc<Mutex<TlsAcceptor>>,
}

impl Front {
    /// With TLS, before `inside`.
    pub async fn start(tls: TlsAcceptor, inside: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (manner, tls) = (Arc::new(Mutex::new(Manner::Leads)), Arc::new(Mutex::new(tls)));
        let (manners, certificate) = (Arc::clone(&manner), Arc::clone(&tls));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let manner = *manners.lock().unwrap();
                let tls = certificate.lock().unwrap().clone();
                tokio::spawn(async move {
                    if let Ok(safe) = tls.accept(stream).await {
                        let _ = serve(safe, manner, inside).await;
                    }
                });
            }
        });
        Self { port, manner, tls }
    }
}

/// One request, whole.
async fn request<S: AsyncRead + Unpin>(stream: &mut S) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    let mut space = [0; 4_096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(": ")?;
                name.eq_ignore_ascii_case("content-length").then(|| value.parse::<usize>().ok())?
            });
            if body.len() >= length.unwrap_or(0) {
                return Ok(text);
            }
        }
        let count = stream.read(&mut space).await?;
        if count == 0 {
            return Ok(text);
        }
        bytes.extend_from_slice(&space[..count]);
    }
}

async fn serve<S>(mut stream: S, manner: Manner, inside: SocketAddr) -> std::io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let asked = request(&mut stream).await?;
    let said = |status: &str, header: &str, body: &str| {
        format!(
            "HTTP/1.1 {status}\r\n{header}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
    };
    let path = asked.split(' ').nth(1).unwrap_or("/");
    let answer = match manner {
        Manner::Stranger => said("200 OK", "", "<h1>It works!</h1>").into_bytes(),
        Manner::Elsewhere(to) => {
            said("301 Moved Permanently", &format!("Location: {to}{path}\r\n"), "").into_bytes()
        }
        Manner::NoPosts if asked.starts_with("POST") => {
            said("403 Forbidden", "", "Log in.").into_bytes()
        }
        Manner::Leads | Manner::NoPosts => match TcpStream::connect(inside).await {
            Ok(mut inside) => {
                let asked = asked.replacen("\r\n\r\n", "\r\nConnection: close\r\n\r\n", 1);
                inside.write_all(asked.as_bytes()).await?;
                let mut answer = Vec::new();
                inside.read_to_end(&mut answer).await?;
                answer
            }
            Err(_) => said("502 Bad Gateway", "", "").into_bytes(),
        },
    };
    stream.write_all(&answer).await?;
    stream.shutdown().await
}

/// A page of papers at every path, by a clock that may be wrong.
pub struct Papers {
    pub port: u16,
    /// How many seconds its clock is ahead.
    pub ahead: Arc<AtomicI64>,
}

impl Papers {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let ahead = Arc::new(AtomicI64::new(0));
        let clock = Arc::clone(&ahead);
        tokio::spawn(async move {
            let page = include_str!("../../sample/trending.html");
            while let Ok((mut stream, _)) = listener.accept().await {
                let off = jiff::SignedDuration::from_secs(clock.load(Ordering::SeqCst));
                tokio::spawn(async move {
                    let asked = request(&mut stream).await.unwrap_or_default();
                    let now = paperround::clock::Clock::system().now() + off;
                    let date = now.strftime("%a, %d %b %Y %H:%M:%S GMT");
                    let body = if asked.starts_with("HEAD") { "" } else { page };
                    let text = format!(
                        "HTTP/1.1 200 OK\r\nDate: {date}\r\nContent-Type: text/html; \
                         charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                        page.len()
                    );
                    let _ = stream.write_all(text.as_bytes()).await;
                    let _ = stream.shutdown().await;
                });
            }
        });
        Self { port, ahead }
    }
}
