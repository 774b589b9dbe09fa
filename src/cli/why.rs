//! `why`: one person's timeline in one screen, with reasons, an answer, and what comes next.

use std::process::ExitCode;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::json;

use super::context::Context;
use super::reader::ReaderView;
use crate::model::{EmailAddress, Zone};
use crate::store::TimelineEvent;
use crate::subscription::{Answer, Cause, Story};

/// `paperround why`
#[derive(clap::Args, Debug)]
pub(super) struct WhyArgs {
    /// Whose timeline; of who is no subscriber, what is known of the address
    email: EmailAddress,
    /// Only this day on the person's own calendar, and an answer for it
    #[arg(long, value_name = "DATE")]
    date: Option<Date>,
    /// Only what happened from then on: a date on their calendar, or a time
    #[arg(long, value_name = "TIME", conflicts_with = "date", value_parser = moment)]
    since: Option<Moment>,
    /// Only what happened until then: a date on their calendar, or a time
    #[arg(long, value_name = "TIME", conflicts_with = "date", value_parser = moment)]
    until: Option<Moment>,
    /// Only what is called so, such as sent, deferred, bounced, preferences; may be given several
    /// times
    #[arg(long = "kind", value_name = "WORD")]
    kinds: Vec<String>,
    /// The whole timeline, however long
    #[arg(long)]
    all: bool,
}

#[derive(Clone, Copy, Debug)]
enum Moment {
    Day(Date),
    At(Timestamp),
}

fn moment(text: &str) -> Result<Moment, String> {
    let day = text.parse().map(Moment::Day).ok().filter(|_| text.len() == "2026-11-24".len());
    day.or_else(|| text.parse().map(Moment::At).ok()).ok_or_else(|| {
        "wanted a date such as 2026-11-24, or a time such as 2026-11-24T08:00:00Z".to_owned()
    })
}

#[derive(Serialize)]
struct Told<'a> {
    subscriber: ReaderView,
    events: Vec<&'a TimelineEvent>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    answer: Option<&'a Answer>,
}

/// What events are called.
const KINDS: [&str; 29] = [
    "subscribed",
    "asked",
    "active",
    "pending",
    "paused",
    "unsubscribed",
    "suppressed",
    "moving",
    "moved",
    "preferences",
    "taste",
    "resend",
    "mail",
    "planned",
    "nothing-new",
    "waiting",
    "sent",
    "deferred",
    "relay-down",
    "failed",
    "skipped",
    "doubtful",
    "bounced",
    "complained",
    "arrived",
    "answered",
    "delayed",
    "probed",
    "reached",
];

/// Lines of a timeline that fit one screen, beside the answer.
const SCREEN: usize = 16;

/// Tells what happened to one person and why.
pub(super) async fn why(context: &Context, args: &WhyArgs) -> anyhow::Result<ExitCode> {
    let app = &context.app;
    let verbs = app.subscriptions()?;
    let Some(reader) = app.store.subscriber(&args.email).await? else {
        let answer = verbs.nobody(&args.email).await?;
        if answer.cause == Cause::Unknown {
            eprintln!("paperround: {}", answer.answer);
            return Ok(ExitCode::FAILURE);
        }
        let mut document = serde_json::to_value(&answer)?;
        document["subscriber"] = json!(null);
        document["events"] = json!([]);
        context.ui.document(&document, || answered(&answer).join("\n"))?;
        return Ok(ExitCode::SUCCESS);
    };
    let story = verbs.story(&reader, args.date).await?;
    let shown: Vec<&TimelineEvent> =
        story.events.iter().filter(|event| args.shows(event, story.zone())).collect();
    let head = format!("{}: {}, {}", reader.email, reader.state.word(), story.rhythm);
    if let Some(word) = args.unknown(&story.events) {
        eprintln!(
            "paperround: --kind: nothing in a timeline is called {word}: wanted one of {}",
            KINDS.join(", ")
        );
        return Ok(ExitCode::from(2));
    }
    let told = Told {
        subscriber: ReaderView::of(context, &verbs, &reader),
        answer: args.date.map(|_| &story.answer),
        events: shown,
    };
    context.ui.document(&told, || words(&head, &story, &told.events, args))?;
    Ok(ExitCode::SUCCESS)
}

impl WhyArgs {
    /// A kind that is asked for and that there is not. One that stands in the timeline is taken,
    /// whichever version of ours has noted it.
    fn unknown(&self, events: &[TimelineEvent]) -> Option<&str> {
        let known =
            |word: &str| KINDS.contains(&word) || events.iter().any(|event| event.what == word);
        self.kinds.iter().map(String::as_str).find(|word| !known(word))
    }

    fn shows(&self, event: &TimelineEvent, zone: &Zone) -> bool {
        let start = |day: Date| day.to_zoned(zone.rules().clone()).map(|at| at.timestamp());
        let since = self.since.is_none_or(|since| match since {
            Moment::At(at) => event.at >= at,
            Moment::Day(day) => start(day).is_ok_and(|from| event.at >= from),
        });
        let until = self.until.is_none_or(|until| match until {
            Moment::At(at) => event.at <= at,
            Moment::Day(day) => day.tomorrow().and_then(start).is_ok_and(|end| event.at < end),
        });
        let kind = self.kinds.is_empty() || self.kinds.contains(&event.what);
        since && until && kind
    }
}

/// The answer and what belongs to it.
fn answered(answer: &Answer) -> Vec<String> {
    let mut lines = vec![answer.answer.clone()];
    lines.extend(answer.facts.iter().map(|fact| format!("  · {fact}")));
    lines
}

fn words(head: &str, story: &Story, events: &[&TimelineEvent], args: &WhyArgs) -> String {
    let mut lines = vec![head.to_owned(), String::new()];
    lines.extend(answered(&story.answer));
    lines.push(String::new());
    let most = if args.all { events.len() } else { SCREEN };
    if events.len() > most {
        let more = events.len() - most;
        lines.push(format!("  … {more} earlier; --all shows them, --date D a day"));
    }
    for event in &events[events.len().saturating_sub(most)..] {
        let at = story.local(event.at);
        let reason = event.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        lines.push(format!("  {at}  {:<12} {}{reason}", event.what, event.detail));
    }
    if events.is_empty() {
        let of = if args.date.is_some() { "that day" } else { "what was asked for" };
        lines.push(format!("  nothing of {of} in the timeline"));
    }
    lines.push(String::new());
    lines.push(story.next.clone());
    lines.join("\n")
}
