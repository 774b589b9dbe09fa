//! `demo`: the whole product with nothing set up. The bundled sample page, a database in a
//! folder, a local inbox instead of a relay, and the site. Never uses the network.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::ui::Ui;
use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::model::{EmailAddress, FetchOutcome, Preferences};
use crate::scheduler::Scheduler;
use crate::source;
use crate::subscription::Origin;
use crate::telemetry::{self, Volume};
use crate::web;

/// The bundled page, in the format of the real one.
const SAMPLE: &[u8] = include_bytes!("../../sample/trending.html");
const READER: &str = "reader@paperround.example";

/// `paperround demo`
#[derive(clap::Args, Debug)]
pub(super) struct DemoArgs {
    /// Print where the mail lies, and exit
    #[arg(long)]
    once: bool,
    /// Where everything lies [default: a fresh temporary folder]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Where the site listens [default: 127.0.0.1:8080, or a free port]
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
}

/// What the demo did.
#[derive(Debug, Serialize)]
struct DemoReport {
    folder: PathBuf,
    config: PathBuf,
    papers: i64,
    reader: &'static str,
    eml: PathBuf,
    html: PathBuf,
    inbox: Option<String>,
}

/// Takes one sample reader from the page to the inbox, and stays up with the site.
pub(super) async fn demo(
    ui: &Ui,
    args: &DemoArgs,
    clock: Clock,
    volume: Volume,
) -> anyhow::Result<ExitCode> {
    let folder = match &args.dir {
        Some(folder) => folder.clone(),
        None => fresh_folder()?,
    };
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let folder = folder.canonicalize()?;
    let listener = if args.once { None } else { Some(listen(args.listen).await?) };
    let address = match &listener {
        Some(listener) => listener.local_addr()?,
        None => SocketAddr::from(([127, 0, 0, 1], 8080)),
    };
    let config_file = folder.join("paperround.toml");
    let text = config_text(address);
    std::fs::write(&config_file, &text)
        .with_context(|| format!("cannot write {}", config_file.display()))?;
    let loaded = Config::parse(&text, &config_file, std::iter::empty())?;
    // Its own words tell what it does; the log speaks of trouble only.
    let volume = if volume == Volume::Configured { Volume::Quiet } else { volume };
    telemetry::start(&loaded.config.log, &loaded.config.telemetry, volume);
    let app = App::open(loaded.config, clock).await?;
    let inbox = folder.join("inbox");

    let page = folder.join("trending.html");
    std::fs::write(&page, SAMPLE).with_context(|| format!("cannot write {}", page.display()))?;
    let Some(sample) = app.config.sources.first() else { bail!("the demo has a source") };
    let fetched = app.collector()?.collect_once(sample, Some(&source::Origin::File(page))).await?;
    if !matches!(fetched.outcome, FetchOutcome::Good | FetchOutcome::Unchanged) {
        bail!("the bundled page could not be read: {fetched}");
    }
    let mut scheduler = app.scheduler().await?;
    // The bundled page is all there is: nothing is asked of the network.
    scheduler.sources.clear();
    subscribe(&app, &scheduler, &inbox).await?;
    let (eml, html) = newest_mail(&inbox)?;
    let report = DemoReport {
        folder: folder.clone(),
        config: config_file,
        papers: app.store.count_papers().await?,
        reader: READER,
        eml,
        html,
        inbox: listener.as_ref().map(|_| format!("http://{address}/inbox")),
    };
    ui.document(&report, || told(&report))?;
    let Some(listener) = listener else { return Ok(ExitCode::SUCCESS) };

    let stop = super::context::stop_on_signals();
    let looping = tokio::spawn({
        let stop = stop.clone();
        async move { scheduler.run(stop).await }
    });
    web::serve(listener, app.site(Some(inbox))?, stop).await?;
    looping.await?;
    app.close().await;
    Ok(ExitCode::SUCCESS)
}

