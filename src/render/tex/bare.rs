//! Formulas of a source that has lost its dollars and backslashes: "1920times1080",
//! "p(y mid x)". Only what can be no word where it stands is read as TeX: a name joined to a
//! number, between two variables, or that no language has.

use super::math::Math;
use super::prose::Prose;
use super::table::{self, Bare};

/// How far back the bracket of a call is looked for, in bytes.
const CALL: usize = 60;

/// Whether the text ends with a name of more than one letter that takes an index without braces:
/// a logarithm, a molecule.
pub(super) fn takes_index(text: &str) -> bool {
    let mut from = text.len().saturating_sub(8);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let name = text[from..].rsplit(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    matches!(
        name,
        "log" | "CO" | "NO" | "SO" | "CH" | "NH" | "SiO" | "TiO" | "AlO" | "SF" | "LiFePO"
    )
}

/// The letters around a name, and the names' own place.
struct Place<'a> {
    name: &'a str,
    before: Option<char>,
    after: Option<char>,
    /// The words to both sides, where a blank parts them from the name.
    left: &'a str,
    right: &'a str,
}

/// Writes the name at `at`, whose letters end at `letters`, where it is surely a command that
/// has lost its backslash; returns where the next begins.
pub(super) fn read(
    prose: &mut Prose<'_, '_>,
    at: usize,
    letters: usize,
    end: usize,
) -> Option<usize> {
    let source = prose.source;
    let name = source.between(at..letters);
    if name.len() < 2 {
        return None;
    }
    let after = source.char(letters, end);
    let beside = matches!(after, Some('{' | '_' | '^'));
    let inside = |word: &str, start: usize| name.get(start..).is_some_and(|n| n.starts_with(word));
    let known = table::may_be_bare(name)
        || inside("times", 0)
        || inside("times", 1)
        || inside("infty", 0)
        || inside("nabla", 0);
    if !beside && !known {
        return None;
    }
    if after == Some('{') && source.group(letters, end).is_some() {
        return before_brace(prose, name, letters, end);
    }
    if let Some(behind) = styled(prose, name, at, letters, end) {
        return Some(behind);
    }
    let place = Place {
        name,
        before: source.before(at),
        after,
        left: last_word(source.between(0..at)),
        right: first_word(source.between(letters..end)),
    };
    if let Some((text, used)) = times(&place) {
        prose.out.push_str(&text);
        return Some(at + used);
    }
    let (sign, joins) = sign(prose, &place, at, letters, end)?;
    prose.out.push_str(sign);
    // Joined to what stands before, it is joined to what follows.
    let joined = joins && place.before.is_some_and(|c| !c.is_whitespace() && c != '(');
    Some(if joined { source.skip_space(letters, end) } else { letters })
}

/// `mathbf{x}`, `textit{word}`, `blue{https://…}`.
fn before_brace(
    prose: &mut Prose<'_, '_>,
    name: &str,
    letters: usize,
    end: usize,
) -> Option<usize> {
    let source = prose.source;
    let inner = source.group(letters, end)?;
    let behind = inner.end + 1;
    let content = source.between(inner.clone());
    if table::is_bare(name, Bare::Color) && content.starts_with("http") {
        prose.inside(inner);
        return Some(behind);
    }
    if !table::is_bare(name, Bare::Brace) {
        return None;
    }
    match (table::command(name), table::greek(content)) {
        (Some(_), Some(letter)) => prose.out.push_str(letter),
        (Some(_), None) => prose.inside(inner),
        (None, _) => {
            let (text, behind) = Math::bare(source, name, letters, end, prose.depth);
            prose.out.push_str(&text);
            return Some(behind);
        }
    }
    Some(behind)
}

/// `boldsymbolπ`, `mathcalL`, `mathbf x`: a style and its letter.
fn styled(
    prose: &mut Prose<'_, '_>,
    name: &str,
    at: usize,
    letters: usize,
    end: usize,
) -> Option<usize> {
    let source = prose.source;
    let is_letter = |style: &str| table::is_bare(style, Bare::Letter);
    if is_letter(name) {
        let after = source.char(letters, end)?;
        if table::is_greek(after) {
            return Some(letters);
        }
        let next = source.skip(letters, end, |c| c == ' ');
        let word = source.skip(next, end, char::is_alphanumeric);
        let single = source.between(next..word).chars().count() == 1;
        return (next > letters && single).then_some(next);
    }
    // `inftyBench`: no word begins so.
    for (sign, symbol) in [("infty", "∞"), ("nabla", "∇")] {
        let rest = name.strip_prefix(sign).unwrap_or_default();
        if rest.starts_with(|c: char| c.is_ascii_uppercase()) {
            prose.out.push_str(symbol);
            return Some(at + sign.len());
        }
    }
    let (style, last) = name.split_at_checked(name.len() - 1)?;
    is_letter(style).then(|| {
        prose.out.push_str(last);
        at + name.len()
    })
}

