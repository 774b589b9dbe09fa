//! `alarm list` and `alarm test`: what needs a person, and whether they would be told.

use std::process::ExitCode;

use serde_json::json;

use super::context::Context;
use super::ui::when;
use crate::alarms::Kind;
use crate::delivery::{Addressee, Composer, Parts};
use crate::links::Person;
use crate::model::Outcome;
use crate::store::{AlarmRow, NewNotice};

/// `paperround alarm`
#[derive(clap::Subcommand, Debug)]
pub(super) enum AlarmCommand {
    /// List what is open
    List {
        /// Also what is over: the last so many alarms
        #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "50")]
        all: Option<u32>,
    },
    /// Send a test alarm by mail and to every webhook, and say what each answered
    Test,
}

/// Runs it.
pub(super) async fn run(context: &Context, command: &AlarmCommand) -> anyhow::Result<ExitCode> {
    match command {
        AlarmCommand::List { all } => list(context, *all).await,
        AlarmCommand::Test => test(context).await,
    }
}

async fn list(context: &Context, all: Option<u32>) -> anyhow::Result<ExitCode> {
    let store = &context.app.store;
    let rows: Vec<AlarmRow> = match all {
        Some(limit) => store.last_alarms(limit).await?,
        None => store.open_alarms().await?,
    };
    if context.ui.json {
        for row in &rows {
            context.ui.line(&serde_json::to_string(row)?)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    if rows.is_empty() {
        context.ui.line("nothing needs you")?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = context.ui.table(&["alarm", "about", "since", "until", "what"]);
    for row in rows {
        let about = match (row.subject.as_str(), row.place.as_str()) {
            ("", place) => place.to_owned(),
            (subject, "") => subject.to_owned(),
            (subject, place) => format!("{subject} on {place}"),
        };
        let until = row.closed_at.map_or("open".to_owned(), when);
        table.add_row([row.topic, about, when(row.opened_at), until, row.detail]);
    }
    context.ui.line(&table.trim_fmt())?;
    Ok(ExitCode::SUCCESS)
}

/// Tries every way now, past the queue: what is found out is what would happen.
async fn test(context: &Context) -> anyhow::Result<ExitCode> {
    let app = &context.app;
    let (alarms, now) = (app.alarms()?, app.clock.now());
    let (event, notice) = alarms.test(now)?;
    let mut told = Vec::new();
    if let Some(notice) = &notice {
        let to = notice.recipient.as_ref().map_or(String::new(), ToString::to_string);
        let (ok, words) = mail(context, notice).await?;
        told.push((format!("mail to {to}"), ok, words));
    }
    let poster = crate::watch::Poster::new(&app.config)?;
    let names: Vec<String> = poster.names().map(str::to_owned).collect();
    for name in names {
        let (ok, words) = match poster.tell(&name, &event).await {
            Ok(()) => {
                // That it did not is over, if it was told.
                alarms.over(Kind::WebhookFailing, &name, now).await?;
                (true, "it took it".to_owned())
            }
            Err(error) => (false, error.to_string()),
        };
        told.push((format!("webhook {name}"), ok, words));
    }
    let ways: Vec<_> = told
        .iter()
        .map(|(way, ok, words)| json!({"way": way, "told": ok, "reply": words}))
        .collect();
    context.ui.document(&json!({"ways": ways}), || {
        if told.is_empty() {
            return "nobody is told: name admin.alarms_to or a section [[admin.webhooks]]".into();
        }
        let line = |(way, ok, words): &(String, bool, String)| {
            format!("{way}: {}: {words}", if *ok { "told" } else { "not told" })
        };
        told.iter().map(line).collect::<Vec<_>>().join("\n")
    })?;
    let good = !told.is_empty() && told.iter().all(|(_, ok, _)| *ok);
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::from(69) })
}

async fn mail(context: &Context, notice: &NewNotice) -> anyhow::Result<(bool, String)> {
    let app = &context.app;
    let letter = &notice.letter;
    let parts = Parts {
        kind: letter.kind,
        marker: &letter.marker,
        subject: &letter.subject,
        html: &letter.html,
        text: &letter.text,
        day: None,
        letterhead: &letter.letterhead,
    };
    let Some(to) = &notice.recipient else { return Ok((false, "nobody".to_owned())) };
    let now = app.clock.now();
    let id = format!("alarm-{}", now.as_microsecond());
    let of = Addressee { id: &id, to, person: Person::default(), date: now, answers: None };
    let mail = Composer::new(&app.config, app.key.clone()).mail(&parts, &of)?;
    Ok(match app.postman().await?.send_one(&mail).await {
        Outcome::Sent(reply) => (true, reply),
        Outcome::Deferred(reply) | Outcome::Failed(reply) | Outcome::RelayDown(reply) => {
            (false, reply)
        }
    })
}
