//! The store on a real database: papers kept once, cohorts moved whole, books that balance
//! whatever happens to a process in between.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use jiff::SignedDuration;
use paperround::model::{FetchOutcome, Listing, Paper, Period, Preferences, SubscriberState};
use paperround::store::{
    ConfigOutcome, Finished, Group, Move, NewConfigVersion, NewDigest, QueueFilter, Recorded,
    Recovered, Store, StoreError,
};

use support::kit::*;

on_both!(
    a_paper_is_kept_once_with_the_newest_known_of_each_field,
    only_good_fetches_touch_the_papers_and_lists_are_remembered,
    a_cohort_is_moved_whole_and_only_once,
    nobody_has_two_digests_on_one_local_day,
    what_is_not_sent_is_given_back,
    what_a_dead_process_had_claimed_is_taken_back,
    who_lost_its_lease_changes_nothing_but_what_is_true,
    two_claims_at_one_instant_share_nothing,
    a_slower_rhythm_remembers_what_was_sent_before,
    votes_are_remembered_over_time,
    a_cohorts_days_without_news_are_known,
    versions_of_the_config_are_noted_once_and_the_last_hundred_kept,
    who_wishes_what_is_counted,
    a_digest_keeps_its_letterhead
);

async fn a_paper_is_kept_once_with_the_newest_known_of_each_field(kit: Kit) {
    let mut first = paper("2602.00001", 3);
    first.brief = Some("In one line.".to_owned());
    let day = "2026-02-20";
    assert_eq!(kit.list(day, "2026-02-20T08:00:00Z", vec![first]).await, (1, 0));
    let again = vec![paper("2602.00001v2", 9), paper("2602.00002", 0)];
    assert_eq!(kit.list(day, "2026-02-20T09:00:00Z", again.clone()).await, (1, 1));
    assert_eq!(kit.list(day, "2026-02-20T10:00:00Z", again).await, (0, 0));
    let found = kit.store.candidates(time("2026-02-20T00:00:00Z")).await.unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].paper.votes, Some(9));
    assert_eq!(found[0].paper.brief.as_deref(), Some("In one line."));
    assert_eq!(found[0].first_listed_at, time("2026-02-20T08:00:00Z"));
    let later = kit.store.candidates(time("2026-02-20T08:30:00Z")).await.unwrap();
    assert_eq!(later.len(), 1);
}

async fn only_good_fetches_touch_the_papers_and_lists_are_remembered(kit: Kit) {
    let papers: Vec<Paper> = (1..=20).map(|n| paper(&format!("2602.{n:05}"), n)).collect();
    let listing = Listing {
        period: Period::Day("2026-02-20".parse().unwrap()),
        papers,
        rejected: Vec::new(),
    };
    for outcome in [FetchOutcome::Broken, FetchOutcome::Incomplete, FetchOutcome::Unchanged] {
        kit.store.record_fetch(&record(&listing, "2026-02-20T08:00:00Z", outcome)).await.unwrap();
    }
    assert_eq!(kit.store.count_papers().await.unwrap(), 0);
    assert_eq!(
        kit.store.validator("huggingface", "https://huggingface.co/papers").await.unwrap(),
        Default::default()
    );
    kit.store
        .record_fetch(&record(&listing, "2026-02-20T09:00:00Z", FetchOutcome::Good))
        .await
        .unwrap();
    let since = time("2026-02-10T00:00:00Z");
    let recent = kit.store.recent_lists("huggingface", since).await.unwrap();
    assert_eq!(recent, [(listing.period, 20)]);
    assert_eq!(kit.store.recent_lists("another", since).await.unwrap(), []);
    let last =
        kit.store.last_good_fetch("huggingface", jiff::Timestamp::MAX).await.unwrap().unwrap();
    assert_eq!((last.new, last.listed), (20, 20));
}

