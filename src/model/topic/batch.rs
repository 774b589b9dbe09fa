//! Many papers made ready once for many queries: for every stem a bit mask of the papers that hold
//! it, in each field, so that a query is a few operations on words of bits. Pure.

use smallvec::SmallVec;
use std::collections::HashMap;

use super::{Field, Measure, Query, Topic, Topics, words};
use crate::model::Paper;

/// A set of papers of one [`Batch`], by their place in it. Cheap to clone: one of up to 256 papers,
/// as many as a look-back mostly has, lies on no heap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mask(SmallVec<[u64; 4]>);

impl Mask {
    /// Whether the paper at this place is in it.
    pub fn holds(&self, paper: usize) -> bool {
        self.0.get(paper / 64).is_some_and(|word| word >> (paper % 64) & 1 == 1)
    }

    /// Whether no paper is in it.
    pub fn is_empty(&self) -> bool {
        is_none(&self.0)
    }

    /// How many papers are in it.
    pub fn count(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The papers that are in one of `masks`; of no mask at all there is none.
    pub(super) fn any<'a>(masks: impl IntoIterator<Item = &'a Self>) -> Option<Self> {
        masks.into_iter().cloned().reduce(|mut found, other| {
            join(&mut found.0, &other.0);
            found
        })
    }
}

fn is_none(mask: &[u64]) -> bool {
    mask.iter().all(|word| *word == 0)
}

fn join(mask: &mut [u64], other: &[u64]) {
    mask.iter_mut().zip(other).for_each(|(mine, theirs)| *mine |= theirs);
}

fn meet(mask: &mut [u64], other: &[u64]) {
    mask.iter_mut().zip(other).for_each(|(mine, theirs)| *mine &= theirs);
}

fn set(mask: &mut [u64], paper: usize) {
    if let Some(word) = mask.get_mut(paper / 64) {
        *word |= 1 << (paper % 64);
    }
}

/// Leaves in `mask` the papers for which `is` holds.
fn keep(mask: &mut [u64], is: impl Fn(usize) -> bool) {
    for (at, word) in mask.iter_mut().enumerate() {
        let mut left = *word;
        while left != 0 {
            let bit = left.trailing_zeros() as usize;
            if !is(at * 64 + bit) {
                *word &= !(1 << bit);
            }
            left &= left - 1;
        }
    }
}

/// Ends a field, so that no phrase runs over its end. Never the number of a stem.
const END: u32 = u32::MAX;

/// Papers made ready for queries.
#[derive(Debug)]
pub struct Batch {
    every: Mask,
    none: Mask,
    stems: HashMap<String, u32>,
    /// Of each stem, a mask for each field.
    masks: Vec<u64>,
    /// Of each stem, its places in `text`.
    places: Vec<Vec<u32>>,
    /// All fields of all papers, as numbers of stems.
    text: Vec<u32>,
    /// Of each place in `text`, whose it is.
    owners: Vec<(u32, Field)>,
    /// Of each part of a name, the authors who bear it: a paper and a number in `names`.
    bearers: HashMap<String, Vec<(u32, u32)>>,
    names: Vec<Vec<String>>,
    votes: Vec<u32>,
    stars: Vec<u32>,
    code: Vec<bool>,
}

