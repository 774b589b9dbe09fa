//! Mail in, as its writers meet it: what they write to which address, what changes by it, and
//! what comes back. Nothing changes on the word of a `From` alone, and nothing goes round in
//! circles.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use mail_parser::MessageParser;
use paperround::inbound::{Accept as _, Accepted, Arrival, Postbox};
use paperround::model::{Command, DeliveryState, Locale, Order, Preferences};
use paperround::store::{QueueFilter, QueueRow};
use paperround::subscription::BY_MAIL;
use support::site::{Mail, Site};

const OURS: &str = "papers@digest.example";
const ADA: &str = "ada@example.org";

async fn site() -> Site {
    let site = Site::start_with("[inbound]\naddress = \"papers@digest.example\"\n").await;
    site.fill().await;
    site
}

/// A mail as a person writes it.
fn mail(from: &str, to: &str, subject: &str, body: &str) -> String {
    static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    format!(
        "From: <{from}>\r\nTo: <{to}>\r\nSubject: {subject}\r\n\
         Date: Mon, 23 Nov 2026 08:59:00 +0000\r\nMessage-ID: <m{count}@mua.example>\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n"
    )
}

async fn hand(postbox: &Postbox, from: &str, to: &str, bytes: &str) -> Accepted {
    let to = [to.to_owned()];
    postbox
        .accept_once(Arrival { from: Some(from), to: &to, bytes: bytes.as_bytes() })
        .await
        .unwrap()
}

/// Writes, and has whatever comes of it sent.
async fn write(site: &Site, from: &str, to: &str, subject: &str, body: &str) {
    let bytes = mail(from, to, subject, body);
    let postbox = site.app.postbox().unwrap();
    assert_eq!(hand(&postbox, from, to, &bytes).await, Accepted::Done);
    site.send().await;
}

