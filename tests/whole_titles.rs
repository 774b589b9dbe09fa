//! The whole-title test: every title, abstract and brief of the corpus as it is shown to people.
//! None shows TeX, and none loses a letter that was not TeX's. The corpus is kept beside the
//! repository (`../shared/corpus`, or `PAPERROUND_CORPUS`); without it the test says so and
//! passes. With `PAPERROUND_SHOW_TEX=1` and `--nocapture` it prints what changed, to be read.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

#[path = "support/corpus.rs"]
mod corpus;

use std::collections::BTreeSet;

use corpus::Corpus;
use paperround::model::{Paper, PaperId};
use paperround::render::{PaperView, clean, readable};
use paperround::source;
use unicode_normalization::UnicodeNormalization;

/// What TeX's names in the corpus are shown as, as far as it is letters. Their letters alone may
/// be missing.
const NAMES: &[(&str, &str)] = &[
    ("times", ""),
    ("approx", ""),
    ("sim", ""),
    ("pm", ""),
    ("circ", ""),
    ("star", ""),
    ("mid", ""),
    ("nabla", ""),
    ("propto", ""),
    ("ll", ""),
    ("ge", ""),
    ("leq", ""),
    ("to", ""),
    ("rightarrow", ""),
    ("uparrow", ""),
    ("sum", ""),
    ("varnothing", ""),
    ("ell", "l"),
    ("varepsilon", "ε"),
    ("pi", "π"),
    ("theta", "θ"),
    ("tau", "τ"),
    ("boldsymbol", ""),
    ("bf", ""),
    ("textit", ""),
    ("textbf", ""),
    ("texttt", ""),
    ("href", ""),
    // The colours of links.
    ("blue", ""),
    ("mypink", ""),
];

/// Every text of the corpus, once, with all white space folded.
fn texts() -> Option<BTreeSet<String>> {
    let Corpus { home, dir } = Corpus::open()?;
    let mut texts = BTreeSet::new();
    let mut add = |text: &str| {
        texts.insert(clean(text));
    };
    for folder in ["html", "api", "fixtures", "arxiv"] {
        for entry in std::fs::read_dir(dir.path().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                continue;
            }
            // A page of a single paper is no list, and is refused.
            let Ok((_, reading)) = source::read(None, &std::fs::read(&path).unwrap(), None, None)
            else {
                continue;
            };
            for paper in &reading.listing.papers {
                add(&paper.title);
                add(&paper.summary);
                add(paper.brief.as_deref().unwrap_or_default());
            }
        }
    }
    let seeds = std::fs::read(home.join("seed-papers.json")).unwrap();
    let seeds: Vec<serde_json::Value> = serde_json::from_slice(&seeds).unwrap();
    for seed in &seeds {
        add(seed["title"].as_str().unwrap());
        add(seed["abstract"].as_str().unwrap());
    }
    texts.remove("");
    Some(texts)
}

/// Its letters and digits in their plain forms.
fn letters(text: &str) -> Vec<char> {
    text.nfkc().filter(|c| c.is_alphanumeric()).collect()
}

/// The text without the second copy of an address: `https://x{https://x}` is a link.
fn linked_once(text: &str) -> String {
    let mut out = text.to_owned();
    while let Some(at) = out.find("{http").filter(|at| out[..*at].contains("http")) {
        let start = out[..at].rfind("http").unwrap();
        let Some(length) = out[at..].find('}') else { break };
        let (first, second) = (&out[start..at], &out[at + 1..at + length]);
        if first.trim_end_matches('/') != second.trim_end_matches('/') {
            break;
        }
        out.replace_range(at..=at + length, "");
    }
    out
}

/// Whether `shown` has all letters of `written` in their order, but for those of TeX's names.
fn keeps(written: &str, shown: &str) -> bool {
    let (written, shown) = (letters(&linked_once(written)), letters(shown));
    let names: Vec<(Vec<char>, Vec<char>)> =
        NAMES.iter().map(|(name, text)| (letters(name), letters(text))).collect();
    let mut ways = vec![(0, 0)];
    let mut tried = BTreeSet::new();
    while let Some((mut at, mut seen)) = ways.pop() {
        loop {
            if !tried.insert((at, seen)) {
                break;
            }
            if at == written.len() && seen == shown.len() {
                return true;
            }
            for (name, text) in &names {
                if written[at..].starts_with(name) && shown[seen..].starts_with(text) {
                    ways.push((at + name.len(), seen + text.len()));
                }
            }
            if at == written.len() || seen == shown.len() || written[at] != shown[seen] {
                break;
            }
            (at, seen) = (at + 1, seen + 1);
        }
    }
    false
}

