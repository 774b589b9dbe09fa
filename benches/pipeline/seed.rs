//! `seed`: readers of one cohort, papers, and the digest that the product plans of them.

use std::path::Path;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use paperround::app::App;
use paperround::clock::Clock;
use paperround::delivery::{Addressee, Composer, Parts};
use paperround::links::Person;
use paperround::model::{FetchOutcome, Listing, Period, Preferences, SubscriberState};
use paperround::render::{Beside, Frame, Markers, PaperView, Templates};
use paperround::store::{FetchRecord, NewSubscriber};
use serde_json::{Value, json};

use crate::house::{House, cpu_s};
use crate::papers;

/// Readers added in one unit.
const BATCH: u64 = 5_000;

pub(crate) async fn seed(
    house: &House,
    readers: u64,
    count: u32,
    context: Option<&Path>,
) -> anyhow::Result<Value> {
    let now = Clock::system().now();
    let app = house.open(Clock::fixed(now)).await?;
    let papers = papers::papers(count)?;
    if let Some(path) = context {
        // As many in full as the planner shows in full.
        let views: Vec<PaperView> =
            (1..).zip(&papers).map(|(rank, paper)| PaperView::new(rank, paper)).collect();
        let cards = usize::try_from(app.config.digest.max_papers)?;
        let mut whole =
            Templates::load(None)?.context(&frame(&app, now), &views, views.len(), cards);
        whole.recipient = "RECIPIENT".to_owned();
        std::fs::write(path, serde_json::to_vec(&whole)?)?;
    }
    let listing = Listing { period: Period::Trending, papers, rejected: Vec::new() };
    let listed_at = now - SignedDuration::from_hours(2);
    app.store.record_fetch(&record(&listing, listed_at)).await?;
    for first in (0..readers).step_by(usize::try_from(BATCH)?) {
        let many = (first..readers.min(first + BATCH))
            .map(|n| {
                Ok(NewSubscriber {
                    email: format!("reader{n:07}@example.org").parse()?,
                    state: SubscriberState::Active,
                    preferences: Preferences::default(),
                    confirmed_at: None,
                    paused_until: None,
                    next_due_at: Some(now),
                    how: "bench".to_owned(),
                    mark: String::new(),
                })
            })
            .collect::<anyhow::Result<Vec<_>>>()?;
        app.store.add_subscribers(&many, listed_at).await?;
    }
    let planner = app.planner()?;
    let (cpu, wall) = (cpu_s()?, Instant::now());
    let planned = planner.plan_once(|_| ()).await?;
    let (cpu, wall) = (cpu_s()? - cpu, wall.elapsed());
    let books = app.store.books().await?;
    anyhow::ensure!(planned.planned == readers && planned.digests == 1, "one cohort, all of it");
    anyhow::ensure!(books.balance() && books.waiting == readers, "all of them queued");
    let bytes = mail_bytes(&app, now).await?;
    app.store.close().await;
    Ok(json!({
        "readers": readers,
        "mail_bytes": bytes,
        "enqueue_cpu_s": cpu,
        "enqueue_wall_s": wall.as_secs_f64(),
    }))
}

fn record(listing: &Listing, at: Timestamp) -> FetchRecord<'_> {
    FetchRecord {
        source: "bench",
        url: "",
        at,
        outcome: FetchOutcome::Good,
        reason: None,
        reachable: true,
        listing: Some(listing),
        etag: None,
        last_modified: None,
        body_hash: None,
        kept: None,
        not_before: None,
    }
}

fn frame(app: &App, now: Timestamp) -> Frame {
    let config = &app.config;
    Frame {
        site_title: config.site.title.clone(),
        site_url: config.site.url.to_string(),
        locale: config.site.locale.clone(),
        date: now.to_zoned(jiff::tz::TimeZone::UTC).date(),
        rhythm: "weekdays at 08:00, UTC".to_owned(),
        markers: Markers::new("5a17e0d1c2b3948f"),
        welcome: false,
        iso_dates: false,
        contact: config.mail.from.to_string(),
        by_reply: false,
        postal_address: None,
        beside: Beside::default(),
    }
}

/// How long a mail of the digest is, unsigned.
async fn mail_bytes(app: &App, now: Timestamp) -> anyhow::Result<usize> {
    let digest = app.store.digest(1).await?.ok_or_else(|| anyhow::anyhow!("a digest"))?;
    let parts = Parts {
        kind: digest.kind,
        marker: &digest.marker,
        subject: &digest.subject,
        html: &digest.html,
        text: &digest.text,
        day: digest.day,
        letterhead: &digest.letterhead,
    };
    let to = "reader0000000@example.org".parse()?;
    let of = Addressee { id: "1", to: &to, person: Person::default(), date: now, answers: None };
    let mail = Composer::new(&app.config, app.key.clone()).mail(&parts, &of)?;
    Ok(mail.message.len())
}
