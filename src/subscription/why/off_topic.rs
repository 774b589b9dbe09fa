//! What was new on a day and on none of a reader's topics: how many papers, which came nearest, and
//! what they lack.

use std::cmp::Reverse;
use std::collections::HashSet;

use jiff::Timestamp;
use jiff::civil::Date;

use super::day::Day;
use crate::model::{Interests, Near, Topic};
use crate::render::{readable, shorten};
use crate::store::{Candidate, StoreError};

/// Papers that are named.
const NAMED: usize = 3;
/// Longest title, in characters.
const TITLE: usize = 60;

/// The papers that were new and off topic.
pub(super) struct OffTopic {
    count: usize,
    topics: String,
    /// The nearest ones, or where none is near those with the most votes.
    named: Vec<String>,
    near: bool,
}

impl OffTopic {
    /// In a sentence.
    pub(super) fn said(&self, date: Date) -> String {
        let papers = match self.count {
            1 => "the 1 recent paper that was new to them is not".to_owned(),
            count => format!("none of the {count} recent papers that were new to them is"),
        };
        format!("{date}: {papers} on their topics")
    }

    pub(super) fn facts(&self) -> Vec<String> {
        let mut facts = vec![format!("their topics: {}", self.topics)];
        if !self.near {
            facts.push("none has a word of them; the most voted are:".to_owned());
        } else {
            facts.push("the nearest are:".to_owned());
        }
        facts.extend(self.named.iter().map(|named| format!("  {named}")));
        facts
    }
}

impl Day<'_> {
    /// What was new and off topic when a planning at `moment` found nothing; none where there are
    /// no topics, or nothing was. By the topics and the votes of today.
    pub(super) async fn off_topic(
        &self,
        moment: Timestamp,
    ) -> Result<Option<OffTopic>, StoreError> {
        let topics = &self.reader.preferences.topics;
        if topics.is_empty() {
            return Ok(None);
        }
        let store = &self.verbs.store;
        let since = self.timing.candidates_since(moment, self.verbs.look_back);
        let mut candidates = store.candidates(since).await?;
        let sent: HashSet<i64> = store.history(self.reader.history).await?.into_iter().collect();
        candidates.retain(|one| {
            one.first_listed_at <= moment && !one.paper.withdrawn && !sent.contains(&one.row)
        });
        let mut interests = Interests::new(candidates.iter().map(|one| &one.paper));
        let Some(interest) = interests.of(topics) else { return Ok(None) };
        let off: Vec<&Candidate> = candidates
            .iter()
            .enumerate()
            .filter(|(place, _)| !interest.any.holds(*place))
            .map(|(_, one)| one)
            .collect();
        if off.is_empty() {
            return Ok(None);
        }
        let mut near: Vec<(&Candidate, Option<(Near, &Topic)>)> =
            off.iter().map(|one| (*one, nearest(one, topics.iter()))).collect();
        let votes = |one: &Candidate| one.paper.votes.unwrap_or(0);
        near.sort_by_key(|(one, near)| {
            Reverse((near.as_ref().map_or(0, |(near, _)| near.share), votes(one)))
        });
        let is_near = near.first().is_some_and(|(_, near)| near.is_some());
        let named = near.iter().filter(|(_, near)| near.is_some() == is_near).take(NAMED);
        let name = |(one, near): &(&Candidate, Option<(Near, &Topic)>)| {
            let title = shorten(&readable(&one.paper.title), TITLE);
            let lacks = near.as_ref().map(|(near, topic)| {
                let lacks = near.lacks.join(", ");
                if lacks == topic.as_str() {
                    format!(": not quite {lacks}")
                } else {
                    format!(": lacks {lacks} of {topic}")
                }
            });
            let votes = votes(one);
            format!("“{title}”, {votes} votes{}", lacks.unwrap_or_default())
        };
        Ok(Some(OffTopic {
            count: off.len(),
            topics: topics.line(),
            named: named.map(name).collect(),
            near: is_near,
        }))
    }
}

/// The topic that the paper comes nearest to.
fn nearest<'a>(
    one: &Candidate,
    topics: impl Iterator<Item = &'a Topic>,
) -> Option<(Near, &'a Topic)> {
    let near = topics.filter_map(|topic| Some((topic.near(&one.paper)?, topic)));
    near.max_by_key(|(near, _)| near.share)
}
