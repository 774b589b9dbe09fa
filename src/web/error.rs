//! What can go wrong, in two voices: to the person who runs the site, with its cause; to a
//! stranger, as a plain page without any. Each fault is logged once, here.

use std::net::SocketAddr;

use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::{Shared, requests, view};
use crate::store::StoreError;
use crate::subscription::SubscriptionError;

/// Why there is no site.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// The address cannot be listened on.
    #[error("cannot listen on {addr}: {}", advice(source, *addr))]
    Bind {
        /// The address.
        addr: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// A built-in page does not parse.
    #[error("a built-in page is damaged")]
    Template(#[from] minijinja::Error),
    /// The site's address cannot be the origin of a form.
    #[error("site.url cannot be the origin of a form: {0}")]
    Origin(String),
}

/// What a refused address means, and what to do.
fn advice(error: &std::io::Error, addr: SocketAddr) -> String {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::AddrInUse => format!(
            "another program has it already, perhaps a paperround that still runs \
             (`ss -ltnp 'sport = :{}'` says which); stop that one, or name another address \
             in server.listen",
            addr.port()
        ),
        ErrorKind::PermissionDenied => {
            "this user may not use it; name a port above 1023 in server.listen".to_owned()
        }
        ErrorKind::AddrNotAvailable => {
            "this machine does not have that address; name one that it has in server.listen"
                .to_owned()
        }
        _ => "the system refuses".to_owned(),
    }
}

