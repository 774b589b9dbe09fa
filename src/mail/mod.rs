//! Mail: turns words and addresses into the bytes of a message (RFC 5322, MIME) and its
//! envelope. Never sends, never draws a random number and never reads the time: everything
//! that decides the bytes is given, so that a mail made again is the same mail.

mod compose;
mod dkim;
mod encode;
mod headers;
mod incoming;
mod letter;
mod letterhead;
mod name;
mod printable;
mod tame;

pub use compose::{Mould, compose};
pub use dkim::Signer;
pub use incoming::{Incoming, MOST_PARSED};
pub use letter::{ComposeError, Envelope, Form, Kind, Letter, Own, Sender, Stretch};
pub use letterhead::Letterhead;
pub use name::{is_named, name};

#[cfg(test)]
mod tests;
