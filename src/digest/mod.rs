//! The digest: what each cohort of readers receives. Chooses and renders once a cohort,
//! then enqueues everybody in one unit of the store. Never fetches and never sends.

mod aside;
mod decide;
mod front;
mod library;
mod memory;
mod meters;
mod press;
mod rank;
mod reasons;
mod select;
mod shelf;
mod taste;
mod trend;
mod vectors;
#[cfg(test)]
mod vectors_tests;

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::clock::Clock;
use crate::config;
use crate::model::{EmailAddress, Preferences, Zone};
use crate::render::{TemplateFault, Templates};
use crate::store::{Cohort, Move, NewDigest, Store, StoreError};
use crate::token::Key;
pub use library::Library;
pub use press::Colophon;
use shelf::Shelf;
pub use taste::learned_words;

/// Plans digests: the room's one struct.
#[derive(Clone, Debug)]
pub struct Planner {
    /// The database.
    pub store: Store,
    /// What time it is.
    pub clock: Clock,
    /// The templates.
    pub templates: Arc<Templates>,
    /// The server's key.
    pub key: Key,
    /// What a digest is, where the reader did not choose.
    pub digest: config::Digest,
    /// The zone of readers who did not choose one.
    pub zone: Zone,
    /// What every mail says of its sender.
    pub colophon: Colophon,
    /// What its mails say of their sender, as [`crate::mail::Letterhead::to_text`] has it.
    pub letterhead: String,
    /// The papers that ranking compares.
    pub library: Arc<Library>,
}

/// What one planning did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Planned {
    /// Digests made: how often something was chosen and rendered.
    pub digests: u64,
    /// Deliveries enqueued.
    pub planned: u64,
    /// Readers who were due but for whom nothing was new.
    pub nothing_new: u64,
}

/// Why a planning stopped. What was enqueued before stays.
#[derive(Debug, thiserror::Error)]
pub enum DigestError {
    /// The database did not do it.
    #[error("cannot plan digests")]
    Store(#[from] StoreError),
    /// A template did not render.
    #[error("cannot render a digest")]
    Template(#[from] TemplateFault),
    /// The present moment lies beyond the calendar.
    #[error("there is no next digest after {0}; check the clock and digest.schedule")]
    NoNext(Timestamp),
}

/// The mail that one reader would get now.
#[derive(Clone, Debug)]
pub struct Preview {
    /// The digest, as it would be stored.
    pub digest: NewDigest,
    /// The local day that it would count for.
    pub day: Date,
}

impl Planner {
    /// Plans every cohort that is due: chooses, renders and enqueues, one cohort after the
    /// other, until none is due. `progress` hears the number of readers served so far.
    pub async fn plan_once(&self, progress: impl Fn(u64)) -> Result<Planned, DigestError> {
        let (now, begun) = (self.clock.now(), std::time::Instant::now());
        let memory = self.learn(now).await?;
        let mut done = Planned::default();
        let mut shelf = Shelf::default();
        while let Some(cohort) = self.store.next_cohort(now).await? {
            let plan = self.plan(&Wish::of(&cohort), now, &memory, &mut shelf).await?;
            let step = Move {
                now,
                day: plan.day,
                next_due_at: plan.next_due_at,
                history: &plan.history,
                candidates: plan.candidates,
                reason: &plan.reason,
            };
            match &plan.digest {
                Some(digest) => {
                    let planned = self.store.enqueue_digest(&cohort, digest, &step).await?;
                    done.digests += u64::from(planned > 0);
                    done.planned += planned;
                }
                None => {
                    done.nothing_new += self.store.enqueue_nothing(&cohort, &step).await?;
                }
            }
            progress(done.planned + done.nothing_new);
            tracing::info!(
                readers_planned = done.planned,
                profile = cohort.profile,
                day = %plan.day,
                reason = plan.reason,
                "cohort planned"
            );
        }
        self.store.sweep_histories().await?;
        meters::count(&done, begun.elapsed());
        Ok(done)
    }

    /// Takes note of the defaults in force, and moves the readers who follow them where they
    /// changed: what a planning does first, before anybody is due.
    pub async fn keep_up(&self) -> Result<(), DigestError> {
        self.learn(self.clock.now()).await.map(|_| ())
    }

    /// What [`Planner::plan_once`] would do now, with nothing stored.
    pub async fn plan_dry(&self) -> Result<Planned, DigestError> {
        let now = self.clock.now();
        let mut memory = self.memory().await?;
        memory.learn(now, &self.defaults());
        let mut done = Planned::default();
        let mut shelf = Shelf::default();
        for (cohort, readers) in self.store.due_cohorts(now).await? {
            let plan = self.plan(&Wish::of(&cohort), now, &memory, &mut shelf).await?;
            let readers = u64::try_from(readers).unwrap_or(0);
            match plan.digest {
                Some(_) => {
                    done.digests += 1;
                    done.planned += readers;
                }
                None => done.nothing_new += readers,
            }
        }
        Ok(done)
    }

    /// What the subscriber with this address would get now; for `None` a new one without wishes.
    /// `Ok(None)`: nothing is new to them, or the address is not known.
    pub async fn preview(
        &self,
        reader: Option<&EmailAddress>,
    ) -> Result<Option<Preview>, DigestError> {
        let now = self.clock.now();
        let mut memory = self.memory().await?;
        memory.learn(now, &self.defaults());
        let mut wish = Wish::default();
        let (found, sent);
        if let Some(email) = reader {
            found = match self.store.subscriber(email).await? {
                None => return Ok(None),
                Some(found) => found,
            };
            sent = self.store.history(found.history).await?;
            wish = Wish {
                preferences: Cow::Borrowed(&found.preferences),
                sent: &sent,
                first: found.last_digest_day.is_none(),
                last_day: found.last_digest_day,
                profile: found.profile,
                history: found.history,
                taste: found.has_taste.then_some(found.id),
            };
        }
        let plan = self.plan(&wish, now, &memory, &mut Shelf::default()).await?;
        Ok(plan.digest.map(|digest| Preview { digest, day: plan.day }))
    }
}

/// What a cohort asks for, and has had.
#[derive(Default)]
struct Wish<'a> {
    preferences: Cow<'a, Preferences>,
    sent: &'a [i64],
    /// Whether it is their first digest.
    first: bool,
    /// The row of the one reader, if they have taste.
    taste: Option<i64>,
    /// The day of their last digest, on their calendar.
    last_day: Option<Date>,
    /// The rows of their profile and history.
    profile: i64,
    history: i64,
}

impl<'a> Wish<'a> {
    fn of(cohort: &'a Cohort) -> Self {
        Self {
            preferences: Cow::Borrowed(&cohort.preferences),
            sent: &cohort.sent,
            first: cohort.last_day.is_none(),
            last_day: cohort.last_day,
            profile: cohort.profile,
            history: cohort.history,
            taste: cohort.taste,
        }
    }
}
