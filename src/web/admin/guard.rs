//! The guard before every admin route: from where, who, with which role, and whether a form is one
//! of ours. What a handler gets has passed here; what has not never reaches one.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Need;
use super::view::{self, Stop};
use crate::admins::{By, Guest, Visit};
use crate::model::Role;
use crate::web::Shared;
use crate::web::client::Client;
use crate::web::error::Fault;
use crate::web::form::Form;
use crate::web::personal;

/// A guard of one route.
#[derive(Clone)]
pub(super) struct Gate {
    pub(super) app: Shared,
    pub(super) need: Need,
}

/// Who has come through: what handlers know of them.
#[derive(Clone)]
pub(super) struct Visitor {
    /// Their session; none on the way in.
    pub(super) visit: Option<Arc<Visit>>,
    pub(super) guest: Guest,
}

impl Visitor {
    /// The session of a route that asks for one.
    pub(super) fn visit(&self) -> Result<&Visit, Stop> {
        // The guard lets nobody else through to such a route.
        self.visit.as_deref().ok_or(Stop::Refused(StatusCode::UNAUTHORIZED))
    }

    /// For the audit log.
    pub(super) fn by(&self) -> By {
        let who = self.visit.as_ref().map(|visit| visit.account.name.clone());
        By { who: who.unwrap_or_default(), network: self.guest.network.clone() }
    }
}

impl FromRequestParts<Shared> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Response> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Fault::Missing.page(app))
    }
}

/// The fields of a form that has come through.
#[derive(Clone)]
pub(super) struct Sent(pub(super) Arc<Form>);

impl FromRequestParts<Shared> for Sent {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Response> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Fault::Form.page(app))
    }
}

/// Lets a request through to its handler, or answers it.
pub(super) async fn check(
    State(Gate { app, need }): State<Gate>,
    request: Request,
    next: Next,
) -> Response {
    let answer = match admit(&app, need, request).await {
        Ok(request) => next.run(request).await,
        Err(stop) => stop,
    };
    personal(answer)
}

async fn admit(app: &Shared, need: Need, request: Request) -> Result<Request, Response> {
    let (mut parts, body) = request.into_parts();
    let Ok(Client(address)) = client(&mut parts, app).await;
    let Some(office) = &app.site.office else { return Err(Fault::Missing.page(app)) };
    let welcome = office.networks.is_empty()
        || address.is_some_and(|address| office.networks.iter().any(|net| net.contains(&address)));
    if !welcome {
        return Err(Fault::Missing.page(app));
    }
    let agent = parts.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    let guest = Guest::new(address, agent.unwrap_or_default());
    let visit = match cookie(&parts.headers, view::cookie_name(app)) {
        Some(cookie) => {
            let visit = office.admins.visit(cookie).await;
            visit.map_err(|error| Fault::from(error).page(app))?.map(Arc::new)
        }
        None => None,
    };
    let changes = parts.method != Method::GET && parts.method != Method::HEAD;
    let visitor = Visitor { visit, guest };
    match (&visitor.visit, need) {
        (_, Need::Nobody) => {}
        (None, _) if changes => {
            return Err(Stop::Refused(StatusCode::UNAUTHORIZED).page(app, &visitor));
        }
        (None, _) => return Err(to_login(&parts.uri)),
        (Some(visit), Need::Change) if visit.account.role != Role::Admin => {
            return Err(Stop::Refused(StatusCode::FORBIDDEN).page(app, &visitor));
        }
        (Some(_), _) => {}
    }
    if changes {
        let headers = parts.headers.clone();
        let request = Request::from_parts(parts, body);
        let (rest, form) = read_form(app, request, headers).await?;
        parts = rest;
        if let (Some(visit), true) = (&visitor.visit, need != Need::Nobody)
            && !form.says("token", &visit.form_token)
        {
            return Err(Stop::OldForm.page(app, &visitor));
        }
        parts.extensions.insert(Sent(Arc::new(form)));
        parts.extensions.insert(visitor);
        return Ok(Request::from_parts(parts, Body::empty()));
    }
    parts.extensions.insert(visitor);
    Ok(Request::from_parts(parts, body))
}

async fn client(parts: &mut Parts, app: &Shared) -> Result<Client, Infallible> {
    Client::from_request_parts(parts, app).await
}

/// Reads the form, and keeps what else the request is.
async fn read_form(
    app: &Shared,
    request: Request,
    headers: HeaderMap,
) -> Result<(Parts, Form), Response> {
    let (parts, body) = request.into_parts();
    let mut copy = Request::new(body);
    *copy.headers_mut() = headers;
    let form = Form::from_request(copy, app).await?;
    Ok((parts, form))
}

/// The value of a cookie.
fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(found, value)| (found == name).then_some(value))
}

/// The way in, and back here afterwards. The same wherever somebody wished to go.
fn to_login(uri: &Uri) -> Response {
    let here = uri.path_and_query().map_or("/admin", |place| place.as_str());
    let to = if here == "/admin" {
        "/admin/login".to_owned()
    } else {
        let next: String = url::form_urlencoded::byte_serialize(here.as_bytes()).collect();
        format!("/admin/login?next={next}")
    };
    (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
}

/// For who is in: there is nothing.
pub(super) async fn missing(State(app): State<Shared>, visitor: Visitor) -> Response {
    Stop::Refused(StatusCode::NOT_FOUND).page(&app, &visitor)
}

/// A form that another site sent.
pub(super) fn cross_site(app: &Shared) -> Response {
    let visitor = Visitor { visit: None, guest: Guest::new(None, "") };
    personal(Stop::Refused(StatusCode::FORBIDDEN).page(app, &visitor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, "a=1; xname=0; name=va=lue".parse().unwrap());
        headers.append(header::COOKIE, "name2=2".parse().unwrap());
        assert_eq!(cookie(&headers, "name"), Some("va=lue"));
        assert_eq!(cookie(&headers, "name2"), Some("2"));
        assert_eq!(cookie(&headers, "nam"), None);
    }

    #[test]
    fn the_way_in_leads_back() {
        let to = |uri: &str| {
            let response = to_login(&uri.parse().unwrap());
            response.headers()[header::LOCATION].to_str().unwrap().to_owned()
        };
        assert_eq!(to("/admin"), "/admin/login");
        assert_eq!(
            to("/admin/queue?state=failed"),
            "/admin/login?next=%2Fadmin%2Fqueue%3Fstate%3Dfailed"
        );
    }
}
