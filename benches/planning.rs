//! What planning costs: choose and render once a cohort, however many readers it has, and
//! memory that does not grow with the table. Prints counts and ratios; no absolute times.
//!
//! `cargo bench --bench planning` plans cohorts of 10 thousand and of 1 million readers;
//! `-- --quick` of 1 and 10 thousand.

use std::sync::Arc;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use paperround::clock::Clock;
use paperround::config::Config;
use paperround::digest::{Colophon, Planner};
use paperround::model::{
    FetchOutcome, Listing, Paper, PaperId, Period, Preferences, SubscriberState,
};
use paperround::render::Templates;
use paperround::store::{FetchRecord, NewSubscriber, Store};
use paperround::token::Key;

const CONFIG: &str = r#"
site.url = "https://digest.example"
mail.from = "papers@digest.example"
mail.relays = [{ url = "folder:outbox" }]
"#;

fn main() -> anyhow::Result<()> {
    let quick = std::env::args().any(|word| word == "--quick");
    let sizes: [u64; 2] = if quick { [1_000, 10_000] } else { [10_000, 1_000_000] };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut rows = Vec::new();
    for readers in sizes {
        rows.push(runtime.block_on(one_cohort(readers))?);
    }
    println!(
        "readers   digests rendered   deliveries   plan/add time   peak memory, MiB (just before)"
    );
    for row in &rows {
        println!(
            "{:<9} {:<18} {:<12} {:<15.3} {} ({})",
            row.readers, row.digests, row.planned, row.ratio, row.peak, row.rest
        );
    }
    let [small, large] = rows.as_slice() else { anyhow::bail!("two sizes") };
    anyhow::ensure!(small.digests == large.digests, "rendering must not grow with readers");
    println!(
        "{}x the readers: {}x the renders, {} MiB more memory",
        large.readers / small.readers,
        large.digests / small.digests,
        large.peak.saturating_sub(small.peak)
    );
    Ok(())
}

struct Row {
    readers: u64,
    digests: u64,
    planned: u64,
    ratio: f64,
    peak: u64,
    rest: u64,
}

async fn one_cohort(readers: u64) -> anyhow::Result<Row> {
    let folder = tempfile::tempdir()?;
    let config =
        Config::parse(CONFIG, &folder.path().join("bench.toml"), std::iter::empty())?.config;
    let store = Store::open_sqlite(&folder.path().join("bench.db")).await?;
    let now: Timestamp = "2026-02-20T08:00:00Z".parse()?;
    list_papers(&store, now).await?;
    let adding = Instant::now();
    for batch in 0..readers.div_ceil(5_000) {
        let many: Vec<NewSubscriber> = (batch * 5_000..readers.min((batch + 1) * 5_000))
            .map(|n| {
                Ok(NewSubscriber {
                    email: format!("reader{n}@example.org").parse()?,
                    state: SubscriberState::Active,
                    preferences: Preferences::default(),
                    confirmed_at: None,
                    paused_until: None,
                    next_due_at: Some(now),
                    how: "bench".to_owned(),
                    mark: String::new(),
                })
            })
            .collect::<anyhow::Result<_>>()?;
        store.add_subscribers(&many, now - SignedDuration::from_hours(1)).await?;
    }
    let adding = adding.elapsed();
    let planner = Planner {
        store: store.clone(),
        clock: Clock::fixed(now),
        templates: Arc::new(Templates::load(None)?),
        key: Key::new([7; 32]),
        digest: config.digest.clone(),
        zone: config.site.time_zone.clone(),
        colophon: Colophon::of(&config),
        letterhead: String::new(),
        library: Arc::default(),
    };
    reset_peak();
    let rest = memory("VmRSS:");
    let planning = Instant::now();
    let planned = planner.plan_once(|_| ()).await?;
    let planning = planning.elapsed();
    anyhow::ensure!(planned.planned == readers && store.books().await?.balance());
    Ok(Row {
        readers,
        digests: planned.digests,
        planned: planned.planned,
        ratio: planning.as_secs_f64() / adding.as_secs_f64(),
        peak: memory("VmHWM:"),
        rest,
    })
}

async fn list_papers(store: &Store, now: Timestamp) -> anyhow::Result<()> {
    let papers = (1..=35)
        .map(|n| {
            let id = PaperId::from_arxiv(&format!("2602.{n:05}"))
                .ok_or_else(|| anyhow::anyhow!("an arXiv id"))?;
            let url = format!("https://huggingface.co/papers/{id}");
            let summary = "A sentence about what was found and why it matters. ".repeat(12);
            let title = format!("Paper number {n} about a subject of some interest");
            Ok(Paper { votes: Some(n), summary, ..Paper::new(id, title, url) })
        })
        .collect::<anyhow::Result<_>>()?;
    let listing = Listing { period: Period::Trending, papers, rejected: Vec::new() };
    store
        .record_fetch(&FetchRecord {
            source: "bench",
            url: "",
            at: now - SignedDuration::from_hours(2),
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
    Ok(())
}

/// Starts the peak afresh (Linux; elsewhere peaks count from the start).
fn reset_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// A field of /proc/self/status, in MiB; 0 where there is none.
fn memory(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix(field))
        .and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok())
        .map_or(0, |kib| kib / 1024)
}
