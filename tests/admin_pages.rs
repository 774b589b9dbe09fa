//! The admin pages and what they do: each over a real socket, by forms, as a browser without
//! scripts sends them.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use jiff::SignedDuration;
use paperround::model::{FetchOutcome, Role};
use paperround::store::{AuditFilter, FetchRecord, NewConfigVersion, QueueFilter};
use support::fetched::fetch;
use support::office::{PASSWORD, Visitor};
use support::site::Site;

/// The words of the newest entries of the audit log.
async fn log(site: &Site, most: u32) -> Vec<String> {
    let rows = site.app.store.audit(&AuditFilter::default(), 0, most).await.unwrap();
    rows.into_iter().map(|row| format!("{} {} {}", row.who, row.what, row.about)).collect()
}

const FEED: &str = "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>T</title>\
    <link>https://a.example/</link><description>d</description>\
    <item><title>A kept paper</title><link>https://arxiv.org/abs/2611.09999</link>\
    <guid>x</guid></item></channel></rss>";

const SOURCE: &str = "[[sources]]\nname = \"my-feed\"\nkind = \"feed\"\n\
    url = \"https://feed.example/rss\"\nschedule = \"5 * * * *\"\n";

fn bad<'a>(site: &Site, kept: Option<&'a str>) -> FetchRecord<'a> {
    FetchRecord {
        url: "https://feed.example/rss",
        reason: Some("the page has no papers"),
        kept,
        ..fetch("my-feed", site.app.clock.now(), FetchOutcome::Broken)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn today_tells_what_went_out_and_what_is_wrong() {
    let site = Site::start_with(SOURCE).await;
    site.fill().await;
    let ada = Visitor::enter(&site, "ada", Role::Admin).await;
    site.welcome("one@example.org").await;
    site.app.store.record_fetch(&bad(&site, None)).await.unwrap();
    let page = ada.get("/admin").await.body;
    assert!(page.contains("Monday, 23 November 2026"));
    assert!(page.contains("The source my-feed fails: the page has no papers"), "{page}");
    let value = |name: &str| {
        let (_, rest) = page.split_once(&format!("<span class=\"label\">{name}</span>")).unwrap();
        rest.split("<span class=\"value\">").nth(1).unwrap().split('<').next().unwrap().to_owned()
    };
    assert_eq!(value("Fetched"), "3");
    assert_eq!((value("Planned"), value("Sent")), ("1".to_owned(), "1".to_owned()));
    assert_eq!((value("Waiting"), value("Failed")), ("0".to_owned(), "0".to_owned()));
    assert!(page.contains("1 active"));
    site.post("/preferences", "email=one@example.org").await;
    site.later(5);
    let page = ada.get("/admin").await.body;
    assert!(page.contains("1 mail has waited for more than four hours"), "{page}");
    site.end().await;
    let site = Site::start().await;
    let ada = Visitor::enter(&site, "ada", Role::Reader).await;
    let page = ada.get("/admin").await.body;
    assert!(page.contains("All is well") && page.contains("none was put off"), "{page}");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_digests_of_today_add_up() {
    let site = Site::start().await;
    site.fill().await;
    let ada = Visitor::enter(&site, "ada", Role::Admin).await;
    site.welcome("one@example.org").await;
    // One digest waits, one was dropped; one goes once more.
    site.subscribe("two@example.org").await;
    site.plan().await;
    let all = QueueFilter::default();
    assert_eq!(
        site.app.store.drop_waiting(&all, "it", site.app.clock.now()).await.unwrap().done,
        1
    );
    site.subscribe("three@example.org").await;
    site.plan().await;
    let verbs = site.app.subscriptions().unwrap();
    let day = "2026-11-23".parse().unwrap();
    assert_eq!(verbs.resend_missed(day, "it").await.unwrap(), 1);
    let page = ada.get("/admin").await.body;
    let value = |name: &str| {
        let (_, rest) = page.split_once(&format!("<span class=\"label\">{name}</span>")).unwrap();
        rest.split("<span class=\"value\">").nth(1).unwrap().split('<').next().unwrap().to_owned()
    };
    let values = ["Planned", "Sent", "Waiting", "Failed", "Not sent", "Once more"].map(value);
    assert_eq!(values, ["3", "1", "1", "0", "1", "1"], "3 = 1 + 1 + 0 + 1, and one once more");
    assert!(page.contains("digest sent again, 1 waiting"), "{page}");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn subscribers_are_found_and_helped() {
    let site = Site::start().await;
    site.fill().await;
    let ada = Visitor::enter(&site, "ada", Role::Admin).await;
    let rea = Visitor::enter(&site, "rea", Role::Reader).await;
    site.welcome("grace@example.org").await;
    site.subscribe("hopper@other.example").await;
    let page = ada.get("/admin/subscribers").await.body;
    assert!(page.contains("grace@example.org") && page.contains("hopper@other.example"));
    for (query, found, not) in [
        ("q=gr", "grace@", "hopper@"),
        ("q=@other.example", "hopper@", "grace@"),
        ("q=ace&in=yes", "grace@", "hopper@"),
        ("state=active&q=hop", "hopper@", "grace@"),
    ] {
        let page = ada.get(&format!("/admin/subscribers?{query}")).await.body;
        assert!(page.contains(found) && !page.contains(not), "{query}: {page}");
    }
    let page = ada.get("/admin/subscribers?state=bogus").await.body;
    assert!(page.contains("There is no such state") && !page.contains("grace@"), "{page}");
    let page = ada.get("/admin/subscribers?q=ace").await.body;
    assert!(page.contains("Nobody fits") && page.contains("anywhere in addresses"));

    let id = site.subscriber("grace@example.org").await.unwrap().id;
    let here = format!("/admin/subscribers/{id}");
    let page = ada.get(&here).await.body;
    for words in ["active", "planned", "sent", "digest of 2026-11-23", "Next digest"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(page.contains("2026-11-23: the digest was sent at"), "{page}");
    let day = ada.get(&format!("{here}?day=2026-11-20")).await.body;
    assert!(day.contains("2026-11-20: not subscribed yet") && day.contains("Nothing on that day"));
    assert!(ada.get(&format!("{here}?day=x")).await.body.contains("Please give the day"));
    let seen = rea.get(&here).await.body;
    assert!(seen.contains("digest of 2026-11-23") && !seen.contains("value=\"erase\""));
    let state = async || site.state("grace@example.org").await;
    let act = async |fields: &[(&str, &str)]| ada.post(&here, fields).await;
    let seen = act(&[("do", "pause"), ("until", "2020-01-01")]).await;
    assert!(seen.status == 422 && seen.body.contains("from tomorrow on"));
    assert_eq!(act(&[("do", "pause"), ("until", "2026-12-24")]).await.status, 303);
    assert_eq!(state().await, "paused");
    assert!(ada.get(&here).await.body.contains("paused by an admin (ada), until 2026-12-24"));
    assert_eq!(act(&[("do", "resume")]).await.status, 303);
    assert_eq!(state().await, "active");
    assert_eq!(act(&[("do", "resend")]).await.status, 303);
    assert_eq!(site.send().await.sent, 1);
    assert_eq!(act(&[("do", "resend")]).await.status, 422, "once a day");
    assert_eq!(act(&[("do", "remove")]).await.status, 303);
    assert_eq!(state().await, "unsubscribed");
    assert_eq!(act(&[("do", "pause")]).await.status, 422, "they have left");
    assert_eq!(act(&[("do", "suppress"), ("why", "they asked")]).await.status, 303);
    assert_eq!(state().await, "suppressed");
    assert!(ada.get(&here).await.body.contains("admin, they asked"));
    assert_eq!(act(&[("do", "lift")]).await.status, 303);
    assert_eq!(state().await, "unsubscribed");
    assert_eq!(act(&[("do", "erase")]).await.status, 422, "not without the tick");
    assert_eq!(act(&[("do", "erase"), ("sure", "yes")]).await.status, 303);
    assert_eq!(state().await, "none");
    assert_eq!(ada.get(&here).await.status, 404);
    let page = ada.get("/admin/subscribers?q=grace@example.org").await.body;
    assert!(page.contains("was erased on 2026-11-23"), "{page}");
    let log = log(&site, 7).await;
    assert_eq!(log[0], format!("ada subscriber.erase {id} (g***@example.org)"));
    assert_eq!(log[6], format!("ada subscriber.pause {id} (g***@example.org)"));
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_subscribers_follow_each_other() {
    let site = Site::start().await;
    let ada = Visitor::enter(&site, "ada", Role::Reader).await;
    let verbs = site.app.subscriptions().unwrap();
    for n in 0..120 {
        let email = format!("r{n:03}@example.org").parse().unwrap();
        verbs.add(&email, &Default::default(), true, "a test").await.unwrap();
    }
    for first in ["", "?q=r", "?q=@example.org", "?q=r&in=yes", "?state=active"] {
        let (mut seen, mut place) = (Vec::new(), format!("/admin/subscribers{first}"));
        loop {
            let page = ada.get(&place).await.body;
            for rest in page.split("@example.org</a>").map(|part| &part[part.len().max(4) - 4..]) {
                seen.push(rest.to_owned());
            }
            seen.pop();
            let Some((before, _)) = page.split_once("\">Next page</a>") else { break };
            place = before.rsplit("href=\"").next().unwrap().replace("&amp;", "&");
        }
        assert_eq!(seen.len(), 120, "{first}");
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 120, "{first}: none twice");
    }
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_is_tended() {
    let site = Site::start().await;
    site.fill().await;
    let ada = Visitor::enter(&site, "ada", Role::Admin).await;
    let rea = Visitor::enter(&site, "rea", Role::Reader).await;
    for name in ["a", "b", "c"] {
        site.post("/subscribe", &format!("email={name}@example.org")).await;
    }
    let ids: Vec<String> = site.queue().await.iter().map(|row| row.id.to_string()).collect();
    assert_eq!(ids.len(), 3);
    let page = ada.get("/admin/queue").await.body;
    assert!(page.contains("a@example.org") && page.contains("3 waiting"), "{page}");
    let page = rea.get("/admin/queue").await.body;
    assert!(page.contains("a@example.org") && !page.contains("type=\"checkbox\""));
    let page = ada.get("/admin/queue?to=b@example.org").await.body;
    assert!(page.contains("b@example.org</a>") && !page.contains("a@example.org</a>"), "{page}");
    assert!(ada.get("/admin/queue?to=nonsense").await.body.contains("is no address"));
    let page = ada.get(&format!("/admin/queue/{}", ids[0])).await.body;
    assert!(page.contains("Try it now") && page.contains("a@example.org"));

    // What drops shows its number first, and does nothing until it is meant.
    let seen = ada.post("/admin/queue", &[("do", "drop"), ("id", &ids[0])]).await;
    assert!(seen.status == 200 && seen.body.contains("Drop 1 mail?"), "{}", seen.body);
    let seen = ada.post("/admin/queue", &[("do", "drop-all")]).await;
    assert!(seen.body.contains("Drop 3 mails?"));
    let seen = ada.post("/admin/queue", &[("do", "drop")]).await;
    assert!(seen.body.contains("Tick the mails first"));
    assert_eq!(site.queue().await.len(), 3);
    let fields = [("do", "drop"), ("id", ids[0].as_str()), ("sure", "yes"), ("why", "a mistake")];
    let seen = ada.post("/admin/queue", &fields).await;
    assert_eq!(seen.header("location"), "/admin/queue?said=dropped&count=1");
    let page = ada.get("/admin/queue?state=skipped").await.body;
    assert!(page.contains("dropped by an admin (ada): a mistake"), "{page}");
    let seen = ada.post("/admin/queue", &[("do", "retry"), ("id", &ids[1])]).await;
    assert_eq!(seen.header("location"), "/admin/queue?said=retried&count=1");
    let fields = [("do", "drop-all"), ("to", "c@example.org"), ("sure", "yes")];
    assert_eq!(ada.post("/admin/queue", &fields).await.status, 303);
    let left = site.app.store.queue(&QueueFilter::default(), 0, 10).await.unwrap();
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].id.to_string(), ids[1]);
    let any = ada.get("/admin/queue?state=any").await.body;
    for name in ["a@", "b@", "c@"] {
        assert!(any.contains(name));
    }
    let log = log(&site, 3).await;
    assert!(log[0].starts_with("ada queue.drop all that match to=c%40example.org"), "{log:?}");
    assert_eq!(log[1], format!("ada queue.retry mails {}", ids[1]));
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_page_is_tried_before_it_is_taken_in() {
    let site = Site::start_with(SOURCE).await;
    let ada = Visitor::enter(&site, "ada", Role::Admin).await;
    let file = site.folder.path().join("kept.bin");
    std::fs::write(&file, FEED).unwrap();
    let kept = file.display().to_string();
    site.app.store.record_fetch(&bad(&site, Some(&kept))).await.unwrap();
    let page = ada.get("/admin/sources").await.body;
    assert!(page.contains("fails</strong>: the page has no papers"), "{page}");
    let here = "/admin/sources/my-feed";
    assert!(page.contains(here));
    let at = site.app.clock.now().as_microsecond().to_string();
    let page = ada.get(&format!("{here}?at={at}")).await.body;
    assert!(page.contains("1 listed, 1 of them new"), "{page}");
    assert_eq!(site.app.store.count_papers().await.unwrap(), 0, "only looked at");
    assert_eq!(
        site.app.store.last_fetches("my-feed", jiff::Timestamp::MAX, 9).await.unwrap().len(),
        1
    );
    assert_eq!(ada.get(&format!("{here}?at=17")).await.status, 404);
    assert_eq!(ada.get("/admin/sources/nobody").await.status, 404);
    assert_eq!(ada.post(&format!("{here}/replay"), &[("at", "17")]).await.status, 404);
    site.app.clock.set(site.app.clock.now() + SignedDuration::from_mins(1));
    let seen = ada.post(&format!("{here}/replay"), &[("at", &at)]).await;
    assert_eq!(seen.header("location"), format!("{here}?said=replayed"));
    assert_eq!(site.app.store.count_papers().await.unwrap(), 1);
    assert_eq!(log(&site, 1).await, ["ada source.replay my-feed"]);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_is_shown_as_it_would_be_and_gives_nobody_away() {
    let site = Site::start().await;
    site.fill().await;
    let rea = Visitor::enter(&site, "rea", Role::Reader).await;
    let page = rea.get("/admin/preview").await.body;
    assert!(page.contains("sandbox src=\"/admin/preview/frame?"), "{page}");
    let frame = rea.get("/admin/preview/frame").await;
    assert!(frame.body.contains("Flows") && !frame.body.contains("https://cdn.example.org"));
    assert!(frame.header("content-security-policy").contains("sandbox"));
    assert_eq!(frame.header("x-frame-options"), "SAMEORIGIN");
    let reader = site.welcome("one@example.org").await;
    assert!(reader.html.contains("/unsubscribe/"));
    let page = rea.get("/admin/preview?as=one@example.org").await.body;
    assert!(page.contains("Nothing is new to them then"), "{page}");
    site.list(vec![support::kit::paper("2611.00009", 99)]).await;
    for part in ["text", "html"] {
        let place = format!("/admin/preview?as=one@example.org&at=2026-11-24T08:00&part={part}");
        let page = rea.get(&place).await.body;
        assert!(page.contains("A title"), "{page}");
        let frame = rea.get(&place.replace("preview?", "preview/frame?")).await.body;
        for text in [page, frame] {
            assert!(!text.contains("/unsubscribe/") && !text.contains("/preferences/"));
        }
    }
    for (query, words) in [
        ("as=nobody@example.org", "no subscriber with that address"),
        ("as=x", "That is no address"),
        ("at=tomorrow", "Please give the moment"),
    ] {
        let page = rea.get(&format!("/admin/preview?{query}")).await.body;
        assert!(page.contains(words), "{query}: {page}");
    }
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_config_is_changed_whole_or_not_at_all() {
    let more = "[[mail.relays]]\nurl = \"smtp://127.0.0.1:9?tls=none\"\npassword = \"hunter2\"\n";
    let more = more.replace("9?tls=none\"", "9?tls=none\"\nweight = 1");
    let more = more.replace("smtp://127", "smtp://me@127");
    let site = Site::start_with(&more).await;
    let ada = Visitor::enter(&site, "ada", Role::Admin).await;
    let rea = Visitor::enter(&site, "rea", Role::Reader).await;
    let file = site.folder.path().join("paperround.toml");
    let before = std::fs::read_to_string(&file).unwrap();
    for visitor in [&ada, &rea] {
        let page = visitor.get("/admin/config").await.body;
        assert!(page.contains("&lt;secret 1&gt;") && !page.contains("hunter2"), "{page}");
    }
    let page = ada.get("/admin/config").await.body;
    let field = |page: &str, name: &str| {
        let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let seen = field(&page, "seen");
    let shown = before.replace("\"hunter2\"", "\"<secret 1>\"");

    let broken = shown.replace("weight = 1", "weight = \"heavy\"\nweigth = 2");
    let checked = ada.post("/admin/config/check", &[("seen", &seen), ("text", &broken)]).await;
    let line = 1 + broken.lines().position(|line| line.contains("heavy")).unwrap();
    assert_eq!(checked.status, 422);
    for words in [format!("Line {line}:"), format!("Line {}:", line + 1), "2 faults".to_owned()] {
        assert!(checked.body.contains(&words), "{words}: {}", checked.body);
    }
    assert!(
        checked.body.contains("weight = &quot;heavy&quot;")
            || checked.body.contains("weight = \"heavy\"")
    );
    let applied = ada.post("/admin/config", &[("seen", &seen), ("text", &broken)]).await;
    assert_eq!((applied.status, std::fs::read_to_string(&file).unwrap()), (422, before.clone()));

    let good = shown.replace("weight = 1", "weight = 3").replace('\n', "\r\n");
    let checked = ada.post("/admin/config/check", &[("seen", &seen), ("text", &good)]).await;
    assert_eq!(checked.status, 200, "{}", checked.body);
    assert!(checked.body.contains("- weight = 1") && checked.body.contains("+ weight = 3"));
    assert!(!checked.body.contains("hunter2"));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), before, "only looked at");
    // Written with a proof of a quarter of an hour at most.
    site.app.clock.set(site.app.clock.now() + SignedDuration::from_mins(16));
    let fields = [("seen", seen.as_str()), ("text", good.as_str())];
    let applied = ada.post("/admin/config", &fields).await;
    assert!(applied.status == 422 && applied.body.contains("not your password"));
    assert!(applied.body.contains("+ weight = 3"), "nothing is lost");
    let with = [fields[0], fields[1], ("password", PASSWORD)];
    let applied = ada.post("/admin/config", &with).await;
    assert_eq!(applied.status, 303, "{}", applied.body);
    let after = std::fs::read_to_string(&file).unwrap();
    assert_eq!(after, before.replace("weight = 1", "weight = 3"), "with its secret");

    // Not over what somebody else wrote meanwhile, nor with a mark that stands for nothing.
    let applied = ada.post("/admin/config", &fields).await;
    assert!(applied.status == 422 && applied.body.contains("by somebody else meanwhile"));
    let page = ada.get("/admin/config").await.body;
    let seen = field(&page, "seen");
    let wrong = shown.replace("<secret 1>", "<secret 7>");
    let checked = ada.post("/admin/config/check", &[("seen", &seen), ("text", &wrong)]).await;
    assert!(checked.body.contains("stands for no secret"), "{}", checked.body);
    assert!(page.contains("Version 1"), "{page}");
    assert!(!page.contains("cannot be saved yet"), "{page}");
    assert_eq!(ada.get("/admin/config/1").await.status, 200);
    assert!(!ada.get("/admin/config/1").await.body.contains("hunter2"));
    assert_eq!(ada.get("/admin/config/99").await.status, 404);

    // Whatever became of the file: the fault, the history, and a way back.
    let lose: [&dyn Fn(); 3] = [
        &|| std::fs::remove_file(&file).unwrap(),
        &|| std::fs::write(&file, b"\xff").unwrap(),
        &|| {
            std::fs::remove_file(&file).unwrap();
            std::os::unix::fs::symlink("paperround.toml", &file).unwrap();
        },
    ];
    for lose in lose {
        lose();
        let page = ada.get("/admin/config").await;
        assert_eq!(page.status, 200, "{}", page.body);
        assert!(page.body.contains("The file cannot be read") && page.body.contains("Version 1"));
        assert!(!page.body.contains("hunter2"));
        assert_eq!(ada.get("/admin/config/1").await.status, 200);
        let seen = field(&page.body, "seen");
        // Nothing is in force in this process that never took a file over.
        let fields = [("seen", seen.as_str()), ("text", &after), ("password", PASSWORD)];
        let checked = ada.post("/admin/config/check", &fields).await;
        assert!(checked.body.contains("What would change"), "{}", checked.body);
        let applied = ada.post("/admin/config", &fields).await;
        assert_eq!(applied.status, 303, "{}", applied.body);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), after);
    }

    // Secrets: for an admin who gives the password, and noted.
    let bare = ada.post("/admin/config/secrets", &[]).await;
    assert!(bare.status == 200 && bare.body.contains("hunter2"), "{}", bare.body);
    site.app.clock.set(site.app.clock.now() + SignedDuration::from_mins(16));
    let bare = ada.post("/admin/config/secrets", &[]).await;
    assert_eq!(bare.header("location"), "/admin/prove?next=%2Fadmin%2Fconfig");
    let proved = ada.post("/admin/prove", &[("password", "x"), ("next", "/admin/config")]).await;
    assert_eq!(proved.status, 422);
    let proved =
        ada.post("/admin/prove", &[("password", PASSWORD), ("next", "/admin/config")]).await;
    assert_eq!(proved.header("location"), "/admin/config");
    assert!(ada.post("/admin/config/secrets", &[]).await.body.contains("hunter2"));
    assert_eq!(rea.post("/admin/config/secrets", &[]).await.status, 403);
    let log = log(&site, 3).await;
    assert!(log[0].starts_with("ada config.secrets"), "{log:?}");
    assert!(log[2].starts_with("ada config.write"), "{log:?}");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_version_is_in_force() {
    let site = Site::start_with("").await;
    let ada = Visitor::enter(&site, "ada", Role::Admin).await;
    use paperround::store::ConfigOutcome::{Applied, Refused};
    for (text, outcome) in [("a = 1\n", Applied), ("b = 1\n", Applied), ("c\n", Refused)] {
        site.app.clock.set(site.app.clock.now() + SignedDuration::from_mins(5));
        let new = NewConfigVersion { who: "ada", file: "c.toml", text, outcome, reason: None };
        site.app.store.note_config(&new, site.app.clock.now()).await.unwrap();
    }
    let page = ada.get("/admin/config").await.body;
    let history = page.split("id=\"history\"").nth(1).unwrap();
    let ended = "was in force until 23 Nov 2026, ";
    assert_eq!(history.matches(">in force<").count(), 1, "{history}");
    let (newest, older) = history.split_once(">in force<").unwrap();
    assert!(newest.contains(">refused<") && older.contains(ended), "{history}");
    let versions = site.app.store.config_versions(9).await.unwrap();
    let page = ada.get(&format!("/admin/config/{}", versions[2].id)).await.body;
    assert!(page.contains(ended), "{page}");
    let page = ada.get(&format!("/admin/config/{}", versions[1].id)).await.body;
    assert!(page.contains("<dd>in force</dd>"), "{page}");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn charts_have_their_numbers_beside_them() {
    let site = Site::start_with(SOURCE).await;
    site.fill().await;
    let ada = Visitor::enter(&site, "ada", Role::Reader).await;
    let page = ada.get("/admin/charts").await.body;
    assert!(page.contains("today’s numbers so far"));
    // Nothing is kept yet, and yet today's papers are there.
    let row = "<tr><th scope=\"row\">2026-11-23</th><td class=\"num\">3</td>";
    assert!(page.contains(row), "{page}");
    site.welcome("one@example.org").await;
    site.app.store.record_fetch(&bad(&site, None)).await.unwrap();
    let zone = &site.app.config.site.time_zone;
    site.app.store.keep_day_figures(zone, site.app.clock.now()).await.unwrap();
    for days in [7, 30, 90, 365] {
        let page = ada.get(&format!("/admin/charts?days={days}")).await.body;
        assert_eq!(page.matches("<figure class=\"chart\"").count(), 6);
        let row = "<tr><th scope=\"row\">2026-11-23</th><td class=\"num\">1</td>";
        assert!(page.contains(row), "one active subscriber: {page}");
        assert!(page.contains("my-feed</a>") && page.contains("2026-11-23: 0 good, 1 bad"));
        assert!(page.contains("<desc ") && !page.contains("style="));
    }
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_can_be_filtered() {
    let site = Site::start().await;
    let ada = Visitor::enter(&site, "ada", Role::Admin).await;
    let bob = Visitor::enter(&site, "bob", Role::Reader).await;
    bob.post("/admin/logout", &[]).await;
    let rows = |page: &str| page.matches("<td data-label=\"What\">").count();
    let page = ada.get("/admin/audit").await.body;
    assert_eq!(rows(&page), 7);
    assert_eq!(rows(&ada.get("/admin/audit?who=bob").await.body), 3);
    assert_eq!(rows(&ada.get("/admin/audit?who=bob&what=logout").await.body), 1);
    assert_eq!(rows(&ada.get("/admin/audit?what=account").await.body), 4);
    assert!(ada.get("/admin/audit?who=nobody").await.body.contains("No such entries"));
    site.end().await;
}