/// Why a request gets no page of its own.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// There is nothing at this address.
    #[error("there is nothing at this address")]
    Missing,
    /// The address is not for this method.
    #[error("this address does not take that kind of request")]
    Method,
    /// The token of a link is none of ours, too old, or its reader is gone: never says which.
    #[error("this link does not work")]
    Link,
    /// The address that a subscription shall move to has one of its own.
    #[error("the address has a subscription of its own")]
    Taken,
    /// Nobody may subscribe by themselves.
    #[error("subscribing is closed")]
    Closed,
    /// The body is no form.
    #[error("this is no form")]
    Form,
    /// A provider's report does not prove from whom it is.
    #[error("the report does not prove from whom it is")]
    Forged,
    /// A provider's report is none.
    #[error("this is no report")]
    Unreadable,
    /// A provider's report must wait.
    #[error("a report could not be dealt with: {0}")]
    NotNow(&'static str),
    /// What a report means was not stored: it must come again.
    #[error("what a report means was not stored")]
    Bounce(#[from] crate::bounce::BounceError),
    /// The body cannot be read.
    #[error("the body cannot be read")]
    Body(StatusCode),
    /// A notice cannot be written.
    #[error("a notice cannot be written")]
    Notice(#[source] SubscriptionError),
    /// The store did not answer.
    #[error("the store did not answer")]
    Store(#[from] StoreError),
    /// A page did not render.
    #[error("a page did not render")]
    Render(#[from] minijinja::Error),
    /// The inbox folder cannot be read.
    #[error("cannot read the inbox folder")]
    Inbox(#[from] std::io::Error),
}

#[derive(Serialize)]
struct Context {
    heading: &'static str,
    sentence: &'static str,
    is_link: bool,
    /// By which the log can be searched.
    request_id: String,
}

impl From<SubscriptionError> for Fault {
    fn from(error: SubscriptionError) -> Self {
        match error {
            SubscriptionError::Store(error) => Self::Store(error),
            other => Self::Notice(other),
        }
    }
}

/// A body that did not come in time, or in full, or is too long.
impl From<BytesRejection> for Fault {
    fn from(rejection: BytesRejection) -> Self {
        let mut cause: Option<&dyn std::error::Error> = Some(&rejection);
        while let Some(error) = cause {
            // axum takes it for a client's fault of no particular kind.
            if error.is::<tower_http::timeout::TimeoutError>() {
                return Self::Body(StatusCode::REQUEST_TIMEOUT);
            }
            cause = error.source();
        }
        Self::Body(rejection.into_response().status())
    }
}

impl Fault {
    fn status(&self) -> StatusCode {
        match self {
            Self::Missing | Self::Link => StatusCode::NOT_FOUND,
            Self::Taken => StatusCode::CONFLICT,
            Self::Closed | Self::Forged => StatusCode::FORBIDDEN,
            Self::Form | Self::Unreadable => StatusCode::BAD_REQUEST,
            Self::Body(status) => *status,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Store(_) | Self::NotNow(_) | Self::Bounce(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Render(_) | Self::Inbox(_) | Self::Notice(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The page for it; what is ours to mend is logged.
    pub(super) fn page(self, app: &Shared) -> Response {
        let status = self.status();
        if status.is_server_error() {
            tracing::error!(error = &self as &dyn std::error::Error, "a page was not shown");
        }
        let sentence = match status {
            StatusCode::NOT_FOUND if matches!(self, Self::Link) => {
                "It may be too old, or cut off on its way here. You can have a new one by mail."
            }
            StatusCode::CONFLICT => {
                "That address has a subscription already, which goes on. The other one stays where \
                 it was."
            }
            StatusCode::FORBIDDEN if matches!(self, Self::Forged) => {
                "This report does not prove from whom it is."
            }
            StatusCode::BAD_REQUEST if matches!(self, Self::Unreadable) => {
                "What came could not be read as a report."
            }
            StatusCode::FORBIDDEN => "Whoever runs this site adds its readers themselves.",
            StatusCode::BAD_REQUEST => "What came could not be read as a form.",
            StatusCode::PAYLOAD_TOO_LARGE => "That is more than a form of ours can hold.",
            StatusCode::REQUEST_TIMEOUT => "It took too long to come.",
            StatusCode::NOT_FOUND => "There is no page at this address.",
            StatusCode::METHOD_NOT_ALLOWED => "This address does not take that kind of request.",
            StatusCode::SERVICE_UNAVAILABLE => {
                "The site cannot read its papers just now. Please try again in a minute."
            }
            _ => "Something went wrong on our side. It has been noted.",
        };
        let heading = match &self {
            Self::Link => "This link does not work",
            Self::Missing => "There is nothing here",
            Self::Taken => "Nothing was changed",
            Self::Closed => "Subscribing is closed",
            _ => status.canonical_reason().unwrap_or("Error"),
        };
        let (is_link, request_id) = (matches!(self, Self::Link), requests::id());
        let context = Context { heading, sentence, is_link, request_id };
        match app.pages.render("error.html", context) {
            Ok(page) => (status, page).into_response(),
            // The one page that must not depend on templates.
            Err(_) => (status, [view::PLAIN], sentence).into_response(),
        }
    }
}

pub(super) async fn no_such_page(State(app): State<Shared>) -> Response {
    Fault::Missing.page(&app)
}

pub(super) async fn wrong_method(State(app): State<Shared>) -> Response {
    Fault::Method.page(&app)
}

/// What is refused for its length before it is read has no page yet.
pub(super) async fn too_large(State(app): State<Shared>, response: Response) -> Response {
    let html = |kind: &HeaderValue| kind.as_bytes().starts_with(b"text/html");
    let is_page = response.headers().get(header::CONTENT_TYPE).is_some_and(html);
    match response.status() {
        StatusCode::PAYLOAD_TOO_LARGE if !is_page => {
            Fault::Body(StatusCode::PAYLOAD_TOO_LARGE).page(&app)
        }
        _ => response,
    }
}

/// The page for a handler that panicked; the panic hook has already told the log.
pub(super) fn panicked(app: &Shared) -> Response {
    Fault::Inbox(std::io::Error::other("a handler panicked")).page(app)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::body::{Body, Bytes};
    use axum::extract::{FromRequest, Request};
    use tower_http::timeout::TimeoutBody;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_body_that_stalls_took_too_long() {
        let begun = futures_util::stream::iter([Ok::<_, std::io::Error>(Bytes::from("email="))]);
        let stalled = futures_util::StreamExt::chain(begun, futures_util::stream::pending());
        let body = TimeoutBody::new(Duration::from_secs(10), Body::from_stream(stalled));
        let rejection = Bytes::from_request(Request::new(Body::new(body)), &()).await.unwrap_err();
        assert_eq!(Fault::from(rejection).status(), StatusCode::REQUEST_TIMEOUT);

        let cut = futures_util::stream::iter([Err::<Bytes, _>(std::io::Error::other("cut off"))]);
        let cut = Request::new(Body::from_stream(cut));
        let rejection = Bytes::from_request(cut, &()).await.unwrap_err();
        assert_eq!(Fault::from(rejection).status(), StatusCode::BAD_REQUEST);
    }
}
