//! The reader's journey in a real Chromium, with scripts and without, on a phone and on a desk:
//! subscribe, open the mail, confirm, change, pause, leave, come back. Keeps pictures of what
//! it sees in `target/screenshots`. Skipped, loudly, where Debian's chromium and
//! chromium-driver are missing.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use fantoccini::{Client, Locator};
use support::browser::Driver;
use support::site::Site;

/// One reader with their browser.
struct Reader<'a> {
    site: &'a Site,
    browser: Client,
    name: String,
}

impl Reader<'_> {
    async fn open(&self, path: &str) {
        self.browser.goto(&format!("http://{}{path}", self.site.addr)).await.unwrap();
    }

    async fn type_into(&self, field: &str, text: &str) {
        let field = self.browser.find(Locator::Id(field)).await.unwrap();
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Presses the button or link with these words and waits for the next page.
    async fn press(&self, words: &str) {
        let path =
            format!("//button[normalize-space()='{words}'] | //a[normalize-space()='{words}']");
        let before = self.browser.find(Locator::Css("html")).await.unwrap();
        self.browser.find(Locator::XPath(&path)).await.expect(words).click().await.unwrap();
        // The old page is gone once its root no longer answers.
        for _ in 0..500 {
            if before.tag_name().await.is_err() {
                break;
            }
        }
        self.browser.wait().for_element(Locator::Css("footer, body main")).await.unwrap();
    }

    /// The words of the page, which must hold `words`; keeps a picture of it.
    async fn sees(&self, picture: &str, words: &str) {
        let page = self.browser.find(Locator::Css("body")).await.unwrap().text().await.unwrap();
        assert!(page.contains(words), "{}: wanted {words:?} in {page}", self.name);
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join(format!("{}-{picture}.png", self.name));
        std::fs::write(file, self.browser.screenshot().await.unwrap()).unwrap();
        let wide = "//html[@lang='en']";
        assert_eq!(self.browser.find_all(Locator::XPath(wide)).await.unwrap().len(), 1);
    }

    async fn choose(&self, list: &str, value: &str) {
        let list = self.browser.find(Locator::Id(list)).await.unwrap();
        list.select_by_value(value).await.unwrap();
    }
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
    let reader = Reader { site: &site, browser, name };

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
    reader.choose("rhythm", "weekly:fri").await;
    reader.choose("hour", "18:30").await;
    reader.choose("zone", "Europe/Paris").await;
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

/// By the judges beside the project, where they are: axe in both colour schemes, no script
/// needed, nobody else asked, every control within reach.
#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_for_everybody() {
    let tool = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/tools/check-page");
    let is_set_up = Command::new(&tool).arg("-h").output().is_ok_and(|done| done.status.success());
    if !is_set_up {
        eprintln!("SKIPPED: ../shared/tools/check-page is not there, or not set up");
        return;
    }
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
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screenshots/judged");
    let done = Command::new(&tool)
        .arg(&folder)
        .arg(format!("http://{}", site.addr))
        .args(["/", "/archive", "/archive/2026-11-23", "/preferences"])
        .args([confirm, saved, digest.link("unsubscribe"), digest.link("digest"), back])
        .args([left.link("unsubscribe"), left.link("preferences")])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&done.stdout).into_owned();
    let missing = String::from_utf8_lossy(&done.stderr).into_owned();
    if done.status.code() == Some(2) {
        eprintln!("SKIPPED: check-page cannot run: {missing}");
        return;
    }
    assert!(told.trim_end().ends_with("PASS") && !told.contains("axe"), "{told}{missing}");
    site.end().await;
}
