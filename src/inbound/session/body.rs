//! What follows DATA, byte by byte (RFC 5321 4.1.1.4, 4.5.2): only CR LF `.` CR LF ends it, dots
//! are unstuffed, and a CR or LF that stands alone, or a NUL, breaks it off. Where two servers
//! disagree about the end of a mail, the second reads a mail that nobody sent (CVE-2023-51764 and
//! its kin); so nothing but the one end is an end, and whatever could be one elsewhere is refused.
//! Never holds more than it was granted.

use std::sync::Arc;

use memchr::memchr3;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What a mail begins with, in octets; it grows by doubling.
const FIRST: usize = 16 * 1024;
/// What one permit of the common memory stands for, in octets.
const UNIT: usize = 1024;
/// The longest line. The standard asks for 1,000 octets with CR LF and to take more where
/// possible (RFC 5321 4.5.3.1.6); real mail programs write whole paragraphs, and whole HTML
/// pages, in one line. What reads mails here copes with any; a line longer than this is no
/// mail program's.
const LONGEST_LINE: usize = 64 * 1024;
/// A mail that is refused at its end anyway is heard out up to so many times the limit.
const PATIENCE: usize = 10;

/// Memory that all sessions share.
#[derive(Clone, Debug)]
pub struct Memory(Arc<Semaphore>);

impl Memory {
    /// So many octets.
    pub fn new(octets: usize) -> Self {
        Self(Arc::new(Semaphore::new((octets / UNIT).min(Semaphore::MAX_PERMITS))))
    }

    /// Whether a mail of this length could be held now.
    pub(super) fn has_room(&self, octets: u64) -> bool {
        let free = self.0.available_permits().saturating_mul(UNIT);
        free as u64 >= octets.max(FIRST as u64)
    }
}

/// Why a mail is not taken, whatever else is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    TooLong,
    LongLine,
    NoMemory,
}

impl Refusal {
    pub(super) fn reply(self) -> &'static str {
        match self {
            Self::TooLong => "552 5.3.4 the mail is too long",
            Self::LongLine => "554 5.6.0 a line is too long",
            Self::NoMemory => "452 4.3.1 too much at once, please try again later",
        }
    }
}

/// What came of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fed {
    /// More must follow.
    More,
    /// The mail has ended.
    End,
    /// What comes cannot be a mail: in words.
    Broken(&'static str),
}

pub(super) const BARE: &str = "554 5.5.2 lines end with CR LF, and neither may stand alone";
pub(super) const NUL: &str = "554 5.5.2 a NUL, which may stand nowhere";

/// Where in a line the next byte stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Start,
    Middle,
    Cr,
    /// Behind a dot at the start.
    Dot,
    DotCr,
}

/// A mail that is coming in.
#[derive(Debug)]
pub(super) struct Body {
    bytes: Vec<u8>,
    at: At,
    line: usize,
    heard: usize,
    most: usize,
    refusal: Option<Refusal>,
    memory: Memory,
    granted: Option<OwnedSemaphorePermit>,
}

impl Body {
    /// An empty one, of at most `most` octets.
    pub(super) fn new(most: usize, memory: Memory) -> Self {
        Self {
            bytes: Vec::new(),
            at: At::Start,
            line: 0,
            heard: 0,
            most,
            refusal: None,
            memory,
            granted: None,
        }
    }

