//! Mails over an open SMTP connection, spoken by lettre. Where the relay takes PIPELINING
//! (RFC 2920) a mail's MAIL, RCPT and DATA go in one; where it is known to read on, they ride
//! with the end of the mail before, so that a mail costs one round trip; elsewhere each waits
//! for its answer. Every owed reply is read in
//! order. Opens nothing (see `open`) and decides nothing about deliveries.

use std::fmt::{self, Write as _};
use std::sync::Arc;
use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::extension::Extension;
use lettre::transport::smtp::response::Response;
use tokio::time::timeout;

use super::compose::Composed;
use super::outcome::{Said, Stage, line, of_fault, of_silence, sent};
use super::stream::Ledger;
use crate::mail::Envelope;
use crate::model::Outcome;

/// Mails on one connection before it is made anew.
const MAILS: u32 = 1_000;
/// RFC 5321 4.5.3.2: 5 minutes for commands, 10 after the final dot.
const COMMAND: Duration = Duration::from_secs(5 * 60);
const FINAL_DOT: Duration = Duration::from_secs(10 * 60);

/// An open connection, past its greeting and login.
pub(super) struct Wire {
    smtp: AsyncSmtpConnection,
    ledger: Arc<Ledger>,
    pipelining: bool,
    reads_on: bool,
    utf8: bool,
    mails: u32,
    /// A transaction was begun that must be taken back before the next.
    stale: bool,
    /// MAIL, RCPT and DATA are said and their replies owed.
    said: bool,
}

/// Why a mail's envelope was not taken.
type Refused = Box<Said>;

/// A fault with the stage in which it came.
struct Fault {
    stage: Stage,
    /// None: no answer in time.
    error: Option<Error>,
}

impl Wire {
    pub(super) fn new(smtp: AsyncSmtpConnection, ledger: Arc<Ledger>) -> Self {
        let offers = |feature| smtp.server_info().supports_feature(feature);
        let (pipelining, utf8) = (ledger.pipelining(), offers(Extension::SmtpUtfEight));
        let reads_on = ledger.reads_on();
        Self { smtp, ledger, pipelining, reads_on, utf8, mails: 0, stale: false, said: false }
    }

    /// Whether no mail went over it yet: what goes wrong is not its age.
    pub(super) fn is_fresh(&self) -> bool {
        self.mails == 0
    }

    /// Whether it has carried as many mails as it may.
    pub(super) fn is_spent(&self) -> bool {
        self.mails >= MAILS
    }

    /// Has the relay take the envelope: after this the mail itself may follow.
    pub(super) async fn offer(&mut self, envelope: &Envelope) -> Result<(), Refused> {
        if envelope.needs_utf8() && !self.utf8 {
            // 5.6.7: RFC 6531 4.3.
            let words = "550 5.6.7 the address needs SMTPUTF8, which the relay does not offer";
            return Err(Box::new(Said::of(Outcome::Failed(words.to_owned()), true)));
        }
        if !self.pipelining {
            return self.ask(envelope).await;
        }
        if !self.said {
            let text = Commands { envelope, reset: self.stale };
            let replies = text.replies();
            let first = self.say(Stage::Mail, &text, replies).await;
            return self.answers(first).await;
        }
        self.said = false;
        let first = self.hear(Stage::Mail).await;
        self.answers(first).await
    }

    /// Sends the mail whose envelope was taken. Where the relay takes it, `next`'s envelope
    /// is offered along.
    /// Gives the mail's buffer back, for another one.
    pub(super) async fn deliver(
        &mut self,
        mail: Composed,
        next: Option<&Envelope>,
    ) -> (Said, String) {
        let next = next.filter(|next| self.reads_on && (self.utf8 || !next.needs_utf8()));
        let next = next.map(|envelope| Commands { envelope, reset: false });
        let before = self.ledger.written();
        let replies = 1 + next.as_ref().map_or(0, Commands::replies);
        self.ledger.announce(replies);
        self.said = next.is_some();
        let (text, length) = whole(mail.message, next.as_ref());
        self.ledger.say(text);
        // What lettre says here never leaves: the text does in its place.
        let answer = timeout(FINAL_DOT, self.smtp.command("\r\n")).await;
        let buffer = self.ledger.buffer();
        self.mails += 1;
        let fault = match answer {
            Ok(Ok(reply)) if reply.code().is_positive() && !reply.has_code(354) => {
                return (sent(&reply), buffer);
            }
            Ok(Ok(_)) | Err(_) => None,
            Ok(Err(error)) => Some(error),
        };
        // Before the final dot has left, the relay cannot have taken it (RFC 5321 4.1.1.4).
        let left = self.ledger.written() - before >= length;
        let said = match fault {
            Some(error) => of_fault(Stage::Body { left }, &error),
            None => of_silence(Stage::Body { left }),
        };
        (said, buffer)
    }

    /// Says goodbye, without waiting for long.
    pub(super) async fn close(mut self) {
        let _ = timeout(Duration::from_secs(2), self.smtp.quit()).await;
    }

    /// One command after the other, each after the answer to the one before.
    async fn ask(&mut self, envelope: &Envelope) -> Result<(), Refused> {
        if std::mem::take(&mut self.stale) {
            self.say(Stage::Mail, "RSET\r\n", 1).await.map_err(|fault| fault.last())?;
        }
        let commands = Commands { envelope, reset: false };
        self.say(Stage::Mail, Mail(envelope), 1).await.map_err(Fault::verdict)?;
        self.stale = true;
        self.say(Stage::Recipient, format!("RCPT TO:<{}>\r\n", commands.envelope.to), 1)
            .await
            .map_err(Fault::verdict)?;
        let data = self.say(Stage::Recipient, "DATA\r\n", 1).await.map_err(Fault::verdict)?;
        self.begun(&data)
    }

