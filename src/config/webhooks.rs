//! `[inbound.webhooks]`: which providers may report over HTTP, and how each proves who it is.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, ParsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;

use super::entries::Entries;
use super::keys::{Key, Section};
use super::read::{self, Misread, Reading};
use super::secret;
use super::show::{REDACTED, Shown, shown};
use super::tree::{Node, Value};

pub(super) const SECTION: Section = Section {
    path: "inbound.webhooks",
    repeated: false,
    doc: "Providers that report bounces and complaints over HTTP, at /hooks/… of the site.",
    keys: &[
        Key::is(
            "ses_topics",
            "[]",
            "a list of SNS topics such as [\"arn:aws:sns:eu-west-1:123456789012:bounces\"]",
            "The SNS topics to which Amazon SES publishes; they are subscribed to /hooks/ses.",
        ),
        Key::unset(
            "postmark_password",
            "no /hooks/postmark",
            "a password, as text",
            "The password in the URL that Postmark calls. Better: postmark_password_file.",
        )
        .secret(),
        Key::unset(
            "postmark_password_file",
            "no /hooks/postmark",
            "a file that holds the password and nothing else",
            "A file that holds that password; relative to this file's folder.",
        ),
        Key::unset(
            "sendgrid_key",
            "no /hooks/sendgrid",
            "the verification key as SendGrid shows it: base64 that begins with MFkw",
            "The verification key of SendGrid's signed event webhook.",
        ),
        Key::unset(
            "mailgun_key",
            "no /hooks/mailgun",
            "a key, as text",
            "Mailgun's HTTP webhook signing key. Better: mailgun_key_file.",
        )
        .secret(),
        Key::unset(
            "mailgun_key_file",
            "no /hooks/mailgun",
            "a file that holds the key and nothing else",
            "A file that holds that key; relative to this file's folder.",
        ),
    ],
};

/// How providers that report over HTTP prove who they are; none for those that may not.
#[derive(Clone, Debug)]
pub struct Webhooks {
    /// The SNS topics to which Amazon SES publishes. Default: none.
    pub ses_topics: Vec<String>,
    /// The password that Postmark sends.
    pub postmark_password: Option<SecretString>,
    /// The key that verifies what SendGrid signs.
    pub sendgrid_key: Option<SendgridKey>,
    /// The key that Mailgun signs with.
    pub mailgun_key: Option<SecretString>,
}

/// A public key on P-256, read from a SubjectPublicKeyInfo (RFC 5480 2).
#[derive(Clone, Debug)]
pub struct SendgridKey {
    /// The key.
    pub key: ParsedPublicKey,
    text: String,
}

impl Webhooks {
    pub(super) fn read(entries: &mut Entries<'_>) -> Option<Self> {
        let ses_topics = entries.get("ses_topics", topics);
        let postmark = secret::read(entries, "postmark_password", "postmark_password_file");
        let sendgrid_key = entries.maybe("sendgrid_key", sendgrid_key);
        let mailgun = secret::read(entries, "mailgun_key", "mailgun_key_file");
        Some(Self {
            ses_topics: ses_topics?,
            postmark_password: postmark?,
            sendgrid_key: sendgrid_key?,
            mailgun_key: mailgun?,
        })
    }

    pub(super) fn shown(&self) -> Shown {
        let redacted = |secret: &Option<SecretString>| secret.as_ref().and(shown(REDACTED));
        vec![
            ("ses_topics", Some(self.ses_topics.clone().into())),
            ("postmark_password", redacted(&self.postmark_password)),
            ("postmark_password_file", None),
            ("sendgrid_key", self.sendgrid_key.as_ref().and_then(|key| shown(&key.text))),
            ("mailgun_key", redacted(&self.mailgun_key)),
            ("mailgun_key_file", None),
        ]
    }
}

fn topics(node: &Node) -> Reading<Vec<String>> {
    let Value::List(items) = node.value() else { return Err(Misread::default()) };
    let one = |item: &Node| {
        let text = item.text().unwrap_or_default().trim();
        is_topic(text).then(|| text.to_owned()).ok_or_else(|| Misread {
            seen: Some(item.seen()),
            place: Some(item.place.clone()),
            ..Misread::default()
        })
    };
    items.iter().map(one).collect()
}

/// `arn:PARTITION:sns:REGION:ACCOUNT:NAME`
fn is_topic(text: &str) -> bool {
    let plain = |word: &str| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        (1..=256).contains(&word.len()) && word.bytes().all(fits)
    };
    let words: Vec<&str> = text.split(':').collect();
    matches!(words[..], ["arn", partition, "sns", region, account, name]
        if partition.starts_with("aws") && [partition, region, account, name].map(plain) == [true; 4])
}

fn sendgrid_key(node: &Node) -> Reading<SendgridKey> {
    let text = read::line(node)?;
    let der = STANDARD.decode(&text).map_err(|_| Misread::hint("it is not base64"))?;
    // The point alone would be a key as well; SendGrid never shows that.
    let key = (der.len() > 65).then(|| ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &der));
    let key = key.and_then(Result::ok).ok_or_else(|| Misread::hint("it is no key on P-256"))?;
    Ok(SendgridKey { key, text })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::Config;

    /// The faults of a config with these lines in the section.
    fn faults(lines: &str) -> String {
        let text = format!(
            "[site]\nurl = \"https://papers.example.org/\"\n[mail]\nfrom = \"papers@example.org\"\n\
             [[mail.relays]]\nurl = \"folder:outbox\"\n[inbound.webhooks]\n{lines}\n"
        );
        match Config::parse(&text, Path::new("c.toml"), std::iter::empty()) {
            Ok(_) => String::new(),
            Err(faults) => faults.render(false),
        }
    }

    #[test]
    fn a_key_that_cannot_work_is_told_before_a_provider_calls() {
        let topic = "arn:aws:sns:eu-west-1:123456789012:bounces";
        let china = topic.replace("aws:", "aws-cn:");
        assert_eq!(faults(&format!("ses_topics = [\"{topic}\", \"{china}\"]")), "");
        for bad in ["bounces", "arn:aws:sqs:eu-west-1:1:x", "arn:aws:sns:eu-west-1:1:", "a:b", ""] {
            let said = faults(&format!("ses_topics = [\"{topic}\", \"{bad}\"]"));
            assert!(said.contains("inbound.webhooks.ses_topics"), "{bad}: {said}");
        }
        let key = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1\
                   flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==";
        assert_eq!(faults(&format!("sendgrid_key = \"{key}\"")), "");
        for (bad, hint) in [
            ("SG.abcdef", "it is not base64"),
            ("AAAA", "it is no key on P-256"),
            (&key.replace("83T4", "83T5"), "it is no key on P-256"),
            ("", "it is empty"),
        ] {
            let said = faults(&format!("sendgrid_key = \"{bad}\""));
            assert!(said.contains(hint), "{bad}: {said}");
        }
        assert!(faults("mailgun_key = \"\"").contains("it is empty"));
        assert!(!faults("mailgun_key = 5\npostmark_password = \"s3cret\\n\"").contains("s3cret"));
    }
}
