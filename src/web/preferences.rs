//! `/preferences/{token}`: everything that a reader can change, by the link alone; and
//! `POST /preferences`, which mails the link to who asks. A look changes nothing.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::client::Client;
use super::error::Fault;
use super::form::Form;
use super::place::{Asked, Piece};
use super::shelf::{self, LOOK_BACK, Recent};
use super::subscribe::{self, AGAIN, Mistake};
use super::wishes::{self, Fields};
use super::{Shared, personal};
use crate::links::Purpose;
use crate::model::{EmailAddress, Paper, Preferences, SubscriberState, Topic, Topics};
use crate::render::PaperView;
use crate::store::Subscriber;
use crate::subscription::{Origin, Resent};

/// What a page may be asked to say, after something was done.
#[derive(Deserialize)]
pub(super) struct Said {
    said: Option<String>,
}

#[derive(Serialize)]
struct Context<'a> {
    email: &'a str,
    state: SubscriberState,
    here: String,
    unsubscribe: String,
    confirm_first: bool,
    paused_until: String,
    next: String,
    words: String,
    moving_to: Option<&'a EmailAddress>,
    /// Days that a pause may end on, as examples.
    pauses: Vec<String>,
    feed: String,
    json_feed: String,
    /// Where the reader says what they like, and whether they did.
    taste: String,
    has_taste: bool,
    fields: Fields,
    /// What the topics found lately.
    found: Vec<Found>,
    recent: usize,
    days: u32,
    said: &'a str,
    wrong: String,
}

/// What a topic found lately.
#[derive(Serialize)]
struct Found {
    topic: String,
    count: usize,
    /// The titles with the most votes.
    best: Vec<String>,
}

/// The most titles shown of what a topic found.
const TITLES: usize = 3;

/// What each topic finds among the recent papers.
fn found(recent: &Recent, topics: &Topics) -> Vec<Found> {
    let of = |topic: &Topic| {
        let mask = recent.batch().matches(topic);
        let matched = recent.iter().enumerate().filter(|(place, _)| mask.holds(*place));
        let mut matched: Vec<_> = matched.map(|(_, one)| &one.paper).collect();
        matched.sort_by_key(|paper| std::cmp::Reverse(paper.votes.unwrap_or(0)));
        let title = |paper: &&Paper| PaperView::new(1, paper).title;
        let best = matched.iter().take(TITLES).map(title).collect();
        Found { topic: topic.to_string(), count: mask.count(), best }
    };
    topics.iter().map(of).collect()
}

#[derive(Serialize)]
struct Ask {
    mistake: Mistake,
}

/// The page where the link is asked for.
pub(super) async fn ask(State(app): State<Shared>) -> Response {
    let page = app.pages.render("ask.html", Ask { mistake: Mistake::default() });
    page.map(IntoResponse::into_response).unwrap_or_else(|error| Fault::from(error).page(&app))
}

/// Mails the link, if the address has a subscription; says the same if not.
pub(super) async fn send(State(app): State<Shared>, client: Client, form: Form) -> Response {
    let page = async {
        let email = match subscribe::address(&app, &form) {
            Ok(email) => email,
            Err(mistake) => {
                let page = app.pages.render("ask.html", Ask { mistake })?;
                return Ok((AGAIN, page).into_response());
            }
        };
        if form.get(subscribe::TRAP).is_none() {
            let origin = Origin { how: "web", from: client.0, quick: false };
            app.site.subscriptions.request_link(&email, origin).await?;
        }
        Ok::<_, Fault>(app.pages.render("asked.html", ())?.into_response())
    };
    page.await.unwrap_or_else(|fault| fault.page(&app))
}

