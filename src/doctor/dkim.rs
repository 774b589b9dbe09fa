//! DKIM: whether the DNS publishes the keys that we sign with (RFC 6376, RFC 8301, RFC 8463).

use super::patient::{Leaves, Patient};
use super::spf::{unable, unanswered};
use super::tags::{tag, tags};
use super::{Finding, Group, Scope};
use crate::config::Dkim;
use crate::model::txt_line;
use crate::signing::Algorithm;

/// Looks for the record of every key.
pub(super) async fn look(patient: &Patient, scope: &Scope) -> Vec<Finding> {
    let keys = &patient.config.mail.dkim;
    if keys.is_empty() {
        return vec![unsigned(patient, scope)];
    }
    let mut findings = Vec::new();
    for key in keys {
        findings.push(published(patient, key).await);
    }
    // Many verifiers know no other kind (RFC 8463 is little used).
    if keys.iter().all(|one| one.key.algorithm() == Algorithm::Ed25519) {
        let says = "mail is signed by Ed25519 alone, which large providers do not verify";
        findings.push(
            Finding::warn(Group::Dns, "dkim rsa", says)
                .mend("paperround key dkim --kind rsa   # and add what it prints"),
        );
    }
    findings
}

fn unsigned(patient: &Patient, scope: &Scope) -> Finding {
    if !patient.sends() {
        return Finding::skipped(Group::Dns, "dkim", "no mail leaves: every relay is a folder");
    }
    let mend = "paperround key dkim   # and add what it prints to the DNS and the configuration";
    let relays = &patient.config.mail.relays;
    let own = |relay| matches!(patient.leaves(relay, scope), Leaves::Here(_));
    if relays.iter().any(own) {
        let says = "mail is not signed; Gmail, Yahoo and Outlook refuse much of such mail";
        return Finding::bad(Group::Dns, "dkim", says).mend(mend);
    }
    let says = "we do not sign mail; that is well only where the relay signs it for our domain";
    Finding::warn(Group::Dns, "dkim", says).mend(mend)
}

async fn published(patient: &Patient, ours: &Dkim) -> Finding {
    let name = format!("dkim {}", ours.selector);
    let at = format!("{}._domainkey.{}", ours.selector, ours.domain);
    let wanted = match ours.key.record() {
        Ok(wanted) => wanted,
        Err(error) => {
            let says = format!("the key in {} cannot be used: {error}", ours.key_file.display());
            return Finding::bad(Group::Dns, name, says)
                .mend("paperround key dkim   # makes another; add what it prints");
        }
    };
    let dns = match &patient.dns {
        Ok(dns) => dns,
        Err(words) => return unable(&name, words),
    };
    let found = match dns.txt(&at).await {
        Ok(found) => found,
        Err(words) => return unanswered(&name, &at, "TXT", &words, dns),
    };
    let line = txt_line(&at, &wanted);
    let record = match found.as_slice() {
        [] => {
            let says = format!("{at} has no TXT record: our signatures verify nowhere");
            return Finding::bad(Group::Dns, name, says).mend(line);
        }
        [record] => record,
        many => {
            let says = format!("{at} has {} TXT records, and verifiers take any", many.len());
            let mend = format!("remove all but\n{line}");
            return Finding::bad(Group::Dns, name, says).mend(mend);
        }
    };
    let replaced = format!("replace it by\n{line}");
    let (theirs, own) = (tags(record), tags(&wanted));
    let whole = |text: &str| text.split_whitespace().collect::<String>();
    let key = tag(&theirs, "p").map(whole);
    let kind = tag(&theirs, "k").unwrap_or("rsa");
    let says = match key {
        None => format!("the record of {at} holds no key (p=)"),
        Some(key) if key.is_empty() => {
            format!("the record of {at} says that its key is revoked (p=)")
        }
        Some(_) if !kind.eq_ignore_ascii_case(ours.key.algorithm().name()) => format!(
            "the record of {at} is for a key of the kind {kind}, and ours is {}",
            ours.key.algorithm().name()
        ),
        Some(key) if Some(key.as_str()) != tag(&own, "p") => {
            format!("the key at {at} is not ours: our signatures do not verify")
        }
        Some(_) if tag(&theirs, "v").is_some_and(|v| v != "DKIM1") => {
            format!("the record of {at} begins with a version other than DKIM1")
        }
        Some(_) if tag(&theirs, "h").is_some_and(|h| !h.to_lowercase().contains("sha256")) => {
            format!("the record of {at} does not allow sha256 (h=), by which we sign")
        }
        Some(_) if flags(&theirs).any(|flag| flag == "y") => {
            let says = format!("the record of {at} says that it is a test (t=y): nothing follows");
            return Finding::warn(Group::Dns, name, says).mend(replaced);
        }
        Some(_) => {
            let says = format!("{at} publishes our {} key", ours.key.algorithm().name());
            return Finding::good(Group::Dns, name, says);
        }
    };
    Finding::bad(Group::Dns, name, says).mend(replaced)
}

fn flags(theirs: &[(String, String)]) -> impl Iterator<Item = &str> {
    tag(theirs, "t").unwrap_or_default().split(':').map(str::trim)
}
