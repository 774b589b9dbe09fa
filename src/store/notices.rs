//! Notices: mail to one person about their subscription. Each is made once and kept among the
//! digests; who gets it has a delivery, ahead of all digests.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::subscribers::each;
use super::{Store, StoreError, StoredDigest, Tx, micros, sql};
use crate::model::{EmailAddress, MailKind};
use crate::token::to_hex;

/// The words of a notice.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Which notice.
    pub kind: MailKind,
    /// What stands in the parts where the personal ones go.
    pub marker: String,
    /// The subject.
    pub subject: String,
    /// The HTML part.
    pub html: String,
    /// The text part.
    pub text: String,
    /// What it says of its sender; empty: what the sending process says.
    pub letterhead: String,
}

/// A notice to be sent.
#[derive(Clone, Debug)]
pub struct NewNotice {
    /// Its words.
    pub letter: Arc<Letter>,
    /// To whom, where that is not the subscriber's own address.
    pub recipient: Option<EmailAddress>,
    /// Not to be sent after.
    pub expires_at: Timestamp,
    /// What it answers, if it answers a mail.
    pub answers: Option<Answered>,
}

/// The mail that a notice answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Its Message-ID as it stands there.
    pub message_id: String,
    /// The row of what it asked for, where that waits for a yes; else 0.
    pub orders: i64,
}

impl Store {
    /// Enqueues a notice to `subscriber` (0: to nobody who subscribes, but `recipient`).
    pub async fn enqueue_notice(
        &self,
        subscriber: i64,
        notice: &NewNotice,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        enqueue_all(&mut tx, &[(subscriber, notice)], now).await?;
        tx.commit().await?;
        self.bell.send();
        Ok(())
    }

    /// The digest of the day `day` that `subscriber` was sent, or is about to be.
    pub async fn digest_of_day(
        &self,
        subscriber: i64,
        day: Date,
    ) -> Result<Option<StoredDigest>, StoreError> {
        let id: Option<i64> = sql("SELECT digest FROM deliveries \
             WHERE kind = 'digest' AND subscriber = $1 AND day = $2")
        .bind(subscriber)
        .bind(day.to_string())
        .scalar_optional(&self.read)
        .await?;
        match id {
            Some(id) => self.digest(id).await,
            None => Ok(None),
        }
    }
}

/// Enqueues notices, each to its subscriber, in a unit of writing that does more.
pub(super) async fn enqueue_all(
    tx: &mut Tx,
    notices: &[(i64, &NewNotice)],
    now: Timestamp,
) -> Result<(), StoreError> {
    if notices.is_empty() {
        return Ok(());
    }
    // Many have the very same words.
    let mut kept: Vec<(&Arc<Letter>, i64)> = Vec::new();
    let mut rows = Vec::with_capacity(notices.len());
    for (subscriber, notice) in notices {
        let known = kept.iter().find(|(words, _)| Arc::ptr_eq(words, &notice.letter));
        let letter = match known {
            Some((_, letter)) => *letter,
            None => {
                let letter = keep(tx, &notice.letter, now).await?;
                kept.push((&notice.letter, letter));
                letter
            }
        };
        let kind = notice.letter.kind.word();
        let to = notice.recipient.as_ref().map(EmailAddress::as_str);
        let (answers, orders) = match &notice.answers {
            Some(answered) => (Some(&answered.message_id), Some(answered.orders)),
            None => (None, None),
        };
        let expires_at = micros(notice.expires_at);
        rows.push(json!([kind, letter, subscriber, expires_at, to, answers, orders]));
    }
    each(
        "INSERT INTO deliveries (kind, digest, subscriber, day, state, created_at, \
           next_attempt_at, expires_at, priority, recipient, answers, orders) \
         SELECT r.value ->> 0, CAST(r.value ->> 1 AS BIGINT), CAST(r.value ->> 2 AS BIGINT), '', \
           'queued', $1, $1, CAST(r.value ->> 3 AS BIGINT), 0, r.value ->> 4, r.value ->> 5, \
           CAST(r.value ->> 6 AS BIGINT) FROM EACH",
        2,
    )
    .bind(micros(now))
    .bind(Value::from(rows).to_string())
    .execute(tx)
    .await?;
    Ok(())
}

/// The row of these words, stored once.
async fn keep(tx: &mut Tx, letter: &Letter, now: Timestamp) -> Result<i64, StoreError> {
    let mut hash = Sha256::new();
    let kind = letter.kind.word();
    let letterhead = &letter.letterhead;
    for part in [kind, &letter.marker, &letter.subject, &letter.html, &letter.text, letterhead] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    let hash = to_hex(&hash.finalize());
    let find = "SELECT id FROM digests WHERE hash = $1";
    if let Some(id) = sql(find).bind(&hash).scalar_optional(&mut *tx).await? {
        return Ok(id);
    }
    sql(
        "INSERT INTO digests (profile, day, created_at, papers, marker, subject, html, body_text, \
           kind, hash, letterhead) VALUES (0, '', $1, '[]', $2, $3, $4, $5, $6, $7, $8) \
         ON CONFLICT DO NOTHING",
    )
    .bind(micros(now))
    .bind(&letter.marker)
    .bind(&letter.subject)
    .bind(&letter.html)
    .bind(&letter.text)
    .bind(kind)
    .bind(&hash)
    .bind(letterhead)
    .execute(&mut *tx)
    .await?;
    sql(find).bind(&hash).scalar(&mut *tx).await
}
