//! Listening and serving, until told to stop. An accept loop of our own, as `axum::serve`
//! gives slow clients all the time in the world and takes any number of them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::Request;
use hyper::body::Incoming;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::client::Peer;
use super::{Site, WebError, router};

/// How long a client may take over its request line and headers, and a connection be idle.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
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

/// Serves the site until `stop`, then lets answers under way finish, for ten seconds at
/// most.
pub async fn serve(
    listener: TcpListener,
    site: Site,
    stop: CancellationToken,
) -> Result<(), WebError> {
    let service = TowerToHyperService::new(router(site)?);
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let mut connections = JoinSet::new();
    while let Some(stream) = next_stream(&listener, &places, &mut connections, &stop).await {
        let (stream, peer, place) = stream;
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_TIMEOUT)
            .serve_connection(TokioIo::new(stream), WithPeer { peer, inner: service.clone() });
        let connection = graceful.watch(connection);
        connections.spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection broke off");
            }
            drop(place);
        });
    }
    drop(listener);
    if tokio::time::timeout(DRAIN_TIMEOUT, graceful.shutdown()).await.is_err() {
        tracing::warn!("answers were still under way after {} s", DRAIN_TIMEOUT.as_secs());
    }
    Ok(())
}

/// Tells each request of a connection who is at its other end.
struct WithPeer<S> {
    peer: SocketAddr,
    inner: S,
}

impl<S: Service<Request<Incoming>>> Service<Request<Incoming>> for WithPeer<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        request.extensions_mut().insert(Peer(self.peer));
        self.inner.call(request)
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
