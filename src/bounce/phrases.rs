//! The tables of phrases: what servers say (`phrases.txt`), and by what reports are known
//! (`marks.txt`). Never decides anything.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::meaning::Reason;

/// Why, by the first section of the table with a phrase that these words hold.
pub(super) fn reason(words: &str) -> Option<Reason> {
    static TABLE: LazyLock<(AhoCorasick, Vec<Reason>)> = LazyLock::new(|| {
        let phrases: Vec<(Reason, String)> = sections(include_str!("phrases.txt"))
            .filter_map(|(section, phrase)| {
                Some((Reason::named(section)?, phrase.replace('_', " ")))
            })
            .collect();
        let reasons = phrases.iter().map(|(reason, _)| *reason).collect();
        let automaton = AhoCorasick::new(phrases.iter().map(|(_, phrase)| phrase));
        (automaton.expect("a small table of plain phrases"), reasons)
    });
    let (automaton, reasons) = &*TABLE;
    let first = automaton.find_overlapping_iter(words).map(|found| found.pattern()).min()?;
    reasons.get(first.as_usize()).copied()
}

/// By what a kind of mail is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// In the names and addresses of those that write reports.
    Writer,
    /// At the beginning of subjects of what people pass on or answer.
    PassedOn,
    /// In subjects of reports.
    Subject,
    /// In what reports say first.
    Sentence,
    /// At the beginning of subjects of automatic answers.
    Answer,
}

impl Mark {
    fn section(self) -> &'static str {
        match self {
            Self::Writer => "writers of reports",
            Self::PassedOn => "subjects of what people pass on",
            Self::Subject => "subjects of reports",
            Self::Sentence => "sentences of reports",
            Self::Answer => "subjects of automatic answers",
        }
    }

    /// Whether a text in small letters holds one.
    pub(super) fn is_in(self, text: &str) -> bool {
        self.phrases().any(|phrase| text.contains(phrase))
    }

    /// Whether a text in small letters begins with one.
    pub(super) fn begins(self, text: &str) -> bool {
        self.phrases().any(|phrase| text.starts_with(phrase))
    }

    fn phrases(self) -> impl Iterator<Item = &'static str> {
        static MARKS: LazyLock<Vec<(&str, &str)>> =
            LazyLock::new(|| sections(include_str!("marks.txt")).collect());
        MARKS
            .iter()
            .filter(move |(section, _)| *section == self.section())
            .map(|(_, phrase)| *phrase)
    }
}

/// The phrases of a table, each with its section.
fn sections(table: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut section = "";
    table.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).filter_map(
        move |line| match line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            Some(name) if !name.is_empty() => {
                section = name;
                None
            }
            _ => Some((section, line)),
        },
    )
}
