//! Delivery over real sockets: an SMTP server that can refuse, put off, hang up and lose its voice,
//! and books that balance after each.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "support/fetched.rs"]
mod fetched;
#[path = "support/sink.rs"]
mod sink;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::{SignedDuration, Timestamp};
use paperround::app::App;
use paperround::clock::Clock;
use paperround::config::Config;
use paperround::delivery::Drained;
use paperround::model::{
    EmailAddress, Listing, Paper, PaperId, Period, Preferences, SubscriberState,
};
use paperround::store::{Change, NewSubscriber, QueueFilter};
use sink::Sink;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// An application with a digest planned for these readers.
async fn planned(folder: &Path, relays: &str, readers: &[String]) -> App {
    let text = format!(
        "site.url = \"https://digest.example\"\nsite.data_dir = \"data\"\n\
         [mail]\nfrom = \"papers@digest.example\"\n{relays}"
    );
    let config = Config::parse(&text, &folder.join("paperround.toml"), std::iter::empty()).unwrap();
    let now = "2026-02-20T08:00:00Z".parse().unwrap();
    let app = App::open(config.config, Clock::fixed(now)).await.unwrap();
    let papers = (1..=3)
        .map(|n| {
            let id = PaperId::from_arxiv(&format!("2602.{n:05}")).unwrap();
            Paper::new(
                id.clone(),
                format!("Paper {n}"),
                format!("https://huggingface.co/papers/{id}"),
            )
        })
        .collect();
    let listing = Listing { period: Period::Trending, papers, rejected: Vec::new() };
    let record = fetched::good("huggingface", now, &listing);
    app.store.record_fetch(&record).await.unwrap();
    let new: Vec<NewSubscriber> = readers
        .iter()
        .map(|name| NewSubscriber {
            email: format!("{name}@example.org").parse().unwrap(),
            state: SubscriberState::Active,
            preferences: Preferences::default(),
            confirmed_at: None,
            paused_until: None,
            next_due_at: Some(now),
            how: "a test".to_owned(),
            mark: String::new(),
        })
        .collect();
    app.store.add_subscribers(&new, now).await.unwrap();
    let done = app.planner().unwrap().plan_once(|_| ()).await.unwrap();
    assert_eq!(done.planned, readers.len() as u64);
    app
}

fn relay(port: u16) -> String {
    format!("[[mail.relays]]\nurl = \"smtp://127.0.0.1:{port}\"\nconnections = 4\n")
}

fn names(kinds: &[&str], each: usize) -> Vec<String> {
    kinds.iter().flat_map(|kind| (0..each).map(move |n| format!("{kind}-{n}"))).collect()
}

async fn drain(app: &App) -> Drained {
    let stop = CancellationToken::new();
    app.postman().await.unwrap().drain_once(&stop, &|_| ()).await.unwrap()
}

fn later(app: &App, minutes: i64) {
    app.clock.set(app.clock.now() + SignedDuration::from_mins(minutes));
}

#[tokio::test]
async fn each_answer_has_its_meaning_and_the_books_balance() {
    let folder = tempfile::tempdir().unwrap();
    let server = Sink::plain().await;
    let readers = names(&["ok", "hard", "soft", "drop", "lost", "421"], 5);
    let app = planned(folder.path(), &relay(server.port), &readers).await;
    let first = drain(&app).await;
    assert_eq!((first.sent, first.failed, first.deferred), (5, 5, 20), "{first:?}");
    let books = app.store.books().await.unwrap();
    assert!(books.balance() && books.waiting == 20);
    // Nothing is due again at once.
    assert_eq!(drain(&app).await, Drained::default());
    // Some of the last had not been tried when the relay went to rest: one round more.
    let mut sent = 0;
    for _ in 0..2 {
        later(&app, 10);
        let again = drain(&app).await;
        assert_eq!(again.failed, 0);
        sent += again.sent;
    }
    assert_eq!(sent, 20);
    assert!(app.store.books().await.unwrap().balance());
    for (name, mails) in server.mails() {
        let times = if name.starts_with("lost") { 2 } else { 1 };
        assert_eq!(mails.len(), times, "{name}");
        // Sent again is the same mail, to the byte.
        assert!(mails.iter().all(|mail| *mail == mails[0]), "{name}");
    }
    assert_eq!(server.mails().len(), 25);
    let refused: EmailAddress = "hard-0@example.org".parse().unwrap();
    let refused = app.store.subscriber(&refused).await.unwrap().unwrap();
    let told = app.store.timeline(&refused).await.unwrap();
    let end = told.iter().find(|event| event.what == "failed").unwrap();
    assert_eq!(end.reason.as_deref(), Some("550 5.1.1 no such user"));
    assert_eq!(app.store.history(refused.history).await.unwrap(), Vec::<i64>::new());
}

