//! The headers by kind of mail: which ones, and their values. Those that are one reader's own
//! (`List-Unsubscribe`, `Archived-At`) come with the reader.

use lettre::message::header::{HeaderName, HeaderValue};

use super::encode::{named, unstructured};
use super::letter::{ComposeError, Kind, Sender, ascii};

/// The headers of this kind of mail beside those that every message has.
pub(super) fn of_kind(sender: &Sender, kind: &Kind) -> Result<Vec<HeaderValue>, ComposeError> {
    // RFC 3834 5, and the marks that other responders heed: nobody's holiday note answers.
    let submitted = if matches!(kind, Kind::Answer) { "auto-replied" } else { "auto-generated" };
    let mut headers = vec![
        unstructured("Auto-Submitted", submitted),
        unstructured("X-Auto-Response-Suppress", "All"),
    ];
    if let Kind::Digest { feedback_id } = kind {
        headers.push(unstructured("Precedence", "bulk"));
        headers.push(list_id(sender)?);
        headers.push(match &sender.help_by_mail {
            Some(help) => uris("List-Help", &[help])?,
            None => mailto("List-Help", sender, "?subject=help")?,
        });
        headers.push(mailto("List-Owner", sender, "")?);
        headers.push(uris("List-Archive", &[&format!("{}/archive", sender.site)])?);
        let site = format!("{}/", sender.site);
        let subscribe: Vec<&str> = [Some(site.as_str()), sender.subscribe_by_mail.as_deref()]
            .into_iter()
            .flatten()
            .collect();
        headers.push(uris("List-Subscribe", &subscribe)?);
        // RFC 8058 3.1: only an https page can be left in one click.
        if sender.site.starts_with("https://") {
            headers.push(unstructured("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
        }
        headers.push(feedback(feedback_id)?);
    }
    Ok(headers)
}

/// RFC 2919 3: a phrase, and the identifier in brackets.
fn list_id(sender: &Sender) -> Result<HeaderValue, ComposeError> {
    let id = &sender.list_id;
    let is_label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    if id.len() > 200 || !id.contains('.') || !id.split('.').all(is_label) {
        return Err(ComposeError::Header { header: "List-Id", value: id.clone() });
    }
    // Quotes and brackets would need quoting inside quotes, which parsers get wrong; the whole
    // header may have 255 characters, of which encoding takes its share.
    let name: String =
        sender.list_name.chars().filter(|c| !"\"\\<>".contains(*c)).take(30).collect();
    Ok(named("List-Id", &name, id))
}

/// RFC 2369 2: an address in angle brackets; encoded words have no place in one.
fn mailto(header: &'static str, sender: &Sender, query: &str) -> Result<HeaderValue, ComposeError> {
    let address = ascii(&sender.contact)?;
    let mut uri = String::with_capacity(address.len() + 40);
    for byte in address.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~@+".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    let value = format!("<mailto:{uri}{query}>");
    let name = HeaderName::new_from_ascii_str(header);
    // Written as it is: an address longer than a line must not be encoded, and cannot fold.
    Ok(HeaderValue::dangerous_new_pre_encoded(name, value.clone(), value))
}

/// RFC 2369 2: addresses in angle brackets, as they are; folded between them alone.
fn uris(header: &'static str, uris: &[&str]) -> Result<HeaderValue, ComposeError> {
    let is_uri = |uri: &&str| uri.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'>');
    if let Some(bad) = uris.iter().find(|uri| !is_uri(uri)) {
        return Err(ComposeError::Header { header, value: (*bad).to_owned() });
    }
    let value = uris.iter().map(|uri| format!("<{uri}>")).collect::<Vec<_>>().join(",\r\n ");
    let name = HeaderName::new_from_ascii_str(header);
    Ok(HeaderValue::dangerous_new_pre_encoded(name, value.clone(), value))
}

/// Gmail's feedback loop: three fields and a sender of 5 to 15 characters.
fn feedback(id: &str) -> Result<HeaderValue, ComposeError> {
    let fields: Vec<&str> = id.split(':').collect();
    let is_word = |text: &&str| {
        text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    let is_sound = fields.len() == 4
        && fields.iter().all(is_word)
        && fields.last().is_some_and(|sender| (5..=15).contains(&sender.len()));
    if !is_sound {
        return Err(ComposeError::Header { header: "Feedback-ID", value: id.to_owned() });
    }
    Ok(unstructured("Feedback-ID", id))
}