fn header(mail: &Mail, name: &str) -> String {
    let parsed = MessageParser::default().parse(mail.raw.as_bytes()).unwrap();
    let raw = parsed.header_raw(name.to_owned()).unwrap_or_default();
    raw.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn answers(site: &Site, to: &str) -> Vec<Mail> {
    let to_them = site.mails().into_iter().filter(|mail| mail.to == to);
    to_them.filter(|mail| mail.raw.contains("Auto-Submitted: auto-replied")).collect()
}

async fn reader(site: &Site) -> Mail {
    site.welcome(ADA).await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_mail_asks_and_any_reply_to_the_answer_confirms() {
    let site = site().await;
    write(&site, ADA, OURS, "subscribe", "").await;
    assert_eq!(site.state(ADA).await, "pending");
    let confirm = site.last_mail();
    assert_eq!(confirm.to, ADA);
    let reply_to = header(&confirm, "Reply-To");
    assert!(reply_to.starts_with("papers+confirm-"), "{reply_to}");

    // A machine answers first.
    let away = mail(ADA, &reply_to, "Out of office", "I am away until Monday.")
        .replace("MIME-Version", "Auto-Submitted: auto-replied\r\nMIME-Version");
    let postbox = site.app.postbox().unwrap();
    assert_eq!(hand(&postbox, ADA, &reply_to, &away).await, Accepted::Done);
    assert_eq!(site.state(ADA).await, "pending");

    write(&site, ADA, &reply_to, "Re: whatever", "ja klar! 👍").await;
    assert_eq!(site.state(ADA).await, "active");
    assert_eq!(site.plan().await, 1);
    site.send().await;
    assert!(site.last_mail().raw.contains("List-Id"), "the welcome digest is the answer");
    let consents = site.app.store.consents(site.subscriber(ADA).await.unwrap().id).await.unwrap();
    assert!(consents.iter().all(|one| one.how == "mail"));

    // The same yes once more, from another place: nothing, and one answer at most.
    write(&site, "eve@example.net", &reply_to, "Re: whatever", "ok").await;
    assert_eq!(site.state(ADA).await, "active");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_to_a_digest_changes_what_it_says() {
    let site = site().await;
    let digest = reader(&site).await;
    let reply_to = header(&digest, "Reply-To");
    assert!(reply_to.starts_with("papers+r-"), "{reply_to}");
    let body = "set time 07:30\r\nset zone Europe/Paris\r\nadd topic \"flow matching\"\r\n\
                pause 2 weeks\r\n-- \r\nAda\r\n";
    write(&site, ADA, &reply_to, "Re: Paper Round", body).await;
    let ada = site.subscriber(ADA).await.unwrap();
    assert_eq!(ada.state.word(), "paused");
    assert_eq!(ada.preferences.hour.unwrap().to_string(), "07:30");
    assert_eq!(ada.preferences.zone.unwrap().to_string(), "Europe/Paris");
    assert_eq!(ada.preferences.topics.line(), "\"flow matching\"");
    assert_eq!(ada.paused_until.unwrap().to_string(), "2026-12-06T23:00:00Z");
    let answer = site.last_mail();
    assert_eq!(answer.to, ADA);
    assert!(header(&answer, "In-Reply-To").ends_with("@mua.example>"));
    assert!(header(&answer, "References").ends_with("@mua.example>"));
    assert!(!answer.raw.contains("List-Unsubscribe") && !answer.raw.contains("Precedence"));
    for words in
        ["Digests come at 07:30", "No digests until Monday, December 7, 2026.", "paused until"]
    {
        assert!(answer.text.contains(words), "{words}: {}", answer.text);
    }
    let why = site.app.store.timeline(&site.subscriber(ADA).await.unwrap()).await.unwrap();
    assert!(why.iter().any(|event| event.what == "mail" && event.detail.contains("pause")));
    // The answer's own address says as much.
    write(&site, ADA, &header(&answer, "Reply-To"), "Re: done", "resume").await;
    assert_eq!(site.state(ADA).await, "active");
    write(&site, ADA, &reply_to, "unsubscribe", "").await;
    assert_eq!(site.state(ADA).await, "unsubscribed");
    assert!(site.last_mail().text.contains("/unsubscribe/"), "the goodbye mail offers undo");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_of_the_list_header_acts_at_once_and_ignores_the_body() {
    let site = site().await;
    let digest = reader(&site).await;
    let unsubscribe = header(&digest, "List-Unsubscribe");
    let at = unsubscribe.find("mailto:").unwrap() + "mailto:".len();
    let address = unsubscribe[at..].trim_end_matches('>');
    write(&site, "ada.work@elsewhere.example", address, "", "please keep me subscribed").await;
    assert_eq!(site.state(ADA).await, "unsubscribed");
    let mails = site.mails().len();
    write(&site, ADA, address, "unsubscribe", "").await;
    assert_eq!(site.mails().len(), mails, "who has left is told once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_from_header_alone_changes_nothing() {
    let site = site().await;
    reader(&site).await;
    let before = site.subscriber(ADA).await.unwrap();
    write(&site, ADA, OURS, "unsubscribe", "").await;
    assert_eq!(site.state(ADA).await, "active");
    let ask = site.last_mail();
    assert_eq!((ask.to.as_str(), answers(&site, ADA).len()), (ADA, 1));
    assert!(ask.text.contains("Was this you?") && ask.text.contains("unsubscribe"));
    let reply_to = header(&ask, "Reply-To");
    assert!(reply_to.starts_with("papers+confirm-"));

    // Whoever sees the page by chance changes nothing either; its button does.
    let page = site.get(&ask.link("confirm")).await;
    assert_eq!((page.status, page.body.matches("<button").count()), (200, 1));
    assert_eq!(site.state(ADA).await, "active");
    write(&site, ADA, &reply_to, "Re: was this you?", "yes").await;
    assert_eq!(site.state(ADA).await, "unsubscribed");
    assert_eq!(site.get(&ask.link("confirm")).await.status, 200);

    // The yes of one person is none of another's, and none for something else.
    let token = reply_to.split(['-', '@']).nth(1).unwrap();
    assert_eq!(site.get(&format!("/unsubscribe/{token}")).await.status, 404);
    assert_eq!(before.email.as_str(), ADA);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_press_on_the_page_does_what_was_asked_by_mail() {
    let site = site().await;
    reader(&site).await;
    write(&site, ADA, OURS, "pause until 2026-12-24", "").await;
    assert_eq!(site.state(ADA).await, "active");
    let link = site.last_mail().link("confirm");
    assert_eq!(site.post(&link, "do=confirm").await.status, 303);
    assert_eq!(site.state(ADA).await, "paused");
    assert_eq!(site.post(&link, "do=confirm").await.status, 303, "twice is once");
    site.later(24 * 8);
    assert_eq!(site.get(&link).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_few_and_repeat_no_stranger() {
    let site = site().await;
    for _ in 0..10 {
        write(&site, "eve@example.net", OURS, "Buy at http://evil.example", "cheap pills").await;
    }
    let sent = answers(&site, "eve@example.net");
    assert_eq!(sent.len(), 1, "one of a kind in a day");
    assert!(!sent[0].raw.contains("evil.example") && sent[0].raw.len() < 12_000);
    assert!(sent[0].text.contains("pause 2 weeks"), "it says what can be written");
    let commands = ["status", "pause 2 weeks", "help", "resend", "set time 07:30", "resume"];
    reader(&site).await;
    for command in commands {
        write(&site, ADA, OURS, command, "").await;
    }
    assert!(answers(&site, ADA).len() <= 5);
    // Days later there are answers again.
    site.later(25);
    write(&site, "eve@example.net", OURS, "help", "").await;
    assert_eq!(answers(&site, "eve@example.net").len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_senders_cannot_make_us_mail_everybody() {
    let site = Site::start_with(
        "[subscriptions.limits]\nin_all = 10\n[inbound]\naddress = \"papers@digest.example\"\n",
    )
    .await;
    let postbox = site.app.postbox().unwrap();
    for victim in 0..30 {
        let from = format!("v{victim}@victim.example");
        for (subject, to) in [("hello", OURS), ("subscribe", "papers+subscribe@digest.example")] {
            let bytes = mail(&from, to, subject, "");
            assert_eq!(hand(&postbox, &from, to, &bytes).await, Accepted::Done);
        }
    }
    let waiting = site.queue().await;
    let count = |kind: &str| waiting.iter().filter(|row| row.kind == kind).count();
    assert_eq!((count("answer"), count("confirm")), (10, 10));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_mail_has_one_effect() {
    let site = site().await;
    let digest = reader(&site).await;
    let to = header(&digest, "Reply-To");
    let bytes = mail(ADA, &to, "status", "");
    let postbox = site.app.postbox().unwrap();
    for hop in 0..5 {
        // Each server on the way writes its own lines on top.
        let bytes = format!("Received: from a{hop}.example by b{hop}.example\r\n{bytes}");
        assert_eq!(hand(&postbox, ADA, &to, &bytes).await, Accepted::Done);
    }
    let all = (0..50).map(|_| hand(&postbox, ADA, &to, &bytes));
    futures_util::future::join_all(all).await;
    site.send().await;
    assert_eq!(answers(&site, ADA).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_counts_for_whom_its_token_names_and_for_nobody_else() {
    let site = site().await;
    reader(&site).await;
    site.welcome("bob@example.org").await;
    let dsn = |rcpt: &str, to: &str| {
        format!(
            "From: MAILER-DAEMON@mx.example\r\nTo: <{to}>\r\nSubject: Undelivered Mail Returned\r\n\
             Date: Mon, 23 Nov 2026 09:00:00 +0000\r\nMessage-ID: <{rcpt}.{to}.dsn@mx.example>\r\n\
             MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; \
             boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nIt could not be \
             delivered.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n\
             Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; {rcpt}\r\n\
             Action: failed\r\nStatus: 5.1.1\r\n\
             Diagnostic-Code: smtp; 550 5.1.1 user unknown\r\n\r\n--b--\r\n"
        )
    };
    let postbox = site.app.postbox().unwrap();
    let links = site.app.links();
    let ada = site.subscriber(ADA).await.unwrap();
    let bob = site.subscriber("bob@example.org").await.unwrap();
    let sent = QueueFilter { state: Some(DeliveryState::Sent), ..QueueFilter::default() };
    let sent = site.app.store.queue(&sent, 0, 100).await.unwrap();
    let of_ada = |row: &&QueueRow| row.email == ADA && row.kind == "digest";
    let delivery = sent.iter().find(of_ada).unwrap().id;

    // Forged: no token, one of another purpose, one that is altered.
    let verp = links.bounce_by_mail(ada.person(), delivery).unwrap();
    assert!(verp.split('@').next().unwrap().len() <= 64);
    let altered = verp.replacen("+b-a", "+b-b", 1).replacen("+b-", "+b-a", 1);
    let reply = links.reply_by_mail(bob.person()).unwrap().replace("+r-", "+b-");
    for to in [OURS, altered.as_str(), reply.as_str()] {
        let bytes = dsn(ADA, to);
        assert_eq!(hand(&postbox, "", to, &bytes).await, Accepted::Done);
    }
    assert_eq!(site.state(ADA).await, "active");
    assert_eq!(site.state("bob@example.org").await, "active");

    // True, though it names the address that the mail was passed on to.
    let bytes = dsn("ada@forwarded.example", &verp);
    assert_eq!(hand(&postbox, "", &verp, &bytes).await, Accepted::Done);
    assert_eq!(site.state(ADA).await, "suppressed");
    assert_eq!(site.state("bob@example.org").await, "active");
    let why = site.app.store.timeline(&site.subscriber(ADA).await.unwrap()).await.unwrap();
    assert!(why.iter().any(|event| format!("{event:?}").contains("5.1.1")), "{why:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complaint_that_hides_the_address_ends_the_subscription_of_its_token() {
    let site = site().await;
    let digest = reader(&site).await;
    let head = digest.raw.split("\r\n\r\n").next().unwrap();
    let arf = format!(
        "From: feedback@provider.example\r\nTo: <{OURS}>\r\nSubject: FW: complaint\r\n\
         Date: Mon, 23 Nov 2026 09:00:00 +0000\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=feedback-report; boundary=\"b\"\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nThis is an abuse report.\r\n\
         --b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n\
         User-Agent: P/1\r\nVersion: 1\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\n\
         {}\r\n\r\n--b--\r\n",
        head.replace(ADA, "redacted@provider.example")
    );
    let postbox = site.app.postbox().unwrap();
    assert_eq!(hand(&postbox, "feedback@provider.example", OURS, &arf).await, Accepted::Done);
    assert_eq!(site.state(ADA).await, "unsubscribed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_ours_is_refused_and_what_nobody_wrote_is_not_answered() {
    let site = site().await;
    let postbox = site.app.postbox().unwrap();
    let bytes = mail(ADA, "someone@digest.example", "subscribe", "");
    let refused = hand(&postbox, ADA, "someone@digest.example", &bytes).await;
    assert!(matches!(refused, Accepted::Refused(_)));
    for header in [
        "Auto-Submitted: auto-generated",
        "Precedence: bulk",
        "List-Id: <list.example>",
        "X-Autoreply: yes",
    ] {
        let bytes = mail(ADA, OURS, "subscribe", "")
            .replace("MIME-Version", &format!("{header}\r\nMIME-Version"));
        assert_eq!(hand(&postbox, ADA, OURS, &bytes).await, Accepted::Done);
    }
    let report = mail(ADA, OURS, "subscribe", "");
    assert_eq!(hand(&postbox, "", OURS, &report).await, Accepted::Done);
    let own = mail(OURS, OURS, "subscribe", "");
    assert_eq!(hand(&postbox, OURS, OURS, &own).await, Accepted::Done);
    assert_eq!(site.queue().await.len(), 0, "no mail goes out");
    assert_eq!(site.state(ADA).await, "none");
}

/// Each language, and what its answers say: the heading, what came of a pause, of an hour and
/// of a zone that there is not, what is in force, and the question back.
const SPOKEN: [(&str, [&str; 6]); 6] = [
    (
        "en",
        [
            "Your mail was read",
            "No digests until Thursday, December 24, 2026.",
            "Digests come at 07:30.",
            "perhaps you mean \"set zone Europe/Paris\"",
            "then digests Fridays at 07:30, Europe/Berlin",
            "Was this you?",
        ],
    ),
    (
        "de-AT",
        [
            "Ihre Mail wurde gelesen",
            "Keine Digests bis Donnerstag, 24. Dezember 2026.",
            "Digests kommen um 07:30 Uhr.",
            "vielleicht meinen Sie „set zone Europe/Paris“",
            "danach Digests freitags um 07:30 Uhr, Europe/Berlin",
            "Waren Sie das?",
        ],
    ),
    (
        "fr",
        [
            "Votre courriel a été lu",
            "Aucun envoi jusqu’au jeudi 24 décembre 2026.",
            "Les envois arrivent à 07:30.",
            "vous vouliez peut-être dire « set zone Europe/Paris »",
            "ensuite, envois le vendredi à 07:30, Europe/Berlin",
            "Était-ce vous ?",
        ],
    ),
    (
        "es",
        [
            "Su correo se ha leído",
            "No llegarán boletines hasta el jueves, 24 de diciembre de 2026.",
            "Los boletines llegan a las 07:30.",
            "quizá quiera decir «set zone Europe/Paris»",
            "después, boletines los viernes a las 07:30, Europe/Berlin",
            "¿Fue usted?",
        ],
    ),
    (
        "ja",
        [
            "メールを拝見しました",
            "2026年12月24日木曜日に再開します。",
            "ダイジェストは07:30に届きます。",
            "「set zone Europe/Paris」のことでしょうか",
            "再開後のダイジェスト：毎週金曜07:30（Europe/Berlin）",
            "ご本人ですか？",
        ],
    ),
    (
        "zh-Hans",
        [
            "您的邮件已读取",
            "2026年12月24日星期四恢复。",
            "摘要在 07:30 发送。",
            "您是不是想写“set zone Europe/Paris”",
            "之后的摘要：每周五 07:30（Europe/Berlin）",
            "是您本人吗？",
        ],
    ),
];

/// The words of a text part in one line, as lines are broken anywhere in some languages.
fn unwrapped(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_speak_the_language_of_their_reader() {
    let site = site().await;
    let verbs = site.app.subscriptions().unwrap();
    for (tag, says) in SPOKEN {
        let email = format!("{tag}@example.org");
        let preferences = Preferences {
            locale: Some(tag.parse().unwrap()),
            zone: Some("Europe/Berlin".parse().unwrap()),
            ..Preferences::default()
        };
        verbs.add(&email.parse().unwrap(), &preferences, true, "by an admin").await.unwrap();
        let person = site.subscriber(&email).await.unwrap().person();
        let reply_to = site.app.links().reply_by_mail(person).unwrap();
        let body = "set time 07:30\r\nset rhythm weekly friday\r\nset zone Pariss\r\n\
                    pause until 2026-12-24\r\n";
        write(&site, &email, &reply_to, "", body).await;
        let answer = site.last_mail();
        assert_eq!(answer.to, email);
        for words in &says[..5] {
            let is_said = unwrapped(&answer.text).contains(&unwrapped(words));
            assert!(is_said, "{words}: {}", answer.text);
        }
        assert!(answer.html.contains(&format!("<html lang=\"{tag}\"")), "{tag}");
        assert!(answer.html.contains(says[0]) && answer.html.contains(says[1]), "{tag}");

        write(&site, &email, OURS, "unsubscribe", "").await;
        let ask = site.last_mail();
        assert!(ask.subject.to_lowercase().contains(&says[5].to_lowercase()), "{}", ask.subject);
        assert!(ask.text.contains(says[5]) && ask.text.contains("unsubscribe"), "{}", ask.text);

        // The link to their page, asked for on the site, is theirs as well.
        assert_eq!(site.post("/preferences", &format!("email={email}")).await.status, 200);
        site.send().await;
        let link = site.last_mail();
        assert_eq!(link.to, email);
        let language = format!("<html lang=\"{}\"", &tag[..2]);
        assert!(link.html.contains(&language), "{}", link.subject);
        // And so is the mail that says that they are subscribed already.
        assert_eq!(site.post("/subscribe", &format!("email={email}")).await.status, 200);
        site.send().await;
        let known = site.last_mail();
        assert!(known.html.contains(&language), "{}", known.subject);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_are_answered_in_the_language_of_their_mail_where_it_is_sure() {
    let site = Site::start_with("[inbound]\naddress = \"papers@digest.example\"\n").await;
    for (at, (headers, subject, heading)) in [
        ("", "退订", "没有订阅"),
        ("", "配信停止", "購読がありません"),
        ("", "Bitte abmelden", "Kein Abo"),
        ("", "me désabonner", "Pas d’abonnement"),
        ("", "darme de baja", "Sin suscripción"),
        // What was understood goes before what a program says.
        ("Content-Language: en-US\r\n", "abbestellen", "Kein Abo"),
        ("Content-Language: de-DE\r\n", "unsubscribe", "Kein Abo"),
        ("Accept-Language: it, fr;q=0.8, de;q=0.5\r\n", "unsubscribe", "Pas d’abonnement"),
        ("Accept-Language: es\r\nContent-Language: fr\r\n", "resend", "Sin suscripción"),
        // Else the site's.
        ("", "unsubscribe", "No subscription"),
        ("Content-Language: de, en\r\n", "unsubscribe", "No subscription"),
        ("Accept-Language: xx;;q=\u{1f4a3}\r\n", "unsubscribe", "No subscription"),
        ("", "afmelden", "No subscription"),
        ("", "停止", "No subscription"),
    ]
    .into_iter()
    .enumerate()
    {
        let from = format!("stranger{at}@example.net");
        let bytes = mail(&from, OURS, subject, "")
            .replace("MIME-Version", &format!("{headers}MIME-Version"));
        let postbox = site.app.postbox().unwrap();
        assert_eq!(hand(&postbox, &from, OURS, &bytes).await, Accepted::Done);
        site.send().await;
        let answer = site.last_mail();
        assert_eq!(answer.to, from);
        assert!(answer.text.contains(heading), "{headers}{subject}: {}", answer.text);
    }
    // Who subscribes so is asked in their language, and keeps it.
    write(&site, "neu@example.net", OURS, "abonnieren", "").await;
    assert!(site.last_mail().text.contains("Möchten Sie"), "{}", site.last_mail().text);
    let neu = site.subscriber("neu@example.net").await.unwrap();
    assert_eq!(neu.preferences.locale, Some("de".parse::<Locale>().unwrap()));
    let bytes = mail("new@example.net", OURS, "subscribe", "")
        .replace("MIME-Version", "Content-Language: en-US\r\nMIME-Version");
    let postbox = site.app.postbox().unwrap();
    assert_eq!(hand(&postbox, "new@example.net", OURS, &bytes).await, Accepted::Done);
    // The site's own language is left open.
    assert_eq!(site.subscriber("new@example.net").await.unwrap().preferences.locale, None);
    // What can be written has everyday words beside it.
    let helped = mail("hilfe@example.net", OURS, "Hilfe", "");
    let postbox = site.app.postbox().unwrap();
    assert_eq!(hand(&postbox, "hilfe@example.net", OURS, &helped).await, Accepted::Done);
    site.send().await;
    let help = site.last_mail().text;
    assert!(
        help.contains("Was Sie schreiben können") && help.contains("(oder: abmelden)"),
        "{help}"
    );
}

/// Hands over every mail that one site has sent to the other, and has that one's mail sent,
/// until nothing is new. Returns how many mails that were.
async fn exchange(sites: [&Site; 2], addresses: [&str; 2]) -> usize {
    let mut seen = [0, 0];
    for round in 0.. {
        assert!(round < 20, "they go on for ever");
        let mut new = false;
        for (one, other) in [(0, 1), (1, 0)] {
            let mails = sites[one].mails();
            let postbox = sites[other].app.postbox().unwrap();
            for mail in mails.iter().skip(seen[one]) {
                new = true;
                if mail.to.split(['+', '@']).next() == addresses[other].split('@').next() {
                    hand(&postbox, addresses[one], &mail.to, &mail.raw).await;
                }
            }
            seen[one] = mails.len();
            sites[other].plan().await;
            sites[other].send().await;
        }
        if !new {
            break;
        }
    }
    seen.iter().sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_subscribe_to_each_other_and_to_themselves_fall_silent() {
    let a = site().await;
    let b = Site::start_with("[inbound]\naddress = \"rounds@digest.example\"\n").await;
    b.fill().await;
    let (at_a, at_b) = (OURS, "rounds@digest.example");
    for (site, addresses) in [(&a, [at_a, at_b]), (&b, [at_b, at_a])] {
        for address in addresses {
            let verbs = site.app.subscriptions().unwrap();
            let address = address.parse().unwrap();
            verbs.add(&address, &Default::default(), true, "by an admin").await.unwrap();
            assert_eq!(site.post("/subscribe", &format!("email={address}")).await.status, 200);
        }
    }
    a.later(24);
    b.later(24);
    // And somebody writes to each in the other's name.
    for (site, from, to) in [(&a, at_b, at_a), (&b, at_a, at_b)] {
        write(site, from, to, "status", "").await;
        write(site, from, to, "subscribe", "").await;
    }
    let mails = exchange([&a, &b], [at_a, at_b]).await;
    assert!((1..=16).contains(&mails), "{mails} mails");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_of_ours_to_ourselves_is_noted_and_never_answered() {
    let site = site().await;
    let (store, now) = (&site.app.store, site.app.clock.now());
    let number = u64::try_from(now.as_millisecond()).unwrap();
    let to = site.app.links().canary_by_mail(number).unwrap();
    assert!(to.starts_with("papers+c-"), "{to}");
    store.canary_sent(number, "doctor", now).await.unwrap();
    let mails = site.mails().len();

    // What is about it, and what somebody made up, is not it.
    let report = mail("MAILER-DAEMON@mx.example", &to, "Undelivered Mail Returned to Sender", "")
        .replace("text/plain", "multipart/report; report-type=delivery-status; boundary=x")
        + "--x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n\
           Final-Recipient: rfc822; papers@digest.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--x--\r\n";
    let postbox = site.app.postbox().unwrap();
    assert_eq!(hand(&postbox, "", &to, &report).await, Accepted::Done);
    let forged = to.replace("+c-a", "+c-b").replace("+c-", "+c-x");
    write(&site, OURS, &forged, "Test", "help").await;
    assert_eq!(store.canary(number).await.unwrap().unwrap().seen_at, None);

    write(&site, OURS, &to, "Test", "help").await;
    let canary = store.canary(number).await.unwrap().unwrap();
    assert_eq!((canary.kind.as_str(), canary.sent_at), ("doctor", now));
    assert_eq!(canary.seen_at, Some(site.app.clock.now()));
    assert_eq!(site.mails().len(), mails, "nothing is answered");

    // One that nobody sent is no news, and a month later this one is forgotten.
    assert!(!store.canary_seen(number + 1, now).await.unwrap());
    let later = now + jiff::SignedDuration::from_hours(31 * 24);
    store.canary_sent(7, "doctor", later).await.unwrap();
    let left = store.canaries().await.unwrap();
    assert_eq!(left.iter().map(|one| one.number).collect::<Vec<_>>(), [7]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_mails_in_one_moment_neither_undoes_the_other() {
    let site = site().await;
    reader(&site).await;
    // Each read the reader before the other wrote.
    let read = site.subscriber(ADA).await.unwrap();
    let verbs = site.app.subscriptions().unwrap();
    for order in ["robotics", "diffusion"] {
        let order = Order::AddTopic(order.parse().unwrap());
        let commands = [Command { words: order.to_string(), order }];
        verbs.carry_out(&read, &commands, BY_MAIL).await.unwrap();
    }
    let ada = site.subscriber(ADA).await.unwrap();
    assert_eq!(ada.preferences.topics.line(), "diffusion; robotics");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_beside_a_subscription_is_kept_or_named() {
    let site = site().await;
    let body = "subscribe robotics\r\nset time 06:30\r\nset zone Europe/Paris\r\n\
                set rhythm weekdays\r\nset language de\r\n";
    write(&site, ADA, OURS, "", body).await;
    let ada = site.subscriber(ADA).await.unwrap();
    assert_eq!(ada.state.word(), "pending");
    let wanted = r#"{"rhythm":"weekdays","hour":"06:30","zone":"Europe/Paris","locale":"de","topics":["robotics"]}"#;
    assert_eq!(ada.preferences.canonical(), wanted);
    let confirm = site.last_mail();
    assert!(
        confirm.text.contains("Name") && !confirm.text.contains("Nicht alles"),
        "{}",
        confirm.text
    );
    let yes = header(&confirm, "Reply-To");
    // Whoever gets the mail is told that there was more.
    let bob = "bob@example.org";
    write(&site, bob, OURS, "", "subscribe\r\npause 2 weeks\r\n").await;
    let confirm = site.last_mail();
    assert_eq!(confirm.to, bob);
    assert!(confirm.text.contains("Not everything in your mail"), "{}", confirm.text);
    // A reader whom nothing proves is asked, as for every wish.
    write(&site, ADA, &yes, "", "ja").await;
    write(&site, ADA, OURS, "", "subscribe diffusion\r\npause 2 weeks\r\n").await;
    let ask = site.last_mail();
    assert!(ask.text.contains("add topic diffusion") && ask.text.contains("pause 2 weeks"));
    assert_eq!(site.state(ADA).await, "active");
    write(&site, ADA, &header(&ask, "Reply-To"), "Re: ask", "yes").await;
    let ada = site.subscriber(ADA).await.unwrap();
    assert_eq!(
        (ada.state.word(), ada.preferences.topics.line().as_str()),
        ("paused", "diffusion; robotics")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn tomorrow_is_the_readers_own() {
    let site = site().await;
    let digest = reader(&site).await;
    let reply_to = header(&digest, "Reply-To");
    // It is 23:00 there when it is 09:00 here.
    write(&site, ADA, &reply_to, "", "set zone Pacific/Kiritimati").await;
    site.later(3);
    write(&site, ADA, &reply_to, "", "pause until tomorrow").await;
    let until = site.subscriber(ADA).await.unwrap().paused_until.unwrap();
    assert_eq!(until.to_string(), "2026-11-24T10:00:00Z", "midnight of the 25th there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_to_two_of_our_mailboxes_acts_for_both() {
    let site = site().await;
    write(&site, ADA, OURS, "subscribe", "").await;
    let confirm = header(&site.last_mail(), "Reply-To");
    let bob = site.welcome("bob@example.org").await;
    let leave = header(&bob, "List-Unsubscribe");
    let at = leave.find("mailto:").unwrap() + "mailto:".len();
    let leave = leave[at..].trim_end_matches('>').to_owned();
    let to = ["papers+help@digest.example".to_owned(), confirm, leave];
    let bytes = mail(ADA, OURS, "yes", "both");
    let arrival = Arrival { from: Some(ADA), to: &to, bytes: bytes.as_bytes() };
    let postbox = site.app.postbox().unwrap();
    assert_eq!(postbox.accept_once(arrival).await.unwrap(), Accepted::Done);
    assert_eq!(site.state(ADA).await, "active");
    assert_eq!(site.state("bob@example.org").await, "unsubscribed");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_internationalised_mailbox_has_two_spellings() {
    let site = Site::start_with("[inbound]\naddress = \"papers@b\u{fc}cher.example\"\n").await;
    site.fill().await;
    let postbox = site.app.postbox().unwrap();
    for (to, who) in
        [("papers@b\u{fc}cher.example", "ada"), ("papers@xn--bcher-kva.example", "bob")]
    {
        let from = format!("{who}@example.org");
        assert!(postbox.is_ours(to), "{to}");
        let bytes = mail(&from, to, "subscribe", "");
        // Without an envelope, as over IMAP.
        let arrival = Arrival { from: None, to: &[], bytes: bytes.as_bytes() };
        assert_eq!(postbox.accept_once(arrival).await.unwrap(), Accepted::Done);
        assert_eq!(site.state(&from).await, "pending", "{to}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_no_is_no_yes() {
    let site = site().await;
    write(&site, ADA, OURS, "subscribe", "").await;
    let confirm = header(&site.last_mail(), "Reply-To");
    let mails = site.mails().len();
    for no in ["No, that was not me!", "unsubscribe", "Nein, bitte l\u{f6}schen Sie meine Adresse."]
    {
        write(&site, ADA, &confirm, "Re: One press", no).await;
        assert_eq!(site.state(ADA).await, "pending", "{no}");
    }
    assert_eq!(site.mails().len(), mails, "silence is what was promised");
    write(&site, ADA, &confirm, "Re: One press", "Oh, sorry: yes").await;
    assert_eq!(site.state(ADA).await, "active");
    // Somebody asks in her name.
    write(&site, ADA, OURS, "unsubscribe", "").await;
    let ask = header(&site.last_mail(), "Reply-To");
    write(&site, ADA, &ask, "Re: Was this you?", "No, that was not me!").await;
    assert_eq!(site.state(ADA).await, "active");
    assert!(site.last_mail().text.contains("You said no: nothing was changed."));
    let ada = site.subscriber(ADA).await.unwrap();
    let told = site.app.store.timeline(&ada).await.unwrap();
    assert!(told.iter().any(|event| event.detail == "said no by mail to: unsubscribe"));
    // What comes later from there, of whatever machine, agrees to nothing any more.
    write(&site, ADA, &ask, "Re: Was this you?", "We will look at it.").await;
    assert_eq!(site.state(ADA).await, "active");
    // The token of the first mail says who leaves.
    write(&site, ADA, &confirm, "Re: One press", "unsubscribe").await;
    assert_eq!(site.state(ADA).await, "unsubscribed");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_is_told_nothing_that_is_not_so_and_may_come_back() {
    let site = site().await;
    write(&site, ADA, OURS, "subscribe", "").await;
    let confirm = header(&site.last_mail(), "Reply-To");
    write(&site, ADA, &confirm, "", "yes").await;
    site.plan().await;
    site.send().await;
    let reply_to = header(&site.last_mail(), "Reply-To");
    // Each change has its answer, and the first topic ends "all papers".
    write(&site, ADA, &reply_to, "", "add topic robotics").await;
    let answer = site.last_mail().text;
    assert!(answer.contains("From now on only papers of these topics come: robotics"), "{answer}");
    write(&site, ADA, &reply_to, "", "add topic diffusion").await;
    let answer = site.last_mail().text;
    assert!(answer.contains("Papers of these topics come too: diffusion"), "{answer}");
    write(&site, ADA, &reply_to, "", "unsubscribe").await;
    write(&site, ADA, &reply_to, "", "status").await;
    let answer = site.last_mail().text;
    assert!(!answer.contains("in force"), "{answer}");
    site.later(1);
    let mails = site.mails().len();
    write(&site, ADA, &reply_to, "", "subscribe").await;
    assert_eq!(site.mails().len(), mails + 1, "on the same day");
    write(&site, ADA, &header(&site.last_mail(), "Reply-To"), "", "yes").await;
    assert_eq!(site.state(ADA).await, "active");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_yes_brings_nobody_back_not_even_in_the_same_minute() {
    let site = site().await;
    site.at("2026-11-23T09:00:00Z");
    write(&site, ADA, OURS, "subscribe", "").await;
    let confirm = header(&site.last_mail(), "Reply-To");
    write(&site, ADA, &confirm, "", "yes").await;
    site.plan().await;
    site.send().await;
    let reply_to = header(&site.last_mail(), "Reply-To");
    site.at("2026-11-23T09:00:20Z");
    write(&site, ADA, &reply_to, "", "unsubscribe").await;
    site.at("2026-11-23T09:00:40Z");
    write(&site, ADA, &confirm, "Re: One press", "yes, late").await;
    assert_eq!(site.state(ADA).await, "unsubscribed");
    // Asked again, it is another yes.
    write(&site, ADA, &reply_to, "", "subscribe").await;
    write(&site, ADA, &header(&site.last_mail(), "Reply-To"), "", "yes").await;
    assert_eq!(site.state(ADA).await, "active");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_once_more_what_was_asked_agrees() {
    for yes in ["unsubscribe", "Please remove me from the list.", "Ja, bitte abmelden.", "yes", ""]
    {
        let site = site().await;
        reader(&site).await;
        write(&site, ADA, OURS, "unsubscribe", "").await;
        let ask = header(&site.last_mail(), "Reply-To");
        write(&site, ADA, &ask, "Re: unsubscribe", yes).await;
        assert_eq!(site.state(ADA).await, "unsubscribed", "{yes}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_of_an_internationalised_site_leaves() {
    let site = Site::start_with("[inbound]\naddress = \"papers@b\u{fc}cher.example\"\n").await;
    site.fill().await;
    write(&site, ADA, "papers@xn--bcher-kva.example", "subscribe robotics", "").await;
    let confirm = header(&site.last_mail(), "Reply-To");
    assert!(confirm.ends_with("@xn--bcher-kva.example"), "{confirm}");
    write(&site, ADA, &confirm, "", "yes").await;
    assert_eq!(site.state(ADA).await, "active");
    // Nothing may be new in robotics today: what is in force is said all the same.
    let answer = site.last_mail();
    assert!(answer.text.contains("topic: robotics"), "{}", answer.text);
    assert!(header(&answer, "Reply-To").ends_with("@xn--bcher-kva.example"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_no_ends_what_was_asked_and_leaving_is_one() {
    let site = site().await;
    reader(&site).await;
    // Somebody asks for something in her name; she wants no more of all this.
    write(&site, ADA, OURS, "", "add topic casinos").await;
    let ask = header(&site.last_mail(), "Reply-To");
    write(&site, ADA, &ask, "Re: Was this you?", "Unsubscribe me").await;
    let ada = site.subscriber(ADA).await.unwrap();
    assert_eq!((ada.state.word(), ada.preferences.topics.is_empty()), ("unsubscribed", true));

    let bob = "bob@example.org";
    site.welcome(bob).await;
    write(&site, bob, OURS, "", "pause 2 weeks").await;
    let ask = header(&site.last_mail(), "Reply-To");
    write(&site, bob, &ask, "Re: Was this you?", "No, not me.").await;
    assert!(site.last_mail().text.contains("nothing was changed"));
    write(&site, bob, &ask, "Re: Was this you?", "Oh, yes.").await;
    assert_eq!(site.state(bob).await, "active", "too late");
    assert!(site.last_mail().text.contains("Too late"), "{}", site.last_mail().text);
}

#[tokio::test(flavor = "multi_thread")]
async fn wishes_of_who_comes_back_are_theirs_alone() {
    let site = site().await;
    let digest = reader(&site).await;
    let reply_to = header(&digest, "Reply-To");
    write(&site, ADA, &reply_to, "", "unsubscribe").await;
    // With a token they count.
    write(&site, ADA, &reply_to, "", "subscribe robotics\r\nset time 06:30").await;
    let ada = site.subscriber(ADA).await.unwrap();
    assert_eq!(ada.state.word(), "unsubscribed");
    assert_eq!(ada.preferences.canonical(), r#"{"hour":"06:30","topics":["robotics"]}"#);
    let confirm = site.last_mail();
    assert!(!confirm.text.contains("Not everything"), "{}", confirm.text);
    // Without a word about them they stay.
    write(&site, ADA, &reply_to, "", "subscribe").await;
    let ada = site.subscriber(ADA).await.unwrap();
    assert_eq!(ada.preferences.canonical(), r#"{"hour":"06:30","topics":["robotics"]}"#);
    // Without a token, whoever gets the mail is told that they do not count.
    site.later(24 * 32);
    write(&site, ADA, OURS, "", "subscribe casinos").await;
    let confirm = site.last_mail();
    assert!(confirm.text.contains("Not everything"), "{}", confirm.text);
    write(&site, ADA, &header(&confirm, "Reply-To"), "", "yes").await;
    let ada = site.subscriber(ADA).await.unwrap();
    assert_eq!((ada.state.word(), ada.preferences.topics.line().as_str()), ("active", "robotics"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spam_filters_mark_silences_strangers_alone() {
    let site = site().await;
    let digest = reader(&site).await;
    let marked = |to: &str, body: &str| {
        mail(ADA, to, "", body).replace("MIME-Version", "X-Spam-Flag: YES\r\nMIME-Version")
    };
    let postbox = site.app.postbox().unwrap();
    let mails = site.mails().len();
    for to in ["papers+r-abcdefgh@digest.example", "papers+confirm-abcdefgh@digest.example"] {
        assert_eq!(hand(&postbox, ADA, to, &marked(to, "status")).await, Accepted::Done);
    }
    site.send().await;
    assert_eq!(site.mails().len(), mails, "no token, no answer");
    let to = header(&digest, "Reply-To");
    assert_eq!(hand(&postbox, ADA, &to, &marked(&to, "unsubscribe")).await, Accepted::Done);
    assert_eq!(site.state(ADA).await, "unsubscribed");
}
