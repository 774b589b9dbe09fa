//! Erasing: what is known of a person goes, from the tables and from the database's files. The
//! deliveries stay as numbers, so that the books balance.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;

use super::deliveries::skip_waiting;
use super::interned::{drop_own_profile, profile_of};
use super::{Pool, Store, StoreError, either, micros, sql};

/// How often the log of changes is tried to be emptied while others read.
const TRIES: u32 = 50;
const PAUSE: Duration = Duration::from_millis(100);

impl Store {
    /// Removes `subscriber` and all that was known of them; what waits for them is not sent.
    /// With a `mark`, the keyed hash of their address stays among the suppressions, with a word on
    /// whose wish it was. False
    /// where there is no such subscriber. Follow up with [`Store::purge`].
    pub async fn erase(
        &self,
        subscriber: i64,
        mark: Option<(&str, &str)>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        skip_waiting(&mut tx, subscriber, now, "the subscriber was erased").await?;
        // Answers to their mails hold their own words. One that waits for somebody else has the
        // same words by chance, and stays.
        let waits = "SELECT 1 FROM deliveries o WHERE o.digest = digests.id AND o.subscriber <> $1";
        sql(format!(
            "UPDATE digests SET subject = '', html = '', body_text = '', hash = NULL \
             WHERE id IN (SELECT digest FROM deliveries WHERE kind <> 'digest' \
                 AND kind IN ('answer', 'ask') AND subscriber = $1) \
               AND NOT EXISTS ({waits} AND o.state IN ('queued', 'deferred')) \
               AND NOT EXISTS ({waits} AND o.state = 'sending')"
        ))
        .bind(subscriber)
        .execute(&mut tx)
        .await?;
        // Answers of relays quote addresses.
        sql("DELETE FROM attempts WHERE delivery IN \
               (SELECT id FROM deliveries WHERE kind = 'digest' AND subscriber = $1 \
                UNION ALL SELECT id FROM deliveries WHERE kind <> 'digest' AND subscriber = $1)")
        .bind(subscriber)
        .execute(&mut tx)
        .await?;
        for kind in ["kind = 'digest'", "kind <> 'digest'"] {
            // Nobody's from now on: SQLite gives the number of the last row to the next, who
            // must inherit nothing.
            sql(format!(
                "UPDATE deliveries SET subscriber = -id, recipient = NULL, answers = NULL, \
                   reason = 'the subscriber was erased' WHERE {kind} AND subscriber = $1"
            ))
            .bind(subscriber)
            .execute(&mut tx)
            .await?;
        }
        // Answers from before they subscribed.
        let theirs = "SELECT id FROM deliveries WHERE kind <> 'digest' AND subscriber = 0 \
            AND lower(recipient) = (SELECT email_key FROM subscribers WHERE id = $1)";
        sql(format!("DELETE FROM attempts WHERE delivery IN ({theirs})"))
            .bind(subscriber)
            .execute(&mut tx)
            .await?;
        sql(format!(
            "UPDATE deliveries SET recipient = NULL, answers = NULL, \
               reason = 'the subscriber was erased' WHERE id IN ({theirs})"
        ))
        .bind(subscriber)
        .execute(&mut tx)
        .await?;
        let profile: Option<(i64, String)> = sql("SELECT p.id, p.preferences FROM subscribers s \
             JOIN profiles p ON p.id = s.profile WHERE s.id = $1")
        .bind(subscriber)
        .fetch_optional(&mut tx)
        .await?;
        let done =
            sql("DELETE FROM subscribers WHERE id = $1").bind(subscriber).execute(&mut tx).await?;
        if let Some((profile, text)) = profile {
            drop_own_profile(&mut tx, profile, &profile_of(&text)?).await?;
        }
        if let (1, Some((mark, wish))) = (done, mark) {
            sql("INSERT INTO suppressions (address, email, at, reason, detail) \
                 VALUES ($1, NULL, $2, 'erased', $3) \
                 ON CONFLICT (address) DO UPDATE SET email = NULL")
            .bind(mark)
            .bind(micros(now))
            .bind(wish)
            .execute(&mut tx)
            .await?;
        }
        tx.commit().await?;
        Ok(done == 1)
    }

    /// Sees to it that `words` stand nowhere in SQLite's files: empties the log of changes,
    /// reads the file, and where they are still in it (in space that a page no longer uses),
    /// writes it anew. PostgreSQL does as much with its next vacuum.
    pub async fn purge(&self, words: &[String]) -> Result<(), StoreError> {
        let Pool::Sqlite(_) = self.write else {
            for table in [
                "subscribers",
                "subscriber_events",
                "consents",
                "attempts",
                "deliveries",
                "bounces",
                "taste",
                "profiles",
            ] {
                sql(format!("VACUUM {table}")).execute(&self.write).await?;
            }
            return Ok(());
        };
        self.empty_log().await?;
        let path = self.place.clone();
        let sought: Vec<String> = words.to_vec();
        let found = tokio::task::spawn_blocking(move || holds(Path::new(&path), &sought)).await;
        if matches!(found, Ok(Ok(false))) {
            return Ok(());
        }
        {
            // Held so that no unit of writing of ours is in the way.
            let (pool, _pace) = self.at(super::Pace::Durable).await?;
            sql("VACUUM").execute(pool).await?;
        }
        self.empty_log().await
    }

    /// Carries the log of changes into the database's file and cuts it to nothing.
    async fn empty_log(&self) -> Result<(), StoreError> {
        for _ in 0..TRIES {
            let (busy, _, _): (i64, i64, i64) =
                either("PRAGMA wal_checkpoint(TRUNCATE)", "SELECT 0, 0, 0")
                    .fetch_one(&self.write)
                    .await?;
            if busy == 0 {
                return Ok(());
            }
            tokio::time::sleep(PAUSE).await;
        }
        tracing::warn!("others read the database all the time: its log still holds old rows");
        Ok(())
    }
}

/// Whether the file holds any of `words`, in whatever case.
fn holds(path: &Path, words: &[String]) -> std::io::Result<bool> {
    use std::io::Read as _;
    let longest = words.iter().map(String::len).max().unwrap_or(0);
    let finders: Vec<String> = words.iter().map(|word| word.to_ascii_lowercase()).collect();
    let mut file = std::fs::File::open(path)?;
    let mut window: Vec<u8> = Vec::with_capacity(1 << 20);
    loop {
        let kept = window.len().min(longest);
        window.drain(..window.len() - kept);
        let read = (&mut file).take(1 << 20).read_to_end(&mut window)?;
        window.make_ascii_lowercase();
        if finders.iter().any(|word| memchr::memmem::find(&window, word.as_bytes()).is_some()) {
            return Ok(true);
        }
        if read == 0 {
            return Ok(false);
        }
    }
}
