//! Text to words that compare, and patterns over them. Pure; takes time in proportion to the
//! text, as sentences that are too long are not looked at.

use std::collections::HashSet;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::phrases::TAIL;

/// A sentence of more words is no command, except for the topics in it.
pub(super) const MOST_WORDS: usize = 24;

/// A word of a sentence.
#[derive(Clone, Debug)]
pub(super) struct Word {
    /// Without case, accents, apostrophes, and punctuation around it.
    pub(super) text: String,
    /// Where it begins in the sentence, in bytes.
    pub(super) at: usize,
    /// Where it ends.
    pub(super) end: usize,
}

/// `text` without case and accents: `Désabonnez-moi` is `desabonnezmoi`, `don’t` is `dont`.
pub(in crate::inbound) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)) {
        match c {
            'ß' => folded.push_str("ss"),
            'ø' | 'Ø' => folded.push('o'),
            'ł' | 'Ł' => folded.push('l'),
            'ı' => folded.push('i'),
            'æ' | 'Æ' => folded.push_str("ae"),
            'œ' | 'Œ' => folded.push_str("oe"),
            '\'' | '’' | '‘' | '`' | '´' | 'ʼ' => {}
            // Zero-width marks and soft hyphens, which editors leave behind.
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => {}
            c => folded.extend(c.to_lowercase()),
        }
    }
    // A hyphen parts digits; between letters it is a matter of taste: e-mail, sign-up.
    if folded.contains(['-', '‐', '‑']) && !folded.contains(|c: char| c.is_ascii_digit()) {
        folded.retain(|c| !matches!(c, '-' | '‐' | '‑'));
    }
    folded
}

/// The words of a sentence, at most one more than may be looked at.
pub(super) fn words(sentence: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut from = None;
    let mut last = ' ';
    for (at, c) in sentence.char_indices().chain([(sentence.len(), ' ')]) {
        let parts = c.is_whitespace()
            || matches!(c, '(' | ')' | '"' | '“' | '”' | '„' | '«' | '»' | '<' | '>' | '，' | '、')
            || matches!(c, ',' | ';' | '=')
            || (c == ':' && !last.is_ascii_alphanumeric());
        last = c;
        match (parts, from) {
            (false, None) => from = Some(at),
            (true, Some(start)) => {
                from = None;
                let text = fold(
                    sentence[start..at]
                        .trim_matches(|c: char| !c.is_alphanumeric() && !is_combining_mark(c)),
                );
                let text = unpointed(text);
                if !text.is_empty() {
                    words.push(Word { text, at: start, end: at });
                }
                if words.len() > MOST_WORDS {
                    break;
                }
            }
            _ => {}
        }
    }
    words
}

/// `a.m` is `am`.
fn unpointed(mut text: String) -> String {
    if text.contains('.') && text.chars().all(|c| c == '.' || c.is_alphabetic()) && text.len() < 8 {
        text.retain(|c| c != '.');
    }
    text
}

/// One element of a pattern.
#[derive(Debug)]
enum Element {
    /// One of these words; may be missing.
    One(Vec<String>, bool),
    /// So many or more words that say what a subscription is called, and nothing else.
    Tail(usize),
}

/// A sentence in words: `unsubscribe me? ~`. Alternatives are parted by `|`, `?` marks what may
/// be missing, and `~` stands for any run of words for the mail itself (`~+`: one or more).
#[derive(Debug)]
pub(super) struct Pattern(Vec<Element>);

impl Pattern {
    pub(super) fn of(text: &str) -> Self {
        let element = |part: &str| match part {
            "~" => Element::Tail(0),
            "~+" => Element::Tail(1),
            part => {
                let (part, optional) =
                    part.strip_suffix('?').map_or((part, false), |part| (part, true));
                Element::One(part.split('|').map(fold).collect(), optional)
            }
        };
        Self(text.split_whitespace().map(element).collect())
    }

    /// Whether the words are this sentence, from the first to the last.
    pub(super) fn is(&self, words: &[Word]) -> bool {
        words.len() <= MOST_WORDS && matches(&self.0, words)
    }
}

static TAILS: LazyLock<HashSet<String>> =
    LazyLock::new(|| TAIL.split_whitespace().map(fold).collect());

/// As deep as the pattern is long.
fn matches(pattern: &[Element], words: &[Word]) -> bool {
    let Some((element, rest)) = pattern.split_first() else { return words.is_empty() };
    match element {
        Element::One(ones, optional) => {
            let hit = words
                .split_first()
                .is_some_and(|(word, others)| ones.contains(&word.text) && matches(rest, others));
            hit || (*optional && matches(rest, words))
        }
        Element::Tail(least) => {
            let run = words.iter().take_while(|word| TAILS.contains(&word.text)).count();
            (*least..=run).rev().any(|taken| matches(rest, &words[taken..]))
        }
    }
}

/// The sentences of a line. What is quoted is never parted; a point after a number, a month or
/// `a.m` ends nothing.
pub(super) fn sentences(line: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    let mut from = 0;
    let mut quoted_to = 0;
    let mut quotes = line.match_indices('"').map(|(at, _)| at).collect::<Vec<_>>().into_iter();
    let mut chars = line.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if at < quoted_to {
            continue;
        }
        if c == '"' {
            quoted_to = quotes.by_ref().find(|quote| *quote > at).map_or(0, |quote| quote + 1);
            continue;
        }
        let next = chars.peek().map(|(_, next)| *next);
        let ends = match c {
            '。' | '！' | '？' | '．' => true,
            '.' | '!' | '?' | '…' => next.is_none_or(char::is_whitespace),
            _ => false,
        };
        if ends && !(c == '.' && is_short(&line[from..at])) {
            sentences.push(&line[from..at + c.len_utf8()]);
            from = at + c.len_utf8();
        }
    }
    sentences.push(&line[from..]);
    sentences.retain(|sentence| !sentence.trim().is_empty());
    sentences
}

/// Whether the last word is one that is written with a point: `24.`, `p.m.`, `Dec.`
fn is_short(before: &str) -> bool {
    let word = before.rsplit(char::is_whitespace).next().unwrap_or("");
    let short = ["jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "okt"];
    let more =
        ["nov", "dec", "dez", "janv", "fevr", "févr", "avr", "juil", "déc", "dr", "mr", "mrs"];
    let lower = word.to_lowercase();
    (!word.is_empty() && word.len() <= 2 && word.bytes().all(|byte| byte.is_ascii_digit()))
        || (word.len() < 6
            && word.contains('.')
            && word.chars().all(|c| c == '.' || c.is_alphabetic()))
        || short.contains(&lower.as_str())
        || more.contains(&lower.as_str())
}
