//! Alarms on real parts: what goes wrong is told once, once in six hours, and once when it is
//! over, by mail and to webhooks; the canary flies, comes back, and is missed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod support;

use std::sync::{Arc, Mutex};

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::SignedDuration;
use paperround::alarms::{Kind, Trouble};
use paperround::inbound::{Accept as _, Arrival};
use paperround::model::FetchOutcome;
use paperround::store::FetchRecord;
use paperround::token::to_hex;
use paperround::watch::Here;
use serde_json::Value;
use sha2::Sha256;
use support::fetched::fetch;
use support::site::{Mail, Site};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

const ADMIN: &str = "[admin]\nalarms_to = \"admin@digest.example\"\n";

/// The subjects of the alarms so far.
fn alarms(site: &Site) -> Vec<String> {
    let mails = site.mails().into_iter().filter(|mail| mail.to == "admin@digest.example");
    mails.map(|mail| mail.subject).collect()
}

fn last_alarm(site: &Site) -> Mail {
    site.mails().into_iter().rfind(|mail| mail.to == "admin@digest.example").unwrap()
}

/// One look at everything, and what it has sent.
async fn look(site: &Site) {
    site.app.scheduler().await.unwrap().look().await.unwrap();
    site.send().await;
}

async fn fetched(site: &Site, outcome: FetchOutcome) {
    let good = outcome == FetchOutcome::Unchanged;
    let fetch = FetchRecord {
        reason: (!good).then_some("the page has no list of papers"),
        kept: (!good).then_some("kept/page.html"),
        ..fetch("huggingface", site.app.clock.now(), outcome)
    };
    site.app.store.record_fetch(&fetch).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_breaks_is_told_once_in_six_hours_and_when_it_is_over() {
    let site = Site::start_with(ADMIN).await;
    look(&site).await;
    assert_eq!(alarms(&site), Vec::<String>::new());
    for _ in 0..2 {
        fetched(&site, FetchOutcome::Broken).await;
        site.later(1);
        look(&site).await;
    }
    assert_eq!(alarms(&site), Vec::<String>::new(), "twice is no alarm");
    fetched(&site, FetchOutcome::Broken).await;
    for _ in 0..5 {
        look(&site).await;
        site.later(1);
        fetched(&site, FetchOutcome::Broken).await;
    }
    let told = "Paper Round: A source gives nothing: huggingface";
    assert_eq!(alarms(&site), [told]);
    // However long it lasts, it began when it began.
    let open = site.app.store.open_alarms().await.unwrap();
    let detail = &open[0].detail;
    let all = "The last 7 fetches gave nothing, since 2026-11-23 09:00 UTC.";
    assert!(detail.starts_with(all), "{detail}");
    assert!(detail.contains("`paperround source replay huggingface`"), "{detail}");
    let mail = last_alarm(&site);
    assert!(mail.text.contains("the page has no list of papers"), "{}", mail.text);
    assert!(mail.text.contains("source-broken") && mail.html.contains("source-broken"));
    site.later(1);
    look(&site).await;
    assert_eq!(alarms(&site), [told, told], "after six hours again");
    assert!(last_alarm(&site).text.contains("Since 2026-11-23 11:00 UTC: "));
    // A new process, as after a restart, knows what was told.
    site.later(1);
    look(&site).await;
    assert_eq!(alarms(&site).len(), 2);
    fetched(&site, FetchOutcome::Unchanged).await;
    look(&site).await;
    look(&site).await;
    assert_eq!(alarms(&site)[2..], ["Paper Round: Over: A source gives nothing: huggingface"]);
    let over = last_alarm(&site).text;
    assert!(over.contains("It is over since 2026-11-23 18:00 UTC; it lasted 7 hours."), "{over}");
    let listed = site.app.store.last_alarms(10).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert!(listed[0].closed_at.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_nobody_fetches_is_silent() {
    let site = Site::start_with(ADMIN).await;
    fetched(&site, FetchOutcome::Unchanged).await;
    site.later(2);
    look(&site).await;
    assert_eq!(alarms(&site), Vec::<String>::new());
    site.later(1);
    look(&site).await;
    assert_eq!(alarms(&site), ["Paper Round: A source is silent: huggingface"]);
}

/// A run as of a moment to come, which somebody tried, must not stop the fetching until then.
#[tokio::test(flavor = "multi_thread")]
async fn a_fetch_of_a_time_to_come_is_none_yet() {
    let site = Site::start_with(ADMIN).await;
    fetched(&site, FetchOutcome::Unchanged).await;
    let now = site.app.clock.now();
    site.later(48);
    fetched(&site, FetchOutcome::Unchanged).await;
    site.app.clock.set(now);
    let source = &site.app.config.sources[0];
    let scheduler = site.app.scheduler().await.unwrap();
    let due = scheduler.due_at(source).await.unwrap();
    assert!(due.duration_since(now) <= SignedDuration::from_hours(1), "{due}");
    site.later(3);
    look(&site).await;
    assert_eq!(alarms(&site), ["Paper Round: A source is silent: huggingface"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn digests_that_are_late_are_told() {
    let site = Site::start_with(ADMIN).await;
    site.fill().await;
    site.subscribe("ann@example.org").await;
    look(&site).await;
    assert_eq!(alarms(&site), Vec::<String>::new());
    site.later(2);
    look(&site).await;
    assert_eq!(alarms(&site), ["Paper Round: Digests are late: planning"]);
    assert_eq!(site.plan().await, 1);
    site.app.scheduler().await.unwrap().look().await.unwrap();
    site.later(2);
    site.app.scheduler().await.unwrap().look().await.unwrap();
    let open = site.app.store.open_alarms().await.unwrap();
    let open: Vec<_> = open.iter().map(|row| (row.topic.as_str(), row.subject.as_str())).collect();
    assert_eq!(open, [("digest-late", "sending"), ("queue-stuck", "")], "planned and not sent");
    site.send().await;
    look(&site).await;
    assert!(site.app.store.open_alarms().await.unwrap().is_empty());
    assert!(alarms(&site).last().unwrap().contains("Over: "));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_a_process_knows_is_told_of_it() {
    let site = Site::start_with(ADMIN).await;
    let minutes = |minutes: u64| std::time::Duration::from_secs(minutes * 60);
    let (store, watch) = (&site.app.store, site.app.watch().unwrap());
    let down = |lasted| Here {
        host: "alpha".to_owned(),
        relays: vec![("smtp://mx.example:25".to_owned(), lasted, "connection refused".to_owned())],
        ..Here::default()
    };
    watch.watch_here(&down(minutes(14))).await.unwrap();
    assert!(store.open_alarms().await.unwrap().is_empty());
    let here = Here { refused: Some("c.toml:3:1: site.url".to_owned()), ..down(minutes(15)) };
    watch.watch_here(&here).await.unwrap();
    // Another machine's good relay says nothing of this one's.
    watch.watch_here(&Here { host: "beta".to_owned(), ..Here::default() }).await.unwrap();
    let open = store.open_alarms().await.unwrap();
    let open: Vec<_> = open.iter().map(|row| (row.topic.as_str(), row.place.as_str())).collect();
    assert_eq!(open, [("relay-down", "alpha"), ("config-refused", "alpha")]);
    // Neither machine is among the living: what was said of them is over.
    watch.watch_once().await.unwrap();
    assert!(store.open_alarms().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_mail_a_kind_however_many_are_wrong() {
    let site = Site::start_with(ADMIN).await;
    let (alarms_of, now) = (site.app.alarms().unwrap(), site.app.clock.now());
    let troubles = |names: &[&str]| -> Vec<Trouble> {
        names.iter().map(|name| Trouble::new(*name, "It gives nothing.")).collect()
    };
    let settle = async |names: &[&str], hours: i64| {
        let now = now + SignedDuration::from_hours(hours);
        alarms_of.settle(Kind::SourceBroken, "", &troubles(names), now).await.unwrap();
        site.app.clock.set(now);
        site.send().await;
    };
    settle(&["a", "b", "c", "d", "e"], 0).await;
    assert_eq!(alarms(&site), ["Paper Round: A source gives nothing: a, b, c and 2 more"]);
    settle(&["a", "b", "c", "d", "e", "f"], 1).await;
    assert_eq!(alarms(&site).len(), 1, "one more is told with the next mail");
    settle(&["f"], 2).await;
    assert_eq!(alarms(&site)[1], "Paper Round: Over: A source gives nothing: a, b, c and 2 more");
    settle(&["a", "f"], 3).await;
    assert_eq!(alarms(&site).len(), 2, "it comes and goes: no mail within six hours");
    settle(&["a", "f"], 6).await;
    assert_eq!(alarms(&site).len(), 3);
}

/// What a stub of a webhook was sent: the head and the body of each request.
type Sent = Arc<Mutex<Vec<(String, String)>>>;

/// A webhook on this machine that answers what `status` says of the n-th request.
async fn hook(status: fn(usize) -> u16) -> (String, Sent) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let sent: Sent = Arc::default();
    let kept = Arc::clone(&sent);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut bytes = Vec::new();
            let request = loop {
                let mut piece = [0; 4096];
                let read = stream.read(&mut piece).await.unwrap();
                bytes.extend_from_slice(&piece[..read]);
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                let length = head.lines().find_map(|line| {
                    line.to_lowercase().strip_prefix("content-length: ")?.parse::<usize>().ok()
                });
                if body.len() >= length.unwrap_or(0) || read == 0 {
                    break (head.to_lowercase(), body.to_owned());
                }
            };
            let number = {
                let mut kept = kept.lock().unwrap();
                kept.push(request);
                kept.len() - 1
            };
            let answer = format!(
                "HTTP/1.1 {} x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                status(number)
            );
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (url, sent)
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_of_each_kind_are_told() {
    let (json, at_json) = hook(|_| 200).await;
    let (slack, at_slack) = hook(|_| 200).await;
    let (ntfy, at_ntfy) = hook(|_| 200).await;
    let config = format!(
        "[[admin.webhooks]]\nname = \"own\"\nurl = \"{json}/x\"\nsecret = \"open sesame\"\n\
         [[admin.webhooks]]\nkind = \"slack\"\nname = \"slack\"\nurl = \"{slack}/services/T0\"\n\
         [[admin.webhooks]]\nkind = \"ntfy\"\nname = \"ntfy\"\nurl = \"{ntfy}/papers\"\n\
         secret = \"tk_1\"\n"
    );
    let site = Site::start_with(&config).await;
    let (alarms_of, now) = (site.app.alarms().unwrap(), site.app.clock.now());
    let wrong = [Trouble::new("huggingface", "It gives <nothing>.")];
    alarms_of.settle(Kind::SourceBroken, "", &wrong, now).await.unwrap();
    let scheduler = site.app.scheduler().await.unwrap();
    scheduler.post().await.unwrap();
    scheduler.post().await.unwrap();
    let one = |sent: &Sent| {
        let sent = sent.lock().unwrap();
        assert_eq!(sent.len(), 1, "told once");
        sent[0].clone()
    };
    let (head, body) = one(&at_json);
    assert!(head.starts_with("post /x ") && head.contains("content-type: application/json"));
    let event: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(event["state"], "open");
    assert_eq!(event["topic"], "source-broken");
    assert_eq!(event["subject"], "huggingface");
    assert_eq!(event["since"], support::site::NOW);
    let mac = Hmac::<Sha256>::new_from_slice(b"open sesame").unwrap();
    let mark = to_hex(&mac.chain_update(body.as_bytes()).finalize().into_bytes());
    assert!(head.contains(&format!("x-hub-signature-256: sha256={mark}")), "{head}");
    let (head, body) = one(&at_slack);
    assert!(head.starts_with("post /services/t0 "));
    let text: Value = serde_json::from_str(&body).unwrap();
    assert!(text["text"].as_str().unwrap().contains("It gives &lt;nothing&gt;."), "{body}");
    let (head, body) = one(&at_ntfy);
    assert_eq!(body, "It gives <nothing>.");
    assert!(head.contains("authorization: bearer tk_1") && head.contains("priority: 3"), "{head}");
    assert!(head.contains("title: paper round: a source gives nothing: huggingface"), "{head}");

    alarms_of
        .settle(Kind::SourceBroken, "", &[], now + SignedDuration::from_hours(1))
        .await
        .unwrap();
    scheduler.post().await.unwrap();
    site.later(1);
    scheduler.post().await.unwrap();
    let over: Value = serde_json::from_str(&at_json.lock().unwrap()[1].1).unwrap();
    assert_eq!(over["state"], "over");
    assert!(at_ntfy.lock().unwrap()[1].0.contains("tags: white_check_mark"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_fails_is_tried_again_and_told_of_by_mail() {
    let (good, at_good) = hook(|_| 204).await;
    let (bad, at_bad) = hook(|number| if number < 4 { 500 } else { 200 }).await;
    let config = format!(
        "{ADMIN}[[admin.webhooks]]\nname = \"bad\"\nurl = \"{bad}/\"\n\
         [[admin.webhooks]]\nname = \"good\"\nurl = \"{good}/\"\n"
    );
    let site = Site::start_with(&config).await;
    let (alarms_of, now) = (site.app.alarms().unwrap(), site.app.clock.now());
    alarms_of.raise(Kind::BouncePolicy, "", "example.org refuses us.", now).await.unwrap();
    let count = |sent: &Sent| sent.lock().unwrap().len();
    for tries in 1..=3 {
        site.app.scheduler().await.unwrap().post().await.unwrap();
        site.app.scheduler().await.unwrap().post().await.unwrap();
        assert_eq!(count(&at_bad), tries, "not before its moment");
        site.later(1);
    }
    site.send().await;
    let told = "Paper Round: A webhook cannot be told: bad";
    assert_eq!(alarms(&site), ["Paper Round: Mail is refused as unwanted", told]);
    assert!(last_alarm(&site).text.contains("it answered 500"));
    site.app.scheduler().await.unwrap().post().await.unwrap();
    assert_eq!((count(&at_good), count(&at_bad)), (2, 4), "the others hear that it fails");
    site.later(2);
    site.app.scheduler().await.unwrap().post().await.unwrap();
    assert_eq!(count(&at_bad), 5);
    site.send().await;
    assert_eq!(alarms(&site)[2..], ["Paper Round: Over: A webhook cannot be told: bad"]);
    assert!(site.app.store.due_posts(site.app.clock.now(), 9).await.unwrap().len() <= 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_told_in_order_and_holds_up_no_other() {
    let (good, at_good) = hook(|_| 204).await;
    let (bad, at_bad) = hook(|number| if number == 0 { 500 } else { 200 }).await;
    let config = format!(
        "[[admin.webhooks]]\nname = \"bad\"\nurl = \"{bad}/\"\n\
         [[admin.webhooks]]\nname = \"good\"\nurl = \"{good}/\"\n"
    );
    let site = Site::start_with(&config).await;
    let (alarms_of, now) = (site.app.alarms().unwrap(), site.app.clock.now());
    let post = async || site.app.scheduler().await.unwrap().post().await.unwrap();
    let states = |sent: &Sent| -> Vec<String> {
        let sent = sent.lock().unwrap();
        let state = |body: &str| serde_json::from_str::<Value>(body).unwrap()["state"].to_string();
        sent.iter().map(|(_, body)| state(body)).collect()
    };
    let wrong = [Trouble::new("huggingface", "It gives nothing.")];
    alarms_of.settle(Kind::SourceBroken, "", &wrong, now).await.unwrap();
    post().await;
    alarms_of.settle(Kind::SourceBroken, "", &[], now).await.unwrap();
    post().await;
    post().await;
    assert_eq!(states(&at_good), ["\"open\"", "\"over\""]);
    assert_eq!(states(&at_bad), ["\"open\""], "not before its moment, whatever comes behind it");
    site.later(1);
    post().await;
    assert_eq!(states(&at_bad), ["\"open\"", "\"open\"", "\"over\""]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_is_taken_out_of_the_config_fails_no_more() {
    let hooks = "[[admin.webhooks]]\nname = \"ops\"\nurl = \"http://127.0.0.1:9/\"\n";
    let site = Site::start_with(hooks).await;
    let (alarms_of, now) = (site.app.alarms().unwrap(), site.app.clock.now());
    for name in ["ops", "gone"] {
        alarms_of.raise(Kind::WebhookFailing, name, "It was tried 3 times.", now).await.unwrap();
    }
    site.app.watch().unwrap().watch_once().await.unwrap();
    let open = site.app.store.open_alarms().await.unwrap();
    let open: Vec<_> = open.iter().map(|row| row.subject.as_str()).collect();
    assert_eq!(open, ["ops"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canary_flies_comes_back_and_is_missed() {
    let site = Site::start_with(
        "[admin]\nalarms_to = \"admin@digest.example\"\ncanary = true\n\
         [inbound]\naddress = \"papers@digest.example\"\n",
    )
    .await;
    look(&site).await;
    assert!(site.mails().is_empty(), "there are no papers yet");
    site.later(1);
    site.fill().await;
    let readers = site.app.store.books().await.unwrap();
    look(&site).await;
    look(&site).await;
    let mails = site.mails();
    assert_eq!(mails.len(), 1, "one a day");
    let canary = &mails[0];
    assert!(canary.to.starts_with("papers+c-") && canary.to.ends_with("@digest.example"));
    assert!(canary.subject.contains("Flows") && canary.raw.contains("\r\nList-Id: "));
    assert!(canary.text.contains("Flows"), "it is the digest");
    let postbox = site.app.postbox().unwrap();
    let to = [canary.to.clone()];
    let arrival =
        Arrival { from: Some("papers@digest.example"), to: &to, bytes: canary.raw.as_bytes() };
    site.later(1);
    postbox.accept_once(arrival).await.unwrap();
    look(&site).await;
    assert_eq!(alarms(&site), Vec::<String>::new(), "it came back");
    let seen = site.app.store.canaries().await.unwrap();
    assert_eq!(seen.len(), 1);
    assert!(seen[0].seen_at.is_some());

    // The next day's does not come back.
    site.at("2026-11-24T08:30:00Z");
    site.fill().await;
    look(&site).await;
    assert_eq!(site.mails().len(), 2);
    site.at("2026-11-24T08:59:00Z");
    look(&site).await;
    assert_eq!(alarms(&site), Vec::<String>::new());
    site.at("2026-11-24T09:01:00Z");
    look(&site).await;
    assert_eq!(alarms(&site), ["Paper Round: A test mail did not come back"]);
    // While the next one flies, the one before is still lost.
    site.at("2026-11-25T08:30:00Z");
    site.fill().await;
    look(&site).await;
    assert!(!alarms(&site).iter().any(|subject| subject.contains("Over")));
    let canary = site.mails().into_iter().rfind(|mail| mail.to.starts_with("papers+c-")).unwrap();
    let to = [canary.to.clone()];
    let arrival =
        Arrival { from: Some("papers@digest.example"), to: &to, bytes: canary.raw.as_bytes() };
    postbox.accept_once(arrival).await.unwrap();
    look(&site).await;
    assert!(alarms(&site).last().unwrap().contains("Over"));
    assert!(site.app.store.books().await.unwrap().planned > readers.planned);
    assert_eq!(site.subscriber("papers@digest.example").await.map(|one| one.id), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_tries_all_ways_and_lists_what_is_open() {
    let (good, at_good) = hook(|_| 200).await;
    let (bad, _) = hook(|_| 404).await;
    let config = format!(
        "{ADMIN}[[admin.webhooks]]\nname = \"good\"\nurl = \"{good}/secret-path\"\n\
         [[admin.webhooks]]\nname = \"bad\"\nurl = \"{bad}/secret-path\"\n"
    );
    let site = Site::start_with(&config).await;
    let (alarms_of, now) = (site.app.alarms().unwrap(), site.app.clock.now());
    let file = site.folder.path().join("paperround.toml");
    let run = async |words: &'static [&'static str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_paperround"));
        command.arg("-c").arg(&file).args(words);
        let done = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let said = String::from_utf8(done.stdout).unwrap();
        assert!(!said.contains("secret-path"), "{said}");
        (done.status.code().unwrap(), said)
    };
    assert_eq!(run(&["alarm", "list"]).await, (0, "nothing needs you\n".to_owned()));
    for name in ["good", "bad"] {
        alarms_of.raise(Kind::WebhookFailing, name, "It was tried 3 times.", now).await.unwrap();
    }
    let (code, said) = run(&["alarm", "test", "--json"]).await;
    assert_eq!(code, 69, "{said}");
    let open = site.app.store.open_alarms().await.unwrap();
    let open: Vec<_> = open.iter().map(|row| row.subject.as_str()).collect();
    assert_eq!(open, ["bad"], "a webhook that took the test fails no more");
    alarms_of.over(Kind::WebhookFailing, "bad", now).await.unwrap();
    let ways: Value = serde_json::from_str(&said).unwrap();
    let told: Vec<(&str, bool)> = ways["ways"]
        .as_array()
        .unwrap()
        .iter()
        .map(|way| (way["way"].as_str().unwrap(), way["told"].as_bool().unwrap()))
        .collect();
    let wanted =
        [("mail to admin@digest.example", true), ("webhook good", true), ("webhook bad", false)];
    assert_eq!(told, wanted);
    assert_eq!(ways["ways"][2]["reply"], "it answered 404");
    assert_eq!(alarms(&site), ["Paper Round: A test alarm"]);
    let event: Value = serde_json::from_str(&at_good.lock().unwrap()[0].1).unwrap();
    assert_eq!(event["topic"], "test");

    alarms_of.raise(Kind::DiskLow, "/var", "Less than 50 MB are free.", now).await.unwrap();
    let (code, said) = run(&["alarm", "list", "--json"]).await;
    let row: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((code, &row["topic"], &row["subject"]), (0, &"disk-low".into(), &"/var".into()));
    let (_, table) = run(&["alarm", "list", "--all"]).await;
    assert!(table.contains("disk-low") && table.contains("Less than 50 MB"), "{table}");
}
