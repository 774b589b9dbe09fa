//! Logging: one subscriber for the whole process, to stderr. Never logs by itself.

use std::io::IsTerminal;
use std::sync::OnceLock;

use tracing_subscriber::layer::{Layer, SubscriberExt as _};
use tracing_subscriber::reload::{self, Handle};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Registry, fmt};

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

/// Lines in one of the formats.
type Lines = Box<dyn Layer<Registry> + Send + Sync>;

/// By what the log is changed while it is written.
struct Handles {
    lines: Handle<Lines, Registry>,
    filter: Handle<
        EnvFilter,
        tracing_subscriber::layer::Layered<reload::Layer<Lines, Registry>, Registry>,
    >,
}

static HANDLES: OnceLock<Handles> = OnceLock::new();

/// Starts logging as configured.
pub fn start(log: &Log, volume: Volume) {
    let (lines, lines_handle) = reload::Layer::new(lines(log));
    let (filter, filter_handle) = reload::Layer::new(filter(log, volume));
    // A second start (tests in one process) keeps the first.
    if tracing_subscriber::registry().with(lines).with(filter).try_init().is_ok() {
        let _ = HANDLES.set(Handles { lines: lines_handle, filter: filter_handle });
    }
}

/// Goes on as configured now.
pub fn change(log: &Log, volume: Volume) {
    let Some(handles) = HANDLES.get() else { return };
    // They fail only where the subscriber is gone, and then nobody logs.
    let _ = handles.lines.reload(lines(log));
    let _ = handles.filter.reload(filter(log, volume));
}

fn filter(log: &Log, volume: Volume) -> EnvFilter {
    let level = match volume {
        Volume::Quiet => "error",
        Volume::Loud => "info,paperround=debug",
        Volume::Configured => &log.level,
    };
    // lettre tells whole mails and logins at debug; nobody may turn that on. What notify says of
    // files that come and go is no trouble: they are looked at anyway.
    let quiet = "lettre=warn,notify=off,notify_debouncer_full=off";
    EnvFilter::builder().parse_lossy(format!("{level},{quiet}"))
}

fn lines(log: &Log) -> Lines {
    let ansi = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let base = fmt::layer().with_writer(std::io::stderr).with_ansi(ansi);
    match log.format {
        LogFormat::Text => base.with_target(false).boxed(),
        LogFormat::Json => base.json().flatten_event(true).boxed(),
    }
}
