//! The admin's journey in a real Chromium, on a phone and on a desk, against the daemon at work: the
//! one-time link, password and codes, today, a search, why, a mail tried again, the configuration
//! broken, mended and applied, out and in again. Keeps pictures of what it sees in
//! `target/screenshots`. Skipped, loudly, where Debian's chromium and chromium-driver are missing.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use std::net::SocketAddr;

use fantoccini::Locator;
use paperround::admins::{By, code_at};
use paperround::app::{App, Live, Sockets};
use paperround::clock::Clock;
use paperround::config::Config;
use paperround::model::{Listing, Period, Role};
use paperround::telemetry::Volume;
use support::browser::{Driver, Judges, Visit};
use support::fetched::good;
use support::kit::paper;
use support::office::{PASSWORD, Visitor};
use support::site::Site;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// The daemon with a reader whose mails wait, as their relay is down.
struct Daemon {
    app: App,
    addr: SocketAddr,
    folder: tempfile::TempDir,
    stop: CancellationToken,
    running: tokio::task::JoinHandle<()>,
}

impl Daemon {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "# How we work.\n[site]\nurl = \"http://{addr}\"\ndata_dir = \"data\"\n\n\
             [server]\nlisten = \"{addr}\"\n\n\
             [[sources]]\nname = \"papers\"\nkind = \"huggingface\"\n\
             url = \"http://127.0.0.1:1/papers/trending\"\n\n\
             [digest]\nmax_papers = 15\n\n\
             [mail]\nfrom = \"Paper Round <papers@digest.example>\"\n\n\
             [[mail.relays]]\nurl = \"smtp://me@127.0.0.1:1?tls=none\"\npassword = \"hunter2\"\n"
        );
        let file = folder.path().join("paperround.toml");
        std::fs::write(&file, &text).unwrap();
        let loaded = Config::parse(&text, &file, std::iter::empty()).unwrap();
        let app = App::open(loaded.config.clone(), Clock::system()).await.unwrap();
        let papers = ["2611.00001", "2611.00002", "2611.00003"].map(|id| paper(id, 30)).to_vec();
        let listing = Listing { period: Period::Trending, papers, rejected: Vec::new() };
        let at = app.clock.now() - jiff::SignedDuration::from_hours(3);
        let fetch = good("papers", at, &listing);
        app.store.record_fetch(&fetch).await.unwrap();
        let verbs = app.subscriptions().unwrap();
        for name in ["grace@example.org", "hopper@other.example"] {
            let email = name.parse().unwrap();
            verbs.add(&email, &Default::default(), true, "added by a test").await.unwrap();
            let origin = paperround::subscription::Origin { how: "web", from: None, quick: false };
            verbs.request_link(&email, origin).await.unwrap();
        }
        let stop = CancellationToken::new();
        let tell = Box::new(|_| ());
        let sockets = Sockets { web: vec![listener], mail: None };
        let live =
            Live::start(app.clone(), loaded, Volume::Quiet, sockets, stop.clone(), tell).await;
        let running = tokio::spawn(live.unwrap().run());
        Self { app, addr, folder, stop, running }
    }

    async fn end(self) {
        self.stop.cancel();
        self.running.await.unwrap();
        self.app.close().await;
        drop(self.folder);
    }
}

async fn text_of(ada: &Visit, css: &str) -> String {
    ada.browser.find(Locator::Css(css)).await.expect(css).text().await.unwrap()
}

/// Puts other lines into the editor, as somebody who types does.
async fn edit(ada: &Visit, from: &str, to: &str) {
    let field = ada.browser.find(Locator::Id("text")).await.unwrap();
    let text = field.prop("value").await.unwrap().unwrap();
    assert!(text.contains(from), "{from} in {text}");
    let text = text.replace(from, to);
    field.clear().await.unwrap();
    field.send_keys(&text).await.unwrap();
}

