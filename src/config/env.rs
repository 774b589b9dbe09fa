//! `PAPERROUND__SECTION__KEY`: variables of the environment, laid over the file's tree before
//! it is read, so that they are judged as the file is.

use super::entries::Notes;
use super::fault::{Found, Show};
use super::tree::{Entry, Node, Place, Table, Value};

/// How the variables begin.
pub(super) const PREFIX: &str = "PAPERROUND__";

/// No key lies deeper. A bound, as trees are walked by recursion.
const DEPTH: usize = 8;

/// The overrides among the variables, sorted so that lists fill up in order.
pub(super) fn overrides(env: impl Iterator<Item = (String, String)>) -> Vec<(String, String)> {
    let mut found: Vec<_> = env.filter(|(name, _)| name.starts_with(PREFIX)).collect();
    found.sort_by_cached_key(|(name, value)| {
        let path: Vec<_> = name
            .split("__")
            .map(|part| (part.parse::<u32>().unwrap_or(0), part.to_owned()))
            .collect();
        (path, value.clone())
    });
    found
}

/// Lays the overrides over `table`.
pub(super) fn overlay(table: &mut Table, overrides: Vec<(String, String)>, notes: &mut Notes) {
    for (name, value) in overrides {
        let path = name[PREFIX.len()..].to_lowercase();
        let path: Vec<&str> = path.split("__").collect();
        let leaf = Node::variable(&name, value);
        let put = if !(2..=DEPTH).contains(&path.len()) || path.iter().any(|part| part.is_empty()) {
            Err("a name such as PAPERROUND__SITE__TITLE".to_owned())
        } else {
            put(table, &path, leaf)
        };
        if let Err(wanted) = put {
            notes.faults.push(Found {
                place: Place::Variable(name.clone()),
                key: None,
                seen: Some("a variable that names no key".to_owned()),
                wanted,
                hint: None,
                excerpt: Show::Nothing,
            });
        }
    }
}

fn put(table: &mut Table, path: &[&str], leaf: Node) -> Result<(), String> {
    let [name, rest @ ..] = path else { return Ok(()) };
    if !table.entries.iter().any(|entry| entry.name == *name) {
        table.entries.push(Entry {
            name: (*name).to_owned(),
            place: leaf.place.clone(),
            node: Node { value: empty_for(rest), place: leaf.place.clone() },
        });
    }
    let Some(entry) = table.entries.iter_mut().find(|entry| entry.name == *name) else {
        return Ok(());
    };
    if rest.is_empty() {
        entry.place = leaf.place.clone();
    }
    descend(&mut entry.node, rest, leaf)
}

fn descend(node: &mut Node, path: &[&str], leaf: Node) -> Result<(), String> {
    let [first, rest @ ..] = path else {
        *node = leaf;
        return Ok(());
    };
    match &mut node.value {
        Value::Table(table) => put(table, path, leaf),
        Value::List(items) => match first.parse::<usize>() {
            Ok(at) if at <= items.len() => {
                if at == items.len() {
                    items.push(Node { value: empty_for(rest), place: leaf.place.clone() });
                }
                descend(&mut items[at], rest, leaf)
            }
            _ => Err(format!("a number up to __{} for {}", items.len(), shout(first))),
        },
        Value::Variable(_, Some(parsed))
            if matches!(**parsed, Value::Table(_) | Value::List(_)) =>
        {
            node.value = std::mem::replace(&mut **parsed, Value::Truth(false));
            descend(node, path, leaf)
        }
        _ => Err(format!("a name that ends before {}", shout(first))),
    }
}

/// What holds the rest of a path.
fn empty_for(rest: &[&str]) -> Value {
    match rest.first() {
        Some(first) if first.parse::<usize>().is_ok() => Value::List(Vec::new()),
        _ => Value::Table(Table::default()),
    }
}

fn shout(part: &str) -> String {
    format!("__{}", part.to_uppercase())
}
