//! What a provider says of one recipient, and the few ways in which providers write such things.
//! Pure; never decides what becomes of the person.

use jiff::Timestamp;
use serde_json::Value;

use crate::bounce::{Named, meaning_for_provider};
use crate::model::{EmailAddress, Finding, Verdict, Way};

/// What happened to one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) email: EmailAddress,
    pub(super) what: What,
    /// Of which mail it is said, by whatever the provider tells of it.
    pub(super) mail: Vec<Named>,
    /// The provider.
    pub(super) way: Way,
    /// When it happened, by the provider's word; never later than now.
    pub(super) at: Timestamp,
}

/// Of a mail, or of the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// What became of a mail to them.
    Found(Finding),
    /// They left, by a way of the provider's.
    Left,
}

/// The longest detail that is kept, in characters.
const LONGEST: usize = 300;

impl Event {
    /// An event; none where the recipient is no address.
    pub(super) fn new(
        way: Way,
        recipient: &str,
        what: What,
        mail: Vec<Named>,
        at: Option<Timestamp>,
        now: Timestamp,
    ) -> Option<Self> {
        let email = mailbox(recipient)?;
        let at = at.filter(|at| *at <= now).unwrap_or(now);
        Some(Self { email, what, mail, way, at })
    }
}

/// What became of a mail to `recipient`, by the provider's `verdict`, the enhanced status code
/// (found in the detail where there is none) and the other side's words.
pub(super) fn found(verdict: Verdict, recipient: &str, status: &str, detail: &str) -> What {
    let (verdict, status) = meaning_for_provider(verdict, status, detail);
    let addr = mailbox(recipient).map(|email| email.to_string());
    What::Found(Finding { addr, verdict, status, detail: line(detail) })
}

/// The text in one line of a bounded length.
fn line(text: &str) -> String {
    let calm = |letter: char| if letter.is_control() { ' ' } else { letter };
    text.trim().chars().take(LONGEST).map(calm).collect()
}

/// The address in `name@example.org` or `Name <name@example.org>`.
fn mailbox(text: &str) -> Option<EmailAddress> {
    let text = text.trim();
    let bare = text.strip_suffix('>').and_then(|rest| rest.rsplit_once('<'));
    bare.map_or(text, |(_, address)| address).parse().ok()
}

/// The text at a JSON pointer (RFC 6901); empty where there is none.
pub(super) fn text<'a>(value: &'a Value, at: &str) -> &'a str {
    value.pointer(at).and_then(Value::as_str).unwrap_or_default()
}

/// The name of a mail that the text at a JSON pointer is; none where there is none.
pub(super) fn named(value: &Value, at: &str, name: fn(String) -> Named) -> Option<Named> {
    Some(text(value, at)).filter(|text| !text.is_empty()).map(|text| name(text.to_owned()))
}

/// The items of the list at a JSON pointer; none where there is no list.
pub(super) fn items<'a>(value: &'a Value, at: &str) -> &'a [Value] {
    value.pointer(at).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The moment at a JSON pointer: RFC 3339, or seconds since 1970 with or without a fraction.
