//! RSS, Atom and JSON feeds: arXiv's own, and any other. What makes an entry the same paper
//! elsewhere is its arXiv id; then its DOI; then its address. Never follows a link.

use std::collections::HashSet;

use feed_rs::model::{Entry, Text};
use jiff::Timestamp;

use super::entity::unescape;
use super::item::{check_title, secure_url, web_url};
use super::markup::{Token, Tokens, visible};
use super::text::{cut, line, prose};
use super::{Fault, Reading};
use crate::model::{Listing, Paper, PaperId, Period, Rejected};

/// No real feed comes near these: arXiv's longest have 2 000 entries of 30 elements. The
/// parser holds an entry in a hundred times the space of its tag.
const DEEPEST: usize = 256;
const MOST_ELEMENTS: usize = 200_000;
const MOST_ENTRIES: usize = 10_000;
const LONGEST_SUMMARY: usize = 20_000;

/// Reads a feed.
pub fn feed(text: &str) -> Result<Reading, Fault> {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}');
    check_shape(text)?;
    // It is decoded already, whatever it says.
    let body = match text.strip_prefix("<?xml") {
        Some(rest) => rest.split_once("?>").map_or("", |(_, body)| body),
        None => text,
    };
    let parser = feed_rs::parser::Builder::new().id_generator(|_, _, _| String::new()).build();
    let feed = parser
        .parse(body.as_bytes())
        .map_err(|error| Fault::Unreadable(cut(line(&error.to_string()), 200)))?;
    let entries = feed.entries.len();
    let mut listing =
        Listing { period: Period::Feed, papers: Vec::with_capacity(entries), rejected: vec![] };
    let mut seen = HashSet::with_capacity(entries);
    // The crate reads `dc:creator` in RSS and not in Atom.
    let nameless = feed.entries.iter().any(|entry| entry.authors.is_empty());
    let mut creators = if nameless { creators(text) } else { Vec::new() };
    for (at, entry) in feed.entries.into_iter().enumerate() {
        let creators = creators.get_mut(at).map(std::mem::take).unwrap_or_default();
        match paper(entry, creators) {
            Ok(Some(paper)) if seen.insert(paper.id.clone()) => listing.papers.push(paper),
            Ok(_) => {}
            Err(reason) => listing.rejected.push(Rejected { item: at.to_string(), reason }),
        }
    }
    // arXiv's days without announcements, and its search when it is overloaded.
    let quiet = entries > 0 || !text.contains(":totalResults") || text.contains(":totalResults>0<");
    Ok(Reading { quiet, ..Reading::new(listing) })
}

/// The paper of an entry; none where arXiv announces a new version of an old one.
fn paper(entry: Entry, creators: Vec<String>) -> Result<Option<Paper>, String> {
    let body = entry
        .summary
        .as_ref()
        .map(plain)
        .or_else(|| {
            let content = entry.content.as_ref()?;
            let body = content.body.as_deref()?;
            Some(if content.content_type.subty() == "plain" { prose(body) } else { visible(body) })
        })
        .unwrap_or_default();
    let (announced, summary) = announcement(&body);
    if announced.is_some_and(|kind| kind.starts_with("replace")) {
        return Ok(None);
    }
    let title = entry.title.as_ref().map(|title| line(&plain(title))).unwrap_or_default();
    if title.is_empty() {
        return Err("it has no title".to_owned());
    }
    check_title(&title)?;
    let (id, url) = identity(&entry).ok_or("it has neither a link nor an id")?;
    let mut authors: Vec<String> = entry
        .authors
        .iter()
        .filter_map(|person| person.name.as_deref())
        .map(|name| line(&visible(name)))
        .filter(|name| !name.is_empty())
        .collect();
    if authors.is_empty() {
        authors = creators;
    }
    // arXiv's feeds give all names in one.
    if let ([names], Some(_)) = (&authors[..], id.arxiv())
        && names.contains(", ")
    {
        authors = names.split(", ").map(str::to_owned).collect();
    }
    let thumbnail = entry.media.iter().flat_map(|media| &media.thumbnails).next();
    Ok(Some(Paper {
        summary: cut(summary.to_owned(), LONGEST_SUMMARY),
        authors,
        published_at: entry
            .published
            .or(entry.updated)
            .and_then(|at| Timestamp::from_second(at.timestamp()).ok()),
        keywords: entry.categories.iter().map(|category| line(&category.term)).collect(),
        thumbnail: thumbnail.and_then(|thumbnail| secure_url(&thumbnail.image.uri)),
        ..Paper::new(id, title, url)
    }))
}

