//! What the store does for subscribing, on either database: limits, notices, standings,
//! suppressions, first digests, and forgetting.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use paperround::model::{MailKind, Preferences, SubscriberState};
use paperround::store::{
    Added, AlarmTurn, Ask, Bounds, Change, Consent, Finished, Granted, Group, Letter, Limit, Marks,
    NewNotice, NewSubscriber, Receipt, Recorded, Reply,
};
use support::kit::{Kit, address, on_both, time};

const NOW: &str = "2026-02-20T08:00:00Z";

on_both!(
    requests_are_counted_and_granted_together,
    a_notice_goes_ahead_and_is_kept_once,
    a_move_is_made_only_from_where_one_stands,
    who_is_suppressed_is_not_added,
    a_first_digest_is_a_cohort_of_its_own,
    the_last_digest_goes_once_more,
    what_is_erased_is_gone_and_the_books_balance,
    an_alarm_comes_once_in_a_while,
    mails_dealt_with_at_once_are_answered_within_the_limits,
);

fn letter(kind: MailKind) -> Arc<Letter> {
    let marker = "0123456789abcdef0123456789abcdef".to_owned();
    let text = "Open ((0123456789abcdef0123456789abcdef.action))\n".to_owned();
    Arc::new(Letter {
        kind,
        marker,
        subject: kind.word().to_owned(),
        html: format!("<p>{text}</p>"),
        text,
        letterhead: String::new(),
    })
}

fn notice(letter: &Arc<Letter>) -> NewNotice {
    let expires_at = time(NOW) + SignedDuration::from_hours(24 * 7);
    NewNotice { letter: Arc::clone(letter), recipient: None, expires_at, answers: None }
}

fn marks(name: &str, network: &str) -> Marks {
    Marks {
        mailbox: format!("m-{name}"),
        address: format!("a-{name}"),
        network: network.to_owned(),
        domain: "d".to_owned(),
    }
}

const BOUNDS: Bounds = Bounds { a_day: 1, a_month: 3, network: 4, quick: 2, domain: 6, all: 7 };

async fn ask(kit: &Kit, name: &str, network: &str, quick: bool, now: Timestamp) -> Granted {
    let (confirm, known) = (letter(MailKind::Confirm), letter(MailKind::Known));
    let ask = Ask {
        email: address(name),
        marks: marks(name, network),
        bounds: BOUNDS,
        quick,
        mover: None,
        confirm: Some(notice(&confirm)),
        known: notice(&known),
        preferences: Preferences::default(),
        how: "web",
        wording: "1",
        at: now,
    };
    kit.store.ask(ask).await.unwrap()
}

async fn requests_are_counted_and_granted_together(kit: Kit) {
    let now = time(NOW);
    let same = (0..20).map(|_| ask(&kit, "ada", "n1", false, now));
    let granted = futures_util::future::join_all(same).await;
    assert_eq!(granted.iter().filter(|one| **one == Granted::Mail).count(), 1, "{granted:?}");
    assert_eq!(kit.store.count_due(now).await.unwrap(), 1);
    // By network, by quick forms, by domain, in all.
    let mut told = Vec::new();
    for (name, network, quick) in [
        ("b", "n1", true),
        ("c", "n1", true),
        ("d", "n1", true),
        ("e", "n1", false),
        ("f", "n1", false),
        ("g", "n2", false),
        ("h", "n2", false),
        ("i", "n3", false),
    ] {
        told.push(ask(&kit, name, network, quick, now).await);
    }
    use Granted::{Domain, Mail, Network};
    assert_eq!(told, [Mail, Mail, Network, Mail, Network, Mail, Mail, Domain]);
    let hour = now + SignedDuration::from_mins(61);
    assert_eq!(ask(&kit, "i", "n1", false, hour).await, Mail);
    assert_eq!(ask(&kit, "ada", "n9", false, hour).await, Granted::Mailbox);
    let consents = kit.store.consents(1).await.unwrap();
    assert_eq!((consents.len(), consents[0].what.as_str()), (1, "asked"));
    assert_eq!(kit.store.forget_asked(now).await.unwrap(), 0);
    let later = now + SignedDuration::from_hours(31 * 24);
    assert_eq!(kit.store.forget_asked(later).await.unwrap(), 7);
}