/// Shows what the reader asked for.
pub(super) async fn show(
    State(app): State<Shared>,
    Piece(token): Piece,
    Asked(said): Asked<Said>,
) -> Response {
    let page = async {
        let reader = reader(&app, &token).await?;
        let said = said.said.as_deref().unwrap_or_default();
        page(&app, &token, &reader, Shown::After(said)).await
    };
    personal(page.await.unwrap_or_else(|fault| fault.page(&app)))
}

/// Everything that is known of the reader, as JSON to be saved.
pub(super) async fn data(State(app): State<Shared>, Piece(token): Piece) -> Response {
    let page = async {
        let reader = reader(&app, &token).await?;
        let known = app.site.subscriptions.everything(&reader).await?;
        let text = serde_json::to_string_pretty(&known).unwrap_or_default();
        let headers = [
            (header::CONTENT_TYPE, "application/json; charset=utf-8"),
            (header::CONTENT_DISPOSITION, "attachment; filename=\"paper-round.json\""),
        ];
        Ok::<_, Fault>((headers, text).into_response())
    };
    personal(page.await.unwrap_or_else(|fault| fault.page(&app)))
}

/// Does what a button of the page says.
pub(super) async fn submit(
    State(app): State<Shared>,
    Piece(token): Piece,
    client: Client,
    form: Form,
) -> Response {
    let page = async {
        let reader = reader(&app, &token).await?;
        let origin = Origin { how: "web", from: client.0, quick: false };
        let said = match act(&app, &reader, &form, origin).await? {
            Done::Said(said) => said,
            Done::Nothing => return page(&app, &token, &reader, Shown::After("")).await,
            Done::Tried(wishes) => {
                return page(&app, &token, &reader, Shown::Tried(&wishes)).await;
            }
            Done::Wrong(sentence) => {
                let page = page(&app, &token, &reader, Shown::Wrong(sentence, &form)).await?;
                return Ok((AGAIN, page).into_response());
            }
            Done::Erased => return Ok(app.pages.render("erased.html", ())?.into_response()),
        };
        let to = format!("/preferences/{token}?said={said}");
        Ok((StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response())
    };
    personal(page.await.unwrap_or_else(|fault| fault.page(&app)))
}

enum Done {
    Said(&'static str),
    /// Only looked at.
    Tried(Box<Preferences>),
    Wrong(String),
    Erased,
    Nothing,
}

async fn act(
    app: &Shared,
    reader: &Subscriber,
    form: &Form,
    origin: Origin,
) -> Result<Done, Fault> {
    let verbs = &app.site.subscriptions;
    let runs = matches!(reader.state, SubscriberState::Active | SubscriberState::Paused);
    Ok(match form.get("do").unwrap_or_default() {
        "save" => match wishes::read(form) {
            Ok(preferences) => {
                verbs.replace(reader, preferences).await?;
                Done::Said("saved")
            }
            Err(sentence) => Done::Wrong(sentence),
        },
        "try" => match wishes::read(form) {
            Ok(preferences) => Done::Tried(Box::new(preferences)),
            Err(sentence) => Done::Wrong(sentence),
        },
        "pause" if runs => match pause_day(app, reader, form) {
            Ok(until) => {
                verbs.pause(reader, until, "paused on the page").await?;
                Done::Said("paused")
            }
            Err(sentence) => Done::Wrong(sentence),
        },
        "resume" if reader.state == SubscriberState::Paused => {
            verbs.resume(reader, "resumed on the page").await?;
            Done::Said("resumed")
        }
        "resend" if runs => Done::Said(match verbs.resend(reader).await? {
            Resent::Now => "resent",
            Resent::Already => "resent-already",
            Resent::None => "resent-none",
        }),
        "move" if runs => match subscribe::address(app, form) {
            Ok(to) => {
                verbs.ask_to_move(reader, &to, origin).await?;
                Done::Said("moving")
            }
            Err(Mistake { sentence, meant, .. }) if !meant.is_empty() => {
                Done::Wrong(format!("{sentence} To move there all the same, write to us."))
            }
            Err(mistake) => Done::Wrong(mistake.sentence),
        },
        "reset-taste" => {
            verbs.reset_taste(reader).await?;
            Done::Said("taste-reset")
        }
        "erase" if form.says("sure", "yes") => {
            verbs.erase(reader, "at their own wish").await?;
            Done::Erased
        }
        "erase" => Done::Wrong("To have everything erased, tick the box beside it.".to_owned()),
        _ => Done::Nothing,
    })
}

/// The day until which to pause; none: no end.
fn pause_day(app: &Shared, reader: &Subscriber, form: &Form) -> Result<Option<Date>, String> {
    let Some(text) = form.get("until") else { return Ok(None) };
    let day: Date = text.parse().map_err(|_| "Please give the day as 2026-12-24.".to_owned())?;
    app.site.subscriptions.can_pause_until(reader, day)?;
    Ok(Some(day))
}

async fn reader(app: &Shared, token: &str) -> Result<Subscriber, Fault> {
    let found = app.site.subscriptions.open(Purpose::Preferences, token).await?;
    found.map(|(reader, _)| reader).ok_or(Fault::Link)
}

/// How the page comes to be shown.
enum Shown<'a> {
    /// After something was done.
    After(&'a str),
    /// To try these wishes on the recent papers.
    Tried(&'a Preferences),
    /// To mend what was typed.
    Wrong(String, &'a Form),
}

async fn page(
    app: &Shared,
    token: &str,
    reader: &Subscriber,
    shown: Shown<'_>,
) -> Result<Response, Fault> {
    let (verbs, links) = (&app.site.subscriptions, &app.site.links);
    let timing = verbs.timing(&reader.preferences);
    let civil = |at: jiff::Timestamp| timing.zone().civil(at);
    let leave = links.token(Purpose::Unsubscribe, reader.person(), 0, "");
    let taste = links.token(Purpose::Taste, reader.person(), 0, "");
    let own_feed = links.token(Purpose::Feed, reader.person(), 0, "");
    let today = verbs.today(reader);
    let later = |weeks| today.checked_add(jiff::Span::new().weeks(weeks)).unwrap_or(Date::MAX);
    let recent = shelf::recent(app).await?;
    let (mut said, mut sentence) = ("", String::new());
    let (mut wanted, mut typed) = (&reader.preferences, None);
    match shown {
        Shown::After(done) => said = done,
        Shown::Tried(wishes) => (said, wanted) = ("tried", wishes),
        Shown::Wrong(wrong, form) => (sentence, typed) = (wrong, Some(form)),
    }
    let mut fields = Fields::of(wanted, &app.site.usual);
    if let Some(form) = typed.filter(|form| form.says("do", "save") || form.says("do", "try")) {
        fields = fields.typed(form);
    }
    let context = Context {
        email: reader.email.as_str(),
        state: reader.state,
        here: format!("/preferences/{token}"),
        unsubscribe: format!("/unsubscribe/{leave}"),
        confirm_first: reader.state == SubscriberState::Pending,
        paused_until: reader
            .paused_until
            .map_or_else(String::new, |at| civil(at).date().to_string()),
        next: reader
            .next_due_at
            .map_or_else(String::new, |at| civil(at).strftime("%A, %-d %B, %H:%M").to_string()),
        words: timing.words(),
        moving_to: reader.moving_to.as_ref(),
        pauses: [1, 2, 4, 8].map(|weeks| later(weeks).to_string()).to_vec(),
        feed: format!("/feed.atom?token={own_feed}"),
        json_feed: format!("/feed.json?token={own_feed}"),
        taste: format!("/taste/{taste}"),
        has_taste: reader.has_taste,
        fields,
        found: found(&recent, &wanted.topics),
        recent: recent.len(),
        days: LOOK_BACK.secs() / 86_400,
        said,
        wrong: sentence,
    };
    Ok(app.pages.render("preferences.html", context)?.into_response())
}
