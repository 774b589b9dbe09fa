//! Text to words that compare: parted at what is neither letter nor digit, without case and
//! accents, stemmed. Pure.

use std::sync::LazyLock;

use rust_stemmers::{Algorithm, Stemmer};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation;

/// Snowball's English (Porter 2): papers are written in English.
static STEMMER: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::create(Algorithm::English));

/// The words of `text` as people write them, by the boundaries of UAX 29; what binds words
/// (hyphens, apostrophes, points, underscores) parts them here.
pub(super) fn split(text: &str) -> impl Iterator<Item = &str> {
    text.unicode_words().flat_map(|word| {
        word.split(|c: char| !c.is_alphanumeric() && !is_combining_mark(c))
            .filter(|part| !part.is_empty())
    })
}

/// `word` without case and accents: `Á` is `a`, `ﬁ` is `fi`, `ß` is `ss`.
pub(super) fn fold(word: &str) -> String {
    if word.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return word.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(word.len());
    for c in word.nfkd().filter(|c| !is_combining_mark(*c)) {
        match c {
            'ß' | 'ẞ' => folded.push_str("ss"),
            'ø' | 'Ø' => folded.push('o'),
            'ł' | 'Ł' => folded.push('l'),
            'đ' | 'Đ' => folded.push('d'),
            'æ' | 'Æ' => folded.push_str("ae"),
            'œ' | 'Œ' => folded.push_str("oe"),
            'ı' => folded.push('i'),
            c => folded.extend(c.to_lowercase()),
        }
    }
    folded
}

/// The stems of the words of `text`: `Diffusion models` and `diffusion model` are the same.
pub(super) fn stems(text: &str) -> impl Iterator<Item = String> {
    stemmed(text).map(|(_, stem)| stem)
}

/// The words of `text`, each with its stem.
pub fn stemmed(text: &str) -> impl Iterator<Item = (&str, String)> {
    split(text).map(|word| (word, stem(word)))
}

/// The key under which other spellings of the same words are one: `LLMs` and `llm`.
pub fn same_words(text: &str) -> String {
    stems(text).collect::<Vec<_>>().join(" ")
}

/// The stem of one word.
fn stem(word: &str) -> String {
    let folded = fold(word);
    let stem = STEMMER.stem(&folded);
    // The rules of English leave the plurals of acronyms alone (LLMs, GPUs), as they have no vowel
    // before their last letter; words such as `his` and `gas` are shorter.
    match stem.strip_suffix('s') {
        Some(one) if is_acronym(one) => one.to_owned(),
        _ => stem.into_owned(),
    }
}

fn is_acronym(one: &str) -> bool {
    let is_vowel = |c: char| "aeiouy".contains(c);
    let mut before = one.chars();
    match before.next_back() {
        None | Some('s') => false,
        Some(last) => {
            let before = before.as_str();
            let least = if is_vowel(last) { 2 } else { 1 };
            before.chars().count() >= least && !before.contains(is_vowel)
        }
    }
}

/// What of `text` the words with these stems are, side by side, where they first stand so: as it
/// was written.
pub(super) fn written<'a>(text: &'a str, stems: &[String]) -> Option<&'a str> {
    let (words, found): (Vec<&str>, Vec<String>) = stemmed(text).unzip();
    let at = found.windows(stems.len().max(1)).position(|run| run == stems)?;
    let first = words.get(at)?;
    let last = words.get(at + stems.len().saturating_sub(1))?;
    // Both are parts of the text.
    let start = (first.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
    let end = (last.as_ptr() as usize).checked_sub(text.as_ptr() as usize)? + last.len();
    text.get(start..end)
}

/// The parts of a person's name, folded, the family name last: `He, Kaiming` is `kaiming he`.
pub(super) fn name(text: &str) -> Vec<String> {
    let turned = text
        .split_once(',')
        .filter(|(family, given)| !family.trim().is_empty() && !given.trim().is_empty())
        .map(|(family, given)| format!("{given} {family}"));
    let text = turned.as_deref().unwrap_or(text);
    split(text).map(fold).collect()
}

/// Whether an author with the parts of a name `theirs` is the one who is looked for: the family
/// names are the same, and each given name or initial that is looked for is, in order, one of
/// theirs. A single name may stand anywhere.
pub(super) fn is_author(wanted: &[String], theirs: &[String]) -> bool {
    let (Some((family, given)), Some((last, names))) = (wanted.split_last(), theirs.split_last())
    else {
        return false;
    };
    if given.is_empty() {
        theirs.contains(family)
    } else {
        last == family && in_order(given, names)
    }
}

/// Whether each of `given` is, in order, one of `theirs`; an initial is any name that begins
/// with it, on either side.
fn in_order(given: &[String], theirs: &[String]) -> bool {
    let same = |one: &str, other: &str| {
        let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
        one == other || (short.chars().count() == 1 && long.starts_with(short))
    };
    let mut theirs = theirs.iter();
    given.iter().all(|wanted| theirs.any(|name| same(wanted, name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<String> {
        stems(text).collect()
    }

    #[test]
    fn words_compare_without_case_accents_and_endings() {
        assert_eq!(all("Diffusion Models"), all("diffusion model"));
        assert_eq!(all("state-of-the-art"), all("State of the Art"));
        assert_eq!(all("GPT-4o"), ["gpt", "4o"]);
        assert_eq!(all("LLMs, GANs, VAEs, CSS"), ["llm", "gan", "vae", "css"]);
        assert_eq!(all("GPUs VLAs LSTMs SSDs"), all("GPU VLA LSTM SSD"));
        assert_eq!(all("his gas bus less is"), ["his", "gas", "bus", "less", "is"]);
        assert_eq!(all("Schrödinger’s"), all("schrodinger's"));
        assert_eq!(all("C++ & $x_i$"), ["c", "x", "i"]);
        assert_eq!(all("ﬁne‑tuning"), all("fine-tuned"));
        assert_eq!(all("扩散模型").len(), 4);
        assert!(all("… \u{202e} —").is_empty());
    }

    #[test]
    fn a_match_is_shown_as_it_was_written() {
        let text = "We use “Flow–Matching” (not matching flows) for DIFFUSION models.";
        let shown = |query: &str| written(text, &all(query));
        assert_eq!(shown("flow matching"), Some("Flow–Matching"));
        assert_eq!(shown("matches flow"), Some("matching flows"));
        assert_eq!(shown("diffuse model"), Some("DIFFUSION models"));
        assert_eq!(shown("models"), Some("models"));
        assert_eq!((shown("model diffusion"), shown("")), (None, None));
    }

    #[test]
    fn names_end_with_the_family() {
        assert_eq!(name("Ángel Núñez-Ørsted"), ["angel", "nunez", "orsted"]);
        assert_eq!(name("He, K."), ["k", "he"]);
        assert_eq!(name("J.-P. Serre"), ["j", "p", "serre"]);
        assert_eq!(name("Hinton,"), ["hinton"]);
    }
}
