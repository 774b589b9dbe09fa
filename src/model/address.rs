//! An e-mail address: parsed at the edge, compared without regard to case in its domain,
//! masked wherever it could be read by others. Never checks whether a mailbox exists.

use std::fmt;
use std::str::FromStr;

/// A mailbox address of RFC 5321, its domain in lower case.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EmailAddress(String);

/// What is wrong with an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{seen:?} is not an e-mail address: {reason}")]
pub struct AddressError {
    /// The text, cut to 100 characters.
    pub seen: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl EmailAddress {
    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the last `@`.
    pub fn local(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local, _)| local)
    }

    /// The part after the last `@`, in lower case.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// The domain as it goes over the wire (RFC 5890): `xn--bcher-kva.example`.
    pub fn wire_domain(&self) -> String {
        idna::domain_to_ascii(self.domain()).unwrap_or_else(|_| self.domain().to_owned())
    }

    /// What tells two subscribers apart: the whole address in lower case. (RFC 5321 2.4 lets
    /// local parts differ by case; no provider does, and people mistype.)
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }

    /// For logs: the first letter of the local part, and the domain: `a***@example.org`.
    pub fn masked(&self) -> String {
        let first = self.local().chars().next().unwrap_or('?');
        format!("{first}***@{}", self.domain())
    }
}

impl FromStr for EmailAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        let fault = |reason| AddressError { seen: text.chars().take(100).collect(), reason };
        if text.is_empty() {
            return Err(fault("it is empty"));
        }
        let split = text.rsplit_once('@');
        // RFC 5321 4.1.2: a quoted local part may hold spaces.
        let quoted = split.is_some_and(|(local, _)| {
            local.len() > 2 && local.starts_with('"') && local.ends_with('"')
        });
        let domain_from = split.filter(|_| quoted).map_or(0, |(local, _)| local.len());
        let is_space =
            |(at, c): (usize, char)| c.is_whitespace() && (c != ' ' || at >= domain_from);
        if text.chars().any(char::is_control) || text.char_indices().any(is_space) {
            return Err(fault("it holds a space or a control character"));
        }
        let Some((local, domain)) = split else {
            return Err(fault("there is no @ in it"));
        };
        // RFC 5321 4.5.3.1: local part 64 octets, domain 255, path 256 with its brackets.
        if local.is_empty() || local.len() > 64 {
            return Err(fault("the part before the @ must have 1 to 64 octets"));
        }
        if domain.is_empty() || domain.len() > 255 || text.len() > 254 {
            return Err(fault("the domain is missing or too long"));
        }
        let domain = domain.to_lowercase();
        let domain = one_spelling(domain).ok_or_else(|| fault("its domain cannot be one"))?;
        let bare = domain.trim_end_matches('.');
        if !bare.contains('.') && bare != "localhost" {
            return Err(fault("the domain has no dot"));
        }
        let whole = format!("{local}@{bare}");
        lettre::Address::from_str(&whole)
            .map_err(|_| fault("it is not of the form name@example.org"))?;
        Ok(Self(whole))
    }
}

/// Whether both are the same domain, each as people or as mail servers write it.
pub fn is_same_domain(one: &str, other: &str) -> bool {
    if one.is_ascii() == other.is_ascii() && !one.contains("xn--") && !other.contains("xn--") {
        return one.eq_ignore_ascii_case(other);
    }
    let spelt = |domain: &str| {
        // RFC 5321 4.5.3.1.2, with room for what is shorter on the wire.
        (domain.len() <= 1_024).then(|| one_spelling(domain.to_lowercase())).flatten()
    };
    spelt(one).is_some_and(|spelling| spelt(other) == Some(spelling))
}

/// The one spelling of an internationalised domain (UTS 46), for people: `bücher.example` may be
/// typed composed or decomposed, in wide letters, or as `xn--bcher-kva.example`.
fn one_spelling(domain: String) -> Option<String> {
    if domain.is_ascii() && !domain.contains("xn--") {
        return Some(domain);
    }
    let ascii = idna::domain_to_ascii(&domain).ok()?;
    // RFC 5321 4.5.3.1.2 counts what goes over the wire.
    if ascii.len() > 255 {
        return None;
    }
    let (unicode, read) = idna::domain_to_unicode(&ascii);
    read.ok().map(|()| unicode)
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Masked, as debug output ends in logs.
impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl serde::Serialize for EmailAddress {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for EmailAddress {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_addresses_are_kept_and_bad_ones_explained() {
        let address: EmailAddress = " Alice+papers@Example.ORG ".parse().unwrap();
        assert_eq!(address.as_str(), "Alice+papers@example.org");
        assert_eq!(address.key(), "alice+papers@example.org");
        assert_eq!(format!("{address:?}"), "A***@example.org");
        let quoted: EmailAddress = "\"a b\"@example.org".parse().unwrap();
        assert_eq!(quoted.local(), "\"a b\"");
        for same in [
            "a@b\u{fc}cher.example",
            "a@bu\u{308}cher.example",
            "a@B\u{dc}CHER.example.",
            "a@xn--bcher-kva.example",
            "a@XN--BCHER-KVA.Example",
            "a@b\u{fc}cher\u{3002}example",
        ] {
            let address: EmailAddress = same.parse().unwrap();
            assert_eq!(address.key(), "a@b\u{fc}cher.example", "{same:?}");
        }
        for bad in [
            "a@xn--a.example",
            "a@xn--\u{fc}.example",
            "a@\u{200d}.example",
            "a@b\u{fc}\u{301}\u{2028}.example",
            &format!("a@{}.example", "\u{fc}".repeat(60)),
            "",
            "alice",
            "alice@",
            "@example.org",
            "a b@example.org",
            "a@b",
            "a@exa\r\nmple.org",
            "a@ex ample.org",
            "\"a b@example.org",
            "\"a b\"@ex ample.org",
            "\"a\u{a0}b\"@example.org",
        ] {
            assert!(bad.parse::<EmailAddress>().is_err(), "{bad:?}");
        }
    }
}
