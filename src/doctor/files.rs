//! Who owns the files of the program, and who may read them: secrets are their owner's alone, and
//! all that it writes must be one user's.

use std::fs::Metadata;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::patient::Patient;
use super::{Finding, Group, Scope};
use crate::app;
use crate::config::{DatabaseTarget, read_text, redacted};

/// Looks at the configuration, the key and the data folder.
pub(super) async fn look(patient: &Patient, _: &Scope) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(file) = &patient.file {
        findings.push(configuration(file));
    }
    findings.push(key(patient));
    findings.push(folder(patient));
    findings
}

fn configuration(file: &Path) -> Finding {
    let place = file.display();
    let Ok(about) = std::fs::metadata(file) else {
        let says = format!("{place} cannot be looked at any more");
        return Finding::bad(Group::Machine, "config file", says).mend(format!("ls -l {place}"));
    };
    let mode = about.permissions().mode();
    if mode & 0o022 != 0 {
        let says = format!("others than its owner may change {place} (mode {:03o})", mode & 0o777);
        return Finding::bad(Group::Machine, "config file", says)
            .mend(format!("chmod go-w {place}"));
    }
    let text = read_text(file).unwrap_or_default();
    if mode & 0o004 != 0 && holds_secret(&text) {
        let says = format!("{place} holds a password, and everybody may read it");
        return Finding::bad(Group::Machine, "config file", says)
            .mend(format!("chmod o-r {place}   # or move it into a file named by password_file"));
    }
    Finding::good(Group::Machine, "config file", format!("{place} is its owner's to change"))
}

/// Whether a password stands in the text itself.
fn holds_secret(text: &str) -> bool {
    // What a comment shows is an example.
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let text = lines.collect::<Vec<_>>().join("\n");
    redacted(&text) != text
}

fn key(patient: &Patient) -> Finding {
    let file = app::key_file(&patient.config);
    let place = file.display();
    match (&patient.key, std::fs::metadata(&file)) {
        (_, Err(error)) if error.kind() == std::io::ErrorKind::NotFound => {
            let says = format!("there is no key {place} yet; the first start makes it");
            Finding::warn(Group::Machine, "key file", says).mend(
                "paperround init   # or restore the key from a backup: links in old mails need it",
            )
        }
        (Err(why), _) => Finding::bad(Group::Machine, "key file", why.clone())
            .mend(format!("put the key from your backup in {place}: links in old mails need it")),
        (Ok(_), Ok(about)) if about.permissions().mode() & 0o077 != 0 => {
            let mode = about.permissions().mode() & 0o777;
            let says = format!("others than its owner may use the key {place} (mode {mode:03o})");
            Finding::bad(Group::Machine, "key file", says).mend(format!("chmod 600 {place}"))
        }
        (Ok(_), _) => {
            Finding::good(Group::Machine, "key file", format!("{place} is its owner's alone"))
        }
    }
}

fn folder(patient: &Patient) -> Finding {
    const NAME: &str = "data folder";
    let folder = &patient.config.site.data_dir;
    let place = folder.display();
    let about = match std::fs::metadata(folder) {
        Ok(about) if about.is_dir() => about,
        Ok(_) => {
            return Finding::bad(Group::Machine, NAME, format!("{place} is no folder"))
                .mend("[site]\ndata_dir = \"FOLDER\"");
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let says = format!("there is no folder {place} yet; the first start makes it");
            return Finding::warn(Group::Machine, NAME, says).mend("paperround init");
        }
        Err(error) => {
            return Finding::bad(
                Group::Machine,
                NAME,
                format!("{place} cannot be looked at: {error}"),
            )
            .mend(format!("ls -ld {place}"));
        }
    };
    let owner = about.uid();
    let strangers: Vec<PathBuf> = files(patient)
        .into_iter()
        .filter(|(_, file)| file.uid() != owner)
        .map(|(p, _)| p)
        .collect();
    if let Some(first) = strangers.first() {
        let says = format!(
            "not all in {place} belongs to its owner ({} of another user's, such as {}): a command \
             was run as somebody else",
            strangers.len(),
            first.display()
        );
        return Finding::bad(Group::Machine, NAME, says)
            .mend(format!("chown -R {owner}:{} {place}", about.gid()));
    }
    let open: Vec<PathBuf> =
        database(patient).filter(|file| mode(file).is_some_and(|mode| mode & 0o004 != 0)).collect();
    if about.permissions().mode() & 0o005 != 0 && !open.is_empty() {
        let says =
            format!("everybody on this machine may read {}, with its addresses", open[0].display());
        return Finding::warn(Group::Machine, NAME, says).mend(format!("chmod o-rwx {place}"));
    }
    let us = rustix::process::geteuid().as_raw();
    if us != owner && us != 0 {
        let says = format!("{place} belongs to the user {owner}, and this is {us}");
        return Finding::warn(Group::Machine, NAME, says)
            .mend(format!("sudo -u '#{owner}' paperround doctor"));
    }
    Finding::good(Group::Machine, NAME, format!("all in {place} belongs to the user {owner}"))
}

fn mode(file: &Path) -> Option<u32> {
    std::fs::metadata(file).ok().map(|about| about.permissions().mode())
}

/// The files of SQLite's database that are there.
fn database(patient: &Patient) -> impl Iterator<Item = PathBuf> {
    let main = match &patient.config.database.target {
        DatabaseTarget::Sqlite(path) => Some(path.clone()),
        DatabaseTarget::Postgres(_) => None,
    };
    let beside = |ending: &'static str| {
        move |main: &PathBuf| {
            let mut name = main.clone().into_os_string();
            name.push(ending);
            PathBuf::from(name)
        }
    };
    let all: Vec<PathBuf> =
        ["", "-wal", "-shm"].into_iter().filter_map(|end| main.as_ref().map(beside(end))).collect();
    all.into_iter().filter(|file| file.exists())
}

/// What lies in the data folder, and the database's files.
fn files(patient: &Patient) -> Vec<(PathBuf, Metadata)> {
    let inside = std::fs::read_dir(&patient.config.site.data_dir).into_iter().flatten().flatten();
    let folder = patient.config.site.data_dir.clone();
    let beside = database(patient).filter(move |file| !file.starts_with(&folder));
    let paths = inside.map(|entry| entry.path()).chain(beside);
    paths.filter_map(|path| std::fs::metadata(&path).ok().map(|about| (path, about))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_in_the_text_are_seen() {
        assert!(holds_secret("[database]\n  password = \"x\"\n"));
        assert!(holds_secret("sendgrid_key = \"x\""));
        assert!(holds_secret("[database]\nurl = \"postgres://papers:x@db/papers\"\n"));
        assert!(!holds_secret("[database]\nurl = \"postgres://papers@db/papers\"\n"));
        assert!(!holds_secret("[inbound]\ntls_key = \"/etc/ssl/papers.pem\"\n"));
        assert!(!holds_secret("[[mail.relays]]\npassword_file = \"x\"\n# password = \"x\"\n"));
        assert!(!holds_secret("[[mail.dkim]]\nkey_file = \"k\"\n"));
    }
}
