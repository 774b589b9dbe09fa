//! `[[sources]]`

use crate::model::{ByteSize, Schedule};

/// How a source's bytes are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SourceKind {
    /// `huggingface`: pages of <https://huggingface.co/papers>.
    HuggingFace,
    /// `huggingface-api`: <https://huggingface.co/api/daily_papers>.
    HuggingFaceApi,
    /// `arxiv`: the export API, or rss.arxiv.org.
    Arxiv,
    /// `feed`: any RSS, Atom or JSON feed.
    Feed,
}

impl SourceKind {
    /// The word of the config.
    pub fn word(self) -> &'static str {
        match self {
            Self::HuggingFace => "huggingface",
            Self::HuggingFaceApi => "huggingface-api",
            Self::Arxiv => "arxiv",
            Self::Feed => "feed",
        }
    }
}

/// One source.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its name: letters, digits, `-` and `_`; unique.
    pub name: String,
    /// How its bytes are read.
    pub kind: SourceKind,
    /// Its address. Default for the Hugging Face kinds: their newest day.
    pub url: url::Url,
    /// When it is fetched, in `site.time_zone`. Default "5 * * * *".
    pub schedule: Schedule,
    /// The most that one answer may unpack to. Default 16 MB.
    pub max_size: ByteSize,
}
