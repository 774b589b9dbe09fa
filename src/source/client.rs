//! The HTTP client: says who it is, asks only for what has changed, takes no more than it
//! was told to, waits when asked to, and goes nowhere that the configuration did not send it.

use std::error::Error;
use std::fmt::Write;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use jiff::Timestamp;
use reqwest::header::{
    CONTENT_TYPE, ETAG, HeaderMap, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, LOCATION,
};
use reqwest::{Response, StatusCode, redirect};
use url::Url;

use super::Validators;
use super::pace;
use super::text::{cut, line};
use crate::reach::{self, Refused, Resolver};

/// How patient a client is.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Until a connection stands.
    pub connect: Duration,
    /// Between two pieces of an answer, and until its first.
    pub idle: Duration,
    /// For everything that one look asks for, with repeats and waits.
    pub whole: Duration,
    /// How often one request is tried.
    pub tries: usize,
    /// Before the second try, doubled for each further one, with jitter.
    pub first_wait: Duration,
    /// The longest wait that a server may ask for without ending the look.
    pub longest_wait: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            idle: Duration::from_secs(15),
            whole: Duration::from_secs(60),
            tries: 3,
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(30),
        }
    }
}

/// An answer with a body, or a 304 without.
#[derive(Debug)]
pub struct Fetched {
    /// 200, 203 or 304.
    pub status: u16,
    /// Where it came from in the end.
    pub url: Url,
    /// The unpacked body.
    pub body: Vec<u8>,
    /// The character set that the header names.
    pub charset: Option<String>,
    /// Its ETag.
    pub etag: Option<String>,
    /// Its Last-Modified.
    pub last_modified: Option<String>,
    /// Not to be asked again before this, as the server's allowance is used up.
    pub retry_not_before: Option<Timestamp>,
}

/// No answer that could be read.
#[derive(Debug)]
pub struct Missed {
    /// Why.
    pub reason: String,
    /// Whether another time may do better: the network, a timeout, an overloaded server.
    pub unreachable: bool,
    /// What came of a body, for the record.
    pub body: Vec<u8>,
    /// Not to be asked again before this.
    pub retry_not_before: Option<Timestamp>,
    wait: Option<Duration>,
}

impl Missed {
    pub(super) fn fault(reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self { reason, unreachable: false, body: vec![], retry_not_before: None, wait: None }
    }

    pub(super) fn unreachable(reason: impl Into<String>) -> Self {
        Self { unreachable: true, ..Self::fault(reason) }
    }
}

/// One request.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The configured address.
    pub url: &'a Url,
    /// The most that the body may unpack to, in bytes.
    pub max_size: u64,
    /// What the last good answer said of itself.
    pub validators: &'a Validators,
    /// What time it is.
    pub now: Timestamp,
}

/// The client. Cheap to clone; holds the connections.
#[derive(Clone, Debug)]
pub struct Client {
    public: reqwest::Client,
    /// For sources on this machine: no proxy, and no other address.
    local: reqwest::Client,
    limits: Limits,
}

impl Client {
    /// A client that names itself after `site`. A crypto provider must be installed before.
    pub fn new(site: &str, limits: Limits) -> Result<Self, reqwest::Error> {
        let agent = format!("paperround/{} (+{site})", env!("CARGO_PKG_VERSION"));
        let proxies = reach::proxies();
        let builder = |loopback| {
            reqwest::Client::builder()
                .user_agent(&agent)
                .connect_timeout(limits.connect)
                .read_timeout(limits.idle)
                .redirect(redirect::Policy::none())
                .http2_max_header_list_size(64 << 10)
                .referer(false)
                .dns_resolver(Resolver { loopback, proxies: proxies.clone() })
        };
        let public = builder(false).build()?;
        let local = builder(true).no_proxy().build()?;
        Ok(Self { public, local, limits })
    }

    /// Its limits.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Asks, and asks again where that may help.
    pub async fn get(&self, request: Request<'_>) -> Result<Fetched, Missed> {
        let backoff = ExponentialBuilder::default()
            .with_jitter()
            .with_min_delay(self.limits.first_wait)
            .with_max_times(self.limits.tries.saturating_sub(1));
        let later = |wait: Duration| {
            let wait = jiff::SignedDuration::try_from(wait).unwrap_or_default();
            request.now.checked_add(wait).ok()
        };
        (|| self.attempt(request))
            .retry(backoff)
            .sleep(backon::TokioSleeper)
            .when(|missed| missed.unreachable)
            .adjust(|missed, next| match (missed.wait, next) {
                (Some(wait), Some(_)) if wait > self.limits.longest_wait => None,
                (Some(wait), Some(next)) => Some(next.max(wait)),
                (_, next) => next,
            })
            .await
            .map_err(|missed| Missed { retry_not_before: missed.wait.and_then(later), ..missed })
    }

