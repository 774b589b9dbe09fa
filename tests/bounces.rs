//! What comes of mail that comes back, over simulated days, on either database: who is mailed no
//! more and who is not, which domain rests, and who is told.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use paperround::app::App;
use paperround::bounce::{Applied, Bounces, Judged, Named, Said};
use paperround::clock::Clock;
use paperround::config::Config;
use paperround::delivery::Postman;
use paperround::links::Links;
use paperround::model::{
    EmailAddress, Finding, MailKind, Preferences, SubscriberState, Verdict, Way,
};
use paperround::notices::Stationery;
use paperround::render::Templates;
use paperround::store::{
    Added, Claimed, Consent, Finished, Granted, Group, NewSubscriber, Node, QueueFilter, Recorded,
    Reported, Store, Subscriber,
};
use paperround::subscription::{Confirmed, Origin, Subscriptions};
use paperround::token::Key;
use support::kit::{Kit, address, on_both, plan_cohort, time};
use tokio_util::sync::CancellationToken;

on_both!(
    a_hard_bounce_suppresses_at_once_and_once,
    soft_bounces_must_be_spread,
    a_probe_that_bounces_suppresses,
    a_probe_that_does_not_come_back_begins_anew,
    what_names_no_mail_is_no_answer_to_a_probe,
    a_mail_is_found_by_what_providers_tell_of_it,
    a_proof_counts_for_one_report,
    two_in_a_hundred_of_a_domain_within_an_hour,
    a_mail_that_arrives_ends_the_waiting,
    a_refusal_as_policy_rests_the_domain,
    a_complaint_unsubscribes,
    who_bounced_comes_back_by_their_own_yes,
    refusals_by_the_relay_count_alike,
    what_is_about_others_or_past_has_no_effect,
    an_alarm_comes_once_in_six_hours,
    much_coming_back_is_told,
    what_is_erased_leaves_no_trace,
);

/// A Monday.
const START: &str = "2026-02-02T08:00:00Z";

/// A relay that says no to all, as the one word of its first mail's recipient has it.
async fn refusing(listener: tokio::net::TcpListener) {
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
    while let Ok((stream, _)) = listener.accept().await {
        let mut stream = BufReader::new(stream);
        let mut reply = "220 test";
        let mut line = String::new();
        while stream.write_all(format!("{reply}\r\n").as_bytes()).await.is_ok() {
            line.clear();
            if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                break;
            }
            reply = match line.get(..4).unwrap_or_default() {
                "RCPT" if line.contains("gone@") => "550 5.1.1 no such user",
                "RCPT" => "554 5.7.1 you are on a list",
                _ => "250 ok",
            };
        }
    }
}

/// From the relay's word to the reader's standing, by the parts as the program builds them.
#[tokio::test(flavor = "multi_thread")]
async fn a_pass_judges_what_the_relay_refused() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(refusing(listener));
    let folder = tempfile::tempdir().unwrap();
    let text = format!(
        "site.url = \"https://digest.example\"\nsite.data_dir = \"data\"\n\
         mail.from = \"papers@digest.example\"\n\
         [[mail.relays]]\nurl = \"smtp://127.0.0.1:{port}\"\nconnections = 1\n"
    );
    let file = folder.path().join("paperround.toml");
    let config = Config::parse(&text, &file, std::iter::empty()).unwrap().config;
    let app = App::open(config, Clock::fixed(day(0.0))).await.unwrap();
    let verbs = app.subscriptions().unwrap();
    let names = ["gone@a.example", "x@b.example", "y@b.example", "z@b.example", "w@b.example"];
    for name in names {
        verbs.add(&name.parse().unwrap(), &Preferences::default(), true, "a test").await.unwrap();
    }
    let scheduler = app.scheduler().await.unwrap();
    let stop = CancellationToken::new();
    for hours in [24, 48] {
        app.clock.set(day(0.0) + SignedDuration::from_hours(hours));
        let now = app.clock.now();
        while let Some(cohort) = app.store.next_cohort(now).await.unwrap() {
            plan_cohort(&app.store, &cohort, &now.to_string(), &[1]).await;
        }
        let drained = scheduler.postman.drain_once(&stop, &|_| ()).await.unwrap();
        let judged = scheduler.judge().await.unwrap();
        let failed = if hours == 24 { 5 } else { 4 };
        assert_eq!((drained.failed, judged.refusals), (failed, failed));
        assert_eq!(judged.suppressed, u64::from(hours == 24));
        assert_eq!(scheduler.judge().await.unwrap(), Judged::default());
    }
    let gone = app.store.subscriber(&names[0].parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(gone.state, SubscriberState::Suppressed);
    let rests = app.store.resting(app.clock.now()).await.unwrap();
    assert_eq!((rests.len(), rests[0].domain.as_str(), rests[0].minutes), (1, "b.example", 120));
    assert!(app.store.books().await.unwrap().balance());
    app.close().await;
}

/// Everything that bounces need, on the kit's database.
struct House {
    kit: Kit,
    config: Config,
    clock: Clock,
    key: Key,
    bounces: Bounces,
    subscriptions: Subscriptions,
    node: Arc<Node>,
}

/// So many days after the start, and a few minutes: mail goes out, then reports come.
fn day(days: f64) -> Timestamp {
    time(START) + SignedDuration::from_secs_f64(days * 86_400.0)
}

