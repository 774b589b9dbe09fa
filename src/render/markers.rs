//! Markers: what stands in a shared digest where each reader's own words belong.

use super::templates::{Rendered, escape_html};

/// The markers of one digest. They hold a nonce, so that no title or abstract, written
/// before the nonce was drawn, can contain one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Markers {
    nonce: String,
}

/// What is personal in a mail.
#[derive(Clone, Copy, Debug)]
pub struct Personal<'a> {
    /// The reader's address, as they gave it.
    pub address: &'a str,
}

/// One of the things that are personal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The reader's address.
    Address,
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
    /// The markers of the digest with this `nonce`: 16 or more letters and digits, drawn at
    /// random or by a keyed hash, and kept with the digest. Other characters are dropped, as
    /// a marker has to survive HTML escaping unchanged.
    pub fn new(nonce: &str) -> Self {
        Self { nonce: nonce.chars().filter(char::is_ascii_alphanumeric).collect() }
    }

    /// The marker of the reader's address.
    pub fn address(&self) -> String {
        format!("(({}.address))", self.nonce)
    }

    /// `shared` cut at the markers.
    pub fn cut<'a>(&self, shared: &'a str) -> Vec<Piece<'a>> {
        let mut pieces = Vec::new();
        for (at, piece) in shared.split(&self.address()).enumerate() {
            if at > 0 {
                pieces.push(Piece::Own(Field::Address));
            }
            pieces.push(Piece::Shared(piece));
        }
        pieces
    }

    /// `shared` with the reader's own words in place of the markers: plain in the text part,
    /// escaped in the HTML part. The subject is the same for all.
    pub fn fill(&self, shared: &Rendered, personal: Personal<'_>) -> Rendered {
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
    pub const ALL: [Self; 1] = [Self::Address];
}

impl Personal<'_> {
    /// The field's words in the text part.
    pub fn text(&self, field: Field) -> &str {
        match field {
            Field::Address => self.address,
        }
    }

    /// The field's words in the HTML part, escaped.
    pub fn html(&self, field: Field) -> String {
        let mut escaped = String::with_capacity(self.text(field).len());
        escape_html(self.text(field), &mut escaped);
        escaped
    }
}
