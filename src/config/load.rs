//! The config file: which one, whether it can be read at all, and from its text to a
//! [`Config`]. Never changes anything.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::Config;
use super::change::Marks;
use super::entries::{Entries, Notes};
use super::fault::{Faults, Found, Lines, Show};
use super::secret::{open_to_all, reason};
use super::tree::Place;
use super::{Database, database, env, read, site, syntax};

/// Where the file is looked for when nobody names one.
const PLACES: [&str; 2] = ["config/paperround.toml", "/etc/paperround/paperround.toml"];

/// The most that a config may have: 1 MB. Larger is no config.
const MOST: u64 = 1_000_000;

/// A config that was read.
#[derive(Clone)]
pub struct Loaded {
    /// The config.
    pub config: Config,
    /// Its file, as it was named or found.
    pub path: PathBuf,
    /// What is allowed and yet worth a word, `FILE:LINE:COLUMN: warning: …` each.
    pub warnings: Vec<String>,
    /// The text of the file. May hold secrets.
    pub text: String,
    /// What its secrets and the files that it names held, without telling it.
    pub(super) marks: Marks,
    /// The files and folders that it names and whose content counts; absolute.
    pub files: Vec<PathBuf>,
}

/// Without the text, which may hold secrets.
impl fmt::Debug for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loaded")
            .field("config", &self.config)
            .field("path", &self.path)
            .field("warnings", &self.warnings)
            .finish_non_exhaustive()
    }
}

/// The variables of the environment. What is not Unicode becomes `U+FFFD`, so that it ends as
/// a fault of its value rather than as a panic.
pub fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().map(|(name, value)| {
        (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned())
    })
}

impl Config {
    /// Reads the file `explicit`, else the one named by `PAPERROUND_CONFIG` in `env`, else
    /// `config/paperround.toml`, else `/etc/paperround/paperround.toml`, with the overrides in
    /// `env`. All faults at once.
    pub fn load(
        explicit: Option<&Path>,
        env: impl Iterator<Item = (String, String)>,
    ) -> Result<Loaded, Faults> {
        let env: Vec<_> = env.collect();
        let path = find(explicit, &env, &PLACES.map(Path::new))?;
        let (text, open_to_all) = read_file(&path)?;
        let (mut loaded, secret_inside) = parse(text, &path, env.into_iter(), false)?;
        if secret_inside && open_to_all {
            loaded.warnings.push(format!(
                "{}: warning: everyone on this machine can read the password in it; chmod 600 it",
                path.display()
            ));
        }
        Ok(loaded)
    }

    /// Reads `text` as if it stood in the file `path`, with the overrides in `env`.
    pub fn parse(
        text: &str,
        path: &Path,
        env: impl Iterator<Item = (String, String)>,
    ) -> Result<Loaded, Faults> {
        parse(text.to_owned(), path, env, false).map(|(loaded, _)| loaded)
    }

    /// The same for who only looks at what is stored: keys, passwords and certificates in files of
    /// their own may be missing. Nothing is sent or served by what this reads.
    pub fn parse_to_look(
        text: &str,
        path: &Path,
        env: impl Iterator<Item = (String, String)>,
    ) -> Result<Loaded, Faults> {
        parse(text.to_owned(), path, env, true).map(|(loaded, _)| loaded)
    }
}

