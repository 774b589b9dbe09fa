//! The words of the notices, made once: nothing in them comes from a stranger, and what is one
//! reader's own is put in where a mail is made.

use crate::config::Config;
use crate::model::{MailKind, Span};
use crate::notices::{Stationery, Translated};
use crate::render::{NoticeContext, TemplateFault};

/// The version of the words to which a person agrees: raise it when the form, the confirm mail
/// or the page with the button say something else.
pub(super) const WORDING: &str = "2026-11-28";

/// The notices.
#[derive(Debug)]
pub(super) struct Letters {
    pub(super) confirm: Translated,
    /// To who wrote more in their mail than which digests they want.
    pub(super) confirm_in_part: Translated,
    pub(super) known: Translated,
    pub(super) link: Translated,
    pub(super) goodbye: Translated,
    pub(super) moving: Translated,
}

impl Letters {
    pub(super) fn new(
        config: &Config,
        stationery: &Stationery,
        undo_within: Span,
    ) -> Result<Self, TemplateFault> {
        let of_kind = |kind: MailKind, within: Span, in_part: bool| {
            let by_reply = kind == MailKind::Confirm && config.inbound.address.is_some();
            let fill = |context| NoticeContext { by_reply, in_part, ..context };
            stationery.translated(kind, Some(within), fill)
        };
        let letter = |kind, within| of_kind(kind, within, false);
        let confirm_within = config.subscriptions.confirm_within;
        Ok(Self {
            confirm: letter(MailKind::Confirm, confirm_within)?,
            confirm_in_part: of_kind(MailKind::Confirm, confirm_within, true)?,
            known: letter(MailKind::Known, confirm_within)?,
            link: letter(MailKind::Link, confirm_within)?,
            goodbye: letter(MailKind::Goodbye, undo_within)?,
            moving: letter(MailKind::Move, confirm_within)?,
        })
    }
}
