//! What one sentence asks for. A sentence is a command only where all of it is understood, so
//! that nobody who talks about a command gives it. Pure.

use std::sync::LazyLock;

use jiff::civil::Date;

use super::phrases::{BEFORE, BEHIND, KIND, NEGATIONS, PHRASES, Phrase, SENDING, TOLD};
use super::words::{MOST_WORDS, Pattern, Word, fold, words};
use super::{aside, dates, east, formal, rhythms};
use crate::model::{Hint, Order, Until};

/// What a sentence is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Meaning {
    /// Asks for these. Weak: too short a word to count beside other talk.
    Orders(Vec<Order>, bool),
    /// Only kind.
    Polite,
    /// The kindness at the end, before a name.
    Closing,
    /// Wants to be a command; what is wrong with it.
    Fault(Hint),
    /// Anything else.
    Unknown,
}

static PATTERNS: LazyLock<Vec<(Phrase, bool, Pattern)>> = LazyLock::new(|| {
    let one = |phrase: Phrase, text: &str| match text.strip_prefix('!') {
        Some(text) => (phrase, true, Pattern::of(text)),
        None => (phrase, false, Pattern::of(text)),
    };
    PHRASES.iter().flat_map(|(phrase, texts)| texts.iter().map(|text| one(*phrase, text))).collect()
});

static KINDS: LazyLock<Vec<String>> = LazyLock::new(|| KIND.split_whitespace().map(fold).collect());
static NOT: LazyLock<Vec<String>> =
    LazyLock::new(|| NEGATIONS.split_whitespace().map(fold).collect());
static AFFIXES: LazyLock<(Vec<String>, Vec<String>)> = LazyLock::new(|| {
    let folded = |texts: &[&str]| texts.iter().map(|text| fold(text)).collect();
    (folded(BEFORE), folded(BEHIND))
});

/// Whether these words are one of a phrase's sentences, and whether a weak one.
fn said(phrase: Phrase, words: &[Word]) -> Option<bool> {
    PATTERNS
        .iter()
        .find(|(known, _, pattern)| *known == phrase && pattern.is(words))
        .map(|(_, weak, _)| *weak)
}

fn is(phrase: Phrase, words: &[Word]) -> bool {
    said(phrase, words).is_some()
}

/// Whether a sentence says that something is not so.
pub(super) fn denies(words: &[Word]) -> bool {
    words.iter().any(|word| NOT.contains(&word.text))
}

/// What a sentence means.
pub(super) fn understand(sentence: &str, today: Date) -> Meaning {
    let sentence = sentence.trim();
    let asks = sentence.ends_with(['?', '？']);
    let meaning = clause(sentence, today, asks);
    if !matches!(meaning, Meaning::Unknown | Meaning::Fault(_)) {
        return meaning;
    }
    for split in [at_commas, at_links] {
        if let Some(joint) = together(&split(sentence), today, asks) {
            return joint;
        }
    }
    let all = words(sentence);
    // `Please pause, I am on holiday until Monday`
    if let [first, rest @ ..] = &at_commas(sentence)[..]
        && !asks
        && !denies(&all)
        && let Meaning::Orders(orders, false) = clause(first, today, false)
        && orders == [Order::Pause(Until::Resumed)]
        && let Some(until) = aside::away_until(&rest.join(", "), today)
    {
        return Meaning::Orders(vec![Order::Pause(until)], false);
    }
    if let Some(plea) = plea(sentence, &all, today).filter(|_| !asks) {
        return plea;
    }
    match all.first() {
        Some(first)
            if meaning == Meaning::Unknown
                && all.len() < 6
                && is(Phrase::Greeting, std::slice::from_ref(first))
                && formal::nearest(&all).is_none()
                && aside::end(sentence, today).is_none() =>
        {
            Meaning::Polite
        }
        _ => meaning,
    }
}

/// `I have changed jobs, so please unsubscribe me`: a plain wish at the end, where nothing before
/// it denies, or tells of others.
fn plea(sentence: &str, all: &[Word], today: Date) -> Option<Meaning> {
    let at =
        all.iter().rposition(|word| matches!(word.text.as_str(), "please" | "bitte" | "favor"))?;
    let told = |but: &str| {
        let is_told = |word: &Word| TOLD.split(' ').any(|told| told == word.text && told != but);
        all[..at].iter().any(is_told)
    };
    // Behind `until` stands when a pause ends.
    let told_when = told("");
    let told = told("until");
    if at == 0 || told || all.len() > MOST_WORDS || denies(all) {
        return None;
    }
    match clause(&sentence[all[at].at..], today, false) {
        Meaning::Orders(mut orders, false) => {
            // `I am away until Monday, please pause`
            if let Some(pause) = orders.iter_mut().find(|o| **o == Order::Pause(Until::Resumed)) {
                match aside::end(&sentence[..all[at].at], today) {
                    Some(Ok(until)) => *pause = Order::Pause(until),
                    Some(Err(fault)) => return Some(Meaning::Fault(fault)),
                    None if told_when => return None,
                    None => {}
                }
            } else if told_when {
                return None;
            }
            Some(Meaning::Orders(orders, false))
        }
        _ => None,
    }
}

