//! `[[sources]]`

use std::collections::HashSet;

use url::Url;

use super::entries::Entries;
use super::keys::{Key, Section};
use super::read::{self, Misread, Reading};
use super::show::{Shown, shown};
use super::tree::{Node, quoted};
use crate::model::{ByteSize, Schedule};

pub(super) const SECTION: Section = Section {
    path: "sources",
    repeated: true,
    doc: "Where papers come from, in order; a section for each. None: Hugging Face's page.",
    keys: &[
        Key::is(
            "kind",
            r#""huggingface""#,
            "\"huggingface\", \"huggingface-api\", \"arxiv\" or \"feed\"",
            "How its bytes are read: the trending page, its API, arXiv, or any RSS or Atom feed.",
        ),
        Key::unset(
            "name",
            "the word of its kind",
            "a name of its own, of letters, digits, - and _ (64 at most)",
            "What logs and commands call it.",
        ),
        Key::unset(
            "url",
            "the newest day, for the two Hugging Face kinds; the others need one",
            "the address of a page or feed, such as \"https://huggingface.co/papers\"",
            "Its address. https, or http on this machine.",
        ),
        Key::is(
            "schedule",
            r#""5 * * * *""#,
            "a schedule of five fields such as \"5 * * * *\"",
            "When it is fetched, in site.time_zone: minute, hour, day, month, weekday.",
        ),
        Key::is(
            "max_size",
            r#""16 MB""#,
            "a size from 1 kB to 1 GB, such as \"16 MB\"",
            "The most that one answer may unpack to.",
        ),
    ],
};

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
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::HuggingFace, Self::HuggingFaceApi, Self::Arxiv, Self::Feed];

    /// The word of the config.
    pub fn word(self) -> &'static str {
        match self {
            Self::HuggingFace => "huggingface",
            Self::HuggingFaceApi => "huggingface-api",
            Self::Arxiv => "arxiv",
            Self::Feed => "feed",
        }
    }

    /// Where it is fetched from when no address is given.
    fn newest(self) -> Option<&'static str> {
        match self {
            Self::HuggingFace => Some("https://huggingface.co/papers"),
            Self::HuggingFaceApi => Some("https://huggingface.co/api/daily_papers"),
            Self::Arxiv | Self::Feed => None,
        }
    }
}

/// One source.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its name: letters, digits, `-` and `_`; unique. Default: the word of its kind.
    pub name: String,
    /// How its bytes are read.
    pub kind: SourceKind,
    /// Its address. Default for the Hugging Face kinds: their newest day.
    pub url: Url,
    /// When it is fetched, in `site.time_zone`. Default "5 * * * *".
    pub schedule: Schedule,
    /// The most that one answer may unpack to. Default 16 MB.
    pub max_size: ByteSize,
}

impl Source {
    /// All sources below the file's top; one of every default where there are none.
    pub(super) fn read_all(top: &mut Entries<'_>) -> Option<Vec<Self>> {
        let mut names = HashSet::new();
        let mut sources = top.tables(&SECTION, |entries| Self::read(entries, &mut names))?;
        if sources.is_empty() {
            sources.push(top.blank(&SECTION, |entries| Self::read(entries, &mut names))?);
        }
        Some(sources)
    }

    fn read(entries: &mut Entries<'_>, names: &mut HashSet<String>) -> Option<Self> {
        let kinds = SourceKind::ALL.map(|kind| (kind.word(), kind));
        let size = ByteSize::from_bytes(1_000)..=ByteSize::from_bytes(1_000_000_000);
        let kind = entries.get("kind", read::word(&kinds));
        let name = entries.maybe("name", name);
        let url = entries.maybe("url", read::web_address);
        let schedule = entries.get("schedule", read::explained);
        let max_size = entries.get("max_size", read::size(size));
        let kind = kind?;

        let name = name.map(|name| name.unwrap_or_else(|| kind.word().to_owned()));
        if let Some(name) = &name
            && !names.insert(name.clone())
        {
            let hint = Misread::hint("another source has that name");
            entries.fault("name", quoted(name), hint);
        }
        let url = match url? {
            Some(url) => Some(url),
            None => match kind.newest() {
                Some(newest) => Url::parse(newest).ok(),
                None => {
                    let hint = format!("the kind {:?} needs one", kind.word());
                    entries.fault("url", "nothing".to_owned(), Misread::hint(hint));
                    None
                }
            },
        };
        Some(Self { name: name?, kind, url: url?, schedule: schedule?, max_size: max_size? })
    }

    pub(super) fn shown(&self) -> Shown {
        vec![
            ("kind", shown(self.kind.word())),
            ("name", shown(&self.name)),
            ("url", shown(&self.url)),
            ("schedule", shown(&self.schedule)),
            ("max_size", shown(self.max_size)),
        ]
    }
}

fn name(node: &Node) -> Reading<String> {
    let name = read::line(node)?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if name.len() <= 64 && name.bytes().all(plain) { Ok(name) } else { Err(Misread::default()) }
}
