//! What most commands need: the configuration read, logging started, the application open;
//! and what an error means for the exit code.

use std::path::Path;
use std::process::ExitCode;

use tokio_util::sync::CancellationToken;

use super::ui::Ui;
use crate::app::{App, AppError};
use crate::clock::Clock;
use crate::config::{Config, Faults, Loaded, environment};
use crate::delivery::DeliveryError;
use crate::digest::DigestError;
use crate::store::StoreError;
use crate::telemetry::{self, Volume};
use crate::web::WebError;

/// An open application and how to show things.
pub(super) struct Context {
    pub(super) app: App,
    pub(super) loaded: Loaded,
    pub(super) volume: Volume,
    pub(super) ui: Ui,
}

impl Context {
    /// Reads the configuration and opens the application.
    pub(super) async fn open(
        file: Option<&Path>,
        ui: Ui,
        clock: Clock,
        volume: Volume,
    ) -> anyhow::Result<Self> {
        let loaded = load(file)?;
        telemetry::start(&loaded.config.log, &loaded.config.telemetry, volume);
        for warning in &loaded.warnings {
            tracing::warn!("{warning}");
        }
        let app = App::open(loaded.config.clone(), clock).await?;
        Ok(Self { app, loaded, volume, ui })
    }
}

/// Reads the configuration.
pub(super) fn load(file: Option<&Path>) -> Result<Loaded, Faults> {
    Config::load(file, environment())
}

/// Cancelled at the first SIGTERM or SIGINT; a second one ends the process at once.
pub(super) fn stop_on_signals() -> CancellationToken {
    let stop = CancellationToken::new();
    let token = stop.clone();
    tokio::spawn(async move {
        signal().await;
        token.cancel();
        signal().await;
        std::process::exit(130);
    });
    stop
}

async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut term), Ok(mut int)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
}

/// Says what went wrong, cause by cause, in one sentence; gives the exit code for it.
pub(super) fn explain(error: &anyhow::Error, ui: &Ui) -> ExitCode {
    if let Some(faults) = error.downcast_ref::<Faults>() {
        return super::config::refuse(faults, ui);
    }
    eprintln!("paperround: {error:#}");
    ExitCode::from(exit_code(error))
}

/// 78: the configuration names something unusable. 69: what it names cannot be reached now.
fn exit_code(error: &anyhow::Error) -> u8 {
    let store = |error: &StoreError| match error {
        StoreError::Open { .. } => 69,
        StoreError::Newer { .. } | StoreError::Stranger { .. } => 78,
        StoreError::Damaged { .. } => 65,
        StoreError::Database(_) | StoreError::Fenced | StoreError::Refused { .. } => 1,
    };
    for cause in error.chain() {
        if let Some(error) = cause.downcast_ref::<AppError>() {
            return match error {
                AppError::DataFolder { .. } | AppError::Listen(_) => 69,
                AppError::Key(_)
                | AppError::Template(_)
                | AppError::Verifier(_)
                | AppError::Tls(_)
                | AppError::Web(_) => 78,
                AppError::Store(error) => store(error),
                AppError::Client(_) => 1,
            };
        }
        if let Some(error) = cause.downcast_ref::<StoreError>() {
            return store(error);
        }
        if cause.downcast_ref::<WebError>().is_some() {
            return 69;
        }
        if let Some(DigestError::Template(_)) = cause.downcast_ref::<DigestError>() {
            return 78;
        }
        if let Some(DeliveryError::NoDigest(_)) = cause.downcast_ref::<DeliveryError>() {
            return 65;
        }
    }
    1
}
