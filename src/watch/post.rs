//! Webhooks: each is told what its format asks for, once, and again with growing waits until it
//! takes it or a day is over. What waits lies in the store. One that fails holds up neither the
//! others nor any mail, and whoever runs the site is told by mail.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{
    AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER,
};
use reqwest::redirect;
use secrecy::ExposeSecret as _;
use serde_json::json;
use sha2::Sha256;

use super::{Watch, WatchError};
use crate::alarms::{Event, Kind, State};
use crate::config::{Config, Hook, HookKind};
use crate::meter;
use crate::reach::{self, Resolver};
use crate::token::to_hex;

/// How long one may take, to begin and in all.
const PATIENCE: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(10));
/// The first wait before another attempt, doubled for each further one, and the longest.
const WAITS: (SignedDuration, SignedDuration) =
    (SignedDuration::from_secs(30), SignedDuration::from_hours(1));
/// What is older is no news.
const NEWS: SignedDuration = SignedDuration::from_hours(24);
/// Failed attempts after which whoever runs the site is told.
const TOLD: u32 = 3;
/// Posts that are looked at in one go.
const BATCH: u32 = 50;

/// Speaks to webhooks.
#[derive(Debug)]
pub struct Poster {
    hooks: Vec<Hook>,
    /// For addresses of the public internet.
    public: reqwest::Client,
    /// For this machine.
    local: reqwest::Client,
    /// For wherever whoever runs the site says.
    anywhere: reqwest::Client,
}

/// A request as one webhook wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: String,
}

/// Why a webhook was not told. Never holds its address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PostError {
    /// No answer.
    #[error("it could not be reached: {0}")]
    Unreachable(String),
    /// An answer that is no yes.
    #[error("it answered {0}")]
    Refused(u16, Option<Duration>),
    /// Its name is not in the configuration any more.
    #[error("it is not in the configuration any more")]
    Gone,
}

impl Poster {
    /// To the webhooks of the configuration.
    ///
    /// # Errors
    ///
    /// The HTTP client cannot be made.
    pub fn new(config: &Config) -> Result<Self, reqwest::Error> {
        // A second call finds the first one's provider: just as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let agent = format!("paperround/{}", env!("CARGO_PKG_VERSION"));
        let builder = || {
            reqwest::Client::builder()
                .user_agent(&agent)
                .connect_timeout(PATIENCE.0)
                .timeout(PATIENCE.1)
                .redirect(redirect::Policy::none())
                .referer(false)
        };
        let proxies = reach::proxies();
        let bound =
            |loopback| builder().dns_resolver(Resolver { loopback, proxies: Arc::clone(&proxies) });
        Ok(Self {
            hooks: config.admin.webhooks.clone(),
            public: bound(false).build()?,
            local: bound(true).no_proxy().build()?,
            anywhere: builder().build()?,
        })
    }

    /// The names of the webhooks.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.hooks.iter().map(|hook| hook.name.as_str())
    }

    /// Tells the webhook called `name`.
    ///
    /// # Errors
    ///
    /// It did not take it.
    pub async fn tell(&self, name: &str, event: &Event) -> Result<(), PostError> {
        let hook = self.hooks.iter().find(|hook| hook.name == name).ok_or(PostError::Gone)?;
        let client = match hook {
            Hook { internal: true, .. } => &self.anywhere,
            Hook { url, .. } if reach::is_loopback(url) => &self.local,
            _ => &self.public,
        };
        let Post { headers, body } = written(hook, event);
        let sent = client.post(hook.url.clone()).headers(headers).body(body).send().await;
        // Its address may be a secret.
        let answer = sent.map_err(|error| PostError::Unreachable(why(&error.without_url())))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(());
        }
        let wait = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let wait = wait.and_then(|text| text.parse().ok()).map(Duration::from_secs);
        Err(PostError::Refused(status.as_u16(), wait))
    }
}

/// An error with its causes, in one line.
fn why(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words += &format!(": {error}");
        cause = error.source();
    }
    words
}

