//! What a reader follows, from the form to the mail: only papers that a topic matches, each
//! with the topic that did.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use support::site::Site;

#[tokio::test(flavor = "multi_thread")]
async fn only_papers_that_a_topic_matches_come() {
    let more = "[subscriptions]\ntopics_offered = [\"robots\", \"loops\"]\n";
    let site = Site::start_in(tempfile::tempdir().unwrap(), more).await;
    site.fill().await;
    let home = site.get("/").await.body;
    assert!(home.contains("name=\"topics\" type=\"checkbox\" value=\"loops\""), "{home}");

    // A slip is told with its place, and what was typed is still there.
    let wrong =
        site.post("/subscribe", "email=ada%40example.org&topics=autor:He&topics=loops").await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("there is no field") && wrong.body.contains("autor:He</textarea>"));
    assert!(wrong.body.contains("value=\"loops\" checked"));

    let form = "email=ada%40example.org&topics=loops&topics=title:knot%0D%0A%0D%0A-flows";
    assert_eq!(site.post("/subscribe", form).await.status, 200);
    site.send().await;
    let link = site.last_mail().link("confirm");
    let page = site.post(&link, "do=confirm").await.header("location").to_owned();
    let reader = site.subscriber("ada@example.org").await.unwrap();
    assert_eq!(reader.preferences.topics.line(), "-flows; loops; title:knot");
    let shown = site.get(&page).await.body;
    assert!(shown.contains("Of 3 papers of the last 7 days"), "{shown}");
    assert!(shown.contains("<code dir=\"auto\">loops</code> 1, such as <span dir=\"auto\">Loops"));

    assert_eq!(site.plan().await, 1);
    site.send().await;
    let digest = site.last_mail();
    assert!(digest.subject.contains("Loops"), "{}", digest.subject);
    assert!(!digest.text.contains("Flows") && digest.text.contains("Knots"));
    assert!(digest.text.contains("Your topic: -flows"), "{}", digest.text);
    assert!(digest.html.contains("Your topic:"));

    // Their own feed follows.
    let feed = shown.split("href=\"/feed.json?").nth(1).unwrap().split('"').next().unwrap();
    let feed = site.get(&format!("/feed.json?{feed}")).await.body;
    assert!(feed.contains("Loops") && !feed.contains("Flows"), "{feed}");
    assert!(site.get("/feed.json").await.body.contains("Flows"));

    // Others can be tried: what they would have found is shown, and nothing changes.
    let path = page.split('?').next().unwrap();
    let form = "do=try&hour=18:30&topics=flows%0D%0A-loops%0D%0Anothing";
    let tried = site.post(path, form).await;
    assert_eq!(tried.status, 200);
    assert!(tried.body.contains("Nothing is saved yet"), "{}", tried.body);
    assert!(
        tried.body.contains("<code dir=\"auto\">flows</code> 1, such as <span dir=\"auto\">Flows")
    );
    let both =
        "-loops</code> 2, such as <span dir=\"auto\">Flows</span> · <span dir=\"auto\">Knots<";
    assert!(tried.body.contains(both) && tried.body.contains("nothing</code> 0</li>"));
    assert!(tried.body.contains("nothing</textarea>"), "what was typed is still there");
    assert!(tried.body.contains("<option value=\"18:30\" selected>"));
    let same = site.subscriber("ada@example.org").await.unwrap();
    assert_eq!(same.preferences, reader.preferences);
    let wrong = site.post(path, "do=try&topics=%22open").await;
    assert!(wrong.status == 422 && wrong.body.contains("&quot;open</textarea>"));

    // A wrong topic on the page changes nothing; none at all brings the rest.
    let wrong = site.post(path, "do=save&topics=%22open").await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("not closed") && wrong.body.contains("&quot;open</textarea>"));
    let still = site.subscriber("ada@example.org").await.unwrap();
    assert_eq!(still.preferences.topics, reader.preferences.topics);
    assert_eq!(site.post(path, "do=save&topics=robots").await.status, 303);
    site.at("2026-11-24T08:00:00Z");
    assert_eq!(site.plan().await, 0);
    let now = site.subscriber("ada@example.org").await.unwrap();
    let why = format!("{:?}", site.app.store.timeline(&now).await.unwrap());
    assert!(why.contains("1 match none of their topics"), "{why}");
    assert_eq!(site.post(path, "do=save&topics=").await.status, 303);
    site.at("2026-11-25T08:00:00Z");
    assert_eq!(site.plan().await, 1);
    site.send().await;
    let rest = site.last_mail();
    assert!(rest.text.contains("Flows") && !rest.text.contains("Loops"), "{}", rest.text);
    site.end().await;
}
