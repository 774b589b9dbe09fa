//! Papers as vectors of their words, so that they compare: TF-IDF of title and abstract, unit
//! length, cosine. Pure: the same papers in the same order give the same numbers.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use jiff::Timestamp;

use crate::model::{Paper, stemmed};

/// The strongest words of a paper that are kept: the rest are noise and time.
const STRONGEST: usize = 64;
/// A word of the title counts as often as two of the abstract.
const TITLE: f32 = 2.0;
/// The most words that are read of a title, and of an abstract.
const MOST_WORDS: (usize, usize) = (60, 600);
/// Papers that are no closer than this have nothing to do with each other.
pub(super) const RELATED: f32 = 0.2;
/// The most neighbours that are kept of a paper.
const MOST_NEAR: usize = 100;

/// Words that say nothing of what a paper is about: those of every text, and those of every
/// abstract.
const STOP: &str = "a about above across after again against all also an and any are as at be \
    because been before being below between both but by can could did do does doing during each \
    either et al few for from further had has have having he her here hers him his how however i \
    if in into is it its itself just may me might more most must my no nor not now of off on once \
    only or other our ours out over own per same she should so some such than that the their \
    theirs them then there these they this those through thus to too under until up upon us very \
    via was we were what when where whether which while who whom whose why will with within \
    without would yet you your achieve approach based demonstrate existing experiment experimental \
    extensive first framework furthermore introduce method moreover new novel outperform paper \
    present previous propose provide recent result show significantly state art study two use \
    using various well work e g vs i one many often still yet including";

static STOP_STEMS: LazyLock<HashSet<String>> =
    LazyLock::new(|| stemmed(STOP).map(|(_, stem)| stem).collect());

/// The stems of what is worth comparing in `text`, each with the word as it stands there.
pub(super) fn telling(text: &str) -> impl Iterator<Item = (&str, String)> {
    stemmed(text).filter(|(_, stem)| {
        stem.chars().nth(1).is_some()
            && !stem.bytes().all(|byte| byte.is_ascii_digit())
            && !STOP_STEMS.contains(stem)
    })
}

/// The words of a paper by their numbers, each with its count, in the order of the text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Bag {
    words: Box<[(u32, f32)]>,
    /// Of the text that it was made of, in bytes: another text has hardly ever the same.
    length: usize,
}

impl Bag {
    /// Whether it was made of this paper as it is now.
    pub(super) fn is_of(&self, paper: &Paper) -> bool {
        self.length == paper.title.len() + abstract_of(paper).len()
    }
}

fn abstract_of(paper: &Paper) -> &str {
    if paper.summary.is_empty() { paper.brief.as_deref().unwrap_or("") } else { &paper.summary }
}

/// The words seen so far, numbered as they came.
#[derive(Debug, Default)]
pub(super) struct Words(HashMap<String, u32>);

impl Words {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Each with its number.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, u32)> {
        self.0.iter().map(|(word, number)| (word.as_str(), *number))
    }

    /// The words of `paper`.
    pub(super) fn bag(&mut self, paper: &Paper) -> Bag {
        let summary = abstract_of(paper);
        let title = telling(&paper.title).take(MOST_WORDS.0).map(|(_, stem)| (stem, TITLE));
        let rest = telling(summary).take(MOST_WORDS.1).map(|(_, stem)| (stem, 1.0));
        let mut words: Vec<(u32, f32)> = Vec::new();
        let mut places: HashMap<u32, usize> = HashMap::new();
        for (stem, weight) in title.chain(rest) {
            let next = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
            let number = *self.0.entry(stem).or_insert(next);
            let place = *places.entry(number).or_insert(words.len());
            match words.get_mut(place) {
                Some((_, count)) => *count += weight,
                None => words.push((number, weight)),
            }
        }
        Bag { words: words.into(), length: paper.title.len() + summary.len() }
    }
}

/// A paper near another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Near {
    /// Its row.
    pub(super) row: i64,
    /// When it was first seen listed.
    pub(super) at: Timestamp,
    /// The cosine between the two, from [`RELATED`] to 1.
    pub(super) closeness: f32,
}

/// Papers as unit vectors, the newest first.
#[derive(Debug, Default)]
pub(super) struct Vectors {
    rows: Vec<(i64, Timestamp)>,
    places: HashMap<i64, usize>,
    /// Words and weights of all papers, each paper's the strongest first.
    entries: Vec<(u32, f32)>,
    /// Where each paper's begin; one more for the end.
    starts: Vec<usize>,
    /// Papers, by place, and weights of all words, and where each word's begin.
    posts: Vec<(u32, f32)>,
    post_starts: Vec<usize>,
    /// What was asked for: neighbours by place.
    near: Mutex<HashMap<usize, Arc<[Near]>>>,
}

