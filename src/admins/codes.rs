//! Setting codes up: a second proof beside the password. Their secret is stored nowhere: it is
//! derived from the server's key and a random seed, so that a copy of the database alone gives no
//! codes.

use super::{AdminError, Admins, By, secret, totp};
use crate::store::Account;

/// What an authenticator needs to know.
#[derive(Clone, Debug)]
pub struct CodeSetup {
    /// The secret, to be typed in by hand.
    pub letters: String,
    /// The same as an address, to be shown as a picture.
    pub address: String,
}

/// What came of confirming that an authenticator works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewCodes {
    /// Codes are asked for from here on; these are for when the telephone is lost.
    Begun(Vec<String>),
    /// The code is not the present one.
    Wrong,
}

/// Recovery codes that an account gets.
const RECOVERY: usize = 10;

impl Admins {
    /// The secret of codes that belongs to a seed: 160 bits, as RFC 4226 has it.
    pub(super) fn code_secret(&self, seed: &str) -> [u8; 20] {
        let mut secret = [0; 20];
        secret[..16].copy_from_slice(&self.key.mark("admin-codes-1", seed.as_bytes()));
        secret[16..].copy_from_slice(&self.key.mark("admin-codes-2", seed.as_bytes())[..4]);
        secret
    }

    /// Begins to set codes up; nothing is asked for until [`Admins::begin_codes`].
    pub async fn prepare_codes(&self, account: &Account) -> Result<(), AdminError> {
        Ok(self.store.prepare_codes(account.id, &secret()?).await?)
    }

    /// What an authenticator needs, while codes are being set up.
    pub fn code_setup(&self, account: &Account) -> Option<CodeSetup> {
        let secret = self.code_secret(account.totp_next.as_deref()?);
        let address = totp::address(&self.title, &account.name, &secret);
        Some(CodeSetup { letters: totp::letters(&secret), address })
    }

    /// Asks for codes from here on, if `code` shows that the authenticator makes them.
    pub async fn begin_codes(
        &self,
        account: &Account,
        code: &str,
        by: &By,
    ) -> Result<NewCodes, AdminError> {
        let Some(seed) = &account.totp_next else { return Ok(NewCodes::Wrong) };
        let now = self.now();
        let step = totp::step_of(&self.code_secret(seed), code, now.as_second());
        let Some(step) = step else { return Ok(NewCodes::Wrong) };
        let mut codes = Vec::with_capacity(RECOVERY);
        for _ in 0..RECOVERY {
            let mut bytes = [0; 8];
            getrandom::fill(&mut bytes).map_err(|error| AdminError::Secret(error.to_string()))?;
            codes.push(totp::recovery(bytes));
        }
        let hashes: Vec<String> =
            codes.iter().filter_map(|code| self.recovery_hash(code)).collect();
        let entry = by.entry("account.codes-on", &account.name, "");
        let done = self.store.begin_codes(account.id, (seed, step), &hashes, &entry, now).await?;
        Ok(if done { NewCodes::Begun(codes) } else { NewCodes::Wrong })
    }

    /// Asks for no codes any more; whoever wishes that gives their password.
    pub async fn end_codes(
        &self,
        account: &Account,
        password: &str,
        by: &By,
    ) -> Result<(), AdminError> {
        self.confirm(account, password, by).await?;
        let entry = by.entry("account.codes-off", &account.name, "");
        Ok(self.store.end_codes(account.id, &entry, self.now()).await?)
    }

    /// The same by who runs the server: the telephone and the recovery codes are lost.
    pub async fn reset_codes(&self, name: &str, by: &By) -> Result<(), AdminError> {
        let account = self.known(name).await?;
        let entry = by.entry("account.codes-off", &account.name, "reset");
        Ok(self.store.end_codes(account.id, &entry, self.now()).await?)
    }

    /// Whether `code` is good for `account`: the present one, each once, or a recovery code.
    pub(super) async fn takes_code(
        &self,
        account: &Account,
        code: &str,
        by: &By,
    ) -> Result<bool, AdminError> {
        let Some(seed) = &account.totp else { return Ok(true) };
        let now = self.now();
        if let Some(step) = totp::step_of(&self.code_secret(seed), code, now.as_second()) {
            return Ok(self.store.use_step(account.id, step).await?);
        }
        let Some(hash) = self.recovery_hash(code) else { return Ok(false) };
        let entry = by.entry("account.recovery-code", &account.name, "a recovery code was used up");
        Ok(self.store.use_recovery(account.id, &hash, &entry, now).await?.is_some())
    }

    fn recovery_hash(&self, code: &str) -> Option<String> {
        Some(self.key.pseudonym("admin-recovery", &totp::plain_recovery(code)?))
    }
}
