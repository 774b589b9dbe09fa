//! What an IMAP server says, as far as this door needs it (RFC 3501 section 7). Pure. Reads
//! without recursion, and never fails on what it does not know: extensions are passed over.

/// One response. Its literals stand apart, so that the text is one line; where a literal stood,
/// its `{N}` remains.
#[derive(Debug, Default)]
pub(super) struct Raw {
    /// The line without its end.
    pub(super) text: Vec<u8>,
    /// The literals, in order.
    pub(super) literals: Vec<Vec<u8>>,
}

/// How a command ended, or what the server says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Ok,
    No,
    Bad,
}

/// What was said.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Response {
    /// Go on (section 7.5).
    Continue,
    /// The end of the command with this tag; with the response code's first word, in capitals.
    Done { tag: String, status: Status, code: Option<String> },
    /// A greeting or a remark; logged in already by PREAUTH.
    Remark { status: Status, preauth: bool },
    /// The server hangs up (section 7.1.5).
    Bye,
    /// What the server can do, in capitals (section 7.2.1).
    Capability(Vec<String>),
    /// The flags that can be kept (section 7.1), in lower case; `\*`: any.
    PermanentFlags(Vec<String>),
    /// How many mails there are was said (section 7.3.1): perhaps there is a new one.
    Exists,
    /// UIDs that were found (section 7.2.5).
    Search(Vec<u32>),
    /// What was asked of a mail, or changed (section 7.4.2).
    Fetch(Fetch),
    /// Anything else.
    Other,
}

/// Of a mail, what was told.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Fetch {
    pub(super) uid: Option<u32>,
    pub(super) size: Option<u64>,
    pub(super) body: Option<Vec<u8>>,
}

/// The length of the literal that follows after this much of a response (section 4.3).
///
/// Human text may end in `{5}` too: responses that hold some announce none.
pub(super) fn announced(text: &[u8]) -> Option<u64> {
    let said = text.strip_prefix(b"* ")?;
    let word = said.split(|byte| *byte == b' ').next()?.to_ascii_uppercase();
    if matches!(word.as_slice(), b"OK" | b"NO" | b"BAD" | b"BYE" | b"PREAUTH") {
        return None;
    }
    let text = text.strip_suffix(b"}")?;
    let brace = text.iter().rposition(|byte| *byte == b'{')?;
    number(&text[brace + 1..])
}

/// Reads a response; `None`: it cannot be one.
pub(super) fn read(raw: Raw) -> Option<Response> {
    let Raw { text, literals } = raw;
    let (first, rest) = split(&text);
    if first == b"+" {
        return Some(Response::Continue);
    }
    let (second, after) = split(rest);
    if first != b"*" {
        let tag = String::from_utf8(first.to_vec()).ok().filter(|tag| !tag.is_empty())?;
        return Some(Response::Done { tag, status: status(second)?, code: code(after) });
    }
    if let Some(status) = status(second) {
        return Some(remark(status, after));
    }
    match second.to_ascii_uppercase().as_slice() {
        b"PREAUTH" => Some(Response::Remark { status: Status::Ok, preauth: true }),
        b"BYE" => Some(Response::Bye),
        b"CAPABILITY" => Some(Response::Capability(words(&after.to_ascii_uppercase()))),
        // Some servers send a mod-sequence in brackets behind the numbers (RFC 7162 3.1.5).
        b"SEARCH" => Some(Response::Search(
            after.split(|byte| *byte == b' ').filter_map(number).filter_map(short).collect(),
        )),
        sequence if number(sequence).is_some() => {
            let (kind, items) = split(after);
            match kind.to_ascii_uppercase().as_slice() {
                b"EXISTS" => Some(Response::Exists),
                b"FETCH" => fetch(items, literals).map(Response::Fetch),
                _ => Some(Response::Other),
            }
        }
        _ => Some(Response::Other),
    }
}

fn remark(status: Status, text: &[u8]) -> Response {
    let flags = code(text).is_some_and(|code| code == "PERMANENTFLAGS");
    let list = || {
        let from = text.iter().position(|byte| *byte == b'(')? + 1;
        let length = text[from..].iter().position(|byte| *byte == b')')?;
        Some(words(&text[from..from + length].to_ascii_lowercase()))
    };
    match list().filter(|_| flags) {
        Some(flags) => Response::PermanentFlags(flags),
        None => Response::Remark { status, preauth: false },
    }
}

