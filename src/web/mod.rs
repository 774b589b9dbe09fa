//! The site: the door for browsers and for whoever watches the daemon. It shows what the
//! store holds, takes what readers want to the verbs of `subscription`, and shows, in the demo,
//! the folder that mails are put into. Never changes anything on a GET, never asks the reader's browser to fetch from anybody
//! else, and needs no JavaScript.

mod admin;
mod archive;
mod client;
mod confirm;
mod digest;
mod error;
mod feed;
mod figures;
mod form;
mod health;
mod home;
mod hooks;
mod inbox;
mod kept;
mod mail_file;
mod place;
mod preferences;
mod ready;
mod requests;
mod serve;
mod shelf;
mod subscribe;
mod taste;
mod unsubscribe;
mod view;
mod wishes;

pub use admin::{Need, Office, Route, routes as admin_routes};
pub use error::WebError;
pub use hooks::{Amazon, Fetch, Hooks};
pub use serve::{Front, Ready, bind, serve, serve_front};
pub use wishes::Usual;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::{get, post};
use ipnet::IpNet;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::{RequestBodyTimeoutLayer, TimeoutLayer};

use crate::bounce::Bounces;
use crate::clock::Clock;
use crate::config::Metrics;
use crate::digest::Planner;
use crate::links::Links;
use crate::model::Zone;
use crate::setup::Setup;
use crate::store::{Node, Store};
use crate::subscription::Subscriptions;
use view::Pages;

/// The most that a request's body may hold: forms are small.
const BODY_LIMIT: usize = 64 * 1024;
/// How long an answer may take to begin.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(20);
/// How long the next piece of a request's body may be awaited.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// What the site needs.
#[derive(Clone, Debug)]
pub struct Site {
    /// The database.
    pub store: Store,
    /// What time it is.
    pub clock: Clock,
    /// The site's name.
    pub title: String,
    /// The version of the program, as `/healthz` tells it.
    pub version: String,
    /// A folder of `.eml` files to show under `/inbox`, for anybody who can reach the site:
    /// for the demo only.
    pub inbox: Option<PathBuf>,
    /// In and out.
    pub subscriptions: Subscriptions,
    /// Says what a reader would get.
    pub planner: Planner,
    /// Signed links.
    pub links: Links,
    /// The zone in which the archive's days count.
    pub zone: Zone,
    /// What holds where a reader leaves something open.
    pub usual: Usual,
    /// The web servers before this one, whose X-Forwarded-For is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// The address of a person who helps.
    pub contact: String,
    /// Providers that report over HTTP.
    pub hooks: Hooks,
    /// What their reports mean for people.
    pub bounces: Bounces,
    /// The admin pages; none: there are none.
    pub office: Option<Office>,
    /// Who may see figures.
    pub metrics: Metrics,
    /// The names of the sources.
    pub sources: Vec<String>,
    /// Where data lies.
    pub data_dir: PathBuf,
    /// This process among those that share the database; none where it does not send.
    pub node: Option<Arc<Node>>,
    /// The configuration in force, and how it is changed; none where it came from no file.
    pub setup: Option<Setup>,
}

/// What every handler shares.
type Shared = Arc<App>;

struct App {
    site: Site,
    pages: Pages,
    health: health::Kept,
    figures: figures::Kept,
    shelf: shelf::Kept,
    offer: home::Offer,
    kept: kept::Kept,
    hooks: hooks::Kept,
    counted: admin::Kept<admin::Counted>,
}

/// Every route, in its layers.
fn router(site: Site) -> Result<Router, WebError> {
    let pages = Pages::new(&site)?;
    let mut routes = Router::new()
        .route("/", get(home::show))
        .route("/subscribe", post(subscribe::submit))
        .route("/confirm/{token}", get(confirm::show).post(confirm::submit))
        .route("/unsubscribe/{token}", get(unsubscribe::show).post(unsubscribe::submit))
        .route("/preferences", get(preferences::ask).post(preferences::send))
        .route("/preferences/{token}", get(preferences::show).post(preferences::submit))
        .route("/preferences/{token}/data", get(preferences::data))
        .route("/taste/{token}", get(taste::show).post(taste::submit))
        .route("/archive", get(archive::days))
        .route("/archive/{date}", get(archive::day))
        .route("/digest/{token}", get(digest::show))
        .route("/feed.atom", get(feed::atom))
        .route("/feed.json", get(feed::json))
        .route("/robots.txt", get(view::robots))
        .route("/favicon.ico", get(view::favicon))
        .route("/healthz", get(health::show))
        .route("/readyz", get(ready::show))
        .route("/metrics", get(figures::show))
        .route("/assets/{name}", get(view::asset));
    if site.inbox.is_some() {
        routes = routes
            .route("/inbox", get(inbox::list))
            .route("/inbox/{file}", get(inbox::show))
            .route("/inbox/{file}/html", get(inbox::html))
            .route("/inbox/{file}/raw", get(inbox::raw));
    }
    let reports = limited(hooks::routes(&site.hooks.webhooks), hooks::BODY_LIMIT);
    let (health, shelf) = (health::Kept::default(), shelf::Kept::default());
    let offer = home::Offer::default();
    let figures = figures::Kept::default();
    let (kept, hooks) = (kept::Kept::default(), hooks::Kept::default());
    let counted = admin::Kept::default();
    let shared = Arc::new(App { site, pages, health, figures, shelf, offer, kept, hooks, counted });
    let [panicked, noted, large] = [(); 3].map(|()| Arc::clone(&shared));
    let mut all = limited(routes.fallback(error::no_such_page), BODY_LIMIT).merge(reports);
    if shared.site.office.is_some() {
        all = all.merge(limited_bodies(admin::router(&shared)?, admin::BODY_LIMIT));
    }
    Ok(all
        .layer(axum::middleware::map_response_with_state(large, error::too_large))
        .layer(RequestBodyTimeoutLayer::new(BODY_TIMEOUT))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, ANSWER_TIMEOUT))
        .layer(CatchPanicLayer::custom(move |_| error::panicked(&panicked)))
        .layer(axum::middleware::map_response(secured))
        .layer(axum::middleware::from_fn_with_state(noted, requests::note))
        .with_state(shared))
}

/// The routes, whose requests may have bodies of `most` bytes.
fn limited(routes: Router<Shared>, most: usize) -> Router<Shared> {
    limited_bodies(routes.method_not_allowed_fallback(error::wrong_method), most)
}

fn limited_bodies(routes: Router<Shared>, most: usize) -> Router<Shared> {
    routes.layer(DefaultBodyLimit::max(most)).layer(RequestBodyLimitLayer::new(most))
}

/// The headers that every answer carries, unless its page has said otherwise.
async fn secured(mut response: Response) -> Response {
    const DEFAULTS: [(HeaderName, &str); 7] = [
        (header::CONTENT_SECURITY_POLICY, view::POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in DEFAULTS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Marks what is one person's: no search engine is to keep it.
fn personal(mut response: Response) -> Response {
    let name = HeaderName::from_static("x-robots-tag");
    response.headers_mut().insert(name, HeaderValue::from_static("noindex, nofollow"));
    response.headers_mut().remove(header::CACHE_CONTROL);
    response
}
