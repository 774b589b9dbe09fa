//! An SPF record and all that it includes (RFC 7208): how many questions it costs, whom it names,
//! and what makes it void. Whether one address passes is `dns::Dns::spf`'s to say.

use std::net::IpAddr;

use super::dns::Dns;
use super::tags::of_version;

/// A receiver asks no more (RFC 7208 4.6.4).
pub(super) const MOST: u32 = 10;
/// Where we give up.
const ENOUGH: u32 = 60;

/// A record and what hangs on it.
#[derive(Clone, Debug, Default)]
pub(super) struct Tree {
    /// How many questions it costs a receiver, at the most.
    pub(super) lookups: u32,
    /// The questions of each term of the top record that costs any.
    pub(super) costs: Vec<(String, u32)>,
    /// The domains that are included, at any depth.
    pub(super) includes: Vec<String>,
    /// The qualifier of `all`, of the record or of what it redirects to: `-`, `~`, `?` or `+`.
    pub(super) all: Option<char>,
    /// What makes it void: the term of the top record, and why.
    pub(super) void: Option<(String, String)>,
}

/// The SPF records of `domain`; more than one is none.
pub(super) async fn records(dns: &Dns, domain: &str) -> Result<Vec<String>, String> {
    Ok(of_version(dns.txt(domain).await?, "v=spf1"))
}

/// Follows the record of `domain`.
pub(super) async fn follow(dns: &Dns, domain: &str, record: &str) -> Result<Tree, String> {
    let mut tree = Tree::default();
    for term in terms(record) {
        let before = tree.lookups;
        let path = vec![domain.to_lowercase()];
        if let Err(why) = one(dns, term, path, true, &mut tree).await? {
            tree.void.get_or_insert((term.to_owned(), why));
        }
        if tree.lookups > before {
            tree.costs.push((term.to_owned(), tree.lookups - before));
        }
    }
    Ok(tree)
}

/// What follows the version.
pub(super) fn terms(record: &str) -> impl Iterator<Item = &str> {
    record.split_ascii_whitespace().skip(1)
}

/// The record without the terms `without`, and with `with` before its `all`, which is `~` where
/// there was none or one that lets everybody pass.
pub(super) fn rewritten(record: &str, without: &[&str], with: &[String]) -> String {
    let mut words = vec!["v=spf1".to_owned()];
    let mut all = "~all".to_owned();
    let mut redirect = None;
    for term in terms(record).filter(|term| !without.contains(term)) {
        let lower = term.to_lowercase();
        match lower.trim_start_matches(['+', '?', '~', '-']) {
            "all" if lower.starts_with(['~', '-']) => all = lower,
            "all" => {}
            _ if lower.starts_with("redirect=") => redirect = Some(term.to_owned()),
            _ if words.iter().any(|word| word.eq_ignore_ascii_case(term)) => {}
            _ => words.push(term.to_owned()),
        }
    }
    for term in with {
        if !words.contains(term) {
            words.push(term.clone());
        }
    }
    // A redirect takes the place of `all`, and counts for nothing beside it (RFC 7208 6.1).
    words.push(redirect.unwrap_or(all));
    words.join(" ")
}

/// What the records together say, as one.
pub(super) fn merged(records: &[String], with: &[String]) -> String {
    let all: Vec<&str> = records.iter().flat_map(|record| terms(record)).collect();
    rewritten(&format!("v=spf1 {}", all.join(" ")), &[], with)
}

type Void = Result<(), String>;

