//! `/`: what this is, the form, and the papers that a reader would get now, as their mail would
//! show them.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::Shared;
use super::error::Fault;
use super::form::Form;
use super::shelf::{self, LOOK_BACK};
use super::subscribe::{self, AGAIN, Mistake, TRAP};
use super::wishes::Fields;
use crate::model::Preferences;
use crate::render::PaperView;

const MOST_PAPERS: usize = 20;

#[derive(Serialize)]
struct Context {
    papers: Vec<PaperView>,
    count: usize,
    days: u32,
    open: bool,
    fields: Fields,
    mistake: Mistake,
    shown: String,
    trap: &'static str,
    subscribe_by_mail: Option<String>,
}

pub(super) async fn show(State(app): State<Shared>) -> Response {
    let fields = Fields::of(&Preferences::default(), &app.site.usual);
    let page = page(&app, Mistake::default(), fields).await;
    page.unwrap_or_else(|fault| fault.page(&app))
}

/// The page once more, with what is to be mended.
pub(super) async fn again(
    app: &Shared,
    mistake: Mistake,
    preferences: &Preferences,
    form: &Form,
) -> Result<Response, Fault> {
    let fields = Fields::of(preferences, &app.site.usual).typed(form);
    Ok((AGAIN, page(app, mistake, fields).await?).into_response())
}

async fn page(app: &Shared, mistake: Mistake, fields: Fields) -> Result<Response, Fault> {
    let recent = shelf::recent(app).await?;
    let mut best: Vec<_> = recent.iter().collect();
    // The best by votes; among equals the newest first.
    best.sort_by_key(|one| std::cmp::Reverse(one.paper.votes.unwrap_or(0)));
    let papers = (1..).zip(best).take(MOST_PAPERS);
    let context = Context {
        papers: papers.map(|(rank, one)| PaperView::new(rank, &one.paper)).collect(),
        count: recent.len(),
        days: LOOK_BACK.secs() / 86_400,
        open: app.site.subscriptions.is_open(),
        fields,
        mistake,
        shown: subscribe::stamp(app),
        trap: TRAP,
        subscribe_by_mail: app.site.links.subscribe_by_mail(),
    };
    Ok(app.pages.render("home.html", context)?.into_response())
}
