//! A delivery's bytes: the digest's mould, made once and kept while its mails go out, and
//! every header decided by the delivery's row, so that each retry is the same mail to the
//! byte.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;

use crate::config::Config;
use crate::links::{Links, Person, Purpose, day_number, minute};
use crate::mail::{
    self, ComposeError, Envelope, Form, Kind, Letterhead, Mould, Own, Sender, Signer, Stretch,
};
use crate::model::{EmailAddress, MailKind};
use crate::render::{Field, Markers, Personal, Piece};
use crate::token::Key;

/// By what name providers know us as a sender; see [`Kind::digest`].
const SENDER: &str = "paperround";

/// Buffers kept: 50 kB each.
const SPARE: usize = 16;

/// Makes mails, each under its letterhead.
#[derive(Clone, Debug)]
pub struct Composer {
    key: Key,
    /// What mails say of their sender that were made without saying it.
    head: Arc<Head>,
    /// Heads of mails that were made under another letterhead, as last used.
    others: Arc<Mutex<VecDeque<Arc<Head>>>>,
    /// Buffers of mails that are gone, for others.
    spare: Arc<Mutex<Vec<String>>>,
}

/// What all mails under one letterhead share.
#[derive(Debug)]
struct Head {
    /// The letterhead, as it is kept with a digest.
    text: String,
    sender: Sender,
    /// The domain of Message-IDs.
    domain: String,
    /// The envelope sender where there is no mailbox for reports.
    from: EmailAddress,
    links: Links,
    /// Whether each reader replies to a mailbox of their own, which proves who they are.
    personal_replies: bool,
}

/// Letterheads that are remembered beside the present one.
const HEADS: usize = 16;

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
    /// What it says of its sender, as [`Letterhead::to_text`] has it; empty: what the
    /// configuration says now.
    pub letterhead: &'a str,
}

/// What all readers of a mail share, written and encoded.
#[derive(Debug)]
pub struct Plate {
    head: Arc<Head>,
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
    /// What it answers, if it answers a mail.
    pub answers: Option<Answers<'a>>,
}

/// The mail that an answer is to.
#[derive(Clone, Copy, Debug)]
pub struct Answers<'a> {
    /// Its Message-ID, in angle brackets.
    pub message_id: &'a str,
    /// The row of what it asked for, where that waits for a yes; else 0.
    pub row: i64,
}

/// Whether a stranger's Message-ID may stand in a header of ours.
fn is_message_id(id: &str) -> bool {
    let inner = id.strip_prefix('<').and_then(|id| id.strip_suffix('>'));
    inner.is_some_and(|inner| {
        (1..=900).contains(&inner.len())
            && inner.contains('@')
            && inner.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'<' && byte != b'>')
    })
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

impl Head {
    fn new(of: &Letterhead, key: &Key, signer: Signer) -> Self {
        let links = of.links(key.clone());
        let sender = Sender {
            name: of.from_name.clone(),
            from: of.from.clone(),
            reply_to: of.reply_to.clone().or_else(|| {
                links.inbound().filter(|inbound| inbound.key() != of.from.key()).cloned()
            }),
            list_name: of.title.clone(),
            list_id: of.list_id.clone(),
            contact: of.contact().clone(),
            site: of.site.clone(),
            subscribe_by_mail: links.subscribe_by_mail(),
            help_by_mail: links.help_by_mail(),
            signer,
        };
        Self {
            text: of.to_text(),
            domain: domain(&sender.from),
            from: of.from.clone(),
            personal_replies: of.reply_to.is_none() && links.inbound().is_some(),
            links,
            sender,
        }
    }
}

impl Composer {
    /// As the configuration has it.
    pub fn new(config: &Config, key: Key) -> Self {
        let signer = Signer::new(
            config
                .mail
                .dkim
                .iter()
                .map(|dkim| (dkim.domain.as_str(), dkim.selector.as_str(), dkim.key.clone())),
        );
        let head = Arc::new(Head::new(&Letterhead::of(config), &key, signer));
        Self { key, head, others: Arc::default(), spare: Arc::default() }
    }

    /// Whether a mail costs so much that one core cannot keep up with the wire.
    pub(super) fn is_slow(&self) -> bool {
        self.head.sender.signer.is_slow()
    }

    /// The head of mails under this letterhead. The keys that sign are always the present ones.
    fn head(&self, text: &str) -> Arc<Head> {
        if text.is_empty() || text == self.head.text {
            return Arc::clone(&self.head);
        }
        let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = others.iter().find(|head| head.text == text) {
            return Arc::clone(known);
        }
        let Some(letterhead) = Letterhead::from_text(text) else { return Arc::clone(&self.head) };
        let head = Head::new(&letterhead, &self.key, self.head.sender.signer.clone());
        // Under the text that was asked for, however another version would write it.
        let head = Arc::new(Head { text: text.to_owned(), ..head });
        others.push_front(Arc::clone(&head));
        others.truncate(HEADS);
        head
    }

