//! Many papers made ready once for many queries: every stem with the places where it stands,
//! so that a query looks at a few places and not at every text. Pure.

use std::collections::HashMap;

use super::{Field, Measure, Query, Topic, Topics, words};
use crate::model::Paper;

/// A set of papers of one [`Batch`], by their place in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mask(Vec<u64>);

impl Mask {
    fn none(papers: usize) -> Self {
        Self(vec![0; papers.div_ceil(64)])
    }

    fn set(&mut self, paper: usize) {
        if let Some(word) = self.0.get_mut(paper / 64) {
            *word |= 1 << (paper % 64);
        }
    }

    /// Whether the paper at this place is in it.
    pub fn holds(&self, paper: usize) -> bool {
        self.0.get(paper / 64).is_some_and(|word| word >> (paper % 64) & 1 == 1)
    }

    /// How many papers are in it.
    pub fn count(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    fn with(mut self, other: &Self, each: impl Fn(u64, u64) -> u64) -> Self {
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine = each(*mine, *theirs);
        }
        self
    }
}

/// Ends a field, so that no phrase runs over its end. Never the number of a stem.
const END: u32 = u32::MAX;

/// Papers made ready for queries.
#[derive(Debug, Default)]
pub struct Batch {
    papers: usize,
    stems: HashMap<String, u32>,
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
        let mut batch = Self::default();
        for paper in papers {
            batch.add(paper);
        }
        batch
    }

    fn add(&mut self, paper: &Paper) {
        self.write(Field::Title, &paper.title);
        self.write(Field::Abstract, &paper.summary);
        if let Some(brief) = &paper.brief {
            self.write(Field::Abstract, brief);
        }
        for keyword in &paper.keywords {
            self.write(Field::Keyword, keyword);
        }
        if let Some(org) = &paper.organization {
            self.write(Field::Org, org);
        }
        let owner = small(self.papers);
        for author in &paper.authors {
            let parts = words::name(author);
            let number = small(self.names.len());
            for part in &parts {
                self.bearers.entry(part.clone()).or_default().push((owner, number));
            }
            self.names.push(parts);
        }
        self.votes.push(paper.votes.unwrap_or(0));
        self.stars.push(paper.stars.unwrap_or(0));
        self.code.push(paper.code_url.is_some());
        self.papers += 1;
    }

    fn write(&mut self, field: Field, text: &str) {
        let owner = (small(self.papers), field);
        for stem in words::stems(text) {
            let next = small(self.places.len());
            let stem = *self.stems.entry(stem).or_insert(next);
            if stem == next {
                self.places.push(Vec::new());
            }
            let place = small(self.text.len());
            if let Some(places) = self.places.get_mut(stem as usize) {
                places.push(place);
            }
            self.text.push(stem);
            self.owners.push(owner);
        }
        self.text.push(END);
        self.owners.push(owner);
    }

    /// The papers that match `topic`.
    pub fn matches(&self, topic: &Topic) -> Mask {
        self.mask(&topic.query)
    }

    /// The papers that match one of `topics`; every paper, where there are none.
    pub fn matches_any(&self, topics: &Topics) -> Mask {
        if topics.is_empty() {
            return self.every();
        }
        topics.iter().fold(Mask::none(self.papers), |found, topic| {
            found.with(&self.matches(topic), |a, b| a | b)
        })
    }

    fn every(&self) -> Mask {
        self.where_each(|_| true)
    }

    fn where_each(&self, is: impl Fn(usize) -> bool) -> Mask {
        let mut found = Mask::none(self.papers);
        (0..self.papers).filter(|paper| is(*paper)).for_each(|paper| found.set(paper));
        found
    }

    fn mask(&self, query: &Query) -> Mask {
        match query {
            Query::All(parts) => parts
                .iter()
                .fold(self.every(), |found, part| found.with(&self.mask(part), |a, b| a & b)),
            Query::Any(parts) => parts.iter().fold(Mask::none(self.papers), |found, part| {
                found.with(&self.mask(part), |a, b| a | b)
            }),
            Query::Not(part) => self.every().with(&self.mask(part), |a, b| a & !b),
            Query::Words(field, stems) => self.words(*field, stems),
            Query::Author(parts) => self.author(parts),
            Query::Count(measure, relation, wanted) => {
                let counts = match measure {
                    Measure::Votes => &self.votes,
                    Measure::Stars => &self.stars,
                };
                self.where_each(|paper| {
                    counts.get(paper).is_some_and(|count| relation.holds(*count, *wanted))
                })
            }
            Query::HasCode => self.where_each(|paper| self.code.get(paper) == Some(&true)),
        }
    }

    /// Where the stems stand side by side in the field.
    fn words(&self, field: Field, stems: &[String]) -> Mask {
        let mut found = Mask::none(self.papers);
        let numbers: Option<Vec<u32>> =
            stems.iter().map(|stem| self.stems.get(stem).copied()).collect();
        let Some(numbers) = numbers else { return found };
        // The rarest stem is looked at first; the others must stand around it.
        let places = |number: &u32| self.places.get(*number as usize).map_or(&[][..], |all| all);
        let rarest = numbers.iter().enumerate().min_by_key(|(_, number)| places(number).len());
        let Some((before, number)) = rarest else { return found };
        for place in places(number) {
            let Some(start) = (*place as usize).checked_sub(before) else { continue };
            if self.text.get(start..start + numbers.len()) == Some(&numbers[..])
                && let Some((paper, of)) = self.owners.get(start)
                && (*of == field || (field == Field::Text && *of != Field::Org))
            {
                found.set(*paper as usize);
            }
        }
        found
    }

    /// The papers of an author: the family names are the same, and each given name or initial
    /// of the query is, in order, one of the author's. A single name may stand anywhere.
    fn author(&self, parts: &[String]) -> Mask {
        let mut found = Mask::none(self.papers);
        let Some((family, given)) = parts.split_last() else { return found };
        for (paper, number) in self.bearers.get(family).map_or(&[][..], |all| all) {
            let Some(name) = self.names.get(*number as usize) else { continue };
            let is = match name.split_last() {
                _ if given.is_empty() => true,
                Some((last, theirs)) => last == family && in_order(given, theirs),
                None => false,
            };
            if is {
                found.set(*paper as usize);
            }
        }
        found
    }
}

/// Whether each of `given` is, in order, one of `theirs`; an initial is any name that begins
/// with it, on either side.
fn in_order(given: &[String], theirs: &[String]) -> bool {
    let same = |one: &str, other: &str| {
        let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
        one == other || (short.chars().count() == 1 && long.starts_with(short))
    };
    let mut theirs = theirs.iter();
    given.iter().all(|wanted| theirs.any(|name| same(wanted, name)))
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
        assert!(!Batch::default().matches(&"-x".parse().unwrap()).holds(0));
    }
}
