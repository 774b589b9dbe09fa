//! The scheduler: the only room that loops and sleeps. Five loops that know nothing of each
//! other: fetch, plan, send, judge what came back, watch over it all. Each takes one step of its
//! room, then waits for its next due moment. A step that fails, or panics, is logged and tried
//! again; the other loops go on.

mod pulse;
mod rota;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::bounce::{BounceError, Bounces, Judged};
use crate::clock::Clock;
use crate::config;
use crate::delivery::{Drained, Postman};
use crate::digest::{DigestError, Planned, Planner};
use crate::meter;
use crate::model::{MailKind, Zone};
use crate::setup::Setup;
use crate::source::{Collector, Report, next_fetch};
use crate::store::{Letter, Node, Store, StoreError};
use crate::subscription::Subscriptions;
use crate::watch::{Here, Watch};
pub use pulse::Pulse;
pub use rota::Rota;
use rota::Turn;

/// The longest wait: other processes may add work of which this one does not hear.
const TICK: Duration = Duration::from_secs(15);

/// How soon it is noticed what another process has made due, such as a command that tries the
/// queue at once: people wait for that.
const HARK: Duration = Duration::from_secs(1);

/// How long the other loops may work before it is looked at what is late.
const WARM: Duration = Duration::from_secs(60);

/// How long a loop rests after a step that failed.
const REST: Duration = Duration::from_secs(10);

/// What the loops need.
#[derive(Clone)]
pub struct Scheduler {
    /// The database.
    pub store: Store,
    /// What time it is.
    pub clock: Clock,
    /// The sources, and when each is fetched.
    pub sources: Vec<config::Source>,
    /// The zone of fetch schedules.
    pub zone: Zone,
    /// Fetches.
    pub collector: Arc<Collector>,
    /// Plans.
    pub planner: Arc<Planner>,
    /// Sends.
    pub postman: Arc<Postman>,
    /// Ends pauses, and forgets who never confirmed.
    pub subscriptions: Arc<Subscriptions>,
    /// Acts on what comes back.
    pub bounces: Arc<Bounces>,
    /// Watches over it all.
    pub watch: Arc<Watch>,
    /// The configuration in force; none where it came from no file.
    pub setup: Option<Setup>,
    /// This process among those that share the database.
    pub node: Arc<Node>,
    /// Whether the loops get on.
    pub pulse: Pulse,
}

impl Scheduler {
    /// Runs the loops until `stop`, then waits for the steps under way.
    pub async fn run(&self, stop: CancellationToken) {
        Rota::new(self.clone(), stop).run().await;
    }

    /// Fetches every source that is due and that no other process is at, one after the other.
    pub async fn fetch_due(&self) -> Result<Vec<Report>, StoreError> {
        let mut reports = Vec::new();
        for source in &self.sources {
            self.pulse.beat("fetch");
            if self.due_at(source).await? > self.clock.now() {
                continue;
            }
            let step = format!("fetch:{}", source.name);
            if !self.store.take_step(&step, &self.node).await? {
                continue;
            }
            // Another process may have been quicker.
            let fetched = match self.due_at(source).await {
                // Its verdict, good or bad, is recorded and logged there.
                Ok(due) if due <= self.clock.now() => {
                    self.collector.collect_once(source, None).await.map(Some)
                }
                other => other.map(|_| None),
            };
            self.store.give_step(&step, &self.node).await?;
            reports.extend(fetched?);
        }
        Ok(reports)
    }

    /// Has the planner take note of its defaults, where they changed, unless another process plans.
    /// False where that has to be done again.
    async fn keep_up(&self) -> Result<bool, DigestError> {
        if !self.store.take_step("plan", &self.node).await? {
            return Ok(false);
        }
        let done = self.planner.keep_up().await;
        self.store.give_step("plan", &self.node).await?;
        done.map(|()| true)
    }

    /// Plans whoever is due, unless another process is at it.
    pub async fn plan(&self, progress: impl Fn(u64)) -> Result<Planned, DigestError> {
        if !self.store.take_step("plan", &self.node).await? {
            return Ok(Planned::default());
        }
        let planned = self.planner.plan_once(progress).await;
        self.store.give_step("plan", &self.node).await?;
        planned
    }

