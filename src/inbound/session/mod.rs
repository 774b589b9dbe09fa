//! One conversation in SMTP (RFC 5321) or LMTP (RFC 2033), as the client greets: bytes in,
//! replies out. `Session` is pure and can be driven by anything (here its lines and mails, in
//! `commands` what each command does); `talk` drives it over a stream.
//! Takes mail for our own addresses alone, never relays, and never says 250 to a mail before
//! whoever takes it has.

mod body;
mod commands;
mod path;
mod rehearse;
mod reply;
mod talk;
#[cfg(test)]
mod tests;
mod verb;

pub use body::Memory;
pub use rehearse::rehearse;
pub(super) use talk::{Way, talk};

use super::{Accepted, Arrival};
use body::{BARE, Body, Fed, NUL};
use memchr::{memchr, memchr3};
use reply::{put, put_words};
use verb::{Hello, verb};

/// RFC 5321 4.5.3.1.4 asks for 512 octets, and each extension for some more.
const LONGEST_COMMAND: usize = 2048;

/// How much a client may ask for.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Octets of a mail.
    pub mail: usize,
    /// Octets of all mails that come in at the same time.
    pub memory: usize,
    /// Connections at once.
    pub connections: usize,
    /// Of these from one network (IPv4 /24, IPv6 /56), unless it is this machine.
    pub of_network: usize,
    /// Recipients of a mail.
    pub recipients: usize,
    /// Faults between two mails that are taken.
    pub errors: u32,
    /// Commands between two mails that are taken.
    pub commands: u32,
    /// Mails on one connection.
    pub mails: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            mail: 10_000_000,
            memory: 64 << 20,
            connections: 256,
            of_network: 64,
            recipients: 100,
            errors: 10,
            commands: 1_000,
            mails: 100_000,
        }
    }
}

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Read more: the input is used up.
    More,
    /// Step again.
    Again,
    /// A mail is complete: see `arrival`, then `settle` it.
    Mail,
    /// Send what there is to say, shake hands for TLS, and tell `encrypted`.
    Handshake,
    /// Send what there is to say and close.
    Close,
}

/// Where a conversation stands.
#[derive(Debug)]
pub struct Session {
    host: String,
    id: String,
    limits: Limits,
    memory: Memory,
    tls: Tls,
    hello: Option<Hello>,
    /// A line that has not ended yet.
    line: Vec<u8>,
    /// The sender of the mail under way.
    from: Option<String>,
    utf8: bool,
    /// Its recipients, each once, and how often one was taken.
    to: Vec<String>,
    taken: usize,
    body: Option<Body>,
    errors: u32,
    commands: u32,
    mails: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tls {
    None,
    Offered,
    On,
}

impl Session {
    /// A new conversation on `host`, named `id` in the log, with STARTTLS or without.
    pub fn new(host: &str, id: &str, limits: &Limits, memory: Memory, tls: bool) -> Self {
        Self {
            host: host.to_owned(),
            id: id.to_owned(),
            limits: limits.clone(),
            memory,
            tls: if tls { Tls::Offered } else { Tls::None },
            hello: None,
            line: Vec::new(),
            from: None,
            utf8: false,
            to: Vec::new(),
            taken: 0,
            body: None,
            errors: 0,
            commands: 0,
            mails: 0,
        }
    }

    /// The first words. They name both protocols, as the client chooses.
    pub fn greet(&self, out: &mut Vec<u8>) {
        put(out, format_args!("220 {} ESMTP and LMTP", self.host));
    }

    /// Takes one line, or what there is of a mail, off the input and says the answer. `ours`:
    /// whose mail is taken.
    pub fn step(
        &mut self,
        input: &mut &[u8],
        out: &mut Vec<u8>,
        ours: &dyn Fn(&str) -> bool,
    ) -> Next {
        if self.body.is_some() {
            return self.data(input, out);
        }
        let Some(end) = memchr(b'\n', input) else {
            let next = self.unfinished(input, out);
            *input = &[];
            return next;
        };
        let (piece, rest) = input.split_at(end + 1);
        *input = rest;
        if self.line.is_empty() {
            return self.whole(piece, rest, out, ours);
        }
        let mut line = std::mem::take(&mut self.line);
        line.extend_from_slice(piece);
        let next = self.whole(&line, rest, out, ours);
        line.clear();
        self.line = line;
        next
    }

    /// Whether a mail's bytes are coming in.
    pub fn is_in_data(&self) -> bool {
        self.body.is_some()
    }

