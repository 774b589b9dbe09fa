//! The config in effect, as TOML and as JSON: every key, defaults filled in, secrets redacted.

use serde_json::{Map, Value as Json};

use super::keys::{Preset, SECTIONS, Section};
use super::{
    Config, admin, alarms, database, digest, dkim, inbound, log, mail, metrics, relay, retry,
    server, site, source, subscriptions, telemetry, webhooks,
};

/// What stands for a secret.
pub(super) const REDACTED: &str = "<redacted>";

/// The keys of a section with their values; `None` where nothing is set.
pub(super) type Shown = Vec<(&'static str, Option<toml::Value>)>;

/// What has a text form.
pub(super) fn shown(value: impl std::fmt::Display) -> Option<toml::Value> {
    Some(value.to_string().into())
}

impl Config {
    /// The config in effect as TOML that reads as the same config again, but for its secrets,
    /// which are `"<redacted>"`.
    pub fn show(&self) -> String {
        let mut out = String::new();
        for (section, keys) in self.sections() {
            out += &format!("{}\n", section.header());
            for (name, value) in keys {
                match (value, section.key(name).map(|key| key.preset)) {
                    (Some(value), _) => out += &format!("{name} = {value}\n"),
                    (None, Some(Preset::Unset(then))) if !name.ends_with("_file") => {
                        out += &format!("# {name} is not set: {then}\n");
                    }
                    _ => {}
                }
            }
            out.push('\n');
        }
        out.truncate(out.trim_end().len());
        out + "\n"
    }

    /// The same as JSON; what is not set is `null`.
    pub fn show_json(&self) -> Json {
        let mut whole = Map::new();
        for (section, keys) in self.sections() {
            let json = |value: Option<toml::Value>| {
                value.and_then(|value| serde_json::to_value(value).ok()).unwrap_or(Json::Null)
            };
            let keys =
                keys.into_iter().filter(|(name, set)| set.is_some() || !name.ends_with("_file"));
            let keys: Map<_, _> =
                keys.map(|(name, value)| (name.to_owned(), json(value))).collect();
            let holder = match section.path.split_once('.') {
                Some((outer, _)) => match whole.get_mut(outer) {
                    Some(Json::Object(outer)) => outer,
                    _ => continue,
                },
                None => &mut whole,
            };
            if section.repeated {
                let list = holder.entry(section.name()).or_insert_with(|| Json::Array(Vec::new()));
                if let Json::Array(list) = list {
                    list.push(Json::Object(keys));
                }
            } else {
                holder.insert(section.name().to_owned(), Json::Object(keys));
            }
        }
        // Lists that may be empty are there all the same.
        for section in SECTIONS.iter().filter(|section| section.repeated) {
            let (holder, name) = match section.path.split_once('.') {
                Some((outer, name)) => match whole.get_mut(outer) {
                    Some(Json::Object(outer)) => (outer, name),
                    _ => continue,
                },
                None => (&mut whole, section.path),
            };
            holder.entry(name).or_insert_with(|| Json::Array(Vec::new()));
        }
        Json::Object(whole)
    }

    pub(super) fn sections(&self) -> Vec<(&'static Section, Shown)> {
        let mut all: Vec<(&'static Section, Shown)> = vec![
            (&site::SECTION, self.site.shown()),
            (&server::SECTION, self.server.shown()),
            (&database::SECTION, self.database.shown()),
        ];
        all.extend(self.sources.iter().map(|source| (&source::SECTION, source.shown())));
        all.push((&digest::SECTION, self.digest.shown()));
        all.push((&mail::SECTION, self.mail.shown()));
        all.extend(self.mail.dkim.iter().map(|dkim| (&dkim::SECTION, dkim.shown())));
        all.extend(self.mail.relays.iter().map(|relay| (&relay::SECTION, relay.shown())));
        all.push((&retry::SECTION, self.retry.shown()));
        all.push((&subscriptions::SECTION, self.subscriptions.shown()));
        all.push((&subscriptions::LIMITS, self.subscriptions.limits.shown()));
        all.push((&inbound::SECTION, self.inbound.shown()));
        all.push((&webhooks::SECTION, self.inbound.webhooks.shown()));
        all.push((&admin::SECTION, self.admin.shown()));
        all.extend(self.admin.webhooks.iter().map(|hook| (&admin::HOOKS, hook.shown())));
        all.push((&alarms::SECTION, self.alarms.shown()));
        all.push((&metrics::SECTION, self.metrics.shown()));
        all.push((&log::SECTION, self.log.shown()));
        all.push((&telemetry::SECTION, self.telemetry.shown()));
        all
    }
}
