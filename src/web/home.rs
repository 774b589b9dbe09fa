//! `/`: what this is, the form, and the papers that a new reader would get now, in the order of
//! their mail.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use serde::Serialize;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::Shared;
use super::error::Fault;
use super::form::Form;
use super::kept::FRESH;
use super::shelf::{self, LOOK_BACK};
use super::subscribe::{self, AGAIN, Mistake, TRAP};
use super::wishes::Fields;
use crate::model::{Paper, Preferences};
use crate::render::PaperView;
use crate::store::StoreError;

const MOST_PAPERS: usize = 20;
/// What stands for the mark of a form in the page that is kept.
const STAMP: &str = "((stamp))";

/// What was decided last.
pub(super) type Offer = Mutex<Option<(Instant, Arc<[Paper]>)>>;

#[derive(Serialize)]
struct Context {
    papers: Vec<PaperView>,
    count: usize,
    /// Whether there are papers, and none of them is for a mail yet.
    waiting: bool,
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

/// What a new reader would get now: decided a few times a minute, however many look, and by one
/// of them.
async fn offer(app: &Shared) -> Result<Arc<[Paper]>, StoreError> {
    let mut kept = app.offer.lock().await;
    if let Some((at, papers)) = &*kept
        && at.elapsed() < FRESH
    {
        return Ok(Arc::clone(papers));
    }
    let papers: Arc<[Paper]> = app.site.planner.for_anybody().await?.into();
    // A site that has none yet shows its first at once.
    *kept = (!papers.is_empty()).then(|| (Instant::now(), Arc::clone(&papers)));
    Ok(papers)
}

/// The page, and whether there are papers on it.
async fn page(
    app: &Shared,
    mistake: Mistake,
    fields: Fields,
    stamp: &str,
) -> Result<(Html<String>, bool), Fault> {
    let offer = offer(app).await?;
    let papers = (1..).zip(offer.iter()).take(MOST_PAPERS);
    let context = Context {
        papers: papers.map(|(rank, paper)| PaperView::new(rank, paper)).collect(),
        count: offer.len(),
        waiting: offer.is_empty() && !shelf::recent(app).await?.is_empty(),
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
