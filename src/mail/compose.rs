//! Letters as they are sent. What many readers share is written and encoded once, as a mould; a mail
//! is the mould poured with what is one reader's own. The same mould and the same own words
//! always give the same bytes.

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use lettre::message::header::{HeaderName, HeaderValue, Headers};
use sha2::{Digest as _, Sha256};

use super::dkim::Seal;
use super::encode::{named, unstructured};
use super::headers;
use super::letter::{ComposeError, Form, Letter, Own, Stretch, ascii};
use super::printable::Printable;

/// The fields of one reader's own, in their order.
const OWN: [&str; 3] = ["To", "Date", "Message-ID"];

/// A letter to many, written once.
#[derive(Clone, Debug)]
pub struct Mould {
    /// The header fields that all share, each with its CRLF.
    head: String,
    /// The body without what is one reader's own; all ASCII.
    body: String,
    /// The names of the fields that are one reader's own, beside those of [`OWN`].
    own: Vec<&'static str>,
    /// Where in the body that goes, and which of it; in order.
    cuts: Vec<(usize, usize)>,
    /// The hash of the body up to the first cut.
    begun: Sha256,
    /// What the signatures share; none where nothing is signed.
    seal: Option<Seal>,
}

impl Mould {
    /// Writes what all readers share: `multipart/alternative`, text first (RFC 2046 5.1.4),
    /// UTF-8 in quoted-printable, so that every byte of the body is ASCII and every line is
    /// short; line ends are CRLF.
    ///
    /// # Errors
    ///
    /// A given value that its header does not allow, or an address of ours that has no form
    /// in ASCII. Titles, names and bodies never cause one.
    pub fn new(form: &Form<'_>) -> Result<Self, ComposeError> {
        let sender = form.sender;
        let mut fields = Headers::new();
        fields.insert_raw(named("From", &sender.name, &ascii(&sender.from)?));
        if let Some(reply_to) = &sender.reply_to
            && !form.own.contains(&"Reply-To")
        {
            let address = ascii(reply_to)?;
            let name = HeaderName::new_from_ascii_str("Reply-To");
            fields.insert_raw(HeaderValue::dangerous_new_pre_encoded(
                name,
                address.clone(),
                address,
            ));
        }
        fields.insert_raw(unstructured("Subject", form.subject));
        for header in headers::of_kind(sender, form.kind)? {
            fields.insert_raw(header);
        }
        let boundary = boundary(form)?;
        let head = format!(
            "{fields}MIME-Version: 1.0\r\n\
             Content-Type: multipart/alternative; boundary=\"{boundary}\"\r\n"
        );
        let mut body = String::with_capacity(64 * 1024);
        let mut cuts = Vec::new();
        for (kind, stretches) in [("plain", form.text), ("html", form.html)] {
            let intro = format!(
                "--{boundary}\r\nContent-Type: text/{kind}; charset=utf-8\r\n\
                 Content-Transfer-Encoding: quoted-printable\r\n\r\n"
            );
            body.push_str(&intro);
            let mut printable = Printable::after(body);
            for (at, stretch) in stretches.iter().enumerate() {
                match stretch {
                    Stretch::Shared(text) => printable.write(text, at + 1 == stretches.len()),
                    Stretch::Own(which) => {
                        // On a line of its own, so that it moves no other.
                        printable.soft_break();
                        cuts.push((printable.len(), *which));
                    }
                }
            }
            body = printable.into_text();
            body.push_str("\r\n");
        }
        body.push_str(&format!("--{boundary}--\r\n"));
        let first = cuts.first().map_or(body.len(), |(at, _)| *at);
        let begun = Sha256::new_with_prefix(&body.as_bytes()[..first]);
        let own = form.own.to_vec();
        let seal = (!sender.signer.is_empty()).then(|| {
            let names: Vec<&str> = OWN.iter().chain(&own).copied().collect();
            Seal::new(&sender.signer, &head, &names)
        });
        Ok(Self { head, body, own, cuts, begun, seal })
    }

    /// The message to one reader.
    ///
    /// # Errors
    ///
    /// An address that has no form in mail, or a given value that its header does not allow.
    pub fn pour(&self, own: &Own<'_>) -> Result<String, ComposeError> {
        self.pour_into(String::new(), own)
    }

