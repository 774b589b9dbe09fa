//! What rose and what faded from one week to the next, by the papers that readers voted for. Pure.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use crate::model::{Paper, same_words};
use crate::render::{Moved, Trend};
use crate::store::Course;

/// Papers that gained votes in each of the two weeks: with fewer there is nothing to compare.
const LEAST_PAPERS: usize = 10;
/// Papers that hold a word in the week in which it is the stronger.
const LEAST_HOLD: u32 = 3;
/// How far apart the two shares must lie, in standard deviations of their difference: what lies
/// nearer is chance more often than not.
const APART: f64 = 1.0;
/// The most words that rose, and that faded.
const WORDS: usize = 4;
/// The most papers.
const PAPERS: usize = 3;

/// Words too common in titles to tell anything.
const COMMON: &str = "a an the of for in on to and or with without from by via is are be as at it its \
    into through towards toward beyond under over between can do does how what when why where we you \
    not no all new using based study approach method model models learning paper";

/// What rose and what faded between the first two and the last two moments of `courses`; none where
/// that is too little to tell.
pub(super) fn trend(courses: &[Course]) -> Option<Trend> {
    let mut weeks = [Week::default(), Week::default()];
    let mut spelled: HashMap<String, String> = HashMap::new();
    let mut gains: Vec<(u32, &Paper)> = Vec::new();
    for Course { paper, votes: [first, middle, last] } in courses {
        let gain = |from: &Option<u32>, to: &Option<u32>| {
            to.unwrap_or(0).saturating_sub(from.unwrap_or(0))
        };
        let gained = [gain(first, middle), gain(middle, last)];
        if gained[1] > 0 && !paper.withdrawn {
            gains.push((gained[1], paper));
        }
        let words = words_of(paper);
        for (week, _) in weeks.iter_mut().zip(gained).filter(|(_, gain)| *gain > 0) {
            week.papers += 1;
            for key in words.iter().map(|(key, _)| key) {
                *week.hold.entry(key.clone()).or_default() += 1;
            }
        }
        for (key, word) in words {
            spelled.entry(key).or_insert(word);
        }
    }
    let [before, now] = weeks;
    if before.papers < LEAST_PAPERS || now.papers < LEAST_PAPERS {
        return None;
    }
    let mut moved: Vec<(f64, &str, &String)> = spelled
        .iter()
        .filter_map(|(key, word)| Some((before.to(&now, key)?, key.as_str(), word)))
        .collect();
    // Among equals by the alphabet, so that a day has one answer.
    moved.sort_by(|one, other| other.0.total_cmp(&one.0).then_with(|| one.1.cmp(other.1)));
    let word = |(_, _, word): &(f64, &str, &String)| (*word).clone();
    let rose = moved.iter().take_while(|one| one.0 >= APART).take(WORDS).map(word).collect();
    let fell = moved.iter().rev().take_while(|one| one.0 <= -APART);
    let faded = fell.take(WORDS).map(word).collect();
    gains.sort_by_key(|(gain, paper)| (Reverse(*gain), paper.id.clone()));
    let papers = gains.iter().take(PAPERS).map(|(gain, paper)| Moved::new(paper, *gain)).collect();
    Some(Trend { rose, faded, papers })
}

/// The papers that gained votes in a week.
#[derive(Default)]
struct Week {
    papers: usize,
    /// How many of them hold a word.
    hold: HashMap<String, u32>,
}

impl Week {
    /// How much larger the share of papers with this word is in the week `after`, in standard
    /// deviations; none where too few hold it.
    fn to(&self, after: &Self, key: &str) -> Option<f64> {
        let of = |week: &Self| week.hold.get(key).copied().unwrap_or(0);
        let (held, holds) = (of(self), of(after));
        if held.max(holds) < LEAST_HOLD {
            return None;
        }
        let (all, others) = (after.papers as f64, self.papers as f64);
        let (share, was) = (f64::from(holds) / all, f64::from(held) / others);
        let both = f64::from(held + holds) / (all + others);
        let spread = (both * (1.0 - both) * (1.0 / all + 1.0 / others)).sqrt();
        (spread > 0.0).then(|| (share - was) / spread)
    }
}

/// The words that stand for a paper, with the key under which their spellings are one: its
/// keywords, or where the source gives none, the pairs of words in its title.
fn words_of(paper: &Paper) -> Vec<(String, String)> {
    let common = |word: &str| COMMON.split_whitespace().any(|one| one.eq_ignore_ascii_case(word));
    let mut seen = HashSet::new();
    let words: Vec<String> = if paper.keywords.is_empty() {
        let title: Vec<&str> = paper.title.split_whitespace().collect();
        title
            .windows(2)
            .filter(|pair| pair[0].ends_with(char::is_alphanumeric))
            .map(|pair| {
                [pair[0], pair[1]].map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
            })
            .filter(|pair| pair.iter().all(|word| word.chars().count() > 1 && !common(word)))
            .map(|pair| pair.join(" ").to_lowercase())
            .collect()
    } else {
        paper.keywords.clone()
    };
    words
        .into_iter()
        .map(|word| (same_words(&word), word))
        .filter(|(key, _)| !key.is_empty() && seen.insert(key.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PaperId;

    fn course(n: usize, keywords: &[&str], votes: [Option<u32>; 3]) -> Course {
        let id = PaperId::from_url(&n.to_string());
        let mut paper = Paper::new(id, format!("Paper {n}"), "https://example.org");
        paper.keywords = keywords.iter().map(|word| (*word).to_owned()).collect();
        Course { paper, votes }
    }

    #[test]
    fn words_rise_and_fade_by_the_papers_that_were_voted_for() {
        let old = [Some(1), Some(9), Some(9)];
        let new = [None, None, Some(5)];
        let mut courses: Vec<Course> =
            (0..12).map(|n| course(n, &["LLM", "video generation"][..1 + n % 2], old)).collect();
        courses.extend((12..24).map(|n| {
            let words = ["llms", if n % 3 == 0 { "robot arms" } else { "knots" }];
            course(n, &words, new)
        }));
        courses.push(course(24, &["knots"], [Some(3), Some(3), Some(40)]));
        courses.push(course(25, &["knots", "knots"], [Some(7), Some(7), Some(7)]));
        let told = trend(&courses).unwrap();
        // What is as common as before is neither.
        assert_eq!(told.rose, ["knots", "robot arms"]);
        assert_eq!(told.faded, ["video generation"]);
        let papers: Vec<_> = told.papers.iter().map(|one| (one.title.as_str(), one.gain)).collect();
        assert_eq!(papers, [("Paper 24", 37), ("Paper 12", 5), ("Paper 13", 5)]);
        assert_eq!(trend(&courses[..20]), None);
        assert_eq!(trend(&[]), None);
    }

    #[test]
    fn titles_serve_where_there_are_no_keywords() {
        let mut paper = course(1, &[], [None; 3]).paper;
        paper.title = "Flow Matching: A Study of Flow-matching for “Image Generation”".into();
        let keys: Vec<String> = words_of(&paper).into_iter().map(|(_, word)| word).collect();
        assert_eq!(keys, ["flow matching", "image generation"]);
    }
}
