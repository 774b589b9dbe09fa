//! `/admin/config`: the configuration as text. Secrets stand behind marks unless an admin asks for
//! them. A text is judged as a whole; its faults are shown at their lines, its differences before
//! anything is written; then it is written and taken over by the same verbs as `config edit`.

use std::path::Path;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use similar::{ChangeTag, TextDiff};

use super::guard::{Sent, Visitor};
use super::masks::{self, Masked};
use super::prove;
use super::view::{Said, Stop, When, answer, go, office, page, when};
use crate::admins::Entry;
use crate::config::redacted;
use crate::setup::{Outcome, Setup, SetupError, Verdict};
use crate::store::ConfigOutcome;
use crate::token::to_hex;
use crate::web::Shared;
use crate::web::form::Form;
use crate::web::place::{Asked, Piece};

#[derive(Default, Serialize)]
struct Context {
    file: String,
    /// What is shown, or was typed.
    text: String,
    /// Line numbers, and whether the line has a fault.
    numbers: Vec<(usize, bool)>,
    rows: usize,
    /// The hash of the file as it was when the form was made.
    seen: String,
    /// Whether the secrets stand in the text.
    bare: bool,
    /// Whether it can be edited as it is shown.
    editable: bool,
    faults: Vec<FaultView>,
    /// What a good text would change; none: it was not judged.
    verdict: Option<VerdictView>,
    troubles: Vec<String>,
    since: Option<When>,
    versions: Vec<Version>,
    /// Whether the password is to be given once more, and a code with it.
    ask_password: bool,
    ask_code: bool,
    said: String,
    wrong: String,
}

#[derive(Serialize)]
struct FaultView {
    line: Option<usize>,
    words: String,
    /// The line itself, without secrets.
    excerpt: String,
}

#[derive(Serialize)]
struct VerdictView {
    diff: Vec<DiffLine>,
    changes: Vec<String>,
    effects: Vec<String>,
}

#[derive(Serialize)]
struct DiffLine {
    /// `add`, `drop`, `same`, or `gap` between far ones.
    class: &'static str,
    old: Option<usize>,
    new: Option<usize>,
    text: String,
}

#[derive(Serialize)]
struct Version {
    id: i64,
    at: When,
    who: String,
    outcome: &'static str,
    reason: String,
}

/// Versions that the page lists.
const VERSIONS: u32 = 20;

/// The file at present.
struct Present {
    text: String,
    seen: String,
    masked: Option<Masked>,
}

/// The page.
pub(super) async fn show(
    State(app): State<Shared>,
    visitor: Visitor,
    Asked(Said { said }): Asked<Said>,
) -> Response {
    answer(&app, &visitor, async {
        let present = read(setup(&app)?.file())?;
        let context = Context { said, ..of_present(&present, false) };
        shown(&app, &visitor, context).await
    })
    .await
}

/// The page with the secrets in the text: for whoever gave their password just now.
pub(super) async fn secrets(State(app): State<Shared>, visitor: Visitor) -> Response {
    answer(&app, &visitor, async {
        if let Some(first) = prove::first(&visitor, "/admin/config")? {
            return Ok(first);
        }
        let setup = setup(&app)?;
        let present = read(setup.file())?;
        let file = setup.file().display().to_string();
        office(&app)?.admins.note(&visitor.by(), "config.secrets", file, "shown").await?;
        shown(&app, &visitor, of_present(&present, true)).await
    })
    .await
}

/// Judges a text and shows what it would change. Nothing is written.
pub(super) async fn check(
    State(app): State<Shared>,
    visitor: Visitor,
    Sent(form): Sent,
) -> Response {
    answer(&app, &visitor, async {
        let setup = setup(&app)?;
        let present = read(setup.file())?;
        let mut context = typed(&form);
        let text = match real_text(&form, &present) {
            Ok(text) => text,
            Err(wrong) => {
                context.wrong = wrong;
                return refused(&app, &visitor, context).await;
            }
        };
        match setup.check(&text).await {
            Ok(verdict) => {
                context.verdict = Some(told(&present, &text, &verdict));
                shown(&app, &visitor, context).await
            }
            Err(error) => {
                fault(&mut context, error)?;
                refused(&app, &visitor, context).await
            }
        }
    })
    .await
}