/// The parts of a sentence, if every one is understood.
fn together(parts: &[&str], today: Date, asks: bool) -> Option<Meaning> {
    if !(2..=6).contains(&parts.len()) {
        return None;
    }
    let mut orders = Vec::new();
    let mut is_weak = true;
    let mut closes = false;
    let mut asked = false;
    for (at, part) in parts.iter().enumerate() {
        let all = words(part);
        asked |= (1..=all.len().min(4)).any(|end| is(Phrase::Request, &all[..end]));
        match clause(part, today, asks && !asked) {
            Meaning::Orders(more, weak) => {
                // `Yes, weekly please`: the yes is no command of its own.
                if orders == [Order::Confirm] && is_weak {
                    orders.clear();
                }
                orders.extend(more);
                is_weak &= weak;
            }
            Meaning::Polite => {}
            Meaning::Closing => closes = true,
            // A name after a greeting or a closing.
            Meaning::Unknown
                if all.len() < 4
                    && (closes || greets(at, parts, &all))
                    && aside::end(part, today).is_none() => {}
            Meaning::Unknown | Meaning::Fault(_) => return None,
        }
    }
    Some(match orders.is_empty() {
        false => Meaning::Orders(orders, is_weak),
        true if closes => Meaning::Closing,
        true => Meaning::Polite,
    })
}

/// Whether a part is a greeting with a name: `Hi Bob`, or the name of one: `Hi, Bob`.
fn greets(at: usize, parts: &[&str], all: &[Word]) -> bool {
    let opens = |all: &[Word]| {
        all.first().is_some_and(|first| is(Phrase::Greeting, std::slice::from_ref(first)))
    };
    formal::nearest(all).is_none()
        && !denies(all)
        && ((at == 0 && opens(all)) || (at == 1 && is(Phrase::Greeting, &words(parts[0]))))
}

fn at_commas(sentence: &str) -> Vec<&str> {
    outside_quotes(sentence, &[",", "，", "、", ";", " – ", " - "])
}

fn at_links(sentence: &str) -> Vec<&str> {
    let links = [
        ",",
        "，",
        "、",
        ";",
        " – ",
        " - ",
        " and then ",
        " und dann ",
        " et puis ",
        " y luego ",
        " and ",
        " und ",
        " et ",
        " y ",
        " en ",
        " then ",
        " & ",
    ];
    outside_quotes(sentence, &links)
}

/// Parts a text at any of these signs, but not within quotation marks.
pub(super) fn outside_quotes<'a>(text: &'a str, signs: &[&str]) -> Vec<&'a str> {
    let mut parts = Vec::new();
    let (mut from, mut at, mut quoted, mut depth) = (0, 0, false, 0_usize);
    while let Some(c) = text[at..].chars().next() {
        match c {
            '"' | '“' | '”' | '„' | '«' | '»' => quoted = !quoted,
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let sign = signs.iter().find(|sign| !quoted && depth == 0 && text[at..].starts_with(*sign));
        match sign {
            Some(sign) => {
                parts.push(text[from..at].trim());
                at += sign.len();
                from = at;
            }
            None => at += c.len_utf8(),
        }
    }
    parts.push(text[from..].trim());
    parts.retain(|part| !part.is_empty());
    parts
}

/// What a sentence or a part of one means as a whole.
fn clause(sentence: &str, today: Date, asks: bool) -> Meaning {
    let all = words(sentence);
    if is(Phrase::Greeting, &all) || is(Phrase::Thanks, &all) {
        return Meaning::Polite;
    }
    if is(Phrase::Closing, &all) {
        return Meaning::Closing;
    }
    let mut kept: Vec<Word> = all.into_iter().filter(|word| !KINDS.contains(&word.text)).collect();
    // `por favor` is said to be kind, neither of its words is.
    while let Some(at) = kept.iter().position(|word| word.text == "favor") {
        let from = if at > 0 && kept[at - 1].text == "por" { at - 1 } else { at };
        kept.drain(from..=at);
        // Beside it this is no German noun.
        for word in kept.iter_mut().filter(|word| word.text == "pausen") {
            "pausar".clone_into(&mut word.text);
        }
    }
    if kept.is_empty() {
        return Meaning::Polite;
    }
    let request = opening(Phrase::Request, &kept);
    if asks && request == 0 {
        return match [Phrase::Help, Phrase::Status].iter().find(|phrase| is(**phrase, &kept)) {
            Some(Phrase::Help) => Meaning::Orders(vec![Order::Help], true),
            Some(_) => Meaning::Orders(vec![Order::Status], false),
            None => Meaning::Unknown,
        };
    }
    let first = meaning(sentence, &kept, today);
    if first != Meaning::Unknown {
        return first;
    }
    let mut rest = &kept[request..];
    for _ in 0..3 {
        let greeting = rest
            .first()
            .map_or(0, |word| usize::from(is(Phrase::Greeting, std::slice::from_ref(word))));
        let wish = greeting.max(opening(Phrase::Wish, rest)).max(opening(Phrase::Request, rest));
        if wish == 0 && rest.len() == kept.len() {
            break;
        }
        rest = &rest[wish..];
        let found = meaning(sentence, rest, today);
        if found != Meaning::Unknown || wish == 0 {
            return found;
        }
    }
    Meaning::Unknown
}

