//! `serve`: the daemon.

use std::process::ExitCode;

use super::context::Context;
use crate::app::{Live, Phase};
use crate::{meter, web};

/// Runs scheduler, delivery and web until SIGTERM or SIGINT, then finishes the mails in
/// flight and starts no new one. SIGHUP, and a changed config file, are taken over meanwhile.
pub(super) async fn serve(context: &Context) -> anyhow::Result<ExitCode> {
    let app = &context.app;
    if app.clock.is_fixed() {
        eprintln!("paperround: serve follows the running clock; --at is for the other commands");
        return Ok(ExitCode::from(2));
    }
    meter::start();
    let listener = web::bind(app.config.server.listen).await?;
    let stop = super::context::stop_on_signals();
    // Whoever supervises the daemon is told here.
    let tell = |phase: Phase| tracing::debug!(?phase, "the daemon");
    let (app, loaded) = (app.clone(), context.loaded.clone());
    let live = Live::start(app, loaded, context.volume, listener, stop, Box::new(tell)).await?;
    live.run().await;
    Ok(ExitCode::SUCCESS)
}
