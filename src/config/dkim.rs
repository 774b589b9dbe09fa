//! `[[mail.dkim]]`

use std::collections::HashSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use url::Host;

use super::entries::Entries;
use super::keys::{Key, Section};
use super::read::{self, Misread, Reading};
use super::secret;
use super::show::{Shown, shown};
use super::tree::{Node, quoted};
use crate::signing::SigningKey;

pub(super) const SECTION: Section = Section {
    path: "mail.dkim",
    repeated: true,
    doc: "What signs each mail (DKIM); a section for each key. `paperround key dkim` makes an \
          RSA and an Ed25519 key, and prints these lines and the DNS records.",
    keys: &[
        Key::unset(
            "domain",
            "the domain of mail.from",
            "a domain such as \"example.org\"",
            "The domain that signs: the sender's, or providers will not count it for the sender.",
        ),
        Key::required(
            "selector",
            "a selector such as \"pr2026r\": letters, digits, - and . between them",
            "What the key is called in the DNS: SELECTOR._domainkey.DOMAIN.",
        ),
        Key::required(
            "key_file",
            "a file that holds an RSA (2048 bits) or Ed25519 private key in PEM",
            "The private key; relative to this file's folder. Only its owner and group may \
             read it.",
        ),
    ],
};

/// One key that signs.
#[derive(Clone, Debug)]
pub struct Dkim {
    /// The domain that signs, in ASCII. Default: the sender's.
    pub domain: String,
    /// Its name in the DNS, in lower case.
    pub selector: String,
    /// Where the key was read from; absolute.
    pub key_file: PathBuf,
    /// The key.
    pub key: SigningKey,
}

/// All keys below `[mail]`, whose sender has the domain `sender`.
pub(super) fn read_all(mail: &mut Entries<'_>, sender: Option<&str>) -> Option<Vec<Dkim>> {
    let mut names = HashSet::new();
    let keys = mail.tables_or_one(&SECTION, |entries| {
        let looks = entries.looks();
        let Some(dkim) = Dkim::read(entries, sender) else { return looks.then_some(None) };
        if !names.insert((dkim.domain.clone(), dkim.selector.clone())) {
            let hint = Misread::hint("another key of the same domain has this selector");
            entries.fault("selector", quoted(&dkim.selector), hint);
        }
        Some(Some(dkim))
    })?;
    Some(keys.into_iter().flatten().collect())
}

impl Dkim {
    fn read(entries: &mut Entries<'_>, sender: Option<&str>) -> Option<Self> {
        let domain = entries.maybe("domain", domain);
        let selector = entries.get("selector", selector);
        let key = entries.required_file("key_file", key);
        let sender = sender.and_then(ascii);
        let domain = domain?.or_else(|| sender.clone());
        if let (Some(domain), Some(sender)) = (&domain, &sender)
            && !aligned(domain, sender)
        {
            let text =
                format!("it does not cover the sender's domain {sender}, so it proves nothing");
            entries.warn("domain", &text);
        }
        let (key_file, key) = key?;
        Some(Self { domain: domain?, selector: selector?, key_file, key })
    }

    pub(super) fn shown(&self) -> Shown {
        vec![
            ("domain", shown(&self.domain)),
            ("selector", shown(&self.selector)),
            ("key_file", shown(self.key_file.display())),
        ]
    }
}

/// Whether DMARC (RFC 7489 3.1.1) can take one for the other: the same, or one below the
/// other. Which suffixes are public is not looked at.
fn aligned(domain: &str, sender: &str) -> bool {
    let below = |low: &str, high: &str| {
        low.strip_suffix(high).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    below(domain, sender) || below(sender, domain)
}

fn ascii(domain: &str) -> Option<String> {
    match Host::parse(domain) {
        Ok(Host::Domain(name)) => Some(name),
        _ => None,
    }
}

fn domain(node: &Node) -> Reading<String> {
    let text = read::line(node)?;
    ascii(&text).filter(|name| name.contains('.')).ok_or_else(Misread::default)
}

/// RFC 6376 3.1: labels as in a domain name.
fn selector(node: &Node) -> Reading<String> {
    let text = read::line(node)?.to_lowercase();
    if is_selector(&text) { Ok(text) } else { Err(Misread::default()) }
}

/// Whether `text` can be a selector (RFC 6376 3.1).
pub fn is_selector(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 120 && text.split('.').all(label)
}

fn key(node: &Node, base: &Path) -> Reading<(PathBuf, SigningKey)> {
    let kept = secret::kept(node, base)?;
    let mode = kept.about.permissions().mode();
    if mode & 0o027 != 0 {
        let who = if mode & 0o007 == 0 { "its group may change" } else { "everyone may read" };
        let hint = format!("{who} this private key; chmod 600 {}", kept.path.display());
        return Err(kept.wrong(hint));
    }
    let key = SigningKey::from_pem(&kept.text).map_err(|error| kept.wrong(error.to_string()))?;
    Ok((kept.path, key))
}
