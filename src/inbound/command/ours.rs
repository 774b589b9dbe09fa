//! Text of our own mails that a mail program left unmarked below what its user wrote: nobody
//! orders it. Pure.

use super::examples::COMMANDS;

/// So many of our examples in our order are our list, and nobody's wishes.
const LIST: usize = 5;

/// The lines without our own.
pub(super) fn without(lines: &[String]) -> Vec<String> {
    let lines = &lines[..our_list(lines).unwrap_or(lines.len())];
    let mut kept = Vec::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        at += 1;
        // `Unsubscribe:`, and below it where.
        let is_label = line.trim_end().ends_with([':', '：']);
        if is_label && lines.get(at).is_some_and(|next| is_url(next)) {
            at += 1;
            kept.push(String::new());
        } else if names_examples(line) {
            kept.push(String::new());
        } else {
            kept.push(line.clone());
        }
    }
    kept
}

/// Where our list of what can be written begins.
fn our_list(lines: &[String]) -> Option<usize> {
    let example = |line: &String| {
        let line = line.trim().trim_start_matches(['*', '-', '•']).trim_start();
        // The longest, as `subscribe` begins no other.
        COMMANDS.iter().position(|(_, words)| {
            line.strip_prefix(words)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', ':', '\u{a0}']))
        })
    };
    let (mut first, mut last, mut run) = (0, None, 0);
    for (at, line) in lines.iter().enumerate() {
        let Some(found) = example(line) else { continue };
        if last.is_some_and(|last| found == last + 1) {
            run += 1;
        } else {
            (first, run) = (at, 1);
        }
        last = Some(found);
        if run == LIST {
            return Some(first);
        }
    }
    None
}

fn is_url(line: &str) -> bool {
    let bare = line.trim().trim_matches(['<', '>', '(', ')']);
    (bare.starts_with("https://") || bare.starts_with("http://"))
        && !bare.contains(char::is_whitespace)
}

/// `“add topic robotics”, “unsubscribe” or “help”.`: commands that a sentence only names, each in
/// quotation marks.
fn names_examples(line: &str) -> bool {
    let (mut named, mut quoted, mut at) = (0, None, 0);
    for c in line.chars() {
        at += c.len_utf8();
        match (c, quoted) {
            ('“' | '„' | '«' | '「', None) => quoted = Some(at),
            ('”' | '“' | '»' | '」', Some(from)) => {
                let inner = line[from..at - c.len_utf8()].trim();
                let first = inner.split_whitespace().next().unwrap_or("");
                let known = ["pause", "set", "add", "unsubscribe", "help", "subscribe"];
                named += usize::from(known.contains(&first));
                quoted = None;
            }
            _ => {}
        }
    }
    named > 1
}
