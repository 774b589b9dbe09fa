//! Commands as we write them, with what follows them; and which of them is nearest to a
//! sentence that is none. Pure.

use std::sync::LazyLock;

use jiff::civil::Date;

use super::grammar::outside_quotes;
use super::phrases::{KIND, PROSE};
use super::words::{Word, fold, words};
use super::{dates, rhythms};
use crate::model::{
    Hint, Language, Lines, Locale, Order, TooManyTopics, Topic, TopicFault, Topics, Zone,
};

static PROSE_WORDS: LazyLock<Vec<String>> =
    LazyLock::new(|| PROSE.split_whitespace().map(fold).collect());

/// Reads a command with its value. None: it does not begin like one.
pub(super) fn command(
    sentence: &str,
    words: &[Word],
    today: Date,
) -> Option<Result<Vec<Order>, Hint>> {
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    let behind = |count: usize| {
        words.get(count.wrapping_sub(1)).map_or("", |word| sentence.get(word.end..).unwrap_or(""))
    };
    match texts.as_slice() {
        ["subscribe" | "subscibe" | "resubscribe", rest @ ..] if !rest.is_empty() => {
            let skip = opening(rest, &["me", "to", "for", "topic", "topics", "the"]);
            Some(subscribed(behind(1 + skip)))
        }
        ["sign", "me", "up", "for", rest @ ..] if !rest.is_empty() && rest.len() < 6 => {
            Some(subscribed(behind(4 + opening(rest, &["the", "topic", "topics", "papers", "on"]))))
        }
        [name, rest @ ..] if SUBSCRIBE_ME.contains(name) && !rest.is_empty() => {
            let skip = opening(rest, &["por", "favor", "svp", "a", "au", "aux", "la", "el", "los"]);
            if rest.len() - skip > 3 || rest.iter().any(|word| OF_OTHERS.contains(word)) {
                return None;
            }
            Some(subscribed(behind(1 + skip)))
        }
        ["thema" | "themen", "hinzufugen", ..]
        | ["ajouter" | "ajoutez", "sujet" | "theme" | "sujets", ..]
        | ["anadir" | "agregar", "tema" | "temas", ..] => {
            Some(topics(behind(2)).map(|all| all.into_iter().map(Order::AddTopic).collect()))
        }
        ["add", rest @ ..] if names_topic(rest) => {
            let skip = opening(
                rest,
                &["a", "an", "the", "new", "my", "topic", "topics", "on", "about", "called"],
            );
            Some(topics(behind(1 + skip)).map(|all| all.into_iter().map(Order::AddTopic).collect()))
        }
        ["topic" | "topics", ..]
            if sentence[words[0].end..].starts_with(':')
                || sentence[words[0].at..words[0].end].ends_with(':') =>
        {
            Some(topics(behind(1)).map(|all| all.into_iter().map(Order::AddTopic).collect()))
        }
        ["remove" | "delete" | "drop", rest @ ..] if names_topic(rest) => {
            let skip =
                opening(rest, &["a", "the", "my", "topic", "topics", "on", "about", "called"]);
            let all = split(behind(1 + skip));
            Some(if all.is_empty() {
                Err(Hint::NameTopicToRemove)
            } else {
                Ok(all.into_iter().map(Order::RemoveTopic).collect())
            })
        }
        ["add", .., "to" | "from", "my" | "the", "topics"] | ["add", .., "to", "topics"] => {
            moved(sentence, words).map(|all| {
                let read = |text: &String| topic(text);
                all.iter().map(read).map(|topic| topic.map(Order::AddTopic)).collect()
            })
        }
        ["remove" | "delete" | "drop", .., "from", "my" | "the", "topics"] => {
            moved(sentence, words).map(|all| Ok(all.into_iter().map(Order::RemoveTopic).collect()))
        }
        ["unsubscribe" | "remove", ..] if sentence.contains('@') => Some(Err(Hint::EndsOwn)),
        ["add" | "follow", rest @ ..] if (1..5).contains(&rest.len()) && rest[0] != "me" => {
            Some(Err(Hint::Perhaps(format!("add topic {}", behind(1).trim()))))
        }
        ["pause" | "snooze" | "suspend", rest @ ..] => Some(match dates::until(rest, today) {
            Some(until) => until.map(|until| vec![Order::Pause(until)]),
            None => Err(Hint::NoSpan),
        }),
        ["set" | "change", rest @ ..] => {
            let skip = opening(rest, &["my", "the", "delivery"]);
            setting(&texts[1 + skip..], &|count| behind(1 + skip + count), true)
        }
        ["my", rest @ ..] => setting(rest, &|count| behind(1 + count), false),
        _ => setting(&texts, &behind, false),
    }
}

