//! Logging: one subscriber for the whole process, to stderr. Never logs by itself.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

use crate::config::{Log, LogFormat};

/// How loud, on the command line's word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Volume {
    /// As configured.
    #[default]
    Configured,
    /// Errors alone (`-q`).
    Quiet,
    /// The house's own details too (`-v`).
    Loud,
}

/// Starts logging as configured.
pub fn start(log: &Log, volume: Volume) {
    let level = match volume {
        Volume::Quiet => "error",
        Volume::Loud => "info,paperround=debug",
        Volume::Configured => &log.level,
    };
    // lettre tells whole mails and logins at debug; nobody may turn that on.
    let filter = EnvFilter::builder().parse_lossy(format!("{level},lettre=warn"));
    let ansi = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let base = fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(ansi);
    // A second start (tests in one process) keeps the first.
    let _ = match log.format {
        LogFormat::Text => base.with_target(false).try_init(),
        LogFormat::Json => base.json().flatten_event(true).try_init(),
    };
}
