//! A mail laid out for reading as a report: its head, what is written for people, what for
//! machines, and what came back. Never says what any of it means.

use std::borrow::Cow;

use mail_parser::decoders::html::html_to_text;
use mail_parser::{Encoding, Message, MessagePart, MimeHeaders as _, PartType};

use super::address;
use super::fields::{Fields, is_name};
use super::wording::{self, cut};
use crate::mail::Incoming;

/// Parts that are looked at.
const MOST_PARTS: usize = 100;
/// Bytes of what came back that are kept.
pub(super) const MOST_RETURNED: usize = 64 << 10;
/// Bytes of what is written for people, or for machines.
const MOST_TEXT: usize = 128 << 10;

/// A mail laid out.
#[derive(Debug, Default)]
pub(super) struct Parts {
    /// The head.
    pub(super) head: Fields,
    /// The subject, decoded.
    pub(super) subject: String,
    /// The type of the whole, in small letters: `multipart/report`.
    pub(super) kind: String,
    /// What is written for people, without what came back.
    pub(super) text: String,
    /// Reports on delivery (RFC 3464 2, RFC 6533 4).
    pub(super) status: String,
    /// Reports of unwanted mail (RFC 5965 3).
    pub(super) feedback: Option<String>,
    /// Reports of a mail's being read (RFC 8098 3).
    pub(super) disposition: Option<String>,
    /// What came back: a mail, or its head.
    pub(super) returned: String,
}

impl Parts {
    /// Lays out a mail.
    pub(super) fn of(mail: &Incoming<'_>) -> Self {
        let message = mail.message();
        let mut parts = Self {
            head: Fields::of_head(&head(message.raw_message())),
            subject: message.subject().unwrap_or_default().trim().to_owned(),
            kind: message.parts.first().map(|part| kind(part, "text/plain")).unwrap_or_default(),
            ..Self::default()
        };
        parts.add(message);
        if parts.text.trim().is_empty() && parts.returned.is_empty() && parts.status.is_empty() {
            let raw = message.raw_message();
            let body = memchr::memmem::find(raw, b"\n\n").or(memchr::memmem::find(raw, b"\n\r\n"));
            let body = &raw[body.unwrap_or(raw.len())..];
            parts.add_embedded(&String::from_utf8_lossy(&body[..body.len().min(MOST_TEXT)]));
        }
        parts.split_text();
        parts
    }

    fn add(&mut self, message: &Message<'_>) {
        let mut html = String::new();
        for part in message.parts.iter().take(MOST_PARTS) {
            match &part.body {
                PartType::Multipart(_) => {}
                PartType::Html(text) => html.push_str(cut(text, MOST_TEXT)),
                PartType::Message(_) => self.return_message(part, message),
                PartType::Text(text) => self.add_text(part, text),
                PartType::Binary(bytes) | PartType::InlineBinary(bytes) => {
                    let most = bytes.len().min(MOST_TEXT);
                    self.add_text(part, &String::from_utf8_lossy(&bytes[..most]));
                }
            }
        }
        if !html.is_empty() && self.text.trim().len() < 40 {
            append(&mut self.text, &html_to_text(&html), MOST_TEXT);
        }
    }

    fn add_text(&mut self, part: &MessagePart<'_>, text: &str) {
        let text = &*wording::japanese(text);
        match kind(part, "text/plain").as_str() {
            "message/delivery-status" | "message/global-delivery-status" => {
                append(&mut self.status, text, MOST_TEXT);
            }
            "message/feedback-report" => self.feedback = Some(cut(text, MOST_TEXT).to_owned()),
            "message/disposition-notification" | "message/global-disposition-notification" => {
                self.disposition = Some(cut(text, MOST_TEXT).to_owned());
            }
            "text/rfc822-headers"
            | "text/rfc822"
            | "message/global-headers"
            | "message/rfc822"
            | "message/global"
            | "message/rfc822-headers"
            | "message/partial" => {
                append(&mut self.returned, text, MOST_RETURNED);
            }
            // A multipart whose parts could not be told apart is here as one text.
            kind if kind.starts_with("text/")
                || kind.starts_with("multipart/")
                || !kind.contains('/') =>
            {
                self.add_embedded(text);
            }
            _ => {}
        }
    }

