//! `queue`: what waits and what is stuck; what is known of one delivery; tried at once, or dropped.

use std::process::ExitCode;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

use super::context::Context;
use super::ui::{Answer, when};
use crate::app::App;
use crate::delivery::message_id;
use crate::model::{DeliveryState, EmailAddress, MailKind, Span};
use crate::store::{QueueEntry, QueueFilter, Tended};

/// `paperround queue`
#[derive(clap::Subcommand, Debug)]
pub(super) enum QueueCommand {
    /// List deliveries that wait, or those in one state
    List(ListArgs),
    /// All that is known of one delivery, with every answer of a relay
    Show {
        /// The delivery's number, as `queue list` shows it
        id: i64,
    },
    /// Try waiting deliveries now, whenever they were to be tried next
    Retry(TendArgs),
    /// End waiting deliveries unsent; the papers of a digest come with its reader's next
    Drop(DropArgs),
}

/// Which deliveries are meant.
#[derive(clap::Args, Debug)]
pub(super) struct FilterArgs {
    /// queued, sending, sent, deferred, failed or skipped
    #[arg(long, value_parser = state)]
    state: Option<DeliveryState>,
    /// digest, resend, confirm, known, link, goodbye, move, answer, ask, probe, alarm or canary
    #[arg(long, value_parser = kind)]
    kind: Option<MailKind>,
    /// Only those to this address
    #[arg(long)]
    email: Option<EmailAddress>,
    /// Only those to this receiving domain
    #[arg(long)]
    domain: Option<String>,
    /// Only those that this relay was the last to try
    #[arg(long)]
    relay: Option<String>,
    /// Only those planned longer ago than this, such as 2h
    #[arg(long, value_name = "SPAN")]
    older: Option<Span>,
    /// Only those that may have arrived before they were sent again
    #[arg(long)]
    doubtful: bool,
}

impl FilterArgs {
    fn filter(&self, ids: &[i64], now: Timestamp) -> QueueFilter {
        QueueFilter {
            state: self.state,
            any: false,
            doubtful: self.doubtful,
            ids: ids.to_vec(),
            kind: self.kind,
            email: self.email.clone(),
            domain: self.domain.clone(),
            relay: self.relay.clone(),
            before: self.older.map(|span| now.saturating_sub(span.signed()).unwrap_or(now)),
        }
    }
}

#[derive(clap::Args, Debug)]
pub(super) struct ListArgs {
    #[command(flatten)]
    which: FilterArgs,
    /// No more than so many
    #[arg(long, value_name = "N")]
    limit: Option<u32>,
    /// Only how many there are, by state
    #[arg(long, conflicts_with = "limit")]
    count: bool,
}

