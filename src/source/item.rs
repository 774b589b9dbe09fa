//! One item of Hugging Face's list, the same in its pages and its API, made into a paper.
//! All but the id and the title may be missing or wrong.

use jiff::civil::Date;
use url::{ParseError, Url};

use super::lenient::{Text, object};
use super::text::{cut, line, prose};
use crate::model::{Paper, PaperId, Rejected};

/// Where relative addresses lead.
const SITE: &str = "https://huggingface.co";
/// The longest real title has 172 characters; beyond this it is no title.
const LONGEST_TITLE: usize = 1_000;
const LONGEST_SUMMARY: usize = 20_000;
const LONGEST_NAME: usize = 200;

object! {
    /// An entry of the list.
    Item {
        paper: Option<Inner<'de>> = "paper",
        title: Text<'de> = "title",
        summary: Text<'de> = "summary",
        thumbnail: Text<'de> = "thumbnail",
        comments: Option<u32> = "numComments",
        organization: Organization<'de> = "organization",
    }
}

object! {
    /// The paper in the entry.
    Inner {
        id: Text<'de> = "id",
        title: Text<'de> = "title",
        summary: Text<'de> = "summary",
        authors: Option<Vec<Author<'de>>> = "authors",
        published_at: Text<'de> = "publishedAt",
        listed_at: Text<'de> = "submittedOnDailyAt",
        votes: Option<u32> = "upvotes",
        brief: Text<'de> = "ai_summary",
        keywords: Option<Vec<Text<'de>>> = "ai_keywords",
        code: Text<'de> = "githubRepo",
        stars: Option<u32> = "githubStars",
        project: Text<'de> = "projectPage",
        organization: Organization<'de> = "organization",
        withdrawn_at: Text<'de> = "withdrawnAt",
    }
}

object! {
    /// An author.
    Author {
        name: Text<'de> = "name",
        hidden: Option<bool> = "hidden",
    }
}

object! {
    /// An organisation.
    Organization {
        name: Text<'de> = "name",
        fullname: Text<'de> = "fullname",
    }
}

impl Item<'_> {
    /// The day on which the paper was listed.
    pub(super) fn day(&self) -> Option<Date> {
        self.paper.as_ref()?.listed_at.as_deref().and_then(day)
    }

    /// The paper, or what is wrong with the entry, which is number `at` of its list.
    pub(super) fn into_paper(self, at: usize) -> Result<Paper, Rejected> {
        let fault = |item: String, reason: &str| Rejected { item, reason: reason.to_owned() };
        let Some(inner) = self.paper else {
            return Err(fault(at.to_string(), "it holds no paper"));
        };
        let Some(id) = inner.id.as_deref().map(str::trim).filter(|id| !id.is_empty()) else {
            return Err(fault(at.to_string(), "the paper has no id"));
        };
        let named = || format!("{at} ({})", cut(line(id), 64));
        let (id, url) = identity(id).ok_or_else(|| fault(named(), "its id is not one"))?;
        let title = [inner.title.as_deref(), self.title.as_deref()]
            .into_iter()
            .flatten()
            .map(line)
            .find(|title| !title.is_empty())
            .ok_or_else(|| fault(named(), "the paper has no title"))?;
        check_title(&title).map_err(|reason| fault(named(), &reason))?;
        let summary = [inner.summary.as_deref(), self.summary.as_deref()]
            .into_iter()
            .flatten()
            .map(prose)
            .find(|summary| !summary.is_empty());
        Ok(Paper {
            summary: cut(summary.unwrap_or_default(), LONGEST_SUMMARY),
            brief: some(inner.brief).map(|brief| cut(line(&brief), LONGEST_SUMMARY)),
            authors: inner
                .authors
                .unwrap_or_default()
                .into_iter()
                .filter(|author| author.hidden != Some(true))
                .filter_map(|author| name(author.name))
                .collect(),
            organization: [inner.organization, self.organization].into_iter().find_map(
                |organization| name(organization.fullname).or_else(|| name(organization.name)),
            ),
            published_at: inner.published_at.as_deref().and_then(|at| at.trim().parse().ok()),
            votes: inner.votes,
            stars: inner.stars,
            comments: self.comments,
            keywords: inner.keywords.unwrap_or_default().into_iter().filter_map(name).collect(),
            thumbnail: self.thumbnail.and_then(|url| secure_url(&url)),
            code_url: inner.code.and_then(|url| web_url(&url)),
            project_url: inner.project.and_then(|url| web_url(&url)),
            withdrawn: some(inner.withdrawn_at).is_some(),
            ..Paper::new(id, title, url)
        })
    }
}