async fn a_notice_goes_ahead_and_is_kept_once(kit: Kit) {
    let now = time(NOW);
    kit.add(&["reader"], NOW).await;
    kit.plan(NOW, &[1]).await;
    ask(&kit, "ada", "n1", false, now).await;
    ask(&kit, "bob", "n1", false, now).await;
    let node = kit.node().await;
    let (claimed, _) = kit.store.claim(&node, now, 2).await.unwrap();
    let kinds: Vec<MailKind> = claimed.iter().map(|one| one.kind).collect();
    assert_eq!(kinds, [MailKind::Confirm; 2], "before the digest");
    assert_eq!(claimed[0].digest, claimed[1].digest, "one letter for both");
    let stored = kit.store.digest(claimed[0].digest).await.unwrap().unwrap();
    assert_eq!((stored.kind, stored.day), (MailKind::Confirm, None));
    assert_ne!(claimed[0].person, claimed[1].person);
    let queue = kit.store.queue(&Default::default(), 0, 10).await.unwrap();
    assert_eq!(queue.iter().filter(|row| row.kind == "confirm").count(), 2);
}

fn change(id: i64, from: &'static [SubscriberState], to: SubscriberState) -> Change {
    Change {
        subscriber: id,
        from,
        to,
        next_due_at: None,
        paused_until: None,
        detail: "a test".to_owned(),
        consent: None,
        ends_waiting: None,
        notice: None,
        lifts: None,
    }
}

async fn a_move_is_made_only_from_where_one_stands(kit: Kit) {
    use SubscriberState::{Active, Paused, Pending, Unsubscribed};
    let now = time(NOW);
    kit.add(&["ada", "bob"], NOW).await;
    kit.plan(NOW, &[1]).await;
    let ada = kit.store.subscriber(&address("ada")).await.unwrap().unwrap();
    assert_eq!(kit.store.change(change(ada.id, &[Pending], Paused), now).await.unwrap(), None);
    let goodbye = letter(MailKind::Goodbye);
    let leave = Change {
        ends_waiting: Some("she left"),
        notice: Some(notice(&goodbye)),
        consent: Some(Consent { what: "left", how: "web", wording: "1", source: None }),
        ..change(ada.id, &[Active], Unsubscribed)
    };
    // Two at once: one does it.
    let (one, two) =
        tokio::join!(kit.store.change(leave.clone(), now), kit.store.change(leave, now));
    let mut done = [one.unwrap(), two.unwrap()];
    done.sort();
    assert_eq!(done, [None, Some(1)], "and one mail had waited");
    let node = kit.node().await;
    let (claimed, skipped) = kit.store.claim(&node, now, 10).await.unwrap();
    let kinds: Vec<MailKind> = claimed.iter().map(|one| one.kind).collect();
    assert_eq!((kinds, skipped), (vec![MailKind::Goodbye, MailKind::Digest], 0));
    assert!(kit.history("ada").await.is_empty(), "its papers are given back");
    assert_eq!(kit.history("bob").await, [1]);
    // A pause with its end.
    let until = now + SignedDuration::from_hours(5);
    let pause = Change { paused_until: Some(until), ..change(ada.id, &[Unsubscribed], Paused) };
    assert_eq!(kit.store.change(pause, now).await.unwrap(), Some(0));
    assert_eq!(kit.store.next_pause_over().await.unwrap(), Some(until));
    assert!(kit.store.pauses_over(now, 10).await.unwrap().is_empty());
    assert_eq!(kit.store.pauses_over(until, 10).await.unwrap(), [ada.id]);
    // To another address, if nobody has it.
    let given = Consent { what: "moved", how: "web", wording: "1", source: Some("s".to_owned()) };
    assert!(!kit.store.finish_move(ada.id, &address("BOB"), given.clone(), now).await.unwrap());
    assert!(kit.store.finish_move(ada.id, &address("eve"), given, now).await.unwrap());
    let eve = kit.store.subscriber(&address("eve")).await.unwrap().unwrap();
    assert_eq!((eve.id, eve.moving_to), (ada.id, None));
}

