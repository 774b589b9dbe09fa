//! `[server]`

use std::net::SocketAddr;

/// The HTTP server.
#[derive(Clone, Debug)]
pub struct Server {
    /// Where it listens. Default 127.0.0.1:8080.
    pub listen: SocketAddr,
}
