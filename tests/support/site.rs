//! The whole site over a real socket, with a folder for a relay, as its readers meet it.

#![allow(dead_code, unreachable_pub, reason = "not every test program needs all of it")]

use std::net::SocketAddr;
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use mail_parser::MessageParser;
use paperround::app::App;
use paperround::clock::Clock;
use paperround::config::Config;
use paperround::delivery::Drained;
use paperround::model::{Listing, Paper, PaperId, Period};
use paperround::setup::Setup;
use paperround::store::{QueueFilter, QueueRow, Subscriber};
use paperround::web::{WebError, bind, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::fetched::good;

/// When the tests play: a Monday morning.
pub const NOW: &str = "2026-11-23T09:00:00Z";
pub const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";

pub struct Site {
    pub app: App,
    pub addr: SocketAddr,
    pub folder: tempfile::TempDir,
    stop: CancellationToken,
    server: JoinHandle<Result<(), WebError>>,
}

pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find_map(|(found, value)| found.eq_ignore_ascii_case(name).then_some(value))
            .unwrap_or("")
    }

    /// The body, but for the number of the request.
    pub fn words(&self) -> String {
        let lines = self.body.lines().filter(|line| !line.contains("name this request:"));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Everything but what tells the time of the answer, and which it is.
    pub fn whole(&self) -> String {
        let head: Vec<&str> =
            self.head.lines().filter(|line| !told_anew(&line.to_lowercase())).collect();
        format!("{}\n\n{}", head.join("\n"), self.words())
    }
}

/// What no two answers have alike.
fn told_anew(line: &str) -> bool {
    line.starts_with("date:") || line.starts_with("x-request-id:")
}

/// A mail in the relay's folder.
pub struct Mail {
    pub to: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    pub raw: String,
}

impl Mail {
    /// The path of the first link in the text part that holds `/what/`.
    pub fn link(&self, what: &str) -> String {
        let mark = format!("/{what}/");
        let word = self
            .text
            .split_whitespace()
            .find_map(|word| word.find(&mark).map(|at| word[at..].to_owned()));
        word.unwrap_or_else(|| panic!("no {what} in {}", self.text))
    }
}

impl Site {
    pub async fn start() -> Self {
        Self::start_with("").await
    }

    /// With more in the configuration: whole sections.
    pub async fn start_with(more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::start_in(folder, more).await
    }

    pub async fn start_in(folder: tempfile::TempDir, more: &str) -> Self {
        let listener = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        Self::serve(folder, "https://digest.example", listener, more, |_| ()).await
    }

    /// With more in the configuration, and something changed before it is served.
    pub async fn start_changed(
        more: &str,
        change: impl FnOnce(&mut paperround::web::Site),
    ) -> Self {
        let listener = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        Self::serve(folder, "https://digest.example", listener, more, change).await
    }

    /// With links that a browser on this machine can follow.
    pub async fn start_here() -> Self {
        let listener = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        Self::serve(tempfile::tempdir().unwrap(), &url, listener, "", |_| ()).await
    }

    async fn serve(
        folder: tempfile::TempDir,
        url: &str,
        listener: TcpListener,
        more: &str,
        change: impl FnOnce(&mut paperround::web::Site),
    ) -> Self {
        let text = format!(
            "[site]\nurl = \"{url}\"\ndata_dir = \"data\"\n\
             [mail]\nfrom = \"Paper Round <papers@digest.example>\"\n\
             [[mail.relays]]\nurl = \"folder:out\"\n{more}"
        );
        let file = folder.path().join("paperround.toml");
        std::fs::write(&file, &text).unwrap();
        let loaded = Config::parse(&text, &file, std::iter::empty()).unwrap();
        let app = App::open(loaded.config, Clock::fixed(NOW.parse().unwrap())).await.unwrap();
        let addr = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let mut site = app.site(None).unwrap();
        // Nobody reads the file again here: what is written counts at the next start.
        let (store, clock) = (app.store.clone(), app.clock.clone());
        site.setup = Some(Setup::new(&file, store, clock, |_| Ok(())).0);
        change(&mut site);
        let server = tokio::spawn(serve(listener, site, stop.clone()));
        Self { app, addr, folder, stop, server }
    }

    /// Ends it; what it stored stays in the folder.
    pub async fn end(self) -> tempfile::TempDir {
        self.stop.cancel();
        self.server.await.unwrap().unwrap();
        self.app.close().await;
        self.folder
    }

