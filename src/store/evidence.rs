//! What is known of a person and a mail when something was said of it: what the caller's policy
//! decides by. Reads alone.

use jiff::{SignedDuration, Timestamp};

use super::bounces::NewBounce;
use super::rests::{Refusals, refusals};
use super::{Store, StoreError, Tx, instant, micros, sql};
use crate::model::{MailKind, SubscriberState, Verdict};

/// Servers try for five days at most: what has not come back by then has arrived.
const ARRIVED: SignedDuration = SignedDuration::from_hours(6 * 24);

/// What is known when it is decided on.
#[derive(Clone, Debug)]
pub struct BounceRecord {
    /// Where the person stands.
    pub state: SubscriberState,
    /// What the mail was, if it is known which one it was.
    pub kind: Option<MailKind>,
    /// When it was made.
    pub made_at: Timestamp,
    /// It went to another address than the one where they are subscribed.
    pub elsewhere: bool,
    /// What was said of it before was taken back.
    pub cleared: bool,
    /// When they last became active.
    pub back_at: Option<Timestamp>,
    /// When they last said themselves that they want digests.
    pub agreed_at: Option<Timestamp>,
    /// Whether a probe is out.
    pub probing: bool,
    /// When mail bounced softly, the newest last; of a soft one alone.
    pub softs: Vec<Timestamp>,
    /// When mails went out that arrived, as far as can be told; of a soft one alone.
    pub arrived: Vec<Timestamp>,
    /// How the domain has refused us; of a policy one alone.
    pub refusals: Option<Refusals>,
}

/// A mail as it is looked up.
pub(super) struct About {
    pub(super) id: i64,
    pub(super) kind: Option<MailKind>,
    pub(super) made_at: Timestamp,
    pub(super) elsewhere: bool,
}

/// A mail to a person, and what it may be known by.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SentMail {
    /// The delivery's row.
    pub id: i64,
    /// Its subject.
    pub subject: String,
    finished_at: Option<i64>,
}

impl SentMail {
    /// When it went out, if that is known.
    pub fn sent_at(&self) -> Option<Timestamp> {
        self.finished_at.map(instant)
    }
}