    pub(super) fn refusal(&self) -> Option<Refusal> {
        self.refusal
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Takes bytes off `input` up to the mail's end.
    pub(super) fn feed(&mut self, input: &mut &[u8]) -> Fed {
        let before = input.len();
        let fed = self.read(input);
        self.heard += before - input.len();
        if fed == Fed::More && self.heard > self.most.saturating_mul(PATIENCE) {
            return Fed::Broken(Refusal::TooLong.reply());
        }
        fed
    }

    fn read(&mut self, input: &mut &[u8]) -> Fed {
        while let Some((&next, rest)) = input.split_first() {
            match (self.at, next) {
                (_, 0) => return Fed::Broken(NUL),
                (At::Start, b'.') => self.at = At::Dot,
                (At::Dot, b'\r') => self.at = At::DotCr,
                (At::DotCr, b'\n') => {
                    *input = rest;
                    return Fed::End;
                }
                (At::Cr, b'\n') => {
                    self.push(b"\r\n");
                    self.line = 0;
                    self.at = At::Start;
                }
                (At::Cr | At::DotCr, _) | (_, b'\n') => return Fed::Broken(BARE),
                (At::Start | At::Middle, b'\r') => self.at = At::Cr,
                (At::Start | At::Middle | At::Dot, _) => {
                    *input = self.run(input);
                    continue;
                }
            }
            *input = rest;
        }
        Fed::More
    }

    /// Takes what lies before the next CR, LF or NUL, with the CR LF where it is one.
    fn run<'a>(&mut self, input: &'a [u8]) -> &'a [u8] {
        let length = memchr3(b'\r', b'\n', 0, input).unwrap_or(input.len());
        self.line += length;
        if self.line > LONGEST_LINE {
            self.refuse(Refusal::LongLine);
        }
        let whole = input[length..].starts_with(b"\r\n");
        let length = if whole { length + 2 } else { length };
        self.push(&input[..length]);
        if whole {
            self.line = 0;
            self.at = At::Start;
        } else {
            self.at = At::Middle;
        }
        &input[length..]
    }

    fn push(&mut self, bytes: &[u8]) {
        if self.refusal.is_some() {
            return;
        }
        let wanted = self.bytes.len() + bytes.len();
        if wanted > self.most {
            self.refuse(Refusal::TooLong);
        } else if wanted > self.bytes.capacity() && !self.grow(wanted) {
            self.refuse(Refusal::NoMemory);
        } else {
            self.bytes.extend_from_slice(bytes);
        }
    }

    /// Makes room for `wanted` octets, where the common memory has it.
    fn grow(&mut self, wanted: usize) -> bool {
        let held = self.granted.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let size = (held * UNIT * 2).clamp(FIRST, self.most.max(FIRST)).max(wanted);
        let units = size.div_ceil(UNIT);
        let Ok(more) = u32::try_from(units - held) else { return false };
        let Ok(grant) = Arc::clone(&self.memory.0).try_acquire_many_owned(more) else {
            return false;
        };
        match &mut self.granted {
            Some(granted) => granted.merge(grant),
            None => self.granted = Some(grant),
        }
        self.bytes.reserve_exact(units * UNIT - self.bytes.len());
        true
    }

    /// Gives back what is held; what still comes is passed over.
    fn refuse(&mut self, refusal: Refusal) {
        if self.refusal.is_none() {
            self.refusal = Some(refusal);
            self.bytes = Vec::new();
            self.granted = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(most: usize) -> Body {
        Body::new(most, Memory::new(1 << 20))
    }

    /// What came of `input` in pieces of `step` bytes, what was kept, and what was left over.
    fn read(input: &[u8], step: usize) -> (Fed, Vec<u8>, usize) {
        let mut body = body(1 << 20);
        let mut left = input.len();
        for piece in input.chunks(step) {
            let mut rest = piece;
            let fed = body.feed(&mut rest);
            left -= piece.len() - rest.len();
            if fed != Fed::More {
                return (fed, body.bytes, left);
            }
            assert!(rest.is_empty());
        }
        (Fed::More, body.bytes, left)
    }

    #[test]
    fn dots_are_unstuffed_and_only_one_end_ends() {
        for step in [1, 2, 3, 5, 1000] {
            for (input, wanted) in [
                (".\r\n", ""),
                ("a\r\n.\r\n", "a\r\n"),
                ("..\r\n.\r\n", ".\r\n"),
                (".a\r\n...b\r\n.\r\n", "a\r\n..b\r\n"),
                ("a.\r\n.b.\r\n\r\n.\r\n", "a.\r\nb.\r\n\r\n"),
                ("a\r\n\r\n\r\n.\r\n", "a\r\n\r\n\r\n"),
                ("\r\n.\r\n", "\r\n"),
                ("é\r\n.\r\n", "é\r\n"),
            ] {
                let wanted = (Fed::End, wanted.as_bytes().to_vec(), 0);
                assert_eq!(read(input.as_bytes(), step), wanted, "{input:?} by {step}");
            }
            assert_eq!(read(b"a\r\n.\r\nQUIT\r\n", step).0, Fed::End);
            for input in
                ["", ".", ".\r", "a", "a\r", "a\r\n", "a\r\n.", "a\r\n.\r", "a.\r\n", ".a\r\n"]
            {
                assert_eq!(read(input.as_bytes(), step).0, Fed::More, "{input:?}");
            }
        }
        assert_eq!(read(b"a\r\n.\r\nQUIT\r\n", 1000), (Fed::End, b"a\r\n".to_vec(), 6));
    }

    #[test]
    fn what_others_take_for_an_end_breaks_the_mail_off() {
        for step in [1, 2, 3, 1000] {
            for end in [
                "\n.\n",
                "\n.\r",
                "\r.\n",
                "\r.\r",
                "\n.\r\n",
                "\r.\r\n",
                "\r\n.\n",
                "\r\n.\r\r\n",
                "\r\r\n.\r\n",
                "\r\n\r.\r\n",
                "\r\n.\rx",
                "\n",
                "\rx",
                "\r\n\n",
                "\n\r",
            ] {
                let input = format!("a{end}b\r\n.\r\n");
                assert_eq!(read(input.as_bytes(), step).0, Fed::Broken(BARE), "{end:?} by {step}");
            }
            for end in ["\0", "\r\n\0.\r\n", "\r\n.\0\r\n", "\r\0\n", "\r\n.\r\0\n"] {
                let input = format!("a{end}b\r\n.\r\n");
                assert_eq!(read(input.as_bytes(), step).0, Fed::Broken(NUL), "{end:?} by {step}");
            }
        }
    }

    #[test]
    fn too_much_is_heard_out_and_not_kept() {
        let line = [b'x'; 98];
        let lines = |count: usize| [&line[..], b"\r\n"].concat().repeat(count);
        for (most, input, wanted) in [
            (1000, lines(10), None),
            (999, lines(10), Some(Refusal::TooLong)),
            (1 << 20, vec![b'x'; LONGEST_LINE], None),
            (1 << 20, vec![b'x'; LONGEST_LINE + 1], Some(Refusal::LongLine)),
        ] {
            let mut body = body(most);
            for piece in input.chunks(7) {
                let mut piece = piece;
                assert_eq!(body.feed(&mut piece), Fed::More);
            }
            let end: &[u8] = if input.ends_with(b"\n") { b".\r\n" } else { b"\r\n.\r\n" };
            assert_eq!(body.feed(&mut &*end), Fed::End);
            assert_eq!(body.refusal(), wanted);
            if wanted.is_some() {
                assert_eq!(body.bytes.capacity(), 0);
            }
        }
        let mut body = body(1000);
        let fed: Vec<Fed> = (0..101).map(|_| body.feed(&mut &*lines(1))).collect();
        assert!(fed[..100].iter().all(|fed| *fed == Fed::More));
        assert_eq!(fed[100], Fed::Broken(Refusal::TooLong.reply()));
    }

    #[test]
    fn common_memory_is_granted_and_given_back() {
        let memory = Memory::new(64 * UNIT);
        let mut first = Body::new(1 << 20, memory.clone());
        first.feed(&mut &*b"x\r\n".repeat(10_000));
        assert_eq!((first.bytes.len(), first.refusal), (30_000, None));
        assert_eq!(memory.0.available_permits(), 32);
        assert!(memory.has_room(32 * 1024) && !memory.has_room(32 * 1024 + 1));
        let mut second = Body::new(1 << 20, memory.clone());
        second.feed(&mut &*b"x\r\n".repeat(11_000));
        assert_eq!(second.refusal, Some(Refusal::NoMemory));
        assert_eq!(memory.0.available_permits(), 32);
        drop(first);
        assert_eq!(memory.0.available_permits(), 64);
    }
}
