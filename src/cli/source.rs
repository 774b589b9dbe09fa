//! `source`: where papers come from, how that goes, and what was set aside read again.

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::json;

use super::context::Context;
use super::pass;
use super::ui::when;
use crate::config::Source;
use crate::model::{FetchOutcome, Span};
use crate::source::{Health, Origin, SourceStanding};
use crate::store::FetchFilter;

/// `paperround source`
#[derive(clap::Subcommand, Debug)]
pub(super) enum SourceCommand {
    /// The configured sources
    List {
        /// Only those of this kind: huggingface, huggingface-api, arxiv or feed
        #[arg(long)]
        kind: Option<String>,
    },
    /// Whether each is healthy, when it is due next, how often it failed lately; the last good fetch,
    /// and the last fault with where its raw bytes lie
    Status {
        /// Only this one
        source: Option<String>,
        /// Only those that are not healthy; exit code 1 where there are any
        #[arg(long)]
        unhealthy: bool,
    },
    /// The fetches of one source, the newest first
    History {
        /// The source's name
        source: String,
        /// Only good, unchanged, empty, incomplete or broken ones
        #[arg(long, value_parser = outcome)]
        outcome: Option<FetchOutcome>,
        /// Only those of so long ago or less, such as 7d
        #[arg(long, value_name = "SPAN")]
        since: Option<Span>,
        /// No more than so many
        #[arg(long, value_name = "N", default_value_t = 50)]
        limit: u32,
    },
    /// Read again what was set aside, the newest unless a file is named
    Replay {
        /// The source's name
        source: String,
        /// The kept file
        file: Option<PathBuf>,
        /// Say what would come of it, and store nothing
        #[arg(long)]
        dry_run: bool,
    },
}

fn outcome(text: &str) -> Result<FetchOutcome, String> {
    FetchOutcome::from_word(text)
        .ok_or_else(|| "wanted good, unchanged, empty, incomplete or broken".to_owned())
}

/// Does what was asked of sources.
pub(super) async fn run(context: &Context, command: &SourceCommand) -> anyhow::Result<ExitCode> {
    match command {
        SourceCommand::List { kind } => list(context, kind.as_deref()),
        SourceCommand::Status { source, unhealthy } => {
            status(context, source.as_deref(), *unhealthy).await
        }
        SourceCommand::History { source, outcome, since, limit } => {
            history(context, source, *outcome, *since, *limit).await
        }
        SourceCommand::Replay { source, file, dry_run } => {
            replay(context, source, file.clone(), *dry_run).await
        }
    }
}

/// The source of that name, or a sentence on stderr.
pub(super) fn find<'a>(context: &'a Context, name: &str) -> Option<&'a Source> {
    let sources = &context.app.config.sources;
    let found = sources.iter().find(|source| source.name == name);
    if found.is_none() {
        let known: Vec<&str> = sources.iter().map(|source| source.name.as_str()).collect();
        eprintln!("paperround: there is no source {name:?}; known: {}", known.join(", "));
    }
    found
}

