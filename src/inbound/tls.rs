//! The certificate for STARTTLS, read from its files. Never fetches or renews one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read, or holds nothing of the kind.
    #[error("cannot use inbound.{key} {}: {reason}", path.display())]
    File {
        /// What names the file.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The certificate and the key are no pair.
    #[error("cannot use inbound.tls_certificate with inbound.tls_key")]
    Pair(#[source] rustls::Error),
}

/// Reads a certificate with its chain, and its key, both in PEM.
pub fn acceptor(certificate: &Path, key: &Path) -> Result<TlsAcceptor, TlsError> {
    let fault = |key, path: &Path, reason: &dyn std::fmt::Display| TlsError::File {
        key,
        path: path.to_owned(),
        reason: reason.to_string(),
    };
    let chain: Vec<_> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .map_err(|error| fault("tls_certificate", certificate, &error))?;
    if chain.is_empty() {
        return Err(fault("tls_certificate", certificate, &"no certificate is in it"));
    }
    let private =
        PrivateKeyDer::from_pem_file(key).map_err(|error| fault("tls_key", key, &error))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(TlsError::Pair)?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(TlsError::Pair)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
