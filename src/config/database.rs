//! `[database]`

use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::entries::Entries;
use super::keys::{Key, Section};
use super::read::{self, Misread, Reading};
use super::secret;
use super::show::{REDACTED, Shown, shown};
use super::tree::Node;

pub(super) const SECTION: Section = Section {
    path: "database",
    repeated: false,
    doc: "Where papers, subscribers and mails are kept.",
    keys: &[
        Key::is(
            "url",
            r#""sqlite:paperround.db""#,
            "\"sqlite:\" and a file, such as \"sqlite:paperround.db\", or \
             \"postgres://user@host/database\"",
            "A SQLite file, relative to site.data_dir, or a PostgreSQL database, which several \
             nodes can share. As libpq has it: ?host=/run/postgresql for a socket, ?sslmode=…",
        )
        .restart(),
        Key::unset(
            "password",
            "as the url, PGPASSWORD or ~/.pgpass has it",
            "the password of the user in the url, as text",
            "The password of PostgreSQL's user. Better: password_file.",
        )
        .secret()
        .restart(),
        Key::unset(
            "password_file",
            "as the url, PGPASSWORD or ~/.pgpass has it",
            "a file that holds the password and nothing else",
            "A file that holds the password; relative to this file's folder.",
        )
        .restart(),
    ],
};

/// The database.
#[derive(Clone, Debug)]
pub struct Database {
    /// `sqlite:FILE`, the file absolute, or `postgres://…` without the password. Default
    /// "sqlite:paperround.db" in `site.data_dir`.
    pub url: String,
    /// How to reach it.
    pub target: DatabaseTarget,
    /// Whether a password was given.
    has_password: bool,
}

/// How to reach a database.
#[derive(Clone, Debug)]
pub enum DatabaseTarget {
    /// A file; absolute.
    Sqlite(PathBuf),
    /// A server: its URL, the password in it.
    Postgres(SecretString),
}

impl Database {
    /// The folder of its file; none where a server keeps it.
    pub fn folder(&self) -> Option<PathBuf> {
        match &self.target {
            DatabaseTarget::Sqlite(file) => file.parent().map(Path::to_owned),
            DatabaseTarget::Postgres(_) => None,
        }
    }

    /// The database that `url` names; files are seen from `folder`.
    ///
    /// # Errors
    ///
    /// What would be right, in words.
    pub fn from_url(url: &str, folder: &Path) -> Result<Self, String> {
        let node = Node::text_of(url);
        let place = place(&node).map_err(|misread| {
            let wanted = SECTION.key("url").map_or("", |key| key.wanted);
            let hint = misread.hint.map_or(String::new(), |hint| format!("; {hint}"));
            format!("wanted {wanted}{hint}")
        })?;
        Ok(Self::at(place, folder, None))
    }

    pub(super) fn read(entries: &mut Entries<'_>, data_dir: &Path) -> Option<Self> {
        let place = entries.get("url", place);
        let password = secret::read(entries, "password", "password_file");
        let (place, password) = (place?, password?);
        if let (Place::File(_), Some(_)) = (&place, &password) {
            let misread = Misread::hint("a SQLite file has no password");
            entries.fault("password_file", "a password".to_owned(), misread);
        }
        Some(Self::at(place, data_dir, password))
    }

    fn at(place: Place, folder: &Path, password: Option<SecretString>) -> Self {
        match place {
            Place::File(file) => {
                let path = folder.join(file);
                let url = format!("sqlite:{}", path.display());
                Self { url, target: DatabaseTarget::Sqlite(path), has_password: false }
            }
            Place::Server(mut url) => {
                if let Some(password) = &password {
                    // Percent-encoded as it must be; a url with a host takes one.
                    let _ = url.set_password(Some(password.expose_secret()));
                }
                let whole = SecretString::from(url.to_string());
                let has_password = url.password().is_some();
                let _ = url.set_password(None);
                let target = DatabaseTarget::Postgres(whole);
                Self { url: url.to_string(), target, has_password }
            }
        }
    }

    pub(super) fn shown(&self) -> Shown {
        let password = self.has_password.then_some(REDACTED).and_then(shown);
        vec![("url", shown(&self.url)), ("password", password), ("password_file", None)]
    }
}

enum Place {
    File(String),
    Server(Url),
}

fn place(node: &Node) -> Reading<Place> {
    let url = read::line(node)?;
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return server(&url).map(Place::Server);
    }
    file(&url).map(Place::File)
}

fn server(text: &str) -> Reading<Url> {
    let url = Url::parse(text).map_err(|error| Misread::hint(error.to_string()))?;
    let named = |wanted: &str| url.query_pairs().any(|(name, _)| name == wanted);
    if url.path().trim_matches('/').is_empty() && !named("dbname") {
        return Err(Misread::hint("the name of the database is missing: postgres://host/NAME"));
    }
    if named("password") {
        return Err(Misread::hint("the password goes into password_file"));
    }
    Ok(url)
}

fn file(url: &str) -> Reading<String> {
    let Some(file) = url.strip_prefix("sqlite:") else {
        return Err(match url.split_once(':') {
            Some(("mysql" | "mariadb", _)) => Misread::hint("it keeps its data in these two only"),
            Some(("postgres" | "postgresql", rest)) => {
                let rest = rest.trim_start_matches('/');
                Misread::hint(read::did_you_mean(&format!("postgres://{rest}")))
            }
            Some((scheme, rest)) if !rest.starts_with(['/', '\\']) || scheme.len() > 1 => Misread {
                hint: super::keys::nearest(scheme, ["sqlite", "postgres"])
                    .map(|near| read::did_you_mean(&format!("{near}:{rest}"))),
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