/// The request for a webhook.
fn written(hook: &Hook, event: &Event) -> Post {
    let mut headers = HeaderMap::new();
    let mut put = |name: &'static str, value: String| {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    let secret = hook.secret.as_ref().map(|secret| secret.expose_secret());
    let body = match hook.kind {
        HookKind::Json => {
            let body = event.to_json();
            put("x-paperround-event", event.topic.clone());
            if let Some(mac) =
                secret.and_then(|secret| Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok())
            {
                let mark = mac.chain_update(body.as_bytes()).finalize().into_bytes();
                put("x-hub-signature-256", format!("sha256={}", to_hex(&mark)));
            }
            body
        }
        HookKind::Slack => {
            let (sign, site) = (sign(event), escaped(&event.site));
            let (headline, detail) = (escaped(&event.headline()), escaped(&event.detail));
            let text = format!("{sign} *{headline}*\n{detail}\n<{}|{site}>", event.url);
            json!({"text": text}).to_string()
        }
        HookKind::Ntfy => {
            put("title", in_header(&format!("{}: {}", event.site, event.headline())));
            let (priority, tag) = match (event.state, event.severity.as_str()) {
                (State::Over, _) => ("2", "white_check_mark"),
                (_, "critical") => ("5", "rotating_light"),
                _ => ("3", "warning"),
            };
            put("priority", priority.to_owned());
            put("tags", tag.to_owned());
            put("click", event.url.clone());
            if let Some(token) = secret {
                put("authorization", format!("Bearer {token}"));
            }
            event.detail.clone()
        }
    };
    let kind = match hook.kind {
        HookKind::Json | HookKind::Slack => "application/json",
        HookKind::Ntfy => "text/plain; charset=utf-8",
    };
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Some(login) = headers.get_mut(AUTHORIZATION) {
        login.set_sensitive(true);
    }
    Post { headers, body }
}

fn sign(event: &Event) -> &'static str {
    match (event.state, event.severity.as_str()) {
        (State::Over, _) => ":white_check_mark:",
        (_, "critical") => ":rotating_light:",
        _ => ":warning:",
    }
}

/// As Slack wants text.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Text in a header, as ntfy reads it (RFC 2047 where it is not ASCII).
fn in_header(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if line.is_ascii() { line } else { format!("=?UTF-8?B?{}?=", STANDARD.encode(line)) }
}

impl Watch {
    /// Tells webhooks what is due, each of its own in order.
    pub async fn post_once(&self) -> Result<(), WatchError> {
        let now = self.clock.now();
        let due = self.store.due_posts(now, BATCH).await?;
        let mut failing: Vec<String> = Vec::new();
        for post in due {
            // What waits for one that fails now waits behind that.
            if failing.contains(&post.hook) {
                continue;
            }
            let Ok(event) = serde_json::from_str::<Event>(&post.event) else {
                self.store.drop_post(post.id).await?;
                continue;
            };
            let told = self.poster.tell(&post.hook, &event).await;
            let error = match told {
                Ok(()) => {
                    self.store.drop_post(post.id).await?;
                    meter::ALARM_POSTS.add(&["taken"], 1);
                    self.alarms.over(Kind::WebhookFailing, &post.hook, now).await?;
                    continue;
                }
                Err(error) => error,
            };
            let next = again(post.attempts, &error, now);
            let (hook, reason) = (post.hook.as_str(), error.to_string());
            if error == PostError::Gone || next.duration_since(post.at) > NEWS {
                tracing::warn!(hook, reason, "a webhook was not told, and will not be");
                self.store.drop_post(post.id).await?;
                meter::ALARM_POSTS.add(&["dropped"], 1);
            } else {
                tracing::info!(hook, reason, "a webhook was not told; it will be tried again");
                self.store.defer_post(post.id, next, &reason).await?;
                meter::ALARM_POSTS.add(&["retried"], 1);
            }
            if error != PostError::Gone && post.attempts + 1 >= TOLD {
                let detail = format!(
                    "It was tried {} times: {reason}. What it was to be told is kept for a day. \
                     `paperround alarm test` tries all ways now.",
                    post.attempts + 1
                );
                self.alarms.raise(Kind::WebhookFailing, hook, &detail, now).await?;
            }
            failing.push(post.hook);
        }
        Ok(())
    }

