//! What TeX's commands stand for, and which letters have raised and lowered forms. Tables alone:
//! never decides whether a text means one.

use std::collections::HashMap;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

/// What a command is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// A letter or a sign that stands like one.
    Ordinary(&'static str),
    /// An operation between two things.
    Binary(&'static str),
    /// A relation between two things.
    Relation(&'static str),
    /// The name of a function.
    Function(&'static str),
    /// Words, such as `et al.`
    Words(&'static str),
    /// A letter that is also the name of many macros.
    Letter(&'static str),
    /// Only how its argument looks: the argument is the text.
    Contents,
    /// Nothing to see.
    Nothing,
    /// Nothing to see, its argument included.
    NothingWith,
    /// Room between words.
    Space,
}

/// By which sign a command is told from a word, where the source has lost its backslash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Bare {
    /// None: it is no word of any language.
    Itself,
    /// A brace behind it.
    Brace,
    /// A single letter behind it.
    Letter,
    /// A colour: a brace with an address behind it.
    Color,
}

struct Tables {
    commands: HashMap<&'static str, Command>,
    bare: HashMap<(&'static str, Bare), ()>,
    /// By first letter, of which lengths there are names that stand bare.
    lengths: [u32; 32],
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let mut tables = Tables { commands: HashMap::new(), bare: HashMap::new(), lengths: [0; 32] };
    for name in JOINED {
        tables.note(name, 0);
    }
    let mut section = "";
    for line in include_str!("symbols.txt").lines().filter(|line| !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = name;
            continue;
        }
        for entry in line.split_whitespace() {
            let (name, text) = entry.split_once('=').unwrap_or((entry, ""));
            tables.enter(section, name, text);
        }
    }
    tables
});

/// Names that are words of some language, and mean signs only beside numbers and variables.
const JOINED: &[&str] = &[
    "approx", "sim", "pm", "to", "ll", "gg", "ge", "le", "ne", "mid", "ell", "nabla", "sum", "prod",
];

impl Tables {
    fn note(&mut self, name: &str, more: u32) {
        let first = name.bytes().next().unwrap_or_default() & 31;
        self.lengths[usize::from(first)] |= (1 | more << 1) << name.len().min(29);
    }

    fn enter(&mut self, section: &str, name: &'static str, text: &'static str) {
        let command = match section {
            "ordinary" => Command::Ordinary(text),
            "binary" => Command::Binary(text),
            "relation" => Command::Relation(text),
            "function" => Command::Function(text),
            "words" => Command::Words(text),
            "letters" => Command::Letter(text),
            "contents" => Command::Contents,
            "nothing" => Command::Nothing,
            "nothing with what follows" => Command::NothingWith,
            "space" => Command::Space,
            other => {
                let bare = match other {
                    "bare" => Bare::Itself,
                    "bare before a brace" => Bare::Brace,
                    "bare before a letter" => Bare::Letter,
                    _ => Bare::Color,
                };
                self.bare.insert((name, bare), ());
                // A letter's style may have its letter joined to it.
                self.note(name, u32::from(bare == Bare::Letter));
                return;
            }
        };
        self.commands.insert(name, command);
    }
}

/// What the command of that name is.
pub(super) fn command(name: &str) -> Option<Command> {
    TABLES.commands.get(name).copied()
}

/// The sign that a command is, where it is one.
pub(super) fn symbol(name: &str) -> Option<&'static str> {
    match command(name)? {
        Command::Ordinary(text) | Command::Binary(text) | Command::Relation(text) => Some(text),
        _ => None,
    }
}

/// Whether a name without its backslash is known as a command by such a sign.
pub(super) fn is_bare(name: &str, sign: Bare) -> bool {
    TABLES.bare.contains_key(&(name, sign))
}

/// Whether a name of that length and first letter may stand bare: most words may not.
pub(super) fn may_be_bare(name: &str) -> bool {
    let first = name.bytes().next().unwrap_or_default() & 31;
    TABLES.lengths[usize::from(first)] & 1 << name.len().min(29) != 0
}

/// The Greek letter of that name.
pub(super) fn greek(name: &str) -> Option<&'static str> {
    symbol(name).filter(|text| text.chars().all(is_greek))
}

/// Whether it is a letter of the Greek alphabet.
pub(super) fn is_greek(c: char) -> bool {
    matches!(c, '\u{370}'..='\u{3ff}') && c.is_alphabetic()
}

/// The mark over or under a letter that a command in prose puts there: `\'`, `\c`.
pub(super) fn accent(name: &str) -> Option<char> {
    Some(match name {
        "`" => '\u{300}',
        "'" => '\u{301}',
        "^" => '\u{302}',
        "~" => '\u{303}',
        "=" => '\u{304}',
        "u" => '\u{306}',
        "." => '\u{307}',
        "\"" => '\u{308}',
        "r" => '\u{30a}',
        "H" => '\u{30b}',
        "v" => '\u{30c}',
        "d" => '\u{323}',
        "c" => '\u{327}',
        "k" => '\u{328}',
        "b" => '\u{331}',
        _ => return None,
    })
}

/// The same of a command in a formula: `\hat`.
pub(super) fn hat(name: &str) -> Option<char> {
    Some(match name {
        "grave" => '\u{300}',
        "acute" => '\u{301}',
        "hat" | "widehat" => '\u{302}',
        "tilde" | "widetilde" => '\u{303}',
        "bar" => '\u{304}',
        "overline" => '\u{305}',
        "breve" => '\u{306}',
        "dot" => '\u{307}',
        "ddot" => '\u{308}',
        "mathring" => '\u{30a}',
        "check" | "widecheck" => '\u{30c}',
        "vec" | "overrightarrow" => '\u{20d7}',
        _ => return None,
    })
}

/// `base` under `mark`, in one character where there is such a one.
pub(super) fn marked(base: &str, mark: char) -> String {
    // A dotless i is there to be marked.
    let base = match base {
        "ı" => "i",
        "ȷ" => "j",
        other => other,
    };
    base.chars().chain([mark]).nfc().collect()
}

/// A letter of the blackboard alphabet, where it is among the old characters that every font
/// has; the letter itself otherwise.
pub(super) fn blackboard(c: char) -> char {
    match c {
        'C' => 'ℂ',
        'H' => 'ℍ',
        'N' => 'ℕ',
        'P' => 'ℙ',
        'Q' => 'ℚ',
        'R' => 'ℝ',
        'Z' => 'ℤ',
        other => other,
    }
}

const RAISED: (&str, &str) = (
    "0123456789+-−=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVW",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ",
);
const LOWERED: (&str, &str) =
    ("0123456789+-−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ");

/// The raised form of a character.
pub(super) fn raised(c: char) -> Option<char> {
    form(RAISED, c)
}

/// The lowered form of a character.
pub(super) fn lowered(c: char) -> Option<char> {
    form(LOWERED, c)
}

fn form((plain, forms): (&str, &str), c: char) -> Option<char> {
    let at = plain.chars().position(|one| one == c)?;
    forms.chars().nth(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_raised_and_lowered_letter_is_a_form_of_its_own() {
        for (plain, forms) in [RAISED, LOWERED] {
            for c in plain.chars() {
                let form = form((plain, forms), c).unwrap();
                let back: String = form.to_string().nfkc().collect();
                assert_eq!(back.replace('−', "-"), c.to_string().replace('−', "-"));
            }
        }
        assert_eq!(lowered('b'), None);
    }

    #[test]
    fn commands_are_in_one_section_and_bare_ones_are_commands() {
        assert_eq!(command("times"), Some(Command::Binary("×")));
        assert_eq!(command("etal"), Some(Command::Words("et_al.")));
        assert_eq!(command("method"), None);
        for (name, sign) in TABLES.bare.keys() {
            if *sign == Bare::Itself {
                assert!(symbol(name).is_some(), "{name}");
            }
        }
        let names = include_str!("symbols.txt")
            .lines()
            .take_while(|line| *line != "[bare]")
            .filter(|line| !line.starts_with(['#', '[']))
            .flat_map(str::split_whitespace)
            .map(|entry| entry.split_once('=').map_or(entry, |(name, _)| name));
        assert_eq!(names.count(), TABLES.commands.len());
        assert_eq!(marked("ı", '\u{301}'), "í");
    }
}