pub(super) fn moment(value: &Value, at: &str) -> Option<Timestamp> {
    match value.pointer(at)? {
        Value::String(text) => text.parse().ok(),
        number => {
            let whole = number.as_i64().or_else(|| number.as_f64().map(|seconds| seconds as i64));
            whole.and_then(|seconds| Timestamp::from_second(seconds).ok())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(status: &str, detail: &str) -> Verdict {
        match found(Verdict::Hard, "a@example.org", status, detail) {
            What::Found(finding) => finding.verdict,
            What::Left => panic!("a finding was made"),
        }
    }

    #[test]
    fn what_is_hard_for_a_provider_need_not_be_the_persons_end() {
        for (status, detail, wanted) in [
            ("5.1.1", "smtp; 550 5.1.1 user unknown", Verdict::Hard),
            ("", "550 no such user", Verdict::Hard),
            ("", "smtp;550 5.7.1 blocked by a list at 192.0.2.1", Verdict::Policy),
            ("550", "554 5.7.26 unauthenticated", Verdict::Policy),
            ("5.2.2", "over quota", Verdict::Soft),
            ("5.3.4", "too large", Verdict::Soft),
            ("5.6.0", "", Verdict::Policy),
            ("", "at 5.7.1.9 nobody is known", Verdict::Hard),
            (
                "",
                "554 Service unavailable; Client host blocked using zen.spamhaus.org",
                Verdict::Policy,
            ),
            ("5.0.0", "smtp; 550 JunkMail rejected in an RBL", Verdict::Policy),
            ("", "550 SPF check failed", Verdict::Policy),
            ("", "550 5.1.8 Sender address rejected", Verdict::Policy),
            ("5.1.7", "", Verdict::Policy),
            ("", "550 5.5.0 message rejected: spam", Verdict::Policy),
            ("5.1.1", "554 message looks like spam", Verdict::Policy),
            ("", "550 rejected due to policy reasons", Verdict::Policy),
            ("", "552 mailbox full, quota exceeded", Verdict::Soft),
            ("", "554 5.4.7 delivery expired", Verdict::Soft),
            ("5.4.7", "", Verdict::Soft),
            ("", "550 5.4.6 routing loop", Verdict::Soft),
            ("", "550 5.3.0 system error", Verdict::Soft),
            ("4.4.7", "message expired", Verdict::Soft),
            // What tells nothing else leaves it at that: the provider has seen more.
            ("", "", Verdict::Hard),
            ("5.0.0", "554 rejected", Verdict::Hard),
            ("", "550 Requested action not taken: mailbox unavailable", Verdict::Hard),
            ("5.4.1", "550 5.4.1 Recipient address rejected: Access denied.", Verdict::Hard),
            ("5.1.2", "smtp; 550 host or domain name not found", Verdict::Hard),
        ] {
            assert_eq!(verdict(status, detail), wanted, "{status} {detail}");
        }
    }

    #[test]
    fn providers_own_words_for_who_is_gone_leave_it_hard() {
        for detail in [
            "The server was unable to deliver your message (ex: unknown user, mailbox not found).",
            "Postmark sends no more to it",
            "Amazon SES has suppressed sending to this address because it has a recent history of \
             bouncing as an invalid address. For more information about how to remove an address \
             from the suppression list, see the Amazon SES Developer Guide.",
            "Amazon SES did not send the message to this address because it is on the suppression \
             list for your account. For more information about removing addresses from the \
             suppression list, see the Amazon SES Developer Guide.",
            "Bounced Address",
            "Invalid",
            "Not delivering to previously bounced address",
            "suppress-bounce",
        ] {
            assert_eq!(verdict("", detail), Verdict::Hard, "{detail}");
            assert_eq!(verdict("5.1.1", detail), Verdict::Hard, "{detail}");
        }
    }

    #[test]
    fn a_block_is_none_of_the_persons_soft_bounces_either() {
        let soft = |detail| match found(Verdict::Soft, "a@example.org", "", detail) {
            What::Found(finding) => finding.verdict,
            What::Left => panic!("a finding was made"),
        };
        assert_eq!(soft("421 4.7.0 blocked using zen.spamhaus.org"), Verdict::Policy);
        assert_eq!(soft("452 4.2.2 mailbox full"), Verdict::Soft);
        assert_eq!(soft("450 4.1.1 no such user"), Verdict::Soft);
        assert_eq!(soft(""), Verdict::Soft);
    }

    #[test]
    fn a_detail_is_one_line_and_short() {
        let What::Found(finding) = found(Verdict::Soft, "x", "", &"a\r\nb".repeat(500)) else {
            panic!("a finding was made")
        };
        assert_eq!(finding.detail.chars().count(), 300);
        assert!(!finding.detail.chars().any(char::is_control));
        assert_eq!(finding.addr, None);
    }

    #[test]
    fn addresses_and_moments_are_read_as_they_come() {
        assert_eq!(
            mailbox("A B <a@example.org>").map(|one| one.to_string()).unwrap(),
            "a@example.org"
        );
        assert_eq!(mailbox("<>"), None);
        let value = serde_json::json!({"a": 1, "b": 1.9, "c": "2026-11-23T09:00:00.000Z", "d": 1e300, "e": []});
        let second = Timestamp::from_second(1).unwrap();
        assert_eq!((moment(&value, "/a"), moment(&value, "/b")), (Some(second), Some(second)));
        assert!(moment(&value, "/c").is_some());
        assert_eq!((moment(&value, "/d"), moment(&value, "/e")), (None, None));
    }
}
