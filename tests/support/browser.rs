//! A real Chromium, driven by Debian's chromium-driver, and what somebody does with it.

#![allow(dead_code, unreachable_pub, reason = "not every test program needs all of it")]

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::json;

/// Debian's driver of Chromium, on a port of its own.
pub(crate) struct Driver {
    process: Child,
    port: u16,
    /// Chromium's own files.
    folder: tempfile::TempDir,
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Driver {
    pub(crate) fn start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut process = Command::new("chromedriver")
            .arg("--port=0")
            .env("TZ", "Asia/Tokyo")
            .env("HOME", folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        for line in lines.map_while(Result::ok) {
            if let Some((_, rest)) = line.split_once("successfully on port ") {
                let port = rest.trim_end_matches('.').parse().unwrap();
                return Some(Self { process, port, folder });
            }
        }
        None
    }

    /// A browser that can reach this machine only.
    pub(crate) async fn browser(&self, scripts: bool, width: u32, height: u32) -> Client {
        let profile = self.folder.path().join(format!("{scripts}-{width}"));
        let wanted = json!({"goog:chromeOptions": {
            "args": [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                "--no-first-run", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
                format!("--window-size={width},{height}"),
                format!("--user-data-dir={}", profile.display()),
            ],
            "prefs": {"profile.managed_default_content_settings.javascript":
                if scripts { 1 } else { 2 }},
        }});
        let serde_json::Value::Object(wanted) = wanted else { unreachable!("an object") };
        let mut builder =
            ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new());
        builder.capabilities(wanted);
        builder.connect(&format!("http://127.0.0.1:{}", self.port)).await.unwrap()
    }
}

/// Somebody with a browser.
pub(crate) struct Visit {
    pub(crate) browser: Client,
    /// Where the site is.
    pub(crate) base: String,
    /// What their pictures are called.
    pub(crate) name: String,
}

impl Visit {
    pub(crate) async fn open(&self, path: &str) {
        self.browser.goto(&format!("{}{path}", self.base)).await.unwrap();
    }

    pub(crate) async fn type_into(&self, field: &str, text: &str) {
        let field = self.browser.find(Locator::Id(field)).await.expect(field);
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Presses the button or link with these words and waits for the next page.
    pub(crate) async fn press(&self, words: &str) {
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
    pub(crate) async fn sees(&self, picture: &str, words: &str) -> String {
        let page = self.browser.find(Locator::Css("body")).await.unwrap().text().await.unwrap();
        assert!(page.contains(words), "{}: wanted {words:?} in {page}", self.name);
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join(format!("{}-{picture}.png", self.name));
        std::fs::write(file, self.browser.screenshot().await.unwrap()).unwrap();
        let english = Locator::Css("html[lang='en']");
        assert_eq!(self.browser.find_all(english).await.unwrap().len(), 1);
        page
    }
}

/// The judges beside the project: axe in both colour schemes, no script needed, nobody else asked,
/// every control within reach.
pub(crate) struct Judges(PathBuf);

impl Judges {
    /// None, loudly, where they are not there.
    pub(crate) fn find() -> Option<Self> {
        let tool = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/tools/check-page");
        let tool = std::env::var_os("CHECK_PAGE").map_or(tool, PathBuf::from);
        let found = Command::new(&tool).arg("-h").output().is_ok_and(|done| done.status.success());
        if !found {
            eprintln!("SKIPPED: ../shared/tools/check-page is not there, or not set up");
        }
        found.then_some(Self(tool))
    }

    /// Shows them pages of the site at `base`; pictures go into `folder`.
    pub(crate) fn judge(&self, folder: &str, base: SocketAddr, places: &[String]) {
        let pictures = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/screenshots");
        let mut tool = Command::new(&self.0);
        tool.arg(pictures.join(folder)).arg(format!("http://{base}")).args(places);
        let done = tokio::task::block_in_place(|| tool.output()).unwrap();
        let told = String::from_utf8_lossy(&done.stdout);
        let missing = String::from_utf8_lossy(&done.stderr);
        if done.status.code() == Some(2) {
            eprintln!("SKIPPED: check-page cannot run: {missing}");
            return;
        }
        assert!(told.trim_end().ends_with("PASS") && !told.contains("axe"), "{told}{missing}");
    }
}
