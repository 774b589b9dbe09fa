//! Why a paper is in a reader's digest, and what else there is near its lead. Values alone: the
//! words are the templates'.

use std::collections::HashSet;

use jiff::Timestamp;

use super::taste::Learned;
use super::vectors::Vectors;
use crate::model::Topic;
use crate::render::Why;
use crate::store::Candidate;

/// Votes since yesterday that are worth a word: so many at least, and this share of all.
const RISING: u32 = 10;
const SHARE: u32 = 4;

/// The strongest reason: an author whom they follow, a paper that they liked, their topic, how it
/// rises. `topics`: those of the reader that match.
pub(super) fn why<'a>(
    candidate: &Candidate,
    topics: impl Iterator<Item = &'a Topic> + Clone,
    taste: Option<&Learned>,
    gain: u32,
) -> Option<Why> {
    let author = || topics.clone().find_map(|topic| topic.author_of(&candidate.paper));
    let liked = || taste.filter(|taste| taste.pull(candidate.row) > 0.0)?.liked_near(candidate.row);
    let votes = candidate.paper.votes.unwrap_or(0);
    let rises = gain >= RISING && gain.saturating_mul(SHARE) >= votes;
    None.or_else(|| author().map(|name| Why::Author(name.to_owned())))
        .or_else(|| liked().map(|title| Why::Liked(title.to_owned())))
        .or_else(|| topics.clone().next().map(|topic| Why::Topic(topic.to_string())))
        .or_else(|| rises.then_some(Why::Rising(gain)))
}

/// The rows of the papers closest to `lead` that were first seen before it, the closest first,
/// without those in `but`.
pub(super) fn earlier(vectors: &Vectors, lead: &Candidate, but: &HashSet<i64>) -> Vec<i64> {
    let near = vectors.near(lead.row);
    let before = |at: Timestamp| at < lead.first_listed_at;
    let related = near.iter().filter(|one| before(one.at) && !but.contains(&one.row));
    related.map(|one| one.row).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::vectors_tests::{at, paper, vectors};
    use super::*;
    use crate::model::{Feedback, Paper};
    use crate::store::Rated;

    fn all() -> (Vec<Paper>, Arc<Vectors>) {
        let mut papers = Vec::new();
        for n in 0..5 {
            papers.push(paper(&format!("Diffusion {n}"), "Denoising of images by diffusion."));
            papers.push(paper(&format!("Robots {n}"), "Robots that cook in a kitchen."));
            papers.push(paper(&format!("Proteins {n}"), "Folding sequences of amino acids."));
        }
        let vectors = Arc::new(vectors(&papers));
        (papers, vectors)
    }

    fn candidate(row: i64, papers: &[Paper]) -> Candidate {
        let paper = papers[row as usize - 1].clone();
        Candidate { row, paper, first_listed_at: at(row), position: row }
    }

    #[test]
    fn the_strongest_reason_is_told() {
        let (papers, vectors) = all();
        let liked = Rated {
            paper: 1,
            title: "Diffusion 0".to_owned(),
            feedback: Feedback::More,
            at: at(0),
        };
        let taste = Learned::of(&vectors, &[liked]);
        let mut one = candidate(4, &papers);
        one.paper.authors = vec!["Kaiming He".into()];
        one.paper.votes = Some(40);
        let topics: Vec<Topic> = ["diffusion", "title:x OR author:he"]
            .iter()
            .map(|text| text.parse().unwrap())
            .collect();
        let why =
            |topics: &[Topic], taste: Option<&Learned>, gain| why(&one, topics.iter(), taste, gain);
        assert_eq!(why(&topics, taste.as_ref(), 40), Some(Why::Author("Kaiming He".into())));
        assert_eq!(why(&topics[..1], taste.as_ref(), 40), Some(Why::Liked("Diffusion 0".into())));
        assert_eq!(why(&topics[..1], None, 40), Some(Why::Topic("diffusion".into())));
        assert_eq!(why(&[], None, 10), Some(Why::Rising(10)));
        assert_eq!(why(&[], None, 9), None);
        let robots = candidate(5, &papers);
        assert_eq!(super::why(&robots, [].iter(), taste.as_ref(), 0), None);
    }

    #[test]
    fn what_is_related_came_before() {
        let (papers, vectors) = all();
        let related = |row, but: &[i64]| {
            let but = but.iter().copied().collect();
            let mut rows = earlier(&vectors, &candidate(row, &papers), &but);
            rows.sort_unstable();
            rows
        };
        assert_eq!(related(10, &[]), [1, 4, 7]);
        assert_eq!(related(8, &[5]), [2]);
        assert!(related(1, &[]).is_empty() && related(2, &[]).is_empty());
    }
}
