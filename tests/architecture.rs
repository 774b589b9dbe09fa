//! Holds the house's rules (docs/architecture.md) by reading the sources as text: who may
//! import whom, what only one place may do, how long a file may be.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use std::path::{Path, PathBuf};

/// The storeys from the ground up. A part may import any part of the storeys below its own.
const STOREYS: &[&[&str]] = &[
    &["model", "clock", "token", "signing", "links", "config"],
    &["store", "render", "mail"],
    &["notices"],
    &["source", "digest", "delivery", "subscription", "bounce"],
    &["web", "inbound"],
    &["telemetry", "scheduler", "app", "doctor", "cli", "main"],
];

/// The only imports within a storey: those of ground and roof, from left to right.
const BESIDE: &[(&str, &[&str])] = &[
    ("config", &["model", "signing"]),
    ("links", &["model", "token"]),
    ("app", &["telemetry", "scheduler"]),
    ("doctor", &["app"]),
    ("cli", &["telemetry", "scheduler", "app", "doctor"]),
    ("main", &["telemetry", "app", "cli"]),
];

/// What only some files may name, and why.
const ONLY_IN: &[(&str, &[&str], &str)] = &[
    ("Timestamp::now", &["src/clock.rs"], "only the clock reads the time"),
    ("Zoned::now", &["src/clock.rs"], "only the clock reads the time"),
    ("SystemTime::now", &["src/clock.rs"], "only the clock reads the time"),
    ("Utc::now", &["src/clock.rs"], "only the clock reads the time"),
    ("Local::now", &["src/clock.rs"], "only the clock reads the time"),
    ("sqlx::", &["src/store/"], "only the store speaks SQL"),
    ("chrono::", &["src/model/schedule.rs"], "jiff everywhere else"),
    (".unwrap()", &[], "say why it cannot fail with expect, or handle it"),
    ("#[allow(", &[], "use #[expect(…, reason = \"…\")]"),
];

const MOST_LINES: usize = 400;

struct Source {
    /// `src/…`
    path: String,
    /// The part of the house that it belongs to.
    part: String,
    /// The text before the tests.
    text: String,
    opens: String,
}

impl Source {
    /// The lines of code: comments at the end of a line are kept, whole-line ones are not.
    fn code(&self) -> impl Iterator<Item = &str> {
        self.text.lines().map(str::trim).filter(|line| !line.starts_with("//"))
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    collect(&root.join("src"), &mut files);
    assert!(files.len() > 20, "the sources are where this test looks for them");
    files.iter().map(|file| read(root, file)).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
}

fn read(root: &Path, file: &Path) -> Source {
    let path = file.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
    let whole = std::fs::read_to_string(file).unwrap();
    let inside = path.strip_prefix("src/").unwrap();
    let part = inside.split(['/', '.']).next().unwrap().to_owned();
    // A sibling file of tests belongs to no part.
    let is_tests = inside.ends_with("tests.rs") || inside.contains("/tests/");
    let text = match whole.split_once("#[cfg(test)]\nmod ") {
        _ if is_tests => String::new(),
        // `mod tests;` in the middle of a file does not end it.
        Some((before, after)) if after.lines().next().is_some_and(|line| line.ends_with('{')) => {
            before.to_owned()
        }
        _ => whole.clone(),
    };
    Source { path, part, text, opens: whole.lines().next().unwrap_or("").to_owned() }
}

/// The parts that the source names by `crate::part`, `crate::{a, b::c}` or, in the binary,
/// `paperround::part`.
fn imports(source: &Source) -> Vec<String> {
    let code = source.code().collect::<Vec<_>>().join("\n");
    let root = if source.part == "main" { "paperround::" } else { "crate::" };
    let mut found = Vec::new();
    for rest in code.split(root).skip(1) {
        match rest.strip_prefix('{') {
            None => found.push(first_word(rest)),
            Some(group) => {
                // Members of the outer braces stand at depth 0.
                let mut depth = 0_i32;
                let mut member = String::new();
                for letter in group.chars() {
                    match letter {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => found.push(first_word(&std::mem::take(&mut member))),
                        other => member.push(other),
                    }
                }
                found.push(first_word(&member));
            }
        }
    }
    found.retain(|word| !word.is_empty());
    found
}

fn first_word(text: &str) -> String {
    text.trim_start()
        .chars()
        .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
        .collect()
}

fn storey(part: &str) -> Option<usize> {
    STOREYS.iter().position(|storey| storey.contains(&part))
}

fn may_import(from: &str, to: &str) -> bool {
    match (storey(from), storey(to)) {
        _ if from == to => true,
        (Some(from_storey), Some(to_storey)) if to_storey < from_storey => true,
        _ => BESIDE.iter().any(|(part, beside)| *part == from && beside.contains(&to)),
    }
}

#[test]
fn imports_go_downward_only() {
    let mut faults = Vec::new();
    for source in sources().iter().filter(|source| source.part != "lib") {
        if storey(&source.part).is_none() {
            faults.push(format!("{}: `{}` is not in the house", source.path, source.part));
        }
        for to in imports(source) {
            if !may_import(&source.part, &to) {
                faults.push(format!("{}: {} may not import {to}", source.path, source.part));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn each_thing_is_done_where_it_belongs() {
    let mut faults = Vec::new();
    for source in sources() {
        for (word, places, reason) in ONLY_IN {
            let permitted = places.iter().any(|place| source.path.starts_with(place));
            if !permitted && source.code().any(|line| names(line, word)) {
                faults.push(format!("{}: `{word}`: {reason}", source.path));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// Whether `line` holds `word`, not as the end of a longer word.
fn names(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !word.starts_with(char::is_alphanumeric)
            || !before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_')
    })
}

#[test]
fn files_say_what_they_are_for_and_stay_small() {
    let mut faults = Vec::new();
    for source in sources() {
        if !source.opens.starts_with("//! ") {
            faults.push(format!("{}: does not open with //!", source.path));
        }
        let lines = source.text.lines().filter(|line| !line.trim().is_empty()).count();
        if lines > MOST_LINES {
            faults.push(format!("{}: {lines} lines, more than {MOST_LINES}", source.path));
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn this_test_sees_what_it_should() {
    let source = |part: &str, text: &str| Source {
        path: format!("src/{part}.rs"),
        part: part.to_owned(),
        text: text.to_owned(),
        opens: String::new(),
    };
    let text =
        "use crate::{store::{A, B}, model::C, web};\n// crate::cli\nlet x = crate::mail::y();";
    assert_eq!(imports(&source("digest", text)), ["store", "model", "web", "mail"]);
    assert_eq!(imports(&source("main", "paperround::cli::run()")), ["cli"]);
    for (from, to) in [("cli", "app"), ("app", "scheduler"), ("web", "digest"), ("store", "token")]
    {
        assert!(may_import(from, to), "{from} -> {to}");
    }
    for (from, to) in [
        ("model", "clock"),
        ("model", "config"),
        ("store", "mail"),
        ("mail", "render"),
        ("digest", "source"),
        ("delivery", "digest"),
        ("source", "web"),
        ("web", "scheduler"),
        ("scheduler", "app"),
        ("app", "cli"),
        ("store", "nowhere"),
    ] {
        assert!(!may_import(from, to), "{from} -> {to}");
    }
    assert!(names("let a = chrono::Utc::now();", "Utc::now"));
    assert!(!names("synchrono::x", "chrono::"));
}