async fn a_cohort_is_moved_whole_and_only_once(kit: Kit) {
    kit.add(&["alice", "bob", "carol"], "2026-02-20T08:00:00Z").await;
    let now = "2026-02-20T08:00:00Z";
    assert!(kit.store.next_cohort(time("2026-02-20T07:59:59Z")).await.unwrap().is_none());
    let cohort = kit.store.next_cohort(time(now)).await.unwrap().unwrap();
    assert_eq!(kit.plan_cohort(&cohort, now, &[1, 2]).await, 3);
    assert!(kit.store.next_cohort(time(now)).await.unwrap().is_none());
    // Another process planned from the same reading: nobody gets a second digest.
    assert_eq!(kit.plan_cohort(&cohort, now, &[1, 2]).await, 0);
    let books = kit.store.books().await.unwrap();
    assert_eq!((books.planned, books.waiting), (3, 3));
    assert!(books.balance());
    assert_eq!(kit.history("alice").await, [1, 2]);
}

async fn nobody_has_two_digests_on_one_local_day(kit: Kit) {
    kit.add(&["alice"], "2026-02-20T08:00:00Z").await;
    assert_eq!(kit.plan("2026-02-20T08:00:00Z", &[1]).await, 1);
    let alice = kit.store.subscriber(&address("alice")).await.unwrap().unwrap();
    let soon = Some(time("2026-02-20T12:00:00Z"));
    let since = time("2026-02-13T00:00:00Z");
    kit.store
        .set_preferences(&alice, &alice.preferences, soon, since, time("2026-02-20T09:00:00Z"), "")
        .await
        .unwrap();
    assert_eq!(kit.plan("2026-02-20T12:00:00Z", &[2]).await, 0);
    assert_eq!(kit.history("alice").await, [1]);
    assert!(kit.store.next_cohort(time("2026-02-20T23:00:00Z")).await.unwrap().is_none());
    assert_eq!(kit.plan("2026-02-21T12:00:00Z", &[2]).await, 1);
    assert_eq!(kit.history("alice").await, [1, 2]);
}

async fn what_is_not_sent_is_given_back(kit: Kit) {
    kit.add(&["alice", "bob", "carol", "dave"], "2026-02-20T08:00:00Z").await;
    let now = time("2026-02-20T08:00:00Z");
    assert_eq!(kit.plan("2026-02-20T08:00:00Z", &[1, 2]).await, 4);
    let node = kit.node().await;
    let dave = kit.store.subscriber(&address("dave")).await.unwrap().unwrap();
    kit.set_state(dave.id, SubscriberState::Unsubscribed, now).await;
    let (claimed, skipped) = kit.store.claim(&node, now, 10).await.unwrap();
    assert_eq!((claimed.len(), skipped), (3, 1));
    let reply = "250 OK".to_owned();
    let ends = [
        Recorded::Sent { reply: reply.clone() },
        Recorded::Failed { reply: "550 5.1.1 no such user".to_owned() },
        Recorded::Deferred {
            next_attempt_at: now + SignedDuration::from_mins(5),
            counts: true,
            doubtful: false,
            reply: "450 later".to_owned(),
        },
    ];
    let finished: Vec<Finished> = claimed
        .iter()
        .zip(ends)
        .map(|(one, what)| Finished { id: one.id, relay: Some("test".to_owned()), what })
        .collect();
    kit.store.record(&node, now, &Group { finished, ..Group::default() }, true).await.unwrap();
    let books = kit.store.books().await.unwrap();
    assert_eq!((books.sent, books.failed, books.waiting, books.skipped), (1, 1, 1, 1));
    assert!(books.balance());
    assert_eq!(kit.history("alice").await, [1, 2]);
    assert_eq!(kit.history("bob").await, Vec::<i64>::new());
    assert_eq!(kit.history("carol").await, [1, 2]);

    // The deferred one is not due before its time, and expires in the end.
    assert_eq!(kit.store.claim(&node, now, 10).await.unwrap().0.len(), 0);
    let late = now + SignedDuration::from_hours(21);
    let (claimed, skipped) = kit.store.claim(&node, late, 10).await.unwrap();
    assert_eq!((claimed.len(), skipped), (0, 1));
    assert_eq!(kit.history("carol").await, Vec::<i64>::new());
    let bob = kit.store.subscriber(&address("bob")).await.unwrap().unwrap();
    let told = kit.store.timeline(&bob).await.unwrap();
    let failed = told.iter().find(|event| event.what == "failed").unwrap();
    assert_eq!(failed.reason.as_deref(), Some("550 5.1.1 no such user"));
}

