//! Encodings of header values. Never changes what a reader reads.

use std::fmt::Write as _;

use email_encoding::headers::writer::EmailWriter;
use email_encoding::headers::{quoted_string, rfc2047};
use lettre::message::header::{HeaderName, HeaderValue};

/// `text` without controls, in one line: nothing in it can end a header.
pub(super) fn one_line(text: &str) -> String {
    let spaced = text.replace(|c: char| c.is_control() || c.is_whitespace(), " ");
    spaced.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// An unstructured header (RFC 5322 2.2.1), folded; encoded (RFC 2047) where it is not ASCII,
/// and as a whole where a word is too long to fold or looks like an encoded one itself.
pub(super) fn unstructured(name: &'static str, text: &str) -> HeaderValue {
    let text = one_line(text);
    if text.split(' ').all(|word| word.len() <= 60) && !is_lookalike(&text) {
        return HeaderValue::new(HeaderName::new_from_ascii_str(name), text);
    }
    written(name, &text, |writer| rfc2047::encode(&text, writer))
}

/// A display name and what it names, in angle brackets (`From`, RFC 5322 3.4; `List-Id`,
/// RFC 2919 3): the name as it is, quoted or encoded, whichever is needed. `brackets` must be
/// ASCII; it is never encoded, but may go to a line of its own.
pub(super) fn named(header: &'static str, name: &str, brackets: &str) -> HeaderValue {
    let name = one_line(name);
    let lookalike = is_lookalike(&name) || name.split(' ').any(|word| word.len() > 60);
    written(header, brackets, |writer| {
        if lookalike {
            rfc2047::encode(&name, writer)?;
        } else if !name.is_empty() {
            quoted_string::encode(&name, writer)?;
        }
        if !name.is_empty() {
            writer.space();
        }
        writer.folding().write_str(&format!("<{brackets}>"))
    })
}

/// Whether a reader's program would decode something in `text` that was never encoded.
fn is_lookalike(text: &str) -> bool {
    text.contains("=?")
}

/// A header whose value `write` writes, folded; `plain` is what lettre takes it for.
fn written(
    name: &'static str,
    plain: &str,
    write: impl FnOnce(&mut EmailWriter<'_>) -> std::fmt::Result,
) -> HeaderValue {
    let mut value = String::with_capacity(plain.len() * 2);
    let mut writer = EmailWriter::new(&mut value, name.len() + 2, 0, false);
    // Writing to a string cannot fail.
    let done = write(&mut writer);
    drop(writer);
    debug_assert!(done.is_ok());
    let header = HeaderName::new_from_ascii_str(name);
    HeaderValue::dangerous_new_pre_encoded(header, plain.to_owned(), value)
}
