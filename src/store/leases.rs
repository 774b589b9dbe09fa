//! Leases: who works on this database, until when, and what is taken over from those who
//! are gone. One transaction marks a node as fenced, puts its claims back and marks those
//! doubtful whose bytes may have been on the wire; whoever comes second finds it done.

use std::collections::{BTreeMap, BTreeSet};

use super::node::{LEASE, Standing};
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

impl Recovered {
    fn add(&mut self, more: Self) {
        self.deliveries += more.deliveries;
        self.doubtful += more.doubtful;
    }
}

impl Store {
    /// Every node that works on this database or was fenced in the last day.
    pub async fn nodes(&self) -> Result<Vec<NodeRow>, StoreError> {
        timed(
            "SELECT n.name, n.host, n.pid, n.version, n.since, n.seen_at, n.lease_until, n.fenced, \
               n.lease_until < NOW AS expired, \
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
            recovered.add(done);
        }
        // Claims of nodes that are not in the table any more, or never were in this database.
        let orphaned: Vec<String> =
            sql("SELECT DISTINCT node FROM deliveries WHERE state = 'sending' AND node NOT IN \
               (SELECT name FROM nodes WHERE NOT fenced)")
            .scalars(&self.read)
            .await?;
        for name in orphaned {
            let mut tx = self.begin().await?;
            let done = give_back(&mut tx, &name).await?;
            tx.commit().await?;
            recovered.add(done);
        }
        Ok(recovered)
    }

    /// Enters a node, unless it would work beside others with another key or configuration.
    /// `lives`: whether the node of that name in that place does, where that is known.
    pub(super) async fn join(
        &self,
        name: &str,
        place: &str,
        standing: &Standing,
        lives: impl Fn(&str, &str) -> Option<bool>,
    ) -> Result<(), StoreError> {
        let facts = serde_json::to_string(&standing.facts).unwrap_or_default();
        let mut tx = self.begin().await?;
        // Of two that come at once, the second sees the first.
        either("SELECT 1", "LOCK TABLE nodes IN SHARE ROW EXCLUSIVE MODE").execute(&mut tx).await?;
        let others: Vec<(String, String, String, String, bool)> = timed(
            "SELECT name, place, key_mark, facts, lease_until < NOW FROM nodes WHERE NOT fenced",
        )
        .fetch_all(&mut tx)
        .await?;
        let others = others
            .into_iter()
            .filter(|(name, place, .., expired)| lives(name, place).unwrap_or(!expired))
            .collect::<Vec<_>>();
        for (other, _, key_mark, theirs, _) in &others {
            if let Some(reason) = standing.against(other, key_mark, theirs) {
                return Err(StoreError::Stranger { place: self.place.clone(), reason });
            }
        }
        self.check_key(&mut tx, standing).await?;
        timed(
            "INSERT INTO nodes (name, place, host, pid, version, since, seen_at, lease_until, \
               key_mark, facts) VALUES ($1, $2, $3, $4, $5, NOW, NOW, NOW + $6, $7, $8)",
        )
        .bind(name)
        .bind(place)
        .bind(crate::machine::host())
        .bind(i64::from(std::process::id()))
        .bind(env!("CARGO_PKG_VERSION"))
        .bind(lease())
        .bind(&standing.key_mark)
        .bind(facts)
        .execute(&mut tx)
        .await?;
        timed("DELETE FROM nodes WHERE fenced AND seen_at < NOW - $1")
            .bind(KEPT_US)
            .execute(&mut tx)
            .await?;
        tx.commit().await
    }

    /// Notes what the configuration of a node says now.
    pub(super) async fn restate(&self, name: &str, standing: &Standing) -> Result<(), StoreError> {
        let facts = serde_json::to_string(&standing.facts).unwrap_or_default();
        let restated = sql("UPDATE nodes SET facts = $1 WHERE name = $2").bind(facts).bind(name);
        self.write_at(Pace::Durable, restated).await.map(|_| ())
    }

    /// How the other nodes at work differ from `node`, in words.
    pub(super) async fn apart(
        &self,
        node: &Node,
        standing: &Standing,
    ) -> Result<Vec<String>, StoreError> {
        let others: Vec<(String, String, String, String, bool)> = timed(
            "SELECT name, place, key_mark, facts, lease_until < NOW FROM nodes \
             WHERE NOT fenced AND name <> $1",
        )
        .bind(node.name())
        .fetch_all(&self.read)
        .await?;
        let lives =
            |name: &str, place: &str, expired: bool| node.lives(name, place).unwrap_or(!expired);
        let others =
            others.iter().filter(|(name, place, .., expired)| lives(name, place, *expired));
        Ok(others
            .filter_map(|(name, _, key_mark, facts, _)| standing.against(name, key_mark, facts))
            .collect())
    }

    /// Refuses another key than the one that the waiting mails are named by.
    async fn check_key(&self, tx: &mut Tx, standing: &Standing) -> Result<(), StoreError> {
        let known: Option<String> = sql("SELECT value FROM settings WHERE name = 'key-mark'")
            .scalar_optional(&mut *tx)
            .await?;
        if known.as_ref() == Some(&standing.key_mark) {
            return Ok(());
        }
        let waiting: i64 =
            sql("SELECT count(*) FROM deliveries WHERE state IN ('queued', 'sending', 'deferred')")
                .scalar(&mut *tx)
                .await?;
        if known.is_some() && waiting > 0 {
            let reason = format!(
                "it was used with another key, and {waiting} mails that bear that key's marks \
                 still wait; put the old paperround.key back into site.data_dir, from a backup \
                 or from the machine that ran it"
            );
            return Err(StoreError::Stranger { place: self.place.clone(), reason });
        }
        if known.is_some() {
            tracing::warn!("the database was used with another key; this one counts from now on");
        }
        sql("INSERT INTO settings (name, value) VALUES ('key-mark', $1) \
             ON CONFLICT (name) DO UPDATE SET value = excluded.value")
        .bind(&standing.key_mark)
        .execute(&mut *tx)
        .await?;
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

impl Standing {
    /// What speaks against working beside the node `other`, in words.
    fn against(&self, other: &str, key_mark: &str, facts: &str) -> Option<String> {
        if key_mark != self.key_mark {
            return Some(format!(
                "the process {other} works on it with another key; give all nodes the same \
                 paperround.key in site.data_dir"
            ));
        }
        let theirs: BTreeMap<String, String> = serde_json::from_str(facts).unwrap_or_default();
        let names = self.facts.keys().chain(theirs.keys());
        let names: BTreeSet<&String> = names.collect();
        let say = |facts: &BTreeMap<String, String>, name: &String| {
            facts.get(name).map_or("nothing".to_owned(), |value| format!("{value:?}"))
        };
        let differ: Vec<String> = names
            .into_iter()
            .filter(|name| self.facts.get(*name) != theirs.get(*name))
            .map(|name| {
                format!("{name} = {} and not {}", say(&theirs, name), say(&self.facts, name))
            })
            .collect();
        (!differ.is_empty()).then(|| {
            let what = if self.facts.get("mail.from") == theirs.get("mail.from") {
                "configuration"
            } else {
                "sender"
            };
            format!(
                "the process {other} works on it with another {what} ({}); give all nodes the same \
                 configuration, or stop the others first",
                differ.join(", ")
            )
        })
    }
}

/// A statement in which `NOW` is the time of the database's clock.
pub(super) fn timed(text: &'static str) -> Sql {
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
    give_back(tx, name).await
}

/// Puts back what a node that is gone had claimed.
async fn give_back(tx: &mut Tx, name: &str) -> Result<Recovered, StoreError> {
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
