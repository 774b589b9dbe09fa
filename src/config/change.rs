//! What differs between two configs, key by key, without a secret; and which of it counts only
//! after a restart. Secrets and named files are compared by hashes of what they held when the
//! config was read.

use std::collections::BTreeMap;
use std::path::Path;

use data_encoding::HEXLOWER;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::keys::{SECTIONS, Section};
use super::{Config, DatabaseTarget, Loaded};

/// Key to the hash of what its secret or its file held.
pub(super) type Marks = BTreeMap<String, String>;

/// Files and folders are looked at up to this size and depth: no more is ever used.
const MOST: u64 = 4_000_000;
const DEPTH: usize = 4;

/// One key whose value differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The key, such as `mail.relays[0].connections`.
    pub key: String,
    /// Its old value as TOML, without secrets; none where it was not set.
    pub old: Option<String>,
    /// Its new value.
    pub new: Option<String>,
    /// Whether the new value counts only after a restart.
    pub restart: bool,
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "not set".to_owned());
        let (old, new) = (value(&self.old), value(&self.new));
        let what = if old == new { format!("{new} (changed)") } else { format!("{old} → {new}") };
        let restart = if self.restart { " (after a restart)" } else { "" };
        write!(f, "{}: {what}{restart}", self.key)
    }
}

impl Loaded {
    /// What is different in `new`, in the order of the sections.
    pub fn changes_to(&self, new: &Self) -> Vec<Change> {
        let (before, after) = (self.config.values(), new.config.values());
        let mut keys: Vec<&Value> = before.iter().collect();
        keys.extend(after.iter().filter(|value| !before.iter().any(|old| old.key == value.key)));
        keys.sort_by_key(|value| (value.section, value.number));
        let of = |values: &[Value], key: &str| {
            values.iter().find(|value| value.key == key).and_then(|value| value.text.clone())
        };
        let mut changes = Vec::new();
        for value in keys {
            let (old, new_text) = (of(&before, &value.key), of(&after, &value.key));
            let marks = self.marks.get(&value.key) != new.marks.get(&value.key);
            if old == new_text && !marks {
                continue;
            }
            let key = value.key.clone();
            changes.push(Change { key, old, new: new_text, restart: value.restart });
        }
        changes
    }

    /// The same with the values of `old` where new ones count only after a restart.
    pub fn keeping(&self, old: &Self) -> Self {
        let mut kept = self.clone();
        kept.config.site.data_dir.clone_from(&old.config.site.data_dir);
        kept.config.server.listen = old.config.server.listen;
        kept.config.database.clone_from(&old.config.database);
        kept.config.telemetry.clone_from(&old.config.telemetry);
        // Not listened to yet: it can be from now on.
        if old.config.inbound.address.is_some() {
            kept.config.inbound.lmtp = old.config.inbound.lmtp;
        }
        kept.marks = kept.config.marks_of_database(kept.marks, &old.marks);
        kept
    }
}

/// One key with its value.
struct Value {
    key: String,
    text: Option<String>,
    restart: bool,
    /// Its place among the sections, for the order.
    section: usize,
    number: usize,
}

impl Config {
    /// Every key with its value.
    fn values(&self) -> Vec<Value> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        let mut values = Vec::new();
        for (section, keys) in self.sections() {
            let count = counts.entry(section.path).or_default();
            let path = match section.repeated {
                true => format!("{}[{count}]", section.path),
                false => section.path.to_owned(),
            };
            let number = *count;
            *count += 1;
            let place = place(section);
            for (name, value) in keys.into_iter().filter(|(name, _)| !is_way_to_secret(name)) {
                let restart = section.key(name).is_some_and(|key| key.restart);
                let text = value.map(|value| value.to_string());
                let key = format!("{path}.{name}");
                values.push(Value { key, text, restart, section: place, number });
            }
        }
        values
    }

    /// What secrets and named files hold at present.
    pub(super) fn marks(&self) -> Marks {
        let mut marks = Marks::new();
        let mut secret = |key: String, secret: Option<&SecretString>| {
            if let Some(secret) = secret {
                marks.insert(key, hash(secret.expose_secret().as_bytes()));
            }
        };
        if let DatabaseTarget::Postgres(url) = &self.database.target {
            secret("database.password".to_owned(), Some(url));
        }
        for (at, relay) in self.mail.relays.iter().enumerate() {
            secret(format!("mail.relays[{at}].password"), relay.password.as_ref());
        }
        let inbound = &self.inbound;
        secret("inbound.password".to_owned(), inbound.imap.as_ref().map(|(_, secret)| secret));
        let hooks = &inbound.webhooks;
        secret("inbound.webhooks.postmark_password".into(), hooks.postmark_password.as_ref());
        secret("inbound.webhooks.mailgun_key".into(), hooks.mailgun_key.as_ref());
        let mut file = |key: String, path: &Path| {
            let mut sum = Sha256::new();
            take_in(&mut sum, path, DEPTH);
            marks.insert(key, HEXLOWER.encode(&sum.finalize()));
        };
        for (at, dkim) in self.mail.dkim.iter().enumerate() {
            file(format!("mail.dkim[{at}].key_file"), &dkim.key_file);
        }
        if let Some((certificate, key)) = &inbound.tls {
            file("inbound.tls_certificate".to_owned(), certificate);
            file("inbound.tls_key".to_owned(), key);
        }
        if let Some(folder) = &self.digest.templates {
            file("digest.templates".to_owned(), folder);
        }
        marks
    }

    fn marks_of_database(&self, mut marks: Marks, old: &Marks) -> Marks {
        let key = "database.password";
        marks.remove(key);
        marks.extend(old.get(key).map(|mark| (key.to_owned(), mark.clone())));
        marks
    }
}

/// `password_file` and such: what it holds shows as `password`.
fn is_way_to_secret(name: &str) -> bool {
    let of = name.strip_suffix("_file");
    of.is_some_and(|of| {
        SECTIONS.iter().any(|section| section.key(of).is_some_and(|key| key.secret))
    })
}

fn place(section: &Section) -> usize {
    SECTIONS.iter().position(|one| one.path == section.path).unwrap_or(usize::MAX)
}

fn hash(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

/// Takes a file, or all files of a folder, into the sum. What cannot be read counts as such.
fn take_in(sum: &mut Sha256, path: &Path, depth: usize) {
    let Ok(about) = std::fs::metadata(path) else { return sum.update(b"?") };
    if about.is_dir() && depth > 0 {
        let Ok(folder) = std::fs::read_dir(path) else { return sum.update(b"?") };
        let mut paths: Vec<_> = folder.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            sum.update(path.as_os_str().as_encoded_bytes());
            take_in(sum, &path, depth - 1);
        }
    } else if about.is_file() && about.len() <= MOST {
        match std::fs::read(path) {
            Ok(bytes) => sum.update(Sha256::digest(bytes)),
            Err(_) => sum.update(b"?"),
        }
    }
}
