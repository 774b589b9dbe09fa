//! A database that several processes share: who may join, who takes which step, whom a reader
//! hears from; and moving everything from one database to another.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use std::collections::BTreeMap;
use std::sync::Arc;

use paperround::config::Database;
use paperround::model::{Paper, Preferences, SubscriberState};
use paperround::store::{
    Finished, Group, NewSubscriber, Node, QueueFilter, Recorded, Recovered, Standing, Store,
    StoreError,
};

use support::kit::*;

const DUE: &str = "2026-02-20T08:00:00Z";

on_both!(
    strangers_are_refused_in_words,
    a_step_is_one_process_at_a_time,
    of_two_that_plan_at_once_one_does,
    many_claim_at_once_and_nobody_claims_twice,
    whoever_is_fenced_while_it_claims_leaves_nothing_behind,
    a_unit_that_is_cut_off_leaves_nothing_open,
    everything_moves_house_and_back,
    what_a_database_forgot_is_told_again,
    a_sound_database_says_so,
);

fn standing(key: &str, from: &str) -> Standing {
    let facts = BTreeMap::from([("mail.from".to_owned(), from.to_owned())]);
    Standing { key_mark: key.to_owned(), facts }
}

async fn strangers_are_refused_in_words(kit: Kit) {
    // Another machine: its lock files are elsewhere.
    let enter = |place: &'static str, key: &'static str, from: &'static str| {
        let (store, folder) = (kit.store.clone(), kit.folder.path().join(place));
        async move { Node::enter(&store, &folder, standing(key, from)).await }
    };
    let first = enter("a", "key", "me@example.org").await.unwrap();
    let second = enter("b", "key", "me@example.org").await.unwrap();
    let refused = enter("c", "other", "me@example.org").await.unwrap_err();
    assert!(matches!(refused, StoreError::Stranger { .. }));
    assert!(refused.to_string().contains("another key"), "{refused}");
    let refused = enter("c", "key", "you@example.org").await.unwrap_err().to_string();
    assert!(refused.contains("mail.from") && refused.contains("you@example.org"), "{refused}");
    second.leave().await.unwrap();
    // On its own machine a process that is gone counts for nothing at once.
    drop(first);
    let alone = enter("a", "key", "you@example.org").await.unwrap();
    alone.leave().await.unwrap();

    // Mails that wait are named by the key.
    kit.add(&["alice"], DUE).await;
    assert_eq!(kit.plan(DUE, &[1]).await, 1);
    let refused = enter("a", "other", "me@example.org").await.unwrap_err().to_string();
    assert!(refused.contains("1 mails") && refused.contains("paperround.key"), "{refused}");
    let node = enter("a", "key", "me@example.org").await.unwrap();
    let (claimed, _) = kit.store.claim(&node, time(DUE), 9).await.unwrap();
    let what = Recorded::Failed { reply: "550".to_owned() };
    let finished = vec![Finished { id: claimed[0].id, relay: None, what }];
    let group = Group { finished, ..Group::default() };
    kit.store.record(&node, time(DUE), &group, true).await.unwrap();
    node.leave().await.unwrap();
    enter("a", "other", "me@example.org").await.unwrap();
}

async fn a_step_is_one_process_at_a_time(kit: Kit) {
    let (one, two) = (kit.node().await, kit.node().await);
    assert!(kit.store.take_step("plan", &one).await.unwrap());
    assert!(kit.store.take_step("plan", &one).await.unwrap(), "it has it already");
    assert!(!kit.store.take_step("plan", &two).await.unwrap());
    assert!(kit.store.take_step("fetch:a", &two).await.unwrap());
    kit.store.give_step("plan", &two).await.unwrap();
    assert!(!kit.store.take_step("plan", &two).await.unwrap(), "it was not its to give");
    kit.store.give_step("plan", &one).await.unwrap();
    assert!(kit.store.take_step("plan", &two).await.unwrap());
    drop(two);
    assert!(kit.store.take_step("plan", &one).await.unwrap(), "of the dead it is free");
}

/// Another connection pool to the same database, as another process has.
async fn another(kit: &Kit) -> Store {
    Store::open(&kit.database).await.unwrap()
}

