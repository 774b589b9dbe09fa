//! A subscriber's standing and preferences.

use serde::{Deserialize, Serialize};

use super::{HourMinute, Lines, Locale, Rhythm, Topics, Zone};

/// Where a subscription stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SubscriberState {
    /// Asked for, not yet confirmed by the person.
    Pending,
    /// Confirmed: gets digests.
    Active,
    /// Wants none for now.
    Paused,
    /// Has left.
    Unsubscribed,
    /// Must not be mailed.
    Suppressed,
}

impl SubscriberState {
    /// Every state.
    pub const ALL: [Self; 5] =
        [Self::Pending, Self::Active, Self::Paused, Self::Unsubscribed, Self::Suppressed];

    /// The word of the face.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Unsubscribed => "unsubscribed",
            Self::Suppressed => "suppressed",
        }
    }

    /// The state of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// What a reader asked for; what they left open follows the config.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preferences {
    /// The days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rhythm: Option<Rhythm>,
    /// The minute of the day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hour: Option<HourMinute>,
    /// The zone in which days and hours count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<Zone>,
    /// Full cards in a digest; the rest follow as one-line titles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_papers: Option<u32>,
    /// Papers with fewer votes wait until they have them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_votes: Option<u32>,
    /// The language of their mails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// Dates as `2026-11-23`, the same in every language.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub iso_dates: bool,
    /// What they want beside the papers.
    #[serde(default, skip_serializing_if = "Lines::is_empty")]
    pub lines: Lines,
    /// Only papers that one of these matches; without any, all.
    #[serde(default, skip_serializing_if = "Topics::is_empty")]
    pub topics: Topics,
}

impl Preferences {
    /// The canonical text by which equal preferences are interned as one profile: JSON with
    /// its keys in a fixed order.
    pub fn canonical(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// A distinct set of preferences as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Its row.
    pub id: i64,
    /// The preferences.
    pub preferences: Preferences,
}
