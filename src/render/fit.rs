//! A digest within a budget of bytes: mail programs cut off what is longer (Gmail: 102,400
//! bytes of HTML), and with it the way to leave.

use super::digest::{DigestContext, Frame};
use super::fault::TemplateFault;
use super::markers::Field;
use super::paper::PaperView;
use super::templates::{Rendered, Templates};

/// Kept free for what is put in place of the markers: an address of 254 bytes, escaped, and
/// links, in a few places.
const RESERVE: usize = 2_048;

/// The most that a personal link adds to the site's address, beyond its marker.
const TOKEN: usize = 16;

/// A digest that fits.
#[derive(Clone, Debug)]
pub struct Fitted {
    /// Its words.
    pub rendered: Rendered,
    /// How many of the papers it shows: the first so many of those given. The others were
    /// not sent, and the mail says that they come with the next digest.
    pub listed: usize,
    /// How many of them are shown in full.
    pub cards: usize,
}

impl Templates {
    /// A digest of `papers`, the first `full_cards` of them in full, the others by their
    /// titles, in at most `max_html` bytes of HTML. What does not fit gives way from the end:
    /// first full papers become titles, then titles are left for the next digest. The lead
    /// always stays, even where it alone is too much.
    ///
    /// # Errors
    ///
    /// As [`Templates::digest`].
    pub fn fit(
        &self,
        frame: &Frame,
        papers: &[PaperView],
        full_cards: usize,
        max_html: usize,
    ) -> Result<Fitted, TemplateFault> {
        let room = max_html.saturating_sub(RESERVE);
        let taste = frame.markers.of(Field::Taste);
        let fits = |listed, cards| -> Result<bool, TemplateFault> {
            let context = DigestContext::new(frame, papers, listed, cards);
            let html = self.digest_html(&context)?;
            // Every card may have this link, so that it counts where there is one.
            let links = html.matches(&taste).count() * (frame.site_url.len() + TOKEN);
            Ok(html.len() + links <= room)
        };
        let all = papers.len();
        let wanted = full_cards.clamp(1, all.max(1));
        let (listed, cards) = if fits(all, wanted)? {
            (all, wanted)
        } else if fits(all, 1)? {
            (all, largest(1, wanted, |cards| fits(all, cards))?)
        } else {
            (largest(1, all, |listed| fits(listed, 1))?, 1)
        };
        let context = DigestContext::new(frame, papers, listed, cards);
        Ok(Fitted {
            rendered: self.digest(&context)?,
            listed: listed.min(all),
            cards: context.cards.len(),
        })
    }
}

/// The largest number from `good` up to, but not including, `bad` that `fits`, which is true
/// for all numbers up to some point; `good` is not tried.
fn largest(
    mut good: usize,
    mut bad: usize,
    fits: impl Fn(usize) -> Result<bool, TemplateFault>,
) -> Result<usize, TemplateFault> {
    while bad > good + 1 {
        let middle = good + (bad - good) / 2;
        if fits(middle)? {
            good = middle;
        } else {
            bad = middle;
        }
    }
    Ok(good)
}
