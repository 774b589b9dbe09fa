//! `/confirm/{token}`: a look shows one button; only the button confirms.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::client::Client;
use super::error::Fault;
use super::form::Form;
use super::place::Piece;
use super::{Shared, personal};
use crate::links::Purpose;
use crate::model::SubscriberState;
use crate::store::Subscriber;
use crate::subscription::{Asked, Confirmable, Confirmed, Origin};

#[derive(Serialize)]
struct Context<'a> {
    email: &'a str,
    moving: bool,
    /// What was asked by mail; empty: it is about the subscription.
    asked: Vec<&'a str>,
    active: bool,
    here: String,
    preferences: String,
}

/// Shows what the button would do.
pub(super) async fn show(State(app): State<Shared>, Piece(token): Piece) -> Response {
    let page = async {
        if let Some(asked) = app.site.subscriptions.asked(&token).await? {
            return asked_page(&app, &token, &asked);
        }
        let found = app.site.subscriptions.confirmable(&token).await?.ok_or(Fault::Link)?;
        page(&app, &token, &found)
    };
    personal(page.await.unwrap_or_else(|fault| fault.page(&app)))
}

/// Does it, where the button was pressed.
pub(super) async fn submit(
    State(app): State<Shared>,
    Piece(token): Piece,
    client: Client,
    form: Form,
) -> Response {
    let page = async {
        if let Some(asked) = app.site.subscriptions.asked(&token).await? {
            if !form.says("do", "confirm") {
                return asked_page(&app, &token, &asked);
            }
            let origin = Origin { how: "mail", from: client.0, quick: false };
            app.site.subscriptions.agree(&asked, origin).await?;
            let to = format!("{}?said=done", preferences(&app, &asked.reader));
            return Ok((StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response());
        }
        if !form.says("do", "confirm") {
            let found = app.site.subscriptions.confirmable(&token).await?.ok_or(Fault::Link)?;
            return page(&app, &token, &found);
        }
        let origin = Origin { how: "web", from: client.0, quick: false };
        let (reader, said) = match app.site.subscriptions.confirm(&token, origin).await? {
            None => return Err(Fault::Link),
            Some(Confirmed::Now(reader)) => (reader, "welcome"),
            Some(Confirmed::Already(reader)) => (reader, "already"),
            Some(Confirmed::Moved(reader)) => (reader, "moved"),
            Some(Confirmed::Taken(_)) => return Ok(Fault::Taken.page(&app)),
        };
        let to = format!("{}?said={said}", preferences(&app, &reader));
        Ok((StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response())
    };
    personal(page.await.unwrap_or_else(|fault| fault.page(&app)))
}

fn asked_page(app: &Shared, token: &str, asked: &Asked) -> Result<Response, Fault> {
    let context = Context {
        email: asked.reader.email.as_str(),
        moving: false,
        asked: asked.commands.iter().map(|command| command.words.as_str()).collect(),
        active: asked.done,
        here: format!("/confirm/{token}"),
        preferences: preferences(app, &asked.reader),
    };
    Ok(app.pages.render("confirm.html", context)?.into_response())
}

fn page(app: &Shared, token: &str, found: &Confirmable) -> Result<Response, Fault> {
    let (reader, to) = match found {
        Confirmable::Subscription(reader) => (reader, None),
        Confirmable::Move(reader, to) => (reader, Some(to)),
    };
    let context = Context {
        email: to.unwrap_or(&reader.email).as_str(),
        moving: to.is_some(),
        asked: Vec::new(),
        active: matches!(reader.state, SubscriberState::Active | SubscriberState::Paused),
        here: format!("/confirm/{token}"),
        preferences: preferences(app, reader),
    };
    Ok(app.pages.render("confirm.html", context)?.into_response())
}

/// The path of a reader's preferences.
pub(super) fn preferences(app: &Shared, reader: &Subscriber) -> String {
    let token = app.site.links.token(Purpose::Preferences, reader.person(), 0, "");
    format!("/preferences/{token}")
}