#[tokio::test]
async fn mail_waits_for_a_relay_that_is_down_and_costs_no_attempt() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let app = planned(folder.path(), &relay(port), &names(&["ok"], 30)).await;
    let down = drain(&app).await;
    assert_eq!((down.sent, down.failed), (0, 0));
    let waiting = app.store.queue(&QueueFilter::default(), 0, 100).await.unwrap();
    assert_eq!(waiting.len(), 30);
    assert!(waiting.iter().all(|one| one.attempts == 0));
    assert!(waiting.iter().any(|one| one.reason.as_ref().unwrap().contains("cannot connect")));
    let server = Sink::plain_on(TcpListener::bind(("127.0.0.1", port)).await.unwrap());
    later(&app, 5);
    assert_eq!(drain(&app).await.sent, 30);
    assert_eq!(server.mails().len(), 30);
    assert!(server.connections() <= 4);
}

#[tokio::test]
async fn another_relay_takes_over() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let relays = format!("{}[[mail.relays]]\nurl = \"folder:outbox\"\n", relay(port));
    let app = planned(folder.path(), &relays, &names(&["ok"], 10)).await;
    assert_eq!(drain(&app).await.sent, 10);
    let filed = std::fs::read_dir(folder.path().join("outbox")).unwrap();
    assert_eq!(
        filed.filter(|file| file.as_ref().unwrap().path().extension().unwrap() == "eml").count(),
        10
    );
}

#[tokio::test]
async fn no_mail_leaves_in_clear_where_tls_is_required() {
    let folder = tempfile::tempdir().unwrap();
    let server = Sink::plain().await;
    let relays =
        format!("[[mail.relays]]\nurl = \"smtp://127.0.0.1:{}?tls=required\"\n", server.port);
    let app = planned(folder.path(), &relays, &names(&["ok"], 3)).await;
    assert_eq!(drain(&app).await.sent, 0);
    assert!(server.mails().is_empty());
    let waiting = app.store.queue(&QueueFilter::default(), 0, 10).await.unwrap();
    assert!(waiting[0].reason.as_ref().unwrap().contains("STARTTLS"), "{waiting:?}");
}

/// Mails that cost an RSA signature are spread over the cores; one connection is one desk.
#[tokio::test]
async fn one_connection_with_a_slow_signature_sends_all() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let server = Sink::plain().await;
    let algorithm = paperround::signing::Algorithm::Rsa;
    let (_, pem) = paperround::signing::SigningKey::generate(algorithm).unwrap();
    let key = folder.path().join("key.pem");
    std::fs::write(&key, pem).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    let relays = format!(
        "[[mail.dkim]]\nselector = \"a\"\nkey_file = {key:?}\n\
         [[mail.relays]]\nurl = \"smtp://127.0.0.1:{}\"\nconnections = 1\n",
        server.port
    );
    let app = planned(folder.path(), &relays, &names(&["ok"], 20)).await;
    assert_eq!(drain(&app).await.sent, 20);
    assert!(server.mails().values().all(|mails| mails[0].starts_with("DKIM-Signature: ")));
}

