//! DKIM signatures (RFC 6376, 8301, 8463): relaxed both ways, every key one signature, every
//! field named once more than it occurs, so that none can be added on the way. Never reads a
//! key and never the time: `t=` is given, so that a mail signed again is the same mail.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use crate::signing::{Algorithm, SigningKey};

/// Fields that are signed even where they are absent: none of them may appear later.
const ALWAYS: [&str; 9] = [
    "From",
    "Subject",
    "To",
    "Date",
    "Reply-To",
    "Cc",
    "Message-ID",
    "MIME-Version",
    "Content-Type",
];

/// The same for mail to a list (RFC 8058 4).
const ALWAYS_OF_LISTS: [&str; 3] = ["List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"];

/// Lines are folded here (RFC 5322 2.1.1 wants at most 78).
const FOLD: usize = 72;

/// The keys of an installation. Cloning shares them.
#[derive(Clone, Debug, Default)]
pub struct Signer {
    keys: Arc<[Named]>,
}

/// A key, and the field up to its `t=`.
#[derive(Clone, Debug)]
struct Named {
    intro: String,
    key: SigningKey,
}

impl Signer {
    /// Signs with each of these: a domain, a selector, a key.
    pub fn new<'a>(keys: impl IntoIterator<Item = (&'a str, &'a str, SigningKey)>) -> Self {
        let named = |(domain, selector, key): (&str, &str, SigningKey)| {
            let algorithm = key.algorithm().name();
            let intro = format!(
                "DKIM-Signature: v=1; a={algorithm}-sha256; c=relaxed/relaxed;\r\n \
                 d={domain};\r\n s={selector};\r\n t="
            );
            Named { intro, key }
        };
        Self { keys: keys.into_iter().map(named).collect() }
    }

    /// Whether nothing is signed.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Whether one of the keys is RSA, which costs more than all the rest of a mail.
    pub fn is_slow(&self) -> bool {
        self.keys.iter().any(|named| named.key.algorithm() == Algorithm::Rsa)
    }
}

/// What the mails of one mould have in common for their signatures.
#[derive(Clone, Debug)]
pub(super) struct Seal {
    signer: Signer,
    /// `h=`, folded.
    names: String,
    /// The shared fields in relaxed form.
    fields: String,
}

impl Seal {
    /// `shared`: the fields that all mails have, each with its CRLF; `own`: the names of those
    /// that come after them.
    pub(super) fn new(signer: &Signer, shared: &str, own: &[&str]) -> Self {
        let mut fields = String::with_capacity(shared.len());
        relax(shared, &mut fields);
        let mut names: Vec<&str> = shared
            .split("\r\n")
            .filter(|line| !line.starts_with([' ', '\t']))
            .filter_map(|line| line.split_once(':').map(|(name, _)| name))
            .chain(own.iter().copied())
            .collect();
        let of_list = names.iter().any(|name| name.eq_ignore_ascii_case("List-Id"));
        let lists: &[&str] = if of_list { &ALWAYS_OF_LISTS } else { &[] };
        let mut again = names.clone();
        for name in ALWAYS.iter().chain(lists) {
            if !again.iter().any(|seen| seen.eq_ignore_ascii_case(name)) {
                again.push(name);
            }
        }
        names.extend(again);
        Self { signer: signer.clone(), names: list(&names), fields }
    }

