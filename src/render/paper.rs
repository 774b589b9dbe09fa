//! A paper as a reader sees it: every field cleaned, shortened and ready to be shown.

use serde::Serialize;

use super::beside::Why;
use super::link;
use super::words::{clean, count, excerpt, readable, shorten};
use crate::model::Paper;

/// Longest title, in characters; real ones end at about 250.
const TITLE: usize = 300;
/// Longest summary, in characters.
const SUMMARY: usize = 280;
/// Longest name of an author or organisation, in characters.
const NAME: usize = 60;
/// How many authors are named.
const AUTHORS: usize = 3;

/// What a template may show of a paper. Text is plain (escaping is the template engine's),
/// addresses are absolute and encoded.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PaperView {
    /// Its number in the mail, from 1.
    pub rank: usize,
    /// Its title in one line, never empty.
    pub title: String,
    /// Its page.
    pub url: String,
    /// The first authors, joined by commas; empty when unknown.
    pub authors: String,
    /// How many more authors there are.
    pub more_authors: usize,
    /// The organisation that it comes from.
    pub organization: Option<String>,
    /// One line about it: the source's own, else the abstract's first sentences; may be empty.
    pub summary: String,
    /// Votes, such as `81` or `1.2k`.
    pub votes: Option<String>,
    /// Votes as a number; never 0.
    pub vote_count: Option<u32>,
    /// Stars of its code, likewise.
    pub stars: Option<String>,
    /// Stars as a number; never 0.
    pub star_count: Option<u32>,
    /// Its picture: https.
    pub thumbnail: Option<String>,
    /// Where to read on: its page first, each address once.
    pub links: Vec<Link>,
    /// Whether its authors have withdrawn it.
    pub withdrawn: bool,
    /// Names it to our own pages; empty where it is not in the store.
    pub key: String,
    /// Why it is in this reader's digest.
    pub why: Option<Why>,
}

/// A link under a paper.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Link {
    /// What it leads to: `paper`, `arxiv`, `pdf`, `code`, `project`.
    pub kind: &'static str,
    /// The same in English: `Paper page`, `arXiv`, `PDF`, `Code`, `Project`.
    pub label: &'static str,
    /// The address.
    pub url: String,
}

impl PaperView {
    /// The view of `paper` as number `rank`, from 1.
    pub fn new(rank: usize, paper: &Paper) -> Self {
        let title = Some(shorten(&readable(&paper.title), TITLE))
            .filter(|title| !title.is_empty())
            .unwrap_or_else(|| shorten(&clean(paper.id.as_str()), TITLE));
        let links = links(paper);
        let mut authors = paper.authors.iter().map(|name| name_of(name)).filter(|n| !n.is_empty());
        let named: Vec<String> = authors.by_ref().take(AUTHORS).collect();
        let brief = paper.brief.as_deref().map(|brief| excerpt(brief, SUMMARY));
        let summary = brief
            .filter(|brief| !brief.is_empty())
            .unwrap_or_else(|| excerpt(&paper.summary, SUMMARY));
        Self {
            rank,
            title,
            // A page that is no web address (a feed may say anything) falls back to the next
            // best; with none at all the mail still shows the title.
            url: links.first().map(|link| link.url.clone()).unwrap_or_default(),
            authors: named.join(", "),
            more_authors: authors.count(),
            organization: paper
                .organization
                .as_deref()
                .map(name_of)
                .filter(|name| !name.is_empty()),
            summary,
            votes: paper.votes.filter(|votes| *votes > 0).map(count),
            vote_count: paper.votes.filter(|votes| *votes > 0),
            stars: paper.stars.filter(|stars| *stars > 0).map(count),
            star_count: paper.stars.filter(|stars| *stars > 0),
            thumbnail: paper.thumbnail.as_deref().and_then(link::secure),
            links,
            withdrawn: paper.withdrawn,
            key: String::new(),
            why: None,
        }
    }

    /// The same with the reason why this reader gets it.
    pub fn because(self, why: Option<Why>) -> Self {
        Self { why: why.map(Why::tidy), ..self }
    }
}

fn name_of(text: &str) -> String {
    shorten(&readable(text), NAME)
}

/// The paper's links in the order of use. Only its own page may be plain http: the others are
/// a click away from there.
fn links(paper: &Paper) -> Vec<Link> {
    let secure = |url: &Option<String>| url.as_deref().and_then(link::secure);
    let mut out: Vec<Link> = Vec::with_capacity(5);
    for (kind, label, url) in [
        ("paper", "Paper page", link::web(&paper.url)),
        ("arxiv", "arXiv", paper.arxiv_url()),
        ("pdf", "PDF", paper.pdf_url()),
        ("code", "Code", secure(&paper.code_url)),
        ("project", "Project", secure(&paper.project_url)),
    ] {
        if let Some(url) = url.filter(|url| out.iter().all(|link| link.url != *url)) {
            out.push(Link { kind, label, url });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PaperId;

    fn paper() -> Paper {
        let id = PaperId::from_arxiv("2605.06356").unwrap();
        let mut paper = Paper::new(id, "A\n title", "https://huggingface.co/papers/2605.06356");
        paper.authors = ["Ann", " ", "Bob", "Cy", "Di", "Ed"].map(str::to_owned).to_vec();
        paper.votes = Some(1_234);
        paper.stars = Some(0);
        paper
    }

    #[test]
    fn a_view_holds_what_is_shown() {
        let mut paper = paper();
        paper.code_url = Some("https://github.com/a/b".into());
        paper.project_url = Some("javascript:alert(1)".into());
        paper.summary = "One. Two.".into();
        let view = PaperView::new(2, &paper);
        assert_eq!(view.title, "A title");
        assert_eq!((view.authors.as_str(), view.more_authors), ("Ann, Bob, Cy", 2));
        assert_eq!(view.votes.as_deref(), Some("1.2k"));
        assert_eq!(view.stars, None);
        assert_eq!(view.summary, "One. Two.");
        let labels: Vec<_> = view.links.iter().map(|link| link.label).collect();
        assert_eq!(labels, ["Paper page", "arXiv", "PDF", "Code"]);
    }

    #[test]
    fn a_paper_of_arxiv_itself_has_one_link_to_its_abstract() {
        let mut paper = paper();
        paper.url = "https://arxiv.org/abs/2605.06356".into();
        let view = PaperView::new(1, &paper);
        assert_eq!(view.links.len(), 2);
        paper.url = "not an address".into();
        assert_eq!(PaperView::new(1, &paper).url, "https://arxiv.org/abs/2605.06356");
    }

    #[test]
    fn nothing_is_without_bound_or_name() {
        let mut paper = paper();
        paper.title = "\u{202e}".into();
        assert_eq!(PaperView::new(1, &paper).title, "2605.06356");
        paper.title = "x".repeat(100_000);
        paper.brief = Some("y ".repeat(50_000));
        let view = PaperView::new(1, &paper);
        assert!(view.title.chars().count() <= TITLE && view.summary.chars().count() <= SUMMARY);
    }
}
