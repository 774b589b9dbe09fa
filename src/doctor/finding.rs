//! What a check found: plain data, for people, programs and the admin's page alike. Never prints.

use serde::Serialize;

/// What checks are about; each group runs and shows alone (`--only`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    /// What the DNS says of our addresses.
    Dns,
    /// The servers that mail is handed to.
    Relay,
    /// The site as strangers reach it.
    Site,
    /// Whether a mail to ourselves comes back.
    Loop,
    /// What our mail looks like.
    Mail,
    /// Where papers come from.
    Sources,
    /// The database.
    Database,
    /// Clock, zones, disk and files.
    Machine,
    /// What the large mailbox providers ask of whoever sends much.
    Senders,
}

impl Group {
    /// Every group, in the order in which they are shown.
    pub const ALL: [Self; 9] = [
        Self::Dns,
        Self::Relay,
        Self::Site,
        Self::Loop,
        Self::Mail,
        Self::Sources,
        Self::Database,
        Self::Machine,
        Self::Senders,
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Relay => "relay",
            Self::Site => "site",
            Self::Loop => "loop",
            Self::Mail => "mail",
            Self::Sources => "sources",
            Self::Database => "database",
            Self::Machine => "machine",
            Self::Senders => "senders",
        }
    }

    /// The group of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|group| group.word() == word)
    }
}

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As it should be.
    Good,
    /// Not looked at, and why not.
    Skipped,
    /// It works, and could be better; or nobody can tell.
    Warn,
    /// Mail does not go out, does not arrive, or will be lost.
    Bad,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it is about.
    pub group: Group,
    /// Which check, such as `spf` or `dkim pr2026r`; the same in every run.
    pub name: String,
    /// How it stands.
    pub verdict: Verdict,
    /// What was seen, in a sentence.
    pub says: String,
    /// What mends it: the exact record, command or line of the configuration, on lines of their
    /// own; there for whatever is bad.
    pub mend: Option<String>,
}

impl Finding {
    fn new(group: Group, name: impl Into<String>, verdict: Verdict, says: String) -> Self {
        Self { group, name: name.into(), verdict, says, mend: None }
    }

    pub(super) fn good(group: Group, name: impl Into<String>, says: impl Into<String>) -> Self {
        Self::new(group, name, Verdict::Good, says.into())
    }

    pub(super) fn skipped(group: Group, name: impl Into<String>, says: impl Into<String>) -> Self {
        Self::new(group, name, Verdict::Skipped, says.into())
    }

    pub(super) fn warn(group: Group, name: impl Into<String>, says: impl Into<String>) -> Self {
        Self::new(group, name, Verdict::Warn, says.into())
    }

    pub(super) fn bad(group: Group, name: impl Into<String>, says: impl Into<String>) -> Self {
        Self::new(group, name, Verdict::Bad, says.into())
    }

    /// The same, with what mends it.
    pub(super) fn mend(self, mend: impl Into<String>) -> Self {
        Self { mend: Some(mend.into()), ..self }
    }
}
