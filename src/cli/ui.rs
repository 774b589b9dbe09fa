//! What a command shows: a table for people or JSON for programs on stdout, progress on
//! stderr when somebody watches.

use std::io::{IsTerminal, Write};

use comfy_table::{ContentArrangement, Table, presets};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;
use serde::Serialize;

/// What a person answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Yes,
    No,
    /// There is no terminal, so nobody was asked.
    Nobody,
}

/// A moment for people: in UTC, to the second. Programs are told all of it.
pub(super) fn when(at: Timestamp) -> String {
    format!("{at:.0}")
}

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

    /// A table with this header (none: empty), as wide as the terminal at most.
    pub(super) fn table(&self, header: &[&str]) -> Table {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        if !header.is_empty() {
            table.set_header(header);
        }
        if let Some((width, _)) = terminal_size::terminal_size() {
            table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width.0);
        }
        table
    }

    /// Asks a question that is answered by yes or no, where somebody is at a terminal.
    pub(super) fn ask(&self, question: &str) -> anyhow::Result<Answer> {
        if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
            return Ok(Answer::Nobody);
        }
        let mut err = std::io::stderr().lock();
        write!(err, "{question} [y/N] ")?;
        err.flush()?;
        let mut line = String::new();
        std::io::stdin().read_line(&mut line)?;
        let yes = matches!(line.trim().to_ascii_lowercase().as_str(), "y" | "yes");
        Ok(if yes { Answer::Yes } else { Answer::No })
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
