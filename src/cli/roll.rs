//! `subscriber import` and `export`: many at a time, streamed.

use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use serde_json::json;

use super::context::Context;
use crate::store::{Subscriber, SubscriberFilter};
use crate::subscription::{How, ImportError, Subscriptions};

/// `paperround subscriber import`
#[derive(clap::Args, Debug)]
pub(super) struct ImportArgs {
    /// CSV with a header (email and any of zone, rhythm, hour, max_papers, min_votes,
    /// topics) or JSON lines; - for standard input
    file: PathBuf,
    /// They have asked for it: active at once
    #[arg(long)]
    confirmed: bool,
    /// Read and check; store nothing
    #[arg(long)]
    dry_run: bool,
}

/// `paperround subscriber export`
#[derive(clap::Args, Debug)]
pub(super) struct ExportArgs {
    /// Write it there instead of to the standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// CSV, or a JSON object a line
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    format: Format,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Csv,
    Jsonl,
}

/// Imports a file. Exit code 65 when some row was not taken.
pub(super) async fn import(
    context: &Context,
    verbs: &Subscriptions,
    args: &ImportArgs,
) -> anyhow::Result<ExitCode> {
    let input: Box<dyn Read> = if args.file.as_os_str() == "-" {
        Box::new(std::io::stdin())
    } else {
        let file = File::open(&args.file)
            .with_context(|| format!("cannot open {}", args.file.display()))?;
        Box::new(file)
    };
    let bar = context.ui.bar("rows", None);
    let how = How { confirmed: args.confirmed, dry_run: args.dry_run };
    let name = args.file.display();
    let reject = |rejection: crate::subscription::Rejection| {
        bar.suspend(|| eprintln!("{name}:{}: {}", rejection.line, rejection.reason));
    };
    let done = match verbs.import(input, how, reject, |rows| bar.set_position(rows)).await {
        Ok(done) => done,
        Err(error @ (ImportError::Header(_) | ImportError::Csv(_))) => {
            eprintln!("paperround: {name}: {:#}", anyhow::Error::from(error));
            return Ok(ExitCode::from(65));
        }
        Err(error) => return Err(error.into()),
    };
    bar.finish_and_clear();
    let report = json!({
        "rows": done.rows, "added": done.added, "known": done.known, "rejected": done.rejected,
        "dry_run": args.dry_run,
    });
    context.ui.document(&report, || {
        let would = if args.dry_run { "would be " } else { "" };
        format!(
            "{} rows: {} {would}added, {} known already, {} not taken",
            done.rows, done.added, done.known, done.rejected
        )
    })?;
    Ok(if done.rejected > 0 { ExitCode::from(65) } else { ExitCode::SUCCESS })
}

/// Writes all subscribers who have not left, as `import` reads them back.
pub(super) async fn export(context: &Context, args: &ExportArgs) -> anyhow::Result<ExitCode> {
    let output: Box<dyn Write> = match &args.output {
        None => Box::new(std::io::stdout().lock()),
        Some(path) => {
            let file =
                File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
            Box::new(file)
        }
    };
    let mut output = BufWriter::new(output);
    let json = args.format == Format::Jsonl || context.ui.json;
    if !json {
        writeln!(output, "email,zone,rhythm,hour,max_papers,min_votes")?;
    }
    let mut after = 0;
    loop {
        let page =
            context.app.store.subscribers(&SubscriberFilter::default(), after, 1_000).await?;
        let Some(last) = page.last() else { break };
        after = last.id;
        for reader in page.iter().filter(|reader| is_there(reader)) {
            if json {
                let mut object = serde_json::to_value(&reader.preferences)?;
                object["email"] = json!(reader.email);
                writeln!(output, "{object}")?;
            } else {
                write_csv(&mut output, reader)?;
            }
        }
    }
    output.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn is_there(reader: &Subscriber) -> bool {
    use crate::model::SubscriberState::{Suppressed, Unsubscribed};
    !matches!(reader.state, Unsubscribed | Suppressed)
}

fn write_csv(output: &mut impl Write, reader: &Subscriber) -> anyhow::Result<()> {
    fn open<T: ToString>(value: &Option<T>) -> String {
        value.as_ref().map(T::to_string).unwrap_or_default()
    }
    let asked = &reader.preferences;
    let mut row = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
    row.write_record([
        reader.email.to_string(),
        open(&asked.zone),
        open(&asked.rhythm),
        open(&asked.hour),
        open(&asked.max_papers),
        open(&asked.min_votes),
    ])?;
    output.write_all(&row.into_inner()?)?;
    Ok(())
}
