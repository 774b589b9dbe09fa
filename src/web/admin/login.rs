//! The way in and out: name and password, then a code where the account asks for one; and the
//! one-time link by which a password is chosen.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::guard::{Sent, Visitor};
use super::view::{Stop, answer, go, office, page, with_cookie};
use crate::admins::{AdminError, Admins, Entry};
use crate::web::Shared;
use crate::web::place::{Asked, Piece};

/// Where to after the login.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Next {
    next: String,
    said: String,
}

#[derive(Default, Serialize)]
struct Door {
    next: String,
    name: String,
    /// With a ticket the page asks for the code.
    ticket: String,
    wrong: String,
    said: String,
}

#[derive(Serialize)]
struct Welcome<'a> {
    here: String,
    name: &'a str,
    role: &'static str,
    wrong: String,
}

/// The form.
pub(super) async fn show(
    State(app): State<Shared>,
    visitor: Visitor,
    Asked(Next { next, said }): Asked<Next>,
) -> Response {
    answer(&app, &visitor, async {
        if visitor.visit.is_some() {
            return Ok(go(within(&next)));
        }
        page(&app, &visitor, "", "login", Door { next, said, ..Door::default() })
    })
    .await
}

/// Tries name and password.
pub(super) async fn submit(
    State(app): State<Shared>,
    visitor: Visitor,
    Sent(form): Sent,
) -> Response {
    answer(&app, &visitor, async {
        let (name, next) = (form.get("name").unwrap_or_default(), form.get("next"));
        let password = form.all("password").next().unwrap_or_default();
        let done = admins(&app)?.log_in(name, password, &visitor.guest).await?;
        let door = Door {
            next: next.unwrap_or_default().to_owned(),
            name: name.chars().take(60).collect(),
            ..Door::default()
        };
        let wrong = "Name or password is wrong.";
        step(&app, &visitor, done, door, wrong)
    })
    .await
}

/// Tries the code.
pub(super) async fn code(
    State(app): State<Shared>,
    visitor: Visitor,
    Sent(form): Sent,
) -> Response {
    answer(&app, &visitor, async {
        let (ticket, code) = (form.get("ticket"), form.get("code"));
        let (ticket, code) = (ticket.unwrap_or_default(), code.unwrap_or_default());
        let done = admins(&app)?.log_in_by_code(ticket, code, &visitor.guest).await?;
        let door = Door {
            next: form.get("next").unwrap_or_default().to_owned(),
            ticket: ticket.to_owned(),
            ..Door::default()
        };
        let wrong = "That code is not good, or was used already. Wait for the next one.";
        step(&app, &visitor, done, door, wrong)
    })
    .await
}

/// What follows on a try.
fn step(
    app: &Shared,
    visitor: &Visitor,
    done: Entry,
    mut door: Door,
    wrong: &str,
) -> Result<Response, Stop> {
    match done {
        Entry::In(cookie) => return Ok(with_cookie(app, &cookie, go(within(&door.next)))),
        Entry::Code(ticket) => {
            door.ticket = ticket;
            return page(app, visitor, "", "login", door);
        }
        Entry::Wrong => door.wrong = wrong.to_owned(),
        Entry::Again => {
            door.ticket = String::new();
            door.wrong = "That took too long: please begin again.".to_owned();
        }
        Entry::Wait(until) => {
            let seconds = seconds(app.site.clock.now(), until);
            door.wrong = format!("Too many tries. Please wait {seconds} s, then try again.");
            let mut response = page(app, visitor, "", "login", door)?;
            *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            return Ok(response);
        }
    }
    let mut response = page(app, visitor, "", "login", door)?;
    *response.status_mut() = StatusCode::UNAUTHORIZED;
    Ok(response)
}

/// Whole seconds until then, at least one.
pub(super) fn seconds(now: Timestamp, until: Timestamp) -> u64 {
    u64::try_from(until.duration_since(now).as_secs()).unwrap_or(0) + 1
}

/// Ends the session.
pub(super) async fn out(State(app): State<Shared>, visitor: Visitor) -> Response {
    answer(&app, &visitor, async {
        let visit = visitor.visit()?;
        let verbs = admins(&app)?;
        verbs.end_session(&visit.account, visit.session.id, "logout", &visitor.by()).await?;
        Ok(with_cookie(&app, "", go("/admin/login?said=out")))
    })
    .await
}

/// The form of a one-time link. A look uses nothing up: mail programs look before their readers.
pub(super) async fn welcome(
    State(app): State<Shared>,
    visitor: Visitor,
    Piece(token): Piece,
) -> Response {
    answer(&app, &visitor, welcome_page(&app, &visitor, &token, String::new())).await
}

/// Takes the password that was chosen; the link is used up, and its owner is in.
pub(super) async fn choose(
    State(app): State<Shared>,
    visitor: Visitor,
    Piece(token): Piece,
    Sent(form): Sent,
) -> Response {
    answer(&app, &visitor, async {
        let field = |name| form.all(name).next().unwrap_or_default().to_owned();
        let (first, again) = (field("password"), field("again"));
        let verbs = admins(&app)?;
        let network = &visitor.guest.network;
        match verbs.choose_password(&token, (&first, &again), network).await {
            Err(AdminError::Password(fault)) => {
                let mut response = welcome_page(&app, &visitor, &token, fault.to_string()).await?;
                *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
                Ok(response)
            }
            Err(error) => Err(error.into()),
            Ok(None) => welcome_page(&app, &visitor, &token, String::new()).await,
            // Codes stay as they were: whoever holds a link alone does not get past them.
            Ok(Some(account)) if account.totp.is_some() => {
                Ok(with_cookie(&app, "", go("/admin/login?said=chosen")))
            }
            Ok(Some(account)) => {
                verbs.prepare_codes(&account).await?;
                let cookie = verbs.enter(&account, &visitor.guest, "by the one-time link").await?;
                Ok(with_cookie(&app, &cookie, go("/admin/account/codes?said=chosen")))
            }
        }
    })
    .await
}

async fn welcome_page(
    app: &Shared,
    visitor: &Visitor,
    token: &str,
    wrong: String,
) -> Result<Response, Stop> {
    let account = admins(app)?.welcome(token).await?;
    let Some(account) = account else {
        let mut response = page(app, visitor, "", "no_link", ())?;
        *response.status_mut() = StatusCode::NOT_FOUND;
        return Ok(response);
    };
    let here = format!("/admin/welcome/{token}");
    let context = Welcome { here, name: &account.name, role: account.role.word(), wrong };
    page(app, visitor, "", "welcome", context)
}

/// The verbs on accounts.
pub(super) fn admins(app: &Shared) -> Result<&Admins, Stop> {
    Ok(&office(app)?.admins)
}

/// A place within the admin pages; anything else is their front.
pub(super) fn within(next: &str) -> &str {
    let inside = next == "/admin" || next.starts_with("/admin/") || next.starts_with("/admin?");
    let plain = next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if inside && plain { next } else { "/admin" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_away() {
        for (next, to) in [
            ("/admin/queue?state=failed", "/admin/queue?state=failed"),
            ("", "/admin"),
            ("//evil.example", "/admin"),
            ("/administrator", "/admin"),
            ("https://evil.example/admin/", "/admin"),
            ("/admin/\r\nSet-Cookie: x", "/admin"),
            ("/admin/\\evil", "/admin"),
        ] {
            assert_eq!(within(next), to, "{next:?}");
        }
    }
}
