//! What a reader likes, learned from what they said of papers (Rocchio): the mean of what they
//! want more like, less half the mean of what they do not. Pure; never asks anybody else.

use std::collections::HashMap;
use std::sync::Arc;

use super::vectors::{Vectors, Words, telling};
use crate::model::{Feedback, Paper};
use crate::store::{Rated, RatedPaper};

/// What counts: the last so many words of a reader.
const MOST: usize = 1_000;
/// The share of what is not wanted.
const AGAINST: f32 = 0.5;
/// What is hidden may be known already, and is half as much against its like.
const HIDDEN: f64 = 0.5;
/// The papers, of the newest, by which is told what is ordinary.
const SAMPLE: usize = 1_000;
/// Where hardly any papers compare, small differences are no taste.
const LEAST_SPREAD: f64 = 0.02;
/// The most that taste moves a paper, in units of [`super::rank`].
const STRENGTH: f64 = 8.0;
/// After so many words half of that.
const HALF: f64 = 2.0;
/// Words that a page shows of what was learned.
const SHOWN: usize = 12;

/// What was learned of one reader.
#[derive(Debug)]
pub(super) struct Learned {
    vectors: Arc<Vectors>,
    direction: super::vectors::Direction,
    /// How far ordinary papers point that way, and how much they differ.
    mean: f64,
    spread: f64,
    strength: f64,
    /// What they want more like: titles by row.
    liked: HashMap<i64, String>,
}

impl Learned {
    /// Learns from what a reader said, the newest first; none where nothing is to be learned.
    pub(super) fn of(vectors: &Arc<Vectors>, rated: &[Rated]) -> Option<Self> {
        let known = rated.iter().filter(|one| vectors.knows(one.paper)).take(MOST);
        let rated: Vec<&Rated> = known.collect();
        if rated.is_empty() {
            return None;
        }
        let direction =
            vectors.direction(shares(rated.iter().map(|one| (one.paper, one.feedback))));
        let sample: Vec<f64> = (vectors.rows().iter().take(SAMPLE))
            .map(|(row, _)| f64::from(vectors.along(&direction, *row)))
            .collect();
        let count = sample.len().max(1) as f64;
        let mean = sample.iter().sum::<f64>() / count;
        let spread = (sample.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count).sqrt();
        let said: f64 = rated.iter().map(|one| certainty(one.feedback)).sum();
        let liked = rated.iter().filter(|one| one.feedback == Feedback::More);
        Some(Self {
            vectors: Arc::clone(vectors),
            direction,
            mean,
            spread: spread.max(LEAST_SPREAD),
            strength: STRENGTH * said / (said + HALF),
            liked: liked.map(|one| (one.paper, one.title.clone())).collect(),
        })
    }

    /// How much the reader is likely to want the paper in this row, beyond what everybody does.
    /// The two thirds of all papers that are neither near nor far get none of it.
    pub(super) fn pull(&self, row: i64) -> f64 {
        if !self.vectors.knows(row) {
            return 0.0;
        }
        let along = f64::from(self.vectors.along(&self.direction, row));
        let off = (along - self.mean) / self.spread;
        let beyond = (off.abs() - 1.0).max(0.0).copysign(off) / 3.0;
        self.strength * beyond.clamp(-1.0, 1.5)
    }

    /// The title of the paper that they liked and that is closest to the one in this row.
    pub(super) fn liked_near(&self, row: i64) -> Option<&str> {
        let near = self.vectors.near(row);
        near.iter().find_map(|one| self.liked.get(&one.row)).map(String::as_str)
    }
}

/// How much a word says of its paper's like.
fn certainty(feedback: Feedback) -> f64 {
    if feedback == Feedback::Hide { HIDDEN } else { 1.0 }
}

/// What each paper's vector counts: the mean of what is wanted, less the share of what is not.
fn shares(
    rated: impl Iterator<Item = (i64, Feedback)> + Clone,
) -> impl Iterator<Item = (i64, f32)> {
    let count = |liked: bool| {
        rated.clone().filter(|(_, said)| (*said == Feedback::More) == liked).count().max(1) as f32
    };
    let (liked, others) = (count(true), count(false));
    rated.map(move |(row, said)| match said {
        Feedback::More => (row, 1.0 / liked),
        Feedback::Less | Feedback::Hide => (row, -AGAINST * certainty(said) as f32 / others),
    })
}

