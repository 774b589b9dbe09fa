//! A delivery's bytes: the digest's parts with the reader's own put in, and every header
//! decided by the delivery's row, so that each retry is the same mail to the byte.

use crate::config::Config;
use crate::mail::{ComposeError, Envelope, Kind, Letter, Sender, compose};
use crate::model::EmailAddress;
use crate::render::{Markers, Personal};
use crate::token::Key;

/// By what name providers know us as a sender; see [`Kind::digest`].
const SENDER: &str = "paperround";

/// What all mails share.
#[derive(Clone, Debug)]
pub struct Composer {
    sender: Sender,
    bounce_address: EmailAddress,
    key: Key,
}

/// What one mail is made of.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'a> {
    /// What stands where the personal parts go.
    pub marker: &'a str,
    /// The subject.
    pub subject: &'a str,
    /// The HTML part.
    pub html: &'a str,
    /// The text part.
    pub text: &'a str,
    /// The day that it counts for.
    pub day: jiff::civil::Date,
}

/// A mail, ready for a relay.
#[derive(Clone, Debug)]
pub struct Composed {
    /// From whom and to whom.
    pub envelope: Envelope,
    /// Its name, unlike any other's: letters, digits and `-`.
    pub name: String,
    /// The mail.
    pub bytes: Vec<u8>,
}

impl Composer {
    /// As the configuration has it.
    pub fn new(config: &Config, key: Key) -> Self {
        let mail = &config.mail;
        let sender = Sender {
            name: mail.from_name.clone(),
            from: mail.from.clone(),
            reply_to: mail.reply_to.clone(),
            list_name: config.site.title.clone(),
            list_id: mail.list_id.clone(),
            contact: mail.reply_to.as_ref().unwrap_or(&mail.from).clone(),
        };
        Self { sender, bounce_address: mail.bounce_address.clone(), key }
    }

    /// The mail of the delivery called `id` (its row, or another text for mails that are no
    /// delivery), made at `date`.
    pub fn mail(
        &self,
        id: &str,
        to: &EmailAddress,
        date: jiff::Timestamp,
        parts: &Parts<'_>,
    ) -> Result<Composed, ComposeError> {
        let markers = Markers::new(parts.marker);
        let personal = Personal { address: to.as_str() };
        let mut boundary = self.key.pseudonym("boundary", id);
        boundary.truncate(28);
        let bytes = compose(&Letter {
            sender: &self.sender,
            kind: &Kind::digest(parts.day, SENDER),
            to,
            subject: parts.subject,
            text: &markers.fill_text(parts.text, personal),
            html: &markers.fill_html(parts.html, personal),
            date,
            message_id: &message_id(&self.key, &self.sender.from, id),
            boundary: &boundary,
        })?;
        let envelope = Envelope::new(&self.bounce_address, to)?;
        let mark: String = self.key.pseudonym("message-id", id).chars().take(8).collect();
        Ok(Composed { envelope, name: format!("{id:0>8}-{mark}"), bytes })
    }
}

/// The Message-ID of delivery `id`, in its angle brackets: the same at every retry, and
/// without the key not to be guessed.
pub fn message_id(key: &Key, from: &EmailAddress, id: &str) -> String {
    let domain = Envelope::new(from, from)
        .map_or_else(|_| "localhost".to_owned(), |envelope| envelope.from.domain().to_owned());
    format!("<{}@{domain}>", key.pseudonym("message-id", id))
}
