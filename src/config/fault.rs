//! What is wrong with a config, for people and for programs: every fault at once, each with
//! its place. Never shows the value of a secret.

use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};

use super::tree::{Place, without_password};

/// How many faults of one file are told; a file with more is not a config.
pub(super) const MOST: usize = 100;

/// One fault, as the readers find it.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) place: Place,
    pub(super) key: Option<String>,
    pub(super) seen: Option<String>,
    pub(super) wanted: String,
    pub(super) hint: Option<String>,
    /// How much of the line may be shown.
    pub(super) excerpt: Show,
}

/// How much of the line with the fault may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Show {
    /// All of it.
    Line,
    /// Up to the end of the fault: what follows an unknown key could be a misspelt secret's.
    Key,
    /// None.
    Nothing,
}

/// One fault.
#[derive(Clone, Debug, Serialize)]
pub struct Fault {
    /// The file, as it was named; none where a variable is at fault.
    pub file: Option<String>,
    /// The line, from 1; none where the file as a whole is at fault.
    pub line: Option<usize>,
    /// The character in the line, from 1.
    pub column: Option<usize>,
    /// The variable of the environment that is at fault.
    pub variable: Option<String>,
    /// The key, such as `mail.relays[0].url`; none for syntax and for the file as a whole.
    pub key: Option<String>,
    /// What was seen there. Secrets are `<redacted>`.
    pub seen: Option<String>,
    /// What was wanted; where nothing was seen, what is wrong, as a sentence of its own.
    pub wanted: String,
    /// What would probably mend it.
    pub hint: Option<String>,
    #[serde(skip)]
    excerpt: Option<Excerpt>,
}

/// The line with the fault, and how much of it to underline.
#[derive(Clone, Debug)]
struct Excerpt {
    line: String,
    skip: usize,
    width: usize,
}

/// All faults of a config, in the order of the file. Its `Display` is plain text: for each
/// fault a line `FILE:LINE:COLUMN: error: KEY: saw VALUE, wanted …; HINT` and the place.
/// Serialized: `{"ok": false, "faults": [{file, line, column, variable, key, seen, wanted,
/// hint}]}`.
#[derive(Clone)]
pub struct Faults {
    list: Vec<Fault>,
    untold: usize,
    /// The text that was read, where it is one. May hold secrets.
    text: Option<String>,
    /// The files that it names and whose content counts.
    files: Vec<PathBuf>,
}

impl Faults {
    /// The one fault of a file that cannot be read at all.
    pub(super) fn whole(file: Option<&Path>, wrong: String, hint: Option<String>) -> Self {
        let fault = Fault {
            file: file.map(|path| path.display().to_string()),
            line: None,
            column: None,
            variable: None,
            key: None,
            seen: None,
            wanted: wrong,
            hint,
            excerpt: None,
        };
        Self { list: vec![fault], untold: 0, text: None, files: Vec::new() }
    }

    /// The faults found in `text`, in its order, those of variables last.
    pub(super) fn new(file: &Path, text: &str, mut found: Vec<Found>) -> Self {
        found.sort_by(|a, b| a.place.cmp(&b.place));
        let untold = found.len().saturating_sub(MOST);
        found.truncate(MOST);
        let lines = Lines::new(text);
        let list = found.into_iter().map(|found| Fault::new(file, &lines, found)).collect();
        Self { list, untold, text: None, files: Vec::new() }
    }

    /// With the text that was read and the files that it names.
    pub(super) fn about(mut self, text: &str, files: Vec<PathBuf>) -> Self {
        self.text = Some(text.to_owned());
        self.files = files;
        self
    }

    /// With the way back to what was last in force by that database, where the only advice was to
    /// begin anew.
    pub fn with_way_back(mut self, database: &str) -> Self {
        for fault in &mut self.list {
            if fault.hint.as_deref() != Some(super::load::INIT) {
                continue;
            }
            let file = fault.file.as_deref().map(std::path::absolute).and_then(Result::ok);
            let file = file.map(|file| format!(" -c {}", file.display())).unwrap_or_default();
            fault.hint = Some(format!(
                "`paperround{file} config rollback --database {database}` puts back what was last \
                 in force"
            ));
        }
        self
    }

    /// The text that was read; none where the file could not be read as one. May hold secrets.
    pub fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// The files that the text names and whose content counts, there or not.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// Each fault on one line: `FILE:LINE:COLUMN: KEY: …`.
    pub fn lines(&self) -> Vec<String> {
        self.list.iter().map(|fault| format!("{}: {}", fault.place(), fault.sentence())).collect()
    }

    /// Every fault that is told.
    pub fn list(&self) -> &[Fault] {
        &self.list
    }

