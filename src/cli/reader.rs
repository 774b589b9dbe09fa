//! `subscriber`: the admin's hand on subscriptions.

use std::process::ExitCode;

use comfy_table::Table;
use comfy_table::presets;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::json;

use super::context::Context;
use super::enrol::{self, AddArgs};
use super::roll::{self, ExportArgs, ImportArgs};
use super::ui::{Answer, when};
use super::wish::WishArgs;
use crate::model::{EmailAddress, Lines, SubscriberState, Topics};
use crate::store::{Subscriber, SubscriberFilter, Suppression};
use crate::subscription::{Subscriptions, Wishes};

/// `paperround subscriber`
#[derive(clap::Subcommand, Debug)]
pub(super) enum SubscriberCommand {
    /// Add addresses; pending, unless --confirmed
    Add(AddArgs),
    /// List subscribers
    List(ListArgs),
    /// Show one: where they stand, what they asked for, when the next digest is due
    Show {
        /// Whom
        email: EmailAddress,
    },
    /// Change what one asked for
    Set(SetArgs),
    /// Send one nothing until a day, or until resumed
    Pause {
        /// Whom
        email: EmailAddress,
        /// The day, on their calendar, from which digests come again
        #[arg(long, value_name = "DATE", value_parser = day)]
        until: Option<Date>,
    },
    /// Send a paused or returning one mail again
    Resume {
        /// Whom
        email: EmailAddress,
    },
    /// Unsubscribe one; what waits for them is not sent
    Remove {
        /// Whom
        email: EmailAddress,
    },
    /// Forget one: only a keyed hash is left, among the suppressions
    Erase {
        /// Whom
        email: EmailAddress,
        /// Do not ask; without a terminal nobody is asked
        #[arg(short, long)]
        yes: bool,
    },
    /// Add many from CSV with a header, or JSON lines
    Import(ImportArgs),
    /// Write all of them as CSV or JSON lines
    Export(ExportArgs),
}

#[derive(clap::Args, Debug)]
pub(super) struct SetArgs {
    /// Whom
    email: EmailAddress,
    #[command(flatten)]
    wishes: WishArgs,
    /// All papers again, whatever their topic
    #[arg(long, conflicts_with = "topics")]
    no_topics: bool,
}

#[derive(clap::Args, Debug)]
pub(super) struct ListArgs {
    /// Only pending, active, paused, unsubscribed or suppressed ones
    #[arg(long, value_parser = state)]
    state: Option<SubscriberState>,
    /// Only addresses that hold this text
    contains: Option<String>,
}

fn state(text: &str) -> Result<SubscriberState, String> {
    SubscriberState::from_word(text)
        .ok_or_else(|| "wanted pending, active, paused, unsubscribed or suppressed".to_owned())
}

/// A subscriber as shown, with what they left open filled in from the config.
#[derive(Debug, Serialize)]
pub(super) struct ReaderView {
    email: String,
    state: SubscriberState,
    zone: String,
    rhythm: String,
    hour: Option<String>,
    locale: String,
    lines: Lines,
    topics: Topics,
    max_papers: u32,
    min_votes: u32,
    next_due_at: Option<Timestamp>,
    paused_until: Option<Timestamp>,
    last_digest_day: Option<String>,
    created_at: Timestamp,
    confirmed_at: Option<Timestamp>,
    /// How their mail fares, where some came back.
    #[serde(skip_serializing_if = "Option::is_none")]
    bounces: Option<String>,
    /// Why the address must not be mailed.
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressed: Option<Suppression>,
}

impl ReaderView {
    pub(super) fn of(context: &Context, verbs: &Subscriptions, reader: &Subscriber) -> Self {
        let digest = &context.app.config.digest;
        let preferences = &reader.preferences;
        let timing = verbs.timing(preferences);
        Self {
            email: reader.email.to_string(),
            state: reader.state,
            zone: timing.zone().to_string(),
            rhythm: timing.rhythm().map_or_else(|| digest.schedule.to_string(), |r| r.to_string()),
            hour: timing.hour().map(|hour| hour.to_string()),
            locale: preferences
                .locale
                .as_ref()
                .unwrap_or(&context.app.config.site.locale)
                .to_string(),
            lines: preferences.lines,
            topics: preferences.topics.clone(),
            max_papers: preferences.max_papers.unwrap_or(digest.max_papers),
            min_votes: preferences.min_votes.unwrap_or(digest.min_votes),
            next_due_at: reader.next_due_at,
            paused_until: reader.paused_until,
            last_digest_day: reader.last_digest_day.map(|day| day.to_string()),
            created_at: reader.created_at,
            confirmed_at: reader.confirmed_at,
            bounces: None,
            suppressed: None,
        }
    }

