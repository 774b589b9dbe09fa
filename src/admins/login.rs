//! Logging in: name and password, then a code where the account asks for one. Who guesses waits
//! longer and longer; what was wrong is never said, and a name that nobody has takes as long.

use std::net::IpAddr;

use jiff::Timestamp;

use super::accounts;
use super::password::PasswordFault;
use super::{AdminError, Admins, By, secret};
use crate::store::{Account, NewSession, Tried};
use crate::token::to_hex;

/// Who is at the door.
#[derive(Clone, Debug)]
pub struct Guest {
    /// Their masked network, as the audit log has it.
    pub network: String,
    /// What their browser calls itself.
    pub agent: String,
}

/// What came of knocking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// They are in: the value of the cookie.
    In(String),
    /// The password is right; now a code, with this ticket.
    Code(String),
    /// Name, password or code is wrong.
    Wrong,
    /// There were too many tries: not before then.
    Wait(Timestamp),
    /// The ticket is too old: from the beginning.
    Again,
}

/// Who is written into the audit log for those who did not get in.
const SOMEBODY: &str = "somebody";

/// How long the code may take after the password, in seconds.
const TICKET_LIFE: i64 = 300;

impl Guest {
    /// A guest from `address`, whose browser calls itself `agent`.
    pub fn new(address: Option<IpAddr>, agent: &str) -> Self {
        let agent = agent.chars().filter(|c| !c.is_control()).take(200).collect();
        Self { network: address.map(masked).unwrap_or_default(), agent }
    }
}

/// The /24 of an IPv4 address, the /48 of an IPv6 one.
fn masked(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}::/48")
        }
    }
}

impl Admins {
    /// Tries name and password.
    pub async fn log_in(
        &self,
        name: &str,
        password: &str,
        guest: &Guest,
    ) -> Result<Entry, AdminError> {
        let name = accounts::name_of(name).unwrap_or_default();
        let account = if name.is_empty() { None } else { self.store.account(&name).await? };
        let marks = self.marks(&name, &guest.network);
        let id = match self.may_try(account.as_ref(), &marks).await? {
            Tried::May(id) => id,
            Tried::Wait(until) => return Ok(Entry::Wait(until)),
        };
        let kept = account.as_ref().and_then(|account| account.password.as_deref());
        if !self.matches(password, kept).await {
            tracing::warn!(network = guest.network, "a login to the admin pages failed");
            self.note_failure(account.as_ref(), &guest.network).await?;
            return Ok(Entry::Wrong);
        }
        let Some(account) = account else { return Ok(Entry::Wrong) };
        if account.totp.is_some() {
            // Half of a login is no failure; the code counts by itself.
            self.store.forgive_one(id).await?;
            return Ok(Entry::Code(self.ticket(&account, self.now().as_second())));
        }
        self.store.forgive(&marks.0, &marks.1).await?;
        self.enter(&account, guest, "by password").await.map(Entry::In)
    }

    /// Tries the code that belongs to a ticket of [`Entry::Code`].
    pub async fn log_in_by_code(
        &self,
        ticket: &str,
        code: &str,
        guest: &Guest,
    ) -> Result<Entry, AdminError> {
        let Some(account) = self.ticket_holder(ticket).await? else { return Ok(Entry::Again) };
        let marks = self.marks(&account.name, &guest.network);
        if let Tried::Wait(until) = self.may_try(Some(&account), &marks).await? {
            return Ok(Entry::Wait(until));
        }
        let by = By { who: account.name.clone(), network: guest.network.clone() };
        if !self.takes_code(&account, code, &by).await? {
            tracing::warn!(network = guest.network, "a code for the admin pages was wrong");
            self.note_failure(Some(&account), &guest.network).await?;
            return Ok(Entry::Wrong);
        }
        self.store.forgive(&marks.0, &marks.1).await?;
        self.enter(&account, guest, "by password and code").await.map(Entry::In)
    }

    /// Begins a session of `account`; returns the value of its cookie.
    pub async fn enter(
        &self,
        account: &Account,
        guest: &Guest,
        how: &str,
    ) -> Result<String, AdminError> {
        let cookie = secret()?;
        let by = By { who: account.name.clone(), network: guest.network.clone() };
        let new = NewSession {
            hash: &Self::hashed(&cookie),
            account,
            network: &guest.network,
            network_mark: &self.marks(&account.name, &guest.network).1,
            agent: &guest.agent,
        };
        let entry = by.entry("login", &account.name, how);
        let now = self.now();
        self.store.begin_session(&new, self.oldest(now), &entry, now).await?;
        Ok(cookie)
    }

