//! SPF: whether the domain in whose name mail leaves says that our relays may send it (RFC 7208).
//! Receivers judge the domain of the envelope's sender.

use std::net::IpAddr;

use mail_auth::SpfResult;

use super::dns::Dns;
use super::patient::{Leaves, Patient};
use super::spf_tree::{MOST, Tree, follow, merged, records, rewritten};
use super::{Finding, Group, Scope};
use crate::model::txt_line;

const NAME: &str = "spf";

/// What our record must hold, and for whom.
struct Need {
    /// `include:…`, `ip4:…`, `a:…`
    term: String,
    who: String,
    /// Whether mail goes wrong without it, or may.
    strict: bool,
    addresses: Vec<IpAddr>,
}

/// Looks at the record of the envelope's domain.
pub(super) async fn look(patient: &Patient, scope: &Scope) -> Vec<Finding> {
    vec![check(patient, scope).await]
}

async fn check(patient: &Patient, scope: &Scope) -> Finding {
    let domain = patient.envelope_domain();
    if !patient.sends() {
        return Finding::skipped(Group::Dns, NAME, "no mail leaves: every relay is a folder");
    }
    let dns = match &patient.dns {
        Ok(dns) => dns,
        Err(words) => return unable(NAME, words),
    };
    let found = match records(dns, &domain).await {
        Ok(found) => found,
        Err(words) => return unanswered(NAME, &domain, "TXT", &words, dns),
    };
    let needs = needs(patient, scope, dns).await;
    let terms: Vec<String> = needs.iter().map(|need| need.term.clone()).collect();
    let line = |record: &str| txt_line(&domain, record);
    match found.as_slice() {
        [] => {
            let says = format!(
                "{domain} (of {}) has no SPF record: receivers cannot tell our mail from forged",
                patient.envelope_key()
            );
            if terms.is_empty() {
                let mend = format!(
                    "{}\nwith the address from which mail leaves; say it with --from-ip",
                    line("v=spf1 ip4:ADDRESS ~all")
                );
                return Finding::bad(Group::Dns, NAME, says).mend(mend);
            }
            Finding::bad(Group::Dns, NAME, says).mend(line(&rewritten("v=spf1", &[], &terms)))
        }
        [record] => match follow(dns, &domain, record).await {
            Ok(tree) => judge(patient, dns, &domain, record, &tree, needs).await,
            Err(words) => {
                let says =
                    format!("what the SPF record of {domain} includes cannot be read: {words}");
                Finding::bad(Group::Dns, NAME, says)
                    .mend(format!("the record is {record:?}: ask for each domain that it includes"))
            }
        },
        many => {
            let says = format!(
                "{domain} has {} SPF records, and receivers then count none (RFC 7208 4.5)",
                many.len()
            );
            let mend = format!("remove them and add this one:\n{}", line(&merged(many, &terms)));
            Finding::bad(Group::Dns, NAME, says).mend(mend)
        }
    }
}

async fn judge(
    patient: &Patient,
    dns: &Dns,
    domain: &str,
    record: &str,
    tree: &Tree,
    needs: Vec<Need>,
) -> Finding {
    let terms: Vec<String> = needs.iter().map(|need| need.term.clone()).collect();
    let replaced = |record: String| format!("replace it by\n{}", txt_line(domain, &record));
    if let Some((term, why)) = &tree.void {
        let says = format!("the SPF record of {domain} is void for {term}: {why}");
        let mend = replaced(rewritten(record, &[term], &terms));
        return Finding::bad(Group::Dns, NAME, says).mend(mend);
    }
    if tree.lookups > MOST {
        let costs: Vec<String> =
            tree.costs.iter().map(|(term, cost)| format!("{term} {cost}")).collect();
        let says = format!(
            "the SPF record of {domain} costs {} questions, and receivers stop at {MOST} \
             (RFC 7208 4.6.4): {}",
            tree.lookups,
            costs.join(", ")
        );
        let mend = format!(
            "take out of {record:?}\nwhat sends no mail for you; this program alone needs\n{}",
            txt_line(domain, &rewritten("v=spf1", &[], &terms))
        );
        return Finding::bad(Group::Dns, NAME, says).mend(mend);
    }
    let (mut missing, mut doubtful, mut passed) = (Vec::new(), Vec::new(), Vec::new());
    for need in &needs {
        match covers(dns, patient, tree, need).await {
            true => passed.push(need.who.clone()),
            false if need.strict => missing.push(need),
            false => doubtful.push(need),
        }
    }
    let whose =
        |needs: &[&Need]| needs.iter().map(|need| need.who.clone()).collect::<Vec<_>>().join(", ");
    let with = |needs: &[&Need]| {
        let terms: Vec<String> = needs.iter().map(|need| need.term.clone()).collect();
        replaced(rewritten(record, &[], &terms))
    };
    if tree.all == Some('+') {
        let says = format!("the SPF record of {domain} lets everybody send in its name (+all)");
        return Finding::bad(Group::Dns, NAME, says).mend(replaced(rewritten(record, &[], &terms)));
    }
    if !missing.is_empty() {
        let says = format!("the SPF record of {domain} does not let {} send", whose(&missing));
        return Finding::bad(Group::Dns, NAME, says).mend(with(&missing));
    }
    if !doubtful.is_empty() {
        let own = doubtful.iter().all(|need| need.addresses.is_empty());
        let (says, mend) = match own {
            true => (
                "which is well only while it puts a domain of its own into the envelope",
                with(&doubtful),
            ),
            false => (
                "and nobody can see from here by which addresses it sends",
                format!("ask its owner what SPF must hold, or {}", with(&doubtful)),
            ),
        };
        let says = format!("the SPF record of {domain} does not name {}, {says}", whose(&doubtful));
        return Finding::warn(Group::Dns, NAME, says).mend(mend);
    }
    if !matches!(tree.all, Some('-' | '~')) {
        let says =
            format!("the SPF record of {domain} says nothing of all others, so it proves little");
        return Finding::warn(Group::Dns, NAME, says).mend(replaced(rewritten(record, &[], &[])));
    }
    if passed.is_empty() {
        let says = format!(
            "{domain} has an SPF record; whether our mail passes cannot be seen, as this machine's \
             public address cannot be"
        );
        return Finding::warn(Group::Dns, NAME, says)
            .mend("paperround doctor --from-ip ADDRESS   # by which mail leaves");
    }
    let says =
        format!("{domain} lets {} send ({} of {MOST} questions)", passed.join(", "), tree.lookups);
    Finding::good(Group::Dns, NAME, says)
}

