//! `/unsubscribe/{token}`: RFC 8058. A look shows a button; a POST that says so acts, at once and
//! as often as it comes: no cookie, no redirect, no question. The page that follows offers the
//! way back.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Span;
use serde::Serialize;

use super::client::Client;
use super::confirm::preferences;
use super::error::Fault;
use super::form::Form;
use super::place::Piece;
use super::{Shared, personal};
use crate::links::Purpose;
use crate::model::SubscriberState;
use crate::store::Subscriber;
use crate::subscription::Origin;

#[derive(Serialize)]
struct Context<'a> {
    email: &'a str,
    here: String,
    preferences: String,
    /// Where to take it back; empty: not from here.
    back: String,
}

/// Shows the button, or the way back.
pub(super) async fn show(State(app): State<Shared>, Piece(token): Piece) -> Response {
    if let Some(number) = app.site.links.canary(&token) {
        return personal(app.site.links.proof(number, "GET").into_response());
    }
    personal(look(&app, &token).await.unwrap_or_else(|fault| fault.page(&app)))
}

/// Ends the subscription where the POST says `List-Unsubscribe=One-Click`; takes it back where
/// it comes from the page after.
pub(super) async fn submit(
    State(app): State<Shared>,
    Piece(token): Piece,
    client: Client,
    form: Form,
) -> Response {
    let one_click = form.says("List-Unsubscribe", "One-Click");
    // The way is tried (`doctor`), for nobody.
    if let Some(number) = app.site.links.canary(&token) {
        let said = match one_click {
            true => app.site.links.proof(number, "POST").into_response(),
            false => (StatusCode::BAD_REQUEST, "the form did not arrive").into_response(),
        };
        return personal(said);
    }
    let page = async {
        let verbs = &app.site.subscriptions;
        if one_click && let Some((reader, _)) = verbs.open(Purpose::Unsubscribe, &token).await? {
            verbs.unsubscribe(&reader, "by the link in a mail", true).await?;
            return goodbye(&app, &token, &reader);
        }
        let back = form.get("do").filter(|word| ["back", "weekly", "pause"].contains(word));
        if let (Some(word), Some(reader)) = (back, verbs.undoable(&token).await?) {
            let origin = Origin { how: "web", from: client.0, quick: false };
            verbs.come_back(&reader, word == "weekly", origin).await?;
            if word == "pause"
                && let Some(now) = verbs.again(&reader).await?
            {
                let today = verbs.today(&now);
                let until = today.checked_add(Span::new().weeks(4)).ok();
                verbs.pause(&now, until, "paused instead of leaving").await?;
            }
            let said = if word == "back" { "back" } else { "saved" };
            let to = format!("{}?said={said}", preferences(&app, &reader));
            return Ok((StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response());
        }
        look(&app, &token).await
    };
    personal(page.await.unwrap_or_else(|fault| fault.page(&app)))
}

async fn look(app: &Shared, token: &str) -> Result<Response, Fault> {
    let verbs = &app.site.subscriptions;
    if let Some((reader, _)) = verbs.open(Purpose::Unsubscribe, token).await? {
        if reader.state == SubscriberState::Unsubscribed {
            return goodbye(app, token, &reader);
        }
        let context = Context {
            email: reader.email.as_str(),
            here: format!("/unsubscribe/{token}"),
            preferences: preferences(app, &reader),
            back: String::new(),
        };
        return Ok(app.pages.render("unsubscribe.html", context)?.into_response());
    }
    let Some((reader, _)) = verbs.open(Purpose::Undo, token).await? else {
        return Err(Fault::Link);
    };
    if verbs.undoable(token).await?.is_none() {
        // Back already, or too late.
        return Err(Fault::Link);
    }
    let context = Context {
        email: reader.email.as_str(),
        here: String::new(),
        preferences: preferences(app, &reader),
        back: format!("/unsubscribe/{token}"),
    };
    Ok(app.pages.render("goodbye.html", context)?.into_response())
}

fn goodbye(app: &Shared, token: &str, reader: &Subscriber) -> Result<Response, Fault> {
    // Who left long ago by the same link comes back by subscribing anew.
    let just_now = reader.state != SubscriberState::Unsubscribed
        || app.site.clock.now().duration_since(reader.state_at).as_hours() < 24;
    let back = if just_now && reader.state != SubscriberState::Pending {
        format!("/unsubscribe/{}", app.site.subscriptions.undo_token(reader))
    } else {
        String::new()
    };
    let context = Context {
        email: reader.email.as_str(),
        here: format!("/unsubscribe/{token}"),
        preferences: preferences(app, reader),
        back,
    };
    Ok(app.pages.render("goodbye.html", context)?.into_response())
}
