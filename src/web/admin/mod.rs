//! `/admin`: how the daemon is doing, and everything that whoever runs it does by a button. For
//! those who have logged in; who has not is shown the way in, and learns nothing of what there is.
//!
//! Every route stands in one table ([`routes`]) with what it needs, and the router is built from
//! that table alone, each route behind [`guard`]: none can be added unguarded.

mod account;
mod audit;
mod chart;
mod charts;
mod diff;
mod guard;
mod kept;
mod login;
mod masks;
mod preview;
mod prove;
mod queue;
mod reader;
mod settings;
mod sources;
mod subscribers;
mod today;
mod troubles;
mod view;

pub(super) use kept::Kept;
pub(super) use today::Counted;

use std::collections::BTreeSet;

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodRouter, get, post};
use ipnet::IpNet;
use tower_http::csrf::CsrfLayer;

use super::{Shared, WebError};
use crate::admins::Admins;
use crate::config::Source;
use crate::source::Collector;
use guard::Gate;

/// The most that a request's body may hold: a configuration, percent-encoded.
pub(super) const BODY_LIMIT: usize = 2 * 1024 * 1024;

/// What the admin pages need beside what the site has.
#[derive(Clone, Debug)]
pub struct Office {
    /// Accounts and sessions.
    pub admins: Admins,
    /// From where the pages can be reached; empty: from everywhere.
    pub networks: Vec<IpNet>,
    /// Where papers come from.
    pub sources: Vec<Source>,
    /// Fetches, and reads kept pages again.
    pub collector: Collector,
}

/// What a route asks of whoever comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing: the way in.
    Nobody,
    /// Any account; the route changes nothing.
    Look,
    /// Any account; the route changes what is that account's own.
    Own,
    /// An account that may change things.
    Change,
}

/// A route: who may come, and where it leads.
pub struct Route {
    /// GET (and HEAD) or POST.
    pub method: Method,
    /// As axum writes paths: `/admin/subscribers/{id}`.
    pub path: &'static str,
    /// What it asks.
    pub need: Need,
    to: MethodRouter<Shared>,
}

/// A page to look at.
fn look<H, T>(path: &'static str, need: Need, to: H) -> Route
where
    H: Handler<T, Shared>,
    T: 'static,
{
    Route { method: Method::GET, path, need, to: get(to) }
}

/// A deed.
fn deed<H, T>(path: &'static str, need: Need, to: H) -> Route
where
    H: Handler<T, Shared>,
    T: 'static,
{
    Route { method: Method::POST, path, need, to: post(to) }
}

/// Every route of the admin pages.
pub fn routes() -> Vec<Route> {
    use Need::{Change, Look, Nobody, Own};
    vec![
        look("/admin/login", Nobody, login::show),
        deed("/admin/login", Nobody, login::submit),
        deed("/admin/login/code", Nobody, login::code),
        look("/admin/welcome/{token}", Nobody, login::welcome),
        deed("/admin/welcome/{token}", Nobody, login::choose),
        deed("/admin/logout", Own, login::out),
        look("/admin/account", Look, account::show),
        deed("/admin/account/password", Own, account::password),
        look("/admin/account/codes", Look, account::codes),
        deed("/admin/account/codes/prepare", Own, account::prepare),
        deed("/admin/account/codes", Own, account::begin),
        deed("/admin/account/codes/end", Own, account::end),
        deed("/admin/account/sessions/{id}/end", Own, account::end_session),
        look("/admin/prove", Look, prove::show),
        deed("/admin/prove", Own, prove::submit),
        look("/admin", Look, today::show),
        look("/admin/", Nobody, view::without_slash),
        look("/admin/charts", Look, charts::show),
        look("/admin/subscribers", Look, subscribers::list),
        look("/admin/subscribers/{id}", Look, reader::show),
        deed("/admin/subscribers/{id}", Change, reader::act),
        look("/admin/queue", Look, queue::list),
        deed("/admin/queue", Change, queue::act),
        look("/admin/queue/{id}", Look, queue::one),
        look("/admin/sources", Look, sources::list),
        look("/admin/sources/{name}", Look, sources::one),
        deed("/admin/sources/{name}/replay", Change, sources::replay),
        look("/admin/preview", Look, preview::show),
        look("/admin/preview/frame", Look, preview::frame),
        look("/admin/config", Look, settings::show),
        deed("/admin/config/secrets", Change, settings::secrets),
        deed("/admin/config/check", Change, settings::check),
        deed("/admin/config", Change, settings::apply),
        look("/admin/config/{version}", Look, settings::version),
        look("/admin/audit", Look, audit::show),
        // Whatever else is asked for: only who is in is told that it is not there.
        look("/admin/{*rest}", Look, guard::missing),
        deed("/admin/{*rest}", Own, guard::missing),
    ]
}

/// The router of the table, each route behind its guard.
pub(super) fn router(app: &Shared) -> Result<Router<Shared>, WebError> {
    let mut table = routes();
    let paths: BTreeSet<&'static str> = table.iter().map(|route| route.path).collect();
    // What a path does not take is not there, to whoever is in; others learn nothing of it.
    for &path in &paths {
        let takes = |method| table.iter().any(|one| one.path == path && one.method == method);
        let missing = [
            (!takes(Method::GET)).then(|| look(path, Need::Look, guard::missing)),
            (!takes(Method::POST)).then(|| deed(path, Need::Own, guard::missing)),
        ];
        table.extend(missing.into_iter().flatten());
    }
    let mut router = Router::new();
    for path in paths {
        let mut methods = MethodRouter::new();
        for Route { need, to, .. } in table.extract_if(.., |route| route.path == path) {
            let gate = Gate { app: app.clone(), need };
            let guard = axum::middleware::from_fn_with_state(gate, guard::check);
            methods = methods.merge(to.route_layer(guard));
        }
        // Other methods are answered alike wherever they come to, and whoever asks.
        router = router.route(path, methods.fallback(super::error::wrong_method));
    }
    let origins = CsrfLayer::new().add_trusted_origin(app.site.links.site());
    let origins = origins.map_err(|error| WebError::Origin(error.to_string()))?;
    let refusing = app.clone();
    Ok(router.layer(origins.with_rejection_response(move |_| guard::cross_site(&refusing))))
}
