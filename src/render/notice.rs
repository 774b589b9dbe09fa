//! What the templates of a notice are given: mail to one person, about their subscription.
//! None of it was written by a stranger.

use serde::Serialize;

use super::answer::AnswerWords;
use super::answer_samples::answers;
use super::link;
use super::markers::{Field, Markers};
use super::sample::{MARKER, Sample};
use super::templates::Templates;
use super::words::{clean, shorten};
use crate::model::{Answer, Locale, Span};

/// The context of `mail/confirm.*`, `mail/known.*`, `mail/link.*`, `mail/goodbye.*`,
/// `mail/move.*`, `mail/answer.*`, `mail/ask.*`, `mail/probe.*` and `mail/alarm.*`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NoticeContext {
    /// The site's name.
    pub site_title: String,
    /// The site's address.
    pub site_url: String,
    /// The language of the mail's own words, such as `en` (BCP 47).
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
    /// Whether more was asked for than it can do.
    pub in_part: bool,
    /// What an alarm is about; else empty.
    pub detail: String,
    /// What an answer says.
    #[serde(flatten)]
    pub answer: AnswerWords,
    /// The address of a person who helps.
    pub contact: String,
    /// The same as a link.
    pub contact_url: String,
    /// The postal address in one line.
    pub postal_address: Option<String>,
}

impl NoticeContext {
    /// A notice of the site `title` at `url`, in which `markers` stand for what is personal.
    pub fn new(markers: &Markers, title: &str, url: &str, locale: &Locale, contact: &str) -> Self {
        let site_title = shorten(&clean(title), 60);
        let contact = clean(contact);
        Self {
            site_url: link::web(url).unwrap_or_default(),
            language: locale.to_string(),
            recipient: markers.of(Field::Address),
            action_url: markers.of(Field::Action),
            preferences_url: markers.of(Field::Preferences),
            within: String::new(),
            by_reply: false,
            in_part: false,
            detail: String::new(),
            answer: AnswerWords::default(),
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
    fn samples(templates: &Templates, locale: &Locale) -> Vec<(&'static str, Self)> {
        let markers = Markers::new(MARKER);
        let url = "https://papers.example.org";
        let plain = Self::new(&markers, "Paper Round", url, locale, "help@example.org");
        let plain = Self { within: templates.span(locale, Span::from_days(7)), ..plain }
            .from_place(Some("Paper Round\n1 Sample Street\nSampletown"));
        let by_reply = Self { by_reply: true, ..plain.clone() };
        let in_part = Self { in_part: true, ..by_reply.clone() };
        let told = Self { detail: "So many sign-ups that <most> wait.".into(), ..plain.clone() };
        let answer = |answer: Answer| {
            let answer = templates.answer(locale, &answer);
            Self { answer, ..plain.clone() }
        };
        let title = "A <site> & its \"name\"".repeat(9);
        let odd = Self::new(&markers, &title, "not an address", locale, "help@example.org");
        vec![
            ("plain", plain.clone()),
            ("by reply", by_reply),
            ("in part", in_part),
            ("told", told),
            ("odd names", odd),
        ]
        .into_iter()
        .chain(answers().into_iter().map(|(name, one)| (name, answer(one))))
        .collect()
    }
}
