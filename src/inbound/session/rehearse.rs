//! A conversation without a network, with whatever a stranger might say: for fuzzing and for
//! tests of properties. Takes mail and forgets it.

use super::{Limits, Memory, Next, Session};
use crate::inbound::Accepted;

/// Says `input` to a new session, `piece` octets at a time, and gives what it answered. Mail to
/// `…@example.org` is taken, unless it begins with `x`; limits are small, so that they are met.
/// A handshake succeeds at once.
pub fn rehearse(input: &[u8], piece: usize) -> Vec<u8> {
    let small = Limits { mail: 2_000, recipients: 3, commands: 60, mails: 5, ..Limits::default() };
    let mut session = Session::new("host.example", "id", &small, Memory::new(64 * 1024), true);
    let ours = |address: &str| address.ends_with("@example.org");
    let mut out = Vec::new();
    session.greet(&mut out);
    for mut rest in input.chunks(piece.max(1)) {
        while !rest.is_empty() {
            match session.step(&mut rest, &mut out, &ours) {
                Next::More | Next::Again => {}
                Next::Handshake => session.encrypted(),
                Next::Close => return out,
                Next::Mail => {
                    let unwanted = session.arrival().bytes.starts_with(b"x");
                    let refused = || Accepted::Refused("it begins with x".to_owned());
                    let accepted = if unwanted { refused() } else { Accepted::Done };
                    session.settle(Some(&accepted), &mut out);
                }
            }
        }
    }
    out
}
