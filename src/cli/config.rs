//! `config check` and `config show`.

use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use super::context::load;
use super::ui::Ui;
use crate::app::templates;
use crate::config::Faults;

/// `paperround config`
#[derive(clap::Subcommand, Debug)]
pub(super) enum ConfigCommand {
    /// Every fault, with its place and what would be right
    Check,
    /// What is in force, defaults filled in, secrets left out
    Show,
}

/// Checks or shows the configuration.
pub(super) fn run(
    ui: &Ui,
    file: Option<&Path>,
    command: &ConfigCommand,
) -> anyhow::Result<ExitCode> {
    let loaded = match load(file) {
        Ok(loaded) => loaded,
        Err(faults) => return Ok(refuse(&faults, ui)),
    };
    match command {
        ConfigCommand::Show => {
            ui.document(&loaded.config.show_json(), || loaded.config.show().trim_end().to_owned())?;
        }
        ConfigCommand::Check => {
            if let Err(fault) = templates(&loaded.config) {
                eprintln!("{fault}");
                ui.document(&json!({"ok": false, "faults": [{"file": fault.file, "line": fault.line, "wanted": fault.what}]}), || {
                    "the configuration is good, but a template is not".to_owned()
                })?;
                return Ok(ExitCode::from(78));
            }
            for warning in &loaded.warnings {
                eprintln!("warning: {warning}");
            }
            let path = loaded.path.display().to_string();
            ui.document(&json!({"ok": true, "file": path, "warnings": loaded.warnings}), || {
                format!("{path}: good")
            })?;
        }
    }
    Ok(ExitCode::SUCCESS)
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
