//! `receive`: one mail on standard input, from a mail server's pipe.

use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;

use super::ui::Ui;
use crate::clock::Clock;
use crate::inbound::{Arrival, explain};
use crate::model::Zone;

/// `paperround receive`
#[derive(clap::Args, Debug)]
pub(super) struct ReceiveArgs {
    /// The envelope's sender; "" or "<>" for the null sender of reports
    #[arg(long, value_name = "ADDRESS")]
    from: Option<String>,
    /// The envelope's recipient; may be given several times [default: as the header says]
    #[arg(long, value_name = "ADDRESS")]
    to: Vec<String>,
    /// Say what the mail is taken for, and change nothing
    #[arg(long)]
    pub(super) explain: bool,
}

/// Says what the mail is; needs no configuration, and takes no notice of a broken one.
pub(super) fn explained(
    ui: &Ui,
    _config: Option<&Path>,
    clock: &Clock,
    args: &ReceiveArgs,
) -> anyhow::Result<ExitCode> {
    let bytes = stdin()?;
    let arrival = Arrival { from: args.from.as_deref(), to: &args.to, bytes: &bytes };
    let told = explain(&arrival, None, Zone::UTC.civil(clock.now()).date());
    ui.document(&told, || format!("{told:#?}"))?;
    Ok(ExitCode::SUCCESS)
}

fn stdin() -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(64 << 20).read_to_end(&mut bytes)?;
    Ok(bytes)
}