/// The loaded config, and whether a secret stands in the file itself.
fn parse(
    text: String,
    path: &Path,
    env: impl Iterator<Item = (String, String)>,
    looks: bool,
) -> Result<(Loaded, bool), Faults> {
    let overrides = env::overrides(env);
    if text.trim().is_empty() && overrides.is_empty() {
        let wrong = "the file is empty".to_owned();
        let faults = Faults::whole(Some(path), wrong, Some(INIT.to_owned()));
        return Err(faults.about(&text, Vec::new()));
    }
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let base = absolute.parent().unwrap_or(&absolute).to_owned();
    let mut notes = Notes {
        base,
        faults: Vec::new(),
        warnings: Vec::new(),
        secret_inside: false,
        files: Vec::new(),
        looks,
    };
    let mut parsed = syntax::parse(&text);
    let mut table = std::mem::take(&mut parsed.table);
    env::overlay(&mut table, overrides, &mut notes);
    let config = Config::read(Entries::top(table, &mut notes));

    let mut faults = std::mem::take(&mut parsed.faults);
    faults.extend(notes.faults.into_iter().filter(|found| !parsed.doubts(found)));
    match config {
        Some(config) if faults.is_empty() => {
            let warnings = warnings(path, &text, notes.warnings);
            let secret_inside = notes.secret_inside;
            let marks = config.marks();
            let path = path.to_owned();
            let files = notes.files;
            Ok((Loaded { config, path, warnings, text, marks, files }, secret_inside))
        }
        _ => {
            debug_assert!(!faults.is_empty(), "a section is missing without a fault");
            Err(Faults::new(path, &text, faults).about(&text, notes.files))
        }
    }
}

/// The file that [`Config::load`] reads.
pub fn find_file(
    explicit: Option<&Path>,
    env: impl Iterator<Item = (String, String)>,
) -> Result<PathBuf, Faults> {
    let env: Vec<_> = env.collect();
    find(explicit, &env, &PLACES.map(Path::new))
}

/// The database that a text names, however broken the rest of it is; none where that part is.
pub fn database_of(
    text: &str,
    path: &Path,
    env: impl Iterator<Item = (String, String)>,
) -> Option<Database> {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let base = absolute.parent().unwrap_or(&absolute).to_owned();
    let mut notes = Notes { base, ..Notes::default() };
    let mut table = syntax::parse(text).table;
    env::overlay(&mut table, env::overrides(env), &mut notes);
    let mut top = Entries::top(table, &mut notes);
    let data_dir = top.table(&site::SECTION, |entries| {
        entries.get("data_dir", read::path).map(|path| entries.resolve(path))
    })?;
    top.table(&database::SECTION, |entries| Database::read(entries, &data_dir))
}

/// The text of a config file, or of what is to become one. What is no regular file of a config's
/// size is not opened: a pipe would wait for its other end, a device may never end.
pub fn read_text(path: &Path) -> Result<String, Faults> {
    read_file(path).map(|(text, _)| text)
}

/// The file that [`Config::load`] reads, or the place where it should be: for the way back where
/// there is none.
pub fn place_of_file(
    explicit: Option<&Path>,
    env: impl Iterator<Item = (String, String)>,
) -> PathBuf {
    let mut env = env.filter(|(name, value)| name == "PAPERROUND_CONFIG" && !value.is_empty());
    let named = explicit.map(Path::to_owned).or_else(|| env.next().map(|(_, path)| path.into()));
    named.unwrap_or_else(|| {
        let places = PLACES.map(Path::new);
        let there = |path: &&Path| !std::fs::metadata(path).is_err_and(is_missing);
        let fits = |path: &&Path| path.parent().is_some_and(Path::is_dir);
        let found = places.into_iter().find(there).or_else(|| places.into_iter().find(fits));
        found.unwrap_or(places[0]).to_owned()
    })
}

pub(super) const INIT: &str = "`paperround init` writes one to start from";

/// The file to read.
fn find(
    explicit: Option<&Path>,
    env: &[(String, String)],
    places: &[&Path],
) -> Result<PathBuf, Faults> {
    let missing = |path: &Path| std::fs::metadata(path).is_err_and(is_missing);
    if let Some(path) = explicit {
        if missing(path) {
            let wrong = "there is no such file".to_owned();
            return Err(Faults::whole(Some(path), wrong, Some(INIT.to_owned())));
        }
        return Ok(path.to_owned());
    }
    let named = env.iter().find(|(name, value)| name == "PAPERROUND_CONFIG" && !value.is_empty());
    if let Some((name, path)) = named {
        if missing(Path::new(path)) {
            let wrong = format!("there is no such file, which {name} names");
            return Err(Faults::whole(Some(Path::new(path)), wrong, Some(INIT.to_owned())));
        }
        return Ok(PathBuf::from(path));
    }
    places.iter().find(|path| !missing(path)).map(|path| path.to_path_buf()).ok_or_else(|| {
        let looked = places.iter().map(|path| path.display().to_string()).collect::<Vec<_>>();
        let wrong = format!(
            "there is none: neither -c nor PAPERROUND_CONFIG names a file, and \
                             there is no {}",
            looked.join(" and no ")
        );
        Faults::whole(None, wrong, Some(INIT.to_owned()))
    })
}

