//! Papers of no real authors that are as long as real ones, the same at each run.

use paperround::model::{Paper, PaperId};

const HOW: [&str; 10] = [
    "Scaling",
    "Rethinking",
    "Towards Robust",
    "Efficient",
    "Learning",
    "Unifying",
    "Probing",
    "Aligning",
    "Distilling",
    "Self-Supervised",
];
const WHAT: [&str; 12] = [
    "Sparse Attention",
    "Mixture-of-Experts Routing",
    "Flow Matching",
    "Preference Optimisation",
    "Visual Tokenisers",
    "Retrieval-Augmented Generation",
    "World Models",
    "Code Agents",
    "Speech-Text Alignment",
    "Long-Context Memory",
    "Test-Time Compute",
    "Diffusion Priors",
];
const WHY: [&str; 9] = [
    "for Long-Horizon Reasoning",
    "under Distribution Shift",
    "in Embodied Navigation",
    "with Verifiable Rewards",
    "for Real-Time Video Understanding",
    "beyond Human Annotation",
    "at a Fraction of the Cost",
    "on Low-Resource Languages",
    "without Catastrophic Forgetting",
];
const FIRST: [&str; 11] = [
    "Ada", "Björn", "Chen", "Daniela", "Émile", "Farida", "Gökçe", "Hiroshi", "Inês", "Jan", "Kofi",
];
const LAST: [&str; 13] = [
    "Almeida",
    "Braun",
    "Castellanos",
    "Dvořák",
    "Eriksen",
    "Fujimoto",
    "Grünwald",
    "Huang",
    "Ivanova",
    "Jørgensen",
    "Kowalski",
    "Lindqvist",
    "Mensah",
];
const SAID: [&str; 8] = [
    "We study how the cost of inference grows with the length of the context and find that most \
     of it buys nothing.",
    "Existing benchmarks reward memorisation; we introduce a procedurally generated suite that \
     does not.",
    "Our method trains in 40 % fewer steps while keeping the accuracy of the dense baseline \
     (71.3 vs. 71.1 on the held-out split).",
    "A simple regulariser – two lines of code – closes the gap to models that are three times \
     as large.",
    "Ablations show that neither component suffices alone, and that their order matters.",
    "We release code, checkpoints and every intermediate trace.",
    "The key idea is to treat retrieval and generation as one sampling problem with a shared \
     temperature α ≤ 1.",
    "Human raters preferred the outputs in 64 % of 2,400 blind comparisons.",
];

/// `count` papers, all different.
pub(crate) fn papers(count: u32) -> anyhow::Result<Vec<Paper>> {
    (1..=count).map(paper).collect()
}

fn paper(n: u32) -> anyhow::Result<Paper> {
    let at = usize::try_from(n)?;
    let number = format!("2602.{:05}", 1_000 + n * 7);
    let id = PaperId::from_arxiv(&number).ok_or_else(|| anyhow::anyhow!("an arXiv id"))?;
    let pick = |from: &[&'static str], step: usize| from[at * step % from.len()];
    let title = format!("{} {} {}", pick(&HOW, 3), pick(&WHAT, 5), pick(&WHY, 4));
    let authors = (0..4 + at % 9)
        .map(|k| {
            let (first, last) = (FIRST[(at * 5 + k * 3) % 11], LAST[(at * 7 + k * 4) % 13]);
            format!("{first} {last}")
        })
        .collect();
    let summary = (0..6).map(|k| SAID[(at * 3 + k) % SAID.len()]).collect::<Vec<_>>().join(" ");
    let url = format!("https://huggingface.co/papers/{id}");
    Ok(Paper {
        summary,
        authors,
        organization: n.is_multiple_of(3).then(|| "Institute for Applied Learning".to_owned()),
        votes: Some(400 - n * 11),
        stars: n.is_multiple_of(2).then_some(n * 137),
        thumbnail: Some(format!(
            "https://cdn-thumbnails.huggingface.co/social-thumbnails/papers/{id}.png"
        )),
        code_url: n
            .is_multiple_of(2)
            .then(|| format!("https://github.com/applied-learning/{}", number.replace('.', "-"))),
        ..Paper::new(id, title, url)
    })
}
