//! Choosing: candidates minus history, in the order of their votes. Pure.

use std::collections::HashSet;

use jiff::Timestamp;

use crate::model::Mask;
use crate::store::Candidate;

/// What a profile asks of a paper.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'a> {
    /// First seen listed then or later.
    pub(super) since: Timestamp,
    /// With at least so many votes; a paper with unknown votes counts as having none.
    pub(super) min_votes: u32,
    /// The candidates, by their place, that one of their topics matches; none: no topics.
    pub(super) on_topic: Option<&'a Mask>,
    /// The rows that the reader has hidden.
    pub(super) hidden: &'a HashSet<i64>,
}

/// What a choice came to.
#[derive(Debug)]
pub(super) struct Choice<'a> {
    /// The papers that are new to the reader, those with the most votes first.
    pub(super) fresh: Vec<&'a Candidate>,
    /// How many papers were inside the look-back.
    pub(super) candidates: usize,
    /// How many of them wait for votes.
    pub(super) waiting: usize,
    /// How many of them no topic matches.
    pub(super) off_topic: usize,
    /// How many of them the reader has hidden.
    pub(super) hidden: usize,
    /// The rows in the history that are still inside the look-back.
    pub(super) remembered: Vec<i64>,
}

/// Chooses from `candidates` what is wanted and not in `sent`.
pub(super) fn choose<'a>(
    candidates: &'a [Candidate],
    wanted: Wanted<'_>,
    sent: &HashSet<i64>,
) -> Choice<'a> {
    let mut choice = Choice {
        fresh: Vec::new(),
        candidates: 0,
        waiting: 0,
        off_topic: 0,
        hidden: 0,
        remembered: Vec::new(),
    };
    let seen = |one: &(usize, &Candidate)| one.1.first_listed_at >= wanted.since;
    for (place, candidate) in candidates.iter().enumerate().filter(seen) {
        choice.candidates += 1;
        if sent.contains(&candidate.row) {
            choice.remembered.push(candidate.row);
        } else if candidate.paper.withdrawn {
            // Withdrawn by its authors: listed still, but nobody's news.
        } else if wanted.hidden.contains(&candidate.row) {
            choice.hidden += 1;
        } else if wanted.on_topic.is_some_and(|mask| !mask.holds(place)) {
            choice.off_topic += 1;
        } else if candidate.paper.votes.unwrap_or(0) < wanted.min_votes {
            choice.waiting += 1;
        } else {
            choice.fresh.push(candidate);
        }
    }
    // Votes first; among equals the source's own order, then the newest.
    choice.fresh.sort_by_key(|one| {
        (
            std::cmp::Reverse(one.paper.votes.unwrap_or(0)),
            one.position,
            std::cmp::Reverse(one.first_listed_at),
            one.row,
        )
    });
    choice
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Paper, PaperId};

    fn candidate(row: i64, votes: Option<u32>, at: &str) -> Candidate {
        let paper = Paper::new(PaperId::from_url(&row.to_string()), "T", "https://example.org");
        Candidate {
            row,
            paper: Paper { votes, ..paper },
            first_listed_at: at.parse().unwrap(),
            position: row,
        }
    }

    #[test]
    fn candidates_minus_history_by_votes() {
        let old = "2026-02-01T00:00:00Z";
        let new = "2026-02-20T00:00:00Z";
        let mut withdrawn = candidate(7, Some(99), new);
        withdrawn.paper.withdrawn = true;
        let all = [
            candidate(1, Some(50), old),
            candidate(2, Some(3), new),
            candidate(3, Some(10), new),
            candidate(4, None, new),
            candidate(5, Some(10), new),
            candidate(6, Some(80), new),
            withdrawn,
        ];
        let since = "2026-02-13T00:00:00Z".parse().unwrap();
        let hidden = HashSet::new();
        let wanted = Wanted { since, min_votes: 3, on_topic: None, hidden: &hidden };
        let choice = choose(&all, wanted, &HashSet::from([1, 6]));
        let rows: Vec<i64> = choice.fresh.iter().map(|one| one.row).collect();
        assert_eq!(rows, [3, 5, 2]);
        assert_eq!((choice.candidates, choice.waiting), (6, 1));
        // What left the look-back is forgotten: it is no candidate any more.
        assert_eq!(choice.remembered, [6]);

        let papers: Vec<Paper> = (0..7)
            .map(|n| Paper::new(PaperId::from_url("x"), if n == 4 { "Yes" } else { "no" }, "x"))
            .collect();
        let mask = crate::model::Batch::new(&papers).matches(&"yes".parse().unwrap());
        let wanted = Wanted { on_topic: Some(&mask), ..wanted };
        let choice = choose(&all, wanted, &HashSet::from([1, 6]));
        let rows: Vec<i64> = choice.fresh.iter().map(|one| one.row).collect();
        // Those off topic wait for no votes; what was sent stays remembered.
        assert_eq!((rows, choice.off_topic, choice.waiting), (vec![5], 3, 0));
        assert_eq!(choice.remembered, [6]);
        let hidden = HashSet::from([5, 6]);
        let choice = choose(&all, Wanted { hidden: &hidden, ..wanted }, &HashSet::from([1, 6]));
        assert_eq!((choice.fresh.len(), choice.hidden), (0, 1));
        assert_eq!(choice.remembered, [6], "hidden or not, it was sent");
    }
}