/// `subscribe me` in one word, with topics behind it.
const SUBSCRIBE_ME: [&str; 4] = ["suscribanme", "suscribeme", "suscribame", "abonnezmoi"];
/// What is somebody's is no topic.
const OF_OTHERS: [&str; 14] = [
    "su", "sus", "tu", "tus", "mi", "mis", "nuestro", "nuestra", "canal", "votre", "vos", "ta",
    "mon", "que",
];

fn names_topic(words: &[&str]) -> bool {
    words.iter().take(3).any(|word| matches!(*word, "topic" | "topics"))
}

/// How many of the first words are among these.
fn opening(words: &[&str], known: &[&str]) -> usize {
    words.iter().take_while(|word| known.contains(word)).count()
}

/// `set time …`, `set zone …`, `set rhythm …`, `set lines …`. `is_set`: it opens with `set`, so that what
/// cannot be read is a slip and no talk.
fn setting<'a>(
    texts: &[&str],
    behind: &dyn Fn(usize) -> &'a str,
    is_set: bool,
) -> Option<Result<Vec<Order>, Hint>> {
    let (key, count) = match texts {
        ["zone" | "timezone" | "tz" | "zeitzone" | "fuseau", ..] => ("zone", 1),
        ["time", "zone", ..] => ("zone", 2),
        ["time" | "hour" | "uhrzeit", ..] => ("time", 1),
        ["rhythm" | "frequency" | "schedule" | "cadence", ..] => ("rhythm", 1),
        ["language" | "lang" | "locale" | "sprache" | "langue" | "idioma", ..] => ("language", 1),
        ["lines" | "line", ..] if is_set => ("lines", 1),
        [other, ..] if is_set => {
            let near = ["time", "zone", "rhythm", "language", "lines"]
                .into_iter()
                .min_by_key(|key| strsim::damerau_levenshtein(key, other))
                .filter(|key| strsim::damerau_levenshtein(key, other) <= 2);
            return Some(Err(match near {
                Some(key) => Hint::Perhaps(format!("set {key}")),
                None => Hint::Settable,
            }));
        }
        _ => return None,
    };
    let skip = opening(&texts[count..], &["to", "is", "at", "as", "on"]);
    let value = &texts[count + skip..];
    let fault = |hint: Hint| is_set.then_some(Err(hint));
    match key {
        "time" => match dates::time(value) {
            Some(time) => Some(Ok(vec![Order::Time(time)])),
            None => fault(Hint::NoTime),
        },
        "rhythm" => match rhythms::rhythm(value) {
            Some(rhythm) => Some(Ok(vec![Order::Rhythm(rhythm)])),
            None => fault(Hint::NoRhythm),
        },
        "language" => match language(behind(count + skip)) {
            Some(locale) => Some(Ok(vec![Order::Language(locale)])),
            None => fault(Hint::NoLanguage),
        },
        "lines" => match behind(count + skip).trim_matches(['.', '!', '"', ' ']).parse::<Lines>() {
            Ok(lines) if !value.is_empty() => Some(Ok(vec![Order::Lines(lines)])),
            _ => fault(Hint::NoLines),
        },
        _ if value.is_empty() => fault(Hint::NameZone),
        _ if value.len() > 4 && !is_set => None,
        _ => match zone(behind(count + skip)) {
            // `zone defence` is talk.
            Err(_) if !is_set && texts.len() > 2 + skip => None,
            read => Some(read.map(|zone| vec![Order::Zone(zone)])),
        },
    }
}

/// A language by its tag, or by its name in one of them.
fn language(text: &str) -> Option<Locale> {
    let text = text.trim_matches(|c: char| !c.is_alphanumeric());
    text.parse().ok().or_else(|| Language::called(text).map(Locale::from))
}

