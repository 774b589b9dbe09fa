//! Secrets of a configuration's text behind numbered marks, so that it can be shown and edited
//! without them, and put back into their places when it is written. Knows no keys: what is a secret
//! is said by [`crate::config::redacted`], which keeps every line in its place.

use crate::config::redacted;

/// A text without its secrets, and what stands behind each mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Masked {
    pub(super) text: String,
    secrets: Vec<String>,
}

/// What `redacted` puts in place of a secret.
const REDACTED: &str = "<redacted>";

fn mark(number: usize) -> String {
    format!("<secret {}>", number + 1)
}

/// Masks a text. None where that cannot be undone exactly: such a text is shown whole or not.
pub(super) fn mask(text: &str) -> Option<Masked> {
    let shown = redacted(text);
    let mut masked = Masked { text: String::with_capacity(shown.len()), secrets: Vec::new() };
    let mut originals = text.split_inclusive('\n');
    for line in shown.split_inclusive('\n') {
        let original = originals.next()?;
        if line == original {
            masked.text.push_str(line);
            continue;
        }
        let number = masked.secrets.len();
        let quoted = format!("\"{REDACTED}\"");
        let end = if line.ends_with('\n') { "\n" } else { "" };
        let parts = line.split_once(&quoted).or_else(|| line.split_once(REDACTED));
        let parts =
            parts.filter(|(_, after)| !after.contains(REDACTED)).and_then(|(before, after)| {
                let secret = original.strip_prefix(before)?.strip_suffix(after)?;
                Some((before, secret, after))
            });
        match parts {
            Some((before, secret, after)) => {
                masked.secrets.push(secret.to_owned());
                masked.text.push_str(&format!("{before}\"{}\"{after}", mark(number)));
            }
            // A password within a comment's address, more than one, a line of a longer one.
            None => {
                let bare = original.strip_suffix('\n').unwrap_or(original);
                masked.secrets.push(bare.to_owned());
                masked.text.push_str(&format!("\"{}\"{end}", mark(number)));
            }
        }
    }
    // A text may hold what looks like a mark.
    let whole = masked.unmask(&masked.text).is_ok_and(|whole| whole == text);
    whole.then_some(masked)
}

impl Masked {
    /// Puts the secrets back behind their marks in a text that was edited; says which mark it has
    /// that this one has not.
    pub(super) fn unmask(&self, edited: &str) -> Result<String, String> {
        let mut text = edited.to_owned();
        // From the last on: no mark is the beginning of another, but a secret may hold one.
        for (number, secret) in self.secrets.iter().enumerate().rev() {
            text = text.replace(&format!("\"{}\"", mark(number)), secret);
        }
        let left = text.find("\"<secret ").map(|at| &text[at..]);
        match left.and_then(|rest| rest[1..].split('"').next()) {
            Some(unknown) if !self.secrets.iter().any(|secret| secret.contains(unknown)) => {
                Err(unknown.chars().take(40).collect())
            }
            _ => Ok(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "[site]\nurl = \"https://a.example\"\n\
        [[mail.relays]]\nurl = \"smtps://me@host\"\npassword = \"hunter2\" # mine\n\
        [[mail.relays]]\nurl = \"smtps://me@other\"\npassword = 'other pass'\n\
        # password = \"old one\"\n# url = \"postgres://me:hunter3@host/db\"\n\
        [database]\nurl = \"postgres://me:hunter4@host/db\"";

    #[test]
    fn no_secret_is_shown_and_each_comes_back() {
        let masked = mask(TEXT).unwrap();
        for secret in ["hunter2", "other pass", "old one", "hunter3", "hunter4"] {
            assert!(!masked.text.contains(secret), "{secret}: {}", masked.text);
        }
        assert!(masked.text.contains("password = \"<secret 1>\" # mine\n"), "{}", masked.text);
        assert_eq!(masked.text.matches('\n').count(), TEXT.matches('\n').count());
        assert_eq!(masked.unmask(&masked.text).unwrap(), TEXT);
    }

    #[test]
    fn an_example_is_no_secret_and_a_secret_made_of_one_is() {
        let text = "[[mail.relays]]\n# password = \"…\"\n# password = \"hunter2\"\n";
        let masked = mask(text).unwrap();
        let shown = "[[mail.relays]]\n# password = \"…\"\n# password = \"<secret 1>\"\n";
        assert_eq!(masked.text, shown);
        assert_eq!(masked.unmask(&masked.text).unwrap(), text);
    }

    #[test]
    fn lines_may_move_and_go() {
        let masked = mask(TEXT).unwrap();
        let edited = "[[mail.relays]]\npassword = \"<secret 2>\"\nurl = \"x\"\n";
        let text = masked.unmask(edited).unwrap();
        assert_eq!(text, "[[mail.relays]]\npassword = 'other pass'\nurl = \"x\"\n");
        assert_eq!(masked.unmask("password = \"<secret 9>\"").unwrap_err(), "<secret 9>");
        assert_eq!(masked.unmask("password = \"new\"").unwrap(), "password = \"new\"");
    }

    #[test]
    fn what_an_unknown_key_holds_comes_back_as_it_was() {
        for text in [
            "[[mail.relays]]\npasword = \"hunter2\" # mine\n  weigth=5\r\nweight = 1\n",
            "[[mail.relay]]\nurl = 'hunter2' \nlogin = { is = [\"me\", \"hunter2\"] }",
            "[mail]\nkennwort = [\n  \"hunter2\",\n  'hunter2',\n]\n#\tkennwort=hunter2\n",
        ] {
            let masked = mask(text).unwrap();
            assert!(!masked.text.contains("hunter2"), "{}", masked.text);
            assert_eq!(masked.unmask(&masked.text).unwrap(), text);
        }
        // What would come back as something else is not masked at all.
        assert_eq!(mask("[site]\ntitle = \"<secret 1>\"\npasword = \"hunter2\"\n"), None);
    }

    #[test]
    fn a_secret_of_several_lines_has_a_mark_for_each() {
        let text = "[[mail.relays]]\npassword = \"\"\"\nhunter2\nhunter3\"\"\"\nweight = 1\n";
        let masked = mask(text).unwrap();
        assert!(!masked.text.contains("hunter"), "{}", masked.text);
        assert_eq!(masked.unmask(&masked.text).unwrap(), text);
        assert_eq!(mask("").unwrap().text, "");
    }
}
