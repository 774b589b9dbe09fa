//! `/admin/audit`: who changed what, when, from where.

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::guard::Visitor;
use super::view::{When, answer, encoded, page, when};
use crate::store::AuditFilter;
use crate::web::Shared;
use crate::web::place::Asked;

/// Which entries to show.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Wish {
    who: String,
    what: String,
    before: Option<i64>,
}

#[derive(Serialize)]
struct Context {
    who: String,
    what: String,
    everybody: Vec<String>,
    words: Vec<String>,
    entries: Vec<Entry>,
    /// The query of the next page.
    next: String,
}

#[derive(Serialize)]
struct Entry {
    at: When,
    who: String,
    network: String,
    what: String,
    about: String,
    detail: String,
}

const SHOWN: u32 = 100;

/// The page.
pub(super) async fn show(
    State(app): State<Shared>,
    visitor: Visitor,
    Asked(wish): Asked<Wish>,
) -> Response {
    answer(&app, &visitor, async {
        let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let filter = AuditFilter { who: some(&wish.who), what: some(&wish.what) };
        let before = wish.before.unwrap_or(0);
        let mut rows = app.site.store.audit(&filter, before, SHOWN + 1).await?;
        let more = rows.len() > SHOWN as usize;
        rows.truncate(SHOWN as usize);
        let next = rows.last().filter(|_| more).map(|row| {
            let (who, what) = (encoded(&wish.who), encoded(&wish.what));
            format!("who={who}&what={what}&before={}", row.id)
        });
        let next = next.unwrap_or_default();
        let entries = rows.into_iter().map(|row| Entry {
            at: when(&app, row.at),
            who: row.who,
            network: row.network,
            what: row.what,
            about: row.about,
            detail: row.detail,
        });
        let entries = entries.collect();
        let (everybody, words) = app.site.store.audit_words().await?;
        let context = Context { who: wish.who, what: wish.what, everybody, words, entries, next };
        page(&app, &visitor, "audit", "audit", context)
    })
    .await
}
