//! What the config's defaults were when: kept in the store from planning to planning, so that readers
//! who follow them are moved where they change, and a longer look-back or a slower rhythm never
//! brings back papers that the histories no longer remember. Never plans.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{DigestError, Planner};
use crate::model::{Preferences, Schedule, Span, Timing, Zone};

/// The setting under which it is kept.
const MEMORY: &str = "digest-defaults";

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

impl Planner {
    pub(super) fn defaults(&self) -> Defaults {
        Defaults {
            schedule: self.digest.schedule.clone(),
            zone: self.zone.clone(),
            look_back: self.digest.look_back,
        }
    }

    pub(super) async fn memory(&self) -> Result<Memory, DigestError> {
        let kept = self.store.setting(MEMORY).await?;
        Ok(kept.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }

    /// Takes note of the defaults in force. Where they changed, moves the readers who follow
    /// them to their new due moments; who is overdue keeps the old one, to be caught up now.
    pub(super) async fn learn(&self, now: Timestamp) -> Result<Memory, DigestError> {
        let mut memory = self.memory().await?;
        let defaults = self.defaults();
        let Some(old) = memory.learn(now, &defaults) else {
            if self.store.setting(MEMORY).await?.is_none() {
                self.remember(&memory).await?;
            }
            return Ok(memory);
        };
        for (profile, preferences) in self.store.active_profiles().await? {
            let before = Timing::of(&preferences, &old.schedule, &old.zone);
            let timing = Timing::of(&preferences, &defaults.schedule, &defaults.zone);
            if before == timing {
                continue;
            }
            let Some(next) = timing.next_after(now, None) else { continue };
            let day = timing.zone().civil(next).date();
            let after = timing.next_after(now, Some(day)).unwrap_or(next);
            let moved = self.store.reschedule(profile, now, next, after, day).await?;
            tracing::info!(profile, moved, "the defaults changed: readers rescheduled");
        }
        self.remember(&memory).await?;
        Ok(memory)
    }

    async fn remember(&self, memory: &Memory) -> Result<(), DigestError> {
        let text = serde_json::to_string(memory).unwrap_or_default();
        Ok(self.store.set_setting(MEMORY, &text).await?)
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
