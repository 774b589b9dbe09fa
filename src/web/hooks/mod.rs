//! `/hooks/…`: providers report what became of mails. Each request proves from whom it is before
//! anything in it counts, and gets its 200 only when its effect is durable. Never logs what a
//! request holds.

mod amazon;
mod event;
mod mailgun;
mod postmark;
mod sendgrid;
mod ses;
mod sns;

pub use amazon::{Amazon, Fetch};

use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{FromRequest as _, Request, State};
use axum::http::HeaderMap;
use axum::response::IntoResponse as _;
use axum::routing::post;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;

use super::Shared;
use super::error::Fault;
use crate::bounce::Said;
use crate::config::Webhooks;
use crate::model::Way;
use crate::store::Reported;
use crate::token::to_hex;
use event::{Event, What};

/// The most that a report may hold; SendGrid's batches are the largest, with 768 kB.
pub(super) const BODY_LIMIT: usize = 1024 * 1024;
/// The most events in one report.
const MOST_EVENTS: usize = 4_000;
/// How many requests are dealt with at once; further ones wait before their bodies are read.
const MOST_AT_ONCE: usize = 32;
/// How many people's events are stored at once: they share transactions.
const PEOPLE_AT_ONCE: usize = 8;
/// How old a signature may be of those who try again for hours without a new one.
const DAY: SignedDuration = SignedDuration::from_hours(25);
/// How often refusals are logged.
const WARN_EVERY: i64 = 60;

/// Who may report, and how the one that is asked back is reached.
#[derive(Clone, Debug)]
pub struct Hooks {
    /// How each provider proves who it is.
    pub webhooks: Webhooks,
    /// The way to Amazon.
    pub amazon: Amazon,
}

/// SHA-256 of something.
type Mark = [u8; 32];

/// What is remembered between requests.
#[derive(Debug)]
pub(super) struct Kept {
    keys: amazon::Keys,
    places: Semaphore,
    /// When a refusal was last logged, in seconds.
    warned: AtomicI64,
}

impl Default for Kept {
    fn default() -> Self {
        Self {
            keys: amazon::Keys::default(),
            places: Semaphore::new(MOST_AT_ONCE),
            warned: AtomicI64::new(i64::MIN),
        }
    }
}

/// One of those who report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Provider {
    Ses,
    Postmark,
    Sendgrid,
    Mailgun,
}

impl Provider {
    fn way(self) -> Way {
        match self {
            Self::Ses => Way::Ses,
            Self::Postmark => Way::Postmark,
            Self::Sendgrid => Way::Sendgrid,
            Self::Mailgun => Way::Mailgun,
        }
    }
}

/// A request that has proved from whom it is.
struct Report {
    /// What tells it from others of its provider.
    id: Mark,
    events: Vec<Event>,
}

