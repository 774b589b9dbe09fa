//! `suppression`: who must not be mailed, since when and why; carried in and out.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use jiff::Timestamp;
use serde_json::json;

use super::context::Context;
use super::ui::when;
use crate::model::{EmailAddress, Span};
use crate::store::{NewSuppression, Suppression, SuppressionFilter};
use crate::subscription::Subscriptions;

/// `paperround suppression`
#[derive(clap::Subcommand, Debug)]
pub(super) enum SuppressionCommand {
    /// List suppressed addresses; of those who were erased, a keyed hash
    List(ListArgs),
    /// Say whether an address is suppressed, since when and why
    Check {
        /// The address
        email: EmailAddress,
    },
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
    /// Add many: an address a line, or CSV with a header that has `email`
    Import {
        /// The file; - for standard input
        file: PathBuf,
        /// Why, for the list, where the file does not say
        #[arg(long, default_value = "from a file, by an admin")]
        why: String,
        /// Read and check; store nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Write the list as CSV; of those who were erased, the keyed hash is all there is
    Export {
        /// Write it there instead of to the standard output
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

#[derive(clap::Args, Debug)]
pub(super) struct ListArgs {
    /// Only those for this reason: bounce, complaint, admin or erased
    #[arg(long)]
    reason: Option<String>,
    /// Only addresses of this domain
    #[arg(long)]
    domain: Option<String>,
    /// Only those of so long ago or less, such as 7d
    #[arg(long, value_name = "SPAN")]
    since: Option<Span>,
    /// Only this address
    #[arg(long)]
    email: Option<EmailAddress>,
}

/// Our reasons; a file that was imported may have had others.
const REASONS: [&str; 4] = ["bounce", "complaint", "admin", "erased"];

/// The reason that is asked for, where it is none of ours.
fn unknown(args: &ListArgs) -> Option<&str> {
    args.reason.as_deref().filter(|word| !REASONS.contains(word))
}

/// Rows entered in one unit.
const BATCH: usize = 1_000;

/// Does what was asked of suppressions.
pub(super) async fn run(
    context: &Context,
    command: &SuppressionCommand,
) -> anyhow::Result<ExitCode> {
    let app = &context.app;
    let verbs = app.subscriptions()?;
    match command {
        SuppressionCommand::List(args) => return list(context, &verbs, args).await,
        SuppressionCommand::Check { email } => return check(context, &verbs, email).await,
        SuppressionCommand::Import { file, why, dry_run } => {
            return import(context, &verbs, file, why, *dry_run).await;
        }
        SuppressionCommand::Export { output } => return export(context, output.as_ref()).await,
        SuppressionCommand::Add { email, why } => {
            let now = app.clock.now();
            let new = app.store.suppress(email, &verbs.mark_of(email), "admin", why, now).await?;
            context.changed.add(u64::from(new));
            let report = json!({"email": email, "suppressed": true, "new": new});
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
            context.changed.add(1);
            let report = json!({"email": email, "suppressed": false});
            context.ui.document(&report, || format!("{email}: no longer suppressed"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(
    context: &Context,
    verbs: &Subscriptions,
    args: &ListArgs,
) -> anyhow::Result<ExitCode> {
    let store = &context.app.store;
    let now = context.app.clock.now();
    let filter = SuppressionFilter {
        reason: args.reason.clone(),
        domain: args.domain.clone(),
        since: args.since.map(|span| now.saturating_sub(span.signed()).unwrap_or(now)),
    };
    let mut header = &["address", "since", "reason", "detail"][..];
    let mut after = String::new();
    loop {
        let page = match &args.email {
            Some(email) => store.suppression(&verbs.mark_of(email)).await?.into_iter().collect(),
            None => store.suppressions_like(&filter, &after, 500).await?,
        };
        let first = !header.is_empty();
        let Some(last) = page.last() else {
            if first && let Some(word) = unknown(args) {
                eprintln!(
                    "paperround: no address is suppressed for the reason {word}: wanted one of {}",
                    REASONS.join(", ")
                );
                return Ok(ExitCode::from(2));
            }
            if first && !context.ui.json {
                context.ui.line("no address is suppressed like that")?;
            }
            return Ok(ExitCode::SUCCESS);
        };
        after.clone_from(&last.mark);
        if context.ui.json {
            header = &[];
            for one in &page {
                context.ui.line(&serde_json::to_string(one)?)?;
            }
        } else {
            let mut table = context.ui.table(std::mem::take(&mut header));
            for one in page {
                let who = one.email.unwrap_or_else(|| format!("(hash {})", one.mark));
                table.add_row([who, when(one.since), one.reason, one.detail]);
            }
            context.ui.line(&table.trim_fmt())?;
        }
        if args.email.is_some() {
            return Ok(ExitCode::SUCCESS);
        }
    }
}

async fn check(
    context: &Context,
    verbs: &Subscriptions,
    email: &EmailAddress,
) -> anyhow::Result<ExitCode> {
    let found = context.app.store.suppression(&verbs.mark_of(email)).await?;
    let report = json!({"email": email, "suppressed": found.is_some(), "suppression": found});
    context.ui.document(&report, || match &found {
        None => format!("{email}: not suppressed"),
        Some(Suppression { since, reason, detail, .. }) => {
            format!("{email}: suppressed since {}: {reason}: {detail}", when(*since))
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

/// A row of a file.
#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Row {
    email: String,
    hash: String,
    reason: String,
    detail: String,
}

/// Takes a file in. Exit code 65 when some row was bad; the good ones are taken all the same.
async fn import(
    context: &Context,
    verbs: &Subscriptions,
    file: &Path,
    why: &str,
    dry_run: bool,
) -> anyhow::Result<ExitCode> {
    let mut text = String::new();
    let name = file.display();
    let mut input: Box<dyn Read + Send> = match file.as_os_str() == "-" {
        true => Box::new(std::io::stdin()),
        false => Box::new(File::open(file).with_context(|| format!("cannot open {name}"))?),
    };
    input.read_to_string(&mut text).with_context(|| format!("cannot read {name}"))?;
    let text = text.trim_start_matches('\u{FEFF}');
    let first = text.lines().next().unwrap_or_default().to_lowercase();
    let has_header = first.split([',', ';', '\t']).any(|word| word.trim_matches('"') == "email");
    let with_header = if has_header { text.to_owned() } else { format!("email\n{text}") };
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(with_header.as_bytes());
    let (mut rows, mut bad, mut added) = (0_u64, 0_u64, 0);
    let mut batch: Vec<NewSuppression> = Vec::new();
    let now = context.app.clock.now();
    for row in reader.deserialize::<Row>() {
        rows += 1;
        match row.map_err(|error| error.to_string()).and_then(|row| meant(verbs, row, why)) {
            Ok(one) => batch.push(one),
            Err(fault) => {
                bad += 1;
                eprintln!("{name}: row {rows}: {fault}");
            }
        }
        if batch.len() == BATCH && !dry_run {
            added += context.app.store.suppress_all(&batch, now).await?;
            batch.clear();
        }
    }
    if !dry_run {
        added += context.app.store.suppress_all(&batch, now).await?;
    }
    context.changed.add(added);
    let good = rows - bad;
    let report =
        json!({"rows": rows, "good": good, "rejected": bad, "new": added, "dry_run": dry_run});
    context.ui.document(&report, || match dry_run {
        true => format!("{rows} rows: {good} would be suppressed, {bad} rejected"),
        false => format!(
            "{rows} rows: {added} suppressed, {} were already, {bad} rejected",
            good - added
        ),
    })?;
    Ok(if bad > 0 { ExitCode::from(65) } else { ExitCode::SUCCESS })
}

/// What a row means.
fn meant(verbs: &Subscriptions, row: Row, why: &str) -> Result<NewSuppression, String> {
    let or = |text: String, other: &str| if text.is_empty() { other.to_owned() } else { text };
    let (reason, detail) = (or(row.reason, "admin"), or(row.detail, why));
    if !row.email.is_empty() {
        let email: EmailAddress = row.email.parse().map_err(|fault| format!("{fault}"))?;
        let mark = verbs.mark_of(&email);
        return Ok(NewSuppression { email: Some(email), mark, reason, detail });
    }
    // Made with this server's key, or it holds for nobody.
    if row.hash.len() == 32 && row.hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(NewSuppression { email: None, mark: row.hash, reason, detail });
    }
    Err("neither an address nor a keyed hash".to_owned())
}

/// Writes the list as [`import`] reads it.
async fn export(context: &Context, output: Option<&PathBuf>) -> anyhow::Result<ExitCode> {
    let out: Box<dyn Write + Send> = match output {
        None => Box::new(std::io::stdout()),
        Some(path) => Box::new(
            File::create(path).with_context(|| format!("cannot write {}", path.display()))?,
        ),
    };
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(["email", "hash", "since", "reason", "detail"])?;
    let (mut after, mut all, mut hashes) = (String::new(), 0_u64, 0_u64);
    loop {
        let page = context.app.store.suppressions(&after, 1_000).await?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.mark);
        for one in &page {
            all += 1;
            hashes += u64::from(one.email.is_none());
            let since: Timestamp = one.since;
            let hash = if one.email.is_none() { one.mark.as_str() } else { "" };
            let email = one.email.as_deref().unwrap_or_default();
            let since = since.to_string();
            writer.write_record([email, hash, &since, &one.reason, &one.detail])?;
        }
    }
    writer.flush()?;
    if hashes > 0 {
        eprintln!(
            "paperround: {hashes} of {all} are keyed hashes of erased addresses: no other program \
             can read them, and they hold with this server's key alone"
        );
    }
    Ok(ExitCode::SUCCESS)
}
