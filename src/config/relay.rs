//! `[[mail.relays]]`

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use url::{Host, Url, form_urlencoded};

use super::entries::Entries;
use super::keys::{Key, Section, nearest};
use super::read::{self, Misread, Reading};
use super::secret;
use super::show::{REDACTED, Shown, shown};
use super::tree::{Node, Value, quoted};

pub(super) const SECTION: Section = Section {
    path: "mail.relays",
    repeated: true,
    doc: "The servers that mail is handed to, the preferred one first; a section for each.",
    keys: &[
        Key::required(
            "url",
            "\"smtp://host:25\", \"smtps://user@host\" or \"folder:path\"",
            "smtp:// speaks STARTTLS or sends nothing, but for this machine, where it is plain \
             (?tls=opportunistic or ?tls=none must be said); smtps:// is TLS from the start; \
             folder: writes .eml files.",
        ),
        Key::unset(
            "password",
            "no login",
            "the password of the user in the url, as text",
            "The password of the user in the url. Better: password_file.",
        )
        .secret(),
        Key::unset(
            "password_file",
            "no login",
            "a file that holds the password and nothing else",
            "A file that holds the password; relative to this file's folder.",
        ),
        Key::is(
            "connections",
            "8",
            "a whole number from 1 to 1000",
            "How many connections at most.",
        ),
        Key::unset(
            "rate",
            "no bound",
            "mails a second, minute or hour: \"100/s\", \"600/m\" or \"5000/h\"",
            "How many mails at most.",
        ),
        Key::is(
            "domains",
            r#"["*"]"#,
            "a list of domains such as [\"example.org\"], or [\"*\"] for all",
            "The receiving domains that it serves.",
        ),
        Key::later("weight"),
    ],
};

/// Where a relay is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RelayTarget {
    /// An SMTP server.
    Smtp {
        /// Its host: a name in ASCII, or an IP address without brackets.
        host: String,
        /// Its port.
        port: u16,
        /// How it is encrypted.
        tls: SmtpTls,
        /// The login name.
        user: Option<String>,
    },
    /// A folder that gets `.eml` files; absolute. It need not exist.
    Folder(PathBuf),
}

/// How a connection to an SMTP server is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpTls {
    /// TLS from the first byte (`smtps://`).
    Implicit,
    /// STARTTLS, or no mail (`smtp://`).
    Required,
    /// STARTTLS where offered (`?tls=opportunistic`).
    Opportunistic,
    /// None (`?tls=none`, and loopback addresses).
    None,
}

const TLS: [(&str, SmtpTls); 3] = [
    ("required", SmtpTls::Required),
    ("opportunistic", SmtpTls::Opportunistic),
    ("none", SmtpTls::None),
];

/// One relay.
#[derive(Clone, Debug)]
pub struct Relay {
    /// Its address without any secret, for logs; unique.
    pub name: String,
    /// Where it is.
    pub target: RelayTarget,
    /// The password of the login name; there whenever that is.
    pub password: Option<SecretString>,
    /// How many connections at most. Default 8.
    pub connections: u32,
    /// How many mails a second at most (`"100/s"`, `"600/m"`, `"5000/h"`). Default: no bound.
    pub rate: Option<f64>,
    /// The receiving domains that it serves, in lower case; `*` for all. Default `["*"]`.
    pub domains: Vec<String>,
}

/// All relays below `[mail]`: at least one, each once.
pub(super) fn read_all(mail: &mut Entries<'_>) -> Option<Vec<Relay>> {
    let mut names = HashSet::new();
    let relays = mail.tables(&SECTION, |entries| {
        let relay = Relay::read(entries)?;
        if !names.insert(relay.name.clone()) {
            let hint = Misread::hint("another relay has the same address");
            entries.fault("url", quoted(&relay.name), hint);
        }
        Some(relay)
    })?;
    if relays.is_empty() {
        // As any missing key is told: by reading a section that has none.
        return mail.blank(&SECTION, Relay::read).map(|relay| vec![relay]);
    }
    if !relays.iter().any(|relay| relay.domains.iter().any(|domain| domain == "*")) {
        mail.warn("relays", "no relay serves all domains; mail to the others waits for ever");
    }
    Some(relays)
}

