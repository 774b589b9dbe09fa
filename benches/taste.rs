//! What taste costs: learning from 500 words of a reader and ranking their digest, against
//! rendering it; and planning readers with taste, who share no cohort, against planning as many
//! cohorts without. Prints ratios; no absolute times.
//!
//! `cargo bench --bench taste` has a store of 20 thousand papers; `-- --quick` of 2 thousand.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use paperround::clock::Clock;
use paperround::config::Config;
use paperround::digest::{Colophon, Library, Planner};
use paperround::model::{
    Feedback, FetchOutcome, HourMinute, Listing, Paper, PaperId, Period, Preferences,
    SubscriberState,
};
use paperround::render::{Beside, Frame, Markers, PaperView, Templates};
use paperround::store::{FetchRecord, NewSubscriber, Store};
use paperround::token::Key;

const CONFIG: &str = r#"
site.url = "https://digest.example"
mail.from = "papers@digest.example"
mail.relays = [{ url = "folder:outbox" }]
digest.look_back = "1d"
"#;

/// Papers of one day.
const DAY: usize = 40;
/// Readers with taste, and cohorts without.
const READERS: usize = 20;
/// What each of the readers has said.
const SAID: usize = 500;
/// The promise.
const MOST: f64 = 5.0;

fn main() -> anyhow::Result<()> {
    let quick = std::env::args().any(|word| word == "--quick");
    let papers = if quick { 2_000 } else { 20_000 };
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(compare(papers))
}

async fn compare(papers: usize) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let config =
        Config::parse(CONFIG, &folder.path().join("bench.toml"), std::iter::empty())?.config;
    let store = Store::open_sqlite(&folder.path().join("bench.db")).await?;
    let now: Timestamp = "2026-02-20T08:00:00Z".parse()?;
    list_papers(&store, papers, now).await?;
    let later = now + SignedDuration::from_mins(10);
    let last = now + SignedDuration::from_mins(20);
    add(&store, "first", 1, now).await?;
    add(&store, "plain", READERS, later).await?;
    let readers = add(&store, "taste", READERS, last).await?;
    let rows = store.newest_papers(Timestamp::MIN, u32::MAX).await?;
    for (reader, id) in readers.iter().enumerate() {
        for n in 0..SAID {
            let (row, _) = rows[DAY + (n * 3 + reader * 7) % (rows.len() - DAY)];
            let word = if n % 5 == 4 { Feedback::Less } else { Feedback::More };
            store.rate(*id, row, Some(word), now).await?;
        }
    }
    let planner = Planner {
        store: store.clone(),
        clock: Clock::fixed(now),
        templates: Arc::new(Templates::load(None)?),
        key: Key::new([7; 32]),
        digest: config.digest.clone(),
        zone: config.site.time_zone.clone(),
        colophon: Colophon::of(&config),
        letterhead: String::new(),
        library: Arc::<Library>::default(),
    };
    // The first reads all papers, once for all that follow.
    let reading = plan(&planner, 1).await?;
    planner.clock.set(later);
    let plain = plan(&planner, READERS).await?;
    planner.clock.set(last);
    let taste = plan(&planner, READERS).await?;
    let render = render(&store, now).await?;
    let begun = Instant::now();
    for reader in &readers {
        anyhow::ensure!(store.rated(*reader).await?.len() == SAID);
    }
    let reading_words = begun.elapsed();
    let each = |all: Duration| all.as_secs_f64() / READERS as f64 / render;
    let ranking = (each(taste) - each(plain)).max(0.0);
    println!("in renders of one digest of {DAY} papers, {papers} papers in the store:");
    println!("  learning from {SAID} words and ranking by them   {ranking:.2}");
    println!("    of which reading them from the database      {:.2}", each(reading_words));
    println!("  planning a cohort                            {:.2}", each(plain));
    println!("  planning a reader with taste                 {:.2}", each(taste));
    println!(
        "  the first planning, which reads all papers   {:.0}",
        reading.as_secs_f64() / render
    );
    println!(
        "a reader with taste costs {:.2}x a cohort, however many readers that has",
        each(taste) / each(plain)
    );
    anyhow::ensure!(ranking <= MOST, "ranking may cost {MOST} renders, and costs {ranking:.2}");
    Ok(())
}

/// Plans who is due: so many digests.
async fn plan(planner: &Planner, digests: usize) -> anyhow::Result<Duration> {
    let begun = Instant::now();
    let planned = planner.plan_once(|_| ()).await?;
    let taken = begun.elapsed();
    anyhow::ensure!(planned.digests == digests as u64, "{planned:?}");
    Ok(taken)
}

