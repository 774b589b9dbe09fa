//! `/metrics` for Prometheus, and who may read it. What the store holds is asked for at most once
//! in a few seconds, however often it is scraped.

use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::client::{Client, Peer};
use super::{Shared, view};
use crate::alarms::Kind;
use crate::meter;
use crate::store::{Canary, Node, StoreError};
use crate::watch::CANARY;

/// How long the store's figures count.
const KEPT: Duration = Duration::from_secs(5);
/// How long the store may take over them.
const PATIENCE: Duration = Duration::from_secs(5);

/// When the store was last asked.
pub(super) type Kept = Mutex<Option<Instant>>;

/// Who asks, as far as it matters here.
pub(super) struct Watcher(pub(super) Result<(), &'static str>);

impl axum::extract::FromRequestParts<Shared> for Watcher {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        app: &Shared,
    ) -> Result<Self, Self::Rejection> {
        let Ok(Client(client)) = Client::from_request_parts(parts, app).await;
        let peer = parts.extensions.get::<Peer>().map(|peer| peer.0.ip().to_canonical());
        Ok(Self(judge(app, peer, client, &parts.headers)))
    }
}

/// Whether whoever asks may see figures, else why not.
fn judge(
    app: &Shared,
    peer: Option<std::net::IpAddr>,
    client: Option<std::net::IpAddr>,
    headers: &HeaderMap,
) -> Result<(), &'static str> {
    let site = &app.site;
    let (Some(peer), Some(client)) = (peer, client) else {
        return Err("it is not known who asks");
    };
    // A web server before us that nobody named: the request may be anybody's.
    let came_through = ["x-forwarded-for", "forwarded", "x-real-ip"]
        .iter()
        .any(|name| headers.contains_key(*name));
    if came_through && !site.trusted_proxies.iter().any(|network| network.contains(&peer)) {
        return Err("it came through a web server that is not in server.trusted_proxies");
    }
    if !site.metrics.allows(client) {
        return Err("metrics.allow does not name the address that asks");
    }
    let Some(token) = &site.metrics.token else { return Ok(()) };
    let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let shown = shown.and_then(|value| value.split_once(' '));
    match shown {
        Some((scheme, shown))
            if scheme.eq_ignore_ascii_case("bearer")
                && is_same(shown.trim(), token.expose_secret()) =>
        {
            Ok(())
        }
        _ => Err("the token of metrics.token is not shown"),
    }
}

fn is_same(shown: &str, token: &str) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(shown.as_bytes(), token.as_bytes()).is_ok()
}

/// All figures, in Prometheus' text format.
pub(super) async fn show(State(app): State<Shared>, Watcher(may): Watcher) -> Response {
    if let Err(why) = may {
        let said = format!("Figures are not for everybody: {why}.\n");
        return (StatusCode::FORBIDDEN, [view::PLAIN], said).into_response();
    }
    meter::start();
    let mut kept = app.figures.lock().await;
    if kept.is_none_or(|at| at.elapsed() >= KEPT) {
        // In a task of its own: a visitor who leaves must not leave a statement half done.
        let asked = tokio::spawn(gather(std::sync::Arc::clone(&app)));
        match tokio::time::timeout(PATIENCE, asked).await {
            Ok(Ok(Ok(()))) => {}
            // Figures of this process are worth having while the database is away.
            Ok(Ok(Err(error))) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the store has no figures; those of the database are old"
                );
            }
            _ => tracing::warn!("the store took too long; figures of the database are old"),
        }
        *kept = Some(Instant::now());
    }
    drop(kept);
    let text = meter::render().unwrap_or_default();
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (kind, text).into_response()
}

/// Asks the store and the machine.
async fn gather(app: Shared) -> Result<(), StoreError> {
    let site = &app.site;
    let (store, now) = (&site.store, site.clock.now());
    if let Ok(space) = crate::machine::space(&site.data_dir) {
        meter::DISK_FREE.set(&[], space.free as f64);
        meter::DISK_SIZE.set(&[], space.size as f64);
    }
    if let Some(node) = &site.node {
        meter::NODE_HOLDS.set(&[&node.name()], f64::from(u8::from(Node::holds(node))));
    }
    let figures = store.figures(now).await?;
    let age = |since: Option<Timestamp>| {
        since.map_or(0.0, |since| now.duration_since(since).as_secs_f64().max(0.0))
    };
    for (state, count) in &figures.subscribers {
        meter::SUBSCRIBERS.set(&[state.word()], *count as f64);
    }
    meter::WAITING.set(&["queued"], figures.queued as f64);
    meter::WAITING.set(&["sending"], figures.sending as f64);
    meter::WAITING.set(&["deferred"], figures.deferred as f64);
    meter::DUE.set(&[], figures.due as f64);
    meter::OLDEST_DUE_AGE.set(&[], age(figures.oldest_due));
    meter::DOUBTFUL.set(&[], figures.doubtful as f64);
    meter::READERS_DUE.set(&[], figures.readers_due as f64);
    meter::READERS_OVERDUE.set(&[], age(figures.oldest_reader_due));
    meter::PAPERS.set(&[], figures.papers as f64);
    meter::SUPPRESSIONS.set(&[], figures.suppressions as f64);
    meter::DOMAINS_RESTING.set(&[], figures.domains_resting as f64);
    meter::DATABASE_BYTES.set(&[], figures.bytes as f64);
    // What never was has no age: a figure of 0 would say that it was just now.
    if figures.last_digest.is_some() {
        meter::DIGEST_AGE.set(&[], age(figures.last_digest));
    }
    for source in &site.sources {
        let fared = store.source_figures(source, now).await?;
        if fared.last_good.is_some() {
            meter::SOURCE_GOOD_AGE.set(&[source], age(fared.last_good));
        }
        if fared.last_new.is_some() {
            meter::SOURCE_NEW_AGE.set(&[source], age(fared.last_new));
        }
    }
    let nodes = store.nodes().await?;
    for state in ["alive", "expired", "fenced"] {
        let count = nodes.iter().filter(|node| node.state() == state).count();
        meter::NODES.set(&[state], count as f64);
    }
    let open = store.open_alarms().await?;
    for kind in Kind::ALL {
        let count = open.iter().filter(|row| row.topic == kind.word()).count();
        meter::ALARMS_OPEN.set(&[kind.word()], count as f64);
    }
    let canaries = store.canaries().await?;
    let back =
        |one: &Canary| one.seen_at.filter(|_| one.kind == CANARY).map(|at| (one.sent_at, at));
    if let Some((sent, seen)) = canaries.iter().find_map(back) {
        meter::CANARY_SECONDS.set(&[], seen.duration_since(sent).as_secs_f64());
        meter::CANARY_AGE.set(&[], age(Some(seen)));
    }
    Ok(())
}
