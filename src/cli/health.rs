//! `health`: asks the daemon on this machine how it is, for containers and monitors that have
//! nothing else to ask with.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use super::context::load;
use super::ui::Ui;

/// An answer that takes longer is none.
const PATIENCE: Duration = Duration::from_secs(10);
/// What cannot be reached, or is not well.
const UNAVAILABLE: u8 = 69;

/// Prints what `/healthz` says; 69 unless all is well.
pub(super) async fn health(ui: &Ui, file: Option<&Path>) -> anyhow::Result<ExitCode> {
    let listen = load(file)?.config.server.listen;
    let url = format!("http://{}/healthz", reachable(listen));
    let asked = async {
        let client = reqwest::Client::builder().timeout(PATIENCE).no_proxy().build()?;
        let answer = client.get(&url).send().await?;
        Ok::<_, reqwest::Error>((answer.status(), answer.text().await?))
    };
    match asked.await {
        Ok((status, text)) => {
            ui.line(text.trim())?;
            Ok(if status.is_success() { ExitCode::SUCCESS } else { ExitCode::from(UNAVAILABLE) })
        }
        Err(error) => {
            let error = anyhow::Error::new(error);
            eprintln!("paperround: no daemon answers at {url}: {error:#}");
            Ok(ExitCode::from(UNAVAILABLE))
        }
    }
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
