//! What most commands need: the configuration read, logging started, the application open;
//! and what an error means for the exit code. Never goes by a version of the history without
//! saying so.

use std::path::Path;
use std::process::ExitCode;

use tokio_util::sync::CancellationToken;

use super::noted::Changed;
use super::ui::Ui;
use crate::app::{App, AppError};
use crate::clock::Clock;
use crate::config::{Config, Faults, Loaded, database_of, environment, place_of_file};
use crate::delivery::DeliveryError;
use crate::digest::DigestError;
use crate::setup::Refused;
use crate::store::{BackupError, StoreError};
use crate::telemetry::{self, Volume};
use crate::web::WebError;

/// An open application and how to show things.
pub(super) struct Context {
    pub(super) app: App,
    pub(super) loaded: Loaded,
    pub(super) volume: Volume,
    pub(super) ui: Ui,
    pub(super) changed: Changed,
}

impl Context {
    /// Reads the configuration and opens the application.
    pub(super) async fn open(
        file: Option<&Path>,
        ui: Ui,
        clock: Clock,
        volume: Volume,
    ) -> anyhow::Result<Self> {
        Self::with(load(file)?, ui, clock, volume).await
    }

    /// The same for who only looks at what is stored: by what is in force, where the file is broken.
    pub(super) async fn open_to_look(
        file: Option<&Path>,
        ui: Ui,
        clock: Clock,
        volume: Volume,
    ) -> anyhow::Result<Self> {
        let (loaded, refused) = load_or_in_force(file, &clock, true).await?;
        if let Some(refused) = refused {
            eprintln!("warning: {}", broken(&refused));
        }
        Self::with(loaded, ui, clock, volume).await
    }

    async fn with(loaded: Loaded, ui: Ui, clock: Clock, volume: Volume) -> anyhow::Result<Self> {
        telemetry::start(&loaded.config.log, &loaded.config.telemetry, volume);
        for warning in &loaded.warnings {
            tracing::warn!("{warning}");
        }
        let app = App::open(loaded.config.clone(), clock).await?;
        Ok(Self { app, loaded, volume, ui, changed: Changed::default() })
    }
}

/// Reads the configuration.
pub(super) fn load(file: Option<&Path>) -> Result<Loaded, Faults> {
    Config::load(file, environment())
}

/// Reads the configuration; where the file is broken or gone, the version that was last in force, by
/// the history in the database that the file still names or that is where it is unless somebody says
/// otherwise; and why it is not the file. `looks`: without the keys and passwords that are missing, if
/// need be, for who only looks at what is stored; nothing may be sent by it.
///
/// # Errors
///
/// The faults of the file, where nothing else is known.
pub(super) async fn load_or_in_force(
    file: Option<&Path>,
    clock: &Clock,
    looks: bool,
) -> Result<(Loaded, Option<Refused>), Faults> {
    let faults = match load(file) {
        Ok(loaded) => return Ok((loaded, None)),
        Err(faults) => faults,
    };
    let path = place_of_file(file, environment());
    let text = faults.text().unwrap_or_default();
    let known = async {
        let database = database_of(text, &path, environment())?;
        let setup = super::config::known(&database, &path, clock.clone()).await.ok()??;
        match setup.last_applied().await.ok()? {
            Some(loaded) => Some(loaded),
            None if looks => setup.last_applied_to_look().await.ok()?,
            None => None,
        }
    };
    let known = match known.await {
        Some(loaded) => Some(loaded),
        None if looks => Config::parse_to_look(text, &path, environment()).ok(),
        None => None,
    };
    match known {
        Some(loaded) => {
            let faults = faults.with_way_back(&loaded.config.database.url);
            let refused = Refused { at: clock.now(), faults: faults.lines() };
            Ok((loaded, Some(refused)))
        }
        None => Err(faults),
    }
}

/// That the file is broken, and what is gone by instead.
pub(super) fn broken(refused: &Refused) -> String {
    format!(
        "the config file is broken, and this goes by the version that was last in force, or by the \
         rest of the file: {}",
        refused.words()
    )
}

/// Cancelled at the first SIGTERM or SIGINT; a second one ends the process at once. Heard from now
/// on, however soon they come.
pub(super) fn stop_on_signals() -> CancellationToken {
    use tokio::signal::unix::{SignalKind, signal};
    let stop = CancellationToken::new();
    let (Ok(mut term), Ok(mut int)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return stop;
    };
    let token = stop.clone();
    tokio::spawn(async move {
        for _ in 0..2 {
            tokio::select! {
                _ = term.recv() => {}
                _ = int.recv() => {}
            }
            if token.is_cancelled() {
                std::process::exit(130);
            }
            token.cancel();
        }
    });
    stop
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
        if let Some(error) = cause.downcast_ref::<BackupError>() {
            return match error {
                BackupError::Bad { .. } => 65,
                BackupError::Store(error) => store(error),
                BackupError::Exists(_) | BackupError::File { .. } | BackupError::Sqlite { .. } => 1,
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
