//! The config as a JSON Schema (draft 2020-12), for editors: made from the table of keys.

use serde_json::{Map, Value, json};

use super::keys::{Key, Preset, SECTIONS, Section};
use super::takes::Takes;

/// Sections of which one may be written `[…]` too.
pub(super) const ALSO_ONE: [&str; 1] = ["mail.dkim"];
/// Sections of which there must be at least one.
pub(super) const AT_LEAST_ONE: [&str; 1] = ["mail.relays"];

/// The schema. Put `#:schema FILE` into a config's first line, and editors with Taplo check and
/// complete it.
pub fn schema() -> Value {
    let mut whole = object("", Map::new(), Vec::new());
    for section in SECTIONS {
        let mut own = of_section(section);
        if section.repeated {
            let mut list = json!({"type": "array", "items": own.clone()});
            if AT_LEAST_ONE.contains(&section.path) {
                list["minItems"] = json!(1);
            }
            own =
                if ALSO_ONE.contains(&section.path) { json!({"anyOf": [list, own]}) } else { list };
            own["description"] = json!(section.doc);
        }
        let must = section.keys.iter().any(|key| key.preset == Preset::Required);
        let must = must && (!section.repeated || AT_LEAST_ONE.contains(&section.path));
        let mut holder = &mut whole;
        if let Some((outer, _)) = section.path.split_once('.') {
            holder = &mut holder["properties"][outer];
        }
        holder["properties"][section.name()] = own;
        if must && let Some(required) = holder["required"].as_array_mut() {
            required.push(json!(section.name()));
        }
    }
    whole["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    whole["title"] = json!("The configuration of Paper Round");
    whole["description"] = json!("Every key of paperround.toml.");
    whole
}

fn object(doc: &str, properties: Map<String, Value>, required: Vec<Value>) -> Value {
    json!({
        "type": "object",
        "description": doc,
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn of_section(section: &Section) -> Value {
    let keys = section.keys.iter();
    let properties = keys.clone().map(|key| (key.name.to_owned(), of_key(key))).collect();
    let required = keys.clone().filter(|key| key.preset == Preset::Required);
    let mut out = object(section.doc, properties, required.map(|key| json!(key.name)).collect());
    // A secret stands in the file or in one of its own.
    let both: Vec<Value> = keys
        .filter(|key| key.secret)
        .filter_map(|key| section.key(&format!("{}_file", key.name)).map(|file| (key, file)))
        .map(|(key, file)| json!({"not": {"required": [key.name, file.name]}}))
        .collect();
    if !both.is_empty() {
        out["allOf"] = Value::Array(both);
    }
    out
}

fn of_key(key: &Key) -> Value {
    let mut out = match key.takes() {
        Takes::Truth => json!({"type": "boolean"}),
        Takes::Whole(from, to) => json!({"type": "integer", "minimum": from, "maximum": to}),
        Takes::Number(from, to) => json!({"type": "number", "minimum": from, "maximum": to}),
        Takes::Words(words) => json!({"type": "string", "enum": words}),
        Takes::Texts => json!({"type": "array", "items": {"type": "string"}}),
        Takes::Text => json!({"type": "string"}),
    };
    out["description"] = json!(key.explained());
    if let Preset::Is(default) = key.preset
        && let Some(default) = as_json(default)
    {
        out["default"] = default;
    }
    let examples: Vec<Value> = key.examples().iter().filter_map(|text| as_json(text)).collect();
    if !examples.is_empty() {
        out["examples"] = Value::Array(examples);
    }
    if key.secret {
        out["writeOnly"] = json!(true);
    }
    out
}

impl Key {
    /// What it is for, what it takes, and what holds without it: sentences.
    pub fn explained(&self) -> String {
        let without = match self.preset {
            Preset::Is(default) => format!("Default: {default}."),
            Preset::Required => "It must be given.".to_owned(),
            Preset::Unset(then) => format!("Without it: {then}."),
        };
        let restart = if self.restart { " A new value counts after a restart." } else { "" };
        format!("{} It takes {}. {without}{restart}", self.doc, self.wanted)
    }
}

/// A value of the table as JSON.
fn as_json(toml: &str) -> Option<Value> {
    let table: toml::Table = format!("value = {toml}").parse().ok()?;
    serde_json::to_value(table.get("value")?).ok()
}
