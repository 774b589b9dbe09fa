//! Open troubles, for the top of the page of today. The one place to add a kind of trouble: each is
//! a sentence that says what is wrong and a place that helps.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::Office;
use super::view::{Stop, ago, when};
use crate::alarms::Kind;
use crate::setup::Setup;
use crate::web::Shared;

/// Something that needs a person.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Trouble {
    /// What is wrong, since when.
    pub(super) sentence: String,
    /// The page that helps; empty: none does.
    pub(super) link: String,
    /// What that page is.
    pub(super) words: &'static str,
}

/// How long a source may be without a good fetch, and a mail wait.
const PATIENCE: SignedDuration = SignedDuration::from_hours(24);
const LATE: SignedDuration = SignedDuration::from_hours(4);

/// Everything that is wrong as far as the store knows.
pub(super) async fn open(
    app: &Shared,
    office: &Office,
    now: Timestamp,
) -> Result<Vec<Trouble>, Stop> {
    let store = &app.site.store;
    let before = |span: SignedDuration| now.saturating_sub(span).unwrap_or(now);
    let mut troubles = Vec::new();
    let mut add = |sentence: String, link: &str, words: &'static str| {
        troubles.push(Trouble { sentence, link: link.to_owned(), words });
    };
    // What was found by whoever watches, and is not over; the page of each kind that has one.
    let alarms = store.open_alarms().await?;
    for alarm in &alarms {
        let kind = Kind::from_word(&alarm.topic);
        let title = kind.map_or(alarm.topic.as_str(), |kind| kind.title());
        let about = match alarm.subject.as_str() {
            "" => String::new(),
            subject => format!(" ({subject})"),
        };
        let detail = alarm.detail.trim_end_matches('.');
        let (link, words) = match kind {
            Some(Kind::SourceBroken | Kind::SourceSilent) => ("/admin/sources", "Sources"),
            Some(Kind::ConfigRefused) => ("/admin/config", "Configuration"),
            Some(Kind::DigestLate | Kind::QueueStuck | Kind::RelayDown) => {
                ("/admin/queue", "Queue")
            }
            _ => ("", ""),
        };
        let since = ago(now, alarm.opened_at);
        add(format!("{title}{about}: {detail}. First seen {since}."), link, words);
    }
    let told = |subject: &str| alarms.iter().any(|alarm| alarm.subject == subject);
    for sentence in app.site.setup.as_ref().map(Setup::troubles).unwrap_or_default() {
        add(format!("Configuration: {sentence}."), "/admin/config", "Configuration");
    }
    for source in office.sources.iter().filter(|source| !told(&source.name)) {
        let good = store.last_good_fetch(&source.name, now).await?;
        let last = store.last_fetches(&source.name, now, 1).await?.into_iter().next();
        let since = good.as_ref().map(|fetch| fetch.at);
        let stale = since.is_none_or(|at| at < before(PATIENCE));
        let told = since.map_or_else(|| "never yet".to_owned(), |at| ago(now, at));
        let fault =
            last.as_ref().filter(|fetch| matches!(fetch.outcome.as_str(), "broken" | "incomplete"));
        if let Some(fetch) = fault {
            let reason = fetch.reason.as_deref().unwrap_or(&fetch.outcome);
            add(
                format!("The source {} fails: {reason}. Last good fetch: {told}.", source.name),
                "/admin/sources",
                "Sources",
            );
        } else if stale && last.is_some() {
            add(
                format!("The source {} is silent. Last good fetch: {told}.", source.name),
                "/admin/sources",
                "Sources",
            );
        }
    }
    for rest in store.resting(now).await? {
        add(
            format!(
                "{} gets no digests until {}: it said {:?}.",
                rest.domain,
                when(app, rest.until).words(),
                rest.detail
            ),
            "/admin/queue",
            "Queue",
        );
    }
    let late = store.count_late(before(LATE)).await?;
    if late > 0 {
        let mails = if late == 1 { "1 mail has".to_owned() } else { format!("{late} mails have") };
        let sentence = format!("{mails} waited for more than four hours.");
        add(sentence, "/admin/queue", "Queue");
    }
    let doubtful = store.count_doubtful(before(PATIENCE)).await?;
    if doubtful > 0 {
        let mails = if doubtful == 1 { "1 mail" } else { "Several mails" };
        add(
            format!(
                "{mails} of the last day may have been sent twice: a process ended while sending."
            ),
            "/admin/queue?state=doubtful",
            "Which",
        );
    }
    let held = store.held_domains().await?;
    if !held.is_empty() {
        add(
            format!(
                "Unusually many mails came back from {}: those bounces wait, and suppress nobody \
                 yet.",
                held.join(", ")
            ),
            "",
            "",
        );
    }
    Ok(troubles)
}