    /// Text, or parts in it whose boundary is not the one that the head announces.
    fn add_embedded(&mut self, text: &str) {
        let mut lines = text.lines().peekable();
        let mut kind = String::new();
        while let Some(line) = lines.next() {
            let begins = line.trim_start().starts_with("--")
                && lines.peek().is_some_and(|next| is_content_field(next));
            if begins {
                let mut head = Fields::default();
                for line in lines.by_ref().take_while(|line| !line.trim().is_empty()) {
                    head.add(line);
                }
                let value = head.first("content-type").unwrap_or("text/plain");
                kind = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
                continue;
            }
            if line.starts_with("--")
                && line.ends_with("--")
                && line.len() > 8
                && !line.contains(' ')
                && line.contains(char::is_alphanumeric)
            {
                continue;
            }
            match kind.as_str() {
                "message/delivery-status" | "message/global-delivery-status" => {
                    append(&mut self.status, line, MOST_TEXT)
                }
                "message/feedback-report" => {
                    append(self.feedback.get_or_insert_default(), line, MOST_TEXT)
                }
                "message/rfc822" | "text/rfc822-headers" | "message/global" => {
                    append(&mut self.returned, line, MOST_RETURNED)
                }
                _ => append(&mut self.text, line, MOST_TEXT),
            }
        }
    }

    fn return_message(&mut self, part: &MessagePart<'_>, message: &Message<'_>) {
        let PartType::Message(inner) = &part.body else { return };
        let bytes = if part.encoding == Encoding::None {
            let from = part.raw_body_offset() as usize;
            let to = part.raw_end_offset() as usize;
            message.raw_message().get(from..to)
        } else {
            Some(inner.raw_message())
        };
        let bytes = bytes.unwrap_or_default();
        let most = bytes.len().min(MOST_RETURNED);
        append(&mut self.returned, &String::from_utf8_lossy(&bytes[..most]), MOST_RETURNED);
    }

    /// Where a report is one piece of text, moves to their own places what is written for
    /// machines in it, and what came back.
    fn split_text(&mut self) {
        let text = std::mem::take(&mut self.text);
        let lines: Vec<&str> = text.lines().collect();
        let end = returned_from(&lines).unwrap_or(lines.len());
        let (told, back) = lines.split_at(end);
        if self.status.is_empty()
            && let Some(from) = status_from(told)
        {
            self.status = told[from..].join("\n");
            self.text = told[..from].join("\n");
        } else {
            self.text = told.join("\n");
        }
        let is_said = |line: &&str| {
            let line = line.trim_start();
            !QUOTED.iter().any(|name| {
                line.get(..name.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(name))
            })
        };
        self.text = self.text.lines().filter(is_said).collect::<Vec<_>>().join("\n");
        if !back.is_empty() {
            append(&mut self.returned, &back.join("\n"), MOST_RETURNED);
        }
    }

    /// The fields of what came back.
    pub(super) fn returned_head(&self) -> Fields {
        let mut fields = Fields::default();
        let mut lines = self.returned.lines().skip_while(|line| !is_field(line)).peekable();
        let indent = lines.peek().map_or(0, |line| line.len() - line.trim_start().len());
        for line in lines {
            // Some indent all that came back.
            let line = if line.len() >= indent && line.is_char_boundary(indent) {
                &line[indent..]
            } else {
                line
            };
            if line.trim().is_empty() && !fields.0.is_empty() || !fields.add(line) {
                break;
            }
        }
        fields
    }

    /// Whom the mail that came back was for.
    pub(super) fn returned_to(&self) -> Vec<String> {
        const TO: [&str; 8] = [
            "to",
            "cc",
            "x-original-to",
            "delivered-to",
            "envelope-to",
            "x-envelope-to",
            "x-rcpt-to",
            "apparently-to",
        ];
        let head = self.returned_head();
        let mut found = Vec::new();
        for name in TO {
            for value in head.all(name).take(20) {
                found.extend(
                    address::find(cut(value, 4096)).into_iter().map(|(_, addr)| addr.to_owned()),
                );
            }
        }
        found.truncate(100);
        found
    }
}

/// Fields of the mail that reports quote among their own words: they say nothing of what went wrong.
const QUOTED: &[&str] = &[
    "subject:",
    "message-id:",
    "message id:",
    "date:",
    "sent:",
    "from:",
    "in-reply-to:",
    "references:",
];

/// The raw head, as text.
fn head(raw: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(&raw[..raw.len().min(256 << 10)])
}

