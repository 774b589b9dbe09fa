//! Listening for mail servers, and talking to each, until told to stop. Bounds how many there
//! are, in all and from one network. What is said is `session`'s.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::Accept;
use super::session::{Limits, Memory, Session, Way, talk};

/// How long mail under way may take once we stop.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);
/// The pause after a failed accept (out of file handles, for instance).
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);
/// How long the greeting waits for those who speak before it. A mail server on this machine
/// need not wait.
const GREETING_PAUSE: Duration = Duration::from_millis(100);
/// For the word to whom there is no place for.
const REFUSAL_TIMEOUT: Duration = Duration::from_secs(1);

/// What the listener needs to know.
#[derive(Clone)]
pub struct Settings {
    /// Our name in the greeting.
    pub host: String,
    /// With it, STARTTLS.
    pub tls: Option<TlsAcceptor>,
    /// How much a client may ask for.
    pub limits: Limits,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("host", &self.host)
            .field("tls", &self.tls.is_some())
            .field("limits", &self.limits)
            .finish()
    }
}

/// Why nobody listens.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen for mail on {addr}: {}", advice(source, *addr))]
pub struct ListenError {
    /// The address.
    pub addr: SocketAddr,
    /// What the system said.
    pub source: std::io::Error,
}

/// What a refused address means, and what to do.
fn advice(error: &std::io::Error, addr: SocketAddr) -> String {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::AddrInUse => format!(
            "another program has it already, perhaps a paperround that still runs \
             (`ss -ltnp 'sport = :{}'` says which); stop that one, or name another address \
             in inbound.lmtp",
            addr.port()
        ),
        ErrorKind::PermissionDenied => {
            "this user may not use it; name a port above 1023 in inbound.lmtp".to_owned()
        }
        ErrorKind::AddrNotAvailable => {
            "this machine does not have that address; name one that it has in inbound.lmtp"
                .to_owned()
        }
        _ => "the system refuses".to_owned(),
    }
}

/// Takes the address, or says in one sentence why not and what to do.
pub async fn listen(addr: SocketAddr) -> Result<TcpListener, ListenError> {
    TcpListener::bind(addr).await.map_err(|source| ListenError { addr, source })
}

/// Takes mail until `stop`; then lets mail under way come to its end, for ten seconds at most.
pub async fn serve<A: Accept>(
    listener: TcpListener,
    accept: A,
    settings: Settings,
    stop: CancellationToken,
) {
    serve_changing(listener, accept, Arc::new(ArcSwap::from_pointee(settings)), stop).await;
}

/// The same with settings that may change: each new connection has the latest.
pub async fn serve_changing<A: Accept>(
    listener: TcpListener,
    accept: A,
    changing: Arc<ArcSwap<Settings>>,
    stop: CancellationToken,
) {
    let memory = Memory::new(changing.load().limits.memory);
    let places = Arc::new(Places::default());
    let mut talks = JoinSet::new();
    // So that names in the log are not those of the last run.
    let mut number = u64::from(getrandom::u32().unwrap_or_default()) << 24;
    while let Some((mut stream, peer)) = next_stream(&listener, &mut talks, &stop).await {
        let settings = changing.load_full();
        let place = match Place::take(&places, peer.ip(), &settings.limits) {
            Ok(place) => place,
            Err(word) => {
                // The buffer of a new connection takes it at once.
                let _ = tokio::time::timeout(REFUSAL_TIMEOUT, stream.write_all(word)).await;
                continue;
            }
        };
        number += 1;
        let id = format!("{number:x}");
        let session = Session::new(
            &settings.host,
            &id,
            &settings.limits,
            memory.clone(),
            settings.tls.is_some(),
        );
        let (accept, settings, stop) = (accept.clone(), Arc::clone(&settings), stop.clone());
        talks.spawn(async move {
            let near = peer.ip().to_canonical().is_loopback();
            let pause = if near { Duration::ZERO } else { GREETING_PAUSE };
            let way = Way { accept: &accept, stop: &stop, tls: settings.tls.as_ref(), pause };
            // Replies must not wait for acknowledgements of earlier ones.
            let nodelay = stream.set_nodelay(true);
            if let Err(error) = nodelay.and(talk(stream, session, way).await) {
                tracing::debug!(id, %error, "a mail server's connection broke off");
            }
            drop(place);
        });
    }
    drop(listener);
    let all = async { while talks.join_next().await.is_some() {} };
    if tokio::time::timeout(DRAIN_TIMEOUT, all).await.is_err() {
        tracing::warn!("mail was still coming in after {} s", DRAIN_TIMEOUT.as_secs());
    }
}

