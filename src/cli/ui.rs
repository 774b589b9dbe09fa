//! What a command shows: a table for people or JSON for programs on stdout, progress on
//! stderr when somebody watches.

use std::io::{IsTerminal, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

/// How to show things.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ui {
    pub(super) json: bool,
    pub(super) quiet: bool,
}

impl Ui {
    /// Shows one thing: as a JSON document in one line, or as `words` for people.
    pub(super) fn document<T: Serialize>(
        &self,
        thing: &T,
        words: impl FnOnce() -> String,
    ) -> anyhow::Result<()> {
        if self.json { self.line(&serde_json::to_string(thing)?) } else { self.line(&words()) }
    }

    /// Prints a line. A reader that has gone (`| head`) is no error.
    pub(super) fn line(&self, text: &str) -> anyhow::Result<()> {
        let mut out = std::io::stdout().lock();
        match writeln!(out, "{text}").and_then(|()| out.flush()) {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            other => Ok(other?),
        }
    }

    /// A progress bar for `what`, of `total` steps where that is known; silent unless
    /// stderr is a terminal.
    pub(super) fn bar(&self, what: &'static str, total: Option<u64>) -> ProgressBar {
        if self.quiet || !std::io::stderr().is_terminal() || total == Some(0) {
            return ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden());
        }
        let shape = match total {
            Some(_) => "{msg} {wide_bar} {human_pos}/{human_len} {per_sec} {eta}",
            None => "{msg} {spinner} {human_pos} {per_sec}",
        };
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template(shape) {
            bar.set_style(style);
        }
        bar.set_message(what);
        bar
    }
}
