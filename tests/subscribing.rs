//! In with one confirmation, out with one click: the whole way over a real socket, and
//! everything by which strangers, scanners and bad input could change what they must not.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use futures_util::future::join_all;
use support::site::{FORM, Site};

const ONE_CLICK: &str = "List-Unsubscribe=One-Click";

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_comes_in_and_gets_the_best_at_once() {
    let site = Site::start().await;
    site.fill().await;
    let asked = site
        .post(
            "/subscribe",
            "email=Ada%40example.org&rhythm=daily&hour=07:30&time_zone=Europe/Berlin",
        )
        .await;
    assert_eq!((asked.status, asked.header("set-cookie")), (200, ""));
    assert_eq!(site.state("ada@example.org").await, "pending");
    assert_eq!(site.plan().await, 0, "nothing before the yes");
    let waiting = site.queue().await;
    assert_eq!((waiting.len(), waiting[0].kind.as_str()), (1, "confirm"));
    assert_eq!(site.send().await.sent, 1);
    let confirm = site.last_mail();
    assert_eq!(confirm.to, "Ada@example.org");
    // No text of a stranger's, whoever they are: the address alone.
    assert!(!confirm.raw.contains("Berlin") && !confirm.raw.contains("07:30"));
    assert!(confirm.text.contains("https://digest.example/confirm/"), "never from Host");
    assert!(!confirm.raw.contains("List-Unsubscribe"));

    let link = confirm.link("confirm");
    let page = site.get(&link).await;
    assert_eq!((page.status, page.header("x-robots-tag")), (200, "noindex, nofollow"));
    assert_eq!(page.body.matches("<button").count(), 1);
    assert!(page.body.contains("Ada@example.org"));
    assert_eq!(site.state("ada@example.org").await, "pending", "a look confirms nothing");
    assert_eq!(site.post(&link, "").await.status, 200);
    assert_eq!(site.state("ada@example.org").await, "pending", "nor does an empty POST");

    let done = site.post(&link, "do=confirm").await;
    assert_eq!(done.status, 303);
    let preferences = done.header("location");
    let page = site.get(preferences).await;
    assert!(page.body.contains("is on its way"), "{}", page.body);
    assert!(page.body.contains("daily at 07:30, Europe/Berlin"));
    assert_eq!(site.state("ada@example.org").await, "active");
    let reader = site.subscriber("ada@example.org").await.unwrap();
    let consents = site.app.store.consents(reader.id).await.unwrap();
    let what: Vec<&str> = consents.iter().map(|one| one.what.as_str()).collect();
    assert_eq!(what, ["asked", "confirmed"]);
    assert!(consents.iter().all(|one| one.how == "web" && !one.wording.is_empty()));

    // The best of the last days, at once; then the usual rhythm, without any of them.
    assert_eq!(site.plan().await, 1);
    assert_eq!(site.send().await.sent, 1);
    let digest = site.last_mail();
    assert!(digest.text.contains("Welcome!") && digest.html.contains("Welcome!"));
    assert!(digest.subject.contains("Flows"));
    let again = site.post(&link, "do=confirm").await;
    assert!(again.header("location").ends_with("said=already"), "{}", again.head);
    assert_eq!(site.plan().await, 0);
    site.at("2026-11-24T06:30:00Z");
    assert_eq!(site.plan().await, 0, "none of them once more");
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn confirm_works_by_a_reply_where_mail_is_read() {
    let site = Site::start_with("[inbound]\naddress = \"papers@digest.example\"\n").await;
    site.post("/subscribe", "email=ada@example.org").await;
    site.send().await;
    let mail = site.last_mail();
    let reply = mail.raw.lines().find(|line| line.starts_with("Reply-To: ")).unwrap();
    assert!(reply.starts_with("Reply-To: papers+confirm-") && reply.ends_with("@digest.example"));
    assert_eq!(mail.raw.matches("Reply-To:").count(), 1);
    assert!(mail.text.contains("reply to this mail"));
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_click_leaves_at_once_and_the_page_after_brings_back() {
    let site = Site::start().await;
    site.fill().await;
    let digest = site.welcome("ada@example.org").await;
    assert!(digest.raw.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"));
    let link = digest.link("unsubscribe");
    assert!(digest.raw.contains(&format!("List-Unsubscribe: <https://digest.example{link}>,\r\n")));
    // A day later a digest is planned and waits; then she leaves.
    site.at("2026-11-24T07:30:00Z");
    site.list(vec![paperround::model::Paper::new(
        paperround::model::PaperId::from_arxiv("2611.00009").unwrap(),
        "New",
        "https://huggingface.co/papers/2611.00009",
    )])
    .await;
    site.at("2026-11-24T08:00:00Z");
    assert_eq!(site.plan().await, 1);

    let multipart = "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\n\
                     One-Click\r\n--x--\r\n";
    let kind = "Content-Type: multipart/form-data; boundary=x\r\n";
    let gone = site.ask("POST", &link, kind, multipart.as_bytes()).await;
    assert_eq!((gone.status, gone.header("location"), gone.header("set-cookie")), (200, "", ""));
    assert_eq!(site.state("ada@example.org").await, "unsubscribed");
    assert!(gone.body.contains("Bring everything back"));
    // Whoever left by their mail program's own button finds the way back behind the link.
    assert!(site.get(&link).await.body.contains("Bring everything back"));
    let sent = site.send().await;
    assert_eq!(sent.sent, 1, "the goodbye, and no digest");
    let goodbye = site.last_mail();
    assert_eq!(goodbye.subject, "You have left Paper Round");
    let reader = site.subscriber("ada@example.org").await.unwrap();
    let told = site.app.store.timeline(&reader).await.unwrap();
    let skipped = told.iter().find(|event| event.what == "skipped").unwrap();
    assert_eq!(skipped.reason.as_deref(), Some("the subscription is unsubscribed"));
    assert!(site.app.store.books().await.unwrap().balance());

    // As often as it comes, in a year, too: the same.
    for _ in 0..3 {
        assert_eq!(site.post(&link, ONE_CLICK).await.status, 200);
        site.later(24 * 120);
    }
    assert_eq!(site.send().await.sent, 0, "one goodbye");
    site.at("2026-11-24T08:05:00Z");

    // The way back from the mail: a look changes nothing, the button does, once.
    let back = goodbye.link("unsubscribe");
    assert!(site.get(&back).await.body.contains("Bring everything back"));
    assert_eq!(site.state("ada@example.org").await, "unsubscribed");
    let returned = site.post(&back, "do=back").await;
    assert_eq!(returned.status, 303);
    assert_eq!(site.state("ada@example.org").await, "active");
    assert_eq!(site.post(&back, "do=back").await.status, 404);
    site.at("2026-11-25T08:00:00Z");
    assert_eq!(site.plan().await, 1, "the skipped paper was given back");
    site.send().await;
    assert!(site.last_mail().subject.contains("New"));

    // Weekly, or a pause, instead.
    for (word, state) in [("weekly", "active"), ("pause", "paused")] {
        let page = site.post(&link, ONE_CLICK).await;
        let at = page.body.find("/unsubscribe/").unwrap();
        let undo: String = page.body[at..].chars().take_while(|c| *c != '"').collect();
        assert_eq!(site.post(&undo, &format!("do={word}")).await.status, 303);
        assert_eq!(site.state("ada@example.org").await, state);
    }
    let reader = site.subscriber("ada@example.org").await.unwrap();
    assert_eq!(reader.preferences.rhythm.unwrap().to_string(), "weekly:mon");
    assert!(reader.paused_until.is_some());
    // Too late to take back.
    let page = site.post(&link, ONE_CLICK).await;
    let at = page.body.find("/unsubscribe/").unwrap();
    let undo: String = page.body[at..].chars().take_while(|c| *c != '"').collect();
    site.later(8 * 24);
    assert_eq!(site.post(&undo, "do=back").await.status, 404);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_learns_nothing_from_the_answer() {
    let site = Site::start().await;
    site.fill().await;
    let mut answers = Vec::new();
    site.welcome("active@example.org").await;
    let left = site.welcome("left@example.org").await;
    site.post(&left.link("unsubscribe"), ONE_CLICK).await;
    let erased = site.subscribe("erased@example.org").await;
    assert_eq!(site.post(&erased, "do=erase&sure=yes").await.status, 200);
    let verbs = site.app.subscriptions().unwrap();
    let suppressed = "suppressed@example.org".parse().unwrap();
    let mark = verbs.mark_of(&suppressed);
    let now = site.app.clock.now();
    site.app.store.suppress(&suppressed, &mark, "admin", "a test", now).await.unwrap();
    site.post("/subscribe", "email=pending@example.org").await;
    site.send().await;
    site.later(25);
    let before = site.mails().len();
    for name in ["new", "pending", "active", "left", "erased", "suppressed", "new", "new"] {
        answers.push(site.post("/subscribe", &format!("email={name}@example.org")).await.whole());
        answers.push(site.post("/subscribe", &format!("email={name}@example.org")).await.whole());
    }
    answers.push(site.post("/subscribe", "email=bot@example.org&remarks=x").await.whole());
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    site.send().await;
    let to: Vec<String> =
        site.mails().drain(before..).map(|mail| format!("{}: {}", mail.to, mail.subject)).collect();
    assert_eq!(
        to,
        [
            "new@example.org: Please confirm: papers from Paper Round",
            "pending@example.org: Please confirm: papers from Paper Round",
            "active@example.org: You are subscribed to Paper Round already",
            "left@example.org: Please confirm: papers from Paper Round",
            "erased@example.org: Please confirm: papers from Paper Round",
        ]
    );
    // The link to the preferences likewise.
    let one = site.post("/preferences", "email=active@example.org").await.whole();
    for name in ["nobody", "pending", "suppressed", "left"] {
        let other = site.post("/preferences", &format!("email={name}@example.org")).await.whole();
        assert_eq!(one, other, "{name}");
    }
    site.send().await;
    let mail = site.mails().into_iter().rfind(|mail| mail.to == "active@example.org").unwrap();
    assert_eq!(site.get(&mail.link("preferences")).await.status, 200);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_posts_for_one_address_make_one_mail() {
    let site = Site::start().await;
    let parallel = (0..50).map(|_| site.post("/subscribe", "email=ada@example.org"));
    assert!(join_all(parallel).await.iter().all(|answer| answer.status == 200));
    assert_eq!(site.queue().await.len(), 1, "50 at once: one effect");
    let spellings =
        ["ada@example.org", "ADA@EXAMPLE.ORG", "ada%2Bpapers@example.org", "ada%2B2@example.org"];
    for round in 0..199 {
        let posts = (0..50).map(|n| {
            let email = spellings[(round + n) % spellings.len()];
            let site = &site;
            async move { site.post("/subscribe", &format!("email={email}")).await.status }
        });
        join_all(posts).await;
    }
    assert_eq!(site.queue().await.len(), 1);
    // A day later one more, and three in thirty days, also over a restart.
    let mut site = site;
    for (day, mails) in [(1, 2), (2, 3), (3, 3), (10, 3), (29, 3), (31, 4)] {
        let at: jiff::Timestamp = support::site::NOW.parse().unwrap();
        let at =
            at + jiff::SignedDuration::from_hours(24 * day) + jiff::SignedDuration::from_mins(1);
        let folder = site.end().await;
        site = Site::start_in(folder, "").await;
        site.app.clock.set(at);
        site.post("/subscribe", "email=ada@example.org").await;
        let waiting = site.queue().await;
        let confirms = waiting.iter().filter(|row| row.kind == "confirm").count();
        assert_eq!(confirms, mails, "on day {day}");
    }
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_addresses_from_one_network_are_capped() {
    let site = Site::start_with(
        "[admin]\nalarms_to = \"admin@digest.example\"\n\
         [server]\ntrusted_proxies = [\"127.0.0.1\"]\n\
         [subscriptions.limits]\nper_domain = 60\nin_all = 90\n",
    )
    .await;
    let confirms = async || site.queue().await.iter().filter(|row| row.kind == "confirm").count();
    for round in 0..100 {
        let posts = (0..100).map(|n| {
            let from = format!("{FORM}X-Forwarded-For: 198.51.100.{n}\r\n");
            let body = format!("email=r{round}x{n}@d{n}.example.org");
            let site = &site;
            async move { site.ask("POST", "/subscribe", &from, body.as_bytes()).await.status }
        });
        assert!(join_all(posts).await.iter().all(|status| *status == 200));
    }
    assert_eq!(confirms().await, 30, "by one /24");
    let alarms = site.queue().await.iter().filter(|row| row.kind == "alarm").count();
    assert_eq!(alarms, 1, "one in six hours");
    for n in 0..100 {
        let from = format!("{FORM}X-Forwarded-For: 10.9.{n}.7\r\n");
        site.ask("POST", "/subscribe", &from, format!("email=m{n}@one.example").as_bytes()).await;
    }
    assert_eq!(confirms().await, 90, "60 of one domain");
    for n in 0..100 {
        let from = format!("{FORM}X-Forwarded-For: 2001:db8:{n:x}::7\r\n");
        site.ask("POST", "/subscribe", &from, format!("email=a{n}@z{n}.example").as_bytes()).await;
    }
    assert_eq!(confirms().await, 90, "in all");
    site.later(2);
    site.post("/subscribe", "email=later@example.org").await;
    assert_eq!(confirms().await, 91);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_that_come_back_sooner_than_people_type_have_a_small_allowance() {
    let site = Site::start().await;
    let shown = async || {
        let page = site.get("/").await.body;
        let at = page.find("name=\"shown\" value=\"").unwrap() + "name=\"shown\" value=\"".len();
        page[at..].chars().take_while(|c| *c != '"').collect::<String>()
    };
    for n in 0..10 {
        let mark = shown().await;
        site.post("/subscribe", &format!("email=bot{n}@example.org&shown={mark}")).await;
    }
    assert_eq!(site.queue().await.len(), 5);
    let mark = shown().await;
    site.app.clock.set(site.app.clock.now() + jiff::SignedDuration::from_secs(3));
    site.post("/subscribe", &format!("email=person@example.org&shown={mark}")).await;
    assert_eq!(site.queue().await.len(), 6);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistyped_address_gets_a_sentence_that_helps() {
    let site = Site::start().await;
    let slip = site.post("/subscribe", "email=ada@gmial.com&rhythm=daily").await;
    assert_eq!(slip.status, 422);
    assert!(slip.body.contains("gmial.com: did you mean gmail.com?"));
    assert!(slip.body.contains("value=\"ada@gmail.com\"") && slip.body.contains("role=\"alert\""));
    assert!(slip.body.contains("<option value=\"daily\" selected>"), "what was chosen stays");
    for bad in [
        "",
        "ada",
        "ada@",
        "a b@example.org",
        "ada@localdomain",
        "<script>@example.org",
        &format!("{}@example.org", "a".repeat(65)),
        &"x".repeat(5_000),
    ] {
        let body = format!(
            "email={}",
            url::form_urlencoded::byte_serialize(bad.as_bytes()).collect::<String>()
        );
        let answer = site.post("/subscribe", &body).await;
        assert_eq!(answer.status, 422, "{bad}");
        assert!(!answer.body.contains("<script>"), "{bad}");
    }
    for bad in ["hour=25:00", "time_zone=Mars/Olympus", "rhythm=hourly"] {
        assert_eq!(
            site.post("/subscribe", &format!("email=ada@example.org&{bad}")).await.status,
            422
        );
    }
    assert!(site.queue().await.is_empty());
    let sure = site.post("/subscribe", "email=ada@gmail.com&sure=ada%40gmial.com").await;
    assert_eq!(sure.status, 200);
    assert_eq!(site.state("ada@gmial.com").await, "pending");
    for good in ["post@b%C3%BCcher.example", "%22a%20b%22@example.org", "ada%2Btag@example.org"] {
        let answer = site.post("/subscribe", &format!("email={good}")).await;
        assert_eq!(answer.status, 200, "{good}: {}", answer.body);
    }
    // Browsers send the same address in the letters of the DNS.
    for same in ["post@xn--bcher-kva.example", "post@BU%CC%88CHER.example"] {
        assert_eq!(site.post("/subscribe", &format!("email={same}")).await.status, 200);
    }
    assert_eq!(site.state("post@xn--bcher-kva.example").await, "pending");
    assert_eq!(site.send().await.sent, 4);
    let to: Vec<String> = site.mails().into_iter().map(|mail| mail.to).collect();
    assert!(to.contains(&"post@xn--bcher-kva.example".to_owned()), "{to:?}");
    site.end().await;
}