/// One term. Outer error: the DNS did not answer. Inner: why the record is void.
async fn one(
    dns: &Dns,
    term: &str,
    path: Vec<String>,
    top: bool,
    tree: &mut Tree,
) -> Result<Void, String> {
    let lower = term.to_lowercase();
    let qualifier = lower.chars().next().filter(|c| "+-~?".contains(*c));
    let bare = lower.trim_start_matches(['+', '-', '~', '?']);
    let (name, value) = match bare.find([':', '=', '/']) {
        Some(at) => (&bare[..at], bare[at..].trim_start_matches([':', '='])),
        None => (bare, ""),
    };
    match name {
        "all" if value.is_empty() => {
            if top {
                tree.all.get_or_insert(qualifier.unwrap_or('+'));
            }
        }
        "ip4" | "ip6" => return Ok(network(name, value)),
        "a" | "mx" | "ptr" | "exists" => tree.lookups += 1,
        "include" | "redirect" => {
            tree.lookups += 1;
            if value.is_empty() {
                return Ok(Err("it names no domain".to_owned()));
            }
            if name == "include" {
                tree.includes.push(value.to_owned());
            }
            // With a macro it depends on the mail.
            if value.contains('%') || tree.lookups > ENOUGH {
                return Ok(Ok(()));
            }
            return Box::pin(inside(dns, value, path, name == "redirect" && top, tree)).await;
        }
        // Unknown modifiers count for nothing (RFC 7208 6).
        _ if bare.contains('=') => {}
        _ => return Ok(Err("there is no such term".to_owned())),
    }
    Ok(Ok(()))
}

/// The record of a domain that is included or redirected to.
async fn inside(
    dns: &Dns,
    domain: &str,
    mut path: Vec<String>,
    top: bool,
    tree: &mut Tree,
) -> Result<Void, String> {
    if path.iter().any(|seen| seen == domain) {
        path.push(domain.to_owned());
        return Ok(Err(format!("it goes round in circles: {}", path.join(" → "))));
    }
    let found = records(dns, domain).await?;
    let record = match found.as_slice() {
        [record] => record.clone(),
        [] => return Ok(Err(format!("{domain} has no SPF record"))),
        many => return Ok(Err(format!("{domain} has {} SPF records", many.len()))),
    };
    path.push(domain.to_owned());
    for term in terms(&record) {
        if let Err(why) = one(dns, term, path.clone(), top, tree).await? {
            return Ok(Err(format!("in the record of {domain}: {term}: {why}")));
        }
    }
    Ok(Ok(()))
}

/// `192.0.2.0/24`, `2001:db8::/32`
fn network(kind: &str, value: &str) -> Void {
    let (address, bits) = match value.split_once('/') {
        Some((address, bits)) => (address, Some(bits)),
        None => (value, None),
    };
    let ip: Option<IpAddr> = address.parse().ok();
    let most = match (kind, ip) {
        ("ip4", Some(IpAddr::V4(_))) => 32,
        ("ip6", Some(IpAddr::V6(_))) => 128,
        _ => return Err(format!("{address} is no address of that kind")),
    };
    match bits.map(str::parse::<u8>) {
        None => Ok(()),
        Some(Ok(bits)) if bits <= most => Ok(()),
        Some(_) => Err("what follows the / is no length".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_written_anew() {
        let with = ["ip4:192.0.2.10".to_owned()];
        let cases = [
            ("v=spf1 mx ~all", "v=spf1 mx ip4:192.0.2.10 ~all"),
            ("v=spf1 mx -ALL", "v=spf1 mx ip4:192.0.2.10 -all"),
            ("v=spf1 +all", "v=spf1 ip4:192.0.2.10 ~all"),
            ("v=spf1 a a", "v=spf1 a ip4:192.0.2.10 ~all"),
            ("v=spf1 redirect=b.example", "v=spf1 ip4:192.0.2.10 redirect=b.example"),
        ];
        for (before, after) in cases {
            assert_eq!(rewritten(before, &[], &with), after);
        }
        assert_eq!(rewritten("v=spf1 include:x a -all", &["include:x"], &[]), "v=spf1 a -all");
        let two = ["v=spf1 mx -all".to_owned(), "v=spf1 include:b.example ~all".to_owned()];
        assert_eq!(merged(&two, &[]), "v=spf1 mx include:b.example ~all");
    }

    #[test]
    fn networks_are_read() {
        assert!(network("ip4", "192.0.2.0/24").is_ok() && network("ip6", "2001:db8::/32").is_ok());
        for (kind, bad) in
            [("ip4", "192.0.2"), ("ip4", "::1"), ("ip6", "::/129"), ("ip4", "1.2.3.4/x")]
        {
            assert!(network(kind, bad).is_err(), "{bad}");
        }
    }
}
