//! Records what the desks report, in groups: while one group is being written the next one
//! gathers. What a group begins may go on the wire once the group is written. A database
//! that is away is asked again until the lease runs out; nothing new begins meanwhile.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::{Core, DeliveryError, Drained};
use crate::store::{Finished, Group, Recorded, StoreError};

/// Reports in one group at most.
const GROUP: usize = 512;
/// How long a group may grow.
const MOMENT: Duration = Duration::from_millis(1);
/// A power cut costs the memory of what was sent in so long, no more.
const DURABLE: Duration = Duration::from_secs(1);
/// The first and the longest wait before a group is written again.
const AGAIN: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// What a desk reports.
#[derive(Debug)]
pub(super) enum Report {
    /// This delivery is next on the wire; told when that is recorded.
    Begins(i64, oneshot::Sender<()>),
    /// It is not, after all: nothing of it was said but its envelope.
    Withdrawn(i64),
    /// What became of it.
    Ended(Finished),
}

impl Report {
    fn begins(&self) -> bool {
        matches!(self, Self::Begins(..))
    }
}

/// Records until no desk is left. `busy`: how many desks are at work. `ended` hears how many deliveries each group ended.
pub(super) async fn record(
    core: &Core,
    mut reports: mpsc::Receiver<Report>,
    busy: &AtomicUsize,
    drained: &mut Drained,
    ended: impl Fn(&Drained, usize),
) -> Result<(), DeliveryError> {
    let mut durable_at = Instant::now();
    let mut unsettled = Vec::new();
    let mut gathered = Vec::with_capacity(GROUP);
    while reports.recv_many(&mut gathered, GROUP).await > 0 {
        gather(&mut reports, &mut gathered, busy).await;
        let mut group = Group::default();
        let mut told = Vec::with_capacity(gathered.len());
        for report in gathered.drain(..) {
            match report {
                Report::Begins(id, tell) => {
                    forget(&mut group, id);
                    group.begun.push(id);
                    told.push(tell);
                }
                Report::Withdrawn(id) => {
                    forget(&mut group, id);
                    group.withdrawn.push(id);
                }
                Report::Ended(one) => {
                    forget(&mut group, one.id);
                    group.finished.push(one);
                }
            }
        }
        let durable = durable_at.elapsed() >= DURABLE;
        write(core, &group, durable, &mut unsettled).await?;
        if durable {
            durable_at = Instant::now();
        }
        for tell in told {
            // A desk that is gone does not wait for it.
            let _ = tell.send(());
        }
        for one in &group.finished {
            match &one.what {
                Recorded::Sent { .. } => drained.sent += 1,
                Recorded::Deferred { .. } => drained.deferred += 1,
                Recorded::Failed { .. } => drained.failed += 1,
                Recorded::Skipped { .. } => drained.skipped += 1,
                Recorded::Released => {}
            }
        }
        ended(drained, group.finished.len());
    }
    // The last word of a drain outlives a power cut.
    Ok(write(core, &Group::default(), true, &mut unsettled).await?)
}

/// A delivery stands in a group once, with the last word on it.
fn forget(group: &mut Group, id: i64) {
    group.begun.retain(|begun| *begun != id);
    group.withdrawn.retain(|withdrawn| *withdrawn != id);
}

/// Lets a group grow until every desk at work waits for it, or for a moment: a desk announces
/// its next mail while one is on the wire, so that this costs no time, and saves commits.
async fn gather(
    reports: &mut mpsc::Receiver<Report>,
    gathered: &mut Vec<Report>,
    busy: &AtomicUsize,
) {
    let begins = |all: &[Report]| all.iter().filter(|one| one.begins()).count();
    let moment = tokio::time::sleep(MOMENT);
    tokio::pin!(moment);
    while gathered.len() < GROUP && begins(gathered) < busy.load(Ordering::Relaxed) {
        tokio::select! {
            biased;
            more = reports.recv_many(gathered, GROUP) => if more == 0 { break },
            () = &mut moment => break,
        }
    }
}

/// Writes one group, again and again while the lease holds. `unsettled`: the groups since the
/// last durable one, which a database that falls over alone may forget.
async fn write(
    core: &Core,
    group: &Group,
    durable: bool,
    unsettled: &mut Vec<Group>,
) -> Result<(), StoreError> {
    let mut wait = AGAIN.0;
    let mut shaken = false;
    loop {
        let now = core.clock.now();
        let written = if shaken {
            core.store.settle(&core.node, now, unsettled, group).await
        } else {
            core.store.record(&core.node, now, group, durable).await
        };
        match written {
            Ok(()) => {
                if durable || shaken {
                    unsettled.clear();
                } else if core.store.may_forget() {
                    unsettled.push(group.clone());
                }
                return Ok(());
            }
            Err(StoreError::Fenced) => return Err(StoreError::Fenced),
            Err(error) if !core.node.holds() => return Err(error),
            Err(error) => {
                let error = anyhow::Error::new(error);
                tracing::warn!(
                    error = format!("{error:#}"),
                    "results cannot be recorded; nothing new is sent until they are"
                );
                shaken = true;
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(AGAIN.1);
            }
        }
    }
}
