//! PTR: what the addresses are called from which this machine sends mail itself, and whether the
//! name leads back (RFC 1912 2.1). Gmail and others refuse mail from addresses without.

use std::net::IpAddr;

use super::dns::{Dns, reverse};
use super::patient::Patient;
use super::spf::{unable, unanswered};
use super::{Finding, Group, Scope};
use crate::model::record_line;

/// Looks at the names of our addresses.
pub(super) async fn look(patient: &Patient, scope: &Scope) -> Vec<Finding> {
    let Some(addresses) = patient.own_addresses(scope) else {
        let words = match patient.sends() {
            true => "mail leaves from the relay's addresses; their names are the relay's to give",
            false => "no mail leaves: every relay is a folder",
        };
        return vec![Finding::skipped(Group::Dns, "ptr", words)];
    };
    if addresses.is_empty() {
        let says =
            "this machine sends mail itself, and its public address cannot be seen from here";
        let mend = "paperround doctor --from-ip ADDRESS   # by which mail leaves";
        return vec![Finding::warn(Group::Dns, "ptr", says).mend(mend)];
    }
    let dns = match &patient.dns {
        Ok(dns) => dns,
        Err(words) => return vec![unable("ptr", words)],
    };
    let mut findings = Vec::new();
    for address in addresses {
        findings.push(check(patient, dns, address).await);
    }
    findings
}

async fn check(patient: &Patient, dns: &Dns, address: IpAddr) -> Finding {
    let name = format!("ptr {address}");
    let back = reverse(address);
    let kind = if address.is_ipv4() { "A" } else { "AAAA" };
    let host = patient.site_host().unwrap_or_else(|| format!("mail.{}", patient.sender_domain()));
    let names = match dns.names(address).await {
        Ok(names) => names,
        Err(words) => return unanswered(&name, &back, "PTR", &words, dns),
    };
    if names.is_empty() {
        let says = format!("{address}, from which our mail leaves, has no name (PTR)");
        let mend = format!(
            "whoever gave you the address sets it (\"reverse DNS\"):\n{}\n{}",
            record_line(&back, "PTR", &format!("{host}.")),
            record_line(&host, kind, &address.to_string())
        );
        return Finding::bad(Group::Dns, name, says).mend(mend);
    }
    for called in &names {
        match dns.addresses(called).await {
            Ok(found) if found.contains(&address) => {
                let says = format!("{address} is {called}, which leads back");
                return Finding::good(Group::Dns, name, says);
            }
            Ok(_) => {}
            Err(words) => return unanswered(&name, called, kind, &words, dns),
        }
    }
    let called = names.join(", ");
    let says = format!("{address} is called {called}, which does not lead back to it");
    let first = names.first().map_or("", String::as_str);
    let mend = record_line(first, kind, &address.to_string());
    Finding::bad(Group::Dns, name, says).mend(mend)
}
