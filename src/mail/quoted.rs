//! Quoted-printable (RFC 2045 6.7), settled for SMTP at encoding time: no line is longer
//! than 76 octets, none starts with a dot (RFC 5321 4.5.2) or with `From ` (mbox), and all
//! end with CRLF.

const HEX: &[u8; 16] = b"0123456789ABCDEF";
/// The most octets of a line, its soft break included.
const LINE: usize = 76;

/// `text` in quoted-printable. Line ends of any kind become CRLF; the last line has one too.
pub(super) fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for line in text.replace("\r\n", "\n").replace('\r', "\n").trim_end_matches('\n').split('\n') {
        encode_line(line.as_bytes(), &mut out);
        out.push_str("\r\n");
    }
    out
}

fn encode_line(line: &[u8], out: &mut String) {
    let mut width = 0;
    for (at, &byte) in line.iter().enumerate() {
        let last = at + 1 == line.len();
        let plain = match byte {
            b' ' | b'\t' => !last,
            b'=' => false,
            b'.' => width > 0,
            b'F' => width > 0 || !line[at..].starts_with(b"From "),
            _ => (33..=126).contains(&byte),
        };
        let cost = if plain { 1 } else { 3 };
        // Room for the soft break, unless the line ends here.
        if width + cost > if last { LINE } else { LINE - 1 } {
            out.push_str("=\r\n");
            width = 0;
            // What was fine inside a line may not be at the start of one.
            if byte == b'.' || (byte == b'F' && line[at..].starts_with(b"From ")) {
                escape(byte, out);
                width = 3;
                continue;
            }
        }
        if plain {
            out.push(char::from(byte));
        } else {
            escape(byte, out);
        }
        width += cost;
    }
}

fn escape(byte: u8, out: &mut String) {
    out.push('=');
    out.push(char::from(HEX[usize::from(byte >> 4)]));
    out.push(char::from(HEX[usize::from(byte & 15)]));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn dots_from_lines_and_trailing_spaces_are_settled() {
        assert_eq!(
            encode(".\n..a\nFrom me\nx \n=é"),
            "=2E\r\n=2E.a\r\n=46rom me\r\nx=20\r\n=3D=C3=A9\r\n"
        );
        assert_eq!(encode("a\r\nb\rc"), "a\r\nb\r\nc\r\n");
    }

    proptest! {
        #[test]
        fn any_text_survives_in_short_safe_lines(text in "(\\PC|[ .=\nF]|From ){0,300}") {
            let encoded = encode(&text);
            for line in encoded.split_terminator("\r\n") {
                prop_assert!(line.len() <= LINE, "{line}");
                prop_assert!(!line.starts_with('.') && !line.starts_with("From "), "{line}");
                prop_assert!(!line.contains(['\r', '\n']));
            }
            let mail = format!(
                "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{encoded}"
            );
            let parsed = mail_parser::MessageParser::default().parse(mail.as_bytes()).unwrap();
            let body = parsed.body_text(0).unwrap_or_default().replace("\r\n", "\n");
            prop_assert_eq!(body.trim_end_matches('\n'), text.trim_end_matches('\n'));
        }
    }
}
