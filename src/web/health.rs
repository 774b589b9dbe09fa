//! `/healthz`: whether the daemon can do its work, for those who watch it. Says nothing
//! that a stranger may not know.

use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::Shared;

const PATIENCE: Duration = Duration::from_secs(2);

/// 200 when the store answers in time, else 503 with the reason in words.
pub(super) async fn show(State(app): State<Shared>) -> Response {
    let version = &app.site.version;
    let reason = match tokio::time::timeout(PATIENCE, app.site.store.ping()).await {
        Ok(Ok(())) => None,
        Ok(Err(error)) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "the store is not well");
            Some(error.to_string())
        }
        Err(_) => Some(format!("the database did not answer within {} s", PATIENCE.as_secs())),
    };
    let (status, body) = match reason {
        None => (StatusCode::OK, json!({"status": "ok", "version": version})),
        Some(reason) => (
            StatusCode::SERVICE_UNAVAILABLE,
            json!({"status": "failing", "version": version, "reason": reason}),
        ),
    };
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}
