//! Replies as they stand on the wire (RFC 5321 4.2): a code, words in ASCII, CR LF, and never
//! more than 512 octets.

use std::fmt::{Display, Write as _};
use std::io::Write as _;

/// Words that come from elsewhere.
const MOST_WORDS: usize = 400;

/// One line of a reply.
pub(super) fn put(out: &mut Vec<u8>, line: impl Display) {
    // Into a vector nothing is written that can fail.
    let _ = write!(out, "{line}\r\n");
}

/// A code with words from elsewhere, made harmless.
pub(super) fn put_words(out: &mut Vec<u8>, code: &str, words: &str) {
    let mut line = format!("{code} ");
    for letter in words.chars().take(MOST_WORDS) {
        let _ = line.write_char(match letter {
            ' '..='~' => letter,
            _ if letter.is_whitespace() => ' ',
            _ => '?',
        });
    }
    put(out, line.trim_end());
}
