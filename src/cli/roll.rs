//! `subscriber import` and `export`: many at a time, streamed.

use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use jiff::Timestamp;
use serde::Serialize;

use super::context::Context;
use crate::model::{EmailAddress, Preferences, SubscriberState};
use crate::store::{Subscriber, SubscriberFilter};
use crate::subscription::{How, ImportError, Imported, Remark, Subscriptions};

/// So many rows not taken are named in the JSON document; all of them are on stderr.
const NAMED: usize = 1_000;

/// `paperround subscriber import`
#[derive(clap::Args, Debug)]
pub(super) struct ImportArgs {
    /// CSV with a header (email and any of zone, rhythm, hour, max_papers, min_votes,
    /// iso_dates, lines, topics, and an export's state, paused_until and confirmed_at) or JSON lines; - for standard input
    file: PathBuf,
    /// They have asked for it: active at once, but for whom the file calls otherwise
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

/// What an import did, for programs.
#[derive(Debug, Serialize)]
struct ImportReport {
    #[serde(flatten)]
    done: Imported,
    dry_run: bool,
    untaken: Vec<Remark>,
}

/// Imports a file. Exit code 65 when some row was bad; the good ones are taken all the same.
pub(super) async fn import(
    context: &Context,
    verbs: &Subscriptions,
    args: &ImportArgs,
) -> anyhow::Result<ExitCode> {
    let input: Box<dyn Read + Send> = if args.file.as_os_str() == "-" {
        Box::new(std::io::stdin())
    } else {
        let file = File::open(&args.file)
            .with_context(|| format!("cannot open {}", args.file.display()))?;
        Box::new(file)
    };
    let bar = context.ui.bar("rows", None);
    let how = How { confirmed: args.confirmed, dry_run: args.dry_run };
    let name = args.file.display();
    let mut untaken: Vec<Remark> = Vec::new();
    let tell = |remark: Remark| {
        bar.suspend(|| eprintln!("{name}:{}: {}", remark.line, remark.reason));
        if context.ui.json && untaken.len() < NAMED {
            untaken.push(remark);
        }
    };
    let done = match verbs.import(input, how, tell, |rows| bar.set_position(rows)).await {
        Ok(done) => done,
        Err(error @ ImportError::Header(_)) => {
            eprintln!("paperround: {name}: {error}");
            return Ok(ExitCode::from(65));
        }
        Err(error) => return Err(error).with_context(|| format!("{name}")),
    };
    bar.finish_and_clear();
    context.changed.add(done.added + done.confirmed);
    let report = ImportReport { done, dry_run: args.dry_run, untaken };
    context.ui.document(&report, || {
        let would = if args.dry_run { "would be " } else { "" };
        format!(
            "{} rows: {} {would}added, {} {would}confirmed, {} known already, {} skipped, \
             {} rejected",
            done.rows, done.added, done.confirmed, done.known, done.skipped, done.rejected
        )
    })?;
    Ok(if done.rejected > 0 { ExitCode::from(65) } else { ExitCode::SUCCESS })
}

/// Writes all subscribers as `import` reads them back: also those who have left, so that
/// nobody is brought back by moving house.
pub(super) async fn export(context: &Context, args: &ExportArgs) -> anyhow::Result<ExitCode> {
    let output: Box<dyn Write + Send> = match &args.output {
        None => Box::new(std::io::stdout()),
        Some(path) => {
            let file =
                File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
            Box::new(file)
        }
    };
    let json = args.format == Format::Jsonl || context.ui.json;
    match write_all(context, BufWriter::new(output), json).await {
        // A reader that has gone (`| head`) is no error.
        Err(error) if is_broken_pipe(&error) => Ok(ExitCode::SUCCESS),
        other => other.map(|()| ExitCode::SUCCESS),
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}

async fn write_all(context: &Context, mut output: impl Write, json: bool) -> anyhow::Result<()> {
    let everybody = SubscriberFilter::default();
    let mut after = 0;
    if !json {
        writeln!(
            output,
            "email,state,zone,rhythm,hour,max_papers,min_votes,locale,iso_dates,lines,topics,\
             paused_until,confirmed_at"
        )?;
    }
    loop {
        let page = context.app.store.subscribers(&everybody, after, 1_000).await?;
        let Some(last) = page.last() else { break };
        after = last.id;
        let mut rows = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
        for reader in &page {
            if json {
                serde_json::to_writer(&mut output, &Line::of(reader))?;
                writeln!(output)?;
            } else {
                rows.serialize(row(reader))?;
            }
        }
        output.write_all(&rows.into_inner()?)?;
    }
    output.flush()?;
    Ok(())
}

/// A subscriber as a line of JSON; what they left open is left out.
#[derive(Serialize)]
struct Line<'a> {
    email: &'a EmailAddress,
    state: SubscriberState,
    #[serde(flatten)]
    preferences: &'a Preferences,
    #[serde(skip_serializing_if = "Option::is_none")]
    paused_until: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmed_at: Option<Timestamp>,
}

impl<'a> Line<'a> {
    fn of(reader: &'a Subscriber) -> Self {
        Self {
            email: &reader.email,
            state: reader.state,
            preferences: &reader.preferences,
            paused_until: reader.paused_until,
            confirmed_at: reader.confirmed_at,
        }
    }
}

/// A subscriber as a row of CSV, in the order of the header.
fn row(reader: &Subscriber) -> [String; 13] {
    fn open<T: ToString>(value: &Option<T>) -> String {
        value.as_ref().map(T::to_string).unwrap_or_default()
    }
    let asked = &reader.preferences;
    [
        reader.email.to_string(),
        reader.state.word().to_owned(),
        open(&asked.zone),
        open(&asked.rhythm),
        open(&asked.hour),
        open(&asked.max_papers),
        open(&asked.min_votes),
        open(&asked.locale),
        if asked.iso_dates { "true".to_owned() } else { String::new() },
        if asked.lines.is_empty() { String::new() } else { asked.lines.to_string() },
        asked.topics.line(),
        open(&reader.paused_until),
        open(&reader.confirmed_at),
    ]
}