async fn what_a_dead_process_had_claimed_is_taken_back(kit: Kit) {
    kit.add(&["alice", "bob", "carol"], "2026-02-20T08:00:00Z").await;
    let now = time("2026-02-20T08:00:00Z");
    assert_eq!(kit.plan("2026-02-20T08:00:00Z", &[1]).await, 3);
    let dead = kit.node().await;
    let (claimed, _) = kit.store.claim(&dead, now, 2).await.unwrap();
    kit.store.record(&dead, now, &begun(&[claimed[0].id]), true).await.unwrap();
    let mine = kit.node().await;
    assert_eq!(kit.store.recover(&mine).await.unwrap(), Recovered::default(), "it lives");
    drop(dead);
    let recovered = kit.store.recover(&mine).await.unwrap();
    assert_eq!(recovered, Recovered { deliveries: 2, doubtful: 1 });
    assert_eq!(kit.store.recover(&mine).await.unwrap(), Recovered::default(), "once");
    let doubtful = QueueFilter { doubtful: true, ..QueueFilter::default() };
    let listed = kit.store.queue(&doubtful, 0, 10).await.unwrap();
    assert_eq!(listed.len(), 1, "only what was on the wire");
    assert_eq!(listed[0].id, claimed[0].id);
    assert_eq!(kit.store.claim(&mine, now, 10).await.unwrap().0.len(), 3);
    let nodes = kit.store.nodes().await.unwrap();
    let told: Vec<(bool, i64)> = nodes.iter().map(|node| (node.fenced, node.claims)).collect();
    assert_eq!(told, [(true, 0), (false, 3)]);
}

async fn who_lost_its_lease_changes_nothing_but_what_is_true(kit: Kit) {
    kit.add(&["alice", "bob", "carol"], "2026-02-20T08:00:00Z").await;
    let now = time("2026-02-20T08:00:00Z");
    kit.plan("2026-02-20T08:00:00Z", &[1]).await;
    let cut_off = kit.node().await;
    let (claimed, _) = kit.store.claim(&cut_off, now, 3).await.unwrap();
    let ids: Vec<i64> = claimed.iter().map(|one| one.id).collect();
    kit.store.record(&cut_off, now, &begun(&ids[..2]), true).await.unwrap();
    // Others fence it, and one of its mails is claimed anew.
    cut_off.leave().await.unwrap();
    let mine = kit.node().await;
    assert_eq!(kit.store.claim(&mine, now, 1).await.unwrap().0[0].id, ids[0]);
    let sent = |id| Finished {
        id,
        relay: Some("test".to_owned()),
        what: Recorded::Sent { reply: "250 OK".to_owned() },
    };
    let finished: Vec<Finished> = ids.iter().map(|id| sent(*id)).collect();
    let all = Group { finished, ..Group::default() };
    let recorded = kit.store.record(&cut_off, now, &all, true).await;
    assert!(matches!(recorded, Err(StoreError::Fenced)));
    assert!(!cut_off.holds());
    // The doubtful one that nobody has again was sent; the others are not its to judge.
    let books = kit.store.books().await.unwrap();
    assert_eq!((books.sent, books.waiting), (1, 2));
    assert!(kit.store.claim(&cut_off, now, 1).await.unwrap().0.is_empty());
    let before = cut_off.name();
    cut_off.rejoin().await.unwrap();
    assert!(cut_off.holds() && cut_off.name() != before);
    assert_eq!(kit.store.claim(&cut_off, now, 5).await.unwrap().0.len(), 1);
}

async fn two_claims_at_one_instant_share_nothing(kit: Kit) {
    kit.add(&["alice", "bob", "carol"], "2026-02-20T08:00:00Z").await;
    let now = time("2026-02-20T08:00:00Z");
    kit.plan("2026-02-20T08:00:00Z", &[1]).await;
    let node = kit.node().await;
    let (first, _) = kit.store.claim(&node, now, 2).await.unwrap();
    let (second, _) = kit.store.claim(&node, now, 2).await.unwrap();
    assert_eq!((first.len(), second.len()), (2, 1));
    assert!(first.iter().all(|one| one.id != second[0].id));
}

