//! The config to start from. Writes files only in the folder that it is given, and never over
//! one that is there.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Every key, explained; valid as it stands.
pub(super) const DEFAULT: &str = include_str!("../../config/default.toml");

/// Why no config was written.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// There is one.
    #[error("{0} is there already, and is left as it is: change it, or remove it first")]
    Exists(PathBuf),
    /// A folder or file could not be made.
    #[error("cannot write {path}")]
    Write {
        /// Which one.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// What whoever sets a service up is asked. What is open stays as it is in the file to start
/// from, which is valid: its mail goes into a folder.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// `site.url`
    pub url: Option<String>,
    /// `mail.from`
    pub from: Option<String>,
    /// The relay's `url`.
    pub relay: Option<String>,
    /// The relay's `password_file`.
    pub password_file: Option<String>,
    /// `site.data_dir`
    pub data_dir: Option<String>,
    /// `server.listen`
    pub listen: Option<String>,
    /// Sections that sign.
    pub dkim: String,
}

impl Answers {
    /// The config, commented, with these answers.
    pub fn text(&self) -> String {
        let mut text = DEFAULT.to_owned();
        let mut put = |line: &str, key: &str, value: &Option<String>| {
            if let Some(value) = value {
                let value = toml::Value::String(value.clone());
                text = text.replacen(line, &format!("{key} = {value}"), 1);
            }
        };
        for (line, key, value) in [
            (SITE_URL, "url", &self.url),
            (FROM, "from", &self.from),
            (RELAY_URL, "url", &self.relay),
            (PASSWORD, "password_file", &self.password_file),
            (DATA_DIR, "data_dir", &self.data_dir),
            (LISTEN, "listen", &self.listen),
        ] {
            put(line, key, value);
        }
        if !self.dkim.is_empty() {
            text = text.replacen(DKIM, &format!("{}\n{DKIM}", self.dkim), 1);
        }
        text
    }
}

const SITE_URL: &str = "url = \"http://127.0.0.1:8080\"";
const FROM: &str = "from = \"Paper Round <papers@localhost>\"";
const RELAY_URL: &str = "url = \"folder:../outbox\"";
const PASSWORD: &str = "# password_file = \"relay-password\"";
const DATA_DIR: &str = "# data_dir = \"paperround-data\"";
const LISTEN: &str = "# listen = \"127.0.0.1:8080\"";
const DKIM: &str = "# [[mail.dkim]]";

/// Writes the config into `file`, making its folder; readable by its owner and group only.
pub fn init(file: &Path, text: &str) -> Result<(), InitError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        |source| InitError::Write { path, source }
    };
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(failed(folder))?;
    }
    // `create_new` also refuses what another process has just written, and dangling links.
    match OpenOptions::new().write(true).create_new(true).mode(0o640).open(file) {
        Ok(mut open) => {
            open.write_all(text.as_bytes()).and_then(|()| open.sync_all()).map_err(failed(file))
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Err(InitError::Exists(file.to_owned()))
        }
        Err(error) => Err(failed(file)(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_has_its_place() {
        for line in [SITE_URL, FROM, RELAY_URL, PASSWORD, DATA_DIR, LISTEN] {
            assert_eq!(DEFAULT.matches(&format!("\n{line}\n")).count(), 1, "{line}");
        }
        let answers = Answers {
            url: Some("https://papers.example.org".to_owned()),
            from: Some("\"Rounds, daily\" <papers@example.org>".to_owned()),
            relay: Some("smtp://mail.example.org".to_owned()),
            data_dir: Some("/var/lib/paperround".to_owned()),
            listen: Some("127.0.0.1:9090".to_owned()),
            ..Answers::default()
        };
        let path = Path::new("c.toml");
        let read = crate::config::Config::parse(&answers.text(), path, std::iter::empty());
        let config = read.unwrap().config;
        assert_eq!(config.site.address(), "https://papers.example.org");
        assert_eq!(config.server.listen.port(), 9090);
        assert_eq!(config.mail.from_name, "Rounds, daily");
        assert_eq!(config.site.data_dir, Path::new("/var/lib/paperround"));
        assert_eq!(Answers::default().text(), DEFAULT);
    }
}
