//! `[mail]`

use super::dkim::{self, Dkim};
use super::entries::Entries;
use super::keys::{Key, Section};
use super::read::{self, Misread, Reading};
use super::relay::{self, Relay};
use super::show::{Shown, shown};
use super::tree::Node;
use crate::model::{AddressError, EmailAddress};

pub(super) const SECTION: Section = Section {
    path: "mail",
    repeated: false,
    doc: "Who the mail is from.",
    keys: &[
        Key::required(
            "from",
            "an address such as \"Paper Round <papers@example.org>\"",
            "The sender, with or without a name. The name defaults to the site's title.",
        ),
        Key::unset(
            "reply_to",
            "the sender",
            "an address such as \"papers@example.org\"",
            "Where replies of readers go.",
        ),
        Key::unset(
            "list_id",
            "\"digest.\" and the sender's domain",
            "a list identifier such as \"digest.example.org\": letters, digits, . - and _",
            "What mail programs sort the list by (RFC 2919). Never change it.",
        ),
        Key::unset(
            "postal_address",
            "none is printed",
            "a postal address, on one or more lines",
            "Printed at the foot of each mail, as some laws want it.",
        ),
        Key::unset(
            "bounce_address",
            "inbound.address; without that, the sender",
            "an address such as \"bounces@example.org\"",
            "To which other servers return what they cannot deliver: each mail has a +address of \
             it as its envelope sender, so these must arrive too, at the program's door.",
        ),
    ],
};

/// How mail leaves.
#[derive(Clone, Debug)]
pub struct Mail {
    /// The display name of the sender, where `mail.from` gives one; else the site's title.
    pub from_name: String,
    /// The sender's address. Required.
    pub from: EmailAddress,
    /// Where replies go. Default: the sender.
    pub reply_to: Option<EmailAddress>,
    /// The RFC 2919 identifier, `label.domain`. Default: `digest.` and the sender's domain.
    pub list_id: String,
    /// The postal address that some laws want at the foot of each mail; its lines end in `\n`.
    pub postal_address: Option<String>,
    /// The mailbox for what cannot be delivered, `+addresses` too. Default: that of readers'
    /// mail, and without one the sender, as it is.
    pub bounce_address: Option<EmailAddress>,
    /// What signs each mail: every key one signature; none where empty.
    pub dkim: Vec<Dkim>,
    /// The relays, in order of preference; at least one.
    pub relays: Vec<Relay>,
}

impl Mail {
    /// `title` is the sender's name where none is given.
    pub(super) fn read(entries: &mut Entries<'_>, title: Option<&str>) -> Option<Self> {
        let from = entries.get("from", mailbox);
        let reply_to = entries.maybe("reply_to", address);
        let list_id = entries.maybe("list_id", list_id);
        let postal_address = entries.maybe("postal_address", read::lines);
        let bounce_address = entries.maybe("bounce_address", tagged);
        let sender = from.as_ref().map(|(_, from)| from.domain().to_owned());
        let dkim = dkim::read_all(entries, sender.as_deref());
        let relays = relay::read_all(entries);
        let (name, from) = from?;
        Some(Self {
            from_name: name.or_else(|| title.map(str::to_owned))?,
            reply_to: reply_to?,
            list_id: list_id?.unwrap_or_else(|| own_list_id(&from)),
            postal_address: postal_address?,
            bounce_address: bounce_address?,
            dkim: dkim?,
            relays: relays?,
            from,
        })
    }

    pub(super) fn shown(&self) -> Shown {
        let name = self.from_name.replace('\\', "\\\\").replace('"', "\\\"");
        vec![
            ("from", shown(format!("\"{name}\" <{}>", self.from))),
            ("reply_to", self.reply_to.as_ref().and_then(shown)),
            ("list_id", shown(&self.list_id)),
            ("postal_address", self.postal_address.as_ref().and_then(shown)),
            ("bounce_address", self.bounce_address.as_ref().and_then(shown)),
        ]
    }
}

pub(super) fn address(node: &Node) -> Reading<EmailAddress> {
    parse(read::text(node)?)
}

/// An address whose local part leaves room for a `+`, a word and a token within 64 octets
/// (RFC 5321 4.5.3.1.1).
pub(super) fn tagged(node: &Node) -> Reading<EmailAddress> {
    const LONGEST_LOCAL: usize = 16;
    let found = address(node)?;
    let local = found.local();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    if local.len() > LONGEST_LOCAL || !local.bytes().all(plain) {
        return Err(Misread::hint(format!(
            "before the @ at most {LONGEST_LOCAL} letters, digits, - . or _: a + and a token \
             follow it"
        )));
    }
    Ok(found)
}

fn parse(text: &str) -> Reading<EmailAddress> {
    text.parse().map_err(|error: AddressError| Misread::hint(error.reason))
}

/// `papers@example.org`, `Paper Round <papers@example.org>`, or with the name in quotes.
fn mailbox(node: &Node) -> Reading<(Option<String>, EmailAddress)> {
    let text = read::line(node)?;
    if !text.contains('@') {
        return Err(Misread::hint("there is no @ in it"));
    }
    let Some((name, rest)) = text.rsplit_once('<') else {
        return parse(&text).map(|address| (None, address));
    };
    let Some(address) = rest.strip_suffix('>') else {
        return Err(Misread::hint("the address after < must end with >, and the text with it"));
    };
    let name = name.trim();
    let name = match name.strip_prefix('"').and_then(|name| name.strip_suffix('"')) {
        Some(inner) => unescaped(inner),
        None => name.to_owned(),
    };
    let address = parse(address)?;
    Ok((Some(name).filter(|name| !name.is_empty()), address))
}

/// The content of a quoted string of RFC 5322, where `\` protects the next character.
fn unescaped(text: &str) -> String {
    let mut protected = false;
    let keep = |c: &char| {
        protected = *c == '\\' && !protected;
        !protected
    };
    text.chars().filter(keep).collect()
}

/// The list's name where none is given. A header holds ASCII alone, however the domain is written
/// (RFC 2919 3, RFC 5890 2.3.2.1).
fn own_list_id(from: &EmailAddress) -> String {
    let domain = idna::domain_to_ascii(from.domain());
    format!("digest.{}", domain.as_deref().unwrap_or(from.domain()))
}

fn list_id(node: &Node) -> Reading<String> {
    let text = read::line(node)?;
    let label = |part: &str| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        !part.is_empty() && part.bytes().all(plain)
    };
    let good = text.len() <= 255 && text.contains('.') && text.split('.').all(label);
    if good { Ok(text) } else { Err(Misread::default()) }
}
