//! What somebody who logs in to the admin pages may do.

use serde::Serialize;

/// A role of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// May look.
    Reader,
    /// May look and change.
    Admin,
}

impl Role {
    /// In a word: `reader` or `admin`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Admin => "admin",
        }
    }

    /// The role of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Reader, Self::Admin].into_iter().find(|role| role.word() == word)
    }
}
