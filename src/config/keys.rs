//! The table of all keys: what each is called, takes, means and defaults to. The readers take
//! their defaults from here, faults their wording, and `config schema|explain` its text.
//! Never reads a file.

use super::{
    admin, alarms, database, digest, dkim, inbound, log, mail, metrics, relay, retry, server, site,
    source, subscriptions, telemetry, webhooks,
};

/// One key of a section.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its name, as written in the file.
    pub name: &'static str,
    /// What it takes, as the end of a sentence: "a length of time such as \"7d\"".
    pub wanted: &'static str,
    /// What holds when it is not given.
    pub preset: Preset,
    /// What it is for, in one or two lines.
    pub doc: &'static str,
    /// Whether its value must never be shown; it may then be given as `NAME_file` too.
    pub secret: bool,
    /// Whether a new value counts only after a restart.
    pub restart: bool,
}

/// What holds when a key is not given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// This TOML value.
    Is(&'static str),
    /// Nothing does: the key must be given.
    Required,
    /// What follows from other keys or from its absence, in words.
    Unset(&'static str),
}

impl Key {
    const fn new(
        name: &'static str,
        wanted: &'static str,
        preset: Preset,
        doc: &'static str,
    ) -> Self {
        Self { name, wanted, preset, doc, secret: false, restart: false }
    }

    /// A key with a default, which is a TOML value.
    pub(super) const fn is(
        name: &'static str,
        default: &'static str,
        wanted: &'static str,
        doc: &'static str,
    ) -> Self {
        Self::new(name, wanted, Preset::Is(default), doc)
    }

    /// A key that must be given.
    pub(super) const fn required(
        name: &'static str,
        wanted: &'static str,
        doc: &'static str,
    ) -> Self {
        Self::new(name, wanted, Preset::Required, doc)
    }

    /// A key that may be left out, and what happens then.
    pub(super) const fn unset(
        name: &'static str,
        then: &'static str,
        wanted: &'static str,
        doc: &'static str,
    ) -> Self {
        Self::new(name, wanted, Preset::Unset(then), doc)
    }

    /// The same key, never to be shown.
    pub(super) const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// The same key, whose new value counts only after a restart.
    pub(super) const fn restart(mut self) -> Self {
        self.restart = true;
        self
    }
}

/// One section of the file.
#[derive(Clone, Copy, Debug)]
pub struct Section {
    /// Its name, such as `site` or `mail.relays`.
    pub path: &'static str,
    /// Whether it is written `[[path]]` and may come several times.
    pub repeated: bool,
    /// What it is about, in one line.
    pub doc: &'static str,
    /// Its keys, in the order in which they are explained.
    pub keys: &'static [Key],
}

impl Section {
    /// Its own name inside the section that holds it: `relays` of `mail.relays`.
    pub fn name(&self) -> &'static str {
        self.path.rsplit_once('.').map_or(self.path, |(_, name)| name)
    }

    /// As its header is written: `[site]`, `[[sources]]`.
    pub fn header(&self) -> String {
        if self.repeated { format!("[[{}]]", self.path) } else { format!("[{}]", self.path) }
    }

    /// The key of that name.
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

/// Every section of this version, in the order of `config/default.toml`.
pub const SECTIONS: [&Section; 19] = [
    &site::SECTION,
    &server::SECTION,
    &database::SECTION,
    &source::SECTION,
    &digest::SECTION,
    &mail::SECTION,
    &dkim::SECTION,
    &relay::SECTION,
    &retry::SECTION,
    &subscriptions::SECTION,
    &subscriptions::LIMITS,
    &inbound::SECTION,
    &webhooks::SECTION,
    &admin::SECTION,
    &admin::HOOKS,
    &alarms::SECTION,
    &metrics::SECTION,
    &log::SECTION,
    &telemetry::SECTION,
];

/// Where that name would be right: as a section, or as the key of just one.
pub(super) fn home_of(name: &str) -> Option<String> {
    if let Some(section) = SECTIONS.iter().find(|section| section.path == name) {
        return Some(format!("{} is a section of its own", section.header()));
    }
    let mut homes = SECTIONS.iter().filter(|section| section.key(name).is_some());
    match (homes.next(), homes.next()) {
        (Some(section), None) => Some(format!("it belongs in {}", section.header())),
        _ => None,
    }
}

/// The name that was probably meant by `seen`.
pub(super) fn nearest<'a>(seen: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let seen = seen.to_lowercase();
    // Nothing that we know is longer, and the distance takes quadratic time.
    if seen.len() > 64 {
        return None;
    }
    names
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&seen, &name.to_lowercase()), name))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, name)| *distance <= (name.chars().count() / 3).max(1))
        .map(|(_, name)| name)
}
