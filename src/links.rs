//! Signed links: the addresses, of pages and of mailboxes, by which one person acts. Each holds
//! a token for one purpose, one person and one number, under a keyed hash; there is no table of
//! them. Whoever raises a person's epoch ends all of that person's links. Never decides what a
//! link may do, and never reads the time.

use std::sync::LazyLock;

use data_encoding::{Encoding, Specification};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::model::{EmailAddress, is_same_domain};
use crate::token::Key;

/// What a link is for. A token for one purpose is none for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Begins the subscription. Its number is the minute of the mail.
    Confirm,
    /// Moves the subscription to another address. Its number is the minute of the mail.
    Move,
    /// Ends the subscription. Never expires; its number is 0.
    Unsubscribe,
    /// Takes an unsubscription back. Its number is the minute of the mail, or of the page.
    Undo,
    /// Changes what a person gets. Never expires; its number is 0.
    Preferences,
    /// Says which papers a person wants more like, less, or not. Never expires; its number is 0.
    Taste,
    /// Shows the digest of one day. Its number is [`day_number`].
    Digest,
    /// A person's own feed. Never expires; its number is 0.
    Feed,
    /// Where replies of a person go: proof of who writes. Never expires; its number is 0.
    Reply,
    /// Does what was asked by mail without such proof. Its number is the row of what was asked.
    Orders,
    /// The envelope sender of one mail, to which its failure is reported (VERP). Its number is
    /// the delivery's row.
    Bounce,
    /// Where a mail of ours to ourselves goes, to see that it comes back. Its number says which; it is
    /// nobody's.
    Canary,
    /// No link, but a form that was shown. Its number is the millisecond; it is nobody's.
    Form,
}

impl Purpose {
    fn word(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Move => "move",
            Self::Unsubscribe => "unsubscribe",
            Self::Undo => "undo",
            Self::Preferences => "preferences",
            Self::Taste => "taste",
            Self::Digest => "digest",
            Self::Feed => "feed",
            Self::Reply => "reply",
            Self::Orders => "orders",
            Self::Bounce => "bounce",
            Self::Canary => "canary",
            Self::Form => "form",
        }
    }
}

/// The person that a link is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// The subscriber's row.
    pub id: i64,
    /// What their links are bound to, beside the row.
    pub epoch: i64,
}

