//! For whom a mail in a mailbox was: no envelope came along, its traces in the header did. Pure.

use mail_parser::HeaderValue;

use crate::mail::Incoming;

/// What servers write into the header when they deliver, and what the sender wrote.
const HEADERS: [&str; 5] = ["Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc"];

/// More of our addresses in one mail are no reader's.
const MOST: usize = 20;

/// Our recipients of a mail, each once, in the order of the header. All traces count, as servers
/// differ in which of them keeps what stands behind the `+`.
pub(super) fn recipients(mail: &[u8], is_ours: impl Fn(&str) -> bool) -> Vec<String> {
    let mail = Incoming::read(mail);
    let mut found: Vec<String> = Vec::new();
    let mut add = |address: &str| {
        let address = address
            .trim_matches(|letter: char| letter.is_whitespace() || matches!(letter, '<' | '>'));
        let known = || found.iter().any(|known| known == address);
        if found.len() < MOST && is_ours(address) && !known() {
            found.push(address.to_owned());
        }
    };
    // A mail without a header has no parts at all.
    let headers = mail.message().parts.first().map_or(&[][..], |part| &part.headers);
    for header in headers {
        if !HEADERS.iter().any(|name| header.name.as_str().eq_ignore_ascii_case(name)) {
            continue;
        }
        match &header.value {
            HeaderValue::Address(addresses) => {
                addresses.iter().filter_map(|one| one.address()).for_each(&mut add);
            }
            HeaderValue::Text(text) => text.split(',').for_each(&mut add),
            HeaderValue::TextList(texts) => {
                texts.iter().flat_map(|text| text.split(',')).for_each(&mut add);
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours(mail: &str) -> Vec<String> {
        recipients(mail.as_bytes(), |address| {
            address
                .strip_suffix("@example.org")
                .is_some_and(|local| local == "papers" || local.starts_with("papers+"))
        })
    }

    #[test]
    fn every_trace_of_the_envelope_counts() {
        let mail = "Delivered-To: papers@example.org\r\n\
                    X-Original-To: <papers+confirm-A1@example.org>\r\n\
                    Envelope-to: papers+x@example.org, other@example.org\r\n\
                    From: Ada <ada@example.com>\r\n\
                    To: \"Papers, daily\" <papers@example.org>,\r\n Bob <bob@example.com>\r\n\
                    CC: friends: papers+help@example.org, eve@example.com;\r\n\
                    Subject: papers+no@example.org\r\n\r\npapers+body@example.org\r\n";
        let expected = ["papers", "papers+confirm-A1", "papers+x", "papers+help"];
        assert_eq!(ours(mail), expected.map(|local| format!("{local}@example.org")));
    }

    #[test]
    fn a_mail_to_others_has_none() {
        assert!(ours("To: undisclosed-recipients:;\r\n\r\nx").is_empty());
        assert!(ours("To: bob@example.com\r\n\r\nx").is_empty());
        assert!(ours("").is_empty());
        assert!(ours("\u{0}\u{1}: \r\n: papers@example.org").is_empty());
    }

    #[test]
    fn their_number_is_bounded() {
        let many: Vec<String> = (0..500).map(|n| format!("papers+{n}@example.org")).collect();
        assert_eq!(ours(&format!("To: {}\r\n\r\nx", many.join(",\r\n "))).len(), MOST);
    }
}
