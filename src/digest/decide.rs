//! Decides for one cohort: what they receive now, in which order and with what beside it, or why
//! nothing; and when they are due again. Reads the store and changes nothing in it.

use std::collections::HashSet;

use jiff::Timestamp;
use jiff::civil::Date;

use super::aside::Today;
use super::memory::Memory;
use super::press::Pressed;
use super::rank::{self, Fit, Standard};
use super::reasons;
use super::select::{Choice, Wanted, choose};
use super::shelf::Shelf;
use super::taste::Learned;
use super::vectors::Vectors;
use super::{DigestError, Planner, Wish};
use crate::model::{Feedback, Timing};
use crate::render::{Moved, PaperView};
use crate::store::{Candidate, NewDigest, StoreError};

/// Papers related to the lead that a digest names.
const RELATED: usize = 2;

/// What was decided for one cohort.
pub(super) struct Plan {
    pub(super) day: Date,
    pub(super) next_due_at: Timestamp,
    pub(super) candidates: usize,
    pub(super) reason: String,
    pub(super) history: Vec<i64>,
    pub(super) digest: Option<NewDigest>,
}

impl Planner {
    /// What the cohort with this wish receives now.
    pub(super) async fn plan(
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
