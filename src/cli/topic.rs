//! `topic try`: which recent papers a topic finds, and what of them it matched, before anybody
//! follows it. Changes nothing.

use std::cmp::Reverse;
use std::process::ExitCode;

use comfy_table::Table;
use comfy_table::presets;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::context::Context;
use crate::model::{Batch, Hit, Topic};
use crate::render::{readable, shorten};
use crate::store::Listed;

/// `paperround topic`
#[derive(clap::Subcommand, Debug)]
pub(super) enum TopicCommand {
    /// Show the recent papers that a topic matches, and which of their words it found
    Try(TryArgs),
}

#[derive(clap::Args, Debug)]
pub(super) struct TryArgs {
    /// Words, "phrases", OR, -not, (parentheses), title: abstract: author: org: keyword:,
    /// votes>=20, stars>=20, has:code
    #[arg(allow_hyphen_values = true)]
    query: String,
    /// How far to look back
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3_650))]
    days: u32,
    /// The most papers shown; all are counted
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
}

/// The most papers that are looked through.
const PAPERS: u32 = 100_000;
/// Longest title in the table, in characters.
const TITLE: usize = 70;

#[derive(Serialize)]
struct Tried {
    topic: Topic,
    days: u32,
    /// Papers first listed in these days.
    papers: usize,
    matched: usize,
    /// The matched papers, those with the most votes first, up to the limit.
    shown: Vec<Shown>,
}

#[derive(Serialize)]
struct Shown {
    id: String,
    /// The day on which it was first listed, in the site's zone.
    date: Date,
    votes: u32,
    title: String,
    url: String,
    words: Vec<Hit>,
}

/// Does what was asked of topics.
pub(super) async fn run(context: &Context, command: &TopicCommand) -> anyhow::Result<ExitCode> {
    let TopicCommand::Try(args) = command;
    let topic: Topic = match args.query.parse() {
        Ok(topic) => topic,
        Err(fault) => {
            eprintln!("paperround: the topic cannot be read\n{}", fault.pointing(&args.query));
            return Ok(ExitCode::from(2));
        }
    };
    let tried = tried(context, &topic, args).await?;
    context.ui.document(&tried, || words(&tried))?;
    Ok(ExitCode::SUCCESS)
}

async fn tried(context: &Context, topic: &Topic, args: &TryArgs) -> anyhow::Result<Tried> {
    let app = &context.app;
    let now = app.clock.now();
    let back = SignedDuration::from_hours(24 * i64::from(args.days));
    let since = now.saturating_sub(back).unwrap_or(Timestamp::MIN);
    let end = now.saturating_add(SignedDuration::from_micros(1)).unwrap_or(Timestamp::MAX);
    let papers = app.store.listed(since, end, PAPERS).await?;
    let mask = Batch::new(papers.iter().map(|one| &one.paper)).matches(topic);
    let mut matched: Vec<&Listed> = papers
        .iter()
        .enumerate()
        .filter(|(place, _)| mask.holds(*place))
        .map(|(_, one)| one)
        .collect();
    matched.sort_by_key(|one| Reverse((one.paper.votes.unwrap_or(0), one.first_listed_at)));
    let shown = |one: &&Listed| Shown {
        id: one.paper.id.to_string(),
        date: app.config.site.time_zone.civil(one.first_listed_at).date(),
        votes: one.paper.votes.unwrap_or(0),
        title: shorten(&readable(&one.paper.title), 300),
        url: one.paper.url.clone(),
        words: topic.hits(&one.paper).unwrap_or_default(),
    };
    Ok(Tried {
        days: args.days,
        papers: papers.len(),
        matched: matched.len(),
        shown: matched.iter().take(args.limit as usize).map(shown).collect(),
        topic: topic.clone(),
    })
}

fn words(tried: &Tried) -> String {
    let Tried { days, papers, matched, shown, .. } = tried;
    let mut lines = Vec::new();
    if !shown.is_empty() {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_header(["listed", "votes", "title", "matched"]);
        for one in shown {
            let hits: Vec<String> =
                one.words.iter().map(|hit| format!("{}: {}", hit.place, hit.words)).collect();
            table.add_row([
                one.date.to_string(),
                one.votes.to_string(),
                shorten(&one.title, TITLE),
                hits.join("; "),
            ]);
        }
        lines.push(table.trim_fmt());
    }
    lines.push(match (matched, papers) {
        (_, 0) => format!("no paper was listed in the last {days} days"),
        (0, _) => format!("none of the {papers} papers of the last {days} days matches"),
        _ => format!("{matched} of the {papers} papers of the last {days} days match"),
    });
    if *matched > shown.len() {
        lines.push(format!(
            "the {} with the most votes are shown; --limit N shows more",
            shown.len()
        ));
    }
    lines.join("\n")
}
