//! `[server]`

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

use super::entries::Entries;
use super::keys::{Key, Section};
use super::read::{self, Misread, Reading};
use super::show::{Shown, shown};
use super::tree::{Node, Value};

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
        )
        .restart(),
        Key::is(
            "trusted_proxies",
            "[]",
            "a list of addresses and networks such as [\"127.0.0.1\", \"10.0.0.0/8\"]",
            "Web servers before it, whose X-Forwarded-For says who asks. Without it everybody seems \
             to come from that web server, and shares one network's limit.",
        ),
    ],
};

/// The HTTP server.
#[derive(Clone, Debug)]
pub struct Server {
    /// Where it listens. Default 127.0.0.1:8080.
    pub listen: SocketAddr,
    /// The web servers before it, whose X-Forwarded-For is believed. Default: none.
    pub trusted_proxies: Vec<IpNet>,
}

impl Server {
    pub(super) fn read(entries: &mut Entries<'_>) -> Option<Self> {
        let listen = entries.get("listen", listen);
        let trusted_proxies = entries.get("trusted_proxies", networks);
        Some(Self { listen: listen?, trusted_proxies: trusted_proxies? })
    }

    pub(super) fn shown(&self) -> Shown {
        let proxies: Vec<String> = self.trusted_proxies.iter().map(ToString::to_string).collect();
        vec![("listen", shown(self.listen)), ("trusted_proxies", Some(proxies.into()))]
    }
}

pub(super) fn listen(node: &Node) -> Reading<SocketAddr> {
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

pub(super) fn networks(node: &Node) -> Reading<Vec<IpNet>> {
    let Value::List(items) = node.value() else { return Err(Misread::default()) };
    items.iter().map(network).collect()
}

/// A network, or an address for one of its own.
pub(super) fn network(item: &Node) -> Reading<IpNet> {
    let text = item.text().unwrap_or_default().trim();
    let network = text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
    network.ok_or_else(|| Misread {
        seen: Some(item.seen()),
        place: Some(item.place.clone()),
        ..Misread::default()
    })
}
