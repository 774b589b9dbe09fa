//! What answers to mails say, as facts; their words are `render`'s. A stranger's own words are
//! repeated to nobody but a reader who is proved to have written them: else anybody could have us
//! mail anything to anybody. Pure.

use super::command::examples;
use crate::model::{
    Answer, Command, EmailAddress, Hint, Locale, Opening, Order, Said, Setting, Unclear,
};
use crate::store::Subscriber;

/// An answer, and whose it is.
#[derive(Debug)]
pub(super) struct Words {
    /// To whom.
    pub(super) to: EmailAddress,
    /// Their row, if they are a subscriber; else 0.
    pub(super) subscriber: i64,
    /// By what it is counted.
    pub(super) kind: String,
    /// In which language.
    pub(super) locale: Locale,
    /// What it says.
    pub(super) answer: Answer,
    /// The commands that wait for a yes, as JSON, if it asks for one.
    pub(super) orders: Option<String>,
}

impl Words {
    /// With what can be written, and where to.
    pub(super) fn with_help(mut self, inbound: Option<&EmailAddress>) -> Self {
        self.answer.help = examples(self.locale.language());
        self.answer.write_to = inbound.map_or_else(String::new, ToString::to_string);
        self
    }
}

/// To a reader, in their language.
fn to_reader(reader: &Subscriber, locale: Locale, kind: &str, answer: Answer) -> Words {
    let answer = Answer { iso_dates: reader.preferences.iso_dates, ..answer };
    let kind = kind.to_owned();
    Words { to: reader.email.clone(), subscriber: reader.id, kind, locale, answer, orders: None }
}

/// To somebody who may be anybody.
fn to_stranger(to: &EmailAddress, locale: Locale, kind: &str, opening: Opening) -> Words {
    let answer = Answer { opening, ..Answer::default() };
    Words { to: to.clone(), subscriber: 0, kind: kind.to_owned(), locale, answer, orders: None }
}

/// What was done for a reader, and what is in force now.
pub(super) fn done(
    reader: &Subscriber,
    locale: Locale,
    said: Vec<Said>,
    settings: Vec<Setting>,
    kind: &str,
) -> Words {
    let opening = if said.is_empty() { Opening::Standing } else { Opening::Done };
    to_reader(reader, locale, kind, Answer { opening, said, settings, ..Answer::default() })
}

/// Asks whether the reader meant it.
pub(super) fn ask(reader: &Subscriber, locale: Locale, commands: &[Command], kind: &str) -> Words {
    let asked = commands.iter().map(plain).collect();
    // Each wish for itself: a forged one must not use up the place of a true one.
    let kind = format!("ask {kind}");
    let words = to_reader(reader, locale, &kind, Answer { asked, ..Answer::default() });
    Words { orders: serde_json::to_string(commands).ok(), ..words }
}

/// A command in our words. A topic is left out unless it is a few plain words: it was written by
/// anybody, and the page behind the button shows it whole.
fn plain(command: &Command) -> Command {
    let is_plain = command.words.chars().count() <= 50
        && command.words.chars().all(|c| c.is_alphabetic() || " -\"".contains(c));
    let words = match &command.order {
        Order::AddTopic(_) if !is_plain => "add topic",
        Order::RemoveTopic(_) if !is_plain => "remove topic",
        _ => command.words.as_str(),
    };
    Command { order: command.order.clone(), words: words.to_owned() }
}

/// What can be written.
pub(super) fn help(to: &EmailAddress, locale: Locale, inbound: Option<&EmailAddress>) -> Words {
    to_stranger(to, locale, "help", Opening::Help).with_help(inbound)
}

/// There is nothing that could be changed for this address.
pub(super) fn no_reader(to: &EmailAddress, locale: Locale) -> Words {
    to_stranger(to, locale, "no-reader", Opening::NoReader)
}

/// The yes came too late, or was said to nothing that we asked.
pub(super) fn too_late(to: &EmailAddress, locale: Locale) -> Words {
    to_stranger(to, locale, "too-late", Opening::TooLate)
}

/// What was not understood; their own words only to whoever is proved to have written them.
pub(super) fn unclear(found: &[Unclear], proved: bool) -> Vec<Unclear> {
    if proved {
        return found.iter().take(10).cloned().collect();
    }
    let hidden = |_: &Unclear| Unclear { line: String::new(), hint: Hint::Unknown };
    found.iter().take(1).map(hidden).collect()
}
