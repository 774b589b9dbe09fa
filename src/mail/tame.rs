//! Makes a mail harmless to the parser, which nests without bound and drops by recursion. Changes
//! only what no honest mail has; never reads what a mail means.

use std::borrow::Cow;

/// Fields that open a part; a mail with more is cut before the next.
const MOST_PARTS: usize = 100;
/// Messages within messages.
const MOST_NESTED: usize = 20;
/// Headers at the top; the rest of the head is left out.
const MOST_HEADERS: usize = 1000;
/// The types that may come encoded. A `message/…` may not (RFC 2046 5.2.1), and would hide its
/// depth from us.
const ENCODABLE: [&[u8]; 9] = [
    b"text/",
    b"image/",
    b"audio/",
    b"video/",
    b"application/",
    b"multipart/",
    b"font/",
    b"model/",
    b"x-",
];

/// The mail, or a copy of it that keeps the bounds.
pub(super) fn tame(raw: &[u8]) -> Cow<'_, [u8]> {
    let mut mail = line_ends(raw);
    let length = mail.len();
    let keep = length.min(end_of_parts(&mail));
    if keep < length {
        mail.to_mut().truncate(keep);
    }
    if let Some((from, to)) = excess_headers(&mail) {
        mail.to_mut().drain(from..to);
    }
    for at in hidden_messages(&mail) {
        // "content-transfer-encoding" is no longer the name of a field that the parser knows.
        mail.to_mut()[at] = b'X';
    }
    mail
}

/// A mail whose lines end with a bare CR, as old Macs wrote them.
fn line_ends(raw: &[u8]) -> Cow<'_, [u8]> {
    let is_old = memchr::memchr(b'\n', raw).is_none() && memchr::memchr(b'\r', raw).is_some();
    if !is_old {
        return Cow::Borrowed(raw);
    }
    Cow::Owned(raw.iter().map(|&byte| if byte == b'\r' { b'\n' } else { byte }).collect())
}

/// Where one part too many begins. Counts the name of the field wherever it stands, so that no
/// art of writing hides one.
fn end_of_parts(mail: &[u8]) -> usize {
    let mut parts = 0;
    let mut nested = 0;
    for colon in fields(mail, b"content-type") {
        parts += 1;
        if !begins_with_any(mail[colon + 1..].trim_ascii_start(), &ENCODABLE) {
            nested += 1;
        }
        if parts > MOST_PARTS || nested > MOST_NESTED {
            return line_of(mail, colon);
        }
    }
    fields(mail, b"content-transfer-encoding")
        .nth(MOST_PARTS)
        .map_or(mail.len(), |colon| line_of(mail, colon))
}

fn line_of(mail: &[u8], at: usize) -> usize {
    memchr::memrchr(b'\n', &mail[..at]).map_or(0, |i| i + 1)
}

/// The headers after the first thousand.
fn excess_headers(mail: &[u8]) -> Option<(usize, usize)> {
    let mut from = None;
    let mut headers = 0;
    let mut at = 0;
    while at < mail.len() {
        let end = memchr::memchr(b'\n', &mail[at..]).map_or(mail.len(), |i| at + i + 1);
        let line = &mail[at..end];
        if line.trim_ascii().is_empty() {
            break;
        }
        if !line[0].is_ascii_whitespace() {
            headers += 1;
            if headers > MOST_HEADERS && from.is_none() {
                from = Some(at);
            }
        }
        at = end;
    }
    from.map(|from| (from, at))
}

/// The last letters of encodings of parts that are, or could be taken for, messages.
fn hidden_messages(mail: &[u8]) -> Vec<usize> {
    let digest = memchr::memmem::find(&mail.to_ascii_lowercase(), b"digest").is_some();
    fields(mail, b"content-transfer-encoding")
        .filter(|&colon| block(mail, colon).is_none_or(|block| hides_message(block, digest)))
        .filter_map(|colon| mail[..colon].iter().rposition(|byte| !byte.is_ascii_whitespace()))
        .collect()
}

fn hides_message(block: &[u8], digest: bool) -> bool {
    // Reports of RFC 6533 come encoded, and are leaves to the parser.
    const LEAVES: [&[u8]; 2] = [b"message/delivery-status", b"message/global-"];
    let mut typed = false;
    for colon in fields(block, b"content-type") {
        typed = true;
        let value = block[colon + 1..].trim_ascii_start();
        if !begins_with_any(value, &ENCODABLE) && !begins_with_any(value, &LEAVES) {
            return true;
        }
    }
    digest && !typed
}

/// The lines around, up to an empty one on either side; none if that is further than any honest
/// head of a part.
fn block(mail: &[u8], at: usize) -> Option<&[u8]> {
    const REACH: usize = 4 << 10;
    const EMPTY: [&[u8]; 2] = [b"\n\n", b"\n\r\n"];
    let near = at.saturating_sub(REACH);
    let far = mail.len().min(at + REACH);
    let before =
        EMPTY.iter().filter_map(|empty| memchr::memmem::rfind(&mail[near..at], empty)).max();
    let behind = EMPTY.iter().filter_map(|empty| memchr::memmem::find(&mail[at..far], empty)).min();
    let from = before.map(|i| near + i).or((near == 0).then_some(0))?;
    let to = behind.map(|i| at + i).or((far == mail.len()).then_some(far))?;
    Some(&mail[from..to])
}

/// The colons behind this name (in small letters), wherever they stand. The parser overlooks
/// white space within a name and what stands before it, so this does too. Linear: no stretch of
/// white space is looked at for two colons.
fn fields<'a>(mail: &'a [u8], name: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    memchr::memchr_iter(b':', mail).filter(move |&colon| {
        let mut found = mail[..colon]
            .iter()
            .rev()
            .filter(|byte| **byte == b'\n' || !byte.is_ascii_whitespace());
        name.iter()
            .rev()
            .all(|letter| found.next().is_some_and(|byte| byte.eq_ignore_ascii_case(letter)))
    })
}

fn begins_with_any(value: &[u8], words: &[&[u8]]) -> bool {
    words
        .iter()
        .any(|word| value.get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word)))
}