async fn a_slower_rhythm_remembers_what_was_sent_before(kit: Kit) {
    kit.add(&["alice"], "2026-02-20T08:00:00Z").await;
    kit.plan("2026-02-20T08:00:00Z", &[1, 2]).await;
    let alice = kit.store.subscriber(&address("alice")).await.unwrap().unwrap();
    // The history was trimmed; the deliveries still know.
    let cohort = kit.store.next_cohort(time("2026-02-21T08:00:00Z")).await.unwrap().unwrap();
    let step = Move {
        now: time("2026-02-21T08:00:00Z"),
        day: "2026-02-21".parse().unwrap(),
        next_due_at: time("2026-02-22T08:00:00Z"),
        history: &[2],
        candidates: 1,
        reason: "nothing new",
    };
    assert_eq!(kit.store.enqueue_nothing(&cohort, &step).await.unwrap(), 1);
    assert_eq!(kit.history("alice").await, [2]);
    let rhythm = Some("monthly:1".parse().unwrap());
    let monthly = Preferences { rhythm, ..alice.preferences.clone() };
    let due = Some(time("2026-03-01T08:00:00Z"));
    let since = time("2026-02-01T00:00:00Z");
    kit.store
        .set_preferences(&alice, &monthly, due, since, time("2026-02-21T09:00:00Z"), "monthly")
        .await
        .unwrap();
    assert_eq!(kit.history("alice").await, [1, 2]);
}

#[tokio::test]
async fn a_newer_or_foreign_database_is_left_alone() {
    let kit = Kit::on_sqlite().await;
    let path = kit.folder.path().join("test.db");
    kit.store.close().await;
    let raw = sqlx::SqlitePool::connect(&format!("sqlite:{}", path.display())).await.unwrap();
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (9999, 'from the future', TRUE, x'00', 0)",
    )
    .execute(&raw)
    .await
    .unwrap();
    raw.close().await;
    let refused = Store::open_sqlite(&path).await.unwrap_err();
    assert!(matches!(refused, StoreError::Newer { found: 9999, .. }), "{refused}");

    let foreign = kit.folder.path().join("notes.txt");
    std::fs::write(&foreign, "not a database, but longer than a header of one ".repeat(20))
        .unwrap();
    let refused = Store::open_sqlite(&foreign).await.unwrap_err();
    assert!(refused.to_string().contains("another kind of file"), "{refused}");
    assert!(std::fs::read_to_string(&foreign).unwrap().starts_with("not a database"));
}

async fn votes_are_remembered_over_time(kit: Kit) {
    let day = "2026-02-20";
    for (at, votes) in [("08", 3), ("10", 9), ("12", 9), ("14", 40)] {
        let mut papers = vec![paper("2602.00001", votes)];
        if votes > 3 {
            papers.push(paper("2602.00002", votes + 1));
            // One of which no votes are told.
            papers.push(Paper { votes: None, ..paper("2602.00003", 0) });
        }
        kit.list(day, &format!("2026-02-20T{at}:00:00Z"), papers).await;
    }
    let found = kit.store.candidates(time("2026-02-20T00:00:00Z")).await.unwrap();
    let rows: Vec<i64> = found.iter().map(|one| one.row).collect();
    let votes_at = async |since: &str, at: &str| {
        let moment = |hour: &str| time(&format!("2026-02-20T{hour}:00Z"));
        let votes = kit.store.votes_at(moment(since), moment(at)).await.unwrap();
        rows.iter().map(|row| votes.get(row).copied()).collect::<Vec<_>>()
    };
    assert_eq!(votes_at("00:00", "07:59").await, [None, None, None]);
    assert_eq!(votes_at("00:00", "08:00").await, [Some(3), None, None]);
    assert_eq!(votes_at("00:00", "13:00").await, [Some(9), Some(10), None]);
    assert_eq!(votes_at("09:00", "23:00").await, [None, Some(41), None]);

    let moments = ["08:30", "11:00", "14:00"].map(|hour| time(&format!("2026-02-20T{hour}:00Z")));
    let courses = kit.store.courses(moments).await.unwrap();
    let votes: Vec<_> = courses.iter().map(|course| course.votes).collect();
    let wanted = [[Some(3), Some(9), Some(40)], [None, Some(10), Some(41)], [None, None, None]];
    assert_eq!(votes, wanted);
    assert_eq!(courses[1].paper.id.as_str(), "2602.00002");
    // What was not listed since the first of them has no course.
    let later = ["15:00", "16:00", "17:00"].map(|hour| time(&format!("2026-02-20T{hour}:00Z")));
    assert!(kit.store.courses(later).await.unwrap().is_empty());

    let read = async |from: &str, to: &str| kit.store.was_read(time(from), time(to)).await.unwrap();
    assert!(read("2026-02-20T13:00:00Z", "2026-02-20T14:00:00Z").await);
    assert!(!read("2026-02-20T14:00:00Z", "2026-02-21T14:00:00Z").await);
    let listing = Listing {
        period: Period::Day(day.parse().unwrap()),
        papers: Vec::new(),
        rejected: Vec::new(),
    };
    for (at, outcome) in [("10", FetchOutcome::Broken), ("12", FetchOutcome::Empty)] {
        let at = format!("2026-02-21T{at}:00:00Z");
        kit.store.record_fetch(&record(&listing, &at, outcome)).await.unwrap();
    }
    assert!(!read("2026-02-20T14:00:00Z", "2026-02-21T11:00:00Z").await);
    assert!(read("2026-02-20T14:00:00Z", "2026-02-21T12:00:00Z").await);
}

