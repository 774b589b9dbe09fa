//! Words that we send to an IMAP server, in its spelling. Pure.

use base64::Engine;
use base64::alphabet::IMAP_MUTF7;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::NO_PAD;

/// A quoted string (RFC 3501 section 4.3). The text holds no control characters: the config
/// takes none.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A folder's name: quoted, in the modified UTF-7 of RFC 3501 section 5.1.3.
pub(super) fn folder(name: &str) -> String {
    const BASE64: GeneralPurpose = GeneralPurpose::new(&IMAP_MUTF7, NO_PAD);
    let mut coded = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(first) = rest.chars().next() {
        let plain = |letter: char| matches!(letter, ' '..='~');
        let end = rest.find(|letter| plain(letter) != plain(first)).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        if plain(first) {
            coded.push_str(&run.replace('&', "&-"));
        } else {
            let units: Vec<u8> = run.encode_utf16().flat_map(u16::to_be_bytes).collect();
            coded.push('&');
            coded.push_str(&BASE64.encode(units));
            coded.push('-');
        }
        rest = after;
    }
    quoted(&coded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_spelt_as_the_rfc_does() {
        assert_eq!(folder("INBOX"), "\"INBOX\"");
        assert_eq!(folder("~peter/mail/台北/日本語"), "\"~peter/mail/&U,BTFw-/&ZeVnLIqe-\"");
        assert_eq!(folder("Q&A"), "\"Q&-A\"");
        assert_eq!(folder("Erledigt ✓"), "\"Erledigt &JxM-\"");
        assert_eq!(folder("a\\b\"c"), "\"a\\\\b\\\"c\"");
        assert_eq!(folder("😀"), "\"&2D3eAA-\"");
    }
}
