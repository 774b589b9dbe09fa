//! Says whether a mail is a report, of which kind, and what it says of whom. Pure. Never takes a
//! person's mail about a report for one.

use super::parts::{MOST_RETURNED, Parts};
use super::standing::standing;
use super::{address, arf, autoreply, dsn, sns, text, wording};
use crate::mail::Incoming;
use crate::model::{Finding, Verdict};

/// What kind of report a mail is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportKind {
    /// Of a mail that did not arrive, or arrives late, or arrived (RFC 3464 and the rest).
    Bounce,
    /// Of a mail that its reader calls unwanted (RFC 5965).
    Complaint,
    /// Of a machine that answers for a person (RFC 3834), or of a mail's being read (RFC 8098).
    AutoReply,
}

/// A report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What kind.
    pub kind: ReportKind,
    /// What it says of whom; each address once.
    pub findings: Vec<Finding>,
    /// The head of the mail that it is about, or all that came back of it; empty: nothing did.
    pub returned: String,
}

/// Reads a report; none where the mail is none.
pub fn read(mail: &Incoming<'_>) -> Option<Report> {
    let parts = Parts::of(mail);
    let (kind, findings) = findings(&parts)?;
    let returned = match kind == ReportKind::Complaint && arf::is_sent_back(&parts) {
        true => head(mail),
        false => parts.returned,
    };
    Some(Report { kind, findings: each_once(findings), returned })
}

/// The head of a mail, as far as any is.
fn head(mail: &Incoming<'_>) -> String {
    let end = mail.message().parts.first().map_or(0, |root| root.offset_body as usize);
    let bytes = mail.raw().get(..end.min(MOST_RETURNED)).unwrap_or_default();
    String::from_utf8_lossy(bytes).into_owned()
}

fn findings(parts: &Parts) -> Option<(ReportKind, Vec<Finding>)> {
    let standing = standing(parts);
    let is_report = parts.kind == "multipart/report";
    if let Some(complaints) = arf::read(parts, is_report || standing.is_machine()) {
        let is_complaint = !complaints.is_empty();
        let kind = if is_complaint { ReportKind::Complaint } else { ReportKind::AutoReply };
        return Some((kind, complaints));
    }
    if let Some(told) = sns::read(parts) {
        let is_complaint = told.iter().any(|finding| finding.verdict == Verdict::Complaint);
        return Some((if is_complaint { ReportKind::Complaint } else { ReportKind::Bounce }, told));
    }
    if let Some(disposition) = &parts.disposition
        && parts.status.is_empty()
    {
        let reader = disposition
            .lines()
            .find(|line| line.to_ascii_lowercase().starts_with("final-recipient"))
            .and_then(address::first);
        return Some((ReportKind::AutoReply, vec![answered(reader, &parts.subject)]));
    }
    if !parts.status.is_empty() && (is_report || standing.is_machine()) {
        let found = of_status(parts);
        if !found.is_empty() {
            return Some((ReportKind::Bounce, found));
        }
    }
    let is_answer = autoreply::is(parts);
    if standing.is_report() && (standing.is_plain() || !is_answer) {
        return Some((ReportKind::Bounce, text::read(parts, standing)));
    }
    let from = parts.head.first("from").and_then(address::first);
    is_answer.then(|| (ReportKind::AutoReply, vec![answered(from, &parts.subject)]))
}

/// What the report for machines says, with the help of the one for people.
fn of_status(parts: &Parts) -> Vec<Finding> {
    let groups = dsn::groups(&parts.status);
    let alone = groups.len() == 1;
    let mut found = Vec::new();
    for group in groups {
        let (addr, last) = group.recipients();
        let Some(addr) = addr else {
            if alone {
                found.push(group.finding(text::only_recipient(parts), &parts.text));
            }
            continue;
        };
        let told = if alone { parts.text.clone() } else { text::about(&parts.text, &addr) };
        let finding = group.finding(Some(addr), &told);
        if last.is_some() {
            // Not whom we mailed: what failed may be the way there alone.
            let verdict =
                if finding.verdict == Verdict::Hard { Verdict::Soft } else { finding.verdict };
            found.push(Finding { addr: last, verdict, ..finding.clone() });
        }
        found.push(finding);
    }
    found
}

fn answered(addr: Option<&str>, detail: &str) -> Finding {
    Finding {
        addr: addr.map(str::to_owned),
        verdict: Verdict::AutoReply,
        status: None,
        detail: wording::line(detail),
    }
}

/// Each address once: what is said of it last of equal weight, and a failure rather than none.
fn each_once(findings: Vec<Finding>) -> Vec<Finding> {
    let mut once: Vec<Finding> = Vec::with_capacity(findings.len());
    for mut finding in findings {
        if finding.verdict == Verdict::Hard && !finding.addr.as_deref().is_some_and(is_public) {
            finding.verdict = Verdict::Soft;
        }
        let same = |other: &&mut Finding| match (&other.addr, &finding.addr) {
            (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
            (None, None) => true,
            _ => false,
        };
        match once.iter_mut().find(same) {
            Some(known) if weight(known.verdict) <= weight(finding.verdict) => {}
            Some(known) => *known = finding,
            None => once.push(finding),
        }
    }
    once
}

/// Whether mail to it leaves a house: nobody who reads us has an address without a dot behind
/// the `@`, nor does a report without an address lose anybody theirs.
fn is_public(addr: &str) -> bool {
    addr.rsplit_once('@').is_some_and(|(_, domain)| domain.contains('.'))
}

/// Two verdicts on one address: the one that says less against it holds.
fn weight(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Complaint => 0,
        Verdict::Soft | Verdict::Policy | Verdict::Delayed => 1,
        Verdict::Hard => 2,
        Verdict::AutoReply | Verdict::Delivered | Verdict::None => 3,
    }
}
