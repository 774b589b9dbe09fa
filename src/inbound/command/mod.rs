//! What a mail asks for: commands in its subject or its first lines, in whatever form a mail
//! program gives them. Pure. When in doubt nothing is done: what was not understood is said.

mod aside;
mod dates;
mod ear;
mod east;
mod examples;
mod formal;
mod grammar;
mod html;
mod marks;
mod ours;
mod phrases;
mod rhythms;
mod text;
mod tongue;
mod units;
mod wishes;
mod words;

use jiff::civil::Date;

use crate::mail::Incoming;
use crate::model::{Command, Language, Unclear};

pub(super) use examples::examples;
pub(super) use text::{bare_subject, new_lines};
pub(super) use words::fold;

/// Commands that one mail may hold.
pub const MOST_COMMANDS: usize = 20;

/// What a mail asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Heard {
    /// What was understood, in order.
    pub commands: Vec<Command>,
    /// What was not: the line, shortened, and the nearest command or what is wrong with it.
    pub unclear: Vec<Unclear>,
    /// The language in which they were written, where that is sure. The commands themselves are
    /// English in every language and tell nothing.
    pub language: Option<Language>,
}

/// Reads the commands of a mail. `today`: the day on which it came, from which days are
/// counted that are named without a year.
///
/// Only the first 40 lines (8 kB) of what its writer wrote are looked at; what is quoted is not.
/// The subject counts too; that of a reply only where nothing else is written, and where it is
/// nothing but a command.
pub fn hear(mail: &Incoming<'_>, today: Date) -> Heard {
    let message = mail.message();
    if message.parts.is_empty() {
        return Heard::default();
    }
    let mut body = ear::Ear::new(today);
    body.listen(&ours::without(&text::new_lines(message)));
    let (subject, is_reply) = text::bare_subject(message.subject().unwrap_or(""));
    body.with_subject(subject, is_reply).heard()
}
