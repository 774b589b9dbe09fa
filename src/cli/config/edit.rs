//! `config edit`: an editor on a copy, which takes the file's place only once it is found good.
//! Two do not edit at once, and what is refused never reaches the file.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::Context as _;
use serde_json::json;

use super::super::ui::Ui;
use super::super::user;
use super::{known, refuse};
use crate::app::trial;
use crate::clock::Clock;
use crate::config::{
    self, Config, EditLock, Loaded, database_of, environment, place_of_file, read_text, replace,
};
use crate::setup::{Setup, SetupError, Verdict};
use crate::store::ConfigOutcome;

/// How long a running daemon is waited for.
const PATIENCE: Duration = Duration::from_secs(15);
const LOOK: Duration = Duration::from_millis(100);
/// The exit code of a draft that is no good configuration.
const BAD: u8 = 78;
const AGAIN: &str = "Edit it (a)gain, or e(x)it and leave the file as it was?";

/// The copy that is edited; removed however this ends.
struct Draft(PathBuf);

impl Drop for Draft {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// What to do with a draft.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Again,
    Discard,
    Go,
}

/// Edits the file. `yes`: what it means for the readers is told and not asked about.
pub(super) async fn edit(
    ui: &Ui,
    file: Option<&Path>,
    clock: Clock,
    yes: bool,
) -> anyhow::Result<ExitCode> {
    let path = place_of_file(file, environment());
    let _lock = EditLock::take(&path)?;
    let read = read_text(&path);
    let setup = history_of(read.as_deref().unwrap_or_default(), &path, clock).await;
    let (seen, begin) = match read {
        Ok(text) => (Some(text.clone()), text),
        // What was last in force is the best to begin with.
        Err(faults) => match last_text(setup.as_ref()).await? {
            Some(text) => {
                let why = faults.lines().join("; ");
                eprintln!("warning: {why}; what was last in force is edited in its place");
                (None, text)
            }
            None => return Ok(refuse(&faults, ui)),
        },
    };
    // Ctrl-C is the editor's: this must live to take the copy away.
    tokio::spawn(async { while tokio::signal::ctrl_c().await.is_ok() {} });
    let draft = draft(&path, &begin)?;
    loop {
        run_editor(&draft.0)?;
        let text = match read_text(&draft.0) {
            Ok(text) => text,
            Err(error) => {
                eprintln!("paperround: what the editor left cannot be read: {error}");
                match ask(AGAIN, &['a'])? {
                    Answer::Again => continue,
                    _ => return left(BAD),
                }
            }
        };
        if seen.as_ref() == Some(&text) {
            ui.document(&json!({"ok": true, "changes": []}), || {
                format!("{} is as it was", path.display())
            })?;
            return Ok(ExitCode::SUCCESS);
        }
        let verdict = match judged(setup.as_ref(), &text, &path).await {
            Ok(verdict) => verdict,
            Err(error) => {
                match &error {
                    SetupError::Faults(faults) => drop(refuse(faults, ui)),
                    other => eprintln!("{:#}", anyhow::anyhow!(other.to_string())),
                }
                match ask(AGAIN, &['a'])? {
                    Answer::Again => continue,
                    _ => return left(BAD),
                }
            }
        };
        let question = "(p)ut it in place, edit it (a)gain, or e(x)it and leave the file?";
        match agreed(&verdict, yes, question, &['p', 'a'])? {
            Answer::Go => {}
            Answer::Again => continue,
            Answer::Discard => return left(ExitCode::FAILURE),
        }
        return match &setup {
            Some(setup) => match setup.write_locked(seen.as_deref(), &text, &user()).await {
                Ok(verdict) => tell_written(ui, setup, &verdict, None).await,
                Err(error) => super::refused(error, ui),
            },
            None => {
                replace(&path, seen.as_deref(), &text)?;
                ui.document(&json!({"ok": true, "daemon": false}), || {
                    format!("{} is written; there is no database to note it in yet", path.display())
                })?;
                Ok(ExitCode::SUCCESS)
            }
        };
    }
}

/// Tells what is worth a word in a text, and asks where it means something for the readers;
/// `yes`: it is told and not asked about.
pub(super) fn agreed(
    verdict: &Verdict,
    yes: bool,
    question: &str,
    offered: &[char],
) -> anyhow::Result<Answer> {
    for warning in verdict.loaded.warnings.iter().chain(&verdict.effects) {
        eprintln!("warning: {warning}");
    }
    if verdict.effects.is_empty() || yes { Ok(Answer::Go) } else { ask(question, offered) }
}

pub(super) fn left(code: impl Into<ExitCode>) -> anyhow::Result<ExitCode> {
    eprintln!("paperround: the file is left as it was");
    Ok(code.into())
}

/// The copy, beside the file, for this user alone: secrets may be in it.
fn draft(path: &Path, text: &str) -> anyhow::Result<Draft> {
    let real = config::real(path)?;
    let name = format!(".edit-{}-paperround.toml", std::process::id());
    let draft = Draft(real.with_file_name(name));
    let _ = std::fs::remove_file(&draft.0);
    let made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft.0);
    made.and_then(|mut file| file.write_all(text.as_bytes())).with_context(|| {
        format!("cannot make a copy in {}", real.parent().unwrap_or(Path::new("/")).display())
    })?;
    Ok(draft)
}