impl Relay {
    /// Whether it serves the receiving domain `domain`, in lower case.
    pub fn serves(&self, domain: &str) -> bool {
        self.domains.iter().any(|pattern| match pattern.strip_prefix("*.") {
            _ if pattern == "*" => true,
            Some(parent) => domain.strip_suffix(parent).is_some_and(|rest| rest.ends_with('.')),
            None => pattern.eq_ignore_ascii_case(domain),
        })
    }

    fn read(entries: &mut Entries<'_>) -> Option<Self> {
        let base = entries.resolve("");
        let target = entries.get("url", |node| target(node, &base));
        let password = secret::read(entries, "password", "password_file");
        let connections = entries.get("connections", read::whole(1..=1_000));
        let rate = entries.maybe("rate", rate);
        let domains = entries.get("domains", domains);
        let (target, password) = (target?, password?);

        let user = match &target {
            RelayTarget::Smtp { user, .. } => user.as_ref(),
            RelayTarget::Folder(_) => None,
        };
        match (user, &password) {
            (Some(_), None) => {
                let misread = Misread::wanted("the password of the user in the url");
                entries.fault("password_file", "nothing".to_owned(), misread);
            }
            (None, Some(_)) => {
                let misread = Misread::wanted("the user that the password belongs to")
                    .and_hint("write it before the host: smtps://user@host");
                entries.fault("url", quoted(&target.name()), misread);
            }
            _ => {}
        }
        if let (
            Some(_),
            RelayTarget::Smtp { tls: SmtpTls::Opportunistic | SmtpTls::None, host, .. },
        ) = (user, &target)
            && !Host::parse(&bracketed(host)).is_ok_and(|host| read::is_loopback(&host))
        {
            entries.warn("url", "the password may travel unencrypted");
        }
        Some(Self {
            name: target.name(),
            target,
            password,
            connections: connections?,
            rate: rate?,
            domains: domains?,
        })
    }

    pub(super) fn shown(&self) -> Shown {
        vec![
            ("url", shown(self.target.url())),
            ("password", self.password.as_ref().and_then(|_| shown(REDACTED))),
            ("password_file", None),
            ("connections", Some(self.connections.into())),
            ("rate", self.rate.and_then(|rate| shown(rate_text(rate)))),
            ("domains", Some(self.domains.clone().into())),
        ]
    }
}

impl RelayTarget {
    /// The address without its options.
    fn name(&self) -> String {
        let url = self.url();
        url.split('?').next().unwrap_or_default().to_owned()
    }

    /// The address as it could be written in the config.
    fn url(&self) -> String {
        match self {
            Self::Folder(path) => format!("folder:{}", path.display()),
            Self::Smtp { host, port, tls, user } => {
                let scheme = if *tls == SmtpTls::Implicit { "smtps" } else { "smtp" };
                let user = user.as_ref().map_or(String::new(), |user| {
                    let encoded: String =
                        form_urlencoded::byte_serialize(user.as_bytes()).collect();
                    format!("{}@", encoded.replace('+', "%20"))
                });
                let host = bracketed(host);
                let word = TLS.iter().find(|(_, known)| known == tls);
                let tls = word.map_or(String::new(), |(word, _)| format!("?tls={word}"));
                format!("{scheme}://{user}{host}:{port}{tls}")
            }
        }
    }
}

/// A host as URLs have it: IPv6 addresses in brackets.
fn bracketed(host: &str) -> String {
    if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
}

