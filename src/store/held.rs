//! What is looked at again: refusals by relays that nobody has judged yet, bounces that wait for
//! their domain's hour, probes that may have been answered by silence, and how much comes back.

use jiff::{SignedDuration, Timestamp};

use super::bounces::{HOUR, LATELY, NewBounce, Taken, clear, end_probe, set_state, suppress};
use super::evidence::arrivals;
use super::subscribers::note;
use super::{Store, StoreError, Tx, instant, micros, sql};
use crate::model::{Verdict, Way};
use crate::token::Key;

/// A hard bounce is back sooner than this: what was sent before has arrived.
const PROMPT: SignedDuration = SignedDuration::from_hours(1);

/// A delivery that a relay refused for good.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Failure {
    /// The attempt's row.
    pub id: i64,
    /// The delivery's.
    pub delivery: i64,
    /// To whom; 0: to nobody who subscribes.
    pub subscriber: i64,
    /// When, in microseconds.
    at: i64,
    /// By which relay; empty: none was asked.
    pub relay: String,
    /// What the relay said.
    pub reply: String,
}

impl Failure {
    /// When it was.
    pub fn at(&self) -> Timestamp {
        instant(self.at)
    }
}

/// A bounce that waits, or one that counts.
#[derive(Clone, Debug)]
pub struct BounceNote {
    /// Its row.
    pub id: i64,
    /// Of a mail to whom.
    pub subscriber: i64,
    /// What it means.
    pub verdict: Verdict,
    /// By whom.
    pub way: Way,
    /// The enhanced code.
    pub status: Option<String>,
    /// When.
    pub at: Timestamp,
    /// Whether it waits for its domain's hour.
    pub held: bool,
}

/// How much came back of what was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    /// Mails that bounced hard.
    pub hard: u64,
    /// Mails that were complained about.
    pub complaints: u64,
    /// Mails that were sent, or refused.
    pub mails: u64,
}

#[derive(sqlx::FromRow)]
struct Columns {
    id: i64,
    subscriber: i64,
    verdict: String,
    way: String,
    status: Option<String>,
    at: i64,
    state: String,
}

const SELECT: &str = "SELECT id, subscriber, verdict, way, status, at, state FROM bounces";

impl TryFrom<Columns> for BounceNote {
    type Error = StoreError;

    fn try_from(row: Columns) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            subscriber: row.subscriber,
            verdict: Verdict::from_word(&row.verdict)
                .ok_or_else(|| StoreError::damaged("verdict", &row.verdict))?,
            way: Way::from_word(&row.way).ok_or_else(|| StoreError::damaged("way", &row.way))?,
            status: row.status,
            at: instant(row.at),
            held: row.state == "held",
        })
    }
}

impl Store {
    /// When the oldest was said of what is kept.
    pub async fn oldest_bounce(&self) -> Result<Option<Timestamp>, StoreError> {
        let at: Option<i64> =
            sql("SELECT at FROM bounces WHERE state <> 'held' ORDER BY id LIMIT 1")
                .scalar_optional(&self.read)
                .await?;
        Ok(at.map(instant))
    }

    /// Whether there is anything to look at again. `silence`: a probe sent before has been
    /// answered by it.
    pub async fn bounces_wait(&self, silence: Timestamp) -> Result<bool, StoreError> {
        let some: i64 = sql("SELECT CAST(CASE WHEN \
               EXISTS (SELECT 1 FROM attempts WHERE outcome = 'failed' AND NOT judged) \
               OR EXISTS (SELECT 1 FROM bounces WHERE state = 'held') THEN 1 ELSE 0 END AS BIGINT)")
        .scalar(&self.read)
        .await?;
        Ok(some == 1 || !self.probes_over(silence).await?.is_empty())
    }

    /// Up to `limit` refusals that nobody has judged.
    pub async fn failures(&self, limit: u32) -> Result<Vec<Failure>, StoreError> {
        sql("SELECT a.id, a.delivery, d.subscriber, a.at, a.relay, a.reply \
             FROM attempts a JOIN deliveries d ON d.id = a.delivery \
             WHERE a.outcome = 'failed' AND NOT a.judged ORDER BY a.id LIMIT $1")
        .bind(i64::from(limit))
        .fetch_all(&self.read)
        .await
    }

