//! Whether somebody whom we ask says no, in so many words. Everything else says yes, as the mail
//! that asks promises: a reply proves the mailbox whatever stands in it, but nobody who writes "that
//! was not me" agrees to anything. A yes before it wins. Pure.

use std::sync::LazyLock;

use mail_parser::Message;

use super::command::{bare_subject, fold, new_lines};

/// Sentences of a reply that are looked at, behind a greeting.
const MOST: usize = 2;

/// The lists of `refusals.txt`, folded.
static TABLES: LazyLock<[Vec<String>; 9]> = LazyLock::new(|| {
    ["yes", "no", "harmless", "said", "signs", "whole", "greetings", "never", "done"].map(list)
});

fn list(section: &str) -> Vec<String> {
    let head = format!("\n[{section}]\n");
    let (_, list) = include_str!("refusals.txt").split_once(&head).unwrap_or_default();
    let list = list.split("\n[").next().unwrap_or_default();
    list.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(fold).collect()
}

/// Whether a reply says no in what is new in it, or in its subject where nothing else is written.
pub(super) fn is_no(message: &Message<'_>) -> bool {
    if message.parts.is_empty() {
        return false;
    }
    let lines = new_lines(message);
    let written: Vec<&str> =
        lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty()).take(6).collect();
    let text = match written.is_empty() {
        true => bare_subject(message.subject().unwrap_or("")).0.to_owned(),
        false => written.join("\n"),
    };
    let [yes, no, harmless, said, signs, whole, greetings, never, done] = &*TABLES;
    let is = |list: &[String], word: &str| list.iter().any(|known| known == word);
    let all = sentences(&text);
    let is_greeting =
        |words: &[&str]| words.len() <= 4 && words.first().is_some_and(|word| is(greetings, word));
    let all: Vec<Vec<&str>> = all.iter().map(|one| one.split_whitespace().collect()).collect();
    let told = all.iter().skip_while(|words| is_greeting(words)).take(MOST);
    for (at, words) in told.enumerate() {
        let Some((first, rest)) = words.split_first() else { continue };
        if at == 0 && is(yes, first) {
            return false;
        }
        let line = words.join(" ");
        let between = format!(" {line} ");
        let behind = rest.join(" ");
        let refuses = at == 0
            && is(no, first)
            && !harmless.iter().any(|word| behind.starts_with(word.as_str()));
        if refuses
            || is(whole, &line)
            || never.iter().any(|never| did(&line, never, done))
            || said.iter().any(|phrase| between.contains(&format!(" {phrase} ")))
            || signs.iter().any(|phrase| line.contains(phrase.as_str()))
        {
            return true;
        }
    }
    false
}

/// Whether a sentence says that somebody did `never` do one of these, or nothing more.
fn did(line: &str, never: &str, done: &[String]) -> bool {
    let Some(rest) = line.strip_prefix("i ").and_then(|rest| rest.strip_prefix(never)) else {
        return false;
    };
    match rest.split_whitespace().next() {
        Some(first) => done.iter().any(|verb| verb == first),
        None => true,
    }
}

/// The sentences of a text, folded, as words with single spaces.
fn sentences(text: &str) -> Vec<String> {
    let ends = |c: char| {
        matches!(c, '.' | '!' | '?' | ',' | ';' | '\n' | '。' | '！' | '？' | '、' | '，')
    };
    text.split(ends)
        .map(|sentence| {
            let folded = fold(sentence);
            let bare = |word: &str| -> String {
                word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned()
            };
            let words: Vec<String> =
                folded.split_whitespace().map(bare).filter(|word| !word.is_empty()).collect();
            words.join(" ")
        })
        .filter(|sentence| !sentence.is_empty())
        .collect()
}

#[cfg(test)]
#[path = "refusal_tests.rs"]
mod tests;
