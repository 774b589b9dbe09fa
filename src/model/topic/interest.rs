//! What readers follow, against one batch of papers: each distinct topic is read and matched once,
//! however many readers have it. Pure.

use std::collections::HashMap;
use std::hash::BuildHasher;

use foldhash::quality::RandomState;

use super::{Batch, Mask, Topic, Topics};
use crate::model::Paper;

/// A batch of papers, and what of it the topics match that were asked for so far.
#[derive(Debug)]
pub struct Interests {
    batch: Batch,
    hashes: [RandomState; 2],
    /// Of each topic, by its mark, where its mask stands in `masks`, if it matches any paper. Looked
    /// up for every topic of every reader: what counts is how little memory that touches.
    known: HashMap<Mark, Option<u32>, foldhash::fast::RandomState>,
    masks: Vec<Mask>,
}

/// What stands for a topic: 128 bits of hashes whose keys are drawn anew for each batch, so that no
/// two texts share them, by chance or by design.
type Mark = [u64; 2];

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
        Self {
            batch: Batch::new(papers),
            hashes: Default::default(),
            known: HashMap::default(),
            masks: Vec::new(),
        }
    }

    /// What `topics` match; none where there are no topics, so that every paper will do.
    pub fn of<'a>(&mut self, topics: &'a Topics) -> Option<Interest<'a>> {
        if topics.is_empty() {
            return None;
        }
        let mut each = Vec::new();
        for topic in topics.iter() {
            each.extend(self.mask(topic).map(|mask| (topic, mask.clone())));
        }
        let any = Mask::any(each.iter().map(|(_, mask)| mask));
        Some(Interest { any: any.unwrap_or_else(|| self.batch.none()), each })
    }

    fn mask(&mut self, topic: &Topic) -> Option<&Mask> {
        let mark = [0, 1].map(|n: usize| self.hashes[n].hash_one(topic));
        let at = *self.known.entry(mark).or_insert_with(|| {
            let mask = self.batch.matches(topic);
            let next = u32::try_from(self.masks.len()).ok().filter(|_| !mask.is_empty());
            self.masks.extend(next.map(|_| mask));
            next
        });
        self.masks.get(at? as usize)
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
