//! `serve`: the daemon.

use std::process::ExitCode;

use tokio_util::task::AbortOnDropHandle;

use super::context::Context;
use super::service::{self, Handed};
use crate::app::Live;
use crate::{meter, web};

/// Runs scheduler, delivery and web until SIGTERM or SIGINT, then finishes the mails in
/// flight and starts no new one. SIGHUP, and a changed config file, are taken over meanwhile.
/// `handed` are the sockets of the service manager; `starting` asks it for time until all is up.
pub(super) async fn serve(
    context: &Context,
    handed: Handed,
    starting: Option<AbortOnDropHandle<()>>,
) -> anyhow::Result<ExitCode> {
    let app = &context.app;
    if app.clock.is_fixed() {
        eprintln!("paperround: serve follows the running clock; --at is for the other commands");
        return Ok(ExitCode::from(2));
    }
    meter::start();
    let mut sockets = handed.sockets()?;
    if sockets.web.is_empty() {
        sockets.web.push(web::bind(app.config.server.listen).await?);
    }
    let stop = super::context::stop_on_signals();
    let (app, loaded, halt) = (app.clone(), context.loaded.clone(), stop.clone());
    let tell = Box::new(service::tell_phase);
    let live = Live::start(app, loaded, context.volume, sockets, stop, tell).await?;
    drop(starting);
    let (store, clock) = (context.app.store.clone(), context.app.clock.clone());
    let watching = tokio::spawn(service::watch(store, clock, live.pulse(), halt));
    live.run().await;
    watching.abort();
    Ok(ExitCode::SUCCESS)
}
