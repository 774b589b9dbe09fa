//! Mails as files: reads a folder of `.eml` files and takes one apart for showing.
//! Never follows a name out of its folder and never writes.

use std::io::{self, Read};
use std::path::Path;

use jiff::Timestamp;
use mail_parser::{Address, Message, MessageParser};
use serde::Serialize;

/// Mails listed at most; a folder of thousands is for other tools.
const MOST_LISTED: usize = 200;
/// The most that is read of one file.
const MOST_BYTES: u64 = 8 << 20;

/// A mail in a list.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    pub(super) file: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) subject: String,
    pub(super) date: Option<Date>,
}

/// A mail's date, for machines and for people.
#[derive(Debug, Serialize)]
pub(super) struct Date {
    pub(super) machine: String,
    pub(super) words: String,
}

/// A mail taken apart.
#[derive(Debug, Serialize)]
pub(super) struct Mail {
    #[serde(flatten)]
    pub(super) line: Line,
    /// Every header as it stands, unfolded.
    pub(super) headers: Vec<(String, String)>,
    pub(super) text: Option<String>,
    pub(super) has_html: bool,
    pub(super) bytes: u64,
}

/// The newest mails of `folder` by the time of their files, and how many there are in all.
/// A folder that is not there yet is empty.
pub(super) fn list(folder: &Path) -> io::Result<(Vec<Line>, usize)> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((Vec::new(), 0)),
        Err(error) => return Err(error),
    };
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry?;
        let Some(name) = entry.file_name().to_str().map(str::to_owned) else { continue };
        // A file may be gone by now: then it is not listed.
        let Ok(meta) = entry.metadata() else { continue };
        if is_mail_name(&name) && meta.is_file() {
            files.push((meta.modified().ok(), name));
        }
    }
    files.sort_by(|a, b| b.cmp(a));
    let count = files.len();
    let lines = files
        .into_iter()
        .take(MOST_LISTED)
        .filter_map(|(_, name)| {
            let bytes = read(folder, &name).ok().flatten()?;
            Some(line(&name, MessageParser::default().parse_headers(&bytes[..]).as_ref()))
        })
        .collect();
    Ok((lines, count))
}

/// The bytes of the mail `name` in `folder`; none where there is no such mail.
pub(super) fn read(folder: &Path, name: &str) -> io::Result<Option<Vec<u8>>> {
    if !is_mail_name(name) {
        return Ok(None);
    }
    let path = folder.join(name);
    match std::fs::symlink_metadata(&path) {
        Ok(meta) if meta.is_file() => {}
        Ok(_) => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    }
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(MOST_BYTES).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

/// Takes a mail apart.
pub(super) fn parse(name: &str, bytes: &[u8]) -> Mail {
    let message = MessageParser::default().parse(bytes);
    let headers = message.iter().flat_map(Message::headers_raw);
    Mail {
        line: line(name, message.as_ref()),
        headers: headers.map(|(name, value)| (name.to_owned(), unfold(value))).collect(),
        text: message.as_ref().and_then(text),
        has_html: message.as_ref().and_then(html).is_some(),
        bytes: bytes.len() as u64,
    }
}

/// The HTML part of a mail.
pub(super) fn html_of(bytes: &[u8]) -> Option<String> {
    html(&MessageParser::default().parse(bytes)?)
}

/// A plain file name that ends in `.eml`.
fn is_mail_name(name: &str) -> bool {
    name.len() <= 255
        && name.ends_with(".eml")
        && !name.starts_with('.')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-+=@,~".contains(&byte))
}

// The parser offers a text part made from the HTML and the other way round; only real parts
// are shown.
fn text(message: &Message<'_>) -> Option<String> {
    let part = message.text_part(0).filter(|part| !part.is_text_html())?;
    part.text_contents().map(str::to_owned)
}

fn html(message: &Message<'_>) -> Option<String> {
    let part = message.html_part(0).filter(|part| part.is_text_html())?;
    part.text_contents().map(str::to_owned)
}

fn line(name: &str, message: Option<&Message<'_>>) -> Line {
    Line {
        file: name.to_owned(),
        from: addresses(message.and_then(Message::from)),
        to: addresses(message.and_then(Message::to)),
        subject: message.and_then(Message::subject).unwrap_or("(no subject)").to_owned(),
        date: message.and_then(Message::date).and_then(|date| {
            let at = Timestamp::from_second(date.to_timestamp()).ok()?;
            let words = at.strftime("%a %-d %b %Y, %H:%M UTC").to_string();
            Some(Date { machine: at.to_string(), words })
        }),
    }
}

fn addresses(header: Option<&Address<'_>>) -> String {
    let words = header.into_iter().flat_map(Address::iter).map(|one| {
        let address = one.address().unwrap_or_default();
        match one.name() {
            Some(name) => format!("{name} <{address}>"),
            None => address.to_owned(),
        }
    });
    words.collect::<Vec<_>>().join(", ")
}

fn unfold(value: &str) -> String {
    value.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_are_mails() {
        for good in ["1.eml", "20260102T080000Z-a@example.org.eml", "a+b_c.eml"] {
            assert!(is_mail_name(good), "{good}");
        }
        for bad in ["", ".eml", "../1.eml", "a/b.eml", "a\\b.eml", "a.html", "a\0.eml", "..eml"] {
            assert!(!is_mail_name(bad), "{bad}");
        }
    }

    #[test]
    fn any_bytes_are_a_mail_of_sorts() {
        for bytes in [&b""[..], b"\0\xff\xfe", b"Subject: =?utf-8?B?!!?=\r\n\r\n\xff", b":::"] {
            let _ = parse("a.eml", bytes);
        }
    }

    #[test]
    fn parts_that_are_not_there_are_not_made_up() {
        let plain = parse("a.eml", b"Subject: s\r\nContent-Type: text/plain\r\n\r\nhello\r\n");
        assert!(plain.text.is_some() && !plain.has_html);
        let html = parse("a.eml", b"Subject: s\r\nContent-Type: text/html\r\n\r\n<p>hello\r\n");
        assert!(html.text.is_none() && html.has_html);
    }
}
