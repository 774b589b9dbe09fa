//! `[metrics]`: who may read them.

use std::net::IpAddr;

use ipnet::IpNet;
use secrecy::SecretString;

use super::entries::Entries;
use super::keys::{Key, Section};
use super::read::{Misread, Reading};
use super::secret;
use super::server::network;
use super::show::{REDACTED, Shown, shown};
use super::tree::{Node, Value};

pub(super) const SECTION: Section = Section {
    path: "metrics",
    repeated: false,
    doc: "Figures for Prometheus at /metrics, and what /readyz tells in full.",
    keys: &[
        Key::is(
            "allow",
            r#"["loopback"]"#,
            "a list of addresses and networks such as [\"loopback\", \"10.0.0.0/8\"], or [\"all\"]",
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
        let mut left = self.allow.clone();
        let mut words = Vec::new();
        for (word, networks) in WORDS {
            let networks = nets(networks);
            if networks.iter().all(|network| left.contains(network)) {
                left.retain(|network| !networks.contains(network));
                words.push(word.to_owned());
            }
        }
        words.extend(left.iter().map(ToString::to_string));
        let allow = Some(words.into());
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

/// Words for networks that everybody has.
const WORDS: [(&str, [&str; 2]); 2] =
    [("loopback", ["127.0.0.0/8", "::1/128"]), ("all", ["0.0.0.0/0", "::/0"])];

fn allow(node: &Node) -> Reading<Vec<IpNet>> {
    let Value::List(items) = node.value() else {
        let text = node.text().unwrap_or_default();
        let known = WORDS.iter().any(|(word, _)| *word == text) || text.parse::<IpNet>().is_ok();
        return Err(if known { Misread::hint("write it in brackets") } else { Misread::default() });
    };
    let mut all = Vec::new();
    for item in items {
        let text = item.text().unwrap_or_default().trim();
        match WORDS.iter().find(|(word, _)| *word == text) {
            Some((_, networks)) => all.extend(nets(*networks)),
            None => all.push(network(item)?),
        }
    }
    Ok(all)
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
        let here = allow("[\"loopback\"]");
        assert!(here("127.0.0.1") && here("::1") && !here("10.1.1.1"));
        assert!(allow("[\"all\"]")("203.0.113.9"));
        let own = allow("[\"10.0.0.0/8\", \"::1\"]");
        assert!(own("10.1.1.1") && own("::1") && !own("127.0.0.1"));
    }
}