/// The sign for multiplication: "256times256", "8timesH100", "16 times 16", "HtimesW". What it
/// is written as, and how many letters that takes.
fn times(place: &Place<'_>) -> Option<(String, usize)> {
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let Place { name, before, after, .. } = *place;
    let joined_before = before.is_some_and(|c| c.is_ascii_digit() || "})]%".contains(c));
    if let Some(rest) = name.strip_prefix("times") {
        let factor = rest.is_empty() || rest.starts_with(|c: char| c.is_ascii_uppercase());
        if joined_before && factor {
            return Some(("×".to_owned(), 5));
        }
        let opens = before.is_none_or(|c| c.is_whitespace() || c == '(');
        if rest.is_empty() && opens && digit(after) {
            return Some(("×".to_owned(), 5));
        }
        let number = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit() || c == '}');
        let numbers = number(place.left.chars().next_back()) && digit(place.right.chars().next());
        let single = |word: &str| word.len() == 1 && word.bytes().all(|b| b.is_ascii_alphabetic());
        let left = place.left.rsplit(['(', '[', '{']).next().unwrap_or_default();
        let right = place.right.trim_end_matches(|c: char| ".,;:)]}".contains(c));
        let letters = single(left) && single(right) && !matches!(right, "a" | "A" | "I");
        if rest.is_empty() && (numbers || letters) {
            return Some(("×".to_owned(), 5));
        }
        return None;
    }
    let mut chars = name.chars();
    let first = chars.next().filter(|_| !before.is_some_and(char::is_alphanumeric))?;
    let rest = chars.as_str().strip_prefix("times")?;
    let single = rest.len() <= 1 && rest.bytes().all(|byte| byte.is_ascii_alphabetic());
    let variables = first.is_ascii_uppercase() || rest.len() == 1;
    (single && variables).then(|| (format!("{first}×"), 6))
}

/// Any other sign, and whether it relates what stands beside it.
fn sign(
    prose: &Prose<'_, '_>,
    place: &Place<'_>,
    at: usize,
    letters: usize,
    end: usize,
) -> Option<(&'static str, bool)> {
    let source = prose.source;
    let Place { name, before, after, left, right } = *place;
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let begins_number = |word: &str| {
        let word = word.strip_prefix(['.', '-', '+']).unwrap_or(word);
        word.starts_with(|c: char| c.is_ascii_digit())
    };
    let ends_number = |word: &str| word.ends_with(|c: char| c.is_ascii_digit());
    let variable = |word: &str| is_variable(word);
    let greek = before.is_some_and(table::is_greek);
    if table::is_bare(name, Bare::Itself) {
        let hyphen = before == Some('-') || after == Some('_');
        return table::symbol(name).filter(|_| !hyphen || before != Some('-')).map(|s| (s, false));
    }
    let joined = digit(before) || greek;
    match name {
        "approx" if digit(after) => Some(("≈", false)),
        "approx" if joined || begins_number(right) && after == Some(' ') => Some(("≈", joined)),
        "sim" if digit(before) && digit(after) => Some(("~", false)),
        "sim" if digit(after) => quantity(source.between(letters..end)).then_some(("~", false)),
        "sim" if ends_number(left) && begins_number(right) => Some(("~", false)),
        "sim" if right.ends_with(['%', 'K', 'M']) && begins_number(right) => Some(("~", true)),
        "pm" if digit(before) && digit(after) => Some(("±", false)),
        "pm" if before == Some('(') && digit(after) => {
            let number = source.between(letters..source.number(letters, end));
            // Fine dust is PM1, PM2.5 and PM10; "(pm1)" is the pair of binary weights.
            (!matches!(number, "2.5" | "10")).then_some(("±", false))
        }
        "pm" if left.contains('.') && ends_number(left) && begins_number(right) => {
            right.contains('.').then_some(("±", false))
        }
        "to" if digit(before) && digit(after) => {
            let word = source.between(0..at);
            let number = word.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
            let apart = number.chars().next_back().is_none_or(|c| !c.is_alphanumeric());
            let same =
                source.between(letters..source.number(letters, end)) == &word[number.len()..];
            (apart && !same).then_some(("→", false))
        }
        "to" if greek && (after == Some(' ') || digit(after)) => Some(("→", true)),
        "ll" | "gg" if variable(left) && right.len() <= 3 => Some((table::symbol(name)?, false)),
        "ge" | "le" | "ne" if variable(left) && begins_number(right) => {
            Some((table::symbol(name)?, false))
        }
        "mid" if is_in_call(source.between(0..at)) && variable(left) && variable(right) => {
            Some(("|", false))
        }
        "ell" if matches!(after, Some('_' | '^')) => Some(("ℓ", false)),
        "ell" if matches!(after, Some(')' | ',')) && is_in_call(source.between(0..at)) => {
            Some(("ℓ", false))
        }
        "nabla"
            if matches!(after, Some('-' | '^' | '_' | '('))
                || after.is_some_and(table::is_greek) =>
        {
            Some(("∇", false))
        }
        "sum" | "prod" if after == Some('_') && !prose.out.ends_with(['_', '.']) => {
            let name = source.skip(letters + 1, end, |c| c.is_alphanumeric() || c == '_');
            let single = name == letters + 2;
            (single || source.group(letters + 1, end).is_some())
                .then_some((table::symbol(place.name)?, false))
        }
        _ if matches!(after, Some('_' | '^')) => {
            let apart = !before.is_some_and(|c| c.is_alphanumeric() || "_./\\".contains(c));
            let letter = table::greek(name).filter(|_| apart)?;
            let raised = after == Some('^');
            // The policy of reinforcement learning: `pi_ref(y)`.
            let policy = name == "pi" && {
                let word = source.skip(letters + 1, end, |c| c.is_ascii_alphabetic());
                word > letters + 1 && source.char(word, end) == Some('(')
            };
            policy.then_some((letter, false)).or_else(|| {
                has_script(source.between(letters + 1..end), raised).then_some((letter, false))
            })
        }
        _ => None,
    }
}

