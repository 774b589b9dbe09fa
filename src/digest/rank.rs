//! The order of a digest: by one number for each paper, with what is too much alike spread out.
//! The formula stands in docs/ranking.md. Pure; leaves no paper out.

use std::collections::HashMap;

use jiff::Timestamp;

use super::taste::Learned;
use super::vectors::Vectors;
use crate::store::Candidate;

/// The paper with the most votes of a choice has 1; the scale is logarithmic.
const GROWTH: f64 = 0.3;
const FRESH: f64 = 0.3;
/// After so many hours half as fresh.
const HALF_LIFE: f64 = 72.0;
const CODE: f64 = 0.1;
/// For each further topic that matches, up to three.
const TOPIC: f64 = 0.2;
const AUTHOR: f64 = 0.5;

/// Two papers this close tell much the same.
const ALIKE: f32 = 0.42;
/// Within so many places there is no paper like another, and there are at most [`OF_ONE_LAB`] of
/// one organisation.
const APART: usize = 8;
const OF_ONE_LAB: usize = 2;
/// So many places are spread: nobody reads on for so long.
const SPREAD: usize = 100;

/// How a paper fits a reader's topics.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Fit {
    /// How many of them match.
    pub(super) topics: usize,
    /// Whether one asks for its author.
    pub(super) author: bool,
}

/// What the order of a choice depends on, beside the papers.
pub(super) struct Standard<'a> {
    pub(super) now: Timestamp,
    /// Votes gained since yesterday, by row.
    pub(super) gains: &'a HashMap<i64, u32>,
    /// What the reader likes, if they said.
    pub(super) taste: Option<&'a Learned>,
}

