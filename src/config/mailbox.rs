//! A mailbox to read over IMAP, from its `imaps://` address.

use url::{Host, Url, form_urlencoded};

use super::keys::nearest;
use super::read::{self, Misread, Reading};
use super::target::{bracketed, decoded};
use super::tree::{Node, quoted};

/// A mailbox on an IMAP server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailbox {
    /// The server: a name in ASCII, or an IP address without brackets.
    pub host: String,
    /// Its port. Default 993, and 143 without TLS.
    pub port: u16,
    /// Whether it is TLS from the first byte (RFC 8314); else plain, on this machine alone.
    pub tls: bool,
    /// The login name.
    pub user: String,
    /// The folder. Default `INBOX`.
    pub folder: String,
}

impl Mailbox {
    /// The address as it could be written in the config.
    pub fn url(&self) -> String {
        let encode = |text: &str| {
            let encoded: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
            encoded.replace('+', "%20")
        };
        let scheme = if self.tls { "imaps" } else { "imap" };
        let (host, port) = (bracketed(&self.host), self.port);
        format!("{scheme}://{}@{host}:{port}/{}", encode(&self.user), encode(&self.folder))
    }
}

pub(super) fn mailbox(node: &Node) -> Reading<Mailbox> {
    let text = read::line(node)?;
    let Some((scheme, _)) = text.split_once("://") else {
        return Err(Misread::hint(format!("did you mean {}?", quoted(&format!("imaps://{text}")))));
    };
    if scheme != "imap" && scheme != "imaps" {
        let near = nearest(scheme, ["imap", "imaps"]);
        let hint = near.map(|near| format!("did you mean {near}://?"));
        return Err(Misread { hint, ..Misread::default() });
    }
    let url = Url::parse(&text).map_err(|error| Misread::hint(error.to_string()))?;
    if url.password().is_some() {
        return Err(Misread::hint("the password goes into password_file"));
    }
    if url.fragment().is_some() || url.query().is_some() {
        return Err(Misread::hint("nothing but a folder may follow host and port"));
    }
    let host = url.host_str().filter(|host| !host.is_empty());
    let host = Host::parse(host.ok_or_else(|| Misread::hint("the host is missing"))?)
        .map_err(|error| Misread::hint(error.to_string()))?;
    let tls = scheme == "imaps";
    if !tls && !read::is_loopback(&host) {
        return Err(Misread::hint("the password would travel unencrypted: write imaps://"));
    }
    let user = decoded(url.username());
    if user.is_empty() {
        return Err(Misread::hint("write the user before the host: imaps://user@host"));
    }
    let folder = decoded(url.path().trim_matches('/'));
    if user.chars().chain(folder.chars()).any(char::is_control) {
        return Err(Misread::hint("it holds a control character"));
    }
    let port = url.port().unwrap_or(if tls { 993 } else { 143 });
    let host = match host {
        Host::Domain(name) => name,
        Host::Ipv4(ip) => ip.to_string(),
        Host::Ipv6(ip) => ip.to_string(),
    };
    let folder = if folder.is_empty() { "INBOX".to_owned() } else { folder };
    Ok(Mailbox { host, port, tls, user, folder })
}
