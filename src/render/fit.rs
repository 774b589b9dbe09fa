//! A digest within its size: as many full cards as fit, the rest as titles, and what even
//! so does not fit left for the next digest. Nothing is hidden.

use jiff::civil::Date;

use super::context::{DigestContext, Line, PaperView, SiteView, dates, preheader};
use super::{Rendered, TemplateFault, Templates};
use crate::model::Paper;

/// A digest that fits.
#[derive(Clone, Debug)]
pub struct Fitted {
    /// Its parts.
    pub rendered: Rendered,
    /// How many of the papers, from the first, it holds.
    pub listed: usize,
    /// How many of those are full cards.
    pub cards: usize,
}

/// What a digest is about, whatever its size.
#[derive(Clone, Debug)]
pub struct About<'a> {
    /// The sender.
    pub site: &'a SiteView,
    /// The day on the reader's calendar.
    pub day: Date,
    /// When this reader gets mail.
    pub rhythm: &'a str,
    /// Stands for the reader's address.
    pub reader: &'a str,
}

impl Templates {
    /// Renders `papers` (best first) with up to `cards` full cards in at most `max_html`
    /// bytes of HTML. At least one paper is always in.
    pub fn fitted(
        &self,
        about: &About<'_>,
        papers: &[&Paper],
        cards: usize,
        max_html: usize,
    ) -> Result<Fitted, TemplateFault> {
        let most = cards.min(papers.len());
        let (whole, held) = ((papers.len(), most), (papers.len(), most.min(1)));
        let mut best = self.sized(about, papers, whole)?;
        if best.rendered.html.len() <= max_html || papers.len() <= 1 {
            return Ok(best);
        }
        let small = self.sized(about, papers, held)?;
        if small.rendered.html.len() <= max_html {
            // Fewer cards: the most that fit.
            best = small;
            let (mut fits, mut too_many) = (held.1, most);
            while too_many - fits > 1 {
                let middle = fits.midpoint(too_many);
                let tried = self.sized(about, papers, (papers.len(), middle))?;
                if tried.rendered.html.len() <= max_html {
                    (fits, best) = (middle, tried);
                } else {
                    too_many = middle;
                }
            }
            return Ok(best);
        }
        // Titles alone are too many: fewer of them.
        best = self.sized(about, papers, (1, 1))?;
        let (mut fits, mut too_many) = (1, papers.len());
        while too_many - fits > 1 {
            let middle = fits.midpoint(too_many);
            let tried = self.sized(about, papers, (middle, 1))?;
            if tried.rendered.html.len() <= max_html {
                (fits, best) = (middle, tried);
            } else {
                too_many = middle;
            }
        }
        Ok(best)
    }

    fn sized(
        &self,
        about: &About<'_>,
        papers: &[&Paper],
        (listed, cards): (usize, usize),
    ) -> Result<Fitted, TemplateFault> {
        let (date, date_short) = dates(about.day);
        let views: Vec<PaperView> =
            (1..).zip(&papers[..cards]).map(|(rank, paper)| PaperView::new(rank, paper)).collect();
        let context = DigestContext {
            site: about.site.clone(),
            date,
            date_short,
            count: listed,
            preheader: preheader(&views, listed),
            cards: views,
            lines: papers[cards..listed].iter().map(|paper| Line::new(paper)).collect(),
            held_back: papers.len() - listed,
            rhythm: about.rhythm.to_owned(),
            reader: about.reader.to_owned(),
        };
        Ok(Fitted { rendered: self.digest(&context)?, listed, cards })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PaperId;

    #[test]
    fn what_does_not_fit_becomes_titles_and_then_waits() {
        let templates = Templates::load(None).unwrap();
        let papers: Vec<Paper> = (0..400)
            .map(|n| {
                let id = PaperId::from_arxiv(&format!("2602.{n:05}")).unwrap();
                let title = format!("Number {n}: {}", "a long title of many words ".repeat(5));
                let url = format!("https://huggingface.co/papers/{id}");
                Paper { summary: "So it is. ".repeat(60), ..Paper::new(id, title, url) }
            })
            .collect();
        let all: Vec<&Paper> = papers.iter().collect();
        let site = SiteView {
            title: "Paper Round".into(),
            url: "https://digest.example".into(),
            contact: "papers@digest.example".into(),
            postal_address: None,
        };
        let day = "2026-02-20".parse().unwrap();
        let about = About { site: &site, day, rhythm: "daily at 08:00, UTC", reader: "READER" };
        for (count, cards, listed) in [(12, 12, 12), (60, 15, 60), (120, 1, 120), (400, 1, 100)] {
            let fitted = templates.fitted(&about, &all[..count], 15, 90_000).unwrap();
            assert!(fitted.rendered.html.len() <= 90_000);
            assert!(
                fitted.cards >= cards && fitted.listed >= listed,
                "{count}: {} {}",
                fitted.cards,
                fitted.listed
            );
            assert_eq!(fitted.rendered.html.contains("next digest"), fitted.listed < count);
            assert_eq!(fitted.rendered.html.matches("READER").count(), 1);
        }
        assert!(
            templates.fitted(&about, &all[..1], 15, 90_000).unwrap().rendered.html.len() < 20_000
        );
        assert_eq!(templates.fitted(&about, &all[..3], 15, 10).unwrap().listed, 1);
    }
}
