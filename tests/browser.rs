//! The reader's journey in a real Chromium, with scripts and without, on a phone and on a desk:
//! subscribe, open the mail, confirm, change, pause, leave, come back. Keeps pictures of what
//! it sees in `target/screenshots`. Skipped, loudly, where Debian's chromium and
//! chromium-driver are missing.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use fantoccini::Locator;
use support::browser::{Driver, Judges, Visit};
use support::site::Site;

async fn choose(reader: &Visit, list: &str, value: &str) {
    let list = reader.browser.find(Locator::Id(list)).await.unwrap();
    list.select_by_value(value).await.unwrap();
}

async fn journey(scripts: bool, width: u32) {
    let Some(driver) = Driver::start() else {
        eprintln!("SKIPPED: there is no chromedriver (Debian: chromium chromium-driver)");
        return;
    };
    let site = Site::start_here().await;
    site.fill().await;
    let browser = driver.browser(scripts, width, 900).await;
    let name = format!("{width}-{}", if scripts { "scripts" } else { "plain" });
    let base = format!("http://{}", site.addr);
    let reader = Visit { browser, base, name };

    reader.open("/").await;
    reader.sees("1-home", "Flows").await;
    let zone = reader.browser.find(Locator::Css("#zone option:checked")).await.unwrap();
    let zone = zone.prop("value").await.unwrap().unwrap_or_default();
    assert_eq!(zone, if scripts { "Asia/Tokyo" } else { "" }, "the browser's own zone");
    reader.type_into("email", "ada@gmial.com").await;
    reader.press("Subscribe").await;
    reader.sees("2-slip", "did you mean gmail.com?").await;
    reader.type_into("email", "ada@example.org").await;
    reader.press("Subscribe").await;
    reader.sees("3-asked", "Look into your inbox").await;
    assert_eq!(site.send().await.sent, 1);

    reader.open(&site.last_mail().link("confirm")).await;
    reader.sees("4-confirm", "ada@example.org").await;
    assert_eq!(site.state("ada@example.org").await, "pending");
    reader.press("Yes, send them to me").await;
    reader.sees("5-welcome", "is on its way to you").await;
    assert_eq!(site.state("ada@example.org").await, "active");
    assert_eq!((site.plan().await, site.send().await.sent), (1, 1));

    let digest = site.last_mail();
    reader.open(&digest.link("digest")).await;
    reader.sees("6-mail", "Welcome!").await;
    reader.press("Another hour").await;
    choose(&reader, "rhythm", "weekly:fri").await;
    choose(&reader, "hour", "18:30").await;
    choose(&reader, "zone", "Europe/Paris").await;
    reader.type_into("max_papers", "5").await;
    reader.press("Save").await;
    reader.sees("7-saved", "Saved.").await;
    reader.sees("7-saved", "Fridays at 18:30, Europe/Paris").await;
    reader.type_into("until", "2026-12-24").await;
    reader.press("Pause").await;
    reader.sees("8-paused", "Paused until 2026-12-24").await;
    assert_eq!(site.state("ada@example.org").await, "paused");
    reader.press("Digests again, please").await;
    reader.sees("9-resumed", "Digests come again.").await;

    reader.open(&digest.link("unsubscribe")).await;
    reader.sees("10-leave", "No more digests would go to ada@example.org").await;
    assert_eq!(site.state("ada@example.org").await, "active");
    reader.press("Unsubscribe").await;
    reader.sees("11-left", "You have left").await;
    assert_eq!(site.state("ada@example.org").await, "unsubscribed");
    reader.press("Bring everything back").await;
    reader.sees("12-back", "Welcome back").await;
    assert_eq!(site.state("ada@example.org").await, "active");

    reader.open("/archive").await;
    reader.press("Monday, 23 November 2026").await;
    reader.sees("13-day", "3 papers first seen on this day").await;
    reader.browser.close().await.unwrap();
    site.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_phone_with_scripts() {
    journey(true, 375).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_phone_without_scripts() {
    journey(false, 375).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_desk_with_scripts() {
    journey(true, 1280).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_desk_without_scripts() {
    journey(false, 1280).await;
}

/// By the judges beside the project, where they are.
#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_for_everybody() {
    let Some(judges) = Judges::find() else { return };
    let site = Site::start_here().await;
    site.fill().await;
    site.post("/subscribe", "email=new@example.org").await;
    site.send().await;
    let confirm = site.last_mail().link("confirm");
    let digest = site.welcome("ada@example.org").await;
    let left = site.welcome("left@example.org").await;
    let page = site.post(&left.link("unsubscribe"), "List-Unsubscribe=One-Click").await;
    let at = page.body.find("/unsubscribe/").unwrap();
    let back: String = page.body[at..].chars().take_while(|c| *c != '"').collect();
    let saved = format!("{}?said=saved", digest.link("preferences"));
    let mut places =
        ["/", "/archive", "/archive/2026-11-23", "/preferences"].map(str::to_owned).to_vec();
    places.extend([confirm, saved, digest.link("unsubscribe"), digest.link("digest"), back]);
    places.extend([left.link("unsubscribe"), left.link("preferences")]);
    judges.judge("judged", site.addr, &places);
    site.end().await;
}