/// The names in `dc:creator`, entry by entry.
fn creators(xml: &str) -> Vec<Vec<String>> {
    let mut entries = Vec::new();
    let mut inside = false;
    for token in Tokens::new(xml) {
        match token {
            Token::Open(tag) if tag.is("entry") || tag.is("item") => entries.push(Vec::new()),
            Token::Open(tag) => inside = tag.is("dc:creator"),
            Token::Close(_) => inside = false,
            Token::Text(text) if inside => {
                if let Some(names) = entries.last_mut() {
                    names.push(line(&unescape(text)));
                }
            }
            Token::Text(_) => {}
        }
    }
    entries
}

/// Its text as read: HTML reduced, plain text folded.
fn plain(text: &Text) -> String {
    if text.content_type.subty() == "plain" { prose(&text.content) } else { visible(&text.content) }
}

/// Parts arXiv's `arXiv:2508.13426v1 Announce Type: cross Abstract: …`.
fn announcement(body: &str) -> (Option<&str>, &str) {
    let parts = body.strip_prefix("arXiv:").and_then(|rest| {
        let (_, rest) = rest.split_once("Announce Type:")?;
        let (kind, abstract_) = rest.split_once("Abstract:")?;
        Some((kind.trim(), abstract_.trim()))
    });
    match parts {
        Some((kind, summary)) if kind.len() < 20 => (Some(kind), summary),
        _ => (None, body),
    }
}

/// What identifies an entry, and where it is read.
fn identity(entry: &Entry) -> Option<(PaperId, String)> {
    let links = || {
        let first = entry
            .links
            .iter()
            .filter(|link| link.rel.as_deref().is_none_or(|rel| rel == "alternate"));
        first.map(|link| link.href.as_str())
    };
    let guid = entry.id.as_str();
    let address = links().chain([guid]).find_map(absolute);
    let texts = || links().chain(entry.links.iter().map(|link| link.href.as_str())).chain([guid]);
    if let Some(id) = texts().find_map(arxiv) {
        // arXiv's own address without the version, which is the same paper's.
        let abstract_page = id.arxiv().map(|id| format!("https://arxiv.org/abs/{id}"));
        let elsewhere = address.filter(|address| !address.contains("arxiv.org/"));
        return elsewhere.or(abstract_page).map(|page| (id, page));
    }
    if let Some(doi) = texts().find_map(doi) {
        let page = address.unwrap_or_else(|| format!("https://doi.org/{doi}"));
        return Some((PaperId::from_doi(&doi), page));
    }
    let url = address?;
    // The guid is meant to last; an address may be moved.
    let lasting = if guid.trim().is_empty() { &url } else { guid };
    Some((PaperId::from_url(lasting), url))
}

/// An absolute web address; relative ones lead nowhere in a feed.
fn absolute(text: &str) -> Option<String> {
    let text = text.trim();
    let lower = text.get(..8)?.to_ascii_lowercase();
    (lower.starts_with("http://") || lower.starts_with("https://")).then(|| web_url(text))?
}

/// The arXiv id in a link, guid or arXiv's own DOIs.
fn arxiv(text: &str) -> Option<PaperId> {
    let lower = text.to_ascii_lowercase();
    if let Some(at) = lower.find("10.48550/arxiv.") {
        return PaperId::from_arxiv(&text[at + "10.48550/arxiv.".len()..]);
    }
    let known = ["arxiv.org", "arxiv:", "huggingface.co/papers/"];
    known.iter().any(|known| lower.contains(known)).then(|| PaperId::from_arxiv(text))?
}

/// The DOI in a link or guid.
fn doi(text: &str) -> Option<String> {
    let lower = text.trim().to_ascii_lowercase();
    let doi = [
        "https://doi.org/",
        "http://doi.org/",
        "https://dx.doi.org/",
        "http://dx.doi.org/",
        "doi:",
    ]
    .iter()
    .find_map(|prefix| lower.strip_prefix(prefix))?;
    let doi = doi.trim().split(['?', '#']).next().unwrap_or(doi);
    (doi.starts_with("10.") && doi.contains('/')).then(|| doi.to_owned())
}

