//! What a report about a mail says of a recipient. Plain data.

use serde::Serialize;

/// What a report means for the one whom it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The mailbox does not exist, and will not.
    Hard,
    /// The mailbox takes no mail at present: full, over quota, out of order.
    Soft,
    /// The mail or its sender was refused, whoever the recipient: spam, block lists, policy.
    /// Says nothing about the person.
    Policy,
    /// Not yet delivered; the other side goes on trying (RFC 3464 2.3.3, `delayed`).
    #[serde(rename = "soft")]
    Delayed,
    /// It arrived (`delivered`, `relayed`, `expanded`).
    Delivered,
    /// A machine answered for the person: out of office, a read receipt.
    AutoReply,
    /// The person told their provider that the mail is unwanted (RFC 5965).
    Complaint,
    /// Nothing that can be told.
    None,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 8] = [
        Self::Hard,
        Self::Soft,
        Self::Policy,
        Self::Delayed,
        Self::Delivered,
        Self::AutoReply,
        Self::Complaint,
        Self::None,
    ];

    /// The word by which it is stored and told.
    pub fn word(self) -> &'static str {
        match self {
            Self::Hard => "hard",
            Self::Soft => "soft",
            Self::Policy => "policy",
            Self::Delayed => "delayed",
            Self::Delivered => "delivered",
            Self::AutoReply => "autoreply",
            Self::Complaint => "complaint",
            Self::None => "none",
        }
    }

    /// The verdict of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.word() == word)
    }
}

/// What a report says of one recipient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The recipient as the report has it; not to be believed before it is proved. Told as an
    /// empty string where there is none.
    #[serde(serialize_with = "text_or_none")]
    pub addr: Option<String>,
    /// What it means.
    #[serde(rename = "action")]
    pub verdict: Verdict,
    /// The enhanced status code (RFC 3463), such as `5.1.1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// What the other side said, in one line of at most 300 characters.
    #[serde(skip)]
    pub detail: String,
}

fn text_or_none<S: serde::Serializer>(addr: &Option<String>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(addr.as_deref().unwrap_or_default())
}

/// By which way it was said what became of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    /// The relay's answer while the mail was handed over.
    Relay,
    /// A report by mail.
    Report,
    /// A provider, over HTTP.
    Ses,
    /// Likewise.
    Postmark,
    /// Likewise.
    Sendgrid,
    /// Likewise.
    Mailgun,
}

impl Way {
    /// Every way.
    pub const ALL: [Self; 6] =
        [Self::Relay, Self::Report, Self::Ses, Self::Postmark, Self::Sendgrid, Self::Mailgun];

    /// The word by which it is stored and counted.
    pub fn word(self) -> &'static str {
        match self {
            Self::Relay => "relay",
            Self::Report => "report",
            Self::Ses => "ses",
            Self::Postmark => "postmark",
            Self::Sendgrid => "sendgrid",
            Self::Mailgun => "mailgun",
        }
    }

    /// Who that is, for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Relay => "the relay",
            Self::Report => "a report",
            Self::Ses => "Amazon SES",
            Self::Postmark => "Postmark",
            Self::Sendgrid => "SendGrid",
            Self::Mailgun => "Mailgun",
        }
    }

    /// The way of that word, or of the name: providers were stored by their names once.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.word() == word || way.name() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_are_known_by_their_words_and_by_what_was_stored_once() {
        for way in Way::ALL {
            assert_eq!(Way::from_word(way.word()), Some(way));
        }
        for (stored, way) in [
            ("Amazon SES", Way::Ses),
            ("Postmark", Way::Postmark),
            ("SendGrid", Way::Sendgrid),
            ("Mailgun", Way::Mailgun),
        ] {
            assert_eq!(Way::from_word(stored), Some(way));
        }
        assert_eq!(Way::from_word("rumour"), None);
    }
}
