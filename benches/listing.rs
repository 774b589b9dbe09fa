//! Reading a day page of about 1 MB: from the data that it carries, against building the
//! tree of the page, which any reading of its elements would begin with. The first must take
//! a tenth of the second at most: `cargo bench --bench listing`.

use std::fmt::Write;

use divan::Bencher;
use divan::counter::BytesCount;
use paperround::config::SourceKind;
use paperround::source;

fn main() {
    divan::main();
}

/// A page of 60 papers in the proportions of real ones: half data, half cards.
fn page() -> String {
    let mut items = String::new();
    let mut cards = String::new();
    for number in 0..60 {
        let mut authors = String::new();
        for author in 0..14 {
            let _ = write!(
                authors,
                r#"{}{{"_id":"69e19353860e47828575{author:04x}","user":{{"_id":"6039478ab3ecf716b1a5{author:04x}","avatarUrl":"/avatars/c57d5de9a90ec12b7f617327b1ac27fd.svg","isPro":false,"fullname":"A Name {author}","user":"name{author}","type":"user"}},"name":"A Name {author}","status":"claimed_verified","statusLastChangedAt":"2026-04-16T12:47:21.531Z","hidden":false}}"#,
                if author > 0 { "," } else { "" }
            );
        }
        let summary = "Words of an abstract with <1 GB & some \\\"quotes\\\" in them. ".repeat(24);
        let _ = write!(
            items,
            r#"{}{{"paper":{{"id":"2604.{number:05}","authors":[{authors}],"publishedAt":"2026-04-15T00:00:00.000Z","submittedOnDailyAt":"2026-04-17T00:00:00.000Z","title":"The title of paper number {number}","summary":"{summary}","upvotes":{number},"discussionId":"69e19353860e47828575b3bd","githubRepo":"https://github.com/a/b","githubStars":12,"ai_summary":"One line.","ai_keywords":["a","b"]}},"publishedAt":"2026-04-15T00:00:00.000Z","title":"The title of paper number {number}","summary":"{summary}","thumbnail":"https://cdn-thumbnails.huggingface.co/x.png","numComments":2}}"#,
            if number > 0 { "," } else { "" }
        );
        let class = "flex items-center justify-center rounded-lg border ".repeat(6);
        let item = format!(
            "<li class=\"{class}\" title=\"A Name\"><!--[-1--><!--]--><img class=\"rounded-full\" alt=\"\" src=\"/a.svg\"/></li>"
        );
        let path = format!(
            "<svg><path d=\"{}\"></path></svg>",
            "M17 22v-8h-4v2h2v6h-3v2h8v-2h-3z".repeat(40)
        );
        let _ = write!(
            cards,
            "<!--[0--><article class=\"{class}\"><a href=\"/papers/2604.{number:05}\"></a><div class=\"leading-none\">{number}</div><h3 class=\"{class}\"><a href=\"/papers/2604.{number:05}\">The title of paper number {number}</a></h3><ul>{}</ul>{path}</article><!--]-->",
            item.repeat(6)
        );
    }
    let data =
        format!(r#"{{"dateString":"2026-04-17","dailyPapers":[{items}],"isTrending":false}}"#);
    let data = data.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
    format!(
        "<!doctype html><html><head><title>Daily Papers</title></head><body><main><div data-target=\"DailyPapers\" data-props=\"{data}\"><section>{cards}</section></div></main></body></html>"
    )
}

#[divan::bench]
fn from_the_data(bencher: Bencher<'_, '_>) {
    let page = page();
    bencher.counter(BytesCount::of_str(&page)).bench_local(|| source::read_embedded(&page));
}

#[divan::bench]
fn from_the_data_checked_against_the_cards(bencher: Bencher<'_, '_>) {
    let page = page();
    bencher
        .counter(BytesCount::of_str(&page))
        .bench_local(|| source::read(Some(SourceKind::HuggingFace), page.as_bytes(), None, None));
}

#[divan::bench]
fn tree_of_the_page(bencher: Bencher<'_, '_>) {
    let page = page();
    bencher.counter(BytesCount::of_str(&page)).bench_local(|| scraper::Html::parse_document(&page));
}