/// The id of a paper as Hugging Face writes it, and its page there.
pub(super) fn identity(id: &str) -> Option<(PaperId, String)> {
    let fits = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'_' | b'-');
    if let Some(id) = PaperId::from_arxiv(id) {
        let url = format!("{SITE}/papers/{id}");
        return Some((id, url));
    }
    // None is known; should they come, the page is what stays the same.
    let named = (1..=64).contains(&id.len()) && id.bytes().all(fits);
    let url = format!("{SITE}/papers/{id}");
    (named && id.bytes().any(|c| c.is_ascii_alphanumeric())).then(|| (PaperId::from_url(&url), url))
}

/// Whether a title can be one.
pub(super) fn check_title(title: &str) -> Result<(), String> {
    match title.chars().count() {
        length if length > LONGEST_TITLE => Err(format!("its title has {length} characters")),
        _ => Ok(()),
    }
}

/// The day at the start of an ISO date or instant.
pub(super) fn day(text: &str) -> Option<Date> {
    text.trim().get(..10)?.parse().ok()
}

fn some(text: Text<'_>) -> Text<'_> {
    text.filter(|text| !text.trim().is_empty())
}

fn name(text: Text<'_>) -> Option<String> {
    Some(cut(line(&text?), LONGEST_NAME)).filter(|name| !name.is_empty())
}

/// An absolute http(s) address, however it was written.
pub(super) fn web_url(text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() || text.len() > 2_000 {
        return None;
    }
    let url = match Url::parse(text) {
        Err(ParseError::RelativeUrlWithoutBase) => Url::parse(SITE).ok()?.join(text).ok()?,
        parsed => parsed.ok()?,
    };
    let known = matches!(url.scheme(), "http" | "https") && url.has_host();
    (known && url.username().is_empty() && url.password().is_none()).then(|| url.into())
}

/// An absolute https address.
pub(super) fn secure_url(text: &str) -> Option<String> {
    web_url(text).filter(|url| url.starts_with("https:"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::lenient::Loose;

    fn paper(json: &str) -> Result<Paper, Rejected> {
        serde_json::from_str::<Loose<Item<'_>>>(json).unwrap().0.into_paper(7)
    }

    #[test]
    fn a_paper_needs_an_id_and_a_title_and_nothing_else() {
        let found = paper(r#"{"paper":{"id":"2605.06356v2","title":"A\n  title"}}"#).unwrap();
        assert_eq!(found.id.as_str(), "2605.06356");
        assert_eq!(found.title, "A title");
        assert_eq!(found.url, "https://huggingface.co/papers/2605.06356");
        assert_eq!((found.votes, found.organization.as_deref()), (None, None));
        for (json, reason) in [
            ("[]", "it holds no paper"),
            (r#"{"paper": 5}"#, "it holds no paper"),
            (r#"{"paper": {"title": "x"}}"#, "the paper has no id"),
            (r#"{"paper": {"id": "../x", "title": "x"}}"#, "its id is not one"),
            (r#"{"paper": {"id": "2605.06356", "title": " \u202e "}}"#, "the paper has no title"),
        ] {
            assert_eq!(paper(json).unwrap_err().reason, reason, "{json}");
        }
        let endless =
            format!(r#"{{"paper":{{"id":"2605.06356","title":"{}"}}}}"#, "a".repeat(100_000));
        assert_eq!(paper(&endless).unwrap_err().item, "7 (2605.06356)");
    }

    #[test]
    fn wrong_types_lose_a_field_and_not_the_paper() {
        let found = paper(
            r#"{"paper": {"id": "2605.06356", "title": 5, "summary": ["x"], "authors": {"a": 1},
                "upvotes": "many", "githubStars": -3, "githubRepo": "javascript:alert(1)",
                "projectPage": " http://example.org/p ", "organization": "x", "ai_keywords": [1, " k ", null],
                "publishedAt": "yesterday", "withdrawnAt": null},
               "title": "From outside", "thumbnail": "http://example.org/x.png", "numComments": 2.0,
               "organization": {"name": "org", "fullname": ""}}"#,
        )
        .unwrap();
        assert_eq!(found.title, "From outside");
        assert_eq!((found.votes, found.stars, found.comments), (None, None, Some(2)));
        assert_eq!((found.code_url, found.thumbnail), (None, None));
        assert_eq!(found.project_url.as_deref(), Some("http://example.org/p"));
        assert_eq!(found.organization.as_deref(), Some("org"));
        assert_eq!(found.keywords, ["k"]);
        assert!(!found.withdrawn && found.authors.is_empty() && found.summary.is_empty());
    }

    #[test]
    fn addresses_are_absolute_and_of_the_web() {
        assert_eq!(
            web_url("/avatars/a.svg").as_deref(),
            Some("https://huggingface.co/avatars/a.svg")
        );
        assert_eq!(secure_url("//cdn.example/a.png").as_deref(), Some("https://cdn.example/a.png"));
        for bad in
            ["", "data:text/html,x", "javascript:x", "http://user:pw@example.org/", "https://"]
        {
            assert_eq!(web_url(bad), None, "{bad}");
        }
    }
}
