//! Markup as a stream of tags and text, in one pass over the page and without a tree: time
//! grows with the page alone, and neither depth nor mis-nesting costs memory. Knows comments,
//! raw text and every way of quoting attributes; never repairs and never resolves anything.

use super::entity::unescape;

/// One thing met in a page.
pub(super) enum Token<'a> {
    /// A start tag.
    Open(Tag<'a>),
    /// An end tag, by name.
    Close(&'a str),
    /// Text as written, entities and all.
    Text(&'a str),
}

/// A start tag.
#[derive(Clone, Copy)]
pub(super) struct Tag<'a> {
    name: &'a str,
    attributes: &'a str,
}

impl<'a> Tag<'a> {
    /// Whether it opens such an element.
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// Its name as written.
    pub(super) fn name(&self) -> &'a str {
        self.name
    }

    /// The value of an attribute as written; of several by that name, the first.
    pub(super) fn attribute(&self, name: &str) -> Option<&'a str> {
        Attributes { text: self.attributes, at: 0 }
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// Whether `class` holds that word.
    pub(super) fn has_class(&self, word: &str) -> bool {
        self.attribute("class")
            .is_some_and(|classes| classes.split_ascii_whitespace().any(|class| class == word))
    }
}

/// The attributes of a tag, and on the way the tag's end.
struct Attributes<'a> {
    text: &'a str,
    at: usize,
}

impl Attributes<'_> {
    fn skip(&mut self, wanted: impl Fn(u8) -> bool) {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest.iter().position(|byte| !wanted(*byte)).unwrap_or(rest.len());
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a str, &'a str);

    /// `None` at `>` or at the end of the text; `at` stands there.
    fn next(&mut self) -> Option<Self::Item> {
        self.skip(|byte| byte.is_ascii_whitespace() || byte == b'/');
        let bytes = self.text.as_bytes();
        if self.at >= bytes.len() || bytes[self.at] == b'>' {
            return None;
        }
        let start = self.at;
        self.at += 1; // an attribute may begin with "="
        self.skip(|byte| !byte.is_ascii_whitespace() && !matches!(byte, b'/' | b'>' | b'='));
        let name = &self.text[start..self.at];
        self.skip(|byte| byte.is_ascii_whitespace());
        if bytes.get(self.at) != Some(&b'=') {
            return Some((name, ""));
        }
        self.at += 1;
        self.skip(|byte| byte.is_ascii_whitespace());
        match bytes.get(self.at) {
            Some(quote @ (b'"' | b'\'')) => {
                let start = self.at + 1;
                let Some(length) = self.text[start..].find(char::from(*quote)) else {
                    self.at = bytes.len();
                    return None;
                };
                self.at = start + length + 1;
                Some((name, &self.text[start..start + length]))
            }
            _ => {
                let start = self.at;
                self.skip(|byte| !byte.is_ascii_whitespace() && byte != b'>');
                Some((name, &self.text[start..self.at]))
            }
        }
    }
}

/// The tokens of a page.
pub(super) struct Tokens<'a> {
    text: &'a str,
    at: usize,
    /// The element whose text is not markup, where one is open.
    raw: Option<&'a str>,
}