/// Subscribes the sample reader as anybody subscribes: asks, finds the link in the mail that
/// comes, confirms by it, and gets the first digest.
async fn subscribe(app: &App, scheduler: &Scheduler, inbox: &Path) -> anyhow::Result<()> {
    let verbs = app.subscriptions()?;
    let reader: EmailAddress = READER.parse()?;
    if app.store.subscriber(&reader).await?.is_some_and(|one| one.confirmed_at.is_some()) {
        // An earlier demo in the same folder got as far.
        scheduler.planner.plan_once(|_| ()).await?;
        scheduler.postman.drain_once(&CancellationToken::new(), &|_| ()).await?;
        return Ok(());
    }
    let origin = Origin { how: "web", from: None, quick: false };
    verbs.subscribe(&reader, &Preferences::default(), origin).await?;
    scheduler.postman.drain_once(&CancellationToken::new(), &|_| ()).await?;
    let token = token_in(&std::fs::read(newest_file(inbox)?)?)?;
    if verbs.confirm(&token, origin).await?.is_none() {
        bail!("the link in the confirm mail does not work");
    }
    scheduler.planner.plan_once(|_| ()).await?;
    scheduler.postman.drain_once(&CancellationToken::new(), &|_| ()).await?;
    Ok(())
}

/// The token of the confirm link in a mail.
fn token_in(mail: &[u8]) -> anyhow::Result<String> {
    let mail = mail_parser::MessageParser::default().parse(mail).context("the mail is broken")?;
    let text = mail.body_text(0).context("the mail has no text part")?;
    let link = text.split_whitespace().find_map(|word| word.split_once("/confirm/"));
    let (_, token) = link.context("the mail holds no confirm link")?;
    Ok(token.to_owned())
}

fn told(report: &DemoReport) -> String {
    let mut lines = vec![
        format!("Read {} papers from the bundled sample page.", report.papers),
        format!("{} subscribed, confirmed by the mail that came, and was sent:", report.reader),
        format!("  mail  {}", report.eml.display()),
        format!("  html  {}", report.html.display()),
    ];
    if let Some(inbox) = &report.inbox {
        lines.push(String::new());
        lines.push(format!("Read it in the inbox:     {inbox}"));
        lines.push(format!("Or subscribe yourself at: {}", inbox.trim_end_matches("inbox")));
        lines.push("For the admin pages, make an account in another terminal:".to_owned());
        lines.push(format!("  paperround -c {} admin add me", report.config.display()));
        lines.push("Ctrl-C ends the demo.".to_owned());
    }
    lines.push(String::new());
    lines.push("Next, ask it what happened, or set up your own:".to_owned());
    lines.push(format!("  paperround -c {} why {}", report.config.display(), report.reader));
    lines.push("  paperround init".to_owned());
    lines.join("\n")
}

fn config_text(address: SocketAddr) -> String {
    format!(
        r#"# Written by `paperround demo`.
[site]
title = "Paper Round"
url = "http://{address}"
data_dir = "data"

[server]
listen = "{address}"

[[sources]]
name = "sample"
kind = "huggingface"
url = "https://huggingface.co/papers/trending"

[mail]
from = "Paper Round <papers@paperround.example>"

[[mail.relays]]
url = "folder:inbox"
"#
    )
}

/// The port asked for; without one the usual, or a free one where that is taken.
async fn listen(asked: Option<SocketAddr>) -> anyhow::Result<tokio::net::TcpListener> {
    if let Some(address) = asked {
        return Ok(web::bind(address).await?);
    }
    match web::bind(SocketAddr::from(([127, 0, 0, 1], 8080))).await {
        Ok(listener) => Ok(listener),
        Err(_) => Ok(web::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?),
    }
}

fn fresh_folder() -> anyhow::Result<PathBuf> {
    for n in 1..10_000 {
        let folder = std::env::temp_dir().join(format!("paperround-demo-{n}"));
        match std::fs::create_dir(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => {
                return Err(error)
                    .with_context(|| format!("cannot make the folder {}", folder.display()));
            }
        }
    }
    bail!("there are too many old demos in {}", std::env::temp_dir().display())
}

/// The newest mail of the inbox.
fn newest_file(inbox: &Path) -> anyhow::Result<PathBuf> {
    let mut mails: Vec<PathBuf> = std::fs::read_dir(inbox)
        .with_context(|| format!("no mail came to {}", inbox.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "eml"))
        .collect();
    mails.sort();
    mails.pop().context("no mail came; `queue list` tells why")
}

/// The newest mail of the inbox, and its HTML part written beside it.
fn newest_mail(inbox: &Path) -> anyhow::Result<(PathBuf, PathBuf)> {
    let eml = newest_file(inbox)?;
    let bytes = std::fs::read(&eml)?;
    let mail = mail_parser::MessageParser::default().parse(&bytes).context("the mail is broken")?;
    let page = mail.body_html(0).context("the mail has no HTML part")?;
    let html = eml.with_extension("html");
    std::fs::write(&html, page.as_bytes())?;
    Ok((eml, html))
}
