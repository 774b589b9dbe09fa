//! One look at a source: fetch, read, judge, and keep what was set aside. What was found is
//! handed back; storing it is another's work.

use std::collections::HashSet;
use std::convert::Infallible;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use url::Url;

use super::api::parameter;
use super::client::{Client, Fetched, Missed, Request};
use super::kept::KeptPages;
use super::{Asked, Fault, Known, Reading, judge, read};
use crate::config::{Source, SourceKind};
use crate::model::{FetchOutcome, Listing};
use crate::token::to_hex;

/// What the last good answer of a source said of itself; filled by the store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Validators {
    /// Its ETag.
    pub etag: Option<String>,
    /// Its Last-Modified.
    pub last_modified: Option<String>,
    /// Its SHA-256, in hexadecimal.
    pub body_hash: Option<String>,
}

/// Where to read from instead of the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A saved page.
    File(PathBuf),
    /// Another address.
    Url(Url),
}

impl FromStr for Origin {
    type Err = Infallible;

    /// An http, https or file address; all else is a path.
    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match Url::parse(text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => Self::Url(url),
            Ok(url) if url.scheme() == "file" => {
                Self::File(url.to_file_path().unwrap_or_else(|()| text.into()))
            }
            _ => Self::File(text.into()),
        })
    }
}

/// What one look found, before anything is stored.
#[derive(Clone, Debug)]
pub struct Found {
    /// What it came to.
    pub outcome: FetchOutcome,
    /// Why, unless it is plainly good.
    pub reason: Option<String>,
    /// Whether there was no answer at all, so that another time may do better.
    pub unreachable: bool,
    /// Whether nothing was read that could be judged.
    pub missed: bool,
    /// What was asked in the end: an address or a path.
    pub url: String,
    /// What it was read as.
    pub kind: SourceKind,
    /// The listing, where there is one. Only a good outcome makes it usable.
    pub listing: Option<Listing>,
    /// The answer's ETag.
    pub etag: Option<String>,
    /// The answer's Last-Modified.
    pub last_modified: Option<String>,
    /// The SHA-256 of the bytes, in hexadecimal.
    pub body_hash: String,
    /// The bytes.
    pub raw: Vec<u8>,
    /// Where the bytes are kept, if they were set aside.
    pub kept: Option<PathBuf>,
    /// Not to be asked again before this.
    pub retry_not_before: Option<Timestamp>,
}

/// Bytes on the way from an origin to a verdict.
struct Answer {
    fetched: Fetched,
    /// An API's pages, read already.
    reading: Option<Result<Reading, Fault>>,
}

/// Looks at sources.
#[derive(Clone, Debug)]
pub struct Scout {
    client: Client,
    kept: KeptPages,
}

impl Scout {
    /// A scout that asks through `client` and sets aside into `kept`.
    pub fn new(client: Client, kept: KeptPages) -> Self {
        Self { client, kept }
    }

    /// Looks once at `source`, or at `origin` in its stead; that is taken for what it says
    /// it is. Always comes to an end, and never fails: what went wrong is the outcome.
    pub async fn look(
        &self,
        source: &Source,
        origin: Option<&Origin>,
        known: &Known,
        validators: &Validators,
        now: Timestamp,
    ) -> Found {
        let mut found = self.find(source, origin, known, validators, now).await;
        let aside = !matches!(found.outcome, FetchOutcome::Good | FetchOutcome::Unchanged);
        if aside && !found.raw.is_empty() {
            match self.kept.keep(&source.name, found.outcome, now, &found.raw).await {
                Ok(path) => found.kept = Some(path),
                Err(error) => {
                    tracing::warn!(source = source.name, %error, "cannot keep what was set aside");
                }
            }
        }
        found
    }

