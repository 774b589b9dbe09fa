//! Reads what Amazon SES tells by mail through SNS: JSON in a text. Never believes it because of
//! who it says that it is from.

use serde_json::Value;

use super::meaning::Said;
use super::parts::Parts;
use super::wording;
use crate::model::{Finding, Verdict};

/// What a notification says of whom; none if the mail is none.
pub(super) fn read(parts: &Parts) -> Option<Vec<Finding>> {
    let from = parts.head.first("from")?.to_ascii_lowercase();
    let text = parts.text.trim_start();
    if !from.contains("amazonaws.com") && !from.contains("amazonses.com") || !text.starts_with('{')
    {
        return None;
    }
    let mut told = value(text)?;
    // SNS wraps it in an envelope unless told not to.
    if let Some(inner) = told.get("Message").and_then(Value::as_str) {
        told = value(inner)?;
    }
    let kind = told.get("notificationType").or(told.get("eventType"))?.as_str()?;
    let findings = match kind {
        "Bounce" => list(&told, "bounce", "bouncedRecipients")
            .map(|one| bounced(&told["bounce"], one))
            .collect(),
        "Complaint" => list(&told, "complaint", "complainedRecipients")
            .map(|one| finding(one, Verdict::Complaint, None, ""))
            .collect(),
        "Delivery" => delivered(&told["delivery"]),
        _ => Vec::new(),
    };
    Some(findings)
}

fn value(text: &str) -> Option<Value> {
    // Long lines come broken within words.
    let whole = text.replace(['\r', '\n'], "");
    serde_json::Deserializer::from_str(&whole).into_iter::<Value>().next()?.ok()
}

fn list<'a>(told: &'a Value, kind: &str, name: &str) -> impl Iterator<Item = &'a Value> {
    let list = told.get(kind).and_then(|kind| kind.get(name)).and_then(Value::as_array);
    list.into_iter().flatten().take(super::dsn::MOST_RECIPIENTS)
}

fn bounced(bounce: &Value, one: &Value) -> Finding {
    let status = one["status"].as_str().filter(|code| wording::is_status(code));
    let text = one["diagnosticCode"].as_str().unwrap_or_default();
    let said = Said { status, text, ..Said::default() };
    let is_lasting = bounce["bounceType"].as_str() == Some("Permanent");
    let verdict = match bounce["bounceSubType"].as_str() {
        Some("NoEmail") if is_lasting => Verdict::Hard,
        // Without a word of the other side, SES has judged.
        Some("General") if is_lasting && text.is_empty() && status.is_none() => Verdict::Hard,
        _ if is_lasting => said.verdict(),
        _ => Verdict::Soft,
    };
    finding(one, verdict, said.status(), text)
}

fn delivered(delivery: &Value) -> Vec<Finding> {
    let list = delivery["recipients"].as_array();
    let addrs =
        list.into_iter().flatten().filter_map(Value::as_str).take(super::dsn::MOST_RECIPIENTS);
    let answer = delivery["smtpResponse"].as_str().unwrap_or_default();
    addrs
        .map(|addr| Finding {
            addr: Some(addr.to_owned()),
            verdict: Verdict::Delivered,
            status: None,
            detail: wording::line(answer),
        })
        .collect()
}

fn finding(one: &Value, verdict: Verdict, status: Option<&str>, detail: &str) -> Finding {
    let addr = one["emailAddress"].as_str().and_then(super::address::first);
    Finding {
        addr: addr.map(str::to_owned),
        verdict,
        status: status.map(str::to_owned),
        detail: wording::line(detail),
    }
}
