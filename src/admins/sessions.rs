//! Sessions: found by their cookie, listed, ended. One that is idle for twelve hours or a week old
//! is none any more.

use jiff::{SignedDuration, Timestamp};

use super::{AdminError, Admins, By};
use crate::store::{Account, AdminSession, StoreError};

/// How long a session may be idle.
pub const SESSION_IDLE: SignedDuration = SignedDuration::from_hours(12);
/// How long a session may last.
pub const SESSION_LIFE: SignedDuration = SignedDuration::from_hours(24 * 7);
/// How long a given password is proof enough for what is worth asking again.
const PROOF: SignedDuration = SignedDuration::from_mins(15);

/// Somebody who is logged in.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Whose session it is.
    pub account: Account,
    /// The session.
    pub session: AdminSession,
    /// What their forms carry: only their own pages know it.
    pub form_token: String,
    /// Whether the password was given within a quarter of an hour.
    pub proved: bool,
}

impl Admins {
    /// The visit that a cookie belongs to; a look at it is noted once a minute.
    pub async fn visit(&self, cookie: &str) -> Result<Option<Visit>, StoreError> {
        let now = self.now();
        let idle = now.saturating_sub(SESSION_IDLE).unwrap_or(Timestamp::MIN);
        let found = self.store.session(&Self::hashed(cookie), self.oldest(now), idle, now).await?;
        Ok(found.map(|(session, account)| Visit {
            proved: now.duration_since(session.proved_at) < PROOF,
            form_token: self.key.pseudonym("admin-form", cookie),
            account,
            session,
        }))
    }

    /// When the oldest session that still counts was begun.
    pub(super) fn oldest(&self, now: Timestamp) -> Timestamp {
        now.saturating_sub(SESSION_LIFE).unwrap_or(Timestamp::MIN)
    }

    /// The sessions of an account.
    pub async fn sessions(&self, account: &Account) -> Result<Vec<AdminSession>, StoreError> {
        let now = self.now();
        let idle = now.saturating_sub(SESSION_IDLE).unwrap_or(Timestamp::MIN);
        self.store.sessions(account.id, self.oldest(now), idle).await
    }

    /// Ends a session of `account`; `what` tells the log whether it was a logout.
    pub async fn end_session(
        &self,
        account: &Account,
        session: i64,
        what: &'static str,
        by: &By,
    ) -> Result<bool, AdminError> {
        let entry = by.entry(what, &account.name, "");
        Ok(self.store.end_session(account.id, session, &entry, self.now()).await?)
    }
}
