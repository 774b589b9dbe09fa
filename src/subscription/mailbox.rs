//! Addresses as mailboxes: which of them are one and the same, and which were mistyped. Pure;
//! what it says of sameness counts for limits only.

use crate::model::EmailAddress;

/// Providers whose names are mistyped most, being those that most people have.
const WELL_KNOWN: [&str; 22] = [
    "gmail.com",
    "googlemail.com",
    "outlook.com",
    "hotmail.com",
    "live.com",
    "yahoo.com",
    "icloud.com",
    "protonmail.com",
    "proton.me",
    "aol.com",
    "gmx.de",
    "gmx.net",
    "web.de",
    "t-online.de",
    "yandex.ru",
    "mail.ru",
    "qq.com",
    "163.com",
    "126.com",
    "foxmail.com",
    "naver.com",
    "hotmail.co.uk",
];

/// Real ones that look like slips of those.
const REAL: [&str; 22] = [
    "mail.com",
    "ymail.com",
    "email.com",
    "gmx.com",
    "gmx.at",
    "gmx.ch",
    "gmx.us",
    "hotmail.de",
    "hotmail.fr",
    "hotmail.it",
    "hotmail.es",
    "live.de",
    "live.fr",
    "live.it",
    "outlook.de",
    "outlook.fr",
    "outlook.it",
    "outlook.es",
    "yahoo.ca",
    "me.com",
    "rocketmail.com",
    "aol.de",
];

/// The mailbox behind an address, as far as it is known how providers read them: without its
/// `+tag`, without Gmail's dots, in lower case.
pub(super) fn canonical(email: &EmailAddress) -> String {
    let key = email.key();
    let Some((local, domain)) = key.rsplit_once('@') else { return key };
    if local.starts_with('"') {
        return key;
    }
    let plain = local.split('+').next().filter(|plain| !plain.is_empty()).unwrap_or(local);
    match domain {
        "gmail.com" | "googlemail.com" => format!("{}@gmail.com", plain.replace('.', "")),
        _ => format!("{plain}@{domain}"),
    }
}

/// The address that was probably meant, where the domain looks like a slip of a well-known one.
pub(super) fn meant(email: &EmailAddress) -> Option<String> {
    let domain = email.domain();
    if WELL_KNOWN.contains(&domain) || REAL.contains(&domain) {
        return None;
    }
    let near = |known: &&&str| {
        // Short names have many neighbours that are real.
        let short = known.split('.').next().is_some_and(|name| name.len() < 4);
        !short && may_be_near(domain, known) && strsim::damerau_levenshtein(domain, known) == 1
    };
    let known = WELL_KNOWN.iter().find(near)?;
    Some(format!("{}@{known}", email.local()))
}

/// Whether two names can be one slip apart: but for two letters they begin and end alike. Nearly
/// none are, and the distance itself costs more than all the rest of reading an address.
fn may_be_near(one: &str, other: &str) -> bool {
    let alike =
        |pairs: &mut dyn Iterator<Item = (u8, u8)>| pairs.take_while(|(a, b)| a == b).count();
    let front = alike(&mut one.bytes().zip(other.bytes()));
    let back = alike(&mut one.bytes().rev().zip(other.bytes().rev()));
    one.len().abs_diff(other.len()) <= 1 && front + back + 2 >= one.len().max(other.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_mailbox_has_one_name() {
        let name = |text: &str| canonical(&text.parse().unwrap());
        assert_eq!(name("A.d.a+papers@GMail.com"), "ada@gmail.com");
        assert_eq!(name("ada@googlemail.com"), "ada@gmail.com");
        assert_eq!(name("a.da+x@example.org"), "a.da@example.org");
        assert_eq!(name("+x@example.org"), "+x@example.org");
        assert_ne!(name("ada@example.org"), name("adb@example.org"));
    }

    #[test]
    fn slips_are_seen_and_real_domains_left_alone() {
        let slip = |text: &str| meant(&text.parse().unwrap());
        for bad in ["gmial.com", "gmail.con", "gmai.com", "gmaill.com", "gamil.com", "gmail.co"] {
            assert_eq!(slip(&format!("ada@{bad}")).as_deref(), Some("ada@gmail.com"), "{bad}");
        }
        assert_eq!(slip("ada@hotmial.com").as_deref(), Some("ada@hotmail.com"));
        for good in
            ["gmail.com", "mail.com", "ymail.com", "example.org", "mit.edu", "gmx.at", "qq.co"]
        {
            assert_eq!(slip(&format!("ada@{good}")), None, "{good}");
        }
    }

    #[test]
    fn no_slip_is_passed_over() {
        let known = "hotmail.com";
        let cut = |at: usize| (known[..at].to_owned(), known[at..].to_owned());
        for at in 0..known.len() {
            let (front, back) = cut(at);
            let next = back.chars().nth(1).map_or(String::new(), String::from);
            let swapped = format!("{front}{next}{}{}", &back[..1], back.get(2..).unwrap_or(""));
            let slips = [
                format!("{front}{}", &back[1..]),
                format!("{front}x{back}"),
                format!("{front}x{}", &back[1..]),
                swapped,
            ];
            for slip in slips.iter().filter(|slip| strsim::damerau_levenshtein(slip, known) == 1) {
                assert!(may_be_near(slip, known) && may_be_near(known, slip), "{slip}");
            }
        }
        assert!(!may_be_near("example.org", known));
    }
}
