//! A config's text with its secrets taken out, for showing. What an unknown key holds goes too: it
//! may be a secret's name misspelt; and where the text is no TOML, whatever may be a secret.

use std::ops::Range;

use super::fault::Lines;
use super::init::DEFAULT;
use super::keys::SECTIONS;
use super::show::REDACTED;
use super::syntax::{self, may_hold_secret};
use super::tree::{Place, Table, Value, without_password};

/// The text, with `<redacted>` for whatever is, or may be, a secret. Lines stay where they are.
pub fn redacted(text: &str) -> String {
    let parsed = syntax::parse(text);
    let mut hidden: Vec<Range<usize>> = Vec::new();
    walk(&parsed.table, None, &mut hidden);
    hidden.sort_by_key(|range| range.start);
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for range in hidden {
        let (Some(before), Some(value)) =
            (text.get(from..range.start.max(from)), text.get(range.start.max(from)..range.end))
        else {
            continue;
        };
        out += before;
        out += &format!("\"{REDACTED}\"");
        // A secret of several lines leaves as many.
        out.extend(value.matches('\n'));
        from = range.end;
    }
    out += text.get(from..).unwrap_or_default();
    by_lines(&out, !parsed.faults.is_empty())
}

/// The places of secrets in the table and below.
fn walk(table: &Table, section: Option<&str>, hidden: &mut Vec<Range<usize>>) {
    for entry in &table.entries {
        let path = match section {
            Some(section) => format!("{section}.{}", entry.name),
            None => entry.name.clone(),
        };
        let known = SECTIONS.iter().find(|one| Some(one.path) == section);
        let key = known.and_then(|section| section.key(&entry.name));
        let secret = match key {
            Some(key) => key.secret,
            // Perhaps a misspelt one.
            None => true,
        };
        node(&entry.node.value, &entry.node.place, secret, &path, hidden);
    }
}

fn node(value: &Value, place: &Place, secret: bool, path: &str, hidden: &mut Vec<Range<usize>>) {
    match value {
        Value::Table(table) => walk(table, Some(path), hidden),
        Value::List(items) => {
            for item in items {
                node(&item.value, &item.place, secret, path, hidden);
            }
        }
        Value::Text(text) if secret || without_password(text) != text.as_str() => {
            if let Place::Text(start, end) = place {
                hidden.push(*start..*end);
            }
        }
        Value::Whole(_) | Value::Decimal(_) | Value::Odd(_) if secret => {
            if let Place::Text(start, end) = place {
                hidden.push(*start..*end);
            }
        }
        _ => {}
    }
}

/// Takes secrets out of comments, and where `broken` out of every line that may hold one.
fn by_lines(text: &str, broken: bool) -> String {
    let lines = Lines::new(text);
    let mut out = String::with_capacity(text.len());
    // Whether the value of an unknown key may go on here.
    let mut stranger = false;
    for (number, line) in (1..).zip(text.split_inclusive('\n')) {
        let end = &line[line.trim_end_matches(['\n', '\r']).len()..];
        let bare = &line[..line.len() - end.len()];
        let shown = bare.contains(REDACTED);
        let comment = bare.trim_start().starts_with('#');
        // An example of the file that everybody begins with is nobody's secret.
        if comment && DEFAULT.lines().any(|known| known == bare) {
            out += line;
            continue;
        }
        let assigned = bare.split_once('=').filter(|(name, _)| may_be_secret(name));
        if !comment && (bare.contains('=') || bare.trim_start().starts_with('[')) {
            stranger = assigned.is_some();
        }
        let doubtful = stranger || may_hold_secret(&lines, number);
        match assigned {
            Some((name, value)) if comment && !value.trim().is_empty() && !is_file(name) => {
                out += &format!("{name}= {REDACTED}");
            }
            _ if comment && without_password(bare) != bare => out += &without_password(bare),
            _ if broken && !shown && !comment && doubtful => out += REDACTED,
            _ => out += bare,
        }
        out += end;
    }
    out
}

/// Whether what is left of a `=` names a secret, or is one word that no section has for a key.
fn may_be_secret(left: &str) -> bool {
    let name = left.trim_matches(|c: char| c == '#' || c == '"' || c.is_whitespace());
    let name = name.rsplit('.').next().unwrap_or_default().to_lowercase();
    if ["passw", "secret", "token", "_key"].iter().any(|part| name.contains(part)) {
        return !is_file(&name);
    }
    let word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    !name.is_empty()
        && name.chars().all(word)
        && !SECTIONS.iter().any(|section| section.key(&name).is_some_and(|key| !key.secret))
}

fn is_file(name: &str) -> bool {
    name.trim().ends_with("_file")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_left_and_lines_stay() {
        for text in [
            "[[mail.relays]]\nurl = \"smtps://me@host\"\npassword = \"hunter2\" # mine\nweight = 1\n",
            "[mail]\nrelays = [{ url = \"smtp://x\", password = 'hunter2' }]\n",
            "mail.relays = [{ \"password\" = \"\"\"\nhunter2\nhunter2\"\"\" }]\nx = 1\n",
            "[database]\nurl = \"postgres://me:hunter2@host/db\"\n",
            "[[mail.relays]]\npasswort = \"hunter2\"\n",
            "# password = \"hunter2\"\n# url = \"postgres://me:hunter2@host/db\"\n",
            "[inbound.webhooks]\nmailgun_key = \"hunter2\"\n",
            "[[mail.relays]]\npassword = \"hunter2\nurl = \"x\"\n",
            "[[mail.relays]\npassword = hunter2\n",
            "[inbound]\npassword = 0xhunter2\n",
            "[[mail.relays]]\npasword = \"hunter2\"\n",
            "[[mail.relays]]\nkennwort = 'hunter2'\n",
            "[[mail.relay]]\nurl = \"smtp://x\"\nlogin = { is = [\"me\", \"hunter2\"] }\n",
            "kennwort = \"hunter2\"\n[mail]\nkennwort = [\n  \"hunter2\",\n]\n",
            "# kennwort = \"hunter2\"\n",
            "[[mail.relays]]\nkennwort = hunter2\n",
            "[[mail.relays]\nkennwort = \"\"\"\nhunter2\n",
        ] {
            let shown = redacted(text);
            assert!(!shown.contains("hunter2"), "{text}\n{shown}");
            assert!(shown.contains("redacted") || shown.contains(":…@"), "{text}\n{shown}");
            assert_eq!(shown.matches('\n').count(), text.matches('\n').count(), "{text}\n{shown}");
        }
        let plain = "[site]\nurl = \"https://a.example\"\n[mail]\nfrom = \"a@b.example\"\n\
                     [[mail.dkim]]\nkey_file = \"k.pem\"\n[[mail.relays]]\npassword_file = \"p\"\n";
        assert_eq!(redacted(plain), plain);
        // The examples of the file that everybody begins with stay; what was made of one does not.
        assert_eq!(redacted(DEFAULT), DEFAULT);
        let own = DEFAULT.replacen("# password = \"…\"", "# password = \"hunter2\"", 1);
        assert!(own.contains("hunter2") && !redacted(&own).contains("hunter2"));
    }
}