impl<'a> Tokens<'a> {
    /// The tokens of `text`.
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, raw: None }
    }

    /// Moves behind the next `end` after `from`; to the very end where there is none.
    fn pass(&mut self, from: usize, end: &str) {
        self.at = self
            .text
            .get(from..)
            .and_then(|rest| rest.find(end))
            .map_or(self.text.len(), |length| from + length + end.len());
    }

    fn raw_text(&mut self, name: &str) -> &'a str {
        let start = self.at;
        let mut search = start;
        while let Some(length) = self.text[search..].find("</") {
            let end = search + length;
            let after = &self.text.as_bytes()[end + 2..];
            if after.len() >= name.len()
                && after[..name.len()].eq_ignore_ascii_case(name.as_bytes())
            {
                self.at = end;
                return &self.text[start..end];
            }
            search = end + 2;
        }
        self.at = self.text.len();
        &self.text[start..]
    }

    fn tag(&mut self) -> Option<Token<'a>> {
        let rest = &self.text[self.at + 1..];
        let length = rest
            .find(|c: char| c.is_ascii_whitespace() || c == '/' || c == '>')
            .unwrap_or(rest.len());
        let name = &rest[..length];
        let mut attributes = Attributes { text: &rest[length..], at: 0 };
        attributes.by_ref().for_each(drop);
        let end = attributes.at;
        self.at += 1 + length + end;
        if self.at >= self.text.len() {
            self.at = self.text.len();
            return None; // the page ends inside the tag
        }
        self.at += 1;
        let raw = ["script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes"];
        self.raw = raw.iter().any(|raw| name.eq_ignore_ascii_case(raw)).then_some(name);
        Some(Token::Open(Tag { name, attributes: &rest[length..length + end] }))
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            if let Some(name) = self.raw.take() {
                return Some(Token::Text(self.raw_text(name)));
            }
            let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
            let mut bytes = rest.bytes();
            if bytes.next() != Some(b'<') {
                let end = rest.find('<').unwrap_or(rest.len());
                self.at += end;
                return Some(Token::Text(&rest[..end]));
            }
            match (bytes.next(), bytes.next()) {
                (Some(b'!'), _) if rest.starts_with("<!--") => {
                    // `<!-->` and `<!--->` are whole comments (HTML 13.2.5.43).
                    if rest[4..].starts_with('>') || rest[4..].starts_with("->") {
                        self.pass(self.at + 4, ">");
                    } else {
                        self.pass(self.at + 4, "-->");
                    }
                }
                (Some(b'/'), Some(letter)) if letter.is_ascii_alphabetic() => {
                    let end = rest
                        .find(|c: char| c.is_ascii_whitespace() || c == '>')
                        .unwrap_or(rest.len());
                    self.pass(self.at + end, ">");
                    return Some(Token::Close(&rest[2..end]));
                }
                (Some(b'!' | b'?' | b'/'), _) => self.pass(self.at + 1, ">"),
                (Some(letter), _) if letter.is_ascii_alphabetic() => return self.tag(),
                _ => {
                    let end = rest[1..].find('<').map_or(rest.len(), |end| end + 1);
                    self.at += end;
                    return Some(Token::Text(&rest[..end]));
                }
            }
        }
    }
}

/// What a reader would see of a fragment of HTML: its text, blocks parted by newlines.
pub(super) fn visible(html: &str) -> String {
    const BLOCKS: [&str; 14] = [
        "p",
        "div",
        "br",
        "li",
        "ul",
        "ol",
        "h1",
        "h2",
        "h3",
        "h4",
        "tr",
        "table",
        "section",
        "blockquote",
    ];
    let block = |name: &str| BLOCKS.iter().any(|block| name.eq_ignore_ascii_case(block));
    let mut seen = String::with_capacity(html.len());
    let mut hidden = false;
    for token in Tokens::new(html) {
        match token {
            Token::Text(text) if !hidden => {
                // A line break in HTML is a blank; paragraphs are elements.
                seen.extend(unescape(text).chars().map(|c| if c == '\n' { ' ' } else { c }));
            }
            Token::Text(_) => {}
            Token::Open(tag) => {
                hidden = tag.is("script") || tag.is("style");
                if block(tag.name()) {
                    seen.push_str("\n\n");
                }
            }
            Token::Close(name) => {
                hidden = false;
                if block(name) {
                    seen.push_str("\n\n");
                }
            }
        }
    }
    super::text::prose(&seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        Tokens::new(text)
            .map(|token| match token {
                Token::Open(tag) => format!("<{}|{}>", tag.name, tag.attribute("a").unwrap_or("-")),
                Token::Close(name) => format!("</{name}>"),
                Token::Text(text) => text.to_owned(),
            })
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn tags_attributes_and_comments_are_told_apart() {
        assert_eq!(shown("<p a='1 > 0' b>x</p>y"), "<p|1 > 0> x </p> y");
        assert_eq!(shown("<P A=1/><br a=\"\"/>"), "<P|1/> <br|>");
        assert_eq!(shown("<!-- <p> --><!--[--><!--><!----><b>"), "<b|->");
        assert_eq!(shown("a < b <3 <é>"), "a  < b  <3  <é>");
        assert_eq!(
            shown("<script a>if (a<b) '</p>'</script><p>"),
            "<script|> if (a<b) '</p>' </script> <p|->"
        );
        assert_eq!(shown("<p a=\"unended"), "");
        assert_eq!(shown("<!doctype html><?xml x?></>z<!-- unended"), "z");
        assert_eq!(shown("<p é=\"2\" a='3' =x ü>"), "<p|3>");
    }

    #[test]
    fn html_is_reduced_to_what_is_seen() {
        assert_eq!(
            visible("<p>One &amp; <b>two</b>\nthree</p><style>x</style><ul><li>four</ul>"),
            "One & two three\nfour"
        );
    }
}
