//! `/`: what this is, the form, and the papers that a reader would get now, as their mail would
//! show them.

use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
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
/// What stands for the mark of a form in the page that is kept.
const STAMP: &str = "((stamp))";

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
    let make = async {
        let fields = Fields::of(&Preferences::default(), &app.site.usual);
        let (page, any) = page(&app, Mistake::default(), fields, STAMP).await?;
        Ok((page.0, any))
    };
    match app.kept.page("/", make).await {
        // The same for everybody, but for the mark of this form.
        Ok(page) => Html(page.text.replacen(STAMP, &subscribe::stamp(&app), 1)).into_response(),
        Err(fault) => fault.page(&app),
    }
}

/// The page once more, with what is to be mended.
pub(super) async fn again(
    app: &Shared,
    mistake: Mistake,
    preferences: &Preferences,
    form: &Form,
) -> Result<Response, Fault> {
    let fields = Fields::of(preferences, &app.site.usual).typed(form);
    let (page, _) = page(app, mistake, fields, &subscribe::stamp(app)).await?;
    Ok((AGAIN, page).into_response())
}

/// The page, and whether there are papers on it.
async fn page(
    app: &Shared,
    mistake: Mistake,
    fields: Fields,
    stamp: &str,
) -> Result<(Html<String>, bool), Fault> {
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
        shown: stamp.to_owned(),
        trap: TRAP,
        subscribe_by_mail: app.site.links.subscribe_by_mail(),
    };
    let any = context.count > 0;
    Ok((app.pages.render("home.html", context)?, any))
}