/// The type of a part, in small letters.
fn kind(part: &MessagePart<'_>, default: &str) -> String {
    part.content_type().map_or_else(
        || default.to_owned(),
        |kind| {
            let subtype = kind.subtype().map(|subtype| format!("/{subtype}")).unwrap_or_default();
            format!("{}{subtype}", kind.ctype()).to_ascii_lowercase()
        },
    )
}

fn append(to: &mut String, text: &str, most: usize) {
    let room = most.saturating_sub(to.len() + 1);
    if room > 0 {
        to.push_str(cut(text, room));
        to.push('\n');
    }
}

/// Fields that begin the head of a mail, and are not in what people are told of it.
const TRACE: &[&str] = &[
    "received",
    "return-path",
    "x-original-to",
    "delivered-to",
    "dkim-signature",
    "mime-version",
    "message-id",
    "x-mailer",
    "content-type",
];

fn is_field(line: &str) -> bool {
    line.trim_start().split_once(':').is_some_and(|(name, value)| {
        is_name(name) && !name.contains(' ') && (value.starts_with([' ', '\t']) || value.is_empty())
    })
}

fn is_content_field(line: &str) -> bool {
    line.get(..8).is_some_and(|begin| begin.eq_ignore_ascii_case("content-"))
}

fn is_trace(line: &str) -> bool {
    line.trim_start().split_once(':').is_some_and(|(name, _)| {
        TRACE.iter().any(|trace| name.trim_end().eq_ignore_ascii_case(trace))
    })
}

/// Lines that announce what came back, as far as they do not look like a head themselves.
const ANNOUNCED: &[&str] = &[
    "below this line is a copy of the message",
    "this is a copy of the message",
    "attachment is a copy of the message",
    "original message follows",
    "original message headers",
    "original message header",
    "original headers follow",
    "message header follows",
    "message headers follow",
    "unsent message follows",
    "unsent message below",
    "returned message follows",
    "returned mail follows",
    "returned message",
    "returned mail -",
    "the original message was",
    "original message -",
    "header of the source mail",
    "header of the original message",
    "headers of the original message",
    "headers of your message",
    "copy of your message",
    "copy of the original message",
    "message as received",
    "your message reads",
    "undelivered message",
    "original mail",
    "start of your message",
    "enclosed is a copy",
    "beginning of message",
];

/// The line from which on what came back stands in the report.
fn returned_from(lines: &[&str]) -> Option<usize> {
    let mut announced = None;
    let mut seen = 0;
    for (i, line) in lines.iter().enumerate() {
        if announced.is_none() && is_announcement(line) {
            announced = Some(i);
        }
        seen += usize::from(!line.trim().is_empty());
        if seen > 2 && is_trace(line) && begins_head(&lines[i..]) {
            // The head may have begun with fields that are no trace: go back to its first.
            let back = lines[..i].iter().rev().take_while(|line| is_field(line)).count();
            return Some(announced.map_or(i - back, |announced| announced.min(i - back)));
        }
    }
    announced
}

fn is_announcement(line: &str) -> bool {
    let low = cut(line.trim(), 200).to_ascii_lowercase();
    let is_ruled =
        low.starts_with(['-', '=', '*', '_', '#']) || low.ends_with([':', '-', '=', '*']);
    is_ruled
        && low.len() < 120
        && !low.contains('@')
        && ANNOUNCED.iter().any(|words| low.contains(words))
        && !["was received at", "following", "not receive"].iter().any(|words| low.contains(words))
}

/// Whether a head begins here: four fields within a few lines, of which two are trace.
fn begins_head(lines: &[&str]) -> bool {
    let mut fields = 0;
    let mut traces = 0;
    for line in lines.iter().take(16) {
        if line.trim().is_empty() {
            break;
        }
        fields += usize::from(is_field(line));
        traces += usize::from(is_trace(line));
    }
    fields >= 3 && traces >= 1
}

/// The line from which on a text is a report for machines: some send one under a wrong type.
fn status_from(lines: &[&str]) -> Option<usize> {
    let name = |line: &str| line.split_once(':').map(|(name, _)| name.trim().to_ascii_lowercase());
    let from = lines.iter().position(|line| {
        name(line).is_some_and(|name| {
            matches!(name.as_str(), "reporting-mta" | "final-recipient" | "original-recipient")
        })
    })?;
    let rest = &lines[from..lines.len().min(from + 60)];
    let has = |wanted: &str| rest.iter().any(|line| name(line).is_some_and(|name| name == wanted));
    (has("final-recipient") || has("original-recipient")).then_some(())?;
    (has("action") || has("status")).then_some(from)
}