    /// As [`Self::look`], with nothing set aside.
    pub async fn find(
        &self,
        source: &Source,
        origin: Option<&Origin>,
        known: &Known,
        validators: &Validators,
        now: Timestamp,
    ) -> Found {
        let none = Validators::default();
        let max_size = source.max_size.bytes();
        let (url, address, sent, asked) = match origin {
            None => (&source.url, shown(&source.url), validators, Asked::of(&source.url)),
            Some(Origin::Url(url)) => (url, shown(url), &none, Asked::Anything),
            Some(Origin::File(path)) => {
                (&source.url, path.display().to_string(), &none, Asked::Anything)
            }
        };
        let mut found = Found {
            outcome: FetchOutcome::Broken,
            reason: None,
            unreachable: false,
            missed: false,
            url: address,
            kind: source.kind,
            listing: None,
            etag: None,
            last_modified: None,
            body_hash: String::new(),
            raw: Vec::new(),
            kept: None,
            retry_not_before: None,
        };
        let request = Request { url, max_size, validators: sent, now };
        let answer = match origin {
            Some(Origin::File(path)) => file(path, url, max_size).await,
            None if source.kind == SourceKind::HuggingFaceApi => {
                self.in_time(self.pages(request)).await
            }
            _ => self.in_time(self.page(request)).await,
        };
        let Answer { fetched, reading } = match answer {
            Ok(answer) => answer,
            Err(missed) => {
                found.reason = Some(missed.reason);
                found.unreachable = missed.unreachable;
                found.missed = true;
                found.body_hash = hash(&missed.body);
                found.raw = missed.body;
                found.retry_not_before = missed.retry_not_before;
                return found;
            }
        };
        if !matches!(origin, Some(Origin::File(_))) {
            found.url = shown(&fetched.url);
        }
        found.etag = fetched.etag;
        found.last_modified = fetched.last_modified;
        found.retry_not_before = fetched.retry_not_before;
        found.body_hash = hash(&fetched.body);
        if fetched.status == 304 || validators.body_hash.as_ref() == Some(&found.body_hash) {
            found.outcome = FetchOutcome::Unchanged;
            found.raw = fetched.body;
            return found;
        }
        let raw = Arc::new(fetched.body);
        let reading = match reading {
            Some(reading) => reading.map(|reading| (source.kind, reading)),
            None => {
                let kind = origin.is_none().then_some(source.kind);
                let url = (!matches!(origin, Some(Origin::File(_)))).then(|| url.clone());
                let (bytes, charset) = (Arc::clone(&raw), fetched.charset);
                // Off the event loop, and so that a fault of ours ends this look alone.
                tokio::task::spawn_blocking(move || {
                    read(kind, &bytes, charset.as_deref(), url.as_ref())
                })
                .await
                .unwrap_or_else(|_| Err(Fault::Unreadable("the reader failed".to_owned())))
            }
        };
        found.raw = Arc::unwrap_or_clone(raw);
        match reading {
            Ok((kind, reading)) => {
                (found.outcome, found.reason) = judge(asked, &reading, known, now);
                found.kind = kind;
                found.listing = Some(reading.listing);
            }
            Err(fault) => found.reason = Some(fault.to_string()),
        }
        found
    }

    async fn in_time(
        &self,
        answer: impl Future<Output = Result<Answer, Missed>>,
    ) -> Result<Answer, Missed> {
        let whole = self.client.limits().whole;
        tokio::time::timeout(whole, answer).await.unwrap_or_else(|_| {
            Err(Missed::unreachable(format!("no whole answer within {} s", whole.as_secs())))
        })
    }

    async fn page(&self, request: Request<'_>) -> Result<Answer, Missed> {
        let fetched = self.client.get(request).await?;
        Ok(Answer { fetched, reading: None })
    }

