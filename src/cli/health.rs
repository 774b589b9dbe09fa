//! `health`: asks the daemon on this machine how it is, for containers and monitors that have
//! nothing else to ask with.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::context::{broken, load_or_in_force};
use super::ui::Ui;
use crate::clock::Clock;

/// An answer that takes longer is none.
const PATIENCE: Duration = Duration::from_secs(10);
/// The most that is read of an answer.
const MOST: u64 = 64 * 1024;
/// What cannot be reached, or is not well.
const UNAVAILABLE: u8 = 69;

/// Prints what `/healthz` says; 69 unless all is well.
pub(super) async fn health(
    ui: &Ui,
    file: Option<&Path>,
    address: Option<SocketAddr>,
    clock: &Clock,
) -> anyhow::Result<ExitCode> {
    let at = match address {
        Some(address) => address,
        None => {
            let (loaded, refused) = load_or_in_force(file, clock, true).await?;
            if let Some(refused) = refused {
                eprintln!("warning: {}", broken(&refused));
            }
            reachable(loaded.config.server.listen)
        }
    };
    let reason = match tokio::time::timeout(PATIENCE, ask(at)).await {
        Ok(Ok(answer)) => {
            // RFC 9112 4: the second word of the first line.
            let good = answer.split(' ').nth(1).is_some_and(|status| status.starts_with('2'));
            match answer.split_once("\r\n\r\n") {
                Some((_, body)) => {
                    ui.line(body.trim())?;
                    return Ok(if good { ExitCode::SUCCESS } else { ExitCode::from(UNAVAILABLE) });
                }
                None => "what answers there is no web server".to_owned(),
            }
        }
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("no answer within {} s", PATIENCE.as_secs()),
    };
    eprintln!("paperround: no daemon answers at {at}: {reason}");
    Ok(ExitCode::from(UNAVAILABLE))
}

/// The whole answer. An address of this machine, in the clear: no client is needed for that.
async fn ask(at: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(at).await?;
    let ask = format!("GET /healthz HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n");
    stream.write_all(ask.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(MOST).read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Where one that listens everywhere is reached from here.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        other => other,
    };
    SocketAddr::new(ip, listen.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_listens_everywhere_is_reached_here() {
        for (listen, wanted) in [
            ("0.0.0.0:8080", "127.0.0.1:8080"),
            ("[::]:80", "[::1]:80"),
            ("10.0.0.1:8080", "10.0.0.1:8080"),
        ] {
            assert_eq!(reachable(listen.parse().unwrap()).to_string(), wanted);
        }
    }
}
