//! What a message is made of.

use std::str::FromStr;

use jiff::Timestamp;
use lettre::Address;

use crate::model::EmailAddress;

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

/// Who a message is from and for, as SMTP is told (RFC 5321 3.3). Both are in ASCII.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Where bounces go.
    pub from: Address,
    /// The one recipient.
    pub to: Address,
}

impl Envelope {
    /// The envelope from `from` to `to`, international domains as A-labels (RFC 5890).
    ///
    /// # Errors
    ///
    /// [`ComposeError::NonAsciiLocal`]: such an address needs SMTPUTF8 (RFC 6531) all the
    /// way, which relays rarely offer; it is this recipient's failure, not the relay's.
    pub fn new(from: &EmailAddress, to: &EmailAddress) -> Result<Self, ComposeError> {
        Ok(Self { from: ascii(from)?, to: ascii(to)? })
    }
}

/// Why a message cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// The part before the @ is not ASCII.
    #[error(
        "the address {masked} has letters before the @ that need SMTPUTF8, which is not supported"
    )]
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
    /// A value that was to be put into a header is not of that header's form.
    #[error("{value:?} cannot stand in the header {header}")]
    Header {
        /// The header.
        header: &'static str,
        /// The value.
        value: String,
    },
    /// The parts could not be put together.
    #[error("the message cannot be put together: {0}")]
    Build(String),
}

/// `address` with its domain in ASCII.
pub(super) fn ascii(address: &EmailAddress) -> Result<Address, ComposeError> {
    let masked = || address.masked();
    if !address.local().is_ascii() {
        return Err(ComposeError::NonAsciiLocal { masked: masked() });
    }
    let domain = match url::Host::parse(address.domain()) {
        Ok(url::Host::Domain(domain)) => domain,
        // An address literal such as `[127.0.0.1]`.
        _ if address.domain().is_ascii() => address.domain().to_owned(),
        _ => return Err(ComposeError::Domain { masked: masked() }),
    };
    Address::from_str(&format!("{}@{domain}", address.local()))
        .map_err(|_| ComposeError::Domain { masked: masked() })
}
