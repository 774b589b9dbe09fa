//! The digest: what each cohort of readers receives. Chooses and renders once a cohort,
//! then enqueues everybody in one unit of the store. Never fetches and never sends.

mod aside;
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
use std::collections::HashSet;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::clock::Clock;
use crate::config;
use crate::model::{EmailAddress, Feedback, Preferences, Timing, Zone};
use crate::render::{Moved, PaperView, TemplateFault, Templates};
use crate::store::{Candidate, Cohort, Move, NewDigest, Store, StoreError};
use crate::token::Key;
use aside::Today;
pub use library::Library;
use memory::{Defaults, Memory};
pub use press::Colophon;
use press::Pressed;
use rank::{Fit, Standard};
use select::{Choice, Wanted, choose};
use shelf::Shelf;
use taste::Learned;
pub use taste::learned_words;
use vectors::Vectors;

/// Papers related to the lead that a digest names.
const RELATED: usize = 2;

/// The setting under which the defaults of the last planning are kept.
const MEMORY: &str = "digest-defaults";

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

    async fn plan(
        &self,
        wish: &Wish<'_>,
        now: Timestamp,
        memory: &Memory,
        shelf: &mut Shelf,
    ) -> Result<Plan, DigestError> {
        let preferences = &*wish.preferences;
        let timing = Timing::of(preferences, &self.digest.schedule, &self.zone);
        let day = timing.day_of(now);
        let next = |served| timing.next_after(now, served).ok_or(DigestError::NoNext(now));
        let next_due_at = next(Some(day))?;
        let since =
            timing.candidates_since(now, self.digest.look_back).max(memory.floor(preferences));
        shelf.reach(&self.store, since, now).await?;
        let interest = shelf.interest(&preferences.topics);
        let min_votes = preferences.min_votes.unwrap_or(self.digest.min_votes);
        let sent: HashSet<i64> = wish.sent.iter().copied().collect();
        let on_topic = interest.as_ref().map(|interest| &interest.any);
        let rated = match wish.taste {
            Some(reader) => self.store.rated(reader).await?,
            None => Vec::new(),
        };
        let hides = rated.iter().filter(|one| one.feedback == Feedback::Hide);
        let hidden: HashSet<i64> = hides.map(|one| one.paper).collect();
        let candidates = shelf.candidates();
        let wanted = Wanted { since, min_votes, on_topic, hidden: &hidden };
        let mut choice = choose(&candidates, wanted, &sent);
        let mut plan = Plan {
            day,
            next_due_at,
            candidates: choice.candidates,
            reason: String::new(),
            history: choice.remembered.clone(),
            digest: None,
        };
        let nothing = choice.fresh.is_empty();
        if nothing && !self.digest.send_empty && !preferences.lines.quiet {
            plan.reason = why_nothing(&choice, min_votes);
            // The day is not served: a later slot of it may be.
            plan.next_due_at = next(None)?;
            return Ok(plan);
        }
        let today = Today { now, day, timing: &timing, since, hidden: &hidden };
        let mut beside = self.beside(wish, today, nothing, shelf).await?;
        let vectors = shelf.vectors(&self.store, &self.library, now).await?;
        let taste = Learned::of(&vectors, &rated);
        let (taste, gains) = (taste.as_ref(), shelf.gains());
        let topics_of = |row| shelf.topics_of(interest.as_ref(), row);
        let fit = |candidate: &Candidate| {
            let topics = topics_of(candidate.row);
            let author = topics.clone().any(|topic| topic.author_of(&candidate.paper).is_some());
            Fit { topics: topics.count(), author }
        };
        rank::order(&mut choice.fresh, &Standard { now, gains: &gains, taste }, fit, &vectors);
        let why = |candidate: &Candidate| {
            let gain = gains.get(&candidate.row).copied().unwrap_or(0);
            reasons::why(candidate, topics_of(candidate.row), taste, gain)
        };
        beside.related = self.related(&vectors, &choice, &hidden).await?;
        let pressed = self.press(wish, today, &choice, why, beside)?;
        let papers: Vec<i64> =
            choice.fresh[..pressed.listed].iter().map(|candidate| candidate.row).collect();
        plan.history.extend(&papers);
        plan.reason = match choice.fresh.len() - pressed.listed {
            0 if nothing => why_nothing(&choice, min_votes),
            0 => format!("{} new to them", papers.len()),
            rest => format!("{} new to them, and {rest} for the next digest", papers.len()),
        };
        let Pressed { marker, rendered, .. } = pressed;
        plan.digest = Some(NewDigest {
            papers,
            marker,
            subject: rendered.subject,
            html: rendered.html,
            text: rendered.text,
            letterhead: self.letterhead.clone(),
            expires_at: now
                .checked_add(self.digest.expire_after.signed())
                .unwrap_or(Timestamp::MAX),
        });
        Ok(plan)
    }

    /// The papers of the store that are closest to the lead, came before it, and are neither in
    /// this digest nor hidden.
    async fn related(
        &self,
        vectors: &Vectors,
        choice: &Choice<'_>,
        hidden: &HashSet<i64>,
    ) -> Result<Vec<Moved>, StoreError> {
        let Some(lead) = choice.fresh.first() else { return Ok(Vec::new()) };
        let but = choice.fresh.iter().map(|one| one.row).chain(hidden.iter().copied()).collect();
        let mut rows = reasons::earlier(vectors, lead, &but);
        // Two more, in case that some were withdrawn.
        rows.truncate(2 * RELATED);
        let papers = self.store.papers_in(&rows).await?;
        let of = |row: &i64| papers.iter().find(|(found, _)| found == row);
        let related = rows.iter().filter_map(of).filter(|(_, paper)| !paper.withdrawn);
        let named = related.map(|(_, paper)| {
            let PaperView { title, url, .. } = PaperView::new(1, paper);
            // At arXiv, where it is there: a link to the source's page means a paper that is new.
            Moved { title, url: paper.arxiv_url().unwrap_or(url), gain: 0 }
        });
        Ok(named.take(RELATED).collect())
    }

    fn defaults(&self) -> Defaults {
        Defaults {
            schedule: self.digest.schedule.clone(),
            zone: self.zone.clone(),
            look_back: self.digest.look_back,
        }
    }

    async fn memory(&self) -> Result<Memory, DigestError> {
        let kept = self.store.setting(MEMORY).await?;
        Ok(kept.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }

    /// Takes note of the defaults in force. Where they changed, moves the readers who follow
    /// them to their new due moments; who is overdue keeps the old one, to be caught up now.
    async fn learn(&self, now: Timestamp) -> Result<Memory, DigestError> {
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

/// What was decided for one cohort.
struct Plan {
    day: Date,
    next_due_at: Timestamp,
    candidates: usize,
    reason: String,
    history: Vec<i64>,
    digest: Option<NewDigest>,
}

fn why_nothing(choice: &Choice<'_>, min_votes: u32) -> String {
    let seen = choice.remembered.len();
    if choice.candidates == 0 {
        return "no paper was first listed within the look-back".to_owned();
    }
    let others = choice.waiting + choice.off_topic + choice.hidden;
    let mut words = match (seen, others) {
        (1, 0) => "the one recent paper was already sent".to_owned(),
        (1, _) => "1 recent paper was already sent".to_owned(),
        (_, 0) => format!("all {seen} recent papers were already sent"),
        _ => format!("{seen} recent papers were already sent"),
    };
    if choice.off_topic > 0 {
        words.push_str(&format!(", {} match none of their topics", choice.off_topic));
    }
    if choice.hidden > 0 {
        words.push_str(&format!(", {} are hidden", choice.hidden));
    }
    if choice.waiting > 0 {
        words.push_str(&format!(", {} have fewer than {min_votes} votes", choice.waiting));
    }
    words
}