/// The words that count most for a reader, and those that count most against, the strongest
/// first, as they stand in the papers that they spoke of. `others`: papers of these days, by which
/// is told how rare a word is.
pub fn learned_words<'a>(
    rated: &'a [RatedPaper],
    others: impl IntoIterator<Item = &'a Paper>,
) -> (Vec<String>, Vec<String>) {
    let mut words = Words::default();
    let spoken = rated.iter().map(|one| &one.paper);
    let others =
        others.into_iter().filter(|paper| rated.iter().all(|one| one.paper.id != paper.id));
    let bags: HashMap<i64, _> =
        (0..).zip(spoken.chain(others)).map(|(row, paper)| (row, words.bag(paper))).collect();
    let rows = (0..).zip(&bags).map(|(row, _)| (row, jiff::Timestamp::UNIX_EPOCH)).collect();
    let vectors = Vectors::new(rows, &bags, words.len());
    let said = (0..).zip(rated).filter_map(|(row, one)| Some((row, one.feedback?)));
    let direction = vectors.direction(shares(said));
    let mut weighed: Vec<(f32, &str)> =
        words.iter().map(|(stem, number)| (direction.of(number), stem)).collect();
    weighed.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(other.1)));
    let written = written(rated);
    let shown = |(_, stem): &(f32, &str)| written.get(*stem).cloned();
    let liked = weighed.iter().take_while(|(weight, _)| *weight > 0.0).take(SHOWN);
    let others = weighed.iter().rev().take_while(|(weight, _)| *weight < 0.0).take(SHOWN);
    (liked.filter_map(shown).collect(), others.filter_map(shown).collect())
}

/// Of each stem the word that stands for it most often, and of those the first in the alphabet.
fn written(rated: &[RatedPaper]) -> HashMap<String, String> {
    let mut counts: HashMap<String, HashMap<String, u32>> = HashMap::new();
    for one in rated {
        for (word, stem) in telling(&one.paper.title).chain(telling(&one.paper.summary)) {
            *counts.entry(stem).or_default().entry(word.to_lowercase()).or_default() += 1;
        }
    }
    let most = |words: HashMap<String, u32>| {
        words.into_iter().max_by(|one, other| one.1.cmp(&other.1).then(other.0.cmp(&one.0)))
    };
    counts.into_iter().filter_map(|(stem, words)| Some((stem, most(words)?.0))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::vectors_tests::{paper, vectors};
    use super::*;
    use Feedback::{Hide, Less, More};

    fn papers() -> Vec<Paper> {
        let mut papers = Vec::new();
        for n in 0..6 {
            papers.push(paper(
                &format!("Diffusion models {n}"),
                "We train diffusion models on images, for sampling and denoising.",
            ));
            papers.push(paper(
                &format!("Cooking robots {n}"),
                "A robot learns to cook pasta in kitchens, by imitation.",
            ));
            papers.push(paper(
                &format!("Protein folding {n}"),
                "Structures of proteins from sequences of amino acids.",
            ));
        }
        papers
    }

    fn said(words: &[(i64, Feedback)]) -> Vec<Rated> {
        let rated = |(paper, feedback): &(i64, Feedback)| Rated {
            paper: *paper,
            title: format!("no. {paper}"),
            feedback: *feedback,
            at: jiff::Timestamp::UNIX_EPOCH,
        };
        words.iter().map(rated).collect()
    }

    #[test]
    fn what_is_liked_pulls_its_like_and_what_is_not_pushes() {
        let vectors = Arc::new(vectors(&papers()));
        let learned = Learned::of(&vectors, &said(&[(1, More), (2, Less)])).unwrap();
        let (image, robot, protein) = (learned.pull(4), learned.pull(5), learned.pull(6));
        assert!(image > 0.1 && robot < 0.0 && protein.abs() < 1e-9, "{image} {robot} {protein}");
        assert_eq!(learned.liked_near(4), Some("no. 1"));
        assert_eq!(learned.liked_near(5), None, "no reason to like it");
        assert_eq!(learned.pull(99), 0.0);
        // The more was said, the more it counts.
        let more = Learned::of(&vectors, &said(&[(1, More), (4, More), (7, More), (2, Less)]));
        assert!(more.unwrap().pull(10) > image);
        // Hidden is less than not wanted.
        let of = |word| Learned::of(&vectors, &said(&[(1, More), (2, word)])).unwrap().pull(5);
        assert!(of(Hide) > of(Less));
        // Only against: nothing is liked, all the same something is pushed away.
        let against = Learned::of(&vectors, &said(&[(2, Less)])).unwrap();
        assert!(against.pull(5) < 0.0 && against.liked_near(5).is_none());
        assert!(Learned::of(&vectors, &said(&[(99, More)])).is_none());
        assert!(Learned::of(&vectors, &[]).is_none());
    }

    #[test]
    fn the_words_are_shown_as_they_are_written() {
        let papers = papers();
        let rated = |at: usize, feedback| RatedPaper {
            row: 0,
            paper: papers[at].clone(),
            feedback: Some(feedback),
        };
        let (liked, others) = learned_words(&[rated(0, More), rated(1, Less)], &papers);
        assert!(liked.contains(&"diffusion".to_owned()), "{liked:?}");
        assert!(liked.contains(&"images".to_owned()), "{liked:?}");
        assert!(others.contains(&"kitchens".to_owned()), "{others:?}");
        assert!(!liked.iter().any(|word| others.contains(word)));
        assert_eq!(learned_words(&[], &papers), (Vec::new(), Vec::new()));
    }
}
