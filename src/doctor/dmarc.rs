//! DMARC: whether the sender's domain has a policy, and whether SPF and DKIM speak for that domain
//! (RFC 7489). The record may lie at a name above.

use super::dns::Dns;
use super::patient::Patient;
use super::spf::{unable, unanswered};
use super::tags::{of_version, tag, tags};
use super::{Finding, Group, Scope, Verdict};
use crate::model::txt_line;

const ALIGNMENT: &str = "alignment";

/// Names that are asked for at the most, from the sender's up.
const STEPS: usize = 8;

/// A policy and where it lies.
struct Policy {
    at: String,
    tags: Vec<(String, String)>,
}

/// Looks at the policy and at the alignment.
pub(super) async fn look(patient: &Patient, _: &Scope) -> Vec<Finding> {
    let from = patient.sender_domain();
    let dns = match &patient.dns {
        Ok(dns) => dns,
        Err(words) => return vec![unable("dmarc", words)],
    };
    let found = match policies(dns, &from).await {
        Ok(found) => found,
        Err((at, words)) => return vec![unanswered("dmarc", &at, "TXT", &words, dns)],
    };
    let policy = match found.as_slice() {
        [policy] => Some(policy),
        _ => None,
    };
    vec![published(patient, &from, &found), aligned(patient, &from, policy)]
}

/// The record that a domain of ours is to have.
fn wanted(patient: &Patient) -> String {
    match &patient.config.admin.alarms_to {
        Some(to) => format!("v=DMARC1; p=none; rua=mailto:{to}"),
        None => "v=DMARC1; p=none".to_owned(),
    }
}

fn published(patient: &Patient, from: &str, found: &[Policy]) -> Finding {
    let line = |at: &str, value: &str| txt_line(&format!("_dmarc.{at}"), value);
    let policy = match found {
        [] => {
            let says = format!(
                "{from} (of mail.from) has no DMARC record, which Gmail, Yahoo and Outlook ask for"
            );
            return Finding::bad(Group::Dns, "dmarc", says).mend(line(from, &wanted(patient)));
        }
        [policy] => policy,
        [policy, ..] => {
            let says = format!(
                "_dmarc.{} has {} DMARC records, and receivers then count none",
                policy.at,
                found.len()
            );
            let value = policy.tags.iter().map(|(name, value)| format!("{name}={value}"));
            let value = value.collect::<Vec<_>>().join("; ");
            let mend = format!("remove all but one, such as\n{}", line(&policy.at, &value));
            return Finding::bad(Group::Dns, "dmarc", says).mend(mend);
        }
    };
    let p = tag(&policy.tags, "p").unwrap_or_default();
    if !["none", "quarantine", "reject"].iter().any(|known| known.eq_ignore_ascii_case(p)) {
        let says = format!(
            "the DMARC record of {} has no policy (p=none, quarantine or reject)",
            policy.at
        );
        let mend = format!("replace it by\n{}", line(&policy.at, &wanted(patient)));
        return Finding::bad(Group::Dns, "dmarc", says).mend(mend);
    }
    let reports = tag(&policy.tags, "rua").is_some_and(|rua| rua.contains("mailto:"));
    let says = format!("_dmarc.{} has the policy {p}", policy.at);
    match reports {
        true => Finding::good(Group::Dns, "dmarc", says),
        false => {
            Finding::good(Group::Dns, "dmarc", format!("{says}; nobody gets its reports (rua)"))
        }
    }
}

/// Domains that fit prove nothing where neither SPF nor DKIM was found to pass: takes back what
/// was said of them then.
pub(super) fn weigh(findings: &mut [Finding]) {
    let proofs: Vec<&Finding> = findings
        .iter()
        .filter(|one| one.group == Group::Dns)
        .filter(|one| one.name == "spf" || one.name == "dkim" || one.name.starts_with("dkim "))
        .collect();
    let passes = |one: &&Finding| matches!(one.verdict, Verdict::Good | Verdict::Warn);
    if proofs.is_empty() || proofs.iter().any(passes) {
        return;
    }
    let why: Vec<String> = proofs
        .iter()
        .map(|one| match one.verdict {
            Verdict::Skipped => format!("{} was not looked at", one.name),
            _ => format!("{} is not as it should be", one.name),
        })
        .collect();
    let says = format!("not known: {}; the domains themselves fit", why.join(", "));
    for one in findings.iter_mut().filter(|one| one.group == Group::Dns && one.name == ALIGNMENT) {
        if one.verdict == Verdict::Good {
            *one = Finding::skipped(Group::Dns, ALIGNMENT, says.clone());
        }
    }
}

