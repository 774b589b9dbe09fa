//! Raised and lowered text: as the characters made for it where all of it has such, as `_word`
//! or `^(a/b)` where not.

use super::table::{lowered, raised};

/// Longest script written in small characters.
const LONGEST: usize = 8;
/// Longest run of letters written so: words are read better in full size.
const LETTERS: usize = 2;

/// Whether a script stands above or below the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Script {
    /// `^`
    Raised,
    /// `_`
    Lowered,
}

impl Script {
    /// The script that a sign begins.
    pub(super) fn of(sign: char) -> Option<Self> {
        match sign {
            '^' => Some(Self::Raised),
            '_' => Some(Self::Lowered),
            _ => None,
        }
    }

    fn sign(self) -> char {
        match self {
            Self::Raised => '^',
            Self::Lowered => '_',
        }
    }

    /// `content` in small characters, where all of it has them.
    pub(super) fn small(self, content: &str) -> Option<String> {
        if self == Self::Raised {
            match content {
                "*" | "**" | "⋆" | "∗" | "★" => {
                    return Some(content.replace(['⋆', '∗', '★'], "*"));
                }
                "∘" | "°" => return Some("°".to_owned()),
                "⊤" => return Some("ᵀ".to_owned()),
                "†" | "‡" | "′" | "″" => return Some(content.to_owned()),
                _ => {}
            }
        }
        let mut small = String::with_capacity(content.len() * 3);
        let mut letters = 0;
        let mut before = ' ';
        for (place, c) in content.chars().enumerate() {
            // Small capitals are for one alone: a transpose, a number of things.
            if c.is_uppercase() && content.chars().nth(1).is_some() {
                return None;
            }
            letters = if c.is_alphabetic() { letters + 1 } else { 0 };
            if place >= LONGEST || letters > LETTERS {
                return None;
            }
            let form = match (self, c) {
                // No font has a small point; between small digits it is read as one.
                (_, '.') if before.is_ascii_digit() => '.',
                (Self::Raised, c) => raised(c)?,
                (Self::Lowered, c) => lowered(c)?,
            };
            small.push(form);
            before = c;
        }
        (!small.is_empty() && before != '.').then_some(small)
    }

    /// `content` as a script; `joined` says that a letter or digit follows.
    pub(super) fn write(self, content: &str, joined: bool) -> String {
        let content = tight(content);
        if content.is_empty() {
            return String::new();
        }
        if let Some(small) = self.small(&content) {
            return small;
        }
        let sign = self.sign();
        let word = content.chars().all(|c| c.is_alphanumeric() || "*′-∞".contains(c));
        let single = content.chars().count() == 1;
        match (word || single) && !joined && !content.starts_with('-') {
            true => format!("{sign}{content}"),
            false => format!("{sign}({content})"),
        }
    }
}

/// The text without the spaces that part no words.
fn tight(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.trim().chars().peekable();
    while let Some(c) = chars.next() {
        let parts = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == ',');
        if c != ' ' || (parts(out.chars().next_back()) && parts(chars.peek().copied())) {
            out.push(c);
        }
    }
    // `\,` before a script without its backslash.
    out.strip_prefix(',').map(str::to_owned).unwrap_or(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_small_where_all_of_them_can_be() {
        for (content, joined, up, down) in [
            ("2", false, "²", "₂"),
            ("-1", false, "⁻¹", "₋₁"),
            ("n+1", true, "ⁿ⁺¹", "ₙ₊₁"),
            ("0.5", false, "⁰.⁵", "₀.₅"),
            ("th", false, "ᵗʰ", "ₜₕ"),
            ("context", false, "^context", "_context"),
            ("max", true, "^(max)", "_(max)"),
            ("i, j", false, "^(i, j)", "_(i, j)"),
            ("i \u{2208} S", false, "^(i∈S)", "_(i∈S)"),
            (",old", false, "^old", "_old"),
            ("*", false, "*", "_*"),
            ("∘", false, "°", "_∘"),
            ("q", false, "^q", "_q"),
            ("", false, "", ""),
        ] {
            assert_eq!(Script::Raised.write(content, joined), up, "{content}");
            assert_eq!(Script::Lowered.write(content, joined), down, "{content}");
        }
    }
}
