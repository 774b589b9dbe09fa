//! `/admin/subscribers/{id}`: one subscriber: what they asked for, everything that happened to them
//! and to each of their mails, and the verbs of `subscription` as buttons.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::guard::{Sent, Visitor};
use super::view::{Stop, When, answer, encoded, go, office, page, to_mend, when};
use crate::model::SubscriberState;
use crate::store::{Granted, Subscriber, TimelineEvent};
use crate::subscription::{Origin, Resent};
use crate::web::Shared;
use crate::web::form::Form;
use crate::web::place::{Asked, Piece};

use SubscriberState::{Active, Paused, Pending, Suppressed, Unsubscribed};

/// What the page may be asked.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Wish {
    said: String,
    /// A day of the reader's own calendar; empty: all days.
    day: String,
}

#[derive(Serialize)]
struct Context {
    id: i64,
    email: String,
    /// The address within an address.
    place: String,
    state: SubscriberState,
    facts: Vec<(&'static str, String)>,
    /// The day that the answer is about, and whether it was asked for.
    day: String,
    asked: bool,
    /// Why there was, or was not, a digest on it.
    answer: String,
    helps: Vec<String>,
    events: Vec<Event>,
    earlier: usize,
    /// The verbs that their standing allows.
    may: Vec<&'static str>,
    said: String,
    wrong: String,
}

#[derive(Serialize)]
struct Event {
    at: When,
    what: String,
    detail: String,
    reason: String,
    /// good, bad, or neither.
    tone: &'static str,
}

/// Events that one page shows.
const SHOWN: usize = 200;

/// The page.
pub(super) async fn show(
    State(app): State<Shared>,
    visitor: Visitor,
    Piece(id): Piece,
    Asked(Wish { said, day }): Asked<Wish>,
) -> Response {
    answer(&app, &visitor, async {
        let reader = find(&app, &id).await?;
        let (day, wrong) = match day.trim() {
            "" => (None, String::new()),
            text => match text.parse() {
                Ok(day) => (Some(day), String::new()),
                Err(_) => (None, "Please give the day as 2026-12-24.".to_owned()),
            },
        };
        shown(&app, &visitor, &reader, day, said, wrong).await
    })
    .await
}

async fn find(app: &Shared, id: &str) -> Result<Subscriber, Stop> {
    let id = id.parse().unwrap_or(0);
    let found = app.site.store.subscriber_in(id).await?;
    found.ok_or(Stop::Refused(StatusCode::NOT_FOUND))
}

async fn shown(
    app: &Shared,
    visitor: &Visitor,
    reader: &Subscriber,
    day: Option<Date>,
    said: String,
    wrong: String,
) -> Result<Response, Stop> {
    let story = app.site.subscriptions.story(reader, day).await?;
    let mut events = story.events;
    // What waits stands at the moment of its next attempt, which is yet to come.
    events.reverse();
    let earlier = events.len().saturating_sub(SHOWN);
    events.truncate(SHOWN);
    let context = Context {
        id: reader.id,
        email: reader.email.to_string(),
        place: encoded(reader.email.as_str()),
        state: reader.state,
        facts: facts(app, reader).await?,
        day: story.day.to_string(),
        asked: day.is_some(),
        answer: story.answer.answer,
        helps: story.answer.facts,
        events: events.into_iter().map(|event| told(app, event)).collect(),
        earlier,
        may: may(reader.state).to_vec(),
        said,
        wrong,
    };
    page(app, visitor, "subscribers", "reader", context)
}

/// What their standing allows.
fn may(state: SubscriberState) -> &'static [&'static str] {
    match state {
        Active => &["pause", "resend", "remove", "suppress", "erase"],
        Paused => &["resume", "pause", "resend", "remove", "suppress", "erase"],
        Pending => &["ask", "remove", "suppress", "erase"],
        Unsubscribed => &["resume", "suppress", "erase"],
        Suppressed => &["lift", "erase"],
    }
}

async fn facts(app: &Shared, reader: &Subscriber) -> Result<Vec<(&'static str, String)>, Stop> {
    let verbs = &app.site.subscriptions;
    let (preferences, usual) = (&reader.preferences, &app.site.usual);
    let timing = verbs.timing(preferences);
    let local = |at| timing.zone().civil(at).strftime("%a %-d %b %Y, %H:%M").to_string();
    let topics = match preferences.topics.is_empty() {
        true => "all papers".to_owned(),
        false => preferences.topics.line(),
    };
    let mut facts = vec![("Rhythm", timing.words())];
    match (reader.state, reader.next_due_at) {
        (Active, Some(next)) => {
            facts.push(("Next digest", format!("{} ({})", local(next), timing.zone())));
        }
        (Pending, _) => facts.push(("Next digest", "none until confirmed".to_owned())),
        (state, _) => facts.push(("Next digest", format!("none while {}", state.word()))),
    }
    if let Some(until) = reader.paused_until {
        facts.push(("Paused until", local(until)));
    }
    let last = reader.last_digest_day.map_or_else(|| "none yet".to_owned(), |day| day.to_string());
    let votes = preferences.min_votes.unwrap_or(usual.min_votes);
    facts.extend([
        ("Last digest", last),
        ("Topics", topics),
        ("Votes", format!("{votes} or more")),
        ("Full papers", preferences.max_papers.unwrap_or(usual.max_papers).to_string()),
        ("Language", preferences.locale.as_ref().unwrap_or(&usual.locale).to_string()),
        ("Came", local(reader.created_at)),
    ]);
    if let Some(at) = reader.confirmed_at {
        facts.push(("Confirmed", local(at)));
    }
    if let Some(to) = &reader.moving_to {
        facts.push(("Wants to move to", to.to_string()));
    }
    if let Some(bounces) = app.site.bounces.standing(reader).await? {
        facts.push(("Bounces", bounces));
    }
    if let Some(found) = app.site.store.suppression(&verbs.mark_of(&reader.email)).await? {
        let since = local(found.since);
        facts.push(("Suppressed", format!("since {since}: {}, {}", found.reason, found.detail)));
    }
    Ok(facts)
}