    /// Ends pauses that are over and forgets who never confirmed, unless another process is at
    /// it. Returns when the next pause ends.
    pub async fn tidy(&self) -> Result<Option<Timestamp>, StoreError> {
        if !self.store.take_step("tidy", &self.node).await? {
            return Ok(None);
        }
        let done = self.subscriptions.tidy_once().await;
        self.store.give_step("tidy", &self.node).await?;
        done
    }

    /// Keeps the numbers of each day, for charts, every ten minutes, unless another process is at
    /// it.
    async fn keep_figures(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        if !self.store.day_figures_due(now).await?
            || !self.store.take_step("figures", &self.node).await?
        {
            return Ok(());
        }
        let kept = self.store.keep_day_figures(&self.zone, now).await;
        self.store.give_step("figures", &self.node).await?;
        kept.map(drop)
    }

    /// Judges what came back, if anything did, unless another process is at it.
    pub async fn judge(&self) -> Result<Judged, BounceError> {
        if !self.bounces.has_work().await? || !self.store.take_step("bounce", &self.node).await? {
            return Ok(Judged::default());
        }
        let judged = self.bounces.judge_once().await;
        self.store.give_step("bounce", &self.node).await?;
        let judged = judged?;
        if judged != Judged::default() {
            let Judged { refusals, suppressed, probed, reached, alarms } = judged;
            tracing::info!(refusals, suppressed, probed, reached, alarms, "bounces judged");
        }
        Ok(judged)
    }

    /// Tells webhooks what they are to be told, unless another process is at it.
    pub async fn post(&self) -> anyhow::Result<()> {
        if self.store.due_posts(self.clock.now(), 1).await?.is_empty()
            || !self.store.take_step("post", &self.node).await?
        {
            return Ok(());
        }
        let done = self.watch.post_once().await;
        self.store.give_step("post", &self.node).await?;
        Ok(done?)
    }

    /// Looks whether anything needs a person: at this process, and, unless another one is at it,
    /// at what all share.
    pub async fn look(&self) -> anyhow::Result<()> {
        let down = self.postman.down().into_iter();
        let state = self.setup.as_ref().and_then(Setup::in_force);
        let refused = state.and_then(|state| state.refused.clone());
        let here = Here {
            host: self.node.host(),
            relays: down.map(|down| (down.relay, down.lasted, down.reason)).collect(),
            fenced: !self.node.holds(),
            refused: refused.map(|refused| refused.words()),
        };
        self.watch.watch_here(&here).await?;
        if !self.store.take_step("watch", &self.node).await? {
            return Ok(());
        }
        let done = self.look_at_all().await;
        self.store.give_step("watch", &self.node).await?;
        done
    }

    async fn look_at_all(&self) -> anyhow::Result<()> {
        if self.watch.wants_canary().await? {
            let found = self.planner.preview(None).await?;
            let letter = found.map(|found| Letter {
                kind: MailKind::Canary,
                marker: found.digest.marker,
                subject: found.digest.subject,
                html: found.digest.html,
                text: found.digest.text,
                letterhead: found.digest.letterhead,
            });
            self.watch.let_fly(letter).await?;
        }
        self.watch.watch_once().await?;
        self.bounces.look_at_rates(self.clock.now()).await?;
        Ok(())
    }

    /// When `source` is to be fetched next: at once where it never was, else by its schedule
    /// after the last fetch, and not before the moment that it asked for.
    pub async fn due_at(&self, source: &config::Source) -> Result<Timestamp, StoreError> {
        let now = self.clock.now();
        let last = self.store.last_fetches(&source.name, now, 1).await?.into_iter().next();
        Ok(next_fetch(source, last.as_ref(), &self.zone, now))
    }

    fn until(&self, next: Option<Timestamp>) -> Duration {
        let Some(next) = next else { return TICK };
        let wait = next.duration_since(self.clock.now());
        // A moment that stays due (a relay rests) must not make the loop spin.
        Duration::try_from(wait).unwrap_or(Duration::ZERO).clamp(Duration::from_secs(1), TICK)
    }
}

