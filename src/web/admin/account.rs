//! `/admin/account`: one's own password, codes and sessions.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use qrcode::QrCode;
use qrcode::render::svg;
use serde::Serialize;

use super::guard::{Sent, Visitor};
use super::login::admins;
use super::view::{Said, Stop, When, ago, answer, go, page, to_mend, when, with_cookie};
use crate::admins::{AdminError, NewCodes};
use crate::model::Role;
use crate::web::Shared;
use crate::web::place::{Asked, Piece};

#[derive(Serialize)]
struct Context {
    name: String,
    role: &'static str,
    since: When,
    has_codes: bool,
    recovery_left: i64,
    sessions: Vec<SessionView>,
    said: String,
    wrong: String,
}

#[derive(Serialize)]
struct SessionView {
    id: i64,
    is_this: bool,
    begun: When,
    seen: String,
    network: String,
    agent: String,
}

#[derive(Serialize)]
struct Codes {
    /// The picture, as SVG; empty: nothing is being set up.
    picture: minijinja::Value,
    letters: String,
    has_codes: bool,
    /// Shown once.
    recovery: Vec<String>,
    said: String,
    wrong: String,
}

/// The page.
pub(super) async fn show(
    State(app): State<Shared>,
    visitor: Visitor,
    Asked(Said { said }): Asked<Said>,
) -> Response {
    answer(&app, &visitor, account(&app, &visitor, said, String::new())).await
}

/// The page once more, with what is wrong.
async fn refused(app: &Shared, visitor: &Visitor, wrong: String) -> Result<Response, Stop> {
    Ok(to_mend(account(app, visitor, String::new(), wrong).await?))
}

async fn account(
    app: &Shared,
    visitor: &Visitor,
    said: String,
    wrong: String,
) -> Result<Response, Stop> {
    let visit = visitor.visit()?;
    let now = app.site.clock.now();
    let sessions = admins(app)?.sessions(&visit.account).await?;
    let sessions = sessions.into_iter().map(|session| SessionView {
        id: session.id,
        is_this: session.id == visit.session.id,
        begun: when(app, session.created_at),
        seen: ago(now, session.seen_at),
        network: session.network,
        agent: browser(&session.agent),
    });
    let context = Context {
        name: visit.account.name.clone(),
        role: match visit.account.role {
            Role::Admin => "may look and change",
            Role::Reader => "may look",
        },
        since: when(app, visit.account.created_at),
        has_codes: visit.account.totp.is_some(),
        recovery_left: app.site.store.recovery_left(visit.account.id).await?,
        sessions: sessions.collect(),
        said,
        wrong,
    };
    page(app, visitor, "account", "account", context)
}

