//! What topics cost: 100 new papers against 1 million subscribers who follow 200 thousand distinct
//! topics, from the preferences as they are stored to the papers of each, beside what it takes to
//! enqueue the same number of deliveries. The enqueue is the cheapest there is: one cohort of all of
//! them, with nothing rendered. Prints counts and ratios; no absolute times.
//!
//! `cargo bench --bench matching`; `-- --quick` does a hundredth of it.

use std::collections::HashSet;
use std::hint::black_box;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use paperround::model::{
    Batch, FetchOutcome, Interests, Listing, Paper, PaperId, Period, Preferences, SubscriberState,
    Topic, Topics,
};
use paperround::store::{FetchRecord, Move, NewDigest, NewSubscriber, Store};

/// Topics of one subscriber.
const EACH: u64 = 5;
const PAPERS: u32 = 100;
/// Words of an abstract, and distinct words that papers are made of.
const WORDS: u64 = 180;
const VOCABULARY: u64 = 12_000;

fn main() -> anyhow::Result<()> {
    let quick = std::env::args().any(|word| word == "--quick");
    let (readers, distinct): (u64, u64) =
        if quick { (10_000, 2_000) } else { (1_000_000, 200_000) };
    let mut dice = Dice(7);
    let papers: Vec<Paper> = (0..PAPERS).map(|n| paper(n, &mut dice)).collect();
    let mut seen = HashSet::new();
    let topics: Vec<String> = std::iter::repeat_with(|| topic(&mut dice))
        .filter(|topic| seen.insert(topic.clone()))
        .take(distinct as usize)
        .collect();
    // As they are stored: each with a few of the topics, all of which somebody follows.
    let stored: Vec<String> = (0..readers)
        .map(|reader| {
            let first = reader % distinct;
            let own = (0..EACH).map(|n| if n == 0 { first } else { dice.roll(distinct) });
            let own: Vec<String> = own.map(|n| topics[n as usize].clone()).collect();
            let topics = Topics::read(&own.join("\n")).map_err(anyhow::Error::msg)?;
            Ok(Preferences { topics, ..Preferences::default() }.canonical())
        })
        .collect::<anyhow::Result<_>>()?;

    let parsed: Vec<Topic> = topics.iter().map(|text| text.parse()).collect::<Result<_, _>>()?;
    let mut best = [Duration::MAX; 3];
    let (mut matched, mut pairs) = (0_u64, 0_u64);
    for _ in 0..3 {
        // The topics alone, each once: made ready, read and matched.
        let begun = Instant::now();
        let batch = Batch::new(&papers);
        for topic in &parsed {
            black_box(batch.matches(topic));
        }
        best[0] = best[0].min(begun.elapsed());

        // What planning does for every reader, but for the enqueue.
        let (mut reading, mut matching) = (Duration::ZERO, Duration::ZERO);
        let begun = Instant::now();
        let mut interests = Interests::new(&papers);
        matching += begun.elapsed();
        (matched, pairs) = (0, 0);
        for some in stored.chunks(10_000) {
            let begun = Instant::now();
            let read: Vec<Preferences> =
                some.iter().map(|text| serde_json::from_str(text)).collect::<Result<_, _>>()?;
            reading += begun.elapsed();
            let begun = Instant::now();
            for preferences in &read {
                let found = interests.of(&preferences.topics);
                let found = found.map_or(0, |found| found.any.count() as u64);
                matched += u64::from(found > 0);
                pairs += found;
            }
            matching += begun.elapsed();
        }
        best[1] = best[1].min(reading);
        best[2] = best[2].min(matching);
        anyhow::ensure!(interests.distinct() as u64 == distinct);
    }
    let [alone, read, of_all] = best;

    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let enqueue = runtime.block_on(enqueue(readers, &papers))?;
    let ratio = |one: Duration| one.as_secs_f64() / enqueue.as_secs_f64();
    println!("{PAPERS} papers, {readers} readers with {EACH} of {distinct} distinct topics each");
    println!("{matched} readers get something, {} papers on average", pairs / matched.max(1));
    println!("of the time to enqueue {readers} deliveries, as one cohort:");
    println!("  {:.3} to read and match each distinct topic once", ratio(alone));
    println!("  {:.3} to read the preferences of every reader, as stored", ratio(read));
    println!("  {:.3} to match the topics of every reader", ratio(of_all));
    anyhow::ensure!(ratio(of_all) < 0.25 || quick, "matching must cost less than a quarter");
    Ok(())
}