    /// Notes refusals as judged that say nothing of a person.
    pub async fn pass_over(&self, attempts: &[i64]) -> Result<(), StoreError> {
        if attempts.is_empty() {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        for attempt in attempts {
            sql("UPDATE attempts SET judged = TRUE WHERE id = $1")
                .bind(attempt)
                .execute(&mut tx)
                .await?;
        }
        tx.commit().await
    }

    /// How many of `domain` bounces have suppressed within an hour.
    pub async fn suppressed_lately(&self, domain: &str, now: Timestamp) -> Result<u64, StoreError> {
        let since = now.saturating_sub(HOUR).unwrap_or(Timestamp::MIN);
        let done: i64 = sql(LATELY).bind(domain).bind(micros(since)).scalar(&self.read).await?;
        Ok(done.unsigned_abs())
    }

    /// The domains of which bounces wait.
    pub async fn held_domains(&self) -> Result<Vec<String>, StoreError> {
        sql("SELECT DISTINCT domain FROM bounces WHERE state = 'held' ORDER BY domain")
            .scalars(&self.read)
            .await
    }

    /// The oldest bounces of `domain` that wait, up to `limit`.
    pub async fn held(&self, domain: &str, limit: u32) -> Result<Vec<BounceNote>, StoreError> {
        let rows: Vec<Columns> =
            sql(format!("{SELECT} WHERE state = 'held' AND domain = $1 ORDER BY id LIMIT $2"))
                .bind(domain)
                .bind(i64::from(limit))
                .fetch_all(&self.read)
                .await?;
        rows.into_iter().map(BounceNote::try_from).collect()
    }

    /// Does what was kept for later, each bounce in its row beside, as far as the hour allows: not
    /// where a mail has arrived since, or somebody has dropped it. Returns how many are
    /// suppressed now.
    pub async fn take_held(
        &self,
        key: &Key,
        waiting: &[(i64, NewBounce)],
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        self.one_by_one(&mut tx).await?;
        let mut done = 0;
        for (id, said) in waiting {
            let state: Option<String> = sql("SELECT b.state FROM bounces b \
                 JOIN subscribers s ON s.id = b.subscriber WHERE b.id = $1 AND s.email_key = $2")
            .bind(id)
            .bind(said.email.key())
            .scalar_optional(&mut tx)
            .await?;
            if state.as_deref() != Some("held") {
                continue;
            }
            let until = now.saturating_sub(PROMPT).unwrap_or(Timestamp::MIN);
            if !arrivals(&mut tx, said.subscriber, said.at, until).await?.is_empty() {
                set_state(&mut tx, *id, "noted", None).await?;
                continue;
            }
            match suppress(&mut tx, key, *id, said, now).await? {
                Taken::Held => break,
                Taken::Suppressed => done += 1,
                _ => {}
            }
        }
        tx.commit().await?;
        Ok(done)
    }

    /// Whose probe is over, and whether silence was the answer: it was sent before `silence`; else
    /// it never left.
    pub async fn probes_over(&self, silence: Timestamp) -> Result<Vec<(i64, bool)>, StoreError> {
        sql("SELECT p.subscriber, d.state || '' = 'sent' FROM probes p \
             JOIN deliveries d ON d.id = p.delivery \
             WHERE d.state || '' IN ('failed', 'skipped') \
               OR (d.state || '' = 'sent' AND d.finished_at <= $1)")
        .bind(micros(silence))
        .fetch_all(&self.read)
        .await
    }

    /// Ends the probe of `subscriber`. Where silence was the answer, their record begins anew.
    pub async fn finish_probe(
        &self,
        subscriber: i64,
        silent: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        end_probe(&mut tx, subscriber).await?;
        if silent {
            clear(&mut tx, subscriber).await?;
            let detail = "the last mail did not come back: all goes on";
            note(&mut tx, subscriber, now, "reached", detail).await?;
        }
        tx.commit().await
    }

    /// What still counts of what was said of mail to `subscriber`, the oldest first, and whether
    /// a probe is out.
    pub async fn bounces_of(&self, subscriber: i64) -> Result<(Vec<BounceNote>, bool), StoreError> {
        let rows: Vec<Columns> = sql(format!(
            "{SELECT} WHERE subscriber = $1 AND state IN ('noted', 'held') \
               AND verdict IN ('hard', 'soft') ORDER BY at, id"
        ))
        .bind(subscriber)
        .fetch_all(&self.read)
        .await?;
        let probes: i64 = sql("SELECT count(*) FROM probes WHERE subscriber = $1")
            .bind(subscriber)
            .scalar(&self.read)
            .await?;
        let notes: Result<Vec<BounceNote>, StoreError> =
            rows.into_iter().map(BounceNote::try_from).collect();
        Ok((notes?, probes > 0))
    }

    /// How many subscribers of `domain` get mail, or are paused.
    pub async fn count_domain(&self, domain: &str) -> Result<u64, StoreError> {
        let count: i64 = sql("SELECT count(*) FROM subscribers WHERE \
               substr(email_key, length(rtrim(email_key, replace(email_key, '@', ''))) + 1) = $1 \
               AND state IN ('active', 'paused')")
        .bind(domain)
        .scalar(&self.read)
        .await?;
        Ok(count.unsigned_abs())
    }

    /// How much came back since `since`. Mails are counted only where enough came back for it to
    /// matter: `hard` or `complaints`.
    pub async fn rates(
        &self,
        since: Timestamp,
        hard: u64,
        complaints: u64,
    ) -> Result<Rates, StoreError> {
        let count = |verdict: Verdict| {
            sql("SELECT count(DISTINCT delivery) FROM bounces WHERE verdict = $1 AND at > $2")
                .bind(verdict.word())
                .bind(micros(since))
                .scalar::<i64>(&self.read)
        };
        let mut rates = Rates {
            hard: count(Verdict::Hard).await?.unsigned_abs(),
            complaints: count(Verdict::Complaint).await?.unsigned_abs(),
            mails: 0,
        };
        if rates.hard >= hard || rates.complaints >= complaints {
            let mails: i64 = sql("SELECT count(*) FROM deliveries WHERE created_at > $1 \
                 AND state || '' IN ('sent', 'failed')")
            .bind(micros(since))
            .scalar(&self.read)
            .await?;
            rates.mails = mails.unsigned_abs();
        }
        Ok(rates)
    }

    /// Forgets what was said before `before`, and rests that ended then.
    pub async fn forget_bounces(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut tx: Tx = self.begin().await?;
        let gone = sql("DELETE FROM bounces WHERE at < $1 AND state <> 'held'")
            .bind(micros(before))
            .execute(&mut tx)
            .await?;
        sql("DELETE FROM domain_rests WHERE until < $1")
            .bind(micros(before))
            .execute(&mut tx)
            .await?;
        tx.commit().await?;
        Ok(gone)
    }
}
