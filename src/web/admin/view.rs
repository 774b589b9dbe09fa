//! What admin pages share: their frame, their faults, moments in the site's zone, the cookie.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Office;
use super::guard::Visitor;
use crate::admins::{AdminError, Visit};
use crate::model::Role;
use crate::store::StoreError;
use crate::subscription::SubscriptionError;
use crate::web::Shared;
use crate::web::error::Fault;

/// Why a request of the admin pages comes to nothing.
pub(super) enum Stop {
    /// It is refused: not logged in, not permitted, or there is nothing.
    Refused(StatusCode),
    /// The form is not one of this session's.
    OldForm,
    /// Something failed.
    Fault(Fault),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<minijinja::Error> for Stop {
    fn from(error: minijinja::Error) -> Self {
        Self::Fault(error.into())
    }
}

impl From<SubscriptionError> for Stop {
    fn from(error: SubscriptionError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<AdminError> for Stop {
    fn from(error: AdminError) -> Self {
        match error {
            AdminError::Store(error) => Self::Fault(error.into()),
            other => Self::Fault(Fault::Inbox(std::io::Error::other(other))),
        }
    }
}

#[derive(Serialize)]
struct Refusal {
    heading: &'static str,
    sentence: &'static str,
}

impl Stop {
    /// The page for it.
    pub(super) fn page(self, app: &Shared, visitor: &Visitor) -> Response {
        let (status, heading, sentence) = match self {
            Self::Fault(fault) => return fault.page(app),
            Self::OldForm => (
                StatusCode::FORBIDDEN,
                "That form is too old",
                "It belongs to another session. Nothing was changed: go back, reload the page, \
                 and try again.",
            ),
            Self::Refused(StatusCode::UNAUTHORIZED) => (
                StatusCode::UNAUTHORIZED,
                "Please log in",
                "Your session has ended. Nothing was changed.",
            ),
            Self::Refused(StatusCode::FORBIDDEN) => (
                StatusCode::FORBIDDEN,
                "Not permitted",
                "Your account may look and not change. Nothing was changed.",
            ),
            Self::Refused(status) => {
                (status, "There is nothing here", "There is no such page, or no longer.")
            }
        };
        match frame(app, visitor, "", "refused", Refusal { heading, sentence }) {
            Ok(page) => (status, page).into_response(),
            Err(error) => Fault::from(error).page(app),
        }
    }
}

/// What a page knows of who looks at it.
#[derive(Serialize)]
struct Me<'a> {
    name: &'a str,
    may_change: bool,
    token: &'a str,
}

#[derive(Serialize)]
struct Framed<'a, T> {
    me: Option<Me<'a>>,
    /// The page in the menu that this belongs to.
    at: &'static str,
    zone: String,
    #[serde(flatten)]
    page: T,
}

/// The page `admin/NAME.html` in its frame.
fn frame(
    app: &Shared,
    visitor: &Visitor,
    at: &'static str,
    name: &str,
    page: impl Serialize,
) -> Result<Response, minijinja::Error> {
    let me = visitor.visit.as_deref().map(|visit: &Visit| Me {
        name: &visit.account.name,
        may_change: visit.account.role == Role::Admin,
        token: &visit.form_token,
    });
    let framed = Framed { me, at, zone: app.site.zone.to_string(), page };
    Ok(app.pages.render(&format!("admin/{name}.html"), framed)?.into_response())
}

/// The page `admin/NAME.html`, which stands in the menu at `at`.
pub(super) fn page(
    app: &Shared,
    visitor: &Visitor,
    at: &'static str,
    name: &str,
    context: impl Serialize,
) -> Result<Response, Stop> {
    Ok(frame(app, visitor, at, name, context)?)
}

/// Answers with what was made, or with the page of what went wrong.
pub(super) async fn answer(
    app: &Shared,
    visitor: &Visitor,
    made: impl Future<Output = Result<Response, Stop>>,
) -> Response {
    made.await.unwrap_or_else(|stop| stop.page(app, visitor))
}

/// What the pages need beside what the site has.
pub(super) fn office(app: &Shared) -> Result<&Office, Stop> {
    // Without it there are no routes that lead here.
    app.site.office.as_ref().ok_or(Stop::Refused(StatusCode::NOT_FOUND))
}

/// To another page, after something was done.
pub(super) fn go(to: impl AsRef<str>) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, to.as_ref())]).into_response()
}

/// A page that says what is to be mended.
pub(super) fn to_mend(mut page: Response) -> Response {
    *page.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    page
}

/// `/admin/` is `/admin`.
pub(super) async fn without_slash() -> Response {
    (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, "/admin")]).into_response()
}

/// What a page may be asked to say, after something was done.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Said {
    pub(super) said: String,
}

/// A moment as a page shows it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct When {
    /// RFC 3339, for machines.
    machine: String,
    /// In the site's zone.
    words: String,
}

impl When {
    /// In the site's zone.
    pub(super) fn words(&self) -> String {
        self.words.clone()
    }
}

/// A moment in the site's zone.
pub(super) fn when(app: &Shared, at: Timestamp) -> When {
    let words = app.site.zone.civil(at).strftime("%-d %b %Y, %H:%M").to_string();
    When { machine: at.to_string(), words }
}

/// How long ago that was, in words.
pub(super) fn ago(now: Timestamp, at: Timestamp) -> String {
    let past = now.duration_since(at);
    let count = |number: i64, unit: &str| {
        format!("{number} {unit}{} ago", if number == 1 { "" } else { "s" })
    };
    match past {
        past if past < SignedDuration::from_mins(1) => "just now".to_owned(),
        past if past < SignedDuration::from_hours(1) => count(past.as_mins(), "minute"),
        past if past < SignedDuration::from_hours(48) => count(past.as_hours(), "hour"),
        past => count(past.as_hours() / 24, "day"),
    }
}

/// A text within an address.
pub(super) fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

/// The cookie's name: where the site is https, one that no other host can set.
pub(super) fn cookie_name(app: &Shared) -> &'static str {
    match app.site.links.one_click() {
        true => "__Host-paperround-admin",
        false => "paperround-admin",
    }
}

/// Sets the cookie of a session; an empty value takes it away.
pub(super) fn with_cookie(app: &Shared, value: &str, mut response: Response) -> Response {
    let name = cookie_name(app);
    let place = match app.site.links.one_click() {
        true => "Path=/; Secure",
        false => "Path=/admin",
    };
    let end = if value.is_empty() { "; Max-Age=0" } else { "" };
    let text = format!("{name}={value}; {place}; HttpOnly; SameSite=Lax{end}");
    if let Ok(text) = HeaderValue::from_str(&text) {
        response.headers_mut().append(header::SET_COOKIE, text);
    }
    response
}
