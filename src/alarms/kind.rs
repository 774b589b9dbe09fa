//! What can need a person: the table of all kinds of alarms. docs/alarms.md says of each what it
//! means and what to do.

/// A kind of alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A source's fetches fail, or give nothing that can be read.
    SourceBroken,
    /// A source has not been fetched when it should, or lists nothing new for unusually long.
    SourceSilent,
    /// A relay takes nothing.
    RelayDown,
    /// Digests are not planned, or not sent, in their time.
    DigestLate,
    /// Mail waits and none leaves.
    QueueStuck,
    /// Unusually much comes back.
    BounceRate,
    /// Unusually many complain.
    ComplaintRate,
    /// A domain's bounces are too many to be believed at once.
    BounceHeld,
    /// A domain refuses our mail as such.
    BouncePolicy,
    /// More sign-ups than are allowed.
    SignUps,
    /// The disk is nearly full.
    DiskLow,
    /// A certificate ends soon, or cannot be read.
    Certificate,
    /// A key that signs mail is gone or unreadable.
    Dkim,
    /// A process lost its lease on the database.
    NodeFenced,
    /// A changed configuration was refused.
    ConfigRefused,
    /// A mail to ourselves did not come back.
    CanaryLost,
    /// A webhook does not take what it is told.
    WebhookFailing,
    /// Nothing is wrong: somebody tries the alarms.
    Test,
}

/// How soon somebody should look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// In working hours.
    Warning,
    /// Now: mail does not go out.
    Critical,
}

impl Severity {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

impl Kind {
    /// Every kind, in the order in which they are explained.
    pub const ALL: [Self; 18] = [
        Self::SourceBroken,
        Self::SourceSilent,
        Self::DigestLate,
        Self::QueueStuck,
        Self::RelayDown,
        Self::CanaryLost,
        Self::BounceRate,
        Self::ComplaintRate,
        Self::BounceHeld,
        Self::BouncePolicy,
        Self::SignUps,
        Self::DiskLow,
        Self::Certificate,
        Self::Dkim,
        Self::NodeFenced,
        Self::ConfigRefused,
        Self::WebhookFailing,
        Self::Test,
    ];

    /// Its word, title, and how soon somebody should look. The title says nothing that a stranger
    /// may not know.
    fn facts(self) -> (&'static str, &'static str, Severity) {
        use Severity::{Critical, Warning};
        match self {
            Self::SourceBroken => ("source-broken", "A source gives nothing", Warning),
            Self::SourceSilent => ("source-silent", "A source is silent", Warning),
            Self::RelayDown => ("relay-down", "A mail server takes nothing", Critical),
            Self::DigestLate => ("digest-late", "Digests are late", Critical),
            Self::QueueStuck => ("queue-stuck", "Mail waits and none leaves", Critical),
            Self::BounceRate => ("bounce-rate", "Unusually much mail comes back", Warning),
            Self::ComplaintRate => ("complaint-rate", "Unusually many complain", Critical),
            Self::BounceHeld => ("bounce-held", "A domain's bounces wait", Warning),
            Self::BouncePolicy => ("bounce-policy", "Mail is refused as unwanted", Critical),
            Self::SignUps => ("sign-ups", "More sign-ups than are allowed", Warning),
            Self::DiskLow => ("disk-low", "The disk is nearly full", Critical),
            Self::Certificate => ("certificate", "A certificate ends soon", Warning),
            Self::Dkim => ("dkim", "A key that signs mail cannot be used", Critical),
            Self::NodeFenced => ("node-fenced", "A process lost its place", Warning),
            Self::ConfigRefused => ("config-refused", "A configuration was refused", Warning),
            Self::CanaryLost => ("canary-lost", "A test mail did not come back", Critical),
            Self::WebhookFailing => ("webhook-failing", "A webhook cannot be told", Warning),
            Self::Test => ("test", "A test alarm", Warning),
        }
    }

    /// The word by which it is stored, filtered and looked up.
    pub fn word(self) -> &'static str {
        self.facts().0
    }

    /// The kind of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// What it is called, in a few words that a stranger may read.
    pub fn title(self) -> &'static str {
        self.facts().1
    }

    /// How soon somebody should look.
    pub fn severity(self) -> Severity {
        self.facts().2
    }

    /// Whether nothing says when it is over: it is, once it was not raised again for a while.
    pub fn fades(self) -> bool {
        matches!(self, Self::BounceHeld | Self::BouncePolicy | Self::SignUps | Self::Test)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_word_of_its_own() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_word(kind.word()), Some(kind));
            assert!(kind.title().len() < 40, "it has to fit into a subject");
        }
    }
}
