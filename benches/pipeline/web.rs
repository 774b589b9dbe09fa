//! `web`: asks a running site for each of its routes in turn, over connections that stay open,
//! and says how many answers a second came. The bare server is what the others are held
//! against: a file that it has in memory, asked for just before each of them, as other work on
//! the machine slows both.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::Context as _;
use paperround::clock::Clock;
use paperround::links::Purpose;
use paperround::store::{Subscriber, SubscriberFilter};
use serde_json::{Map, Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufStream};
use tokio::net::TcpStream;

use crate::house::House;

const FORM: &str = "application/x-www-form-urlencoded";

/// A route with its requests, ready to be written.
struct Route {
    name: &'static str,
    requests: Arc<[Vec<u8>]>,
}

pub(crate) async fn web(
    house: &House,
    site: SocketAddr,
    connections: usize,
    requests: usize,
) -> anyhow::Result<Value> {
    let bare = Route { name: "static", requests: vec![get("/assets/style.css"); requests].into() };
    // The first answers of all are slow.
    answers(&bare, site, connections).await?;
    let mut said = Map::new();
    for route in routes(house, requests).await? {
        let held_against = answers(&bare, site, connections).await?;
        let rate = answers(&route, site, connections).await?;
        said.insert(route.name.to_owned(), json!({ "rate": rate, "static": held_against }));
    }
    Ok(said.into())
}

/// Answers a second.
async fn answers(route: &Route, site: SocketAddr, connections: usize) -> anyhow::Result<f64> {
    let next = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let mut tasks = Vec::new();
    for _ in 0..connections {
        tasks.push(tokio::spawn(ask(site, Arc::clone(&route.requests), Arc::clone(&next))));
    }
    for task in tasks {
        task.await?.with_context(|| route.name)?;
    }
    Ok(route.requests.len() as f64 / begun.elapsed().as_secs_f64())
}

/// Asks for what is left on one connection.
async fn ask(
    site: SocketAddr,
    requests: Arc<[Vec<u8>]>,
    next: Arc<AtomicUsize>,
) -> anyhow::Result<()> {
    let stream = TcpStream::connect(site).await?;
    stream.set_nodelay(true)?;
    let mut stream = BufStream::new(stream);
    let (mut line, mut body) = (String::new(), Vec::new());
    while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
        stream.write_all(request).await?;
        stream.flush().await?;
        line.clear();
        stream.read_line(&mut line).await?;
        let status = line.split(' ').nth(1).unwrap_or_default().to_owned();
        let mut length = 0;
        loop {
            line.clear();
            anyhow::ensure!(stream.read_line(&mut line).await? > 0, "the site hung up");
            if line == "\r\n" {
                break;
            }
            let lower = line.to_ascii_lowercase();
            if let Some(text) = lower.strip_prefix("content-length:") {
                length = text.trim().parse()?;
            }
        }
        body.resize(length, 0);
        stream.read_exact(&mut body).await?;
        anyhow::ensure!(status == "200", "the answer was {status}");
    }
    Ok(())
}

async fn routes(house: &House, count: usize) -> anyhow::Result<Vec<Route>> {
    let app = house.open(Clock::system()).await?;
    let readers = readers(&app.store, count).await?;
    anyhow::ensure!(readers.len() >= count, "there are only {} readers", readers.len());
    let links = app.links();
    let own = |purpose, head: &'static str, tail: &'static str| -> Arc<[Vec<u8>]> {
        readers
            .iter()
            .map(|one| get(&format!("{head}{}{tail}", links.token(purpose, one.person(), 0, ""))))
            .collect()
    };
    let same = |path: &str| -> Arc<[Vec<u8>]> { vec![get(path); count].into() };
    // The seed lists its papers two hours before.
    let listed = app.clock.now() - jiff::SignedDuration::from_hours(2);
    let day = app.config.site.time_zone.civil(listed).date();
    let stamp = std::process::id();
    let routes = vec![
        Route { name: "home", requests: same("/") },
        Route { name: "archive", requests: same("/archive") },
        Route { name: "archive_day", requests: same(&format!("/archive/{day}")) },
        Route { name: "feed_atom", requests: same("/feed.atom") },
        Route { name: "feed_json", requests: same("/feed.json") },
        Route { name: "own_feed", requests: own(Purpose::Feed, "/feed.json?token=", "") },
        Route { name: "preferences", requests: own(Purpose::Preferences, "/preferences/", "") },
        Route { name: "data", requests: own(Purpose::Preferences, "/preferences/", "/data") },
        Route { name: "unsubscribe", requests: own(Purpose::Unsubscribe, "/unsubscribe/", "") },
        Route { name: "health", requests: same("/healthz") },
        Route {
            name: "subscribe",
            requests: (0..count)
                .map(|n| {
                    // As many domains as there are among a million people's.
                    let body = format!("email=new{n}.{stamp}%40d{}.example", n % 997);
                    post("/subscribe", &body)
                })
                .collect(),
        },
        Route {
            name: "one_click",
            requests: readers
                .iter()
                .map(|one| {
                    let token = links.token(Purpose::Unsubscribe, one.person(), 0, "");
                    post(&format!("/unsubscribe/{token}"), "List-Unsubscribe=One-Click")
                })
                .collect(),
        },
    ];
    app.close().await;
    Ok(routes)
}

/// The tokens by which these readers leave.
pub(crate) async fn tokens(house: &House, rows: &[i64]) -> anyhow::Result<Value> {
    let app = house.open(Clock::system()).await?;
    let links = app.links();
    let mut tokens = Vec::with_capacity(rows.len());
    for row in rows {
        let reader = app.store.subscriber_in(*row).await?.context("a reader")?;
        tokens.push(links.token(Purpose::Unsubscribe, reader.person(), 0, "").into());
    }
    app.close().await;
    Ok(Value::Array(tokens))
}

/// The first active readers.
pub(crate) async fn readers(
    store: &paperround::store::Store,
    count: usize,
) -> anyhow::Result<Vec<Subscriber>> {
    let filter = SubscriberFilter {
        state: Some(paperround::model::SubscriberState::Active),
        ..SubscriberFilter::default()
    };
    let mut found = Vec::new();
    while found.len() < count {
        let after = found.last().map_or(0, |one: &Subscriber| one.id);
        let page = store.subscribers(&filter, after, 1_000).await?;
        if page.is_empty() {
            break;
        }
        found.extend(page);
    }
    found.truncate(count);
    Ok(found)
}

fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: digest.example\r\n\r\n").into_bytes()
}

fn post(path: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nHost: digest.example\r\nContent-Type: {FORM}\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
