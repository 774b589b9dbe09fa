//! Which mail somebody means who knows nothing of our rows: providers pass on its Message-ID, its
//! subject, or when they took it from us. Looks among the mails of one person alone.

use jiff::{SignedDuration, Timestamp};

use super::apply::{Bounces, before};
use super::policy::MEMORY;
use crate::mail;
use crate::store::{SentMail, StoreError};

/// So many mails of a person are looked at.
const MOST: u32 = 100;
/// So far apart may be the clocks of who sent and who took a mail.
const CLOCKS: SignedDuration = SignedDuration::from_mins(5);

/// What is told of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// Its Message-ID, with or without brackets.
    MessageId(String),
    /// Its subject.
    Subject(String),
    /// When it was taken from us.
    TakenAt(Timestamp),
}

impl Bounces {
    /// The delivery's row of the mail to `subscriber` that is named so: by the first of the names
    /// that fits any.
    pub async fn mail_named(
        &self,
        subscriber: i64,
        names: &[Named],
    ) -> Result<Option<i64>, StoreError> {
        if names.is_empty() {
            return Ok(None);
        }
        let since = before(self.clock.now(), MEMORY);
        let mails = self.store.mails_to(subscriber, since, MOST).await?;
        let found = names.iter().find_map(|name| match name {
            Named::MessageId(id) => {
                mails.iter().find(|one| mail::is_named(id, &self.key, &one.id.to_string()))
            }
            Named::Subject(subject) => mails.iter().find(|one| is_same(&one.subject, subject)),
            Named::TakenAt(at) => nearest(&mails, *at),
        });
        Ok(found.map(|one| one.id))
    }
}

/// Whether two lines have the same words: mails are folded and unfolded on their way.
fn is_same(one: &str, other: &str) -> bool {
    one.split_whitespace().eq(other.split_whitespace())
}

fn nearest(mails: &[SentMail], at: Timestamp) -> Option<&SentMail> {
    let apart = |one: &SentMail| one.sent_at().map(|sent| sent.duration_since(at).abs());
    let near = mails.iter().filter_map(|one| Some((apart(one)?, one)));
    near.filter(|(apart, _)| *apart <= CLOCKS).min_by_key(|(apart, _)| *apart).map(|(_, one)| one)
}
