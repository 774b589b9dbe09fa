//! A store with something in it, on either database.

#![allow(dead_code, unreachable_pub, reason = "not every test program needs all of it")]

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use paperround::config::Database;
use paperround::model::{
    EmailAddress, FetchOutcome, Listing, Paper, PaperId, Period, Preferences, SubscriberState,
};
use paperround::store::{
    Added, Change, Cohort, FetchRecord, Group, Move, NewDigest, NewSubscriber, Node, Standing,
    Store,
};

use super::fetched::fetch;
use super::postgres::Cluster;

/// Every test here, on either database.
macro_rules! on_both {
    ($($test:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(crate::support::kit::Kit::on_sqlite().await).await;
            })*
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                if let Some(kit) = crate::support::kit::Kit::on_postgres().await {
                    super::$test(kit).await;
                }
            })*
        }
    };
}

/// An empty database of a test's own, and ways to fill it.
pub(crate) struct Kit {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) store: Store,
    pub(crate) database: Database,
    pub(crate) cluster: Option<Cluster>,
}

pub(crate) use on_both;

impl Kit {
    pub(crate) async fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::from_url("sqlite:test.db", folder.path()).unwrap();
        let store = Store::open(&database).await.unwrap();
        Self { folder, store, database, cluster: None }
    }

    pub(crate) async fn on_postgres() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let cluster = Cluster::start()?;
        let database = Database::from_url(&cluster.url(), folder.path()).unwrap();
        let store = Store::open(&database).await.unwrap();
        Some(Self { folder, store, database, cluster: Some(cluster) })
    }

    pub(crate) async fn node(&self) -> Arc<Node> {
        let folder = self.folder.path().join("nodes");
        Node::enter(&self.store, &folder, Standing::default()).await.unwrap()
    }

    pub(crate) async fn list(&self, day: &str, at: &str, papers: Vec<Paper>) -> (u64, u64) {
        let listing =
            Listing { period: Period::Day(day.parse().unwrap()), papers, rejected: Vec::new() };
        let change = self.store.record_fetch(&record(&listing, at, FetchOutcome::Good)).await;
        let change = change.unwrap();
        (change.new, change.changed)
    }

    pub(crate) async fn add(&self, names: &[&str], due: &str) {
        let new: Vec<NewSubscriber> = names
            .iter()
            .map(|name| NewSubscriber {
                email: address(name),
                state: SubscriberState::Active,
                preferences: Preferences::default(),
                confirmed_at: None,
                paused_until: None,
                next_due_at: Some(time(due)),
                how: "a test".to_owned(),
                mark: String::new(),
            })
            .collect();
        let added = self.store.add_subscribers(&new, time(due)).await.unwrap();
        assert!(added.iter().all(|one| *one == Added::New));
    }

    /// Plans the one cohort due at `now` with these papers.
    pub(crate) async fn plan(&self, now: &str, papers: &[i64]) -> u64 {
        let cohort = self.store.next_cohort(time(now)).await.unwrap().unwrap();
        self.plan_cohort(&cohort, now, papers).await
    }

    pub(crate) async fn plan_cohort(&self, cohort: &Cohort, now: &str, papers: &[i64]) -> u64 {
        plan_cohort(&self.store, cohort, now, papers).await
    }

    /// Moves a subscriber, wherever they stand; what waits for them stays.
    pub(crate) async fn set_state(&self, id: i64, to: SubscriberState, now: Timestamp) {
        let change = Change {
            subscriber: id,
            from: &SubscriberState::ALL,
            to,
            next_due_at: None,
            paused_until: None,
            detail: "a test".to_owned(),
            consent: None,
            ends_waiting: None,
            notice: None,
            lifts: None,
        };
        assert_eq!(self.store.change(change, now).await.unwrap(), Some(0));
    }

    pub(crate) async fn history(&self, name: &str) -> Vec<i64> {
        let one = self.store.subscriber(&address(name)).await.unwrap().unwrap();
        self.store.history(one.history).await.unwrap()
    }
}

pub(crate) fn record<'a>(listing: &'a Listing, at: &str, outcome: FetchOutcome) -> FetchRecord<'a> {
    FetchRecord {
        etag: Some("W/\"1\""),
        body_hash: Some("00"),
        listing: Some(listing),
        ..fetch("huggingface", time(at), outcome)
    }
}

pub(crate) fn begun(ids: &[i64]) -> Group {
    Group { begun: ids.to_vec(), ..Group::default() }
}

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn address(name: &str) -> EmailAddress {
    format!("{name}@example.org").parse().unwrap()
}

pub(crate) fn paper(id: &str, votes: u32) -> Paper {
    let id = PaperId::from_arxiv(id).unwrap();
    let url = format!("https://huggingface.co/papers/{id}");
    Paper { votes: Some(votes), ..Paper::new(id, "A title", url) }
}

/// Plans this cohort with these papers.
pub(crate) async fn plan_cohort(store: &Store, cohort: &Cohort, now: &str, papers: &[i64]) -> u64 {
    let history: Vec<i64> = cohort.sent.iter().chain(papers).copied().collect();
    let now = time(now);
    let step = Move {
        now,
        day: paperround::model::Zone::UTC.civil(now).date(),
        next_due_at: now + SignedDuration::from_hours(24),
        history: &history,
        candidates: 3,
        reason: "a test",
    };
    let digest = NewDigest {
        papers: papers.to_vec(),
        marker: "MARK".to_owned(),
        subject: "Subject".to_owned(),
        html: "<p>MARK</p>".to_owned(),
        text: "MARK".to_owned(),
        letterhead: String::new(),
        expires_at: now + SignedDuration::from_hours(20),
    };
    store.enqueue_digest(cohort, &digest, &step).await.unwrap()
}
