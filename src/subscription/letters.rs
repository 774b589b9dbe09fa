//! The words of the notices, made once: nothing in them comes from a stranger, and what is one
//! reader's own is put in where a mail is made.

use std::sync::Arc;

use crate::config::Config;
use crate::model::{MailKind, Span};
use crate::render::{AnswerWords, Markers, NoticeContext, TemplateFault, Templates};
use crate::store::Letter;
use crate::token::Key;

/// The version of the words to which a person agrees: raise it when the form, the confirm mail
/// or the page with the button say something else.
pub(super) const WORDING: &str = "2026-11";

/// The notices.
#[derive(Debug)]
pub(super) struct Letters {
    pub(super) confirm: Arc<Letter>,
    pub(super) known: Arc<Letter>,
    pub(super) link: Arc<Letter>,
    pub(super) goodbye: Arc<Letter>,
    pub(super) moving: Arc<Letter>,
    alarm: (NoticeContext, String),
    answer: (NoticeContext, String),
    ask: (NoticeContext, String),
}

impl Letters {
    pub(super) fn new(
        config: &Config,
        key: &Key,
        templates: &Templates,
        undo_within: Span,
    ) -> Result<Self, TemplateFault> {
        let contact = config.mail.reply_to.as_ref().unwrap_or(&config.mail.from);
        let make = |kind: MailKind, within: Span| {
            let marker = key.pseudonym("marker", kind.word());
            let context = NoticeContext::new(
                &Markers::new(&marker),
                &config.site.title,
                config.site.address(),
                &config.site.locale,
                contact.as_str(),
            )
            .from_place(config.mail.postal_address.as_deref());
            let by_reply = kind == MailKind::Confirm && config.inbound.address.is_some();
            (NoticeContext { within: words(within), by_reply, ..context }, marker)
        };
        let letter = |kind, within| {
            let (context, marker) = make(kind, within);
            written(kind, &context, marker, templates).map(Arc::new)
        };
        let confirm_within = config.subscriptions.confirm_within;
        Ok(Self {
            confirm: letter(MailKind::Confirm, confirm_within)?,
            known: letter(MailKind::Known, confirm_within)?,
            link: letter(MailKind::Link, confirm_within)?,
            goodbye: letter(MailKind::Goodbye, undo_within)?,
            moving: letter(MailKind::Move, confirm_within)?,
            alarm: make(MailKind::Alarm, confirm_within),
            answer: make(MailKind::Answer, confirm_within),
            ask: make(MailKind::Ask, confirm_within),
        })
    }

    /// An answer to a mail; with `asks`, one that asks whether it was theirs.
    pub(super) fn answer(
        &self,
        asks: bool,
        answer: AnswerWords,
        templates: &Templates,
    ) -> Result<Letter, TemplateFault> {
        let (kind, (context, marker)) =
            if asks { (MailKind::Ask, &self.ask) } else { (MailKind::Answer, &self.answer) };
        let context = NoticeContext { answer, ..context.clone() };
        written(kind, &context, marker.clone(), templates)
    }

    /// An alarm that says `detail`.
    pub(super) fn alarm(
        &self,
        detail: &str,
        templates: &Templates,
    ) -> Result<Letter, TemplateFault> {
        let (context, marker) = &self.alarm;
        let context = NoticeContext { detail: detail.to_owned(), ..context.clone() };
        written(MailKind::Alarm, &context, marker.clone(), templates)
    }
}

fn written(
    kind: MailKind,
    context: &NoticeContext,
    marker: String,
    templates: &Templates,
) -> Result<Letter, TemplateFault> {
    let rendered = templates.notice(kind, context)?;
    let (subject, html, text) = (rendered.subject, rendered.html, rendered.text);
    Ok(Letter { kind, marker, subject, html, text })
}

/// A length of time in words: `7 days`, `36 hours`.
pub(super) fn words(span: Span) -> String {
    let secs = span.secs();
    let (count, unit) = match secs {
        secs if secs.is_multiple_of(86_400) => (secs / 86_400, "day"),
        secs if secs.is_multiple_of(3_600) => (secs / 3_600, "hour"),
        secs => (secs.div_ceil(60), "minute"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}