/// How many words of the beginning are such a phrase, with something behind them.
fn opening(phrase: Phrase, words: &[Word]) -> usize {
    (1..words.len().min(7)).rev().find(|end| is(phrase, &words[..*end])).unwrap_or(0)
}

fn meaning(sentence: &str, words: &[Word], today: Date) -> Meaning {
    if words.is_empty() {
        return Meaning::Unknown;
    }
    if let Some((order, weak)) = phrase(words).or_else(|| phrase(&bared(words)?)) {
        return Meaning::Orders(vec![order], weak);
    }
    if words.len() <= MOST_WORDS {
        if let Some(found) = with_value(words, today) {
            return found;
        }
        // `um 7 Uhr schicken`: the verb stands behind.
        if let Some((last, before @ [_, ..])) = words.split_last()
            && SENDING.split(' ').any(|verb| verb == last.text)
            && let Some(found) = with_value(before, today)
        {
            return found;
        }
        let text: String = words.iter().map(|word| word.text.as_str()).collect();
        match east::orders(&unkind(&text), today) {
            Some(Ok(orders)) => return Meaning::Orders(orders, false),
            Some(Err(fault)) => return Meaning::Fault(fault),
            None => {}
        }
    }
    match formal::command(sentence, words, today) {
        Some(Ok(orders)) => Meaning::Orders(orders, false),
        Some(Err(fault)) => Meaning::Fault(fault),
        None => Meaning::Unknown,
    }
}

fn phrase(words: &[Word]) -> Option<(Order, bool)> {
    let orders = [
        (Phrase::Unsubscribe, Order::Unsubscribe),
        (Phrase::Subscribe, Order::Subscribe(Vec::new())),
        (Phrase::Confirm, Order::Confirm),
        (Phrase::Pause, Order::Pause(Until::Resumed)),
        (Phrase::Resume, Order::Resume),
        (Phrase::Status, Order::Status),
        (Phrase::Resend, Order::Resend),
        (Phrase::Help, Order::Help),
    ];
    orders.into_iter().find_map(|(phrase, order)| Some((order, said(phrase, words)?)))
}

/// Japanese and Chinese are written without spaces: the one word without what makes it kind.
fn bared(words: &[Word]) -> Option<[Word; 1]> {
    let [word] = words else { return None };
    if word.text.is_ascii() {
        return None;
    }
    Some([Word { text: unkind(&word.text), ..word.clone() }])
}

/// A folded text without the politeness before and behind it.
fn unkind(text: &str) -> String {
    let mut text = text;
    for before in &AFFIXES.0 {
        text = text.strip_prefix(before.as_str()).unwrap_or(text);
    }
    for _ in 0..3 {
        for behind in &AFFIXES.1 {
            text = text.strip_suffix(behind.as_str()).unwrap_or(text);
        }
    }
    text.to_owned()
}

/// A sentence that ends in a span, a day, an hour or a rhythm.
fn with_value(words: &[Word], today: Date) -> Option<Meaning> {
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    let mut fault = None;
    for at in 0..words.len() {
        let (head, tail) = (&words[..at], &texts[at..]);
        // `in two weeks` is when it begins, which nobody can be held to.
        let begins = at > 0 && matches!(texts[at - 1], "in" | "dans");
        match dates::until(tail, today) {
            Some(Ok(_)) if begins && is(Phrase::NoMail, head) => fault = Some(Hint::NoSpan),
            Some(Ok(until)) if at > 0 && is(Phrase::NoMail, head) => {
                return Some(Meaning::Orders(vec![Order::Pause(until)], false));
            }
            Some(Err(said)) if fault.is_none() && at > 0 && is(Phrase::NoMail, head) => {
                fault = Some(said);
            }
            _ => {}
        }
        if let Some(rhythm) = rhythms::rhythm(tail)
            && (at == 0 || is(Phrase::OnDays, head))
        {
            return Some(Meaning::Orders(vec![Order::Rhythm(rhythm)], at == 0));
        }
        // A number alone is an hour only where something says so.
        let is_hour = tail.len() > 1
            || tail[0].contains(|c: char| !c.is_ascii_digit())
            || texts[..at]
                .last()
                .is_some_and(|last| "at to time um om is las".split(' ').any(|word| word == *last));
        let Some(time) = dates::time(tail).filter(|_| is_hour && at > 0) else { continue };
        if is(Phrase::AtTime, head) {
            return Some(Meaning::Orders(vec![Order::Time(time)], false));
        }
        let end = if matches!(texts[at - 1], "at" | "um" | "a" | "om") { at - 1 } else { at };
        for from in 0..end {
            if let Some(rhythm) = rhythms::rhythm(&texts[from..end])
                && (from == 0 || is(Phrase::OnDays, &words[..from]))
            {
                return Some(Meaning::Orders(
                    vec![Order::Rhythm(rhythm), Order::Time(time)],
                    false,
                ));
            }
        }
    }
    fault.map(Meaning::Fault)
}