fn status(word: &[u8]) -> Option<Status> {
    match word.to_ascii_uppercase().as_slice() {
        b"OK" => Some(Status::Ok),
        b"NO" => Some(Status::No),
        b"BAD" => Some(Status::Bad),
        _ => None,
    }
}

/// The first word of a response code (section 7.1), if it is a plain one: safe to log.
fn code(text: &[u8]) -> Option<String> {
    let inside = text.strip_prefix(b"[")?;
    let end = inside.iter().position(|byte| matches!(byte, b']' | b' '))?;
    let word = &inside[..end];
    let plain = word.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'-');
    (plain && (1..=32).contains(&word.len()))
        .then(|| String::from_utf8_lossy(word).to_ascii_uppercase())
}

/// Reads `(UID 7 BODY[] {3} FLAGS (\Seen))` and the like.
fn fetch(items: &[u8], literals: Vec<Vec<u8>>) -> Option<Fetch> {
    let mut rest = items.strip_prefix(b"(")?;
    let mut literals = literals.into_iter();
    let mut found = Fetch::default();
    loop {
        rest = rest.trim_ascii_start();
        if let Some(end) = rest.strip_prefix(b")") {
            return end.is_empty().then_some(found);
        }
        let (name, after) = item_name(rest)?;
        let (value, after) = value(after, &mut literals)?;
        rest = after;
        match (name.to_ascii_uppercase().as_slice(), value) {
            (b"UID", Value::Word(word)) => found.uid = number(word).and_then(short),
            (b"RFC822.SIZE", Value::Word(word)) => found.size = number(word),
            (b"BODY[]", Value::Text(text)) => found.body = Some(text),
            _ => {}
        }
    }
}

enum Value<'a> {
    /// An atom or a number.
    Word(&'a [u8]),
    /// A quoted string or a literal.
    Text(Vec<u8>),
    /// A list, whatever is in it.
    List,
}

/// Up to the next space that is not in square brackets.
fn item_name(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut inside = false;
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'[' => inside = true,
            b']' => inside = false,
            b' ' if !inside => return Some((&text[..at], &text[at + 1..])),
            _ => {}
        }
    }
    None
}

fn value<'a>(
    mut text: &'a [u8],
    literals: &mut impl Iterator<Item = Vec<u8>>,
) -> Option<(Value<'a>, &'a [u8])> {
    let (mut depth, list) = (0_usize, text.first() == Some(&b'('));
    loop {
        let (value, rest) = match *text.first()? {
            b'(' => (Value::List, &text[1..]),
            b')' | b' ' if depth > 0 => (Value::List, &text[1..]),
            b'"' => quoted(&text[1..])?,
            b'{' => (Value::Text(literals.next()?), after_brace(text)?),
            _ => {
                let ends = |byte: &u8| matches!(byte, b' ' | b'(' | b')');
                let end = text.iter().position(ends).filter(|end| *end > 0)?;
                (Value::Word(&text[..end]), &text[end..])
            }
        };
        match text[0] {
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((if list { Value::List } else { value }, rest));
        }
        text = rest;
    }
}

/// A quoted string behind its first quotation mark (section 4.3).
fn quoted(text: &[u8]) -> Option<(Value<'_>, &[u8])> {
    let mut read = Vec::new();
    let mut bytes = text.iter().enumerate();
    loop {
        match bytes.next()? {
            (at, b'"') => return Some((Value::Text(read), &text[at + 1..])),
            (_, b'\\') => read.push(*bytes.next()?.1),
            (_, byte) => read.push(*byte),
        }
    }
}

fn after_brace(text: &[u8]) -> Option<&[u8]> {
    let end = text.iter().position(|byte| *byte == b'}')?;
    Some(&text[end + 1..])
}

/// The first word and what follows its space.
fn split(text: &[u8]) -> (&[u8], &[u8]) {
    match text.iter().position(|byte| *byte == b' ') {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, &[]),
    }
}

fn words(text: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(text).split_ascii_whitespace().map(str::to_owned).collect()
}

fn number(text: &[u8]) -> Option<u64> {
    std::str::from_utf8(text).ok().filter(|text| !text.starts_with('+'))?.parse().ok()
}