/// Browser and system, where what a browser calls itself says so.
fn browser(agent: &str) -> String {
    let of = |names: &[(&str, &str)]| {
        names.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| (*name).to_owned())
    };
    let program = of(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = of(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (program, system) {
        (Some(program), Some(system)) => format!("{program} on {system}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => agent.chars().take(40).collect(),
    }
}

/// Changes the password; every session ends, and this browser gets a new one.
pub(super) async fn password(
    State(app): State<Shared>,
    visitor: Visitor,
    Sent(form): Sent,
) -> Response {
    answer(&app, &visitor, async {
        let visit = visitor.visit()?;
        let field = |name| form.all(name).next().unwrap_or_default().to_owned();
        let (present, first, again) = (field("present"), field("password"), field("again"));
        let verbs = admins(&app)?;
        let by = visitor.by();
        let done = verbs.change_password(&visit.account, &present, (&first, &again), &by).await;
        match done {
            Ok(()) => {
                let cookie =
                    verbs.enter(&visit.account, &visitor.guest, "after a new password").await?;
                Ok(with_cookie(&app, &cookie, go("/admin/account?said=password")))
            }
            Err(AdminError::Password(fault)) => refused(&app, &visitor, fault.to_string()).await,
            Err(error) => Err(error.into()),
        }
    })
    .await
}

/// The page where codes are set up.
pub(super) async fn codes(
    State(app): State<Shared>,
    visitor: Visitor,
    Asked(Said { said }): Asked<Said>,
) -> Response {
    answer(&app, &visitor, async { codes_page(&app, &visitor, Vec::new(), said, String::new()) })
        .await
}

fn codes_page(
    app: &Shared,
    visitor: &Visitor,
    recovery: Vec<String>,
    said: String,
    wrong: String,
) -> Result<Response, Stop> {
    let visit = visitor.visit()?;
    let setup = admins(app)?.code_setup(&visit.account).filter(|_| recovery.is_empty());
    let picture = setup.as_ref().map(|setup| picture(&setup.address)).unwrap_or_default();
    let context = Codes {
        picture: minijinja::Value::from_safe_string(picture),
        letters: setup.map(|setup| grouped(&setup.letters)).unwrap_or_default(),
        has_codes: visit.account.totp.is_some() || !recovery.is_empty(),
        recovery,
        said,
        wrong,
    };
    page(app, visitor, "account", "codes", context)
}

/// The picture that an authenticator reads.
fn picture(address: &str) -> String {
    let Ok(code) = QrCode::new(address.as_bytes()) else { return String::new() };
    let svg = code.render::<svg::Color<'_>>().min_dimensions(220, 220).build();
    let svg = svg.split_once("?>").map_or(svg.as_str(), |(_, svg)| svg);
    svg.replacen("<svg ", "<svg class=\"qr\" role=\"img\" aria-label=\"The key as a picture\" ", 1)
}

/// In fours, for who types it in.
fn grouped(letters: &str) -> String {
    let chars: Vec<char> = letters.chars().collect();
    chars.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

/// Begins to set codes up.
pub(super) async fn prepare(State(app): State<Shared>, visitor: Visitor) -> Response {
    answer(&app, &visitor, async {
        admins(&app)?.prepare_codes(&visitor.visit()?.account).await?;
        Ok(go("/admin/account/codes"))
    })
    .await
}

/// Asks for codes from here on, once one shows that the authenticator works.
pub(super) async fn begin(
    State(app): State<Shared>,
    visitor: Visitor,
    Sent(form): Sent,
) -> Response {
    answer(&app, &visitor, async {
        let code = form.get("code").unwrap_or_default();
        let account = &visitor.visit()?.account;
        match admins(&app)?.begin_codes(account, code, &visitor.by()).await? {
            NewCodes::Begun(recovery) => {
                codes_page(&app, &visitor, recovery, "begun".to_owned(), String::new())
            }
            NewCodes::Wrong => {
                let wrong = "That is not the present code. Is the clock of your device right?";
                let page = codes_page(&app, &visitor, Vec::new(), String::new(), wrong.to_owned());
                page.map(to_mend)
            }
        }
    })
    .await
}

/// Asks for no codes any more.
pub(super) async fn end(State(app): State<Shared>, visitor: Visitor, Sent(form): Sent) -> Response {
    answer(&app, &visitor, async {
        let account_of = &visitor.visit()?.account;
        let password = form.all("password").next().unwrap_or_default();
        match admins(&app)?.end_codes(account_of, password, &visitor.by()).await {
            Ok(()) => Ok(go("/admin/account?said=codes-off")),
            Err(AdminError::Password(fault)) => refused(&app, &visitor, fault.to_string()).await,
            Err(error) => Err(error.into()),
        }
    })
    .await
}

/// Ends one of one's sessions.
pub(super) async fn end_session(
    State(app): State<Shared>,
    visitor: Visitor,
    Piece(id): Piece,
) -> Response {
    answer(&app, &visitor, async {
        let visit = visitor.visit()?;
        let id = id.parse().unwrap_or(0);
        let what = "account.session-end";
        let ended = admins(&app)?.end_session(&visit.account, id, what, &visitor.by()).await?;
        if !ended {
            return Err(Stop::Refused(StatusCode::NOT_FOUND));
        }
        Ok(go("/admin/account?said=session"))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_told_in_words() {
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        assert_eq!(browser(firefox), "Firefox on Linux");
        let edge = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 \
                    Edg/140.0";
        assert_eq!(browser(edge), "Edge on Windows");
        assert_eq!(browser("curl/8.0"), "curl/8.0");
    }

    #[test]
    fn the_picture_is_an_svg_that_says_what_it_is() {
        let svg = picture("otpauth://totp/a:b?secret=GEZDGNBVGY3TQOJQ&issuer=a");
        assert!(svg.starts_with("<svg class=\"qr\" role=\"img\" aria-label="), "{svg}");
        assert!(!svg.contains("style") && !svg.contains("<?xml"));
        assert_eq!(grouped("ABCDEFGHIJ"), "ABCD EFGH IJ");
    }
}
