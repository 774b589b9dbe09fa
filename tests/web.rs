//! The site over a real socket: each page, its headers, and what is refused.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

#[path = "support/fetched.rs"]
mod fetched;

use std::net::SocketAddr;
use std::path::Path;

use jiff::Timestamp;
use paperround::app::App;
use paperround::clock::Clock;
use paperround::config::Config;
use paperround::model::{Listing, Paper, PaperId, Period};
use paperround::store::Store;
use paperround::web::{WebError, bind, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

const MAIL: &str = "From: Paper Round <news@example.org>\r\n\
    To: Ada <ada@example.org>\r\n\
    Subject: =?utf-8?Q?Flows_=3C3_and_4_more?=\r\n\
    Date: Mon, 5 Jan 2026 08:00:00 +0100\r\n\
    MIME-Version: 1.0\r\n\
    Content-Type: multipart/alternative; boundary=b\r\n\r\n\
    --b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nThe text <b>part</b>\r\n\
    --b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n\
    <!doctype html><html lang=\"en\"><head><title>t</title></head>\
    <body><h1>Flows</h1><script>alert(1)</script><img alt=\"A\" src=\"https://example.org/a.png\">\
    <a href=\"https://example.org/\">read</a></body></html>\r\n--b--\r\n";

struct Running {
    addr: SocketAddr,
    stop: CancellationToken,
    server: JoinHandle<Result<(), WebError>>,
    store: Store,
    app: App,
    folder: tempfile::TempDir,
}

struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find_map(|(found, value)| found.eq_ignore_ascii_case(name).then_some(value))
            .unwrap_or("")
    }
}

async fn start(with_inbox: bool) -> Running {
    let folder = tempfile::tempdir().unwrap();
    let text = "[site]\nurl = \"https://digest.example\"\ntitle = \"Test & Round\"\n\
                data_dir = \".\"\n[mail]\nfrom = \"papers@digest.example\"\n\
                [[mail.relays]]\nurl = \"folder:inbox\"\n";
    let loaded = Config::parse(text, &folder.path().join("c.toml"), std::iter::empty()).unwrap();
    let now: Timestamp = "2026-01-05T09:00:00Z".parse().unwrap();
    let app = App::open(loaded.config, Clock::fixed(now)).await.unwrap();
    let store = app.store.clone();
    let inbox = folder.path().join("inbox");
    std::fs::create_dir(&inbox).unwrap();
    let site = app.site(with_inbox.then_some(inbox)).unwrap();
    let listener = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let addr = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let server = tokio::spawn(serve(listener, site, stop.clone()));
    Running { addr, stop, server, store, app, folder }
}

impl Running {
    fn inbox(&self) -> std::path::PathBuf {
        self.folder.path().join("inbox")
    }

    async fn ask(&self, method: &str, path: &str) -> Answer {
        let mut stream = TcpStream::connect(self.addr).await.unwrap();
        let request =
            format!("{method} {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_owned(), body: body.to_owned() }
    }

    async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path).await
    }

    /// Two papers now and one from too long ago.
    async fn fill(&self) {
        let mut loved = Paper::new(id("2601.00001"), "Loved <b>flows</b>", "https://x.test/1");
        loved.votes = Some(40);
        loved.authors = ["Ann", "Bo", "Cy", "Di"].map(str::to_owned).to_vec();
        let mut liked = Paper::new(id("2601.00002"), "Liked", "https://x.test/2");
        liked.votes = Some(1);
        let old = Paper::new(id("2512.00003"), "Old hat", "https://x.test/3");
        self.listed("2025-12-20T00:00:00Z", vec![old]).await;
        self.listed("2026-01-04T00:00:00Z", vec![liked, loved]).await;
    }

    async fn listed(&self, at: &str, papers: Vec<Paper>) {
        let listing = Listing { period: Period::Trending, papers, rejected: Vec::new() };
        let fetch = fetched::good("test", at.parse().unwrap(), &listing);
        self.store.record_fetch(&fetch).await.unwrap();
    }
}

fn id(text: &str) -> PaperId {
    PaperId::from_arxiv(text).unwrap()
}

