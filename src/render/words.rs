//! Text made fit to be read: cleaned, shortened, wrapped, counted. Never escapes; that is
//! the templates' work.

/// `text` in one line: white space folded to single spaces, and without the characters that
/// hide, reorder or break text: controls, bidirectional controls (they can make a title show
/// other words than it holds), line separators, tags and noncharacters. Joiners stay, as
/// Persian and emoji need them.
pub fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        let before = out.len();
        if before > 0 {
            out.push(' ');
        }
        let start = out.len();
        out.extend(word.chars().filter(|c| !is_unwanted(*c)));
        if out.len() == start {
            out.truncate(before);
        }
    }
    out
}

fn is_unwanted(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061c}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffd}' | '\u{fdd0}'..='\u{fdef}'
            | '\u{e0000}'..='\u{e0fff}')
        || (c as u32) & 0xfffe == 0xfffe
}

/// `text` in at most `most` characters, cut at a word where there is one, with `…` at the
/// end when something was cut.
pub fn shorten(text: &str, most: usize) -> String {
    let Some((limit, _)) = text.char_indices().nth(most) else { return text.to_owned() };
    let room = text.char_indices().nth(most.saturating_sub(1)).map_or(limit, |(at, _)| at);
    let head = &text[..room];
    // A cut that would lose more than a third (no spaces in Chinese, a very long word) is
    // made where the room ends.
    let at_word = text[..limit].rfind(' ').filter(|at| *at <= room && *at * 3 >= room * 2);
    let kept = at_word.map_or(head, |at| &text[..at]);
    // Joiners and combining marks left over at a cut would join the ellipsis.
    let kept = kept.trim_end_matches(|c: char| {
        c.is_whitespace()
            || matches!(c, '.' | ',' | ';' | ':' | '\u{200d}' | '\u{fe0f}' | '(' | '-' | '–')
    });
    format!("{kept}…")
}

/// The first sentences of `text`, as many as fit into `most` characters. When they would say
/// too little, or not even the first fits, the text is cut at a word instead.
pub fn excerpt(text: &str, most: usize) -> String {
    let text = clean(text);
    let mut chars = 0;
    let mut end = 0;
    let mut previous = ' ';
    for (at, c) in text.char_indices() {
        chars += 1;
        if chars > most {
            break;
        }
        let next = at + c.len_utf8();
        let closes = match c {
            '。' | '！' | '？' => true,
            '.' | '!' | '?' => {
                (next == text.len() || text[next..].starts_with(' '))
                    && !(c == '.' && is_abbreviation(&text[..at], previous))
            }
            _ => false,
        };
        if closes {
            end = next;
        }
        previous = c;
    }
    if end == text.len() || text[..end].chars().count() * 5 >= most * 2 {
        text[..end].to_owned()
    } else {
        shorten(&text, most)
    }
}

/// Whether the dot after `before` ends an abbreviation or an initial, not a sentence.
fn is_abbreviation(before: &str, previous: char) -> bool {
    let word = before.rsplit([' ', '(']).next().unwrap_or_default();
    previous.is_uppercase() && word.chars().count() == 1
        || matches!(
            word.to_ascii_lowercase().as_str(),
            "e.g"
                | "i.e"
                | "al"
                | "vs"
                | "fig"
                | "figs"
                | "eq"
                | "sec"
                | "resp"
                | "cf"
                | "approx"
                | "dr"
                | "no"
                | "w.r.t"
                | "a.k.a"
        )
}

/// A count in at most four characters: `999`, `1.2k`, `12k`, `3.4M`.
pub(super) fn count(n: u32) -> String {
    let tenths = |unit: u32, letter| {
        let tenth = n / (unit / 10);
        match tenth {
            0..100 if !tenth.is_multiple_of(10) => format!("{}.{}{letter}", tenth / 10, tenth % 10),
            _ => format!("{}{letter}", tenth / 10),
        }
    };
    match n {
        0..1_000 => n.to_string(),
        1_000..1_000_000 => tenths(1_000, 'k'),
        _ => tenths(1_000_000, 'M'),
    }
}

/// `text` in lines of at most 78 characters (RFC 5322 2.1.1), broken at spaces only, so that
/// folding white space gives the text back; each line after the first starts with `indent`
/// spaces, and so does the first for the count. A longer word has a line for itself, but for
/// Chinese and Japanese, which have no spaces and are broken between any two characters.
pub(super) fn wrap(text: &str, indent: usize) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 10);
    let mut column = indent;
    for word in text.split_whitespace() {
        let width = width(word);
        if width > 78 - indent && word.chars().any(is_wide) {
            if column > indent {
                out.push(' ');
                column += 1;
            }
            column = break_anywhere(word, indent, column, &mut out);
            continue;
        }
        if column > indent && column + 1 + width > 78 {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent));
            column = indent;
        } else if column > indent {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += width;
    }
    out
}

