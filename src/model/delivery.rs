//! The standing of a delivery, and what one attempt at it came to.

use serde::Serialize;

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryState {
    /// Planned, not yet tried.
    Queued,
    /// A process has claimed it.
    Sending,
    /// A relay took it. Never "delivered".
    Sent,
    /// Tried; waits for its next attempt.
    Deferred,
    /// Refused for good.
    Failed,
    /// Not to be sent any more, for the reason given.
    Skipped,
}

impl DeliveryState {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Queued, Self::Sending, Self::Sent, Self::Deferred, Self::Failed, Self::Skipped];

    /// The word of the face.
    pub fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Deferred => "deferred",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }

    /// The state of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// What one attempt at a delivery came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The relay answered 2xx after the final dot: its reply.
    Sent(String),
    /// The recipient or the mail was put off (4xx): the reply. Costs an attempt.
    Deferred(String),
    /// The recipient or the mail was refused (5xx): the reply.
    Failed(String),
    /// The relay as a whole was at fault (connect, TLS, 421, login). Costs no attempt.
    RelayDown(String),
}

/// What a delivery brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MailKind {
    /// A digest.
    Digest,
    /// A digest once more, as its reader asked.
    Resend,
    /// Asks whether the address wants digests.
    Confirm,
    /// Tells who asks again that they are subscribed.
    Known,
    /// The link to a reader's preferences, as they asked.
    Link,
    /// Tells that a subscription has ended.
    Goodbye,
    /// Asks whether a subscription may move to this address.
    Move,
    /// Answers a mail.
    Answer,
    /// Answers a mail whose sender is not proved: asks whether they meant it.
    Ask,
    /// Finds out whether mail to who has had so much of it come back still arrives.
    Probe,
    /// Tells whoever runs the site that something needs a person.
    Alarm,
    /// A digest to ourselves, to see that mail arrives.
    Canary,
}

impl MailKind {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::Digest,
        Self::Resend,
        Self::Confirm,
        Self::Known,
        Self::Link,
        Self::Goodbye,
        Self::Move,
        Self::Answer,
        Self::Ask,
        Self::Probe,
        Self::Alarm,
        Self::Canary,
    ];

    /// The word of the face.
    pub fn word(self) -> &'static str {
        match self {
            Self::Digest => "digest",
            Self::Resend => "resend",
            Self::Confirm => "confirm",
            Self::Known => "known",
            Self::Link => "link",
            Self::Goodbye => "goodbye",
            Self::Move => "move",
            Self::Answer => "answer",
            Self::Ask => "ask",
            Self::Probe => "probe",
            Self::Alarm => "alarm",
            Self::Canary => "canary",
        }
    }

    /// The kind of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Whether it is mail to a list; else it is to one person, about their subscription.
    pub fn is_digest(self) -> bool {
        matches!(self, Self::Digest | Self::Resend | Self::Canary)
    }
}
