//! Bytes to text, and text as papers hold it: decoded as declared, white space folded,
//! control characters dropped. Never guesses a character set from the letters it sees.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// Decoded text, and how much of it could not be decoded.
pub(super) struct Decoded<'a> {
    /// The text, without byte order mark and NULs.
    pub(super) text: Cow<'a, str>,
    /// Places where the bytes were not valid in their character set.
    pub(super) unreadable: usize,
    /// The name of that character set.
    pub(super) charset: &'static str,
}

/// Decodes `bytes` by their byte order mark, else by `declared` (the HTTP header's charset),
/// else by what they say of themselves in their first kilobyte, else as UTF-8. `None` for
/// what is no text at all.
pub(super) fn decode<'a>(bytes: &'a [u8], declared: Option<&str>) -> Option<Decoded<'a>> {
    let encoding = Encoding::for_bom(bytes)
        .map(|(encoding, _)| encoding)
        .or_else(|| declared.and_then(|label| Encoding::for_label(label.trim().as_bytes())))
        .or_else(|| said_inside(bytes))
        .unwrap_or(UTF_8);
    let (text, _, faulty) = encoding.decode(bytes);
    let unreadable = match faulty {
        false => 0,
        true if encoding == UTF_8 => {
            bytes.utf8_chunks().filter(|chunk| !chunk.invalid().is_empty()).count()
        }
        true => text.matches('\u{FFFD}').count(),
    };
    let nuls = text.bytes().filter(|byte| *byte == 0).count();
    if nuls > 64 + text.len() / 8 {
        return None;
    }
    let text = if nuls > 0 { Cow::Owned(text.replace('\0', "")) } else { text };
    Some(Decoded { text, unreadable, charset: encoding.name() })
}

/// The character set named in a `<meta>` tag or an XML declaration near the start.
fn said_inside(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(1024)]).to_ascii_lowercase();
    let at = if head.trim_start().starts_with("<?xml") {
        head.find("encoding=")? + "encoding=".len()
    } else {
        head.find("charset=")? + "charset=".len()
    };
    let label = head[at..].trim_start_matches(['"', '\'', ' ']);
    let end = label.find(['"', '\'', ' ', ';', '>', '/', '?']).unwrap_or(label.len());
    // What could be read as ASCII so far is not UTF-16, whatever it says (HTML 13.2.3.2).
    Encoding::for_label(&label.as_bytes()[..end])
        .filter(|encoding| *encoding != UTF_16LE && *encoding != UTF_16BE)
}

/// Characters that would hide, reorder or break the text around them.
fn unwanted(c: char) -> bool {
    (c.is_control() && !c.is_whitespace())
        || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200B}' | '\u{FEFF}')
}

/// One line: white space folded to single blanks, unwanted characters dropped.
pub(super) fn line(text: &str) -> String {
    if is_tidy(text) {
        return text.to_owned();
    }
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        let before = folded.len();
        if before > 0 {
            folded.push(' ');
        }
        let start = folded.len();
        folded.extend(word.chars().filter(|c| !unwanted(*c)));
        if folded.len() == start {
            folded.truncate(before);
        }
    }
    folded
}

/// Whether there is nothing to fold or to drop, seen by bytes: nearly every text.
fn is_tidy(text: &str) -> bool {
    let mut before = b' ';
    let single = text.bytes().all(|byte| {
        let fits = matches!(byte, b' '..=b'~') && !(byte == b' ' && before == b' ');
        before = byte;
        fits
    });
    single && before != b' '
}

/// Prose: hard line breaks folded; a blank line, or a line that is set in by two blanks or
/// more (arXiv's sign of a paragraph), begins a new paragraph, kept as one newline.
pub(super) fn prose(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut parted = false;
    for (at, part) in text.split('\n').enumerate() {
        let words = line(part);
        if words.is_empty() {
            parted = true;
            continue;
        }
        let set_in = at > 0 && (part.starts_with("  ") || part.starts_with('\t'));
        if !folded.is_empty() {
            folded.push(if parted || set_in { '\n' } else { ' ' });
        }
        folded.push_str(&words);
        parted = false;
    }
    folded
}

/// `text` cut to at most `most` characters, with an ellipsis where something was cut.
pub(super) fn cut(text: String, most: usize) -> String {
    if text.len() <= most {
        return text;
    }
    match text.char_indices().nth(most) {
        None => text,
        Some((at, _)) => format!("{}…", text[..at].trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_prose_are_folded() {
        assert_eq!(
            (line(""), line(" "), line("a b"), line("a  b ")),
            (String::new(), String::new(), "a b".to_owned(), "a b".to_owned())
        );
        assert_eq!(line(" A\n  long\ttitle\u{202E} \0 here \u{1}"), "A long title here");
        assert_eq!(prose("one\ntwo\n\n three\n  four\n"), "one two\nthree\nfour");
        assert_eq!(prose("  one\r\ntwo"), "one two");
        assert_eq!(prose(" \n "), "");
        assert_eq!(cut("häuser".to_owned(), 2), "hä…");
        assert_eq!(cut("hä".to_owned(), 2), "hä");
    }

    #[test]
    fn character_sets_are_taken_from_mark_header_and_text() {
        let utf16: Vec<u8> =
            "\u{FEFF}<p>é".encode_utf16().flat_map(|unit| unit.to_le_bytes()).collect();
        assert_eq!(decode(&utf16, Some("utf-8")).unwrap().text, "<p>é");
        let (gbk, _, _) = encoding_rs::GBK.encode("论文");
        assert_eq!(decode(&gbk, Some("gbk")).unwrap().text, "论文");
        assert_eq!(
            decode(b"<meta charset='latin1'>\xe9", None).unwrap().text.chars().last(),
            Some('é')
        );
        assert_eq!(
            decode(b"<?xml version='1.0' encoding=\"iso-8859-1\"?>\xe9", None).unwrap().unreadable,
            0
        );
        let faulty = decode(b"<meta charset=utf-8>\xff a \xc0 b", None).unwrap();
        assert_eq!(faulty.unreadable, 2);
        assert!(decode(&[0; 1000], None).is_none());
        assert_eq!(decode(b"a\0b", None).unwrap().text, "ab");
    }
}
