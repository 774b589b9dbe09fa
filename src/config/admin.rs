//! `[admin]`: whoever runs the site, and how they are told.

use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

use super::entries::Entries;
use super::keys::{Key, Section};
use super::mail;
use super::read::{self, Misread};
use super::secret;
use super::server;
use super::show::{REDACTED, Shown, shown};
use crate::model::EmailAddress;

pub(super) const SECTION: Section = Section {
    path: "admin",
    repeated: false,
    doc: "Whoever runs the site.",
    keys: &[
        Key::unset(
            "alarms_to",
            "alarms stand in the log only",
            "an address such as \"admin@example.org\"",
            "Who is told when something needs a person.",
        ),
        Key::is(
            "canary",
            "false",
            "true or false",
            "Whether a digest goes to `inbound.address` each day, by the same way as everybody's: \
             where it does not come back, that is an alarm.",
        ),
        Key::is(
            "pages",
            "true",
            "true or false",
            "Whether the site has the admin pages, under /admin. Accounts: paperround admin add.",
        ),
        Key::is(
            "networks",
            "[]",
            "a list of addresses and networks such as [\"192.0.2.0/24\"]",
            "From where the admin pages can be reached; to others there are none. Empty: from \
             everywhere.",
        ),
    ],
};

pub(super) const HOOKS: Section = Section {
    path: "admin.webhooks",
    repeated: true,
    doc: "Other ways to tell whoever runs the site; a section for each.",
    keys: &[
        Key::is(
            "kind",
            r#""json""#,
            "\"json\", \"slack\" or \"ntfy\"",
            "What is sent: JSON that your own program reads, Slack's format (Mattermost and \
             Discord's /slack take it too), or ntfy's.",
        ),
        Key::unset(
            "name",
            "the host of its url",
            "a name such as \"ops\"",
            "What the log and `alarm list` call it.",
        ),
        Key::unset(
            "url",
            "url_file names it",
            "an https address, or http on this machine",
            "Where to; with ntfy, the topic's address. Required, here or by url_file.",
        )
        .secret(),
        Key::unset(
            "url_file",
            "url names it",
            "a file that holds the address and nothing else",
            "A file that holds the address: Slack's are secrets. Relative to this file's folder.",
        ),
        Key::unset(
            "secret",
            "json is not signed, and ntfy gets no login",
            "a secret, as text",
            "With json, the key that signs (X-Hub-Signature-256); with ntfy, an access token. \
             Better: secret_file.",
        )
        .secret(),
        Key::unset(
            "secret_file",
            "as secret",
            "a file that holds the secret and nothing else",
            "A file that holds that secret; relative to this file's folder.",
        ),
        Key::is(
            "internal",
            "false",
            "true or false",
            "Whether it may be in a private network, and be spoken to by plain http there.",
        ),
    ],
};

/// Whoever runs the site.
#[derive(Clone, Debug)]
pub struct Admin {
    /// Who is told when something needs a person. Default: nobody but the log.
    pub alarms_to: Option<EmailAddress>,
    /// Whether a mail to ourselves proves the whole way each day. Default false.
    pub canary: bool,
    /// Whether there are admin pages. Default true.
    pub pages: bool,
    /// From where they can be reached. Default empty: from everywhere.
    pub networks: Vec<IpNet>,
    /// What else is told.
    pub webhooks: Vec<Hook>,
}

/// A webhook that is told of alarms.
#[derive(Clone, Debug)]
pub struct Hook {
    /// What it is sent.
    pub kind: HookKind,
    /// What it is called; unique.
    pub name: String,
    /// Where it is. May hold a secret.
    pub url: Url,
    /// What signs (json), or the access token (ntfy).
    pub secret: Option<SecretString>,
    /// Whether it may be in a private network.
    pub internal: bool,
}

/// What a webhook is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HookKind {
    /// Our own JSON, signed.
    Json,
    /// A Slack incoming webhook's.
    Slack,
    /// A message for an ntfy topic.
    Ntfy,
}

const KINDS: [(&str, HookKind); 3] =
    [("json", HookKind::Json), ("slack", HookKind::Slack), ("ntfy", HookKind::Ntfy)];