impl House {
    async fn new(kit: Kit) -> Self {
        let text = "site.url = \"https://digest.example\"\nsite.data_dir = \"data\"\n\
             [mail]\nfrom = \"papers@digest.example\"\n[[mail.relays]]\nurl = \"folder:out\"\n\
             [admin]\nalarms_to = \"admin@digest.example\"\n";
        let file = kit.folder.path().join("paperround.toml");
        let config = Config::parse(text, &file, std::iter::empty()).unwrap().config;
        let (clock, key) = (Clock::fixed(day(0.0)), Key::new([7; 32]));
        let templates = Arc::new(Templates::load(None).unwrap());
        let stationery = Arc::new(Stationery::new(&config, key.clone(), templates));
        let store = || kit.store.clone();
        let bounces =
            Bounces::new(&config, store(), clock.clone(), key.clone(), Arc::clone(&stationery));
        let links = Links::new(key.clone(), "https://digest.example", None, address("help"));
        let subscriptions =
            Subscriptions::new(&config, store(), clock.clone(), key.clone(), links, stationery);
        let node = kit.node().await;
        let (bounces, subscriptions) = (bounces.unwrap(), subscriptions.unwrap());
        Self { kit, config, clock, key, bounces, subscriptions, node }
    }

    /// With readers of these names, due at the start.
    async fn with(kit: Kit, names: &[&str]) -> Self {
        let house = Self::new(kit).await;
        house.add(names).await;
        house
    }

    async fn add(&self, names: &[&str]) {
        let full = |name: &&str| match name.contains('@') {
            true => (*name).to_owned(),
            false => format!("{name}@example.org"),
        };
        let new: Vec<NewSubscriber> = names
            .iter()
            .map(|name| NewSubscriber {
                email: full(name).parse().unwrap(),
                state: SubscriberState::Active,
                preferences: Preferences::default(),
                confirmed_at: None,
                paused_until: None,
                next_due_at: Some(self.clock.now()),
                how: "a test".to_owned(),
                mark: self.subscriptions.mark_of(&full(name).parse().unwrap()),
            })
            .collect();
        let added = self.store().add_subscribers(&new, self.clock.now()).await.unwrap();
        assert!(added.iter().all(|one| *one == Added::New));
    }

    fn store(&self) -> &Store {
        &self.kit.store
    }

    fn at(&self, at: Timestamp) {
        self.clock.set(at);
    }

    /// Plans whoever is due.
    async fn plan(&self, at: Timestamp) {
        self.at(at);
        while let Some(cohort) = self.store().next_cohort(at).await.unwrap() {
            plan_cohort(self.store(), &cohort, &at.to_string(), &[1]).await;
        }
    }

    /// Plans, and has a relay end all that is due: `how` it ends each mail.
    async fn end(&self, at: Timestamp, how: impl Fn(&Claimed) -> Recorded) -> Vec<Claimed> {
        self.plan(at).await;
        let mut all = Vec::new();
        loop {
            let (claimed, _) = self.store().claim(&self.node, at, 500).await.unwrap();
            if claimed.is_empty() {
                return all;
            }
            let relay = Some("test".to_owned());
            let finished = claimed.iter().map(|one| Finished {
                id: one.id,
                relay: relay.clone(),
                what: how(one),
            });
            let group = Group { finished: finished.collect(), ..Group::default() };
            self.store().record(&self.node, at, &group, true).await.unwrap();
            all.extend(claimed);
        }
    }

    /// Has all that is due sent.
    async fn send(&self, at: Timestamp) -> Vec<Claimed> {
        self.end(at, |_| Recorded::Sent { reply: "250 OK".to_owned() }).await
    }

    /// The one mail that is due.
    async fn send_one(&self, at: Timestamp) -> Claimed {
        let mut all = self.send(at).await;
        assert_eq!(all.len(), 1, "at {at}");
        all.remove(0)
    }

    /// A report about this mail.
    async fn say(&self, mail: &Claimed, verdict: Verdict, at: Timestamp) -> Applied {
        self.at(at);
        self.bounces.apply(&said(mail, verdict, at)).await.unwrap()
    }

    async fn judge(&self, at: Timestamp) -> Judged {
        self.at(at);
        if !self.bounces.has_work().await.unwrap() {
            return Judged::default();
        }
        self.bounces.judge_once().await.unwrap()
    }

    async fn reader(&self, name: &str) -> Subscriber {
        self.store().subscriber(&address(name)).await.unwrap().unwrap()
    }

    async fn state(&self, name: &str) -> &'static str {
        self.reader(name).await.state.word()
    }

    async fn count(&self, state: SubscriberState) -> i64 {
        let counts = self.store().count_subscribers().await.unwrap();
        counts.iter().find(|(of, _)| *of == state).map_or(0, |(_, count)| *count)
    }

    /// What waits, by kind.
    async fn waiting(&self) -> BTreeMap<String, usize> {
        let mut waiting = BTreeMap::new();
        for row in self.store().queue(&QueueFilter::default(), 0, 10_000).await.unwrap() {
            *waiting.entry(row.kind).or_default() += 1;
        }
        waiting
    }

    /// How many alarms wait.
    async fn alarms(&self) -> usize {
        self.waiting().await.get("alarm").copied().unwrap_or(0)
    }

    async fn timeline(&self, name: &str) -> Vec<String> {
        let events = self.store().timeline(&self.reader(name).await).await.unwrap();
        let line =
            |reason: Option<String>| reason.map(|why| format!(": {why}")).unwrap_or_default();
        events
            .into_iter()
            .map(|event| format!("{} {}{}", event.what, event.detail, line(event.reason)))
            .collect()
    }
}

