//! `serve`: the daemon.

use std::process::ExitCode;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::context::Context;
use crate::{inbound, meter, web};

/// How long a stop may take before what hangs is cut off.
const GRACE: Duration = Duration::from_secs(29);

/// Runs scheduler, delivery and web until SIGTERM or SIGINT, then finishes the mails in
/// flight and starts no new one.
pub(super) async fn serve(context: &Context) -> anyhow::Result<ExitCode> {
    let app = &context.app;
    if app.clock.is_fixed() {
        eprintln!("paperround: serve follows the running clock; --at is for the other commands");
        return Ok(ExitCode::from(2));
    }
    meter::start();
    let listener = web::bind(app.config.server.listen).await?;
    let door = door(context).await?;
    let scheduler = app.scheduler().await?;
    let stop = super::context::stop_on_signals();
    let site = app.site(None)?;
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        listen = %app.config.server.listen,
        sources = app.config.sources.len(),
        "Paper Round is up"
    );
    let web = tokio::spawn(web::serve(listener, site, stop.clone()));
    let mut doors = JoinSet::new();
    if let Some((listener, settings)) = door {
        doors.spawn(inbound::serve(listener, app.postbox()?, settings, stop.clone()));
    }
    if let Some(settings) = inbound::imap::Settings::of(&app.config.inbound) {
        let clock = app.clock.clone();
        doors.spawn(inbound::imap::watch(settings, app.postbox()?, clock, stop.clone()));
    }
    let looping = tokio::spawn({
        let (scheduler, stop) = (scheduler.clone(), stop.clone());
        async move { scheduler.run(stop).await }
    });
    stop.cancelled().await;
    tracing::info!("stopping: mails in flight are finished, no new one is started");
    let ended = tokio::time::timeout(GRACE, async {
        let _ = looping.await;
        while let Some(ended) = doors.join_next().await {
            if let Err(panic) = ended {
                tracing::error!(%panic, "a door for mail ended in a panic");
            }
        }
        web.await
    })
    .await;
    match ended {
        Ok(Ok(served)) => served?,
        Ok(Err(panic)) => tracing::error!(%panic, "the web server ended in a panic"),
        Err(_) => tracing::warn!("what was still under way after 29 s is cut off"),
    }
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

/// The door for mail servers, where readers may write to us.
async fn door(context: &Context) -> anyhow::Result<Option<(TcpListener, inbound::Settings)>> {
    let config = &context.app.config;
    let Some(address) = &config.inbound.address else { return Ok(None) };
    let tls = match &config.inbound.tls {
        Some((certificate, key)) => Some(inbound::acceptor(certificate, key)?),
        None => None,
    };
    let listener = inbound::listen(config.inbound.lmtp).await?;
    tracing::info!(
        listen = %config.inbound.lmtp,
        starttls = tls.is_some(),
        "mail for the readers' mailbox is taken by LMTP and SMTP"
    );
    let host = address.domain().chars().filter(char::is_ascii_graphic).collect();
    Ok(Some((listener, inbound::Settings { host, tls, limits: inbound::Limits::default() })))
}