    /// The mail that is complete.
    pub fn arrival(&self) -> Arrival<'_> {
        let bytes = self.body.as_ref().map_or(&[][..], Body::bytes);
        Arrival { from: self.from.as_deref(), to: &self.to, bytes }
    }

    /// By what name the log knows the mail under way.
    pub fn mail_id(&self) -> String {
        format!("{}-{}", self.id, self.mails)
    }

    /// Says what became of the mail. None: it could not be dealt with.
    pub fn settle(&mut self, accepted: Option<&Accepted>, out: &mut Vec<u8>) {
        match accepted {
            Some(Accepted::Done) => {
                let id = self.mail_id();
                self.verdict(out, |out| put(out, format_args!("250 2.0.0 taken as {id}")));
                (self.errors, self.commands) = (0, 0);
            }
            Some(Accepted::Refused(words)) => {
                self.verdict(out, |out| put_words(out, "550 5.7.1", words));
            }
            None => {
                let words = "451 4.3.0 it could not be dealt with now, please try again later";
                self.verdict(out, |out| put(out, words));
            }
        }
        self.reset();
    }

    /// The handshake is done: everything said before is void (RFC 3207 4.2).
    pub fn encrypted(&mut self) {
        self.tls = Tls::On;
        self.hello = None;
        self.line.clear();
        self.reset();
    }

    /// A line with its LF. `rest`: what was sent behind it.
    fn whole(
        &mut self,
        line: &[u8],
        rest: &[u8],
        out: &mut Vec<u8>,
        ours: &dyn Fn(&str) -> bool,
    ) -> Next {
        let bare = line.strip_suffix(b"\r\n").unwrap_or(line);
        if let Some(fault) = fault(bare) {
            put(out, fault);
            return Next::Close;
        }
        self.commands += 1;
        if self.commands > self.limits.commands {
            put(out, "421 4.7.0 too many commands and no mail");
            return Next::Close;
        }
        match verb(bare) {
            Ok(verb) => self.answer(verb, rest, out, ours),
            Err(reply) => self.refuse(reply, out),
        }
    }

    /// The beginning of a line.
    fn unfinished(&mut self, piece: &[u8], out: &mut Vec<u8>) -> Next {
        self.line.extend_from_slice(piece);
        let whole = self.line.strip_suffix(b"\r").unwrap_or(&self.line);
        match fault(whole) {
            None => Next::More,
            Some(fault) => {
                put(out, fault);
                Next::Close
            }
        }
    }

    fn data(&mut self, input: &mut &[u8], out: &mut Vec<u8>) -> Next {
        let Some(body) = &mut self.body else { return Next::Again };
        match body.feed(input) {
            Fed::More => Next::More,
            Fed::Broken(reply) => {
                self.verdict(out, |out| put(out, reply));
                Next::Close
            }
            Fed::End => {
                self.mails += 1;
                let Some(refusal) = body.refusal() else { return Next::Mail };
                self.verdict(out, |out| put(out, refusal.reply()));
                self.reset();
                Next::Again
            }
        }
    }

    /// One reply to a mail, or in LMTP one for each recipient (RFC 2033 4.2).
    fn verdict(&self, out: &mut Vec<u8>, reply: impl Fn(&mut Vec<u8>)) {
        let replies = if self.hello == Some(Hello::Lhlo) { self.taken } else { 1 };
        (0..replies).for_each(|_| reply(out));
    }

    /// A reply to what should not have been said; the last one where that was too often.
    fn refuse(&mut self, reply: &'static str, out: &mut Vec<u8>) -> Next {
        self.errors += 1;
        if self.errors < self.limits.errors {
            put(out, reply);
            return Next::Again;
        }
        put(out, "421 4.7.0 too many faults");
        Next::Close
    }

    fn reset(&mut self) {
        self.from = None;
        self.utf8 = false;
        self.to.clear();
        self.taken = 0;
        self.body = None;
    }
}

/// What no line may hold, without its CR LF: the first such thing.
fn fault(line: &[u8]) -> Option<&'static str> {
    let head = &line[..line.len().min(LONGEST_COMMAND - 2)];
    match memchr3(b'\r', b'\n', 0, head).map(|at| head[at]) {
        Some(0) => Some(NUL),
        Some(_) => Some(BARE),
        None => (head.len() < line.len()).then_some("500 5.5.2 the line is too long"),
    }
}
