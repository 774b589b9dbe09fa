//! Canaries: mails of ours to ourselves, which prove that mail goes out and comes in again. When
//! each was sent and when it came back, for a month. Never sends one.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::notices::enqueue_all;
use super::settings::put;
use super::sql::On;
use super::{NewNotice, Store, StoreError, sql};

/// So long a canary is remembered.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A mail of ours to ourselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Canary {
    /// The number in its address (`links::Links::canary_by_mail`).
    pub number: u64,
    /// Who sent it and for what, in a word: `canary`, `doctor`.
    pub kind: String,
    /// When it was handed to a relay.
    pub sent_at: Timestamp,
    /// When it last came back; none where it did not yet.
    pub seen_at: Option<Timestamp>,
}

impl Store {
    /// Notes that canary `number` is sent now, so that its return counts. Forgets those that are a
    /// month old.
    pub async fn canary_sent(
        &self,
        number: u64,
        kind: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.forget_canaries(now).await?;
        keep(&self.write, &Canary::new(number, kind, now)).await
    }

    /// Enqueues canary `number` and notes that it is sent: both or neither.
    pub async fn enqueue_canary(
        &self,
        number: u64,
        kind: &str,
        notice: &NewNotice,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.forget_canaries(now).await?;
        let mut tx = self.begin().await?;
        keep(&mut tx, &Canary::new(number, kind, now)).await?;
        enqueue_all(&mut tx, &[(0, notice)], now).await?;
        tx.commit().await?;
        self.bell.send();
        Ok(())
    }

    async fn forget_canaries(&self, now: Timestamp) -> Result<(), StoreError> {
        let gone = now.saturating_sub(REMEMBERED).unwrap_or(Timestamp::MIN);
        for old in self.canaries().await?.iter().filter(|one| one.sent_at < gone) {
            sql("DELETE FROM settings WHERE name = $1")
                .bind(name(old.number))
                .execute(&self.write)
                .await?;
        }
        Ok(())
    }

    /// Notes that canary `number` came back. Returns whether it was one that was sent.
    pub async fn canary_seen(&self, number: u64, now: Timestamp) -> Result<bool, StoreError> {
        let Some(found) = self.canary(number).await? else { return Ok(false) };
        keep(&self.write, &Canary { seen_at: Some(now), ..found }).await?;
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
}

impl Canary {
    fn new(number: u64, kind: &str, now: Timestamp) -> Self {
        Self { number, kind: kind.to_owned(), sent_at: now, seen_at: None }
    }
}

async fn keep<'a>(on: impl Into<On<'a>>, canary: &Canary) -> Result<(), StoreError> {
    // Numbers, a word and times: it cannot fail.
    let text = serde_json::to_string(canary).unwrap_or_default();
    put(on, &name(canary.number), &text).await
}

fn name(number: u64) -> String {
    format!("canary:{number}")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::MailKind;
    use crate::store::Letter;

    #[tokio::test]
    async fn a_canary_that_cannot_be_enqueued_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open_sqlite(&folder.path().join("a.db")).await.unwrap();
        let letter = Letter {
            kind: MailKind::Canary,
            marker: "marker".to_owned(),
            subject: "A digest".to_owned(),
            html: "<p>Papers</p>".to_owned(),
            text: "Papers".to_owned(),
            letterhead: String::new(),
        };
        let now = "2026-11-23T08:00:00Z".parse().unwrap();
        let notice = NewNotice {
            letter: Arc::new(letter),
            recipient: Some("papers+c-1@digest.example".parse().unwrap()),
            expires_at: now,
            answers: None,
        };
        let full = "CREATE TRIGGER full BEFORE INSERT ON deliveries \
                    BEGIN SELECT RAISE(ABORT, 'no room'); END";
        sql(full).execute(&store.write).await.unwrap();
        assert!(store.enqueue_canary(1, "canary", &notice, now).await.is_err());
        assert!(store.canaries().await.unwrap().is_empty());
        sql("DROP TRIGGER full").execute(&store.write).await.unwrap();
        store.enqueue_canary(1, "canary", &notice, now).await.unwrap();
        assert_eq!(store.canaries().await.unwrap().len(), 1);
        assert_eq!(store.queue(&Default::default(), 0, 9).await.unwrap().len(), 1);
    }
}
