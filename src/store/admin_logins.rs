//! Sessions of the admin pages, and tries to log in. A session's cookie and all names and networks
//! of tries are here as hashes only.

use jiff::{SignedDuration, Timestamp};

use super::admins::{Account, COLUMNS, Columns};
use super::audit::{self, NewAudit};
use super::{Store, StoreError, Tx, instant, micros, sql};

/// A session to be begun.
#[derive(Clone, Debug)]
pub struct NewSession<'a> {
    /// The hash of its cookie.
    pub hash: &'a str,
    /// Whose.
    pub account: &'a Account,
    /// The masked network that it is begun from.
    pub network: &'a str,
    /// The same as a keyed hash, to be known again.
    pub network_mark: &'a str,
    /// What the browser calls itself.
    pub agent: &'a str,
}

/// A session as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminSession {
    /// Its row.
    pub id: i64,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it was last seen, to a minute.
    pub seen_at: Timestamp,
    /// When its password was last given.
    pub proved_at: Timestamp,
    /// The masked network that it was begun from.
    pub network: String,
    /// What the browser calls itself.
    pub agent: String,
}

/// What came of wishing to try a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tried {
    /// It may be tried; it counts as failed until [`Store::forgive`].
    May(i64),
    /// Not before then.
    Wait(Timestamp),
}

#[derive(sqlx::FromRow)]
struct SessionColumns {
    session: i64,
    begun_at: i64,
    seen_at: i64,
    proved_at: i64,
    network: String,
    agent: String,
    #[sqlx(flatten)]
    account: Columns,
}

type SessionRow = (i64, i64, i64, i64, String, String);

/// Tries count for so long.
const MEMORY: SignedDuration = SignedDuration::from_hours(1);
/// As many cost no wait.
const FREE: i64 = 5;
/// Failures of everybody within a minute, beyond which strangers wait: each costs a slow hash.
const MOST_A_MINUTE: i64 = 60;
/// Networks remembered of an account.
const NETWORKS: usize = 8;
/// How often a session's last sight is noted.
const SIGHT: SignedDuration = SignedDuration::from_secs(60);

impl Store {
    /// Begins a session: the account's networks and last login are noted with it, and sessions
    /// that ended before `dead` are forgotten.
    pub async fn begin_session(
        &self,
        new: &NewSession<'_>,
        dead: Timestamp,
        entry: &NewAudit,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut networks = new.account.networks.clone();
        networks.retain(|mark| mark != new.network_mark);
        networks.push(new.network_mark.to_owned());
        let from = networks.len().saturating_sub(NETWORKS);
        let networks = serde_json::Value::from(networks[from..].to_vec()).to_string();
        let mut tx = self.begin().await?;
        sql("UPDATE admins SET networks = $1, last_login_at = $2 WHERE id = $3")
            .bind(networks)
            .bind(micros(now))
            .bind(new.account.id)
            .execute(&mut tx)
            .await?;
        sql("DELETE FROM admin_sessions WHERE created_at < $1")
            .bind(micros(dead))
            .execute(&mut tx)
            .await?;
        sql("INSERT INTO admin_sessions \
               (hash, admin, created_at, seen_at, proved_at, network, agent) \
             VALUES ($1, $2, $3, $3, $3, $4, $5)")
        .bind(new.hash)
        .bind(new.account.id)
        .bind(micros(now))
        .bind(new.network)
        .bind(new.agent)
        .execute(&mut tx)
        .await?;
        audit::write(&mut tx, entry, now).await?;
        tx.commit().await?;
        audit::forget(self, now).await
    }

    /// The session of a cookie (its hash) and its account; none that was begun before `begun`, or
    /// not seen since `seen`.
    pub async fn session(
        &self,
        hash: &str,
        begun: Timestamp,
        seen: Timestamp,
        now: Timestamp,
    ) -> Result<Option<(AdminSession, Account)>, StoreError> {
        let row: Option<SessionColumns> = sql(format!(
            "SELECT s.id AS session, s.created_at AS begun_at, s.seen_at, s.proved_at, s.network, \
               s.agent, {COLUMNS} \
             FROM admin_sessions s JOIN admins a ON a.id = s.admin \
             WHERE s.hash = $1 AND s.created_at > $2 AND s.seen_at > $3"
        ))
        .bind(hash)
        .bind(micros(begun))
        .bind(micros(seen))
        .fetch_optional(&self.read)
        .await?;
        let Some(row) = row else { return Ok(None) };
        if now.duration_since(instant(row.seen_at)) >= SIGHT {
            sql("UPDATE admin_sessions SET seen_at = $1 WHERE id = $2")
                .bind(micros(now))
                .bind(row.session)
                .execute(&self.write)
                .await?;
        }
        let session = AdminSession {
            id: row.session,
            created_at: instant(row.begun_at),
            seen_at: instant(row.seen_at),
            proved_at: instant(row.proved_at),
            network: row.network,
            agent: row.agent,
        };
        Ok(Some((session, row.account.try_into()?)))
    }

