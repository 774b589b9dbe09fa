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

/// The words of `text`, each with its stem.
pub fn stemmed(text: &str) -> impl Iterator<Item = (&str, String)> {
    split(text).map(|word| {
        let folded = fold(word);
        let stem = STEMMER.stem(&folded);
        // A plural without a vowel is an acronym's, which the rules of English leave alone.
        let stem = match stem.strip_suffix('s') {
            Some(one) if one.len() > 1 && !one.contains(['a', 'e', 'i', 'o', 'u', 'y', 's']) => {
                one.to_owned()
            }
            _ => stem.into_owned(),
        };
        (word, stem)
    })
}

/// The stems of the words of `text`: `Diffusion models` and `diffusion model` are the same.
pub(super) fn stems(text: &str) -> impl Iterator<Item = String> {
    stemmed(text).map(|(_, stem)| stem)
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
        assert_eq!(all("Schrödinger’s"), all("schrodinger's"));
        assert_eq!(all("C++ & $x_i$"), ["c", "x", "i"]);
        assert_eq!(all("ﬁne‑tuning"), all("fine-tuned"));
        assert_eq!(all("扩散模型").len(), 4);
        assert!(all("… \u{202e} —").is_empty());
    }

    #[test]
    fn names_end_with_the_family() {
        assert_eq!(name("Ángel Núñez-Ørsted"), ["angel", "nunez", "orsted"]);
        assert_eq!(name("He, K."), ["k", "he"]);
        assert_eq!(name("J.-P. Serre"), ["j", "p", "serre"]);
        assert_eq!(name("Hinton,"), ["hinton"]);
    }
}