impl Store {
    /// The mails that `subscriber` was sent since `since`, the newest first, up to `limit`.
    pub async fn mails_to(
        &self,
        subscriber: i64,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<SentMail>, StoreError> {
        sql("SELECT d.id, g.subject, d.finished_at FROM deliveries d \
             JOIN digests g ON g.id = d.digest \
             WHERE d.id IN (SELECT id FROM deliveries WHERE kind = 'digest' AND subscriber = $1 \
                 UNION ALL SELECT id FROM deliveries WHERE kind <> 'digest' AND subscriber = $1 \
                   AND recipient IS NULL) \
               AND d.state || '' NOT IN ('queued', 'skipped') AND d.created_at > $2 \
               AND d.created_at >= (SELECT created_at FROM subscribers WHERE id = $1) \
             ORDER BY d.id DESC LIMIT $3")
        .bind(subscriber)
        .bind(micros(since))
        .bind(i64::from(limit))
        .fetch_all(&self.read)
        .await
    }
}

/// The mail that it is about; none: it is somebody else's. Rows may come again when somebody is
/// erased: mail from before they came is not theirs.
pub(super) async fn about(tx: &mut Tx, said: &NewBounce) -> Result<Option<About>, StoreError> {
    type Row = (i64, String, i64, Option<String>);
    let row: Option<Row> = match said.delivery {
        Some(id) => {
            let row = sql("SELECT id, kind, created_at, recipient FROM deliveries \
                 WHERE id = $1 AND subscriber = $2 AND created_at >= \
                   (SELECT created_at FROM subscribers WHERE id = $2)")
            .bind(id)
            .bind(said.subscriber)
            .fetch_optional(tx)
            .await?;
            if row.is_none() {
                return Ok(None);
            }
            row
        }
        None => {
            let newest = |kind: &str| {
                format!(
                    "SELECT max(id) FROM deliveries WHERE {kind} AND subscriber = $1 \
                     AND recipient IS NULL AND state || '' IN ('sent', 'failed') \
                     AND created_at <= $2 AND created_at >= \
                       (SELECT created_at FROM subscribers WHERE id = $1)"
                )
            };
            // A guess, which must not stand for the answer to a probe: that is asked to find out.
            sql(format!(
                "SELECT id, '', created_at, recipient FROM deliveries WHERE id IN \
                   ({} UNION ALL {}) ORDER BY id DESC LIMIT 1",
                newest("kind = 'digest'"),
                newest("kind <> 'digest' AND kind <> 'probe'")
            ))
            .bind(said.subscriber)
            .bind(micros(said.at))
            .fetch_optional(tx)
            .await?
        }
    };
    Ok(Some(match row {
        Some((id, kind, made_at, recipient)) => About {
            id,
            kind: MailKind::from_word(&kind),
            made_at: instant(made_at),
            elsewhere: recipient.is_some(),
        },
        None => About { id: 0, kind: None, made_at: said.at, elsewhere: false },
    }))
}

/// What is known of the person, the mail, and for some verdicts what was said before.
pub(super) async fn record(
    tx: &mut Tx,
    said: &NewBounce,
    about: &About,
    state: SubscriberState,
    now: Timestamp,
) -> Result<BounceRecord, StoreError> {
    type Row = (Option<i64>, Option<i64>, Option<i64>, i64, i64);
    let (back_at, moved_at, agreed_at, probes, cleared): Row = sql("SELECT \
           (SELECT max(at) FROM subscriber_events WHERE subscriber = $1 AND what = 'active'), \
           (SELECT max(at) FROM subscriber_events WHERE subscriber = $1 AND what = 'moved'), \
           (SELECT max(at) FROM consents WHERE subscriber = $1 \
              AND what IN ('confirmed', 'returned')), \
           (SELECT count(*) FROM probes WHERE subscriber = $1), \
           (SELECT count(*) FROM bounces WHERE subscriber = $1 AND delivery = $2 \
              AND state = 'cleared')")
    .bind(said.subscriber)
    .bind(about.id)
    .fetch_one(&mut *tx)
    .await?;
    let soft = said.verdict == Verdict::Soft;
    let softs = if soft { softs(tx, said.subscriber).await? } else { Vec::new() };
    let arrived = match softs.first() {
        Some(first) => {
            let until = now.saturating_sub(ARRIVED).unwrap_or(Timestamp::MIN);
            arrivals(tx, said.subscriber, *first, until).await?
        }
        None => Vec::new(),
    };
    let refusals = match said.verdict {
        Verdict::Policy => Some(refusals(tx, said.email.domain(), now).await?),
        _ => None,
    };
    Ok(BounceRecord {
        state,
        kind: about.kind,
        made_at: about.made_at,
        elsewhere: about.elsewhere || moved_at.is_some_and(|at| instant(at) > about.made_at),
        cleared: cleared > 0,
        back_at: back_at.map(instant),
        agreed_at: agreed_at.map(instant),
        probing: probes > 0,
        softs,
        arrived,
        refusals,
    })
}

/// When mail to `subscriber` bounced softly, the newest last, as far as that still counts.
async fn softs(tx: &mut Tx, subscriber: i64) -> Result<Vec<Timestamp>, StoreError> {
    let mut at: Vec<i64> = sql("SELECT at FROM bounces WHERE subscriber = $1 \
           AND verdict = 'soft' AND state = 'noted' ORDER BY at DESC LIMIT 100")
    .bind(subscriber)
    .scalars(tx)
    .await?;
    at.reverse();
    Ok(at.into_iter().map(instant).collect())
}

/// When mails to `subscriber` went out after `since` that have not come back: those until
/// `until`, and those that were reported to have arrived.
pub(super) async fn arrivals(
    tx: &mut Tx,
    subscriber: i64,
    since: Timestamp,
    until: Timestamp,
) -> Result<Vec<Timestamp>, StoreError> {
    let at: Vec<i64> = sql("SELECT finished_at FROM deliveries d \
         WHERE d.id IN (SELECT id FROM deliveries WHERE kind = 'digest' AND subscriber = $1 \
             UNION ALL SELECT id FROM deliveries WHERE kind <> 'digest' AND subscriber = $1 \
               AND recipient IS NULL) \
           AND d.state || '' = 'sent' AND d.finished_at > $2 \
           AND NOT EXISTS (SELECT 1 FROM bounces b WHERE b.subscriber = $1 AND b.delivery = d.id \
             AND b.verdict IN ('hard', 'soft', 'policy')) \
           AND (d.finished_at <= $3 OR EXISTS (SELECT 1 FROM bounces b WHERE b.subscriber = $1 \
             AND b.delivery = d.id AND b.verdict = 'delivered')) \
         ORDER BY finished_at DESC LIMIT 100")
    .bind(subscriber)
    .bind(micros(since))
    .bind(micros(until))
    .scalars(tx)
    .await?;
    Ok(at.into_iter().map(instant).collect())
}