    /// The sessions of an account that were begun after `begun` and seen since `seen`, the newest
    /// first.
    pub async fn sessions(
        &self,
        account: i64,
        begun: Timestamp,
        seen: Timestamp,
    ) -> Result<Vec<AdminSession>, StoreError> {
        let rows: Vec<SessionRow> =
            sql("SELECT id, created_at, seen_at, proved_at, network, agent FROM admin_sessions \
             WHERE admin = $1 AND created_at > $2 AND seen_at > $3 ORDER BY id DESC")
            .bind(account)
            .bind(micros(begun))
            .bind(micros(seen))
            .fetch_all(&self.read)
            .await?;
        let row = |(id, created, seen, proved, network, agent)| AdminSession {
            id,
            created_at: instant(created),
            seen_at: instant(seen),
            proved_at: instant(proved),
            network,
            agent,
        };
        Ok(rows.into_iter().map(row).collect())
    }

    /// Notes that the password of a session was given just now.
    pub async fn prove_session(&self, id: i64, now: Timestamp) -> Result<(), StoreError> {
        sql("UPDATE admin_sessions SET proved_at = $1 WHERE id = $2")
            .bind(micros(now))
            .bind(id)
            .execute(&self.write)
            .await?;
        Ok(())
    }

    /// Ends a session of `account`. False where it has none of that row.
    pub async fn end_session(
        &self,
        account: i64,
        id: i64,
        entry: &NewAudit,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let done = sql("DELETE FROM admin_sessions WHERE id = $1 AND admin = $2")
            .bind(id)
            .bind(account)
            .execute(&mut tx)
            .await?;
        if done == 0 {
            tx.rollback().await?;
            return Ok(false);
        }
        audit::write(&mut tx, entry, now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Whether a login to `account` may be tried from `network` (keyed hashes both), which is one
    /// that the account is `known` to log in from. Each failure beyond the fifth in an hour
    /// doubles the wait after it: up to a quarter of an hour for a network, and up to a minute for
    /// an account, where those of other networks do not count against a known one. So whoever
    /// guesses from many places cannot shut the owner out. Where very much is tried, only known
    /// networks come through.
    pub async fn try_login(
        &self,
        account: &str,
        network: &str,
        known: bool,
        now: Timestamp,
    ) -> Result<Tried, StoreError> {
        let mut tx = self.begin().await?;
        let since = micros(now.saturating_sub(MEMORY).unwrap_or(Timestamp::MIN));
        sql("DELETE FROM admin_tries WHERE at <= $1").bind(since).execute(&mut tx).await?;
        let by_network = failures(&mut tx, "network = $1", network, "").await?;
        let by_account = match known {
            true => failures(&mut tx, "account = $1 AND network = $2", account, network).await?,
            false => failures(&mut tx, "account = $1", account, "").await?,
        };
        let mut until = wait(by_network, 900).max(wait(by_account, 60));
        if !known {
            let minute = micros(now) - 60_000_000;
            let lately: i64 = sql("SELECT count(*) FROM admin_tries WHERE at > $1")
                .bind(minute)
                .scalar(&mut tx)
                .await?;
            if lately >= MOST_A_MINUTE {
                until = until.max(micros(now) + 10_000_000);
            }
        }
        if until > micros(now) {
            tx.rollback().await?;
            return Ok(Tried::Wait(instant(until)));
        }
        let id = sql("INSERT INTO admin_tries (at, account, network) VALUES ($1, $2, $3) \
             RETURNING id")
        .bind(micros(now))
        .bind(account)
        .bind(network)
        .scalar(&mut tx)
        .await?;
        tx.commit().await?;
        Ok(Tried::May(id))
    }

    /// Forgets a try that was none, such as the half of one.
    pub async fn forgive_one(&self, id: i64) -> Result<(), StoreError> {
        sql("DELETE FROM admin_tries WHERE id = $1").bind(id).execute(&self.write).await?;
        Ok(())
    }

    /// Forgets the failures of `account` from `network`: somebody got in.
    pub async fn forgive(&self, account: &str, network: &str) -> Result<(), StoreError> {
        sql("DELETE FROM admin_tries WHERE account = $1 AND network = $2")
            .bind(account)
            .bind(network)
            .execute(&self.write)
            .await?;
        Ok(())
    }
}

/// How many failures there were, and when the last was.
async fn failures(
    tx: &mut Tx,
    condition: &'static str,
    one: &str,
    other: &str,
) -> Result<(i64, i64), StoreError> {
    let text = format!("SELECT count(*), coalesce(max(at), 0) FROM admin_tries WHERE {condition}");
    let statement = sql(text).bind(one);
    let statement = if other.is_empty() { statement } else { statement.bind(other) };
    statement.fetch_one(tx).await
}

/// Until when to wait after so many failures, in microseconds since 1970.
fn wait((count, last): (i64, i64), most: i64) -> i64 {
    if count < FREE {
        return 0;
    }
    let seconds = 1_i64 << (count - FREE).min(20);
    last + seconds.min(most) * 1_000_000
}