/// Whether `text` begins with what can only be a script: a number, a letter alone, a group, a
/// Greek letter's name.
fn has_script(text: &str, raised: bool) -> bool {
    let name = text.find(|c: char| !c.is_alphanumeric()).unwrap_or(text.len());
    let word = &text[..name];
    let ends = !text[name..].starts_with('_');
    text.starts_with('{')
        || raised && (word.starts_with(|c: char| c.is_ascii_digit()) || text.starts_with('-'))
        || ends
            && (word.chars().count() == 1
                || !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit())
                || table::greek(word).is_some())
}

/// Whether a number and what follows it is an amount: "25 FPS", "10K", "5%"; "2real" is a name.
fn quantity(text: &str) -> bool {
    let number =
        text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',').unwrap_or(text.len());
    let behind = &text[number..];
    let letters = behind.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(behind.len());
    let unit = &behind[..letters];
    let many = number > 1 || behind.starts_with(['%', '\\', '×']);
    match unit {
        "" => many,
        "times" | "ms" | "s" | "x" | "B" | "GB" | "MB" | "TB" | "k" | "K" | "M" | "G" | "T" => true,
        _ => false,
    }
}

/// A letter, or a name with a script.
fn is_variable(word: &str) -> bool {
    let word = word.trim_matches(|c: char| "()[],;".contains(c));
    let word = word.rsplit(['(', '[']).next().unwrap_or(word);
    let short = word.chars().count() == 1 && word.chars().all(char::is_alphabetic);
    let scripted = word
        .find(['_', '^'])
        .is_some_and(|at| at > 0 && at <= 3 && word[at + 1..].chars().next().is_some());
    short || scripted
}

/// Whether the text ends inside the brackets of a call: `p(a `.
fn is_in_call(text: &str) -> bool {
    let mut depth = 0;
    let mut from = text.len().saturating_sub(CALL);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let near = &text[from..];
    for (at, c) in near.char_indices().rev() {
        match c {
            ')' | ']' => depth += 1,
            '(' | '[' if depth > 0 => depth -= 1,
            '(' | '[' => {
                let name = near[..at].rsplit([' ', '(', '=', '/']).next().unwrap_or_default();
                let letters = name.chars().take_while(|c| c.is_alphabetic()).count();
                return (1..=3).contains(&letters);
            }
            _ => {}
        }
    }
    false
}

fn last_word(text: &str) -> &str {
    let Some(text) = text.strip_suffix(' ') else { return "" };
    let mut from = text.len().saturating_sub(24);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    text[from..].rsplit(' ').next().unwrap_or_default()
}

fn first_word(text: &str) -> &str {
    let Some(text) = text.strip_prefix(' ') else { return "" };
    let end = text.char_indices().take(24).find(|(_, c)| *c == ' ').map(|(at, _)| at);
    let most = text.char_indices().nth(24).map_or(text.len(), |(at, _)| at);
    &text[..end.unwrap_or(most)]
}
