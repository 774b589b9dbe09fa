//! MX: where mail to our own addresses goes: replies, commands and reports of what bounced.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::dns::{Dns, Exchange};
use super::patient::{Patient, ascii, here};
use super::spf::{unable, unanswered};
use super::{Finding, Group, Scope};
use crate::model::record_line;

/// What a mailbox of ours is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Use {
    /// The program reads it.
    Read,
    /// Replies go there.
    Answered,
}

/// Looks where mail to each of our domains goes.
pub(super) async fn look(patient: &Patient, scope: &Scope) -> Vec<Finding> {
    let dns = match &patient.dns {
        Ok(dns) => dns,
        Err(words) => return vec![unable("mx", words)],
    };
    let mail = &patient.config.mail;
    let mut domains: BTreeMap<String, Use> = BTreeMap::new();
    for address in [&patient.config.inbound.address, &mail.bounce_address].into_iter().flatten() {
        domains.insert(ascii(address.domain()), Use::Read);
    }
    for address in [Some(&mail.from), mail.reply_to.as_ref()].into_iter().flatten() {
        domains.entry(ascii(address.domain())).or_insert(Use::Answered);
    }
    let mut findings = Vec::new();
    for (domain, purpose) in domains {
        findings.push(check(patient, scope, dns, &domain, purpose).await);
    }
    findings
}

async fn check(patient: &Patient, scope: &Scope, dns: &Dns, domain: &str, purpose: Use) -> Finding {
    let name = format!("mx {domain}");
    let bad = |says: String| Finding::bad(Group::Dns, name.as_str(), says);
    let host = patient.site_host().unwrap_or_else(|| format!("mail.{domain}"));
    let record = |host: &str| record_line(domain, "MX", &format!("10 {host}."));
    let found = match dns.mx(domain).await {
        Ok(found) => found,
        Err(words) => return unanswered(&name, domain, "MX", &words, dns),
    };
    let what = match purpose {
        Use::Read => "replies and reports of what bounced do not arrive",
        Use::Answered => {
            "who replies to our mail gets an error, and some providers refuse such mail"
        }
    };
    let found = match found.as_slice() {
        // RFC 5321 5.1: without any, the domain's own address counts.
        [] => match dns.addresses(domain).await {
            Ok(addresses) if addresses.is_empty() => {
                let says = format!("{domain} takes no mail (no MX, no address): {what}");
                return bad(says).mend(record(&host));
            }
            Ok(_) => vec![Exchange { preference: 0, host: domain.to_owned() }],
            Err(words) => return unanswered(&name, domain, "A", &words, dns),
        },
        [one] if one.host.is_empty() => {
            let says = format!("{domain} says that it takes no mail (a null MX, RFC 7505): {what}");
            return bad(says).mend(format!("replace it by\n{}", record(&host)));
        }
        found => found.to_vec(),
    };
    let mut lead: Vec<(String, Vec<IpAddr>)> = Vec::new();
    for exchange in &found {
        match dns.addresses(&exchange.host).await {
            Ok(addresses) if addresses.is_empty() => {
                let says = format!("{domain} leads to {}, which has no address", exchange.host);
                let own = here(scope).first().map_or("ADDRESS".to_owned(), ToString::to_string);
                return bad(says).mend(format!(
                    "{}\nor name another server by the MX of {domain}",
                    record_line(&exchange.host, if own.contains(':') { "AAAA" } else { "A" }, &own)
                ));
            }
            Ok(addresses) => lead.push((exchange.host.clone(), addresses)),
            Err(words) => return unanswered(&name, &exchange.host, "A", &words, dns),
        }
    }
    let to: Vec<&str> = lead.iter().map(|(host, _)| host.as_str()).collect();
    let to = to.join(", ");
    if purpose == Use::Answered {
        return Finding::good(Group::Dns, name, format!("mail to {domain} goes to {to}"));
    }
    if let Some((mailbox, _)) = &patient.config.inbound.imap {
        let says = format!("mail to {domain} goes to {to}; we read it at {}", mailbox.url());
        return Finding::good(Group::Dns, name, says);
    }
    let mut us = here(scope);
    if let Some(host) = patient.site_host() {
        us.extend(dns.addresses(&host).await.unwrap_or_default());
    }
    if lead.iter().flat_map(|(_, addresses)| addresses).any(|address| us.contains(address)) {
        return Finding::good(
            Group::Dns,
            name,
            format!("mail to {domain} goes to {to}, which is us"),
        );
    }
    let at: Vec<String> = lead.iter().flat_map(|(_, all)| all).map(ToString::to_string).collect();
    let says = format!(
        "mail to {domain} goes to {to} ({}), which is not this machine as far as can be seen from \
         here",
        at.join(", ")
    );
    let inbound = &patient.config.inbound;
    let mailbox = inbound.address.as_ref().map_or(String::new(), ToString::to_string);
    let mend = format!(
        "have that server hand it over (docs/mail-in.md), such as by Postfix's transport_maps:\n\
         {mailbox}  lmtp:inet:{}\nor lead it here:\n{}\nthen try it: paperround doctor --only loop \
         --loop",
        inbound.lmtp,
        record(&host)
    );
    Finding::warn(Group::Dns, name, says).mend(mend)
}
