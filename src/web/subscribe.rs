//! `POST /subscribe`: somebody wants digests. Says the same whatever is known of the address;
//! only what could be nobody's address is told at once.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use serde::Serialize;

use super::client::Client;
use super::error::Fault;
use super::form::Form;
use super::wishes;
use super::{Shared, home};
use crate::links::{Claim, Person, Purpose};
use crate::model::{EmailAddress, Preferences};
use crate::subscription::Origin;

/// A field that people do not see and that programs fill in. Its name is one that no browser
/// fills in by itself, as they do with a name, a company or an address.
pub(super) const TRAP: &str = "remarks";
/// Forms that come back sooner are not filled in by people.
const QUICK_MS: i64 = 2_000;

/// What is wrong with an address, in a sentence that helps.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Mistake {
    /// What was typed.
    pub(super) email: String,
    /// The sentence; empty: nothing is wrong.
    pub(super) sentence: String,
    /// The address that was probably meant.
    pub(super) meant: String,
}

/// Takes the address in and says what happens next.
pub(super) async fn submit(State(app): State<Shared>, client: Client, form: Form) -> Response {
    let page = async {
        let preferences = match wishes::read(&form) {
            Ok(preferences) => preferences,
            Err(sentence) => {
                let email = form.get("email").unwrap_or_default().chars().take(300).collect();
                let mistake = Mistake { email, sentence, ..Mistake::default() };
                return home::again(&app, mistake, &Preferences::default(), &form).await;
            }
        };
        let email = match address(&app, &form) {
            Ok(email) => email,
            Err(mistake) => return home::again(&app, mistake, &preferences, &form).await,
        };
        if !app.site.subscriptions.is_open() {
            return Ok(Fault::Closed.page(&app));
        }
        if form.get(TRAP).is_none() {
            let origin = Origin { how: "web", from: client.0, quick: is_quick(&app, &form) };
            let granted = app.site.subscriptions.subscribe(&email, &preferences, origin).await?;
            tracing::debug!(?granted, "a subscription was asked for");
        }
        // The very same for everybody, whatever was decided.
        let page = async { Ok((app.pages.render("subscribed.html", ())?.0, true)) };
        let page = app.kept.page("/subscribe", page).await?;
        Ok::<_, Fault>(Html(page.text.clone()).into_response())
    };
    page.await.unwrap_or_else(|fault| fault.page(&app))
}

/// The address in a form, or what is wrong with it.
pub(super) fn address(app: &Shared, form: &Form) -> Result<EmailAddress, Mistake> {
    // Who was told of a likely slip, and says that it is none, knows better.
    let sure = form.get("sure").is_some();
    let given = form.get("sure").or_else(|| form.get("email")).unwrap_or_default();
    let text: String = given.chars().take(300).collect();
    let wrong = |sentence: String| Mistake { email: text.clone(), sentence, meant: String::new() };
    if text.is_empty() {
        return Err(wrong("Please enter the address that the digests shall go to.".to_owned()));
    }
    let email: EmailAddress = text.parse().map_err(|error: crate::model::AddressError| {
        wrong(format!("That is no e-mail address: {}.", error.reason))
    })?;
    match app.site.subscriptions.meant(&email) {
        Some(meant) if !sure => {
            let domain = meant.rsplit('@').next().unwrap_or_default();
            Err(Mistake {
                sentence: format!("{}: did you mean {domain}?", email.domain()),
                email: text,
                meant,
            })
        }
        _ => Ok(email),
    }
}

/// The mark of a form that is shown now.
pub(super) fn stamp(app: &Shared) -> String {
    let now = app.site.clock.now().as_millisecond().unsigned_abs();
    app.site.links.token(Purpose::Form, Person::default(), now, "")
}

/// Whether a form came back sooner than people type. One without our mark was made by others,
/// who may.
fn is_quick(app: &Shared, form: &Form) -> bool {
    let Some(claim) = form.get("shown").and_then(Claim::read) else { return false };
    let now = app.site.clock.now().as_millisecond();
    let shown = i64::try_from(claim.number).unwrap_or(0);
    app.site.links.holds(&claim, Purpose::Form, Person::default(), "") && now - shown < QUICK_MS
}

/// The answer's status for a form that must be filled in again.
pub(super) const AGAIN: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;
