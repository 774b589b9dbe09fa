//! A paper: one entry of a listing, whatever the source. Text is kept as text, with white
//! space folded; escaping is the renderer's.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What makes a paper the same paper across days, sources and versions: the arXiv id
/// without its version (`2605.06356`, `math/0211159`) where there is one, else `doi:…`,
/// else `url:…`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PaperId(String);

impl PaperId {
    /// The arXiv id in `text`, without version: `2605.06356v2`, `arXiv:2605.06356`,
    /// `oai:arXiv.org:2605.06356v1`, `https://arxiv.org/abs/…`, `/pdf/…`, `/papers/…` and
    /// old ids such as `math.GT/0309136` (arxiv.org/help/arxiv_identifier).
    pub fn from_arxiv(text: &str) -> Option<Self> {
        let mut rest = text.trim();
        for prefix in ["https://", "http://", "www.", "export.", "arxiv.org/", "huggingface.co/"] {
            rest = rest.strip_prefix(prefix).unwrap_or(rest);
        }
        for prefix in
            ["oai:arXiv.org:", "arXiv:", "arxiv:", "/", "abs/", "pdf/", "html/", "papers/"]
        {
            rest = rest.strip_prefix(prefix).unwrap_or(rest);
        }
        let rest = rest.split(['?', '#']).next().unwrap_or(rest);
        let rest = rest.strip_suffix(".pdf").unwrap_or(rest).trim_end_matches('/');
        let bare = match rest.rfind('v') {
            Some(at)
                if at > 0
                    && at + 1 < rest.len()
                    && rest[at + 1..].bytes().all(|byte| byte.is_ascii_digit()) =>
            {
                &rest[..at]
            }
            _ => rest,
        };
        (is_new_id(bare) || is_old_id(bare)).then(|| Self(bare.to_owned()))
    }

    /// The id of a paper that arXiv does not hold, by its DOI.
    pub fn from_doi(doi: &str) -> Self {
        Self(format!("doi:{}", doi.trim().to_ascii_lowercase()))
    }

    /// The id of a paper that has neither an arXiv id nor a DOI, by its address or guid.
    pub fn from_url(url: &str) -> Self {
        Self(format!("url:{}", url.trim()))
    }

    /// An id as the store keeps it.
    pub fn from_stored(id: String) -> Self {
        Self(id)
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The bare arXiv id, where this is one.
    pub fn arxiv(&self) -> Option<&str> {
        (is_new_id(&self.0) || is_old_id(&self.0)).then_some(self.0.as_str())
    }
}

impl std::fmt::Display for PaperId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// `YYMM.NNNN` or `YYMM.NNNNN`.
fn is_new_id(text: &str) -> bool {
    let Some((month, number)) = text.split_once('.') else { return false };
    month.len() == 4
        && (4..=5).contains(&number.len())
        && month.bytes().chain(number.bytes()).all(|byte| byte.is_ascii_digit())
}

/// `archive/YYMMNNN` or `archive.XX/YYMMNNN`.
fn is_old_id(text: &str) -> bool {
    let Some((archive, number)) = text.split_once('/') else { return false };
    !archive.is_empty()
        && archive.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-' || byte == b'.')
        && archive.bytes().any(|byte| byte.is_ascii_lowercase())
        && number.len() == 7
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// A paper as a source lists it. All but the id and the title may be missing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Paper {
    /// Its identity.
    pub id: PaperId,
    /// Its title, in one line.
    pub title: String,
    /// Its abstract, white space folded, paragraphs parted by one newline; may be empty.
    pub summary: String,
    /// A one-line summary written by the source.
    pub brief: Option<String>,
    /// The authors' names in order.
    pub authors: Vec<String>,
    /// The organisation that it comes from.
    pub organization: Option<String>,
    /// When it was first published (arXiv's v1), which is not when it was listed.
    pub published_at: Option<Timestamp>,
    /// Votes at the source.
    pub votes: Option<u32>,
    /// Stars of its code repository.
    pub stars: Option<u32>,
    /// Comments at the source.
    pub comments: Option<u32>,
    /// Keywords given by the source.
    pub keywords: Vec<String>,
    /// Its page at the source: absolute http(s).
    pub url: String,
    /// A picture of it: absolute https.
    pub thumbnail: Option<String>,
    /// Its code repository: absolute http(s).
    pub code_url: Option<String>,
    /// Its project page: absolute http(s).
    pub project_url: Option<String>,
    /// Whether its authors have withdrawn it.
    pub withdrawn: bool,
}

impl Paper {
    /// A paper of which only the id, the title and the page are known.
    pub fn new(id: PaperId, title: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            id,
            title: title.into(),
            summary: String::new(),
            brief: None,
            authors: Vec::new(),
            organization: None,
            published_at: None,
            votes: None,
            stars: None,
            comments: None,
            keywords: Vec::new(),
            url: url.into(),
            thumbnail: None,
            code_url: None,
            project_url: None,
            withdrawn: false,
        }
    }

    /// Its abstract page at arXiv.
    pub fn arxiv_url(&self) -> Option<String> {
        self.id.arxiv().map(|id| format!("https://arxiv.org/abs/{id}"))
    }

    /// Its PDF at arXiv.
    pub fn pdf_url(&self) -> Option<String> {
        self.id.arxiv().map(|id| format!("https://arxiv.org/pdf/{id}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arxiv_ids_are_found_and_lose_their_version() {
        for (text, id) in [
            ("2605.06356", "2605.06356"),
            ("2605.06356v12", "2605.06356"),
            ("arXiv:0704.0001v1", "0704.0001"),
            ("oai:arXiv.org:2508.13426v1", "2508.13426"),
            ("http://arxiv.org/abs/2607.28628v1", "2607.28628"),
            ("https://arxiv.org/pdf/2607.28628v1.pdf", "2607.28628"),
            ("https://huggingface.co/papers/2412.20138", "2412.20138"),
            ("/papers/2412.20138#community", "2412.20138"),
            ("http://arxiv.org/abs/math.GT/0309136v2", "math.GT/0309136"),
            ("hep-th/9901001", "hep-th/9901001"),
        ] {
            assert_eq!(PaperId::from_arxiv(text).unwrap().as_str(), id, "{text}");
        }
        for text in [
            "",
            "v1",
            "12345.1234",
            "2605.063567",
            "hello",
            "https://example.org/1",
            "2605.0a356",
            "é605.06356",
        ] {
            assert_eq!(PaperId::from_arxiv(text), None, "{text}");
        }
    }
}
