//! `/readyz`: what is wrong, in words, for those who watch the daemon. 503 only where this process
//! cannot do its work: whoever balances load then asks another. Strangers hear what kind of
//! trouble there is; who may see figures ([`super::figures`]) hears all of it.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

use super::figures::Watcher;
use super::{Shared, health};
use crate::alarms::Kind;
use crate::store::AlarmRow;

/// One thing that is wrong.
#[derive(Debug, Serialize)]
struct Trouble {
    /// The word of its kind.
    what: String,
    /// Since when, where that is known.
    since: Option<Timestamp>,
    /// In words.
    detail: String,
}

/// 200 with `ready` or `degraded`, else 503 with `failing`.
pub(super) async fn show(State(app): State<Shared>, Watcher(may): Watcher) -> Response {
    let site = &app.site;
    let mut troubles = Vec::new();
    let (mut failing, mut refused) = (false, false);
    if let Some(reason) = health::reason(&app).await {
        failing = true;
        troubles.push(Trouble { what: "database".to_owned(), since: None, detail: reason });
    } else {
        if let Some(node) = &site.node
            && !node.holds()
        {
            failing = true;
            troubles.push(Trouble {
                what: "node".to_owned(),
                since: None,
                detail: "this process has lost its lease on the database: it sends nothing until \
                         it has joined anew"
                    .to_owned(),
            });
        }
        if let Some(setup) = &site.setup {
            let state = setup.in_force();
            refused = state.as_ref().is_some_and(|state| state.refused.is_some());
            let told = state.map_or_else(Vec::new, |state| state.told());
            troubles.extend(told.into_iter().map(|(since, words)| {
                let plain = "what is in force is not all that the configuration says";
                let detail = if may.is_ok() { words } else { plain.to_owned() };
                Trouble { what: "config".to_owned(), since: Some(since), detail }
            }));
        }
        // What this process has said of itself needs no alarm beside it.
        let host = site.node.as_ref().map(|node| node.host());
        let said = |row: &AlarmRow| {
            refused && row.topic == Kind::ConfigRefused.word() && host.as_ref() == Some(&row.place)
        };
        match site.store.open_alarms().await {
            Ok(open) => troubles.extend(open.into_iter().filter(|row| !said(row)).map(|row| {
                let title = Kind::from_word(&row.topic).map_or("", Kind::title);
                let detail = match (may.is_ok(), row.subject.as_str()) {
                    (false, _) => title.to_owned(),
                    (true, "") => row.detail,
                    (true, subject) => format!("{subject}: {}", row.detail),
                };
                Trouble { what: row.topic, since: Some(row.opened_at), detail }
            })),
            Err(error) => {
                let detail = error.to_string();
                tracing::warn!(detail, "the store did not say which alarms are open");
                failing = true;
                troubles.push(Trouble { what: "database".to_owned(), since: None, detail });
            }
        }
    }
    let status = match (failing, troubles.is_empty()) {
        (true, _) => "failing",
        (_, false) => "degraded",
        _ => "ready",
    };
    let code = if failing { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    let body = json!({"status": status, "version": site.version, "troubles": troubles});
    (code, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}