    /// The same into a buffer that is there already; what it holds is lost.
    ///
    /// # Errors
    ///
    /// As [`Self::pour`].
    pub fn pour_into(&self, mut message: String, own: &Own<'_>) -> Result<String, ComposeError> {
        let to = super::letter::mailbox(own.to)?;
        // A long address goes to a line of its own (RFC 5322 2.1.1).
        let fold = if to.len() > 72 { "\r\n " } else { " " };
        let (date, message_id) = (date(own.date)?, message_id(own)?);
        let values: Vec<String> = own.values.iter().map(|value| encoded(value)).collect();
        let owned: usize =
            self.cuts.iter().map(|(_, which)| values.get(*which).map_or(0, String::len)).sum();
        let mut head = format!("To:{fold}{to}\r\nDate: {date}\r\nMessage-ID: {message_id}\r\n");
        for (at, header) in self.own.iter().enumerate() {
            let value = own.fields.get(at).filter(|value| is_field(value)).ok_or_else(|| {
                let value = own.fields.get(at).cloned().unwrap_or_default();
                ComposeError::Header { header, value }
            })?;
            head.push_str(&format!("{header}: {value}\r\n"));
        }
        let signatures = match &self.seal {
            Some(seal) => seal.sign(&head, &self.body_hash(&values), own.date)?,
            None => String::new(),
        };
        let heads = signatures.len() + self.head.len() + head.len();
        message.clear();
        // And room for the end of the mail and the next one's envelope.
        message.reserve(heads + self.body.len() + owned + 1_024);
        for part in [&signatures, &self.head, &head, "\r\n"] {
            message.push_str(part);
        }
        for stretch in self.stretches(&values) {
            message.push_str(stretch);
        }
        Ok(message)
    }

    /// The SHA-256 of the body, of which the start is hashed already. The body is in DKIM's
    /// relaxed form (RFC 6376 3.4.4) as it is: `printable` sees to that.
    fn body_hash(&self, values: &[String]) -> [u8; 32] {
        let mut hash = self.begun.clone();
        for stretch in self.stretches(values).skip(1) {
            hash.update(stretch);
        }
        hash.finalize().into()
    }

    /// The body in order: what is shared, and the encoded own values.
    fn stretches<'a>(&'a self, values: &'a [String]) -> impl Iterator<Item = &'a str> {
        let mut done = 0;
        let cut = self.cuts.iter().flat_map(move |(at, which)| {
            let shared = self.body.get(done..*at).unwrap_or_default();
            done = *at;
            [shared, values.get(*which).map_or("", String::as_str)]
        });
        let last = self.cuts.last().map_or(0, |(at, _)| *at);
        cut.chain(std::iter::once(self.body.get(last..).unwrap_or_default()))
    }
}

/// A reader's own words as they stand in the body, on lines of their own.
fn encoded(value: &str) -> String {
    let mut printable = Printable::default();
    printable.write(value, false);
    printable.soft_break();
    printable.into_text()
}

/// One letter to one reader.
///
/// # Errors
///
/// As [`Mould::new`] and [`Mould::pour`].
pub fn compose(letter: &Letter<'_>) -> Result<String, ComposeError> {
    let form = Form {
        sender: letter.sender,
        kind: letter.kind,
        subject: letter.subject,
        text: &[Stretch::Shared(letter.text)],
        html: &[Stretch::Shared(letter.html)],
        boundary: letter.boundary,
        own: &[],
    };
    let own = Own {
        to: letter.to,
        date: letter.date,
        message_id: letter.message_id,
        values: &[],
        fields: &[],
    };
    Mould::new(&form)?.pour(&own)
}

/// Whether a value may stand in a header as it is: printable ASCII, folded by CRLF and a space.
fn is_field(value: &str) -> bool {
    let is_plain = |line: &str| line.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    !value.is_empty()
        && value.split("\r\n").enumerate().all(|(at, line)| {
            is_plain(line) && line.len() <= 900 && (at == 0 || line.starts_with(' '))
        })
}

/// RFC 5322 3.3, in UTC.
fn date(at: Timestamp) -> Result<String, ComposeError> {
    let wrong = || ComposeError::Header { header: "Date", value: at.to_string() };
    let zoned = at.to_zoned(jiff::tz::TimeZone::UTC);
    if zoned.year() < 1900 {
        return Err(wrong());
    }
    rfc2822::DateTimePrinter::new().zoned_to_string(&zoned).map_err(|_| wrong())
}

/// `<dot-atom@domain>` (RFC 5322 3.6.4).
fn message_id<'a>(own: &Own<'a>) -> Result<&'a str, ComposeError> {
    let id = own.message_id;
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
fn boundary(form: &Form<'_>) -> Result<String, ComposeError> {
    let given = form.boundary;
    if (1..=28).contains(&given.len()) && given.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        Ok(format!("=_{given}"))
    } else {
        Err(ComposeError::Header { header: "Content-Type", value: given.to_owned() })
    }
}
