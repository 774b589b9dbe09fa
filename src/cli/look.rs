//! `preview`, `send-test` and `template`: looking before anything is sent.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;

use super::context::Context;
use crate::model::{EmailAddress, Outcome};
use crate::render::Templates;

/// `paperround preview`
#[derive(clap::Args, Debug)]
pub(super) struct PreviewArgs {
    /// The subscriber [default: one without wishes of their own]
    #[arg(long = "as", value_name = "EMAIL")]
    reader: Option<EmailAddress>,
    /// Which part
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Write it there instead of to the standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// A part of a mail, or all of it.
#[derive(clap::ValueEnum, Clone, Copy, Debug)]
enum Format {
    Html,
    Text,
    Eml,
}

/// `paperround send-test`
#[derive(clap::Args, Debug)]
pub(super) struct SendTestArgs {
    /// Who gets it; they need not be a subscriber
    address: EmailAddress,
}

/// `paperround template`
#[derive(clap::Subcommand, Debug)]
pub(super) enum TemplateCommand {
    /// Render every template with every sample
    Check,
    /// Copy the built-in templates out, for changing
    Eject {
        /// Where to
        #[arg(default_value = "templates")]
        folder: PathBuf,
    },
}