async fn who_is_suppressed_is_not_added(kit: Kit) {
    let now = time(NOW);
    kit.add(&["ada"], NOW).await;
    let store = &kit.store;
    assert!(store.suppress(&address("ada"), "a-ada", "bounce", "550", now).await.unwrap());
    assert!(store.suppress(&address("bob"), "a-bob", "admin", "why", now).await.unwrap());
    assert!(!store.suppress(&address("bob"), "a-bob", "admin", "why", now).await.unwrap());
    let new = |name: &str| NewSubscriber {
        email: address(name),
        state: SubscriberState::Active,
        preferences: Preferences::default(),
        confirmed_at: None,
        paused_until: None,
        next_due_at: Some(now),
        how: "a test".to_owned(),
        mark: format!("a-{name}"),
    };
    let many = [new("ada"), new("bob"), new("cy"), new("cy")];
    let expected = [
        Added::Known(SubscriberState::Suppressed),
        Added::Known(SubscriberState::Suppressed),
        Added::New,
    ];
    assert_eq!(store.known(&many).await.unwrap()[..3], expected);
    let added = store.add_subscribers(&many, now).await.unwrap();
    assert_eq!(added[..3], expected);
    assert_eq!(added[3], Added::Known(SubscriberState::Active), "twice in one batch");
    assert_eq!(ask(&kit, "bob", "n1", false, now).await, Granted::Nothing);
    let listed = store.suppressions("", 10).await.unwrap();
    let told: Vec<(&str, &str)> =
        listed.iter().map(|one| (one.mark.as_str(), one.reason.as_str())).collect();
    assert_eq!(told, [("a-ada", "bounce"), ("a-bob", "admin")]);
    assert!(store.lift("a-ada", Some(&address("ada").key()), now).await.unwrap());
    assert!(!store.lift("a-ada", None, now).await.unwrap());
    let ada = store.subscriber(&address("ada")).await.unwrap().unwrap();
    assert_eq!(ada.state, SubscriberState::Unsubscribed);
    assert_eq!(store.suppression("a-ada").await.unwrap(), None);
    let cy = store.subscriber(&address("cy")).await.unwrap().unwrap();
    let told = store.timeline(&cy).await.unwrap();
    assert_eq!((told.len(), told[0].what.as_str()), (1, "subscribed"), "noted once");
}

async fn a_first_digest_is_a_cohort_of_its_own(kit: Kit) {
    kit.add(&["old"], NOW).await;
    kit.plan(NOW, &[]).await;
    let next = "2026-02-21T08:00:00Z";
    kit.add(&["new"], next).await;
    let old = kit.store.subscriber(&address("old")).await.unwrap().unwrap();
    assert!(old.last_digest_day.is_some());
    let due = kit.store.due_cohorts(time(next)).await.unwrap();
    let mut firsts: Vec<bool> = due.iter().map(|(cohort, _)| cohort.last_day.is_none()).collect();
    firsts.sort_unstable();
    assert_eq!(firsts, [false, true], "same profile, history and moment");
    assert_eq!(kit.plan(next, &[1, 2]).await, 1);
    assert_eq!(kit.plan(next, &[1, 2]).await, 1);
    assert!(kit.store.next_cohort(time(next)).await.unwrap().is_none());
}

