//! The queue tended by hand, and a day's digest sent once more, on either database: what is done to
//! whom, what is left alone, and that the books balance and no paper comes twice.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "support/daemon.rs"]
mod daemon;
mod support;

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use paperround::model::{DeliveryState, MailKind, SubscriberState, Verdict, Way};
use paperround::store::{
    Again, Books, Deed, Finished, Group, Letter, Missed, NewBounce, NewNotice, NewResend, Node,
    QueueFilter, Recorded, Tended,
};
use paperround::token::Key;
use support::kit::{Kit, address, begun, on_both, paper, time};

on_both!(
    filters_say_which,
    waiting_mail_is_tried_at_once,
    dropped_mail_gives_its_papers_back,
    the_missed_get_it_once_more,
    one_person_gets_it_once_more,
);

const DAY: &str = "2026-11-23";
const NOON: &str = "2026-11-23T12:00:00Z";

/// What a command has made due, the daemon begins at once: somebody waits for it.
#[test]
fn a_daemon_hears_of_what_a_command_made_due() {
    let mut daemon = daemon::Daemon::new(
        "[site]\nurl = \"https://digest.example\"\ndata_dir = \"data\"\n\
         [server]\nlisten = \"LISTEN\"\n\
         [[sources]]\nkind = \"feed\"\nurl = \"http://127.0.0.1:9/feed\"\nschedule = \"0 0 1 1 *\"\n\
         [mail]\nfrom = \"papers@digest.example\"\n[[mail.relays]]\nurl = \"folder:outbox\"\n",
    );
    daemon.serve();
    for email in ["a@example.org", "b@example.org"] {
        daemon.call(&["subscriber", "add", email, "--ask"]);
        let begun = Instant::now();
        let sent = ["--json", "queue", "list", "--state", "sent", "--email", email];
        daemon.wait("it is sent", || !daemon.call(&sent).trim().is_empty());
        assert!(begun.elapsed() < Duration::from_secs(6), "{:?}", begun.elapsed());
    }
    daemon.stop();
}

/// Papers 1 to 4, and a digest of 1 and 2 for each of `names`.
async fn planned(kit: &Kit, names: &[&str]) {
    let papers = (1..5).map(|n| paper(&format!("2611.0000{n}"), n)).collect();
    kit.list(DAY, "2026-11-23T06:00:00Z", papers).await;
    kit.add(names, "2026-11-23T08:00:00Z").await;
    assert_eq!(kit.plan("2026-11-23T08:00:00Z", &[1, 2]).await, names.len() as u64);
}

/// The delivery of a digest to `name` that waits, or what became of it.
async fn delivery(kit: &Kit, name: &str, kind: MailKind) -> (i64, String, Option<String>) {
    let filter = QueueFilter {
        email: Some(address(name)),
        kind: Some(kind),
        ids: (1..1_000).collect(),
        ..QueueFilter::default()
    };
    let mut rows = kit.store.queue(&filter, 0, 10).await.unwrap();
    let row = rows.pop().unwrap();
    (row.id, row.state, row.reason)
}

/// Claims what is due and records the end of each by its reader's name.
async fn end(kit: &Kit, node: &Node, at: &str, what: impl Fn(&str) -> Recorded) {
    let (claimed, _) = kit.store.claim(node, time(at), 100).await.unwrap();
    let ids: Vec<i64> = claimed.iter().map(|one| one.id).collect();
    kit.store.record(node, time(at), &begun(&ids), true).await.unwrap();
    let finished = claimed
        .iter()
        .map(|one| Finished {
            id: one.id,
            relay: Some("mx".to_owned()),
            what: what(one.email.local()),
        })
        .collect();
    let group = Group { finished, ..Group::default() };
    kit.store.record(node, time(at), &group, true).await.unwrap();
}

fn deferred(until: &str) -> Recorded {
    Recorded::Deferred {
        next_attempt_at: time(until),
        counts: true,
        doubtful: false,
        reply: "450 4.2.1 later".to_owned(),
    }
}

fn sent() -> Recorded {
    Recorded::Sent { reply: "250 ok".to_owned() }
}

fn failed() -> Recorded {
    Recorded::Failed { reply: "550 5.7.1 no".to_owned() }
}

fn notice() -> NewNotice {
    let words = Letter {
        kind: MailKind::Probe,
        marker: "MARK".to_owned(),
        subject: "Subject".to_owned(),
        html: "<p>MARK</p>".to_owned(),
        text: "MARK".to_owned(),
        letterhead: String::new(),
    };
    NewNotice {
        letter: Arc::new(words),
        recipient: None,
        expires_at: time("2026-12-01T00:00:00Z"),
        answers: None,
    }
}