/// Why a request has no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refused {
    /// It does not prove from whom it is; why.
    Forged(&'static str),
    /// It is not of the form that its provider gives it.
    Unreadable,
    /// It could not be dealt with now; why. The provider is to try again.
    NotNow(&'static str),
}

/// A page for each provider that is configured.
pub(super) fn routes(webhooks: &Webhooks) -> Router<Shared> {
    let pages = [
        ("/hooks/ses", Provider::Ses, !webhooks.ses_topics.is_empty()),
        ("/hooks/postmark", Provider::Postmark, webhooks.postmark_password.is_some()),
        ("/hooks/sendgrid", Provider::Sendgrid, webhooks.sendgrid_key.is_some()),
        ("/hooks/mailgun", Provider::Mailgun, webhooks.mailgun_key.is_some()),
    ];
    let mut routes = Router::new();
    for (path, provider, _) in pages.into_iter().filter(|(_, _, configured)| *configured) {
        let page = move |State(app): State<Shared>, request: Request| async move {
            match submit(&app, provider, request).await {
                Ok(()) => "".into_response(),
                Err(fault) => fault.page(&app),
            }
        };
        routes = routes.route(path, post(page));
    }
    routes
}

async fn submit(app: &Shared, provider: Provider, request: Request) -> Result<(), Fault> {
    let now = app.site.clock.now();
    let headers = request.headers().clone();
    let _place = app.hooks.places.acquire().await;
    if provider == Provider::Postmark {
        // Known before any of the body is read.
        let password = app.site.hooks.webhooks.postmark_password.as_ref();
        if !password.is_some_and(|password| postmark::knows(password, &headers)) {
            return Err(app.refuse(provider, Refused::Forged("the password is wrong"), now));
        }
    }
    let body = Bytes::from_request(request, app).await.map_err(Fault::from)?;
    let report = open(app, provider, &headers, &body, now).await;
    let report = report.map_err(|refused| app.refuse(provider, refused, now))?;
    if report.events.len() > MOST_EVENTS {
        return Err(Fault::Unreadable);
    }
    let id = to_hex(&mark(&[provider.way().word().as_bytes(), &report.id]));
    match app.site.store.claim_report(&id, &to_hex(&mark(&[&body])), now).await? {
        // What comes twice at one moment is dealt with twice, and has one effect.
        Reported::New => store(app, report.events, now).await?,
        Reported::Done => return Ok(()),
        Reported::Other => {
            let refused = Refused::Forged("its proof was used for another one");
            return Err(app.refuse(provider, refused, now));
        }
    }
    Ok(app.site.store.finish_report(&id).await?)
}

/// The report in a request.
async fn open(
    app: &Shared,
    provider: Provider,
    headers: &HeaderMap,
    body: &[u8],
    now: Timestamp,
) -> Result<Report, Refused> {
    const CLOSED: Refused = Refused::Forged("the provider is not configured");
    let hooks = &app.site.hooks;
    let webhooks = &hooks.webhooks;
    match provider {
        Provider::Ses => {
            sns::open((&hooks.amazon, &app.hooks.keys), &webhooks.ses_topics, body, now).await
        }
        Provider::Postmark => postmark::open(body, now),
        Provider::Sendgrid => {
            sendgrid::open(webhooks.sendgrid_key.as_ref().ok_or(CLOSED)?, headers, body, now)
        }
        Provider::Mailgun => mailgun::open(webhooks.mailgun_key.as_ref().ok_or(CLOSED)?, body, now),
    }
}

impl super::App {
    /// The fault that a refusal comes to. One in a while is logged: whoever sets a provider up
    /// must learn why it is refused, and strangers must not fill the disk.
    fn refuse(&self, provider: Provider, refused: Refused, now: Timestamp) -> Fault {
        let reason = match refused {
            Refused::NotNow(reason) => return Fault::NotNow(reason),
            Refused::Unreadable => "it cannot be read",
            Refused::Forged(reason) => reason,
        };
        let (second, warned) = (now.as_second(), &self.hooks.warned);
        if second.saturating_sub(warned.load(Ordering::Relaxed)) >= WARN_EVERY {
            warned.store(second, Ordering::Relaxed);
            tracing::warn!(provider = provider.way().name(), reason, "a report was refused");
        }
        match refused {
            Refused::Unreadable => Fault::Unreadable,
            _ => Fault::Forged,
        }
    }
}

/// Stores what a report says: of each person in its order, of several at once.
async fn store(app: &Shared, mut events: Vec<Event>, now: Timestamp) -> Result<(), Fault> {
    events.sort_by_cached_key(|event| event.email.key());
    let people = events.chunk_by(|one, next| one.email.key() == next.email.key());
    let people: Vec<Vec<Event>> = people.map(<[Event]>::to_vec).collect();
    let stored = stream::iter(people).map(|events| apply_all(app, events, now));
    stored.buffer_unordered(PEOPLE_AT_ONCE).try_collect().await
}

async fn apply_all(app: &Shared, events: Vec<Event>, now: Timestamp) -> Result<(), Fault> {
    for event in &events {
        apply(app, event, now).await?;
    }
    Ok(())
}

/// Gives an event its effect. As the request has proved from whom it is, the person is found by
/// their address.
async fn apply(app: &Shared, event: &Event, now: Timestamp) -> Result<(), Fault> {
    let (store, verbs) = (&app.site.store, &app.site.subscriptions);
    let Some(reader) = store.subscriber(&event.email).await? else { return Ok(()) };
    let finding = match &event.what {
        // Said before they came back.
        What::Left if event.at < reader.state_at => return Ok(()),
        What::Left => {
            verbs.unsubscribe(&reader, &format!("by way of {}", event.way.name()), false).await?;
            return Ok(());
        }
        What::Found(finding) => finding.clone(),
    };
    let at = event.at.min(now);
    let bounces = &app.site.bounces;
    let delivery = bounces.mail_named(reader.id, &event.mail).await?;
    let said = Said { subscriber: reader.id, delivery, finding, way: event.way, at };
    bounces.apply(&said).await.map_err(Fault::Bounce)?;
    Ok(())
}

/// SHA-256 of the parts, one after another.
fn mark(parts: &[&[u8]]) -> Mark {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

/// Whether `at` is no further from `now` than `most`.
fn near(at: Timestamp, now: Timestamp, most: SignedDuration) -> bool {
    now.duration_since(at).abs() <= most
}
