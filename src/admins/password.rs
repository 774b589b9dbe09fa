//! Passwords: what one must be, and how it is kept: argon2id with OWASP's cost (19 MiB, two
//! passes). Hashing is slow on purpose and runs beside the threads that answer.

use std::sync::OnceLock;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use unicode_normalization::UnicodeNormalization as _;

use super::{AdminError, Admins};

/// The fewest characters.
const SHORTEST: usize = 12;
/// The most bytes that are read of one.
const LONGEST: usize = 1_024;
/// Different characters that it has at least.
const DIFFERENT: usize = 5;

/// Why a password is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    /// Too short.
    #[error("Please choose 12 characters or more; a few words in a row are good.")]
    Short,
    /// Too long.
    #[error("Please choose less than 1,000 characters.")]
    Long,
    /// Of few characters, or the account's name.
    #[error("That is easily guessed: please choose something else.")]
    Easy,
    /// The two fields differ.
    #[error("The two passwords are not the same.")]
    Differ,
    /// It is not the account's present password.
    #[error("That is not your present password.")]
    Wrong,
    /// It was tried too often.
    #[error("Too many tries. Please wait a minute, then try again.")]
    Often,
}

/// The password as it is hashed: the same however a keyboard composes its letters (NFC).
pub(super) fn normal(password: &str) -> String {
    password.nfc().collect()
}

/// Refuses a password that is easily guessed.
pub(super) fn judge(name: &str, password: &str) -> Result<String, PasswordFault> {
    if password.len() > LONGEST {
        return Err(PasswordFault::Long);
    }
    let password = normal(password);
    if password.chars().count() < SHORTEST {
        return Err(PasswordFault::Short);
    }
    let mut letters: Vec<char> = password.chars().collect();
    letters.sort_unstable();
    letters.dedup();
    let rest = password.to_lowercase().replace(name, "").replace("paperround", "");
    if letters.len() < DIFFERENT || rest.chars().count() < 4 {
        return Err(PasswordFault::Easy);
    }
    Ok(password)
}

fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT)
}

fn hash(password: &str) -> Result<String, String> {
    let mut salt = [0_u8; 16];
    getrandom::fill(&mut salt).map_err(|error| error.to_string())?;
    let hash: PasswordHash = argon2()
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map_err(|error| error.to_string())?;
    Ok(hash.to_string())
}

fn is(password: &str, kept: &str) -> bool {
    PasswordHash::new(kept)
        .is_ok_and(|kept| argon2().verify_password(password.as_bytes(), &kept).is_ok())
}

/// Stands for the hash of accounts that there are not, so that they take as long.
static NOBODY: OnceLock<String> = OnceLock::new();

impl Admins {
    /// The hash of a good password.
    pub(super) async fn hash(&self, password: String) -> Result<String, AdminError> {
        let _turn = self.hashing.acquire().await;
        let hashed = tokio::task::spawn_blocking(move || hash(&password)).await;
        hashed.unwrap_or_else(|error| Err(error.to_string())).map_err(AdminError::Secret)
    }

    /// Whether it is the password of which `kept` is the hash. Takes as long where there is none.
    pub(super) async fn matches(&self, password: &str, kept: Option<&str>) -> bool {
        if password.len() > LONGEST {
            return false;
        }
        let password = normal(password);
        let kept = kept.map(str::to_owned);
        let _turn = self.hashing.acquire().await;
        let done = tokio::task::spawn_blocking(move || match kept {
            Some(kept) => is(&password, &kept),
            None => {
                let nobody = NOBODY.get_or_init(|| hash("nobody's").unwrap_or_default());
                let _ = is(&password, nobody);
                false
            }
        });
        done.await.unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_tells_its_password_and_no_other() {
        let kept = hash("correct horse battery").unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert!(is("correct horse battery", &kept) && !is("correct horse batter", &kept));
        assert_ne!(kept, hash("correct horse battery").unwrap(), "a salt of its own");
        assert!(!is("x", "nonsense"));
    }

    #[test]
    fn easy_ones_are_refused() {
        for (password, fault) in [
            ("elevenchars", PasswordFault::Short),
            ("aaaaaaaaaaaaaaaa", PasswordFault::Easy),
            ("alice@alice@alice", PasswordFault::Easy),
            ("PaperRoundPaperRound", PasswordFault::Easy),
        ] {
            assert_eq!(judge("alice", password), Err(fault), "{password}");
        }
        assert_eq!(judge("a", &"long ".repeat(300)), Err(PasswordFault::Long));
        // e and a combining acute accent are the letter é.
        let composed = judge("a", "cafe\u{301} au lait!").unwrap();
        assert_eq!(composed, "caf\u{e9} au lait!");
    }
}
