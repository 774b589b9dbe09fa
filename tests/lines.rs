//! What a digest says beside its papers, for those who ask: what still rises, the week's trend, a
//! short mail on a quiet day, and why nothing came before.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use jiff::SignedDuration;
use paperround::inbound::hear;
use paperround::mail::Incoming;
use paperround::model::{FetchOutcome, Order, Paper, PaperId};
use support::fetched::fetch;
use support::site::{Mail, Site};

fn paper(id: u32, title: &str, votes: u32) -> Paper {
    let id = PaperId::from_arxiv(&format!("2611.{id:05}")).unwrap();
    let url = format!("https://huggingface.co/papers/{id}");
    Paper { votes: Some(votes), ..Paper::new(id, title, url) }
}

/// The source was looked at two hours ago, and was as before.
async fn unchanged(site: &Site) {
    let at = site.app.clock.now() - SignedDuration::from_hours(2);
    let fetch = fetch("test", at, FetchOutcome::Unchanged);
    site.app.store.record_fetch(&fetch).await.unwrap();
}

/// Plans and sends at that moment; the mails by whom they are to.
async fn morning(site: &Site, at: &str) -> Vec<Mail> {
    site.at(at);
    let before = site.mails().len();
    site.plan().await;
    site.send().await;
    let mut mails = site.mails().split_off(before);
    mails.sort_by(|one, other| one.to.cmp(&other.to));
    mails
}

