//! One drain: claims in batches, keeps every relay's desks busy, and has the results
//! recorded, until nothing is due, every relay rests, or the stop.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use futures_util::future::{FutureExt, join_all};
use futures_util::stream::{FuturesUnordered, StreamExt};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::dispatch::Refused;
use super::record::{Report, record};
use super::{Core, DeliveryError, Drained, Job, Parts, desk, nobody, retry};
use crate::meter;
use crate::model::Outcome;
use crate::store::{Claimed, Finished, Recorded};

/// Deliveries claimed at a time: for each connection so many, and within these bounds.
const EACH: u32 = 16;
const BATCH: (u32, u32) = (64, 512);
/// How long a stop waits for mails in flight.
const GRACE: Duration = Duration::from_secs(25);
/// How often more work is looked for while the last of it is under way.
const LOOK: Duration = Duration::from_secs(1);
/// Once all that was due has been claimed, the queue may fill for so long: in a rush of sign-ups
/// each claim, which is a writing of its own, would else bring a handful.
const GATHER: Duration = Duration::from_millis(20);
/// How often it is counted what relays with a `ramp_up` sent, here and by other processes.
const RECALL: Duration = Duration::from_secs(60);

/// What the desks share.
pub(super) struct Shift {
    pub(super) core: Arc<Core>,
    /// No more mails are begun.
    pub(super) closing: CancellationToken,
    /// There may be something to do.
    pub(super) wake: Notify,
    under_way: Arc<UnderWay>,
    reports: mpsc::Sender<Report>,
}

/// Deliveries claimed and not yet recorded as ended.
#[derive(Default)]
struct UnderWay {
    count: AtomicUsize,
    /// Some were.
    ended: Notify,
    /// Desks at work on one.
    busy: AtomicUsize,
}

/// Drains once.
pub(super) async fn run(
    core: &Arc<Core>,
    cut: &CancellationToken,
    stop: &CancellationToken,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Drained, DeliveryError> {
    // Claims of a shift that ended badly were given up with it.
    drop(core.dispatch().begin_anew());
    core.rests.forget();
    let (reports, inbox) = mpsc::channel(4_096);
    let shift = Arc::new(Shift {
        core: Arc::clone(core),
        closing: CancellationToken::new(),
        wake: Notify::new(),
        under_way: Arc::default(),
        reports,
    });
    let under_way = Arc::clone(&shift.under_way);
    let mut desks = desks(&shift);
    let mut drained = Drained::default();
    let ended = {
        // Not the shift itself: that holds the sender whose end ends the recording.
        let under_way = Arc::clone(&shift.under_way);
        move |drained: &Drained, count: usize| {
            progress(drained.total());
            under_way.count.fetch_sub(count, SeqCst);
            under_way.ended.notify_one();
        }
    };
    let working = async move {
        let mut skipped = 0;
        let claimed = tokio::select! {
            claimed = shift.claim(cut, &mut skipped) => claimed,
            // A desk ends before the shift closes only if nothing can be recorded any more.
            ended = desks.next() => ended.unwrap_or(Ok(())),
        };
        shift.closing.cancel();
        shift.wake.notify_waiters();
        let finish = async {
            let mut all = Ok(());
            while let Some(ended) = desks.next().await {
                all = all.and(ended);
            }
            all
        };
        // Only a stop is in a hurry: a slow answer is better waited for than mailed again.
        let hurry = async {
            stop.cancelled().await;
            tokio::time::sleep(GRACE).await;
        };
        let whole = tokio::select! {
            ended = finish => ended.map(|()| true),
            () = hurry => Ok(false),
        };
        // What was claimed but not begun goes back as it was.
        let left = core.dispatch().drain();
        for job in left {
            shift.release(&job.claimed).await;
        }
        (claimed.and(whole), skipped)
    };
    let recording = record(core, inbox, &under_way.busy, &mut drained, ended);
    let ((claimed, skipped), recorded) = tokio::join!(working, recording);
    recorded?;
    if !claimed? {
        tracing::warn!("mails in flight are cut off; they count as doubtful");
        core.node.give_up();
    }
    drained.skipped += skipped;
    Ok(drained)
}

/// A desk at work.
pub(super) struct AtWork<'a>(&'a AtomicUsize);

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

type Desks = FuturesUnordered<Pin<Box<dyn Future<Output = Result<(), DeliveryError>> + Send>>>;

