//! Fetches as they are recorded, without a source.

#![allow(dead_code, unreachable_pub, reason = "not every test program needs all of it")]

use jiff::Timestamp;
use paperround::model::{FetchOutcome, Listing};
use paperround::store::FetchRecord;

/// A fetch of `source` with that outcome.
pub fn fetch(source: &str, at: Timestamp, outcome: FetchOutcome) -> FetchRecord<'_> {
    FetchRecord {
        source,
        url: "https://huggingface.co/papers",
        at,
        outcome,
        reason: None,
        reachable: true,
        listing: None,
        etag: None,
        last_modified: None,
        body_hash: None,
        kept: None,
        not_before: None,
    }
}

/// A good one, which brought this listing.
pub fn good<'a>(source: &'a str, at: Timestamp, listing: &'a Listing) -> FetchRecord<'a> {
    FetchRecord { listing: Some(listing), ..fetch(source, at, FetchOutcome::Good) }
}