/// A zone by its name, or by the name of its city.
fn zone(text: &str) -> Result<Zone, Hint> {
    let text = text.trim_matches(|c: char| !c.is_alphanumeric());
    let name: String =
        text.split_whitespace().collect::<Vec<_>>().join("_").chars().take(40).collect();
    let is_name = |c: char| c.is_ascii_alphanumeric() || "/_+-".contains(c);
    if name.chars().all(is_name)
        && let Ok(zone) = name.parse()
    {
        return Ok(zone);
    }
    let wanted = fold(&name).replace('-', "_");
    let city = |zone: &str| zone.rsplit('/').next().unwrap_or(zone).to_lowercase();
    let mut known: Vec<String> = jiff::tz::db()
        .available()
        .map(|zone| zone.as_str().to_owned())
        .filter(|zone| zone.contains('/') && !zone.starts_with("Etc/"))
        .collect();
    known.sort_unstable();
    let mut cities = known.iter().filter(|zone| city(zone) == wanted);
    if let (Some(only), None) = (cities.next(), cities.next())
        && let Ok(zone) = only.parse()
    {
        return Ok(zone);
    }
    let distance = |zone: &String| {
        strsim::damerau_levenshtein(&zone.to_lowercase(), &wanted)
            .min(strsim::damerau_levenshtein(&city(zone), &wanted))
    };
    let nearest = known.iter().map(|zone| (distance(zone), zone)).min();
    let shown: String = text.chars().take(40).collect();
    let near = nearest.filter(|(far, _)| *far <= wanted.len() / 3).map(|(_, zone)| zone.clone());
    Err(Hint::NoZone(shown, near))
}

/// `subscribe` with what follows.
fn subscribed(text: &str) -> Result<Vec<Order>, Hint> {
    let text = without_plea(text);
    let bare = !text.contains(['"', '“', '„', '«']);
    if bare && text.contains('@') {
        return Err(Hint::BeginsOwn);
    }
    let formal = !bare || text.contains(['(', ':', '=']);
    if !formal {
        let long = |part: &&str| words(part).len() > 6;
        let talks = words(text).iter().any(|word| PROSE_WORDS.contains(&word.text));
        if talks || outside_quotes(text, &[",", ";"]).iter().any(long) {
            return Err(Hint::SubscribeAlone);
        }
    }
    let first = text.trim_start_matches([':', ' ']).split_whitespace().next().unwrap_or("");
    if NO_TOPIC.contains(&first.to_lowercase().as_str()) {
        return Err(Hint::SubscribeAlone);
    }
    if is_plain(text) {
        let parts = outside_quotes(text, AND);
        // `subscribe robotics and set time 07:30`: the caller parts them.
        if parts.iter().skip(1).any(|part| is_verb(part)) {
            return Err(Hint::SubscribeAlone);
        }
        return Ok(vec![Order::Subscribe(topics(&parts.join(", "))?)]);
    }
    Ok(vec![Order::Subscribe(topics(text)?)])
}

/// Topics without the kind word behind them.
fn without_plea(text: &str) -> &str {
    const KIND_ENDS: [&str; 6] = ["please", "thanks", "thank you", "bitte", "merci", "gracias"];
    let text = text.trim_end_matches([' ', '.', '!']);
    let low = text.to_lowercase();
    let end = KIND_ENDS
        .iter()
        .find(|end| low.strip_suffix(**end).is_some_and(|rest| rest.ends_with([' ', ','])));
    match end.filter(|_| low.len() == text.len()) {
        Some(end) => text[..text.len() - end.len()].trim_end_matches([' ', ',']),
        None => text,
    }
}

/// What binds topics that are named in words; to `model::Topic` it would be one word more.
const AND: &[&str] = &[" and ", " und ", " et ", " y ", " & "];

/// How something begins that is no topic: `subscribe in German`, `at 7am`, `weekly`.
const NO_TOPIC: [&str; 24] = [
    "in",
    "at",
    "on",
    "by",
    "via",
    "from",
    "with",
    "without",
    "all",
    "everything",
    "weekly",
    "daily",
    "monthly",
    "for",
    "free",
    "again",
    "another",
    "al",
    "del",
    "otra",
    "otro",
    "de",
    "sin",
    "gratis",
];

/// Words alone, or in quotation marks, with nothing else of the language of topics.
fn is_plain(text: &str) -> bool {
    let text = text.trim_start_matches([':', ' ']);
    !text.contains(['“', '„', '«', '(', ')', ':', '=', '<', '>', '*'])
        && !text.split_whitespace().any(|word| word == "OR" || word.starts_with('-'))
}

fn is_verb(part: &str) -> bool {
    let first = part.split_whitespace().next().unwrap_or("").to_lowercase();
    ["set", "pause", "add", "remove", "send", "make", "confirm", "resume", "unsubscribe"]
        .contains(&first.as_str())
}

