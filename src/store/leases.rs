//! Leases: who works on this database, until when, and what is taken over from those who
//! are gone. One transaction marks a node as fenced, puts its claims back and marks those
//! doubtful whose bytes may have been on the wire; whoever comes second finds it done.

use super::node::LEASE;
use super::{Node, NodeRow, Pace, Sql, Store, StoreError, Tx, either, sql};

/// The database's clock, in microseconds since 1970.
const NOW: &str = "CAST(unixepoch('subsec') * 1000000 AS INTEGER)";
const NOW_POSTGRES: &str = "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)";
/// For how long the row of a fenced node is kept for people to see.
const KEPT_US: i64 = 24 * 3_600 * 1_000_000;

/// What was taken back from processes that are gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Deliveries that wait again.
    pub deliveries: u64,
    /// Those of them whose bytes may have arrived.
    pub doubtful: u64,
}

impl Store {
    /// Every node that works on this database or was fenced in the last day.
    pub async fn nodes(&self) -> Result<Vec<NodeRow>, StoreError> {
        sql(
            "SELECT n.name, n.host, n.pid, n.version, n.since, n.seen_at, n.lease_until, n.fenced, \
               (SELECT count(*) FROM deliveries d \
                WHERE d.state = 'sending' AND d.node = n.name) AS claims \
             FROM nodes n ORDER BY n.since, n.name",
        )
        .fetch_all(&self.read)
        .await
    }

    /// Takes back what processes that are gone had claimed. What was on the wire may have
    /// arrived: it is marked doubtful and goes out once more, as the same mail.
    pub async fn recover(&self, node: &Node) -> Result<Recovered, StoreError> {
        let text =
            "SELECT name, place, lease_until < NOW FROM nodes WHERE NOT fenced AND name <> $1";
        let others: Vec<(String, String, bool)> =
            timed(text).bind(node.name()).fetch_all(&self.read).await?;
        let mut recovered = Recovered::default();
        for (name, place, expired) in others {
            // A process on this machine keeps its lock while it lives, however long it hangs.
            if !node.lives(&name, &place).map_or(expired, |lives| !lives) {
                continue;
            }
            let mut tx = self.begin().await?;
            let done = fence(&mut tx, &name).await?;
            tx.commit().await?;
            recovered.deliveries += done.deliveries;
            recovered.doubtful += done.doubtful;
        }
        Ok(recovered)
    }

    /// Enters a node.
    pub(super) async fn join(&self, name: &str, place: &str) -> Result<(), StoreError> {
        let text = "INSERT INTO nodes (name, place, host, pid, version, since, seen_at, lease_until) \
             VALUES ($1, $2, $3, $4, $5, NOW, NOW, NOW + $6)";
        timed(text)
            .bind(name)
            .bind(place)
            .bind(host())
            .bind(i64::from(std::process::id()))
            .bind(env!("CARGO_PKG_VERSION"))
            .bind(lease())
            .execute(&self.write)
            .await?;
        let text = "DELETE FROM nodes WHERE fenced AND seen_at < NOW - $1";
        timed(text).bind(KEPT_US).execute(&self.write).await?;
        Ok(())
    }

    /// Renews a lease; false where it was lost.
    pub(super) async fn renew(&self, name: &str) -> Result<bool, StoreError> {
        let text = "UPDATE nodes SET seen_at = NOW, lease_until = NOW + $1 \
             WHERE name = $2 AND NOT fenced";
        let renewal = timed(text).bind(lease()).bind(name);
        Ok(self.write_at(Pace::Durable, renewal).await? == 1)
    }

    /// Takes a node out, with whatever it may still have claimed given back.
    pub(super) async fn leave(&self, name: &str) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        fence(&mut tx, name).await?;
        sql("DELETE FROM nodes WHERE name = $1").bind(name).execute(&mut tx).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// A statement in which `NOW` is the time of the database's clock.
fn timed(text: &'static str) -> Sql {
    either(text.replace("NOW", NOW), text.replace("NOW", NOW_POSTGRES))
}

/// Whether this node is not fenced. Holds its row until the transaction ends, so that nobody
/// takes it over meanwhile.
pub(super) async fn check(tx: &mut Tx, name: &str) -> Result<bool, StoreError> {
    let done = sql("UPDATE nodes SET fenced = fenced WHERE name = $1 AND NOT fenced")
        .bind(name)
        .execute(&mut *tx)
        .await?;
    Ok(done == 1)
}

/// Fences the node called `name` and puts its claims back.
async fn fence(tx: &mut Tx, name: &str) -> Result<Recovered, StoreError> {
    let done = sql("UPDATE nodes SET fenced = TRUE WHERE name = $1 AND NOT fenced")
        .bind(name)
        .execute(&mut *tx)
        .await?;
    if done == 0 {
        return Ok(Recovered::default());
    }
    let began: Vec<bool> = sql("UPDATE deliveries SET node = NULL, doubtful = doubtful OR begun, \
           state = CASE WHEN attempts > 0 THEN 'deferred' ELSE 'queued' END \
         WHERE state = 'sending' AND node = $1 RETURNING begun")
    .bind(name)
    .scalars(&mut *tx)
    .await?;
    let doubtful = began.iter().filter(|begun| **begun).count() as u64;
    let deliveries = began.len() as u64;
    Ok(Recovered { deliveries, doubtful })
}

fn lease() -> i64 {
    i64::try_from(LEASE.as_micros()).unwrap_or(i64::MAX)
}

/// The machine's name, for people.
fn host() -> String {
    std::env::var("HOSTNAME")
        .ok()
        .or_else(|| std::fs::read_to_string("/etc/hostname").ok())
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "localhost".to_owned())
}