/// Whether the record lets these send.
async fn covers(dns: &Dns, patient: &Patient, tree: &Tree, need: &Need) -> bool {
    if let Some(included) = need.term.strip_prefix("include:") {
        return tree.includes.iter().any(|one| one == included);
    }
    let (sender, helo) = (patient.envelope_sender().to_string(), patient.sender_domain());
    for address in &need.addresses {
        if dns.spf(*address, &helo, &sender).await != SpfResult::Pass {
            return false;
        }
    }
    !need.addresses.is_empty()
}

/// What our record must hold for each relay.
async fn needs(patient: &Patient, scope: &Scope, dns: &Dns) -> Vec<Need> {
    let mut needs: Vec<Need> = Vec::new();
    for relay in &patient.config.mail.relays {
        let more = match patient.leaves(relay, scope) {
            Leaves::Nowhere => Vec::new(),
            Leaves::Provider(provider) => vec![Need {
                term: provider.term.to_owned(),
                who: provider.name.to_owned(),
                strict: !provider.own_envelope,
                addresses: Vec::new(),
            }],
            Leaves::Here(addresses) => addresses
                .into_iter()
                .map(|address| Need {
                    term: match address {
                        IpAddr::V4(_) => format!("ip4:{address}"),
                        IpAddr::V6(_) => format!("ip6:{address}"),
                    },
                    who: address.to_string(),
                    strict: true,
                    addresses: vec![address],
                })
                .collect(),
            Leaves::Relay(host) => {
                let addresses = match host.parse() {
                    Ok(address) => vec![address],
                    Err(_) => dns.addresses(&host).await.unwrap_or_default(),
                };
                let term = match host.parse::<IpAddr>() {
                    Ok(IpAddr::V4(_)) => format!("ip4:{host}"),
                    Ok(IpAddr::V6(_)) => format!("ip6:{host}"),
                    Err(_) => format!("a:{host}"),
                };
                vec![Need { term, who: host, strict: false, addresses }]
            }
        };
        for need in more {
            if !needs.iter().any(|one| one.term == need.term) {
                needs.push(need);
            }
        }
    }
    needs
}

/// The DNS cannot be asked at all.
pub(super) fn unable(name: &str, words: &str) -> Finding {
    Finding::bad(Group::Dns, name, format!("the DNS cannot be asked: {words}"))
        .mend("[inbound]\nresolver = \"9.9.9.9:53\"")
}

/// The DNS did not answer this.
pub(super) fn unanswered(name: &str, asked: &str, kind: &str, words: &str, dns: &Dns) -> Finding {
    let says = format!("nobody says whether {asked} has a {kind} record: {words}");
    let at = dns.server().parse::<std::net::SocketAddr>();
    let at = at.map_or(String::new(), |at| format!(" @{} -p {}", at.ip(), at.port()));
    Finding::bad(Group::Dns, name, says)
        .mend(format!("dig{at} {asked} {kind}   # then mend the zone, or set inbound.resolver"))
}
