//! The scheduler: the only room that loops and sleeps. Four loops that know nothing of each
//! other: fetch, plan, send, judge what came back. Each takes one step of its room, then waits for its next due
//! moment. A step that fails, or panics, is logged and tried again; the other loops go on.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::bounce::{BounceError, Bounces, Judged};
use crate::clock::Clock;
use crate::config;
use crate::delivery::{Drained, Postman};
use crate::digest::{DigestError, Planned, Planner};
use crate::meter;
use crate::model::Zone;
use crate::source::{Collector, Report};
use crate::store::{Node, Store, StoreError};
use crate::subscription::Subscriptions;

/// The longest wait: other processes may add work of which this one does not hear.
const TICK: Duration = Duration::from_secs(15);

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
    /// This process among those that share the database.
    pub node: Arc<Node>,
}

impl Scheduler {
    /// Runs the loops until `stop`, then waits for the steps under way.
    pub async fn run(&self, stop: CancellationToken) {
        // What this process stores to be planned or sent is done at once.
        let (bell, nobody) = (self.store.bell(), Notify::new());
        let fetching = self.repeat("fetch", &stop, &nobody, |this| async move {
            this.fetch_due().await?;
            let mut next: Option<Timestamp> = None;
            for source in &this.sources {
                next = earlier(next, Some(this.due_at(source).await?));
            }
            Ok(next)
        });
        let planning = self.repeat("plan", &stop, bell.planning(), |this| async move {
            let over = this.tidy().await?;
            let due = this.store.next_due().await?;
            if due.is_some_and(|due| due <= this.clock.now()) {
                let bell = this.store.bell();
                this.plan(|_| bell.send()).await?;
                bell.send();
            }
            Ok(earlier(over, this.store.next_due().await?))
        });
        let judging = self.repeat("bounce", &stop, bell.judging(), |this| async move {
            this.judge().await?;
            Ok(None)
        });
        let cut = stop.clone();
        let sending = self.repeat("send", &stop, bell.sending(), move |this| {
            let cut = cut.clone();
            async move {
                let done = this.postman.drain_once(&cut, &|_| ()).await?;
                if done != Drained::default() {
                    let Drained { sent, deferred, failed, skipped } = done;
                    tracing::info!(sent, deferred, failed, skipped, "mail sent");
                    this.store.bell().judge();
                }
                Ok(this.store.next_attempt().await?)
            }
        });
        tokio::join!(fetching, planning, sending, judging);
    }

    /// Fetches every source that is due and that no other process is at, one after the other.
    pub async fn fetch_due(&self) -> Result<Vec<Report>, StoreError> {
        let mut reports = Vec::new();
        for source in &self.sources {
            if self.due_at(source).await? > self.clock.now() {
                continue;
            }
            let step = format!("fetch:{}", source.name);
            if !self.store.take_step(&step, &self.node).await? {
                continue;
            }
            // Another process may have been quicker.
            let fetched = if self.due_at(source).await? <= self.clock.now() {
                // Its verdict, good or bad, is recorded and logged there.
                self.collector.collect_once(source, None).await.map(Some)
            } else {
                Ok(None)
            };
            self.store.give_step(&step, &self.node).await?;
            reports.extend(fetched?);
        }
        Ok(reports)
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

    /// When `source` is to be fetched next: at once where it never was, else by its schedule
    /// after the last fetch, and not before the moment that it asked for.
    pub async fn due_at(&self, source: &config::Source) -> Result<Timestamp, StoreError> {
        let Some(last) = self.store.last_fetches(&source.name, 1).await?.into_iter().next() else {
            return Ok(self.clock.now());
        };
        let next = source.schedule.next_after(last.at, &self.zone).unwrap_or(Timestamp::MAX);
        Ok(next.max(last.not_before.unwrap_or(Timestamp::MIN)))
    }

    /// Takes `step` after `step` until `stop`. A step says when the next is due; it runs in
    /// a task of its own, so that a panic ends the step and not the loop. `wake`: the next
    /// step is due now.
    async fn repeat<S, F>(
        &self,
        name: &'static str,
        stop: &CancellationToken,
        wake: &Notify,
        step: S,
    ) where
        S: Fn(Self) -> F,
        F: Future<Output = anyhow::Result<Option<Timestamp>>> + Send + 'static,
    {
        while !stop.is_cancelled() {
            let wait = match tokio::spawn(step(self.clone())).await {
                Ok(Ok(next)) => self.until(next),
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
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = wake.notified() => {}
                () = stop.cancelled() => {}
            }
        }
    }

    fn until(&self, next: Option<Timestamp>) -> Duration {
        let Some(next) = next else { return TICK };
        let wait = next.duration_since(self.clock.now());
        // A moment that stays due (a relay rests) must not make the loop spin.
        Duration::try_from(wait).unwrap_or(Duration::ZERO).clamp(Duration::from_secs(1), TICK)
    }
}

fn earlier(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    }
}
