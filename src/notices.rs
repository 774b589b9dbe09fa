//! What the rooms share for mail to one person: a notice's words from its template. Never decides
//! when one is due, and leaves the sending to delivery.

use std::sync::Arc;

use crate::config::Config;
use crate::mail::Letterhead;
use crate::model::{Answer, Language, Locale, MailKind, Span};
use crate::render::{Markers, NoticeContext, TemplateFault, Templates};
use crate::store::{Letter, StoreError};
use crate::token::Key;

/// Writes notices.
#[derive(Clone, Debug)]
pub struct Stationery {
    key: Key,
    title: String,
    url: String,
    locale: Locale,
    contact: String,
    postal_address: Option<String>,
    letterhead: String,
    templates: Arc<Templates>,
}

/// A notice in every language, made once.
#[derive(Clone, Debug)]
pub struct Translated {
    /// In the order of [`Language::ALL`].
    letters: Vec<Arc<Letter>>,
    /// In the site's language.
    usual: Arc<Letter>,
}

impl Translated {
    /// The one for a reader who chose `locale`, or none.
    pub fn of(&self, locale: Option<&Locale>) -> &Arc<Letter> {
        let language = locale.map(Locale::language);
        let at = Language::ALL.iter().position(|one| Some(*one) == language);
        at.and_then(|at| self.letters.get(at)).unwrap_or(&self.usual)
    }
}

/// Why a notice was not enqueued.
#[derive(Debug, thiserror::Error)]
pub enum NoticeError {
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It cannot be written.
    #[error("a notice cannot be written")]
    Template(#[from] TemplateFault),
}

impl Stationery {
    /// With the site's names.
    pub fn new(config: &Config, key: Key, templates: Arc<Templates>) -> Self {
        let contact = config.mail.reply_to.as_ref().unwrap_or(&config.mail.from);
        Self {
            key,
            title: config.site.title.clone(),
            url: config.site.address().to_owned(),
            locale: config.site.locale.clone(),
            contact: contact.to_string(),
            postal_address: config.mail.postal_address.clone(),
            letterhead: Letterhead::of(config).to_text(),
            templates,
        }
    }

    /// The language of a reader who chose `locale`, or none.
    pub fn locale(&self, locale: Option<&Locale>) -> Locale {
        locale.unwrap_or(&self.locale).clone()
    }

    /// The words of a notice of `kind` in `locale`, else in the site's; `fill` says what is its
    /// own.
    ///
    /// # Errors
    ///
    /// A template that does not render.
    pub fn letter(
        &self,
        kind: MailKind,
        locale: Option<&Locale>,
        fill: impl FnOnce(NoticeContext) -> NoticeContext,
    ) -> Result<Letter, TemplateFault> {
        let locale = locale.unwrap_or(&self.locale);
        let marker = self.key.pseudonym("marker", kind.word());
        let markers = Markers::new(&marker);
        let context = NoticeContext::new(&markers, &self.title, &self.url, locale, &self.contact)
            .from_place(self.postal_address.as_deref());
        let rendered = self.templates.notice(kind, &fill(context))?;
        let (subject, html, text) = (rendered.subject, rendered.html, rendered.text);
        let letterhead = self.letterhead.clone();
        Ok(Letter { kind, marker, subject, html, text, letterhead })
    }

    /// An answer to a mail, or what it asks back, in `locale`; a yes is waited for `within`.
    ///
    /// # Errors
    ///
    /// A template that does not render.
    pub fn answer(
        &self,
        kind: MailKind,
        locale: &Locale,
        answer: &Answer,
        within: Span,
    ) -> Result<Letter, TemplateFault> {
        let within = self.templates.span(locale, within);
        let answer = self.templates.answer(locale, answer);
        self.letter(kind, Some(locale), |context| NoticeContext { within, answer, ..context })
    }

    /// A notice of `kind` in every language; its page works for `within`, if it has one; `fill`
    /// says what is its own.
    ///
    /// # Errors
    ///
    /// A template that does not render.
    pub fn translated(
        &self,
        kind: MailKind,
        within: Option<Span>,
        fill: impl Fn(NoticeContext) -> NoticeContext,
    ) -> Result<Translated, TemplateFault> {
        let letter = |locale: &Locale| {
            let within = within.map(|span| self.templates.span(locale, span)).unwrap_or_default();
            self.letter(kind, Some(locale), |context| fill(NoticeContext { within, ..context }))
                .map(Arc::new)
        };
        let letters = Language::ALL.into_iter().map(|language| letter(&language.into()));
        Ok(Translated { letters: letters.collect::<Result<_, _>>()?, usual: letter(&self.locale)? })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::model::{Opening, Said};

    fn stationery(locale: &str) -> Stationery {
        let text = format!(
            "[site]\nurl = \"https://papers.example.org\"\nlocale = \"{locale}\"\n\
             [mail]\nfrom = \"papers@example.org\"\n[[mail.relays]]\nurl = \"folder:out\"\n"
        );
        let config = Config::parse(&text, Path::new("paperround.toml"), std::iter::empty());
        let templates = Arc::new(Templates::load(None).unwrap());
        Stationery::new(&config.unwrap().config, Key::new([7; 32]), templates)
    }

    #[test]
    fn alarms_are_framed_in_the_language_of_the_site() {
        let fill = |context| NoticeContext { detail: "Something <odd>.".into(), ..context };
        let alarm = stationery("fr-CA").letter(MailKind::Alarm, None, fill).unwrap();
        assert_eq!(alarm.subject, "Paper Round demande votre attention");
        assert!(alarm.html.contains("<html lang=\"fr-CA\""), "{}", alarm.html);
        assert!(alarm.html.contains("<p lang=\"en\" dir=\"ltr\""), "{}", alarm.html);
        assert!(alarm.text.contains("Votre intervention est nécessaire\n\nSomething <odd>.\n"));
    }

    #[test]
    fn answers_have_the_language_they_are_asked_for_and_days_as_their_reader_wants_them() {
        let stationery = stationery("fr");
        let day = jiff::civil::date(2026, 12, 24);
        let mut answer = Answer {
            opening: Opening::Done,
            said: vec![Said::PausedUntil(day)],
            ..Answer::default()
        };
        let text = |locale: &Locale, answer: &Answer| {
            let within = Span::from_days(7);
            stationery.answer(MailKind::Answer, locale, answer, within).unwrap().text
        };
        let british = "en-GB".parse().unwrap();
        assert!(text(&british, &answer).contains("* No digests until Thursday, 24 December 2026."));
        let own = stationery.locale(None);
        assert!(text(&own, &answer).contains("* Aucun envoi jusqu’au jeudi 24 décembre 2026."));
        answer.iso_dates = true;
        assert!(text(&own, &answer).contains("* Aucun envoi jusqu’au 2026-12-24."));
    }
}