fn topics(text: &str) -> Result<Vec<Topic>, Hint> {
    let all = split(text);
    if all.is_empty() {
        return Err(Hint::NameTopic);
    }
    if all.len() > Topics::MOST {
        return Err(Hint::TooManyTopics(TooManyTopics(all.len())));
    }
    all.iter().map(|text| topic(text)).collect()
}

fn topic(text: &str) -> Result<Topic, Hint> {
    let short = || text.chars().take(60).collect();
    text.parse().map_err(|fault: TopicFault| Hint::Topic(short(), fault))
}

/// Topics are parted by commas and semicolons, outside quotation marks.
fn split(text: &str) -> Vec<String> {
    let kind = |word: &str| KIND.split_whitespace().any(|kind| fold(kind) == fold(word));
    outside_quotes(text, &[",", ";", "，", "、"])
        .into_iter()
        .map(|part| {
            let part = part.trim_matches([' ', ':', '.', '!', '\t', '=']);
            let part = part.strip_prefix("and ").unwrap_or(part);
            let mut kept: Vec<&str> = part.split_whitespace().collect();
            while kept.last().is_some_and(|last| kind(last)) {
                kept.pop();
            }
            kept.join(" ")
        })
        .filter(|part| !part.is_empty())
        .collect()
}

/// `add … to my topics`: what stands between.
fn moved(sentence: &str, all: &[Word]) -> Option<Vec<String>> {
    let to = all.iter().rposition(|word| matches!(word.text.as_str(), "to" | "from"))?;
    let (first, last) = (all.first()?, all.get(to)?);
    let parts = split(sentence.get(first.end..last.at)?);
    (!parts.is_empty()).then_some(parts)
}

/// Words that show which command a sentence is about.
const ABOUT: [(&str, &str); 22] = [
    ("unsubscri", "unsubscribe"),
    ("unsuscri", "unsubscribe"),
    ("abmeld", "unsubscribe"),
    ("desabonn", "unsubscribe"),
    ("desinscri", "unsubscribe"),
    ("abbestell", "unsubscribe"),
    ("optout", "unsubscribe"),
    ("subscri", "subscribe"),
    ("pause", "pause 2 weeks"),
    ("pausing", "pause 2 weeks"),
    ("vacation", "pause 2 weeks"),
    ("holiday", "pause 2 weeks"),
    ("resume", "resume"),
    ("confirm", "confirm"),
    ("topic", "add topic \"flow matching\""),
    ("rhythm", "set rhythm weekdays"),
    ("weekly", "set rhythm weekly"),
    ("daily", "set rhythm daily"),
    ("timezone", "set zone Europe/Paris"),
    ("status", "status"),
    ("resend", "resend"),
    ("remove", "unsubscribe"),
];

/// Slips of these are seen by their letters.
const NAMES: [(&str, &str); 8] = [
    ("unsubscribe", "unsubscribe"),
    ("subscribe", "subscribe"),
    ("confirm", "confirm"),
    ("pause", "pause 2 weeks"),
    ("resume", "resume"),
    ("status", "status"),
    ("resend", "resend"),
    ("help", "help"),
];

/// The command that a sentence is nearest to, and whether it looks like a try at it.
pub(super) fn nearest(words: &[Word]) -> Option<(&'static str, bool)> {
    let near = |word: &Word| {
        let far = |name: &str| strsim::damerau_levenshtein(name, &word.text);
        let within = |name: &str| if name.len() > 5 { 2 } else { 1 };
        NAMES
            .iter()
            .filter(|(name, _)| {
                word.text.len() < 20 && word.text.len() > 2 && far(name) <= within(name)
            })
            .min_by_key(|(name, _)| far(name))
            .map(|(_, command)| *command)
    };
    let about = |word: &Word| {
        ABOUT.iter().find(|(stem, _)| word.text.starts_with(stem)).map(|(_, command)| *command)
    };
    // `how do I get off this list?`
    let has = |text: &str| words.iter().any(|word| word.text == text);
    if has("off") && (has("list") || has("lists") || has("newsletter")) {
        return Some(("unsubscribe", false));
    }
    let first = words.iter().find(|word| !KIND.split_whitespace().any(|kind| kind == word.text));
    let tried = first.and_then(|word| about(word).or_else(|| near(word)));
    match tried {
        Some(command) => Some((command, words.len() < 7)),
        None => words.iter().find_map(about).map(|command| (command, false)),
    }
}