    /// As `Display` has it; `styled` with colours, for a terminal.
    pub fn render(&self, styled: bool) -> String {
        let style = |style: Style| if styled { style } else { Style::new() };
        let error = style(AnsiColor::Red.on_default().bold());
        let mark = style(AnsiColor::Blue.on_default().bold());
        let mut out = String::new();
        for fault in &self.list {
            out += &format!("{}: {error}error{error:#}: {}\n", fault.place(), fault.sentence());
            let (Some(excerpt), Some(line)) = (&fault.excerpt, fault.line) else { continue };
            let margin = " ".repeat(line.to_string().len());
            let carets = "^".repeat(excerpt.width);
            let skip = " ".repeat(excerpt.skip);
            out += &format!("{mark}{margin} |{mark:#}\n");
            out += &format!("{mark}{line} |{mark:#} {}\n", excerpt.line);
            out += &format!("{mark}{margin} |{mark:#} {skip}{error}{carets}{error:#}\n");
        }
        if self.untold > 0 {
            out += &format!("… and {} more\n", self.untold);
        }
        out
    }
}

impl Fault {
    fn new(file: &Path, lines: &Lines<'_>, found: Found) -> Self {
        let name = file.display().to_string();
        let (mut line, mut column, mut excerpt) = (None, None, None);
        let (file, variable) = match &found.place {
            Place::Variable(name) => (None, Some(name.clone())),
            Place::Text(start, end) => {
                let at = lines.position(*start);
                (line, column) = (Some(at.0), Some(at.1));
                excerpt = Excerpt::new(lines, *start, *end, found.excerpt);
                (Some(name), None)
            }
        };
        let Found { key, seen, wanted, hint, .. } = found;
        Self { file, line, column, variable, key, seen, wanted, hint, excerpt }
    }

    /// `FILE:LINE:COLUMN`, `FILE`, or the variable.
    fn place(&self) -> String {
        match (&self.variable, &self.file, self.line, self.column) {
            (Some(variable), ..) => variable.clone(),
            (None, Some(file), Some(line), Some(column)) => format!("{file}:{line}:{column}"),
            (None, Some(file), ..) => file.clone(),
            (None, None, ..) => "config".to_owned(),
        }
    }

    /// What is wrong, without the place: `KEY: saw VALUE, wanted …; HINT`.
    pub fn sentence(&self) -> String {
        let key = self.key.as_ref().map_or(String::new(), |key| format!("{key}: "));
        let wanted = match &self.seen {
            Some(seen) => format!("saw {seen}, wanted {}", self.wanted),
            None => self.wanted.clone(),
        };
        let hint = self.hint.as_ref().map_or(String::new(), |hint| format!("; {hint}"));
        format!("{key}{wanted}{hint}")
    }
}

impl Excerpt {
    fn new(lines: &Lines<'_>, start: usize, end: usize, show: Show) -> Option<Self> {
        /// Longer lines are not worth their place.
        const MOST: usize = 160;
        let (number, column) = lines.position(start);
        let full = lines.text(number);
        let upto = end.saturating_sub(lines.start(number)).min(full.len());
        let (before, after) = (full.get(..start - lines.start(number))?, full.get(upto..)?);
        // Where one line holds several values, another one could be a secret.
        let values = |text: &str| text.matches('=').count();
        let shown = match show {
            Show::Line if values(before) + values(after) <= 1 => full.to_owned(),
            Show::Key if values(before) == 0 && after.is_empty() => full.to_owned(),
            Show::Key if values(before) == 0 => format!("{} …", full.get(..upto)?),
            _ => return None,
        };
        if shown.trim().is_empty() || without_password(&shown) != shown {
            return None;
        }
        let length = shown.chars().count();
        if length > MOST || column > length + 1 {
            return None;
        }
        let line = shown.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let inside = lines.whole.get(start..end.min(lines.start(number) + full.len()));
        let width = inside.map_or(1, |text| text.chars().count()).max(1);
        Some(Self { line, skip: column - 1, width })
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.render(false).trim_end())
    }
}

/// Without the text, which may hold secrets.
impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faults").field("list", &self.list).finish_non_exhaustive()
    }
}

impl Error for Faults {}

impl Serialize for Faults {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Faults", 2)?;
        out.serialize_field("ok", &false)?;
        out.serialize_field("faults", &self.list)?;
        out.end()
    }
}

/// A text by its lines.
pub(super) struct Lines<'a> {
    whole: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub(super) fn new(whole: &'a str) -> Self {
        let ends = whole.match_indices('\n').map(|(at, _)| at + 1);
        Self { whole, starts: std::iter::once(0).chain(ends).collect() }
    }

    /// Line and character of a byte, both from 1.
    pub(super) fn position(&self, at: usize) -> (usize, usize) {
        let line = self.line(at);
        let before = self.whole.get(self.start(line)..at.min(self.whole.len()));
        (line, before.map_or(0, |text| text.chars().count()) + 1)
    }

    /// Line of a byte, from 1.
    pub(super) fn line(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at).max(1)
    }

    /// The first byte of a line.
    pub(super) fn start(&self, line: usize) -> usize {
        self.starts.get(line - 1).copied().unwrap_or(self.whole.len())
    }

    /// A line without its end.
    pub(super) fn text(&self, line: usize) -> &'a str {
        let end = self.starts.get(line).copied().unwrap_or(self.whole.len());
        self.whole.get(self.start(line)..end).unwrap_or("").trim_end_matches(['\n', '\r'])
    }
}
