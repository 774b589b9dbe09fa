//! One SMTP conversation, spoken by lettre over a stream of ours that does not wait to fill
//! packets (TCP_NODELAY): lettre writes a mail and its final dot apart, which on a stream
//! that waits costs 44 ms a mail.

use std::io;
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{Error, response::Response};
use secrecy::ExposeSecret;
use tokio::time::timeout;

use super::outcome::{Stage, line, of_fault, of_time_out};
use super::stream::Prompt;
use crate::config::{Relay, SmtpTls};
use crate::mail::Envelope;
use crate::model::Outcome;

/// Mails on one connection before it is made anew.
const MAILS: u32 = 100;
/// RFC 5321 4.5.3.2: 5 minutes for the greeting and commands, 10 after the final dot.
const CONNECT: Duration = Duration::from_secs(30);
const COMMAND: Duration = Duration::from_secs(5 * 60);
const FINAL_DOT: Duration = Duration::from_secs(10 * 60);

/// An open connection.
pub(super) struct Connection {
    smtp: AsyncSmtpConnection,
    mails: u32,
}

/// What came of one mail.
pub(super) struct Said {
    pub(super) outcome: Outcome,
    /// Whether the connection can take the next mail.
    pub(super) goes_on: bool,
    /// Whether the relay heard of this mail at all.
    pub(super) begun: bool,
}

impl Connection {
    /// Connects, encrypts as configured, and logs in. Fails closed: where TLS is required
    /// and not to be had, no mail leaves.
    pub(super) async fn open(
        relay: &Relay,
        host: &str,
        port: u16,
        tls: SmtpTls,
        user: Option<&str>,
    ) -> Result<Self, Outcome> {
        let late = |_| of_time_out(Stage::Open);
        let opened = timeout(COMMAND, Self::greet(host, port, tls)).await.map_err(late)?;
        let mut smtp = opened?;
        if let Some(user) = user {
            let password = relay.password.as_ref().map_or("", |secret| secret.expose_secret());
            let login = Credentials::new(user.to_owned(), password.to_owned());
            timeout(COMMAND, smtp.auth(&[Mechanism::Plain, Mechanism::Login], &login))
                .await
                .map_err(late)?
                .map_err(|error| of_fault(Stage::Open, &error).0)?;
        }
        Ok(Self { smtp, mails: 0 })
    }

    async fn greet(host: &str, port: u16, tls: SmtpTls) -> Result<AsyncSmtpConnection, Outcome> {
        let broken = |error: Error| of_fault(Stage::Open, &error).0;
        let down = |error: io::Error| Outcome::RelayDown(line(&format!("cannot connect: {error}")));
        let stream = timeout(CONNECT, Prompt::plain(host, port))
            .await
            .map_err(|_| of_time_out(Stage::Open))?
            .map_err(down)?;
        let hello = ClientId::default();
        if tls == SmtpTls::Implicit {
            let stream = stream.encrypted(host).await.map_err(down)?;
            return AsyncSmtpConnection::connect_with_transport(Box::new(stream), &hello)
                .await
                .map_err(broken);
        }
        let mut smtp = AsyncSmtpConnection::connect_with_transport(Box::new(stream), &hello)
            .await
            .map_err(broken)?;
        match tls {
            SmtpTls::Implicit | SmtpTls::None => {}
            SmtpTls::Required if !smtp.can_starttls() => {
                let words = "the relay offers no STARTTLS, which is required; see ?tls= in its url";
                return Err(Outcome::RelayDown(words.to_owned()));
            }
            SmtpTls::Opportunistic if !smtp.can_starttls() => {}
            SmtpTls::Required | SmtpTls::Opportunistic => {
                let parameters = TlsParameters::new(host.to_owned()).map_err(broken)?;
                smtp.starttls(parameters, &hello).await.map_err(broken)?;
            }
        }
        Ok(smtp)
    }

    /// Sends one mail.
    pub(super) async fn send(&mut self, envelope: &Envelope, bytes: &[u8]) -> Said {
        match self.converse(envelope.from.clone(), envelope.to.clone(), bytes).await {
            Ok(reply) => {
                self.mails += 1;
                let said = reply.message().collect::<Vec<_>>().join(" ");
                let outcome = Outcome::Sent(line(&format!("{} {said}", reply.code())));
                Said { outcome, goes_on: self.mails < MAILS, begun: true }
            }
            Err((stage, Some(error))) => {
                let gone = error.status().is_none_or(|code| u16::from(code) == 421);
                let (outcome, goes_on) = of_fault(stage, &error);
                // What was begun must be taken back before the next mail.
                let clean =
                    goes_on && matches!(timeout(COMMAND, self.smtp.command(Rset)).await, Ok(Ok(_)));
                Said { outcome, goes_on: clean, begun: stage != Stage::Mail || !gone }
            }
            Err((stage, None)) => Said { outcome: of_time_out(stage), goes_on: false, begun: true },
        }
    }

    async fn converse(
        &mut self,
        from: Address,
        to: Address,
        bytes: &[u8],
    ) -> Result<Response, (Stage, Option<Error>)> {
        self.command(Stage::Mail, Mail::new(Some(from), vec![])).await?;
        self.command(Stage::Recipient, Rcpt::new(to, vec![])).await?;
        let ready = self.command(Stage::Recipient, Data).await?;
        if !ready.has_code(354) {
            // Anything else and the mail's lines would be read as commands.
            return Err((Stage::Recipient, None));
        }
        // lettre ends the mail's last line itself.
        let bytes = bytes.strip_suffix(b"\r\n").unwrap_or(bytes);
        match timeout(FINAL_DOT, self.smtp.message(bytes)).await {
            Ok(Ok(reply)) if reply.code().is_positive() && !reply.has_code(354) => Ok(reply),
            Ok(Ok(_)) | Err(_) => Err((Stage::Body, None)),
            Ok(Err(error)) => Err((Stage::Body, Some(error))),
        }
    }

    async fn command(
        &mut self,
        stage: Stage,
        command: impl std::fmt::Display,
    ) -> Result<Response, (Stage, Option<Error>)> {
        match timeout(COMMAND, self.smtp.command(command)).await {
            Ok(Ok(reply)) => Ok(reply),
            Ok(Err(error)) => Err((stage, Some(error))),
            Err(_) => Err((stage, None)),
        }
    }

    /// Says goodbye, without waiting for long.
    pub(super) async fn close(mut self) {
        let _ = timeout(Duration::from_secs(2), self.smtp.quit()).await;
    }
}