    /// All pages of an API's answer, as one array. The default limit of 50 cuts a busy day,
    /// and a page may repeat papers of the one before.
    async fn pages(&self, request: Request<'_>) -> Result<Answer, Missed> {
        const MOST_PAGES: u32 = 20;
        let mut address = request.url.clone();
        if parameter(&address, "limit").is_none() {
            address.query_pairs_mut().append_pair("limit", "100");
        }
        // Asked for no span of time, it would page through all that there ever was.
        let spans = ["date", "week", "month"];
        let bounded = spans.iter().any(|name| parameter(&address, name).is_some());
        if !bounded || parameter(&address, "p").is_some() {
            return self.page(Request { url: &address, ..request }).await;
        }
        // A later page may have changed where the first has not.
        let none = Validators::default();
        let mut whole: Option<(Fetched, Reading)> = None;
        for number in 0..MOST_PAGES {
            let mut url = address.clone();
            url.query_pairs_mut().append_pair("p", &number.to_string());
            let held = whole.as_ref().map_or(0, |(fetched, _)| fetched.body.len() as u64);
            let max_size = request.max_size.saturating_sub(held);
            let page = Request { url: &url, validators: &none, max_size, ..request };
            let fetched = self.client.get(page).await?;
            let kind = Some(SourceKind::HuggingFaceApi);
            let read = read(kind, &fetched.body, fetched.charset.as_deref(), Some(request.url));
            let reading = match read {
                Ok((_, reading)) => reading,
                Err(fault) => return Ok(Answer { fetched, reading: Some(Err(fault)) }),
            };
            let Some((first, all)) = &mut whole else {
                if reading.listing.papers.is_empty() {
                    return Ok(Answer { fetched, reading: Some(Ok(reading)) });
                }
                whole = Some((fetched, reading));
                continue;
            };
            let before = all.listing.papers.len();
            add(&mut all.listing, reading.listing);
            if all.listing.papers.len() == before {
                break;
            }
            join(&mut first.body, &fetched.body);
        }
        let (fetched, reading) = whole.ok_or_else(|| Missed::fault("no page was asked for"))?;
        Ok(Answer { fetched, reading: Some(Ok(reading)) })
    }
}

/// Adds the papers that are not there yet.
fn add(listing: &mut Listing, more: Listing) {
    let known: HashSet<_> = listing.papers.iter().map(|paper| paper.id.clone()).collect();
    listing.papers.extend(more.papers.into_iter().filter(|paper| !known.contains(&paper.id)));
    listing.rejected.extend(more.rejected);
}

/// Appends the items of one JSON array to another, both as bytes.
fn join(array: &mut Vec<u8>, more: &[u8]) {
    let end = array.iter().rposition(|byte| *byte == b']');
    let start = more.iter().position(|byte| *byte == b'[');
    if let (Some(end), Some(start)) = (end, start) {
        array.truncate(end);
        array.push(b',');
        array.extend_from_slice(&more[start + 1..]);
    }
}

async fn file(path: &PathBuf, url: &Url, max_size: u64) -> Result<Answer, Missed> {
    let told = |error: std::io::Error| {
        Missed::unreachable(format!("cannot read {}: {error}", path.display()))
    };
    let size = tokio::fs::metadata(path).await.map_err(told)?.len();
    if size > max_size {
        return Err(Missed::fault(format!("the file is longer than {max_size} bytes")));
    }
    let body = tokio::fs::read(path).await.map_err(told)?;
    let fetched = Fetched {
        status: 200,
        url: url.clone(),
        body,
        charset: None,
        etag: None,
        last_modified: None,
        retry_not_before: None,
    };
    Ok(Answer { fetched, reading: None })
}

/// An address for people to read: without a password.
fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // These fail only for addresses that cannot have any.
    let _ = url.set_username("").and_then(|()| url.set_password(None));
    url.into()
}

fn hash(bytes: &[u8]) -> String {
    to_hex(&Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_addresses_or_paths() {
        let origin = |text: &str| text.parse::<Origin>().unwrap();
        assert_eq!(origin("page.html"), Origin::File("page.html".into()));
        assert_eq!(origin("/tmp/a b.html"), Origin::File("/tmp/a b.html".into()));
        assert_eq!(origin("file:///tmp/a%20b.html"), Origin::File("/tmp/a b.html".into()));
        assert!(matches!(origin("https://huggingface.co/papers"), Origin::Url(_)));
    }

    #[test]
    fn passwords_are_not_shown() {
        let url = Url::parse("https://me:secret@example.org/x?y").unwrap();
        assert_eq!(shown(&url), "https://example.org/x?y");
    }

    #[test]
    fn arrays_are_joined() {
        let mut array = b" [1, 2] \n".to_vec();
        join(&mut array, b"\n[3]");
        assert_eq!(array, b" [1, 2,3]");
    }
}
