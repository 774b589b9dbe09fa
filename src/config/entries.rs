//! The entries of one table, taken one by one by the section that knows them. Whatever is
//! wrong is noted with its place and reading goes on, so that one run tells every fault.

use std::path::{Path, PathBuf};

use super::fault::{Found, Show};
use super::keys::{Key, Preset, Section, home_of, nearest};
use super::read::{Misread, Reading};
use super::tree::{Entry, Node, Place, Table, Value, quoted};

/// What reading has found so far.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// The folder that relative paths start from; absolute.
    pub(super) base: PathBuf,
    pub(super) faults: Vec<Found>,
    pub(super) warnings: Vec<(Place, String)>,
    /// Whether a secret stands in the file itself.
    pub(super) secret_inside: bool,
    /// The files and folders that it names and whose content counts.
    pub(super) files: Vec<PathBuf>,
    /// Whether files of their own that cannot be used are no fault: see [`Entries::looks`].
    pub(super) looks: bool,
}

/// The entries of one table that nobody has taken yet.
#[derive(Debug)]
pub(super) struct Entries<'a> {
    /// What the faults call the table: `mail.relays[0]`; empty for the file's top.
    path: String,
    header: Place,
    table: Table,
    section: Option<&'static Section>,
    /// The names of the sections below it.
    below: Vec<&'static str>,
    taken: Vec<(&'static str, Place)>,
    pub(super) notes: &'a mut Notes,
}

impl<'a> Entries<'a> {
    /// The top of the file, whose entries are sections.
    pub(super) fn top(table: Table, notes: &'a mut Notes) -> Self {
        let (path, below, taken) = (String::new(), Vec::new(), Vec::new());
        Self { path, header: Place::START, table, section: None, below, taken, notes }
    }