impl Rota {
    /// Runs the loops until the stop, then waits for the steps under way. Each step takes the
    /// parts that are in force when it begins.
    pub async fn run(&self) {
        // What this process stores to be planned or sent is done at once.
        let store = self.parts().store;
        let bell = store.bell();
        let fetching = self.repeat("fetch", self.fetching(), |turn| async move {
            let this = &turn.parts;
            this.fetch_due().await?;
            let mut next: Option<Timestamp> = None;
            for source in &this.sources {
                next = earlier(next, Some(this.due_at(source).await?));
            }
            Ok(next)
        });
        let planning = self.repeat("plan", bell.planning(), |turn| async move {
            let this = &turn.parts;
            if turn.is_new() && this.keep_up().await? {
                turn.is_noted();
            }
            let over = this.tidy().await?;
            let due = this.store.next_due().await?;
            if due.is_some_and(|due| due <= this.clock.now()) {
                let bell = this.store.bell();
                let planned = |_| {
                    this.pulse.beat("plan");
                    bell.send();
                };
                this.plan(planned).await?;
                bell.send();
            }
            Ok(earlier(over, this.store.next_due().await?))
        });
        let judging = self.repeat("bounce", bell.judging(), |turn| async move {
            turn.parts.judge().await?;
            turn.parts.keep_figures().await?;
            Ok(None)
        });
        let sending = self.repeat("send", bell.sending(), |turn| async move {
            let this = &turn.parts;
            let sent = |_| this.pulse.beat("send");
            let done = this.postman.drain_until(&turn.cut, &turn.stop, &sent).await?;
            if done != Drained::default() {
                let Drained { sent, deferred, failed, skipped } = done;
                tracing::info!(sent, deferred, failed, skipped, "mail sent");
                this.store.bell().judge();
            }
            Ok(this.store.next_attempt().await?)
        });
        let begun = Instant::now();
        let watching = self.repeat("watch", bell.watching(), move |turn| async move {
            meter::tend();
            turn.parts.post().await?;
            // What was late when this process began is being done.
            if begun.elapsed() >= WARM {
                turn.parts.look().await?;
            }
            Ok(None)
        });
        tokio::join!(fetching, planning, sending, judging, watching, self.hark());
    }

    /// Rings for the sending when mail has become due of which nothing in this process has told.
    /// Only reads, by an index; what stays due rings once, as a relay may rest.
    async fn hark(&self) {
        let stop = self.stop();
        let mut heard: Option<Timestamp> = None;
        loop {
            tokio::select! {
                () = tokio::time::sleep(HARK) => {}
                () = stop.cancelled() => return,
            }
            let this = self.parts();
            // A database that does not answer is told of by the steps.
            let Ok(next) = this.store.next_attempt().await else { continue };
            let due = next.filter(|next| *next <= this.clock.now());
            if due.is_some() && due != heard {
                this.store.bell().send();
            }
            heard = due;
        }
    }

    /// Takes `step` after `step` until the stop. A step says when the next is due; it runs in
    /// a task of its own, so that a panic ends the step and not the loop. `wake`: the next
    /// step is due now.
    async fn repeat<S, F>(&self, name: &'static str, wake: &Notify, step: S)
    where
        S: Fn(Arc<Turn>) -> F,
        F: Future<Output = anyhow::Result<Option<Timestamp>>> + Send + 'static,
    {
        let stop = self.stop();
        while !stop.is_cancelled() {
            let turn = self.turn();
            let pulse = turn.parts.pulse.clone();
            pulse.beat(name);
            let span = tracing::debug_span!("step", name);
            let wait = match tokio::spawn(step(Arc::clone(&turn)).instrument(span)).await {
                // Its sending was cut: another postman goes on at once.
                Ok(Ok(_)) if name == "send" && turn.cut.is_cancelled() => Duration::ZERO,
                Ok(Ok(next)) => turn.parts.until(next),
                Ok(Err(error)) => {
                    meter::STEP_FAILURES.add(&[name], 1);
                    tracing::error!(step = name, error = format!("{error:#}"), "step failed");
                    REST
                }
                Err(error) => {
                    meter::STEP_FAILURES.add(&[name], 1);
                    tracing::error!(step = name, %error, "step ended in a panic");
                    REST
                }
            };
            pulse.beat(name);
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = wake.notified() => {}
                () = stop.cancelled() => {}
            }
        }
        self.parts().pulse.end(name);
    }
}

fn earlier(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    }
}
