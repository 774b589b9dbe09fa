//! What of one paper a topic matched, in the paper's own words. Pure.

use serde::Serialize;

use super::batch::texts;
use super::{Field, Measure, Query, Topic, words};
use crate::model::Paper;

/// Longest words of a match, in characters.
const LONGEST: usize = 80;

/// A part of a paper that a topic matched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hit {
    /// Where it stands: `title`, `abstract`, `keyword`, `author`, `org`, `votes`, `stars`, `code`.
    pub place: &'static str,
    /// What stands there.
    pub words: String,
}

impl Topic {
    /// What of `paper` matched, in the order of the query; none where it does not match. Where
    /// only what is *not* there made it match, there is nothing to show.
    pub fn hits(&self, paper: &Paper) -> Option<Vec<Hit>> {
        let mut hits = hits(&self.query()?, paper)?;
        let all = hits.clone();
        let mut at = 0;
        hits.retain(|hit| {
            at += 1;
            !all[..at - 1].contains(hit)
        });
        Some(hits)
    }
}

impl Topic {
    /// The author of `paper`, as it spells them, whom this topic asks for; none where it asks for
    /// none of its authors.
    pub fn author_of<'a>(&self, paper: &'a Paper) -> Option<&'a str> {
        let query = self.query()?;
        let mut wanted = Vec::new();
        asked_for(&query, &mut wanted);
        if wanted.is_empty() {
            return None;
        }
        let is = |name: &&String| {
            let theirs = words::name(name);
            wanted.iter().any(|parts| words::is_author(parts, &theirs))
        };
        paper.authors.iter().find(is).map(String::as_str)
    }
}

/// The authors whom a query asks for; whom it rules out is not asked for.
fn asked_for<'a>(query: &'a Query, found: &mut Vec<&'a [String]>) {
    match query {
        Query::Author(parts) => found.push(parts),
        Query::All(parts) | Query::Any(parts) => {
            parts.iter().for_each(|part| asked_for(part, found));
        }
        Query::Not(_) | Query::Words(..) | Query::Count(..) | Query::HasCode => {}
    }
}

pub(super) fn hits(query: &Query, paper: &Paper) -> Option<Vec<Hit>> {
    let hit = |place, words: &str| vec![Hit { place, words: tidy(words) }];
    match query {
        Query::All(parts) => {
            let all: Option<Vec<_>> = parts.iter().map(|part| hits(part, paper)).collect();
            Some(all?.concat())
        }
        Query::Any(parts) => {
            let any: Vec<_> = parts.iter().filter_map(|part| hits(part, paper)).collect();
            (!any.is_empty()).then(|| any.concat())
        }
        Query::Not(part) => hits(part, paper).is_none().then(Vec::new),
        Query::Words(field, stems) => texts(paper)
            .filter(|(of, _)| of == field || (*field == Field::Text && of.is_text()))
            .find_map(|(of, text)| Some(hit(of.word(), words::written(text, stems)?))),
        Query::Author(parts) => paper
            .authors
            .iter()
            .find(|name| words::is_author(parts, &words::name(name)))
            .map(|name| hit("author", name)),
        Query::Count(measure, relation, wanted) => {
            let (place, count) = match measure {
                Measure::Votes => ("votes", paper.votes),
                Measure::Stars => ("stars", paper.stars),
            };
            let count = count.unwrap_or(0);
            relation.holds(count, *wanted).then(|| hit(place, &count.to_string()))
        }
        Query::HasCode => paper.code_url.as_deref().map(|url| hit("code", url)),
    }
}

/// In one line, without what could disturb a terminal, cut where it is long.
fn tidy(words: &str) -> String {
    let plain = words.replace(char::is_control, " ");
    let line = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", line[..at].trim_end()),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PaperId;

    #[test]
    fn the_papers_own_words_are_shown() {
        let mut paper = Paper::new(PaperId::from_url("x"), "Flow–Matching, again", "x");
        paper.summary = "We\ntrain diffusion\n models.".into();
        paper.keywords = vec!["image generation".into()];
        paper.authors = vec!["Kaiming He".into(), "Ángel Núñez".into()];
        paper.votes = Some(50);
        paper.code_url = Some("https://github.com/a/b".into());
        for (query, wanted) in [
            ("\"flow matching\"", "title: Flow–Matching"),
            ("\"diffuse model\"", "abstract: diffusion models"),
            ("generating", "keyword: generation"),
            ("nothing OR again", "title: again"),
            ("(again nothing) OR train", "abstract: train"),
            ("again AGAIN \"again\"", "title: again"),
            ("author:\"k he\" -survey", "author: Kaiming He"),
            (
                "author:nunez votes>=50 has:code",
                "author: Ángel Núñez|votes: 50|code: https://github.com/a/b",
            ),
            ("stars<1", "stars: 0"),
            ("-survey", ""),
        ] {
            let hits = query.parse::<Topic>().unwrap().hits(&paper);
            let hits = hits.unwrap_or_else(|| panic!("{query} matches"));
            let shown: Vec<_> =
                hits.iter().map(|hit| format!("{}: {}", hit.place, hit.words)).collect();
            assert_eq!(shown.join("|"), wanted, "{query}");
        }
        for query in
            ["survey", "title:diffusion", "-again", "again nothing", "votes>50", "author:he org:x"]
        {
            assert_eq!(query.parse::<Topic>().unwrap().hits(&paper), None, "{query}");
        }
        paper.title = format!("flow{}matching", ", ".repeat(5_000));
        let hits = "\"flow matching\"".parse::<Topic>().unwrap().hits(&paper).unwrap();
        assert!(hits[0].words.chars().count() <= LONGEST + 1, "{hits:?}");
    }

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
