//! A delivery's bytes: the digest's parts with the reader's own put in, and every header
//! decided by the delivery's row, so that each retry is the same mail to the byte.

use crate::config::Config;
use crate::mail::{ComposeError, Envelope, Letter, List, ascii_address, compose, list_headers};
use crate::model::EmailAddress;
use crate::token::Key;

/// What all mails share.
#[derive(Clone, Debug)]
pub struct Composer {
    from_name: String,
    from: EmailAddress,
    reply_to: Option<EmailAddress>,
    bounce_address: EmailAddress,
    list: List,
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
        Self {
            from_name: mail.from_name.clone(),
            from: mail.from.clone(),
            reply_to: mail.reply_to.clone(),
            bounce_address: mail.bounce_address.clone(),
            list: List {
                name: config.site.title.clone(),
                id: mail.list_id.clone(),
                contact: mail.reply_to.as_ref().unwrap_or(&mail.from).clone(),
                sender_id: "paperround".to_owned(),
            },
            key,
        }
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
        let address = to.to_string();
        let text = parts.text.replace(parts.marker, &address);
        let html = parts.html.replace(parts.marker, &escaped(&address));
        let day = parts.day.to_string();
        let bytes = compose(&Letter {
            from_name: &self.from_name,
            from: &self.from,
            to,
            reply_to: self.reply_to.as_ref(),
            subject: parts.subject,
            date,
            message_id: &message_id(&self.key, &self.from, id),
            boundary: &self.key.pseudonym("boundary", id),
            text: &text,
            html: &html,
            headers: &list_headers(&self.list, &day),
        })?;
        let envelope =
            Envelope { from: ascii_address(&self.bounce_address)?, to: ascii_address(to)? };
        let mark: String = self.key.pseudonym("message-id", id).chars().take(8).collect();
        Ok(Composed { envelope, name: format!("{id:0>8}-{mark}"), bytes })
    }
}

/// What stands between the angle brackets of the Message-ID of delivery `id`: the same at
/// every retry, and without the key not to be guessed.
pub fn message_id(key: &Key, from: &EmailAddress, id: &str) -> String {
    let domain = ascii_address(from).unwrap_or_else(|_| "localhost".to_owned());
    let domain = domain.rsplit('@').next().unwrap_or("localhost");
    format!("{}@{domain}", key.pseudonym("message-id", id))
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