/// Writes a text and takes it over: whole or not at all.
pub(super) async fn apply(
    State(app): State<Shared>,
    visitor: Visitor,
    Sent(form): Sent,
) -> Response {
    answer(&app, &visitor, async {
        let setup = setup(&app)?;
        let present = read(setup.file())?;
        let mut context = typed(&form);
        let text = match real_text(&form, &present) {
            Ok(text) => text,
            Err(wrong) => {
                context.wrong = wrong;
                return refused(&app, &visitor, context).await;
            }
        };
        if let Some(wrong) = unproved(&app, &visitor, &form).await? {
            context.wrong = wrong;
            match setup.check(&text).await {
                Ok(verdict) => context.verdict = Some(told(&present, &text, &verdict)),
                Err(error) => fault(&mut context, error)?,
            }
            return refused(&app, &visitor, context).await;
        }
        let by = visitor.by();
        let outcome = match setup.apply(&present.text, &text, &by.who).await {
            Ok(outcome) => outcome,
            Err(error) => {
                fault(&mut context, error)?;
                return refused(&app, &visitor, context).await;
            }
        };
        let file = setup.file().display().to_string();
        let (said, detail) = match &outcome {
            Outcome::Applied { changes } => {
                let changes: Vec<String> = changes.iter().map(ToString::to_string).collect();
                ("applied", changes.join("; "))
            }
            Outcome::Unchanged => ("written", "written".to_owned()),
            Outcome::Refused(why) => ("refused", why.words()),
        };
        office(&app)?.admins.note(&by, "config.write", file, detail).await?;
        Ok(go(format!("/admin/config?said={said}")))
    })
    .await
}

/// A version of the history, against the file at present; without secrets.
pub(super) async fn version(
    State(app): State<Shared>,
    visitor: Visitor,
    Piece(id): Piece,
) -> Response {
    #[derive(Serialize)]
    struct Old {
        version: Version,
        diff: Vec<DiffLine>,
    }
    answer(&app, &visitor, async {
        let setup = setup(&app)?;
        let id = id.parse().map_err(|_| Stop::Refused(StatusCode::NOT_FOUND))?;
        let found = match setup.version(id).await {
            Ok(found) => found,
            Err(SetupError::Store(error)) => return Err(error.into()),
            Err(_) => return Err(Stop::Refused(StatusCode::NOT_FOUND)),
        };
        let present = read(setup.file())?;
        let diff = diff(&redacted(&found.text), &redacted(&present.text));
        let old = Old { diff, version: version_view(&app, found) };
        page(&app, &visitor, "config", "config_version", old)
    })
    .await
}

/// Takes the password that came with the form, where it was not given lately; a sentence where it
/// is not right.
async fn unproved(app: &Shared, visitor: &Visitor, form: &Form) -> Result<Option<String>, Stop> {
    let visit = visitor.visit()?;
    if visit.proved {
        return Ok(None);
    }
    let password = form.all("password").next().unwrap_or_default();
    let proof = (password, form.get("code").unwrap_or_default());
    let admins = &office(app)?.admins;
    let done = admins.prove(&visit.account, visit.session.id, proof, &visitor.guest).await?;
    Ok(match done {
        Entry::In(_) => None,
        Entry::Wait(_) => Some("Too many tries. Please wait a minute.".to_owned()),
        _ => Some("That is not your password: nothing was written.".to_owned()),
    })
}

fn setup(app: &Shared) -> Result<&Setup, Stop> {
    app.site.setup.as_ref().ok_or(Stop::Refused(StatusCode::NOT_FOUND))
}

fn read(file: &Path) -> Result<Present, Stop> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Stop::Fault(crate::web::error::Fault::Config(error)))?;
    let seen = to_hex(&Sha256::digest(text.as_bytes()));
    let masked = masks::mask(&text);
    Ok(Present { text, seen, masked })
}

fn of_present(present: &Present, bare: bool) -> Context {
    let text = match (&present.masked, bare) {
        (_, true) => present.text.clone(),
        (Some(masked), false) => masked.text.clone(),
        (None, false) => redacted(&present.text),
    };
    let editable = bare || present.masked.is_some();
    Context { seen: present.seen.clone(), bare, editable, text, ..Context::default() }
}

/// What was typed, to be shown again.
fn typed(form: &Form) -> Context {
    let text = form.all("text").next().unwrap_or_default().replace("\r\n", "\n");
    let (bare, seen) = (form.says("bare", "yes"), form.get("seen").unwrap_or_default().to_owned());
    Context { text, bare, seen, editable: true, ..Context::default() }
}

/// The text with its secrets; a sentence where that cannot be.
fn real_text(form: &Form, present: &Present) -> Result<String, String> {
    if form.get("seen") != Some(present.seen.as_str()) {
        return Err("The file was changed by somebody else meanwhile. Copy what you changed, \
                    reload the page, and change it again."
            .to_owned());
    }
    let text = form.all("text").next().unwrap_or_default().replace("\r\n", "\n");
    if form.says("bare", "yes") {
        return Ok(text);
    }
    let wrong = "The secrets of this file cannot stand behind marks: show them to edit it.";
    let masked = present.masked.as_ref().ok_or(wrong)?;
    masked.unmask(&text).map_err(|mark| {
        format!("\"{mark}\" stands for no secret of this file: write the secret itself there.")
    })
}

