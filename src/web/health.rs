//! `/healthz`: whether the daemon can do its work, for those who watch it. Says nothing
//! that a stranger may not know.

use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::Shared;

/// How long the database may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long an answer counts: however many ask, the disk is asked no more often.
const KEPT: Duration = Duration::from_secs(2);

/// The last answer, and when it was given.
pub(super) type Kept = Mutex<Option<(Instant, Option<String>)>>;

/// 200 when the store reads and writes in time, else 503 with the reason in words.
pub(super) async fn show(State(app): State<Shared>) -> Response {
    let version = &app.site.version;
    let reason = reason(&app).await;
    let (status, body) = match reason {
        None => (StatusCode::OK, json!({"status": "ok", "version": version})),
        Some(reason) => (
            StatusCode::SERVICE_UNAVAILABLE,
            json!({"status": "failing", "version": version, "reason": reason}),
        ),
    };
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// What is wrong with the store, as lately found, if anything is.
pub(super) async fn reason(app: &Shared) -> Option<String> {
    let mut kept = app.health.lock().await;
    match &*kept {
        Some((at, reason)) if at.elapsed() < KEPT => reason.clone(),
        _ => {
            let reason = ask(app).await;
            *kept = Some((Instant::now(), reason.clone()));
            reason
        }
    }
}

/// What is wrong with the store, if anything is.
async fn ask(app: &Shared) -> Option<String> {
    let store = app.site.store.clone();
    // In a task of its own: a visitor who leaves must not leave a statement half done.
    let probe = tokio::spawn(async move { store.probe().await });
    match tokio::time::timeout(PATIENCE, probe).await {
        Ok(Ok(Ok(()))) => None,
        Ok(Ok(Err(error))) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "the store is not well");
            Some(error.to_string())
        }
        Ok(Err(_)) => Some("the database could not be asked".to_owned()),
        Err(_) => {
            let secs = PATIENCE.as_secs();
            Some(format!("the database did not write a line within {secs} s"))
        }
    }
}
