//! Reads reports on delivery for machines: RFC 3464, with the addresses of RFC 6533 and with what
//! is often wrong in them. Never guesses an address that is not in one.

use super::address;
use super::fields::Fields;
use super::meaning::Said;
use super::wording;
use crate::model::{Finding, Verdict};

/// Recipients that one report may tell of.
pub(super) const MOST_RECIPIENTS: usize = 100;

/// What a report says of one recipient.
#[derive(Debug, Default)]
pub(super) struct Group {
    fields: Fields,
}

impl Group {
    fn is_of_recipient(&self) -> bool {
        [
            "final-recipient",
            "original-recipient",
            "x-actual-recipient",
            "action",
            "status",
            "diagnostic-code",
        ]
        .iter()
        .any(|name| self.fields.has(name))
    }

    /// Whom we mailed, and whom the mail was handed on for at last, where that is another.
    pub(super) fn recipients(&self) -> (Option<String>, Option<String>) {
        let named = |name| self.fields.first(name).and_then(typed);
        let last = named("final-recipient").or_else(|| named("x-actual-recipient"));
        match (named("original-recipient"), last) {
            (Some(original), Some(last)) if original.eq_ignore_ascii_case(&last) => {
                (Some(last), None)
            }
            (Some(original), last) => (Some(original), last),
            (None, last) => (last, None),
        }
    }

    /// The status code.
    pub(super) fn status(&self) -> Option<&str> {
        let value = self.fields.first("status")?;
        let code = value
            .split(|c: char| !(c.is_ascii_digit() || c == '.'))
            .find(|code| !code.is_empty())?;
        wording::is_status(code).then_some(code)
    }

    /// What these fields say in words.
    fn words_of(&self, names: &[&str]) -> String {
        let mut text = String::new();
        for &name in names {
            for value in self.fields.all(name).take(4) {
                let said = match name {
                    "diagnostic-code" => {
                        value.split_once(';').map_or(value, |(_, said)| said.trim())
                    }
                    // Only what goes beyond the code, in brackets as a rule.
                    "status" | "action" => value.split_once('(').map_or("", |(_, said)| said),
                    _ => value,
                };
                // A gateway's word for every refusal, before the refusal itself.
                let said =
                    said.split_once("Unknown address error ").map_or(said, |(_, inner)| inner);
                if !said.is_empty() {
                    text.push_str(wording::cut(said, 4096));
                    text.push('\n');
                }
            }
        }
        text
    }

    /// What is said of the recipient; `told` is what people are told, used where the fields tell
    /// nothing.
    pub(super) fn finding(&self, addr: Option<String>, told: &str) -> Finding {
        let diagnostic = self.words_of(&["diagnostic-code", "x-supplementary-info"]);
        // A comment beside a code says what the code says: less than an answer does.
        let with_comments = diagnostic.clone() + &self.words_of(&["status", "action"]);
        let told = wording::without_footer(told);
        let action = self.fields.first("action").unwrap_or_default().to_ascii_lowercase();
        let mut said = Said { status: self.status(), text: &diagnostic, context: told };
        let with_text = format!("{with_comments}\n{told}");
        for more in [&with_comments, &with_text] {
            if !said.is_clear() {
                said.text = more;
            }
        }
        let is_delivered =
            ["delivered", "relayed", "expanded"].iter().any(|word| action.starts_with(word))
                || !action.starts_with("fail")
                    && self.status().is_some_and(|code| code.starts_with('2'));
        let is_full = || super::meaning::reason(told) == Some(super::meaning::Reason::Full);
        let verdict = if action.starts_with("delayed") {
            Verdict::Delayed
        } else if is_delivered {
            Verdict::Delivered
        } else {
            said.verdict()
        };
        let verdict = if verdict == Verdict::Hard && is_full() { Verdict::Soft } else { verdict };
        let detail = if diagnostic.trim().is_empty() { told } else { &diagnostic };
        Finding {
            addr,
            verdict,
            status: said.status().map(str::to_owned),
            detail: wording::line(detail),
        }
    }
}

/// The groups about recipients. Where the empty lines between them are missing or too many, a
/// second recipient begins a group.
pub(super) fn groups(report: &str) -> Vec<Group> {
    let mut groups = Vec::new();
    let mut group = Group::default();
    for line in report.lines() {
        if groups.len() >= MOST_RECIPIENTS {
            break;
        }
        let name = line.split_once(':').map(|(name, _)| name.trim_end().to_ascii_lowercase());
        let begins = match name.as_deref() {
            Some("final-recipient") => group.fields.has("final-recipient"),
            Some("original-recipient") => {
                group.fields.has("original-recipient")
                    || ["final-recipient", "action", "status"]
                        .iter()
                        .all(|name| group.fields.has(name))
            }
            _ => false,
        };
        let is_end = line.trim().is_empty()
            && (group.fields.has("final-recipient") || group.fields.has("original-recipient"))
            && (group.fields.has("action") || group.fields.has("status"));
        if begins || is_end {
            groups.push(std::mem::take(&mut group));
        }
        group.fields.add(line);
    }
    if group.is_of_recipient() {
        groups.push(group);
    }
    groups
}

/// The address in `rfc822; a@b.example`.
fn typed(value: &str) -> Option<String> {
    let (kind, value) = value.split_once(';').unwrap_or(("rfc822", value));
    if kind.trim().eq_ignore_ascii_case("utf-8") {
        let plain = unescaped(value);
        return address::first(&plain).map(str::to_owned);
    }
    address::first(value).map(str::to_owned)
}

/// RFC 6533 3: `\x{e9}` is a character.
fn unescaped(value: &str) -> String {
    let mut plain = String::new();
    let mut rest = wording::cut(value, 1024);
    while let Some((before, after)) = rest.split_once("\\x{") {
        plain.push_str(before);
        let hex = after.split_once('}').filter(|(hex, _)| hex.len() <= 6);
        let Some((hex, after)) = hex else { break };
        plain.extend(u32::from_str_radix(hex, 16).ok().and_then(char::from_u32));
        rest = after;
    }
    plain.push_str(rest);
    plain
}