async fn the_last_digest_goes_once_more(kit: Kit) {
    let now = time(NOW);
    kit.add(&["ada"], NOW).await;
    let ada = kit.store.subscriber(&address("ada")).await.unwrap().unwrap();
    let ago = now - SignedDuration::from_hours(24);
    let end = now + SignedDuration::from_hours(24);
    assert_eq!(kit.store.resend_last(ada.id, ago, end, now).await.unwrap(), None);
    kit.plan(NOW, &[1]).await;
    let node = kit.node().await;
    let (claimed, _) = kit.store.claim(&node, now, 10).await.unwrap();
    let finished = claimed.iter().map(|one| Finished {
        id: one.id,
        relay: Some("test".to_owned()),
        what: Recorded::Sent { reply: "250 OK".to_owned() },
    });
    let all = Group { finished: finished.collect(), ..Group::default() };
    kit.store.record(&node, now, &all, true).await.unwrap();
    assert_eq!(kit.store.resend_last(ada.id, ago, end, now).await.unwrap(), Some(true));
    assert_eq!(kit.store.resend_last(ada.id, ago, end, now).await.unwrap(), Some(false));
    let (again, _) = kit.store.claim(&node, now, 10).await.unwrap();
    assert_eq!((again[0].kind, again[0].digest), (MailKind::Resend, claimed[0].digest));
    // Refused, it gives nothing back: she has had them.
    let day = "2026-02-20".parse().unwrap();
    let found = kit.store.digest_of_day(ada.id, day).await.unwrap().unwrap();
    assert_eq!(found.id, claimed[0].digest);
    assert!(kit.store.digest_of_day(ada.id + 1, day).await.unwrap().is_none());
}

async fn what_is_erased_is_gone_and_the_books_balance(kit: Kit) {
    let now = time(NOW);
    kit.add(&["ada", "bob"], NOW).await;
    kit.plan(NOW, &[1]).await;
    let ada = kit.store.subscriber(&address("ada")).await.unwrap().unwrap();
    assert!(kit.store.erase(ada.id, Some(("a-ada", "by an admin")), now).await.unwrap());
    assert!(!kit.store.erase(ada.id, Some(("a-ada", "by an admin")), now).await.unwrap());
    kit.store.purge(&["ada@example.org".to_owned()]).await.unwrap();
    assert!(kit.store.subscriber_in(ada.id).await.unwrap().is_none());
    let books = kit.store.books().await.unwrap();
    assert_eq!((books.planned, books.skipped, books.waiting), (2, 1, 1));
    assert!(books.balance());
    assert_eq!(kit.store.consents(ada.id).await.unwrap(), []);
    let kept = kit.store.suppression("a-ada").await.unwrap().unwrap();
    assert_eq!((kept.email, kept.reason.as_str()), (None, "erased"));
    assert_eq!(kept.detail, "by an admin");

    // Bob's mail is on the wire while he is erased: the answer, which quotes him, is not kept.
    let node = kit.node().await;
    let bob = kit.store.subscriber(&address("bob")).await.unwrap().unwrap();
    let (claimed, _) = kit.store.claim(&node, now, 10).await.unwrap();
    assert_eq!(claimed[0].email, bob.email);
    assert!(kit.store.erase(bob.id, Some(("a-bob", "by an admin")), now).await.unwrap());
    let what = Recorded::Failed { reply: "550 no such mailbox: bob@example.org".to_owned() };
    let finished = vec![Finished { id: claimed[0].id, relay: None, what }];
    kit.store.record(&node, now, &Group { finished, ..Group::default() }, true).await.unwrap();
    assert!(kit.store.books().await.unwrap().balance());
    // The next in his place, under his number or not, inherits nothing.
    kit.add(&["eve"], NOW).await;
    let eve = kit.store.subscriber(&address("eve")).await.unwrap().unwrap();
    let told = kit.store.timeline(&eve).await.unwrap();
    assert!(told.iter().all(|event| event.what != "planned" && event.what != "failed"), "{told:?}");
    kit.plan(NOW, &[1]).await;
    let (claimed, _) = kit.store.claim(&node, now, 10).await.unwrap();
    assert_eq!(claimed.iter().map(|one| &one.email).collect::<Vec<_>>(), [&eve.email]);
}

