//! What bytes say they are, for pages that were saved and are read again.

use crate::config::SourceKind;

/// The kind of source that `text` comes from; `None` where it is none that we read.
pub fn sniff(text: &str) -> Option<SourceKind> {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}');
    let head: String = text.chars().take(4_096).collect();
    match text.bytes().next()? {
        b'[' => Some(SourceKind::HuggingFaceApi),
        b'{' if head.contains("jsonfeed.org/version") => Some(SourceKind::Feed),
        b'{' => Some(SourceKind::HuggingFaceApi),
        b'<' => {
            let root = root(&head)?;
            let feed = matches!(root, "rss" | "feed" | "RDF" | "entry");
            match feed {
                // The namespace alone is also declared by feeds that are not arXiv's.
                true if head.contains("arXiv.org") || head.contains("arxiv.org/api") => {
                    Some(SourceKind::Arxiv)
                }
                true => Some(SourceKind::Feed),
                false => (text.contains("DailyPapers") || text.contains("/papers/"))
                    .then_some(SourceKind::HuggingFace),
            }
        }
        _ => None,
    }
}

/// The local name of the first element.
fn root(head: &str) -> Option<&str> {
    let mut rest = head;
    loop {
        rest = &rest[rest.find('<')? + 1..];
        let skipped = if rest.starts_with("!--") {
            rest.find("-->").map(|at| at + 3)
        } else if rest.starts_with(['!', '?']) {
            rest.find('>').map(|at| at + 1)
        } else {
            let end = rest.find(|c: char| c.is_whitespace() || c == '>' || c == '/')?;
            return rest[..end].rsplit(':').next();
        };
        rest = &rest[skipped?..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_taken_for_what_they_say() {
        for (text, kind) in [
            ("\u{FEFF} [{}]", Some(SourceKind::HuggingFaceApi)),
            (
                "<?xml version='1.0'?><!-- x --><rss version='2.0'><title>arXiv.org</title>",
                Some(SourceKind::Arxiv),
            ),
            ("<feed xmlns='http://www.w3.org/2005/Atom'>", Some(SourceKind::Feed)),
            ("<rdf:RDF xmlns='http://purl.org/rss/1.0/'>", Some(SourceKind::Feed)),
            (r#"{"version": "https://jsonfeed.org/version/1.1"}"#, Some(SourceKind::Feed)),
            ("<!doctype html><html><div data-target='DailyPapers'>", Some(SourceKind::HuggingFace)),
            ("<!doctype html><html><p>Just a moment", None),
            ("hello", None),
            ("", None),
            ("<", None),
        ] {
            assert_eq!(sniff(text), kind, "{text}");
        }
    }
}
