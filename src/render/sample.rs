//! Samples of every context, for `template check` and the tests: the usual, the small, the
//! large, and what strangers might put into a title.

use super::context::{DigestContext, Line, PaperView, SiteView, dates, preheader};
use crate::model::{Paper, PaperId};

const EVIL: [&str; 12] = [
    "<script>alert(1)</script> in a <think>title</think>",
    "\"><img src=x onerror=alert(1)>",
    "{{ 7*7 }} {% raw %} ${7*7} #{7*7}",
    "A title\r\nBcc: evil@example.org",
    "Turned \u{202e}gnp.exe around",
    "=?utf-8?q?=0aBcc:x?=",
    "نماذج لغوية كبيرة للاستدلال",
    "ベンチマーク & <大規模> 言語モデル",
    "$\\frac{a}{b}$ & 1920times1080 \\textit{well}",
    ".",
    "From here to there",
    "Robert'); DROP TABLE papers;--",
];

/// Digests of all kinds.
pub(super) fn digests() -> Vec<DigestContext> {
    let usual: Vec<Paper> = (1..=24).map(paper).collect();
    let evil: Vec<Paper> = EVIL
        .iter()
        .zip(100..)
        .map(|(title, n)| Paper { title: (*title).to_owned(), ..paper(n) })
        .collect();
    let mut bare = paper(200);
    bare.summary = String::new();
    bare.brief = None;
    bare.authors = Vec::new();
    bare.votes = None;
    bare.thumbnail = None;
    let mut crowded = paper(201);
    crowded.authors = (0..300).map(|n| format!("Author Number {n}")).collect();
    crowded.title = "long ".repeat(20_000);
    let many: Vec<Paper> = (300..360).map(paper).collect();
    vec![
        digest(&usual, 15, 0),
        digest(&usual[..1], 15, 0),
        digest(&evil, 6, 0),
        digest(&[bare, crowded], 15, 3),
        digest(&many, 20, 40),
        digest(&[], 15, 0),
    ]
}

fn paper(n: u32) -> Paper {
    let id = PaperId::from_stored(format!("2602.{n:05}"));
    let url = format!("https://huggingface.co/papers/{id}");
    Paper {
        summary: "We look at a question that many have asked, and give an answer. ".repeat(8),
        brief: n
            .is_multiple_of(2)
            .then(|| "An answer to a question that many have asked.".to_owned()),
        authors: (0..n % 7 + 1).map(|k| format!("Ada Lovelace {k}")).collect(),
        organization: n.is_multiple_of(3).then(|| "Analytical Engines".to_owned()),
        votes: Some(400 / n),
        stars: n.is_multiple_of(4).then_some(n * 997),
        code_url: n.is_multiple_of(2).then(|| "https://github.com/example/code?a=1&b=2".to_owned()),
        project_url: n.is_multiple_of(5).then(|| "https://example.org/project".to_owned()),
        thumbnail: Some(format!("https://cdn-thumbnails.huggingface.co/{n}.png")),
        ..Paper::new(id, format!("Paper Number {n}: What Was Found & Why It Matters"), url)
    }
}

fn digest(papers: &[Paper], cards: usize, held_back: usize) -> DigestContext {
    let (date, date_short) = dates(jiff::civil::date(2026, 2, 20));
    let cards = cards.min(papers.len());
    let views: Vec<PaperView> =
        (1..).zip(&papers[..cards]).map(|(rank, paper)| PaperView::new(rank, paper)).collect();
    DigestContext {
        site: SiteView {
            title: "Paper Round".to_owned(),
            url: "https://digest.example".to_owned(),
            contact: "papers@digest.example".to_owned(),
            postal_address: held_back.gt(&0).then(|| "1 Street, Town".to_owned()),
        },
        date,
        date_short,
        count: papers.len(),
        preheader: preheader(&views, papers.len()),
        cards: views,
        lines: papers[cards..].iter().map(Line::new).collect(),
        held_back,
        rhythm: "weekdays at 08:00, Europe/Berlin".to_owned(),
        reader: "alice@example.org".to_owned(),
    }
}