    /// With what takes a look of its own.
    async fn whole(
        context: &Context,
        verbs: &Subscriptions,
        reader: &Subscriber,
    ) -> anyhow::Result<Self> {
        let app = &context.app;
        Ok(Self {
            bounces: app.bounces()?.standing(reader).await?,
            suppressed: app.store.suppression(&verbs.mark_of(&reader.email)).await?,
            ..Self::of(context, verbs, reader)
        })
    }

    fn words(&self) -> String {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        let open = |time: &Option<Timestamp>| time.map_or("-".to_owned(), when);
        for (name, value) in [
            ("email", self.email.clone()),
            ("state", self.state.word().to_owned()),
            ("rhythm", self.rhythm.clone()),
            ("hour", self.hour.clone().unwrap_or_default()),
            ("zone", self.zone.clone()),
            ("language", self.locale.clone()),
            ("full cards", self.max_papers.to_string()),
            ("votes", format!("{} or more", self.min_votes)),
            ("topics", if self.topics.is_empty() { "all".to_owned() } else { self.topics.line() }),
            ("lines", self.lines.to_string()),
            ("next digest", open(&self.next_due_at)),
            ("paused until", open(&self.paused_until)),
            ("last digest", self.last_digest_day.clone().unwrap_or("-".to_owned())),
            ("came", when(self.created_at)),
            ("confirmed", open(&self.confirmed_at)),
        ] {
            table.add_row([name.to_owned(), value]);
        }
        if let Some(bounces) = &self.bounces {
            table.add_row(["bounces".to_owned(), bounces.clone()]);
        }
        if let Some(Suppression { since, reason, detail, .. }) = &self.suppressed {
            let why = format!("since {}: {reason}, {detail}", when(*since));
            table.add_row(["suppressed".to_owned(), why]);
        }
        table.trim_fmt()
    }
}

fn day(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_: jiff::Error| "wanted a date such as 2026-12-24".to_owned())
}

