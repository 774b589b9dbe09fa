//! `node list`, `migrate` and `copy`: the database as the admin sees it.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, anyhow};
use comfy_table::{Table, presets};
use serde_json::json;

use super::context::{Context, load};
use super::ui::{Ui, when};
use crate::config::Database;
use crate::store::{NodeRow, Store};

/// `paperround node`
#[derive(clap::Subcommand, Debug)]
pub(super) enum NodeCommand {
    /// The processes that work on the database, and what each has claimed
    List,
}

/// `paperround migrate`
#[derive(clap::Args, Debug)]
pub(super) struct MigrateArgs {
    /// Change nothing: say which steps the database has
    #[arg(long)]
    status: bool,
}

/// `paperround copy`
#[derive(clap::Args, Debug)]
pub(super) struct CopyArgs {
    /// The database to read, sqlite:FILE or postgres://…
    #[arg(long, value_name = "URL")]
    from: String,
    /// The empty database to fill
    #[arg(long, value_name = "URL")]
    to: String,
}

/// Shows the nodes.
pub(super) async fn nodes(context: &Context) -> anyhow::Result<ExitCode> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header([
        "node",
        "host",
        "pid",
        "version",
        "since",
        "last seen",
        "state",
        "claims",
    ]);
    for node in context.app.store.nodes().await? {
        let state = node.state();
        let at = NodeRow::at;
        if context.ui.json {
            let line = json!({
                "node": node.name, "host": node.host, "pid": node.pid, "version": node.version,
                "since": at(node.since), "seen_at": at(node.seen_at),
                "lease_until": at(node.lease_until), "state": state, "claims": node.claims,
            });
            context.ui.line(&line.to_string())?;
        }
        table.add_row([
            node.name,
            node.host,
            node.pid.to_string(),
            node.version,
            when(NodeRow::at(node.since)),
            when(NodeRow::at(node.seen_at)),
            state.to_owned(),
            node.claims.to_string(),
        ]);
    }
    if !context.ui.json {
        let text = if table.is_empty() {
            "no process works on the database".to_owned()
        } else {
            table.trim_fmt()
        };
        context.ui.line(&text)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Brings the schema up to date, or says how it stands.
pub(super) async fn migrate(
    ui: &Ui,
    file: Option<&Path>,
    args: &MigrateArgs,
) -> anyhow::Result<ExitCode> {
    let loaded = load(file)?;
    let database = &loaded.config.database;
    let store = Store::connect(database).await?;
    let before = store.migrations().await?;
    if !args.status {
        store.migrate().await?;
    }
    let after = store.migrations().await?;
    store.close().await;
    let done = after.iter().zip(&before).filter(|(now, then)| now.done && !then.done).count();
    ui.document(&json!({ "database": database.url, "steps": after, "done_now": done }), || {
        let mut text = format!("{}\n", database.url);
        for step in &after {
            let word = if step.done { "done   " } else { "missing" };
            text.push_str(&format!("  {word}  {} {}\n", step.version, step.name));
        }
        if !args.status {
            text.push_str(&match done {
                0 => "nothing was to be done".to_owned(),
                _ => format!("{done} steps done now"),
            });
        }
        text.trim_end().to_owned()
    })?;
    let missing = after.iter().any(|step| !step.done);
    Ok(if missing { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Copies everything from one database into another.
pub(super) async fn copy(ui: &Ui, args: &CopyArgs) -> anyhow::Result<ExitCode> {
    let folder = std::env::current_dir()?;
    let database = |name: &str, url: &str| {
        Database::from_url(url, &folder).map_err(|reason| anyhow!("--{name}: {reason}"))
    };
    let (from, to) = (database("from", &args.from)?, database("to", &args.to)?);
    if let crate::config::DatabaseTarget::Sqlite(path) = &from.target
        && !path.exists()
    {
        // Opening it would make it.
        return Err(anyhow!("--from: there is no file {}", path.display()));
    }
    if from.url == to.url {
        return Err(anyhow!("--from and --to name the same database"));
    }
    let source = Store::open(&from).await.context("--from")?;
    let target = Store::open(&to).await.context("--to")?;
    let bar = ui.bar("rows", None);
    let copied = source.copy_to(&target, |rows| bar.set_position(rows)).await;
    bar.finish_and_clear();
    source.close().await;
    target.close().await;
    let copied = copied?;
    let rows: u64 = copied.iter().map(|table| table.rows).sum();
    ui.document(
        &json!({ "from": from.url, "to": to.url, "rows": rows, "tables": copied }),
        || {
            let mut table = Table::new();
            table.load_style(presets::NOTHING).set_header([
                "table",
                "rows",
                "hash, the same on both",
            ]);
            for one in &copied {
                table.add_row([one.table.clone(), one.rows.to_string(), one.hash.clone()]);
            }
            format!(
                "{}\n\n{rows} rows are in {}.\nCopy paperround.key too: mails that wait are named \
             by it.",
                table.trim_fmt(),
                to.url
            )
        },
    )?;
    Ok(ExitCode::SUCCESS)
}
