//! The lines of a mail as their writer thought of them: what a program broke is joined, and
//! topics on lines of their own go to their command. Says nothing of what they mean; pure.

use jiff::civil::Date;

use super::grammar::{Meaning, understand};
use super::words::{Word, fold, words};

/// A line so long was probably broken by a mail program.
const WRAPPED: usize = 50;

/// The lines as their writer thought of them: broken ones joined, and topics that stand on lines
/// of their own behind their command.
pub(super) fn units(lines: &[String], today: Date) -> Vec<String> {
    let mut units: Vec<String> = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let mut unit = unmarked(&lines[at]).to_owned();
        at += 1;
        let lists = lists_topics(&unit, lines.get(at));
        let mut last = unit.as_str().to_owned();
        let mut is_joint = false;
        while let Some(next) = lines.get(at).filter(|next| !next.is_empty()) {
            let item = unmarked(next);
            if let Some(lists) = lists {
                // A list ends where its marks end, or where another command begins.
                if (lists == List::Marked
                    && item == next.as_str()
                    && !item.starts_with(['"', '“', '„']))
                    || (lists != List::Marked && is_order(item, today))
                    || understand(item, today) == Meaning::Closing
                {
                    break;
                }
                let joint =
                    if unit.ends_with([':', ',', ';']) || unit.len() < 12 { " " } else { ", " };
                unit.push_str(joint);
                unit.push_str(item);
            } else if (is_broken(&last) || (is_joint && goes_on(&last, item)))
                && !begins_order(item)
            {
                is_joint = true;
                unit.push(' ');
                unit.push_str(item);
            } else {
                break;
            }
            item.clone_into(&mut last);
            at += 1;
        }
        units.push(unit);
    }
    units
}

/// A line without the mark of a list.
fn unmarked(line: &str) -> &str {
    let line = line.trim();
    for mark in ["- ", "* ", "• ", "– ", "· ", "‣ "] {
        if let Some(rest) = line.strip_prefix(mark) {
            return rest.trim_start();
        }
    }
    line
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum List {
    /// Each line has a mark, or is in quotation marks.
    Marked,
    /// What stands before says that there are more.
    Open,
}

/// Whether a line opens a list of topics.
fn lists_topics(line: &str, next: Option<&String>) -> Option<List> {
    let next = next.filter(|next| !next.is_empty())?;
    let all = words(line);
    let texts: Vec<&str> = all.iter().map(|word| word.text.as_str()).collect();
    let head = match texts.as_slice() {
        ["please", rest @ ..] => rest,
        all => all,
    };
    let opens = matches!(
        head,
        ["subscribe" | "topics", ..] | ["add" | "remove", "topic" | "topics" | "the" | "these", ..]
    );
    if !opens {
        return None;
    }
    if line.ends_with([',', ';']) && head.len() > 1 {
        return Some(List::Open);
    }
    let names_none = head.iter().all(|word| {
        matches!(
            *word,
            "subscribe"
                | "me"
                | "to"
                | "topic"
                | "topics"
                | "add"
                | "remove"
                | "these"
                | "the"
                | "following"
        )
    });
    if !names_none {
        return None;
    }
    if unmarked(next) != next.as_str() || next.starts_with(['"', '“', '„']) {
        return Some(List::Marked);
    }
    line.ends_with(':').then_some(List::Open)
}

fn is_order(line: &str, today: Date) -> bool {
    matches!(understand(line, today), Meaning::Orders(..))
}

/// Whether a line was broken by a program: long, and without an end.
fn is_broken(line: &str) -> bool {
    line.chars().count() >= WRAPPED && !ends_sentence(line) && !begins_order(line)
}

fn ends_sentence(line: &str) -> bool {
    line.trim_end().ends_with(['.', '!', '?', ':', '。', '！', '？'])
}

/// Whether `next` reads on from `last`, within a paragraph that a program broke.
fn goes_on(last: &str, next: &str) -> bool {
    !ends_sentence(last) && next.starts_with(char::is_lowercase)
}

/// Whether a line begins like a command of ours that takes values.
fn begins_order(line: &str) -> bool {
    let all: Vec<Word> = words(line);
    let first = all.first().map_or("", |word| word.text.as_str());
    let second = all.get(1).map_or("", |word| word.text.as_str());
    match first {
        "set" => matches!(second, "time" | "zone" | "rhythm" | "language" | "lines"),
        "add" | "remove" => matches!(second, "topic" | "topics"),
        "subscribe" => all.len() > 1 && line.contains(['"', ',']),
        first => fold(first) == "pause" && all.len() > 1 && all.len() < 6,
    }
}