    /// What all readers of a digest share, written and encoded.
    pub fn mould(&self, parts: &Parts<'_>) -> Result<Plate, ComposeError> {
        let head = self.head(parts.letterhead);
        let markers = Markers::new(parts.marker);
        // One boundary for all its mails: what stands before the first personal part is then
        // the same in each. Nobody who writes a title knows the key.
        let mut boundary = self.key.pseudonym("boundary", parts.marker);
        boundary.truncate(28);
        let kind = match parts.day {
            Some(day) if parts.kind.is_digest() => Kind::digest(day, SENDER),
            _ if matches!(parts.kind, MailKind::Answer | MailKind::Ask) => Kind::Answer,
            _ => Kind::Notice,
        };
        let mould = Mould::new(&Form {
            sender: &head.sender,
            kind: &kind,
            subject: parts.subject,
            text: &stretches(markers.cut(parts.text), 0),
            html: &stretches(markers.cut(parts.html), Field::ALL.len()),
            boundary: &boundary,
            own: head.own_fields(parts.kind),
        })?;
        Ok(Plate { head, kind: parts.kind, day: parts.day, mould })
    }

    /// The mail of one reader.
    pub fn pour(&self, plate: &Plate, of: &Addressee<'_>) -> Result<Composed, ComposeError> {
        let &Addressee { id, to, date, .. } = of;
        let mark = mail::name(&self.key, id);
        let head = &plate.head;
        let (personal, fields) = head.own(plate, of);
        let escaped = Field::ALL.map(|field| personal.html(field));
        let plain = Field::ALL.iter().map(|field| personal.text(*field));
        let values: Vec<&str> = plain.chain(escaped.iter().map(String::as_str)).collect();
        let buffer = self.spare.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let message_id = &format!("<{mark}@{}>", head.domain);
        let own = Own { to, date, message_id, values: &values, fields: &fields };
        let message = plate.mould.pour_into(buffer.unwrap_or_default(), &own)?;
        let mut envelope = Envelope::new(&head.from, to)?;
        if let Some(from) = head.links.bounce_by_mail(of.person, id.parse().unwrap_or(0)) {
            envelope.from = from;
        }
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

impl Head {
    fn own_fields(&self, kind: MailKind) -> &'static [&'static str] {
        match kind {
            MailKind::Digest | MailKind::Resend | MailKind::Canary if self.personal_replies => {
                &["List-Unsubscribe", "Archived-At", "Reply-To"]
            }
            MailKind::Digest | MailKind::Resend | MailKind::Canary => {
                &["List-Unsubscribe", "Archived-At"]
            }
            MailKind::Confirm if self.links.inbound().is_some() => &["Reply-To"],
            MailKind::Known | MailKind::Link | MailKind::Probe if self.personal_replies => {
                &["Reply-To"]
            }
            MailKind::Answer | MailKind::Ask => &["Reply-To", "In-Reply-To", "References"],
            _ => &[],
        }
    }

    /// A reader's own words, and the values of [`Self::own_fields`].
    fn own(&self, plate: &Plate, of: &Addressee<'_>) -> (Personal, Vec<String>) {
        let (links, person) = (&self.links, of.person);
        let words = Personal::default().with(Field::Address, of.to.as_str());
        let preferences = || links.page(Purpose::Preferences, person, 0);
        let at = minute(of.date);
        let reply = || links.reply_by_mail(person);
        match plate.kind {
            MailKind::Digest | MailKind::Resend | MailKind::Canary => {
                let leave = links.page(Purpose::Unsubscribe, person, 0);
                let browser = links.page(Purpose::Digest, person, plate.day.map_or(0, day_number));
                let by_mail = links.unsubscribe_by_mail(person);
                // RFC 2369 2: folded between the two alone.
                let mut fields =
                    vec![format!("<{leave}>,\r\n <{by_mail}>"), format!("<{browser}>")];
                if self.personal_replies {
                    fields.extend(reply());
                }
                let words = words
                    .with(Field::Unsubscribe, leave)
                    .with(Field::Preferences, preferences())
                    .with(Field::Browser, browser)
                    .with(Field::Taste, links.page(Purpose::Taste, person, 0));
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
                let fields = if self.personal_replies { reply() } else { None };
                (words.with(Field::Preferences, preferences()), fields.into_iter().collect())
            }
            MailKind::Answer | MailKind::Ask => self.answer(plate.kind, words, of),
            MailKind::Alarm => (words, Vec::new()),
        }
    }

    /// An answer to a mail: to a reader, or to somebody who is none.
    fn answer(
        &self,
        kind: MailKind,
        words: Personal,
        of: &Addressee<'_>,
    ) -> (Personal, Vec<String>) {
        let (links, person) = (&self.links, of.person);
        let row = of.answers.map_or(0, |answers| answers.row);
        let reply = match kind {
            MailKind::Ask => links.orders_by_mail(person, row),
            _ if person.id != 0 => links.reply_by_mail(person),
            _ => None,
        };
        let reply = reply.unwrap_or_else(|| links.inbound().unwrap_or(&self.from).to_string());
        // A mail that names itself badly is answered all the same, and threaded by nobody.
        let id = of.answers.map(|answers| answers.message_id).filter(|id| is_message_id(id));
        let id = id.unwrap_or("<unknown@localhost>").to_owned();
        let words = words
            .with(Field::Preferences, links.page(Purpose::Preferences, person, 0))
            .with(Field::Action, links.orders(person, row));
        (words, vec![reply, id.clone(), id])
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
    format!("<{}@{}>", mail::name(key, id), domain(from))
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
