//! What is said to each command, and what it changes in the conversation. Never reads a line, and
//! never sees a mail's bytes.

use super::body::{Body, Refusal};
use super::reply::put;
use super::verb::{Hello, Mail, Verb};
use super::{Next, Session, Tls};

impl Session {
    pub(super) fn answer(
        &mut self,
        verb: Verb<'_>,
        rest: &[u8],
        out: &mut Vec<u8>,
        ours: &dyn Fn(&str) -> bool,
    ) -> Next {
        let reply = match verb {
            Verb::Hello(hello) => return self.hello(hello, out),
            Verb::Mail(mail) => return self.mail(&mail, out),
            Verb::Rcpt { to } => self.rcpt(&to, ours),
            Verb::Data if self.to.is_empty() => "503 5.5.1 no recipient yet",
            Verb::Data => {
                self.body = Some(Body::new(self.limits.mail, self.memory.clone()));
                "354 go ahead; CR LF . CR LF ends it"
            }
            Verb::Rset => {
                self.reset();
                "250 2.0.0 forgotten"
            }
            Verb::Noop => "250 2.0.0 fine",
            Verb::Vrfy => "252 2.0.0 send mail and see",
            Verb::Help => "214 2.0.0 EHLO HELO LHLO MAIL RCPT DATA RSET NOOP VRFY STARTTLS QUIT",
            Verb::Expn => return self.refuse("502 5.5.1 no lists are told", out),
            Verb::StartTls => return self.starttls(rest, out),
            Verb::Quit => {
                put(out, "221 2.0.0 goodbye");
                return Next::Close;
            }
            // What follows would be read as commands, and is none.
            Verb::Bdat => {
                put(out, "502 5.5.1 CHUNKING is not offered");
                return Next::Close;
            }
            Verb::Http => {
                put(out, "521 5.5.1 mail only");
                return Next::Close;
            }
        };
        put(out, reply);
        Next::Again
    }

    fn hello(&mut self, hello: Hello, out: &mut Vec<u8>) -> Next {
        self.reset();
        self.hello = Some(hello);
        if hello == Hello::Helo {
            put(out, format_args!("250 {}", self.host));
            return Next::Again;
        }
        put(out, format_args!("250-{}", self.host));
        put(out, "250-PIPELINING");
        put(out, "250-8BITMIME");
        put(out, "250-SMTPUTF8");
        if self.tls == Tls::Offered {
            put(out, "250-STARTTLS");
        }
        put(out, format_args!("250-SIZE {}", self.limits.mail));
        put(out, "250 ENHANCEDSTATUSCODES");
        Next::Again
    }

    fn mail(&mut self, mail: &Mail<'_>, out: &mut Vec<u8>) -> Next {
        if self.mails >= self.limits.mails {
            put(out, "421 4.7.0 enough mails for one connection");
            return Next::Close;
        }
        let size = mail.size.unwrap_or(0);
        match self.hello {
            None => return self.refuse("503 5.5.1 say EHLO or LHLO first", out),
            Some(_) if self.from.is_some() => {
                return self.refuse("503 5.5.1 a mail is under way", out);
            }
            Some(Hello::Helo) if mail.parameters => {
                return self.refuse("555 5.5.4 parameters need EHLO", out);
            }
            Some(_) if !mail.utf8 && !mail.from.is_ascii() => {
                return self.refuse("553 5.6.7 this address needs SMTPUTF8", out);
            }
            Some(_) if size > self.limits.mail as u64 => {
                put(out, Refusal::TooLong.reply());
            }
            Some(_) if !self.memory.has_room(size) => put(out, Refusal::NoMemory.reply()),
            Some(_) => {
                self.from = Some(mail.from.clone().into_owned());
                self.utf8 = mail.utf8;
                put(out, "250 2.1.0 sender fine");
            }
        }
        Next::Again
    }

    /// None of these counts as a fault: a mail server passes on what others wrote, many at once.
    fn rcpt(&mut self, to: &str, ours: &dyn Fn(&str) -> bool) -> &'static str {
        if self.from.is_none() {
            return "503 5.5.1 say MAIL first";
        }
        if self.taken >= self.limits.recipients {
            return "452 4.5.3 too many recipients for one mail";
        }
        if !self.utf8 && !to.is_ascii() {
            return "553 5.6.7 this address needs SMTPUTF8";
        }
        if !ours(to) {
            return "550 5.1.1 no such mailbox here";
        }
        self.taken += 1;
        if !self.to.iter().any(|known| known == to) {
            self.to.push(to.to_owned());
        }
        "250 2.1.5 recipient fine"
    }

    fn starttls(&mut self, rest: &[u8], out: &mut Vec<u8>) -> Next {
        match self.tls {
            Tls::None => return self.refuse("502 5.5.1 there is no TLS here", out),
            Tls::On => return self.refuse("503 5.5.1 TLS is on", out),
            Tls::Offered => {}
        }
        if self.from.is_some() || matches!(self.hello, None | Some(Hello::Helo)) {
            return self.refuse("503 5.5.1 say EHLO or LHLO first, and no mail", out);
        }
        // What was sent in the clear must not be taken as said under TLS (CVE-2011-0411).
        if !rest.is_empty() {
            put(out, "554 5.5.1 nothing may follow STARTTLS before the handshake");
            return Next::Close;
        }
        put(out, "220 2.0.0 go ahead");
        Next::Handshake
    }
}
