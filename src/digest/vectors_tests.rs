//! What vectors are to do, and papers to try them on.

use std::collections::HashMap;

use jiff::Timestamp;

use super::vectors::{Bag, Vectors, Words};
use crate::model::{Paper, PaperId};

pub(super) fn paper(title: &str, summary: &str) -> Paper {
    let mut paper = Paper::new(PaperId::from_url(title), title, "https://example.org");
    paper.summary = summary.to_owned();
    paper
}

/// The papers in rows from 1 on, the last one the newest.
pub(super) fn vectors(papers: &[Paper]) -> Vectors {
    let mut words = Words::default();
    let bags = (1..).zip(papers).map(|(row, paper)| (row, words.bag(paper))).collect();
    let rows = (1..).zip(papers).map(|(row, _)| (row, at(row))).collect::<Vec<_>>();
    Vectors::new(rows.into_iter().rev().collect(), &bags, words.len())
}

pub(super) fn at(row: i64) -> Timestamp {
    Timestamp::from_second(row * 3_600).unwrap()
}

fn papers() -> Vec<Paper> {
    vec![
        paper("Diffusion models for images", "We train diffusion models on many images."),
        paper("Robots that cook", "A robot learns to cook pasta in a kitchen."),
        paper("Image diffusion, faster", "Sampling of a diffusion model in four steps."),
        paper("Kitchens for robots", "A benchmark of cooking robots."),
        paper("The of and 42", "This is what we use."),
    ]
}

#[test]
fn papers_about_the_same_are_near() {
    let vectors = vectors(&papers());
    let near = |row| vectors.near(row).iter().map(|one| one.row).collect::<Vec<_>>();
    assert_eq!(near(1), [3]);
    assert_eq!(near(2), [4]);
    assert_eq!(near(4), [2]);
    let one = vectors.near(1)[0];
    assert!(one.closeness > 0.4 && one.closeness < 1.0, "{one:?}");
    assert_eq!(one.at, at(3));
    assert_eq!(vectors.near(3)[0].closeness, one.closeness, "both ways");
    // Words of every text, numbers and unknown papers are near to nothing.
    assert!(near(5).is_empty() && near(77).is_empty());
    assert!(vectors.knows(1) && !vectors.knows(5) && !vectors.knows(77));
}

#[test]
fn a_direction_is_a_sum_of_papers() {
    let vectors = vectors(&papers());
    let direction = vectors.direction([(1, 1.0), (2, -0.5)]);
    let along = |row| vectors.along(&direction, row);
    assert!(along(3) > 0.2 && along(4) < -0.1, "{} {}", along(3), along(4));
    assert_eq!(along(77), 0.0);
    let nothing = vectors.direction([]);
    assert_eq!(vectors.along(&nothing, 1), 0.0);
    let only = vectors.direction([(1, 3.0)]);
    assert!((vectors.along(&only, 1) - 1.0).abs() < 1e-5);
}

#[test]
fn the_same_papers_give_the_same_numbers_whatever_was_read_before() {
    let papers = papers();
    let one = vectors(&papers);
    // Words get other numbers where other papers were read first.
    let mut words = Words::default();
    words.bag(&paper("Pasta in steps", "Kitchens and models, sampled by images of robots."));
    let bags: HashMap<i64, Bag> =
        (1..).zip(&papers).map(|(row, paper)| (row, words.bag(paper))).collect();
    let other = Vectors::new(one.rows().to_vec(), &bags, words.len());
    for row in 1..=5 {
        assert_eq!(one.near(row), other.near(row));
    }
    assert!(bags[&1].is_of(&papers[0]) && !bags[&1].is_of(&papers[1]));
}
