//! Cuts text where a reader would: after a sentence, between words, never in a formula or in a
//! character made of several. Never changes what it keeps.

use unicode_segmentation::GraphemeCursor;

use super::tex::is_operator;

/// How far the brackets of a formula reach, in bytes.
const FORMULA: usize = 60;
/// How far brackets in prose are waited for, in bytes; then they were never meant to close.
const ASIDE: usize = 300;

/// `text` in at most `most` characters, cut at a word where there is one, with `…` at the
/// end when something was cut.
pub fn shorten(text: &str, most: usize) -> String {
    let Some((limit, _)) = text.char_indices().nth(most) else { return text.to_owned() };
    let room = text.char_indices().nth(most.saturating_sub(1)).map_or(limit, |(at, _)| at);
    let unspaced = |c: Option<char>| c.is_some_and(is_unspaced);
    let anywhere =
        unspaced(text[..room].chars().next_back()) || unspaced(text[room..].chars().next());
    // A cut that would lose more than a third (no spaces in Chinese, a very long word) is
    // made where the room ends.
    let mut spaces = text[..limit]
        .rmatch_indices(' ')
        .map(|(at, _)| at)
        .filter(|at| *at <= room)
        .take_while(|at| *at * 3 >= room * 2)
        .filter(|_| !anywhere)
        .peekable();
    let last = spaces.peek().copied();
    let at_word = spaces.find(|at| may_part(text, *at)).or(last);
    let kept = &text[..at_word.unwrap_or_else(|| whole_characters(text, room))];
    // Joiners and combining marks left over at a cut would join the ellipsis.
    let kept = kept.trim_end_matches(|c: char| {
        c.is_whitespace()
            || is_operator(c)
            || matches!(c, '.' | ',' | ';' | ':' | '&' | '\u{200d}' | '\u{fe0f}' | '(' | '[' | '{')
            || matches!(c, '–' | '—' | '“' | '‘' | '（' | '「' | '『' | '、' | '，' | '；' | '：')
    });
    format!("{kept}…")
}

/// The last place up to `at` that is between two characters as readers count them.
fn whole_characters(text: &str, at: usize) -> usize {
    let mut cursor = GraphemeCursor::new(at, text.len(), true);
    match cursor.is_boundary(text, 0) {
        Ok(true) => at,
        // A single one that is longer than the room: nothing better.
        _ => {
            cursor.prev_boundary(text, 0).ok().flatten().filter(|before| *before > 0).unwrap_or(at)
        }
    }
}

/// Scripts that write no spaces between words.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{2e80}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{ff00}'..='\u{ff60}' | '\u{20000}'..='\u{3ffff}')
}

/// Whether text may be cut at the space at `at`: not beside an operator, not in `f(x, y)`.
fn may_part(text: &str, at: usize) -> bool {
    let left = text[..at].rsplit(' ').next().unwrap_or_default();
    let right = text[at + 1..].split(' ').next().unwrap_or_default();
    let operator = |c: Option<char>| c.is_some_and(|c| is_operator(c) || matches!(c, '|' | '&'));
    let alone = |word: &str| {
        let mut chars = word.chars();
        operator(chars.next()) && chars.next().is_none_or(|c| operator(Some(c)))
    };
    let relates = |c: Option<char>| operator(c) && !matches!(c, Some('-' | '/' | '*' | '+' | '~'));
    let function = matches!(left, "log" | "exp" | "arg" | "min" | "max" | "lim");
    // `∑ₖ wₖ Rₖ(x)`
    let small = |c: Option<char>| {
        c.is_some_and(|c| matches!(c, '\u{2070}'..='\u{209c}' | '\u{1d2c}'..='\u{1d6a}'))
    };
    let product = small(left.chars().next_back()) && small(right.chars().nth(1));
    !(product
        || alone(left)
        || alone(right)
        || relates(left.chars().next_back())
        || relates(right.chars().next())
        || function && right.chars().count() <= 2
        || is_in_formula(text, at))
}

/// Whether `at` is inside of brackets that belong to a formula: a call, a set.
fn is_in_formula(text: &str, at: usize) -> bool {
    let from = text.floor_char_boundary(at.saturating_sub(FORMULA));
    let mut depth = 0;
    for (place, c) in text[from..at].char_indices().rev() {
        match c {
            ')' | ']' | '}' | '⟩' | '⌋' | '⌉' => depth += 1,
            '(' | '[' | '{' | '⟨' | '⌊' | '⌈' if depth > 0 => depth -= 1,
            '{' | '⟨' | '⌊' | '⌈' => return true,
            '(' | '[' => {
                let before = text[..from + place].chars().next_back();
                return before.is_some_and(|c| c.is_alphanumeric() || c == '√' || c == '^');
            }
            _ => {}
        }
    }
    false
}

