//! Postmark: a password by HTTP Basic (RFC 7617), and one record a request. Pure.
//! <https://postmarkapp.com/developer/webhooks/bounce-webhook>

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::event::{Event, What, found, moment, named, text};
use super::{Mark, Refused, Report, mark};
use crate::bounce::Named;
use crate::model::{Verdict, Way};

/// Whether the request holds the password, whatever the user's name; in a time that does not
/// tell how much of it is right.
pub(super) fn knows(password: &SecretString, headers: &HeaderMap) -> bool {
    let given = || {
        let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        let (scheme, login) = value.split_once(' ')?;
        let login = STANDARD.decode(login.trim()).ok()?;
        let colon = login.iter().position(|byte| *byte == b':')?;
        scheme.eq_ignore_ascii_case("basic").then(|| login[colon + 1..].to_vec())
    };
    let hashed = |text: &[u8]| -> Mark { mark(&[text]) };
    given().is_some_and(|given| {
        let (given, wanted) = (hashed(&given), hashed(password.expose_secret().as_bytes()));
        aws_lc_rs::constant_time::verify_slices_are_equal(&given, &wanted).is_ok()
    })
}

/// The record in a request whose password is right.
pub(super) fn open(body: &[u8], now: Timestamp) -> Result<Report, Refused> {
    let record: Value = serde_json::from_slice(body).map_err(|_| Refused::Unreadable)?;
    Ok(Report { id: mark(&[body]), events: event(&record, now).into_iter().collect() })
}

fn event(record: &Value, now: Timestamp) -> Option<Event> {
    let (who, at, what) = match text(record, "/RecordType") {
        "Bounce" | "SpamComplaint" => {
            let who = text(record, "/Email");
            let details = [text(record, "/Details"), text(record, "/Description")];
            let details = details.into_iter().find(|text| !text.is_empty()).unwrap_or_default();
            let what = match text(record, "/Type") {
                "Unsubscribe" | "ManuallyDeactivated" => What::Left,
                kind => found(meaning(kind)?, who, "", details),
            };
            (who, "/BouncedAt", what)
        }
        "Delivery" => {
            let who = text(record, "/Recipient");
            let what = found(Verdict::Delivered, who, "", text(record, "/Details"));
            (who, "/DeliveredAt", what)
        }
        "SubscriptionChange" if record.pointer("/SuppressSending") == Some(&Value::Bool(true)) => {
            let who = text(record, "/Recipient");
            let what = match text(record, "/SuppressionReason") {
                "HardBounce" => found(Verdict::Hard, who, "", "Postmark sends no more to it"),
                "SpamComplaint" => found(Verdict::Complaint, who, "", ""),
                _ => What::Left,
            };
            (who, "/ChangedAt", what)
        }
        _ => return None,
    };
    // It gives mails Message-IDs of its own, and tells neither those that they had nor when it took
    // them.
    let mail = named(record, "/Subject", Named::Subject).into_iter().collect();
    Event::new(Way::Postmark, who, what, mail, moment(record, at), now)
}

/// What a type of bounce means for the mail; none: nothing.
/// <https://postmarkapp.com/developer/api/bounce-api#bounce-types>
fn meaning(kind: &str) -> Option<Verdict> {
    Some(match kind {
        "HardBounce" | "BadEmailAddress" => Verdict::Hard,
        "SoftBounce" | "Transient" | "DnsError" | "Unknown" => Verdict::Soft,
        "SpamNotification" | "VirusNotification" | "Blocked" | "DMARCPolicy" | "SMTPApiError"
        | "OpenRelayTest" => Verdict::Policy,
        "AutoResponder" | "AddressChange" | "ChallengeVerification" => Verdict::AutoReply,
        "SpamComplaint" => Verdict::Complaint,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(record: &str) -> Option<Event> {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        open(record.as_bytes(), now).unwrap().events.pop()
    }

    #[test]
    fn each_type_has_its_meaning() {
        for (kind, wanted) in [
            ("HardBounce", "hard"),
            ("BadEmailAddress", "hard"),
            ("SoftBounce", "soft"),
            ("Transient", "soft"),
            ("SpamNotification", "policy"),
            ("Blocked", "policy"),
            ("AutoResponder", "autoreply"),
            ("Unsubscribe", "left"),
            ("TemplateRenderingFailed", "nothing"),
        ] {
            let record = format!(
                "{{\"RecordType\":\"Bounce\",\"Type\":\"{kind}\",\"Email\":\"a@example.org\",\
                 \"BouncedAt\":\"2026-11-23T08:00:00Z\",\"Details\":\"smtp;550 5.1.1 who?\"}}"
            );
            let told = read(&record).map_or("nothing", |event| match event.what {
                What::Left => "left",
                What::Found(finding) => finding.verdict.word(),
            });
            assert_eq!(told, wanted, "{kind}");
        }
        let block = "{\"RecordType\":\"Bounce\",\"Type\":\"HardBounce\",\"Email\":\"a@example.org\",\
                     \"Details\":\"smtp;550 5.7.1 blocked\"}";
        let What::Found(finding) = read(block).unwrap().what else { panic!("a finding") };
        assert_eq!((finding.verdict, finding.status.as_deref()), (Verdict::Policy, Some("5.7.1")));
    }

    #[test]
    fn a_change_counts_where_it_ends_the_mail() {
        let change = |ends: bool, reason: &str| {
            read(&format!(
                "{{\"RecordType\":\"SubscriptionChange\",\"Recipient\":\"a@example.org\",\
                 \"SuppressSending\":{ends},\"SuppressionReason\":\"{reason}\"}}"
            ))
        };
        assert_eq!(change(false, "ManualSuppression"), None);
        assert_eq!(change(true, "ManualSuppression").unwrap().what, What::Left);
        let What::Found(finding) = change(true, "HardBounce").unwrap().what else { panic!() };
        assert_eq!(finding.verdict, Verdict::Hard);
    }
}
