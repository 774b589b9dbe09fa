//! Whether a mail really comes from the domain in its `From`: a DKIM signature that holds and is
//! aligned with it (DMARC, RFC 7489 3.1). SPF proves nothing here, as mail comes to us over a
//! server of our own. Asks DNS, and nobody else.

use std::net::SocketAddr;
use std::time::Duration;

use crate::mail::Incoming;
use jiff::Timestamp;
use mail_auth::dmarc::verify::DmarcParameters;
use mail_auth::hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts,
};
use mail_auth::{AuthenticatedMessage, DmarcResult, MessageAuthenticator, SpfOutput};

/// How long an answer of DNS is waited for.
const WAIT: Duration = Duration::from_secs(10);
/// An older mail proves nothing: somebody may have kept it.
const FRESH: jiff::SignedDuration = jiff::SignedDuration::from_hours(5 * 24);

/// What must be signed: who wrote, to whom, when, and the words that count.
const SIGNED: [&str; 4] = ["from", "to", "subject", "date"];

/// Proves senders.
pub struct Verifier(MessageAuthenticator);

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Verifier(…)")
    }
}

/// Why nobody can prove senders.
#[derive(Debug, thiserror::Error)]
#[error("cannot ask DNS: {0}; set inbound.resolver, or inbound.verify_senders = false")]
pub struct VerifierError(String);

impl Verifier {
    /// Asks the DNS server `resolver`, or those of this machine.
    ///
    /// # Errors
    ///
    /// The machine's settings cannot be read.
    pub fn new(resolver: Option<SocketAddr>) -> Result<Self, VerifierError> {
        let made = match resolver {
            None => MessageAuthenticator::new_system_conf(),
            Some(server) => {
                let at_port = |mut connection: ConnectionConfig| {
                    connection.port = server.port();
                    connection
                };
                let connections =
                    vec![at_port(ConnectionConfig::udp()), at_port(ConnectionConfig::tcp())];
                let server = NameServerConfig::new(server.ip(), true, connections);
                let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
                MessageAuthenticator::new(config, ResolverOpts::default())
            }
        };
        made.map(Self).map_err(|error| VerifierError(error.to_string()))
    }

    /// Whether the mail was signed, lately, by the domain `domain` of its `From`, or by one that
    /// DMARC takes for it. False where DNS does not answer.
    pub async fn proves(&self, mail: &Incoming<'_>, domain: &str, now: Timestamp) -> bool {
        let Some(message) = AuthenticatedMessage::parse(mail.raw()) else { return false };
        let date = mail.message().date().map(mail_parser::DateTime::to_timestamp);
        let written = date.and_then(|date| Timestamp::from_second(date).ok());
        if written.is_none_or(|at| now.duration_since(at).abs() > FRESH) {
            return false;
        }
        let verified = async {
            let mut signatures = self.0.verify_dkim(&message).await;
            // What is not signed may have been written by anybody.
            signatures.retain(|one| {
                one.signature().is_some_and(|signature| {
                    SIGNED.iter().all(|name| {
                        signature.h.iter().any(|signed| signed.eq_ignore_ascii_case(name))
                    })
                })
            });
            let spf = SpfOutput::default();
            let judged = DmarcParameters::new(&message, &signatures, domain, &spf);
            *self.0.verify_dmarc(judged).await.dkim_result() == DmarcResult::Pass
        };
        tokio::time::timeout(WAIT, verified).await.unwrap_or(false)
    }
}
