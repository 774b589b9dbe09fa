//! Who wrote a mail, to which of our mailboxes, and by what mark it is known again. Reads
//! headers; believes none of them. Pure.

use mail_parser::{Address, HeaderName, HeaderValue};
use sha2::{Digest as _, Sha256};

use super::Arrival;
use crate::links::{Links, Tag};
use crate::mail::Incoming;
use crate::model::{EmailAddress, Locale};
use crate::token::{Key, to_hex};

/// Where mail servers and mailboxes note whom a mail was for, the most telling first.
const RECIPIENTS: [&str; 6] =
    ["Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To", "Cc"];

/// Addresses of a header that are looked at.
const MOST: usize = 50;

/// Our mailboxes that a mail is for, in lower case: of the envelope, else of the header.
pub(super) fn ours(arrival: &Arrival<'_>, mail: &Incoming<'_>, links: &Links) -> Vec<String> {
    let is_ours = |address: &String| links.tag(address).is_some();
    let own: Vec<String> =
        arrival.to.iter().map(|to| bare(to)).filter(is_ours).take(MOST).collect();
    if !arrival.to.is_empty() {
        return own;
    }
    let mut found = Vec::new();
    for name in RECIPIENTS {
        for header in mail.message().headers().iter() {
            if header.name.as_str().eq_ignore_ascii_case(name) {
                found.extend(addresses(&header.value).into_iter().filter(is_ours));
            }
        }
        if found.len() >= MOST {
            break;
        }
    }
    found.truncate(MOST);
    found.dedup();
    found
}

/// What the mailboxes of a mail are for, each once and the most telling first: it may have gone to
/// several.
pub(super) fn tags<'a>(ours: &'a [String], links: &Links) -> Vec<Tag<'a>> {
    let mut tags: Vec<Tag<'a>> = Vec::new();
    for tag in ours.iter().filter_map(|address| links.tag(address)) {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags.sort_by_key(|tag| match tag {
        Tag::Canary(_) => 0,
        Tag::Unsubscribe(_) => 1,
        Tag::Confirm(_) => 2,
        Tag::Reply(_) => 3,
        Tag::Subscribe => 4,
        Tag::Help => 5,
        Tag::None => 6,
        Tag::Bounce(_) => 7,
    });
    tags
}

/// The one address in `From`; none where there are none or several, as nobody can tell who
/// wrote then.
pub(super) fn sender(mail: &Incoming<'_>) -> Option<EmailAddress> {
    let mut fields =
        mail.message().headers().iter().filter(|header| header.name == HeaderName::From);
    let (first, second) = (fields.next()?, fields.next());
    if second.is_some() {
        return None;
    }
    match addresses(&first.value).as_slice() {
        [one] => one.parse().ok(),
        _ => None,
    }
}

/// Whether the one `To` of the mail names a mailbox of ours.
pub(super) fn named_in_to(mail: &Incoming<'_>, links: &Links) -> bool {
    let mut fields = mail.message().headers().iter().filter(|header| header.name == HeaderName::To);
    match (fields.next(), fields.next()) {
        (Some(one), None) => {
            addresses(&one.value).iter().any(|address| links.tag(address).is_some())
        }
        _ => false,
    }
}

/// The mail's Message-ID in its brackets; empty where it has none that can be written again.
pub(super) fn message_id(mail: &Incoming<'_>) -> String {
    let id = mail.message().message_id().filter(|id| !id.contains(char::is_control));
    id.map_or_else(String::new, |id| format!("<{id}>"))
}

/// The language in which its writer wants replies (RFC 3282 3), or else the one in which they
/// write (RFC 3282 2); none where nothing says so, or it is none that mails are written in.
pub(super) fn replied_in(mail: &Incoming<'_>) -> Option<Locale> {
    let field = |name: &str| {
        let header = mail
            .message()
            .headers()
            .iter()
            .find(|header| header.name.as_str().eq_ignore_ascii_case(name))?;
        let from = header.offset_start as usize;
        let raw = mail.message().raw_message().get(from..header.offset_end as usize)?;
        std::str::from_utf8(raw).ok().map(str::to_owned)
    };
    if let Some(wanted) = field("Accept-Language") {
        let mut all: Vec<(f32, Locale)> = wanted
            .split(',')
            .take(MOST)
            .filter_map(|one| {
                let (tag, more) = one.split_once(';').unwrap_or((one, "q=1"));
                let weight = more.trim().strip_prefix("q=")?.trim().parse::<f32>().ok()?;
                Some((weight, tag.parse().ok()?)).filter(|_| weight > 0.0)
            })
            .collect();
        all.sort_by(|one, other| other.0.total_cmp(&one.0));
        if let Some((_, locale)) = all.into_iter().next() {
            return Some(locale);
        }
    }
    // A mail in several languages is in none of them for sure.
    field("Content-Language")?.trim().parse().ok()
}

/// The mark by which a mail is known again, whatever a server that hands it over once more
/// writes on top of it: what its author wrote, and to which of our mailboxes.
pub(super) fn mark(mail: &Incoming<'_>, ours: &[String], key: &Key) -> String {
    const WRITTEN: [&str; 6] = ["From", "To", "Subject", "Date", "Message-ID", "Content-Type"];
    let message = mail.message();
    let mut hash = Sha256::new();
    let mut put = |part: &[u8]| {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    };
    for header in message.headers() {
        let name = header.name.as_str();
        if WRITTEN.iter().any(|written| written.eq_ignore_ascii_case(name)) {
            let value = mail.raw().get(header.offset_start as usize..header.offset_end as usize);
            put(name.to_ascii_lowercase().as_bytes());
            put(value.unwrap_or_default().trim_ascii());
        }
    }
    let body = message.parts.first().map_or(0, |part| part.offset_body as usize);
    put(mail.raw().get(body..).unwrap_or_default().trim_ascii_end());
    for address in ours {
        put(address.as_bytes());
    }
    key.pseudonym("received", &to_hex(&hash.finalize()))
}

fn addresses(value: &HeaderValue<'_>) -> Vec<String> {
    match value {
        HeaderValue::Address(Address::List(list)) => {
            list.iter().filter_map(|one| one.address.as_deref()).map(bare).collect()
        }
        HeaderValue::Address(Address::Group(groups)) => groups
            .iter()
            .flat_map(|group| &group.addresses)
            .filter_map(|one| one.address.as_deref())
            .map(bare)
            .collect(),
        // Fields that the parser does not know as ones of addresses.
        HeaderValue::Text(text) => text.split(',').map(bare).collect(),
        HeaderValue::TextList(texts) => texts.iter().map(|text| bare(text)).collect(),
        _ => Vec::new(),
    }
}

/// An address without its brackets, in lower case: tokens are, and domains may be.
fn bare(text: &str) -> String {
    let text = text.rsplit_once('<').map_or(text, |(_, rest)| rest);
    text.split('>').next().unwrap_or_default().trim().to_lowercase()
}