fn text(mail: &Mail) -> String {
    mail.text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_rises_is_told_and_quiet_days_are_explained_to_those_who_ask() {
    let site = Site::start().await;
    site.fill().await;
    let asking = site.subscribe("ada@example.org").await;
    site.subscribe("cy@example.org&rhythm=daily").await;
    site.subscribe("bob@example.org").await;
    let ask = "do=save&lines=rising&lines=quiet";
    assert_eq!(site.post(&asking, ask).await.status, 303);
    let shown = site.get(&asking).await.body;
    assert!(shown.contains("value=\"rising\" checked") && !shown.contains("\"trend\" checked"));
    let ada = site.subscriber("ada@example.org").await.unwrap();
    assert_eq!(ada.preferences.canonical(), r#"{"lines":"rising quiet"}"#);
    assert_eq!(morning(&site, "2026-11-23T09:01:00Z").await.len(), 3);

    site.at("2026-11-24T08:00:00Z");
    let tuesday = [(1, "Flows", 120), (2, "Loops", 13), (3, "Knots", 4), (4, "Rings", 500)];
    site.list(tuesday.map(|(id, title, votes)| paper(id, title, votes)).to_vec()).await;
    let mails = morning(&site, "2026-11-24T08:00:00Z").await;
    let [ada, bob, _] = &mails[..] else { panic!("{}", mails.len()) };
    assert!(
        text(ada).contains("their votes still grow. * Flows (+80 votes) https://"),
        "{}",
        ada.text
    );
    // Too little is no news, and what is new has not risen since.
    assert!(text(ada).contains("Knots (+3 votes)") && !ada.text.contains("Loops"), "{}", ada.text);
    assert!(!text(ada).contains("+500") && ada.html.contains("+80 votes"));
    assert!(!bob.text.contains("rising") && bob.text.contains("Rings"));
    assert!(!text(ada).contains("No mail"), "{}", ada.text);

    // Nothing was fetched: the mail does not say that there was nothing.
    let mails = morning(&site, "2026-11-25T08:00:00Z").await;
    let [ada] = &mails[..] else { panic!("only who asked gets a mail") };
    assert!(ada.subject.contains("nothing new"), "{}", ada.subject);
    assert!(text(ada).contains("could not be read since your last digest"), "{}", ada.text);
    assert!(ada.html.contains("could not be read since your last digest"));
    site.at("2026-11-26T08:00:00Z");
    unchanged(&site).await;
    let mails = morning(&site, "2026-11-26T08:00:00Z").await;
    let [ada] = &mails[..] else { panic!("only who asked gets a mail") };
    assert!(text(ada).contains("Nothing new was listed since your last digest."), "{}", ada.text);
    let reader = site.subscriber("ada@example.org").await.unwrap();
    let why = format!("{:?}", site.app.store.timeline(&reader).await.unwrap());
    assert!(why.contains("nothing new · Nov 26"), "{why}");

    // The next digest says why there was none, once; who had one each day is told nothing.
    site.at("2026-11-27T08:00:00Z");
    site.list(vec![paper(5, "Braids", 9)]).await;
    let mails = morning(&site, "2026-11-27T08:00:00Z").await;
    let [ada, bob, cy] = &mails[..] else { panic!("{}", mails.len()) };
    let silence = "No mail came from Wednesday, November 25, 2026 to Thursday, November 26, 2026: \
                   nothing new was listed.";
    assert!(text(bob).contains(silence) && bob.html.contains(silence), "{}", bob.text);
    assert!(text(cy).contains(silence) && !ada.text.contains("No mail"));

    // A weekend is a silence to who gets digests daily, and none to the others.
    morning(&site, "2026-11-28T08:00:00Z").await;
    morning(&site, "2026-11-29T08:00:00Z").await;
    site.at("2026-11-30T08:00:00Z");
    unchanged(&site).await;
    site.list(vec![paper(6, "Weaves", 9)]).await;
    let mails = morning(&site, "2026-11-30T08:00:00Z").await;
    let [ada, bob, cy] = &mails[..] else { panic!("{}", mails.len()) };
    assert!(!bob.text.contains("No mail") && !ada.text.contains("No mail"), "{}", bob.text);
    let weekend = "No mail came from Saturday, November 28, 2026 to Sunday, November 29, 2026: the \
                   list of papers could not be read.";
    assert!(text(cy).contains(weekend), "{}", cy.text);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silence_of_topics_is_not_laid_on_the_source() {
    let site = Site::start().await;
    site.fill().await;
    let page = site.subscribe("ada@example.org").await;
    site.post(&page, "do=save&topics=loops").await;
    assert_eq!(morning(&site, "2026-11-23T09:01:00Z").await.len(), 1);
    site.at("2026-11-24T08:00:00Z");
    site.list(vec![paper(4, "Rings", 500)]).await;
    assert_eq!(morning(&site, "2026-11-24T08:00:00Z").await.len(), 0);
    site.at("2026-11-25T08:00:00Z");
    site.list(vec![paper(5, "Loops again", 9)]).await;
    let mails = morning(&site, "2026-11-25T08:00:00Z").await;
    let told = "No mail came on Tuesday, November 24, 2026: nothing on the list was for you.";
    assert!(text(&mails[0]).contains(told), "{}", mails[0].text);

    // A pause is no silence: who comes back knows why.
    site.post(&page, "do=pause&until=2026-11-27").await;
    site.at("2026-11-30T08:00:00Z");
    site.post(&page, "do=resume").await;
    site.list(vec![paper(6, "Loops for ever", 9)]).await;
    let mails = morning(&site, "2026-12-01T08:00:00Z").await;
    assert!(!mails[0].text.contains("No mail"), "{}", mails[0].text);
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_weeks_trend_comes_with_the_first_digest_of_the_week() {
    let site = Site::start().await;
    let batch = |from: u32, votes: u32, words: [&'static str; 2]| -> Vec<Paper> {
        let one = |n: u32| {
            let mut paper = paper(from + n, &format!("Paper {}", from + n), votes + n);
            paper.keywords = words.map(str::to_owned).to_vec();
            paper
        };
        (0..12).map(one).collect()
    };
    let old = ["video generation", "LLMs"];
    for (at, papers) in [
        ("2026-11-10T09:00:00Z", batch(100, 1, old)),
        ("2026-11-12T09:00:00Z", batch(100, 9, old)),
        ("2026-11-18T09:00:00Z", batch(200, 5, ["knot theory", "llm"])),
        ("2026-11-22T09:00:00Z", batch(200, 50, ["knot theory", "llm"])),
    ] {
        site.at(at);
        site.list(papers).await;
    }
    site.at("2026-11-23T07:00:00Z");
    let page = site.subscribe("ada@example.org").await;
    site.subscribe("bob@example.org").await;
    assert_eq!(site.post(&page, "do=save&lines=trend").await.status, 303);
    let mails = morning(&site, "2026-11-23T08:00:00Z").await;
    let [ada, bob] = &mails[..] else { panic!("{}", mails.len()) };
    assert!(text(ada).contains("The trends of the week Rose: knot theory Faded: video generation"));
    assert!(
        text(ada).contains("Paper 211 (+61 votes)")
            && ada.html.contains("Rose</b> &nbsp;knot theory")
    );
    assert!(!bob.text.contains("trend"));

    site.at("2026-11-24T08:00:00Z");
    site.list(vec![paper(300, "News", 9)]).await;
    let mails = morning(&site, "2026-11-24T08:00:00Z").await;
    assert!(mails[0].text.contains("News") && !mails[0].text.contains("trend"));
    // The next week: enough was voted for in one of the two weeks alone.
    site.at("2026-11-30T08:00:00Z");
    site.list(vec![paper(301, "More", 9)]).await;
    let mails = morning(&site, "2026-11-30T08:00:00Z").await;
    assert!(mails[0].text.contains("More") && !mails[0].text.contains("trend"));
    site.end().await;
}

#[test]
fn lines_are_asked_for_by_mail_too() {
    let heard = |body: &str| {
        let mail = format!("From: a@example.org\r\nSubject: hi\r\n\r\n{body}\r\n");
        let today = jiff::civil::date(2026, 11, 23);
        let heard = hear(&Incoming::read(mail.as_bytes()), today);
        heard.commands.into_iter().map(|command| command.order).collect::<Vec<_>>()
    };
    let lines = |text: &str| vec![Order::Lines(text.parse().unwrap())];
    assert_eq!(heard("set lines rising, trend"), lines("rising trend"));
    assert_eq!(heard("set lines quiet"), lines("quiet"));
    assert_eq!(heard("set lines none"), lines("none"));
    assert_eq!(heard(&lines("rising quiet")[0].to_string()), lines("rising quiet"));
    assert_eq!(heard("set lines everything"), []);
    assert_eq!(heard("lines rising trend"), []);
}
