//! `/feed.atom` (RFC 4287) and `/feed.json` (JSON Feed 1.1): the papers of the last days, for
//! everybody or, with a token, as one reader's digest would choose them.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::error::Fault;
use super::kept::Page;
use super::place::Asked;
use super::shelf::{self, Recent};
use super::{Shared, personal};
use crate::links::Purpose;
use crate::model::Topics;
use crate::render::PaperView;
use crate::store::Listed;

/// Entries of a feed.
const MOST: usize = 100;

/// Whose feed.
#[derive(Deserialize)]
pub(super) struct Whose {
    token: Option<String>,
}

#[derive(Serialize)]
struct Context {
    url: String,
    updated: String,
    entries: Vec<minijinja::Value>,
}

/// A paper in both forms, written once for all feeds that hold it.
pub(super) struct Entry {
    updated: String,
    atom: minijinja::Value,
    json: String,
}

#[derive(Serialize)]
struct Words {
    id: String,
    published: String,
    updated: String,
    authors: Vec<String>,
    paper: PaperView,
}

/// The Atom feed.
pub(super) async fn atom(
    State(app): State<Shared>,
    Asked(whose): Asked<Whose>,
    headers: HeaderMap,
) -> Response {
    const KIND: &str = "application/atom+xml; charset=utf-8";
    let write = |url: String, entries: &[&Entry]| {
        let newest = entries.iter().map(|entry| entry.updated.as_str()).max();
        let updated = newest.unwrap_or("1970-01-01T00:00:00Z").to_owned();
        let entries = entries.iter().map(|entry| entry.atom.clone()).collect();
        Ok(app.pages.render("feed.atom", Context { url, updated, entries })?.0)
    };
    feed(&app, &whose, "feed.atom", KIND, &headers, write).await
}

/// The JSON feed.
pub(super) async fn json(
    State(app): State<Shared>,
    Asked(whose): Asked<Whose>,
    headers: HeaderMap,
) -> Response {
    const KIND: &str = "application/feed+json; charset=utf-8";
    let write = |url: String, entries: &[&Entry]| {
        let head = json!({
            "version": "https://jsonfeed.org/version/1.1",
            "title": app.site.title,
            "home_page_url": format!("{}/", app.site.links.site()),
            "feed_url": url,
        });
        let items: Vec<&str> = entries.iter().map(|entry| entry.json.as_str()).collect();
        // The entries are JSON already.
        let head = head.to_string();
        let head = head.trim_end_matches('}');
        Ok(format!("{head},\"items\":[{}]}}", items.join(",")))
    };
    feed(&app, &whose, "feed.json", KIND, &headers, write).await
}

async fn feed(
    app: &Shared,
    whose: &Whose,
    name: &str,
    kind: &'static str,
    headers: &HeaderMap,
    write: impl Fn(String, &[&Entry]) -> Result<String, Fault>,
) -> Response {
    let site = app.site.links.site();
    let page = match &whose.token {
        None => {
            let make = async {
                let recent = shelf::recent(app).await?;
                let entries = chosen(app, &recent, app.site.usual.min_votes, &Topics::default())?;
                Ok((write(format!("{site}/{name}"), &entries)?, !entries.is_empty()))
            };
            app.kept.page(name, make).await.map(|page| answer(&page, kind, headers))
        }
        Some(token) => {
            let make = async {
                let found = app.site.subscriptions.open(Purpose::Feed, token).await?;
                let (reader, _) = found.ok_or(Fault::Link)?;
                let least = reader.preferences.min_votes.unwrap_or(app.site.usual.min_votes);
                let recent = shelf::recent(app).await?;
                let entries = chosen(app, &recent, least, &reader.preferences.topics)?;
                let text = write(format!("{site}/{name}?token={token}"), &entries)?;
                Ok(answer(&Page::new(text), kind, headers))
            };
            make.await
        }
    };
    let page = page.unwrap_or_else(|fault: Fault| fault.page(app));
    if whose.token.is_some() { personal(page) } else { page }
}

/// The papers with so many votes that one of the topics matches, the newest first.
fn chosen<'a>(
    app: &Shared,
    recent: &'a Recent,
    least: u32,
    topics: &Topics,
) -> Result<Vec<&'a Entry>, Fault> {
    let on_topic = (!topics.is_empty()).then(|| recent.batch().matches_any(topics));
    let wanted = |(place, one): &(usize, &Listed)| {
        one.paper.votes.unwrap_or(0) >= least
            && on_topic.as_ref().is_none_or(|mask| mask.holds(*place))
    };
    let chosen = recent.iter().enumerate().filter(wanted).take(MOST);
    chosen.map(|(place, one)| recent.entry(place, || entry(app, one))).collect()
}

fn entry(app: &Shared, one: &Listed) -> Result<Entry, Fault> {
    let paper = &one.paper;
    let id = match paper.id.arxiv() {
        Some(arxiv) => format!("https://arxiv.org/abs/{arxiv}"),
        None => paper.url.clone(),
    };
    let authors = paper.authors.iter().map(|name| crate::render::readable(name));
    let words = Words {
        id,
        published: second(one.first_listed_at),
        updated: second(one.first_listed_at),
        authors: authors.filter(|name| !name.is_empty()).take(50).collect(),
        paper: PaperView::new(1, paper),
    };
    let names: Vec<_> = words.authors.iter().map(|name| json!({"name": name})).collect();
    let json = json!({
        "id": words.id,
        "url": words.paper.url,
        "title": words.paper.title,
        "content_text": words.paper.summary,
        "date_published": words.published,
        "authors": names,
    });
    let updated = words.updated.clone();
    let atom = app.pages.render("entry.atom", words)?.0;
    Ok(Entry { updated, atom: minijinja::Value::from_safe_string(atom), json: json.to_string() })
}

fn second(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The feed, or word that it has not changed.
fn answer(page: &Page, kind: &'static str, headers: &HeaderMap) -> Response {
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let known = known.is_some_and(|known| known.contains(&page.tag) || known.trim() == "*");
    let shared = [
        (header::ETAG, page.tag.clone()),
        (header::CACHE_CONTROL, "max-age=300".to_owned()),
        (header::CONTENT_TYPE, kind.to_owned()),
    ];
    if known {
        return (StatusCode::NOT_MODIFIED, shared).into_response();
    }
    (shared, page.text.clone()).into_response()
}
