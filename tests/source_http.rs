//! The scout against servers: plain answers from a small one of our own, and, where it
//! is at hand, a hostile one (`../shared/tools/bad-http`, or `PAPERROUND_TOOLS`; it needs
//! python3; without it these tests say so and pass).

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use paperround::config::{Source, SourceKind};
use paperround::model::{ByteSize, FetchOutcome, Period};
use paperround::source::{
    Client, Found, KeptPages, Known, Limits, Origin, Scout, Seen, Validators,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/sample/trending.html");
const NOW: &str = "2026-11-20T08:00:00Z";

fn source(kind: SourceKind, url: &str) -> Source {
    Source {
        name: "test".into(),
        kind,
        url: url.parse().unwrap(),
        schedule: "5 * * * *".parse().unwrap(),
        max_size: ByteSize::from_bytes(4_000_000),
    }
}

fn limits() -> Limits {
    Limits {
        connect: Duration::from_secs(2),
        idle: Duration::from_secs(2),
        whole: Duration::from_secs(8),
        tries: 2,
        first_wait: Duration::from_millis(50),
        longest_wait: Duration::from_secs(3),
    }
}

fn scout(limits: Limits) -> (Scout, tempfile::TempDir) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let dir = tempfile::tempdir().unwrap();
    let client = Client::new("https://papers.example", limits).unwrap();
    (Scout::new(client, KeptPages::new(dir.path())), dir)
}

async fn look(scout: &Scout, source: &Source, validators: &Validators) -> Found {
    scout.look(source, None, &Known::default(), validators, NOW.parse().unwrap()).await
}

/// Serves `answers` to one connection after another, whole; returns its address and, in the
/// end, the requests.
async fn serve(answers: Vec<Vec<u8>>) -> (String, tokio::task::JoinHandle<Vec<String>>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let served = tokio::spawn(async move {
        let mut requests = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                request.push(stream.read_u8().await.unwrap());
            }
            requests.push(String::from_utf8(request).unwrap());
            let _ = stream.write_all(&answer).await;
            let _ = stream.shutdown().await;
        }
        requests
    });
    (address, served)
}

fn http(head: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let mut answer = format!(
        "HTTP/1.1 {}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n",
        head.trim_end()
    )
    .into_bytes();
    answer.extend_from_slice(body);
    answer
}

#[tokio::test]
async fn a_page_is_asked_for_once_and_then_only_if_it_changed() {
    let page = std::fs::read(SAMPLE).unwrap();
    let (address, served) = serve(vec![
        http("200 OK\r\nETag: W/\"a\"\r\nContent-Type: text/html; charset=utf-8", &page),
        b"HTTP/1.1 304 Not Modified\r\nETag: W/\"a\"\r\nConnection: close\r\n\r\n".to_vec(),
        http("200 OK\r\nETag: W/\"b\"", &page),
    ])
    .await;
    let (scout, dir) = scout(limits());
    let source = source(SourceKind::HuggingFace, &format!("{address}/papers/trending"));
    let first = look(&scout, &source, &Validators::default()).await;
    assert_eq!((first.outcome, first.reason.as_deref()), (FetchOutcome::Good, None));
    assert_eq!(first.listing.as_ref().unwrap().period, Period::Trending);
    assert_eq!(first.raw, page);
    let validators =
        Validators { etag: first.etag, last_modified: None, body_hash: Some(first.body_hash) };
    assert_eq!(look(&scout, &source, &validators).await.outcome, FetchOutcome::Unchanged);
    // A server that ignores the condition and answers with the same bytes.
    let third = look(&scout, &source, &validators).await;
    assert_eq!((third.outcome, third.etag.as_deref()), (FetchOutcome::Unchanged, Some("W/\"b\"")));
    let requests = served.await.unwrap();
    assert!(requests[0].contains("paperround/") && requests[0].contains("+https://papers.example"));
    assert!(
        !requests[0].contains("if-none-match") && requests[1].contains("if-none-match: W/\"a\"")
    );
    assert!(std::fs::read_dir(dir.path()).unwrap().next().is_none(), "nothing is set aside");
}

