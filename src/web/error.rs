//! What can go wrong, in two voices: to the person who runs the site, with its cause; to a
//! stranger, as a plain page without any. Each fault is logged once, here.

use std::net::SocketAddr;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::{Shared, view};
use crate::store::StoreError;

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
}

impl Fault {
    fn status(&self) -> StatusCode {
        match self {
            Self::Missing => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Render(_) | Self::Inbox(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The page for it; what is ours to mend is logged.
    pub(super) fn page(self, app: &Shared) -> Response {
        let status = self.status();
        if status.is_server_error() {
            tracing::error!(error = &self as &dyn std::error::Error, "a page was not shown");
        }
        let sentence = match status {
            StatusCode::NOT_FOUND => "There is no page at this address.",
            StatusCode::METHOD_NOT_ALLOWED => "This address does not take that kind of request.",
            StatusCode::SERVICE_UNAVAILABLE => {
                "The site cannot read its papers just now. Please try again in a minute."
            }
            _ => "Something went wrong on our side. It has been noted.",
        };
        let heading = status.canonical_reason().unwrap_or("Error");
        let context = Context { heading, sentence };
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

/// The page for a handler that panicked; the panic hook has already told the log.
pub(super) fn panicked(app: &Shared) -> Response {
    Fault::Inbox(std::io::Error::other("a handler panicked")).page(app)
}
