//! HTML in pieces: tags, text, style sheets. Comments, and with them what is for Outlook alone,
//! are left out.

/// A piece of a page.
#[derive(Debug)]
pub(super) enum Piece<'a> {
    Open(Tag<'a>),
    Close(String),
    Text(&'a str),
    Style(&'a str),
}

/// A tag that opens an element.
#[derive(Debug)]
pub(super) struct Tag<'a> {
    pub(super) name: String,
    attributes: Vec<(String, &'a str)>,
}

impl Tag<'_> {
    /// The value of an attribute, with its character references resolved.
    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        let (_, value) = self.attributes.iter().find(|(known, _)| known == name)?;
        let plain =
            [("&quot;", "\""), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")];
        Some(plain.iter().fold((*value).to_owned(), |text, (from, to)| text.replace(from, to)))
    }

    /// Whether it has no end tag.
    pub(super) fn is_void(&self) -> bool {
        matches!(self.name.as_str(), "img" | "br" | "hr" | "meta" | "link" | "input" | "wbr")
    }
}

/// The pieces of `html`, in their order.
pub(super) fn pieces(html: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        if at > 0 {
            out.push(Piece::Text(&rest[..at]));
        }
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
        } else if let Some(tag) = rest.strip_prefix("</") {
            let end = tag.find('>').unwrap_or(tag.len());
            out.push(Piece::Close(tag[..end].trim().to_ascii_lowercase()));
            rest = tag.get(end + 1..).unwrap_or("");
        } else if rest[1..].starts_with(|c: char| c.is_ascii_alphabetic()) {
            let (tag, after) = open(&rest[1..]);
            rest = after;
            let name = tag.name.clone();
            out.push(Piece::Open(tag));
            if name == "style" || name == "title" {
                let end = rest.find("</").unwrap_or(rest.len());
                if name == "style" {
                    out.push(Piece::Style(&rest[..end]));
                }
                rest = &rest[end..];
            }
        } else {
            let end = rest.find('>').map_or(rest.len(), |end| end + 1);
            rest = &rest[end..];
        }
    }
    out.push(Piece::Text(rest));
    out
}

/// The tag that begins behind its `<`, and what follows it.
fn open(text: &str) -> (Tag<'_>, &str) {
    let ends = |c: char| c.is_whitespace() || c == '>' || c == '/';
    let end = text.find(ends).unwrap_or(text.len());
    let mut tag = Tag { name: text[..end].to_ascii_lowercase(), attributes: Vec::new() };
    let mut rest = &text[end..];
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        if let Some(after) = rest.strip_prefix('>') {
            return (tag, after);
        }
        if rest.is_empty() {
            return (tag, rest);
        }
        let end = rest.find(|c: char| ends(c) || c == '=').unwrap_or(rest.len());
        let name = rest[..end].to_ascii_lowercase();
        rest = &rest[end..];
        let mut value = "";
        if let Some(after) = rest.trim_start().strip_prefix('=') {
            let after = after.trim_start();
            let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
            (value, rest) = match quote {
                Some(quote) => {
                    let inner = &after[1..];
                    let end = inner.find(quote).unwrap_or(inner.len());
                    (&inner[..end], inner.get(end + 1..).unwrap_or(""))
                }
                None => {
                    let end =
                        after.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(after.len());
                    (&after[..end], &after[end..])
                }
            };
        } else if name.is_empty() {
            // A stray sign: passed over, so that the end is reached.
            let next = rest.chars().next().map_or(0, char::len_utf8);
            rest = &rest[next..];
            continue;
        }
        tag.attributes.push((name, value));
    }
}