#[tokio::test]
async fn the_api_is_read_page_by_page() {
    let item = |id: &str| format!("{{\"paper\":{{\"id\":\"{id}\",\"title\":\"T\"}}}}");
    let (address, served) = serve(vec![
        http("200 OK", format!("[{},{}]", item("2611.00001"), item("2611.00002")).as_bytes()),
        http("200 OK", format!("[{},{}]", item("2611.00002"), item("2611.00003")).as_bytes()),
        http("200 OK", b"[]"),
    ])
    .await;
    let (scout, _dir) = scout(limits());
    let url = format!("{address}/api/daily_papers?date=2026-11-19");
    let found =
        look(&scout, &source(SourceKind::HuggingFaceApi, &url), &Validators::default()).await;
    assert_eq!(found.outcome, FetchOutcome::Good, "{:?}", found.reason);
    let listing = found.listing.unwrap();
    assert_eq!(listing.papers.len(), 3);
    assert_eq!(listing.period, Period::Day("2026-11-19".parse().unwrap()));
    let requests = served.await.unwrap();
    assert!(requests[0].contains("limit=100&p=0") && requests[2].contains("&p=2"));
    let (_, again) = paperround::source::read(None, &found.raw, None, None).unwrap();
    assert_eq!(again.listing.papers.len(), 3, "what is kept can be read again");
}

#[tokio::test]
async fn waits_are_honoured_up_to_a_ceiling() {
    let page = std::fs::read(SAMPLE).unwrap();
    let limited = |headers: &str| http(&format!("429 Too Many Requests\r\n{headers}"), b"");
    let (address, served) = serve(vec![
        limited("Retry-After: 1"),
        http("200 OK", &page),
        limited("ratelimit: \"pages\";r=0;t=224"),
    ])
    .await;
    let (scout, _dir) = scout(limits());
    let source = source(SourceKind::HuggingFace, &address);
    let started = Instant::now();
    assert_eq!(look(&scout, &source, &Validators::default()).await.outcome, FetchOutcome::Good);
    assert!(started.elapsed() >= Duration::from_secs(1));
    let found = look(&scout, &source, &Validators::default()).await;
    assert!(found.unreachable && found.outcome == FetchOutcome::Broken);
    assert_eq!(found.retry_not_before.unwrap().to_string(), "2026-11-20T08:03:44Z");
    assert_eq!(served.await.unwrap().len(), 3, "it did not hammer");
}

#[tokio::test]
async fn challenges_and_refusals_are_told_and_kept() {
    let (address, _served) = serve(vec![
        http("202 Accepted\r\nx-amzn-waf-action: challenge", b""),
        http("400 Bad Request", b"date must be <= 2026-08-27"),
        http("200 OK", b"{\"error\":\"rate limited\"}"),
    ])
    .await;
    let (scout, _dir) = scout(limits());
    let source = source(SourceKind::HuggingFaceApi, &format!("{address}/?p=0"));
    for reason in [
        "the server answers 202 Accepted, a challenge",
        "the server answers 400 Bad Request: date must be <= 2026-08-27",
        "the source answers with an error: rate limited",
    ] {
        let found = look(&scout, &source, &Validators::default()).await;
        assert_eq!((found.outcome, found.unreachable), (FetchOutcome::Broken, false));
        assert_eq!(found.reason.as_deref(), Some(reason));
        assert_eq!(
            found.kept.map(|path| std::fs::read(path).unwrap()).unwrap_or_default(),
            found.raw
        );
    }
}

#[tokio::test]
async fn saved_pages_are_taken_for_what_they_say() {
    let (scout, dir) = scout(limits());
    let source = source(SourceKind::Arxiv, "https://rss.arxiv.org/rss/cs.CL");
    let look = async |origin: &str| {
        let origin: Origin = origin.parse().unwrap();
        let now = NOW.parse().unwrap();
        scout.look(&source, Some(&origin), &Known::default(), &Validators::default(), now).await
    };
    let found = look(SAMPLE).await;
    assert_eq!((found.outcome, found.kind), (FetchOutcome::Good, SourceKind::HuggingFace));
    assert_eq!(found.url, SAMPLE);
    assert_eq!(look(&format!("file://{SAMPLE}")).await.outcome, FetchOutcome::Good);
    let missing = look("/nowhere/page.html").await;
    assert!(missing.unreachable && missing.reason.unwrap().contains("/nowhere/page.html"));
    let odd = dir.path().join("odd.bin");
    std::fs::write(&odd, [0u8, 1, 2, 255].repeat(100)).unwrap();
    let odd = look(odd.to_str().unwrap()).await;
    assert_eq!((odd.outcome, odd.unreachable), (FetchOutcome::Broken, false));
}

