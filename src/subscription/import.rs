//! Import: a stream of rows into the store, in batches, so that memory does not grow with
//! the file but for one number a row. Each row that cannot be taken is told with its line and
//! the reason; the others are taken. Never brings back who has left.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::io::{BufReader, Read};

use super::Subscriptions;
use super::row::Row;
use super::rows::Rows;
use crate::model::SubscriberState;
use crate::store::{Added, NewSubscriber, StoreError};

/// Rows stored at a time.
const BATCH: usize = 1_000;

/// What came of a row that changed nothing and is worth a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Untaken {
    /// The row is bad.
    Rejected,
    /// The row is good, and yet must change nothing.
    Skipped,
}

/// A row that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Remark {
    /// Its line, from 1.
    pub line: u64,
    /// Whether the row is to blame.
    pub result: Untaken,
    /// Why.
    pub reason: String,
}

/// What an import did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Imported {
    /// Rows read: the sum of the others.
    pub rows: u64,
    /// New subscribers.
    pub added: u64,
    /// Pending ones who are active now, with the wishes of the file beside their own.
    pub confirmed: u64,
    /// Addresses that were known, and left as they were.
    pub known: u64,
    /// Good rows not taken: the address has left, or stands twice in the file.
    pub skipped: u64,
    /// Bad rows.
    pub rejected: u64,
}

/// Why an import stopped. What was stored before stays.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be read.
    #[error("cannot read the import")]
    Read(#[from] std::io::Error),
    /// Its header has no `email`, or a column that is not known.
    #[error(
        "the header {0}; wanted email and any of zone, rhythm, hour, max_papers, min_votes, \
         locale, iso_dates, lines, topics, state, paused_until, confirmed_at"
    )]
    Header(String),
    /// The database did not do it.
    #[error("cannot store the import")]
    Store(#[from] StoreError),
}

/// How an import is done.
#[derive(Clone, Copy, Debug)]
pub struct How {
    /// The people have confirmed: active at once, where the file does not say otherwise.
    pub confirmed: bool,
    /// Read and check, but store nothing.
    pub dry_run: bool,
}

impl How {
    /// The standing of a new subscriber. Who was not active where the file comes from does
    /// not become so here; who was, needs a proof of it or the admin's word.
    fn state(self, row: &Row) -> SubscriberState {
        match row.state {
            Some(SubscriberState::Active) | None if self.confirmed => SubscriberState::Active,
            Some(SubscriberState::Active) if row.confirmed_at.is_some() => SubscriberState::Active,
            Some(SubscriberState::Active) | None => SubscriberState::Pending,
            Some(other) => other,
        }
    }
}

/// What an import remembers from batch to batch.
struct Progress {
    how: How,
    done: Imported,
    /// Hashes of the addresses so far: only to tell a repeated one from one known before, so
    /// that two addresses with one hash lose nobody.
    seen: HashSet<u64>,
    hasher: RandomState,
}

impl Subscriptions {
    /// Imports every row of `input`. `tell` hears of each row not taken, `progress` of the
    /// number of rows read.
    pub async fn import(
        &self,
        input: impl Read,
        how: How,
        mut tell: impl FnMut(Remark),
        progress: impl Fn(u64),
    ) -> Result<Imported, ImportError> {
        let mut rows = Rows::new(BufReader::with_capacity(64 * 1024, input))?;
        let mut state = Progress {
            how,
            done: Imported::default(),
            seen: HashSet::new(),
            hasher: RandomState::new(),
        };
        let mut batch: Vec<(u64, Row)> = Vec::with_capacity(BATCH);
        loop {
            let next = rows.next()?;
            let end = next.is_none();
            if let Some((line, row)) = next {
                state.done.rows += 1;
                match row {
                    Ok(row) => batch.push((line, row)),
                    Err(fault) => {
                        state.done.rejected += 1;
                        tell(Remark { line, result: Untaken::Rejected, reason: fault.0 });
                    }
                }
            }
            if batch.len() == BATCH || end {
                self.take(&mut batch, &mut state, &mut tell).await?;
                progress(state.done.rows);
            }
            if end {
                return Ok(state.done);
            }
        }
    }

    async fn take(
        &self,
        batch: &mut Vec<(u64, Row)>,
        progress: &mut Progress,
        tell: &mut impl FnMut(Remark),
    ) -> Result<(), StoreError> {
        let how = progress.how;
        let new: Vec<_> = batch
            .iter()
            .map(|(_, row)| {
                let new =
                    self.new_subscriber(&row.email, &row.preferences, how.state(row), "imported");
                let paused = new.state == SubscriberState::Paused;
                let paused_until = row.paused_until.filter(|_| paused);
                NewSubscriber { confirmed_at: row.confirmed_at, paused_until, ..new }
            })
            .collect();
        let added = if how.dry_run {
            self.store.known(&new).await?
        } else {
            self.store.add_subscribers(&new, self.clock.now()).await?
        };
        for ((line, row), added) in batch.drain(..).zip(added) {
            let repeated = !progress.seen.insert(progress.hasher.hash_one(row.email.key()));
            let wanted = how.state(&row);
            let done = &mut progress.done;
            let reason = match added {
                Added::Known(_) if repeated => {
                    format!("{} stands twice in the file; the first counts", row.email)
                }
                Added::New if repeated && how.dry_run => {
                    format!("{} stands twice in the file; the first counts", row.email)
                }
                Added::New => {
                    done.added += 1;
                    continue;
                }
                Added::Known(SubscriberState::Pending) if wanted == SubscriberState::Active => {
                    done.confirmed += 1;
                    if !how.dry_run
                        && let Some(known) = self.store.subscriber(&row.email).await?
                    {
                        self.begin(&known, &row.preferences, "confirmed by an import").await?;
                    }
                    continue;
                }
                Added::Known(state) => match refusal(state, row.state) {
                    Some(why) => format!("{} {why}", row.email),
                    None => {
                        done.known += 1;
                        continue;
                    }
                },
            };
            done.skipped += 1;
            tell(Remark { line, result: Untaken::Skipped, reason });
        }
        Ok(())
    }
}

/// Why a known address in `state` does not follow a row that says `told`, where that is
/// worth a word.
fn refusal(state: SubscriberState, told: Option<SubscriberState>) -> Option<String> {
    use SubscriberState::{Suppressed, Unsubscribed};
    if told == Some(state) {
        return None;
    }
    match (state, told) {
        (Unsubscribed | Suppressed, _) => {
            Some(format!("is {} here; a file brings nobody back", state.word()))
        }
        (_, Some(told @ (Unsubscribed | Suppressed))) => {
            Some(format!("is {} here and {} in the file; not changed", state.word(), told.word()))
        }
        _ => None,
    }
}