    /// Reads the answers to [`Commands`], of which `first` is the first.
    async fn answers(&mut self, first: Result<Response, Fault>) -> Result<(), Refused> {
        let mail = if std::mem::take(&mut self.stale) {
            first.map_err(|fault| fault.last())?;
            self.hear(Stage::Mail).await
        } else {
            first
        };
        // The first fault is the one that counts; the replies after it are read all the same.
        let mut wrong: Option<Fault> = None;
        for (stage, answer) in [(Stage::Mail, Some(mail)), (Stage::Recipient, None)] {
            let answer = match answer {
                Some(answer) => answer,
                None => self.hear(stage).await,
            };
            if let Err(fault) = answer {
                if !fault.goes_on() {
                    return Err(wrong.unwrap_or(fault).last());
                }
                wrong.get_or_insert(fault);
            }
        }
        self.stale = true;
        let data = self.hear(Stage::Recipient).await;
        match (wrong, data) {
            (None, Ok(data)) => self.begun(&data),
            (None, Err(fault)) => Err(fault.verdict()),
            (Some(wrong), Err(fault)) if fault.goes_on() => Err(wrong.verdict()),
            (Some(wrong), Err(_)) => Err(wrong.last()),
            (Some(wrong), Ok(_)) => {
                // 354 for nobody: a lone dot ends it, whatever the answer (RFC 2920 3.1).
                match self.say(Stage::Recipient, ".\r\n", 1).await {
                    Err(fault) if !fault.goes_on() => Err(wrong.last()),
                    _ => {
                        self.stale = false;
                        Err(wrong.verdict())
                    }
                }
            }
        }
    }

    /// The answer to DATA when all before it was well.
    fn begun(&mut self, data: &Response) -> Result<(), Refused> {
        // Anything else and the mail's lines would be read as commands.
        if data.has_code(354) {
            self.stale = false;
            return Ok(());
        }
        let words = line(&format!("{} in answer to DATA, where 354 belongs", data.code()));
        Err(Box::new(Said::of(Outcome::Deferred(words), false)))
    }

    async fn say(
        &mut self,
        stage: Stage,
        text: impl fmt::Display,
        replies: u32,
    ) -> Result<Response, Fault> {
        self.ledger.announce(replies);
        match timeout(COMMAND, self.smtp.command(text)).await {
            Ok(Ok(reply)) => Ok(reply),
            Ok(Err(error)) => Err(Fault { stage, error: Some(error) }),
            Err(_) => Err(Fault { stage, error: None }),
        }
    }

    async fn hear(&mut self, stage: Stage) -> Result<Response, Fault> {
        match timeout(COMMAND, self.smtp.read_response()).await {
            Ok(Ok(reply)) => Ok(reply),
            Ok(Err(error)) => Err(Fault { stage, error: Some(error) }),
            Err(_) => Err(Fault { stage, error: None }),
        }
    }
}

impl Fault {
    /// Whether it is an answer after which the conversation goes on.
    fn goes_on(&self) -> bool {
        self.error.as_ref().and_then(Error::status).is_some_and(|code| u16::from(code) != 421)
    }

    fn verdict(self) -> Refused {
        Box::new(match &self.error {
            Some(error) => of_fault(self.stage, error),
            None => of_silence(self.stage),
        })
    }

    /// The verdict where the connection is over with it.
    fn last(self) -> Refused {
        let mut said = self.verdict();
        said.goes_on = false;
        said
    }
}

/// MAIL, RCPT and DATA in one go.
struct Commands<'a> {
    envelope: &'a Envelope,
    reset: bool,
}

impl Commands<'_> {
    fn replies(&self) -> u32 {
        3 + u32::from(self.reset)
    }
}

impl fmt::Display for Commands<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.reset {
            f.write_str("RSET\r\n")?;
        }
        write!(f, "{}RCPT TO:<{}>\r\nDATA\r\n", Mail(self.envelope), self.envelope.to)
    }
}

/// RFC 5321 4.1.1.2, RFC 6531 3.4.
struct Mail<'a>(&'a Envelope);

impl fmt::Display for Mail<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let utf8 = if self.0.needs_utf8() { " SMTPUTF8" } else { "" };
        write!(f, "MAIL FROM:<{}>{utf8}\r\n", self.0.from)
    }
}

/// A mail, its final dot, and what follows at once; and how long it is up to and with the
/// dot. No line of our mails begins with a dot (see `mail`), so none needs another one
/// (RFC 5321 4.5.2).
fn whole(mut text: String, next: Option<&Commands<'_>>) -> (String, u64) {
    debug_assert!(!text.starts_with('.') && !text.contains("\r\n."), "a line begins with a dot");
    text.push_str(if text.ends_with("\r\n") { ".\r\n" } else { "\r\n.\r\n" });
    let length = text.len() as u64;
    if let Some(next) = next {
        // Into a string nothing is written that can fail.
        let _ = write!(text, "{next}");
    }
    (text, length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_dot_ends_a_mail() {
        let said = |text: &str| whole(text.to_owned(), None);
        assert_eq!(said("a\r\n"), ("a\r\n.\r\n".to_owned(), 6));
        assert_eq!(said("a"), ("a\r\n.\r\n".to_owned(), 6));
        let envelope = Envelope { from: "a@b.c".to_owned(), to: "d@e.f".to_owned() };
        let next = Commands { envelope: &envelope, reset: false };
        let (text, length) = whole("a\r\n".to_owned(), Some(&next));
        assert_eq!(length, 6);
        let wanted = "a\r\n.\r\nMAIL FROM:<a@b.c>\r\nRCPT TO:<d@e.f>\r\nDATA\r\n";
        assert_eq!(text, wanted);
    }
}
