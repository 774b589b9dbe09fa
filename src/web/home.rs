//! `/`: what this is, and the papers that a reader would get now.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Serialize;

use super::Shared;
use super::error::Fault;
use crate::model::{Paper, Span};
use crate::store::Candidate;

/// How far back the page looks.
const LOOK_BACK: Span = Span::from_days(7);
const MOST_PAPERS: usize = 30;
const MOST_AUTHORS: usize = 3;

#[derive(Serialize)]
struct Context {
    papers: Vec<Card>,
    days: u32,
}

#[derive(Serialize)]
struct Card {
    title: String,
    url: String,
    authors: String,
    votes: Option<u32>,
}

pub(super) async fn show(State(app): State<Shared>) -> Response {
    page(&app).await.unwrap_or_else(|fault| fault.page(&app))
}

async fn page(app: &Shared) -> Result<Response, Fault> {
    let since = app.site.clock.now().saturating_sub(LOOK_BACK.signed()).unwrap_or(Timestamp::MIN);
    let papers = newest(app.site.store.candidates(since).await?);
    let context = Context { papers, days: LOOK_BACK.secs() / 86_400 };
    Ok(app.pages.render("home.html", context)?.into_response())
}

/// The best by votes; among equals the newest first, then by place in the list.
fn newest(mut candidates: Vec<Candidate>) -> Vec<Card> {
    candidates.retain(|candidate| !candidate.paper.withdrawn);
    candidates.sort_by_key(|candidate| {
        let votes = candidate.paper.votes.unwrap_or(0);
        (std::cmp::Reverse((votes, candidate.first_listed_at)), candidate.position)
    });
    candidates.into_iter().take(MOST_PAPERS).map(|candidate| card(candidate.paper)).collect()
}

fn card(paper: Paper) -> Card {
    Card { authors: byline(&paper.authors), title: paper.title, url: paper.url, votes: paper.votes }
}

/// The first three authors, and how many more.
fn byline(authors: &[String]) -> String {
    let named = authors.len().min(MOST_AUTHORS);
    let mut line = authors[..named].join(", ");
    if authors.len() > named {
        line.push_str(&format!(" and {} more", authors.len() - named));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byline_names_three_and_counts_the_rest() {
        let names = |n: usize| (1..=n).map(|i| format!("A{i}")).collect::<Vec<_>>();
        assert_eq!(byline(&names(0)), "");
        assert_eq!(byline(&names(3)), "A1, A2, A3");
        assert_eq!(byline(&names(5)), "A1, A2, A3 and 2 more");
    }
}