/// What a mailbox of ours is for: the part of its name after the `+`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag<'a> {
    /// None: what the mail says counts.
    None,
    /// `+subscribe`
    Subscribe,
    /// `+help`
    Help,
    /// `+unsubscribe-TOKEN`
    Unsubscribe(&'a str),
    /// `+confirm-TOKEN`
    Confirm(&'a str),
    /// `+r-TOKEN`: whoever writes there is the token's person.
    Reply(&'a str),
    /// `+b-TOKEN`: reports of one mail.
    Bounce(&'a str),
    /// `+c-TOKEN`: a mail of ours to ourselves.
    Canary(&'a str),
}

/// What a token says of itself, not to be believed before [`Links::holds`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The subscriber's row.
    pub subscriber: i64,
    /// What the purpose makes of it.
    pub number: u64,
    mark: [u8; MARK],
}

/// 128 bits.
const MARK: usize = 16;
/// A row and a number take at most ten bytes each.
const LONGEST: usize = MARK + 20;

/// Base32 (RFC 4648 6) in lower case without padding: mailboxes forget about case. Each text
/// has one meaning: bits that are left over must be zero.
static LETTERS: LazyLock<Encoding> = LazyLock::new(|| {
    let mut letters = Specification::new();
    letters.symbols.push_str("abcdefghijklmnopqrstuvwxyz234567");
    match letters.encoding() {
        Ok(encoding) => encoding,
        Err(_) => unreachable!("32 distinct letters make an encoding"),
    }
});

impl Claim {
    /// Reads a token; none where the text is not of a token's form.
    pub fn read(token: &str) -> Option<Self> {
        if token.len() > LETTERS.encode_len(LONGEST) {
            return None;
        }
        let bytes = LETTERS.decode(token.as_bytes()).ok()?;
        let (words, mark) = bytes.split_at_checked(bytes.len().checked_sub(MARK)?)?;
        let (subscriber, rest) = take(words)?;
        let (number, rest) = take(rest)?;
        let subscriber = i64::try_from(subscriber).ok()?;
        rest.is_empty().then_some(Self { subscriber, number, mark: mark.try_into().ok()? })
    }

    /// The moment of a number that is a minute.
    pub fn minute(&self) -> Option<Timestamp> {
        Timestamp::from_second(i64::try_from(self.number).ok()?.checked_mul(60)?).ok()
    }
}

/// Seven bits a byte, the lowest first; the last byte is below 128, and none is one too many.
fn put(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn take(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0_u64;
    for (at, byte) in bytes.iter().enumerate() {
        let bits = u64::from(byte & 0x7f);
        let shifted = bits.checked_shl(7 * u32::try_from(at).ok()?)?;
        if shifted >> (7 * at) != bits {
            return None;
        }
        value |= shifted;
        if byte & 0x80 == 0 {
            let minimal = at == 0 || *byte != 0;
            return minimal.then_some((value, &bytes[at + 1..]));
        }
    }
    None
}

/// Makes the links of an installation, and judges those that come back.
#[derive(Clone, Debug)]
pub struct Links {
    key: Key,
    site: String,
    inbound: Option<EmailAddress>,
    contact: EmailAddress,
    /// The local part and the domain, in ASCII, of the mailbox that failures are reported to.
    bounces: Option<(String, String)>,
}

impl Links {
    /// Links to the site at `site` (without a slash at its end), to the mailbox `inbound` where
    /// mail is read by the program, and else to `contact`, where a person reads it.
    pub fn new(key: Key, site: &str, inbound: Option<EmailAddress>, contact: EmailAddress) -> Self {
        Self { key, site: site.to_owned(), inbound, contact, bounces: None }
    }

    /// The same, with the mailbox `address` for reports of mails that did not arrive: its
    /// `+addresses` must arrive too.
    pub fn with_bounces(mut self, address: Option<&EmailAddress>) -> Self {
        self.bounces = address.map(|address| (address.local().to_owned(), address.wire_domain()));
        self
    }

    /// The mailbox where mail is read by the program, if there is one.
    pub fn inbound(&self) -> Option<&EmailAddress> {
        self.inbound.as_ref()
    }

    /// The site's address, without a slash at its end.
    pub fn site(&self) -> &str {
        &self.site
    }

    /// Whether the site can keep the promise of RFC 8058: its links are https.
    pub fn one_click(&self) -> bool {
        self.site.starts_with("https://")
    }

    /// The page of `purpose` for `person`.
    pub fn page(&self, purpose: Purpose, person: Person, number: u64) -> String {
        let token = self.token(purpose, person, number, "");
        match purpose {
            Purpose::Feed => format!("{}/feed.atom?token={token}", self.site),
            Purpose::Undo => format!("{}/unsubscribe/{token}", self.site),
            _ => format!("{}/{}/{token}", self.site, purpose.word()),
        }
    }

    /// The page that confirms the new address `to`, asked for at `at`.
    pub fn moving(&self, person: Person, at: Timestamp, to: &EmailAddress) -> String {
        let token = self.token(Purpose::Move, person, minute(at), &to.key());
        format!("{}/confirm/{token}", self.site)
    }

    /// Where a mail ends the subscription of `person` at once, as a `mailto:` of RFC 6068.
    pub fn unsubscribe_by_mail(&self, person: Person) -> String {
        let token = self.token(Purpose::Unsubscribe, person, 0, "");
        match &self.inbound {
            Some(inbound) => {
                let local = encoded(inbound.local());
                format!("mailto:{local}+unsubscribe-{token}@{}", inbound.wire_domain())
            }
            None => {
                let (local, domain) = (encoded(self.contact.local()), self.contact.wire_domain());
                format!("mailto:{local}@{domain}?subject=unsubscribe%20{token}")
            }
        }
    }

    /// Where a reply to the confirm mail of `at` goes; none where no mail is read.
    pub fn confirm_by_mail(&self, person: Person, at: Timestamp) -> Option<String> {
        let inbound = self.inbound.as_ref()?;
        let token = self.token(Purpose::Confirm, person, minute(at), "");
        Some(format!("{}+confirm-{token}@{}", inbound.local(), inbound.wire_domain()))
    }

    /// Where replies of `person` go; none where no mail is read.
    pub fn reply_by_mail(&self, person: Person) -> Option<String> {
        let inbound = self.inbound.as_ref()?;
        let token = self.token(Purpose::Reply, person, 0, "");
        Some(format!("{}+r-{token}@{}", inbound.local(), inbound.wire_domain()))
    }

    /// Where a reply does what `person` asked for in row `row`; none where no mail is read.
    pub fn orders_by_mail(&self, person: Person, row: i64) -> Option<String> {
        let inbound = self.inbound.as_ref()?;
        let token = self.token(Purpose::Orders, person, row.unsigned_abs(), "");
        Some(format!("{}+confirm-{token}@{}", inbound.local(), inbound.wire_domain()))
    }

    /// The page that does the same.
    pub fn orders(&self, person: Person, row: i64) -> String {
        let token = self.token(Purpose::Orders, person, row.unsigned_abs(), "");
        format!("{}/confirm/{token}", self.site)
    }

    /// The envelope sender of delivery `delivery` to `person` (VERP: whatever form a report
    /// has, its envelope says whom it is about); none where no mailbox takes such reports.
    pub fn bounce_by_mail(&self, person: Person, delivery: i64) -> Option<String> {
        let (local, domain) = self.bounces.as_ref()?;
        let token = self.token(Purpose::Bounce, person, delivery.unsigned_abs(), "");
        Some(format!("{local}+b-{token}@{domain}"))
    }

    /// Where a mail of ours to ourselves goes, by way of the mailbox that readers write to; none
    /// where no mail is read. `number`: as the sender of it pleases.
    pub fn canary_by_mail(&self, number: u64) -> Option<String> {
        let inbound = self.inbound.as_ref()?;
        let token = self.token(Purpose::Canary, Person::default(), number, "");
        Some(format!("{}+c-{token}@{}", inbound.local(), inbound.wire_domain()))
    }

    /// The same, by way of the mailbox for reports; none where there is none.
    pub fn canary_by_bounces(&self, number: u64) -> Option<String> {
        let (local, domain) = self.bounces.as_ref()?;
        let token = self.token(Purpose::Canary, Person::default(), number, "");
        Some(format!("{local}+c-{token}@{domain}"))
    }

    /// The page of one-click unsubscription of nobody, by which its way to us is tried: whatever is
    /// asked of it changes nothing, and is answered with [`Links::proof`].
    pub fn trial(&self, number: u64) -> String {
        let token = self.token(Purpose::Canary, Person::default(), number, "");
        format!("{}/unsubscribe/{token}", self.site)
    }

    /// What only we can answer to trial `number`, asked for by `method`.
    pub fn proof(&self, number: u64, method: &str) -> String {
        self.key.pseudonym("trial", &format!("{method} {number}"))
    }

    /// Which mail of ours to ourselves a token of [`Tag::Canary`] names; none where it was not
    /// made here.
    pub fn canary(&self, token: &str) -> Option<u64> {
        let claim = Claim::read(token)?;
        self.holds(&claim, Purpose::Canary, Person::default(), "").then_some(claim.number)
    }

    /// Where anybody gets help by mail, as a `mailto:`; none where no mail is read.
    pub fn help_by_mail(&self) -> Option<String> {
        let inbound = self.inbound.as_ref()?;
        Some(format!("mailto:{}+help@{}", encoded(inbound.local()), inbound.wire_domain()))
    }

    /// What the mailbox `address` is for; none where it is not ours. `address` in lower case.
    pub fn tag<'a>(&self, address: &'a str) -> Option<Tag<'a>> {
        let (local, domain) = address.rsplit_once('@')?;
        let local = local.strip_prefix('"').and_then(|l| l.strip_suffix('"')).unwrap_or(local);
        let is = |own_local: &str, own_domain: &str| {
            let (head, rest) = local.split_at_checked(own_local.len())?;
            let mine = head.eq_ignore_ascii_case(own_local) && is_same_domain(domain, own_domain);
            match rest.strip_prefix('+') {
                Some(tag) if mine => Some(tag),
                None if mine && rest.is_empty() => Some(""),
                _ => None,
            }
        };
        let inbound = self.inbound.as_ref().and_then(|own| is(own.local(), own.domain()));
        let bounces = self.bounces.as_ref().and_then(|(local, domain)| is(local, domain));
        let tag = inbound.or(bounces)?;
        Some(match tag.split_once('-') {
            None if tag == "subscribe" => Tag::Subscribe,
            None if tag == "help" => Tag::Help,
            Some(("unsubscribe", token)) => Tag::Unsubscribe(token),
            Some(("confirm", token)) => Tag::Confirm(token),
            Some(("r", token)) => Tag::Reply(token),
            Some(("b", token)) => Tag::Bounce(token),
            Some(("c", token)) => Tag::Canary(token),
            _ => Tag::None,
        })
    }

    /// Where anybody subscribes by mail; none where no mail is read.
    pub fn subscribe_by_mail(&self) -> Option<String> {
        let inbound = self.inbound.as_ref()?;
        Some(format!("mailto:{}+subscribe@{}", encoded(inbound.local()), inbound.wire_domain()))
    }

    /// The token of a link. `context`: what it is bound to beside, and does not hold.
    pub fn token(&self, purpose: Purpose, person: Person, number: u64, context: &str) -> String {
        let mut bytes = Vec::with_capacity(LONGEST);
        put(person.id.unsigned_abs(), &mut bytes);
        put(number, &mut bytes);
        bytes.extend(self.key.mark("link", &sealed(purpose, person, number, context)));
        LETTERS.encode(&bytes)
    }

    /// Whether `claim` was made here, for `purpose` and `person`. Takes the same time for
    /// every false one.
    pub fn holds(&self, claim: &Claim, purpose: Purpose, person: Person, context: &str) -> bool {
        claim.subscriber == person.id
            && self.key.is_mark(
                "link",
                &sealed(purpose, person, claim.number, context),
                &claim.mark,
            )
    }
}

fn sealed(purpose: Purpose, person: Person, number: u64, context: &str) -> Vec<u8> {
    let mut text = Vec::with_capacity(64);
    text.extend(purpose.word().bytes());
    text.push(0);
    text.extend(person.id.to_le_bytes());
    text.extend(person.epoch.to_le_bytes());
    text.extend(number.to_le_bytes());
    text.extend(context.bytes());
    text
}

/// The minute of `at` since 1970.
pub fn minute(at: Timestamp) -> u64 {
    u64::try_from(at.as_second().div_euclid(60)).unwrap_or(0)
}

/// A day as a number: 20261123.
pub fn day_number(day: Date) -> u64 {
    let part = |number: i16| u64::from(number.unsigned_abs());
    part(day.year()) * 10_000 + part(day.month().into()) * 100 + part(day.day().into())
}

/// The day of such a number.
pub fn day_of(number: u64) -> Option<Date> {
    let part = |number: u64| i8::try_from(number % 100).ok();
    let year = i16::try_from(number / 10_000).ok()?;
    Date::new(year, part(number / 100)?, part(number)?).ok()
}

/// A local part as RFC 6068 wants it in a `mailto:`.
fn encoded(local: &str) -> String {
    let mut out = String::with_capacity(local.len());
    for byte in local.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~+".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests;
