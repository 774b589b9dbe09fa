//! Mailgun: HMAC with SHA-256 over a moment and a token, which says nothing of the body beside
//! it, so that each token counts for one body only. Pure.
//! <https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks>

use data_encoding::HEXLOWER_PERMISSIVE;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::Value;
use sha2::Sha256;

use super::event::{Event, What, found, moment, named, text};
use super::{DAY, Refused, Report, mark, near};
use crate::bounce::Named;
use crate::model::{Verdict, Way};

#[derive(Deserialize)]
struct Signed {
    signature: Signature,
}

#[derive(Deserialize)]
struct Signature {
    timestamp: String,
    token: String,
    signature: String,
}

/// The event in a request that is signed with the key.
pub(super) fn open(key: &SecretString, body: &[u8], now: Timestamp) -> Result<Report, Refused> {
    let Signed { signature } = serde_json::from_slice(body).map_err(|_| Refused::Unreadable)?;
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.expose_secret().as_bytes()) else {
        unreachable!("HMAC takes keys of any length")
    };
    mac.update(signature.timestamp.as_bytes());
    mac.update(signature.token.as_bytes());
    let given = HEXLOWER_PERMISSIVE.decode(signature.signature.as_bytes()).unwrap_or_default();
    mac.verify_slice(&given).map_err(|_| Refused::Forged("the signature is wrong"))?;
    let sent = signature.timestamp.parse().ok();
    let sent = sent.and_then(|seconds| Timestamp::from_second(seconds).ok());
    // It tries again for eight hours what it could not hand over.
    if !sent.is_some_and(|sent| near(sent, now, DAY)) {
        return Err(Refused::Forged("it was signed too long ago"));
    }
    let whole: Value = serde_json::from_slice(body).map_err(|_| Refused::Unreadable)?;
    let event = whole.pointer("/event-data").and_then(|data| event(data, now));
    // Both parts, as the boundary between them is not signed: whoever moved it gains nothing.
    let id = mark(&[signature.timestamp.as_bytes(), signature.token.as_bytes()]);
    Ok(Report { id, events: event.into_iter().collect() })
}

fn event(data: &Value, now: Timestamp) -> Option<Event> {
    let who = text(data, "/recipient");
    let said = |key: &str| text(data, &format!("/delivery-status/{key}"));
    let words = [said("message"), said("description"), text(data, "/reason")];
    let words = words.into_iter().find(|text| !text.is_empty()).unwrap_or_default();
    let finding = |verdict| found(verdict, who, said("enhanced-code"), words);
    let what = match (text(data, "/event"), text(data, "/severity")) {
        ("failed", "temporary") => finding(Verdict::Delayed),
        ("failed", "permanent") => match text(data, "/reason") {
            "suppress-complaint" => finding(Verdict::Complaint),
            "suppress-unsubscribe" => What::Left,
            "espblock" | "blacklisted" => finding(Verdict::Policy),
            // Tried for long enough: what kept it away may pass.
            "old" | "greylisted" => finding(Verdict::Soft),
            _ => finding(hard_unless_soft(data)),
        },
        ("complained", _) => finding(Verdict::Complaint),
        ("unsubscribed", _) => What::Left,
        ("delivered", _) => finding(Verdict::Delivered),
        _ => return None,
    };
    let mail = named(data, "/message/headers/message-id", Named::MessageId).into_iter().collect();
    Event::new(Way::Mailgun, who, what, mail, moment(data, "/timestamp"), now)
}

/// Hard, unless Mailgun calls the bounce soft or the reply was one for now.
fn hard_unless_soft(data: &Value) -> Verdict {
    let code = data.pointer("/delivery-status/code").and_then(Value::as_i64);
    let soft = text(data, "/delivery-status/bounce-type") == "soft";
    if soft || code.is_some_and(|code| (400..500).contains(&code)) {
        Verdict::Soft
    } else {
        Verdict::Hard
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_event_has_its_meaning() {
        for (data, wanted) in [
            (
                r#"{"event":"failed","severity":"permanent","reason":"suppress-bounce","delivery-status":{"code":605}}"#,
                "hard",
            ),
            (
                r#"{"event":"failed","severity":"permanent","reason":"bounce","delivery-status":{"code":550,"enhanced-code":"5.1.1"}}"#,
                "hard",
            ),
            (
                r#"{"event":"failed","severity":"permanent","reason":"bounce","delivery-status":{"code":550,"message":"5.7.1 blocked"}}"#,
                "policy",
            ),
            (
                r#"{"event":"failed","severity":"permanent","reason":"generic","delivery-status":{"code":498}}"#,
                "soft",
            ),
            (r#"{"event":"failed","severity":"permanent","reason":"old"}"#, "soft"),
            (r#"{"event":"failed","severity":"permanent","reason":"espblock"}"#, "policy"),
            (
                r#"{"event":"failed","severity":"permanent","reason":"suppress-complaint"}"#,
                "complaint",
            ),
            (
                r#"{"event":"failed","severity":"permanent","reason":"suppress-unsubscribe"}"#,
                "left",
            ),
            (r#"{"event":"failed","severity":"temporary","reason":"generic"}"#, "delayed"),
            (r#"{"event":"complained"}"#, "complaint"),
            (r#"{"event":"unsubscribed"}"#, "left"),
            (r#"{"event":"delivered"}"#, "delivered"),
            (r#"{"event":"opened"}"#, "nothing"),
        ] {
            let mut data: Value = serde_json::from_str(data).unwrap();
            data["recipient"] = "a@example.org".into();
            let told = event(&data, Timestamp::UNIX_EPOCH);
            let told = told.map_or("nothing", |event| match event.what {
                What::Left => "left",
                What::Found(finding) => finding.verdict.word(),
            });
            assert_eq!(told, wanted, "{data}");
        }
    }
}