/// The seconds that one render of the day's digest takes.
async fn render(store: &Store, now: Timestamp) -> anyhow::Result<f64> {
    let candidates = store.candidates(now - SignedDuration::from_hours(24)).await?;
    let views: Vec<PaperView> =
        (1..).zip(&candidates).map(|(rank, one)| PaperView::new(rank, &one.paper)).collect();
    anyhow::ensure!(views.len() == DAY, "{} papers", views.len());
    let frame = Frame {
        site_title: "Paper Round".to_owned(),
        site_url: "https://digest.example".to_owned(),
        locale: paperround::model::Locale::default(),
        date: paperround::model::Zone::UTC.civil(now).date(),
        rhythm: "weekdays at 08:00".to_owned(),
        markers: Markers::new("5a17e0d1c2b3948f"),
        welcome: false,
        iso_dates: false,
        contact: "help@digest.example".to_owned(),
        by_reply: false,
        postal_address: None,
        beside: Beside::default(),
    };
    let templates = Templates::load(None)?;
    let mut taken = Vec::new();
    for _ in 0..100 {
        let begun = Instant::now();
        std::hint::black_box(templates.fit(&frame, &views, 15, 90_000)?);
        taken.push(begun.elapsed().as_secs_f64());
    }
    taken.sort_by(f64::total_cmp);
    Ok(taken[taken.len() / 2])
}

/// Adds readers, each with a profile of their own; their rows.
async fn add(store: &Store, name: &str, count: usize, due: Timestamp) -> anyhow::Result<Vec<i64>> {
    let mut rows = Vec::new();
    for n in 0..count {
        let hour = HourMinute::new(u8::try_from(n)?, 0);
        let new = NewSubscriber {
            email: format!("{name}{n}@example.org").parse()?,
            state: SubscriberState::Active,
            preferences: Preferences { hour, ..Preferences::default() },
            confirmed_at: None,
            paused_until: None,
            next_due_at: Some(due),
            how: "bench".to_owned(),
            mark: String::new(),
        };
        let email = new.email.clone();
        store.add_subscribers(&[new], due - SignedDuration::from_hours(1)).await?;
        rows.extend(store.subscriber(&email).await?.map(|reader| reader.id));
    }
    Ok(rows)
}

/// Papers in the proportions of real ones: words as often as in a language (Zipf), a tenth of
/// them those of one of 200 subjects. The last [`DAY`] papers are of today, the others older.
async fn list_papers(store: &Store, count: usize, now: Timestamp) -> anyhow::Result<()> {
    let mut state = 42_u64;
    let mut random = move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1_u32 << 31)
    };
    let mut text = |subject: usize, words: usize| {
        let word = |x: f64, most: f64| (most.powf(x)) as usize;
        let mut text = String::new();
        for _ in 0..words {
            let number = match random() {
                x if x < 0.3 => 30_000 + subject * 40 + word(random(), 40.0),
                _ => word(random(), 30_000.0),
            };
            // Letters only, so that each number is a word without an ending.
            for digit in number.to_string().bytes() {
                text.push(char::from(b'b' + (digit - b'0') * 2));
                text.push('o');
            }
            text.push_str("k ");
        }
        text
    };
    let mut papers: Vec<Paper> = (0..count)
        .map(|n| {
            let id = PaperId::from_stored(format!("26{:02}.{:05}", n / 90_000 + 1, n % 90_000));
            let subject = (n * 7_919) % 200;
            let url = format!("https://huggingface.co/papers/{id}");
            Paper {
                summary: text(subject, 180),
                votes: Some(u32::try_from(n % 211).unwrap_or(0)),
                authors: vec!["Ada Ames".to_owned(), "Bo Chen".to_owned()],
                ..Paper::new(id, text(subject, 9), url)
            }
        })
        .collect();
    let today = papers.split_off(count - DAY);
    let days = papers.chunks(250).enumerate().map(|(at, chunk)| {
        (now - SignedDuration::from_hours(24 * (2 + at as i64)), chunk.to_vec())
    });
    for (at, papers) in days.chain([(now - SignedDuration::from_hours(2), today)]) {
        let listing = Listing { period: Period::Trending, papers, rejected: Vec::new() };
        store
            .record_fetch(&FetchRecord {
                source: "bench",
                url: "",
                at,
                outcome: FetchOutcome::Good,
                reason: None,
                reachable: true,
                listing: Some(&listing),
                etag: None,
                last_modified: None,
                body_hash: None,
                kept: None,
                not_before: None,
            })
            .await?;
    }
    Ok(())
}