/// Puts `fresh` in order. Those that come out equal stay as they are.
pub(super) fn order<'a>(
    fresh: &mut Vec<&'a Candidate>,
    standard: &Standard<'_>,
    fit: impl Fn(&Candidate) -> Fit,
    vectors: &Vectors,
) {
    let votes = |one: &Candidate| f64::from(one.paper.votes.unwrap_or(0));
    let most = fresh.iter().map(|one| votes(one)).fold(1.0, f64::max);
    let scale = |count: f64| count.ln_1p() / most.ln_1p();
    let worth = |one: &Candidate| {
        let gain = standard.gains.get(&one.row).copied().unwrap_or(0);
        let hours = standard.now.duration_since(one.first_listed_at).as_secs_f64() / 3_600.0;
        let fit = fit(one);
        scale(votes(one))
            + GROWTH * scale(f64::from(gain))
            + FRESH * 0.5_f64.powf(hours.max(0.0) / HALF_LIFE)
            + if one.paper.code_url.is_some() { CODE } else { 0.0 }
            + TOPIC * fit.topics.saturating_sub(1).min(3) as f64
            + if fit.author { AUTHOR } else { 0.0 }
            + standard.taste.map_or(0.0, |taste| taste.pull(one.row))
    };
    let mut ranked: Vec<(f64, &'a Candidate)> =
        fresh.iter().map(|one| (worth(one), *one)).collect();
    ranked.sort_by(|one, other| other.0.total_cmp(&one.0));
    fresh.clear();
    fresh.extend(ranked.into_iter().map(|(_, one)| one));
    spread(fresh, vectors);
}

/// Moves what is too much like the papers just before it a few places down.
fn spread(ranked: &mut Vec<&Candidate>, vectors: &Vectors) {
    let lab = |one: &Candidate| one.paper.organization.as_deref().map(str::to_lowercase);
    let mut waiting: Vec<_> = ranked.drain(..).map(|one| (lab(one), one)).collect();
    let mut spread: Vec<(Option<String>, &Candidate)> = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() && spread.len() < SPREAD {
        let before = &spread[spread.len().saturating_sub(APART)..];
        let fits = |(lab, one): &(Option<String>, &Candidate)| {
            let near = vectors.near(one.row);
            let mut alike = near.iter().take_while(|near| near.closeness >= ALIKE);
            let twin = alike.any(|near| before.iter().any(|(_, one)| one.row == near.row));
            let of_lab = before.iter().filter(|(other, _)| lab.is_some() && other == lab).count();
            !twin && of_lab < OF_ONE_LAB
        };
        // Where all are alike, the best of them.
        let next = waiting.iter().position(fits).unwrap_or(0);
        spread.push(waiting.remove(next));
    }
    ranked.extend(spread.into_iter().chain(waiting).map(|(_, one)| one));
}

#[cfg(test)]
mod tests {
    use super::super::vectors_tests::{at, paper, vectors};
    use super::*;
    use crate::model::Paper;

    fn candidate(row: i64, paper: &Paper) -> Candidate {
        Candidate { row, paper: paper.clone(), first_listed_at: at(0), position: row }
    }

    fn ordered(
        papers: &[Paper],
        gains: &[(i64, u32)],
        fit: impl Fn(&Candidate) -> Fit,
        ages: &[(i64, i64)],
    ) -> Vec<i64> {
        let mut all: Vec<Candidate> =
            (1..).zip(papers).map(|(row, paper)| candidate(row, paper)).collect();
        for (row, hours) in ages {
            all[*row as usize - 1].first_listed_at = at(-*hours);
        }
        let mut fresh: Vec<&Candidate> = all.iter().collect();
        let gains = gains.iter().copied().collect();
        let standard = Standard { now: at(0), gains: &gains, taste: None };
        order(&mut fresh, &standard, fit, &vectors(papers));
        fresh.iter().map(|one| one.row).collect()
    }

    fn voted(votes: &[u32]) -> Vec<Paper> {
        let all = votes.iter().enumerate();
        all.map(|(n, votes)| Paper { votes: Some(*votes), ..paper(&format!("No {n}"), "") })
            .collect()
    }

    #[test]
    fn each_part_counts_and_votes_the_most() {
        let plain = |_: &Candidate| Fit::default();
        let papers = voted(&[10, 90, 11, 0]);
        assert_eq!(ordered(&papers, &[], plain, &[]), [2, 3, 1, 4]);
        assert_eq!(ordered(&papers, &[(1, 9)], plain, &[]), [2, 1, 3, 4], "growth");
        assert_eq!(ordered(&papers, &[], plain, &[(3, 30)]), [2, 1, 3, 4], "freshness");
        let mut with_code = papers.clone();
        with_code[0].code_url = Some("https://example.org".into());
        assert_eq!(ordered(&with_code, &[], plain, &[]), [2, 1, 3, 4], "code");
        let fit = |one: &Candidate| Fit { topics: if one.row == 1 { 2 } else { 1 }, author: false };
        assert_eq!(ordered(&papers, &[], fit, &[]), [2, 1, 3, 4], "topics");
        let fit = |one: &Candidate| Fit { topics: 1, author: one.row == 1 };
        assert_eq!(ordered(&papers, &[], fit, &[]), [1, 2, 3, 4], "an author");
        // Equals stay as they are.
        assert_eq!(ordered(&voted(&[5, 5, 5]), &[], plain, &[]), [1, 2, 3]);
        assert!(ordered(&[], &[], plain, &[]).is_empty());
    }

    #[test]
    fn twins_and_a_labs_flood_are_spread() {
        let plain = |_: &Candidate| Fit::default();
        let mut papers = voted(&[99, 98, 97, 96, 95, 94, 93, 92, 91, 90, 89, 88]);
        for paper in &mut papers[..4] {
            paper.organization = Some("Big Lab".into());
        }
        let order = ordered(&papers, &[], plain, &[]);
        assert_eq!(order[..4], [1, 2, 5, 6]);
        assert_eq!(order.iter().position(|row| *row == 3), Some(9), "{order:?}");
        let mut twins = voted(&[50, 49, 40, 30]);
        for twin in &mut twins[..2] {
            twin.title = "Whisper for reverberant speech, a benchmark".into();
            twin.summary = "Paired clean and reverberant speech for recognition.".into();
        }
        assert_eq!(ordered(&twins, &[], plain, &[]), [1, 3, 4, 2]);
        // None but one lab's: all come, in their order.
        let mut all = voted(&[9, 8, 7, 6]);
        all.iter_mut().for_each(|paper| paper.organization = Some("Big Lab".into()));
        assert_eq!(ordered(&all, &[], plain, &[]), [1, 2, 3, 4]);
    }
}