#[tokio::test]
async fn a_stop_finishes_what_is_on_the_wire_and_the_rest_goes_later() {
    let folder = tempfile::tempdir().unwrap();
    let server = Sink::plain().await;
    let app = planned(folder.path(), &relay(server.port), &names(&["ok"], 300)).await;
    let stop = CancellationToken::new();
    let postman = app.postman().await.unwrap();
    let first = {
        let cut = stop.clone();
        postman
            .drain_once(&stop, &move |done| {
                if done > 20 {
                    cut.cancel()
                }
            })
            .await
            .unwrap()
    };
    assert!(first.sent > 20 && first.sent < 300, "{first:?}");
    let books = app.store.books().await.unwrap();
    assert!(books.balance());
    assert_eq!(books.waiting, 300 - first.sent);
    let doubtful = QueueFilter { doubtful: true, ..QueueFilter::default() };
    drop(postman);
    assert_eq!(drain(&app).await.sent, 300 - first.sent);
    assert!(app.store.queue(&doubtful, 0, 10).await.unwrap().is_empty());
    let mails = server.mails();
    assert_eq!(mails.len(), 300);
    assert!(mails.values().all(|mails| mails.len() == 1), "nobody has two");
}

#[tokio::test]
async fn a_process_that_dies_is_resumed_by_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let server = Sink::plain().await;
    let app = planned(folder.path(), &relay(server.port), &names(&["ok"], 120)).await;
    let stop = CancellationToken::new();
    let postman = app.postman().await.unwrap();
    let sent = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&sent);
    let dying = async {
        let note = move |done: u64| seen.store(done as usize, Ordering::SeqCst);
        postman.drain_once(&stop, &note).await
    };
    let death = async {
        while sent.load(Ordering::SeqCst) < 10 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        _ = dying => panic!("it was to die first"),
        () = death => {}
    }
    drop(postman);
    let before = server.mails().len();
    assert!(before < 120);
    let second = drain(&app).await;
    let books = app.store.books().await.unwrap();
    assert!(books.balance());
    assert_eq!((books.sent, books.waiting), (120, 0), "{second:?}");
    let mails = server.mails();
    assert_eq!(mails.len(), 120);
    // On the wire or not yet recorded: two for each of four connections, no more.
    let twice = mails.values().filter(|mails| mails.len() > 1).count();
    assert!(twice <= 8, "{twice}");
    assert!(mails.values().flatten().all(|mail| mail.contains("Message-ID: <")));
    assert!(mails.values().all(|mails| mails.iter().all(|mail| *mail == mails[0])));
}

#[tokio::test]
async fn who_left_is_skipped_and_an_expired_digest_too() {
    let folder = tempfile::tempdir().unwrap();
    let server = Sink::plain().await;
    let app = planned(folder.path(), &relay(server.port), &names(&["ok", "soft"], 2)).await;
    let left: EmailAddress = "ok-1@example.org".parse().unwrap();
    let left = app.store.subscriber(&left).await.unwrap().unwrap();
    let now: Timestamp = app.clock.now();
    let change = Change {
        subscriber: left.id,
        from: &[SubscriberState::Active],
        to: SubscriberState::Unsubscribed,
        next_due_at: None,
        paused_until: None,
        detail: "left".to_owned(),
        consent: None,
        ends_waiting: None,
        notice: None,
        lifts: None,
    };
    assert_eq!(app.store.change(change, now).await.unwrap(), Some(0));
    let first = drain(&app).await;
    assert_eq!((first.sent, first.skipped, first.deferred), (1, 1, 2));
    later(&app, 21 * 60);
    let second = drain(&app).await;
    assert_eq!((second.sent, second.skipped), (0, 2));
    assert!(app.store.books().await.unwrap().balance());
    assert_eq!(server.mails().len(), 1);
}
