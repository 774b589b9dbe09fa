//! Listening and serving, until told to stop. An accept loop of our own, as `axum::serve`
//! gives slow clients all the time in the world and takes any number of them.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::Router;
use axum::response::Response;
use hyper::Request;
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::client::Peer;
use super::{Site, WebError, router};

/// How long a client may take over its request line and headers, and a connection be idle.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may last, however busy; it ends after the answer that is under way.
const LIFE: Duration = Duration::from_secs(60);
/// How long that answer may take, to begin and to be taken: who reads slowly holds a place.
const LAST_ANSWER: Duration = Duration::from_secs(30);
/// How long answers under way may take once we stop.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);
/// Connections at once; more wait in the system's queue.
const MOST_CONNECTIONS: usize = 512;
/// The pause after a failed accept (out of file handles, for instance).
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Takes the address, or says in one sentence why not and what to do.
pub async fn bind(addr: SocketAddr) -> Result<TcpListener, WebError> {
    TcpListener::bind(addr).await.map_err(|source| WebError::Bind { addr, source })
}

/// The site as it is at present: each request is answered by the latest.
#[derive(Debug)]
pub struct Front(ArcSwap<Router>);

/// A site that is ready to be shown.
#[derive(Debug)]
pub struct Ready(Router);

impl Ready {
    /// Makes the site's pages and routes, which can fail.
    pub fn new(site: Site) -> Result<Self, WebError> {
        Ok(Self(router(site)?))
    }
}

impl Front {
    /// Shows this site.
    pub fn new(ready: Ready) -> Self {
        Self(ArcSwap::from_pointee(ready.0))
    }

    /// Shows this site from now on; answers under way are not disturbed.
    pub fn show(&self, ready: Ready) {
        self.0.store(Arc::new(ready.0));
    }
}

/// Serves the site until `stop`, then lets answers under way finish, for ten seconds at
/// most.
pub async fn serve(
    listener: TcpListener,
    site: Site,
    stop: CancellationToken,
) -> Result<(), WebError> {
    serve_front(listener, Arc::new(Front::new(Ready::new(site)?)), stop).await;
    Ok(())
}

/// The same of a site that may change.
pub async fn serve_front(listener: TcpListener, front: Arc<Front>, stop: CancellationToken) {
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let mut connections = JoinSet::new();
    while let Some(stream) = next_stream(&listener, &places, &mut connections, &stop).await {
        let (stream, peer, place) = stream;
        let service = WithPeer { peer, front: Arc::clone(&front) };
        let stop = stop.clone();
        connections.spawn(async move {
            attend(stream, service, LIFE, LAST_ANSWER, stop).await;
            drop(place);
        });
    }
    drop(listener);
    let drained = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(DRAIN_TIMEOUT, drained).await.is_err() {
        tracing::warn!("answers were still under way after {} s", DRAIN_TIMEOUT.as_secs());
    }
}

/// Answers on one connection until it ends, has lasted for `life`, or we stop; then `last` is
/// left for the answer under way.
async fn attend<S>(
    stream: TcpStream,
    service: S,
    life: Duration,
    last: Duration,
    stop: CancellationToken,
) where
    S: Service<Request<Incoming>, Response = axum::response::Response>,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => Ok(ended),
        _ = tokio::time::timeout(life, stop.cancelled()) => {
            connection.as_mut().graceful_shutdown();
            tokio::time::timeout(last, connection).await
        }
    };
    match ended {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "a connection broke off"),
        Err(_) => tracing::debug!("a connection was ended: its answer was not taken"),
    }
}

/// Tells each request of a connection who is at its other end.
struct WithPeer {
    peer: SocketAddr,
    front: Arc<Front>,
}

impl Service<Request<Incoming>> for WithPeer {
    type Response = Response;
    type Error = Infallible;
    type Future = <TowerToHyperService<Router> as Service<Request<Incoming>>>::Future;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        request.extensions_mut().insert(Peer(self.peer));
        TowerToHyperService::new(Router::clone(&self.front.0.load())).call(request)
    }
}

/// The next connection with its place among the permitted ones; none once we stop.
async fn next_stream(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
    connections: &mut JoinSet<()>,
    stop: &CancellationToken,
) -> Option<(TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)> {
    let accept = async {
        let place = Arc::clone(places).acquire_owned().await.ok()?;
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => return Some((stream, peer, place)),
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    };
    tokio::pin!(accept);
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return None,
            // Ended connections are let go of here, so that the set does not grow.
            Some(_) = connections.join_next() => {}
            stream = &mut accept => return stream,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::response::IntoResponse;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    /// A connection to answers of a megabyte, which lasts as long as told.
    async fn connected(life: Duration, last: Duration) -> (TcpStream, tokio::task::JoinHandle<()>) {
        let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let service = hyper::service::service_fn(|_: Request<Incoming>| async {
            Ok::<_, std::convert::Infallible>("x".repeat(1 << 20).into_response())
        });
        let stop = CancellationToken::new();
        (client, tokio::spawn(attend(stream, service, life, last, stop)))
    }

    const ASK: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";

    #[tokio::test]
    async fn who_never_reads_does_not_keep_a_place() {
        let short = Duration::from_millis(50);
        let (mut client, place) = connected(short, short).await;
        // More than the system's buffers hold; what is not taken any more may fail.
        client.write_all(&ASK.repeat(100)).await.unwrap();
        place.await.unwrap();
        drop(client);
    }

    #[tokio::test]
    async fn a_connection_ends_after_a_whole_answer() {
        let (mut client, place) = connected(Duration::ZERO, Duration::from_secs(60)).await;
        let mut bytes = Vec::new();
        client.read_to_end(&mut bytes).await.unwrap();
        assert!(bytes.is_empty(), "nothing was asked for");
        place.await.unwrap();
        let (mut client, place) = connected(Duration::from_secs(60), Duration::ZERO).await;
        client.write_all(ASK).await.unwrap();
        let mut answer = vec![0; 1 << 20];
        client.read_exact(&mut answer).await.unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 200"));
        drop(client);
        place.await.unwrap();
    }
}
