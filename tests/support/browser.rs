//! A real Chromium, driven by Debian's chromium-driver.

#![allow(dead_code, unreachable_pub, reason = "not every test program needs all of it")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use fantoccini::{Client, ClientBuilder};
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