impl Batch {
    /// Makes `papers` ready; masks number them in this order.
    pub fn new<'a>(papers: impl IntoIterator<Item = &'a Paper>) -> Self {
        let papers: Vec<&Paper> = papers.into_iter().collect();
        let mut every = SmallVec::from_elem(0, papers.len().div_ceil(64));
        (0..papers.len()).for_each(|paper| set(&mut every, paper));
        let mut batch = Self {
            none: Mask(SmallVec::from_elem(0, every.len())),
            every: Mask(every),
            stems: HashMap::new(),
            masks: Vec::new(),
            places: Vec::new(),
            text: Vec::new(),
            owners: Vec::new(),
            bearers: HashMap::new(),
            names: Vec::new(),
            votes: papers.iter().map(|paper| paper.votes.unwrap_or(0)).collect(),
            stars: papers.iter().map(|paper| paper.stars.unwrap_or(0)).collect(),
            code: papers.iter().map(|paper| paper.code_url.is_some()).collect(),
        };
        for (place, paper) in papers.into_iter().enumerate() {
            batch.add(place, paper);
        }
        batch
    }

    /// The mask of no paper.
    pub(super) fn none(&self) -> Mask {
        self.none.clone()
    }

    fn add(&mut self, place: usize, paper: &Paper) {
        for (field, text) in texts(paper) {
            self.write(place, field, text);
        }
        for author in &paper.authors {
            let parts = words::name(author);
            let number = small(self.names.len());
            for part in &parts {
                self.bearers.entry(part.clone()).or_default().push((small(place), number));
            }
            self.names.push(parts);
        }
    }

    fn write(&mut self, paper: usize, field: Field, text: &str) {
        let owner = (small(paper), field);
        for stem in words::stems(text) {
            let next = small(self.places.len());
            let stem = *self.stems.entry(stem).or_insert(next);
            if stem == next {
                self.places.push(Vec::new());
                self.masks.resize(self.masks.len() + Field::COUNT * self.width(), 0);
            }
            let place = small(self.text.len());
            if let Some(places) = self.places.get_mut(stem as usize) {
                places.push(place);
            }
            self.text.push(stem);
            self.owners.push(owner);
            let own = self.place_of(stem, field);
            set(&mut self.masks[own], paper);
            if field.is_text() {
                let text = self.place_of(stem, Field::Text);
                set(&mut self.masks[text], paper);
            }
        }
        self.text.push(END);
        self.owners.push(owner);
    }

    /// How many words a mask has.
    fn width(&self) -> usize {
        self.every.0.len()
    }

    fn place_of(&self, stem: u32, field: Field) -> std::ops::Range<usize> {
        let start = (stem as usize * Field::COUNT + field as usize) * self.width();
        start..start + self.width()
    }

    /// The papers that match `topic`.
    pub fn matches(&self, topic: &Topic) -> Mask {
        let Some(query) = topic.query() else { return self.none.clone() };
        let mut found = self.every.clone();
        self.narrow(&query, &mut found.0);
        found
    }

    /// The papers that match one of `topics`; every paper, where there are none.
    pub fn matches_any(&self, topics: &Topics) -> Mask {
        let each: Vec<Mask> = topics.iter().map(|topic| self.matches(topic)).collect();
        Mask::any(&each).unwrap_or_else(|| self.every.clone())
    }

    /// Leaves in `found` the papers that match `query`.
    fn narrow(&self, query: &Query, found: &mut [u64]) {
        match query {
            Query::All(parts) => {
                for part in parts {
                    if is_none(found) {
                        return;
                    }
                    self.narrow(part, found);
                }
            }
            Query::Any(parts) => {
                let mut any = vec![0; found.len()];
                for part in parts {
                    let mut one = found.to_vec();
                    self.narrow(part, &mut one);
                    join(&mut any, &one);
                }
                found.copy_from_slice(&any);
            }
            Query::Not(part) => {
                let mut not = found.to_vec();
                self.narrow(part, &mut not);
                found.iter_mut().zip(&not).for_each(|(mine, theirs)| *mine &= !theirs);
            }
            Query::Words(field, stems) => self.words(*field, stems, found),
            Query::Author(parts) => self.author(parts, found),
            Query::Count(measure, relation, wanted) => {
                let counts = match measure {
                    Measure::Votes => &self.votes,
                    Measure::Stars => &self.stars,
                };
                keep(found, |paper| {
                    counts.get(paper).is_some_and(|count| relation.holds(*count, *wanted))
                });
            }
            Query::HasCode => keep(found, |paper| self.code.get(paper) == Some(&true)),
        }
    }

    /// Where the stems stand side by side in the field.
    fn words(&self, field: Field, stems: &[String], found: &mut [u64]) {
        let mut numbers = Vec::with_capacity(stems.len());
        for stem in stems {
            let Some(number) = self.stems.get(stem) else { return found.fill(0) };
            meet(found, &self.masks[self.place_of(*number, field)]);
            numbers.push(*number);
        }
        if numbers.len() < 2 || is_none(found) {
            return;
        }
        // Those hold all of them. The rarest is looked at first; the others must stand around it.
        let places = |number: &u32| self.places.get(*number as usize).map_or(&[][..], |all| all);
        let rarest = numbers.iter().enumerate().min_by_key(|(_, number)| places(number).len());
        let Some((before, number)) = rarest else { return };
        let mut together = vec![0; found.len()];
        for place in places(number) {
            let Some(start) = (*place as usize).checked_sub(before) else { continue };
            if self.text.get(start..start + numbers.len()) == Some(&numbers[..])
                && let Some((paper, of)) = self.owners.get(start)
                && (*of == field || (field == Field::Text && of.is_text()))
            {
                set(&mut together, *paper as usize);
            }
        }
        meet(found, &together);
    }

    /// The papers of an author.
    fn author(&self, parts: &[String], found: &mut [u64]) {
        let mut theirs = vec![0; found.len()];
        let bearers = parts.last().and_then(|family| self.bearers.get(family));
        for (paper, number) in bearers.map_or(&[][..], |all| all) {
            if self.names.get(*number as usize).is_some_and(|name| words::is_author(parts, name)) {
                set(&mut theirs, *paper as usize);
            }
        }
        meet(found, &theirs);
    }
}

/// The texts of a paper in which words are looked for.
pub(super) fn texts(paper: &Paper) -> impl Iterator<Item = (Field, &str)> {
    [(Field::Title, paper.title.as_str()), (Field::Abstract, paper.summary.as_str())]
        .into_iter()
        .chain(paper.brief.iter().map(|text| (Field::Abstract, text.as_str())))
        .chain(paper.keywords.iter().map(|text| (Field::Keyword, text.as_str())))
        .chain(paper.organization.iter().map(|text| (Field::Org, text.as_str())))
}

