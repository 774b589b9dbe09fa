//! Real pages, answers and feeds, read as they were saved. The corpus is kept beside the
//! repository (`../shared/corpus`, or `PAPERROUND_CORPUS`); without it these tests say so
//! and pass.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

#[path = "support/corpus.rs"]
mod corpus;

use std::collections::HashMap;

use paperround::config::SourceKind;
use paperround::model::{FetchOutcome, Listing, Period};
use paperround::source::{self, Asked, Known, Reading, Seen, judge};

/// The corpus unpacked, and the number of papers that each file is known to hold.
struct Corpus {
    dir: tempfile::TempDir,
    papers: HashMap<String, usize>,
}

impl Corpus {
    fn open() -> Option<Self> {
        let corpus::Corpus { home, dir } = corpus::Corpus::open()?;
        let table = std::fs::read_to_string(home.join("SOURCES.tsv")).unwrap();
        let column = |row: &str| {
            let cells: Vec<_> = row.split('\t').collect();
            let file = cells.first()?.rsplit('/').next()?.to_owned();
            Some((file, cells.get(8)?.parse().ok()?))
        };
        let papers = table.lines().filter_map(column).collect();
        Some(Self { dir, papers })
    }

    fn files(&self, folder: &str) -> Vec<(String, Vec<u8>)> {
        let mut files: Vec<_> = std::fs::read_dir(self.dir.path().join(folder))
            .unwrap()
            .map(|entry| {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                (name, std::fs::read(path).unwrap())
            })
            .collect();
        files.sort();
        files
    }

    fn expect(&self, name: &str, listing: &Listing) {
        let papers = self.papers.get(name).unwrap_or_else(|| panic!("{name} is not in the table"));
        assert_eq!(listing.papers.len(), *papers, "{name}");
        assert_eq!(listing.rejected, [], "{name}");
    }
}

fn read(name: &str, bytes: &[u8], kind: SourceKind) -> Reading {
    let (found, reading) =
        source::read(None, bytes, None, None).unwrap_or_else(|fault| panic!("{name}: {fault}"));
    assert_eq!(found, kind, "{name}");
    reading
}

#[test]
fn every_page_is_read_from_its_data_and_its_cards_agree() {
    let Some(corpus) = Corpus::open() else { return };
    let mut pages = 0;
    for (name, bytes) in corpus.files("html") {
        // A single paper's page is no list; the excerpt of trending is tested on its own.
        if name.starts_with("paper-") || name.starts_with("trending") {
            continue;
        }
        pages += 1;
        let reading = read(&name, &bytes, SourceKind::HuggingFace);
        corpus.expect(&name, &reading.listing);
        assert_eq!(reading.cards, Some((reading.listing.papers.len(), 0)), "{name}");
        let day = name.split("date-").nth(1).unwrap()[..10].parse().unwrap();
        assert_eq!(reading.listing.period, Period::Day(day), "{name}");

        // A real tree of the page has the same cards.
        let text = String::from_utf8(bytes).unwrap();
        let tree = scraper::Html::parse_document(&text);
        let titles = scraper::Selector::parse("article h3 a").unwrap();
        let linked: Vec<_> = tree.select(&titles).filter_map(|link| link.attr("href")).collect();
        let listed = reading.listing.papers.iter().map(|paper| format!("/papers/{}", paper.id));
        assert_eq!(linked, listed.collect::<Vec<_>>(), "{name}");

        // The same page without its data.
        let text = text.replace("data-props", "data-none");
        let shown = read(&name, text.as_bytes(), SourceKind::HuggingFace);
        assert!(shown.note.is_some());
        assert_eq!(shown.listing.period, reading.listing.period, "{name}");
        assert_eq!(shown.listing.papers.len(), reading.listing.papers.len(), "{name}");
        for (shown, held) in shown.listing.papers.iter().zip(&reading.listing.papers) {
            assert_eq!((&shown.id, &shown.title), (&held.id, &held.title), "{name}");
            assert_eq!(shown.url, held.url);
            assert_eq!(shown.votes, held.votes, "{name} {}", held.id);
            assert!(shown.comments.is_none() || shown.comments == held.comments, "{name}");
            // "1.3k" is 1287 or so.
            if let (Some(shown), Some(held)) = (shown.stars, held.stars) {
                assert!(shown.abs_diff(held) * 20 <= held.max(shown), "{name}: {shown} {held}");
            }
            if shown.organization.is_some() {
                assert_eq!(shown.organization, held.organization, "{name} {}", held.id);
            }
            assert!(!held.authors.is_empty() && !held.summary.is_empty(), "{name} {}", held.id);
        }
    }
    println!("{pages} pages");
    assert!(pages > 50);
}

