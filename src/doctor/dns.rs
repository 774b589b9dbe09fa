//! What the DNS says, by the resolver of the configuration or of this machine. An answer that there
//! is nothing is an answer; none within the time is not. Never judges.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use mail_auth::MessageAuthenticator;
use mail_auth::SpfResult;
use mail_auth::hickory_resolver::TokioResolver;
use mail_auth::hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts,
};
use mail_auth::hickory_resolver::net::{DnsError, NetError};
use mail_auth::hickory_resolver::proto::rr::{Name, RData, RecordType};
use mail_auth::hickory_resolver::system_conf::read_system_conf;
use mail_auth::spf::verify::SpfParameters;

use super::reach::Reach;

/// For one question to one server, and how often it is asked.
const WAIT: Duration = Duration::from_secs(3);
const TRIES: usize = 2;

/// Asks the DNS.
#[derive(Clone)]
pub(super) struct Dns {
    auth: MessageAuthenticator,
    reach: Arc<Reach>,
    /// Who is asked, in words.
    server: String,
}

/// A mail server of a domain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Exchange {
    pub(super) preference: u16,
    /// Without its final dot; empty for the null MX (RFC 7505).
    pub(super) host: String,
}

impl Dns {
    /// Asks `server`, or whom this machine asks. Notes in `reach` who answers.
    pub(super) fn new(server: Option<SocketAddr>, reach: Arc<Reach>) -> Result<Self, String> {
        let (config, mut options, who) = match server {
            None => {
                let (config, options) = read_system_conf().map_err(|error| error.to_string())?;
                (config, options, "the DNS servers of this machine".to_owned())
            }
            Some(server) => {
                let at_port = |mut connection: ConnectionConfig| {
                    connection.port = server.port();
                    connection
                };
                let ways = vec![at_port(ConnectionConfig::udp()), at_port(ConnectionConfig::tcp())];
                let one = NameServerConfig::new(server.ip(), true, ways);
                let config = ResolverConfig::from_parts(None, Vec::new(), vec![one]);
                (config, ResolverOpts::default(), server.to_string())
            }
        };
        options.timeout = WAIT;
        options.attempts = TRIES;
        let auth = MessageAuthenticator::new(config, options).map_err(|error| error.to_string())?;
        Ok(Self { auth, reach, server: who })
    }

    /// Who is asked, in words.
    pub(super) fn server(&self) -> &str {
        &self.server
    }

    /// The TXT records of `name`, each in one piece; aliases are followed.
    pub(super) async fn txt(&self, name: &str) -> Result<Vec<String>, String> {
        let found = self.ask(name, RecordType::TXT).await?;
        let text = |data| match data {
            RData::TXT(text) => Some(String::from_utf8_lossy(&text.txt_data.concat()).into_owned()),
            _ => None,
        };
        Ok(found.into_iter().filter_map(text).collect())
    }

    /// The mail servers of `name`, the preferred first.
    pub(super) async fn mx(&self, name: &str) -> Result<Vec<Exchange>, String> {
        let found = self.ask(name, RecordType::MX).await?;
        let exchange = |data| match data {
            RData::MX(mx) => {
                Some(Exchange { preference: mx.preference, host: plain(&mx.exchange) })
            }
            _ => None,
        };
        let mut found: Vec<Exchange> = found.into_iter().filter_map(exchange).collect();
        found.sort();
        Ok(found)
    }

    /// The addresses of `name`, of both kinds.
    pub(super) async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, String> {
        let (four, six) =
            tokio::join!(self.ask(name, RecordType::A), self.ask(name, RecordType::AAAA));
        // One kind may fail where nobody uses it.
        let found = match (four, six) {
            (Ok(four), Ok(six)) => four.into_iter().chain(six).collect(),
            (Ok(one), Err(_)) | (Err(_), Ok(one)) if !one.is_empty() => one,
            (Err(words), _) | (_, Err(words)) => return Err(words),
        };
        let address = |data| match data {
            RData::A(a) => Some(IpAddr::V4(a.0)),
            RData::AAAA(a) => Some(IpAddr::V6(a.0)),
            _ => None,
        };
        Ok(found.into_iter().filter_map(address).collect())
    }

    /// What `address` is called (RFC 1035 3.5).
    pub(super) async fn names(&self, address: IpAddr) -> Result<Vec<String>, String> {
        let found = self.ask(&reverse(address), RecordType::PTR).await?;
        let name = |data| match data {
            RData::PTR(name) => Some(plain(&name.0)),
            _ => None,
        };
        Ok(found.into_iter().filter_map(name).collect())
    }

    /// What SPF says of mail from `sender` that comes from `address` (RFC 7208 4).
    pub(super) async fn spf(&self, address: IpAddr, helo: &str, sender: &str) -> SpfResult {
        let asked = SpfParameters::verify_mail_from(address, helo, helo, sender);
        self.auth.verify_spf(asked).await.result()
    }

    async fn ask(&self, name: &str, kind: RecordType) -> Result<Vec<RData>, String> {
        self.reach.asked();
        let resolver: &TokioResolver = self.auth.resolver();
        let mut name = Name::from_str_relaxed(name).map_err(|_| format!("{name:?} is no name"))?;
        name.set_fqdn(true);
        let answer = resolver.lookup(name, kind).await;
        if !matches!(&answer, Err(error) if is_silence(error)) {
            self.reach.heard();
        }
        match answer {
            Ok(found) => Ok(found.answers().iter().map(|record| record.data.clone()).collect()),
            Err(error) if error.is_no_records_found() => Ok(Vec::new()),
            Err(NetError::Dns(DnsError::ResponseCode(code))) => {
                Err(format!("{} answered {code}", self.server))
            }
            Err(NetError::Timeout) => Err(format!("{} did not answer in time", self.server)),
            Err(error) => Err(format!("{} could not be asked: {error}", self.server)),
        }
    }
}

/// Whether nobody answered at all.
fn is_silence(error: &NetError) -> bool {
    !matches!(error, NetError::Dns(_) | NetError::Proto(_) | NetError::Truncated)
}

fn plain(name: &Name) -> String {
    name.to_ascii().trim_end_matches('.').to_lowercase()
}

/// The name under which the DNS keeps what `address` is called, without its final dot.
pub(super) fn reverse(address: IpAddr) -> String {
    match address {
        IpAddr::V4(four) => {
            let [a, b, c, d] = four.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        IpAddr::V6(six) => {
            let digits = six.octets().into_iter().rev().flat_map(|byte| [byte & 15, byte >> 4]);
            let digits: Vec<String> = digits.map(|digit| format!("{digit:x}")).collect();
            format!("{}.ip6.arpa", digits.join("."))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_names_that_lead_back() {
        let name = |text: &str| reverse(text.parse().unwrap());
        assert_eq!(name("192.0.2.10"), "10.2.0.192.in-addr.arpa");
        let six = name("2001:db8::1");
        assert!(six.starts_with("1.0.0.0.") && six.ends_with(".8.b.d.0.1.0.0.2.ip6.arpa"), "{six}");
        assert_eq!(six.len(), 64 + ".ip6.arpa".len() - 1);
    }
}
