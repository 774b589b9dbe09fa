//! Messages parsed back, and what must hold for any words in them.

use jiff::civil::date;
use mail_parser::{HeaderName, HeaderValue, MessageParser};
use proptest::prelude::*;

use super::*;
use crate::model::EmailAddress;

fn sender() -> Sender {
    Sender {
        name: "Paper Round".into(),
        from: "papers@example.org".parse().unwrap(),
        reply_to: Some("help@example.org".parse().unwrap()),
        list_name: "Paper Round".into(),
        list_id: "digest.example.org".into(),
        contact: "help@example.org".parse().unwrap(),
        site: "https://papers.example.org".into(),
        subscribe_by_mail: Some("mailto:papers+subscribe@example.org".into()),
        help_by_mail: None,
        signer: Signer::default(),
    }
}

fn compose_as(
    sender: &Sender,
    to: &str,
    subject: &str,
    text: &str,
    html: &str,
) -> Result<Vec<u8>, ComposeError> {
    let to: EmailAddress = to.parse().unwrap();
    compose(&Letter {
        sender,
        kind: &Kind::digest(date(2026, 11, 23), "exampleorg"),
        to: &to,
        subject,
        text,
        html,
        date: "2026-11-23T07:00:00.5Z".parse().unwrap(),
        message_id: "<0123456789abcdef.20261123@example.org>",
        boundary: "0123456789abcdef01234567",
    })
    .map(String::into_bytes)
}

fn made(subject: &str, text: &str, html: &str) -> Vec<u8> {
    compose_as(&sender(), "alice@example.org", subject, text, html).unwrap()
}

/// Every line ends with CRLF, is ASCII, and is as short as its part of the message demands.
fn assert_wire(bytes: &[u8]) {
    assert!(bytes.is_ascii());
    let text = std::str::from_utf8(bytes).unwrap();
    let bare = text.replace("\r\n", "");
    assert!(!bare.contains(['\r', '\n', '\0']));
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.lines().all(|line| line.len() <= 78), "{head}");
    assert!(body.lines().all(|line| line.len() <= 76 && line != "." && !line.starts_with("From ")));
}

#[test]
fn a_digest_as_read_by_eye() {
    let bytes = made(
        "Naïve “attention” and 11 more · 23 Nov",
        "One line — and another\n.\nFrom here on\n",
        "<p>One line — and another</p>\n",
    );
    assert_wire(&bytes);
    insta::assert_snapshot!(String::from_utf8(bytes).unwrap().replace('\r', ""));
}

#[test]
fn a_notice_has_no_marks_of_a_list() {
    let to: EmailAddress = "alice@example.org".parse().unwrap();
    let bytes = compose(&Letter {
        sender: &Sender { reply_to: None, ..sender() },
        kind: &Kind::Notice,
        to: &to,
        subject: "Welcome",
        text: "Hello.\n",
        html: "<p>Hello.</p>\n",
        date: "2026-11-23T07:00:00Z".parse().unwrap(),
        message_id: "<1@example.org>",
        boundary: "a",
    })
    .unwrap();
    insta::assert_snapshot!(bytes.replace('\r', ""));
}

#[test]
fn the_same_letter_gives_the_same_bytes() {
    let make = || made("A — title", "text\n", "<p>text</p>\n");
    assert_eq!(make(), make());
}

#[test]
fn international_domains_become_ascii_and_mailboxes_stay() {
    let bytes = compose_as(&sender(), "anna@bücher.example", "s", "t", "h").unwrap();
    assert!(String::from_utf8(bytes).unwrap().contains("To: anna@xn--bcher-kva.example\r\n"));
    let bytes = compose_as(&sender(), "änna@example.org", "s", "t", "h").unwrap();
    assert!(String::from_utf8(bytes).unwrap().contains("To: änna@example.org\r\n"));
    let odd = Sender { from: "änna@example.org".parse().unwrap(), ..sender() };
    let refused = compose_as(&odd, "anna@example.org", "s", "t", "h").unwrap_err();
    assert_eq!(refused, ComposeError::NonAsciiLocal { masked: "ä***@example.org".into() });
    let from: EmailAddress = "bounce@example.org".parse().unwrap();
    let envelope = Envelope::new(&from, &"anna@bücher.example".parse().unwrap()).unwrap();
    assert_eq!(
        (envelope.to.as_str(), envelope.needs_utf8()),
        ("anna@xn--bcher-kva.example", false)
    );
    assert_eq!(envelope.domain(), "xn--bcher-kva.example");
    assert!(Envelope::new(&from, &"änna@bücher.example".parse().unwrap()).unwrap().needs_utf8());
}

#[test]
fn names_of_every_kind_give_legal_headers() {
    for name in [
        "Plain",
        "Dots. and, commas (and more)",
        "Grüße: aus, Köln",
        "\"quoted\" <x@y.example>",
        "=?utf-8?q?x?=",
        "a\r\nBcc: x@example.org",
        "",
        "論文の配達",
        &"Long name ".repeat(20),
    ] {
        let sender = Sender { name: name.into(), list_name: name.into(), ..sender() };
        let bytes = compose_as(&sender, "alice@example.org", "s", "t", "h").unwrap();
        assert_wire(&bytes);
        let message = MessageParser::default().parse(&bytes).unwrap();
        let from = message.from().unwrap().first().unwrap();
        assert_eq!(from.address(), Some("papers@example.org"), "{name}");
        assert!(message.bcc().is_none());
        let list = message.header_raw("List-Id").unwrap();
        assert!(list.trim_end().ends_with("<digest.example.org>"), "{list}");
    }
}

