//! What a name of the config means, what it is set to, and where that comes from.

use serde::Serialize;

use super::entries::Notes;
use super::fault::Lines;
use super::keys::{Key, SECTIONS, Section, nearest};
use super::tree::{Node, Place, Table, Value};
use super::{Loaded, env, syntax};

/// A name that is known.
#[derive(Clone, Copy, Debug)]
pub enum Named {
    /// A section.
    Section(&'static Section),
    /// A key of a section.
    Key(&'static Section, &'static Key),
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum Origin {
    /// This line of the file, from 1.
    File {
        /// The line.
        line: usize,
    },
    /// This variable of the environment.
    Environment {
        /// Its name.
        variable: String,
    },
    /// Nobody set it.
    Default,
}

/// A key's value.
#[derive(Clone, Debug, Serialize)]
pub struct Held {
    /// The key with its place in a list: `mail.relays[0].url`.
    pub key: String,
    /// As TOML; none where it is not set. A secret is `"<redacted>"`.
    pub value: Option<String>,
    /// Where it comes from.
    #[serde(flatten)]
    pub origin: Origin,
}

/// Finds what is called `name`: `digest.schedule`, `schedule` where it is the only one,
/// `[mail.relays]`, `mail.relays[0].url`, or the variable of a key.
///
/// # Errors
///
/// The names that were probably meant.
pub fn find(name: &str) -> Result<Named, Vec<String>> {
    let plain = plain(name);
    for section in SECTIONS {
        if section.path == plain {
            return Ok(Named::Section(section));
        }
        for key in section.keys {
            if full(section, key) == plain {
                return Ok(Named::Key(section, key));
            }
        }
    }
    let all =
        || SECTIONS.iter().flat_map(|section| section.keys.iter().map(move |key| (*section, key)));
    let short: Vec<_> = all().filter(|(_, key)| key.name == plain).collect();
    match short.as_slice() {
        [(section, key)] => return Ok(Named::Key(section, key)),
        [] => {}
        several => return Err(several.iter().map(|(section, key)| full(section, key)).collect()),
    }
    let names: Vec<String> = all()
        .map(|(section, key)| full(section, key))
        .chain(SECTIONS.iter().map(|section| section.path.to_owned()))
        .collect();
    let near = nearest(&plain, names.iter().map(String::as_str)).map(str::to_owned);
    let near = near.or_else(|| {
        let last = plain.rsplit('.').next().unwrap_or_default();
        let key = nearest(last, all().map(|(_, key)| key.name))?;
        all().find(|(_, one)| one.name == key).map(|(section, key)| full(section, key))
    });
    Err(near.into_iter().collect())
}

fn full(section: &Section, key: &Key) -> String {
    format!("{}.{}", section.path, key.name)
}

/// Without brackets, numbers of lists and the manner of variables.
fn plain(name: &str) -> String {
    let name = name.trim();
    let lower = match name.strip_prefix(env::PREFIX) {
        Some(variable) => variable.replace("__", "."),
        None => name.trim_start_matches('[').trim_end_matches(']').to_owned(),
    };
    let lower = lower.to_lowercase();
    let parts = lower.split(['.', '[', ']']).filter(|part| !part.is_empty());
    let named = parts.filter(|part| part.parse::<u32>().is_err());
    named.collect::<Vec<_>>().join(".")
}

impl Loaded {
    /// What is wrong with a key's value, as faults are told: `FILE:LINE: KEY: …`. The key is in
    /// a section that comes once.
    pub fn fault_of(
        &self,
        key: &str,
        reason: &str,
        env: impl Iterator<Item = (String, String)>,
    ) -> String {
        let file = self.path.display();
        let held = find(key).map(|named| self.held(named, env)).unwrap_or_default();
        match held.first().map(|held| &held.origin) {
            Some(Origin::File { line }) => format!("{file}:{line}: {key}: {reason}"),
            Some(Origin::Environment { variable }) => format!("{variable}: {key}: {reason}"),
            _ => format!("{file}: {key}: {reason}"),
        }
    }

    /// The values of a section or a key, in every place that it has, with `env` as the file was
    /// read with it.
    pub fn held(&self, named: Named, env: impl Iterator<Item = (String, String)>) -> Vec<Held> {
        let (section, only) = match named {
            Named::Section(section) => (section, None),
            Named::Key(section, key) => (section, Some(key)),
        };
        let mut table = syntax::parse(&self.text).table;
        env::overlay(&mut table, env::overrides(env), &mut Notes::default());
        let lines = Lines::new(&self.text);
        let mut held = Vec::new();
        let keys = self.config.sections();
        for (number, (_, keys)) in
            (0..).zip(keys.iter().filter(|(one, _)| one.path == section.path))
        {
            let path = match section.repeated {
                true => format!("{}[{number}]", section.path),
                false => section.path.to_owned(),
            };
            for key in section.keys.iter().filter(|key| only.is_none_or(|one| one.name == key.name))
            {
                let shown = keys.iter().find(|(name, _)| *name == key.name);
                let value = shown.and_then(|(_, value)| value.as_ref()).map(ToString::to_string);
                let place = place(&table, section, number, key.name);
                let origin = match &place {
                    Some(Place::Text(start, _)) => Origin::File { line: lines.position(*start).0 },
                    Some(Place::Variable(variable)) => {
                        Origin::Environment { variable: variable.clone() }
                    }
                    None => Origin::Default,
                };
                // A secret's file shows by what it holds alone; its name is in the text.
                let value = value.or_else(|| match &place {
                    Some(_) if !key.secret => written(&table, section, number, key.name),
                    _ => None,
                });
                held.push(Held { key: format!("{path}.{}", key.name), value, origin });
            }
        }
        held
    }
}

/// Where a key was written.
fn place(table: &Table, section: &Section, number: usize, key: &str) -> Option<Place> {
    entry(table, section, number, key).map(|node| node.place.clone())
}

fn written(table: &Table, section: &Section, number: usize, key: &str) -> Option<String> {
    entry(table, section, number, key).map(Node::seen)
}

fn entry<'a>(table: &'a Table, section: &Section, number: usize, key: &str) -> Option<&'a Node> {
    let mut table = table;
    let mut parts = section.path.split('.').peekable();
    while let Some(part) = parts.next() {
        let node = &table.entries.iter().find(|entry| entry.name == part)?.node;
        let one = match node.value() {
            Value::List(items) if parts.peek().is_none() => items.get(number)?.value(),
            value => value,
        };
        table = match one {
            Value::Table(table) => table,
            _ => return None,
        };
    }
    table.entries.iter().find(|entry| entry.name == key).map(|entry| &entry.node)
}
