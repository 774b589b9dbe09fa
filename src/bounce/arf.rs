//! Reads reports of unwanted mail: RFC 5965, and the forms that providers had before it. Never
//! takes a report of a machine's doubts for a person's complaint.

use super::address;
use super::fields::Fields;
use super::parts::Parts;
use super::wording;
use crate::model::{Finding, Verdict};

/// Whose complaint it is, in mail that Microsoft's programme for senders sends.
const MARK: &str = "x-hmxmroriginalrecipient";

/// What a report of unwanted mail says of whom; none if it is none. Empty: it says nothing of a
/// person. `is_report`: the mail's form or its sender says that a machine reports.
pub(super) fn read(parts: &Parts, is_report: bool) -> Option<Vec<Finding>> {
    if let Some(feedback) = &parts.feedback
        && is_report
    {
        return Some(feedback_report(parts, feedback));
    }
    left(parts).or_else(|| without_report(parts)).or_else(|| sent_back(parts))
}

/// Mail programs that leave a list for their reader (RFC 2369 3.2) at the press of a button, and
/// say so: Apple's. Whom it is from is to be proved like any address in a report.
fn left(parts: &Parts) -> Option<Vec<Finding>> {
    let head = &parts.head;
    let is = |name: &str, word: &str| {
        head.first(name).is_some_and(|value| value.eq_ignore_ascii_case(word))
    };
    let is_said = || {
        is("auto-submitted", "auto-replied")
            && wording::cut(&parts.text, 200).contains("sent this email to unsubscribe from")
    };
    if !parts.subject.to_ascii_lowercase().starts_with("unsubscribe")
        || !(is("x-apple-unsubscribe", "true") || is_said())
    {
        return None;
    }
    let from = head.first("from").and_then(address::first)?;
    Some(complaints(vec![from.to_owned()], "unsubscribe"))
}

fn feedback_report(parts: &Parts, feedback: &str) -> Vec<Finding> {
    let mut fields = Fields::default();
    for line in feedback.lines() {
        fields.add(line);
    }
    let kind = fields.first("feedback-type").unwrap_or_default().to_ascii_lowercase();
    // Not those of machines: not-spam (RFC 6430), auth-failure (RFC 6591), virus.
    let is_of_person =
        ["abuse", "fraud", "other", "opt-out", "spam", "phish", "junk", "unsub", "complain"]
            .iter()
            .any(|of_person| kind.trim().starts_with(of_person));
    if !is_of_person {
        return Vec::new();
    }
    let mut found: Vec<String> = ["original-rcpt-to", "removal-recipient", "original-recipient"]
        .iter()
        .map(|name| addresses(fields.all(name)))
        .find(|found| !found.is_empty())
        .unwrap_or_default();
    if found.is_empty() {
        found = of_returned(parts);
    }
    complaints(found, &kind)
}

/// Microsoft's programme for senders sends the mail alone, with a field of its own in it.
fn without_report(parts: &Parts) -> Option<Vec<Finding>> {
    let subject = parts.subject.to_ascii_lowercase();
    let is_complaint = subject.starts_with("complaint about message")
        || subject.starts_with("email feedback report for ip")
        || subject.starts_with("abuse report for ip")
        || parts.head.first(MARK).is_some();
    let is_machine = parts.head.first("from").is_some_and(|from| {
        let from = from.to_ascii_lowercase();
        ["staff@hotmail", "staff@outlook", "feedback", "fbl", "abuse", "complaint", "scomp"]
            .iter()
            .any(|name| from.contains(name))
    });
    // The field is the programme's alone, whoever passes the report on.
    let is_marked = parts.returned_head().first(MARK).is_some();
    if !is_complaint || !(is_machine || is_marked) || parts.returned.is_empty() {
        return None;
    }
    Some(complaints(of_returned(parts), &subject))
}

/// Its older form is the mail itself, sent back with that field on top.
fn sent_back(parts: &Parts) -> Option<Vec<Finding>> {
    is_sent_back(parts)
        .then(|| complaints(addresses(parts.head.all(MARK)), "sent back as unwanted"))
}

/// Whether the mail itself is what came back.
pub(super) fn is_sent_back(parts: &Parts) -> bool {
    let is_theirs = ["return-path", "sender"].iter().any(|name| {
        parts.head.all(name).any(|by| {
            let by = by.to_ascii_lowercase();
            by.contains("staff@hotmail.") || by.contains("staff@outlook.")
        })
    });
    is_theirs && parts.returned.is_empty() && parts.head.has(MARK)
}

fn of_returned(parts: &Parts) -> Vec<String> {
    let head = parts.returned_head();
    for name in [MARK, "x-original-to", "delivered-to", "envelope-to", "to", "cc"] {
        let found = addresses(head.all(name));
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

fn addresses<'a>(values: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut found: Vec<String> = values
        .take(20)
        .flat_map(|value| address::find(wording::cut(value, 4096)))
        .map(|(_, addr)| addr.to_owned())
        .collect();
    found.dedup();
    found.truncate(20);
    found
}

/// A complaint without an address is one: our own marks in the mail say whose it is.
fn complaints(found: Vec<String>, detail: &str) -> Vec<Finding> {
    let finding = |addr| Finding {
        addr,
        verdict: Verdict::Complaint,
        status: None,
        detail: wording::line(detail),
    };
    if found.is_empty() {
        return vec![finding(None)];
    }
    found.into_iter().map(|addr| finding(Some(addr))).collect()
}
