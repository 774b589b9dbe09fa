//! `config`: what the file says, what is wrong with it, and changing it.

mod edit;
mod history;
mod show;

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;

use super::context::load;
use super::ui::Ui;
use crate::app::trial;
use crate::clock::Clock;
use crate::config::{Database, DatabaseTarget, Faults, environment};
use crate::setup::{Setup, SetupError};
use crate::store::Store;

/// `paperround config`
#[derive(clap::Subcommand, Debug)]
pub(super) enum ConfigCommand {
    /// Every fault, with its place and what would be right; and what a change means for the
    /// readers
    Check,
    /// What is in force, defaults filled in, secrets left out
    Show,
    /// Change the file in an editor: checked before it counts, and put in place whole
    Edit {
        /// Do not ask whether to go on where a change means something for the readers
        #[arg(short, long)]
        yes: bool,
    },
    /// What a key or a section is for, what it takes, what it is set to, and where
    Explain {
        /// A key such as `digest.schedule`, or a section such as `mail.relays`
        key: String,
    },
    /// What the file changes against what was last in force, key by key, secrets left out; and
    /// what waits for a restart
    Diff {
        /// Compare this file instead
        #[arg(conflicts_with = "version")]
        file: Option<PathBuf>,
        /// Compare with this version of the history
        #[arg(long, value_name = "N")]
        version: Option<i64>,
    },
    /// The versions that the file has had: when, who, and what became of each
    History {
        /// How many
        #[arg(short = 'n', long, default_value_t = 20)]
        limit: u32,
        /// Show the text of this version, secrets left out
        #[arg(long, value_name = "N")]
        show: Option<i64>,
        /// Where the history is, if the file does not say any more: a `database.url`
        #[arg(long, value_name = "URL")]
        database: Option<String>,
    },
    /// Put an earlier version back into the file: checked and told as by edit
    Rollback {
        /// Which one [default: the one that was in force before]
        version: Option<i64>,
        /// Where the history is, if the file does not say any more: a `database.url`
        #[arg(long, value_name = "URL")]
        database: Option<String>,
        /// Do not ask whether to go on where that means something for the readers
        #[arg(short, long)]
        yes: bool,
    },
    /// A JSON Schema of the file, for editors
    Schema,
    /// The page docs/configuration.md
    #[command(hide = true)]
    Reference,
}

/// Carries a command out.
pub(super) async fn run(
    ui: &Ui,
    file: Option<&Path>,
    command: &ConfigCommand,
    clock: Clock,
) -> anyhow::Result<ExitCode> {
    match command {
        ConfigCommand::Schema => show::schema(ui),
        ConfigCommand::Reference => show::reference(ui),
        ConfigCommand::Explain { key } => show::explain(ui, file, key),
        ConfigCommand::Edit { yes } => edit::edit(ui, file, clock, *yes).await,
        ConfigCommand::History { limit, show, database } => {
            let place = history::Place { file, database: database.as_deref() };
            history::history(ui, place, clock, *limit, *show).await
        }
        ConfigCommand::Rollback { version, database, yes } => {
            let place = history::Place { file, database: database.as_deref() };
            history::rollback(ui, place, clock, *version, *yes).await
        }
        ConfigCommand::Diff { file: other, version } => {
            history::diff(ui, file, clock, other.as_deref(), *version).await
        }
        ConfigCommand::Show => {
            let loaded = match load(file) {
                Ok(loaded) => loaded,
                Err(faults) => return Ok(refuse(&faults, ui)),
            };
            ui.document(&loaded.config.show_json(), || loaded.config.show().trim_end().to_owned())?;
            Ok(ExitCode::SUCCESS)
        }
        ConfigCommand::Check => check(ui, file, clock).await,
    }
}

