//! Quoted-printable bodies (RFC 2045 6.7) that stay as they are: all ASCII, lines of at most
//! 76 characters, nothing in them that a relay would have to stuff (RFC 5321 4.5.2), and no
//! white space that DKIM's relaxed form (RFC 6376 3.4.4) would change, so that the bytes sent
//! are the bytes signed. Written here and not taken from a crate because of these two, and
//! because a personal part must fit in without moving the lines around it.

/// The longest line without its soft break.
const MOST: usize = 75;
const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// Writes one part.
#[derive(Debug, Default)]
pub(super) struct Printable {
    out: String,
    column: usize,
    /// The last character of the line is a space as it is.
    space: bool,
}

impl Printable {
    /// Appends to `out`, whose last line has ended.
    pub(super) fn after(out: String) -> Self {
        Self { out, column: 0, space: false }
    }

    /// What was written.
    pub(super) fn into_text(self) -> String {
        self.out
    }

    /// How much was written.
    pub(super) fn len(&self) -> usize {
        self.out.len()
    }

    /// Writes `text`, its line ends (CRLF, CR, LF) as CRLF. `last`: the part's lines end with
    /// it, so that a space at its end is one at a line's end.
    pub(super) fn write(&mut self, text: &str, last: bool) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            let next = bytes.get(at + 1).copied();
            match byte {
                b'\r' | b'\n' => {
                    if byte == b'\r' && next == Some(b'\n') {
                        at += 1;
                    }
                    self.out.push_str("\r\n");
                    (self.column, self.space) = (0, false);
                }
                b' ' => {
                    let ends = match next {
                        Some(next) => next == b'\r' || next == b'\n',
                        None => last,
                    };
                    if self.space || ends { self.escaped(byte) } else { self.plain(byte) }
                }
                b'.' if self.begins() => self.escaped(byte),
                // Mailboxes in the old form part their messages there.
                b'F' if self.begins() && bytes[at..].starts_with(b"From ") => self.escaped(byte),
                b'=' => self.escaped(byte),
                b'!'..=b'~' => self.plain(byte),
                _ => self.escaped(byte),
            }
            at += 1;
        }
    }

    /// Ends the line without ending the text's, so that what comes next begins a new one.
    pub(super) fn soft_break(&mut self) {
        if self.column > 0 {
            self.out.push_str("=\r\n");
            (self.column, self.space) = (0, false);
        }
    }

    /// Whether the next character is the first of its line, now or after a soft break.
    fn begins(&self) -> bool {
        self.column == 0 || self.column >= MOST
    }

    fn plain(&mut self, byte: u8) {
        if self.column >= MOST {
            self.soft_break();
        }
        self.out.push(char::from(byte));
        self.column += 1;
        self.space = byte == b' ';
    }

    fn escaped(&mut self, byte: u8) {
        if self.column + 3 > MOST {
            self.soft_break();
        }
        self.out.push('=');
        self.out.push(char::from(HEX[usize::from(byte >> 4)]));
        self.out.push(char::from(HEX[usize::from(byte & 15)]));
        self.column += 3;
        self.space = false;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn encoded(text: &str) -> String {
        let mut printable = Printable::default();
        printable.write(text, true);
        printable.into_text()
    }

    #[test]
    fn white_space_and_dots_are_such_that_nobody_changes_them() {
        assert_eq!(encoded("a  b\tc \n. .\n"), "a =20b=09c=20\r\n=2E .\r\n");
        assert_eq!(encoded("From me\rFrom\n"), "=46rom me\r\nFrom\r\n");
        assert_eq!(encoded("end "), "end=20");
        assert_eq!(encoded(" =é"), " =3D=C3=A9");
    }

    #[test]
    fn a_personal_part_moves_no_other_line() {
        let with = |own: &str| {
            let mut printable = Printable::default();
            printable.write("Sent to ", false);
            printable.soft_break();
            let from = printable.len();
            printable.write(own, false);
            printable.soft_break();
            let to = printable.len();
            printable.write(" because", true);
            let text = printable.into_text();
            (text[..from].to_owned(), text[to..].to_owned())
        };
        assert_eq!(with("a"), with(&"long".repeat(40)));
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in "(?s)[a-f .=\r\n\tFromé]{0,300}|(?s).{0,200}") {
            let encoded = encoded(&text);
            let strict = ::quoted_printable::ParseMode::Strict;
            let decoded = ::quoted_printable::decode(&encoded, strict).unwrap();
            let wanted = text.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n");
            prop_assert_eq!(String::from_utf8(decoded).unwrap(), wanted);
            for line in encoded.split("\r\n") {
                prop_assert!(line.len() <= 76 && line.is_ascii(), "{}", line);
                prop_assert!(!line.starts_with('.') && !line.starts_with("From "));
                prop_assert!(!line.contains("  ") && !line.contains('\t') && !line.ends_with(' '));
            }
        }
    }
}
