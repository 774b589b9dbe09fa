//! What the rooms share for mail to one person: a notice's words from its template, and alarms to
//! whoever runs the site. Never decides when one is due, and leaves the sending to delivery.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::config::Config;
use crate::mail::Letterhead;
use crate::model::{EmailAddress, Language, Locale, MailKind, Span};
use crate::render::{Markers, NoticeContext, TemplateFault, Templates};
use crate::store::{Letter, NewNotice, Store, StoreError};
use crate::token::Key;

/// Alarms of one kind come no more often.
const ALARM_EVERY: SignedDuration = SignedDuration::from_hours(6);

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

/// Tells whoever runs the site that something needs a person.
#[derive(Clone, Debug)]
pub struct Alarms {
    store: Store,
    to: Option<EmailAddress>,
    stationery: Arc<Stationery>,
}

impl Alarms {
    /// To whom the configuration says; without anybody there the log alone tells.
    pub fn new(config: &Config, store: Store, stationery: Arc<Stationery>) -> Self {
        Self { store, to: config.admin.alarms_to.clone(), stationery }
    }

    /// Mails an alarm, at most one in six hours of each `topic`. Returns whether it does.
    pub async fn raise(
        &self,
        topic: &str,
        detail: &str,
        now: Timestamp,
    ) -> Result<bool, NoticeError> {
        let Some(to) = &self.to else { return Ok(false) };
        let detail = detail.to_owned();
        let letter = self
            .stationery
            .letter(MailKind::Alarm, None, |context| NoticeContext { detail, ..context })?;
        let notice = NewNotice {
            letter: Arc::new(letter),
            recipient: Some(to.clone()),
            expires_at: now
                .saturating_add(SignedDuration::from_hours(24))
                .unwrap_or(Timestamp::MAX),
            answers: None,
        };
        let since = now.saturating_sub(ALARM_EVERY).unwrap_or(Timestamp::MIN);
        Ok(self.store.enqueue_alarm(topic, since, &notice, now).await?)
    }
}