fn said(mail: &Claimed, verdict: Verdict, at: Timestamp) -> Said {
    let status = match verdict {
        Verdict::Hard => Some("5.1.1"),
        Verdict::Soft => Some("5.2.2"),
        Verdict::Policy => Some("5.7.1"),
        _ => None,
    };
    let detail = format!("<{}> says {}", mail.email, verdict.word());
    let status = status.map(str::to_owned);
    let finding = Finding { addr: Some(mail.email.to_string()), verdict, status, detail };
    Said { subscriber: mail.person.id, delivery: Some(mail.id), finding, way: Way::Report, at }
}

async fn a_hard_bounce_suppresses_at_once_and_once(kit: Kit) {
    let house = House::with(kit, &["ada", "bob"]).await;
    let mails = house.send(day(0.0)).await;
    let ada = mails.iter().find(|mail| mail.email == address("ada")).unwrap();
    house.plan(day(1.0)).await;
    assert_eq!(house.waiting().await["digest"], 2);
    assert_eq!(house.say(ada, Verdict::Hard, day(1.01)).await, Applied::Suppressed);
    assert_eq!(house.state("ada").await, "suppressed");
    assert_eq!(house.waiting().await["digest"], 1, "what waited for her is not sent");
    let mark = house.subscriptions.mark_of(&address("ada"));
    let kept = house.store().suppression(&mark).await.unwrap().unwrap();
    assert_eq!((kept.reason.as_str(), kept.since), ("bounce", day(1.01)));
    assert_eq!(kept.detail, "hard 5.1.1 on 2026-02-03, by a report");
    // Told again, by the same way or another one, at once or much later: nothing.
    assert_eq!(house.say(ada, Verdict::Hard, day(1.02)).await, Applied::Known);
    let other = Said { way: Way::Ses, ..said(ada, Verdict::Hard, day(1.02)) };
    assert_eq!(house.bounces.apply(&other).await.unwrap(), Applied::Noted);
    let events = house.timeline("ada").await;
    let told = "bounced hard 5.1.1, digest of 2026-02-02, by a report: <ada@example.org> says hard";
    assert!(events.iter().any(|event| event == told), "{events:#?}");
    let told = "suppressed mail came back: hard 5.1.1 on 2026-02-03, by a report";
    assert_eq!(events.iter().filter(|event| *event == told).count(), 1, "{events:#?}");
    // An administrator lifts it: what was said before does not come again.
    let key = address("ada").key();
    assert!(house.store().lift(&mark, Some(&key), day(2.0)).await.unwrap());
    house.at(day(2.0));
    house.subscriptions.resume(&house.reader("ada").await, "a test").await.unwrap();
    assert_eq!(house.say(ada, Verdict::Hard, day(2.1)).await, Applied::Known);
    let third = Said { way: Way::Mailgun, ..said(ada, Verdict::Hard, day(2.1)) };
    assert_eq!(house.bounces.apply(&third).await.unwrap(), Applied::Noted);
    let vague = Said { delivery: None, way: Way::Postmark, ..said(ada, Verdict::Hard, day(2.1)) };
    assert_eq!(house.bounces.apply(&vague).await.unwrap(), Applied::Noted);
    assert_eq!(house.state("ada").await, "active");
    // The next mail counts anew.
    let mails = house.send(day(3.0)).await;
    let again = mails.iter().find(|mail| mail.email == address("ada")).unwrap();
    assert_eq!(house.say(again, Verdict::Hard, day(3.1)).await, Applied::Suppressed);
    assert_eq!(house.state("bob").await, "active");
}

async fn soft_bounces_must_be_spread(kit: Kit) {
    let house = House::new(kit).await;
    // After how many days a mail bounces softly, and whether the last one brings a probe.
    let cases: &[(&str, &[f64], bool)] = &[
        ("twice in a day", &[0.1, 0.2], false),
        ("three days within a week", &[0.1, 3.0, 6.9], false),
        ("all of a week", &[0.1, 1.1, 2.1, 3.1, 4.1, 5.1, 6.1], false),
        ("spread", &[0.1, 3.0, 7.2], true),
        ("daily", &[0.1, 1.1, 2.1, 3.1, 4.1, 5.1, 6.1, 7.2], true),
        ("with mails between that arrive", &[0.1, 7.1, 14.1], false),
    ];
    for (at, (what, softs, probed)) in cases.iter().enumerate() {
        house.at(day(0.0));
        let name = format!("r{at}");
        house.add(&[&name]).await;
        let mut mails = Vec::new();
        for days in 0..=15 {
            let sent = house.send(day(f64::from(days))).await;
            mails.extend(sent.into_iter().find(|mail| mail.email == address(&name)));
            let due = softs.iter().filter(|at| at.floor() as i32 == days);
            let mut taken = None;
            for (nth, at) in due.enumerate() {
                // Another mail each: the newest, and before it the one before.
                let mail = &mails[mails.len() - 1 - nth.min(mails.len() - 1)];
                let way = if nth > 0 { Way::Ses } else { Way::Report };
                house.at(day(*at));
                let one = Said { way, ..said(mail, Verdict::Soft, day(*at)) };
                taken = Some(house.bounces.apply(&one).await.unwrap());
            }
            let Some(taken) = taken else { continue };
            let last = softs.last().unwrap().floor() as i32 == days;
            let expected = if last && *probed { Applied::Probed } else { Applied::Noted };
            assert_eq!(taken, expected, "{what}, day {days}");
            if last {
                break;
            }
        }
        assert_eq!(house.state(&name).await, "active", "{what}");
        let reader = house.reader(&name).await;
        house.subscriptions.unsubscribe(&reader, "a test", false).await.unwrap();
    }
}

