//! What a reader says of one paper, for the ranking to learn from.

use serde::Serialize;

/// A word on a paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Feedback {
    /// More like this.
    More,
    /// Less like this.
    Less,
    /// Not this one, ever.
    Hide,
}

impl Feedback {
    /// Every word.
    pub const ALL: [Self; 3] = [Self::More, Self::Less, Self::Hide];

    /// As stored, and as forms say it.
    pub fn word(self) -> &'static str {
        match self {
            Self::More => "more",
            Self::Less => "less",
            Self::Hide => "hide",
        }
    }

    /// What that word stands for.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.word() == word)
    }
}
