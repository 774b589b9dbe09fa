//! What readers follow, against one batch of papers: each distinct topic is read and matched once,
//! however many readers have it. Pure.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::{Batch, Mask, Topic, Topics};
use crate::model::Paper;

/// A batch of papers, and what of it the topics match that were asked for so far.
#[derive(Debug)]
pub struct Interests {
    batch: Batch,
    /// Of each topic what it matches, if anything. Looked up for every topic of every reader: a
    /// quick hash, and nothing to copy for the most, which match nothing of a day.
    known: HashMap<Topic, Option<Mask>, RandomState>,
}

/// What one reader's topics match.
#[derive(Clone, Debug)]
pub struct Interest<'a> {
    /// The papers that one of them matches.
    pub any: Mask,
    /// Those that match any paper.
    each: Vec<(&'a Topic, Mask)>,
}

impl Interests {
    /// Makes `papers` ready; masks number them in this order.
    pub fn new<'a>(papers: impl IntoIterator<Item = &'a Paper>) -> Self {
        Self { batch: Batch::new(papers), known: HashMap::default() }
    }

    /// What `topics` match; none where there are no topics, so that every paper will do.
    pub fn of<'a>(&mut self, topics: &'a Topics) -> Option<Interest<'a>> {
        if topics.is_empty() {
            return None;
        }
        let mut each = Vec::new();
        for topic in topics.iter() {
            each.extend(self.mask(topic).map(|mask| (topic, mask)));
        }
        let any = Mask::any(each.iter().map(|(_, mask)| mask));
        Some(Interest { any: any.unwrap_or_else(|| self.batch.none()), each })
    }

    fn mask(&mut self, topic: &Topic) -> Option<Mask> {
        if let Some(mask) = self.known.get(topic) {
            return mask.clone();
        }
        let mask = Some(self.batch.matches(topic)).filter(|mask| !mask.is_empty());
        self.known.insert(topic.clone(), mask.clone());
        mask
    }

    /// How many distinct topics were asked for.
    pub fn distinct(&self) -> usize {
        self.known.len()
    }
}

impl<'a> Interest<'a> {
    /// The topics that match the paper at `place`, in their order.
    pub fn topics_of(&self, place: usize) -> impl Iterator<Item = &'a Topic> + Clone {
        let matching = self.each.iter().filter(move |(_, mask)| mask.holds(place));
        matching.map(|(topic, _)| *topic)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PaperId;

    #[test]
    fn each_distinct_topic_is_matched_once() {
        let paper = |title: &str| Paper::new(PaperId::from_url(title), title, "x");
        let papers = [paper("Loops"), paper("Knots and loops"), paper("Flows")];
        let mut interests = Interests::new(&papers);
        let read = |text: &str| Topics::read(text).unwrap();
        let (one, two, none) = (read("loop; knots"), read("loop; nothing"), read("nothing"));
        let found = interests.of(&one).unwrap();
        let shown = |found: &Interest<'_>| [0, 1, 2].map(|place| found.any.holds(place));
        assert_eq!(shown(&found), [true, true, false]);
        let of = |place| found.topics_of(place).next().map(Topic::as_str);
        // In the topics' own order: by the alphabet.
        assert_eq!([of(0), of(1), of(2)], [Some("loop"), Some("knots"), None]);
        assert_eq!(shown(&interests.of(&two).unwrap()), [true, true, false]);
        assert_eq!(shown(&interests.of(&none).unwrap()), [false; 3]);
        assert!(interests.of(&Topics::default()).is_none());
        assert_eq!(interests.distinct(), 3);
    }
}
