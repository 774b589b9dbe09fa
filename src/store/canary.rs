//! Canaries: mails of ours to ourselves, which prove that mail goes out and comes in again. When
//! each was sent and when it came back, for a month. Never sends one.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Store, StoreError, sql};

/// So long a canary is remembered.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A mail of ours to ourselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Canary {
    /// The number in its address (`links::Links::canary_by_mail`).
    pub number: u64,
    /// Who sent it and for what, in a word: `doctor`.
    pub kind: String,
    /// When it was handed to a relay.
    pub sent_at: Timestamp,
    /// When it last came back; none where it did not yet.
    pub seen_at: Option<Timestamp>,
}

impl Store {
    /// Notes that canary `number` is sent now, so that its return counts. One of the same number
    /// that was sent before is taken for gone. Forgets those that are a month old.
    pub async fn canary_sent(
        &self,
        number: u64,
        kind: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let gone = now.saturating_sub(REMEMBERED).unwrap_or(Timestamp::MIN);
        for old in self.canaries().await?.iter().filter(|one| one.sent_at < gone) {
            sql("DELETE FROM settings WHERE name = $1")
                .bind(name(old.number))
                .execute(&self.write)
                .await?;
        }
        self.keep(&Canary { number, kind: kind.to_owned(), sent_at: now, seen_at: None }).await
    }

    /// Notes that canary `number` came back. Returns whether it was one that was sent.
    pub async fn canary_seen(&self, number: u64, now: Timestamp) -> Result<bool, StoreError> {
        let Some(found) = self.canary(number).await? else { return Ok(false) };
        self.keep(&Canary { seen_at: Some(now), ..found }).await?;
        Ok(true)
    }

    /// Canary `number`, if it was sent within the last month.
    pub async fn canary(&self, number: u64) -> Result<Option<Canary>, StoreError> {
        let found = self.setting(&name(number)).await?;
        Ok(found.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// All of the last month, the one that was sent last first.
    pub async fn canaries(&self) -> Result<Vec<Canary>, StoreError> {
        let found: Vec<String> = sql("SELECT value FROM settings WHERE name LIKE 'canary:%'")
            .scalars(&self.read)
            .await?;
        let mut all: Vec<Canary> =
            found.iter().filter_map(|text| serde_json::from_str(text).ok()).collect();
        all.sort_by_key(|one| std::cmp::Reverse(one.sent_at));
        Ok(all)
    }

    async fn keep(&self, canary: &Canary) -> Result<(), StoreError> {
        // Numbers, a word and times: it cannot fail.
        let text = serde_json::to_string(canary).unwrap_or_default();
        self.set_setting(&name(canary.number), &text).await
    }
}

fn name(number: u64) -> String {
    format!("canary:{number}")
}
