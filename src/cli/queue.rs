//! `queue list`: what waits and what is stuck.

use std::process::ExitCode;

use comfy_table::Table;
use comfy_table::presets;
use serde::Serialize;

use super::context::Context;
use crate::delivery::message_id;
use crate::model::DeliveryState;
use crate::store::QueueFilter;

/// `paperround queue`
#[derive(clap::Subcommand, Debug)]
pub(super) enum QueueCommand {
    /// List deliveries that wait, or those in one state
    List {
        /// queued, sending, sent, deferred, failed or skipped
        #[arg(long, value_parser = state)]
        state: Option<DeliveryState>,
        /// Only those that may have arrived before they were sent again
        #[arg(long)]
        doubtful: bool,
    },
}

fn state(text: &str) -> Result<DeliveryState, String> {
    DeliveryState::from_word(text)
        .ok_or_else(|| "wanted queued, sending, sent, deferred, failed or skipped".to_owned())
}

#[derive(Debug, Serialize)]
struct View {
    id: i64,
    email: String,
    kind: String,
    state: String,
    attempts: i64,
    next_attempt_at: jiff::Timestamp,
    message_id: String,
    reason: Option<String>,
}

/// Lists the queue, a line a delivery.
pub(super) async fn run(context: &Context, command: &QueueCommand) -> anyhow::Result<ExitCode> {
    let QueueCommand::List { state, doubtful } = command;
    let filter = QueueFilter { state: *state, doubtful: *doubtful };
    let app = &context.app;
    let (mut after, mut first) = (0, true);
    loop {
        let page = app.store.queue(&filter, after, 500).await?;
        let Some(last) = page.last() else { break };
        after = last.id;
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        if std::mem::take(&mut first) {
            table.set_header(["id", "email", "state", "attempts", "next attempt", "reason"]);
        }
        for row in page {
            let id = message_id(&app.key, &app.config.mail.from, &row.id.to_string());
            let view = View {
                id: row.id,
                email: row.email,
                kind: row.kind,
                state: row.state,
                attempts: row.attempts,
                next_attempt_at: row.next_attempt_at,
                message_id: id,
                reason: row.reason,
            };
            if context.ui.json {
                context.ui.line(&serde_json::to_string(&view)?)?;
            } else {
                table.add_row([
                    view.id.to_string(),
                    view.email,
                    view.state,
                    view.attempts.to_string(),
                    view.next_attempt_at.to_string(),
                    view.reason.unwrap_or_default(),
                ]);
            }
        }
        if !context.ui.json {
            context.ui.line(&table.trim_fmt())?;
        }
    }
    if after == 0 && !context.ui.json {
        context.ui.line("nothing")?;
    }
    Ok(ExitCode::SUCCESS)
}