    async fn attempt(&self, request: Request<'_>) -> Result<Fetched, Missed> {
        const MOST_REDIRECTS: usize = 3;
        let mut url = request.url.clone();
        for _ in 0..=MOST_REDIRECTS {
            reach::check(&url, request.url)
                .map_err(|refused| Missed::fault(format!("not asked: {refused}")))?;
            let client = if reach::is_loopback(&url) { &self.local } else { &self.public };
            let response = client
                .get(url.clone())
                .headers(conditions(request.validators))
                .send()
                .await
                .map_err(missed)?;
            let status = response.status();
            if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
                return answer(response, url, request).await;
            }
            url = response
                .headers()
                .get(LOCATION)
                .and_then(|target| target.to_str().ok())
                .and_then(|target| url.join(target).ok())
                .ok_or_else(|| Missed::fault(format!("{status} that leads nowhere")))?;
        }
        Err(Missed::fault(format!("more than {MOST_REDIRECTS} redirects")))
    }
}

fn conditions(validators: &Validators) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let pairs = [(IF_NONE_MATCH, &validators.etag), (IF_MODIFIED_SINCE, &validators.last_modified)];
    for (name, value) in pairs {
        if let Some(value) = value.as_deref().and_then(|value| value.parse().ok()) {
            headers.insert(name, value);
        }
    }
    headers
}

/// What a final answer comes to.
async fn answer(response: Response, url: Url, request: Request<'_>) -> Result<Fetched, Missed> {
    let status = response.status();
    let headers = response.headers();
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let wait = pace::wait(headers, request.now);
    let later = wait
        .and_then(|wait| request.now.checked_add(jiff::SignedDuration::try_from(wait).ok()?).ok());
    let mut fetched = Fetched {
        status: status.as_u16(),
        url,
        body: Vec::new(),
        charset: text(CONTENT_TYPE).as_deref().and_then(charset),
        etag: text(ETAG),
        last_modified: text(LAST_MODIFIED),
        retry_not_before: later,
    };
    match status {
        StatusCode::OK | StatusCode::NON_AUTHORITATIVE_INFORMATION => {
            fetched.body = body(response, request.max_size).await?;
            Ok(fetched)
        }
        StatusCode::NOT_MODIFIED if !conditions(request.validators).is_empty() => Ok(fetched),
        _ => {
            let again = matches!(status.as_u16(), 408 | 425 | 429 | 500..);
            let challenge = headers.contains_key("x-amzn-waf-action");
            let body = body(response, request.max_size.min(64 << 10)).await;
            let body = body.unwrap_or_else(|missed| missed.body);
            let mut reason = format!("the server answers {status}");
            if challenge {
                reason.push_str(", a challenge");
            }
            let said = String::from_utf8_lossy(&body[..body.len().min(200)]);
            if !said.trim().is_empty() && !said.trim_start().starts_with('<') {
                let _ = write!(reason, ": {}", cut(line(&said), 100));
            }
            Err(Missed { unreachable: again, body, wait, ..Missed::fault(reason) })
        }
    }
}

/// The body, unpacked, as far as it is not too long.
async fn body(mut response: Response, most: u64) -> Result<Vec<u8>, Missed> {
    const FOR_THE_RECORD: usize = 64 << 10;
    let mut body = Vec::new();
    let too_long = |mut body: Vec<u8>| {
        body.truncate(FOR_THE_RECORD);
        Missed { body, ..Missed::fault(format!("the answer is longer than {most} bytes")) }
    };
    if response.content_length().is_some_and(|length| length > most) {
        return Err(too_long(body));
    }
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() as u64 + chunk.len() as u64 > most => {
                return Err(too_long(body));
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(body),
            Err(error) => {
                let mut missed = missed(error);
                let _ = write!(missed.reason, ", after {} bytes", body.len());
                return Err(Missed { body, ..missed });
            }
        }
    }
}

/// What an error of the transport comes to.
fn missed(error: reqwest::Error) -> Missed {
    let error = error.without_url();
    if let Some(refused) = causes(&error).find_map(|cause| cause.downcast_ref::<Refused>()) {
        return Missed::fault(format!("not asked: {refused}"));
    }
    // A decoder's own error comes as an I/O error; the connection's comes wrapped in it.
    let unpacking = causes(&error)
        .find(|cause| !cause.is::<reqwest::Error>())
        .and_then(|cause| cause.downcast_ref::<std::io::Error>())
        .is_some_and(|error| !error.get_ref().is_some_and(|inner| inner.is::<reqwest::Error>()));
    if error.is_decode() && unpacking {
        return Missed::fault(format!("the answer cannot be unpacked: {}", chain(&error)));
    }
    Missed::unreachable(chain(&error))
}

/// An error and all its causes, outermost first.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// An error with all its causes, each said once.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut told = String::new();
    for said in causes(error).map(ToString::to_string) {
        if !told.contains(&said) {
            let _ = write!(told, "{}{said}", if told.is_empty() { "" } else { ": " });
        }
    }
    cut(line(&told), 300)
}

/// The `charset` of a Content-Type.
fn charset(content_type: &str) -> Option<String> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches('"');
        (name.trim().eq_ignore_ascii_case("charset") && !value.is_empty()).then(|| value.to_owned())
    })
}
