//! Amazon SES: what it publishes of a mail, in either form: feedback notifications
//! (`notificationType`) and event publishing (`eventType`). Pure.
//! <https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html>

use jiff::Timestamp;
use serde_json::Value;

use super::event::{Event, What, found, items, moment, named, text};
use crate::bounce::Named;
use crate::model::{Verdict, Way};

/// The events in a notice, one for each recipient.
pub(super) fn events(notice: &Value, now: Timestamp) -> Vec<Event> {
    let kind = [text(notice, "/notificationType"), text(notice, "/eventType")];
    match kind.into_iter().find(|kind| !kind.is_empty()).unwrap_or_default() {
        "Bounce" => bounce(notice, now),
        "Complaint" => complaint(notice, now),
        "Delivery" => each(notice, "/delivery/recipients", "/delivery/timestamp", now, |_, who| {
            found(Verdict::Delivered, who, "", text(notice, "/delivery/smtpResponse"))
        }),
        "DeliveryDelay" => {
            let (list, at) = ("/deliveryDelay/delayedRecipients", "/deliveryDelay/timestamp");
            each(notice, list, at, now, |item, who| of(Verdict::Delayed, item, who))
        }
        "Reject" => each(notice, "/mail/destination", "/mail/timestamp", now, |_, who| {
            found(Verdict::Policy, who, "", text(notice, "/reject/reason"))
        }),
        _ => Vec::new(),
    }
}

fn bounce(notice: &Value, now: Timestamp) -> Vec<Event> {
    let kind = text(notice, "/bounce/bounceType");
    let verdict = match (kind, text(notice, "/bounce/bounceSubType")) {
        ("Permanent", "UnsubscribedRecipient") => None,
        ("Permanent", _) => Some(Verdict::Hard),
        ("Transient", "MessageTooLarge" | "ContentRejected" | "AttachmentRejected") => {
            Some(Verdict::Policy)
        }
        ("Transient" | "Undetermined", _) => Some(Verdict::Soft),
        _ => return Vec::new(),
    };
    each(notice, "/bounce/bouncedRecipients", "/bounce/timestamp", now, |item, who| {
        verdict.map_or(What::Left, |verdict| of(verdict, item, who))
    })
}

fn complaint(notice: &Value, now: Timestamp) -> Vec<Event> {
    let verdict = match text(notice, "/complaint/complaintFeedbackType") {
        // RFC 6430: they take it back.
        "not-spam" => return Vec::new(),
        "auth-failure" => Verdict::Policy,
        _ => Verdict::Complaint,
    };
    let list = "/complaint/complainedRecipients";
    // Of several it is only known that one of them complained; our mails have one.
    if items(notice, list).len() > 1 {
        return Vec::new();
    }
    let words = text(notice, "/complaint/complaintFeedbackType");
    each(notice, list, "/complaint/timestamp", now, |_, who| found(verdict, who, "", words))
}

/// What is said of one bounced or delayed recipient.
fn of(verdict: Verdict, item: &Value, who: &str) -> What {
    found(verdict, who, text(item, "/status"), text(item, "/diagnosticCode"))
}

/// An event for each item of a list, which is an address or holds one.
fn each(
    notice: &Value,
    list: &str,
    at: &str,
    now: Timestamp,
    what: impl Fn(&Value, &str) -> What,
) -> Vec<Event> {
    let at = moment(notice, at);
    let one = |item: &Value| {
        let who = item.as_str().unwrap_or_else(|| text(item, "/emailAddress"));
        Event::new(Way::Ses, who, what(item, who), names(notice), at, now)
    };
    items(notice, list).iter().filter_map(one).collect()
}

/// What the mail is known by: the Message-ID that it had from us, where SES is set to tell it, and
/// when SES took it.
fn names(notice: &Value) -> Vec<Named> {
    let id = named(notice, "/mail/commonHeaders/messageId", Named::MessageId);
    id.into_iter().chain(moment(notice, "/mail/timestamp").map(Named::TakenAt)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(notice: &Value) -> Vec<String> {
        let word = |event: Event| match event.what {
            What::Left => format!("{} left", event.email),
            What::Found(finding) => format!("{} {}", event.email, finding.verdict.word()),
        };
        events(notice, Timestamp::UNIX_EPOCH).into_iter().map(word).collect()
    }

    #[test]
    fn bounces_by_type_and_subtype_in_both_forms() {
        for (kind, sub, status, wanted) in [
            ("Permanent", "General", "5.1.1", "hard"),
            ("Permanent", "NoEmail", "5.1.1", "hard"),
            ("Permanent", "Suppressed", "5.1.1", "hard"),
            ("Permanent", "OnAccountSuppressionList", "", "hard"),
            ("Permanent", "General", "5.7.1", "policy"),
            ("Permanent", "UnsubscribedRecipient", "", "left"),
            ("Transient", "General", "4.0.0", "soft"),
            ("Transient", "MailboxFull", "5.2.2", "soft"),
            ("Transient", "MessageTooLarge", "5.3.4", "policy"),
            ("Transient", "ContentRejected", "5.6.0", "policy"),
            ("Transient", "AttachmentRejected", "", "policy"),
            ("Undetermined", "Undetermined", "", "soft"),
        ] {
            for form in ["notificationType", "eventType"] {
                let notice = json!({
                    form: "Bounce",
                    "bounce": {
                        "bounceType": kind,
                        "bounceSubType": sub,
                        "bouncedRecipients": [
                            {"emailAddress": "A <a@example.org>", "status": status},
                            {"emailAddress": "nobody"},
                        ],
                    },
                });
                assert_eq!(told(&notice), [format!("a@example.org {wanted}")], "{kind} {sub}");
            }
        }
    }

    #[test]
    fn complaints_count_where_it_is_clear_whose_they_are() {
        let notice = |kind: &str, who: &[&str]| {
            let who: Vec<Value> = who.iter().map(|who| json!({"emailAddress": who})).collect();
            json!({
                "eventType": "Complaint",
                "complaint": {"complaintFeedbackType": kind, "complainedRecipients": who},
            })
        };
        assert_eq!(told(&notice("abuse", &["a@example.org"])), ["a@example.org complaint"]);
        assert_eq!(told(&notice("", &["a@example.org"])), ["a@example.org complaint"]);
        assert_eq!(told(&notice("not-spam", &["a@example.org"])), [""; 0]);
        assert_eq!(told(&notice("abuse", &["a@example.org", "b@example.org"])), [""; 0]);
    }

    #[test]
    fn the_rest() {
        let delay = json!({"eventType": "DeliveryDelay", "deliveryDelay": {"delayedRecipients":
            [{"emailAddress": "a@example.org", "status": "4.4.1"}]}});
        assert_eq!(told(&delay), ["a@example.org delayed"]);
        let arrived = json!({"notificationType": "Delivery", "delivery":
            {"recipients": ["a@example.org"]}});
        assert_eq!(told(&arrived), ["a@example.org delivered"]);
        let reject = json!({"eventType": "Reject", "mail": {"destination": ["a@example.org"]}});
        assert_eq!(told(&reject), ["a@example.org policy"]);
        for nothing in [json!({"eventType": "Open"}), json!([]), json!({"eventType": "Bounce"})] {
            assert_eq!(told(&nothing), [""; 0]);
        }
    }
}
