//! The looks that mails come in.

use std::fmt;

/// A set of templates that are in the program. Each can be replaced, file by file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Look {
    /// A paper a card, with pictures and colours.
    #[default]
    Cards,
    /// Close to a letter that somebody wrote by hand.
    Plain,
}

impl Look {
    /// Every look.
    pub const ALL: [Self; 2] = [Self::Cards, Self::Plain];

    /// The word of the face.
    pub fn word(self) -> &'static str {
        match self {
            Self::Cards => "cards",
            Self::Plain => "plain",
        }
    }
}

impl fmt::Display for Look {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
