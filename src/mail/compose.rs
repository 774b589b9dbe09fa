//! A letter as bytes.

use std::time::SystemTime;

use lettre::message::header::{ContentTransferEncoding, ContentType, MessageId};
use lettre::message::{Body, Mailbox, Message, MultiPart, SinglePart};

use super::encode::{named, quoted_printable, unstructured};
use super::headers;
use super::letter::{ComposeError, Letter, ascii};

/// The message as it goes to a relay: `multipart/alternative`, text first (RFC 2046 5.1.4),
/// UTF-8 in quoted-printable, so that every byte is ASCII and every line is short; line ends
/// are CRLF. The same letter always gives the same bytes. Not signed.
///
/// # Errors
///
/// An address that has no form in ASCII, or a given value that its header does not allow.
/// Titles, names and bodies never cause one.
pub fn compose(letter: &Letter<'_>) -> Result<Vec<u8>, ComposeError> {
    let sender = letter.sender;
    let mut message = Message::builder()
        // lettre's own does not fold between name and address.
        .raw_header(named("From", &sender.name, ascii(&sender.from)?.as_ref()))
        .to(Mailbox::new(None, ascii(letter.to)?));
    if let Some(reply_to) = &sender.reply_to {
        message = message.reply_to(Mailbox::new(None, ascii(reply_to)?));
    }
    message = message
        .raw_header(unstructured("Subject", letter.subject))
        .date(date(letter)?)
        .header(MessageId::from(message_id(letter)?.to_owned()));
    for header in headers::of_kind(letter)? {
        message = message.raw_header(header);
    }
    let parts = MultiPart::alternative()
        .boundary(boundary(letter)?)
        .singlepart(part(ContentType::TEXT_PLAIN, letter.text))
        .singlepart(part(ContentType::TEXT_HTML, letter.html));
    message
        .multipart(parts)
        .map(|message| message.formatted())
        .map_err(|error| ComposeError::Build(error.to_string()))
}

fn part(kind: ContentType, text: &str) -> SinglePart {
    // lettre's own encoding inserts line ends one by one into the whole body.
    let encoding = ContentTransferEncoding::QuotedPrintable;
    let body = Body::dangerous_pre_encoded(quoted_printable(text), encoding);
    SinglePart::builder().header(kind).body(body)
}

/// Years that RFC 5322 3.3 can write and lettre does not panic at.
fn date(letter: &Letter<'_>) -> Result<SystemTime, ComposeError> {
    let seconds = letter.date.as_second();
    if (0..253_402_300_800).contains(&seconds) {
        Ok(letter.date.into())
    } else {
        Err(ComposeError::Header { header: "Date", value: letter.date.to_string() })
    }
}

/// `<dot-atom@domain>` (RFC 5322 3.6.4).
fn message_id<'a>(letter: &Letter<'a>) -> Result<&'a str, ComposeError> {
    let id = letter.message_id;
    let is_atom = |text: &str| {
        let is_atext =
            |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte);
        text.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(is_atext))
    };
    id.strip_prefix('<')
        .and_then(|rest| rest.strip_suffix('>'))
        .and_then(|bare| bare.split_once('@'))
        .filter(|(left, domain)| is_atom(left) && is_atom(domain) && id.len() <= 200)
        .map(|_| id)
        .ok_or_else(|| ComposeError::Header { header: "Message-ID", value: id.to_owned() })
}

/// `=_` cannot occur in quoted-printable (RFC 2045 6.7), so neither part can hold it. With at
/// most 28 characters more the header stays within a line.
fn boundary(letter: &Letter<'_>) -> Result<String, ComposeError> {
    let given = letter.boundary;
    if (1..=28).contains(&given.len()) && given.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        Ok(format!("=_{given}"))
    } else {
        Err(ComposeError::Header { header: "Content-Type", value: given.to_owned() })
    }
}