impl Vectors {
    /// The papers `rows`, whose words, of which there are `words` in all, lie in `bags`.
    pub(super) fn new(rows: Vec<(i64, Timestamp)>, bags: &HashMap<i64, Bag>, words: usize) -> Self {
        let mut held_by = vec![0_u32; words];
        let bag = |row: &(i64, Timestamp)| bags.get(&row.0).map_or(&[][..], |bag| &bag.words);
        for (word, _) in rows.iter().flat_map(bag) {
            held_by[*word as usize] += 1;
        }
        let all = rows.len() as f32 + 1.0;
        // The root, so that a word's rarity counts once in the product of two vectors.
        let rarity: Vec<f32> =
            held_by.iter().map(|held| (all / (*held).max(1) as f32).ln().sqrt()).collect();
        let mut vectors = Self {
            places: rows.iter().enumerate().map(|(place, (row, _))| (*row, place)).collect(),
            starts: vec![0],
            ..Self::default()
        };
        let mut weighed: Vec<(u32, f32)> = Vec::new();
        for row in &rows {
            weighed.clear();
            // What stands in one paper alone compares with nothing.
            let shared = bag(row).iter().filter(|(word, _)| held_by[*word as usize] > 1);
            weighed.extend(
                shared.map(|(word, count)| (*word, (1.0 + count.ln()) * rarity[*word as usize])),
            );
            weighed.sort_by(|one, other| other.1.total_cmp(&one.1));
            weighed.truncate(STRONGEST);
            let length = weighed.iter().map(|(_, weight)| weight * weight).sum::<f32>().sqrt();
            if length > 0.0 {
                vectors.entries.extend(weighed.iter().map(|(word, w)| (*word, w / length)));
            }
            vectors.starts.push(vectors.entries.len());
        }
        vectors.rows = rows;
        vectors.post(words);
        vectors
    }

    /// Turns papers by words into words by papers.
    fn post(&mut self, words: usize) {
        let mut starts = vec![0; words + 1];
        for (word, _) in &self.entries {
            starts[*word as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut posts = vec![(0, 0.0); self.entries.len()];
        for place in 0..self.rows.len() {
            for (word, weight) in &self.entries[self.starts[place]..self.starts[place + 1]] {
                let at = &mut next[*word as usize];
                posts[*at] = (u32::try_from(place).unwrap_or(u32::MAX), *weight);
                *at += 1;
            }
        }
        (self.posts, self.post_starts) = (posts, starts);
    }

    /// The papers in their order.
    pub(super) fn rows(&self) -> &[(i64, Timestamp)] {
        &self.rows
    }

    fn at(&self, place: usize) -> &[(u32, f32)] {
        &self.entries[self.starts[place]..self.starts[place + 1]]
    }

    /// The vector of the paper in this row; empty where it is not here.
    fn of(&self, row: i64) -> &[(u32, f32)] {
        self.places.get(&row).map_or(&[], |place| self.at(*place))
    }

    /// Whether the paper is here and has words that others have, too.
    pub(super) fn knows(&self, row: i64) -> bool {
        !self.of(row).is_empty()
    }

    /// The sum of these papers, each with its weight, at unit length; all zero where they cancel
    /// each other out.
    pub(super) fn direction(&self, papers: impl IntoIterator<Item = (i64, f32)>) -> Direction {
        let words = self.post_starts.len().saturating_sub(1);
        let mut sum = vec![0.0_f32; words];
        for (row, share) in papers {
            for (word, weight) in self.of(row) {
                sum[*word as usize] += share * weight;
            }
        }
        let length = sum.iter().map(|weight| weight * weight).sum::<f32>().sqrt();
        if length > 0.0 {
            sum.iter_mut().for_each(|weight| *weight /= length);
        }
        Direction(sum)
    }

    /// How far the paper in this row points in that direction, from -1 to 1.
    pub(super) fn along(&self, direction: &Direction, row: i64) -> f32 {
        self.of(row).iter().map(|(word, weight)| weight * direction.0[*word as usize]).sum()
    }

    /// The papers that have to do with the one in this row, the closest first, and of those as
    /// close the newest.
    pub(super) fn near(&self, row: i64) -> Arc<[Near]> {
        let Some(place) = self.places.get(&row) else { return Arc::default() };
        let kept = || self.near.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(near) = kept().get(place) {
            return Arc::clone(near);
        }
        let near = self.find_near(*place);
        kept().insert(*place, Arc::clone(&near));
        near
    }

    fn find_near(&self, place: usize) -> Arc<[Near]> {
        let mut closeness = vec![0.0_f32; self.rows.len()];
        for (word, weight) in self.at(place) {
            let word = *word as usize;
            for (other, theirs) in &self.posts[self.post_starts[word]..self.post_starts[word + 1]] {
                closeness[*other as usize] += weight * theirs;
            }
        }
        closeness[place] = 0.0;
        let mut near: Vec<Near> = (self.rows.iter().zip(closeness))
            .filter(|(_, closeness)| *closeness >= RELATED)
            .map(|((row, at), closeness)| Near { row: *row, at: *at, closeness })
            .collect();
        near.sort_by(|one, other| other.closeness.total_cmp(&one.closeness));
        near.truncate(MOST_NEAR);
        near.into()
    }
}

/// A vector of all words, at unit length.
#[derive(Clone, Debug)]
pub(super) struct Direction(Vec<f32>);

impl Direction {
    /// The weight of a word.
    pub(super) fn of(&self, word: u32) -> f32 {
        self.0.get(word as usize).copied().unwrap_or(0.0)
    }
}
