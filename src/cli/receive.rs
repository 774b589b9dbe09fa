//! `receive`: one mail on standard input, from a mail server's pipe.

use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;

use super::context::{self, Context};
use super::ui::Ui;
use crate::clock::Clock;
use crate::config::{Config, environment};
use crate::inbound::{Accept as _, Accepted, Arrival, Explained, explain};
use crate::telemetry::Volume;

/// sysexits(3) EX_TEMPFAIL: the mail server keeps the mail and comes again.
pub(super) const AGAIN: u8 = 75;
/// EX_DATAERR: it need not come again.
const REFUSED: u8 = 65;
/// Of a longer mail the rest is not read: nothing of ours stands there.
const MOST: u64 = 64 << 20;

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

impl ReceiveArgs {
    /// Postfix calls the null sender by a name.
    fn from(&self) -> Option<&str> {
        let from = self.from.as_deref()?.trim_matches(['<', '>']);
        Some(if from.eq_ignore_ascii_case("mailer-daemon") { "" } else { from })
    }
}

/// Takes the mail. Whatever goes wrong, the mail server is told to keep it.
pub(super) async fn receive(
    ui: &Ui,
    file: Option<&Path>,
    args: &ReceiveArgs,
    clock: Clock,
    volume: Volume,
) -> anyhow::Result<ExitCode> {
    match accepted(ui, file, args, clock, volume).await {
        Ok(Accepted::Done) => Ok(ExitCode::SUCCESS),
        Ok(Accepted::Refused(why)) => {
            eprintln!("paperround: refused: {why}");
            Ok(ExitCode::from(REFUSED))
        }
        Err(error) => {
            context::explain(&error, ui);
            Ok(ExitCode::from(AGAIN))
        }
    }
}

async fn accepted(
    ui: &Ui,
    file: Option<&Path>,
    args: &ReceiveArgs,
    clock: Clock,
    volume: Volume,
) -> anyhow::Result<Accepted> {
    let bytes = stdin()?;
    let context = Context::open(file, *ui, clock, volume).await?;
    let accepted = async {
        let postbox = context.app.postbox()?;
        if context.app.config.inbound.address.is_none() {
            anyhow::bail!("no mailbox is configured: set inbound.address");
        }
        let arrival = Arrival { from: args.from(), to: &args.to, bytes: mail(&bytes) };
        Ok(postbox.accept_once(arrival).await?)
    }
    .await;
    context.app.close().await;
    accepted
}

/// Says what the mail is; does without a configuration where there is none.
pub(super) fn explained(
    ui: &Ui,
    file: Option<&Path>,
    args: &ReceiveArgs,
    clock: &Clock,
) -> anyhow::Result<ExitCode> {
    let bytes = stdin()?;
    let own = Config::load(file, environment()).ok();
    let own = own.and_then(|loaded| loaded.config.inbound.address);
    let arrival = Arrival { from: args.from(), to: &args.to, bytes: mail(&bytes) };
    let today = clock.now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let told = explain(&arrival, own.as_ref(), today);
    ui.document(&told, || words(&told))?;
    Ok(ExitCode::SUCCESS)
}

fn words(told: &Explained) -> String {
    let mut lines = vec![told.class.word().to_owned()];
    for finding in &told.results {
        let addr = finding.addr.as_deref().unwrap_or("(no address)");
        let status = finding.status.as_deref().unwrap_or("-");
        lines.push(format!("  {addr}: {} {status} {}", finding.verdict.word(), finding.detail));
    }
    lines.extend(told.commands.iter().map(|command| format!("  {}", command.words)));
    lines.extend(told.unclear.iter().map(|line| format!("  not understood: {line}")));
    lines.join("\n")
}

fn stdin() -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let input = std::io::stdin().lock();
    input.take(MOST).read_to_end(&mut bytes).context("cannot read standard input")?;
    Ok(bytes)
}

/// Without the line that mbox files and some pipes put before a mail (RFC 4155).
fn mail(bytes: &[u8]) -> &[u8] {
    match bytes.strip_prefix(b"From ") {
        Some(rest) => {
            rest.iter().position(|byte| *byte == b'\n').map_or(bytes, |at| &rest[at + 1..])
        }
        None => bytes,
    }
}