/// Refuses what would cost the parser more than it is worth; one pass, and no memory.
fn check_shape(text: &str) -> Result<(), Fault> {
    if !text.starts_with('<') {
        let objects = text.bytes().filter(|byte| *byte == b'{').count();
        return if objects > MOST_ENTRIES { Err(Fault::TooMany(MOST_ENTRIES)) } else { Ok(()) };
    }
    let (mut depth, mut elements, mut entries) = (0_usize, 0_usize, 0_usize);
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        rest = &rest[at..];
        let skip = |end: &str| rest.find(end).map_or(rest.len(), |found| found + end.len());
        let length = if rest.starts_with("<!--") {
            skip("-->")
        } else if rest.starts_with("<![CDATA[") {
            skip("]]>")
        } else if rest.starts_with("</") {
            depth = depth.saturating_sub(1);
            skip(">")
        } else if rest.starts_with("<?") || rest.starts_with("<!") {
            skip(">")
        } else {
            let length = skip(">");
            depth += usize::from(!rest[..length].ends_with("/>"));
            elements += 1;
            entries += usize::from(rest.starts_with("<item") || rest.starts_with("<entry"));
            length
        };
        if depth > DEEPEST {
            return Err(Fault::TooDeep(DEEPEST));
        }
        if entries > MOST_ENTRIES {
            return Err(Fault::TooMany(MOST_ENTRIES));
        }
        if elements > MOST_ELEMENTS {
            return Err(Fault::TooMany(MOST_ELEMENTS));
        }
        rest = &rest[length..];
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(inner: &str) -> Result<Reading, Fault> {
        feed(&format!(
            "<?xml version='1.0' encoding='x-unknown'?><rss version=\"2.0\"><channel><title>t</title>{inner}</channel></rss>"
        ))
    }

    #[test]
    fn identity_is_arxiv_then_doi_then_address() {
        for (inner, id) in [
            ("<link>https://arxiv.org/abs/2604.21935v2</link>", "2604.21935"),
            (
                "<link>https://example.org/x</link><guid>oai:arXiv.org:2604.21935v1</guid>",
                "2604.21935",
            ),
            ("<link>https://doi.org/10.48550/arXiv.2604.21935</link>", "2604.21935"),
            ("<link>https://huggingface.co/papers/2604.21935</link>", "2604.21935"),
            ("<link>https://doi.org/10.1101/2026.07.01.6012</link>", "doi:10.1101/2026.07.01.6012"),
            (
                "<link>https://example.org/post?x=1&amp;y=2</link>",
                "url:https://example.org/post?x=1&y=2",
            ),
            ("<link>https://example.org/a</link><guid>tag:1</guid>", "url:tag:1"),
        ] {
            let reading = item(&format!("<item><title>T</title>{inner}</item>")).unwrap();
            assert_eq!(reading.listing.papers[0].id.as_str(), id, "{inner}");
        }
        let reading =
            item("<item><title>T</title></item><item><link>https://example.org</link></item>")
                .unwrap();
        assert_eq!((reading.listing.papers.len(), reading.listing.rejected.len()), (0, 2));
    }

    #[test]
    fn html_is_reduced_and_json_feeds_are_read() {
        let reading = item("<item><title>A &amp;lt;think&amp;gt; b</title><link>https://example.org/1</link><description>&lt;p&gt;One &amp;amp; two&lt;/p&gt;&lt;script&gt;x&lt;/script&gt;</description></item>").unwrap();
        assert_eq!(reading.listing.papers[0].summary, "One & two");
        let json = r#"{"version":"https://jsonfeed.org/version/1.1","title":"t","items":[{"id":"1","url":"https://example.org/1","title":"T","content_text":"x"}]}"#;
        assert_eq!(feed(json).unwrap().listing.papers.len(), 1);
    }

    #[test]
    fn replacements_are_left_out_and_bombs_refused() {
        let said = |kind: &str, id: &str| {
            format!(
                "<item><title>T</title><link>https://arxiv.org/abs/{id}</link><description>arXiv:{id}v2 Announce Type: {kind} \nAbstract: Words.</description></item>"
            )
        };
        let reading =
            item(&(said("replace-cross", "2604.00001") + &said("cross", "2604.00002"))).unwrap();
        assert_eq!(reading.listing.papers.len(), 1);
        assert_eq!(reading.listing.papers[0].summary, "Words.");
        assert!(reading.listing.rejected.is_empty());
        assert_eq!(item(&"<a>".repeat(100_000)), Err(Fault::TooDeep(DEEPEST)));
        assert_eq!(item(&"<item/>".repeat(100_000)), Err(Fault::TooMany(MOST_ENTRIES)));
        assert_eq!(item(&"<a/>".repeat(300_000)), Err(Fault::TooMany(MOST_ELEMENTS)));
        let objects = format!("{{\"version\":\"x\",\"items\":[{}]}}", "{},".repeat(100_000));
        assert_eq!(feed(&objects), Err(Fault::TooMany(MOST_ENTRIES)));
        for bad in ["", "<", "{", "<rss", "<feed><entry>", "x"] {
            assert!(feed(bad).is_err(), "{bad}");
        }
    }
}
