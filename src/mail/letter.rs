//! What a message is made of.

use jiff::Timestamp;

use super::dkim::Signer;
use crate::model::EmailAddress;
use crate::signing::SigningKeyError;

/// Who sends: the same for every mail of an installation.
#[derive(Clone, Debug)]
pub struct Sender {
    /// The display name.
    pub name: String,
    /// The address in `From`.
    pub from: EmailAddress,
    /// The address in `Reply-To`, where it is another.
    pub reply_to: Option<EmailAddress>,
    /// The name of the list.
    pub list_name: String,
    /// Its identifier, `label.domain` (RFC 2919 2).
    pub list_id: String,
    /// A person who helps (`List-Help`, `List-Owner`; RFC 2369 3.1, 3.5).
    pub contact: EmailAddress,
    /// The site's address without a slash at its end (`List-Archive`, `List-Subscribe`).
    pub site: String,
    /// Where anybody subscribes by mail, as a `mailto:` (`List-Subscribe`).
    pub subscribe_by_mail: Option<String>,
    /// Where anybody gets help by mail, as a `mailto:` (`List-Help`).
    pub help_by_mail: Option<String>,
    /// What signs each mail.
    pub signer: Signer,
}

/// What kind of mail it is; decides its headers.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A digest: mail to a list.
    Digest {
        /// What providers group their statistics by: the list's date and the sender, never the
        /// reader. See [`Kind::digest`].
        feedback_id: String,
    },
    /// A mail to one person about their subscription.
    Notice,
    /// An answer to one person's mail.
    Answer,
}

impl Kind {
    /// A digest of `date` sent by `sender`, which providers shall know it by (5 to 15
    /// letters and digits).
    pub fn digest(date: jiff::civil::Date, sender: &str) -> Self {
        Self::Digest {
            feedback_id: format!("digest:{}:paperround:{sender}", date.strftime("%Y%m%d")),
        }
    }
}

/// What all readers of a letter share.
#[derive(Clone, Copy, Debug)]
pub struct Form<'a> {
    /// Who sends.
    pub sender: &'a Sender,
    /// What kind it is.
    pub kind: &'a Kind,
    /// The subject, one line.
    pub subject: &'a str,
    /// The text part.
    pub text: &'a [Stretch<'a>],
    /// The HTML part.
    pub html: &'a [Stretch<'a>],
    /// What parts the parts: 1 to 28 letters and digits, the same at each retry.
    pub boundary: &'a str,
    /// The header fields that each reader has their own of, beside `To`, `Date` and
    /// `Message-ID`.
    pub own: &'a [&'static str],
}

/// A stretch of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stretch<'a> {
    /// The same for all.
    Shared(&'a str),
    /// One reader's own: the place of it in [`Own::values`].
    Own(usize),
}

/// What is one reader's own.
#[derive(Clone, Copy, Debug)]
pub struct Own<'a> {
    /// Who gets it.
    pub to: &'a EmailAddress,
    /// When it was planned; in the header as UTC.
    pub date: Timestamp,
    /// `<hex@domain>`, with its brackets (RFC 5322 3.6.4).
    pub message_id: &'a str,
    /// Their words, as they stand in the part (escaped in HTML).
    pub values: &'a [&'a str],
    /// The values of [`Form::own`], in its order: ASCII, folded where they are long.
    pub fields: &'a [String],
}

/// One message to one reader.
#[derive(Clone, Debug)]
pub struct Letter<'a> {
    /// Who sends.
    pub sender: &'a Sender,
    /// What kind it is.
    pub kind: &'a Kind,
    /// Who gets it.
    pub to: &'a EmailAddress,
    /// The subject, one line.
    pub subject: &'a str,
    /// The text part.
    pub text: &'a str,
    /// The HTML part.
    pub html: &'a str,
    /// When it was planned; in the header as UTC.
    pub date: Timestamp,
    /// `<hex@domain>`, with its brackets (RFC 5322 3.6.4).
    pub message_id: &'a str,
    /// What parts the parts: 1 to 28 letters and digits, the same at each retry.
    pub boundary: &'a str,
}

/// Who a message is from and for, as SMTP is told (RFC 5321 3.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Where bounces go; in ASCII.
    pub from: String,
    /// The one recipient; its domain in ASCII.
    pub to: String,
}

impl Envelope {
    /// The envelope from `from` to `to`, international domains as A-labels (RFC 5890).
    ///
    /// # Errors
    ///
    /// An address of ours that is not ASCII, or a domain that has no form in ASCII.
    pub fn new(from: &EmailAddress, to: &EmailAddress) -> Result<Self, ComposeError> {
        Ok(Self { from: ascii(from)?, to: mailbox(to)? })
    }

    /// Whether the relay must speak SMTPUTF8 (RFC 6531) to take it.
    pub fn needs_utf8(&self) -> bool {
        !self.to.is_ascii()
    }

    /// The recipient's domain.
    pub fn domain(&self) -> &str {
        self.to.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

/// Why a message cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// The part before the @ of an address of ours is not ASCII.
    #[error("the address {masked} has letters before the @ that not every reader can reply to")]
    NonAsciiLocal {
        /// The address, fit for a log.
        masked: String,
    },
    /// The domain has no form in ASCII.
    #[error("the domain of the address {masked} cannot be written in ASCII")]
    Domain {
        /// The address, fit for a log.
        masked: String,
    },
    /// The mail cannot be signed.
    #[error("the mail cannot be signed: {0}")]
    Signing(#[from] SigningKeyError),
    /// A value that was to be put into a header is not of that header's form.
    #[error("{value:?} cannot stand in the header {header}")]
    Header {
        /// The header.
        header: &'static str,
        /// The value.
        value: String,
    },
}

/// `address` with its domain in ASCII, as it stands in an envelope and a header.
pub(super) fn mailbox(address: &EmailAddress) -> Result<String, ComposeError> {
    let domain = address.domain();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    if domain.bytes().all(plain) && !domain.contains("xn--") {
        return Ok(address.to_string());
    }
    let domain = match url::Host::parse(domain) {
        Ok(url::Host::Domain(domain)) => domain,
        // An address literal such as `[127.0.0.1]`.
        _ if domain.is_ascii() => domain.to_owned(),
        _ => return Err(ComposeError::Domain { masked: address.masked() }),
    };
    Ok(format!("{}@{domain}", address.local()))
}

/// The same, where the local part must be ASCII too: our own addresses.
pub(super) fn ascii(address: &EmailAddress) -> Result<String, ComposeError> {
    if !address.local().is_ascii() {
        return Err(ComposeError::NonAsciiLocal { masked: address.masked() });
    }
    mailbox(address)
}
