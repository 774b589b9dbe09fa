//! Puts what a server said into a form in which words can be compared, and finds the codes in it.
//! Never says what they mean.

use std::borrow::Cow;

use super::address;

/// Bytes of a text that are looked at.
const MOST: usize = 16 << 10;
/// What names of block lists have in common.
const BLOCK_LISTS: [&str; 12] = [
    "spamhaus",
    "spamcop",
    "barracuda",
    "sorbs",
    "uceprotect",
    "abuseat",
    "dnsbl",
    "rbl",
    "njabl",
    "senderscore",
    "surbl",
    "cloudmark",
];

/// Words with single spaces about each: small letters; without punctuation, codes, addresses,
/// host names and links, all of which could hold words that mean something else.
pub(super) fn words(text: &str) -> String {
    let text = cut(text, MOST);
    let mut bare = String::with_capacity(text.len());
    let mut from = 0;
    for (range, _) in address::find(text) {
        bare.push_str(&text[from..range.start]);
        bare.push(' ');
        from = range.end;
    }
    bare.push_str(&text[from..]);
    let mut words = String::with_capacity(bare.len() + 2);
    words.push(' ');
    for token in bare.split_whitespace() {
        if token.contains("://") {
            continue;
        }
        let letters = |c: char| !(c.is_alphanumeric() || c == '.' || is_apostrophe(c));
        for piece in token.split(letters).flat_map(|piece| piece.split("..")) {
            push(&mut words, piece.trim_matches('.'));
        }
    }
    // A gateway's word for every refusal, before the refusal itself.
    words.replace(" unknown address error ", " ").replace(" e mail ", " email ")
}

fn push(words: &mut String, piece: &str) {
    if piece.contains('.') {
        let low = piece.to_ascii_lowercase();
        // Exchange's own codes (RESOLVER.ADR.RecipNotFound), and sentences without a space.
        let parts = if low.starts_with("resolver.") || is_two_sentences(piece) {
            piece.replace('.', " ")
        } else if BLOCK_LISTS.iter().any(|name| low.contains(name)) {
            "dnsbl".to_owned()
        } else {
            return;
        };
        for part in parts.split(' ') {
            push(words, part);
        }
        return;
    }
    let is_code = piece.len() == 3 && reply(piece.as_bytes());
    if piece.is_empty() || is_code {
        return;
    }
    for c in piece.chars().filter(|c| !is_apostrophe(*c)) {
        words.extend(c.to_lowercase());
    }
    words.push(' ');
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}' | '\u{2018}' | '`')
}

fn is_two_sentences(piece: &str) -> bool {
    piece.split('.').skip(1).all(|part| part.starts_with(|c: char| c.is_ascii_uppercase()))
        && piece.split('.').all(|part| part.len() > 1)
        && piece.contains(|c: char| c.is_ascii_lowercase())
}

/// The first enhanced status code (RFC 3463 2) that says something: `x.0.0` only if there is no
/// other.
pub(super) fn status(text: &str) -> Option<&str> {
    let text = cut(text, MOST);
    let mut vague = None;
    let mut at = 0;
    let bytes = text.as_bytes();
    while at < bytes.len() {
        if bytes[at].is_ascii_digit() {
            let end = bytes[at..]
                .iter()
                .position(|byte| !byte.is_ascii_digit() && *byte != b'.')
                .map_or(bytes.len(), |i| at + i);
            let code = text[at..end].trim_end_matches('.');
            let is_within = at > 0
                && (bytes[at - 1].is_ascii_alphanumeric() || b"-_[".contains(&bytes[at - 1]))
                && !text[..at].ends_with("550-");
            let goes_on = bytes.get(end).is_some_and(|byte| byte.is_ascii_alphanumeric());
            if is_status(code) && !goes_on && (!is_within || is_after_reply(&bytes[..at])) {
                if code.ends_with(".0.0") {
                    vague = vague.or(Some(code));
                } else {
                    return Some(code);
                }
            }
            at = end;
        } else {
            at += 1;
        }
    }
    vague
}

/// `550-5.1.1`
fn is_after_reply(before: &[u8]) -> bool {
    before.last() == Some(&b'-')
        && before.len() >= 4
        && reply(&before[before.len() - 4..before.len() - 1])
}

/// Whether this is `class.subject.detail`.
pub(super) fn is_status(code: &str) -> bool {
    let mut parts = code.split('.');
    let number = |part: Option<&str>| {
        part.is_some_and(|part| {
            (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
        })
    };
    matches!(parts.next(), Some("2" | "4" | "5"))
        && number(parts.next())
        && number(parts.next())
        && parts.next().is_none()
}

/// The first reply code (RFC 5321 4.2) that tells of a failure.
pub(super) fn reply_code(text: &str) -> Option<&str> {
    let text = cut(text, MOST);
    let bytes = text.as_bytes();
    (0..bytes.len().saturating_sub(2)).find_map(|at| {
        let is_code = reply(&bytes[at..at + 3])
            && bytes[at + 1] <= b'5'
            && (at == 0
                || !(bytes[at - 1].is_ascii_alphanumeric() || b".-_[/=:".contains(&bytes[at - 1])))
            && bytes.get(at + 3).is_none_or(|byte| b" -\t\r\n#<;,)".contains(byte));
        is_code.then(|| &text[at..at + 3])
    })
}

fn reply(code: &[u8]) -> bool {
    matches!(code, [b'4' | b'5', b'0'..=b'9', b'0'..=b'9'])
}

/// ISO-2022-JP (RFC 1468) gives itself away by its escapes; reports often do not declare it.
pub(super) fn japanese(text: &str) -> Cow<'_, str> {
    let is_escaped = ["\u{1b}$B", "\u{1b}$@"].iter().any(|escape| text.contains(escape));
    if !is_escaped || !text.is_ascii() {
        return Cow::Borrowed(text);
    }
    encoding_rs::ISO_2022_JP.decode_without_bom_handling(text.as_bytes()).0
}

/// At most so many bytes of a text.
pub(super) fn cut(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

/// A text without what a scanner, or whoever signs, adds below a line of its own: such words are of
/// no refusal.
pub(super) fn without_footer(text: &str) -> &str {
    let mut at = 0;
    let mut is_said = false;
    for line in text.split_inclusive('\n') {
        let bare = line.trim();
        let is_rule =
            bare == "--" || bare.starts_with("__________") || bare.starts_with("**********");
        if is_rule && is_said {
            return &text[..at];
        }
        is_said |= super::meaning::reason(line).is_some();
        at += line.len();
    }
    text
}

/// One line of at most 300 characters.
pub(super) fn line(text: &str) -> String {
    let mut line = String::new();
    for word in cut(text, 2000).split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.extend(word.chars().filter(|c| !c.is_control()));
    }
    line.chars().take(300).collect()
}
