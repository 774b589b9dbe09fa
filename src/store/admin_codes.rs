//! Codes of the admin pages' accounts: what their secrets are derived from, which of them are used
//! up, and the recovery codes for when the telephone is lost, as keyed hashes. Every change that a
//! person makes is written to the audit log in the same unit. Knows no secret.

use jiff::Timestamp;

use super::audit::{self, NewAudit};
use super::{Store, StoreError, Tx, sql};

impl Store {
    /// Notes what the secret of codes is derived from while they are being set up.
    pub async fn prepare_codes(&self, id: i64, seed: &str) -> Result<(), StoreError> {
        sql("UPDATE admins SET totp_next = $1 WHERE id = $2")
            .bind(seed)
            .bind(id)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// Asks for codes from here on: those derived from `seed`, used up to `step`; and `recovery`,
    /// the keyed hashes of codes for when the telephone is lost. False where another seed was
    /// noted meanwhile.
    pub async fn begin_codes(
        &self,
        id: i64,
        (seed, step): (&str, i64),
        recovery: &[String],
        entry: &NewAudit,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let done = sql("UPDATE admins SET totp = totp_next, totp_next = NULL, totp_step = $1 \
             WHERE id = $2 AND totp_next = $3")
        .bind(step)
        .bind(id)
        .bind(seed)
        .execute(&mut tx)
        .await?;
        if done == 0 {
            tx.rollback().await?;
            return Ok(false);
        }
        put_recovery(&mut tx, id, recovery).await?;
        audit::write(&mut tx, entry, now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Asks for no codes any more.
    pub async fn end_codes(
        &self,
        id: i64,
        entry: &NewAudit,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        sql("UPDATE admins SET totp = NULL, totp_next = NULL WHERE id = $1")
            .bind(id)
            .execute(&mut tx)
            .await?;
        put_recovery(&mut tx, id, &[]).await?;
        audit::write(&mut tx, entry, now).await?;
        tx.commit().await
    }

    /// Uses up the codes of `step` and all before it. False where they were used up already.
    pub async fn use_step(&self, id: i64, step: i64) -> Result<bool, StoreError> {
        let done = sql("UPDATE admins SET totp_step = $1 WHERE id = $2 AND totp_step < $1")
            .bind(step)
            .bind(id)
            .execute(&self.write)
            .await?;
        Ok(done > 0)
    }

    /// Uses up a recovery code. Says how many are left, or none where it is not good.
    pub async fn use_recovery(
        &self,
        id: i64,
        hash: &str,
        entry: &NewAudit,
        now: Timestamp,
    ) -> Result<Option<i64>, StoreError> {
        let mut tx = self.begin().await?;
        let done = sql("DELETE FROM admin_recovery WHERE admin = $1 AND hash = $2")
            .bind(id)
            .bind(hash)
            .execute(&mut tx)
            .await?;
        if done == 0 {
            tx.rollback().await?;
            return Ok(None);
        }
        let left = count_recovery(&mut tx, id).await?;
        audit::write(&mut tx, entry, now).await?;
        tx.commit().await?;
        Ok(Some(left))
    }

    /// How many recovery codes are left.
    pub async fn recovery_left(&self, id: i64) -> Result<i64, StoreError> {
        sql("SELECT count(*) FROM admin_recovery WHERE admin = $1")
            .bind(id)
            .scalar(&self.read)
            .await
    }
}

async fn count_recovery(tx: &mut Tx, id: i64) -> Result<i64, StoreError> {
    sql("SELECT count(*) FROM admin_recovery WHERE admin = $1").bind(id).scalar(tx).await
}

async fn put_recovery(tx: &mut Tx, id: i64, hashes: &[String]) -> Result<(), StoreError> {
    sql("DELETE FROM admin_recovery WHERE admin = $1").bind(id).execute(&mut *tx).await?;
    for hash in hashes {
        sql("INSERT INTO admin_recovery (admin, hash) VALUES ($1, $2)")
            .bind(id)
            .bind(hash)
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}
