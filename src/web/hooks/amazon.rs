//! The keys that Amazon SNS signs with: their certificates are fetched from Amazon, verified up to
//! a root that this machine trusts, and remembered. Never fetches more than it must, whatever
//! strangers post.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use reqwest::redirect;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls_platform_verifier::Verifier;
use url::{Host, Url};
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::Refused;

/// The most that one answer of Amazon's may hold.
const LARGEST: usize = 64 * 1024;
/// How long one may take.
const PATIENCE: Duration = Duration::from_secs(6);
/// The most certificates that are remembered, and that one file may hold.
const MOST_KEYS: usize = 64;
const MOST_IN_A_FILE: usize = 5;
/// So many certificates are fetched in so long, at most: anybody who knows a topic's name can
/// name addresses to fetch.
const MOST_FETCHES: usize = 10;
const FETCHES_WITHIN: SignedDuration = SignedDuration::from_mins(10);
/// `id-ad-caIssuers` (RFC 5280 4.2.2.1): where the issuer's certificate lies.
const ISSUERS: &str = "1.3.6.1.5.5.7.48.2";

/// Fetches what lies at an address; none where that fails.
pub type Fetch = dyn Fn(Url) -> BoxFuture<'static, Option<Vec<u8>>> + Send + Sync;

/// A public key that Amazon signs with.
#[derive(Clone, Debug)]
pub(super) struct Key {
    /// A SubjectPublicKeyInfo (RFC 5280 4.1).
    pub(super) der: Arc<[u8]>,
    /// When its certificate ends.
    until: Timestamp,
}

/// The way to Amazon, and whom it must be trusted by.
#[derive(Clone)]
pub struct Amazon {
    fetch: Arc<Fetch>,
    roots: Vec<CertificateDer<'static>>,
}

impl std::fmt::Debug for Amazon {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Amazon({} roots of its own)", self.roots.len())
    }
}

/// Over the network, trusted by this machine's roots.
impl Default for Amazon {
    fn default() -> Self {
        Self::new(|url| Box::pin(over_https(url)), Vec::new())
    }
}

impl Amazon {
    /// By `fetch`; certificates may descend from `roots` as well as from this machine's.
    pub fn new(
        fetch: impl Fn(Url) -> BoxFuture<'static, Option<Vec<u8>>> + Send + Sync + 'static,
        roots: Vec<CertificateDer<'static>>,
    ) -> Self {
        Self { fetch: Arc::new(fetch), roots }
    }

    pub(super) async fn fetch(&self, url: Url) -> Option<Vec<u8>> {
        (self.fetch)(url).await
    }

