//! What the admin pages ask of the store, on either database.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use jiff::SignedDuration;
use paperround::admins::{Admins, By, Entry, Guest};
use paperround::clock::Clock;
use paperround::model::{MailKind, Role, SubscriberState, Zone};
use paperround::store::{Again, AuditFilter, AuditRow, NewResend, QueueFilter, RollQuery, Tried};
use paperround::token::Key;
use support::kit::{Kit, address, on_both, paper, time};

const NOW: &str = "2026-11-23T09:00:00Z";

fn admins(kit: &Kit) -> (Admins, Clock) {
    let clock = Clock::fixed(time(NOW));
    let key = Key::new([7; 32]);
    let admins = Admins::new(kit.store.clone(), clock.clone(), key, "https://a.example", "A");
    (admins, clock)
}

async fn accounts_come_in_and_go(kit: Kit) {
    let (admins, clock) = admins(&kit);
    let by = By::command_line();
    let link = admins.add("Ada", Role::Admin, &by).await.unwrap();
    let token = link.address.rsplit('/').next().unwrap().to_owned();
    let pass = "correct horse battery";
    let chosen = admins.choose_password(&token, (pass, pass), "192.0.2.0/24").await.unwrap();
    assert_eq!(chosen.unwrap().name, "ada");
    assert!(admins.choose_password(&token, (pass, pass), "").await.unwrap().is_none());
    let guest = Guest::new(Some("192.0.2.7".parse().unwrap()), "Firefox/1 Linux");
    let Entry::In(cookie) = admins.log_in("ADA", pass, &guest).await.unwrap() else { panic!() };
    let visit = admins.visit(&cookie).await.unwrap().unwrap();
    assert_eq!((visit.account.role, visit.session.network.as_str()), (Role::Admin, "192.0.2.0/24"));
    assert!(visit.proved && admins.visit("another").await.unwrap().is_none());
    admins.prepare_codes(&visit.account).await.unwrap();
    clock.set(time(NOW) + SignedDuration::from_mins(20));
    let visit = admins.visit(&cookie).await.unwrap().unwrap();
    assert!(!visit.proved);
    // Accounts and the log move with everything else; whoever is logged in does so again.
    let other = Kit::on_sqlite().await;
    kit.store.copy_to(&other.store, |_| ()).await.unwrap();
    let told = other.store.audit(&AuditFilter::default(), 0, 10).await.unwrap();
    assert_eq!(told, kit.store.audit(&AuditFilter::default(), 0, 10).await.unwrap());
    assert_eq!(other.store.accounts().await.unwrap(), kit.store.accounts().await.unwrap());
    let ever = time("2026-01-01T00:00:00Z");
    assert!(other.store.sessions(visit.account.id, ever, ever).await.unwrap().is_empty());
    assert!(admins.code_setup(&visit.account).is_some());
    // However often somebody guesses within an hour, it is one entry for each account; which names
    // were tried that nobody has is not kept.
    for (name, network) in [("ada", 7), ("ada", 8), ("Nobody", 8), ("hunter2", 9)] {
        let from = format!("198.51.{network}.1").parse().unwrap();
        let stranger = Guest::new(Some(from), "");
        assert_eq!(admins.log_in(name, "wrong", &stranger).await.unwrap(), Entry::Wrong);
    }
    let only = AuditFilter { what: Some("login.failed".to_owned()), ..AuditFilter::default() };
    let failed = async || {
        let rows = kit.store.audit(&only, 0, 10).await.unwrap();
        let row =
            |row: AuditRow| format!("{} {} {}: {}", row.who, row.network, row.about, row.detail);
        rows.into_iter().map(row).collect::<Vec<_>>()
    };
    let both = [
        "somebody several no such account: 2 tries within an hour",
        "somebody several ada: 2 tries within an hour",
    ];
    assert_eq!(failed().await, both);
    clock.set(clock.now() + SignedDuration::from_mins(61));
    assert_eq!(admins.log_in("ada", "wrong", &guest).await.unwrap(), Entry::Wrong);
    assert_eq!(failed().await[0], "somebody 192.0.2.0/24 ada: 1 try");
    admins.set_role("ada", Role::Reader, true, &by).await.unwrap();
    assert!(admins.visit(&cookie).await.unwrap().is_none());
    admins.remove("ada", false, &by).await.unwrap();
    let told = kit.store.audit(&AuditFilter::default(), 0, 10).await.unwrap();
    let words: Vec<&str> = told.iter().map(|row| row.what.as_str()).collect();
    assert_eq!(
        words,
        [
            "account.remove",
            "account.role",
            "login.failed",
            "login.failed",
            "login.failed",
            "login",
            "account.password",
            "account.add"
        ]
    );
    let only = AuditFilter { what: Some("account".to_owned()), ..AuditFilter::default() };
    assert_eq!(kit.store.audit(&only, told[0].id, 10).await.unwrap().len(), 3);
    assert_eq!(kit.store.audit_words().await.unwrap().1.len(), 6);
}