/// UIDs have 32 bits.
fn short(number: u64) -> Option<u32> {
    u32::try_from(number).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Option<Response> {
        read(Raw { text: text.as_bytes().to_vec(), literals: Vec::new() })
    }

    #[test]
    fn responses_are_read() {
        let done = |status, code: Option<&str>| {
            let code = code.map(str::to_owned);
            Some(Response::Done { tag: "a7".to_owned(), status, code })
        };
        assert_eq!(line("a7 OK done"), done(Status::Ok, None));
        assert_eq!(line("a7 no [TRYCREATE] no such"), done(Status::No, Some("TRYCREATE")));
        assert_eq!(line("a7 BAD [see ada@example.org] x"), done(Status::Bad, Some("SEE")));
        assert_eq!(line("a7 BAD [ada@example.org] x"), done(Status::Bad, None));
        assert_eq!(line("a7 OK"), done(Status::Ok, None));
        assert_eq!(line("+ idling"), Some(Response::Continue));
        assert_eq!(line("+"), Some(Response::Continue));
        assert_eq!(line("* BYE bye"), Some(Response::Bye));
        assert_eq!(line("* 12 EXISTS"), Some(Response::Exists));
        assert_eq!(line("* 12 EXPUNGE"), Some(Response::Other));
        assert_eq!(line("* LIST (\\Noselect) \"/\" foo"), Some(Response::Other));
        assert_eq!(line("* SEARCH"), Some(Response::Search(vec![])));
        assert_eq!(line("* SEARCH 3 9 (MODSEQ 7)"), Some(Response::Search(vec![3, 9])));
        assert_eq!(line("* SEARCH 3 99999999999 +4 x"), Some(Response::Search(vec![3])));
        let can = vec!["IMAP4REV1".to_owned(), "IDLE".to_owned()];
        assert_eq!(line("* CAPABILITY IMAP4rev1 Idle"), Some(Response::Capability(can)));
        let flags = vec!["\\seen".to_owned(), "\\*".to_owned()];
        assert_eq!(
            line("* OK [PERMANENTFLAGS (\\Seen \\*)] Flags"),
            Some(Response::PermanentFlags(flags))
        );
        let hello = Response::Remark { status: Status::Ok, preauth: false };
        assert_eq!(line("* OK [CAPABILITY IMAP4rev1] ready (for you)"), Some(hello));
        for garbage in ["", " ", "*", "* ", "HTTP/1.1 400 Bad Request", "a7", "a7 WHAT"] {
            assert!(
                matches!(line(garbage), None | Some(Response::Other)),
                "{garbage:?} is read as something"
            );
        }
    }

    #[test]
    fn a_fetched_mail_is_read() {
        let raw = Raw {
            text: b"* 3 FETCH (FLAGS (\\Seen (a \") \" {1}) b) UID 7 RFC822.SIZE 12 BODY[] {5} \
                    BODY[HEADER.FIELDS (X Y)] \"a\\\"b\" X-NEW NIL)"
                .to_vec(),
            literals: vec![b")".to_vec(), b"m(\r\n)".to_vec()],
        };
        let body = Some(b"m(\r\n)".to_vec());
        assert_eq!(read(raw), Some(Response::Fetch(Fetch { uid: Some(7), size: Some(12), body })));

        let quoted = Fetch { uid: Some(7), size: None, body: Some(b"a\"".to_vec()) };
        assert_eq!(line(r#"* 1 FETCH (BODY[] "a\"" UID 7)"#), Some(Response::Fetch(quoted)));
        let none = Fetch { uid: Some(7), ..Fetch::default() };
        assert_eq!(line("* 1 FETCH (UID 7 BODY[] NIL)"), Some(Response::Fetch(none)));

        for broken in
            ["", "UID 7)", "(UID 7", "(UID", "(UID )", "(BODY[] {5})", "(BODY[] \"a)", "(A (B)"]
        {
            assert_eq!(line(&format!("* 1 FETCH {broken}")), None, "{broken}");
        }
    }

    #[test]
    fn depth_and_length_do_no_harm() {
        let deep = format!("* 1 FETCH (BODYSTRUCTURE {})", "(".repeat(1_000_000));
        assert_eq!(line(&deep), None);
        let balanced = "(".repeat(500_000) + &")".repeat(500_000);
        let read = line(&format!("* 1 FETCH (BODYSTRUCTURE {balanced})"));
        assert_eq!(read, Some(Response::Fetch(Fetch::default())));
    }

    #[test]
    fn literals_are_announced_only_where_they_can_be() {
        assert_eq!(announced(b"* 1 FETCH (BODY[] {120}"), Some(120));
        assert_eq!(announced(b"* LIST () \"/\" {3}"), Some(3));
        for text in ["* OK see {5}", "* bye {5}", "a1 OK {5}", "+ {5}", "* 1 FETCH (X {a}", "* 2 }"]
        {
            assert_eq!(announced(text.as_bytes()), None, "{text}");
        }
    }
}
