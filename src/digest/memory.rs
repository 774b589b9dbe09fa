//! What the config said when, so that a longer look-back or a slower default rhythm never
//! brings back papers that the histories no longer remember.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::{Preferences, Schedule, Span, Timing, Zone};

/// The defaults in force since some moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Defaults {
    pub(super) schedule: Schedule,
    pub(super) zone: Zone,
    pub(super) look_back: Span,
}

/// The defaults in force, and those before them that still matter.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Memory {
    now: Option<Defaults>,
    /// What was in force until when.
    past: Vec<(Timestamp, Defaults)>,
}

/// A past that is older than any look-back of it reaches.
const FORGET: jiff::SignedDuration = jiff::SignedDuration::from_hours(24 * 400);

impl Memory {
    /// Takes note of the present defaults. Returns those that they replace, if they differ.
    pub(super) fn learn(&mut self, now: Timestamp, defaults: &Defaults) -> Option<Defaults> {
        if self.now.as_ref() == Some(defaults) {
            return None;
        }
        let replaced = self.now.replace(defaults.clone());
        self.past.retain(|(until, _)| now.duration_since(*until) < FORGET);
        self.past.extend(replaced.clone().map(|old| (now, old)));
        replaced
    }

    /// The moment before which a reader with these preferences may have forgotten papers.
    pub(super) fn floor(&self, preferences: &Preferences) -> Timestamp {
        self.past
            .iter()
            .map(|(until, old)| {
                Timing::of(preferences, &old.schedule, &old.zone)
                    .candidates_since(*until, old.look_back)
            })
            .max()
            .unwrap_or(Timestamp::MIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_longer_look_back_reaches_no_further_than_the_histories() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let mut defaults = Defaults {
            schedule: "0 8 * * *".parse().unwrap(),
            zone: Zone::UTC,
            look_back: Span::from_days(7),
        };
        let mut memory = Memory::default();
        assert_eq!(memory.learn(at("2026-02-01T00:00:00Z"), &defaults), None);
        assert_eq!(memory.learn(at("2026-02-02T00:00:00Z"), &defaults), None);
        assert_eq!(memory.floor(&Preferences::default()), Timestamp::MIN);
        defaults.look_back = Span::from_days(30);
        assert!(memory.learn(at("2026-02-20T00:00:00Z"), &defaults).is_some());
        assert_eq!(memory.floor(&Preferences::default()), at("2026-02-13T00:00:00Z"));
        let text = serde_json::to_string(&memory).unwrap();
        assert_eq!(serde_json::from_str::<Memory>(&text).unwrap(), memory);
    }
}
