//! The words of answers to mails. A stranger's own words are repeated to nobody but a reader who
//! is proved to have written them: else anybody could have us mail anything to anybody. Pure.

use crate::model::{Command, EmailAddress, Order};
use crate::render::{AnswerWords, HelpLine, Unclear};
use crate::store::Subscriber;

/// An answer.
#[derive(Debug)]
pub(super) struct Words {
    /// To whom.
    pub(super) to: EmailAddress,
    /// Their row, if they are a subscriber; else 0.
    pub(super) subscriber: i64,
    /// By what it is counted.
    pub(super) kind: String,
    /// What it says.
    pub(super) said: AnswerWords,
    /// The commands that wait for a yes, as JSON, if it asks for one.
    pub(super) orders: Option<String>,
}

/// What can be written, and what it does.
pub(super) const HELP: [HelpLine; 13] = [
    line(
        "subscribe",
        "begin; with topics behind it, only papers of these: subscribe robotics, \"flow matching\"",
    ),
    line("unsubscribe", "no more mail"),
    line("pause 2 weeks", "no digests for a while; also: pause until 2026-12-24"),
    line("resume", "digests again"),
    line("set time 07:30", "the hour of your digests"),
    line("set rhythm weekdays", "the days: daily, weekdays, weekly:mon, monthly:1"),
    line("set zone Europe/Paris", "your clock"),
    line("set language de", "the language of your mails: en, de, fr, es, ja, zh"),
    line("set lines rising, trend", "what comes beside the papers: rising, trend, quiet or none"),
    line("add topic \"flow matching\"", "papers of this topic too"),
    line("remove topic robotics", "no longer of this one"),
    line("resend", "your last digest once more"),
    line("status", "what is in force now"),
];

const fn line(words: &'static str, does: &'static str) -> HelpLine {
    HelpLine { words, does }
}

/// What was done for a reader, and what is in force now.
pub(super) fn done(
    reader: &Subscriber,
    said: Vec<String>,
    settings: Vec<String>,
    kind: &str,
) -> Words {
    let (subject, heading) = if said.is_empty() {
        ("your subscription", "Your subscription")
    } else {
        ("done", "Your mail was read")
    };
    let said = AnswerWords {
        subject: subject.to_owned(),
        heading: heading.to_owned(),
        done: said,
        settings,
        ..AnswerWords::default()
    };
    let kind = kind.to_owned();
    Words { to: reader.email.clone(), subscriber: reader.id, kind, said, orders: None }
}

/// Asks whether the reader meant it.
pub(super) fn ask(reader: &Subscriber, commands: &[Command], kind: &str) -> Words {
    let said = AnswerWords { done: commands.iter().map(plain).collect(), ..AnswerWords::default() };
    Words {
        to: reader.email.clone(),
        subscriber: reader.id,
        // Each wish for itself: a forged one must not use up the place of a true one.
        kind: format!("ask {kind}"),
        said,
        orders: serde_json::to_string(commands).ok(),
    }
}

/// A command in our words. A topic is left out unless it is a few plain words: it was written by
/// anybody, and the page behind the button shows it whole.
fn plain(command: &Command) -> String {
    let is_plain = command.words.chars().count() <= 50
        && command.words.chars().all(|c| c.is_alphabetic() || " -\"".contains(c));
    match &command.order {
        Order::AddTopic(_) if !is_plain => "add a topic".to_owned(),
        Order::RemoveTopic(_) if !is_plain => "remove a topic".to_owned(),
        _ => command.words.clone(),
    }
}

/// What can be written.
pub(super) fn help(to: &EmailAddress, subscriber: i64, inbound: Option<&EmailAddress>) -> Words {
    let said = AnswerWords {
        subject: "what you can write".to_owned(),
        heading: "What you can write".to_owned(),
        help: HELP.to_vec(),
        write_to: write_to(inbound),
        ..AnswerWords::default()
    };
    Words { to: to.clone(), subscriber, kind: "help".to_owned(), said, orders: None }
}

/// There is nothing that could be changed for this address.
pub(super) fn no_reader(to: &EmailAddress, inbound: Option<&EmailAddress>) -> Words {
    let said = "This address has no subscription. If your digests go to another one, write from \
                there; to begin here, write “subscribe”.";
    let said = AnswerWords {
        subject: "this address has no subscription".to_owned(),
        heading: "No subscription".to_owned(),
        done: vec![said.to_owned()],
        write_to: write_to(inbound),
        ..AnswerWords::default()
    };
    Words { to: to.clone(), subscriber: 0, kind: "no-reader".to_owned(), said, orders: None }
}

/// The yes came too late, or was said to nothing that we asked.
pub(super) fn too_late(to: &EmailAddress, inbound: Option<&EmailAddress>) -> Words {
    let said = "What you said yes to is too old, or was done before. Write once more what you \
                want; “subscribe” begins a subscription.";
    let said = AnswerWords {
        subject: "please write once more".to_owned(),
        heading: "Too late".to_owned(),
        done: vec![said.to_owned()],
        write_to: write_to(inbound),
        ..AnswerWords::default()
    };
    Words { to: to.clone(), subscriber: 0, kind: "too-late".to_owned(), said, orders: None }
}

/// What was not understood; their own words only to whoever is proved to have written them.
pub(super) fn unclear(found: &[(String, String)], proved: bool) -> Vec<Unclear> {
    let one = |(line, hint): &(String, String)| {
        if proved {
            return Unclear { line: line.clone(), hint: hint.clone() };
        }
        Unclear { line: String::new(), hint: "a line of your mail is nothing that we know".into() }
    };
    found.iter().take(if proved { 10 } else { 1 }).map(one).collect()
}

/// The mailbox that commands go to.
pub(super) fn write_to(inbound: Option<&EmailAddress>) -> String {
    inbound.map_or_else(String::new, ToString::to_string)
}
