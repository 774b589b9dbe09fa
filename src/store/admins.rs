//! Accounts of the admin pages: roles, passwords as hashes, one-time links. Every change is written
//! to the audit log in the same unit. Knows no password.

use jiff::Timestamp;

use super::audit::{self, NewAudit};
use super::{Store, StoreError, Tx, instant, micros, sql};
use crate::model::Role;

/// An account.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// Its row.
    pub id: i64,
    /// Its name, in lower case.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The hash of its password (a PHC string), once there is one.
    pub password: Option<String>,
    /// What the secret of its codes is derived from, if it has codes.
    pub totp: Option<String>,
    /// The same, while it is being set up.
    pub totp_next: Option<String>,
    /// Keyed hashes of the networks that it logged in from lately.
    pub networks: Vec<String>,
    /// Since when it is there.
    pub created_at: Timestamp,
    /// When somebody last logged in to it.
    pub last_login_at: Option<Timestamp>,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Account({}, {})", self.name, self.role.word())
    }
}

/// Why a change of an account was not made.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// Another account has the name.
    #[error("there is an account {0} already")]
    Taken(String),
    /// It is the only one that may change anything.
    #[error("{0} is the last account that may change anything")]
    Last(String),
    /// It was removed meanwhile.
    #[error("there is no such account")]
    Gone,
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(sqlx::FromRow)]
pub(super) struct Columns {
    id: i64,
    name: String,
    role: String,
    password: Option<String>,
    totp: Option<String>,
    totp_next: Option<String>,
    networks: String,
    created_at: i64,
    last_login_at: Option<i64>,
}

pub(super) const COLUMNS: &str = "a.id, a.name, a.role, a.password, a.totp, a.totp_next, \
     a.networks, a.created_at, a.last_login_at";

impl TryFrom<Columns> for Account {
    type Error = StoreError;

    fn try_from(row: Columns) -> Result<Self, StoreError> {
        let role =
            Role::from_word(&row.role).ok_or_else(|| StoreError::damaged("role", &row.role))?;
        Ok(Self {
            id: row.id,
            name: row.name,
            role,
            password: row.password,
            totp: row.totp,
            totp_next: row.totp_next,
            networks: serde_json::from_str(&row.networks).unwrap_or_default(),
            created_at: instant(row.created_at),
            last_login_at: row.last_login_at.map(instant),
        })
    }
}