/// Appends a long word without spaces, broken where the lines are full, but never before a sign
/// that must not begin one. Returns the column that it ends in.
fn break_anywhere(word: &str, indent: usize, mut column: usize, out: &mut String) -> usize {
    const NEVER_FIRST: &str =
        "、。，．・：；？！）〕］｝〉》」』】’”…ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ,.;:?!)]}";
    // Two columns are kept for signs that hang over.
    for c in word.chars() {
        let width = if is_wide(c) { 2 } else { 1 };
        if column + width > 76 && !NEVER_FIRST.contains(c) && column > indent && is_wide(c) {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent));
            column = indent;
        }
        out.push(c);
        column += width;
    }
    column
}

/// The columns that `text` takes where letters have the same width.
fn width(text: &str) -> usize {
    text.chars().map(|c| if is_wide(c) { 2 } else { 1 }).sum()
}

/// Whether a character takes two columns: those of Chinese, Japanese and Korean.
fn is_wide(c: char) -> bool {
    matches!(c,
        '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}' | '\u{20000}'..='\u{3fffd}')
}

/// `text` with spaces behind it, `columns` wide in all.
pub(super) fn pad(text: &str, columns: usize) -> String {
    let spaces = columns.saturating_sub(width(text));
    format!("{text}{}", " ".repeat(spaces))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleaning_leaves_one_readable_line() {
        assert_eq!(clean("  A\r\n title\u{202e} of\t\u{0} two "), "A title of two");
        assert_eq!(clean("\u{feff}\u{2066}x\u{2069}"), "x");
        assert_eq!(clean(" \u{200b} "), "");
        assert_eq!(clean("می\u{200c}خواهم 👩\u{200d}🔬"), "می\u{200c}خواهم 👩\u{200d}🔬");
    }

    #[test]
    fn shortening_keeps_words_and_limits() {
        assert_eq!(shorten("short", 5), "short");
        assert_eq!(shorten("a longer text, cut", 15), "a longer text…");
        assert_eq!(shorten("unbreakable-unbreakable", 8), "unbreak…");
        assert_eq!(shorten("", 0), "");
        for most in 1..40 {
            assert!(
                shorten("Ein Satz mit Wörtern 和中文字符 und mehr davon", most).chars().count()
                    <= most
            );
        }
    }

    #[test]
    fn an_excerpt_ends_with_a_sentence() {
        let text =
            "We show X, e.g. on data. It works by A. Smith et al. in 3.5 steps. More follows here.";
        assert_eq!(
            excerpt(text, 75),
            "We show X, e.g. on data. It works by A. Smith et al. in 3.5 steps."
        );
        assert_eq!(excerpt(text, 40), "We show X, e.g. on data.");
        assert_eq!(excerpt(text, 15), "We show X…");
        assert_eq!(excerpt(text, 900), text);
        assert_eq!(excerpt("no sentence at all", 900), "no sentence at all");
        assert_eq!(excerpt("", 10), "");
    }

    #[test]
    fn counts_are_short() {
        for (n, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1k"),
            (1_250, "1.2k"),
            (9_999, "9.9k"),
            (12_345, "12k"),
            (999_999, "999k"),
            (3_400_000, "3.4M"),
            (u32::MAX, "4294M"),
        ] {
            assert_eq!(count(n), text);
        }
    }

    #[test]
    fn chinese_is_broken_between_characters_and_padded_by_columns() {
        let text = "有人（希望是您）请把热门研究论文摘要寄到这个地址。".repeat(5);
        let wrapped = wrap(&text, 3);
        assert!(wrapped.lines().count() > 2);
        assert!(wrapped.lines().enumerate().all(|(n, line)| {
            width(line) + if n == 0 { 3 } else { 0 } <= 78 && !line.trim().starts_with('。')
        }));
        assert_eq!(wrapped.replace(['\n', ' '], ""), text);
        assert_eq!((pad("代码", 6), pad("toolong", 3)), ("代码  ".into(), "toolong".into()));
    }

    #[test]
    fn wrapped_lines_stay_within_78() {
        let text = "word ".repeat(60);
        let wrapped = wrap(&text, 4);
        assert!(
            wrapped.lines().enumerate().all(|(n, l)| l.len() + if n == 0 { 4 } else { 0 } <= 78)
        );
        assert_eq!(clean(&wrapped), text.trim());
    }
}
