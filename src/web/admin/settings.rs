//! `/admin/config`: the configuration as text. Secrets stand behind marks unless an admin asks for
//! them. A text is judged as a whole; its faults are shown at their lines, its differences before
//! anything is written; then it is written and taken over by the same verbs as `config edit`.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::diff::{DiffLine, diff};
use super::guard::{Sent, Visitor};
use super::masks::{self, Masked};
use super::prove;
use super::view::{Said, Stop, When, answer, go, office, page, to_mend, when};
use crate::admins::Entry;
use crate::config::{self, redacted};
use crate::model::Role;
use crate::setup::{Outcome, Setup, SetupError, Verdict};
use crate::store::{ConfigOutcome, ConfigVersion};
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
    /// Why the file cannot be read; empty: it can. The text is then what is in force.
    lost: String,
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
    /// Why nothing can be written, and what to do; empty: it can.
    unwritable: String,
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
struct Version {
    id: i64,
    at: When,
    who: String,
    outcome: String,
    reason: String,
}

/// Versions that the page lists.
const VERSIONS: u32 = 20;
/// More than are kept.
const ALL: u32 = 1_000;

/// The file at present.
struct Present {
    /// What it holds; none: it cannot be read.
    held: Option<String>,
    /// Why it cannot.
    lost: String,
    /// What it holds, or what is in force in its place.
    text: String,
    seen: String,
    masked: Option<Masked>,
}

/// A text that was sent, beside the file.
struct Draft {
    present: Present,
    /// The page on which it is shown again.
    context: Context,
    text: String,
}

/// The page.
pub(super) async fn show(
    State(app): State<Shared>,
    visitor: Visitor,
    Asked(Said { said }): Asked<Said>,
) -> Response {
    answer(&app, &visitor, async {
        let present = read(setup(&app)?);
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
        let present = read(setup);
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
        let Draft { present, mut context, text } = match draft(&app, &visitor, &form).await? {
            Ok(draft) => draft,
            Err(page) => return Ok(page),
        };
        match setup(&app)?.check(&text).await {
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
        let Draft { present, mut context, text } = match draft(&app, &visitor, &form).await? {
            Ok(draft) => draft,
            Err(page) => return Ok(page),
        };
        let setup = setup(&app)?;
        if let Some(wrong) = unproved(&app, &visitor, &form).await? {
            context.wrong = wrong;
            match setup.check(&text).await {
                Ok(verdict) => context.verdict = Some(told(&present, &text, &verdict)),
                Err(error) => fault(&mut context, error)?,
            }
            return refused(&app, &visitor, context).await;
        }
        let by = visitor.by();
        let outcome = match setup.apply(present.held.as_deref(), &text, &by.who).await {
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
        let held = read(setup).held.unwrap_or_default();
        let diff = diff(&redacted(&found.text), &redacted(&held));
        let until = setup.history(ALL).await?;
        let until = until.iter().rev().filter(|one| one.id > found.id).find_map(applied);
        let old = Old { diff, version: version_view(&app, found, until) };
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

fn read(setup: &Setup) -> Present {
    let (held, lost) = match config::read_text(setup.file()) {
        Ok(text) => (Some(text), String::new()),
        Err(faults) => {
            let lines = match setup.loaded() {
                Some(loaded) => faults.with_way_back(&loaded.config.database.url).lines(),
                None => faults.lines(),
            };
            (None, lines.join("; "))
        }
    };
    let in_force = || setup.loaded().map(|loaded| loaded.text.clone()).unwrap_or_default();
    let text = held.clone().unwrap_or_else(in_force);
    let hash = to_hex(&Sha256::digest(text.as_bytes()));
    let seen = if held.is_some() { hash } else { format!("lost-{hash}") };
    let masked = masks::mask(&text);
    Present { held, lost, text, seen, masked }
}

fn of_present(present: &Present, bare: bool) -> Context {
    let text = match (&present.masked, bare) {
        (_, true) => present.text.clone(),
        (Some(masked), false) => masked.text.clone(),
        (None, false) => redacted(&present.text),
    };
    let editable = bare || present.masked.is_some();
    let (seen, lost) = (present.seen.clone(), present.lost.clone());
    Context { seen, lost, bare, editable, text, ..Context::default() }
}

/// What was typed, to be shown again.
fn typed(form: &Form) -> Context {
    let text = form.all("text").next().unwrap_or_default().replace("\r\n", "\n");
    let (bare, seen) = (form.says("bare", "yes"), form.get("seen").unwrap_or_default().to_owned());
    Context { text, bare, seen, editable: true, ..Context::default() }
}

/// What was sent to be judged: its text has the secrets in their places. Or the page that says why
/// that cannot be.
async fn draft(
    app: &Shared,
    visitor: &Visitor,
    form: &Form,
) -> Result<Result<Draft, Response>, Stop> {
    let present = read(setup(app)?);
    let mut context = Context { lost: present.lost.clone(), ..typed(form) };
    match real_text(form, &present) {
        Ok(text) => Ok(Ok(Draft { present, context, text })),
        Err(wrong) => {
            context.wrong = wrong;
            refused(app, visitor, context).await.map(Err)
        }
    }
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
            // The excerpt is of what was typed, where secrets are marks. A line alone would not say
            // whose keys are on it.
            let shown = match context.bare {
                true => redacted(&context.text),
                false => context.text.clone(),
            };
            let lines: Vec<&str> = shown.lines().collect();
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
                let excerpt = excerpt.to_owned();
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
        diff: diff(&redacted(present.held.as_deref().unwrap_or_default()), &redacted(text)),
        changes: verdict.changes.iter().map(ToString::to_string).collect(),
        effects: verdict.effects.clone(),
    }
}

async fn refused(app: &Shared, visitor: &Visitor, context: Context) -> Result<Response, Stop> {
    Ok(to_mend(shown(app, visitor, context).await?))
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
    context.unwritable = match config::writable(setup.file()) {
        Err(error) if visit.account.role == Role::Admin => error.to_string(),
        _ => String::new(),
    };
    let mut until = None;
    for one in setup.history(VERSIONS).await? {
        let next = applied(&one).or(until);
        context.versions.push(version_view(app, one, until));
        until = next;
    }
    page(app, visitor, "config", "config", context)
}

/// Since when a version has been in force, if it ever was.
fn applied(one: &ConfigVersion) -> Option<Timestamp> {
    (one.outcome == ConfigOutcome::Applied).then_some(one.at)
}

/// A version, and until when it was in force if another one was after it.
fn version_view(app: &Shared, one: ConfigVersion, until: Option<Timestamp>) -> Version {
    Version {
        id: one.id,
        at: when(app, one.at),
        who: one.who,
        outcome: match (one.outcome, until) {
            (ConfigOutcome::Applied, None) => "in force".to_owned(),
            (ConfigOutcome::Applied, Some(until)) => {
                format!("was in force until {}", when(app, until).words())
            }
            (ConfigOutcome::Written, _) => "written".to_owned(),
            (ConfigOutcome::Refused, _) => "refused".to_owned(),
        },
        reason: one.reason.unwrap_or_default(),
    }
}
