//! `[server]`

use std::net::SocketAddr;

use super::entries::Entries;
use super::keys::{Key, Section};
use super::read::{self, Misread, Reading};
use super::show::{Shown, shown};
use super::tree::Node;

pub(super) const SECTION: Section = Section {
    path: "server",
    repeated: false,
    doc: "The HTTP server.",
    keys: &[
        Key::is(
            "listen",
            r#""127.0.0.1:8080""#,
            "an IP address and a port from 0 to 65535, such as \"127.0.0.1:8080\"",
            "Where it listens; put a web server with TLS before it. Port 0: any free one.",
        ),
        Key::later("trusted_proxies"),
    ],
};

/// The HTTP server.
#[derive(Clone, Debug)]
pub struct Server {
    /// Where it listens. Default 127.0.0.1:8080.
    pub listen: SocketAddr,
}

impl Server {
    pub(super) fn read(entries: &mut Entries<'_>) -> Option<Self> {
        Some(Self { listen: entries.get("listen", listen)? })
    }

    pub(super) fn shown(&self) -> Shown {
        vec![("listen", shown(self.listen))]
    }
}

fn listen(node: &Node) -> Reading<SocketAddr> {
    let text = read::text(node)?.trim();
    text.parse().map_err(|_| {
        let port = text.rsplit(':').next().unwrap_or_default();
        let host = text.strip_suffix(port).unwrap_or_default().trim_end_matches(':');
        let host = match host {
            "localhost" => "127.0.0.1",
            "" | "*" => "0.0.0.0",
            _ => return Misread::default(),
        };
        match port.parse::<u16>() {
            Ok(port) => Misread::hint(format!("did you mean \"{host}:{port}\"?")),
            Err(_) => Misread::default(),
        }
    })
}
