//! A delivery's bytes: the digest's mould, made once and kept while its mails go out, and
//! every header decided by the delivery's row, so that each retry is the same mail to the
//! byte.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;

use crate::config::Config;
use crate::links::{Links, Person, Purpose, day_number, minute};
use crate::mail::{ComposeError, Envelope, Form, Kind, Mould, Own, Sender, Signer, Stretch};
use crate::model::{EmailAddress, MailKind};
use crate::render::{Field, Markers, Personal, Piece};
use crate::token::Key;

/// By what name providers know us as a sender; see [`Kind::digest`].
const SENDER: &str = "paperround";

/// Buffers kept: 50 kB each.
const SPARE: usize = 16;

/// What all mails share.
#[derive(Clone, Debug)]
pub struct Composer {
    sender: Sender,
    /// The domain of Message-IDs.
    domain: String,
    bounce_address: EmailAddress,
    key: Key,
    links: Links,
    /// Buffers of mails that are gone, for others.
    spare: Arc<Mutex<Vec<String>>>,
}

/// What one mail is made of.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'a> {
    /// What it brings.
    pub kind: MailKind,
    /// What stands where the personal parts go.
    pub marker: &'a str,
    /// The subject.
    pub subject: &'a str,
    /// The HTML part.
    pub html: &'a str,
    /// The text part.
    pub text: &'a str,
    /// The day that it counts for; a notice counts for none.
    pub day: Option<Date>,
}

/// What all readers of a mail share, written and encoded.
#[derive(Debug)]
pub struct Plate {
    kind: MailKind,
    day: Option<Date>,
    mould: Mould,
}

/// Whose mail it is.
#[derive(Clone, Copy, Debug)]
pub struct Addressee<'a> {
    /// What the mail is called: its delivery's row, or another text for what is no delivery.
    pub id: &'a str,
    /// To whom.
    pub to: &'a EmailAddress,
    /// Whose links are in it.
    pub person: Person,
    /// When it was made.
    pub date: jiff::Timestamp,
}

/// A mail, ready for a relay.
#[derive(Clone, Debug)]
pub struct Composed {
    /// From whom and to whom.
    pub envelope: Envelope,
    /// Its name, unlike any other's: letters, digits and `-`.
    pub name: String,
    /// The mail.
    pub message: String,
}

impl Composer {
    /// As the configuration has it.
    pub fn new(config: &Config, key: Key, links: Links) -> Self {
        let mail = &config.mail;
        let sender = Sender {
            name: mail.from_name.clone(),
            from: mail.from.clone(),
            reply_to: mail.reply_to.clone(),
            list_name: config.site.title.clone(),
            list_id: mail.list_id.clone(),
            contact: mail.reply_to.as_ref().unwrap_or(&mail.from).clone(),
            site: config.site.address().to_owned(),
            subscribe_by_mail: links.subscribe_by_mail(),
            signer: Signer::new(
                mail.dkim
                    .iter()
                    .map(|dkim| (dkim.domain.as_str(), dkim.selector.as_str(), dkim.key.clone())),
            ),
        };
        let domain = domain(&sender.from);
        let bounce_address = mail.bounce_address.clone();
        Self { sender, domain, bounce_address, key, links, spare: Arc::default() }
    }

    /// Whether a mail costs so much that one core cannot keep up with the wire.
    pub(super) fn is_slow(&self) -> bool {
        self.sender.signer.is_slow()
    }

    /// What all readers of a digest share, written and encoded.
    pub fn mould(&self, parts: &Parts<'_>) -> Result<Plate, ComposeError> {
        let markers = Markers::new(parts.marker);
        // One boundary for all its mails: what stands before the first personal part is then
        // the same in each. Nobody who writes a title knows the key.
        let mut boundary = self.key.pseudonym("boundary", parts.marker);
        boundary.truncate(28);
        let kind = match parts.day {
            Some(day) if parts.kind.is_digest() => Kind::digest(day, SENDER),
            _ => Kind::Notice,
        };
        let mould = Mould::new(&Form {
            sender: &self.sender,
            kind: &kind,
            subject: parts.subject,
            text: &stretches(markers.cut(parts.text), 0),
            html: &stretches(markers.cut(parts.html), Field::ALL.len()),
            boundary: &boundary,
            own: self.own_fields(parts.kind),
        })?;
        Ok(Plate { kind: parts.kind, day: parts.day, mould })
    }

