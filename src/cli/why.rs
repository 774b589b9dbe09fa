//! `why`: one person's timeline in one screen, with reasons, and what comes next.

use std::process::ExitCode;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use super::context::Context;
use super::day::Day;
use super::reader::{ReaderView, find};
use crate::model::{EmailAddress, SubscriberState, Timing, Zone};
use crate::store::{Subscriber, TimelineEvent};

/// `paperround why`
#[derive(clap::Args, Debug)]
pub(super) struct WhyArgs {
    email: EmailAddress,
    /// Only this day on the person's own calendar, and an answer for it
    #[arg(long, value_name = "DATE")]
    date: Option<Date>,
}

#[derive(Serialize)]
struct Answer {
    subscriber: ReaderView,
    events: Vec<TimelineEvent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<String>,
}

/// Lines of a timeline that fit one screen.
const SCREEN: usize = 30;

/// Tells what happened to one person and why.
pub(super) async fn why(context: &Context, args: &WhyArgs) -> anyhow::Result<ExitCode> {
    let app = &context.app;
    let Some(reader) = find(context, &args.email).await? else { return Ok(ExitCode::FAILURE) };
    let verbs = app.subscriptions()?;
    let timing = verbs.timing(&reader.preferences);
    let mut events = app.store.timeline(&reader).await?;
    let answer = match args.date {
        Some(date) => {
            let all = std::mem::take(&mut events);
            let day = Day { reader: &reader, timing: &timing, date, events: &all };
            events = all.iter().filter(|event| day.holds(event)).cloned().collect();
            Some(day.answer(context).await?)
        }
        None => None,
    };
    let told = Answer { subscriber: ReaderView::of(context, &verbs, &reader), events, answer };
    context.ui.document(&told, || words(&told, &reader, &timing))?;
    Ok(ExitCode::SUCCESS)
}

/// A moment on the person's own clock.
pub(super) fn local(zone: &Zone, at: Timestamp) -> String {
    at.to_zoned(zone.rules().clone()).strftime("%Y-%m-%d %H:%M %:z").to_string()
}

fn words(told: &Answer, reader: &Subscriber, timing: &Timing) -> String {
    let mut lines = vec![format!("{}: {}, {}", reader.email, reader.state.word(), timing.words())];
    if told.events.len() > SCREEN {
        lines.push(format!("  … {} earlier; --date D shows a day", told.events.len() - SCREEN));
    }
    for event in &told.events[told.events.len().saturating_sub(SCREEN)..] {
        let at = local(timing.zone(), event.at);
        let reason = event.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        lines.push(format!("  {at}  {:<12} {}{reason}", event.what, event.detail));
    }
    lines.push(match (&told.answer, reader.state, reader.next_due_at) {
        (Some(answer), ..) => answer.clone(),
        (None, SubscriberState::Active, Some(next)) => {
            let day = timing.zone().civil(next).strftime("%A").to_string();
            format!("next digest due {day} {}", local(timing.zone(), next))
        }
        (None, SubscriberState::Pending, _) => "gets nothing until confirmed".to_owned(),
        (None, state, _) => format!("gets nothing while {}", state.word()),
    });
    lines.join("\n")
}
