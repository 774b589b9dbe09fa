//! How near a paper comes to a topic that does not match it, and what of the topic it lacks, in the
//! topic's own words: for who asks why it did not come. Pure, and not quick: for a few hundred
//! papers, not for every reader.

use super::hits::hits;
use super::{Field, Query, Topic, parse};
use crate::model::Paper;

/// A topic that a paper came near to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Near {
    /// How near, in thousandths: the share of the topic that the paper has.
    pub share: u32,
    /// What of the topic the paper lacks, as its reader wrote it.
    pub lacks: Vec<String>,
}

/// All of a part.
const WHOLE: u32 = 1_000;

impl Topic {
    /// How near `paper`, which does not match, comes: by the alternative of the topic that it has
    /// most of. None where it has no word of any.
    pub fn near(&self, paper: &Paper) -> Option<Near> {
        let alternatives = parse::parts(self.as_str()).ok()?;
        alternatives.iter().filter_map(|parts| near(parts, paper)).max_by_key(|near| near.share)
    }
}

fn near(parts: &[(String, Query)], paper: &Paper) -> Option<Near> {
    let mut lacks = Vec::new();
    let (mut words, mut total, mut wanted) = (0, 0, 0);
    for (text, query) in parts {
        let has = hits(query, paper).is_some();
        if !has {
            lacks.push(text.clone());
        }
        if let Query::Not(_) = query {
            continue;
        }
        wanted += 1;
        let share = if has { WHOLE } else { share(query, paper) };
        total += share;
        if is_words(query) {
            words += share;
        }
    }
    // Votes and code alone make nothing near.
    (words > 0).then_some(())?;
    Some(Near { share: total / wanted, lacks })
}

/// How much of a part that does not match the paper has, in thousandths.
fn share(query: &Query, paper: &Paper) -> u32 {
    let has = |field, stems: &[String]| hits(&Query::Words(field, stems.to_vec()), paper).is_some();
    match query {
        // The words stand elsewhere, or some of a phrase do.
        Query::Words(field, stems) if *field != Field::Text && has(Field::Text, stems) => WHOLE / 2,
        Query::Words(_, stems) if stems.len() > 1 => {
            let found = stems.iter().filter(|stem| has(Field::Text, &[(*stem).clone()])).count();
            WHOLE / 2 * u32::try_from(found).unwrap_or(0) / u32::try_from(stems.len()).unwrap_or(1)
        }
        Query::All(parts) => {
            let total: u32 = parts.iter().map(|part| whole_or(part, paper)).sum();
            total / u32::try_from(parts.len().max(1)).unwrap_or(1)
        }
        Query::Any(parts) => parts.iter().map(|part| whole_or(part, paper)).max().unwrap_or(0),
        // So many votes: it may come yet.
        Query::Count(..) => WHOLE / 2,
        Query::Words(..) | Query::Author(_) | Query::Not(_) | Query::HasCode => 0,
    }
}

fn whole_or(query: &Query, paper: &Paper) -> u32 {
    if hits(query, paper).is_some() { WHOLE } else { share(query, paper) }
}

fn is_words(query: &Query) -> bool {
    match query {
        Query::Words(..) | Query::Author(_) => true,
        Query::All(parts) | Query::Any(parts) => parts.iter().any(is_words),
        Query::Not(_) | Query::Count(..) | Query::HasCode => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PaperId;

    #[test]
    fn what_a_paper_lacks_is_said_in_the_topics_words() {
        let mut paper = Paper::new(PaperId::from_url("x"), "Matching of flows", "x");
        paper.summary = "We train diffusion models.".into();
        paper.authors = vec!["Kaiming He".into()];
        paper.votes = Some(12);
        for (topic, wanted) in [
            ("diffusion votes>=20", Some((750, "votes>=20"))),
            ("diffusion -train", Some((1000, "-train"))),
            ("diffusion robots", Some((500, "robots"))),
            ("title:diffusion", Some((500, "title:diffusion"))),
            ("\"flow matching\"", Some((500, "\"flow matching\""))),
            ("\"flow of cats\" votes>=20", Some((416, "\"flow of cats\"|votes>=20"))),
            ("(cats OR dogs) author:\"K. He\" has:code", Some((333, "(cats OR dogs)|has:code"))),
            ("cats OR diffusion AND robots OR dogs", Some((500, "robots"))),
            ("(cats AND diffusion) NOT train", Some((500, "(cats AND diffusion)|NOT train"))),
            ("cats", None),
            ("votes>=20", None),
            ("cats votes>=2 has:code", None),
        ] {
            let near = topic.parse::<Topic>().unwrap().near(&paper);
            let told = near.map(|near| (near.share, near.lacks.join("|")));
            assert_eq!(told, wanted.map(|(share, lacks)| (share, lacks.to_owned())), "{topic}");
        }
    }
}