/// Ada's mail bounces softly until she gets a probe, which is returned.
async fn worn(house: &House) -> Claimed {
    for days in [0.0, 3.0, 6.0] {
        let mail = house.send_one(day(days)).await;
        house.say(&mail, Verdict::Soft, day(days + 0.1)).await;
    }
    let mail = house.send_one(day(8.0)).await;
    assert_eq!(house.say(&mail, Verdict::Soft, day(8.1)).await, Applied::Probed);
    assert_eq!(house.waiting().await, BTreeMap::from([("probe".to_owned(), 1)]));
    let probe = house.send_one(day(8.2)).await;
    assert_eq!(probe.kind, MailKind::Probe);
    let next = house.reader("ada").await.next_due_at.unwrap();
    assert_eq!(next, day(14.0), "the first weekday's slot after three days");
    probe
}

async fn a_probe_that_bounces_suppresses(kit: Kit) {
    let house = House::with(kit, &["ada"]).await;
    let probe = worn(&house).await;
    assert_eq!(house.send(day(9.0)).await.len(), 0, "no digest while it is out");
    assert_eq!(house.judge(day(9.0)).await, Judged::default());
    assert_eq!(house.say(&probe, Verdict::Soft, day(9.1)).await, Applied::Suppressed);
    assert_eq!(house.state("ada").await, "suppressed");
    assert_eq!(house.judge(day(12.0)).await, Judged::default(), "nothing is left of it");
}

async fn a_probe_that_does_not_come_back_begins_anew(kit: Kit) {
    let house = House::with(kit, &["ada"]).await;
    let probe = worn(&house).await;
    let standing = house.bounces.standing(&house.reader("ada").await).await.unwrap().unwrap();
    assert!(standing.starts_with("soft on 4 days, score "), "{standing}");
    assert_eq!(house.judge(day(11.1)).await.reached, 0, "not yet three days");
    assert_eq!(house.judge(day(11.21)).await.reached, 1);
    assert_eq!(house.judge(day(11.22)).await, Judged::default());
    assert_eq!(house.bounces.standing(&house.reader("ada").await).await.unwrap(), None);
    let mail = house.send_one(day(14.0)).await;
    assert_eq!(mail.kind, MailKind::Digest, "all goes on");
    assert_eq!(house.say(&mail, Verdict::Soft, day(14.1)).await, Applied::Noted);
    // Servers may try for longer than three days: a probe that comes back late counts.
    assert_eq!(house.say(&probe, Verdict::Soft, day(14.2)).await, Applied::Suppressed);
    let events = house.timeline("ada").await;
    let told = "reached the last mail did not come back: all goes on";
    assert!(events.iter().any(|event| event == told), "{events:#?}");
}

async fn what_names_no_mail_is_no_answer_to_a_probe(kit: Kit) {
    let house = House::with(kit, &["ada"]).await;
    let probe = worn(&house).await;
    // An old mail comes back at last: the report names her, and not the mail.
    house.at(day(8.3));
    for (way, taken) in [(Way::Report, Applied::Known), (Way::Postmark, Applied::Noted)] {
        // It is taken for the last digest, of which a report has told already.
        let late = Said { delivery: None, way, ..said(&probe, Verdict::Soft, day(8.3)) };
        assert_eq!(house.bounces.apply(&late).await.unwrap(), taken);
    }
    assert_eq!(house.state("ada").await, "active");
    // Nor does it stand in the way of the answer, by whichever way that comes.
    assert_eq!(house.say(&probe, Verdict::Soft, day(8.4)).await, Applied::Suppressed);
    assert_eq!(house.state("ada").await, "suppressed");
}

