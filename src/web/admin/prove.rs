//! The password once more: what could hurt most (the configuration, its secrets) asks for it where
//! it was not given within a quarter of an hour.

use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::guard::{Sent, Visitor};
use super::login::{admins, seconds, within};
use super::view::{Stop, answer, go, page, to_mend};
use crate::admins::Entry;
use crate::web::Shared;
use crate::web::place::Asked;

/// Where to afterwards.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Next {
    next: String,
}

#[derive(Serialize)]
struct Asking {
    next: String,
    with_code: bool,
    wrong: String,
}

/// The form.
pub(super) async fn show(
    State(app): State<Shared>,
    visitor: Visitor,
    Asked(Next { next }): Asked<Next>,
) -> Response {
    answer(&app, &visitor, async { asking(&app, &visitor, next, String::new()) }).await
}

/// Takes the password, and the code where the account has codes.
pub(super) async fn submit(
    State(app): State<Shared>,
    visitor: Visitor,
    Sent(form): Sent,
) -> Response {
    answer(&app, &visitor, async {
        let visit = visitor.visit()?;
        let next = form.get("next").unwrap_or_default().to_owned();
        let password = form.all("password").next().unwrap_or_default();
        let proof = (password, form.get("code").unwrap_or_default());
        let verbs = admins(&app)?;
        let done = verbs.prove(&visit.account, visit.session.id, proof, &visitor.guest).await?;
        let wrong = match done {
            Entry::In(_) => return Ok(go(within(&next))),
            Entry::Wait(until) => {
                let seconds = seconds(app.site.clock.now(), until);
                format!("Too many tries. Please wait {seconds} s, then try again.")
            }
            _ => "That is not right.".to_owned(),
        };
        asking(&app, &visitor, next, wrong).map(to_mend)
    })
    .await
}

fn asking(app: &Shared, visitor: &Visitor, next: String, wrong: String) -> Result<Response, Stop> {
    let with_code = visitor.visit()?.account.totp.is_some();
    page(app, visitor, "", "prove", Asking { next, with_code, wrong })
}

/// The way to this page, where the password was not given lately: what a deed that asks for it
/// answers.
pub(super) fn first(visitor: &Visitor, here: &str) -> Result<Option<Response>, Stop> {
    if visitor.visit()?.proved {
        return Ok(None);
    }
    let next: String = url::form_urlencoded::byte_serialize(here.as_bytes()).collect();
    Ok(Some(go(format!("/admin/prove?next={next}"))))
}
