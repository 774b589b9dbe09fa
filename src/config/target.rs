//! Where a relay is, read from its `url`.

use std::path::{Path, PathBuf};

use url::{Host, Url, form_urlencoded};

use super::keys::nearest;
use super::read::{self, Misread, Reading};
use super::tree::{Node, quoted};

/// Where the program is on most systems (FHS 4.10).
const SENDMAIL: &str = "/usr/sbin/sendmail";

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
    /// A program that takes mail as sendmail(8) does; absolute.
    Sendmail(PathBuf),
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

impl RelayTarget {
    /// The address without its options.
    pub(super) fn name(&self) -> String {
        let url = self.url();
        url.split('?').next().unwrap_or_default().to_owned()
    }

    /// The address as it could be written in the config.
    pub(super) fn url(&self) -> String {
        match self {
            Self::Folder(path) => format!("folder:{}", path.display()),
            Self::Sendmail(path) => format!("sendmail:{}", path.display()),
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
pub(super) fn bracketed(host: &str) -> String {
    if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
}

pub(super) fn target(node: &Node, base: &Path) -> Reading<RelayTarget> {
    let text = read::line(node)?;
    if let Some(path) = text.strip_prefix("folder:") {
        if path.is_empty() {
            return Err(Misread::hint("the folder is missing"));
        }
        return Ok(RelayTarget::Folder(base.join(path)));
    }
    if let Some(path) = text.strip_prefix("sendmail:") {
        let path = if path.is_empty() { SENDMAIL } else { path };
        return Ok(RelayTarget::Sendmail(base.join(path)));
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
pub(super) fn decoded(text: &str) -> String {
    // A form's decoder would take these for its own signs.
    let text = text.replace('+', "%2B").replace('&', "%26").replace('=', "%3D");
    form_urlencoded::parse(text.as_bytes()).map(|(name, _)| name.into_owned()).collect()
}
