//! What is said beside a command and bears on it: until when somebody is away, or that it was a
//! joke. Gives no commands of its own; pure.

use jiff::civil::Date;

use super::words::{fold, words};
use super::{dates, east};
use crate::model::{Hint, Until};

/// Words, as `fold` writes them, behind which an end stands, wherever they stand.
const ENDS: &str = "until till bis jusquau jusqua jusquen jusquaux hasta";
/// Words for being away.
const AWAY: &str = "holiday holidays vacation vacations away travelling traveling sabbatical leave \
    urlaub ferien verreist unterwegs elternzeit abwesend vacances conge conges absent absente \
    vacaciones viaje fuera weg";
/// Words that take back what was said.
const JOKES: &str = "kidding joking nevermind plaisante plaisantais rigole bromeo";
/// The same in several words, or without spaces.
const JOKED: &[&str] = &[
    "never mind",
    "only a joke",
    "just a joke",
    "nur ein scherz",
    "nur ein witz",
    "war nur spaß",
    "une blague",
    "una broma",
    "冗談",
    "玩笑",
];
/// How a sentence begins that speaks against leaving, where nothing but a subject asks for it.
const FOND: &[&str] =
    &["i love", "we love", "i really love", "i enjoy", "ich liebe", "j'adore", "me encanta"];

/// What was heard beside the commands.
#[derive(Debug, Default)]
pub(super) struct Aside {
    /// The first end that was named, with its sentence.
    pub(super) end: Option<(String, Result<Until, Hint>)>,
    /// Somebody talks; a name and a title are no talk.
    pub(super) talks: bool,
    /// Somebody says to be away.
    pub(super) is_away: bool,
    /// Somebody takes something back.
    pub(super) jokes: Option<String>,
    /// Somebody likes what they get.
    pub(super) is_fond: bool,
}

impl Aside {
    /// Takes note of a sentence that is no command.
    pub(super) fn note(&mut self, sentence: &str, today: Date) {
        let all = words(sentence);
        let has = |list: &str| all.iter().any(|word| holds(list, &word.text));
        if self.end.is_none() {
            self.end = end(sentence, today).map(|end| (sentence.to_owned(), end));
        }
        let ends = sentence.trim_end().ends_with(['.', '!', '?', '。', '！', '？']);
        self.talks |= all.len() > 3 || (ends && (all.len() > 1 || !sentence.is_ascii()));
        self.is_away |= has(AWAY);
        let folded = fold(sentence);
        let is_fond = FOND.iter().any(|fond| {
            let rest = folded.trim_start().strip_prefix(fold(fond).as_str());
            rest.is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
        });
        let turns = all.iter().any(|word| holds("but aber mais pero", &word.text));
        self.is_fond |= is_fond && !turns;
        if has(JOKES) || JOKED.iter().any(|joked| folded.contains(&fold(joked))) {
            self.jokes.get_or_insert_with(|| sentence.to_owned());
        }
    }
}

fn holds(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|known| known == word)
}

/// Until when a sentence says that somebody is away.
pub(super) fn away_until(sentence: &str, today: Date) -> Option<Until> {
    let is_away = words(sentence).iter().any(|word| holds(AWAY, &word.text));
    end(sentence, today)?.ok().filter(|_| is_away)
}

/// The end that a sentence names, or that it names one which cannot be read.
pub(super) fn end(sentence: &str, today: Date) -> Option<Result<Until, Hint>> {
    let all = words(sentence);
    let texts: Vec<&str> = all.iter().map(|word| word.text.as_str()).collect();
    if let Some(at) = texts.iter().position(|word| holds(ENDS, word)) {
        let rest = &texts[at..];
        let read = |count: usize| dates::until(&rest[..count], today);
        // As many words as make a day: `until 5 January in Rome`.
        let day = (2..=rest.len().min(7)).rev().find_map(|count| read(count)?.ok());
        return match day {
            Some(until) => Some(Ok(until)),
            None => read(rest.len().min(7)),
        };
    }
    // `for two weeks`
    let spans =
        (0..texts.len()).filter(|at| holds("for fur fuer pour pendant durante", texts[*at]));
    for at in spans {
        let rest = &texts[at..];
        let span = (3..=rest.len().min(5)).find_map(|count| dates::until(&rest[..count], today));
        if span.is_some() {
            return span;
        }
    }
    east::end(sentence)
}
