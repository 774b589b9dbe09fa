//! HTML to the lines that its reader sees, with `>` before what is quoted, as in plain text.
//! One pass over the text; it never fails.

use mail_parser::decoders::html::add_html_token;

/// Elements whose content nobody sees.
const UNSEEN: [&str; 6] = ["head", "style", "script", "title", "template", "svg"];
/// Elements that stand on lines of their own.
const BLOCKS: [&str; 22] = [
    "p",
    "div",
    "br",
    "tr",
    "table",
    "ul",
    "ol",
    "li",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "blockquote",
    "pre",
    "section",
    "article",
    "body",
    "html",
    "center",
];

#[derive(Default)]
struct Page {
    lines: Vec<String>,
    line: String,
    space: bool,
    quoted: usize,
    bytes: usize,
}

impl Page {
    fn text(&mut self, text: &str) {
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let length = if first == '&' {
                // The longest name of a character has 31 letters.
                let name = rest.as_bytes().iter().take(34).position(|byte| *byte == b';');
                name.map_or(1, |at| at + 1)
            } else {
                rest.find('&').unwrap_or(rest.len())
            };
            let (token, after) = rest.split_at(length);
            rest = after;
            let mut decoded = String::new();
            add_html_token(&mut decoded, token.as_bytes(), false);
            for c in decoded.chars() {
                if c.is_whitespace() {
                    self.space = true;
                } else {
                    if self.space && !self.line.is_empty() {
                        self.line.push(' ');
                    }
                    self.space = false;
                    self.line.push(c);
                }
            }
        }
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        self.space = false;
        self.bytes += line.len();
        if self.quoted > 0 {
            // What is quoted is not looked at; that there is something is.
            if self.lines.last().is_none_or(|last| last != ">") {
                self.lines.push(">".to_owned());
            }
        } else if !line.is_empty() || self.lines.last().is_some_and(|last| !last.is_empty()) {
            self.lines.push(line);
        }
    }

    fn tag(&mut self, tag: &str) {
        let closes = tag.starts_with('/');
        let name = name(tag);
        // What stands around pictures and links to unsubscribe is text like any other.
        if !BLOCKS.iter().any(|block| name.eq_ignore_ascii_case(block)) {
            return;
        }
        self.end_line();
        if name.eq_ignore_ascii_case("blockquote") {
            self.quoted = if closes { self.quoted.saturating_sub(1) } else { self.quoted + 1 };
        } else if name.eq_ignore_ascii_case("p") && closes {
            self.end_line();
        }
    }
}

fn name(tag: &str) -> &str {
    let tag = tag.strip_prefix('/').unwrap_or(tag);
    let end = tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len());
    &tag[..end]
}

/// The lines of a page, until `most` bytes of text have been found.
pub(super) fn lines(html: &str, most: usize) -> Vec<String> {
    let mut page = Page::default();
    let mut rest = html;
    while page.bytes + page.line.len() < most {
        let Some(at) = rest.find('<') else {
            page.text(rest);
            break;
        };
        page.text(&rest[..at]);
        rest = &rest[at..];
        if rest.starts_with("<!--") {
            let Some(end) = rest.find("-->") else { break };
            rest = &rest[end + 3..];
            continue;
        }
        let is_tag = rest[1..]
            .starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
        if !is_tag {
            page.text("<");
            rest = &rest[1..];
            continue;
        }
        let Some(end) = rest.find('>') else { break };
        let tag = &rest[1..end];
        rest = &rest[end + 1..];
        let Some(unseen) = UNSEEN.iter().find(|unseen| name(tag).eq_ignore_ascii_case(unseen))
        else {
            page.tag(tag);
            continue;
        };
        if tag.starts_with('/') || tag.ends_with('/') {
            continue;
        }
        let Some(end) = closing(rest, unseen) else { break };
        rest = &rest[end..];
    }
    page.end_line();
    page.lines
}

/// Where `</name` begins.
fn closing(html: &str, name: &str) -> Option<usize> {
    html.match_indices("</").map(|(at, _)| at).find(|at| {
        html.get(at + 2..at + 2 + name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_lines_and_quotes_are_marked() {
        let html = "<html><head><title>x</title><style>p{}</style></head><body><div>Bitte&nbsp;abmelden &amp; <b>danke</b><br>\
            <!-- <p>no</p> --><p>zwei</p></div><blockquote type=cite>alt<br>mehr</blockquote>&lt;3 &#228; 1 < 2</body>";
        let found = lines(html, 9_000);
        let found: Vec<&str> =
            found.iter().map(String::as_str).filter(|line| !line.is_empty()).collect();
        assert_eq!(found, ["Bitte abmelden & danke", "zwei", ">", "<3 ä 1 < 2"]);
    }

    #[test]
    fn what_is_broken_is_read_as_far_as_it_goes() {
        for html in [
            "<",
            "<a",
            "a<!--",
            "<style>",
            "</style>b",
            "&",
            "&#xFFFFFFFF;",
            "&#0;",
            "<blockquote>",
            "</blockquote>x",
        ] {
            let _ = lines(html, 100);
        }
        assert_eq!(lines("stop<a href=\"", 100), ["stop"]);
        assert!(lines(&"<p>x".repeat(100_000), 1_000).len() < 3_000);
    }

    proptest::proptest! {
        #[test]
        fn nothing_makes_it_panic(html in "(<|>|&|;|#|/|!|-|blockquote|style|p|\\PC){0,60}") {
            let _ = lines(&html, 1_000);
        }
    }
}
