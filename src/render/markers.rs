//! Markers: what stands in a shared mail where each reader's own words belong.

use super::engine::escape_html;
use super::templates::Rendered;

/// The markers of one mail. They hold a nonce, so that no title or abstract, written
/// before the nonce was drawn, can contain one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Markers {
    nonce: String,
}

/// What is personal in a mail; what a mail has no use for stays empty.
#[derive(Clone, Debug, Default)]
pub struct Personal {
    words: [String; Field::ALL.len()],
}

/// One of the things that are personal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The reader's address, as they gave it.
    Address,
    /// The page where they leave.
    Unsubscribe,
    /// The page where they change what they get.
    Preferences,
    /// This mail in a browser.
    Browser,
    /// The page where they say what they want more or less of.
    Taste,
    /// The page that a notice is about: where they confirm, or take a step back.
    Action,
}

/// A piece of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// The same for all.
    Shared(&'a str),
    /// Here stands the reader's own.
    Own(Field),
}

impl Markers {
    /// The markers of the mail with this `nonce`: 16 or more letters and digits, drawn at
    /// random or by a keyed hash, and kept with the mail. Other characters are dropped, as
    /// a marker has to survive HTML escaping unchanged.
    pub fn new(nonce: &str) -> Self {
        Self { nonce: nonce.chars().filter(char::is_ascii_alphanumeric).collect() }
    }

    /// What stands for `field`.
    pub fn of(&self, field: Field) -> String {
        format!("(({}.{}))", self.nonce, field.word())
    }

    /// `shared` cut at the markers.
    pub fn cut<'a>(&self, shared: &'a str) -> Vec<Piece<'a>> {
        let begin = format!("(({}.", self.nonce);
        let mut pieces = Vec::new();
        let (mut rest, mut from) = (shared, 0);
        while let Some(at) = rest.get(from..).and_then(|text| text.find(&begin)) {
            let (at, after) = (from + at, from + at + begin.len());
            let field = Field::ALL.into_iter().find(|field| {
                let word = rest[after..].strip_prefix(field.word());
                word.is_some_and(|end| end.starts_with("))"))
            });
            match field {
                Some(field) => {
                    pieces.push(Piece::Shared(&rest[..at]));
                    pieces.push(Piece::Own(field));
                    (rest, from) = (&rest[after + field.word().len() + 2..], 0);
                }
                None => from = after,
            }
        }
        pieces.push(Piece::Shared(rest));
        pieces
    }

    /// How many markers there are in `shared`.
    pub(super) fn count(&self, shared: &str) -> usize {
        shared.matches(&format!("(({}.", self.nonce)).count()
    }

    /// `shared` with the reader's own words in place of the markers: plain in the text part,
    /// escaped in the HTML part. The subject is the same for all.
    pub fn fill(&self, shared: &Rendered, personal: &Personal) -> Rendered {
        let filled = |text: &str, word: &dyn Fn(Field) -> String| {
            let piece = |piece: Piece<'_>| match piece {
                Piece::Shared(text) => text.to_owned(),
                Piece::Own(field) => word(field),
            };
            self.cut(text).into_iter().map(piece).collect()
        };
        Rendered {
            subject: shared.subject.clone(),
            text: filled(&shared.text, &|field| personal.text(field).to_owned()),
            html: filled(&shared.html, &|field| personal.html(field)),
        }
    }
}

impl Field {
    /// Every field.
    pub const ALL: [Self; 6] = [
        Self::Address,
        Self::Unsubscribe,
        Self::Preferences,
        Self::Browser,
        Self::Taste,
        Self::Action,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Unsubscribe => "unsubscribe",
            Self::Preferences => "preferences",
            Self::Browser => "browser",
            Self::Taste => "taste",
            Self::Action => "action",
        }
    }
}

impl Personal {
    /// With `words` for `field`.
    pub fn with(mut self, field: Field, words: impl Into<String>) -> Self {
        self.words[field as usize] = words.into();
        self
    }

    /// The field's words in the text part.
    pub fn text(&self, field: Field) -> &str {
        &self.words[field as usize]
    }

    /// The field's words in the HTML part, escaped.
    pub fn html(&self, field: Field) -> String {
        let mut escaped = String::with_capacity(self.text(field).len());
        escape_html(self.text(field), &mut escaped);
        escaped
    }
}