/// Does what was asked of subscribers.
pub(super) async fn run(
    context: &Context,
    command: &SubscriberCommand,
) -> anyhow::Result<ExitCode> {
    let app = &context.app;
    let verbs = app.subscriptions()?;
    match command {
        SubscriberCommand::Add(args) => return enrol::add(context, &verbs, args).await,
        SubscriberCommand::List(args) => return list(context, &verbs, args).await,
        SubscriberCommand::Import(args) => return roll::import(context, &verbs, args).await,
        SubscriberCommand::Export(args) => return roll::export(context, args).await,
        _ => {}
    }
    let email = match command {
        SubscriberCommand::Show { email }
        | SubscriberCommand::Pause { email, .. }
        | SubscriberCommand::Erase { email, .. }
        | SubscriberCommand::Resume { email }
        | SubscriberCommand::Remove { email } => email,
        SubscriberCommand::Set(args) => &args.email,
        _ => return Ok(ExitCode::SUCCESS),
    };
    let Some(reader) = find(context, email).await? else { return Ok(ExitCode::FAILURE) };
    use SubscriberState::{Active, Paused, Pending, Suppressed, Unsubscribed};
    match command {
        SubscriberCommand::Set(args) => {
            let wishes = Wishes(args.wishes.preferences());
            let no_lines = args.wishes.lines.is_some_and(|lines| lines.is_empty());
            if wishes == Wishes::default() && !args.no_topics && !no_lines {
                eprintln!(
                    "paperround: say what to set: --zone, --rhythm, --hour, --max-papers, \
                     --min-votes, --locale, --iso-dates, --lines, --topic or --no-topics"
                );
                return Ok(ExitCode::from(2));
            }
            let mut reader = reader;
            if args.no_topics || no_lines {
                let mut preferences = reader.preferences.clone();
                if args.no_topics {
                    preferences.topics = Topics::default();
                }
                if no_lines {
                    preferences.lines = Lines::default();
                }
                verbs.replace(&reader, preferences.clone()).await?;
                reader.preferences = preferences;
            }
            verbs.set(&reader, &wishes).await?;
            context.changed.add(1);
        }
        SubscriberCommand::Pause { until, .. } => match reader.state {
            Active | Paused => {
                if let Some(Err(wrong)) = until.map(|day| verbs.can_pause_until(&reader, day)) {
                    eprintln!("paperround: {email} is as before: {wrong}");
                    return Ok(ExitCode::from(2));
                }
                verbs.pause(&reader, *until, "paused by an admin").await.map(drop)?;
                context.changed.add(1);
            }
            _ => return refuse(&reader, "only an active one can pause"),
        },
        SubscriberCommand::Resume { .. } => match reader.state {
            Unsubscribed if app.store.suppression(&verbs.mark_of(email)).await?.is_some() => {
                return refuse(&reader, "it must not be mailed; `suppression remove` comes first");
            }
            Paused | Unsubscribed => {
                verbs.resume(&reader, "resumed by an admin").await?;
                context.changed.add(1);
            }
            Active => {}
            Pending => return refuse(&reader, "`subscriber add --confirmed` confirms it"),
            Suppressed => {
                return refuse(&reader, "it must not be mailed; `suppression remove` comes first");
            }
        },
        SubscriberCommand::Remove { .. } => match reader.state {
            // Stays what it is: suppression is the stronger of the two.
            Unsubscribed | Suppressed => {}
            _ => {
                verbs.unsubscribe(&reader, "removed by an admin", false).await?;
                context.changed.add(1);
            }
        },
        SubscriberCommand::Erase { yes, .. } => {
            // A script that names an address means it; at a terminal a slip cannot be taken back.
            let question = format!("forget {email} for good? this cannot be taken back");
            if !yes && context.ui.ask(&question)? == Answer::No {
                eprintln!("paperround: nothing was done");
                return Ok(ExitCode::FAILURE);
            }
            verbs.erase(&reader, "by an admin").await?;
            context.changed.add(1);
            let report = json!({"email": email, "erased": true});
            context.ui.document(&report, || {
                format!("{email}: erased; only a keyed hash is left, in `suppression list`")
            })?;
            return Ok(ExitCode::SUCCESS);
        }
        _ => {}
    }
    let Some(now) = find(context, email).await? else { return Ok(ExitCode::FAILURE) };
    let view = ReaderView::whole(context, &verbs, &now).await?;
    context.ui.document(&view, || view.words())?;
    Ok(ExitCode::SUCCESS)
}

/// The subscriber, or a sentence on stderr.
pub(super) async fn find(
    context: &Context,
    email: &EmailAddress,
) -> anyhow::Result<Option<Subscriber>> {
    let found = context.app.store.subscriber(email).await?;
    if found.is_none() {
        eprintln!("paperround: there is no subscriber {email}");
    }
    Ok(found)
}

fn refuse(reader: &Subscriber, why: &str) -> anyhow::Result<ExitCode> {
    eprintln!("paperround: {} is {}: {why}", reader.email, reader.state.word());
    Ok(ExitCode::FAILURE)
}

async fn list(
    context: &Context,
    verbs: &Subscriptions,
    args: &ListArgs,
) -> anyhow::Result<ExitCode> {
    let filter = SubscriberFilter { state: args.state, contains: args.contains.clone() };
    let mut after = 0;
    let mut first = true;
    loop {
        let page = context.app.store.subscribers(&filter, after, 500).await?;
        let Some(last) = page.last() else { break };
        after = last.id;
        let views = page.iter().map(|reader| ReaderView::of(context, verbs, reader));
        if context.ui.json {
            for view in views {
                context.ui.line(&serde_json::to_string(&view)?)?;
            }
            continue;
        }
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        if first {
            table.set_header(["email", "state", "rhythm", "hour", "zone", "next digest"]);
        }
        for view in views {
            let next = view.next_due_at.map_or("-".to_owned(), when);
            let hour = view.hour.unwrap_or_default();
            table.add_row([
                view.email,
                view.state.word().to_owned(),
                view.rhythm,
                hour,
                view.zone,
                next,
            ]);
        }
        context.ui.line(&table.trim_fmt())?;
        first = false;
    }
    if after == 0 && !context.ui.json {
        let open = filter.state.is_none() && filter.contains.is_none();
        context.ui.line(if open {
            "there is no subscriber yet; `subscriber add` adds one"
        } else {
            "no subscriber is like that"
        })?;
    }
    Ok(ExitCode::SUCCESS)
}
