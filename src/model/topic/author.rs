//! Which of a paper's authors a topic asks for. Whether it matches the paper at all is told by
//! [`Batch`].

use super::{Batch, Query, Topic};
use crate::model::Paper;

impl Topic {
    /// The author of `paper`, as it spells them, whom this topic asks for; none where it asks for
    /// none of its authors.
    pub fn author_of<'a>(&self, paper: &'a Paper) -> Option<&'a str> {
        let mut asked = Vec::new();
        authors(&self.query, &mut asked);
        let topics: Vec<Self> =
            asked.into_iter().map(|query| Self { text: String::new(), query }).collect();
        if topics.is_empty() {
            return None;
        }
        // Each author as a paper of their own, so that names compare as in every topic.
        let alone = |name: &String| Paper {
            authors: vec![name.clone()],
            ..Paper::new(paper.id.clone(), "", "")
        };
        let each: Vec<Paper> = paper.authors.iter().map(alone).collect();
        let batch = Batch::new(&each);
        let masks: Vec<_> = topics.iter().map(|topic| batch.matches(topic)).collect();
        let found = (0..each.len()).find(|place| masks.iter().any(|mask| mask.holds(*place)))?;
        paper.authors.get(found).map(String::as_str)
    }
}

/// The authors that the query asks for; whom it rules out is not asked for.
fn authors(query: &Query, found: &mut Vec<Query>) {
    match query {
        Query::Author(_) => found.push(query.clone()),
        Query::All(parts) | Query::Any(parts) => {
            parts.iter().for_each(|part| authors(part, found));
        }
        Query::Not(_) | Query::Words(..) | Query::Count(..) | Query::HasCode => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PaperId;

    #[test]
    fn the_author_is_named_as_the_paper_names_them() {
        let mut paper = Paper::new(PaperId::from_url("x"), "He and She", "https://example.org");
        paper.authors = vec!["Ada Ames".into(), "Kaiming He".into(), "Ángel Núñez".into()];
        for (topic, author) in [
            ("author:\"K. He\"", Some("Kaiming He")),
            ("author:(nunez OR he)", Some("Kaiming He")),
            ("diffusion OR (author:\"a nunez\" has:code)", Some("Ángel Núñez")),
            ("he", None),
            ("she -author:he", None),
            ("author:turing OR she", None),
        ] {
            assert_eq!(topic.parse::<Topic>().unwrap().author_of(&paper), author, "{topic}");
        }
    }
}