async fn journey(width: u32) {
    let Some(driver) = Driver::start() else {
        eprintln!("SKIPPED: there is no chromedriver (Debian: chromium chromium-driver)");
        return;
    };
    let daemon = Daemon::start().await;
    let link = daemon.app.admins().add("ada", Role::Admin, &By::command_line()).await.unwrap();
    // Without scripts: all of it works so.
    let browser = driver.browser(false, width, 1400).await;
    let base = format!("http://{}", daemon.addr);
    let ada = Visit { browser, base, name: format!("admin-{width}") };

    ada.open(&link.address[ada.base.len()..]).await;
    ada.sees("01-welcome", "Welcome, ada").await;
    ada.type_into("password", PASSWORD).await;
    ada.type_into("again", PASSWORD).await;
    ada.press("Set the password").await;
    ada.sees("02-codes", "Your password is set").await;
    let key = text_of(&ada, "code.key").await.replace(' ', "");
    let secret = data_encoding::BASE32_NOPAD.decode(key.as_bytes()).unwrap();
    let now = || paperround::clock::Clock::system().now().as_second();
    let code = |ahead: i64| code_at(&secret, now() + ahead);
    ada.type_into("code", &code(0)).await;
    ada.press("Turn codes on").await;
    ada.sees("03-recovery", "Keep these recovery codes").await;
    ada.press("I have kept them").await;
    ada.sees("04-today", "Subscribers").await;

    ada.press("Subscribers").await;
    ada.type_into("q", "grace").await;
    ada.press("Search").await;
    ada.sees("05-search", "grace@example.org").await;
    ada.press("grace@example.org").await;
    ada.sees("06-why", "mail with the link to the preferences").await;

    ada.press("Queue").await;
    ada.sees("07-queue", "hopper@other.example").await;
    let tick = Locator::Css("input[type=checkbox][name=id]");
    ada.browser.find(tick).await.unwrap().click().await.unwrap();
    ada.press("Try the ticked now").await;
    ada.sees("08-retried", "1 due now.").await;

    ada.press("Configuration").await;
    let page = ada.sees("09-config", "paperround.toml").await;
    assert!(!page.contains("hunter2"));
    edit(&ada, "max_papers = 15", "max_papers = \"many\"").await;
    ada.press("Check, and show what would change").await;
    ada.sees("10-fault", "Line 15").await;
    edit(&ada, "max_papers = \"many\"", "max_papers = 7").await;
    ada.press("Check, and show what would change").await;
    ada.sees("11-diff", "+ max_papers = 7").await;
    ada.press("Apply").await;
    ada.sees("12-applied", "Written, and in force.").await;
    let text = std::fs::read_to_string(daemon.folder.path().join("paperround.toml")).unwrap();
    assert!(text.contains("max_papers = 7\n") && text.contains("password = \"hunter2\""), "{text}");

    for (number, place, words) in [
        ("13", "Charts", "as a table"),
        ("14", "Sources", "fails"),
        ("15", "Preview", "As the subscriber"),
        ("16", "Audit log", "queue.retry"),
        ("17", "ada", "Where you are logged in"),
    ] {
        ada.press(place).await;
        ada.sees(&format!("{number}-{}", place.to_lowercase().replace(' ', "-")), words).await;
    }
    ada.press("Log out").await;
    ada.sees("18-out", "You are logged out").await;
    ada.open("/admin/audit").await;
    ada.sees("19-in", "Log in").await;
    ada.type_into("name", "ada").await;
    ada.type_into("password", PASSWORD).await;
    ada.press("Log in").await;
    ada.sees("20-step", "Code from your authenticator").await;
    ada.type_into("code", &code(30)).await;
    ada.press("Log in").await;
    ada.sees("21-audit", "config.write").await;
    ada.browser.close().await.unwrap();
    daemon.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_on_a_phone() {
    journey(375).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_on_a_desk() {
    journey(1280).await;
}

/// A door to the site at `to` for whoever cannot send a cookie.
async fn with_cookie(to: SocketAddr, cookie: String) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let cookie = cookie.clone();
            tokio::spawn(async move {
                let mut head = Vec::new();
                let mut byte = [0];
                while !head.ends_with(b"\r\n\r\n") {
                    if client.read_exact(&mut byte).await.is_err() {
                        return;
                    }
                    head.extend(byte);
                }
                let head = String::from_utf8_lossy(&head).into_owned();
                let head = head.trim_end().replace("Connection: keep-alive\r\n", "");
                let more = format!("{head}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n");
                let Ok(mut site) = TcpStream::connect(to).await else { return };
                let _ = site.write_all(more.as_bytes()).await;
                let _ = tokio::io::copy(&mut site, &mut client).await;
            });
        }
    });
    addr
}

/// By the judges beside the project, where they are.
#[tokio::test(flavor = "multi_thread")]
async fn every_admin_page_is_for_everybody() {
    let Some(judges) = Judges::find() else { return };
    let site = Site::start_here().await;
    site.fill().await;
    site.welcome("ada@example.org").await;
    site.post("/subscribe", "email=new@example.org").await;
    let reader = site.subscriber("ada@example.org").await.unwrap().id;
    let mail = site.queue().await[0].id;
    let zone = &site.app.config.site.time_zone;
    for _ in 0..20 {
        site.app.store.keep_day_figures(zone, site.app.clock.now()).await.unwrap();
        site.later(24);
    }
    let welcome = support::office::link(&site, "new", Role::Reader).await;
    let visitor = Visitor::enter(&site, "judge", Role::Admin).await;
    let door = with_cookie(site.addr, visitor.cookie.clone()).await;
    let inside = [
        "/admin",
        "/admin/charts?days=30",
        "/admin/subscribers",
        "/admin/subscribers?q=nobody",
        &format!("/admin/subscribers/{reader}"),
        "/admin/queue",
        &format!("/admin/queue/{mail}"),
        "/admin/sources",
        "/admin/sources/huggingface",
        "/admin/preview",
        "/admin/preview?part=text",
        "/admin/config",
        "/admin/audit",
        "/admin/account?said=session",
        "/admin/account/codes",
        "/admin/prove",
    ];
    let outside = ["/admin/login".to_owned(), welcome];
    let inside = inside.map(str::to_owned).to_vec();
    for (base, places) in [(door, inside), (site.addr, outside.to_vec())] {
        judges.judge("judged-admin", base, &places);
    }
    site.end().await;
}