fn told(app: &Shared, event: TimelineEvent) -> Event {
    let tone = match event.what.as_str() {
        "sent" | "arrived" | "active" => "good",
        "failed" | "bounced" | "complained" | "suppressed" | "skipped" => "bad",
        _ => "",
    };
    Event {
        at: when(app, event.at),
        what: event.what,
        detail: event.detail,
        reason: event.reason.unwrap_or_default(),
        tone,
    }
}

/// Does what a button says.
pub(super) async fn act(
    State(app): State<Shared>,
    visitor: Visitor,
    Piece(id): Piece,
    Sent(form): Sent,
) -> Response {
    answer(&app, &visitor, async {
        let reader = find(&app, &id).await?;
        let wanted = form.get("do").unwrap_or_default();
        let Some(verb) = may(reader.state).iter().find(|verb| **verb == wanted) else {
            let wrong = format!("They are {}: that cannot be done now.", reader.state.word());
            return unable(&app, &visitor, &reader, wrong).await;
        };
        match done(&app, &visitor, &reader, verb, &form).await? {
            Ok("erased") => Ok(go("/admin/subscribers?said=erased")),
            Ok(said) => Ok(go(format!("/admin/subscribers/{}?said={said}", reader.id))),
            Err(wrong) => unable(&app, &visitor, &reader, wrong).await,
        }
    })
    .await
}

async fn unable(
    app: &Shared,
    visitor: &Visitor,
    reader: &Subscriber,
    wrong: String,
) -> Result<Response, Stop> {
    Ok(to_mend(shown(app, visitor, reader, None, String::new(), wrong).await?))
}

/// Does it, and notes it. What was done in a word, or why it was not in a sentence.
async fn done(
    app: &Shared,
    visitor: &Visitor,
    reader: &Subscriber,
    verb: &str,
    form: &Form,
) -> Result<Result<&'static str, String>, Stop> {
    let (verbs, store) = (&app.site.subscriptions, &app.site.store);
    let by = visitor.by();
    let how = |what: &str| format!("{what} by an admin ({})", by.who);
    let mark = verbs.mark_of(&reader.email);
    let before = reader.state.word();
    let (what, said, detail) = match verb {
        "pause" => {
            let until = match form.get("until").map(str::parse::<Date>).transpose() {
                Ok(until) => until,
                Err(_) => return Ok(Err("Please give the day as 2026-12-24.".to_owned())),
            };
            if let Some(Err(wrong)) = until.map(|day| verbs.can_pause_until(reader, day)) {
                return Ok(Err(wrong));
            }
            let waited = verbs.pause(reader, until, &how("paused")).await?;
            let until = until.map_or_else(|| "no end".to_owned(), |day| day.to_string());
            ("subscriber.pause", "paused", format!("{before}; until {until}; {waited} waited"))
        }
        "resume" => {
            if reader.state == Unsubscribed && store.suppression(&mark).await?.is_some() {
                let wrong = "They complained: the suppression has to be lifted first.";
                return Ok(Err(wrong.to_owned()));
            }
            verbs.resume(reader, &how("resumed")).await?;
            ("subscriber.resume", "resumed", before.to_owned())
        }
        "remove" => {
            verbs.unsubscribe(reader, &how("removed"), false).await?;
            ("subscriber.remove", "removed", before.to_owned())
        }
        "resend" => match verbs.resend(reader).await? {
            Resent::Now => ("subscriber.resend", "resent", String::new()),
            Resent::Already => {
                let wrong = "Their last digest was sent once more within the last day already.";
                return Ok(Err(wrong.to_owned()));
            }
            Resent::None => return Ok(Err("They have had no digest yet.".to_owned())),
        },
        "ask" => {
            let origin = Origin { how: "admin", from: None, quick: false };
            match verbs.subscribe(&reader.email, &reader.preferences, origin).await? {
                Granted::Mail => ("subscriber.ask", "asked", String::new()),
                Granted::Nothing => {
                    let wrong = "Nothing was sent: subscribing is closed, or they are in already.";
                    return Ok(Err(wrong.to_owned()));
                }
                _ => {
                    let wrong = "They had such a mail lately, and limits hold for admins, too.";
                    return Ok(Err(wrong.to_owned()));
                }
            }
        }
        "suppress" => {
            let why: String = form.get("why").unwrap_or("by an admin").chars().take(200).collect();
            let now = app.site.clock.now();
            store.suppress(&reader.email, &mark, "admin", &why, now).await?;
            ("subscriber.suppress", "suppressed", format!("{before}; {why}"))
        }
        "lift" => {
            let now = app.site.clock.now();
            store.lift(&mark, Some(&reader.email.key()), now).await?;
            ("subscriber.lift", "lifted", String::new())
        }
        "erase" if form.says("sure", "yes") => {
            verbs.erase(reader, "by an admin").await?;
            ("subscriber.erase", "erased", String::new())
        }
        _ => return Ok(Err("To have everything erased, tick the box beside it.".to_owned())),
    };
    let about = format!("{} ({})", reader.id, reader.email.masked());
    office(app)?.admins.note(&by, what, about, detail).await?;
    Ok(Ok(said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_done_is_offered() {
        for state in SubscriberState::ALL {
            assert!(may(state).contains(&"erase"));
            assert_eq!(may(state).contains(&"resend"), matches!(state, Active | Paused));
            assert_eq!(may(state).contains(&"lift"), state == Suppressed);
        }
    }
}
