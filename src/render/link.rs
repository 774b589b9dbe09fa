//! Addresses as they may stand in a link: absolute, encoded, and of a kind that a mail
//! program opens in a browser. Never fetches one.

use url::Url;

/// Longer addresses are not linked; 2,000 is what browsers and mail programs agree on.
const MOST: usize = 2_000;
/// What RFC 3986 does not allow in an address, but `url` leaves in queries and fragments.
const UNSOUND: [char; 9] = ['\\', '^', '`', '{', '|', '}', '"', '<', '>'];

/// `text` as an absolute http or https address in ASCII, percent-encoded; `None` for
/// anything else (other schemes, relative, with a password in it).
pub(super) fn web(text: &str) -> Option<String> {
    // Encoded it is never much shorter: what is far too long is not even read.
    let text = text.trim();
    if text.len() > 2 * MOST {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let is_web = matches!(url.scheme(), "http" | "https") && url.host_str().is_some();
    if !is_web || !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    // What is sound already stays as it is, so that readers and tests find the very address.
    let is_sound = |byte: u8| byte.is_ascii_graphic() && !UNSOUND.contains(&char::from(byte));
    if text.bytes().all(is_sound) && (text.starts_with("https://") || text.starts_with("http://")) {
        return (text.len() <= MOST).then(|| text.to_owned());
    }
    let mut out = String::with_capacity(url.as_str().len());
    for c in url.as_str().chars() {
        if UNSOUND.contains(&c) {
            out.push_str(&format!("%{:02X}", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    (out.len() <= MOST).then_some(out)
}

/// As [`web`], but https only: for what a mail loads by itself, and for links beside the
/// paper's own.
pub(super) fn secure(text: &str) -> Option<String> {
    web(text).filter(|url| url.starts_with("https://"))
}

/// A `mailto:` address with a subject (RFC 6068).
pub(super) fn mailto(address: &str, subject: &str) -> String {
    format!("mailto:{}?subject={}", encode(address), encode(subject))
}

fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~@+".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_are_linked() {
        assert_eq!(
            web(" https://a.example/x y?q={1}#é ").unwrap(),
            "https://a.example/x%20y?q=%7B1%7D#%C3%A9"
        );
        assert_eq!(web("https://bücher.example").unwrap(), "https://xn--bcher-kva.example/");
        assert_eq!(web("https://a.example/p?a=1&b=2").unwrap(), "https://a.example/p?a=1&b=2");
        for bad in [
            "",
            "javascript:alert(1)",
            "data:text/html,x",
            "//a.example",
            "/papers/1",
            "mailto:a@b.example",
            "https://u:p@a.example/",
            "file:///etc/passwd",
            "https://",
        ] {
            assert_eq!(web(bad), None, "{bad}");
        }
        for same in ["https://a.example", "https://a.example/o'neil?x='1'#a"] {
            assert_eq!(web(same).as_deref(), Some(same));
        }
        assert_eq!(secure("http://a.example/"), None);
    }

    #[test]
    fn a_mailto_is_encoded() {
        assert_eq!(
            mailto("a&b@x.example", "Stop & go"),
            "mailto:a%26b@x.example?subject=Stop%20%26%20go"
        );
    }
}
