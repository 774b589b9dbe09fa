//! `send`: the product's own drain, measured; `claim`: what of it is the database's.

use std::time::Instant;

use paperround::clock::Clock;
use paperround::store::{Claimed, Finished, Group, Recorded};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::house::{House, cpu_s, memory_mib, reset_peak};

pub(crate) async fn send(house: &House) -> anyhow::Result<Value> {
    let app = house.open(Clock::system()).await?;
    let postman = app.postman().await?;
    let before = memory_mib("VmRSS:")?;
    reset_peak()?;
    let (cpu, wall) = (cpu_s()?, Instant::now());
    let drained = postman.drain_once(&CancellationToken::new(), &|_| ()).await?;
    let (wall, cpu) = (wall.elapsed(), cpu_s()? - cpu);
    let peak = memory_mib("VmHWM:")?;
    let books = app.store.books().await?;
    anyhow::ensure!(books.balance(), "the books do not balance");
    Ok(json!({
        "mails": drained.sent,
        "wall_s": wall.as_secs_f64(),
        "cpu_s": cpu,
        "rss_before_mib": before,
        "rss_peak_mib": peak,
        "books": books,
    }))
}

/// Claims as many at a time as the engine does, and records in groups of what was sent and
/// what begins: one of each for every connection, the smallest that the engine writes.
pub(crate) async fn claim(house: &House, connections: u32) -> anyhow::Result<Value> {
    let app = house.open(Clock::system()).await?;
    let node = app.node().await?;
    let batch = connections.saturating_mul(16).clamp(64, 512);
    let (cpu, wall) = (cpu_s()?, Instant::now());
    let mut rows = 0;
    loop {
        let (claimed, _) = app.store.claim(&node, app.clock.now(), batch).await?;
        if claimed.is_empty() {
            break;
        }
        rows += claimed.len();
        let groups: Vec<&[Claimed]> = claimed.chunks(usize::try_from(connections)?).collect();
        for at in 0..=groups.len() {
            let done = at.checked_sub(1).and_then(|before| groups.get(before));
            let group = Group {
                finished: done.into_iter().flat_map(|all| all.iter().map(sent)).collect(),
                begun: groups
                    .get(at)
                    .into_iter()
                    .flat_map(|all| all.iter().map(|c| c.id))
                    .collect(),
                withdrawn: Vec::new(),
            };
            app.store.record(&node, app.clock.now(), &group, false).await?;
        }
    }
    let (wall, cpu) = (wall.elapsed(), cpu_s()? - cpu);
    let books = app.store.books().await?;
    anyhow::ensure!(books.balance() && books.waiting == 0, "all of them sent");
    Ok(json!({ "rows": rows, "wall_s": wall.as_secs_f64(), "cpu_s": cpu }))
}

fn sent(claimed: &Claimed) -> Finished {
    let what = Recorded::Sent { reply: "250 2.0.0 Ok".to_owned() };
    Finished { id: claimed.id, relay: Some("127.0.0.1".to_owned()), what }
}