/// The first sign of TeX: any backslash, a dollar that is no price or name, a script in braces,
/// quotes of two signs, a tie between words.
fn tex_in(text: &str) -> Option<&'static str> {
    let around = |at: usize, length: usize| {
        let before = text[..at].chars().next_back();
        (before, text[at + length..].chars().next())
    };
    if text.contains('\\') {
        return Some("a backslash");
    }
    for (at, _) in text.match_indices('$') {
        let (before, after) = around(at, 1);
        let opens = !before.is_some_and(char::is_alphanumeric);
        if !opens || !after.is_some_and(|c| c.is_ascii_digit() || c.is_uppercase()) {
            return Some("a dollar");
        }
    }
    for (sign, what) in [("^{", "a script"), ("_{", "a script"), ("``", "quotes")] {
        if text.contains(sign) {
            return Some(what);
        }
    }
    for (at, _) in text.match_indices('~') {
        if let (Some(before), Some(after)) = around(at, 1)
            && before.is_alphabetic()
            && (after.is_alphanumeric() || after == '(')
        {
            return Some("a tie");
        }
    }
    for name in ["times", "approx", "sim"] {
        for (at, _) in text.match_indices(name) {
            let (before, after) = around(at, name.len());
            if before.is_some_and(|c| c.is_ascii_digit())
                && !after.is_some_and(|c| c.is_ascii_lowercase())
            {
                return Some("a name joined to a number");
            }
        }
    }
    None
}

#[test]
fn no_text_shows_tex_or_loses_what_was_not_tex() {
    let Some(texts) = texts() else { return };
    let show = std::env::var_os("PAPERROUND_SHOW_TEX").is_some();
    let mut changed = 0;
    let mut wrong = Vec::new();
    for text in &texts {
        let shown = readable(text);
        if shown != *text {
            changed += 1;
            if show {
                println!("- {text}\n+ {shown}\n");
            }
        }
        if let Some(sign) = tex_in(&shown) {
            wrong.push(format!("{sign} in: {shown}"));
        }
        if !keeps(text, &shown) {
            wrong.push(format!("letters lost of: {text}\n  shown as: {shown}"));
        }
        if readable(&shown) != shown {
            wrong.push(format!("read twice, it changes: {shown}\n  into: {}", readable(&shown)));
        }
        // What a mail, a page and a feed have of it is a beginning of the same.
        let mut paper = Paper::new(PaperId::from_arxiv("2601.00001").unwrap(), text, "");
        paper.summary.clone_from(text);
        let view = PaperView::new(1, &paper);
        for part in [&view.title, &view.summary] {
            if !shown.starts_with(part.trim_end_matches('…')) {
                wrong.push(format!("shown otherwise: {part}\n  than: {shown}"));
            }
        }
    }
    println!("{} texts, {changed} changed", texts.len());
    assert!(texts.len() > 5_000 && changed > 400, "{} {changed}", texts.len());
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_test_itself_finds_what_it_looks_for() {
    for bad in ["a \\x b", "of $x$ is", "x^{2}", "``so'", "robot~A", "20times faster", "is $ 5"] {
        assert!(tex_in(bad).is_some(), "{bad}");
    }
    for good in ["$5 and $10", "~5 s", "$OneMillion", "10 times", "<think> & co", "5~6"] {
        assert_eq!(tex_in(good), None, "{good}");
    }
    assert!(keeps("up to 4.7times to", "up to 4.7× to") && keeps("R^{2}", "R²"));
    assert!(keeps("https://a.b/c{https://a.b/c}.", "https://a.b/c."));
    assert!(!keeps("a word more", "a more") && !keeps("a more", "a word more"));
}
