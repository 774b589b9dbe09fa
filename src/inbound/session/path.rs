//! The path of `MAIL FROM:` and `RCPT TO:` (RFC 5321 4.1.2, RFC 6531 3.3). Says what is written
//! there and whether it may be; never whether anybody lives there.

use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};

/// RFC 5321 4.5.3.1: a path with its brackets, a domain, a label of one.
const LONGEST_PATH: usize = 256;
const LONGEST_DOMAIN: usize = 255;
const LONGEST_LABEL: usize = 63;

/// Reads the path at the head of `text`: its mailbox, empty for `<>`, and what stands behind it.
/// None: it is none. A source route is passed over (RFC 5321 appendix C), and quotes that are
/// not needed are taken off, as the same mailbox is meant (4.1.2).
///
/// A mailbox without a domain comes back as it stands: only `postmaster` may be one.
pub(super) fn path(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let inside = text.strip_prefix('<')?;
    if let Some(rest) = inside.strip_prefix('>') {
        return behind(rest).map(|rest| (Cow::Borrowed(""), rest));
    }
    let inside = without_route(inside)?;
    let (local, rest) = match inside.strip_prefix('"') {
        Some(quoted) => quoted_string(inside, quoted)?,
        None => dot_string(inside)?,
    };
    if let Some(rest) = rest.strip_prefix('>') {
        return behind(rest).map(|rest| (local, rest));
    }
    let (domain, rest) = rest.strip_prefix('@')?.split_once('>')?;
    let long = text.len() - rest.len() > LONGEST_PATH;
    if long || !is_domain(domain) && !is_literal(domain) {
        return None;
    }
    let mailbox = match local {
        // As it stands: from the local part to the end of the domain.
        Cow::Borrowed(local) => Cow::Borrowed(&inside[..local.len() + 1 + domain.len()]),
        Cow::Owned(local) => Cow::Owned(format!("{local}@{domain}")),
    };
    behind(rest).map(|rest| (mailbox, rest))
}

/// What follows a path: nothing, or parameters after a space.
fn behind(rest: &str) -> Option<&str> {
    (rest.is_empty() || rest.starts_with(' ')).then_some(rest)
}

/// Passes over `@one.example,@two.example:`.
fn without_route(inside: &str) -> Option<&str> {
    if !inside.starts_with('@') {
        return Some(inside);
    }
    let (route, rest) = inside.split_once(':')?;
    let named = |hop: &str| hop.strip_prefix('@').is_some_and(is_domain);
    route.split(',').all(named).then_some(rest)
}

fn dot_string(inside: &str) -> Option<(Cow<'_, str>, &str)> {
    let (local, rest) = inside.split_at(inside.find(['@', '>'])?);
    is_dot_string(local).then_some((Cow::Borrowed(local), rest))
}

fn is_dot_string(local: &str) -> bool {
    let atom = |atom: &str| !atom.is_empty() && atom.chars().all(is_atext);
    local.split('.').all(atom)
}

fn is_atext(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(letter) || is_beyond(letter)
}

/// Beyond ASCII, and nothing that could pass for a space or a line's end.
fn is_beyond(letter: char) -> bool {
    !letter.is_ascii() && !letter.is_control() && !letter.is_whitespace()
}

/// `quoted` is `inside` behind its first quote.
fn quoted_string<'a>(inside: &'a str, quoted: &'a str) -> Option<(Cow<'a, str>, &'a str)> {
    let mut plain = String::new();
    let mut letters = quoted.char_indices();
    while let Some((at, letter)) = letters.next() {
        let letter = match letter {
            '"' => {
                let rest = &quoted[at + 1..];
                let whole = &inside[..inside.len() - rest.len()];
                let local = match is_dot_string(&plain) {
                    true => Cow::Owned(plain),
                    false => Cow::Borrowed(whole),
                };
                return Some((local, rest));
            }
            '\\' => letters.next().map(|(_, letter)| letter).filter(char::is_ascii)?,
            other => other,
        };
        if letter.is_control() || !letter.is_ascii() && !is_beyond(letter) {
            return None;
        }
        plain.push(letter);
    }
    None
}

/// Whether it is a domain's name. Underscores stand in no host's name, and yet in the names of
/// senders.
fn is_domain(domain: &str) -> bool {
    let inner = |letter: char| {
        letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_') || is_beyond(letter)
    };
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= LONGEST_LABEL
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(inner)
    };
    domain.len() <= LONGEST_DOMAIN && domain.split('.').all(label)
}

/// RFC 5321 4.1.3: `[192.0.2.1]`, `[IPv6:2001:db8::1]`.
fn is_literal(domain: &str) -> bool {
    let inside = domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let Some(inside) = inside else { return false };
    match inside.split_at_checked(5) {
        Some((tag, address)) if tag.eq_ignore_ascii_case("IPv6:") => {
            address.parse::<Ipv6Addr>().is_ok()
        }
        _ => inside.parse::<Ipv4Addr>().is_ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_as_the_standard_has_them() {
        for (text, mailbox, rest) in [
            ("<>", "", ""),
            ("<> SIZE=1", "", " SIZE=1"),
            ("<a@b.example>", "a@b.example", ""),
            ("<a+b.c=d@B.Example> BODY=7BIT", "a+b.c=d@B.Example", " BODY=7BIT"),
            ("<@x.example,@y.example:a@b.example>", "a@b.example", ""),
            ("<\"a\"@b.example>", "a@b.example", ""),
            ("<\"a.\\b\"@b.example>", "a.b@b.example", ""),
            ("<\"a b\"@b.example>", "\"a b\"@b.example", ""),
            ("<\"a>b@c\"@b.example>", "\"a>b@c\"@b.example", ""),
            ("<\"a\\\"b\"@b.example>", "\"a\\\"b\"@b.example", ""),
            ("<\"\"@b.example>", "\"\"@b.example", ""),
            ("<a@[192.0.2.1]>", "a@[192.0.2.1]", ""),
            ("<a@[IPv6:2001:db8::1]>", "a@[IPv6:2001:db8::1]", ""),
            ("<Postmaster>", "Postmaster", ""),
            ("<пошта@приклад.укр>", "пошта@приклад.укр", ""),
            ("<a%b@c.example>", "a%b@c.example", ""),
        ] {
            let read = path(text);
            let wanted = Some((mailbox, rest));
            assert_eq!(read.as_ref().map(|(mailbox, rest)| (&**mailbox, *rest)), wanted, "{text}");
        }
    }

    #[test]
    fn what_is_no_path_is_none() {
        let long = format!("<a@{}example>", "abc.".repeat(64));
        let label = format!("<a@{}.example>", "a".repeat(64));
        for text in [
            "",
            "a@b.example",
            "<a@b.example",
            "<a@b.example>x",
            "<a@b.example>>",
            "<<a@b.example>>",
            "<a b@c.example>",
            "<a@b c.example>",
            "<.a@b.example>",
            "<a..b@c.example>",
            "<a.@b.example>",
            "<@b.example>",
            "<a@>",
            "<a@b@c.example>",
            "<a@-b.example>",
            "<a@b..example>",
            "<a@b.example.>",
            "<a@[1.2.3]>",
            "<a@[IPv6:x]>",
            "<a@[é:é]>",
            "<\"a@b.example>",
            "<\"a\"b@c.example>",
            "<\"a\\é\"@b.example>",
            "<a\u{a0}b@c.example>",
            "<a\u{2028}b@c.example>",
            "<@x.example:>",
            "<@x.example a@b.example>",
            "<@x y:a@b.example>",
            &long,
            &label,
        ] {
            assert_eq!(path(text), None, "{text}");
        }
    }
}