    /// Speaks to webhooks.
    pub fn poster(&self) -> &Poster {
        &self.poster
    }
}

/// When a webhook that failed so often before is tried again.
fn again(attempts: u32, error: &PostError, now: Timestamp) -> Timestamp {
    let wait = WAITS.0 * 2_i32.saturating_pow(attempts.min(10));
    let asked = match error {
        PostError::Refused(_, Some(asked)) => {
            SignedDuration::try_from(*asked).unwrap_or(SignedDuration::ZERO)
        }
        _ => SignedDuration::ZERO,
    };
    now.saturating_add(wait.max(asked).min(WAITS.1)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hook(kind: HookKind) -> Hook {
        let url = "https://hooks.example.org/x".parse().unwrap();
        let secret = Some("open sesame".to_owned().into());
        Hook { kind, name: "ops".to_owned(), url, secret, internal: false }
    }

    fn event(state: State) -> Event {
        let at: Timestamp = "2026-11-23T09:00:00Z".parse().unwrap();
        Event {
            version: 1,
            site: "Paper Röund".to_owned(),
            url: "https://papers.example.org".to_owned(),
            state,
            topic: "source-broken".to_owned(),
            title: "A source gives nothing".to_owned(),
            severity: "warning".to_owned(),
            subject: "hugging<face>".to_owned(),
            place: String::new(),
            detail: "The last 3 fetches & more gave nothing.".to_owned(),
            since: at,
            at,
        }
    }

    #[test]
    fn json_is_signed_as_github_signs() {
        let Post { headers, body } = written(&hook(HookKind::Json), &event(State::Open));
        let told: Event = serde_json::from_str(&body).unwrap();
        assert_eq!(told, event(State::Open));
        let mac = Hmac::<Sha256>::new_from_slice(b"open sesame").unwrap();
        let mark = mac.chain_update(body.as_bytes()).finalize().into_bytes();
        assert_eq!(headers["x-hub-signature-256"], format!("sha256={}", to_hex(&mark)));
        let bare = Hook { secret: None, ..hook(HookKind::Json) };
        assert!(!written(&bare, &event(State::Open)).headers.contains_key("x-hub-signature-256"));
    }

    #[test]
    fn slack_and_ntfy_get_what_they_read() {
        let Post { body, .. } = written(&hook(HookKind::Slack), &event(State::Over));
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(
            body["text"],
            ":white_check_mark: *Over: A source gives nothing: hugging&lt;face&gt;*\nThe last 3 \
             fetches &amp; more gave nothing.\n<https://papers.example.org|Paper Röund>"
        );
        let Post { headers, body } = written(&hook(HookKind::Ntfy), &event(State::Open));
        assert_eq!(body, "The last 3 fetches & more gave nothing.");
        assert!(headers["title"].to_str().unwrap().starts_with("=?UTF-8?B?"));
        assert_eq!(
            (&headers["priority"], &headers["tags"]),
            (&"3".parse().unwrap(), &"warning".parse().unwrap())
        );
        assert_eq!(headers["authorization"], "Bearer open sesame");
        assert!(headers["authorization"].is_sensitive());
    }

    #[test]
    fn waits_grow_and_are_what_was_asked_for() {
        let now: Timestamp = "2026-11-23T09:00:00Z".parse().unwrap();
        let wait =
            |attempts, error: &PostError| again(attempts, error, now).duration_since(now).as_secs();
        let plain = PostError::Unreachable(String::new());
        assert_eq!([0, 1, 2, 20].map(|attempts| wait(attempts, &plain)), [30, 60, 120, 3_600]);
        assert_eq!(wait(0, &PostError::Refused(429, Some(Duration::from_secs(90)))), 90);
        assert_eq!(wait(0, &PostError::Refused(429, Some(Duration::from_secs(90_000)))), 3_600);
    }
}