async fn books(kit: &Kit) -> Books {
    let books = kit.store.books().await.unwrap();
    assert!(books.balance(), "{books:?}");
    books
}

async fn filters_say_which(kit: Kit) {
    planned(&kit, &["a", "b"]).await;
    let node = kit.node().await;
    end(&kit, &node, "2026-11-23T08:01:00Z", |name| match name {
        "a" => deferred("2026-11-23T20:00:00Z"),
        _ => sent(),
    })
    .await;
    let count = async |filter: QueueFilter| {
        let counts = kit.store.queue_counts(&filter).await.unwrap();
        let total = counts.iter().map(|(_, count)| *count).sum::<u64>();
        assert_eq!(kit.store.queue(&filter, 0, 100).await.unwrap().len() as u64, total);
        total
    };
    let of = QueueFilter::default;
    assert_eq!(count(of()).await, 1, "those that wait");
    assert_eq!(count(QueueFilter { state: Some(DeliveryState::Sent), ..of() }).await, 1);
    assert_eq!(count(QueueFilter { kind: Some(MailKind::Digest), ..of() }).await, 1);
    assert_eq!(count(QueueFilter { kind: Some(MailKind::Confirm), ..of() }).await, 0);
    assert_eq!(count(QueueFilter { email: Some(address("a")), ..of() }).await, 1);
    assert_eq!(count(QueueFilter { email: Some(address("b")), ..of() }).await, 0);
    assert_eq!(count(QueueFilter { domain: Some("Example.ORG".into()), ..of() }).await, 1);
    assert_eq!(count(QueueFilter { domain: Some("ample.org".into()), ..of() }).await, 0);
    assert_eq!(count(QueueFilter { relay: Some("mx".into()), ..of() }).await, 1);
    assert_eq!(count(QueueFilter { relay: Some("other".into()), ..of() }).await, 0);
    assert_eq!(count(QueueFilter { before: Some(time(NOON)), ..of() }).await, 1);
    assert_eq!(count(QueueFilter { before: Some(time("2026-11-23T08:00:00Z")), ..of() }).await, 0);
    assert_eq!(count(QueueFilter { ids: vec![1, 2, 99], ..of() }).await, 2, "in any state");

    let (id, ..) = delivery(&kit, "a", MailKind::Digest).await;
    let entry = kit.store.queue_entry(id).await.unwrap().unwrap();
    assert_eq!((entry.email.as_str(), entry.state.as_str()), ("a@example.org", "deferred"));
    assert_eq!((entry.day.as_str(), entry.attempts), (DAY, 1));
    assert_eq!(entry.tries.len(), 1);
    assert_eq!(entry.tries[0].reply, "450 4.2.1 later");
    assert!(kit.store.queue_entry(99).await.unwrap().is_none());
}

async fn waiting_mail_is_tried_at_once(kit: Kit) {
    planned(&kit, &["a", "b", "c"]).await;
    let node = kit.node().await;
    end(&kit, &node, "2026-11-23T08:01:00Z", |name| match name {
        "c" => sent(),
        _ => deferred("2026-11-23T20:00:00Z"),
    })
    .await;
    assert_eq!(kit.store.count_due(time(NOON)).await.unwrap(), 0);
    let a = QueueFilter { email: Some(address("a")), ..QueueFilter::default() };
    let tended = kit.store.retry_waiting(&a, time(NOON)).await.unwrap();
    assert_eq!(tended, Tended { done: 1, ..Tended::default() });
    assert_eq!(kit.store.count_due(time(NOON)).await.unwrap(), 1);
    // Claimed: it may be on the wire.
    let (claimed, _) = kit.store.claim(&node, time(NOON), 10).await.unwrap();
    assert_eq!(claimed[0].email, address("a"));
    let all = QueueFilter { ids: vec![1, 2, 3], ..QueueFilter::default() };
    let tended = kit.store.retry_waiting(&all, time(NOON)).await.unwrap();
    assert_eq!(tended, Tended { done: 1, on_wire: 1, ended: 1 });
    assert_eq!(books(&kit).await.waiting, 2);
}

