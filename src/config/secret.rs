//! A secret: in the config itself, or in a file of its own. Never shown.

use std::fs::{File, Metadata};
use std::io::Read;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::entries::Entries;
use super::read::{self, Misread, Reading};
use super::tree::{Node, quoted};

/// What both keys together come to. A variable of the environment goes before the file.
pub(super) fn read(
    entries: &mut Entries<'_>,
    name: &'static str,
    name_file: &'static str,
) -> Option<Option<SecretString>> {
    if entries.has(name) && entries.has(name_file) {
        match (entries.by_variable(name), entries.by_variable(name_file)) {
            (true, false) => entries.ignore(name_file),
            (false, true) => entries.ignore(name),
            _ => {
                entries.ignore(name);
                entries.ignore(name_file);
                let misread = Misread::wanted(format!("{name} or {name_file}, not both"));
                entries.fault(name_file, "both".to_owned(), misread);
                return None;
            }
        }
    }
    if entries.has(name_file) {
        entries.ignore(name);
        let Some((secret, open_to_all)) = entries.file(name_file, from_file)? else {
            // Nobody logs in with it who only looks.
            return Some(Some(SecretString::from("unread".to_owned())));
        };
        if open_to_all {
            entries.warn(name_file, "everyone on this machine can read the file; chmod 600 it");
        }
        return Some(Some(secret));
    }
    entries.ignore(name_file);
    entries.maybe(name, |node| checked(read::text(node)?))
}

fn checked(text: &str) -> Reading<SecretString> {
    if text.is_empty() {
        return Err(Misread::hint("it is empty"));
    }
    // A login in one line: a NUL or a line break in it is a broken file.
    if text.chars().any(char::is_control) {
        return Err(Misread::hint("it holds a line break or another control character"));
    }
    Ok(SecretString::from(text.to_owned()))
}

/// The secret in a file, and whether everybody may read that.
fn from_file(node: &Node, base: &Path) -> Reading<(SecretString, bool)> {
    let kept = kept(node, base)?;
    let secret = checked(kept.text.trim_end_matches(['\n', '\r']))
        .map_err(|misread| kept.wrong(misread.hint.unwrap_or_default()))?;
    Ok((secret, open_to_all(&kept.about)))
}

/// A file that holds a secret.
pub(super) struct Kept {
    pub(super) path: PathBuf,
    pub(super) text: String,
    pub(super) about: Metadata,
}

impl Kept {
    /// That its content is not what was wanted.
    pub(super) fn wrong(&self, hint: String) -> Misread {
        let seen = Some(quoted(&self.path.display().to_string()));
        Misread { seen, hint: Some(hint), ..Misread::default() }
    }
}

/// What a file's name begins with that the service manager keeps (systemd's `LoadCredential=`).
pub const CREDENTIAL: &str = "credential:";

/// Where a running service's credentials lie: for who asks from outside of it.
const OF_THE_SERVICE: &str = "/run/credentials/paperround.service";

/// The file that `node` names: seen from `base`, or one that the service manager keeps.
pub(super) fn place(node: &Node, base: &Path) -> Reading<PathBuf> {
    let path = read::path(node)?;
    let Some(name) = path.to_str().and_then(|text| text.strip_prefix(CREDENTIAL)) else {
        return Ok(base.join(path));
    };
    // systemd.exec(5): a plain file name.
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    if name.is_empty() || name.starts_with('.') || !name.chars().all(plain) {
        return Err(Misread::hint("a name of letters, digits, ., - and _ follows \"credential:\""));
    }
    let folder = std::env::var_os("CREDENTIALS_DIRECTORY");
    let path = folder.map_or_else(|| PathBuf::from(OF_THE_SERVICE), PathBuf::from).join(name);
    if !path.exists() {
        return Err(Misread::hint(format!(
            "the service manager gives none of that name (there is no {}); the unit wants \
             LoadCredential={name}:/path/to/the/file",
            path.display()
        )));
    }
    Ok(path)
}

/// Reads the file that `node` names.
pub(super) fn kept(node: &Node, base: &Path) -> Reading<Kept> {
    const MOST: u64 = 64 * 1024;
    let path = place(node, base)?;
    let seen = Some(quoted(&path.display().to_string()));
    let wrong =
        |hint: String| Misread { seen: seen.clone(), hint: Some(hint), ..Misread::default() };
    let failed = |error: std::io::Error| wrong(reason(&error));

    // Opening a named pipe would wait for its other end.
    let about = std::fs::metadata(&path).map_err(failed)?;
    if !about.is_file() {
        return Err(wrong("it is not a regular file".to_owned()));
    }
    let mut bytes = Vec::new();
    let file = File::open(&path).map_err(failed)?;
    file.take(MOST + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MOST {
        return Err(wrong("it is larger than 64 KiB".to_owned()));
    }
    let text = String::from_utf8(bytes).map_err(|_| wrong("it is not UTF-8 text".to_owned()))?;
    Ok(Kept { path, text, about })
}

/// What went wrong with a file, in words.
pub(super) fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "this user may not read it".to_owned(),
        _ => error.to_string(),
    }
}

/// Whether everybody on this machine may read a file.
pub(super) fn open_to_all(about: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    about.permissions().mode() & 0o004 != 0
}
