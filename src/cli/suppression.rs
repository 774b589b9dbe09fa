//! `suppression`: who must not be mailed, since when and why.

use std::process::ExitCode;

use comfy_table::{Table, presets};

use super::context::Context;
use crate::model::EmailAddress;

/// `paperround suppression`
#[derive(clap::Subcommand, Debug)]
pub(super) enum SuppressionCommand {
    /// List suppressed addresses; of those who were erased, a keyed hash
    List,
    /// Never mail an address, subscriber or not
    Add {
        /// The address
        email: EmailAddress,
        /// Why, for the list
        #[arg(long, default_value = "by an admin")]
        why: String,
    },
    /// Let an address be mailed again, once its owner subscribes or is resumed; what came back so
    /// far counts no more
    Remove {
        /// The address
        email: EmailAddress,
    },
}

/// Does what was asked of suppressions.
pub(super) async fn run(
    context: &Context,
    command: &SuppressionCommand,
) -> anyhow::Result<ExitCode> {
    let app = &context.app;
    let verbs = app.subscriptions()?;
    match command {
        SuppressionCommand::List => return list(context).await,
        SuppressionCommand::Add { email, why } => {
            let now = app.clock.now();
            let new = app.store.suppress(email, &verbs.mark_of(email), "admin", why, now).await?;
            let report = serde_json::json!({"email": email, "suppressed": true, "new": new});
            context.ui.document(&report, || match new {
                true => format!("{email}: suppressed"),
                false => format!("{email}: suppressed already"),
            })?;
        }
        SuppressionCommand::Remove { email } => {
            let key = email.key();
            let now = app.clock.now();
            if !app.store.lift(&verbs.mark_of(email), Some(&key), now).await? {
                eprintln!("paperround: {email} is not suppressed");
                return Ok(ExitCode::FAILURE);
            }
            let report = serde_json::json!({"email": email, "suppressed": false});
            context.ui.document(&report, || format!("{email}: no longer suppressed"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(context: &Context) -> anyhow::Result<ExitCode> {
    let mut after = String::new();
    let mut first = true;
    loop {
        let page = context.app.store.suppressions(&after, 500).await?;
        let Some(last) = page.last() else { return Ok(ExitCode::SUCCESS) };
        after.clone_from(&last.mark);
        if context.ui.json {
            for one in &page {
                context.ui.line(&serde_json::to_string(one)?)?;
            }
            continue;
        }
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        if first {
            table.set_header(["address", "since", "reason", "detail"]);
        }
        for one in page {
            let who = one.email.unwrap_or_else(|| format!("(hash {})", one.mark));
            table.add_row([who, one.since.to_string(), one.reason, one.detail]);
        }
        context.ui.line(&table.trim_fmt())?;
        first = false;
    }
}