#[test]
fn what_trends_is_read_both_ways() {
    let Some(corpus) = Corpus::open() else { return };
    for (name, bytes) in corpus.files("html") {
        let text = String::from_utf8(bytes).unwrap();
        if name.starts_with("paper-") {
            assert!(source::read(None, text.as_bytes(), None, None).is_err(), "{name}");
        } else if name.starts_with("trending") {
            let reading = read(&name, text.as_bytes(), SourceKind::HuggingFace);
            corpus.expect(&name, &reading.listing);
            assert_eq!(reading.listing.period, Period::Trending);
            assert_eq!(reading.listing.papers[0].stars, Some(62_246));
            // Its one card is of another paper, as the excerpt was cut.
            assert_eq!(reading.cards, Some((1, 1)));
            let text = text.replace("data-props", "data-none");
            let shown = read(&name, text.as_bytes(), SourceKind::HuggingFace).listing;
            assert_eq!(shown.period, Period::Trending);
            let paper = &shown.papers[0];
            assert_eq!((shown.papers.len(), paper.id.as_str()), (1, "2610.05608"));
            assert_eq!((paper.votes, paper.stars), (Some(117), Some(131)));
            assert_eq!(paper.organization.as_deref(), Some("Kandinsky Lab"));
            assert_eq!(
                paper.code_url.as_deref(),
                Some("https://github.com/kandinskylab/kandinsky-6")
            );
            assert_eq!(paper.published_at.unwrap().to_string(), "2026-10-04T00:00:00Z");
            assert!(paper.summary.starts_with("We present Kandinsky"));
        }
    }
}

#[test]
fn every_answer_of_the_api_is_read() {
    let Some(corpus) = Corpus::open() else { return };
    let mut answers = 0;
    for (name, bytes) in corpus.files("api").into_iter().chain(corpus.files("fixtures")) {
        answers += 1;
        let reading = read(&name, &bytes, SourceKind::HuggingFaceApi);
        corpus.expect(&name, &reading.listing);
        if let Ok(day) = name.trim_end_matches(".json").parse() {
            assert_eq!(reading.listing.period, Period::Day(day), "{name}");
        }
        for paper in &reading.listing.papers {
            assert!(!paper.summary.is_empty() && !paper.authors.is_empty(), "{name} {}", paper.id);
        }
    }
    println!("{answers} answers");
    assert!(answers > 50);
}

#[test]
fn every_arxiv_feed_is_read() {
    let Some(corpus) = Corpus::open() else { return };
    for (name, bytes) in corpus.files("arxiv") {
        let reading = read(&name, &bytes, SourceKind::Arxiv);
        corpus.expect(&name, &reading.listing);
        assert_eq!(reading.listing.period, Period::Feed);
        assert!(reading.quiet || !reading.listing.papers.is_empty(), "{name}");
        for paper in &reading.listing.papers {
            assert!(paper.id.arxiv().is_some(), "{name} {}", paper.id);
            assert!(!paper.summary.contains("Announce Type") && paper.summary.len() > 20, "{name}");
            assert!(!paper.authors.is_empty() && !paper.authors[0].contains(", "), "{name}");
            assert!(paper.published_at.is_some() && paper.url.contains("arxiv.org"), "{name}");
        }
    }
}

/// Two real moments of each day in a row: the API's answer at about 08:15 and the page of
/// the morning after. No verdict may fall on a real day, and none may miss one cut short.
#[test]
fn real_days_are_good_and_cut_ones_are_not() {
    let Some(corpus) = Corpus::open() else { return };
    let mut moments: Vec<(jiff::Timestamp, Reading)> = Vec::new();
    for (name, bytes) in corpus.files("api") {
        let at = format!("{}T08:15:00Z", name.trim_end_matches(".json")).parse().unwrap();
        moments.push((at, read(&name, &bytes, SourceKind::HuggingFaceApi)));
    }
    for (name, bytes) in corpus.files("html") {
        let Some((_, got)) = name.split_once("__got-2026") else { continue };
        let at = format!("2026-{}-{}T{}:00:00Z", &got[..2], &got[2..4], &got[5..7]);
        moments.push((at.parse().unwrap(), read(&name, &bytes, SourceKind::HuggingFace)));
    }
    moments.sort_by_key(|(at, _)| *at);
    let mut seen: Vec<(jiff::Timestamp, Seen)> = Vec::new();
    let (mut good, mut cut) = (0, 0);
    for (now, reading) in moments {
        seen.retain(|(at, _)| now.duration_since(*at) <= jiff::SignedDuration::from_hours(14 * 24));
        let known = Known { recent: seen.iter().map(|(_, seen)| *seen).collect() };
        let (outcome, reason) = judge(Asked::Newest, &reading, &known, now);
        assert_eq!(outcome, FetchOutcome::Good, "{now} {:?}: {reason:?}", reading.listing.period);
        good += 1;
        let papers = reading.listing.papers.len();
        seen.push((now, Seen { period: reading.listing.period, papers: papers as u32 }));
        // The same once more, with all but a tenth of its papers gone.
        let mut broken = reading;
        broken.listing.papers.truncate(papers / 10);
        let known = Known { recent: seen.iter().map(|(_, seen)| *seen).collect() };
        let (outcome, _) = judge(Asked::Newest, &broken, &known, now);
        assert_eq!(outcome, FetchOutcome::Incomplete, "{now}");
        cut += 1;
    }
    println!("{good} good, {cut} cut short");
    assert!(good > 100);
}