fn target(node: &Node, base: &Path) -> Reading<RelayTarget> {
    let text = read::line(node)?;
    if let Some(path) = text.strip_prefix("folder:") {
        if path.is_empty() {
            return Err(Misread::hint("the folder is missing"));
        }
        return Ok(RelayTarget::Folder(base.join(path)));
    }
    let Some((scheme, _)) = text.split_once("://") else {
        return Err(Misread::hint(format!("did you mean {}?", quoted(&format!("smtp://{text}")))));
    };
    if scheme != "smtp" && scheme != "smtps" {
        let near = nearest(scheme, ["smtp", "smtps"]);
        let hint = near.map(|near| format!("did you mean {near}://?"));
        return Err(Misread { hint, ..Misread::default() });
    }
    let url = Url::parse(&text).map_err(|error| Misread::hint(error.to_string()))?;
    if url.password().is_some() {
        return Err(Misread::hint("the password goes into password_file"));
    }
    if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
        return Err(Misread::hint("nothing but ?tls=… may follow host and port"));
    }
    // To `url` the hosts of these schemes are opaque: read this one as a domain or IP address.
    let host = url.host_str().filter(|host| !host.is_empty());
    let host = Host::parse(host.ok_or_else(|| Misread::hint("the host is missing"))?)
        .map_err(|error| Misread::hint(error.to_string()))?;
    let said = tls_option(&url)?;
    let tls = match (scheme, said) {
        ("smtps", None) => SmtpTls::Implicit,
        ("smtps", Some(_)) => return Err(Misread::hint("smtps:// is TLS always: leave ?tls out")),
        (_, Some(said)) => said,
        (_, None) if read::is_loopback(&host) => SmtpTls::None,
        (_, None) => SmtpTls::Required,
    };
    let port = url.port().unwrap_or(if scheme == "smtps" { 465 } else { 25 });
    if port == 0 {
        return Err(Misread::hint("the port must be 1 to 65535"));
    }
    let host = match host {
        Host::Domain(name) => name,
        Host::Ipv4(ip) => ip.to_string(),
        Host::Ipv6(ip) => ip.to_string(),
    };
    let user = Some(url.username()).filter(|user| !user.is_empty()).map(decoded);
    if user.as_ref().is_some_and(|user| user.chars().any(char::is_control)) {
        return Err(Misread::hint("the user holds a control character"));
    }
    Ok(RelayTarget::Smtp { host, port, tls, user })
}

/// The value of `?tls=`, and no other option.
fn tls_option(url: &Url) -> Reading<Option<SmtpTls>> {
    let mut said = None;
    for (name, value) in url.query_pairs() {
        if name != "tls" {
            return Err(Misread::hint(format!("the only option is ?tls=, not {}", quoted(&name))));
        }
        let known = TLS.iter().find(|(word, _)| *word == value);
        let Some((_, tls)) = known else {
            let near = nearest(&value, TLS.map(|(word, _)| word));
            let near = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
            return Err(Misread::hint(format!(
                "?tls= takes required, opportunistic or none{near}"
            )));
        };
        if said.replace(*tls).is_some() {
            return Err(Misread::hint("?tls= is given twice"));
        }
    }
    Ok(said)
}

/// Without its percent signs.
fn decoded(text: &str) -> String {
    // A form's decoder would take these for its own signs.
    let text = text.replace('+', "%2B").replace('&', "%26").replace('=', "%3D");
    form_urlencoded::parse(text.as_bytes()).map(|(name, _)| name.into_owned()).collect()
}

/// `100/s`, `600/m`, `5000/h`, in mails a second.
fn rate(node: &Node) -> Reading<f64> {
    let text = read::text(node)?;
    let (count, unit) = text.trim().split_once('/').ok_or_else(Misread::default)?;
    let count: u32 = count.trim().parse().map_err(|_| Misread::default())?;
    let secs = match unit.trim() {
        "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3_600.0,
        _ => return Err(Misread::default()),
    };
    if count == 0 {
        return Err(Misread::hint("nothing would ever be sent"));
    }
    Ok(f64::from(count) / secs)
}

/// The text that `rate` reads as the same number.
fn rate_text(rate: f64) -> String {
    let (unit, secs) = [("s", 1.0), ("m", 60.0)]
        .into_iter()
        .find(|(_, secs)| ((rate * secs).round() / secs - rate).abs() < 1e-9)
        .unwrap_or(("h", 3_600.0));
    format!("{}/{unit}", (rate * secs).round())
}

fn domains(node: &Node) -> Reading<Vec<String>> {
    let Value::List(items) = node.value() else { return Err(Misread::default()) };
    if items.is_empty() {
        return Err(Misread::hint("the relay would serve nobody"));
    }
    let one = |item: &Node| {
        let at = |hint| Misread {
            seen: Some(item.seen()),
            place: Some(item.place.clone()),
            hint,
            ..Misread::default()
        };
        let text = item.text().ok_or_else(|| at(None))?.trim();
        match Host::parse(text) {
            _ if text == "*" => Ok("*".to_owned()),
            Ok(Host::Domain(name)) if !name.is_empty() => Ok(name.to_lowercase()),
            _ if text.contains('@') => Err(at(Some("only what follows the @".to_owned()))),
            _ => Err(at(None)),
        }
    };
    items.iter().map(one).collect()
}