async fn dropped_mail_gives_its_papers_back(kit: Kit) {
    planned(&kit, &["a", "b", "c", "d"]).await;
    let node = kit.node().await;
    end(&kit, &node, "2026-11-23T08:01:00Z", |_| deferred("2026-11-23T20:00:00Z")).await;
    // The next day's digest comes on top for all of them.
    assert_eq!(kit.plan("2026-11-24T08:00:00Z", &[3]).await, 4);
    assert_eq!(kit.history("a").await, [1, 2, 3]);
    // One of d's is on the wire.
    let d = QueueFilter {
        email: Some(address("d")),
        state: Some(DeliveryState::Deferred),
        ..QueueFilter::default()
    };
    let at = "2026-11-24T08:01:00Z";
    kit.store.retry_waiting(&d, time("2026-11-23T08:02:00Z")).await.unwrap();
    let (claimed, _) = kit.store.claim(&node, time("2026-11-23T08:02:00Z"), 10).await.unwrap();
    assert_eq!(claimed.len(), 1);

    let a = QueueFilter { email: Some(address("a")), ..QueueFilter::default() };
    let tended = kit.store.drop_waiting(&a, "by a test", time(at)).await.unwrap();
    assert_eq!(tended, Tended { done: 2, ..Tended::default() });
    assert_eq!(kit.history("a").await, [] as [i64; 0], "both digests' papers are owed");
    assert_eq!(kit.history("b").await, [1, 2, 3]);
    let (_, state, reason) = delivery(&kit, "a", MailKind::Digest).await;
    assert_eq!((state.as_str(), reason.as_deref()), ("skipped", Some("dropped by a test")));

    let old = QueueFilter { before: Some(time("2026-11-24T00:00:00Z")), ..QueueFilter::default() };
    let tended = kit.store.drop_waiting(&old, "by a test", time(at)).await.unwrap();
    assert_eq!(tended, Tended { done: 2, on_wire: 1, ended: 0 });
    assert_eq!(kit.history("b").await, [3]);
    assert_eq!(kit.history("d").await, [1, 2, 3], "what may be on the wire is left alone");
    let by_number = QueueFilter { ids: (1..20).collect(), ..QueueFilter::default() };
    let tended = kit.store.drop_waiting(&by_number, "by a test", time(at)).await.unwrap();
    assert_eq!(tended, Tended { done: 3, on_wire: 1, ended: 4 });
    let books = books(&kit).await;
    assert_eq!((books.planned, books.waiting, books.skipped), (8, 1, 7));
}