impl Admin {
    pub(super) fn read(entries: &mut Entries<'_>) -> Option<Self> {
        let mut names = std::collections::HashSet::new();
        let webhooks = entries.tables(&HOOKS, |entries| {
            let hook = Hook::read(entries)?;
            if !names.insert(hook.name.clone()) {
                let misread = Misread::wanted("a name that no other webhook has");
                entries.fault("name", format!("\"{}\" twice", hook.name), misread);
            }
            Some(hook)
        });
        let alarms_to = entries.maybe("alarms_to", mail::address);
        let canary = entries.get("canary", read::truth);
        let pages = entries.get("pages", read::truth);
        let networks = entries.get("networks", server::networks);
        Some(Self {
            alarms_to: alarms_to?,
            canary: canary?,
            pages: pages?,
            networks: networks?,
            webhooks: webhooks?,
        })
    }

    pub(super) fn shown(&self) -> Shown {
        let networks: Vec<String> = self.networks.iter().map(ToString::to_string).collect();
        vec![
            ("alarms_to", self.alarms_to.as_ref().and_then(shown)),
            ("canary", Some(self.canary.into())),
            ("pages", Some(self.pages.into())),
            ("networks", Some(networks.into())),
        ]
    }
}

impl Hook {
    fn read(entries: &mut Entries<'_>) -> Option<Self> {
        let kind = entries.get("kind", read::word(&KINDS));
        let name = entries.maybe("name", read::line);
        let internal = entries.get("internal", read::truth);
        let url = secret::read(entries, "url", "url_file");
        let secret = secret::read(entries, "secret", "secret_file");
        let (name, internal) = (name?, internal?);
        let Some(url) = url? else {
            let misread = Misread::wanted("url or url_file");
            entries.fault("url", "nothing".to_owned(), misread);
            return None;
        };
        let url = match place(url.expose_secret(), internal) {
            Ok(url) => url,
            Err(hint) => {
                entries.fault("url", REDACTED.to_owned(), Misread::hint(hint));
                return None;
            }
        };
        let name = name.unwrap_or_else(|| url.host_str().unwrap_or_default().to_owned());
        Some(Self { kind: kind?, name, url, secret: secret?, internal })
    }

    pub(super) fn shown(&self) -> Shown {
        let kind = KINDS.iter().find(|(_, kind)| *kind == self.kind);
        vec![
            ("kind", kind.and_then(|(word, _)| shown(word))),
            ("name", shown(&self.name)),
            ("url", shown(REDACTED)),
            ("url_file", None),
            ("secret", self.secret.as_ref().and_then(|_| shown(REDACTED))),
            ("secret_file", None),
            ("internal", Some(self.internal.into())),
        ]
    }
}

/// The address of a webhook, or what is wrong with it; never repeats it.
fn place(text: &str, internal: bool) -> Result<Url, String> {
    let url = Url::parse(text.trim()).map_err(|error| error.to_string())?;
    let here = url.host().is_some_and(|host| read::is_loopback(&host));
    match url.scheme() {
        "https" if url.has_host() => {}
        "http" if here || (internal && url.has_host()) => {}
        "http" => {
            return Err(
                "plain http is for this machine, or a private network with internal = true"
                    .to_owned(),
            );
        }
        _ => return Err("it does not begin with https://".to_owned()),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("a login has no place in it".to_owned());
    }
    let private = match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_private() || ip.is_link_local(),
        Some(Host::Ipv6(ip)) => ip.is_unique_local() || ip.is_unicast_link_local(),
        _ => false,
    };
    if private && !internal {
        return Err("it is in a private network: say internal = true".to_owned());
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_webhook_may_be() {
        for (url, internal) in [
            ("https://hooks.slack.com/services/T0/B0/x", false),
            ("http://127.0.0.1:9000/x", false),
            ("http://localhost/x", false),
            ("https://10.1.1.1/x", true),
            ("http://alerts.lan/x", true),
        ] {
            assert!(place(url, internal).is_ok(), "{url}");
        }
        for (url, internal) in [
            ("http://alerts.lan/x", false),
            ("https://10.1.1.1/x", false),
            ("https://[fd00::1]/x", false),
            ("ftp://example.org/x", true),
            ("https://user:secret@example.org/x", false),
            ("example.org/x", false),
            ("", false),
        ] {
            let said = place(url, internal).unwrap_err();
            assert!(!said.contains("secret@") && !said.contains("example"), "{said}");
        }
    }
}
