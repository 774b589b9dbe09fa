//! `preview` and `send-test`: looking before anything is sent.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use serde_json::json;

use super::context::Context;
use crate::delivery::{Addressee, Composed, Composer, Parts};
use crate::digest::Preview;
use crate::model::{EmailAddress, MailKind, Outcome};

/// `paperround preview`
#[derive(clap::Args, Debug)]
pub(super) struct PreviewArgs {
    /// The subscriber [default: one without wishes of their own]
    #[arg(long = "as", value_name = "EMAIL")]
    reader: Option<EmailAddress>,
    /// Which part
    #[arg(long, value_enum, default_value_t = Format::Html)]
    format: Format,
    /// Write it there instead of to the standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// A part of a mail, or all of it.
#[derive(clap::ValueEnum, Clone, Copy, Debug)]
enum Format {
    Html,
    Text,
    Eml,
}

impl Format {
    fn word(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Text => "text",
            Self::Eml => "eml",
        }
    }
}

/// `paperround send-test`
#[derive(clap::Args, Debug)]
pub(super) struct SendTestArgs {
    /// Who gets it; they need not be a subscriber
    address: EmailAddress,
}

/// Who is shown to get the mail of nobody in particular.
const ANYBODY: &str = "reader@example.org";

/// Shows the mail that a reader would get now.
pub(super) async fn preview(context: &Context, args: &PreviewArgs) -> anyhow::Result<ExitCode> {
    let app = &context.app;
    if let Some(reader) = &args.reader
        && super::reader::find(context, reader).await?.is_none()
    {
        return Ok(ExitCode::FAILURE);
    }
    let Some(found) = app.planner()?.preview(args.reader.as_ref()).await? else {
        return Ok(nothing_new(args.reader.as_ref()));
    };
    let to = match &args.reader {
        Some(reader) => reader.clone(),
        None => ANYBODY.parse()?,
    };
    let mail = composed(context, "preview", &to, &found).await?;
    let part = match args.format {
        Format::Eml => mail.message.into_bytes(),
        Format::Html | Format::Text => {
            let parser = mail_parser::MessageParser::default();
            let parsed =
                parser.parse(mail.message.as_bytes()).context("the mail cannot be read back")?;
            let part = match args.format {
                Format::Html => parsed.body_html(0),
                _ => parsed.body_text(0),
            };
            part.context("the mail lacks that part")?.into_owned().into_bytes()
        }
    };
    if let Some(path) = &args.output {
        std::fs::write(path, &part).with_context(|| format!("cannot write {}", path.display()))?;
    }
    if context.ui.json {
        let mut document = json!({
            "to": to, "subject": found.digest.subject, "format": args.format.word(),
        });
        match &args.output {
            Some(path) => document["output"] = path.display().to_string().into(),
            None => document["content"] = String::from_utf8_lossy(&part).into(),
        }
        context.ui.line(&document.to_string())?;
    } else if args.output.is_none() {
        std::io::Write::write_all(&mut std::io::stdout(), &part)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Sends that mail through the real relay.
pub(super) async fn send_test(context: &Context, args: &SendTestArgs) -> anyhow::Result<ExitCode> {
    let app = &context.app;
    let known = app.store.subscriber(&args.address).await?.is_some();
    let planner = app.planner()?;
    let mut found = None;
    if known {
        found = planner.preview(Some(&args.address)).await?;
    }
    // Nothing new to them, or a stranger: what a new reader would get.
    if found.is_none() {
        found = planner.preview(None).await?;
    }
    let Some(found) = found else { return Ok(nothing_new(None)) };
    let id = format!("test-{}", app.clock.now().as_microsecond());
    let mail = composed(context, &id, &args.address, &found).await?;
    let (ok, words) = match app.postman().await?.send_one(&mail).await {
        Outcome::Sent(reply) => (true, reply),
        Outcome::Deferred(reply) | Outcome::Failed(reply) | Outcome::RelayDown(reply) => {
            (false, reply)
        }
    };
    let report = json!({"email": args.address, "sent": ok, "reply": words});
    context.ui.document(&report, || {
        if ok {
            format!("{}: sent: {words}", args.address)
        } else {
            format!("{}: not sent: {words}", args.address)
        }
    })?;
    Ok(if ok { ExitCode::SUCCESS } else { ExitCode::from(69) })
}

fn nothing_new(reader: Option<&EmailAddress>) -> ExitCode {
    match reader {
        Some(reader) => eprintln!("paperround: nothing is new to {reader}: no mail would be sent"),
        None => eprintln!("paperround: there are no papers yet; `paperround fetch` first"),
    }
    ExitCode::FAILURE
}

async fn composed(
    context: &Context,
    id: &str,
    to: &EmailAddress,
    found: &Preview,
) -> anyhow::Result<Composed> {
    let app = &context.app;
    let person = app.store.subscriber(to).await?.map(|reader| reader.person());
    let parts = Parts {
        kind: MailKind::Digest,
        marker: &found.digest.marker,
        subject: &found.digest.subject,
        html: &found.digest.html,
        text: &found.digest.text,
        day: Some(found.day),
        letterhead: &found.digest.letterhead,
    };
    let composer = Composer::new(&app.config, app.key.clone());
    let person = person.unwrap_or_default();
    let of = Addressee { id, to, person, date: app.clock.now(), answers: None };
    Ok(composer.mail(&parts, &of)?)
}