async fn a_mail_is_found_by_what_providers_tell_of_it(kit: Kit) {
    let house = House::with(kit, &["ada", "bob"]).await;
    let first = house.send(day(0.0)).await;
    let [ada, bob] =
        ["ada", "bob"].map(|name| first.iter().find(|mail| mail.email == address(name)).unwrap());
    let second = house.send(day(1.0)).await;
    let second = second.iter().find(|mail| mail.email == address("ada")).unwrap();
    let message_id = |mail: &Claimed| {
        let from = address("papers");
        paperround::delivery::message_id(&house.key, &from, &mail.id.to_string())
    };
    let find =
        async |names: &[Named]| house.bounces.mail_named(ada.person.id, names).await.unwrap();
    let id = |mail: &Claimed| Named::MessageId(message_id(mail));
    assert_eq!(find(&[id(ada)]).await, Some(ada.id));
    assert_eq!(find(&[id(second)]).await, Some(second.id));
    let bare = message_id(ada).trim_matches(['<', '>']).to_owned();
    assert_eq!(find(&[Named::MessageId(bare)]).await, Some(ada.id));
    assert_eq!(find(&[id(bob)]).await, None, "a mail of another's");
    let strange = Named::MessageId("<0123@digest.example>".to_owned());
    assert_eq!(find(&[strange.clone(), id(ada)]).await, Some(ada.id), "what fits counts");
    assert_eq!(find(&[strange]).await, None);
    let taken =
        |days: f64, seconds: i64| Named::TakenAt(day(days) + SignedDuration::from_secs(seconds));
    assert_eq!(find(&[taken(0.0, -299)]).await, Some(ada.id));
    assert_eq!(find(&[taken(1.0, 299)]).await, Some(second.id));
    assert_eq!(find(&[taken(0.5, 0)]).await, None);
    assert_eq!(find(&[]).await, None);
    // Of those with the same subject it is the newest.
    let subject = house.store().digest(ada.digest).await.unwrap().unwrap().subject;
    let folded = format!(" {}", subject.replace(' ', "\r\n "));
    assert_eq!(find(&[Named::Subject(folded)]).await, Some(second.id));
    assert_eq!(find(&[Named::Subject("Another".to_owned())]).await, None);
    // What is older than anything that counts is looked for no more.
    house.at(day(31.5));
    assert_eq!(find(&[id(ada)]).await, None);
}

async fn a_proof_counts_for_one_report(kit: Kit) {
    let (store, now) = (&kit.store, day(0.0));
    let claim = async |body: &str| store.claim_report("proof", body, day(0.5)).await.unwrap();
    assert_eq!(store.claim_report("proof", "one", now).await.unwrap(), Reported::New);
    assert_eq!(claim("one").await, Reported::New, "nothing came of it");
    assert_eq!(claim("other").await, Reported::Other);
    store.finish_report("proof").await.unwrap();
    assert_eq!(claim("one").await, Reported::Done);
    assert_eq!(claim("other").await, Reported::Other);
    assert_eq!(store.claim_report("another", "one", now).await.unwrap(), Reported::New);
    // So long as its proof could count it is known, and not for ever.
    store.forget_received(day(2.2)).await.unwrap();
    assert_eq!(claim("other").await, Reported::Other);
    store.forget_received(day(3.1)).await.unwrap();
    assert_eq!(claim("other").await, Reported::New);
    // Many at one moment: one body has it.
    let claims = (0..20).map(|n| {
        let store = store.clone();
        tokio::spawn(async move { store.claim_report("rush", &n.to_string(), day(0.0)).await })
    });
    let claims: Vec<_> = claims.collect();
    let mut new = 0;
    for claim in claims {
        new += usize::from(claim.await.unwrap().unwrap() == Reported::New);
    }
    assert_eq!(new, 1);
}

