//! What a mail asks for: commands in its subject or its first lines, in whatever form a mail
//! program gives them. Pure.

use crate::mail::Incoming;
use crate::model::Command;

/// What a mail asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Heard {
    /// What was understood, in order.
    pub commands: Vec<Command>,
    /// What was not: the line, shortened, and the nearest command or what is wrong with it.
    pub unclear: Vec<(String, String)>,
}

/// Reads the commands of a mail.
pub fn hear(_mail: &Incoming<'_>, _today: jiff::civil::Date) -> Heard {
    Heard::default()
}