/// The time in which a million deliveries are enqueued, the shortest of three.
async fn enqueue(readers: u64, papers: &[Paper]) -> anyhow::Result<Duration> {
    let folder = tempfile::tempdir()?;
    let store = Store::open_sqlite(&folder.path().join("bench.db")).await?;
    let now: Timestamp = "2026-02-20T08:00:00Z".parse()?;
    let listing =
        Listing { period: Period::Trending, papers: papers.to_vec(), rejected: Vec::new() };
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
    let mut best = Duration::MAX;
    for day in 0..3 {
        let now = now + SignedDuration::from_hours(24 * day);
        let cohort =
            store.next_cohort(now).await?.ok_or_else(|| anyhow::anyhow!("nobody is due"))?;
        let papers = [1 + day, 11 + day];
        let history: Vec<i64> = cohort.sent.iter().chain(&papers).copied().collect();
        let step = Move {
            now,
            day: paperround::model::Zone::UTC.civil(now).date(),
            next_due_at: now + SignedDuration::from_hours(24),
            history: &history,
            candidates: papers.len(),
            reason: "bench",
        };
        let digest = NewDigest {
            papers: papers.to_vec(),
            marker: "MARK".to_owned(),
            subject: "Subject".to_owned(),
            html: "<p>MARK</p>".repeat(1_000),
            text: "MARK ".repeat(1_000),
            letterhead: String::new(),
            expires_at: now + SignedDuration::from_hours(20),
        };
        let begun = Instant::now();
        let planned = store.enqueue_digest(&cohort, &digest, &step).await?;
        best = best.min(begun.elapsed());
        anyhow::ensure!(planned == readers);
    }
    Ok(best)
}

/// The same numbers in each run (xorshift).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }

    /// A word of the vocabulary, as unevenly spread as words are.
    fn word(&mut self) -> u64 {
        let share = self.roll(1 << 20) as f64 / f64::from(1 << 20);
        ((VOCABULARY as f64).powf(share) - 1.0) as u64
    }
}

/// A word that no rule of English makes shorter than it is told apart by.
fn word(n: u64) -> String {
    const PARTS: [&str; 10] = ["ba", "ko", "ti", "mu", "re", "do", "fa", "li", "nu", "so"];
    let mut text = String::new();
    let mut left = n;
    for _ in 0..4 {
        text.push_str(PARTS[(left % 10) as usize]);
        left /= 10;
    }
    format!("{text}{}", ["k", "m", "x"][(left % 3) as usize])
}

fn paper(n: u32, dice: &mut Dice) -> Paper {
    let mut words = |many| (0..many).map(|_| word(dice.word())).collect::<Vec<_>>().join(" ");
    let id = PaperId::from_stored(format!("2602.{n:05}"));
    let url = format!("https://huggingface.co/papers/{id}");
    let mut paper = Paper::new(id, words(9), url);
    paper.summary = words(WORDS);
    paper.keywords = (0..6).map(|_| words(2)).collect();
    paper.authors = (0..5).map(|n| format!("{} {}", word(n + 3), words(1))).collect();
    paper.votes = Some(n);
    paper
}

/// The kinds that people write: words, phrases, authors, and one in five with signs between them.
fn topic(dice: &mut Dice) -> String {
    let kind = dice.roll(10);
    let mut one = || word(dice.word());
    match kind {
        0 => one(),
        1..=3 => format!("{} {}", one(), one()),
        4..=6 => format!("\"{} {}\"", one(), one()),
        7 => format!("\"{} {}\" OR {}", one(), one(), one()),
        8 => format!("title:{} OR (\"{} {}\" -{})", one(), one(), one(), one()),
        _ => format!("author:\"{} {}\"", one(), one()),
    }
}