async fn a_cohorts_days_without_news_are_known(kit: Kit) {
    let due = "2026-02-20T08:00:00Z";
    kit.list("2026-02-20", due, vec![paper("2602.00001", 3)]).await;
    kit.add(&["ada", "bob"], due).await;
    let cohort = kit.store.next_cohort(time(due)).await.unwrap().unwrap();
    assert_eq!(cohort.last_day, None);
    kit.plan_cohort(&cohort, due, &[1]).await;
    // A third, with the same profile and history, who had no digest yet, is a cohort of their own.
    let next = "2026-02-21T08:00:00Z";
    kit.add(&["cy"], next).await;
    let cohorts = kit.store.due_cohorts(time(next)).await.unwrap();
    let days: Vec<_> = cohorts
        .iter()
        .map(|(cohort, readers)| (cohort.last_day.map(|day| day.to_string()), *readers))
        .collect();
    assert_eq!(days.len(), 2);
    assert!(days.contains(&(None, 1)) && days.contains(&(Some("2026-02-20".to_owned()), 2)));

    let nothing = async |cohort: &paperround::store::Cohort, at: &str, history: &[i64]| {
        let now = time(at);
        let step = Move {
            now,
            day: paperround::model::Zone::UTC.civil(now).date(),
            next_due_at: now + SignedDuration::from_hours(24),
            history,
            candidates: 1,
            reason: "a test",
        };
        kit.store.enqueue_nothing(cohort, &step).await.unwrap()
    };
    let known = cohorts.iter().find(|(cohort, _)| cohort.last_day.is_some()).unwrap();
    assert_eq!(nothing(&known.0, next, &[1]).await, 2);
    // The day after, what they were sent has left the look-back.
    let third = "2026-02-22T08:00:00Z";
    let cohorts = kit.store.due_cohorts(time(third)).await.unwrap();
    let known = cohorts.iter().find(|(cohort, _)| cohort.last_day.is_some()).unwrap();
    assert_eq!(nothing(&known.0, third, &[]).await, 2);

    let fourth = kit.store.due_cohorts(time("2026-02-23T08:00:00Z")).await.unwrap();
    let (cohort, _) = fourth.iter().find(|(cohort, _)| cohort.last_day.is_some()).unwrap();
    let silent = async |history: i64, after: &str| {
        let since = time("2026-02-01T00:00:00Z");
        let after = after.parse().unwrap();
        let found = kit.store.silent_plans(cohort.profile, history, after, since).await.unwrap();
        found.iter().map(|one| one.day.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(silent(cohort.history, "2026-02-20").await, ["2026-02-21", "2026-02-22"]);
    assert_eq!(silent(cohort.history, "2026-02-21").await, ["2026-02-22"]);
    // Those whose history is another have had others.
    assert!(silent(cohort.history + 1_000, "2026-02-20").await.is_empty());
}

async fn versions_of_the_config_are_noted_once_and_the_last_hundred_kept(kit: Kit) {
    let note = async |who: &str, text: &str, outcome, reason: Option<&str>| {
        let new = NewConfigVersion { who, file: "c.toml", text, outcome, reason };
        kit.store.note_config(&new, time("2026-02-20T08:00:00Z")).await.unwrap()
    };
    use ConfigOutcome::{Applied, Refused, Written};
    let first = note("file", "one", Applied, None).await;
    assert_eq!(note("file", "one", Applied, None).await, first, "in force already");
    // What was written is taken over by whoever reads it, and stays whose it is.
    let second = note("ann", "two", Written, None).await;
    assert_eq!(note("file", "two", Applied, None).await, second);
    let found = kit.store.config_version(second).await.unwrap().unwrap();
    assert_eq!((found.who.as_str(), found.outcome, found.text.as_str()), ("ann", Applied, "two"));
    let bad = note("file", "three", Refused, Some("c.toml:1:1: no")).await;
    assert_eq!(note("file", "three", Refused, Some("c.toml:1:1: no")).await, bad);
    assert_eq!(kit.store.config_applied().await.unwrap().unwrap().id, second);
    for number in 0..120 {
        note("file", &format!("bad {number}"), Refused, Some("no")).await;
    }
    let kept = kit.store.config_versions(1_000).await.unwrap();
    assert_eq!(kept.len(), 101, "and the last that was applied");
    assert_eq!(kept.last().unwrap().id, second);
    assert_eq!(kept[0].reason.as_deref(), Some("no"));
    assert_eq!(kit.store.config_version(first).await.unwrap().map(|one| one.id), None);
}

async fn who_wishes_what_is_counted(kit: Kit) {
    kit.add(&["a", "b", "c"], "2026-02-20T08:00:00Z").await;
    kit.add(&["d"], "2026-02-21T08:00:00Z").await;
    kit.list("2026-02-20", "2026-02-20T06:00:00Z", vec![paper("2602.00001", 1)]).await;
    let now = time("2026-02-20T09:00:00Z");
    let wishing = kit.store.wishing(now).await.unwrap();
    assert_eq!(wishing.len(), 1);
    assert_eq!((wishing[0].readers, wishing[0].overdue), (4, 3));
    assert_eq!(wishing[0].next_due_at, Some(time("2026-02-21T08:00:00Z")));
    assert_eq!(wishing[0].served_on("2026-02-20".parse().unwrap()), 0);
    assert_eq!(kit.plan("2026-02-20T09:00:00Z", &[1]).await, 3);
    let wishing = kit.store.wishing(now).await.unwrap();
    assert_eq!(wishing[0].served_on("2026-02-20".parse().unwrap()), 3);
    let domains = kit.store.readers_by_domain().await.unwrap();
    assert_eq!(domains, [("example.org".to_owned(), 4)]);
    let between = kit.store.first_listed_between(time("2026-02-20T05:00:00Z"), now).await.unwrap();
    assert_eq!(between, 1);
}

async fn a_digest_keeps_its_letterhead(kit: Kit) {
    kit.add(&["a"], "2026-02-20T08:00:00Z").await;
    kit.list("2026-02-20", "2026-02-20T06:00:00Z", vec![paper("2602.00001", 1)]).await;
    let cohort = kit.store.next_cohort(time("2026-02-20T09:00:00Z")).await.unwrap().unwrap();
    let digest = NewDigest {
        papers: vec![1],
        marker: "MARK".to_owned(),
        subject: "Subject".to_owned(),
        html: "<p>MARK</p>".to_owned(),
        text: "MARK".to_owned(),
        letterhead: "{\"title\":\"x\"}".to_owned(),
        expires_at: time("2026-02-21T08:00:00Z"),
    };
    let step = Move {
        now: time("2026-02-20T09:00:00Z"),
        day: "2026-02-20".parse().unwrap(),
        next_due_at: time("2026-02-21T08:00:00Z"),
        history: &[1],
        candidates: 1,
        reason: "a test",
    };
    assert_eq!(kit.store.enqueue_digest(&cohort, &digest, &step).await.unwrap(), 1);
    let stored = kit.store.digest(1).await.unwrap().unwrap();
    assert_eq!(stored.letterhead, digest.letterhead);
}