    fn own_fields(&self, kind: MailKind) -> &'static [&'static str] {
        match kind {
            MailKind::Digest | MailKind::Resend => &["List-Unsubscribe", "Archived-At"],
            MailKind::Confirm if self.links.subscribe_by_mail().is_some() => &["Reply-To"],
            _ => &[],
        }
    }

    /// A reader's own words, and the values of [`Self::own_fields`].
    fn own(&self, plate: &Plate, of: &Addressee<'_>) -> (Personal, Vec<String>) {
        let (links, person) = (&self.links, of.person);
        let words = Personal::default().with(Field::Address, of.to.as_str());
        let preferences = || links.page(Purpose::Preferences, person, 0);
        let at = minute(of.date);
        match plate.kind {
            MailKind::Digest | MailKind::Resend => {
                let leave = links.page(Purpose::Unsubscribe, person, 0);
                let browser = links.page(Purpose::Digest, person, plate.day.map_or(0, day_number));
                let by_mail = links.unsubscribe_by_mail(person);
                // RFC 2369 2: folded between the two alone.
                let fields = vec![format!("<{leave}>,\r\n <{by_mail}>"), format!("<{browser}>")];
                let words = words
                    .with(Field::Unsubscribe, leave)
                    .with(Field::Preferences, preferences())
                    .with(Field::Browser, browser);
                (words, fields)
            }
            MailKind::Confirm => {
                let reply = links.confirm_by_mail(person, of.date);
                let page = links.page(Purpose::Confirm, person, at);
                (words.with(Field::Action, page), reply.into_iter().collect())
            }
            MailKind::Move => {
                (words.with(Field::Action, links.moving(person, of.date, of.to)), Vec::new())
            }
            MailKind::Goodbye => {
                let back = links.page(Purpose::Undo, person, at);
                (words.with(Field::Action, back), Vec::new())
            }
            MailKind::Known | MailKind::Link | MailKind::Probe => {
                (words.with(Field::Preferences, preferences()), Vec::new())
            }
            MailKind::Alarm => (words, Vec::new()),
        }
    }

    /// The mail of one reader.
    pub fn pour(&self, plate: &Plate, of: &Addressee<'_>) -> Result<Composed, ComposeError> {
        let &Addressee { id, to, date, .. } = of;
        let mark = self.key.pseudonym("message-id", id);
        let (personal, fields) = self.own(plate, of);
        let escaped = Field::ALL.map(|field| personal.html(field));
        let plain = Field::ALL.iter().map(|field| personal.text(*field));
        let values: Vec<&str> = plain.chain(escaped.iter().map(String::as_str)).collect();
        let buffer = self.spare.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let message_id = &format!("<{mark}@{}>", self.domain);
        let own = Own { to, date, message_id, values: &values, fields: &fields };
        let message = plate.mould.pour_into(buffer.unwrap_or_default(), &own)?;
        let envelope = Envelope::new(&self.bounce_address, to)?;
        let mark = mark.get(..8).unwrap_or(&mark);
        Ok(Composed { envelope, name: format!("{id:0>8}-{mark}"), message })
    }

    /// Keeps the buffer of a mail that is gone.
    pub(super) fn keep(&self, buffer: String) {
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        if spare.len() < SPARE {
            spare.push(buffer);
        }
    }

    /// Both in one, for a single mail.
    pub fn mail(&self, parts: &Parts<'_>, of: &Addressee<'_>) -> Result<Composed, ComposeError> {
        self.pour(&self.mould(parts)?, of)
    }
}

/// Pieces as the mould takes them: a reader's words of the text part come first, those of
/// the HTML part, escaped, from `first` on.
fn stretches(pieces: Vec<Piece<'_>>, first: usize) -> Vec<Stretch<'_>> {
    let stretch = |piece| match piece {
        Piece::Shared(text) => Stretch::Shared(text),
        Piece::Own(field) => Stretch::Own(first + field as usize),
    };
    pieces.into_iter().map(stretch).collect()
}

/// The Message-ID of delivery `id`, in its angle brackets: the same at every retry, and
/// without the key not to be guessed.
pub fn message_id(key: &Key, from: &EmailAddress, id: &str) -> String {
    format!("<{}@{}>", key.pseudonym("message-id", id), domain(from))
}

fn domain(from: &EmailAddress) -> String {
    Envelope::new(from, from)
        .map_or_else(|_| "localhost".to_owned(), |envelope| envelope.domain().to_owned())
}

/// The moulds in use, by their digest's row: the last few, whichever mails come next.
#[derive(Debug, Default)]
pub(super) struct Moulds {
    kept: Mutex<VecDeque<(i64, Arc<Plate>)>>,
}

/// A mould is some 50 kB.
const MOULDS: usize = 64;

impl Moulds {
    /// The mould of this digest, if it is kept.
    pub(super) fn get(&self, digest: i64) -> Option<Arc<Plate>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|(id, _)| *id == digest)?;
        let found = kept.remove(at)?;
        let plate = Arc::clone(&found.1);
        kept.push_front(found);
        Some(plate)
    }

    /// Keeps it.
    pub(super) fn put(&self, digest: i64, plate: Plate) -> Arc<Plate> {
        let plate = Arc::new(plate);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_front((digest, Arc::clone(&plate)));
        kept.truncate(MOULDS);
        plate
    }
}
