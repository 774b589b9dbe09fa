//! `source list|status|replay`: where papers come from, and how that goes.

use std::path::PathBuf;
use std::process::ExitCode;

use comfy_table::Table;
use comfy_table::presets;
use serde_json::json;

use super::context::Context;
use super::pass;
use crate::config::Source;

/// `paperround source`
#[derive(clap::Subcommand, Debug)]
pub(super) enum SourceCommand {
    /// The configured sources
    List,
    /// The last good fetch of each, and the last fault with where its raw bytes lie
    Status {
        /// Only this one
        source: Option<String>,
    },
    /// Read again what was set aside, the newest unless a file is named
    Replay {
        /// The source's name
        source: String,
        /// The kept file
        file: Option<PathBuf>,
    },
}

/// Does what was asked of sources.
pub(super) async fn run(context: &Context, command: &SourceCommand) -> anyhow::Result<ExitCode> {
    match command {
        SourceCommand::List => list(context),
        SourceCommand::Status { source } => status(context, source.as_deref()).await,
        SourceCommand::Replay { source, file } => replay(context, source, file.clone()).await,
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

fn list(context: &Context) -> anyhow::Result<ExitCode> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(["name", "kind", "schedule", "url"]);
    for source in &context.app.config.sources {
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
        context.ui.line(&table.trim_fmt())?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn status(context: &Context, only: Option<&str>) -> anyhow::Result<ExitCode> {
    let app = &context.app;
    if let Some(name) = only
        && find(context, name).is_none()
    {
        return Ok(ExitCode::from(2));
    }
    for source in app.config.sources.iter().filter(|s| only.is_none_or(|name| s.name == name)) {
        let good = app.store.last_good_fetch(&source.name).await?;
        let bad = app.store.last_bad_fetch(&source.name).await?;
        let line = json!({ "source": source.name, "last_good": good, "last_fault": bad });
        context.ui.document(&line, || {
            let good = good.as_ref().map_or("never".to_owned(), |fetch| {
                format!(
                    "{} ({}, {} listed, {} new)",
                    fetch.at, fetch.outcome, fetch.listed, fetch.new
                )
            });
            let bad = bad.as_ref().map_or("none".to_owned(), |fetch| {
                let kept = fetch.kept.as_deref().unwrap_or("not kept");
                let reason = fetch.reason.as_deref().unwrap_or("");
                format!("{} ({}): {reason}; raw bytes: {kept}", fetch.at, fetch.outcome)
            });
            format!("{}\n  last good fetch  {good}\n  last fault       {bad}", source.name)
        })?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn replay(context: &Context, name: &str, file: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    let Some(source) = find(context, name) else { return Ok(ExitCode::from(2)) };
    let file = match file {
        Some(file) => Some(file),
        None => {
            let bad = context.app.store.last_bad_fetch(name).await?;
            bad.and_then(|fetch| fetch.kept).map(PathBuf::from)
        }
    };
    let Some(file) = file else {
        eprintln!("paperround: nothing of {name} was set aside");
        return Ok(ExitCode::FAILURE);
    };
    pass::look(context, source, Some(&crate::source::Origin::File(file))).await.map(ExitCode::from)
}
