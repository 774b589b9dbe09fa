//! Records what the desks report, in groups: while one group is being written the next one
//! gathers. What a group begins may go on the wire once the group is written. A database
//! that is away is asked again until the lease runs out; nothing new begins meanwhile.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use super::{Core, DeliveryError, Drained};
use crate::store::{Finished, Recorded, StoreError};

/// Reports in one group at most.
const GROUP: usize = 512;
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

/// Records until no desk is left. `ended` hears how many deliveries each group ended.
pub(super) async fn record(
    core: &Core,
    mut reports: mpsc::Receiver<Report>,
    drained: &mut Drained,
    ended: impl Fn(&Drained, usize),
) -> Result<(), DeliveryError> {
    let mut on_wire = BTreeSet::new();
    let mut group = Vec::with_capacity(GROUP);
    while reports.recv_many(&mut group, GROUP).await > 0 {
        let mut finished = Vec::with_capacity(group.len());
        let mut told = Vec::with_capacity(group.len());
        for report in group.drain(..) {
            match report {
                Report::Begins(id, tell) => {
                    on_wire.insert(id);
                    told.push(tell);
                }
                Report::Withdrawn(id) => {
                    on_wire.remove(&id);
                }
                Report::Ended(one) => {
                    on_wire.remove(&one.id);
                    finished.push(one);
                }
            }
        }
        let wire: Vec<i64> = on_wire.iter().copied().collect();
        write(core, &finished, &wire).await?;
        for tell in told {
            // A desk that is gone does not wait for it.
            let _ = tell.send(());
        }
        for one in &finished {
            match &one.what {
                Recorded::Sent { .. } => drained.sent += 1,
                Recorded::Deferred { .. } => drained.deferred += 1,
                Recorded::Failed { .. } => drained.failed += 1,
                Recorded::Skipped { .. } => drained.skipped += 1,
                Recorded::Released => {}
            }
        }
        ended(drained, finished.len());
    }
    Ok(())
}

/// Writes one group, again and again while the lease holds.
async fn write(core: &Core, finished: &[Finished], on_wire: &[i64]) -> Result<(), StoreError> {
    let mut wait = AGAIN.0;
    loop {
        let now = core.clock.now();
        match core.store.record(&core.node, now, finished, on_wire).await {
            Ok(()) => return Ok(()),
            Err(StoreError::Fenced) => return Err(StoreError::Fenced),
            Err(error) if !core.node.holds() => return Err(error),
            Err(error) => {
                let error = anyhow::Error::new(error);
                tracing::warn!(
                    error = format!("{error:#}"),
                    "results cannot be recorded; nothing new is sent until they are"
                );
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(AGAIN.1);
            }
        }
    }
}