async fn check(ui: &Ui, file: Option<&Path>, clock: Clock) -> anyhow::Result<ExitCode> {
    let loaded = match load(file) {
        Ok(loaded) => loaded,
        Err(faults) => return Ok(refuse(&faults, ui)),
    };
    if let Err(fault) = crate::app::templates(&loaded.config) {
        eprintln!("{fault}");
        let told = json!({"file": fault.file, "line": fault.line, "wanted": fault.what});
        ui.document(&json!({"ok": false, "faults": [told]}), || {
            "the configuration is good, but a template is not".to_owned()
        })?;
        return Ok(ExitCode::from(78));
    }
    if let Err(fault) = trial(&loaded.config) {
        eprintln!("{}", loaded.fault_of(fault.key, &fault.reason, environment()));
        let told = json!({"key": fault.key, "wanted": fault.reason});
        ui.document(&json!({"ok": false, "faults": [told]}), || {
            "the configuration is good, but what it names is not".to_owned()
        })?;
        return Ok(ExitCode::from(78));
    }
    let path = loaded.path.display().to_string();
    let mut warnings = loaded.warnings.clone();
    let (mut changes, mut effects) = (Vec::new(), Vec::new());
    match known(&loaded.config.database, &loaded.path, clock).await {
        Ok(Some(setup)) => match setup.judge(loaded).await {
            Ok(verdict) => (changes, effects) = (verdict.changes, verdict.effects),
            Err(SetupError::Store(error)) => warnings.push(not_compared(&error)),
            Err(error) => return Err(error.into()),
        },
        Ok(None) => {}
        Err(reason) => warnings.push(reason),
    }
    for warning in warnings.iter().chain(&effects) {
        eprintln!("warning: {warning}");
    }
    let told = json!({
        "ok": true, "file": path, "warnings": warnings, "changes": changes, "effects": effects,
    });
    ui.document(&told, || format!("{path}: good"))?;
    Ok(ExitCode::SUCCESS)
}

/// What is known of this file in the database; none where there is no database yet. It is not
/// made, nor brought up to date.
pub(super) async fn known(
    database: &Database,
    file: &Path,
    clock: Clock,
) -> Result<Option<Setup>, String> {
    let failed = |error: &dyn std::error::Error| not_compared(error);
    if let DatabaseTarget::Sqlite(path) = &database.target
        && !path.exists()
    {
        return Ok(None);
    }
    let store = Store::connect(database).await.map_err(|error| failed(&error))?;
    let steps = store.migrations().await.map_err(|error| failed(&error))?;
    if steps.iter().any(|step| !step.done) {
        return Ok(None);
    }
    Ok(Some(Setup::new(file, store, clock, trial).0))
}

fn not_compared(error: &dyn std::error::Error) -> String {
    format!(
        "the database cannot be looked at ({error}), so it is not known what a change means for \
         the readers"
    )
}

/// The history of this file.
///
/// # Errors
///
/// Where there is no database: nothing is known then.
async fn opened(database: &Database, file: &Path, clock: Clock) -> anyhow::Result<Setup> {
    match known(database, file, clock).await {
        Ok(Some(setup)) => Ok(setup),
        Ok(None) => match &database.target {
            DatabaseTarget::Sqlite(path) if !path.exists() => anyhow::bail!(
                "there is no database file {}; name the one that the service uses, relative to the \
                 folder of {} or from the root on: --database sqlite:/path/to/paperround.db",
                path.display(),
                file.display()
            ),
            _ => anyhow::bail!(
                "there is no history yet: {} was never used by a `paperround serve` of this version",
                database.url
            ),
        },
        Err(reason) => anyhow::bail!(reason),
    }
}

/// Tells all faults: to people on stderr, to programs on stdout.
pub(super) fn refuse(faults: &Faults, ui: &Ui) -> ExitCode {
    let styled = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    eprintln!("{}", faults.render(styled).trim_end());
    if ui.json
        && let Ok(text) = serde_json::to_string(faults)
    {
        let _ = ui.line(&text);
    }
    ExitCode::from(78)
}

/// Why a change was not made, in words, and the exit code for it.
fn refused(error: SetupError, ui: &Ui) -> anyhow::Result<ExitCode> {
    match error {
        SetupError::Faults(faults) => Ok(refuse(&faults, ui)),
        SetupError::Part(_) => {
            eprintln!("{error}");
            Ok(ExitCode::from(78))
        }
        other => Err(other.into()),
    }
}