    /// The key of the certificate in `pem` that was found at `host`.
    async fn verified(&self, host: &str, pem: &[u8], now: Timestamp) -> Result<Key, Refused> {
        const BAD: Refused = Refused::Forged("its certificate is not one of Amazon SNS");
        let certificates = CertificateDer::pem_slice_iter(pem).take(MOST_IN_A_FILE);
        let certificates: Result<Vec<_>, _> = certificates.collect();
        let mut above = certificates.map_err(|_| BAD)?;
        if above.is_empty() {
            return Err(BAD);
        }
        let leaf = above.remove(0);
        let (key, issuer) = parts(&leaf).ok_or(BAD)?;
        // Amazon's files hold the certificate alone.
        if let (true, Some(issuer)) = (above.is_empty(), issuer) {
            let issuer = self.fetch(issuer).await;
            above.push(issuer.ok_or(Refused::NotNow("the issuer was not found"))?.into());
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = Verifier::new_with_extra_roots(self.roots.iter().cloned(), provider)
            .map_err(|_| Refused::NotNow("this machine has no root certificates"))?;
        let since_1970 = Duration::from_secs(u64::try_from(now.as_second()).unwrap_or_default());
        let now = UnixTime::since_unix_epoch(since_1970);
        let belongs_to = |name: String| {
            ServerName::try_from(name).is_ok_and(|name| {
                verifier.verify_server_cert(&leaf, &above, &name, &[], now).is_ok()
            })
        };
        if !names(host).into_iter().any(belongs_to) {
            return Err(BAD);
        }
        Ok(key)
    }
}

/// The names by one of which a certificate at `host`, `sns.REGION.…`, is one of SNS: they differ by
/// the age of the region, and those of one region sign for no other.
fn names(host: &str) -> Vec<String> {
    let Some((region, domain)) = host.strip_prefix("sns.").and_then(|rest| rest.split_once('.'))
    else {
        return Vec::new();
    };
    let mut names = vec![
        format!("sns.{domain}"),
        host.to_owned(),
        format!("sns-signing.{region}.{domain}"),
        format!("sns-{region}.{domain}"),
    ];
    if region.starts_with("us-gov-") {
        names.push(format!("sns-us-gov-west-1.{domain}"));
    }
    names
}

/// Of a certificate: its key, and where its issuer's certificate lies.
fn parts(certificate: &CertificateDer<'_>) -> Option<(Key, Option<Url>)> {
    let (_, read) = X509Certificate::from_der(certificate).ok()?;
    let until = Timestamp::from_second(read.validity().not_after.timestamp()).ok()?;
    let issuer = read.extensions().iter().find_map(|extension| {
        let ParsedExtension::AuthorityInfoAccess(access) = extension.parsed_extension() else {
            return None;
        };
        access.accessdescs.iter().find_map(|one| match &one.access_location {
            GeneralName::URI(uri) if one.access_method.to_id_string() == ISSUERS => Some(*uri),
            _ => None,
        })
    });
    let plain = |url: &Url| {
        matches!(url.scheme(), "http" | "https")
            && matches!(url.host(), Some(Host::Domain(_)))
            && url.port().is_none()
    };
    let issuer = issuer.and_then(|uri| Url::parse(uri).ok()).filter(plain);
    Some((Key { der: read.public_key().raw.into(), until }, issuer))
}

/// The keys known so far, by the addresses of their certificates.
#[derive(Debug, Default)]
pub(super) struct Keys {
    known: Mutex<HashMap<String, Key>>,
    /// When certificates were fetched of late; one is at a time.
    fetched: tokio::sync::Mutex<VecDeque<Timestamp>>,
}

impl Keys {
    /// The key whose certificate lies at `url`.
    pub(super) async fn of(
        &self,
        amazon: &Amazon,
        url: &Url,
        now: Timestamp,
    ) -> Result<Key, Refused> {
        if let Some(key) = self.known(url, now) {
            return Ok(key);
        }
        let mut fetched = self.fetched.lock().await;
        if let Some(key) = self.known(url, now) {
            return Ok(key);
        }
        fetched.retain(|at| now.duration_since(*at).abs() < FETCHES_WITHIN);
        if fetched.len() >= MOST_FETCHES {
            return Err(Refused::NotNow("too many certificates were asked for"));
        }
        fetched.push_back(now);
        let pem = amazon.fetch(url.clone()).await;
        let pem = pem.ok_or(Refused::NotNow("its certificate was not found"))?;
        let host = url.host_str().unwrap_or_default();
        let key = amazon.verified(host, &pem, now).await?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_KEYS {
            known.clear();
        }
        known.insert(url.as_str().to_owned(), key.clone());
        Ok(key)
    }

    fn known(&self, url: &Url, now: Timestamp) -> Option<Key> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(url.as_str()).filter(|key| now <= key.until).cloned()
    }
}

/// One GET without redirects; few are ever made, so each has a client of its own.
async fn over_https(url: Url) -> Option<Vec<u8>> {
    // A second call finds the first one's provider: just as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let host = url.host_str().unwrap_or_default().to_owned();
    let get = async {
        let client = reqwest::Client::builder()
            .user_agent(concat!("paperround/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .referer(false)
            .timeout(PATIENCE)
            .build()?;
        let mut response = client.get(url).send().await?.error_for_status()?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            body.extend_from_slice(&chunk);
            if body.len() > LARGEST {
                return Ok(None);
            }
        }
        Ok(response.status().is_success().then_some(body))
    };
    get.await.unwrap_or_else(|error: reqwest::Error| {
        let error = &error.without_url() as &dyn std::error::Error;
        tracing::warn!(host, error, "nothing could be had from there");
        None
    })
}