/// Notes in the page why a text is refused; what is no fault of the text goes on as an error.
fn fault(context: &mut Context, error: SetupError) -> Result<(), Stop> {
    match error {
        SetupError::Faults(faults) => {
            // The excerpt is of what was typed, where secrets are marks.
            let lines: Vec<&str> = context.text.lines().collect();
            for fault in faults.list() {
                let key = fault.key.as_ref().map(|key| format!("{key}: ")).unwrap_or_default();
                let seen = fault.seen.as_ref().map(|seen| format!("saw {seen}, wanted "));
                let hint = fault.hint.as_ref().map(|hint| format!("; {hint}"));
                let words = format!(
                    "{key}{}{}{}",
                    seen.unwrap_or_default(),
                    fault.wanted,
                    hint.unwrap_or_default()
                );
                let at = fault.line.and_then(|line| line.checked_sub(1));
                let excerpt = at.and_then(|at| lines.get(at)).copied().unwrap_or_default();
                let excerpt = match context.bare {
                    true => redacted(excerpt),
                    false => excerpt.to_owned(),
                };
                context.faults.push(FaultView { line: fault.line, words, excerpt });
            }
        }
        SetupError::Store(error) => return Err(error.into()),
        other => context.wrong = other.to_string(),
    }
    Ok(())
}

/// What a good text would change, without secrets.
fn told(present: &Present, text: &str, verdict: &Verdict) -> VerdictView {
    VerdictView {
        diff: diff(&redacted(&present.text), &redacted(text)),
        changes: verdict.changes.iter().map(ToString::to_string).collect(),
        effects: verdict.effects.clone(),
    }
}

/// The lines that differ, with three around each.
fn diff(old: &str, new: &str) -> Vec<DiffLine> {
    let diff = TextDiff::from_lines(old, new);
    let mut lines = Vec::new();
    for group in diff.grouped_ops(3) {
        if !lines.is_empty() {
            lines.push(DiffLine { class: "gap", old: None, new: None, text: String::new() });
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let class = match change.tag() {
                ChangeTag::Equal => "same",
                ChangeTag::Insert => "add",
                ChangeTag::Delete => "drop",
            };
            lines.push(DiffLine {
                class,
                old: change.old_index().map(|at| at + 1),
                new: change.new_index().map(|at| at + 1),
                text: change.value().trim_end_matches('\n').to_owned(),
            });
        }
    }
    lines
}

async fn refused(app: &Shared, visitor: &Visitor, context: Context) -> Result<Response, Stop> {
    let mut response = shown(app, visitor, context).await?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

async fn shown(app: &Shared, visitor: &Visitor, mut context: Context) -> Result<Response, Stop> {
    let setup = setup(app)?;
    let count = context.text.split('\n').count();
    context.rows = count.clamp(12, 2_000) + 1;
    let faulty = |line| context.faults.iter().any(|fault| fault.line == Some(line));
    context.numbers = (1..=count).map(|line| (line, faulty(line))).collect();
    context.file = setup.file().display().to_string();
    let visit = visitor.visit()?;
    context.ask_password = !visit.proved;
    context.ask_code = !visit.proved && visit.account.totp.is_some();
    context.troubles = setup.troubles();
    context.since = setup.in_force().map(|state| when(app, state.since));
    let versions = setup.history(VERSIONS).await?;
    context.versions = versions.into_iter().map(|one| version_view(app, one)).collect();
    page(app, visitor, "config", "config", context)
}

fn version_view(app: &Shared, one: crate::store::ConfigVersion) -> Version {
    Version {
        id: one.id,
        at: when(app, one.at),
        who: one.who,
        outcome: match one.outcome {
            ConfigOutcome::Applied => "in force",
            ConfigOutcome::Written => "written",
            ConfigOutcome::Refused => "refused",
        },
        reason: one.reason.unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_shows_what_differs_and_little_around_it() {
        let old: String = (1..=40).map(|n| format!("line {n}\n")).collect();
        let new = old.replace("line 5\n", "line five\n").replace("line 30\n", "");
        let lines = diff(&old, &new);
        let of = |class| lines.iter().filter(|line| line.class == class).count();
        assert_eq!((of("add"), of("drop"), of("gap"), of("same")), (1, 2, 1, 12));
        let added = lines.iter().find(|line| line.class == "add").unwrap();
        assert_eq!((added.new, added.text.as_str()), (Some(5), "line five"));
        assert!(diff("a\n", "a\n").is_empty());
    }
}
