//! A choice becomes a mail: rendered once for all readers of a cohort, with a marker where
//! the reader's own address goes.

use super::aside::Today;
use super::select::Choice;
use super::{DigestError, Planner, Wish};
use crate::config::Config;
use crate::model::Locale;
use crate::render::{Beside, Frame, Markers, PaperView, Rendered, Why};
use crate::store::Candidate;

/// What every mail says of its sender.
#[derive(Clone, Debug)]
pub struct Colophon {
    title: String,
    url: String,
    locale: Locale,
    contact: String,
    by_reply: bool,
    postal_address: Option<String>,
}

impl Colophon {
    /// As the configuration has it.
    pub fn of(config: &Config) -> Self {
        let contact = config.mail.reply_to.as_ref().unwrap_or(&config.mail.from);
        Self {
            title: config.site.title.clone(),
            url: config.site.address().to_owned(),
            locale: config.site.locale.clone(),
            contact: contact.to_string(),
            by_reply: config.inbound.address.is_some() && config.mail.reply_to.is_none(),
            postal_address: config.mail.postal_address.clone(),
        }
    }
}

/// A digest as rendered.
pub(super) struct Pressed {
    pub(super) marker: String,
    pub(super) rendered: Rendered,
    /// How many of the fresh papers, from the first, are in it.
    pub(super) listed: usize,
}

impl Planner {
    pub(super) fn press(
        &self,
        wish: &Wish<'_>,
        today: Today<'_>,
        choice: &Choice<'_>,
        why: impl Fn(&Candidate) -> Option<Why>,
        beside: Beside,
    ) -> Result<Pressed, DigestError> {
        let Today { day, timing, .. } = today;
        let (preferences, welcome) = (&*wish.preferences, wish.first);
        // Nobody who writes a title knows the key, so none can hold the marker; and the same
        // digest has the same one, so that a preview is the mail to the byte.
        let first = if welcome { " first" } else { "" };
        let of = format!("{day} {}{first}", preferences.canonical());
        let marker = self.key.pseudonym("marker", &of);
        let papers: Vec<PaperView> = (1..)
            .zip(&choice.fresh)
            .map(|(rank, candidate)| {
                let view = PaperView::new(rank, &candidate.paper).because(why(candidate));
                PaperView { key: candidate.row.to_string(), ..view }
            })
            .collect();
        let locale = preferences.locale.as_ref().unwrap_or(&self.colophon.locale);
        let frame = Frame {
            site_title: self.colophon.title.clone(),
            site_url: self.colophon.url.clone(),
            date: day,
            rhythm: self.templates.rhythm(locale, timing),
            locale: locale.clone(),
            markers: Markers::new(&marker),
            welcome,
            iso_dates: preferences.iso_dates,
            contact: self.colophon.contact.clone(),
            by_reply: self.colophon.by_reply,
            postal_address: self.colophon.postal_address.clone(),
            beside,
        };
        let cards = preferences.max_papers.unwrap_or(self.digest.max_papers);
        let fitted = self.templates.fit(
            &frame,
            &papers,
            usize::try_from(cards).unwrap_or(usize::MAX),
            usize::try_from(self.digest.max_html.bytes()).unwrap_or(usize::MAX),
        )?;
        Ok(Pressed { marker, rendered: fitted.rendered, listed: fitted.listed })
    }
}
