//! Public pages that are the same for everybody: made at most once in a few seconds, however
//! many look. Never holds a page with anybody's own in it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use tokio::time::Instant;

use super::error::Fault;
use crate::token::to_hex;

/// How long what was made counts.
pub(super) const FRESH: Duration = Duration::from_secs(5);
/// Pages kept at once: strangers choose which days they look at.
const MOST: usize = 100;

/// A page as made.
#[derive(Debug)]
pub(super) struct Page {
    /// Its text.
    pub(super) text: String,
    /// Its entity tag (RFC 9110 8.8.3), which another text has not.
    pub(super) tag: String,
}

impl Page {
    pub(super) fn new(text: String) -> Self {
        let tag = format!("\"{}\"", &to_hex(&Sha256::digest(text.as_bytes()))[..32]);
        Self { text, tag }
    }
}

/// The pages that were made lately, by their address.
#[derive(Debug, Default)]
pub(super) struct Kept(Mutex<HashMap<String, (Instant, Arc<Page>)>>);

impl Kept {
    /// The page at `address`, made by `make` unless it was lately. `make` says as well whether
    /// the page is worth keeping: a site that has no papers yet shows its first at once.
    pub(super) async fn page(
        &self,
        address: &str,
        make: impl Future<Output = Result<(String, bool), Fault>>,
    ) -> Result<Arc<Page>, Fault> {
        let fresh = |at: &Instant| at.elapsed() < FRESH;
        if let Some((at, page)) = self.pages().get(address)
            && fresh(at)
        {
            return Ok(Arc::clone(page));
        }
        let (text, worth) = make.await?;
        let page = Arc::new(Page::new(text));
        if worth {
            let mut pages = self.pages();
            if pages.len() >= MOST {
                pages.retain(|_, (at, _)| fresh(at));
            }
            if pages.len() < MOST {
                pages.insert(address.to_owned(), (Instant::now(), Arc::clone(&page)));
            }
        }
        Ok(page)
    }

    fn pages(&self) -> std::sync::MutexGuard<'_, HashMap<String, (Instant, Arc<Page>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_page_is_made_once_in_a_while() {
        let kept = Kept::default();
        let get = async |address: &str, text: &str, worth| {
            let made = async { Ok((text.to_owned(), worth)) };
            kept.page(address, made).await.unwrap_or_else(|_| unreachable!()).text.clone()
        };
        assert_eq!(get("/", "empty", false).await, "empty");
        assert_eq!(get("/", "one", true).await, "one");
        assert_eq!(get("/", "two", true).await, "one");
        assert_eq!(get("/other", "two", true).await, "two");
        tokio::time::advance(FRESH).await;
        assert_eq!(get("/", "three", true).await, "three");
        for n in 0..500 {
            assert_eq!(get(&n.to_string(), "x", true).await, "x");
        }
        assert!(kept.pages().len() <= MOST);
        assert_ne!(Page::new("a".into()).tag, Page::new("b".into()).tag);
    }
}