async fn tries_are_counted(kit: Kit) {
    let store = &kit.store;
    let now = time(NOW);
    let later = |secs| now + SignedDuration::from_secs(secs);
    for _ in 0..5 {
        let tried = store.try_login("a", "n", false, now).await.unwrap();
        assert!(matches!(tried, Tried::May(_)));
    }
    assert_eq!(store.try_login("a", "n", false, now).await.unwrap(), Tried::Wait(later(1)));
    assert_eq!(store.try_login("b", "n", true, now).await.unwrap(), Tried::Wait(later(1)));
    assert_eq!(store.try_login("a", "m", false, now).await.unwrap(), Tried::Wait(later(1)));
    let Tried::May(id) = store.try_login("a", "k", true, now).await.unwrap() else { panic!() };
    store.forgive_one(id).await.unwrap();
    // Where everybody guesses, those who are known come through.
    for n in 0..60 {
        store.try_login(&format!("x{n}"), &format!("y{n}"), false, later(2)).await.unwrap();
    }
    assert_eq!(store.try_login("c", "c", false, later(3)).await.unwrap(), Tried::Wait(later(13)));
    assert!(matches!(store.try_login("c", "c", true, later(3)).await.unwrap(), Tried::May(_)));
    store.forgive("a", "n").await.unwrap();
    assert!(matches!(store.try_login("a", "n", false, later(70)).await.unwrap(), Tried::May(_)));
}

async fn the_roll_is_searched(kit: Kit) {
    kit.add(&["alice", "alan", "bob"], NOW).await;
    let id = kit.store.subscriber(&address("bob")).await.unwrap().unwrap().id;
    kit.set_state(id, SubscriberState::Paused, time(NOW)).await;
    let names = async |query: RollQuery, limit: u32| -> (Vec<String>, Option<String>) {
        let page = kit.store.roll(&query, limit).await.unwrap();
        let name = |one: &paperround::store::Subscriber| one.email.local().to_owned();
        (page.readers.iter().map(name).collect(), page.next)
    };
    let query = |text: &str| RollQuery { text: text.to_owned(), ..RollQuery::default() };
    assert_eq!(names(query(""), 9).await.0, ["bob", "alan", "alice"]);
    assert_eq!(names(query("AL"), 9).await.0, ["alan", "alice"]);
    assert_eq!(names(query("alice@example.org"), 9).await.0, ["alice"]);
    assert_eq!(names(query("@example.org"), 9).await.0, ["bob", "alan", "alice"]);
    assert!(names(query("@example"), 9).await.0.is_empty());
    assert!(names(query("a%"), 9).await.0.is_empty(), "no pattern");
    let anywhere = RollQuery { anywhere: true, ..query("l") };
    assert_eq!(names(anywhere.clone(), 9).await.0, ["alan", "alice", "bob"], "of the domain");
    let paused = RollQuery { state: Some(SubscriberState::Paused), ..query("") };
    assert_eq!(names(paused, 9).await.0, ["bob"]);
    let paused = RollQuery { state: Some(SubscriberState::Paused), ..query("@example.org") };
    assert_eq!(names(paused, 9).await.0, ["bob"]);
    for start in [query(""), query("a"), query("@example.org"), anywhere] {
        let (first, next) = names(start.clone(), 1).await;
        let rest = names(RollQuery { after: next.unwrap(), ..start }, 9).await;
        assert!(!rest.0.contains(&first[0]) && !rest.0.is_empty() && rest.1.is_none());
    }
}

