//! Samples: every context shows examples of itself, so that templates can be tried before a
//! reader sees them. Never real people or papers.

use jiff::civil::date;

use super::beside::{Beside, Hush, Moved, Trend, Why};
use super::digest::{DigestContext, Frame, SilenceView};
use super::markers::Markers;
use super::paper::PaperView;
use super::templates::Templates;
use crate::model::{Locale, Paper, PaperId, Preferences, Timing, Zone};

/// The nonce of the markers in samples.
pub const MARKER: &str = "5a17e0d1c2b3948f";

/// A context that shows examples of itself, each with a name that says what is special.
pub trait Sample: Sized {
    /// The examples in one language.
    fn samples(templates: &Templates, locale: &Locale) -> Vec<(&'static str, Self)>;
}

impl Sample for DigestContext {
    fn samples(templates: &Templates, locale: &Locale) -> Vec<(&'static str, Self)> {
        let context = |papers: &[Paper], cards| context(templates, locale, papers, cards);
        let many: Vec<Paper> = (0..60).map(ordinary).collect();
        let with = |change: fn(&mut Paper)| {
            let mut papers = many[..4].to_vec();
            papers.iter_mut().for_each(change);
            papers
        };
        let evil = |paper: &mut Paper| {
            paper.title = "RE: <script>alert('1')</script>\r\nBcc: x@example.org\r\n\r\n{{ 7*7 }} \
                           \"quoted\" & =?utf-8?q?x?= \u{202e}txt.exe ((x.address))"
                .into();
            paper.organization = Some("</td></table><b>Org".into());
            paper.authors = vec!["\"><img src=x onerror=alert(1)>".into(); 5];
            paper.url = "https://example.org/?q=\"><script>&b='2'".into();
            paper.code_url = Some("javascript:alert(1)".into());
            paper.thumbnail = Some("data:image/png;base64,AAAA".into());
        };
        let rtl = |paper: &mut Paper| {
            paper.title = "نماذج لغوية كبيرة للغة العربية (LLM)".into();
            paper.brief = Some("نقدم نموذجا لغويا مدربا على 200 مليار رمز.".into());
            paper.authors = vec!["محمد علي".into(), "שרה כהן".into()];
        };
        [
            ("an ordinary day", many[..22].to_vec(), 15),
            ("one paper", many[..1].to_vec(), 15),
            ("60 papers", many.clone(), 15),
            ("titles that attack", with(evil), 3),
            ("right to left", with(rtl), 3),
            ("no abstract", with(|paper| (paper.brief, paper.summary) = (None, String::new())), 3),
            ("no authors", with(|paper| paper.authors.clear()), 3),
            ("300 authors", with(|paper| paper.authors = vec!["Ada Ames".into(); 300]), 3),
            ("a title of 100 kB", with(|paper| paper.title = "Very ".repeat(20_000)), 3),
            ("nothing new", Vec::new(), 15),
            ("little known", with(|paper| *paper = bare(paper)), 3),
        ]
        .into_iter()
        .map(|(name, papers, cards)| (name, context(&papers, cards)))
        .chain([("the first", {
            let mut first = context(&many[..22], 15);
            first.welcome = true;
            first
        })])
        .chain([("everything", everything(context(&many[..22], 15)))])
        .collect()
    }
}

/// A digest with all that there can be: reasons, taste, and what stands beside the papers.
fn everything(mut digest: DigestContext) -> DigestContext {
    let moved = |title: &str, gain| Moved {
        title: title.to_owned(),
        url: "https://huggingface.co/papers/2610.00001".to_owned(),
        gain,
    };
    digest.taste_url.clone_from(&digest.preferences_url);
    let whys = [
        Why::Topic("\"flow matching\" OR title:<diffusion>".into()),
        Why::Author("Chiara D’Amico".into()),
        Why::Liked("Naïve Transformers Are “Surprisingly” Good Planners".into()),
        Why::Rising(120),
    ];
    for (at, card) in digest.cards.iter_mut().enumerate() {
        card.key = format!("2611.{at:05}");
        card.why = whys.get(at).cloned();
    }
    digest.related = vec![
        moved("A First Look at Sparse Experts", 0),
        moved("Why <Routers> Collapse, & What Helps", 0),
    ];
    digest.rising = vec![
        moved("Small Models That Plan", 1),
        moved("Counting Objects in Two Hours of Video", 1_240),
    ];
    digest.trend = Some(Trend {
        rose: ["world models", "test-time training", "agents"].map(str::to_owned).to_vec(),
        faded: ["prompting", "3D Gaussians"].map(str::to_owned).to_vec(),
        papers: vec![moved("The Week’s Favourite", 321)],
    });
    digest.silence = Some(SilenceView {
        from: digest.date_long.clone(),
        to: digest.date_long.clone(),
        days: 2,
        today: false,
        why: Hush::NothingListed,
    });
    digest
}

/// So many ordinary papers, as views.
pub(super) fn ordinary_papers(count: usize) -> Vec<PaperView> {
    (0..count).map(|n| PaperView::new(n + 1, &ordinary(n))).collect()
}

/// What surrounds the papers of a sample, but for the rhythm.
pub(super) fn frame(locale: &Locale) -> Frame {
    Frame {
        site_title: "Paper Round".into(),
        site_url: "https://papers.example.org".into(),
        locale: locale.clone(),
        date: date(2026, 11, 23),
        rhythm: String::new(),
        markers: Markers::new(MARKER),
        welcome: false,
        iso_dates: false,
        contact: "help@example.org".into(),
        by_reply: true,
        postal_address: Some("Paper Round\n1 Sample Street\nSampletown".into()),
        beside: Beside::default(),
    }
}

fn context(
    templates: &Templates,
    locale: &Locale,
    papers: &[Paper],
    cards: usize,
) -> DigestContext {
    let mut frame = frame(locale);
    let wishes = Preferences { zone: "Europe/Berlin".parse().ok(), ..Preferences::default() };
    if let Ok(schedule) = "0 8 * * Mon-Fri".parse() {
        frame.rhythm = templates.rhythm(locale, &Timing::of(&wishes, &schedule, &Zone::UTC));
    }
    let views: Vec<PaperView> =
        (1..).zip(papers).map(|(rank, paper)| PaperView::new(rank, paper)).collect();
    templates.context(&frame, &views, views.len(), cards)
}

/// A paper of which only the title and the page are known.
fn bare(paper: &Paper) -> Paper {
    Paper::new(paper.id.clone(), paper.title.clone(), paper.url.clone())
}

fn ordinary(n: usize) -> Paper {
    const TITLES: [&str; 4] = [
        "Scaling Laws for Sparse Mixture-of-Experts Language Models",
        "Flow Matching on Curved Spaces: A Short Path between Distributions",
        "How Far Can a Small Model See? Measuring Long-Context Vision with Nothing but Counting",
        "Naïve Transformers Are “Surprisingly” Good Planners",
    ];
    let id = format!("2611.{:05}", 1_000 + n * 37);
    let url = format!("https://huggingface.co/papers/{id}");
    let mut paper = Paper::new(PaperId::from_stored(id), TITLES[n % TITLES.len()], url);
    paper.summary = "We study how far a simple recipe can be taken, e.g. when data are scarce. \
                     On six benchmarks it matches systems that are ten times as large, at a \
                     fraction of the cost. Ablations show which of its parts matter, and which \
                     do not. Code and models are released."
        .into();
    paper.brief = (!n.is_multiple_of(3)).then(|| {
        "A simple recipe matches systems ten times as large on six benchmarks, at a fraction of \
         the cost."
            .into()
    });
    paper.authors = ["Ada Ames", "Bo Chen", "Chiara D’Amico", "Dan Eriksson", "Ebo Mensah"]
        .iter()
        .take(1 + n % 5)
        .map(|name| (*name).to_owned())
        .collect();
    paper.organization = n.is_multiple_of(2).then(|| "Institute of Examples".into());
    paper.votes = Some(180_u32.saturating_sub(n as u32 * 4));
    paper.stars = n.is_multiple_of(2).then_some(900 + n as u32 * 150);
    paper.thumbnail =
        Some(format!("https://cdn-thumbnails.huggingface.co/papers/{}.png", paper.id));
    paper.code_url = n.is_multiple_of(2).then(|| format!("https://github.com/example/code-{n}"));
    paper.project_url = n.is_multiple_of(4).then(|| format!("https://project-{n}.example.org/"));
    paper
}
