//! What the templates of a notice are given: mail to one person, about their subscription.
//! None of it was written by a stranger.

use serde::Serialize;

use super::link;
use super::markers::{Field, Markers};
use super::sample::Sample;
use super::words::{clean, shorten};

/// The context of `mail/confirm.*`, `mail/known.*`, `mail/link.*`, `mail/goodbye.*`,
/// `mail/move.*`, `mail/probe.*` and `mail/alarm.*`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NoticeContext {
    /// The site's name.
    pub site_title: String,
    /// The site's address.
    pub site_url: String,
    /// The language of the mail's own words.
    pub language: String,
    /// Who gets it.
    pub recipient: String,
    /// The page that it is about.
    pub action_url: String,
    /// The page where the reader changes what they get.
    pub preferences_url: String,
    /// How long that page works, such as `7 days`.
    pub within: String,
    /// Whether a reply does the same as the page.
    pub by_reply: bool,
    /// What an alarm is about; else empty.
    pub detail: String,
    /// The address of a person who helps.
    pub contact: String,
    /// The same as a link.
    pub contact_url: String,
    /// The postal address in one line.
    pub postal_address: Option<String>,
}

impl NoticeContext {
    /// A notice of the site `title` at `url`, in which `markers` stand for what is personal.
    pub fn new(markers: &Markers, title: &str, url: &str, language: &str, contact: &str) -> Self {
        let site_title = shorten(&clean(title), 60);
        let contact = clean(contact);
        Self {
            site_url: link::web(url).unwrap_or_default(),
            language: clean(language),
            recipient: markers.of(Field::Address),
            action_url: markers.of(Field::Action),
            preferences_url: markers.of(Field::Preferences),
            within: String::new(),
            by_reply: false,
            detail: String::new(),
            contact_url: link::mailto(&contact, &site_title),
            contact,
            postal_address: None,
            site_title,
        }
    }

    /// With the postal address, one or more lines.
    pub fn from_place(mut self, address: Option<&str>) -> Self {
        self.postal_address = address.map(super::digest::postal);
        self
    }
}

impl Sample for NoticeContext {
    fn samples() -> Vec<(&'static str, Self)> {
        let markers = Markers::new("5a17e0d1c2b3948f");
        let url = "https://papers.example.org";
        let plain = Self::new(&markers, "Paper Round", url, "en", "help@example.org");
        let plain = Self { within: "7 days".into(), ..plain }
            .from_place(Some("Paper Round\n1 Sample Street\nSampletown"));
        let by_reply = Self { by_reply: true, ..plain.clone() };
        let told = Self { detail: "So many sign-ups that <most> wait.".into(), ..plain.clone() };
        let title = "A <site> & its \"name\"".repeat(9);
        let odd = Self::new(&markers, &title, "not an address", "en", "help@example.org");
        vec![("plain", plain), ("by reply", by_reply), ("told", told), ("odd names", odd)]
    }
}
