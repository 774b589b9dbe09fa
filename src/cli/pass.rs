//! `run` and `fetch`: one pass, or one look at a source.

use std::process::ExitCode;

use super::context::Context;
use super::ui::when;
use crate::app::trial;
use crate::bounce::Judged;
use crate::clock::Clock;
use crate::config::Source;
use crate::model::FetchOutcome;
use crate::setup::Setup;
use crate::source::{Origin, Report};
use crate::store::ConfigOutcome;
use serde::Serialize;

/// `paperround run`
#[derive(clap::Args, Debug)]
pub(super) struct RunArgs {
    /// Say what would be planned; change nothing and send nothing
    #[arg(long)]
    dry_run: bool,
    /// Leave the sources alone
    #[arg(long)]
    no_fetch: bool,
}

/// `paperround fetch`
#[derive(clap::Args, Debug)]
pub(super) struct FetchArgs {
    /// The source's name [default: every one, or with --from the first]
    source: Option<String>,
    /// A saved page or another address, taken for what it says it is
    #[arg(long, value_name = "FILE_OR_URL")]
    from: Option<String>,
}

/// What one pass did, and where everything stands.
#[derive(Debug, Default, Serialize)]
struct PassReport {
    fetched: Vec<Report>,
    digests: u64,
    planned: u64,
    nothing_new: u64,
    sent: u64,
    deferred: u64,
    failed: u64,
    skipped: u64,
    suppressed: u64,
    waiting: u64,
    dry_run: bool,
    books: crate::store::Books,
}

/// Fetches what is due, plans who is due, sends until nothing is left that is due.
pub(super) async fn run(context: &Context, args: &RunArgs) -> anyhow::Result<ExitCode> {
    let app = &context.app;
    let mut report = PassReport { dry_run: args.dry_run, ..PassReport::default() };
    if args.dry_run {
        let planned = app.planner()?.plan_dry().await?;
        report.digests = planned.digests;
        report.planned = planned.planned;
        report.nothing_new = planned.nothing_new;
    } else {
        warn_of_the_future(context);
        note_config(context).await?;
        let scheduler = app.scheduler().await?;
        if !args.no_fetch {
            report.fetched = scheduler.fetch_due().await?;
        }
        let bar = context.ui.bar("planned", None);
        scheduler.tidy().await?;
        let planned = scheduler.plan(|done| bar.set_position(done)).await?;
        bar.finish_and_clear();
        report.digests = planned.digests;
        report.planned = planned.planned;
        report.nothing_new = planned.nothing_new;
        let due = app.store.count_due(app.clock.now()).await?;
        let bar = context.ui.bar("sent", Some(due));
        let stop = super::context::stop_on_signals();
        let mut drained =
            scheduler.postman.drain_once(&stop, &|done| bar.set_position(done)).await?;
        bar.finish_and_clear();
        let judged = scheduler.judge().await?;
        report.suppressed = judged.suppressed;
        // What that has to say is not left to the next pass.
        if judged != Judged::default() && app.store.count_due(app.clock.now()).await? > 0 {
            let more = scheduler.postman.drain_once(&stop, &|_| ()).await?;
            drained.sent += more.sent;
            drained.deferred += more.deferred;
            drained.failed += more.failed;
            drained.skipped += more.skipped;
        }
        report.sent = drained.sent;
        report.deferred = drained.deferred;
        report.failed = drained.failed;
        report.skipped = drained.skipped;
    }
    report.books = app.store.books().await?;
    report.waiting = report.books.waiting;
    context.ui.document(&report, || told(&report))?;
    if report.books.balance() {
        Ok(ExitCode::SUCCESS)
    } else {
        tracing::error!("the books do not balance: some deliveries are in no known state");
        Ok(ExitCode::FAILURE)
    }
}

/// `--at` a time to come is for looking; whoever leaves out `--dry-run` may not know what it does.
fn warn_of_the_future(context: &Context) {
    let at = context.app.clock.now();
    if at > Clock::system().now() {
        eprintln!(
            "paperround: {} is yet to come, and this is no rehearsal: what is due by then is fetched, \
             planned and really sent now; `--dry-run` only says what would be planned",
            when(at)
        );
    }
}

/// Notes in the history what this pass works by, where no daemon does: a later `config check`
/// says what has changed since.
async fn note_config(context: &Context) -> anyhow::Result<()> {
    let (app, loaded) = (&context.app, &context.loaded);
    let (setup, _) = Setup::new(&loaded.path, app.store.clone(), app.clock.clone(), trial);
    if setup.daemons().await?.is_empty() {
        setup.note_version("file", &loaded.text, ConfigOutcome::Applied, None).await?;
    }
    Ok(())
}

fn told(report: &PassReport) -> String {
    let mut lines: Vec<String> = report.fetched.iter().map(Report::to_string).collect();
    let would = if report.dry_run { "would be " } else { "" };
    let digests = if report.digests == 1 { "digest" } else { "digests" };
    lines.push(format!(
        "{would}planned {} in {} {digests}; nothing was new to {} who were due",
        report.planned, report.digests, report.nothing_new
    ));
    if !report.dry_run {
        lines.push(format!(
            "sent {}, deferred {}, failed {}, skipped {}",
            report.sent, report.deferred, report.failed, report.skipped
        ));
    }
    if report.suppressed > 0 {
        lines.push(format!("suppressed {} whose mail came back", report.suppressed));
    }
    let books = &report.books;
    lines.push(format!(
        "books: {} planned = {} sent + {} waiting + {} failed + {} skipped{}",
        books.planned,
        books.sent,
        books.waiting,
        books.failed,
        books.skipped,
        if books.balance() { "" } else { "  DO NOT BALANCE" }
    ));
    lines.join("\n")
}

/// Looks at one source, or at each.
pub(super) async fn fetch(context: &Context, args: &FetchArgs) -> anyhow::Result<ExitCode> {
    let app = &context.app;
    let sources: Vec<&Source> = match (&args.source, &args.from) {
        (Some(name), _) => match super::source::find(context, name) {
            Some(source) => vec![source],
            None => return Ok(ExitCode::from(2)),
        },
        (None, Some(_)) => app.config.sources.iter().take(1).collect(),
        (None, None) => app.config.sources.iter().collect(),
    };
    let origin: Option<Origin> = match args.from.as_deref().map(str::parse) {
        Some(Ok(origin)) => Some(origin),
        _ => None,
    };
    let mut worst = 0;
    for source in sources {
        worst = worst.max(look(context, source, origin.as_ref()).await?);
    }
    Ok(ExitCode::from(worst))
}

/// Looks at one source, and shows what it came to; returns the exit code.
pub(super) async fn look(
    context: &Context,
    source: &Source,
    origin: Option<&Origin>,
) -> anyhow::Result<u8> {
    let report = context.app.collector()?.collect_once(source, origin).await?;
    context.ui.document(&report, || report.to_string())?;
    Ok(exit_code(&report))
}

pub(super) fn exit_code(report: &Report) -> u8 {
    match report.outcome {
        FetchOutcome::Good | FetchOutcome::Unchanged | FetchOutcome::Empty => 0,
        _ if report.unreachable => 69,
        FetchOutcome::Incomplete | FetchOutcome::Broken => 65,
    }
}
