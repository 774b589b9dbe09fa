//! A mail that came in, parsed within bounds. Never fails: what cannot be read is left out.

use std::borrow::Cow;

use mail_parser::{Message, MessageParser, MessagePart};

use super::tame::tame;

/// Bytes that are parsed; the rest of a longer mail is not looked at.
pub const MOST_PARSED: usize = 1 << 20;

/// A mail from outside.
#[derive(Clone, Debug)]
pub struct Incoming<'a> {
    raw: &'a [u8],
    message: Message<'a>,
}

impl<'a> Incoming<'a> {
    /// Reads what can be read.
    pub fn read(raw: &'a [u8]) -> Self {
        let raw = &raw[..raw.len().min(MOST_PARSED)];
        let parser = MessageParser::default();
        let message = match tame(raw) {
            Cow::Borrowed(raw) => parser.parse(raw),
            Cow::Owned(tamed) => parser.parse(&tamed).map(Message::into_owned),
        };
        // A message without a part makes its own methods panic.
        let empty = || Message { parts: vec![MessagePart::default()], ..Message::default() };
        Self { raw, message: message.unwrap_or_else(empty) }
    }

    /// What was parsed.
    pub fn message(&self) -> &Message<'a> {
        &self.message
    }

    /// The bytes that were parsed, as they came. Offsets in the message are into its own
    /// `raw_message()`, which may be a tamed copy.
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }
}