/// The next connection; none once we stop.
async fn next_stream(
    listener: &TcpListener,
    talks: &mut JoinSet<()>,
    stop: &CancellationToken,
) -> Option<(TcpStream, SocketAddr)> {
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return None,
            // Ended ones are let go of here, so that the set does not grow.
            Some(_) = talks.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok(accepted) => return Some(accepted),
                Err(error) => {
                    tracing::warn!(%error, "a mail server's connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
        }
    }
}

/// How many connections there are, by network.
#[derive(Debug, Default)]
struct Places(Mutex<HashMap<IpAddr, usize>>);

/// One of them.
#[derive(Debug)]
struct Place {
    places: Arc<Places>,
    network: IpAddr,
}

impl Place {
    /// A place, or the last word to whom there is none for.
    fn take(places: &Arc<Places>, peer: IpAddr, limits: &Limits) -> Result<Self, &'static [u8]> {
        let network = network(peer);
        let mut taken = places.0.lock().unwrap_or_else(PoisonError::into_inner);
        // At most as many entries as connections.
        if taken.values().sum::<usize>() >= limits.connections {
            return Err(b"421 4.3.2 too many connections, please come back later\r\n");
        }
        let here = taken.get(&network).copied().unwrap_or(0);
        // On this machine stands the mail server that brings everybody's mail.
        if here >= limits.of_network && !network.is_loopback() {
            return Err(b"421 4.7.0 too many connections from your network\r\n");
        }
        taken.insert(network, here + 1);
        Ok(Self { places: Arc::clone(places), network })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = taken.get(&self.network).map_or(0, |here| here - 1);
        if left == 0 {
            taken.remove(&self.network);
        } else {
            taken.insert(self.network, left);
        }
    }
}

/// What one client commonly has at hand: an IPv4 /24, an IPv6 /56.
fn network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V4(address) => Ipv4Addr::from_bits(address.to_bits() & (u32::MAX << 8)).into(),
        address @ IpAddr::V6(_) if address.is_loopback() => address,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 72)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_bounded_in_all_and_by_network() {
        let limits = Limits { connections: 5, of_network: 2, ..Limits::default() };
        let places = Arc::new(Places::default());
        let take = |peer: &str| Place::take(&places, peer.parse().unwrap(), &limits);
        let word = |place: Result<Place, &[u8]>| {
            String::from_utf8_lossy(place.unwrap_err())[..9].to_owned()
        };
        let first = take("192.0.2.1").unwrap();
        let _second = take("::ffff:192.0.2.200").unwrap();
        assert_eq!(word(take("192.0.2.3")), "421 4.7.0");
        drop(first);
        let _first = take("192.0.2.3").unwrap();
        let near: Vec<Place> = (0..3).map(|_| take("127.0.0.1").unwrap()).collect();
        assert_eq!(word(take("127.0.0.1")), "421 4.3.2");
        drop(near);
        let _six = [take("2001:db8:0:1::1").unwrap(), take("2001:db8:0:ff::2").unwrap()];
        assert_eq!(word(take("2001:db8:0:80::3")), "421 4.7.0");
        assert!(take("2001:db8:0:100::1").is_ok());
        assert_eq!(places.0.lock().unwrap().len(), 2);
    }

    #[tokio::test]
    async fn an_address_that_is_taken_is_told_in_words() {
        let first = listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let error = listen(first.local_addr().unwrap()).await.unwrap_err().to_string();
        assert!(error.contains("another program has it already"), "{error}");
    }
}