async fn days_are_kept_in_numbers(kit: Kit) {
    let zone: Zone = "Europe/Berlin".parse().unwrap();
    kit.list("2026-11-20", "2026-11-20T12:00:00Z", vec![paper("2611.00001", 3)]).await;
    kit.add(&["alice", "bob"], "2026-11-22T23:30:00Z").await;
    kit.plan(NOW, &[1]).await;
    let now = time(NOW);
    assert!(kit.store.day_figures_due(now).await.unwrap());
    assert_eq!(kit.store.keep_day_figures(&zone, now).await.unwrap(), 4);
    assert!(!kit.store.day_figures_due(now).await.unwrap());
    let later = now + SignedDuration::from_hours(24);
    assert_eq!(
        kit.store.keep_day_figures(&zone, later).await.unwrap(),
        4,
        "what is open, and the next"
    );
    let rows = kit.store.day_figures("2026-11-01".parse().unwrap()).await.unwrap();
    let of = |day: &str, name: &str| {
        let day = day.parse().unwrap();
        rows.iter().find(|row| row.day == day && row.name == name).map(|row| row.value)
    };
    assert_eq!(of("2026-11-20", "papers"), Some(1));
    assert_eq!(of("2026-11-20", "fetches.good/huggingface"), Some(1));
    // Half past eleven in the evening in UTC is the next day in Berlin.
    assert_eq!(of("2026-11-22", "events.subscribed"), None);
    assert_eq!(of("2026-11-23", "events.subscribed"), Some(2));
    assert_eq!(of("2026-11-23", "digests.queued"), Some(2));
    assert_eq!(of("2026-11-23", "subscribers.active"), Some(2));
    let figures = kit.store.counts_between(time("2026-11-22T23:00:00Z"), later).await.unwrap();
    assert_eq!((figures.of("digests.queued"), figures.sum("digests.")), (2, 2));
    assert_eq!(kit.store.count_late(later).await.unwrap(), 2);
    assert_eq!(kit.store.count_doubtful(time(NOW)).await.unwrap(), 0);
    let page = async |filter: QueueFilter, since: &str, before: i64| {
        let lines = kit.store.queue_page(&filter, time(since), before, 1).await.unwrap();
        lines.first().map(|line| (line.id, line.email.clone()))
    };
    let open = QueueFilter::default();
    let (id, _) = page(open.clone(), "2026-11-01T00:00:00Z", 0).await.unwrap();
    let (other, _) = page(open.clone(), "2026-11-01T00:00:00Z", id).await.unwrap();
    assert!(other < id);
    assert_eq!(page(open.clone(), "2026-11-24T00:00:00Z", 0).await, None);
    let counts = async |filter: &QueueFilter, most| {
        let since = time("2026-11-01T00:00:00Z");
        let counts = kit.store.queue_counts_since(filter, since, most).await.unwrap();
        (counts.states.iter().map(|(_, count)| count).sum::<u64>(), counts.whole)
    };
    assert_eq!(counts(&open, 1).await, (2, true), "what waits is counted whole");
    let any = QueueFilter { any: true, ..open.clone() };
    assert_eq!((counts(&any, 1).await, counts(&any, 3).await), ((1, false), (2, true)));
}

/// A command may act as of another moment, so that rows do not come in the order of time.
async fn figures_go_by_time_and_tell_digests_from_notices(kit: Kit) {
    let store = &kit.store;
    kit.list("2026-11-20", "2026-11-20T12:00:00Z", vec![paper("2611.00001", 3)]).await;
    kit.add(&["alice"], NOW).await;
    kit.plan("2026-12-24T09:00:00Z", &[1]).await;
    kit.add(&["bob"], NOW).await;
    kit.plan(NOW, &[1]).await;
    let (from, until) = (time("2026-11-23T00:00:00Z"), time("2026-11-24T00:00:00Z"));
    let figures = store.counts_between(from, until).await.unwrap();
    assert_eq!(figures.of("digests.queued"), 1, "{figures:?}");
    let christmas = (time("2026-12-24T00:00:00Z"), time("2026-12-25T00:00:00Z"));
    let figures = store.counts_between(christmas.0, christmas.1).await.unwrap();
    assert_eq!((figures.of("digests.queued"), figures.of("came")), (1, 0), "{figures:?}");

    // Dropped and sent once more: one digest, and no notice.
    let bob = store.subscriber(&address("bob")).await.unwrap().unwrap().id;
    let only = QueueFilter { email: Some(address("bob")), ..QueueFilter::default() };
    store.drop_waiting(&only, "by a test", time(NOW)).await.unwrap();
    let day = "2026-11-23".parse().unwrap();
    let again = NewResend { day, detail: "a test", expires_at: until, now: time(NOW) };
    assert_eq!(store.resend_day(bob, &again).await.unwrap(), Again::Enqueued);
    let figures = store.counts_between(from, until).await.unwrap();
    let of = |begin: &str| figures.sum(begin);
    assert_eq!((of("digests."), of("resends."), of("notices.")), (1, 1, 0), "{figures:?}");
    assert_eq!((figures.of("digests.skipped"), figures.of("resends.queued")), (1, 1));

    // The newest in time come first, whatever their row.
    let any = QueueFilter { any: true, kind: Some(MailKind::Digest), ..QueueFilter::default() };
    let mut seen = Vec::new();
    let mut before = 0;
    while let Some(line) = store.queue_page(&any, from, before, 1).await.unwrap().pop() {
        before = line.id;
        seen.push(line.email);
    }
    assert_eq!(seen, ["alice@example.org", "bob@example.org"]);

    // Who was added came; who ends a pause was here; who returns comes again.
    let came = async || store.counts_between(from, until).await.unwrap().of("came");
    assert_eq!(came().await, 2);
    for (state, count) in [
        (SubscriberState::Paused, 2),
        (SubscriberState::Active, 2),
        (SubscriberState::Unsubscribed, 2),
        (SubscriberState::Active, 3),
    ] {
        kit.set_state(bob, state, time(NOW)).await;
        assert_eq!(came().await, count, "{state:?}");
    }
}

on_both!(
    accounts_come_in_and_go,
    tries_are_counted,
    the_roll_is_searched,
    days_are_kept_in_numbers,
    figures_go_by_time_and_tell_digests_from_notices,
);