    /// The value of a key that is required or has a default. `None`: a fault was noted.
    pub(super) fn get<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&Node) -> Reading<T>,
    ) -> Option<T> {
        let (key, entry) = self.take(name)?;
        match (entry, key.preset) {
            (Some(entry), _) => self.judge(key, &entry, read),
            (None, Preset::Is(default)) => {
                let read = Node::preset(default).and_then(|node| read(&node).ok());
                debug_assert!(read.is_some(), "the default of {name} does not read");
                read
            }
            (None, _) => {
                let header = self.section.map_or(String::new(), Section::header);
                self.note(Found {
                    place: self.header.clone(),
                    key: Some(self.dotted(name)),
                    seen: Some("nothing".to_owned()),
                    wanted: key.wanted.to_owned(),
                    hint: Some(format!("this key is required in {header}")),
                    excerpt: if self.header == Place::START { Show::Nothing } else { Show::Line },
                });
                None
            }
        }
    }

    /// The value of a key that may be left out. Outer `None`: a fault was noted.
    pub(super) fn maybe<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&Node) -> Reading<T>,
    ) -> Option<Option<T>> {
        let (key, entry) = self.take(name)?;
        let Some(entry) = entry else { return Some(None) };
        self.judge(key, &entry, read).map(Some)
    }

    /// Whether the key is given, and not yet taken.
    pub(super) fn has(&self, name: &str) -> bool {
        self.table.entries.iter().any(|entry| entry.name == name)
    }

    /// Whether the key, not yet taken, is given by a variable of the environment.
    pub(super) fn by_variable(&self, name: &str) -> bool {
        let mut entries = self.table.entries.iter();
        entries.any(|entry| entry.name == name && matches!(entry.node.place, Place::Variable(_)))
    }

    /// Takes a key out unread.
    pub(super) fn ignore(&mut self, name: &'static str) {
        let _unread = self.take(name);
    }

    /// The section `[…]` below this table, read by `read`, with what it left noted.
    pub(super) fn table<T>(
        &mut self,
        section: &'static Section,
        read: impl FnOnce(&mut Entries<'_>) -> Option<T>,
    ) -> Option<T> {
        self.below.push(section.name());
        let entry = self.table.take(section.name());
        let (header, table) = match entry {
            None => (Place::START, Table::default()),
            Some(Entry { place, node, .. }) => match node.value() {
                Value::Table(_) => (place, into_table(node)),
                _ => return self.not_a_section(section, place, &node),
            },
        };
        self.read_below(section, self.dotted(section.name()), header, table, read)
    }

    /// The same, where one section may be written `[…]` too.
    pub(super) fn tables_or_one<T>(
        &mut self,
        section: &'static Section,
        read: impl FnMut(&mut Entries<'_>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let entry = self.table.entries.iter_mut().find(|entry| entry.name == section.name());
        if let Some(entry) = entry.filter(|entry| matches!(entry.node.value(), Value::Table(_))) {
            entry.node.wrap();
        }
        self.tables(section, read)
    }

    /// The sections `[[…]]` below this table. `None`: a fault was noted.
    pub(super) fn tables<T>(
        &mut self,
        section: &'static Section,
        mut read: impl FnMut(&mut Entries<'_>) -> Option<T>,
    ) -> Option<Vec<T>> {
        self.below.push(section.name());
        let Some(Entry { place, node, .. }) = self.table.take(section.name()) else {
            return Some(Vec::new());
        };
        self.taken.push((section.name(), place.clone()));
        let items = match node.value() {
            Value::List(items) if items.iter().all(|i| matches!(i.value(), Value::Table(_))) => {
                into_list(node)
            }
            _ => return self.not_a_section(section, place, &node),
        };
        let mut good = Some(Vec::new());
        for (number, item) in items.into_iter().enumerate() {
            let path = format!("{}[{number}]", self.dotted(section.name()));
            let header = item.place.clone();
            let one = self.read_below(section, path, header, into_table(item), &mut read);
            good = good.zip(one).map(|(mut all, one)| {
                all.push(one);
                all
            });
        }
        good
    }

    /// A section with nothing in it.
    pub(super) fn blank<T>(
        &mut self,
        section: &'static Section,
        read: impl FnOnce(&mut Entries<'_>) -> Option<T>,
    ) -> Option<T> {
        let path = self.dotted(section.name());
        self.read_below(section, path, self.header.clone(), Table::default(), read)
    }

    /// Notes that the value of `name`, already read, does not go with the rest.
    pub(super) fn fault(&mut self, name: &'static str, seen: String, misread: Misread) {
        let place = self.place_of(name);
        let key = self.section.and_then(|section| section.key(name));
        let wanted = misread.wanted.or_else(|| key.map(|key| key.wanted.to_owned()));
        let secret = key.is_some_and(|key| key.secret);
        self.note(Found {
            place,
            key: Some(self.dotted(name)),
            seen: Some(seen),
            wanted: wanted.unwrap_or_default(),
            hint: misread.hint,
            excerpt: if secret { Show::Nothing } else { Show::Line },
        });
    }

    /// Notes what is allowed and yet worth a word.
    pub(super) fn warn(&mut self, name: &'static str, text: &str) {
        let warning = format!("{}: {text}", self.dotted(name));
        self.notes.warnings.push((self.place_of(name), warning));
    }

    /// The path, seen from the config file's folder.
    pub(super) fn resolve(&self, path: impl AsRef<Path>) -> PathBuf {
        self.notes.base.join(path)
    }

    /// The value of a key that names a file, as the whole path, and what `read` makes of it. The
    /// file is noted, there or not: a change of it is a change of the config.
    pub(super) fn file<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&Node, &Path) -> Reading<T>,
    ) -> Option<Option<T>> {
        let base = self.resolve("");
        let faults = self.notes.faults.len();
        let mut named = None;
        let read = self.maybe(name, |node| {
            named = super::secret::place(node, &base).ok();
            read(node, &base)
        });
        self.notes.files.extend(named);
        if read.is_none() && self.notes.looks {
            self.notes.faults.truncate(faults);
            return Some(None);
        }
        read
    }

    /// Whether this is read only to look at what is stored, which needs no key, password or
    /// certificate: what such a file should hold is then as if it were not set.
    pub(super) fn looks(&self) -> bool {
        self.notes.looks
    }

    /// The same of a key that is required.
    pub(super) fn required_file<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&Node, &Path) -> Reading<T>,
    ) -> Option<T> {
        if self.has(name) {
            self.file(name, read)?
        } else {
            self.get(name, |_| Err(Misread::default()))
        }
    }

    /// Notes what is left: unknown keys.
    pub(super) fn finish(mut self) {
        for entry in std::mem::take(&mut self.table.entries) {
            self.unknown(&entry);
        }
    }

    fn read_below<T>(
        &mut self,
        section: &'static Section,
        path: String,
        header: Place,
        table: Table,
        read: impl FnOnce(&mut Entries<'_>) -> Option<T>,
    ) -> Option<T> {
        let (below, taken) = (Vec::new(), Vec::new());
        let section = Some(section);
        let mut entries =
            Entries { path, header, table, section, below, taken, notes: &mut *self.notes };
        let read = read(&mut entries);
        entries.finish();
        read
    }

    fn take(&mut self, name: &'static str) -> Option<(&'static Key, Option<Entry>)> {
        let key = self.section.and_then(|section| section.key(name));
        debug_assert!(key.is_some(), "{name} is not in the table of keys");
        let entry = self.table.take(name);
        if let Some(entry) = &entry {
            self.taken.push((name, entry.node.place.clone()));
        }
        key.map(|key| (key, entry))
    }

    fn judge<T>(
        &mut self,
        key: &Key,
        entry: &Entry,
        read: impl FnOnce(&Node) -> Reading<T>,
    ) -> Option<T> {
        if key.secret && matches!(entry.node.place, Place::Text(..)) {
            self.notes.secret_inside = true;
        }
        match read(&entry.node) {
            Ok(value) => Some(value),
            Err(misread) => {
                let seen = misread.seen.unwrap_or_else(|| entry.node.seen());
                self.note(Found {
                    place: misread.place.unwrap_or_else(|| entry.node.place.clone()),
                    key: Some(self.dotted(key.name)),
                    seen: Some(if key.secret { "<redacted>".to_owned() } else { seen }),
                    wanted: misread.wanted.unwrap_or_else(|| key.wanted.to_owned()),
                    hint: misread.hint,
                    excerpt: if key.secret { Show::Nothing } else { Show::Line },
                });
                None
            }
        }
    }

    fn unknown(&mut self, entry: &Entry) {
        let keys = self.section.map_or(&[][..], |section| section.keys);
        let known = keys.iter().map(|key| key.name).chain(self.below.iter().copied());
        let variable = match &entry.place {
            Place::Variable(_) => Some(self.variable_prefix()),
            _ => None,
        };
        let spell = |name: &str| match &variable {
            Some(prefix) => format!("{prefix}{}", name.to_uppercase()),
            None => name.to_owned(),
        };
        let hint = nearest(&entry.name, known.clone())
            .map(|name| format!("did you mean {}?", spell(name)))
            .or_else(|| home_of(&entry.name));
        let thing = if self.section.is_some() { "key" } else { "section" };
        let name = quoted(&entry.name);
        self.note(Found {
            place: entry.place.clone(),
            key: Some(self.dotted(name.trim_matches('"'))),
            seen: Some(format!("an unknown {thing}")),
            wanted: format!("one of {}", known.map(spell).collect::<Vec<_>>().join(", ")),
            hint,
            excerpt: Show::Key,
        });
    }

    fn not_a_section<T>(&mut self, section: &Section, place: Place, node: &Node) -> Option<T> {
        let seen = match node.value() {
            Value::Table(_) => format!("[{}]", section.path),
            Value::List(items)
                if matches!(items.first().map(Node::value), Some(Value::Table(_))) =>
            {
                format!("[[{}]]", section.path)
            }
            _ => node.seen(),
        };
        self.note(Found {
            place,
            key: Some(self.dotted(section.name())),
            seen: Some(seen),
            wanted: format!("a section with the header {}", section.header()),
            hint: None,
            excerpt: Show::Key,
        });
        None
    }

    fn note(&mut self, found: Found) {
        self.notes.faults.push(found);
    }

    fn place_of(&self, name: &str) -> Place {
        let taken = self.taken.iter().rev().find(|(taken, _)| *taken == name);
        taken.map_or_else(|| self.header.clone(), |(_, place)| place.clone())
    }

    fn dotted(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// `PAPERROUND__MAIL__RELAYS__0__` of `mail.relays[0]`.
    fn variable_prefix(&self) -> String {
        let path = self.path.replace(['.', '['], "__").replace(']', "").to_uppercase();
        let gap = if path.is_empty() { "" } else { "__" };
        format!("{}{path}{gap}", super::env::PREFIX)
    }
}

fn into_table(node: Node) -> Table {
    if let Value::Table(table) = node.into_value() { table } else { Table::default() }
}

fn into_list(node: Node) -> Vec<Node> {
    if let Value::List(items) = node.into_value() { items } else { Vec::new() }
}