/// Places are counted in 32 bits: a batch of 4 billion words would not fit in memory.
fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(END - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PaperId;

    fn papers() -> Vec<Paper> {
        let paper =
            |id: &str, title: &str| Paper::new(PaperId::from_url(id), title, "https://example.org");
        let mut flow = paper("0", "Flow-Matching for Image Generation");
        flow.summary = "We train diffusion models. The survey is in the appendix.".into();
        flow.authors = vec!["Kaiming He".into(), "Ángel Núñez".into()];
        flow.votes = Some(50);
        flow.code_url = Some("https://github.com/a/b".into());
        let mut survey = paper("1", "A Survey of Large Language Models");
        survey.keywords = vec!["llms".into(), "agent systems".into()];
        survey.authors = vec!["K. He".into(), "Aäron van den Oord".into()];
        survey.organization = Some("Google DeepMind".into());
        survey.stars = Some(7);
        let mut match_flow = paper("2", "Matching");
        match_flow.summary = "Flow of matter in a deep mind; C++ code by kaiming".into();
        match_flow.authors = vec!["Kai He".into(), "Geoffrey E. Hinton".into()];
        match_flow.votes = Some(20);
        match_flow.keywords = vec!["扩散模型".into(), "ロボット工学".into()];
        vec![flow, survey, match_flow]
    }

    #[test]
    fn each_query_finds_its_papers() {
        let papers = papers();
        let batch = Batch::new(&papers);
        for (text, wanted) in [
            ("\"flow matching\"", "0"),
            ("flow matching", "02"),
            ("matching flow", "02"),
            ("\"matching flow\"", ""),
            ("diffusion model", "0"),
            ("\"diffusion model\"", "0"),
            ("models", "01"),
            ("title:model", "1"),
            ("abstract:models", "0"),
            ("keyword:llm", "1"),
            ("llm", "1"),
            ("\"llms agent\"", ""),
            ("\"agent system\"", "1"),
            ("org:deepmind", "1"),
            ("org:\"google deepmind\"", "1"),
            ("deepmind", ""),
            ("survey", "01"),
            ("diffusion -survey", ""),
            ("-survey", "2"),
            ("survey -title:survey", "0"),
            ("(flow OR language) -deep", "01"),
            ("author:\"Kaiming He\"", "01"),
            ("author:\"K. He\"", "012"),
            ("author:he", "012"),
            ("author:\"Kai He\"", "12"),
            ("author:\"He, Kaiming\"", "01"),
            ("author:Angel", "0"),
            ("author:\"a nunez\"", "0"),
            ("author:\"Geoffrey Hinton\"", "2"),
            ("author:\"G E Hinton\"", "2"),
            ("author:\"E G Hinton\"", ""),
            ("author:\"Aaron van den Oord\"", "1"),
            ("author:\"van den Oord\"", "1"),
            ("author:(hinton OR \"K. He\" -kaiming)", "12"),
            ("kaiming", "2"),
            ("votes>=20", "02"),
            ("votes>20", "0"),
            ("votes<20", "1"),
            ("votes=20 OR stars>=7", "12"),
            ("has:code", "0"),
            ("-has:code", "12"),
            ("c++", "2"),
            // Han is parted sign by sign, so that a part of a word is found as a phrase.
            ("扩散", "2"),
            ("\"扩散模型\" keyword:ロボット", "2"),
            ("模型 扩散", "2"),
            ("\"模型扩散\" OR title:扩散", ""),
            ("nowhere", ""),
            ("\"a survey of large language models\"", "1"),
            ("\"image generation we\"", ""),
        ] {
            let mask = batch.matches(&text.parse().unwrap());
            let found: String = (0..3).filter(|n| mask.holds(*n)).map(|n| n.to_string()).collect();
            assert_eq!(found, wanted, "{text}");
            assert_eq!(mask.count(), wanted.len());
        }
        assert_eq!(batch.matches_any(&Topics::default()).count(), 3);
        let two = Topics::read("llm\n\"flow matching\"; llm").unwrap();
        assert_eq!((two.iter().count(), batch.matches_any(&two).count()), (2, 2));
    }

    #[test]
    fn more_papers_than_bits_in_a_word() {
        let papers: Vec<Paper> = (0..130)
            .map(|n| Paper::new(PaperId::from_url(&n.to_string()), format!("no {n}"), "x"))
            .collect();
        let batch = Batch::new(&papers);
        let found = batch.matches(&"129 OR 64".parse().unwrap());
        assert!(found.holds(129) && found.holds(64) && found.count() == 2);
        assert_eq!(batch.matches(&"-64".parse().unwrap()).count(), 129);
        assert!(!Batch::new([]).matches(&"-x".parse().unwrap()).holds(0));
    }
}
