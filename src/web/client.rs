//! Who asks: the address of the connection, or what a trusted web server before us says of it.

use std::net::{IpAddr, SocketAddr};

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use ipnet::IpNet;

use super::Shared;

/// The other end of a connection; put into each of its requests.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub(super) SocketAddr);

/// The address of whoever asks.
pub(super) struct Client(pub(super) Option<IpAddr>);

impl FromRequestParts<Shared> for Client {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Self::Rejection> {
        let peer = parts.extensions.get::<Peer>().map(|peer| peer.0.ip().to_canonical());
        Ok(Self(peer.map(|peer| behind(peer, &parts.headers, &app.site.trusted_proxies))))
    }
}

/// The last address in X-Forwarded-For that is not a trusted web server's own: what stands
/// before it was written by whoever asks, and may be anything.
fn behind(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    if !is_trusted(&peer) {
        return peer;
    }
    let told = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let told: Vec<&str> = told.flat_map(|value| value.split(',')).collect();
    let mut nearest = peer;
    for text in told.iter().rev() {
        let Some(address) = address(text.trim()) else { return nearest };
        nearest = address;
        if !is_trusted(&nearest) {
            return nearest;
        }
    }
    nearest
}

/// An address, perhaps with a port, as web servers write it.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse().ok();
    let address = address.or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|text| text.parse().unwrap()).collect();
        behind(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn only_trusted_servers_are_believed() {
        let ours = ["127.0.0.0/8", "10.0.0.0/8"];
        assert_eq!(seen("198.51.100.7", &["203.0.113.9"], &ours), "198.51.100.7");
        assert_eq!(seen("127.0.0.1", &["203.0.113.9"], &[]), "127.0.0.1");
        assert_eq!(seen("127.0.0.1", &["203.0.113.9"], &ours), "203.0.113.9");
        assert_eq!(seen("127.0.0.1", &["1.2.3.4, 203.0.113.9, 10.1.1.1"], &ours), "203.0.113.9");
        assert_eq!(seen("127.0.0.1", &["1.2.3.4", "203.0.113.9"], &ours), "203.0.113.9");
        assert_eq!(seen("127.0.0.1", &["1.2.3.4, nonsense"], &ours), "127.0.0.1");
        assert_eq!(seen("127.0.0.1", &["[2001:db8::1]:443"], &ours), "2001:db8::1");
        assert_eq!(seen("127.0.0.1", &[], &ours), "127.0.0.1");
    }
}
