//! `why`: one person's timeline in one screen, with reasons, and what comes next.

use std::process::ExitCode;

use jiff::civil::Date;
use serde::Serialize;

use super::context::Context;
use super::reader::{ReaderView, find};
use crate::model::{EmailAddress, SubscriberState, Timing};
use crate::store::{Subscriber, TimelineEvent};
use crate::subscription::Subscriptions;

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
    let verbs = Subscriptions::new(&app.config, app.store.clone(), app.clock.clone());
    let timing = verbs.timing(&reader.preferences);
    let mut events = app.store.timeline(&reader).await?;
    let answer = match args.date {
        Some(date) => {
            let of_day = format!("digest of {date}");
            events.retain(|event| {
                timing.zone().civil(event.at).date() == date || event.detail.starts_with(&of_day)
            });
            Some(answer(context, &reader, &timing, date, &events).await?)
        }
        None => None,
    };
    let told = Answer { subscriber: ReaderView::of(context, &verbs, &reader), events, answer };
    context.ui.document(&told, || words(&told, &reader, &timing))?;
    Ok(ExitCode::SUCCESS)
}

fn words(told: &Answer, reader: &Subscriber, timing: &Timing) -> String {
    let mut lines = vec![format!("{}: {}, {}", reader.email, reader.state.word(), timing.words())];
    if told.events.len() > SCREEN {
        lines.push(format!("  … {} earlier; --date D shows a day", told.events.len() - SCREEN));
    }
    for event in &told.events[told.events.len().saturating_sub(SCREEN)..] {
        let local = event.at.to_zoned(timing.zone().rules().clone());
        let at = local.strftime("%Y-%m-%d %H:%M %:z");
        let reason = event.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        lines.push(format!("  {at}  {:<12} {}{reason}", event.what, event.detail));
    }
    lines.push(match (&told.answer, reader.state, reader.next_due_at) {
        (Some(answer), ..) => answer.clone(),
        (None, SubscriberState::Active, Some(next)) => {
            let local = next.to_zoned(timing.zone().rules().clone());
            format!("next digest due {}", local.strftime("%A %Y-%m-%d %H:%M %:z"))
        }
        (None, SubscriberState::Pending, _) => "gets nothing until confirmed".to_owned(),
        (None, state, _) => format!("gets nothing while {}", state.word()),
    });
    lines.join("\n")
}

/// Why there was, or was not, a digest on one local day.
async fn answer(
    context: &Context,
    reader: &Subscriber,
    timing: &Timing,
    date: Date,
    events: &[TimelineEvent],
) -> anyhow::Result<String> {
    let of_day = format!("digest of {date}");
    let ended = |what: &str| {
        events.iter().rev().find(|event| event.what == what && event.detail.starts_with(&of_day))
    };
    let reason = |event: &TimelineEvent| event.reason.clone().unwrap_or_default();
    if let Some(event) = ended("sent") {
        return Ok(format!("{date}: the digest was sent at {}: {}", event.at, reason(event)));
    }
    for what in ["failed", "skipped"] {
        if let Some(event) = ended(what) {
            return Ok(format!("{date}: the digest {what}: {}", reason(event)));
        }
    }
    if let Some(event) = ended("waiting") {
        return Ok(format!("{date}: the digest waits until {}: {}", event.at, reason(event)));
    }
    if let Some(event) = events.iter().find(|event| event.what == "nothing-new") {
        let faults = source_faults(context, timing, date).await?;
        return Ok(format!("{date}: nothing was new: {}{faults}", reason(event)));
    }
    let zone = timing.zone();
    if zone.civil(reader.created_at).date() > date {
        return Ok(format!("{date}: not subscribed yet"));
    }
    if zone.civil(context.app.clock.now()).date() < date {
        return Ok(format!("{date} is yet to come"));
    }
    let eve = date.yesterday()?.to_zoned(zone.rules().clone())?.timestamp();
    let due = timing.next_after(eve, Some(date.yesterday()?));
    if due.is_none_or(|due| zone.civil(due).date() != date) {
        return Ok(format!("{date}: no digest was due: {}", timing.words()));
    }
    if let Some(next) = reader.next_due_at.filter(|next| zone.civil(*next).date() == date) {
        return Ok(format!("{date}: the digest is due at {next} and was not planned yet"));
    }
    Ok(match reader.state {
        SubscriberState::Active => format!(
            "{date}: no digest was planned: the subscription was not active then, or the service \
             did not run{}",
            source_faults(context, timing, date).await?
        ),
        state => format!("{date}: no digest while {}", state.word()),
    })
}

/// What was wrong with the sources on that day.
async fn source_faults(context: &Context, timing: &Timing, date: Date) -> anyhow::Result<String> {
    let mut told = String::new();
    for source in &context.app.config.sources {
        let fetches = context.app.store.last_fetches(&source.name, 500).await?;
        let bad = fetches.iter().find(|fetch| {
            timing.zone().civil(fetch.at).date() == date
                && matches!(fetch.outcome.as_str(), "broken" | "incomplete")
        });
        if let Some(fetch) = bad {
            let reason = fetch.reason.as_deref().unwrap_or("");
            told.push_str(&format!(
                "; {} was {} at {}: {reason}",
                source.name, fetch.outcome, fetch.at
            ));
        }
    }
    Ok(told)
}
