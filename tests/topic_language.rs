//! The language of topics over real papers: what each query finds is compared with a matcher that
//! knows neither stems nor masks, only the forms of words that are written out here, and with what
//! a person found by reading. The papers are kept beside the repository (`../shared/corpus`, or
//! `PAPERROUND_CORPUS`); without them that test says so and passes.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use paperround::model::{Batch, Paper, Topic, Topics};
use paperround::source;

#[path = "../fuzz/bodies/topic.rs"]
mod body;
#[path = "topic_language/table.rs"]
mod table;

use table::{Row, TABLE};

/// The papers of 77 days in 2026, each once, as the source's API told them.
fn papers() -> Option<Vec<Paper>> {
    let home = std::env::var_os("PAPERROUND_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"),
        PathBuf::from,
    );
    let archive = home.join("huggingface-api.tar.xz");
    if !archive.exists() {
        eprintln!("SKIPPED: no corpus at {}", home.display());
        return None;
    }
    let dir = tempfile::tempdir().unwrap();
    let status =
        Command::new("tar").arg("-xJf").arg(&archive).arg("-C").arg(dir.path()).status().unwrap();
    assert!(status.success());
    let mut files: Vec<PathBuf> = std::fs::read_dir(dir.path().join("api"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let mut seen = HashSet::new();
    let mut papers = Vec::new();
    for file in files {
        let (_, reading) = source::read(None, &std::fs::read(file).unwrap(), None, None).unwrap();
        papers.extend(
            reading.listing.papers.into_iter().filter(|paper| seen.insert(paper.id.clone())),
        );
    }
    Some(papers)
}

/// A paper as its words in small letters without accents: nothing is stemmed.
pub(crate) struct Plain {
    title: Vec<String>,
    /// Abstract and brief.
    abstracts: Vec<Vec<String>>,
    keywords: Vec<Vec<String>>,
    org: Vec<String>,
    authors: Vec<Vec<String>>,
    pub(crate) votes: u32,
    pub(crate) stars: u32,
    pub(crate) code: bool,
}

impl Plain {
    fn of(paper: &Paper) -> Self {
        let all = |texts: &[String]| texts.iter().map(|text| words(text)).collect();
        Self {
            title: words(&paper.title),
            abstracts: std::iter::once(&paper.summary)
                .chain(&paper.brief)
                .map(|text| words(text))
                .collect(),
            keywords: all(&paper.keywords),
            org: words(paper.organization.as_deref().unwrap_or_default()),
            authors: all(&paper.authors),
            votes: paper.votes.unwrap_or(0),
            stars: paper.stars.unwrap_or(0),
            code: paper.code_url.is_some(),
        }
    }

    /// Whether these words stand side by side in title, abstract or a keyword; `a|b` is either.
    pub(crate) fn has(&self, run: &str) -> bool {
        self.title(run) || self.abstracts(run) || self.keyword(run)
    }

    pub(crate) fn title(&self, run: &str) -> bool {
        holds(&self.title, run)
    }

    pub(crate) fn abstracts(&self, run: &str) -> bool {
        self.abstracts.iter().any(|words| holds(words, run))
    }

    pub(crate) fn keyword(&self, run: &str) -> bool {
        self.keywords.iter().any(|words| holds(words, run))
    }

    pub(crate) fn org(&self, run: &str) -> bool {
        holds(&self.org, run)
    }

    /// Whether an author's name, folded, is one for which `is` holds.
    pub(crate) fn by(&self, is: fn(&str) -> bool) -> bool {
        self.authors.iter().any(|name| is(&name.join(" ")))
    }
}

fn holds(words: &[String], run: &str) -> bool {
    let wanted: Vec<Vec<&str>> = run.split(' ').map(|forms| forms.split('|').collect()).collect();
    words
        .windows(wanted.len())
        .any(|seen| seen.iter().zip(&wanted).all(|(word, forms)| forms.contains(&word.as_str())))
}

/// Runs of letters and digits, in small letters, without accents.
fn words(text: &str) -> Vec<String> {
    let plain: String = text.chars().flat_map(char::to_lowercase).map(without_accent).collect();
    plain
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The letters with accents that the papers hold, by hand.
fn without_accent(c: char) -> char {
    match c {
        'á' | 'à' | 'â' | 'ã' | 'ä' | 'å' => 'a',
        'ç' | 'ć' | 'č' => 'c',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'ğ' => 'g',
        'í' | 'ï' | 'î' | 'ı' => 'i',
        'ł' => 'l',
        'ń' | 'ñ' => 'n',
        'ó' | 'ö' | 'ô' | 'ø' => 'o',
        'ş' | 'š' | 'ś' => 's',
        'ú' | 'ü' | 'ù' => 'u',
        'ý' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        _ => c,
    }
}

/// What was found, as the table has it: up to eight ids, of more their number and the first.
fn told(papers: &[Paper], found: &[usize]) -> String {
    let ids = |most| {
        let ids = found.iter().take(most).map(|place| papers[*place].id.to_string());
        ids.collect::<Vec<_>>().join(" ")
    };
    match found.len() {
        0..=8 => ids(8),
        many => format!("{many}: {}", ids(2)),
    }
}

#[test]
fn every_query_finds_the_papers_that_a_person_would() {
    let Some(papers) = papers() else { return };
    assert_eq!(papers.len(), 1_561);
    let batch = Batch::new(&papers);
    let plain: Vec<Plain> = papers.iter().map(Plain::of).collect();
    let mut wrong = Vec::new();
    for Row { query, naive, found } in TABLE {
        let topic: Topic = query.parse().unwrap_or_else(|fault| panic!("{query}: {fault}"));
        let mask = batch.matches(&topic);
        let ours: Vec<usize> = (0..papers.len()).filter(|place| mask.holds(*place)).collect();
        let theirs: Vec<usize> = (0..papers.len()).filter(|place| naive(&plain[*place])).collect();
        let only = |these: &[usize], those: &[usize]| {
            let differ = these.iter().filter(|place| !those.contains(place)).take(3);
            differ.map(|place| papers[*place].id.to_string()).collect::<Vec<_>>()
        };
        if ours != theirs {
            let (more, less) = (only(&ours, &theirs), only(&theirs, &ours));
            wrong.push(format!("{query}: only ours {more:?}, only the naive one's {less:?}"));
        }
        if told(&papers, &ours) != *found {
            wrong.push(format!("{query}: {:?} and not {found:?}", told(&papers, &ours)));
        }
        // One by one it is the same, with something to show for each but what is only missing.
        for place in ours.iter().take(20) {
            assert!(topic.hits(&papers[*place]).is_some(), "{query}: {}", papers[*place].id);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let distinct: HashSet<&str> = TABLE.iter().map(|row| row.query).collect();
    assert!(distinct.len() == TABLE.len() && TABLE.len() >= 80);
    println!("{} queries over {} papers", TABLE.len(), papers.len());
}

proptest::proptest! {
    /// What the fuzz target holds, with texts that are mostly topics.
    #[test]
    fn anything_is_a_sound_topic_or_a_fault(
        text in "([-a-c;(\":) ]|OR|AND|NOT|title:|org:|author:|votes>=|\\PC){0,40}"
    ) {
        body::holds(&text);
    }

    #[test]
    fn any_bytes_are_too(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
        body::holds(&String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn the_seeds_of_the_fuzz_target_hold() {
    for entry in
        std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/seeds/topic")).unwrap()
    {
        body::holds(&std::fs::read_to_string(entry.unwrap().path()).unwrap());
    }
}

#[test]
fn too_much_is_refused_with_a_limit_in_words() {
    let said = |text: &str| text.parse::<Topic>().unwrap_err().to_string();
    let terms: Vec<String> = (0..10_000).map(|n| format!("w{n}")).collect();
    // What is just within the limits is read.
    assert!(
        "a ".repeat(64).parse::<Topic>().is_ok() && "((((((((a))))))))".parse::<Topic>().is_ok()
    );
    for (text, limit) in [
        (terms.join(" "), "a topic can have 300 characters"),
        (terms.join(" OR "), "a topic can have 300 characters"),
        ("a ".repeat(140), "a topic can have 64 words"),
        (format!("{}a{}", "(".repeat(100_000), ")".repeat(100_000)), "300 characters"),
        (format!("{}a{}", "(".repeat(100), ")".repeat(100)), "8 deep"),
        (format!("{}a", "-(".repeat(60)), "8 deep"),
        (format!("{}a", "NOT ".repeat(70)), "8 deep"),
    ] {
        assert!(said(&text).contains(limit), "{}", said(&text));
    }
    let many: Vec<String> = (0..51).map(|n| format!("w{n}")).collect();
    assert!(Topics::read(&many.join("\n")).unwrap_err().contains("51 topics are too many: 50"));
    // The message of a long one stays short.
    assert!(Topics::read(&terms.join(" ")).unwrap_err().len() < 300);
}
