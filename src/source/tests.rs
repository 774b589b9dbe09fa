//! The readers as a whole: the bundled sample by both ways, pages in odd shapes, and bytes
//! that nobody would send.

use proptest::prelude::*;

use super::*;
use crate::model::Paper;

const SAMPLE: &str = include_str!("../../sample/trending.html");

fn page(text: &str) -> Reading {
    read(Some(SourceKind::HuggingFace), text.as_bytes(), None, None).unwrap().1
}

/// A day page with one paper, its data written as `attribute`.
fn island(attribute: &str) -> String {
    format!("<!doctype html><main><div {attribute}><section></section></div></main>")
}

#[test]
fn the_sample_reads_the_same_by_its_data_and_by_its_cards() {
    let held = page(SAMPLE);
    assert_eq!((held.cards, held.note.as_deref()), (Some((24, 0)), None));
    assert_eq!(held.listing.period, Period::Trending);
    assert_eq!((held.listing.papers.len(), held.listing.rejected.len()), (24, 0));
    let shown = page(&SAMPLE.replace("data-props", "data-none"));
    assert_eq!(shown.listing.period, Period::Trending);
    assert_eq!(shown.listing.papers.len(), 24);
    for (shown, held) in shown.listing.papers.iter().zip(&held.listing.papers) {
        assert_eq!(
            (&shown.id, &shown.title, &shown.url, &shown.organization, &shown.published_at),
            (&held.id, &held.title, &held.url, &held.organization, &held.published_at),
        );
        assert_eq!(shown.votes, held.votes.or(Some(0)), "{}", held.id);
        assert_eq!(
            (&shown.code_url, shown.stars.is_some()),
            (&held.code_url, held.stars.is_some())
        );
        let text = held.brief.as_ref().unwrap_or(&held.summary);
        assert_eq!(shown.summary.replace('\n', " "), text.replace('\n', " "), "{}", held.id);
    }
}

#[test]
fn the_sample_has_what_real_pages_have() {
    let papers = page(SAMPLE).listing.papers;
    let of = |id: &str| papers.iter().find(|paper| paper.id.as_str() == id).unwrap();
    let paged = of("2309.06180");
    assert_eq!(
        paged.title,
        "Efficient Memory Management for Large Language Model Serving with PagedAttention"
    );
    assert_eq!(paged.summary.lines().count(), 2);
    assert_eq!(of("2407.21783").authors.len(), 3);
    assert!(of("2604.14683").summary.contains("<think>"));
    assert_eq!(of("1512.03385").votes, None);
    assert_eq!(of("1512.03385").thumbnail, None);
    assert_eq!(of("1706.03762").pdf_url().unwrap(), "https://arxiv.org/pdf/1706.03762");
    let without = |has: fn(&Paper) -> bool| papers.iter().filter(|paper| !has(paper)).count() > 2;
    assert!(
        without(|paper| paper.brief.is_some()) && without(|paper| paper.organization.is_some())
    );
    assert!(
        without(|paper| paper.code_url.is_some()) && without(|paper| paper.project_url.is_some())
    );
}

#[test]
fn the_island_is_found_however_it_is_written() {
    let json = r#"{"dateString":"2026-04-17","dailyPapers":[{"paper":{"id":"2604.00001","title":"R&D > 'x'"}}]}"#;
    let double = json.replace('&', "&amp;").replace('"', "&quot;");
    let numeric = json.replace('&', "&#38;").replace('"', "&#x22;").replace('\'', "&apos;");
    let single = json.replace('&', "&amp;").replace('\'', "&#39;");
    let decoy = "<!-- <div data-target=\"DailyPapers\" data-props=\"{}\"> --><script>'<div data-target=DailyPapers data-props=1>'</script><div data-target=\"DailyPapersBannerSubscribe\" data-props=\"{&quot;dailyPapers&quot;:[]}\"></div>";
    for text in [
        island(&format!("data-target=\"DailyPapers\" data-props=\"{double}\"")),
        island(&format!("data-props=\"{double}\" class='x' data-target=DailyPapers")),
        island(&format!("DATA-TARGET='DailyPapers'\n data-props = '{single}'")),
        island(&format!("data-target=\"DailyPapers\"data-props=\"{numeric}\"")),
        format!(
            "{decoy}{}",
            island(&format!("data-target=\"DailyPapers\" data-props=\"{double}\""))
        ),
        format!(
            "<div data-target=\"DailyPapers\" data-props=\"{{}}\"></div>{}",
            island(&format!("data-target=\"DailyPapers\" data-props=\"{double}\""))
        ),
    ] {
        let reading = page(&text);
        assert_eq!(reading.listing.period, Period::Day("2026-04-17".parse().unwrap()), "{text}");
        assert_eq!(reading.listing.papers[0].title, "R&D > 'x'", "{text}");
    }
}

