//! Steps that one process at a time takes, however many share the database. What a step does
//! must be safe all the same when two take it: a process can hang for longer than its lease.

use super::leases::timed;
use super::{Node, Store, StoreError, sql};

impl Store {
    /// Takes the step `name` for this process; false while another one that lives has it.
    pub async fn take_step(&self, name: &str, node: &Node) -> Result<bool, StoreError> {
        if self.try_step(name, node).await? {
            return Ok(true);
        }
        // Its holder may have died without a word.
        self.recover(node).await?;
        self.try_step(name, node).await
    }

    async fn try_step(&self, name: &str, node: &Node) -> Result<bool, StoreError> {
        let done = timed(
            "INSERT INTO steps (name, node) VALUES ($1, $2) \
             ON CONFLICT (name) DO UPDATE SET node = excluded.node \
             WHERE steps.node = excluded.node OR NOT EXISTS (SELECT 1 FROM nodes \
               WHERE nodes.name = steps.node AND NOT nodes.fenced AND nodes.lease_until > NOW)",
        )
        .bind(name)
        .bind(node.name())
        .execute(&self.write)
        .await?;
        Ok(done == 1)
    }

    /// Leaves the step to whoever comes next.
    pub async fn give_step(&self, name: &str, node: &Node) -> Result<(), StoreError> {
        sql("DELETE FROM steps WHERE name = $1 AND node = $2")
            .bind(name)
            .bind(node.name())
            .execute(&self.write)
            .await?;
        Ok(())
    }
}