/// `$VISUAL`, `$EDITOR`, or what the system has; with its arguments, as a shell reads them.
fn run_editor(draft: &Path) -> anyhow::Result<()> {
    let named = ["VISUAL", "EDITOR"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.trim().is_empty()));
    let editor = named.unwrap_or_else(|| {
        let found = ["/usr/bin/sensible-editor", "/usr/bin/editor", "/usr/bin/nano"];
        found.into_iter().find(|path| Path::new(path).exists()).unwrap_or("vi").to_owned()
    });
    let status = Command::new("/bin/sh")
        .args(["-c", &format!("{editor} \"$1\""), "sh"])
        .arg(draft)
        .status()
        .context("cannot run a shell for the editor")?;
    if !status.success() {
        anyhow::bail!(
            "the editor ({editor}) ended with {status}: the file is left as it was; name another \
             one in $VISUAL or $EDITOR"
        );
    }
    Ok(())
}

/// What is answered. Without anybody to answer it is discarded.
fn ask(question: &str, offered: &[char]) -> anyhow::Result<Answer> {
    let mut input = std::io::stdin().lock();
    loop {
        eprint!("{question} ");
        std::io::stderr().flush()?;
        let mut line = String::new();
        if input.read_line(&mut line)? == 0 {
            eprintln!();
            if !std::io::stdin().is_terminal() {
                let yes = if offered.contains(&'p') { ": --yes puts it in place" } else { "" };
                eprintln!("paperround: nobody is there to answer{yes}");
            }
            return Ok(Answer::Discard);
        }
        match line.trim().chars().next().map(|letter| letter.to_ascii_lowercase()) {
            Some('x') => return Ok(Answer::Discard),
            // As visudo has it.
            Some('a' | 'e') if offered.contains(&'a') => return Ok(Answer::Again),
            Some('p' | 'y') if offered.contains(&'p') => return Ok(Answer::Go),
            _ => {}
        }
    }
}

/// The history of the file, where there is a database.
async fn history_of(text: &str, path: &Path, clock: Clock) -> Option<Setup> {
    let database = database_of(text, path, environment())?;
    known(&database, path, clock).await.ok().flatten()
}

/// The text that was last in force, where that is known.
async fn last_text(setup: Option<&Setup>) -> anyhow::Result<Option<String>> {
    let Some(setup) = setup else { return Ok(None) };
    match setup.back_from(None).await {
        Ok(version) => Ok(Some(version.text)),
        Err(SetupError::Store(error)) => Err(error.into()),
        Err(_) => Ok(None),
    }
}

async fn judged(setup: Option<&Setup>, text: &str, path: &Path) -> Result<Verdict, SetupError> {
    if let Some(setup) = setup {
        return setup.check(text).await;
    }
    let loaded: Loaded = Config::parse(text, path, environment())?;
    trial(&loaded.config).map_err(|fault| {
        SetupError::Part(loaded.fault_of(fault.key, &fault.reason, environment()))
    })?;
    Ok(Verdict { loaded, changes: Vec::new(), effects: Vec::new() })
}

/// Says what was changed, and what the running daemon makes of it.
pub(super) async fn tell_written(
    ui: &Ui,
    setup: &Setup,
    verdict: &Verdict,
    version: Option<i64>,
) -> anyhow::Result<ExitCode> {
    let running = setup.daemons().await?;
    let outcome = if running.is_empty() { None } else { waited(setup, verdict).await? };
    let file = setup.file().display().to_string();
    let told = json!({
        "ok": !matches!(outcome, Some((ConfigOutcome::Refused, _))),
        "file": file,
        "version": version,
        "changes": verdict.changes,
        "daemon": !running.is_empty(),
        "outcome": outcome.as_ref().map(|(outcome, _)| outcome),
        "reason": outcome.as_ref().and_then(|(_, reason)| reason.clone()),
    });
    ui.document(&told, || {
        let mut lines: Vec<String> = verdict.changes.iter().map(ToString::to_string).collect();
        let back = version.map(|id| format!(", as it was in version {id}")).unwrap_or_default();
        lines.push(format!("{file} is written{back}"));
        lines.push(match &outcome {
            None if running.is_empty() => {
                "no running paperround was seen: it counts from the next start on".to_owned()
            }
            Some((ConfigOutcome::Applied, _)) => {
                "the running paperround has taken it over".to_owned()
            }
            Some((ConfigOutcome::Refused, reason)) => format!(
                "the running paperround refuses it and goes on as before: {}\n\
                 `paperround config rollback` takes the change back",
                reason.as_deref().unwrap_or("see its log")
            ),
            _ => "a running paperround was seen; it has not said yet that it took it over".into(),
        });
        lines.join("\n")
    })?;
    Ok(match outcome {
        Some((ConfigOutcome::Refused, _)) => ExitCode::from(78),
        _ => ExitCode::SUCCESS,
    })
}

/// What the daemon made of it, as soon as it has said so.
async fn waited(
    setup: &Setup,
    verdict: &Verdict,
) -> anyhow::Result<Option<(ConfigOutcome, Option<String>)>> {
    let settled = async {
        loop {
            if let Some((outcome, reason)) = setup.outcome_of(&verdict.loaded.text).await?
                && outcome != ConfigOutcome::Written
            {
                return Ok((outcome, reason));
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    match tokio::time::timeout(PATIENCE, settled).await {
        Ok(found) => found.map(Some),
        Err(_) => Ok(None),
    }
}
