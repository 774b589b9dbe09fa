//! Acts on bounces, through the store: who is mailed no more, who gets a probe, which domain
//! rests, and who is told. Whom a report is about is proved by whoever calls. Never reads
//! reports and never sends.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::meaning_of_reply;
use super::policy::{Wear, decide};
use crate::alarms::Alarms;
use crate::clock::Clock;
use crate::config::Config;
use crate::meter;
use crate::model::{Finding, MailKind, Schedule, Timing, Verdict, Way, Zone};
use crate::notices::{NoticeError, Stationery, Translated};
use crate::render::TemplateFault;
use crate::store::{
    BounceNote, Failure, NewBounce, NewNotice, Store, StoreError, Subscriber, Taken,
};
use crate::token::Key;

/// A probe that has not come back for so long has arrived.
const SILENCE: SignedDuration = SignedDuration::from_hours(3 * 24);
/// A probe that could not leave for so long is none.
const PROBE_WITHIN: SignedDuration = SignedDuration::from_hours(2 * 24);
/// What was said is kept for so long.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Taken in one unit.
const BATCH: u32 = 64;
/// Of a domain's subscribers one in so many may be suppressed within an hour.
const ONE_IN: u64 = 50;
/// For how long a domain's size is believed, and of how many domains.
const SIZES: (SignedDuration, usize) = (SignedDuration::from_mins(10), 4_096);
/// The longest that is kept of the other side's words.
const LONGEST: usize = 300;

/// Acts: the room's one struct. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Bounces {
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) key: Key,
    pub(super) alarms: Alarms,
    probe: Translated,
    schedule: Schedule,
    zone: Zone,
    /// How many subscribers a domain has, and when that was counted.
    sizes: Arc<Mutex<HashMap<String, (Timestamp, u64)>>>,
    /// Something came back since the rates were looked at.
    fresh: Arc<AtomicBool>,
}

/// What was said of a mail to a subscriber who is proved to be meant: by a token of ours that came
/// back with it, or by a provider that has proved who it is.
#[derive(Clone, Debug)]
pub struct Said {
    /// The subscriber's row.
    pub subscriber: i64,
    /// The delivery's row, where it is known which mail was meant; else a probe is not.
    pub delivery: Option<i64>,
    /// What was said.
    pub finding: Finding,
    /// By whom.
    pub way: Way,
    /// When.
    pub at: Timestamp,
}

/// What came of it.
pub type Applied = Taken;

/// What was done in one look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Judged {
    /// Refusals by relays that were looked at.
    pub refusals: u64,
    /// Readers who are mailed no more.
    pub suppressed: u64,
    /// Probes that were sent.
    pub probed: u64,
    /// Readers whose mail arrives again.
    pub reached: u64,
    /// Alarms that were mailed.
    pub alarms: u64,
}

/// Why a bounce was not dealt with: it is to be told again later.
#[derive(Debug, thiserror::Error)]
pub enum BounceError {
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An alarm was not enqueued.
    #[error(transparent)]
    Notice(#[from] NoticeError),
}

impl Bounces {
    /// Ready to act.
    ///
    /// # Errors
    ///
    /// The probe's template does not render.
    pub fn new(
        config: &Config,
        store: Store,
        clock: Clock,
        key: Key,
        stationery: Arc<Stationery>,
    ) -> Result<Self, TemplateFault> {
        Ok(Self {
            probe: stationery.translated(MailKind::Probe, None, |probe| probe)?,
            alarms: Alarms::new(config, store.clone(), stationery),
            schedule: config.digest.schedule.clone(),
            zone: config.site.time_zone.clone(),
            store,
            clock,
            key,
            sizes: Arc::default(),
            fresh: Arc::default(),
        })
    }

    /// Does what a report is to lead to; when it returns, that outlives a power cut. The same
    /// thing said of the same mail by the same way has one effect, whenever it comes.
    pub async fn apply(&self, said: &Said) -> Result<Applied, BounceError> {
        let now = self.clock.now();
        if said.finding.verdict == Verdict::None {
            return Ok(Taken::Noted);
        }
        let Some(reader) = self.store.subscriber_in(said.subscriber).await? else {
            return Ok(Taken::Nobody);
        };
        let new = self.new_bounce(&reader, said, None, now).await?;
        let taken = self.store.take_bounce(&self.key, new.clone(), decide, now).await?;
        self.after(&[new], &[taken], now).await?;
        Ok(taken)
    }