    pub async fn ask(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.addr).await.unwrap();
        let length = match (method, body.len()) {
            ("GET" | "HEAD", 0) => String::new(),
            (_, length) => format!("Content-Length: {length}\r\n"),
        };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\
             {headers}{length}\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        // The server may answer and hang up before it has read all of a bad body.
        let _ = stream.write_all(body).await;
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes).await;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or(0);
        Answer { status, head: head.to_owned(), body: body.to_owned() }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, "", b"").await
    }

    pub async fn post(&self, path: &str, body: &str) -> Answer {
        self.ask("POST", path, FORM, body.as_bytes()).await
    }

    /// Three papers, seen an hour ago.
    pub async fn fill(&self) {
        let papers =
            [("2611.00001", "Flows", 40), ("2611.00002", "Loops", 12), ("2611.00003", "Knots", 1)];
        self.list(
            papers
                .map(|(id, title, votes)| {
                    let id = PaperId::from_arxiv(id).unwrap();
                    let mut paper =
                        Paper::new(id, title, "https://huggingface.co/papers/2611.00001");
                    paper.votes = Some(votes);
                    paper.thumbnail = Some("https://cdn.example.org/a.png".to_owned());
                    paper
                })
                .to_vec(),
        )
        .await;
    }

    pub async fn list(&self, papers: Vec<Paper>) {
        let listing = Listing { period: Period::Trending, papers, rejected: Vec::new() };
        let at = self.app.clock.now() - SignedDuration::from_hours(1);
        let fetch = good("test", at, &listing);
        self.app.store.record_fetch(&fetch).await.unwrap();
    }

    pub async fn plan(&self) -> u64 {
        self.app.planner().unwrap().plan_once(|_| ()).await.unwrap().planned
    }

    pub async fn send(&self) -> Drained {
        let postman = self.app.postman().await.unwrap();
        postman.drain_once(&CancellationToken::new(), &|_| ()).await.unwrap()
    }

    pub fn later(&self, hours: i64) {
        self.app.clock.set(self.app.clock.now() + SignedDuration::from_hours(hours));
    }

    pub fn at(&self, at: &str) {
        self.app.clock.set(at.parse::<Timestamp>().unwrap());
    }

    /// The mails so far, in the order in which they were planned.
    pub fn mails(&self) -> Vec<Mail> {
        let Ok(files) = std::fs::read_dir(self.folder.path().join("out")) else {
            return Vec::new();
        };
        let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
        files.sort();
        files.iter().map(|file| mail(&std::fs::read(file).unwrap())).collect()
    }

    pub fn last_mail(&self) -> Mail {
        self.mails().pop().expect("a mail")
    }

    pub async fn subscriber(&self, email: &str) -> Option<Subscriber> {
        self.app.store.subscriber(&email.parse().unwrap()).await.unwrap()
    }

    pub async fn state(&self, email: &str) -> &'static str {
        self.subscriber(email).await.map_or("none", |reader| reader.state.word())
    }

    pub async fn queue(&self) -> Vec<QueueRow> {
        self.app.store.queue(&QueueFilter::default(), 0, 100_000).await.unwrap()
    }

    /// Subscribes as a person does: the form, the mail, its link, its button. Returns the
    /// path of the preferences.
    pub async fn subscribe(&self, email: &str) -> String {
        assert_eq!(self.post("/subscribe", &format!("email={email}")).await.status, 200);
        self.send().await;
        let link = self.last_mail().link("confirm");
        let done = self.post(&link, "do=confirm").await;
        assert_eq!(done.status, 303, "{}", done.body);
        done.header("location").split('?').next().unwrap().to_owned()
    }

    /// Subscribes, and gets the welcome digest.
    pub async fn welcome(&self, email: &str) -> Mail {
        self.subscribe(email).await;
        assert_eq!(self.plan().await, 1);
        self.send().await;
        self.last_mail()
    }
}

fn mail(raw: &[u8]) -> Mail {
    let parsed = MessageParser::default().parse(raw).unwrap();
    let to = parsed.to().and_then(|to| to.first()).and_then(|one| one.address());
    Mail {
        to: to.unwrap_or_default().to_owned(),
        subject: parsed.subject().unwrap_or_default().to_owned(),
        text: parsed.body_text(0).unwrap_or_default().into_owned(),
        html: parsed.body_html(0).unwrap_or_default().into_owned(),
        raw: String::from_utf8_lossy(raw).into_owned(),
    }
}