async fn an_alarm_comes_once_in_a_while(kit: Kit) {
    let now = time(NOW);
    let words = letter(MailKind::Alarm);
    let to = address("admin");
    let notice = NewNotice { recipient: Some(to.clone()), ..notice(&words) };
    let turn = |topic| AlarmTurn {
        topic,
        opens: vec![("a", "wrong", true)],
        mailed: true,
        notice: Some(&notice),
        posts: vec![("ops", "{}".to_owned())],
        ..AlarmTurn::default()
    };
    assert!(kit.store.turn_alarms(&turn("x"), now).await.unwrap());
    assert!(!kit.store.turn_alarms(&turn("x"), now).await.unwrap(), "another was quicker");
    assert!(kit.store.turn_alarms(&turn("y"), now).await.unwrap());
    let open = kit.store.open_alarms().await.unwrap();
    assert_eq!(open.iter().map(|row| row.topic.as_str()).collect::<Vec<_>>(), ["x", "y"]);
    assert!(open.iter().all(|row| row.mailed_at == Some(now) && row.posted_at == Some(now)));
    let over = AlarmTurn { topic: "x", closes: vec![open[0].id], ..AlarmTurn::default() };
    let later = now + SignedDuration::from_hours(7);
    assert!(kit.store.turn_alarms(&over, later).await.unwrap());
    assert!(!kit.store.turn_alarms(&over, later).await.unwrap());
    assert!(kit.store.turn_alarms(&turn("x"), later).await.unwrap(), "it may come again");
    let posts = kit.store.due_posts(later, 10).await.unwrap();
    assert_eq!(posts.len(), 3);
    kit.store.drop_post(posts[0].id).await.unwrap();
    kit.store.defer_post(posts[1].id, later + SignedDuration::from_secs(1), "no").await.unwrap();
    assert!(kit.store.due_posts(later, 10).await.unwrap().is_empty(), "they come in order");
    let soon = later + SignedDuration::from_secs(1);
    let due: Vec<i64> = kit.store.due_posts(soon, 10).await.unwrap().iter().map(|p| p.id).collect();
    assert_eq!(due, [posts[1].id, posts[2].id]);
    assert_eq!(kit.store.forget_alarms(later).await.unwrap(), 0);
    assert_eq!(kit.store.forget_alarms(later + SignedDuration::from_secs(1)).await.unwrap(), 1);
    let node = kit.node().await;
    let (claimed, skipped) = kit.store.claim(&node, later, 10).await.unwrap();
    assert_eq!((claimed.len(), skipped), (3, 0));
    assert!(claimed.iter().all(|one| one.email == to));
}

async fn mails_dealt_with_at_once_are_answered_within_the_limits(kit: Kit) {
    let words = letter(MailKind::Answer);
    let answer = |address: &str, kind: usize| Reply {
        subscriber: 0,
        notice: NewNotice {
            recipient: Some(format!("{address}@example.org").parse().unwrap()),
            ..notice(&words)
        },
        orders: None,
        address: format!("hash of {address}"),
        kind: kind.to_string(),
        limit: Limit { of_kind: 1, in_all: 3, an_hour: 1_000 },
    };
    // Two mails of each of six kinds from Ada, each handed over twice; one of each from Bob of
    // two kinds; and many that nobody answers.
    let mut receipts = Vec::new();
    for kind in 0..6 {
        for copy in [0, 0, 1, 1] {
            let mark = format!("ada {kind} {copy}");
            receipts.push(Receipt { mark, told: None, answer: Some(answer("ada", kind)) });
        }
    }
    for kind in 0..2 {
        let mark = format!("bob {kind}");
        receipts.push(Receipt { mark, told: None, answer: Some(answer("bob", kind)) });
    }
    for number in 0..100 {
        receipts.push(Receipt { mark: number.to_string(), told: None, answer: None });
    }
    let finished = receipts.iter().map(|one| kit.store.finish_received(one.clone(), time(NOW)));
    let finished = futures_util::future::join_all(finished).await;
    let answered = |whose: &str| {
        let both = receipts.iter().zip(&finished);
        both.filter(|(one, done)| one.mark.starts_with(whose) && *done.as_ref().unwrap()).count()
    };
    assert_eq!((answered("ada"), answered("bob"), answered("")), (3, 2, 5));
    assert_eq!(kit.store.books().await.unwrap().waiting, 5);
    for receipt in receipts {
        assert!(kit.store.was_received(&receipt.mark).await.unwrap());
        let again = Receipt { answer: Some(answer("carol", 0)), ..receipt };
        assert!(!kit.store.finish_received(again, time(NOW)).await.unwrap(), "it was dealt with");
    }
}
