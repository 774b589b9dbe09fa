//! What the templates of a notice are given: mail to one person, about their subscription.
//! None of it was written by a stranger.

use serde::Serialize;

use super::link;
use super::markers::{Field, Markers};
use super::sample::{MARKER, Sample};
use super::templates::Templates;
use super::words::{clean, shorten};
use crate::model::{Locale, Span};

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

/// What an answer to a mail says; empty in other notices. What a stranger wrote stands in it
/// only where they are proved to be the reader.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct AnswerWords {
    /// What the subject says after the site's name.
    pub subject: String,
    /// The first line.
    pub heading: String,
    /// What was done, or is asked about.
    pub done: Vec<String>,
    /// What was not understood.
    pub unclear: Vec<Unclear>,
    /// What is in force now; empty for who is no reader.
    pub settings: Vec<String>,
    /// What can be written, if they are to be told.
    pub help: Vec<HelpLine>,
    /// Where to.
    pub write_to: String,
}

/// What was not understood.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Unclear {
    /// The words, shortened; empty where they are not to be repeated.
    pub line: String,
    /// What is wrong with them, or what comes nearest.
    pub hint: String,
}

/// What can be written, and what it does.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HelpLine {
    /// The words.
    pub words: &'static str,
    /// What they do.
    pub does: &'static str,
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
        let told = Self { detail: "So many sign-ups that <most> wait.".into(), ..plain.clone() };
        let answer = AnswerWords {
            subject: "what was done".into(),
            heading: "Done".into(),
            done: vec!["no digests until 2026-12-24".into(), "a topic: \"<b>\" OR x".into()],
            unclear: vec![
                Unclear { line: "sett time 7".into(), hint: "did you mean: set time 07:00".into() },
                Unclear { line: String::new(), hint: "nothing that we know".into() },
            ],
            settings: vec!["weekdays at 08:00, Europe/Berlin".into(), "all papers".into()],
            help: vec![HelpLine { words: "pause 2 weeks", does: "no digests for two weeks" }],
            write_to: "papers@example.org".into(),
        };
        let answered = Self { answer, ..plain.clone() };
        let title = "A <site> & its \"name\"".repeat(9);
        let odd = Self::new(&markers, &title, "not an address", locale, "help@example.org");
        vec![
            ("plain", plain),
            ("by reply", by_reply),
            ("told", told),
            ("answered", answered),
            ("odd names", odd),
        ]
    }
}
