//! `[metrics]`: who may read them.

use std::net::IpAddr;

use ipnet::IpNet;
use secrecy::SecretString;

use super::entries::Entries;
use super::keys::{Key, Section};
use super::read::{Misread, Reading};
use super::secret;
use super::server::networks;
use super::show::{REDACTED, Shown, shown};
use super::tree::{Node, Value};

pub(super) const SECTION: Section = Section {
    path: "metrics",
    repeated: false,
    doc: "Figures for Prometheus at /metrics, and what /readyz tells in full.",
    keys: &[
        Key::is(
            "allow",
            r#""loopback""#,
            "\"loopback\", \"all\", or a list of addresses and networks such as [\"10.0.0.0/8\"]",
            "Who may read /metrics, and what /readyz says in full. Whoever comes through a web \
             server that is not in server.trusted_proxies may not.",
        ),
        Key::unset(
            "token",
            "none is asked for",
            "a token, as text",
            "What they must show beside, as a bearer token. Better: token_file.",
        )
        .secret(),
        Key::unset(
            "token_file",
            "none is asked for",
            "a file that holds the token and nothing else",
            "A file that holds the token; relative to this file's folder.",
        ),
    ],
};

/// Who may read the metrics.
#[derive(Clone, Debug)]
pub struct Metrics {
    /// The networks that may. Default: this machine.
    pub allow: Vec<IpNet>,
    /// What they must show beside. Default: nothing.
    pub token: Option<SecretString>,
}

impl Metrics {
    pub(super) fn read(entries: &mut Entries<'_>) -> Option<Self> {
        let allow = entries.get("allow", allow);
        let token = secret::read(entries, "token", "token_file");
        Some(Self { allow: allow?, token: token? })
    }

    pub(super) fn shown(&self) -> Shown {
        let allow = match &self.allow {
            allow if *allow == loopback() => shown("loopback"),
            allow if *allow == all() => shown("all"),
            allow => {
                let allow: Vec<String> = allow.iter().map(ToString::to_string).collect();
                Some(allow.into())
            }
        };
        vec![
            ("allow", allow),
            ("token", self.token.as_ref().and_then(|_| shown(REDACTED))),
            ("token_file", None),
        ]
    }

    /// Whether `ip` is in a network that may.
    pub fn allows(&self, ip: IpAddr) -> bool {
        self.allow.iter().any(|network| network.contains(&ip))
    }
}

fn nets(texts: [&str; 2]) -> Vec<IpNet> {
    texts.iter().filter_map(|text| text.parse().ok()).collect()
}

fn loopback() -> Vec<IpNet> {
    nets(["127.0.0.0/8", "::1/128"])
}

fn all() -> Vec<IpNet> {
    nets(["0.0.0.0/0", "::/0"])
}

fn allow(node: &Node) -> Reading<Vec<IpNet>> {
    match node.value() {
        Value::Text(text) => match text.trim() {
            "loopback" => Ok(loopback()),
            "all" => Ok(all()),
            text if text.parse::<IpNet>().is_ok() || text.parse::<IpAddr>().is_ok() => {
                Err(Misread::hint("write it in brackets"))
            }
            _ => Err(Misread::default()),
        },
        _ => networks(node),
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    #[test]
    fn who_may() {
        let allow = |text: &str| {
            let text = format!(
                "[site]\nurl = \"https://papers.example.org\"\n[mail]\n\
                 from = \"a@example.org\"\n[[mail.relays]]\nurl = \"folder:x\"\n\
                 [metrics]\nallow = {text}\n"
            );
            let loaded = Config::parse(&text, "c.toml".as_ref(), std::iter::empty()).unwrap();
            move |ip: &str| loaded.config.metrics.allows(ip.parse().unwrap())
        };
        let here = allow("\"loopback\"");
        assert!(here("127.0.0.1") && here("::1") && !here("10.1.1.1"));
        assert!(allow("\"all\"")("203.0.113.9"));
        let own = allow("[\"10.0.0.0/8\", \"::1\"]");
        assert!(own("10.1.1.1") && own("::1") && !own("127.0.0.1"));
    }
}
