//! A letter's parts to its bytes, by lettre's builder. Whatever decides the bytes (date,
//! Message-ID, boundary) comes from the caller, so that a retry is byte-identical.

use std::time::SystemTime;

use jiff::Timestamp;
use lettre::Address;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, Message, MultiPart, SinglePart};

use super::quoted;
use crate::model::EmailAddress;

/// The parts of a mail to one person.
#[derive(Clone, Debug)]
pub struct Letter<'a> {
    /// The sender's name.
    pub from_name: &'a str,
    /// The sender.
    pub from: &'a EmailAddress,
    /// The one recipient.
    pub to: &'a EmailAddress,
    /// Where replies go, if not to the sender.
    pub reply_to: Option<&'a EmailAddress>,
    /// The subject, in one line.
    pub subject: &'a str,
    /// When the mail was made.
    pub date: Timestamp,
    /// What stands between the angle brackets of the Message-ID.
    pub message_id: &'a str,
    /// A text of letters and digits that no body holds: 1 to 60 characters (RFC 2046 5.1.1).
    pub boundary: &'a str,
    /// The text part.
    pub text: &'a str,
    /// The HTML part.
    pub html: &'a str,
    /// Further headers, in their order: ASCII, or text that may be encoded.
    pub headers: &'a [(&'static str, String)],
}

/// Who a relay is told that a mail is from and for (RFC 5321).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The return path.
    pub from: String,
    /// The recipient, its domain in A-labels.
    pub to: String,
}

/// Why a letter cannot become a mail.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// The local part needs SMTPUTF8.
    #[error("the address {0} has other than ASCII before its @, which needs SMTPUTF8 (RFC 6531)")]
    NeedsSmtpUtf8(String),
    /// An address does not fit into a header.
    #[error("the address {0} cannot be written in a mail")]
    Address(String),
    /// lettre refused.
    #[error("the mail cannot be built")]
    Build(#[from] lettre::error::Error),
}

/// The bytes of the mail: `multipart/alternative`, the text first, both quoted-printable in
/// UTF-8, all lines ended by CRLF.
pub fn compose(letter: &Letter<'_>) -> Result<Vec<u8>, ComposeError> {
    let from = address(letter.from)?;
    let name = clean(letter.from_name);
    let mut mail = Message::builder()
        .from(Mailbox::new(Some(name).filter(|name| !name.is_empty()), from))
        .to(Mailbox::new(None, address(letter.to)?));
    if let Some(reply_to) = letter.reply_to {
        mail = mail.reply_to(Mailbox::new(None, address(reply_to)?));
    }
    mail = mail
        .subject(clean(letter.subject))
        .date(SystemTime::from(letter.date))
        .message_id(Some(format!("<{}>", clean(letter.message_id))));
    for (name, value) in letter.headers {
        let name = HeaderName::new_from_ascii_str(name);
        mail = mail.raw_header(HeaderValue::new(name, clean(value)));
    }
    let bodies = MultiPart::alternative()
        .boundary(letter.boundary)
        .singlepart(part(ContentType::TEXT_PLAIN, letter.text))
        .singlepart(part(ContentType::TEXT_HTML, letter.html));
    Ok(mail.multipart(bodies)?.formatted())
}

/// The address with its domain in A-labels, as SMTP without SMTPUTF8 wants it.
pub fn ascii_address(address: &EmailAddress) -> Result<String, ComposeError> {
    if !address.local().is_ascii() {
        return Err(ComposeError::NeedsSmtpUtf8(address.masked()));
    }
    if address.domain().is_ascii() {
        return Ok(address.as_str().to_owned());
    }
    match url::Host::parse(address.domain()) {
        Ok(url::Host::Domain(domain)) => Ok(format!("{}@{domain}", address.local())),
        _ => Err(ComposeError::Address(address.masked())),
    }
}

fn address(address: &EmailAddress) -> Result<Address, ComposeError> {
    ascii_address(address)?.parse().map_err(|_| ComposeError::Address(address.masked()))
}

fn part(kind: ContentType, text: &str) -> SinglePart {
    let encoded = quoted::encode(text).into_bytes();
    let encoding = ContentTransferEncoding::QuotedPrintable;
    SinglePart::builder().content_type(kind).body(Body::dangerous_pre_encoded(encoded, encoding))
}

/// One line without control characters: nothing can end a header early.
fn clean(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::{List, list_headers};
    use mail_parser::MessageParser;
    use proptest::prelude::*;

    fn mail(subject: &str, text: &str, html: &str, name: &str) -> Vec<u8> {
        let from = "papers@digest.example".parse().unwrap();
        let to = "alice@bücher.example".parse().unwrap();
        let list = List {
            name: name.to_owned(),
            id: "digest.digest.example".to_owned(),
            contact: "admin@digest.example".parse().unwrap(),
            sender_id: "paperround".to_owned(),
        };
        compose(&Letter {
            from_name: name,
            from: &from,
            to: &to,
            reply_to: Some(&from),
            subject,
            date: "2026-02-20T08:00:00Z".parse().unwrap(),
            message_id: "0123456789abcdef@digest.example",
            boundary: "0123456789abcdef",
            text,
            html,
            headers: &list_headers(&list, "2026-02-20"),
        })
        .unwrap()
    }

    #[test]
    fn a_mail_is_the_same_bytes_each_time() {
        let one = mail("Größe", "text", "<p>html</p>", "Paper Round");
        assert_eq!(one, mail("Größe", "text", "<p>html</p>", "Paper Round"));
        insta::assert_snapshot!(String::from_utf8(one).unwrap().replace("\r\n", "\n"));
    }

    #[test]
    fn a_local_part_that_needs_smtputf8_is_refused_in_words() {
        let refused = ascii_address(&"jürgen@example.org".parse().unwrap()).unwrap_err();
        assert!(refused.to_string().contains("SMTPUTF8"), "{refused}");
    }

    proptest! {
        #[test]
        fn any_text_makes_a_valid_mail(
            subject in "\\PC{0,200}|(\r\nBcc: x@y.z|=\\?utf-8\\?q\\?x\\?=|\\PC){0,8}",
            text in "(\\PC|\n){0,200}",
            name in "\\PC{0,40}",
        ) {
            let bytes = mail(&subject, &text, &text, &name);
            let whole = String::from_utf8(bytes.clone()).unwrap();
            prop_assert!(!whole.replace("\r\n", "").contains(['\r', '\n']));
            prop_assert!(whole.split("\r\n").all(|line| line.len() <= 998));
            let parsed = MessageParser::default().parse(&bytes).unwrap();
            prop_assert_eq!(parsed.header_values("Subject").count(), 1);
            prop_assert!(parsed.bcc().is_none());
            prop_assert_eq!(parsed.to().unwrap().first().unwrap().address(), Some("alice@xn--bcher-kva.example"));
        }
    }
}
