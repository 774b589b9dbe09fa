//! `[database]`

use std::path::Path;

use super::entries::Entries;
use super::keys::{Key, Section};
use super::read::{self, Misread, Reading};
use super::show::{Shown, shown};
use super::tree::Node;

pub(super) const SECTION: Section = Section {
    path: "database",
    repeated: false,
    doc: "Where papers, subscribers and mails are kept.",
    keys: &[Key::is(
        "url",
        r#""sqlite:paperround.db""#,
        "\"sqlite:\" and a file, such as \"sqlite:paperround.db\"",
        "A SQLite file, relative to site.data_dir.",
    )],
};

/// The database.
#[derive(Clone, Debug)]
pub struct Database {
    /// `sqlite:FILE`, the file absolute. Default "sqlite:paperround.db" in `site.data_dir`.
    /// Holds no secret.
    pub url: String,
}

impl Database {
    /// The database file; absolute.
    pub fn file(&self) -> &Path {
        Path::new(self.url.strip_prefix("sqlite:").unwrap_or(&self.url))
    }

    pub(super) fn read(entries: &mut Entries<'_>, data_dir: &Path) -> Option<Self> {
        let file = entries.get("url", file)?;
        Some(Self { url: format!("sqlite:{}", data_dir.join(file).display()) })
    }

    pub(super) fn shown(&self) -> Shown {
        vec![("url", shown(&self.url))]
    }
}

fn file(node: &Node) -> Reading<String> {
    let url = read::line(node)?;
    let Some(file) = url.strip_prefix("sqlite:") else {
        return Err(match url.split_once(':') {
            Some(("postgres" | "postgresql" | "mysql" | "mariadb", _)) => {
                Misread::hint("this version supports sqlite only")
            }
            Some((scheme, rest)) if !rest.starts_with(['/', '\\']) || scheme.len() > 1 => Misread {
                hint: super::keys::nearest(scheme, ["sqlite"])
                    .map(|_| read::did_you_mean(&format!("sqlite:{rest}"))),
                ..Misread::default()
            },
            _ => Misread::hint(read::did_you_mean(&format!("sqlite:{url}"))),
        });
    };
    // `sqlite://` is how others begin it; the path follows all the same.
    let file = file.strip_prefix("//").unwrap_or(file);
    if file.is_empty() || file.contains(['?', '%', '#']) {
        return Err(Misread::hint("only a file follows \"sqlite:\", without ? # or %"));
    }
    if file.starts_with(':') {
        return Err(Misread::hint("a database in memory would forget who was sent what"));
    }
    Ok(file.to_owned())
}