#[test]
fn given_values_of_a_wrong_form_are_refused() {
    let sender = sender();
    let to: EmailAddress = "alice@example.org".parse().unwrap();
    let good = Letter {
        sender: &sender,
        kind: &Kind::Notice,
        to: &to,
        subject: "s",
        text: "t",
        html: "h",
        date: "2026-11-23T07:00:00Z".parse().unwrap(),
        message_id: "<1@example.org>",
        boundary: "a",
    };
    assert!(compose(&good).is_ok());
    for message_id in ["", "1@example.org", "<1>", "<1@a b>", "<1@example.org>\r\nX: y", "<é@b.c>"]
    {
        assert!(compose(&Letter { message_id, ..good.clone() }).is_err(), "{message_id}");
    }
    for boundary in ["", "a b", "a\"", "0123456789012345678901234567890"] {
        assert!(compose(&Letter { boundary, ..good.clone() }).is_err(), "{boundary}");
    }
    let early = "-000100-01-01T00:00:00Z".parse().unwrap();
    assert!(compose(&Letter { date: early, ..good.clone() }).is_err());
    for (list_id, kind) in [
        ("no dots", Kind::digest(date(2026, 11, 23), "example")),
        ("digest.example.org", Kind::digest(date(2026, 11, 23), "abc")),
        ("digest.example.org", Kind::digest(date(2026, 11, 23), "ex:ample")),
    ] {
        let sender = Sender { list_id: list_id.into(), ..sender.clone() };
        assert!(compose(&Letter { sender: &sender, kind: &kind, ..good.clone() }).is_err());
    }
}

#[test]
fn a_subject_that_cannot_fold_is_encoded() {
    for subject in
        ["x".repeat(150), "=?utf-8?q?look_alike?= title".into(), format!("a {}", "y".repeat(70))]
    {
        let bytes = made(&subject, "t", "h");
        assert_wire(&bytes);
        assert_eq!(
            MessageParser::default().parse(&bytes).unwrap().subject(),
            Some(subject.as_str())
        );
    }
}

#[test]
fn a_mould_is_poured_for_each_reader() {
    let sender = sender();
    let kind = Kind::digest(date(2026, 11, 23), "exampleorg");
    let text = [Stretch::Shared("Sent to "), Stretch::Own(0), Stretch::Shared(", thanks.\n")];
    let html = [Stretch::Shared("<p>Sent to "), Stretch::Own(1), Stretch::Shared("</p>\n")];
    let form = Form {
        sender: &sender,
        kind: &kind,
        subject: "s",
        text: &text,
        html: &html,
        boundary: "b",
        own: &["List-Unsubscribe"],
    };
    let mould = Mould::new(&form).unwrap();
    for name in ["alice", &"bob".repeat(20), ".dots&more"] {
        let to: EmailAddress = format!("x{name}@example.org").parse().unwrap();
        let escaped = to.as_str().replace('&', "&amp;");
        let own = Own {
            to: &to,
            date: "2026-11-23T07:00:00Z".parse().unwrap(),
            message_id: "<1@example.org>",
            values: &[to.as_str(), &escaped],
            fields: &["<https://papers.example.org/u/1>,\r\n <mailto:u@example.org>".to_owned()],
        };
        let bytes = mould.pour(&own).unwrap();
        assert_wire(bytes.as_bytes());
        assert_eq!(bytes, mould.pour(&own).unwrap());
        let leave = "\r\nList-Unsubscribe: <https://papers.example.org/u/1>,\r\n <mailto:u@example.org>\r\n";
        assert!(bytes.contains(leave), "{bytes}");
        for bad in ["", "a\r\nBcc: x@example.org", "a\nb", "\u{e4}"] {
            let own = Own { fields: &[bad.to_owned()], ..own };
            assert!(mould.pour(&own).is_err(), "{bad:?}");
        }
        assert!(mould.pour(&Own { fields: &[], ..own }).is_err());
        let message = MessageParser::default().parse(&bytes).unwrap();
        assert_eq!(
            message.body_text(0).unwrap(),
            format!("Sent to {to}, thanks.\n").replace('\n', "\r\n")
        );
        assert_eq!(
            message.body_html(0).unwrap(),
            format!("<p>Sent to {escaped}</p>\n").replace('\n', "\r\n")
        );
    }
}

proptest! {
    #[test]
    fn any_words_come_back_as_they_were(
        subject in "\\PC{1,150}",
        text in "(?s).{0,400}",
        html in "(?s)[ -~äß中\u{1f600}\n\r\t.=]{0,400}",
    ) {
        let bytes = made(&subject, &text, &html);
        assert_wire(&bytes);
        let message = MessageParser::default().parse(&bytes).unwrap();
        let subjects = message.headers().iter().filter(|h| h.name == HeaderName::Subject);
        prop_assert_eq!(subjects.count(), 1);
        let HeaderValue::Text(read) = message.header("Subject").unwrap_or(&HeaderValue::Empty) else {
            // White space alone is an empty subject.
            prop_assert!(super::encode::one_line(&subject).is_empty());
            return Ok(());
        };
        prop_assert_eq!(read.as_ref(), super::encode::one_line(&subject));
        let lines = |text: &str| text.replace("\r\n", "\n").replace('\r', "\n");
        prop_assert_eq!(lines(&message.body_text(0).unwrap()), lines(&text));
        prop_assert_eq!(lines(&message.body_html(0).unwrap()), lines(&html));
    }
}
