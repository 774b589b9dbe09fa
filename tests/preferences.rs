//! The page behind the signed link, what is shown to whom, and what must happen to bad input:
//! nothing.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use std::path::Path;

use support::site::{Answer, FORM, Site};

#[tokio::test(flavor = "multi_thread")]
async fn everything_can_be_changed_by_the_link_alone() {
    let site = Site::start().await;
    site.fill().await;
    let page = site.subscribe("ada@example.org").await;
    let said = |answer: &Answer| {
        assert_eq!(answer.status, 303, "{}", answer.body);
        answer.header("location").rsplit('=').next().unwrap().to_owned()
    };
    // Nothing was sent yet.
    assert_eq!(said(&site.post(&page, "do=resend").await), "resent-none");
    site.plan().await;
    site.send().await;

    let wishes = "do=save&rhythm=weekly:tue&hour=18:30&time_zone=Asia/Tokyo&max_papers=3&min_votes=5&iso_dates=yes";
    assert_eq!(said(&site.post(&page, wishes).await), "saved");
    let reader = site.subscriber("ada@example.org").await.unwrap();
    assert_eq!(
        reader.preferences.canonical(),
        r#"{"rhythm":"weekly:tue","hour":"18:30","zone":"Asia/Tokyo","max_papers":3,"min_votes":5,"iso_dates":true}"#
    );
    assert_eq!(reader.next_due_at.unwrap().to_string(), "2026-11-24T09:30:00Z");
    let shown = site.get(&page).await.body;
    assert!(shown.contains("Tuesdays at 18:30, Asia/Tokyo"), "{shown}");
    assert!(shown.contains("<option value=\"18:30\" selected>") && shown.contains(" checked"));
    for bad in [
        "hour=99:00",
        "max_papers=0",
        "max_papers=x",
        "min_votes=-1",
        "rhythm=hourly",
        "time_zone=x",
        "locale=tlh",
    ] {
        let answer = site.post(&page, &format!("do=save&{bad}")).await;
        assert_eq!(answer.status, 422, "{bad}");
        assert!(answer.body.contains("role=\"alert\""), "{bad}");
    }
    let unchanged = site.subscriber("ada@example.org").await.unwrap();
    assert_eq!(unchanged.preferences, reader.preferences, "bad wishes change nothing");
    // Left empty: as usual here.
    assert_eq!(said(&site.post(&page, "do=save&rhythm=&hour=&time_zone=").await), "saved");
    let reader = site.subscriber("ada@example.org").await.unwrap();
    assert_eq!(reader.preferences.canonical(), "{}");

    // A pause ends by itself, on the day, on her clock.
    assert_eq!(said(&site.post(&page, "do=pause&until=2026-12-24").await), "paused");
    assert!(site.get(&page).await.body.contains("Paused until 2026-12-24"));
    for bad in ["2026-11-23", "2020-01-01", "2099-01-01", "tomorrow"] {
        assert_eq!(site.post(&page, &format!("do=pause&until={bad}")).await.status, 422, "{bad}");
    }
    let verbs = site.app.subscriptions().unwrap();
    site.at("2026-12-23T23:59:00Z");
    assert_eq!(verbs.tidy_once().await.unwrap().unwrap().to_string(), "2026-12-24T00:00:00Z");
    assert_eq!(site.state("ada@example.org").await, "paused");
    site.at("2026-12-24T00:00:00Z");
    assert_eq!(verbs.tidy_once().await.unwrap(), None);
    let reader = site.subscriber("ada@example.org").await.unwrap();
    assert_eq!(reader.next_due_at.unwrap().to_string(), "2026-12-24T08:00:00Z");
    assert_eq!(said(&site.post(&page, "do=pause").await), "paused");
    assert_eq!(said(&site.post(&page, "do=resume").await), "resumed");

    // The last digest once more, once a day, and never as a new one.
    let before = site.mails().len();
    assert_eq!(said(&site.post(&page, "do=resend").await), "resent");
    assert_eq!(said(&site.post(&page, "do=resend").await), "resent-already");
    assert_eq!(site.send().await.sent, 1);
    let mails = site.mails();
    assert_eq!(mails[before].subject, mails[1].subject);
    assert!(mails[before].raw.contains("List-Unsubscribe-Post"));

    // Everything that is known, to be kept.
    let data = site.get(&format!("{page}/data")).await;
    assert_eq!(data.header("content-disposition"), "attachment; filename=\"paper-round.json\"");
    let known: serde_json::Value = serde_json::from_str(&data.body).unwrap();
    assert_eq!(known["email"], "ada@example.org");
    assert_eq!(known["consents"].as_array().unwrap().len(), 2);
    assert_eq!(known["papers_remembered"].as_array().unwrap().len(), 3);
    assert!(known["events"].as_array().unwrap().len() > 8);
    assert_eq!(site.post(&page, "do=nonsense").await.status, 200);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_moves_only_with_its_new_owners_yes() {
    let site = Site::start().await;
    site.fill().await;
    let digest = site.welcome("old@example.org").await;
    site.subscribe("taken@example.org").await;
    let page = digest.link("preferences");
    site.later(25);
    let asked = site.post(&page, "do=move&email=new@example.org").await;
    assert_eq!(asked.header("location"), format!("{page}?said=moving"));
    site.send().await;
    let mail = site.last_mail();
    assert_eq!(mail.to, "new@example.org");
    assert!(!mail.raw.contains("old@example.org"));
    let link = mail.link("confirm");
    assert!(site.get(&link).await.body.contains("Shall your digests come here?"));
    assert!(site.subscriber("old@example.org").await.is_some(), "a look moves nothing");
    assert!(site.get(&page).await.body.contains("new@example.org, once confirmed there"));
    // Asked for another address meanwhile: the first link ends.
    site.post(&page, "do=move&email=third@example.org").await;
    assert_eq!(site.post(&link, "do=confirm").await.status, 404);
    site.send().await;
    let link = site.last_mail().link("confirm");
    assert_eq!(site.post(&link, "do=confirm").await.status, 303);
    assert_eq!(site.state("old@example.org").await, "none");
    assert_eq!(site.state("third@example.org").await, "active");
    assert_eq!(site.get(&digest.link("unsubscribe")).await.status, 200, "links go on");
    // Not onto another's subscription.
    site.post(&page, "do=move&email=taken@example.org").await;
    site.send().await;
    let link = site.last_mail().link("confirm");
    assert_eq!(site.post(&link, "do=confirm").await.status, 409);
    assert_eq!(site.state("third@example.org").await, "active");
    assert_eq!(site.state("taken@example.org").await, "active");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_erased_stands_nowhere_any_more() {
    let site = Site::start_with("[log]\nlevel = \"debug\"\n").await;
    site.fill().await;
    let digest = site.welcome("Zenobia.Quill@rare-domain.example").await;
    let page = digest.link("preferences");
    site.post(&page, "do=move&email=zenobia.other@rare-domain.example").await;
    // Enough around her that pages of the file split and are moved.
    let mut roll = String::from("email\n");
    for n in 0..3_000 {
        roll.push_str(&format!("reader{n:05}@example.org\n"));
    }
    let verbs = site.app.subscriptions().unwrap();
    let how = paperround::subscription::How { confirmed: true, dry_run: false };
    verbs.import(roll.as_bytes(), how, |_| (), |_| ()).await.unwrap();
    assert_eq!(site.post(&page, "do=erase").await.status, 422, "not without the tick");
    let erased = site.post(&page, "do=erase&sure=yes").await;
    assert_eq!(erased.status, 200);
    assert!(site.app.store.books().await.unwrap().balance());
    let mut all = Vec::new();
    collect(&site.folder.path().join("data"), &mut all);
    assert!(all.iter().any(|(path, _)| path.ends_with("paperround.db")), "{all:?}");
    for (path, bytes) in &all {
        let text = String::from_utf8_lossy(bytes).to_lowercase();
        assert!(!text.contains("zenobia") && !text.contains("rare-domain"), "{path}");
    }
    // One and the same answer as to any other token that does not work.
    let other = format!("{}a", &page[..page.len() - 1]);
    assert_eq!(site.get(&page).await.whole(), site.get(&other).await.whole());
    // No file brings her back; she herself can come.
    let how = paperround::subscription::How { confirmed: true, dry_run: false };
    let roll = "email\nzenobia.quill@rare-domain.example\n";
    let mut remarks = Vec::new();
    let done = verbs.import(roll.as_bytes(), how, |one| remarks.push(one), |_| ()).await.unwrap();
    assert_eq!((done.added, done.skipped), (0, 1), "{remarks:?}");
    assert_eq!(site.app.store.suppressions("", 10).await.unwrap()[0].email, None);
    site.later(25);
    site.subscribe("zenobia.quill@rare-domain.example").await;
    assert_eq!(site.app.store.suppressions("", 10).await.unwrap(), []);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_after_somebody_was_erased_inherits_nothing() {
    let site = Site::start().await;
    site.fill().await;
    let digest = site.welcome("first@example.org").await;
    assert_eq!(site.post(&digest.link("preferences"), "do=erase&sure=yes").await.status, 200);
    site.later(1);
    let page = site.subscribe("second@example.org").await;
    let data = site.get(&format!("{page}/data")).await.body;
    let known: serde_json::Value = serde_json::from_str(&data).unwrap();
    assert_eq!(known["last_digest_day"], serde_json::Value::Null);
    assert!(!data.contains("first@") && !data.contains("erased"), "{data}");
    assert_eq!(site.plan().await, 1, "a welcome of their own");
    site.send().await;
    assert_eq!(site.last_mail().to, "second@example.org");
    assert_eq!(site.get(&digest.link("digest")).await.status, 404);
    site.end().await;
}

fn collect(folder: &Path, out: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, out);
        } else {
            out.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_never_confirms_is_forgotten() {
    let site = Site::start().await;
    site.post("/subscribe", "email=shy@example.org").await;
    site.send().await;
    let link = site.last_mail().link("confirm");
    let verbs = site.app.subscriptions().unwrap();
    site.later(7 * 24 - 1);
    verbs.tidy_once().await.unwrap();
    assert_eq!(site.get(&link).await.status, 200);
    site.later(2);
    assert_eq!(site.post(&link, "do=confirm").await.status, 404, "expired");
    verbs.tidy_once().await.unwrap();
    assert_eq!(site.state("shy@example.org").await, "none");
    assert!(site.app.store.suppressions("", 10).await.unwrap().is_empty());
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_not_quite_right_gets_one_same_answer() {
    let site = Site::start().await;
    site.fill().await;
    let digest = site.welcome("ada@example.org").await;
    let confirm = site.mails()[0].link("confirm");
    let before = format!("{:?}", site.subscriber("ada@example.org").await);
    let wrong = site.get("/confirm/aaaa").await.whole();
    assert!(wrong.contains("This link does not work"));
    let links =
        [confirm, digest.link("preferences"), digest.link("unsubscribe"), digest.link("digest")];
    for link in &links {
        let (_, token) = link.rsplit_once('/').unwrap();
        let mut tokens: Vec<String> = (0..token.len())
            .map(|at| {
                let mut other = token.as_bytes().to_vec();
                other[at] = if other[at] == b'a' { b'b' } else { b'a' };
                String::from_utf8(other).unwrap()
            })
            .collect();
        tokens.extend([token.to_uppercase(), format!("{token}a"), token[1..].to_owned()]);
        // Of another purpose.
        tokens.extend(
            links
                .iter()
                .filter(|other| *other != link)
                .map(|other| other.rsplit_once('/').unwrap().1.to_owned()),
        );
        tokens.extend(
            ["%00", "%ff", "..%2f..", "'%20OR%201=1--", &"a".repeat(4_000)].map(str::to_owned),
        );
        for other in tokens {
            for page in ["confirm", "preferences", "unsubscribe", "digest"] {
                let good = links.iter().any(|link| link.ends_with(&format!("/{page}/{other}")));
                if good {
                    continue;
                }
                let path = format!("/{page}/{other}");
                let answer = site.get(&path).await;
                assert_eq!(answer.whole(), wrong, "{path}");
                if page != "digest" {
                    let answer = site.post(&path, "do=confirm&List-Unsubscribe=One-Click").await;
                    assert_eq!(answer.whole(), wrong, "{path}");
                }
            }
        }
    }
    assert_eq!(format!("{:?}", site.subscriber("ada@example.org").await), before);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_has_mails_in_their_language_and_the_others_in_the_sites() {
    let site = Site::start().await;
    site.fill().await;
    let page = site.subscribe("ada@example.org").await;
    assert_eq!(site.post(&page, "do=save&locale=ja").await.status, 303);
    let shown = site.get(&page).await.body;
    assert!(shown.contains("<option value=\"ja\" lang=\"ja\" selected>日本語</option>"), "{shown}");
    site.subscribe("bob@example.org").await;
    assert_eq!(site.plan().await, 2);
    site.send().await;
    let mails = site.mails();
    let digest = |to: &str| mails.iter().rfind(|mail| mail.to == to).unwrap();
    let (hers, his) = (digest("ada@example.org"), digest("bob@example.org"));
    assert!(hers.html.contains("<html lang=\"ja\"") && hers.html.contains("配信停止"));
    assert!(hers.subject.contains("11月23日"), "{}", hers.subject);
    assert!(his.html.contains("<html lang=\"en\"") && his.html.contains(">Unsubscribe<"));
    assert!(his.text.contains("Monday, November 23, 2026"), "{}", his.text);
    site.post(&hers.link("unsubscribe"), "List-Unsubscribe=One-Click").await;
    site.send().await;
    assert!(site.last_mail().subject.contains("配信を停止しました"));
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn scanners_change_nothing() {
    let site = Site::start().await;
    site.fill().await;
    site.post("/subscribe", "email=new@example.org").await;
    site.send().await;
    let digest = site.welcome("ada@example.org").await;
    let left = site.welcome("left@example.org").await;
    site.post(&left.link("unsubscribe"), "List-Unsubscribe=One-Click").await;
    site.send().await;
    let goodbye = site.last_mail();
    let standing = async || {
        let mut all = Vec::new();
        for name in ["new", "ada", "left"] {
            all.push(format!("{:?}", site.subscriber(&format!("{name}@example.org")).await));
        }
        (all, site.queue().await.len(), site.app.store.books().await.unwrap())
    };
    let before = standing().await;
    let mut links = Vec::new();
    for mail in [&site.mails()[0], &digest, &goodbye] {
        for word in mail.html.split(['"', ' ']).chain(mail.text.split_whitespace()) {
            if let Some(path) = word.strip_prefix("https://digest.example/") {
                links.push(format!("/{path}"));
            }
        }
    }
    links.sort();
    links.dedup();
    assert!(links.len() >= 5, "{links:?}");
    for link in &links {
        for method in ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE"] {
            let answer = site.ask(method, link, "Purpose: prefetch\r\n", b"").await;
            assert!(answer.status < 500 && answer.status > 0, "{method} {link}");
        }
        for body in ["", "x=y", "List-Unsubscribe=", "List-Unsubscribe=one-click", "do=look"] {
            let answer = site.post(link, body).await;
            assert!(answer.status < 500, "{link}");
        }
    }
    assert_eq!(standing().await, before);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_bodies_get_a_plain_page() {
    let site = Site::start().await;
    site.fill().await;
    let page = site.subscribe("ada@example.org").await;
    for path in ["/subscribe", "/preferences", page.as_str()] {
        for (kind, body, status) in [
            ("Content-Type: application/json\r\n", b"{}".to_vec(), 400),
            ("Content-Type: text/plain\r\n", b"do=erase&sure=yes".to_vec(), 400),
            ("", b"do=erase&sure=yes".to_vec(), 400),
            ("Content-Type: multipart/form-data; boundary=x\r\n", b"--y".to_vec(), 400),
            (FORM, vec![b'a'; 70_000], 413),
            (FORM, b"a&".repeat(5_000), 400),
        ] {
            let answer = site.ask("POST", path, kind, &body).await;
            let good = answer.status == status || (status == 400 && answer.status == 422);
            assert!(good, "{path} {kind} {} {}", body.len(), answer.status);
            assert!(answer.head.to_lowercase().contains("content-security-policy"), "{path}");
        }
        let odd = site.ask("POST", path, FORM, b"email=%ff%fe%00&do=%00&x=%zz").await;
        assert!(odd.status < 500 && odd.status > 0, "{path}");
    }
    assert_eq!(site.state("ada@example.org").await, "active");
    for address in [
        &format!("{page}?said=a&said=b"),
        "/feed.atom?token=a&token=b",
        "/feed.json?token=%ff",
        "/archive?before=a&before=b",
        "/archive/%ff",
        "/assets/%ff",
        "/%ff",
    ] {
        let answer = site.get(address).await;
        assert_eq!(answer.status, 404, "{address}");
        assert!(answer.body.contains("<h1>"), "{address}: a page of ours");
    }
    for (method, path) in [("DELETE", "/subscribe"), ("GET", "/subscribe"), ("PUT", "/preferences")]
    {
        assert_eq!(site.ask(method, path, "", b"").await.status, 405, "{method} {path}");
    }
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn archive_feeds_and_the_mail_in_the_browser() {
    let site = Site::start().await;
    assert!(site.get("/archive").await.body.contains("Nothing is here yet"));
    site.fill().await;
    let archive = site.get("/archive").await;
    assert!(archive.body.contains("href=\"/archive/2026-11-23\""), "{}", archive.body);
    assert!(archive.body.contains("3 papers"));
    let day = site.get("/archive/2026-11-23").await;
    assert_eq!(day.status, 200);
    assert!(day.body.find("Flows").unwrap() < day.body.find("Loops").unwrap());
    for bad in ["2026-11-22", "2026-13-01", "today", "2026-11-23T00:00", "-009999-01-01"] {
        assert_eq!(site.get(&format!("/archive/{bad}")).await.status, 404, "{bad}");
    }
    assert_eq!(site.get("/archive?before=x").await.status, 404);
    assert!(
        site.get("/archive?before=2026-11-23").await.body.contains("Nothing is here that is older")
    );

    let atom = site.get("/feed.atom").await;
    assert_eq!(atom.header("content-type"), "application/atom+xml; charset=utf-8");
    let parsed = feed_rs::parser::parse(atom.body.as_bytes()).unwrap();
    assert_eq!(parsed.entries.len(), 3);
    let tag = format!("If-None-Match: {}\r\n", atom.header("etag"));
    assert_eq!(site.ask("GET", "/feed.atom", &tag, b"").await.status, 304);
    let json: serde_json::Value = serde_json::from_str(&site.get("/feed.json").await.body).unwrap();
    assert_eq!(json["items"].as_array().unwrap().len(), 3);
    assert_eq!(json["version"], "https://jsonfeed.org/version/1.1");

    let page = site.subscribe("ada@example.org").await;
    site.post(&page, "do=save&min_votes=10").await;
    let body = site.get(&page).await.body;
    let at = body.find("/feed.atom?token=").unwrap();
    let own: String = body[at..].chars().take_while(|c| *c != '"').collect();
    let own = site.get(&own).await;
    assert_eq!(feed_rs::parser::parse(own.body.as_bytes()).unwrap().entries.len(), 2);
    assert_eq!(own.header("x-robots-tag"), "noindex, nofollow");
    assert_eq!(site.get("/feed.atom?token=aaaa").await.status, 404);

    site.plan().await;
    site.send().await;
    let mail = site.last_mail();
    let seen = site.get(&mail.link("digest")).await;
    assert_eq!(seen.status, 200);
    assert!(seen.body.contains("Flows") && seen.body.contains("ada@example.org"));
    assert!(seen.body.contains(&mail.link("unsubscribe")));
    assert!(!seen.body.contains("<img"), "nobody else is asked for anything");
    assert!(seen.header("content-security-policy").contains("default-src 'none'"));
    assert!(site.get("/robots.txt").await.body.contains("Disallow: /unsubscribe/"));
    site.end().await;
}