/// The hostile server, ended when dropped.
struct Hostile {
    child: Child,
    address: String,
}

impl Drop for Hostile {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn hostile() -> Option<Hostile> {
    let tools = std::env::var_os("PAPERROUND_TOOLS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/tools"),
        PathBuf::from,
    );
    let program = tools.join("bad-http");
    if !program.exists() || Command::new("python3").arg("-V").output().is_err() {
        eprintln!("SKIPPED: no {} or no python3", program.display());
        return None;
    }
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut child = Command::new(program)
        .args(["--port", &free.to_string(), "--good", SAMPLE, "--max-s", "120"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let ready = lines.any(|line| line.is_ok_and(|line| line.contains("listening")));
    assert!(ready, "the hostile server did not start");
    Some(Hostile { child, address: format!("http://127.0.0.1:{free}") })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_hostile_answer_passes_for_a_listing() {
    let Some(server) = hostile() else { return };
    // What is served under these names is, or unpacks to, the whole good page.
    let good = [
        "gbk",
        "ok",
        "nocharset",
        "etag-flip",
        "utf16",
        "nul",
        "layout",
        "zero-papers",
        "dup-papers",
    ];
    // The network's fault, or the server's: another time may do better.
    let unreachable = [
        "truncated",
        "short-chunk",
        "slow",
        "slowheaders",
        "headerbomb",
        "hugeheader",
        "reset",
        "garbage",
        "500",
        "503",
        "429",
        "429-huge",
        "http09",
        "two-lengths",
    ];
    let broken = [
        "big",
        "empty",
        "json-as-html",
        "200-error",
        "badutf8",
        "gzipbomb",
        "gzip-bad",
        "brotli-lie",
        "redirect-loop",
        "redirect-file",
        "redirect-meta",
        "redirect-loopback",
        "redirect-http",
        "deep",
        "entities",
        "evil-titles",
        "204",
        "304",
        "403",
        "404",
        "latin1",
    ];
    let (scout, _dir) = scout(limits());
    // An earlier trending list, so that a smaller one is seen as such.
    let known = Known { recent: vec![Seen { period: Period::Trending, papers: 24 }; 3] };
    let started = Instant::now();
    let mut looks = tokio::task::JoinSet::new();
    for case in good.into_iter().chain(unreachable).chain(broken) {
        let source = source(SourceKind::HuggingFace, &format!("{}/{case}", server.address));
        let (scout, known) = (scout.clone(), known.clone());
        looks.spawn(async move {
            let now = NOW.parse().unwrap();
            (case, scout.look(&source, None, &known, &Validators::default(), now).await)
        });
    }
    let mut wrong = Vec::new();
    let mut cases = 0;
    while let Some(look) = looks.join_next().await {
        let (case, found) = look.unwrap();
        cases += 1;
        let reason = found.reason.clone().unwrap_or_default();
        println!("{case:18} {:11} {:5} {reason}", found.outcome.word(), found.unreachable);
        let fits = if good.contains(&case) {
            let papers = found.listing.as_ref().map_or(0, |listing| listing.papers.len());
            found.outcome == FetchOutcome::Good && papers == 24
        } else {
            // The server takes seconds to pack its bomb; on a busy machine we give up before.
            let either = case == "gzipbomb";
            found.outcome == FetchOutcome::Broken
                && (either || found.unreachable == unreachable.contains(&case))
                && !reason.is_empty()
        };
        if !fits {
            wrong.push(case);
        }
    }
    println!("{cases} cases in {:.1} s", started.elapsed().as_secs_f64());
    assert_eq!(wrong, Vec::<&str>::new());
    assert!(started.elapsed() < Duration::from_secs(40));
}
