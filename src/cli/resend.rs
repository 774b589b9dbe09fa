//! `resend`: a day's digest once more, to persons who are named or to all who missed it.

use std::process::ExitCode;

use jiff::civil::Date;
use serde_json::json;

use super::context::Context;
use super::ui::Answer;
use crate::model::EmailAddress;
use crate::store::Missed;
use crate::subscription::DayAgain;

/// `paperround resend`
#[derive(clap::Args, Debug)]
#[command(group = clap::ArgGroup::new("whom").required(true))]
pub(super) struct ResendArgs {
    /// The digest's day on its readers' calendars, such as 2026-11-24; or `today`
    #[arg(value_name = "DATE|today", value_parser = day)]
    day: Day,
    /// To these, whether or not they were sent it before; or say --missed
    #[arg(long, value_name = "EMAIL", num_args = 1.., group = "whom")]
    to: Vec<EmailAddress>,
    /// To everybody who missed it: refused, expired, dropped, or bounced without blame
    #[arg(long, group = "whom")]
    missed: bool,
    /// Only say how many there are, and why
    #[arg(long)]
    dry_run: bool,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    /// Why, for the readers' timelines
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
}

#[derive(Clone, Copy, Debug)]
enum Day {
    Today,
    Of(Date),
}

fn day(text: &str) -> Result<Day, String> {
    if text.eq_ignore_ascii_case("today") {
        return Ok(Day::Today);
    }
    text.parse()
        .map(Day::Of)
        .map_err(|_: jiff::Error| "wanted a date such as 2026-11-24, or today".to_owned())
}

/// Sends a day's digest once more.
pub(super) async fn resend(context: &Context, args: &ResendArgs) -> anyhow::Result<ExitCode> {
    let app = &context.app;
    let day = match args.day {
        Day::Of(day) => day,
        Day::Today => app.config.site.time_zone.civil(app.clock.now()).date(),
    };
    let detail = super::by_admin(args.why.as_deref());
    if args.missed {
        missed(context, args, day, &detail).await
    } else {
        to(context, args, day, &detail).await
    }
}

/// To those who are named.
async fn to(
    context: &Context,
    args: &ResendArgs,
    day: Date,
    detail: &str,
) -> anyhow::Result<ExitCode> {
    let verbs = context.app.subscriptions()?;
    let mut all = true;
    for email in &args.to {
        let said = match context.app.store.subscriber(email).await? {
            None => DayAgain::Unknown,
            Some(reader) if args.dry_run => verbs.could_resend(&reader, day).await?,
            Some(reader) => verbs.resend_day(&reader, day, detail).await?,
        };
        let will = said == DayAgain::Enqueued;
        all &= will;
        context.changed.add(u64::from(will && !args.dry_run));
        let line = json!({
            "email": email, "day": day.to_string(), "resent": will && !args.dry_run,
            "result": said.word(), "dry_run": args.dry_run,
        });
        context.ui.document(&line, || {
            let would = if args.dry_run && will { "without --dry-run " } else { "" };
            format!("{email}: {would}{}", said.words(email, day))
        })?;
    }
    Ok(if all { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// To all who missed it.
async fn missed(
    context: &Context,
    args: &ResendArgs,
    day: Date,
    detail: &str,
) -> anyhow::Result<ExitCode> {
    let verbs = context.app.subscriptions()?;
    let missed = context.app.store.missed(day).await?;
    let total = missed.total();
    if !args.dry_run && !args.yes && total > 0 {
        match context.ui.ask(&format!("send the digest of {day} again to {total}?"))? {
            Answer::Yes => {}
            Answer::No => {
                eprintln!("paperround: nothing was done");
                return Ok(ExitCode::FAILURE);
            }
            Answer::Nobody => {
                eprintln!(
                    "paperround: {total} missed the digest of {day}; nothing was done: say --yes, \
                     as nobody is there to ask, or --dry-run for the reasons"
                );
                return Ok(ExitCode::from(2));
            }
        }
    }
    let resent = if args.dry_run { 0 } else { verbs.resend_missed(day, detail).await? };
    context.changed.add(resent);
    let mut document = serde_json::to_value(missed)?;
    document["day"] = day.to_string().into();
    document["missed"] = total.into();
    document["resent"] = resent.into();
    document["dry_run"] = args.dry_run.into();
    context.ui.document(&document, || words(day, &missed, (!args.dry_run).then_some(resent)))?;
    Ok(ExitCode::SUCCESS)
}

/// How many, and why; `resent`: how many it was done to.
fn words(day: Date, missed: &Missed, resent: Option<u64>) -> String {
    if missed.digests() == 0 {
        return format!("there was no digest on {day}");
    }
    let list = |counts: &[(u64, &str)]| {
        let some = counts.iter().filter(|(count, _)| *count > 0);
        some.map(|(count, words)| format!("\n  {count:>8}  {words}")).collect::<String>()
    };
    let head = match resent {
        Some(done) => format!("the digest of {day} goes again to {done}"),
        None => format!("the digest of {day} would go again to {}", missed.total()),
    };
    let to = list(&[
        (missed.failed, "refused for good; the address is still active"),
        (missed.expired, "could not be sent in time"),
        (missed.dropped, "dropped by an admin"),
        (missed.bounced, "taken by a relay, then reported as not delivered"),
    ]);
    let not = list(&[
        (missed.sent, "sent"),
        (missed.waiting, "wait still: `queue list`"),
        (missed.resent, "sent again already, or about to be"),
        (missed.later, "missed it, and had its papers with a later digest"),
        (missed.unwanted, "wanted none when it was due"),
        (missed.gone, "missed it, and have left, are paused or must not be mailed"),
    ]);
    let not = if not.is_empty() { not } else { format!("\nnot to{not}") };
    format!("{head}{to}{not}")
}
