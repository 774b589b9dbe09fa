//! What the rooms share for mail to one person: a notice's words from its template. Never decides
//! when one is due, and leaves the sending to delivery.

use std::borrow::Cow;
use std::sync::Arc;

use crate::config::Config;
use crate::mail::Letterhead;
use crate::model::{Language, Locale, MailKind, Span};
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
    fn spoken<'a>(&'a self, kind: MailKind, locale: Option<&'a Locale>) -> Cow<'a, Locale> {
        match kind {
            // What these say beside their frame is made of English sentences.
            MailKind::Answer | MailKind::Ask | MailKind::Alarm => Cow::Owned(Locale::default()),
            _ => Cow::Borrowed(locale.unwrap_or(&self.locale)),
        }
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
        let locale = self.spoken(kind, locale);
        let marker = self.key.pseudonym("marker", kind.word());
        let markers = Markers::new(&marker);
        let context = NoticeContext::new(&markers, &self.title, &self.url, &locale, &self.contact)
            .from_place(self.postal_address.as_deref());
        let rendered = self.templates.notice(kind, &fill(context))?;
        let (subject, html, text) = (rendered.subject, rendered.html, rendered.text);
        let letterhead = self.letterhead.clone();
        Ok(Letter { kind, marker, subject, html, text, letterhead })
    }
}

impl Stationery {
    /// A notice of `kind` in every language; its page works for `within`, if it has one.
    ///
    /// # Errors
    ///
    /// A template that does not render.
    pub fn translated(
        &self,
        kind: MailKind,
        within: Option<Span>,
        by_reply: bool,
    ) -> Result<Translated, TemplateFault> {
        let letter = |locale: &Locale| {
            let within = within.map(|span| self.templates.span(locale, span)).unwrap_or_default();
            let fill = |context| NoticeContext { within, by_reply, ..context };
            self.letter(kind, Some(locale), fill).map(Arc::new)
        };
        let letters = Language::ALL.into_iter().map(|language| letter(&language.into()));
        Ok(Translated { letters: letters.collect::<Result<_, _>>()?, usual: letter(&self.locale)? })
    }
}
