//! What is noted of every request: an id that its log lines, its answer and its error page bear,
//! how long it took, and how it ended. Never notes a path as it was asked for, which may hold a
//! token, nor who asked.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument as _;

use super::Shared;
use super::client::Peer;
use crate::meter;
use crate::token::to_hex;

/// The header that carries the id.
const HEADER: HeaderName = HeaderName::from_static("x-request-id");
/// The most that another server's id may have.
const LONGEST: usize = 64;

tokio::task_local! {
    static ID: String;
}

/// The id of the request that this task answers; empty outside of one.
pub(super) fn id() -> String {
    ID.try_with(Clone::clone).unwrap_or_default()
}

/// Notes a request.
pub(super) async fn note(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let id = told(&app, &request).unwrap_or_else(made);
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or("other", MatchedPath::as_str).to_owned();
    // A method of a stranger's own making is no label.
    let method = match request.method().as_str() {
        known @ ("GET" | "HEAD" | "POST" | "PUT" | "DELETE" | "OPTIONS") => known.to_owned(),
        _ => "other".to_owned(),
    };
    let span = tracing::info_span!("request", id, method, route);
    let begun = Instant::now();
    let mut response = ID.scope(id.clone(), next.run(request)).instrument(span.clone()).await;
    let (took, status) = (begun.elapsed(), response.status());
    meter::REQUESTS.add(&[&route, &method, status.as_str()], 1);
    meter::REQUEST_SECONDS.took(&[&route], took);
    span.in_scope(|| {
        let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        tracing::debug!(target: "access", status = status.as_u16(), milliseconds, "answered");
    });
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

/// The id that a trusted web server before us gave the request.
fn told(app: &Shared, request: &Request) -> Option<String> {
    let peer = request.extensions().get::<Peer>()?.0.ip().to_canonical();
    app.site.trusted_proxies.iter().find(|network| network.contains(&peer))?;
    let id = request.headers().get(HEADER)?.to_str().ok()?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let good = !id.is_empty() && id.len() <= LONGEST && id.bytes().all(plain);
    good.then(|| id.to_owned())
}

/// An id of our own: 64 random bits.
fn made() -> String {
    let mut bytes = [0; 8];
    match getrandom::fill(&mut bytes) {
        Ok(()) => to_hex(&bytes),
        Err(_) => String::new(),
    }
}