#[tokio::test]
async fn health_tells_ok_and_then_why_not() {
    let site = start(false).await;
    let good = site.get("/healthz").await;
    assert_eq!(good.status, 200);
    assert_eq!(good.header("content-type"), "application/json");
    let body: serde_json::Value = serde_json::from_str(&good.body).unwrap();
    assert_eq!(body, serde_json::json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")}));

    site.store.close().await;
    // An answer counts for a moment, so that visitors cannot keep the disk busy.
    let until = std::time::Instant::now() + std::time::Duration::from_secs(10);
    let mut bad = site.get("/healthz").await;
    while bad.status == 200 && std::time::Instant::now() < until {
        bad = site.get("/healthz").await;
    }
    assert_eq!(bad.status, 503);
    let body: serde_json::Value = serde_json::from_str(&bad.body).unwrap();
    assert_eq!(body["status"], "failing");
    assert!(body["reason"].as_str().unwrap().contains("database"), "{body}");
    assert_eq!(site.get("/").await.status, 503);
}

#[tokio::test]
async fn home_shows_the_weeks_papers() {
    let site = start(false).await;
    assert!(site.get("/").await.body.contains("No paper has been seen in the last 7 days"));
    site.fill().await;
    let home = site.get("/").await;
    assert_eq!(home.status, 200);
    assert_eq!(home.header("content-type"), "text/html; charset=utf-8");
    let text = &home.body;
    assert!(text.contains("Test &amp; Round"));
    assert!(text.contains("Loved &lt;b&gt;flows&lt;"), "titles are text: {text}");
    assert!(text.contains("Ann, Bo, Cy and 1 more"));
    assert!(text.contains(">▲ 40 votes<") && text.contains(">▲ 1 vote<"));
    assert!(text.find("Loved").unwrap() < text.find("Liked").unwrap());
    assert!(!text.contains("Old hat"));
    assert!(!text.contains("/inbox"), "no link that leads nowhere");
}

#[tokio::test]
async fn home_shows_papers_in_the_order_of_the_mail() {
    let site = start(false).await;
    let paper = |number: &str, title: &str, votes| {
        let url = format!("https://x.test/{number}");
        Paper { votes: Some(votes), ..Paper::new(id(number), title, url) }
    };
    // With fewer votes than one of last week, a fresh one stands higher all the same.
    let old = vec![paper("2601.00001", "An old favourite", 40), paper("2601.00002", "Old too", 3)];
    site.listed("2025-12-30T00:00:00Z", old).await;
    site.listed("2026-01-05T08:00:00Z", vec![paper("2601.00003", "Fresh and good", 39)]).await;
    let text = site.get("/").await.body;
    let mail = site.app.planner().unwrap().preview(None).await.unwrap().unwrap().digest;
    assert_eq!(mail.papers, [3, 1, 2]);
    let order = ["Fresh and good", "An old favourite", "Old too"].map(|title| {
        let list = text.split("<ol class=\"papers\">").nth(1).unwrap();
        list.find(title).unwrap()
    });
    assert!(order.is_sorted(), "{text}");
    assert!(text.contains("the best of 3 papers"));
    site.stop.cancel();
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let site = start(true).await;
    std::fs::write(site.inbox().join("1.eml"), MAIL).unwrap();
    let paths =
        ["/", "/healthz", "/inbox", "/inbox/1.eml", "/inbox/1.eml/html", "/inbox/1.eml/raw"];
    for path in paths.into_iter().chain(["/assets/style.css", "/nothing"]) {
        let answer = site.get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'"), "{path}: {policy}");
        let script = policy.split(';').find(|rule| rule.contains("script"));
        assert!(script.is_none_or(|rule| rule.trim() == "script-src 'self'"), "{path}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert!(["DENY", "SAMEORIGIN"].contains(&answer.header("x-frame-options")), "{path}");
        assert_eq!(answer.header("set-cookie"), "", "{path}");
    }
}

#[tokio::test]
async fn what_is_not_there_and_what_is_not_meant() {
    let site = start(false).await;
    for path in ["/nothing", "/inbox", "/inbox/1.eml", "/assets/base.html", "/assets/%2e%2e/x.css"]
    {
        let answer = site.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.body.contains("There is no page at this address"), "{path}");
    }
    for method in ["POST", "PUT", "DELETE", "PATCH"] {
        assert_eq!(site.ask(method, "/").await.status, 405, "{method}");
        assert_eq!(site.ask(method, "/healthz").await.status, 405, "{method}");
    }
    let head = site.ask("HEAD", "/").await;
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert_eq!(
        site.get("/assets/style.css").await.header("content-type").split(';').next(),
        Some("text/css")
    );
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let site = start(false).await;
    let mut stream = TcpStream::connect(site.addr).await.unwrap();
    let head = "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 10000000\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut start = [0; 12];
    stream.read_exact(&mut start).await.unwrap();
    assert_eq!(&start, b"HTTP/1.1 413");
    let mut rest = String::new();
    stream.read_to_string(&mut rest).await.unwrap();
    assert!(rest.contains("more than a form of ours can hold"), "{rest}");
}

#[tokio::test]
async fn the_inbox_shows_mails_newest_first_and_each_mail() {
    let site = start(true).await;
    assert!(site.get("/").await.body.contains("href=\"/inbox\""));
    assert!(site.get("/inbox").await.body.contains("No mail yet"));
    write_at(&site.inbox().join("new.eml"), MAIL, 2000);
    write_at(&site.inbox().join("old.eml"), &MAIL.replace("Ada", "Bob"), 1000);
    write_at(&site.inbox().join("note.txt"), "no mail", 3000);
    let list = site.get("/inbox").await.body;
    assert!(list.contains("2 mails"), "{list}");
    assert!(list.find("new.eml").unwrap() < list.find("old.eml").unwrap());
    assert!(list.contains("Flows &lt;3 and 4 more") && !list.contains("note.txt"));

    let mail = site.get("/inbox/new.eml").await;
    assert_eq!(mail.status, 200);
    assert!(mail.body.contains("Mon 5 Jan 2026, 07:00 UTC"), "{}", mail.body);
    assert!(mail.body.contains("Ada &lt;ada@example.org&gt;"));
    assert!(mail.body.contains("The text &lt;b&gt;part"));
    assert!(mail.body.contains("sandbox=\"allow-popups"));

    let html = site.get("/inbox/new.eml/html").await;
    assert!(html.body.contains("<head><base target=\"_blank\">"));
    assert!(!html.body.contains("<img"), "nobody else is asked for anything");
    let policy = html.header("content-security-policy");
    assert!(policy.contains("sandbox") && !policy.contains("https:"), "{policy}");
    let pictures = site.get("/inbox/new.eml/html?pictures=on").await;
    assert!(pictures.header("content-security-policy").contains("img-src data: https:"));
    assert!(pictures.body.contains("<img alt=\"A\""));

    let raw = site.get("/inbox/new.eml/raw").await;
    assert_eq!(raw.body, MAIL);
    assert_eq!(raw.header("content-type"), "message/rfc822");
    assert!(raw.header("content-disposition").starts_with("attachment"));
}

#[tokio::test]
async fn nothing_outside_the_inbox_can_be_read() {
    let site = start(true).await;
    std::fs::write(site.folder.path().join("secret.eml"), MAIL).unwrap();
    std::fs::create_dir(site.inbox().join("folder.eml")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("../secret.eml", site.inbox().join("link.eml")).unwrap();
    for file in [
        "../secret.eml",
        "..%2fsecret.eml",
        "%2e%2e%2fsecret.eml",
        "..%5csecret.eml",
        "%2fetc%2fpasswd",
        "a%00.eml",
        "folder.eml",
        "link.eml",
        "%ff.eml",
        "web.db",
    ] {
        for tail in ["", "/html", "/raw"] {
            let answer = site.get(&format!("/inbox/{file}{tail}")).await;
            assert!((400..500).contains(&answer.status), "{file}{tail}: {}", answer.status);
            assert!(!answer.body.contains("Flows"), "{file}{tail}");
        }
    }
}

#[tokio::test]
async fn a_port_in_use_is_said_in_one_sentence() {
    let first = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let addr = first.local_addr().unwrap();
    let said = bind(addr).await.unwrap_err().to_string();
    assert!(said.starts_with(&format!("cannot listen on {addr}: another program")), "{said}");
    assert!(said.contains("server.listen") && !said.contains('\n'), "{said}");
}

#[tokio::test]
async fn stopping_ends_idle_connections_and_frees_the_port() {
    let site = start(false).await;
    let _idle = TcpStream::connect(site.addr).await.unwrap();
    assert_eq!(site.get("/healthz").await.status, 200);
    site.stop.cancel();
    tokio::time::timeout(std::time::Duration::from_secs(5), site.server)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    assert!(bind(site.addr).await.is_ok());
}

fn write_at(path: &Path, text: &str, seconds: u64) {
    std::fs::write(path, text).unwrap();
    let at = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
    std::fs::File::options().write(true).open(path).unwrap().set_modified(at).unwrap();
}
