//! Text for people: one line, a few sentences, lines of bearable length. Pure.

/// `text` in one line, without control characters or marks that turn the direction of what
/// follows (U+202A to U+202E, U+2066 to U+2069).
pub fn one_line(text: &str) -> String {
    let kept: String = text
        .chars()
        .filter(|c| !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'))
        .map(|c| if c.is_control() || c.is_whitespace() { ' ' } else { c })
        .collect();
    kept.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// `text` in at most `most` characters: whole, else whole sentences, else whole words and an
/// ellipsis.
pub fn shorten(text: &str, most: usize) -> String {
    let text = one_line(text);
    if text.chars().count() <= most {
        return text;
    }
    let cut = text.char_indices().nth(most).map_or(text.len(), |(at, _)| at);
    let head = &text[..cut];
    // A sentence ends before a capital; "et al. (2023)", "e.g. this" and "0.5" do not end one.
    let end = head
        .char_indices()
        .filter(|(at, c)| {
            let mut rest = text[at + c.len_utf8()..].chars();
            matches!(c, '.' | '!' | '?')
                && rest.next() == Some(' ')
                && rest.next().is_some_and(|next| next.is_uppercase() || next.is_numeric())
                && !is_abbreviated(&head[..*at])
        })
        .map(|(at, _)| at + 1)
        .next_back();
    if let Some(end) = end.filter(|end| *end * 2 > cut) {
        return text[..end].to_owned();
    }
    // Room for the ellipsis.
    let room = text.char_indices().nth(most.saturating_sub(1)).map_or(0, |(at, _)| at);
    let words = text[..room].rfind(' ').filter(|at| *at * 2 > room).unwrap_or(room);
    format!("{}…", text[..words].trim_end_matches([' ', ',', ';', ':', '.', '-']))
}

fn is_abbreviated(before: &str) -> bool {
    let word = before.rsplit([' ', '(']).next().unwrap_or("");
    matches!(
        word,
        "e.g" | "i.e" | "vs" | "etc" | "al" | "cf" | "Fig" | "Eq" | "Sec" | "resp" | "approx"
    ) || (word.chars().count() == 1 && word.chars().all(char::is_uppercase))
}

/// The template filter `wrap(width, indent)`: lines of at most `width` characters where words
/// allow, all but the first indented. A word is never cut.
pub(super) fn wrap(text: &str, width: usize, indent: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 40);
    let mut used = indent.chars().count();
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if out.is_empty() {
            used += length;
        } else if used + 1 + length <= width {
            out.push(' ');
            used += 1 + length;
        } else {
            out.push('\n');
            out.push_str(indent);
            used = indent.chars().count() + length;
        }
        out.push_str(word);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_kept_whole() {
        let text = "We ask what works. It does, e.g. on GSM8K (et al. 2023), by 3.5 points. More follows here.";
        assert_eq!(shorten(text, 400), text);
        assert_eq!(
            shorten(text, 80),
            "We ask what works. It does, e.g. on GSM8K (et al. 2023), by 3.5 points."
        );
        assert_eq!(shorten(text, 40), "We ask what works. It does, e.g. on…");
        assert_eq!(shorten("aaaa bbbb cccc", 10), "aaaa bbbb…");
        assert_eq!(shorten(&"x".repeat(100), 10).chars().count(), 10);
        assert_eq!(shorten("日本語の長い要旨です。とても長い。", 5).chars().count(), 5);
    }

    #[test]
    fn control_and_direction_marks_are_dropped() {
        assert_eq!(one_line(" a\r\nBcc: b\u{202e}gnp\0 c"), "a Bcc: bgnp c");
    }

    #[test]
    fn wrapped_lines_fit() {
        let wrapped = wrap("one two three four five six seven", 16, "   ");
        assert_eq!(wrapped, "one two three\n   four five six\n   seven");
    }
}