async fn the_missed_get_it_once_more(kit: Kit) {
    let names = ["sent", "failed", "late", "dropped", "soft", "gone", "away", "next", "waits"];
    planned(&kit, &names).await;
    let node = kit.node().await;
    let morning = "2026-11-23T08:01:00Z";
    let paused = kit.store.subscriber(&address("away")).await.unwrap().unwrap();
    let queued = |name: &str| QueueFilter { email: Some(address(name)), ..QueueFilter::default() };
    let dropped = kit.store.drop_waiting(&queued("dropped"), "by a test", time(morning)).await;
    assert_eq!(dropped.unwrap().done, 1);
    kit.set_state(paused.id, SubscriberState::Paused, time(morning)).await;
    end(&kit, &node, morning, |name| match name {
        "sent" | "soft" => sent(),
        "failed" | "gone" | "next" => failed(),
        "late" => deferred("2026-11-24T06:00:00Z"),
        _ => deferred("2026-11-26T06:00:00Z"),
    })
    .await;
    kit.set_state(paused.id, SubscriberState::Active, time(NOON)).await;
    // A report says that one did not arrive, and one has left.
    let soft = kit.store.subscriber(&address("soft")).await.unwrap().unwrap();
    let said = NewBounce {
        subscriber: soft.id,
        email: address("soft"),
        delivery: Some(delivery(&kit, "soft", MailKind::Digest).await.0),
        verdict: Verdict::Soft,
        way: Way::Report,
        status: Some("4.2.2".to_owned()),
        detail: "mailbox full".to_owned(),
        at: time(NOON),
        attempt: None,
        most: 100,
        probe: notice(),
        after_probe: None,
    };
    let key = Key::new([7; 32]);
    kit.store.take_bounce(&key, said, |_, _, _| Deed::Note, time(NOON)).await.unwrap();
    let gone = kit.store.subscriber(&address("gone")).await.unwrap().unwrap();
    kit.set_state(gone.id, SubscriberState::Unsubscribed, time(NOON)).await;
    // The digest of the next day brings one of them the papers that they are owed; for another it
    // is too late.
    let tuesday = "2026-11-24T08:00:00Z";
    let next = kit.store.subscriber(&address("next")).await.unwrap().unwrap();
    let cohorts = kit.store.due_cohorts(time(tuesday)).await.unwrap();
    let theirs = cohorts.iter().find(|(cohort, _)| cohort.history == next.history).unwrap();
    // Of those who are owed the same, only the one is due.
    for name in ["failed", "dropped"] {
        let one = kit.store.subscriber(&address(name)).await.unwrap().unwrap();
        kit.set_state(one.id, SubscriberState::Active, time(NOON)).await;
    }
    assert_eq!(kit.plan_cohort(&theirs.0, tuesday, &[1, 2]).await, 1);
    let (claimed, skipped) =
        kit.store.claim(&node, time("2026-11-24T07:00:00Z"), 100).await.unwrap();
    assert_eq!((claimed.len(), skipped), (0, 1), "too late");

    let day = DAY.parse().unwrap();
    let missed = kit.store.missed(day).await.unwrap();
    let wanted = Missed {
        failed: 1,
        expired: 1,
        dropped: 1,
        bounced: 1,
        sent: 1,
        waiting: 1,
        resent: 0,
        later: 1,
        unwanted: 1,
        gone: 1,
    };
    assert_eq!(missed, wanted);
    assert_eq!((missed.total(), missed.digests()), (4, 9));

    let evening = time("2026-11-24T20:00:00Z");
    let again = NewResend {
        day,
        detail: "by a test: the relay was down",
        expires_at: evening + SignedDuration::from_hours(20),
        now: evening,
    };
    assert_eq!(kit.store.resend_missed(&again).await.unwrap(), 4);
    assert_eq!(kit.store.resend_missed(&again).await.unwrap(), 0, "once");
    for name in ["failed", "late", "dropped", "soft"] {
        assert_eq!(delivery(&kit, name, MailKind::Resend).await.1, "queued", "{name}");
        assert_eq!(kit.history(name).await, [1, 2], "{name}: they do not come a second time");
        let reader = kit.store.subscriber(&address(name)).await.unwrap().unwrap();
        let events = kit.store.timeline(&reader).await.unwrap();
        let noted = events.iter().find(|event| event.what == "resend").unwrap();
        assert_eq!(noted.detail, "the digest of 2026-11-23, by a test: the relay was down");
    }
    let missed = kit.store.missed(day).await.unwrap();
    assert_eq!(
        missed,
        Missed { resent: 4, failed: 0, expired: 0, dropped: 0, bounced: 0, ..wanted }
    );
    // Refused once more: its papers are owed again, but for whom it had reached a relay.
    end(&kit, &node, "2026-11-24T20:01:00Z", |name| match name {
        "late" => sent(),
        _ => failed(),
    })
    .await;
    assert_eq!(kit.history("failed").await, [] as [i64; 0]);
    assert_eq!(kit.history("late").await, [1, 2]);
    assert_eq!(kit.history("soft").await, [1, 2], "a relay had taken the first");
    let books = books(&kit).await;
    assert_eq!(books.planned, 9 + 1 + 4);
}

async fn one_person_gets_it_once_more(kit: Kit) {
    planned(&kit, &["a", "b"]).await;
    let id = async |name: &str| kit.store.subscriber(&address(name)).await.unwrap().unwrap().id;
    let again = |day: &str, at: &str| NewResend {
        day: day.parse().unwrap(),
        detail: "by a test",
        expires_at: time(at) + SignedDuration::from_hours(20),
        now: time(at),
    };
    let (a, b) = (id("a").await, id("b").await);
    let at = again(DAY, NOON);
    assert_eq!(kit.store.resend_day(a, &at).await.unwrap(), Again::Waits);
    let node = kit.node().await;
    end(&kit, &node, "2026-11-23T08:01:00Z", |name| if name == "a" { sent() } else { failed() })
        .await;
    assert_eq!(kit.store.could_resend(a, at.day).await.unwrap(), Again::Enqueued);
    assert_eq!(books(&kit).await.planned, 2, "a dry run stores nothing");
    assert_eq!(kit.store.resend_day(a, &at).await.unwrap(), Again::Enqueued);
    assert_eq!(kit.store.resend_day(a, &at).await.unwrap(), Again::Known);
    assert_eq!(kit.store.resend_day(b, &at).await.unwrap(), Again::Enqueued);
    assert_eq!(kit.history("b").await, [1, 2]);
    let other = again("2026-11-22", NOON);
    assert_eq!(kit.store.resend_day(a, &other).await.unwrap(), Again::None);
    // In a delivery, and so under a Message-ID, of its own.
    let (first, ..) = delivery(&kit, "a", MailKind::Digest).await;
    let (second, ..) = delivery(&kit, "a", MailKind::Resend).await;
    assert_ne!(first, second);
    end(&kit, &node, NOON, |_| sent()).await;
    assert_eq!(kit.store.resend_day(a, &at).await.unwrap(), Again::Enqueued, "asked for anew");
    assert_eq!(books(&kit).await.planned, 5);
}
