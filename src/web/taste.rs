//! `/taste/{token}`: what a reader wants more like, less, or not. With `?p=` and a paper's row,
//! where a mail's links lead, that paper alone; without, the papers of their last digests and what
//! was learned. A look changes nothing, whoever looks; a button does, and as often as it is
//! pressed.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::confirm::preferences;
use super::error::Fault;
use super::form::Form;
use super::place::{Asked, Piece};
use super::{Shared, personal, shelf};
use crate::digest::learned_words;
use crate::links::Purpose;
use crate::model::Feedback;
use crate::render::PaperView;
use crate::store::{RatedPaper, Subscriber};

/// Digests whose papers are shown.
const DIGESTS: u32 = 3;
/// Papers that are shown, and as many of those that the reader spoke of.
const MOST: usize = 100;

/// What the address says.
#[derive(Deserialize)]
pub(super) struct Query {
    p: Option<String>,
    said: Option<String>,
}

/// A paper with its buttons.
#[derive(Serialize)]
struct Item {
    key: String,
    paper: PaperView,
    /// What the reader said: `more`, `less`, `hide`, or nothing.
    feedback: &'static str,
}

#[derive(Serialize)]
struct Context<'a> {
    here: String,
    preferences: String,
    /// Whether this is about one paper.
    one: bool,
    /// The paper, or those of the last digests.
    papers: Vec<Item>,
    /// The others that the reader spoke of.
    spoken: Vec<Item>,
    liked: Vec<String>,
    disliked: Vec<String>,
    /// Whether there is anything to forget.
    spoke: bool,
    said: &'a str,
}

fn item(rated: &RatedPaper) -> Item {
    Item {
        key: rated.row.to_string(),
        paper: PaperView::new(1, &rated.paper),
        feedback: rated.feedback.map_or("", Feedback::word),
    }
}

/// Shows the paper, or the papers, with buttons.
pub(super) async fn show(
    State(app): State<Shared>,
    Piece(token): Piece,
    Asked(query): Asked<Query>,
) -> Response {
    let page = async {
        let reader = reader(&app, &token).await?;
        let said = query.said.as_deref().unwrap_or_default();
        match &query.p {
            Some(key) => one(&app, &token, &reader, key, said).await,
            None => all(&app, &token, &reader, said).await,
        }
    };
    personal(page.await.unwrap_or_else(|fault| fault.page(&app)))
}

/// Does what a button says.
pub(super) async fn submit(
    State(app): State<Shared>,
    Piece(token): Piece,
    Asked(query): Asked<Query>,
    form: Form,
) -> Response {
    let page = async {
        let reader = reader(&app, &token).await?;
        let verbs = &app.site.subscriptions;
        let word = form.get("do").unwrap_or_default();
        if word == "reset" {
            verbs.reset_taste(&reader).await?;
            return Ok(back(format!("/taste/{token}?said=reset")));
        }
        let feedback = Feedback::from_word(word);
        if feedback.is_none() && word != "back" {
            return match &query.p {
                Some(key) => one(&app, &token, &reader, key, "").await,
                None => all(&app, &token, &reader, "").await,
            };
        }
        // Where the page is about one paper, its button is about that.
        let key = form.get("p").or(query.p.as_deref()).unwrap_or_default();
        let rated = paper(&app, &reader, key).await?;
        verbs.rate(&reader, rated.row, feedback).await?;
        let at = query.p.map_or_else(String::new, |_| format!("p={}&", rated.row));
        Ok(back(format!("/taste/{token}?{at}said={word}")))
    };
    personal(page.await.unwrap_or_else(|fault| fault.page(&app)))
}

fn back(to: String) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
}

async fn reader(app: &Shared, token: &str) -> Result<Subscriber, Fault> {
    let found = app.site.subscriptions.open(Purpose::Taste, token).await?;
    found.map(|(reader, _)| reader).ok_or(Fault::Link)
}

/// The paper that `key` names.
async fn paper(app: &Shared, reader: &Subscriber, key: &str) -> Result<RatedPaper, Fault> {
    let row: i64 = key.parse().map_err(|_| Fault::Missing)?;
    let found = app.site.store.rated_papers(reader.id, &[row]).await?;
    found.into_iter().next().ok_or(Fault::Missing)
}

async fn one(
    app: &Shared,
    token: &str,
    reader: &Subscriber,
    key: &str,
    said: &str,
) -> Result<Response, Fault> {
    let rated = paper(app, reader, key).await?;
    let context = Context {
        here: format!("/taste/{token}"),
        preferences: preferences(app, reader),
        one: true,
        papers: vec![item(&rated)],
        spoken: Vec::new(),
        liked: Vec::new(),
        disliked: Vec::new(),
        spoke: reader.has_taste,
        said,
    };
    Ok(app.pages.render("taste.html", context)?.into_response())
}

async fn all(
    app: &Shared,
    token: &str,
    reader: &Subscriber,
    said: &str,
) -> Result<Response, Fault> {
    let store = &app.site.store;
    let mut rows = store.last_papers(reader.id, DIGESTS).await?;
    rows.truncate(MOST);
    let papers = store.rated_papers(reader.id, &rows).await?;
    let rated: Vec<i64> =
        store.rated(reader.id).await?.iter().map(|one| one.paper).take(MOST).collect();
    let rated = store.rated_papers(reader.id, &rated).await?;
    let recent = shelf::recent(app).await?;
    let (liked, disliked) = learned_words(&rated, recent.iter().map(|one| &one.paper));
    let context = Context {
        here: format!("/taste/{token}"),
        preferences: preferences(app, reader),
        one: false,
        papers: papers.iter().map(item).collect(),
        spoken: rated.iter().filter(|one| !rows.contains(&one.row)).map(item).collect(),
        liked,
        disliked,
        spoke: reader.has_taste,
        said,
    };
    Ok(app.pages.render("taste.html", context)?.into_response())
}