impl Store {
    /// Every account, by name.
    pub async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        let rows: Vec<Columns> = sql(format!("SELECT {COLUMNS} FROM admins a ORDER BY a.name"))
            .fetch_all(&self.read)
            .await?;
        rows.into_iter().map(Account::try_from).collect()
    }

    /// The account of that name.
    pub async fn account(&self, name: &str) -> Result<Option<Account>, StoreError> {
        let row: Option<Columns> = sql(format!("SELECT {COLUMNS} FROM admins a WHERE a.name = $1"))
            .bind(name)
            .fetch_optional(&self.read)
            .await?;
        row.map(Account::try_from).transpose()
    }

    /// The account in that row.
    pub async fn account_in(&self, id: i64) -> Result<Option<Account>, StoreError> {
        let row: Option<Columns> = sql(format!("SELECT {COLUMNS} FROM admins a WHERE a.id = $1"))
            .bind(id)
            .fetch_optional(&self.read)
            .await?;
        row.map(Account::try_from).transpose()
    }

    /// Adds an account without a password, and the link (its hash) by which one is chosen.
    pub async fn add_account(
        &self,
        name: &str,
        role: Role,
        link: (&str, Timestamp),
        entry: &NewAudit,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        let mut tx = self.begin().await?;
        let id: Option<i64> =
            sql("INSERT INTO admins (name, role, created_at) VALUES ($1, $2, $3) \
             ON CONFLICT (name) DO NOTHING RETURNING id")
            .bind(name)
            .bind(role.word())
            .bind(micros(now))
            .scalar_optional(&mut tx)
            .await?;
        let Some(id) = id else { return Err(AccountError::Taken(name.to_owned())) };
        put_link(&mut tx, id, link).await?;
        audit::write(&mut tx, entry, now).await?;
        Ok(tx.commit().await?)
    }

    /// Gives an account a new one-time link in place of older ones; its sessions end.
    pub async fn give_link(
        &self,
        id: i64,
        link: (&str, Timestamp),
        entry: &NewAudit,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        put_link(&mut tx, id, link).await?;
        end_sessions(&mut tx, id).await?;
        audit::write(&mut tx, entry, now).await?;
        tx.commit().await
    }

    /// The account that a one-time link (its hash) is for, while it is good.
    pub async fn linked_account(
        &self,
        link: &str,
        now: Timestamp,
    ) -> Result<Option<Account>, StoreError> {
        let row: Option<Columns> = sql(format!(
            "SELECT {COLUMNS} FROM admin_links l JOIN admins a ON a.id = l.admin \
             WHERE l.hash = $1 AND l.expires_at > $2"
        ))
        .bind(link)
        .bind(micros(now))
        .fetch_optional(&self.read)
        .await?;
        row.map(Account::try_from).transpose()
    }

    /// Uses a one-time link up and sets the password of its account; its sessions end. False,
    /// with nothing changed, where the link is not good (any more).
    pub async fn use_link(
        &self,
        link: &str,
        password: &str,
        entry: &NewAudit,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let id: Option<i64> =
            sql("DELETE FROM admin_links WHERE hash = $1 AND expires_at > $2 RETURNING admin")
                .bind(link)
                .bind(micros(now))
                .scalar_optional(&mut tx)
                .await?;
        let Some(id) = id else {
            tx.rollback().await?;
            return Ok(false);
        };
        put_password(&mut tx, id, password).await?;
        audit::write(&mut tx, entry, now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Sets a password; the account's sessions and links end.
    pub async fn set_password(
        &self,
        id: i64,
        password: &str,
        entry: &NewAudit,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        put_password(&mut tx, id, password).await?;
        audit::write(&mut tx, entry, now).await?;
        tx.commit().await
    }

    /// Changes a role; the account's sessions end. The last that may change anything keeps its
    /// own unless `even_the_last`.
    pub async fn set_role(
        &self,
        account: &Account,
        role: Role,
        even_the_last: bool,
        entry: &NewAudit,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        let mut tx = self.begin().await?;
        if role != Role::Admin && !even_the_last {
            spare_the_last(&mut tx, account).await?;
        }
        let done = sql("UPDATE admins SET role = $1 WHERE id = $2")
            .bind(role.word())
            .bind(account.id)
            .execute(&mut tx)
            .await?;
        if done == 0 {
            return Err(AccountError::Gone);
        }
        end_sessions(&mut tx, account.id).await?;
        audit::write(&mut tx, entry, now).await?;
        Ok(tx.commit().await?)
    }

    /// Removes an account with its sessions; not the last that may change anything, unless
    /// `even_the_last`.
    pub async fn remove_account(
        &self,
        account: &Account,
        even_the_last: bool,
        entry: &NewAudit,
        now: Timestamp,
    ) -> Result<(), AccountError> {
        let mut tx = self.begin().await?;
        if !even_the_last {
            spare_the_last(&mut tx, account).await?;
        }
        let done =
            sql("DELETE FROM admins WHERE id = $1").bind(account.id).execute(&mut tx).await?;
        if done == 0 {
            return Err(AccountError::Gone);
        }
        audit::write(&mut tx, entry, now).await?;
        Ok(tx.commit().await?)
    }
}

async fn put_link(
    tx: &mut Tx,
    id: i64,
    (hash, expires_at): (&str, Timestamp),
) -> Result<(), StoreError> {
    sql("DELETE FROM admin_links WHERE admin = $1").bind(id).execute(&mut *tx).await?;
    sql("INSERT INTO admin_links (hash, admin, expires_at) VALUES ($1, $2, $3)")
        .bind(hash)
        .bind(id)
        .bind(micros(expires_at))
        .execute(tx)
        .await?;
    Ok(())
}

async fn put_password(tx: &mut Tx, id: i64, password: &str) -> Result<(), StoreError> {
    sql("UPDATE admins SET password = $1 WHERE id = $2")
        .bind(password)
        .bind(id)
        .execute(&mut *tx)
        .await?;
    sql("DELETE FROM admin_links WHERE admin = $1").bind(id).execute(&mut *tx).await?;
    end_sessions(tx, id).await
}

async fn end_sessions(tx: &mut Tx, id: i64) -> Result<(), StoreError> {
    sql("DELETE FROM admin_sessions WHERE admin = $1").bind(id).execute(tx).await?;
    Ok(())
}

/// Refuses where no other account may change anything.
async fn spare_the_last(tx: &mut Tx, account: &Account) -> Result<(), AccountError> {
    // On PostgreSQL, so that two who remove each other at one moment do not both succeed.
    let held = super::either(
        "SELECT id FROM admins WHERE role = 'admin'",
        "SELECT id FROM admins WHERE role = 'admin' FOR UPDATE",
    );
    let admins: Vec<i64> = held.scalars(tx).await?;
    match admins.as_slice() {
        [only] if *only == account.id => Err(AccountError::Last(account.name.clone())),
        _ => Ok(()),
    }
}