/// The first sentences of `text`, as many as fit into `most` characters. When they would say
/// too little, or not even the first fits, the text is cut at a word instead.
pub(super) fn sentences(text: &str, most: usize) -> String {
    let limit = text.char_indices().nth(most).map_or(text.len(), |(at, _)| at);
    let end = last_end(text, limit);
    if end == text.len() || limit == text.len() || text[..end].chars().count() * 5 >= most * 2 {
        text[..if limit == text.len() { limit } else { end }].to_owned()
    } else {
        shorten(text, most)
    }
}

/// The end of the last sentence that ends up to `limit`.
fn last_end(text: &str, limit: usize) -> usize {
    let mut end = 0;
    let mut open: Vec<usize> = Vec::new();
    for (at, c) in text[..limit].char_indices() {
        match c {
            '(' | '[' | '（' | '「' | '『' => open.push(at),
            ')' | ']' | '）' | '」' | '』' => {
                open.pop();
            }
            '.' | '!' | '?' | '。' | '！' | '？' | '．' | '؟' | '۔' | '।' => {
                let behind = at + c.len_utf8();
                let rest = &text[behind..];
                let quotes = rest.len() - rest.trim_start_matches(is_closing).len();
                let closed = behind + quotes;
                let brackets = text[behind..closed].chars().filter(|c| is_bracket(*c)).count();
                let aside = !open.get(brackets..).unwrap_or_default().is_empty()
                    && open.last().is_some_and(|open| at - open < ASIDE);
                let ends = match c {
                    '。' | '！' | '？' | '．' => true,
                    _ => ends_sentence(text, end, at, c, closed),
                };
                if ends && !aside && closed <= limit {
                    end = closed;
                }
            }
            _ => {}
        }
    }
    end
}

fn is_closing(c: char) -> bool {
    matches!(c, '"' | '\'' | '”' | '’' | '»') || is_bracket(c)
}

fn is_bracket(c: char) -> bool {
    matches!(c, ')' | ']' | '）' | '」' | '』')
}

/// Whether the sentence from `start` ends with the mark at `at`, after which its quotes and
/// brackets are `closed`.
fn ends_sentence(text: &str, start: usize, at: usize, mark: char, closed: usize) -> bool {
    let rest = &text[closed..];
    if rest.is_empty() {
        return true;
    }
    let Some(rest) = rest.strip_prefix(' ') else { return false };
    let next = rest.split(' ').next().unwrap_or_default();
    let next = next.trim_start_matches(['"', '“', '‘', '(', '[', '\'']);
    let small = next.starts_with(char::is_lowercase);
    // Names such as vLLM and nnU-Net begin a sentence as they are.
    let name = next.chars().any(char::is_uppercase);
    if small && !(mark == '.' && name) {
        return false;
    }
    let sentence = text[start..at].trim_start();
    // "1. First": the number of what follows.
    if sentence.len() <= 2 && sentence.chars().all(char::is_alphanumeric) {
        return false;
    }
    mark != '.' || closed > at + 1 || !is_abbreviation(&text[..at], next)
}

/// Words that begin sentences, and hardly a name.
const STARTERS: &[&str] = &[
    "The",
    "This",
    "These",
    "Those",
    "That",
    "We",
    "Our",
    "It",
    "Its",
    "They",
    "Their",
    "There",
    "Here",
    "In",
    "On",
    "At",
    "By",
    "To",
    "For",
    "From",
    "With",
    "Without",
    "As",
    "An",
    "If",
    "When",
    "While",
    "Although",
    "Though",
    "Despite",
    "However",
    "Moreover",
    "Furthermore",
    "Additionally",
    "Finally",
    "First",
    "Second",
    "Then",
    "Thus",
    "Hence",
    "Therefore",
    "Specifically",
    "Notably",
    "Experiments",
    "Extensive",
    "Results",
    "Code",
    "Both",
    "Each",
    "All",
    "Such",
    "Unlike",
    "Using",
    "Through",
    "Compared",
    "And",
    "But",
    "Yet",
    "Recent",
];