#[test]
fn periods_are_taken_from_the_data() {
    let period = |fields: &str| {
        let json = format!(
            "{{\"dailyPapers\":[{{\"paper\":{{\"id\":\"2604.00001\",\"title\":\"T\",\"submittedOnDailyAt\":\"2026-04-16T00:00:00.000Z\"}}}}]{fields}}}"
        );
        page(&island(&format!("data-target=\"DailyPapers\" data-props='{json}'"))).listing.period
    };
    let day = |text: &str| text.parse().unwrap();
    assert_eq!(period(""), Period::Day(day("2026-04-16")));
    assert_eq!(
        period(r#","dateString":"2026-04-17","isTrending":false"#),
        Period::Day(day("2026-04-17"))
    );
    assert_eq!(period(r#","date":"2024-08-01T00:00:00.000Z""#), Period::Day(day("2024-08-01")));
    assert_eq!(period(r#","isTrending":true,"dateString":null"#), Period::Trending);
    assert_eq!(
        period(r#","periodType":"week","dateString":"2026-09-20""#),
        Period::Week(Some(day("2026-09-20")))
    );
    assert_eq!(
        period(r#","periodType":"month","dateString":"2026-09-01""#),
        Period::Month(Some(day("2026-09-01")))
    );
}

#[test]
fn what_is_no_listing_says_why() {
    let fault = |text: &str| read(None, text.as_bytes(), None, None).unwrap_err().to_string();
    assert_eq!(fault(" \n"), "the answer is empty");
    assert_eq!(
        fault("<html><title>Just a moment...</title><body>Verify you are human</body></html>"),
        "the page asks to prove that one is human or to log in \"Just a moment...\""
    );
    assert_eq!(fault("<html><title>404</title>"), "there is no list of papers in the page \"404\"");
    assert_eq!(
        fault(r#"{"error":"rate limited"}"#),
        "the source answers with an error: rate limited"
    );
    assert_eq!(
        fault("<article><h3><a href=\"/papers/2511.00001\">A paper</a></h3></article>"),
        "the page does not say which day it lists (1 papers)"
    );
    assert!(
        fault(&island("data-target=DailyPapers data-props='{\"dailyPapers\":[{]}'"))
            .starts_with("the list cannot be read")
    );
    assert!(read(Some(SourceKind::HuggingFace), b"<p>\xff\xff", None, None).is_err());
}

#[test]
fn bombs_cost_little() {
    let many = 200_000;
    for bomb in [
        "<div>".repeat(many),
        "<b id=1>".repeat(many),
        format!("<a href={}", "\"".repeat(many)),
        "<a ".repeat(many),
        "<!--".repeat(many),
        "</".repeat(many),
        "<script></".repeat(many),
        "&".repeat(many),
        format!("<div data-target=DailyPapers data-props='{}'>", "[".repeat(many)),
        "<div data-target=DailyPapers data-props='{'>".repeat(many / 10),
        format!(
            "<div data-target=DailyPapers data-props='{{\"dailyPapers\":{}'>",
            "[".repeat(many)
        ),
        "<h3><a href=/papers/2604.00001>".repeat(many / 10),
        "{\"a\":".repeat(many),
        format!("<feed>{}", "<entry><title>".repeat(many)),
        format!("<rss version=\"2.0\"><channel>{}", "<media:group>".repeat(200)),
        format!(
            "<!DOCTYPE x [{}]><rss version=\"2.0\"/>",
            "<!ENTITY a \"&b;&b;\">".repeat(many / 10)
        ),
    ] {
        for kind in [None, Some(SourceKind::HuggingFace), Some(SourceKind::Feed)] {
            let _ = read(kind, bomb.as_bytes(), None, None);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 4 } else { 256 }))]

    #[test]
    fn any_bytes_give_a_listing_or_a_fault(bytes in prop::collection::vec(any::<u8>(), 0..400), charset in prop::option::of("[a-z0-9-]{0,12}")) {
        for kind in [None, Some(SourceKind::HuggingFace), Some(SourceKind::HuggingFaceApi), Some(SourceKind::Arxiv)] {
            let _ = read(kind, &bytes, charset.as_deref(), None);
        }
    }

    #[test]
    fn any_markup_gives_a_listing_or_a_fault(pieces in prop::collection::vec(prop::sample::select(vec![
        "<", ">", "</", "/>", "\"", "'", "=", " ", "\n", "&", "&quot;", "&#x", "é", "\0", "<!--", "-->", "<![CDATA[", "]]>",
        "<h3>", "</h3>", "<a href=\"/papers/2604.00001\">", "</a>", "<article>", "<title>", "<script>", "</script>",
        "data-target=\"DailyPapers\"", "data-props=", "<div ", "{", "}", "[", "]", ",", ":", "dailyPapers", "paper", "id", "\\ud83d",
        "<rss version=\"2.0\">", "<channel>", "<item>", "<entry>", "<feed>", "<link>", "</link>", "https://arxiv.org/abs/2604.00001",
    ]), 0..60)) {
        let text = pieces.concat();
        for kind in [None, Some(SourceKind::HuggingFace), Some(SourceKind::Feed)] {
            let _ = read(kind, text.as_bytes(), None, None);
        }
    }

    #[test]
    fn a_damaged_page_gives_a_listing_or_a_fault(at in 0usize..180_000, with in any::<u8>(), cut in 0usize..2_000) {
        let mut bytes = SAMPLE.as_bytes().to_vec();
        let at = at.min(bytes.len() - 1);
        let end = (at + cut).min(bytes.len());
        bytes.splice(at..end, [with]);
        if let Ok((_, reading)) = read(None, &bytes, None, None) {
            for paper in &reading.listing.papers {
                prop_assert!(!paper.title.is_empty() && !paper.title.chars().any(char::is_control));
            }
            let now = "2026-11-20T08:00:00Z".parse().unwrap();
            let _ = judge(Asked::Anything, &reading, &Known::default(), now);
        }
    }
}