    /// Whether [`Bounces::judge_once`] would find anything to do. Writes nothing.
    pub async fn has_work(&self) -> Result<bool, StoreError> {
        let now = self.clock.now();
        Ok(self.fresh.load(Ordering::Relaxed)
            || self.store.bounces_wait(before(now, SILENCE)).await?
            || self.may_forget(now).await?)
    }

    /// Whether anything has been kept for a day too long.
    async fn may_forget(&self, now: Timestamp) -> Result<bool, StoreError> {
        let end = before(now, KEPT + SignedDuration::from_hours(24));
        Ok(self.store.oldest_bounce().await?.is_some_and(|oldest| oldest < end))
    }

    /// Looks at what relays refused, at what waits for its domain's hour, at probes that may have
    /// been answered by silence, and at how much comes back.
    pub async fn judge_once(&self) -> Result<Judged, BounceError> {
        let now = self.clock.now();
        let mut judged = Judged::default();
        loop {
            let failures = self.store.failures(BATCH).await?;
            self.judge(&failures, &mut judged, now).await?;
            judged.refusals += failures.len() as u64;
            if failures.len() < BATCH as usize {
                break;
            }
        }
        for domain in self.store.held_domains().await? {
            judged.suppressed += self.retry(&domain, now).await?;
        }
        for (reader, silent) in self.store.probes_over(before(now, SILENCE)).await? {
            self.store.finish_probe(reader, silent, now).await?;
            judged.reached += u64::from(silent);
        }
        self.fresh.store(false, Ordering::Relaxed);
        judged.alarms += self.look_at_rates(now).await?;
        if self.may_forget(now).await? {
            self.store.forget_bounces(before(now, KEPT)).await?;
        }
        Ok(judged)
    }

    /// How a reader's mail has fared, in words; none where nothing counts against it.
    pub async fn standing(&self, reader: &Subscriber) -> Result<Option<String>, StoreError> {
        let (notes, probing) = self.store.bounces_of(reader.id).await?;
        let mut told = Vec::new();
        if let Some(held) = notes.iter().rfind(|note| note.held) {
            let status = held.status.as_deref().unwrap_or_default();
            let at = held.at;
            told.push(format!(
                "{} {status} at {at} waits: too many of its domain at once",
                held.verdict.word()
            ));
        }
        let softs: Vec<Timestamp> = notes
            .iter()
            .filter(|note| note.verdict == Verdict::Soft && !note.held)
            .map(|note| note.at)
            .collect();
        let wear = Wear::of(&softs, &[], self.clock.now());
        if wear.points > 0 {
            told.push(format!("soft on {} days, score {:.1} at most", wear.points, wear.sum));
        }
        if probing {
            told.push("a probe finds out whether mail arrives; digests wait".to_owned());
        }
        Ok((!told.is_empty()).then(|| told.join("; ")))
    }

    /// Judges refusals by relays.
    async fn judge(
        &self,
        failures: &[Failure],
        judged: &mut Judged,
        now: Timestamp,
    ) -> Result<(), BounceError> {
        if failures.is_empty() {
            return Ok(());
        }
        let (mut new, mut rest) = (Vec::new(), Vec::new());
        for one in failures {
            let (verdict, status) = match one.relay.as_str() {
                // None was asked: our own words.
                "" => (Verdict::None, None),
                _ => meaning_of_reply(&one.reply),
            };
            let reader = match verdict {
                Verdict::None => None,
                _ => self.store.subscriber_in(one.subscriber).await?,
            };
            let Some(reader) = reader else {
                rest.push(one.id);
                continue;
            };
            let finding = Finding { addr: None, verdict, status, detail: one.reply.clone() };
            let said = Said {
                subscriber: reader.id,
                delivery: Some(one.delivery),
                finding,
                way: Way::Relay,
                at: one.at(),
            };
            new.push(self.new_bounce(&reader, &said, Some(one.id), now).await?);
        }
        let taken = self.store.take_bounces(&self.key, &new, decide, now).await?;
        let count = |of| taken.iter().filter(|taken| **taken == of).count() as u64;
        judged.suppressed += count(Taken::Suppressed);
        judged.probed += count(Taken::Probed);
        self.after(&new, &taken, now).await?;
        Ok(self.store.pass_over(&rest).await?)
    }