/// Whether the dot after `before` ends an abbreviation or an initial, not a sentence that `next`
/// follows.
fn is_abbreviation(before: &str, next: &str) -> bool {
    let word = before.rsplit([' ', '(', '[', '“', '"', '/', '\u{a0}']).next().unwrap_or_default();
    let starts = || STARTERS.contains(&next.trim_end_matches([',', ':', ';']));
    let numbered = || {
        next.starts_with(|c: char| c.is_ascii_digit())
            || next.trim_end_matches([',', ')', ';', ':']).chars().count() <= 2 && !starts()
    };
    let mut chars = word.chars();
    let initial = |c: Option<char>| c.is_some_and(char::is_uppercase);
    if initial(chars.next()) && chars.next().is_none() {
        return !starts();
    }
    match word.to_ascii_lowercase().as_str() {
        "e.g" | "i.e" | "vs" | "cf" | "fig" | "figs" | "eq" | "eqs" | "eqn" | "resp" | "approx"
        | "dr" | "mr" | "mrs" | "ms" | "prof" | "viz" | "w.r.t" | "a.k.a" | "incl" | "esp"
        | "thm" | "secs" | "sect" | "refs" | "nos" | "vols" | "i.i.d" | "s.t" | "st" | "v.s" => {
            true
        }
        "no" | "sec" | "ref" | "tab" | "vol" | "ch" | "app" | "appx" | "def" | "prop" | "cor"
        | "lem" | "alg" | "ver" | "v" | "p" | "pp" | "ca" | "art" => numbered(),
        "al" | "etc" | "inc" | "ltd" | "co" | "corp" | "jr" | "sr" | "dept" | "univ" | "ph.d"
        | "u.s" | "u.k" | "d.c" | "e.u" | "u.n" => word != "etc" && !starts(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shortening_keeps_words_and_limits() {
        assert_eq!(shorten("short", 5), "short");
        assert_eq!(shorten("a longer text, cut", 15), "a longer text…");
        assert_eq!(shorten("unbreakable-unbreakable", 8), "unbreak…");
        assert_eq!(shorten("", 0), "");
        assert_eq!(shorten("大型语言模型的推理能力（综述）", 12), "大型语言模型的推理能力…");
        assert_eq!(shorten("An LLM 大型语言模型的推理能力", 14), "An LLM 大型语言模型…");
        for most in 1..40 {
            assert!(
                shorten("Ein Satz mit Wörtern 和中文字符 und mehr davon", most).chars().count()
                    <= most
            );
        }
    }

    #[test]
    fn what_readers_count_as_one_character_stays_whole() {
        for whole in ["e\u{301}", "👩\u{200d}🔬", "🇩🇪", "நி", "각"] {
            let text = whole.repeat(30);
            for most in 2..20 {
                let short = shorten(&text, most);
                let kept = short.trim_end_matches('…');
                // One that is longer than the room is cut all the same.
                assert!(
                    kept.len().is_multiple_of(whole.len()) || most <= whole.chars().count(),
                    "{whole} in {most}: {short}"
                );
            }
        }
        let endless = format!("a{}", "\u{301}".repeat(50_000));
        assert_eq!(shorten(&endless, 100).chars().count(), 100);
    }

    #[test]
    fn a_formula_is_kept_whole_or_left_out() {
        for formula in [
            "p(y | x, D_context)",
            "x ∈ A",
            "a ≤ b",
            "256 × 256",
            "O(n log n)",
            "κ= 0.67",
            "{-1, 0, 1}",
            "R² > 0.9",
            "x ~ p(x)",
            "64.1 → 70.3",
            "L = 0.5",
            "A & B",
        ] {
            let text = format!(
                "We study how models reason over many steps and find that {formula} holds for all \
                 of them in every case that was looked at"
            );
            let start = text.find(formula).unwrap();
            for most in start..start + formula.len() + 4 {
                let short = shorten(&text, most);
                let kept = short.trim_end_matches('…');
                assert!(kept.len() < start || kept.contains(formula), "{most}: {short}");
            }
        }
    }

    #[test]
    fn sentences_end_where_they_end() {
        let first = |text: &str| {
            let most = text.find('|').unwrap();
            let text = text.replace('|', "");
            let room = most + 3;
            assert_eq!(text[..last_end(&text, room.min(text.len()))].trim_end(), &text[..most]);
        };
        for text in [
            "It works.| And more",
            "We show X, e.g. Y, on data.| More",
            "By A. Smith et al. in 3.5 steps.| More",
            "See Fig. 3 and Eq. 4.| More",
            "As in No. 5 of them.| More",
            "The answer is no.| We go on",
            "It needs vitamin C.| We go on",
            "It is great!| We go on",
            "Is it so?| We go on",
            "He said “so.”| We go on",
            "(It holds, cf. A. B.)| We go on",
            "It holds (see B. It is so) here.| We go on",
            "In the U.S. Army it holds.| We go on",
            "It runs on v2.5 and 3.0.| vLLM too",
            "1. First this.| We go on",
            "这是第一句。|这是第二句",
            "これは（例。）文です。|次",
            "هل هذا صحيح؟| نعم",
            "It grew by 5%.| 3 more follow",
            "It is so...| We go on",
        ] {
            first(text);
        }
        let whole = |text: &str| assert_eq!(last_end(text, text.len()), 0, "{text}");
        for text in [
            "By A. Smith",
            "see e.g. Smith",
            "et al. (2020)",
            "v2.5 is",
            "(a. B",
            "Yahoo! is",
            "Dr. Who",
        ] {
            whole(text);
        }
    }

    #[test]
    fn an_excerpt_ends_with_a_sentence() {
        let text =
            "We show X, e.g. on data. It works by A. Smith et al. in 3.5 steps. More follows here.";
        assert_eq!(
            sentences(text, 75),
            "We show X, e.g. on data. It works by A. Smith et al. in 3.5 steps."
        );
        assert_eq!(sentences(text, 40), "We show X, e.g. on data.");
        assert_eq!(sentences(text, 15), "We show X…");
        assert_eq!(sentences(text, 900), text);
        assert_eq!(sentences("no sentence at all", 900), "no sentence at all");
        assert_eq!(sentences("", 10), "");
    }
}
