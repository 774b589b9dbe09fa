//! `/feed.atom` (RFC 4287) and `/feed.json` (JSON Feed 1.1): the papers of the last days, for
//! everybody or, with a token, as one reader's digest would choose them.

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::error::Fault;
use super::shelf;
use super::{Shared, personal};
use crate::links::Purpose;
use crate::model::Topics;
use crate::render::PaperView;
use crate::store::Listed;
use crate::token::to_hex;

/// Entries of a feed.
const MOST: usize = 100;

/// Whose feed.
#[derive(Deserialize)]
pub(super) struct Whose {
    token: Option<String>,
}

#[derive(Serialize)]
struct Context {
    id: String,
    url: String,
    updated: String,
    entries: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    id: String,
    published: String,
    updated: String,
    authors: Vec<String>,
    paper: PaperView,
}

/// The Atom feed.
pub(super) async fn atom(
    State(app): State<Shared>,
    Query(whose): Query<Whose>,
    headers: HeaderMap,
) -> Response {
    let page = async {
        let context = entries(&app, &whose, "feed.atom").await?;
        let text = app.pages.render("feed.atom", context)?.0;
        Ok::<_, Fault>(answer(text, "application/atom+xml; charset=utf-8", &headers))
    };
    finish(&app, &whose, page.await)
}

/// The JSON feed.
pub(super) async fn json(
    State(app): State<Shared>,
    Query(whose): Query<Whose>,
    headers: HeaderMap,
) -> Response {
    let page = async {
        let feed = entries(&app, &whose, "feed.json").await?;
        let items: Vec<_> = feed.entries.iter().map(item).collect();
        let text = json!({
            "version": "https://jsonfeed.org/version/1.1",
            "title": app.site.title,
            "home_page_url": format!("{}/", app.site.links.site()),
            "feed_url": feed.url,
            "items": items,
        });
        Ok::<_, Fault>(answer(text.to_string(), "application/feed+json; charset=utf-8", &headers))
    };
    finish(&app, &whose, page.await)
}

fn finish(app: &Shared, whose: &Whose, page: Result<Response, Fault>) -> Response {
    let page = page.unwrap_or_else(|fault| fault.page(app));
    if whose.token.is_some() { personal(page) } else { page }
}

async fn entries(app: &Shared, whose: &Whose, name: &str) -> Result<Context, Fault> {
    let recent = shelf::recent(app).await?;
    let site = app.site.links.site();
    let (least, topics, url) = match &whose.token {
        None => (app.site.usual.min_votes, Topics::default(), format!("{site}/{name}")),
        Some(token) => {
            let found = app.site.subscriptions.open(Purpose::Feed, token).await?;
            let (reader, _) = found.ok_or(Fault::Link)?;
            let least = reader.preferences.min_votes.unwrap_or(app.site.usual.min_votes);
            (least, reader.preferences.topics, format!("{site}/{name}?token={token}"))
        }
    };
    let on_topic = (!topics.is_empty()).then(|| recent.batch().matches_any(&topics));
    let wanted = |(place, one): &(usize, &Listed)| {
        one.paper.votes.unwrap_or(0) >= least
            && on_topic.as_ref().is_none_or(|mask| mask.holds(*place))
    };
    let chosen = recent.iter().enumerate().filter(wanted).map(|(_, one)| one);
    let entries: Vec<Entry> = chosen.take(MOST).map(entry).collect();
    let newest = entries.iter().map(|entry| entry.updated.as_str()).max();
    let updated = newest.unwrap_or("1970-01-01T00:00:00Z").to_owned();
    Ok(Context { id: url.clone(), url, updated, entries })
}

fn entry(one: &Listed) -> Entry {
    let paper = &one.paper;
    let id = match paper.id.arxiv() {
        Some(arxiv) => format!("https://arxiv.org/abs/{arxiv}"),
        None => paper.url.clone(),
    };
    let authors = paper.authors.iter().map(|name| crate::render::clean(name));
    Entry {
        id,
        published: second(one.first_listed_at),
        updated: second(one.first_listed_at),
        authors: authors.filter(|name| !name.is_empty()).take(50).collect(),
        paper: PaperView::new(1, paper),
    }
}

fn item(entry: &Entry) -> serde_json::Value {
    let authors: Vec<_> = entry.authors.iter().map(|name| json!({"name": name})).collect();
    json!({
        "id": entry.id,
        "url": entry.paper.url,
        "title": entry.paper.title,
        "content_text": entry.paper.summary,
        "date_published": entry.published,
        "authors": authors,
    })
}

fn second(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The feed, or word that it has not changed.
fn answer(text: String, kind: &'static str, headers: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", &to_hex(&Sha256::digest(text.as_bytes()))[..32]);
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let known = known.is_some_and(|known| known.contains(&tag) || known.trim() == "*");
    let shared = [
        (header::ETAG, tag),
        (header::CACHE_CONTROL, "max-age=300".to_owned()),
        (header::CONTENT_TYPE, kind.to_owned()),
    ];
    if known {
        return (StatusCode::NOT_MODIFIED, shared).into_response();
    }
    (shared, text).into_response()
}
