//! Character references of HTML turned into characters, once. Names that are not known here
//! stay as written.

use std::borrow::Cow;

/// Those met in data attributes and feeds; `&amp;` and `&quot;` first, as they are by far the
/// most frequent.
const NAMES: [(&str, &str); 40] = [
    ("quot;", "\""),
    ("amp;", "&"),
    ("lt;", "<"),
    ("gt;", ">"),
    ("apos;", "'"),
    ("nbsp;", " "),
    ("hellip;", "…"),
    ("mdash;", "—"),
    ("ndash;", "–"),
    ("lsquo;", "‘"),
    ("rsquo;", "’"),
    ("ldquo;", "“"),
    ("rdquo;", "”"),
    ("copy;", "©"),
    ("reg;", "®"),
    ("trade;", "™"),
    ("times;", "×"),
    ("deg;", "°"),
    ("middot;", "·"),
    ("bull;", "•"),
    ("laquo;", "«"),
    ("raquo;", "»"),
    ("eacute;", "é"),
    ("egrave;", "è"),
    ("agrave;", "à"),
    ("aacute;", "á"),
    ("iacute;", "í"),
    ("oacute;", "ó"),
    ("uacute;", "ú"),
    ("ntilde;", "ñ"),
    ("ccedil;", "ç"),
    ("auml;", "ä"),
    ("ouml;", "ö"),
    ("uuml;", "ü"),
    ("Auml;", "Ä"),
    ("Ouml;", "Ö"),
    ("Uuml;", "Ü"),
    ("szlig;", "ß"),
    ("mu;", "μ"),
    ("pi;", "π"),
];

/// `text` with its character references resolved.
pub(super) fn unescape(text: &str) -> Cow<'_, str> {
    let Some(first) = text.find('&') else { return Cow::Borrowed(text) };
    let mut plain = String::with_capacity(text.len());
    plain.push_str(&text[..first]);
    let mut rest = &text[first..];
    while let Some(after) = rest.strip_prefix('&') {
        let left = if let Some((name, character)) =
            NAMES.iter().find(|(name, _)| after.starts_with(name))
        {
            plain.push_str(character);
            &after[name.len()..]
        } else if let Some((character, left)) = after.strip_prefix('#').and_then(numeric) {
            plain.push(character);
            left
        } else {
            plain.push('&');
            after
        };
        let end = left.find('&').unwrap_or(left.len());
        plain.push_str(&left[..end]);
        rest = &left[end..];
    }
    Cow::Owned(plain)
}

/// The character of `39;…` or `x27;…`, and what follows. The semicolon may be missing.
fn numeric(text: &str) -> Option<(char, &str)> {
    let (radix, digits) = match text.strip_prefix(['x', 'X']) {
        Some(digits) => (16, digits),
        None => (10, text),
    };
    let end = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
    if end == 0 {
        return None;
    }
    let code = u32::from_str_radix(&digits[..end], radix).unwrap_or(u32::MAX);
    let character = match code {
        // These are read as Windows-1252 (HTML 13.2.5.80).
        0x80..=0x9F => {
            let byte = [code as u8];
            let (text, _) = encoding_rs::WINDOWS_1252.decode_without_bom_handling(&byte);
            text.chars().next()
        }
        _ => char::from_u32(code).filter(|c| *c != '\0'),
    };
    let left = &digits[end..];
    Some((character.unwrap_or('\u{FFFD}'), left.strip_prefix(';').unwrap_or(left)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_resolved_once() {
        assert_eq!(
            unescape("&quot;a&quot; &amp;lt; &#39;&#x27;&#X27 &nbsp;&gt;"),
            "\"a\" &lt; ''' \u{20}>"
        );
        assert_eq!(
            unescape("R&D &unknown; & &# &#x; &#0; &#55296; &#99999999999;"),
            "R&D &unknown; & &# &#x; \u{FFFD} \u{FFFD} \u{FFFD}"
        );
        assert_eq!(unescape("&#146;"), "’");
        assert!(matches!(unescape("plain"), Cow::Borrowed(_)));
    }
}
