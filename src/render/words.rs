//! Text made fit to be read: cleaned, freed of TeX, wrapped, counted. Never escapes; that is
//! the templates' work.

use std::borrow::Cow;

use super::cut::sentences;
use super::tex;

pub use super::cut::shorten;

/// `text` in one line: white space folded to single spaces, and without the characters that
/// hide, reorder or break text: controls, bidirectional controls (they can make a title show
/// other words than it holds), line separators, soft hyphens, fillers, tags and noncharacters.
/// Joiners stay, as Persian and emoji need them; the ligatures of PDFs become letters.
pub fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        let before = out.len();
        if before > 0 {
            out.push(' ');
        }
        let start = out.len();
        for c in word.chars().filter(|c| !is_unwanted(*c)) {
            match ligature(c) {
                Some(letters) => out.push_str(letters),
                None => out.push(c),
            }
        }
        if out.len() == start {
            out.truncate(before);
        }
    }
    out
}

fn is_unwanted(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{180e}'
            | '\u{3164}' | '\u{ffa0}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffd}' | '\u{fdd0}'..='\u{fdef}'
            | '\u{e0000}'..='\u{e0fff}')
        || (c as u32) & 0xfffe == 0xfffe
}

fn ligature(c: char) -> Option<&'static str> {
    Some(match c {
        'ﬀ' => "ff",
        'ﬁ' => "fi",
        'ﬂ' => "fl",
        'ﬃ' => "ffi",
        'ﬄ' => "ffl",
        'ﬅ' | 'ﬆ' => "st",
        _ => return None,
    })
}

/// `text` in one line as it is meant to be read: clean, and its TeX as plain Unicode.
pub fn readable(text: &str) -> String {
    let text = clean(text);
    match tex::plain(&text) {
        Cow::Borrowed(_) => text,
        // Groups and spaces of TeX may leave two blanks together.
        Cow::Owned(read) => clean(&read),
    }
}

/// The first sentences of `text`, made readable, in at most `most` characters.
pub fn excerpt(text: &str, most: usize) -> String {
    // What stands far behind the cut is not looked at, unless TeX takes up all before it.
    let near = text.char_indices().nth(most.saturating_mul(8)).map_or(text, |(at, _)| &text[..at]);
    let read = readable(near);
    let enough = near.len() == text.len() || read.chars().count() > most;
    if enough { sentences(&read, most) } else { sentences(&readable(text), most) }
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
        assert_eq!(clean("eﬃcient ﬁne\u{ad}tuning\u{3164}"), "efficient finetuning");
        assert_eq!(clean("می\u{200c}خواهم 👩\u{200d}🔬"), "می\u{200c}خواهم 👩\u{200d}🔬");
    }

    #[test]
    fn tex_is_read_after_cleaning() {
        assert_eq!(readable("A\n $\\alpha$~ and\u{202e} 2times\\  2"), "A α and 2× 2");
        assert_eq!(excerpt("We use $x^2$. \\textbf{So} it goes on for long.", 20), "We use x².");
        assert_eq!(readable("R&amp;D <think> &lt;"), "R&amp;D <think> &lt;");
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