fn list(context: &Context, kind: Option<&str>) -> anyhow::Result<ExitCode> {
    let mut table = context.ui.table(&["name", "kind", "schedule", "url"]);
    let sources = context.app.config.sources.iter();
    let mut none = true;
    for source in sources.filter(|source| kind.is_none_or(|kind| source.kind.word() == kind)) {
        none = false;
        let (kind, schedule) = (source.kind.word(), source.schedule.to_string());
        if context.ui.json {
            let line = json!({
                "name": source.name, "kind": kind, "schedule": schedule, "url": source.url.as_str(),
            });
            context.ui.line(&line.to_string())?;
        }
        table.add_row([&source.name, kind, &schedule, source.url.as_str()]);
    }
    if !context.ui.json {
        context.ui.line(&if none { "no such source".to_owned() } else { table.trim_fmt() })?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn status(
    context: &Context,
    only: Option<&str>,
    unhealthy: bool,
) -> anyhow::Result<ExitCode> {
    let app = &context.app;
    if let Some(name) = only
        && find(context, name).is_none()
    {
        return Ok(ExitCode::from(2));
    }
    let (zone, now) = (&app.config.site.time_zone, app.clock.now());
    let mut bad = false;
    for source in app.config.sources.iter().filter(|s| only.is_none_or(|name| s.name == name)) {
        let standing = SourceStanding::of(&app.store, source, zone, now).await?;
        if unhealthy && standing.health == Health::Healthy {
            continue;
        }
        bad |= standing.health != Health::Healthy;
        context.ui.document(&standing, || told(&standing))?;
    }
    if unhealthy && !bad && !context.ui.json {
        context.ui.line("every source is healthy")?;
    }
    Ok(if unhealthy && bad { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn told(standing: &SourceStanding) -> String {
    let good = standing.last_good.as_ref().map_or("never".to_owned(), |fetch| {
        format!(
            "{} ({}, {} listed, {} new)",
            when(fetch.at),
            fetch.outcome,
            fetch.listed,
            fetch.new
        )
    });
    let bad = standing.last_fault.as_ref().map_or("none".to_owned(), |fetch| {
        let kept = fetch.kept.as_deref().unwrap_or("not kept");
        let reason = fetch.reason.as_deref().unwrap_or("");
        format!("{} ({}): {reason}; raw bytes: {kept}", when(fetch.at), fetch.outcome)
    });
    format!(
        "{}: {}\n  last good fetch  {good}\n  last fault       {bad}\n  next fetch       {}",
        standing.source,
        standing.words,
        when(standing.next_fetch_at)
    )
}

async fn history(
    context: &Context,
    name: &str,
    outcome: Option<FetchOutcome>,
    since: Option<Span>,
    limit: u32,
) -> anyhow::Result<ExitCode> {
    let app = &context.app;
    let Some(source) = find(context, name) else { return Ok(ExitCode::from(2)) };
    let now = app.clock.now();
    let filter = FetchFilter {
        source: Some(source.name.clone()),
        outcome,
        since: since.map(|span| now.saturating_sub(span.signed()).unwrap_or(now)),
    };
    let fetches = app.store.fetches(&filter, limit).await?;
    if context.ui.json {
        for fetch in &fetches {
            context.ui.line(&serde_json::to_string(fetch)?)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    if fetches.is_empty() {
        context.ui.line(&format!("no such fetch of {name}"))?;
        return Ok(ExitCode::SUCCESS);
    }
    let header = ["at", "outcome", "listed", "new", "changed", "rejected", "reason", "kept"];
    let mut table = context.ui.table(&header);
    for fetch in fetches {
        table.add_row([
            when(fetch.at),
            fetch.outcome,
            fetch.listed.to_string(),
            fetch.new.to_string(),
            fetch.changed.to_string(),
            fetch.rejected.to_string(),
            fetch.reason.unwrap_or_default(),
            fetch.kept.unwrap_or_default(),
        ]);
    }
    context.ui.line(&table.trim_fmt())?;
    Ok(ExitCode::SUCCESS)
}

async fn replay(
    context: &Context,
    name: &str,
    file: Option<PathBuf>,
    dry_run: bool,
) -> anyhow::Result<ExitCode> {
    let Some(source) = find(context, name) else { return Ok(ExitCode::from(2)) };
    let file = match file {
        Some(file) => Some(file),
        None => {
            let now = context.app.clock.now();
            let bad = context.app.store.last_bad_fetch(name, now).await?;
            bad.and_then(|fetch| fetch.kept).map(PathBuf::from)
        }
    };
    let Some(file) = file else {
        eprintln!("paperround: nothing of {name} was set aside");
        return Ok(ExitCode::FAILURE);
    };
    let origin = Origin::File(file);
    if !dry_run {
        return pass::look(context, source, Some(&origin)).await.map(ExitCode::from);
    }
    let report = context.app.collector()?.rehearse_once(source, Some(&origin)).await?;
    context.ui.document(&report, || format!("would be: {report}"))?;
    Ok(ExitCode::from(pass::exit_code(&report)))
}