#[derive(clap::Args, Debug)]
pub(super) struct TendArgs {
    /// The deliveries' numbers
    #[arg(value_name = "ID")]
    ids: Vec<i64>,
    #[command(flatten)]
    which: FilterArgs,
    /// Everything that waits
    #[arg(long, conflicts_with = "ids")]
    all: bool,
    /// Only say how many there are
    #[arg(long)]
    dry_run: bool,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

#[derive(clap::Args, Debug)]
pub(super) struct DropArgs {
    #[command(flatten)]
    tend: TendArgs,
    /// Why, for the readers' timelines
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
}

fn state(text: &str) -> Result<DeliveryState, String> {
    DeliveryState::from_word(text)
        .ok_or_else(|| "wanted queued, sending, sent, deferred, failed or skipped".to_owned())
}

fn kind(text: &str) -> Result<MailKind, String> {
    let words = || MailKind::ALL.map(MailKind::word).join(", ");
    MailKind::from_word(text).ok_or_else(|| format!("wanted one of {}", words()))
}

#[derive(Debug, Serialize)]
struct View {
    id: i64,
    email: String,
    kind: String,
    state: String,
    attempts: i64,
    next_attempt_at: Timestamp,
    message_id: String,
    reason: Option<String>,
}

/// Does what was asked of the queue.
pub(super) async fn run(context: &Context, command: &QueueCommand) -> anyhow::Result<ExitCode> {
    match command {
        QueueCommand::List(args) if args.count => count(context, args).await,
        QueueCommand::List(args) => list(context, args).await,
        QueueCommand::Show { id } => show(context, *id).await,
        QueueCommand::Retry(args) => tend(context, args, None).await,
        QueueCommand::Drop(args) => {
            let by = super::by_admin(args.why.as_deref());
            tend(context, &args.tend, Some(&by)).await
        }
    }
}

/// Lists the queue, a line a delivery.
async fn list(context: &Context, args: &ListArgs) -> anyhow::Result<ExitCode> {
    let app = &context.app;
    let filter = args.which.filter(&[], app.clock.now());
    let (mut after, mut left) = (0, args.limit.unwrap_or(u32::MAX));
    let mut header = &["id", "email", "kind", "state", "attempts", "next attempt", "reason"][..];
    while left > 0 {
        let page = app.store.queue(&filter, after, left.min(500)).await?;
        let Some(last) = page.last() else { break };
        after = last.id;
        left -= page.len() as u32;
        let mut table = context.ui.table(std::mem::take(&mut header));
        for row in page {
            let view = View {
                message_id: name_of(app, row.id),
                id: row.id,
                email: row.email,
                kind: row.kind,
                state: row.state,
                attempts: row.attempts,
                next_attempt_at: row.next_attempt_at,
                reason: row.reason,
            };
            if context.ui.json {
                context.ui.line(&serde_json::to_string(&view)?)?;
                continue;
            }
            let waits = matches!(view.state.as_str(), "queued" | "deferred");
            table.add_row([
                view.id.to_string(),
                view.email,
                view.kind,
                view.state,
                view.attempts.to_string(),
                if waits { when(view.next_attempt_at) } else { "-".to_owned() },
                view.reason.unwrap_or_default(),
            ]);
        }
        if !context.ui.json {
            context.ui.line(&table.trim_fmt())?;
        }
    }
    if after == 0 && !context.ui.json {
        let open = filter.is_open();
        context.ui.line(if open { "nothing waits" } else { "no delivery is like that" })?;
    }
    Ok(ExitCode::SUCCESS)
}

/// How many there are, by state.
async fn count(context: &Context, args: &ListArgs) -> anyhow::Result<ExitCode> {
    let app = &context.app;
    let counts = app.store.queue_counts(&args.which.filter(&[], app.clock.now())).await?;
    let total: u64 = counts.iter().map(|(_, count)| count).sum();
    let states: serde_json::Map<_, _> =
        counts.iter().map(|(state, count)| (state.word().to_owned(), json!(count))).collect();
    context.ui.document(&json!({"count": total, "states": states}), || {
        let words: Vec<_> =
            counts.iter().map(|(state, count)| format!("{count} {}", state.word())).collect();
        if words.is_empty() { "0".to_owned() } else { format!("{total}: {}", words.join(", ")) }
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The Message-ID that the delivery has at every attempt.
fn name_of(app: &App, id: i64) -> String {
    message_id(&app.key, &app.config.mail.from, &id.to_string())
}

async fn show(context: &Context, id: i64) -> anyhow::Result<ExitCode> {
    let app = &context.app;
    let Some(entry) = app.store.queue_entry(id).await? else {
        eprintln!("paperround: there is no delivery {id}");
        return Ok(ExitCode::FAILURE);
    };
    let mut document = serde_json::to_value(&entry)?;
    document["message_id"] = name_of(app, id).into();
    context.ui.document(&document, || words(context, &entry, &name_of(app, id)))?;
    Ok(ExitCode::SUCCESS)
}

fn words(context: &Context, entry: &QueueEntry, name: &str) -> String {
    let to = if entry.email.is_empty() { "somebody who was erased" } else { &entry.email };
    let state = match entry.state.as_str() {
        "queued" | "deferred" => {
            format!("{}, next attempt {}", entry.state, when(entry.next_attempt_at))
        }
        "sending" => {
            let node = entry.node.as_deref().unwrap_or("a process");
            let wire = if entry.begun { "may be on the wire" } else { "not begun" };
            format!("sending: claimed by {node}, {wire}")
        }
        state => match entry.finished_at {
            Some(at) => format!("{state} at {}", when(at)),
            None => state.to_owned(),
        },
    };
    let mut facts = vec![
        ("to", to.to_owned()),
        ("kind", format!("{} {}", entry.kind, entry.day).trim().to_owned()),
        ("subject", entry.subject.clone()),
        ("state", state),
        ("planned", when(entry.created_at)),
        ("expires", when(entry.expires_at)),
        ("Message-ID", name.to_owned()),
        ("attempts", entry.attempts.to_string()),
    ];
    facts.extend(entry.relay.clone().map(|relay| ("relay", relay)));
    facts.extend(entry.reason.clone().map(|reason| ("reason", reason)));
    facts.extend(entry.doubt().map(|doubt| ("doubtful", doubt.to_owned())));
    let mut table = context.ui.table(&[]);
    for (name, value) in facts {
        table.add_row([name.to_owned(), value]);
    }
    let mut text = table.trim_fmt();
    if !entry.tries.is_empty() {
        let mut table = context.ui.table(&["tried", "by", "came to", "answer"]);
        for one in &entry.tries {
            table.add_row([
                when(one.at),
                one.relay.clone(),
                one.outcome.clone(),
                one.reply.clone(),
            ]);
        }
        text = format!("{text}\n\n{}", table.trim_fmt());
    }
    text
}

/// Tries what is meant at once, or ends it where there is a reason for that.
async fn tend(context: &Context, args: &TendArgs, drop: Option<&str>) -> anyhow::Result<ExitCode> {
    let app = &context.app;
    let now = app.clock.now();
    let filter = args.which.filter(&args.ids, now);
    if filter.is_open() && !args.all {
        eprintln!("paperround: say which: numbers, a filter such as --domain, or --all");
        return Ok(ExitCode::from(2));
    }
    let (verb, done) = if drop.is_some() { ("drop", "dropped") } else { ("try", "tried now") };
    let counts = app.store.queue_counts(&filter).await?;
    let of = |states: &[DeliveryState]| -> u64 {
        let those = counts.iter().filter(|(state, _)| states.contains(state));
        those.map(|(_, count)| count).sum()
    };
    use DeliveryState::{Deferred, Queued, Sending};
    let waiting = of(&[Queued, Deferred]);
    if args.dry_run {
        let total: u64 = counts.iter().map(|(_, count)| count).sum();
        let on_wire = of(&[Sending]);
        let would = Tended { done: waiting, on_wire, ended: total - waiting - on_wire };
        return report(context, args, &counts, would, done);
    }
    if args.ids.is_empty() && !args.yes && waiting > 0 {
        match context.ui.ask(&format!("{verb} {}?", deliveries(waiting)))? {
            Answer::Yes => {}
            Answer::No => {
                eprintln!("paperround: nothing was done");
                return Ok(ExitCode::FAILURE);
            }
            Answer::Nobody => {
                eprintln!(
                    "paperround: {} would be {done}; nothing was done: say --yes, as nobody is \
                     there to ask",
                    deliveries(waiting)
                );
                return Ok(ExitCode::from(2));
            }
        }
    }
    let tended = match drop {
        Some(by) => app.store.drop_waiting(&filter, by, now).await?,
        None => app.store.retry_waiting(&filter, now).await?,
    };
    context.changed.add(tended.done);
    report(context, args, &counts, tended, done)
}

/// Says what was done; 1 where a number was meant that nothing could be done to.
fn report(
    context: &Context,
    args: &TendArgs,
    counts: &[(DeliveryState, u64)],
    tended: Tended,
    done: &str,
) -> anyhow::Result<ExitCode> {
    let known: u64 = counts.iter().map(|(_, count)| count).sum();
    let mut ids = args.ids.clone();
    ids.sort_unstable();
    ids.dedup();
    let unknown = (ids.len() as u64).saturating_sub(known);
    let document = json!({
        "done": tended.done, "on_wire": tended.on_wire, "ended": tended.ended,
        "unknown": unknown, "dry_run": args.dry_run,
    });
    context.ui.document(&document, || {
        let would = if args.dry_run { " would be" } else { "" };
        let mut words = vec![format!("{}{would} {done}", deliveries(tended.done))];
        if tended.on_wire > 0 {
            let count = deliveries(tended.on_wire);
            words.push(format!("{count} left alone: claimed, and may be on the wire now"));
        }
        if tended.ended > 0 {
            let count = deliveries(tended.ended);
            words.push(format!("{count} left alone: ended before; `resend` sends a digest again"));
        }
        if unknown > 0 {
            words.push(format!("{unknown} of these numbers fit no delivery"));
        }
        words.join("; ")
    })?;
    let missed = !args.ids.is_empty() && (unknown > 0 || tended.ended > 0 || tended.on_wire > 0);
    Ok(if missed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn deliveries(count: u64) -> String {
    if count == 1 { "1 delivery".to_owned() } else { format!("{count} deliveries") }
}
