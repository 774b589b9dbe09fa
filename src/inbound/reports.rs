//! Whom a report is about: the person whom a token of ours names, in the address that the report
//! was sent to (VERP) or in what came back of our mail. A report without one proves nothing,
//! whatever addresses it holds, and suppresses nobody.

use super::InboundError;
use super::postbox::Postbox;
use crate::bounce::{Report, Said};
use crate::links::{Claim, Purpose, Tag};
use crate::model::{Finding, Verdict, Way};
use crate::store::Subscriber;

/// Tokens of one report that are tried.
const MOST: usize = 20;

/// A person whom a report is about, and the mail if that is known.
struct About {
    reader: Subscriber,
    delivery: Option<i64>,
}

/// Has a report's meaning applied to the person whom it is about.
pub(super) async fn apply(
    postbox: &Postbox,
    ours: &[String],
    report: &Report,
) -> Result<(), InboundError> {
    let Some(about) = about(postbox, ours, report).await? else {
        tracing::info!(
            findings = report.findings.len(),
            "a report that names nobody by a token of ours: nothing follows from it"
        );
        return Ok(());
    };
    let Some(mut finding) = finding(report, &about.reader) else { return Ok(()) };
    // Tokens of links stand in mails that are passed on, and never end: who holds one may report a
    // mail that they know nothing of. A probe, with a token of its own, finds out.
    if about.delivery.is_none() && finding.verdict == Verdict::Hard {
        finding.verdict = Verdict::Soft;
    }
    let said = Said {
        subscriber: about.reader.id,
        delivery: about.delivery,
        finding,
        way: Way::Report,
        at: postbox.clock.now(),
    };
    postbox.bounces.apply(&said).await?;
    Ok(())
}

/// What the report says of the person: the mail went to one address alone. Several findings
/// are those of a mailbox that passes mail on; one that got it outweighs those that did not.
fn finding(report: &Report, reader: &Subscriber) -> Option<Finding> {
    let key = reader.email.key();
    let theirs = report
        .findings
        .iter()
        .find(|finding| finding.addr.as_ref().is_some_and(|addr| addr.to_lowercase() == key));
    theirs.or_else(|| report.findings.iter().min_by_key(|one| weight(one.verdict))).cloned()
}

fn weight(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Complaint => 0,
        Verdict::Delivered => 1,
        Verdict::None | Verdict::AutoReply => 2,
        Verdict::Delayed => 3,
        Verdict::Policy => 4,
        Verdict::Soft => 5,
        Verdict::Hard => 6,
    }
}

async fn about(
    postbox: &Postbox,
    ours: &[String],
    report: &Report,
) -> Result<Option<About>, InboundError> {
    for address in ours {
        let (token, purpose) = match postbox.links.tag(address) {
            Some(Tag::Bounce(token)) => (token, Purpose::Bounce),
            // An out-of-office note goes to where replies go.
            Some(Tag::Reply(token)) => (token, Purpose::Reply),
            Some(Tag::Unsubscribe(token)) => (token, Purpose::Unsubscribe),
            _ => continue,
        };
        if let Some(found) = person(postbox, token, purpose).await? {
            return Ok(Some(found));
        }
    }
    let returned = report.returned.to_lowercase();
    for (token, purpose) in tokens(&returned) {
        if let Some(found) = person(postbox, token, purpose).await? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

async fn person(
    postbox: &Postbox,
    token: &str,
    purpose: Purpose,
) -> Result<Option<About>, InboundError> {
    let Some(claim) = Claim::read(token) else { return Ok(None) };
    let Some(reader) = postbox.store.subscriber_in(claim.subscriber).await? else {
        return Ok(None);
    };
    if !postbox.links.holds(&claim, purpose, reader.person(), "") {
        return Ok(None);
    }
    let delivery = match purpose {
        Purpose::Bounce => i64::try_from(claim.number).ok().filter(|row| *row != 0),
        _ => None,
    };
    Ok(Some(About { reader, delivery }))
}

/// What looks like a token of ours in a mail that came back, the most telling kind first.
fn tokens(text: &str) -> Vec<(&str, Purpose)> {
    const BEFORE: [(&str, Purpose); 4] = [
        ("+b-", Purpose::Bounce),
        ("+unsubscribe-", Purpose::Unsubscribe),
        ("/unsubscribe/", Purpose::Unsubscribe),
        ("+r-", Purpose::Reply),
    ];
    let mut found: Vec<(&str, Purpose)> = Vec::new();
    for (before, purpose) in BEFORE {
        for (at, _) in text.match_indices(before).take(MOST) {
            let rest = &text[at + before.len()..];
            let end = rest.find(|c: char| !c.is_ascii_lowercase() && !matches!(c, '2'..='7'));
            let one = (&rest[..end.unwrap_or(rest.len())], purpose);
            if one.0.len() >= 22 && !found.contains(&one) {
                found.push(one);
            }
        }
    }
    found.truncate(MOST);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_found_where_they_stand() {
        let token = "abcdefghijklmnopqrstuvwxyz234567";
        let text = format!(
            "return-path: <papers+b-{token}@digest.example>\n\
             list-unsubscribe: <https://digest.example/unsubscribe/{token}>,\n \
             <mailto:papers+unsubscribe-{token}@digest.example>\n+b-short@x +b-{token}@again"
        );
        let found = tokens(&text);
        assert_eq!(found, [(token, Purpose::Bounce), (token, Purpose::Unsubscribe)]);
    }
}