/// Whether one of the domains that SPF and DKIM prove is the sender's.
fn aligned(patient: &Patient, from: &str, policy: Option<&Policy>) -> Finding {
    let strict = |name: &str| {
        policy.is_some_and(|one| tag(&one.tags, name).is_some_and(|v| v.eq_ignore_ascii_case("s")))
    };
    let envelope = patient.envelope_domain();
    let above = policy.map(|policy| policy.at.as_str());
    let spf = is_aligned(&envelope, from, strict("aspf"), above);
    let signs: Vec<&str> = patient.config.mail.dkim.iter().map(|one| one.domain.as_str()).collect();
    let signed = signs.iter().any(|one| is_aligned(one, from, strict("adkim"), above));
    let name = ALIGNMENT;
    let key = patient.envelope_key();
    match (spf, signed) {
        (true, true) => {
            let says = format!("SPF ({envelope}) and DKIM both speak for {from}");
            Finding::good(Group::Dns, name, says)
        }
        (false, true) => {
            let says = format!(
                "DKIM speaks for {from}; SPF speaks for {envelope} (of {key}), so a mail that is \
                 changed on its way fails DMARC"
            );
            let mend = format!("[mail]\nbounce_address = \"bounces@{from}\"");
            Finding::warn(Group::Dns, name, says).mend(mend)
        }
        (true, false) if signs.is_empty() => {
            let says =
                format!("SPF alone speaks for {from}, so a mail that is passed on fails DMARC");
            let mend = "paperround key dkim   # and add what it prints";
            Finding::warn(Group::Dns, name, says).mend(mend)
        }
        (true, false) => {
            let says = format!("DKIM signs for {}, and not for {from}", signs.join(", "));
            let mend = format!("[[mail.dkim]]\ndomain = \"{from}\"");
            Finding::warn(Group::Dns, name, says).mend(mend)
        }
        (false, false) => {
            let dkim = match signs.is_empty() {
                true => "nothing is signed".to_owned(),
                false => format!("DKIM for {}", signs.join(", ")),
            };
            let says = format!(
                "nothing speaks for {from} (of mail.from): SPF does for {envelope} (of {key}), {dkim}; \
                 our mail fails DMARC"
            );
            let mend = format!(
                "[[mail.dkim]]\ndomain = \"{from}\"   # paperround key dkim makes it whole"
            );
            Finding::bad(Group::Dns, name, says).mend(mend)
        }
    }
}

/// RFC 7489 3.1. `above`: where the policy lies, which both may stand under.
fn is_aligned(domain: &str, from: &str, strict: bool, above: Option<&str>) -> bool {
    let (domain, from) = (domain.to_lowercase(), from.to_lowercase());
    if strict || domain == from {
        return domain == from;
    }
    under(&domain, &from)
        || under(&from, &domain)
        || above.is_some_and(|above| under(&domain, above) && under(&from, above))
}

/// Whether `low` is `high` or a name below it.
fn under(low: &str, high: &str) -> bool {
    low.strip_suffix(high).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// The records at the nearest name that has any, from `domain` up. Error: which name was not
/// answered for, and why.
async fn policies(dns: &Dns, domain: &str) -> Result<Vec<Policy>, (String, String)> {
    let labels: Vec<&str> = domain.split('.').collect();
    // A top-level domain has no policy for those below it.
    for at in (0..labels.len().saturating_sub(1)).take(STEPS) {
        let name = labels[at..].join(".");
        let asked = format!("_dmarc.{name}");
        let found = dns.txt(&asked).await.map_err(|words| (asked, words))?;
        let found = of_version(found, "v=DMARC1");
        if !found.is_empty() {
            let policy = |record: String| Policy { at: name.clone(), tags: tags(&record) };
            return Ok(found.into_iter().map(policy).collect());
        }
    }
    Ok(Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_align_as_the_policy_says() {
        let relaxed =
            |domain: &str, from: &str| is_aligned(domain, from, false, Some("example.org"));
        assert!(relaxed("example.org", "example.org"));
        assert!(relaxed("bounces.example.org", "example.org"));
        assert!(relaxed("example.org", "news.example.org"));
        assert!(relaxed("mail.example.org", "news.example.org"));
        assert!(!relaxed("badexample.org", "example.org"));
        assert!(!relaxed("other.example", "example.org"));
        assert!(!is_aligned("mail.example.org", "news.example.org", false, None));
        assert!(!is_aligned("mail.example.org", "example.org", true, None));
        assert!(is_aligned("Example.org", "example.org", true, None));
    }
}
