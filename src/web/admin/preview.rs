//! `/admin/preview`: the mail that a subscriber would get at a moment, by the code behind
//! `paperround preview`. Its links are nobody's: who looks at a mail must not act as its reader.

use axum::extract::State;
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use jiff::Timestamp;
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use super::guard::Visitor;
use super::view::{Stop, answer, page};
use crate::clock::Clock;
use crate::digest::DigestError;
use crate::model::{EmailAddress, resolve_civil};
use crate::render::{Field, Markers, Personal, Rendered};
use crate::web::Shared;
use crate::web::digest::without_pictures;
use crate::web::error::Fault;
use crate::web::place::Asked;

/// Whose mail, and when.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wish {
    /// The address; empty: a new reader without wishes.
    #[serde(rename = "as")]
    reader: String,
    /// In the site's zone, such as `2026-12-24 08:00`; empty: now.
    at: String,
    part: String,
}

#[derive(Serialize)]
struct Context {
    reader: String,
    moment: String,
    part: String,
    subject: String,
    text: String,
    /// Where the frame finds the HTML part.
    frame: String,
    size: String,
    /// The queries of the two tabs.
    tabs: [(&'static str, &'static str, String); 2],
    nothing: String,
    wrong: String,
}

/// A mail that was found.
struct Found {
    mail: Rendered,
}

/// What the frame may do: nothing but show.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox";

/// Who is shown to get the mail of nobody in particular.
const ANYBODY: &str = "reader@example.org";

/// The page.
pub(super) async fn show(
    State(app): State<Shared>,
    visitor: Visitor,
    Asked(wish): Asked<Wish>,
) -> Response {
    answer(&app, &visitor, async {
        let part = if wish.part == "text" { "text" } else { "html" };
        let tab = |part: &str| query_of(&wish, part);
        let mut context = Context {
            reader: wish.reader.chars().take(254).collect(),
            moment: moment_or_now(&app, &wish.at).0,
            part: part.to_owned(),
            subject: String::new(),
            text: String::new(),
            frame: format!("/admin/preview/frame?{}", tab("html")),
            size: String::new(),
            tabs: [("html", "HTML", tab("html")), ("text", "Text", tab("text"))],
            nothing: String::new(),
            wrong: String::new(),
        };
        match found(&app, &wish).await? {
            Ok(Some(Found { mail })) => {
                context.size = format!("{} kB", mail.html.len().div_ceil(1_000));
                context.subject = mail.subject;
                context.text = mail.text;
            }
            Ok(None) if wish.reader.trim().is_empty() => {
                context.nothing = "There were no recent papers then.".to_owned();
            }
            Ok(None) => {
                context.nothing = "Nothing is new to them then: no mail would be sent.".to_owned();
            }
            Err(wrong) => context.wrong = wrong,
        }
        page(&app, &visitor, "preview", "preview", context)
    })
    .await
}

/// The HTML part, for the frame.
pub(super) async fn frame(
    State(app): State<Shared>,
    visitor: Visitor,
    Asked(wish): Asked<Wish>,
) -> Response {
    answer(&app, &visitor, async {
        let html = match found(&app, &wish).await? {
            Ok(Some(Found { mail })) => without_pictures(&mail.html),
            _ => return Err(Stop::Fault(Fault::Missing)),
        };
        let headers =
            [(header::CONTENT_SECURITY_POLICY, POLICY), (header::X_FRAME_OPTIONS, "SAMEORIGIN")];
        Ok((headers, Html(html)).into_response())
    })
    .await
}

fn query_of(wish: &Wish, part: &str) -> String {
    let fields = [("as", wish.reader.as_str()), ("at", &wish.at), ("part", part)];
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// The moment that was typed, as the field shows it and as an instant; an error in words.
fn moment_or_now(app: &Shared, text: &str) -> (String, Result<Timestamp, String>) {
    let zone = &app.site.zone;
    let text = text.trim();
    if text.is_empty() {
        let now = app.site.clock.now();
        return (zone.civil(now).strftime("%Y-%m-%d %H:%M").to_string(), Ok(now));
    }
    let civil: Result<DateTime, _> = text.parse();
    let at = civil.ok().and_then(|civil| resolve_civil(zone, civil));
    let wrong = || "Please give the moment as 2026-12-24 08:00.".to_owned();
    (text.chars().take(40).collect(), at.ok_or_else(wrong))
}

/// The mail; none where nothing is new; an error in words.
async fn found(app: &Shared, wish: &Wish) -> Result<Result<Option<Found>, String>, Stop> {
    let at = match moment_or_now(app, &wish.at).1 {
        Ok(at) => at,
        Err(wrong) => return Ok(Err(wrong)),
    };
    let typed = wish.reader.trim();
    let reader: Option<EmailAddress> = match typed {
        "" => None,
        typed => match typed.parse() {
            Ok(email) => Some(email),
            Err(error) => return Ok(Err(format!("That is no address: {error}."))),
        },
    };
    if let Some(email) = &reader
        && app.site.store.subscriber(email).await?.is_none()
    {
        return Ok(Err("There is no subscriber with that address.".to_owned()));
    }
    let mut planner = app.site.planner.clone();
    planner.clock = Clock::fixed(at);
    let digest = match planner.preview(reader.as_ref()).await {
        Ok(Some(preview)) => preview.digest,
        Ok(None) => return Ok(Ok(None)),
        Err(DigestError::Store(error)) => return Err(error.into()),
        Err(error) => return Ok(Err(format!("{:#}", anyhow::Error::new(error)))),
    };
    let address = reader.as_ref().map_or(ANYBODY, EmailAddress::as_str);
    let nowhere = format!("{}/", app.site.links.site());
    let personal = Personal::default()
        .with(Field::Address, address)
        .with(Field::Unsubscribe, nowhere.clone())
        .with(Field::Preferences, nowhere.clone())
        .with(Field::Browser, nowhere.clone())
        .with(Field::Taste, nowhere);
    let shared = Rendered { subject: digest.subject, text: digest.text, html: digest.html };
    let mail = Markers::new(&digest.marker).fill(&shared, &personal);
    Ok(Ok(Some(Found { mail })))
}