/// The desks of all relays, at work. One core carries all of them, and best without handing
/// work from core to core, unless each mail costs a signature that takes longer than
/// everything else: then they are spread over the cores.
fn desks(shift: &Arc<Shift>) -> Desks {
    let all = shift.core.relays.iter().enumerate().flat_map(|(at, relay)| {
        (0..relay.connections).map(move |_| desk::work(Arc::clone(shift), at))
    });
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    if cores == 1 || !shift.core.composer.is_slow() {
        return all
            .map(|desk| {
                async {
                    desk.await;
                    Ok(())
                }
                .boxed()
            })
            .collect();
    }
    let mut shares: Vec<Vec<_>> = (0..cores).map(|_| Vec::new()).collect();
    for (at, desk) in all.enumerate() {
        shares[at % cores].push(desk);
    }
    let share = |desks: Vec<_>| {
        // Ends with this drain, however that ends.
        let task = AbortOnDropHandle::new(tokio::spawn(join_all(desks)));
        async { task.await.map(|_| ()).map_err(|_| DeliveryError::Panic) }.boxed()
    };
    // A share without a desk would seem to have ended.
    shares.into_iter().filter(|share| !share.is_empty()).map(share).collect()
}

impl Shift {
    /// Claims whenever little is left, until there is nothing to claim and nothing under way.
    async fn claim(
        &self,
        stop: &CancellationToken,
        skipped: &mut u64,
    ) -> Result<(), DeliveryError> {
        let core = &self.core;
        let connections: u32 = core.relays.iter().map(|relay| relay.connections).sum();
        let batch = connections.saturating_mul(EACH).clamp(BATCH.0, BATCH.1);
        let mut recalled = None;
        let mut gathers: Option<Instant> = None;
        loop {
            let (wants, works) = {
                let (mut dispatch, now) = (core.dispatch(), Instant::now());
                (dispatch.wants(batch as usize / 2, now), dispatch.works(now))
            };
            if stop.is_cancelled() || !core.node.holds() {
                return Ok(());
            }
            if recalled.is_none_or(|at: Instant| at.elapsed() > RECALL) {
                self.recall().await?;
                recalled = Some(Instant::now());
            }
            if !works && self.under_way.count.load(SeqCst) == 0 {
                return Ok(());
            }
            let gather = gathers.map(|until| until.saturating_duration_since(Instant::now()));
            let gather = gather.filter(|left| !left.is_zero());
            if works && wants > 0 && gather.is_none() {
                let now = core.clock.now();
                core.rests.look(&core.store, now).await?;
                let most = batch.min(u32::try_from(wants).unwrap_or(batch));
                let (claimed, over) = core.store.claim(&core.node, now, most).await?;
                *skipped += over;
                meter::SKIPPED.add(&[], over);
                let count = claimed.len();
                self.under_way.count.fetch_add(count, SeqCst);
                for one in claimed {
                    let job = self.job(one).await?;
                    self.put(job).await;
                }
                self.wake.notify_waiters();
                let was_all = (count as u64).saturating_add(over) < u64::from(most);
                gathers = was_all.then(|| Instant::now() + GATHER);
                if count > 0 || over > 0 {
                    continue;
                }
                if self.under_way.count.load(SeqCst) == 0 {
                    return Ok(());
                }
            }
            tokio::select! {
                () = self.under_way.ended.notified() => {}
                () = tokio::time::sleep(gather.unwrap_or(LOOK).min(LOOK)) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    /// Tells the dispatch how much relays that are new to the world have sent today.
    async fn recall(&self) -> Result<(), DeliveryError> {
        let core = &self.core;
        let today = core.clock.now().to_zoned(TimeZone::UTC);
        for (at, relay) in core.relays.iter().enumerate().filter(|(_, one)| one.ramp_up.is_some()) {
            let midnight = today.start_of_day().map_or(today.timestamp(), |day| day.timestamp());
            let (first, count) = core.store.sent_by(&relay.name, midnight).await?;
            let first = first.map(|at| at.to_zoned(TimeZone::UTC).date());
            core.dispatch().recall(at, first, today.date(), count);
        }
        Ok(())
    }

    /// A claimed delivery with the mould of its digest.
    async fn job(&self, claimed: Claimed) -> Result<Job, DeliveryError> {
        let core = &self.core;
        let id = claimed.digest;
        if let Some(plate) = core.moulds.get(id) {
            return Ok(Job { claimed, plate, faults: 0 });
        }
        let digest = core.store.digest(id).await?.ok_or(DeliveryError::NoDigest(id))?;
        let parts = Parts {
            kind: digest.kind,
            marker: &digest.marker,
            subject: &digest.subject,
            html: &digest.html,
            text: &digest.text,
            day: digest.day,
            letterhead: &digest.letterhead,
        };
        let plate =
            core.composer.mould(&parts).map_err(|error| DeliveryError::Compose(id, error))?;
        Ok(Job { claimed, plate: core.moulds.put(id, plate), faults: 0 })
    }

    /// Hands a job to the relay that shall send it.
    pub(super) async fn put(&self, job: Job) {
        let domain = job.claimed.email.domain().to_owned();
        if job.claimed.kind.is_digest()
            && let Some((wait, reason)) = self.core.rests.of(&domain, self.core.clock.now())
        {
            return self.refuse((job, Refused::Rests { wait, reason })).await;
        }
        let refused = self.core.dispatch().put(&domain, job, Instant::now());
        if let Err(refused) = refused {
            self.refuse(refused).await;
        }
    }

    /// Records jobs that no relay can take now.
    pub(super) async fn refuse(&self, refused: (Job, Refused)) {
        let (job, why) = refused;
        let claimed = &job.claimed;
        let what = match why {
            Refused::Nobody => Recorded::Failed { reply: nobody(claimed.email.domain()) },
            Refused::Rests { wait, reason } => {
                let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::ZERO);
                // Spread, so that a relay that is back is not met by a crowd at once.
                let spread = SignedDuration::from_millis(claimed.id.rem_euclid(60) * 100);
                let at = self.core.clock.now().saturating_add(wait + spread);
                Recorded::Deferred {
                    next_attempt_at: at.unwrap_or(jiff::Timestamp::MAX),
                    counts: false,
                    doubtful: false,
                    reply: reason,
                }
            }
        };
        self.report(Report::Ended(Finished { id: claimed.id, relay: None, what })).await;
    }

    /// What an outcome means for the delivery.
    pub(super) async fn end(&self, claimed: &Claimed, relay: &str, outcome: Outcome, doubt: bool) {
        let now = self.core.clock.now();
        let later = |attempts| retry::next_attempt(&self.core.retry, attempts, claimed.id, now);
        let deferred = |attempts, counts, reply| Recorded::Deferred {
            next_attempt_at: later(attempts),
            counts,
            doubtful: doubt,
            reply,
        };
        let what = match outcome {
            Outcome::Sent(reply) => Recorded::Sent { reply },
            Outcome::Failed(reply) => {
                tracing::warn!(
                    delivery = claimed.id,
                    to = self.core.who(&claimed.email),
                    relay,
                    reply = %self.core.cleaned(&reply),
                    "refused for good"
                );
                Recorded::Failed { reply }
            }
            Outcome::Deferred(reply) => {
                let said = self.core.cleaned(&reply);
                tracing::info!(delivery = claimed.id, relay, reply = %said, "deferred");
                deferred(claimed.attempts + 1, true, reply)
            }
            Outcome::RelayDown(reply) => deferred(1, false, reply),
        };
        let finished = Finished { id: claimed.id, relay: Some(relay.to_owned()), what };
        self.report(Report::Ended(finished)).await;
    }

    async fn release(&self, claimed: &Claimed) {
        let what = Recorded::Released;
        self.report(Report::Ended(Finished { id: claimed.id, relay: None, what })).await;
    }

    /// Counts a desk as at work until what is returned is dropped.
    pub(super) fn at_work(&self) -> AtWork<'_> {
        self.under_way.busy.fetch_add(1, SeqCst);
        AtWork(&self.under_way.busy)
    }

    /// Says that this delivery goes on the wire next; heard when that is recorded.
    pub(super) async fn begin(&self, delivery: i64) -> oneshot::Receiver<()> {
        let (tell, told) = oneshot::channel();
        self.report(Report::Begins(delivery, tell)).await;
        told
    }

    /// Where nobody records any more, the shift is over and its claims are given up.
    pub(super) async fn report(&self, report: Report) {
        if self.reports.send(report).await.is_err() {
            self.closing.cancel();
        }
    }
}