    /// The same proof again, of who is in: for what is worth it.
    pub async fn prove(
        &self,
        account: &Account,
        session: i64,
        (password, code): (&str, &str),
        guest: &Guest,
    ) -> Result<Entry, AdminError> {
        let marks = self.marks(&account.name, &guest.network);
        if let Tried::Wait(until) = self.may_try(Some(account), &marks).await? {
            return Ok(Entry::Wait(until));
        }
        let by = By { who: account.name.clone(), network: guest.network.clone() };
        let good = self.matches(password, account.password.as_deref()).await
            && self.takes_code(account, code, &by).await?;
        if !good {
            self.note_failure(Some(account), &guest.network).await?;
            return Ok(Entry::Wrong);
        }
        self.store.forgive(&marks.0, &marks.1).await?;
        self.store.prove_session(session, self.now()).await?;
        Ok(Entry::In(String::new()))
    }

    /// Counts in the audit log that somebody did not get in. A name that nobody has is not written
    /// down: it may be a password in the wrong field.
    async fn note_failure(
        &self,
        account: Option<&Account>,
        network: &str,
    ) -> Result<(), AdminError> {
        let about = account.map_or("no such account", |account| &account.name);
        let by = By { who: SOMEBODY.to_owned(), network: network.to_owned() };
        Ok(self.store.note_failed_login(&by.entry("login.failed", about, ""), self.now()).await?)
    }

    async fn may_try(
        &self,
        account: Option<&Account>,
        marks: &(String, String),
    ) -> Result<Tried, AdminError> {
        let known = account.is_some_and(|account| account.networks.contains(&marks.1));
        Ok(self.store.try_login(&marks.0, &marks.1, known, self.now()).await?)
    }

    /// By which names tries are counted.
    fn marks(&self, name: &str, network: &str) -> (String, String) {
        let account = self.key.pseudonym("admin-try", name);
        (account, self.key.pseudonym("admin-network", network))
    }

    /// Refuses unless it is the account's present password; guesses count as at the door.
    pub(super) async fn confirm(
        &self,
        account: &Account,
        password: &str,
        by: &By,
    ) -> Result<(), AdminError> {
        let marks = self.marks(&account.name, &by.network);
        if let Tried::Wait(_) = self.may_try(Some(account), &marks).await? {
            return Err(PasswordFault::Often.into());
        }
        if !self.matches(password, account.password.as_deref()).await {
            self.note_failure(Some(account), &by.network).await?;
            return Err(PasswordFault::Wrong.into());
        }
        Ok(self.store.forgive(&marks.0, &marks.1).await?)
    }

    /// Shows for a few minutes that its holder knows the password; no longer once that changes.
    fn ticket(&self, account: &Account, at: i64) -> String {
        let Account { id, password, .. } = account;
        let subject = format!("{id} {at} {}", password.as_deref().unwrap_or_default());
        format!("{id}.{at}.{}", to_hex(&self.key.mark("admin-ticket", subject.as_bytes())))
    }

    async fn ticket_holder(&self, ticket: &str) -> Result<Option<Account>, AdminError> {
        let mut parts = ticket.split('.');
        let mut number = || parts.next().and_then(|part| part.parse::<i64>().ok());
        let (Some(id), Some(at)) = (number(), number()) else { return Ok(None) };
        if !(0..=TICKET_LIFE).contains(&(self.now().as_second() - at)) {
            return Ok(None);
        }
        let account = self.store.account_in(id).await?;
        Ok(account.filter(|account| {
            let wanted = self.ticket(account, at);
            // Of equal length, and compared whole: the time tells nothing.
            wanted.len() == ticket.len()
                && wanted.bytes().zip(ticket.bytes()).fold(0, |all, (a, b)| all | (a ^ b)) == 0
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_masked() {
        let of = |text: &str| Guest::new(Some(text.parse().unwrap()), "a\nb").network;
        assert_eq!(of("192.0.2.77"), "192.0.2.0/24");
        assert_eq!(of("::ffff:192.0.2.77"), "192.0.2.0/24");
        assert_eq!(of("2001:db8:1:2:3::4"), "2001:db8:1::/48");
        assert_eq!(Guest::new(None, &"x\u{0}".repeat(300)).agent.len(), 200);
    }
}
