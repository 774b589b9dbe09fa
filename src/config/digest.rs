//! `[digest]`

use std::path::PathBuf;

use super::entries::Entries;
use super::keys::{Key, Section};
use super::read::{self, Misread};
use super::show::{Shown, shown};
use super::tree::quoted;
use crate::model::{ByteSize, Look, Schedule, Span};

pub(super) const SECTION: Section = Section {
    path: "digest",
    repeated: false,
    doc: "What a digest is, where the reader did not choose.",
    keys: &[
        Key::is(
            "schedule",
            r#""0 8 * * Mon-Fri""#,
            "a schedule of five fields such as \"0 8 * * Mon-Fri\"",
            "When it is due, on each reader's own clock: minute, hour, day, month, weekday.",
        ),
        Key::is(
            "max_papers",
            "15",
            "a whole number from 1 to 1000",
            "How many papers get a full card; the rest follow as titles.",
        ),
        Key::is(
            "min_votes",
            "0",
            "a whole number from 0 to 1000000",
            "Papers with fewer votes wait until they have them.",
        ),
        Key::is(
            "look_back",
            r#""7d""#,
            "a length of time from 1h to 366d, such as \"7d\"",
            "How long a paper may still come after it was first seen.",
        ),
        Key::is(
            "send_empty",
            "false",
            "true or false",
            "Whether a mail says so when nothing is new.",
        ),
        Key::is(
            "expire_after",
            r#""20h""#,
            "a length of time from 1m to 30d, such as \"20h\"",
            "A digest that could not be sent for so long is not sent any more.",
        ),
        Key::is(
            "max_html",
            r#""90 kB""#,
            "a size from 10 kB to 10 MB, such as \"90 kB\"",
            "The most that the HTML part may have. Gmail cuts mails at 102 kB.",
        ),
        Key::is(
            "look",
            r#""cards""#,
            "\"cards\" or \"plain\"",
            "How mails look: a card for each paper, or close to a letter written by hand.",
        ),
        Key::unset(
            "templates",
            "the built-in templates",
            "a folder that exists",
            "A folder whose files replace the built-in templates one by one.",
        ),
    ],
};

/// What a digest is, where the reader did not choose.
#[derive(Clone, Debug)]
pub struct Digest {
    /// When it is due, on the reader's own clock. Default "0 8 * * Mon-Fri".
    pub schedule: Schedule,
    /// Full cards; the rest follow as one-line titles. Default 15.
    pub max_papers: u32,
    /// Papers with fewer votes wait until they have them. Default 0.
    pub min_votes: u32,
    /// How long a paper stays a candidate after it was first seen. Default 7d.
    pub look_back: Span,
    /// Whether a mail says so when nothing is new. Default false.
    pub send_empty: bool,
    /// A digest is not sent later than this after it was planned. Default 20h.
    pub expire_after: Span,
    /// The most that the HTML part may have. Default 90 kB.
    pub max_html: ByteSize,
    /// How mails look. Default "cards".
    pub look: Look,
    /// A folder whose files replace the built-in templates one by one; absolute.
    pub templates: Option<PathBuf>,
}

impl Digest {
    pub(super) fn read(entries: &mut Entries<'_>) -> Option<Self> {
        let look_back = Span::from_secs(3_600)..=Span::from_days(366);
        let expire_after = Span::from_secs(60)..=Span::from_days(30);
        let max_html = ByteSize::from_bytes(10_000)..=ByteSize::from_bytes(10_000_000);
        let schedule = entries.get("schedule", read::explained);
        let max_papers = entries.get("max_papers", read::whole(1..=1_000));
        let min_votes = entries.get("min_votes", read::whole(0..=1_000_000));
        let look_back = entries.get("look_back", read::span(look_back));
        let send_empty = entries.get("send_empty", read::truth);
        let expire_after = entries.get("expire_after", read::span(expire_after));
        let max_html = entries.get("max_html", read::size(max_html));
        let look = entries.get("look", read::word(&Look::ALL.map(|look| (look.word(), look))));
        let templates = entries.file("templates", |node, base| Ok(base.join(read::path(node)?)));
        if let Some(Some(folder)) = &templates
            && !folder.is_dir()
        {
            let seen = quoted(&folder.display().to_string());
            entries.fault("templates", seen, Misread::hint("there is no such folder"));
        }
        Some(Self {
            schedule: schedule?,
            max_papers: max_papers?,
            min_votes: min_votes?,
            look_back: look_back?,
            send_empty: send_empty?,
            expire_after: expire_after?,
            max_html: max_html?,
            look: look?,
            templates: templates?,
        })
    }

    pub(super) fn shown(&self) -> Shown {
        vec![
            ("schedule", shown(&self.schedule)),
            ("max_papers", Some(self.max_papers.into())),
            ("min_votes", Some(self.min_votes.into())),
            ("look_back", shown(self.look_back)),
            ("send_empty", Some(self.send_empty.into())),
            ("expire_after", shown(self.expire_after)),
            ("max_html", shown(self.max_html)),
            ("look", shown(self.look)),
            ("templates", self.templates.as_ref().and_then(|path| shown(path.display()))),
        ]
    }
}
