//! Where a fetch may lead: the public internet, or, for a source on this very machine, that
//! source alone. Names are checked when they are resolved, so that a name that changes its
//! address in between gains nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// Why an address is not followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    #[error("{0} is neither http nor https")]
    Scheme(String),
    #[error("{0} is plain http, which is for this machine only")]
    Plain(String),
    #[error("{0} is not an address of the public internet")]
    Private(String),
}

/// Whether `url` leads to this machine by name or address.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// Whether a fetch that began at `own`, the configured address, may ask for `url`.
pub(crate) fn check(url: &Url, own: &Url) -> Result<(), Refused> {
    // No path or query: they may hold a secret.
    let shown = || format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default());
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(Refused::Scheme(format!("{}:", url.scheme())));
    }
    if is_loopback(url) {
        return if url.origin() == own.origin() { Ok(()) } else { Err(Refused::Private(shown())) };
    }
    if url.scheme() != "https" {
        return Err(Refused::Plain(shown()));
    }
    let ip = match url.host() {
        Some(Host::Ipv4(ip)) => Some(IpAddr::V4(ip)),
        Some(Host::Ipv6(ip)) => Some(IpAddr::V6(ip)),
        _ => None,
    };
    if ip.is_some_and(|ip| !is_public(ip)) { Err(Refused::Private(shown())) } else { Ok(()) }
}

/// Whether an address is one of the public internet.
pub(crate) fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

/// By the registry of special addresses (RFC 6890).
fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    !(a == 0
        || a >= 224
        || ip.is_loopback()
        || ip.is_private()
        || ip.is_link_local()
        || ip.is_documentation()
        || (a, b & 0xC0) == (100, 64)
        || (a, b & 0xFE) == (198, 18)
        || matches!((a, b, c), (192, 0, 0) | (192, 88, 99)))
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let parts = ip.segments();
    let [.., high, low] = parts;
    let embedded = |high: u16, low: u16| {
        is_public_v4(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)))
    };
    match parts {
        // IPv4 mapped, translated by NAT64, and 6to4: what counts is the address inside.
        [0, 0, 0, 0, 0, 0xFFFF, ..] | [0x64, 0xFF9B, 0, 0, 0, 0, ..] => embedded(high, low),
        [0x2002, high, low, ..] => embedded(high, low),
        // Teredo, benchmarks, ORCHID and the like; documentation.
        [0x2001, 0..=0x1FF, ..] | [0x2001, 0xDB8, ..] | [0x3FFF, 0..=0xFFF, ..] => false,
        [first, ..] => first & 0xE000 == 0x2000,
    }
}

/// Resolves names to addresses that may be asked.
pub(crate) struct Resolver {
    /// Names that lead to this machine are wanted, and no others.
    pub(crate) loopback: bool,
    /// The names of the proxies that the environment sets: those may be anywhere.
    pub(crate) proxies: Arc<[String]>,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (loopback, proxies) = (self.loopback, Arc::clone(&self.proxies));
        Box::pin(async move {
            let name = name.as_str().to_owned();
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let free = proxies.contains(&name);
            let wanted =
                |ip: IpAddr| free || if loopback { ip.is_loopback() } else { is_public(ip) };
            // One private address among public ones is a trap too.
            if found.is_empty() || !found.iter().all(|address| wanted(address.ip())) {
                return Err(Refused::Private(name).into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// The hosts of the proxies in the environment.
pub(crate) fn proxies() -> Arc<[String]> {
    ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy"]
        .iter()
        .filter_map(|name| std::env::var(name).ok())
        .filter_map(|proxy| {
            let full = if proxy.contains("://") { proxy } else { format!("http://{proxy}") };
            Url::parse(&full).ok()?.host_str().map(str::to_owned)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_public() {
        for ip in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "192.0.0.8",
            "203.0.113.5",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "2001:db8::1",
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "::127.0.0.1",
            "2001::1",
            "fec0::1",
            "64:ff9b:1::1",
            "100::1",
        ] {
            assert!(!is_public(ip.parse().unwrap()), "{ip}");
        }
        for ip in [
            "8.8.8.8",
            "18.164.174.1",
            "100.128.0.1",
            "2600:9000::1",
            "::ffff:8.8.8.8",
            "2a00:1450::1",
        ] {
            assert!(is_public(ip.parse().unwrap()), "{ip}");
        }
    }

    #[tokio::test]
    async fn names_are_checked_when_they_are_resolved() {
        let resolve = async |loopback, proxies: &[&str]| {
            let proxies = proxies.iter().map(ToString::to_string).collect();
            let name = "localhost".parse().unwrap();
            Resolver { loopback, proxies }.resolve(name).await.is_ok()
        };
        assert!(!resolve(false, &[]).await);
        assert!(resolve(true, &[]).await);
        assert!(resolve(false, &["localhost"]).await);
    }

    #[test]
    fn redirects_stay_within_reach() {
        let may =
            |url: &str, own: &str| check(&url.parse().unwrap(), &own.parse().unwrap()).is_ok();
        let page = "https://huggingface.co/papers";
        let local = "http://127.0.0.1:8099/ok";
        assert!(may(page, page) && may("https://cdn.example.org/x", page) && may(local, local));
        assert!(may("http://127.0.0.1:8099/other", local) && may("https://example.org/", local));
        for (url, own) in [
            ("http://huggingface.co/papers", page),
            ("http://huggingface.co/papers", "http://huggingface.co/papers"),
            ("file:///etc/passwd", page),
            ("gopher://example.org/", page),
            ("http://169.254.169.254/latest", page),
            ("https://169.254.169.254/latest", local),
            ("https://localhost/", page),
            ("https://a.localhost./", page),
            ("https://[::ffff:10.0.0.1]/", page),
            ("https://0x7f.1/", page),
            ("http://127.0.0.1:22/", local),
            ("http://127.0.0.1:8099/", page),
            ("http://example.org/", local),
        ] {
            assert!(!may(url, own), "{url} from {own}");
        }
    }
}
