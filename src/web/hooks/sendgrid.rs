//! Twilio SendGrid: the signed event webhook, ECDSA on P-256 with SHA-256 over the moment of
//! sending and the body, and a batch of events. Pure.
//! <https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event>

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::Value;

use super::event::{Event, What, found, moment, named, text};
use super::{DAY, Refused, Report, mark, near};
use crate::bounce::Named;
use crate::config::SendgridKey;
use crate::model::{Verdict, Way};

const SIGNATURE: &str = "x-twilio-email-event-webhook-signature";
const TIMESTAMP: &str = "x-twilio-email-event-webhook-timestamp";

/// The events in a request that is signed with the key.
pub(super) fn open(
    key: &SendgridKey,
    headers: &HeaderMap,
    body: &[u8],
    now: Timestamp,
) -> Result<Report, Refused> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let (Some(sent), Some(signature)) = (header(TIMESTAMP), header(SIGNATURE)) else {
        return Err(Refused::Forged("it is not signed"));
    };
    let seconds = sent.parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    // It tries again for a day what it could not hand over.
    if !seconds.is_some_and(|sent| near(sent, now, DAY)) {
        return Err(Refused::Forged("it was signed too long ago"));
    }
    let signed = [sent.as_bytes(), body].concat();
    let signature = STANDARD.decode(signature).unwrap_or_default();
    key.key
        .verify_sig(&signed, &signature)
        .map_err(|_| Refused::Forged("the signature is wrong"))?;
    let batch: Vec<Value> = serde_json::from_slice(body).map_err(|_| Refused::Unreadable)?;
    let events = batch.iter().filter_map(|item| event(item, now)).collect();
    Ok(Report { id: mark(&[&signed]), events })
}

fn event(item: &Value, now: Timestamp) -> Option<Event> {
    let who = text(item, "/email");
    let words = [text(item, "/reason"), text(item, "/response")];
    let words = words.into_iter().find(|text| !text.is_empty()).unwrap_or_default();
    let finding = |verdict| found(verdict, who, text(item, "/status"), words);
    let what = match text(item, "/event") {
        "bounce" => finding(match (text(item, "/type"), text(item, "/bounce_classification")) {
            ("blocked", _) | (_, "Content" | "Reputation" | "Frequency or Volume Too High") => {
                Verdict::Policy
            }
            (_, "Technical" | "Mailbox Unavailable") => Verdict::Soft,
            _ => Verdict::Hard,
        }),
        // It did not even try; the reason says why.
        "dropped" => match words {
            "Bounced Address" | "Invalid" => finding(Verdict::Hard),
            "Spam Reporting Address" => finding(Verdict::Complaint),
            "Unsubscribed Address" => What::Left,
            _ => finding(Verdict::Policy),
        },
        "deferred" => finding(Verdict::Delayed),
        "delivered" => finding(Verdict::Delivered),
        "spamreport" => finding(Verdict::Complaint),
        "unsubscribe" | "group_unsubscribe" => What::Left,
        _ => return None,
    };
    let mail = named(item, "/smtp-id", Named::MessageId).into_iter().collect();
    Event::new(Way::Sendgrid, who, what, mail, moment(item, "/timestamp"), now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_event_has_its_meaning() {
        for (item, wanted) in [
            (r#"{"event":"bounce","type":"bounce","reason":"550 5.1.1 who?"}"#, "hard"),
            (r#"{"event":"bounce","type":"bounce","status":"5.7.1"}"#, "policy"),
            (
                r#"{"event":"bounce","type":"bounce","bounce_classification":"Reputation"}"#,
                "policy",
            ),
            (r#"{"event":"bounce","type":"bounce","bounce_classification":"Technical"}"#, "soft"),
            (r#"{"event":"bounce","type":"bounce","reason":"552 5.2.2 over quota"}"#, "soft"),
            (r#"{"event":"bounce","type":"blocked","status":"5.1.1"}"#, "policy"),
            (r#"{"event":"dropped","reason":"Bounced Address"}"#, "hard"),
            (r#"{"event":"dropped","reason":"Spam Reporting Address"}"#, "complaint"),
            (r#"{"event":"dropped","reason":"Unsubscribed Address"}"#, "left"),
            (
                r#"{"event":"dropped","reason":"Spam Content (if Spam Checker app enabled)"}"#,
                "policy",
            ),
            (r#"{"event":"deferred","response":"451 4.7.1 later"}"#, "delayed"),
            (r#"{"event":"delivered"}"#, "delivered"),
            (r#"{"event":"spamreport"}"#, "complaint"),
            (r#"{"event":"group_unsubscribe"}"#, "left"),
            (r#"{"event":"group_resubscribe"}"#, "nothing"),
            (r#"{"event":"open"}"#, "nothing"),
            (r#"{"event":["bounce"]}"#, "nothing"),
            (r#"{"status":"550","reason":"550 Unknown user"}"#, "nothing"),
        ] {
            let mut item: Value = serde_json::from_str(item).unwrap();
            item["email"] = "a@example.org".into();
            let told = event(&item, Timestamp::UNIX_EPOCH);
            let told = told.map_or("nothing", |event| match event.what {
                What::Left => "left",
                What::Found(finding) => finding.verdict.word(),
            });
            assert_eq!(told, wanted, "{item}");
        }
    }
}
