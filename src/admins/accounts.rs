//! Accounts: added, given a new link, changed, removed. Nobody but their owner ever knows a
//! password: it is chosen by a one-time link.

use jiff::Timestamp;
use unicode_normalization::UnicodeNormalization as _;

use super::password::{self, PasswordFault};
use super::{AdminError, Admins, By, LINK_LIFE, secret};
use crate::model::Role;
use crate::store::{Account, StoreError};

/// A one-time link, shown once.
#[derive(Clone, Debug)]
pub struct Link {
    /// The account's name.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The address of the page where the password is chosen.
    pub address: String,
    /// Until when it is good.
    pub until: Timestamp,
}

/// A name as it is kept: NFC, in lower case.
pub(super) fn name_of(text: &str) -> Result<String, AdminError> {
    let name: String = text.trim().nfc().collect::<String>().to_lowercase();
    let good = (1..=40).contains(&name.chars().count())
        && name.chars().all(|c| c.is_alphanumeric() || ".-_@+".contains(c))
        && name.starts_with(char::is_alphanumeric);
    if good { Ok(name) } else { Err(AdminError::Name(text.chars().take(60).collect())) }
}

impl Admins {
    /// Every account, by name.
    pub async fn list(&self) -> Result<Vec<Account>, StoreError> {
        self.store.accounts().await
    }

    /// The account of that name.
    pub(super) async fn known(&self, name: &str) -> Result<Account, AdminError> {
        let account = self.store.account(&name_of(name)?).await?;
        account.ok_or_else(|| AdminError::Unknown(name.to_owned()))
    }

    /// Adds an account; its owner chooses the password by the link.
    pub async fn add(&self, name: &str, role: Role, by: &By) -> Result<Link, AdminError> {
        let name = name_of(name)?;
        let (link, hash) = self.link(&name, role)?;
        let entry = by.entry("account.add", &name, format!("role {}", role.word()));
        self.store.add_account(&name, role, (&hash, link.until), &entry, self.now()).await?;
        Ok(link)
    }

    /// A new link for an account, in place of older ones; its sessions end. The old password
    /// counts until the link is used.
    pub async fn new_link(&self, name: &str, by: &By) -> Result<Link, AdminError> {
        let account = self.known(name).await?;
        let (link, hash) = self.link(&account.name, account.role)?;
        let entry = by.entry("account.link", &account.name, "a new one-time link; sessions ended");
        self.store.give_link(account.id, (&hash, link.until), &entry, self.now()).await?;
        Ok(link)
    }

    fn link(&self, name: &str, role: Role) -> Result<(Link, String), AdminError> {
        let token = secret()?;
        let until = self.now().saturating_add(LINK_LIFE).unwrap_or(Timestamp::MAX);
        let address = format!("{}/admin/welcome/{token}", self.site);
        let link = Link { name: name.to_owned(), role, address, until };
        Ok((link, Self::hashed(&token)))
    }

    /// Removes an account; not the last that may change anything, unless `even_the_last`.
    pub async fn remove(
        &self,
        name: &str,
        even_the_last: bool,
        by: &By,
    ) -> Result<Account, AdminError> {
        let account = self.known(name).await?;
        let entry =
            by.entry("account.remove", &account.name, format!("role {}", account.role.word()));
        self.store.remove_account(&account, even_the_last, &entry, self.now()).await?;
        Ok(account)
    }

    /// Changes what an account may do; its sessions end. The last that may change anything keeps
    /// its role unless `even_the_last`.
    pub async fn set_role(
        &self,
        name: &str,
        role: Role,
        even_the_last: bool,
        by: &By,
    ) -> Result<Account, AdminError> {
        let account = self.known(name).await?;
        let detail = format!("from {} to {}", account.role.word(), role.word());
        let entry = by.entry("account.role", &account.name, detail);
        self.store.set_role(&account, role, even_the_last, &entry, self.now()).await?;
        Ok(Account { role, ..account })
    }

    /// The account that the token of a one-time link is for, while it is good.
    pub async fn welcome(&self, token: &str) -> Result<Option<Account>, StoreError> {
        self.store.linked_account(&Self::hashed(token), self.now()).await
    }

    /// Uses a one-time link up: the account has this password from here on, and no session. None
    /// where the link is not good.
    pub async fn choose_password(
        &self,
        token: &str,
        (first, again): (&str, &str),
        network: &str,
    ) -> Result<Option<Account>, AdminError> {
        let Some(account) = self.welcome(token).await? else { return Ok(None) };
        let hash = self.new_password(&account, first, again).await?;
        let by = By { who: account.name.clone(), network: network.to_owned() };
        let entry = by.entry("account.password", &account.name, "chosen by the one-time link");
        let done = self.store.use_link(&Self::hashed(token), &hash, &entry, self.now()).await?;
        Ok(if done { self.store.account_in(account.id).await? } else { None })
    }

    /// Changes a password; every session of the account ends.
    pub async fn change_password(
        &self,
        account: &Account,
        present: &str,
        (first, again): (&str, &str),
        by: &By,
    ) -> Result<(), AdminError> {
        self.confirm(account, present, by).await?;
        let hash = self.new_password(account, first, again).await?;
        let entry = by.entry("account.password", &account.name, "changed; sessions ended");
        Ok(self.store.set_password(account.id, &hash, &entry, self.now()).await?)
    }

    async fn new_password(
        &self,
        account: &Account,
        first: &str,
        again: &str,
    ) -> Result<String, AdminError> {
        let good = password::judge(&account.name, first)?;
        if password::normal(again) != good {
            return Err(PasswordFault::Differ.into());
        }
        self.hash(good).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept_in_one_way() {
        assert_eq!(name_of(" Ada@Example.org ").unwrap(), "ada@example.org");
        assert_eq!(name_of("Zoe\u{308}").unwrap(), "zo\u{eb}");
        for bad in ["", " ", "a b", "-x", "a\u{0}", "<b>", &"x".repeat(41)] {
            assert!(name_of(bad).is_err(), "{bad:?}");
        }
    }
}
