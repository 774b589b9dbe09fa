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

    /// `shared` with the reader's own words in place of the markers: plain in the text part,
    /// escaped in the HTML part. The subject is the same for all.
    pub fn fill(&self, shared: &Rendered, personal: Personal<'_>) -> Rendered {
        Rendered {
            subject: shared.subject.clone(),
            text: self.fill_text(&shared.text, personal),
            html: self.fill_html(&shared.html, personal),
        }
    }

    /// The text part with the reader's own words.
    pub fn fill_text(&self, shared: &str, personal: Personal<'_>) -> String {
        shared.replace(&self.address(), personal.address)
    }

    /// The HTML part with the reader's own words, escaped.
    pub fn fill_html(&self, shared: &str, personal: Personal<'_>) -> String {
        let mut address = String::with_capacity(personal.address.len());
        escape_html(personal.address, &mut address);
        shared.replace(&self.address(), &address)
    }
}