fn is_missing(error: std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::NotFound
}

/// The text of the file, and whether everybody may read that.
fn read_file(path: &Path) -> Result<(String, bool), Faults> {
    let wrong = |wrong: &str| Faults::whole(Some(path), wrong.to_owned(), None);
    let failed = |error: std::io::Error| wrong(&reason(&error));
    // Opening a named pipe would wait for its other end.
    let about = std::fs::metadata(path).map_err(failed)?;
    if about.is_dir() {
        let hint = path
            .join("paperround.toml")
            .is_file()
            .then(|| format!("did you mean {}?", path.join("paperround.toml").display()));
        return Err(Faults::whole(Some(path), "this is a folder, not a file".to_owned(), hint));
    }
    if !about.is_file() {
        return Err(wrong("this is not a regular file"));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(MOST + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MOST {
        return Err(wrong("the file is larger than 1 MB: this is not a config"));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(&error.as_bytes()[..good]).into_owned();
        odd_byte(path, &text, good, "the file is not UTF-8 text: save it as UTF-8")
    })?;
    if let Some(at) = text.find('\0') {
        return Err(odd_byte(path, &text, at, "there is a NUL byte: this is not a text file"));
    }
    Ok((text, open_to_all(&about)))
}

/// The fault of a file that is no text from this byte on.
fn odd_byte(path: &Path, text: &str, at: usize, wrong: &str) -> Faults {
    let found = Found {
        place: Place::Text(at, at),
        key: None,
        seen: None,
        wanted: wrong.to_owned(),
        hint: None,
        excerpt: Show::Nothing,
    };
    Faults::new(path, text, vec![found])
}

fn warnings(path: &Path, text: &str, mut found: Vec<(Place, String)>) -> Vec<String> {
    found.sort();
    let lines = Lines::new(text);
    let place = |place: &Place| match place {
        Place::Variable(name) => name.clone(),
        Place::Text(start, _) => {
            let (line, column) = lines.position(*start);
            format!("{}:{line}:{column}", path.display())
        }
    };
    found.iter().map(|(at, warning)| format!("{}: warning: {warning}", place(at))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_file_there_is_goes_and_none_says_where_it_was_looked_for() {
        let dir = tempfile::tempdir().unwrap();
        let (near, far) = (dir.path().join("near.toml"), dir.path().join("far.toml"));
        let places = [near.as_path(), far.as_path()];
        let told = find(None, &[], &places).unwrap_err().to_string();
        assert!(told.contains("near.toml and no ") && told.contains("paperround init"), "{told}");

        std::fs::write(&far, "x").unwrap();
        assert_eq!(find(None, &[], &places).unwrap(), far);
        std::fs::write(&near, "x").unwrap();
        assert_eq!(find(None, &[], &places).unwrap(), near);

        let env =
            |value: &Path| [("PAPERROUND_CONFIG".to_owned(), value.to_str().unwrap().to_owned())];
        assert_eq!(find(None, &env(&far), &places).unwrap(), far);
        assert_eq!(find(Some(&near), &env(&far), &places).unwrap(), near);
        assert_eq!(find(None, &env(Path::new("")), &places).unwrap(), near);
        let gone = dir.path().join("gone.toml");
        let told = find(None, &env(&gone), &places).unwrap_err().to_string();
        assert!(told.contains("PAPERROUND_CONFIG names"), "{told}");
        assert!(find(Some(&gone), &[], &places).is_err());
    }
}