    /// The `DKIM-Signature` fields, each with its CRLF; none where there is no key.
    ///
    /// `own`: the fields after the shared ones; `body`: the SHA-256 of the body, which must be
    /// in relaxed form as it is (RFC 6376 3.4.4); `at`: when it was made.
    pub(super) fn sign(
        &self,
        own: &str,
        body: &[u8; 32],
        at: Timestamp,
    ) -> Result<String, crate::signing::SigningKeyError> {
        let mut signatures = String::new();
        if self.signer.is_empty() {
            return Ok(signatures);
        }
        let body = STANDARD.encode(body);
        let mut text = String::with_capacity(self.fields.len() + own.len() + 1024);
        text.push_str(&self.fields);
        relax(own, &mut text);
        let shared = text.len();
        for Named { intro, key } in self.signer.keys.iter() {
            let second = at.as_second();
            let field = format!("{intro}{second};\r\n bh={body};\r\n h={};\r\n b=", self.names);
            text.truncate(shared);
            relax(&field, &mut text);
            // The last field of the text has no line end (RFC 6376 3.7).
            text.truncate(text.trim_end_matches("\r\n").len());
            let signature = STANDARD.encode(key.sign(text.as_bytes())?);
            signatures.push_str(&field);
            for (at, line) in signature.as_bytes().chunks(FOLD).enumerate() {
                if at > 0 {
                    signatures.push_str("\r\n ");
                }
                signatures.extend(line.iter().copied().map(char::from));
            }
            signatures.push_str("\r\n");
        }
        Ok(signatures)
    }
}

/// Names between colons, folded.
fn list(names: &[&str]) -> String {
    let mut text = String::new();
    let mut column = 3;
    for (at, name) in names.iter().enumerate() {
        if at > 0 {
            text.push(':');
            column += 1;
        }
        if column + name.len() >= FOLD {
            text.push_str("\r\n ");
            column = 1;
        }
        text.push_str(name);
        column += name.len();
    }
    text
}

/// Appends the fields of `head` in relaxed form (RFC 6376 3.4.2), each with its CRLF.
fn relax(head: &str, out: &mut String) {
    let mut lines = head.split("\r\n").filter(|line| !line.is_empty()).peekable();
    while let Some(line) = lines.next() {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        out.extend(name.trim_end().chars().map(|letter| letter.to_ascii_lowercase()));
        out.push(':');
        let from = out.len();
        words(value, from, out);
        while let Some(more) = lines.next_if(|next| next.starts_with([' ', '\t'])) {
            words(more, from, out);
        }
        out.push_str("\r\n");
    }
}

/// Appends the words of `text` with one space between them; none at the value's start `from`.
fn words(text: &str, from: usize, out: &mut String) {
    for word in text.split([' ', '\t']).filter(|word| !word.is_empty()) {
        if out.len() > from {
            out.push(' ');
        }
        out.push_str(word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_relax_as_the_standard_shows() {
        let mut out = String::new();
        // RFC 6376 3.4.5, and folding.
        relax("A: X\r\nB : Y\t\r\n\tZ  \r\nSubject:  a\r\n  b \r\n", &mut out);
        assert_eq!(out, "a:X\r\nb:Y Z\r\nsubject:a b\r\n");
    }

    /// RFC 8463, appendix A.
    #[test]
    fn the_standards_own_example_gets_the_standards_signature() {
        let seed = STANDARD.decode("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=").unwrap();
        let mut der = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20".to_vec();
        der.extend(seed);
        let pem = format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
            STANDARD.encode(der)
        );
        let key = SigningKey::from_pem(&pem).unwrap();
        assert_eq!(key.public().unwrap(), "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
        let mut text = String::new();
        relax(
            "From: Joe SixPack <joe@football.example.com>\r\n\
             To: Suzie Q <suzie@shopping.example.net>\r\n\
             Subject: Is dinner ready?\r\n\
             Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n\
             Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n\
             DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n \
             d=football.example.com; i=@football.example.com;\r\n \
             q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n \
             subject : date : message-id : from : subject : date;\r\n \
             bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n b=",
            &mut text,
        );
        let signature = STANDARD.encode(key.sign(text.trim_end().as_bytes()).unwrap());
        assert_eq!(
            signature,
            "/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw=="
        );
    }

    #[test]
    fn every_field_is_named_once_more_than_it_occurs() {
        let seal = Seal::new(&Signer::default(), "From: a\r\nList-Id: b\r\n c\r\n", &["To"]);
        let names = seal.names.replace("\r\n ", "");
        assert_eq!(
            names,
            "From:List-Id:To:From:List-Id:To:Subject:Date:Reply-To:Cc:Message-ID:MIME-Version:\
             Content-Type:List-Unsubscribe:List-Unsubscribe-Post"
        );
        assert!(seal.names.split("\r\n").all(|line| line.len() <= 76));
    }
}