async fn two_in_a_hundred_of_a_domain_within_an_hour(kit: Kit) {
    let house = House::new(kit).await;
    let names: Vec<String> = (0..1_000).map(|n| format!("r{n}")).collect();
    house.add(&names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    house.add(&["solo@other.example"]).await;
    let mails = house.send(day(0.0)).await;
    let mut told = BTreeMap::new();
    for (nth, mail) in mails.iter().enumerate() {
        // All within the hour.
        let at = day(0.01) + SignedDuration::from_secs(nth as i64);
        let taken = house.say(mail, Verdict::Hard, at).await;
        *told.entry(format!("{taken:?}")).or_insert(0) += 1;
    }
    // Two in a hundred of the thousand, and the one of the other domain.
    assert_eq!(told, BTreeMap::from([("Held".to_owned(), 980), ("Suppressed".to_owned(), 21)]));
    assert_eq!(house.alarms().await, 1, "and it is told once");
    assert_eq!(house.judge(day(0.03)).await.suppressed, 0, "the hour is not over");
    let waits = house.bounces.standing(&house.reader("r999").await).await.unwrap().unwrap();
    assert!(waits.contains("waits: too many"), "{waits}");
    // An administrator drops one of those that wait.
    let dropped = address("r999");
    let mark = house.subscriptions.mark_of(&dropped);
    assert!(house.store().lift(&mark, Some(&dropped.key()), house.clock.now()).await.unwrap());
    // The sizes are counted anew: of 980 there are 19.
    assert_eq!(house.judge(day(0.01 + 1.3 / 24.0)).await.suppressed, 19);
    assert_eq!(house.judge(day(0.02 + 1.3 / 24.0)).await.suppressed, 0);
    let mut before = house.count(SubscriberState::Suppressed).await;
    for hour in 0..10 {
        house.judge(day(0.2) + SignedDuration::from_mins(hour * 61)).await;
        let suppressed = house.count(SubscriberState::Suppressed).await;
        assert!((16..=19).contains(&(suppressed - before)), "{hour}: {before}, {suppressed}");
        before = suppressed;
    }
    assert_eq!(house.state("r999").await, "active");
}

async fn a_mail_that_arrives_ends_the_waiting(kit: Kit) {
    let house = House::with(kit, &["ada", "bob", "cyd"]).await;
    for mail in house.send(day(0.0)).await {
        house.say(&mail, Verdict::Hard, day(0.01)).await;
    }
    assert_eq!(house.count(SubscriberState::Suppressed).await, 1, "at least one");
    // The next digest comes back from one of the two that wait, and not from the other.
    let mut mails = house.send(day(1.0)).await;
    mails.retain(|mail| mail.kind == MailKind::Digest);
    assert_eq!(mails.len(), 2);
    assert_eq!(house.say(&mails[0], Verdict::Hard, day(1.001)).await, Applied::Suppressed);
    assert_eq!(house.judge(day(1.02)).await.suppressed, 0);
    assert_eq!(house.judge(day(1.1)).await.suppressed, 0);
    assert_eq!(house.count(SubscriberState::Active).await, 1);
    assert!(!house.bounces.has_work().await.unwrap());
}

async fn a_refusal_as_policy_rests_the_domain(kit: Kit) {
    let house = House::with(kit, &["ada", "bob", "cyd", "solo@other.example"]).await;
    let mails = house.send(day(0.0)).await;
    let mut told = Vec::new();
    for mail in mails.iter().filter(|mail| mail.email.domain() == "example.org") {
        told.push(house.say(mail, Verdict::Policy, day(0.001)).await);
        house.say(mail, Verdict::Policy, day(0.001)).await;
    }
    let until = day(0.001) + SignedDuration::from_hours(1);
    assert_eq!(told, [Applied::Noted, Applied::Noted, Applied::Rests(until)]);
    assert_eq!(house.count(SubscriberState::Active).await, 4, "nobody is suppressed");
    assert_eq!(house.alarms().await, 1);
    // Another process, and a digest meanwhile: others get theirs.
    let now = day(0.001) + SignedDuration::from_mins(10);
    let postman = Postman::new(
        &house.config,
        house.kit.store.clone(),
        house.clock.clone(),
        house.key.clone(),
        Arc::clone(&house.node),
    );
    house.at(now);
    house.add(&["new", "new@other.example"]).await;
    house.plan(now).await;
    let stop = CancellationToken::new();
    let drained = postman.drain_once(&stop, &|_| ()).await.unwrap();
    assert_eq!((drained.sent, drained.deferred), (2, 1), "the alarm, and other.example");
    let waits = house.store().queue(&QueueFilter::default(), 0, 10).await.unwrap();
    let reason = waits[0].reason.clone().unwrap();
    let words = format!("example.org rests until {until}: it refused our mail as policy: 5.7.1");
    assert!(reason.starts_with(&words), "{reason}");
    assert!(!reason.contains("cyd@"), "{reason}");
    assert!(waits[0].next_attempt_at >= until);
    house.at(until + SignedDuration::from_mins(1));
    assert_eq!(postman.drain_once(&stop, &|_| ()).await.unwrap().sent, 1, "and goes out after");
    // It goes on: the next rest is twice as long.
    let mut told = Vec::new();
    for mail in house.send(day(1.01)).await {
        if mail.email.domain() == "example.org" {
            told.push(house.say(&mail, Verdict::Policy, day(1.011)).await);
        }
    }
    let until = day(1.011) + SignedDuration::from_hours(2);
    let noted = Applied::Noted;
    assert_eq!(told, [noted, noted, Applied::Rests(until), noted], "and the rest comes once");
    let rests = house.store().resting(day(1.012)).await.unwrap();
    assert_eq!((rests[0].domain.as_str(), rests[0].until), ("example.org", until));
}

async fn a_complaint_unsubscribes(kit: Kit) {
    let house = House::with(kit, &["ada", "bob"]).await;
    let mails = house.send(day(0.0)).await;
    house.plan(day(1.0)).await;
    let ada = mails.iter().find(|mail| mail.email == address("ada")).unwrap();
    assert_eq!(house.say(ada, Verdict::Complaint, day(1.1)).await, Applied::Unsubscribed);
    assert_eq!(house.state("ada").await, "unsubscribed");
    assert_eq!(house.waiting().await, BTreeMap::from([("digest".to_owned(), 1)]), "no goodbye");
    let mark = house.subscriptions.mark_of(&address("ada"));
    let kept = house.store().suppression(&mark).await.unwrap().unwrap();
    assert_eq!((kept.reason.as_str(), kept.since), ("complaint", day(1.1)));
    // Nor does anybody else's word bring her back, but her own does.
    house.at(day(2.0));
    let origin = Origin { how: "web", from: None, quick: false };
    let wish = Preferences::default();
    let asked = house.subscriptions.subscribe(&address("ada"), &wish, origin).await.unwrap();
    assert_eq!(asked, Granted::Mail);
    assert_eq!(house.state("ada").await, "unsubscribed");
    confirm(&house, "ada").await;
    assert_eq!(house.state("ada").await, "active");
    assert_eq!(house.store().suppression(&mark).await.unwrap(), None);
    // The same complaint by another way is about mail from before.
    let again = Said { way: Way::Ses, ..said(ada, Verdict::Complaint, day(3.0)) };
    house.at(day(3.0));
    assert_eq!(house.bounces.apply(&again).await.unwrap(), Applied::Noted);
    assert_eq!(house.state("ada").await, "active");
}

/// Confirms by the mail that was sent.
async fn confirm(house: &House, name: &str) {
    let sent = house.send(house.clock.now()).await;
    let mail = sent.iter().find(|mail| mail.kind == MailKind::Confirm).unwrap();
    let links = Links::new(house.key.clone(), "https://digest.example", None, address("help"));
    let minute = paperround::links::minute(mail.created_at);
    let token = links.token(paperround::links::Purpose::Confirm, mail.person, minute, "");
    let origin = Origin { how: "web", from: None, quick: false };
    let done = house.subscriptions.confirm(&token, origin).await.unwrap();
    assert!(matches!(done, Some(Confirmed::Now(reader)) if reader.email == address(name)));
}

async fn who_bounced_comes_back_by_their_own_yes(kit: Kit) {
    let house = House::with(kit, &["ada", "bob"]).await;
    let mails = house.send(day(0.0)).await;
    let ada = mails.iter().find(|mail| mail.email == address("ada")).unwrap();
    house.say(ada, Verdict::Hard, day(0.1)).await;
    house.at(day(9.0));
    let origin = Origin { how: "web", from: None, quick: false };
    let wish = Preferences::default();
    // Not by a link to preferences, and not where an administrator said no.
    let asked = house.subscriptions.request_link(&address("ada"), origin).await.unwrap();
    assert_eq!(asked, Granted::Nothing);
    let mark = house.subscriptions.mark_of(&address("bob"));
    house.store().suppress(&address("bob"), &mark, "admin", "no", day(9.0)).await.unwrap();
    let asked = house.subscriptions.subscribe(&address("bob"), &wish, origin).await.unwrap();
    assert_eq!(asked, Granted::Nothing);
    let asked = house.subscriptions.subscribe(&address("ada"), &wish, origin).await.unwrap();
    assert_eq!(asked, Granted::Mail);
    assert_eq!(house.state("ada").await, "suppressed", "asked by whom?");
    confirm(&house, "ada").await;
    assert_eq!(house.state("ada").await, "active");
    let mark = house.subscriptions.mark_of(&address("ada"));
    assert_eq!(house.store().suppression(&mark).await.unwrap(), None);
}

async fn refusals_by_the_relay_count_alike(kit: Kit) {
    let names = ["hard", "soft", "policy", "plain", "ours"];
    let house = House::with(kit, &names).await;
    let refuse = |mail: &Claimed| Recorded::Failed {
        reply: match mail.email.local() {
            "hard" => "550 5.1.1 no such user",
            "soft" => "552 5.2.2 mailbox full",
            "policy" => "554 5.7.1 not from there",
            "plain" => return Recorded::Sent { reply: "250 OK".to_owned() },
            _ => "no relay serves example.org",
        }
        .to_owned(),
    };
    house.end(day(0.0), refuse).await;
    let judged = house.judge(day(0.01)).await;
    assert_eq!((judged.refusals, judged.suppressed), (4, 1));
    assert_eq!(house.judge(day(0.02)).await, Judged::default(), "each once");
    for name in names {
        let expected = if name == "hard" { "suppressed" } else { "active" };
        assert_eq!(house.state(name).await, expected, "{name}");
    }
    let events = house.timeline("hard").await;
    let told = "bounced hard 5.1.1, digest of 2026-02-02, by the relay";
    assert!(events.iter().any(|event| event == told), "{events:#?}");
    assert_eq!(house.alarms().await, 1, "of policy");
}

async fn what_is_about_others_or_past_has_no_effect(kit: Kit) {
    let house = House::with(kit, &["ada", "bob"]).await;
    let mails = house.send(day(0.0)).await;
    let of = |name: &str| mails.iter().find(|mail| mail.email == address(name)).unwrap();
    // Bob's token with Ada's delivery, nobody's, and a mail that never was.
    let crossed =
        Said { subscriber: of("bob").person.id, ..said(of("ada"), Verdict::Hard, day(0.1)) };
    house.at(day(0.1));
    assert_eq!(house.bounces.apply(&crossed).await.unwrap(), Applied::Nobody);
    let nobody = Said { subscriber: 9_999, ..crossed.clone() };
    assert_eq!(house.bounces.apply(&nobody).await.unwrap(), Applied::Nobody);
    let never = Said { delivery: Some(9_999), ..crossed };
    assert_eq!(house.bounces.apply(&never).await.unwrap(), Applied::Nobody);
    // A report that comes after a month can only be a replay.
    assert_eq!(house.say(of("ada"), Verdict::Hard, day(31.0)).await, Applied::Noted);
    assert_eq!(house.say(of("ada"), Verdict::Complaint, day(31.0)).await, Applied::Noted);
    // What says nothing against anybody.
    for verdict in [Verdict::Delayed, Verdict::Delivered, Verdict::AutoReply, Verdict::None] {
        assert_eq!(house.say(of("bob"), verdict, day(0.2)).await, Applied::Noted);
    }
    // Who wants to move: the new address bounces, not hers.
    house.at(day(1.0));
    let origin = Origin { how: "web", from: None, quick: false };
    let ada = house.reader("ada").await;
    house.subscriptions.ask_to_move(&ada, &address("eve"), origin).await.unwrap();
    let sent = house.send(day(1.0)).await;
    let moving = sent.iter().find(|mail| mail.kind == MailKind::Move).unwrap();
    assert_eq!(house.say(moving, Verdict::Hard, day(1.1)).await, Applied::Noted);
    // And when she has moved, what comes back from the old one is not about her.
    let given = Consent { what: "moved", how: "web", wording: "1", source: None };
    let late = house.send(day(1.11)).await.into_iter().find(|mail| mail.kind == MailKind::Digest);
    assert!(late.is_none());
    let before = sent.iter().find(|mail| mail.email == address("ada") && mail.id != moving.id);
    assert!(house.store().finish_move(ada.id, &address("eve"), given, day(1.12)).await.unwrap());
    let before = before.unwrap();
    assert_eq!(house.say(before, Verdict::Hard, day(1.13)).await, Applied::Noted);
    assert_eq!(house.state("eve").await, "active");
    // Who never confirmed is not suppressed; nothing more goes to them.
    let wish = Preferences::default();
    house.subscriptions.subscribe(&address("new"), &wish, origin).await.unwrap();
    let asking = house.send(day(1.15)).await;
    let asking = asking.iter().find(|mail| mail.kind == MailKind::Confirm).unwrap();
    assert_eq!(house.say(asking, Verdict::Hard, day(1.2)).await, Applied::Noted);
    assert_eq!(house.state("new").await, "pending");
    assert_eq!((house.state("eve").await, house.state("bob").await), ("active", "active"));
    // Without a delivery it is about the newest mail, once.
    let vague = Said { delivery: None, ..said(of("bob"), Verdict::Hard, day(1.3)) };
    house.at(day(1.3));
    assert_eq!(house.bounces.apply(&vague).await.unwrap(), Applied::Suppressed);
    assert_eq!(house.bounces.apply(&vague).await.unwrap(), Applied::Known);
}

async fn an_alarm_comes_once_in_six_hours(kit: Kit) {
    let house = House::with(kit, &["ada", "bob", "cyd", "dee"]).await;
    let mails = house.send(day(0.0)).await;
    for (mail, (hours, alarms)) in mails.iter().zip([(0, 1), (5, 1), (7, 2), (12, 2)]) {
        let at = day(0.01) + SignedDuration::from_hours(hours);
        house.say(mail, Verdict::Policy, at).await;
        assert_eq!(house.alarms().await, alarms, "after {hours} h");
    }
}

async fn much_coming_back_is_told(kit: Kit) {
    let house = House::new(kit).await;
    // Of many domains, so that none has had enough.
    let names: Vec<String> = (0..300).map(|n| format!("r@d{n}.example.org")).collect();
    house.add(&names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let mails = house.send(day(0.0)).await;
    for mail in &mails[..15] {
        house.say(mail, Verdict::Hard, day(0.01)).await;
    }
    assert_eq!(house.judge(day(0.02)).await.alarms, 0, "one in twenty is usual");
    for mail in &mails[15..20] {
        house.say(mail, Verdict::Hard, day(0.03)).await;
    }
    assert_eq!(house.judge(day(0.04)).await.alarms, 1);
    for mail in &mails[20..25] {
        house.say(mail, Verdict::Hard, day(0.05)).await;
    }
    assert_eq!(house.judge(day(0.06)).await.alarms, 0, "told already");
    for mail in &mails[25..30] {
        house.say(mail, Verdict::Complaint, day(0.07)).await;
    }
    assert_eq!(house.judge(day(0.08)).await.alarms, 1, "complaints are another kind");
    // Two days later nothing of it is unusual any more.
    assert_eq!(house.judge(day(2.0)).await.alarms, 0);
    // And in the end it is forgotten, but who is suppressed stays so.
    house.judge(day(120.0)).await;
    let gone: EmailAddress = names[0].parse().unwrap();
    let reader = house.store().subscriber(&gone).await.unwrap().unwrap();
    let events = house.store().timeline(&reader).await.unwrap();
    assert!(events.iter().all(|event| event.what != "bounced"));
    assert_eq!(house.count(SubscriberState::Suppressed).await, 25);
}

async fn what_is_erased_leaves_no_trace(kit: Kit) {
    let house = House::with(kit, &["ada", "bob"]).await;
    for mail in house.send(day(0.0)).await {
        for verdict in [Verdict::Policy, Verdict::Soft, Verdict::Hard] {
            house.say(&mail, verdict, day(0.1)).await;
        }
    }
    let target = tempfile::tempdir().unwrap();
    let copy = Store::open_sqlite(&target.path().join("copy.db")).await.unwrap();
    house.node.leave().await.unwrap();
    let copied = house.store().copy_to(&copy, |_| ()).await.unwrap();
    let rows = |name: &str| copied.iter().find(|one| one.table == name).unwrap().rows;
    assert_eq!((rows("bounces"), rows("domain_rests"), rows("probes")), (6, 0, 0));
    let ada = house.reader("ada").await;
    let everything = house.subscriptions.everything(&ada).await.unwrap().to_string();
    assert!(everything.contains("says hard"), "{everything}");
    house.subscriptions.erase(&ada, "by an admin").await.unwrap();
    if house.kit.cluster.is_none() {
        let file = std::fs::read(house.kit.folder.path().join("test.db")).unwrap();
        assert!(memchr::memmem::find(&file, b"ada@example.org").is_none());
        assert!(memchr::memmem::find(&file, b"bob@example.org").is_some(), "the others stay");
    }
    let mark = house.subscriptions.mark_of(&address("ada"));
    let kept = house.store().suppression(&mark).await.unwrap().unwrap();
    assert_eq!((kept.email, kept.reason.as_str()), (None, "bounce"));
}