    /// Does what was kept for later of a domain, as far as the hour allows.
    async fn retry(&self, domain: &str, now: Timestamp) -> Result<u64, BounceError> {
        let most = self.most(domain, now).await?;
        if self.store.suppressed_lately(domain, now).await? >= most {
            return Ok(0);
        }
        let mut waiting = Vec::new();
        for note in self.store.held(domain, BATCH).await? {
            if let Some(reader) = self.store.subscriber_in(note.subscriber).await? {
                let id = note.id;
                let said = said_again(note);
                waiting.push((id, self.new_bounce(&reader, &said, None, now).await?));
            }
        }
        Ok(self.store.take_held(&self.key, &waiting, now).await?)
    }

    /// Notes in the log what was taken, and tells whoever is to know.
    async fn after(
        &self,
        new: &[NewBounce],
        taken: &[Taken],
        now: Timestamp,
    ) -> Result<(), BounceError> {
        for (said, taken) in new.iter().zip(taken) {
            let known = matches!(taken, Taken::Known | Taken::Nobody);
            tracing::info!(
                subscriber = said.subscriber,
                delivery = said.delivery,
                verdict = said.verdict.word(),
                status = said.status,
                way = said.way.word(),
                taken = ?taken,
                "mail came back"
            );
            if !known {
                meter::BOUNCES.add(&[said.verdict.word(), said.way.word()], 1);
            }
            if !known && matches!(said.verdict, Verdict::Hard | Verdict::Complaint) {
                self.fresh.store(true, Ordering::Relaxed);
            }
        }
        self.tell(new, taken, now).await
    }

    async fn new_bounce(
        &self,
        reader: &Subscriber,
        said: &Said,
        attempt: Option<i64>,
        now: Timestamp,
    ) -> Result<NewBounce, StoreError> {
        let finding = &said.finding;
        let counted = matches!(finding.verdict, Verdict::Hard | Verdict::Soft);
        let most = if counted { self.most(reader.email.domain(), now).await? } else { 0 };
        let timing = Timing::of(&reader.preferences, &self.schedule, &self.zone);
        let quiet = now.saturating_add(SILENCE).unwrap_or(Timestamp::MAX);
        let expires_at = now.saturating_add(PROBE_WITHIN).unwrap_or(Timestamp::MAX);
        let plain = |text: &str| -> String {
            let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
            plain.take(LONGEST).collect()
        };
        Ok(NewBounce {
            subscriber: reader.id,
            email: reader.email.clone(),
            delivery: said.delivery,
            verdict: finding.verdict,
            way: said.way,
            status: finding.status.as_deref().map(|code| plain(code).chars().take(16).collect()),
            detail: plain(&finding.detail),
            at: said.at.min(now),
            attempt,
            most,
            probe: NewNotice {
                letter: Arc::clone(self.probe.of(reader.preferences.locale.as_ref())),
                recipient: None,
                expires_at,
                answers: None,
            },
            after_probe: timing.next_after(quiet, reader.last_digest_day),
        })
    }

    /// How many readers of `domain` may be suppressed within an hour: two in a hundred, at least
    /// one.
    async fn most(&self, domain: &str, now: Timestamp) -> Result<u64, StoreError> {
        let known = self.sizes().get(domain).copied();
        let size = match known {
            Some((at, size)) if now.duration_since(at) < SIZES.0 => size,
            _ => {
                let size = self.store.count_domain(domain).await?;
                let mut sizes = self.sizes();
                if sizes.len() >= SIZES.1 {
                    sizes.clear();
                }
                sizes.insert(domain.to_owned(), (now, size));
                size
            }
        };
        Ok((size / ONE_IN).max(1))
    }

    fn sizes(&self) -> std::sync::MutexGuard<'_, HashMap<String, (Timestamp, u64)>> {
        self.sizes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What was said when it had to wait.
fn said_again(note: BounceNote) -> Said {
    let BounceNote { subscriber, verdict, way, status, at, .. } = note;
    let finding = Finding { addr: None, verdict, status, detail: String::new() };
    Said { subscriber, delivery: None, finding, way, at }
}

pub(super) fn before(now: Timestamp, ago: SignedDuration) -> Timestamp {
    now.saturating_sub(ago).unwrap_or(Timestamp::MIN)
}