async fn of_two_that_plan_at_once_one_does(kit: Kit) {
    let names: Vec<String> = (0..200).map(|at| format!("reader{at}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    kit.add(&names, DUE).await;
    let cohort = kit.store.next_cohort(time(DUE)).await.unwrap().unwrap();
    let stores = [another(&kit).await, another(&kit).await, another(&kit).await];
    let plans = stores.iter().map(|store| plan_cohort(store, &cohort, DUE, &[1]));
    let planned: Vec<u64> = futures_util::future::join_all(plans).await;
    assert_eq!(planned.iter().sum::<u64>(), 200, "{planned:?}");
    assert_eq!(planned.iter().filter(|count| **count > 0).count(), 1, "{planned:?}");
    assert_eq!(kit.store.books().await.unwrap().planned, 200);
    assert!(kit.store.next_cohort(time(DUE)).await.unwrap().is_none());
}

async fn many_claim_at_once_and_nobody_claims_twice(kit: Kit) {
    let names: Vec<String> = (0..300).map(|at| format!("reader{at}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    kit.add(&names, DUE).await;
    assert_eq!(kit.plan(DUE, &[1]).await, 300);
    let mut tasks = Vec::new();
    for _ in 0..4 {
        let (store, node) = (another(&kit).await, kit.node().await);
        tasks.push(tokio::spawn(async move {
            let mut mine = Vec::new();
            loop {
                let (claimed, _) = store.claim(&node, time(DUE), 7).await.unwrap();
                if claimed.is_empty() {
                    return (node, mine);
                }
                mine.extend(claimed.iter().map(|one| one.id));
            }
        }));
    }
    let (mut all, mut nodes) = (Vec::new(), Vec::new());
    for task in tasks {
        let (node, mine) = task.await.unwrap();
        all.extend(mine);
        nodes.push(node);
    }
    // On PostgreSQL a claim passes over what others hold at that instant; what is left then
    // is claimed by whoever looks next.
    let rest = kit.store.claim(&nodes[0], time(DUE), 300).await.unwrap().0;
    all.extend(rest.iter().map(|one| one.id));
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 300);
}

async fn whoever_is_fenced_while_it_claims_leaves_nothing_behind(kit: Kit) {
    let names: Vec<String> = (0..100).map(|at| format!("reader{at}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    kit.add(&names, DUE).await;
    assert_eq!(kit.plan(DUE, &[1]).await, 100);
    let mine = kit.node().await;
    for _ in 0..20 {
        let node = kit.node().await;
        let (claiming, leaving) = (another(&kit).await, Arc::clone(&node));
        let claim = async { claiming.claim(&node, time(DUE), 5).await.unwrap().0.len() };
        let (_, left) = tokio::join!(claim, leaving.leave());
        left.unwrap();
        claiming.close().await;
    }
    kit.store.recover(&mine).await.unwrap();
    assert_eq!(kit.store.claim(&mine, time(DUE), 200).await.unwrap().0.len(), 100);
}

/// launchbadge/sqlx#4393: a `begin` that is cut off must not leave its connection inside a
/// transaction that holds what the next one writes.
async fn a_unit_that_is_cut_off_leaves_nothing_open(kit: Kit) {
    let new = |name: String| NewSubscriber {
        email: address(&name),
        state: SubscriberState::Active,
        preferences: Preferences::default(),
        confirmed_at: None,
        paused_until: None,
        next_due_at: Some(time(DUE)),
        how: "a test".to_owned(),
        mark: String::new(),
    };
    for round in 0..60_u64 {
        let one = [new(format!("cut{round}"))];
        let adding = kit.store.add_subscribers(&one, time(DUE));
        let soon = std::time::Duration::from_micros(round * 60);
        let _ = tokio::time::timeout(soon, adding).await;
    }
    let many: Vec<NewSubscriber> = (0..30).map(|at| new(format!("whole{at}"))).collect();
    for one in many.chunks(1) {
        kit.store.add_subscribers(one, time(DUE)).await.unwrap();
    }
    // What was added is there for others, and not inside a unit that never ends.
    let other = another(&kit).await;
    for at in 0..30 {
        let found = other.subscriber(&address(&format!("whole{at}"))).await.unwrap();
        assert!(found.is_some(), "{at}");
    }
}

async fn what_a_database_forgot_is_told_again(kit: Kit) {
    kit.add(&["alice", "bob", "carol", "dora"], DUE).await;
    assert_eq!(kit.plan(DUE, &[1]).await, 4);
    let (node, now) = (kit.node().await, time(DUE));
    let (claimed, _) = kit.store.claim(&node, now, 4).await.unwrap();
    let ids: Vec<i64> = claimed.iter().map(|one| one.id).collect();
    let ended = |id, what| Finished { id, relay: Some("relay".to_owned()), what };
    let sent = |id| ended(id, Recorded::Sent { reply: "250".to_owned() });
    // The first was told and is remembered, the second was told and forgotten.
    let told = Group { finished: vec![sent(ids[0])], ..Group::default() };
    kit.store.record(&node, now, &told, false).await.unwrap();
    let forgotten =
        Group { finished: vec![sent(ids[1])], begun: vec![ids[2], ids[3]], ..Group::default() };
    let refused = Recorded::Failed { reply: "550".to_owned() };
    let last = Group { finished: vec![ended(ids[2], refused)], ..Group::default() };
    kit.store.settle(&node, now, &[told, forgotten], &last).await.unwrap();
    let books = kit.store.books().await.unwrap();
    assert_eq!((books.sent, books.failed, books.waiting), (2, 1, 1));
    let mine = kit.node().await;
    drop(node);
    let recovered = kit.store.recover(&mine).await.unwrap();
    assert_eq!(recovered, Recovered { deliveries: 1, doubtful: 1 }, "it may be on the wire");
}

async fn everything_moves_house_and_back(kit: Kit) {
    kit.list(
        "2026-02-19",
        "2026-02-19T10:00:00Z",
        vec![Paper { title: "Zwölf \"Wörter\"\n".to_owned(), ..paper("2602.00001", 3) }],
    )
    .await;
    kit.add(&["alice", "bob", "carol"], DUE).await;
    assert_eq!(kit.plan(DUE, &[1]).await, 3);
    let node = kit.node().await;
    let (claimed, _) = kit.store.claim(&node, time(DUE), 2).await.unwrap();
    let begun = Group { begun: vec![claimed[0].id], ..Group::default() };
    kit.store.record(&node, time(DUE), &begun, true).await.unwrap();

    // Into the other kind where that is there, else into the same.
    let elsewhere = Kit::on_sqlite().await;
    let server = if kit.cluster.is_none() { Kit::on_postgres().await } else { None };
    let target = server.as_ref().unwrap_or(&elsewhere);
    let refused = kit.store.copy_to(&target.store, |_| ()).await.unwrap_err();
    assert!(refused.to_string().contains("in use"), "{refused}");
    node.leave().await.unwrap();
    let there = kit.store.copy_to(&target.store, |_| ()).await.unwrap();
    assert_eq!(there.iter().find(|one| one.table == "deliveries").unwrap().rows, 3);
    assert_eq!(target.store.books().await.unwrap(), kit.store.books().await.unwrap());
    let refused = kit.store.copy_to(&target.store, |_| ()).await.unwrap_err();
    assert!(refused.to_string().contains("is not empty"), "{refused}");

    // It goes on there: rows are counted on, and doubt has moved along.
    let doubtful = QueueFilter { doubtful: true, ..QueueFilter::default() };
    assert_eq!(target.store.queue(&doubtful, 0, 9).await.unwrap().len(), 1);
    let back = Kit::on_sqlite().await;
    let again = target.store.copy_to(&back.store, |_| ()).await.unwrap();
    assert_eq!(again, there, "the same rows with the same hashes");
    target.add(&["dora"], DUE).await;
    let mine = target.node().await;
    assert_eq!(target.store.recover(&mine).await.unwrap(), Recovered::default());
    assert_eq!(target.store.claim(&mine, time(DUE), 9).await.unwrap().0.len(), 3);
}

/// A server that goes away and comes back is found again.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_was_away_is_found_again() {
    let Some(mut kit) = Kit::on_postgres().await else { return };
    kit.add(&["alice"], DUE).await;
    kit.cluster.as_mut().unwrap().stop();
    assert!(kit.store.books().await.is_err());
    assert!(kit.store.probe().await.is_err());
    kit.cluster.as_mut().unwrap().again();
    let found = kit.store.subscriber(&address("alice")).await;
    // One call may still meet a connection that is gone.
    let found = if found.is_err() { kit.store.subscriber(&address("alice")).await } else { found };
    assert!(found.unwrap().is_some());
    kit.store.probe().await.unwrap();
}

/// However many start at once, the schema is made once.
#[tokio::test(flavor = "multi_thread")]
async fn many_start_at_once() {
    let Some(cluster) = support::postgres::Cluster::start() else { return };
    let database = Database::from_url(&cluster.url(), std::path::Path::new("/")).unwrap();
    let opening = (0..5).map(|_| Store::open(&database));
    for opened in futures_util::future::join_all(opening).await {
        assert!(opened.unwrap().migrations().await.unwrap().iter().all(|step| step.done));
    }
}

/// A password is nowhere shown.
#[test]
fn passwords_stay_hidden() {
    let url = "postgres://me:hunter2@db.example.org/papers";
    let database = Database::from_url(url, std::path::Path::new("/")).unwrap();
    assert_eq!(database.url, "postgres://me@db.example.org/papers");
    assert!(!format!("{database:?}").contains("hunter2"));
}

async fn a_sound_database_says_so(kit: Kit) {
    let sound = kit.store.soundness().await.unwrap();
    let kind = if kit.cluster.is_some() { "PostgreSQL " } else { "SQLite " };
    assert!(sound.version.starts_with(kind), "{sound:?}");
    assert!(sound.faults.is_empty() && !sound.read_only, "{sound:?}");
    assert!(!kit.store.is_new().await.unwrap());
    let since = jiff::Timestamp::UNIX_EPOCH;
    assert_eq!(kit.store.complaints_since(since).await.unwrap(), (0, 0));
    let fresh = match &kit.cluster {
        Some(_) => return,
        None => Database::from_url("sqlite:fresh.db", kit.folder.path()).unwrap(),
    };
    assert!(Store::connect(&fresh).await.unwrap().is_new().await.unwrap());
}
