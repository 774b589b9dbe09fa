//! What must hold of the dispatch whatever comes in whatever order.

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::config::Config;

const MS: Duration = Duration::from_millis(1);

/// A dispatch over relays with these lines.
fn dispatch(relays: &[&str]) -> (Dispatch<u32>, Instant) {
    let relays: Vec<String> = relays
        .iter()
        .enumerate()
        .map(|(at, lines)| format!("[[mail.relays]]\nurl = \"folder:out{at}\"\n{lines}\n"))
        .collect();
    let text = format!(
        "[site]\nurl = \"http://localhost\"\n[mail]\nfrom = \"a@example.org\"\n{}",
        relays.join("")
    );
    let loaded = Config::parse(&text, Path::new("c.toml"), std::iter::empty()).unwrap();
    let now = Instant::now();
    (Dispatch::new(&loaded.config.mail.relays, now), now)
}

/// Sends everything that can be sent now, and counts it by relay.
fn run(dispatch: &mut Dispatch<u32>, relays: usize, now: Instant) -> Vec<usize> {
    let mut sent = vec![0; relays];
    let mut goes_on = true;
    while goes_on {
        goes_on = false;
        for (at, sent) in sent.iter_mut().enumerate() {
            if let Next::Job(ticket) = dispatch.next(at, now) {
                dispatch.done(at, &ticket.domain, End::Took, MS, now);
                *sent += 1;
                goes_on = true;
            }
        }
    }
    sent
}

#[test]
fn weights_decide_and_zero_waits_for_need() {
    let (mut dispatch, now) = dispatch(&["weight = 3", "weight = 1", "weight = 0"]);
    let mut sent = [0; 3];
    for job in 0..400 {
        dispatch.put("example.net", job, now).unwrap();
        let round = run(&mut dispatch, 3, now);
        sent.iter_mut().zip(round).for_each(|(all, one)| *all += one);
    }
    assert_eq!(sent, [300, 100, 0]);
    for at in [0, 1] {
        assert!(dispatch.fault(at, true, "down", 0.0, now).is_empty());
    }
    dispatch.put("example.net", 1, now).unwrap();
    assert_eq!(run(&mut dispatch, 3, now), [0, 0, 1]);
}

#[test]
fn what_waits_for_a_relay_that_fails_goes_to_another() {
    let (mut both, now) = dispatch(&["", "domains = [\"example.net\"]"]);
    for job in 0..20 {
        both.put("example.net", job, now).unwrap();
    }
    both.put("example.org", 20, now).unwrap();
    let left = both.fault(0, true, "gone", 0.0, now);
    assert_eq!(left.iter().map(|(job, _)| *job).collect::<Vec<_>>(), [20]);
    assert!(matches!(&left[0].1, Refused::Rests { reason, .. } if reason == "gone"));
    assert!(matches!(both.next(0, now), Next::Empty | Next::Later(_)));
    assert_eq!(run(&mut both, 2, now), [0, 20]);
    assert!(matches!(both.put("example.org", 21, now), Err((21, Refused::Rests { .. }))));
    let later = now + Duration::from_secs(2);
    both.put("example.org", 21, later).unwrap();
    let (mut none, now) = dispatch(&["domains = [\"example.net\"]"]);
    assert!(matches!(none.put("example.org", 1, now), Err((1, Refused::Nobody))));
}

#[test]
fn a_tarpit_takes_an_eighth_and_the_others_the_rest() {
    let (mut dispatch, now) = dispatch(&["connections = 16"]);
    for job in 0..30 {
        dispatch.put("tar.example", job, now).unwrap();
    }
    let (mut stuck, mut sent) = (0, 0);
    let mut at = now;
    for job in 0..2_000 {
        // The mails of the tarpit never end.
        while let Next::Job(ticket) = dispatch.next(0, at) {
            if &*ticket.domain == "tar.example" {
                stuck += 1;
            } else {
                dispatch.done(0, &ticket.domain, End::Took, MS, at);
                sent += 1;
            }
        }
        dispatch.put(&format!("d{}.example", job % 40), 1_000 + job, at).unwrap();
        at += 10 * MS;
    }
    assert!(stuck <= 2, "{stuck}");
    assert!(sent >= 1_999, "{sent}");
    // More of it is better off in the queue.
    for job in 0..4 {
        let _ = dispatch.put("tar.example", 5_000 + job, at);
    }
    assert!(matches!(dispatch.put("tar.example", 6_000, at), Err((_, Refused::Rests { .. }))));
    assert!(dispatch.wants(64, at) > 0, "it does not keep others from being claimed");
}

#[test]
fn a_rate_is_kept_and_what_it_holds_up_stays_in_the_queue() {
    let (mut dispatch, now) = dispatch(&["rate = \"10/s\""]);
    let mut put = 0;
    while dispatch.put("example.net", put, now).is_ok() {
        put += 1;
    }
    assert_eq!(put, 100);
    let mut sent = 0;
    for step in 0..50 {
        sent += run(&mut dispatch, 1, now + 100 * MS * step)[0];
    }
    assert!((55..=60).contains(&sent), "{sent}");
}

#[test]
fn a_new_sender_sends_what_the_day_allows() {
    let (mut dispatch, now) = dispatch(&["ramp_up = \"50/d\"", "weight = 0"]);
    let first: Date = "2026-02-23".parse().unwrap();
    dispatch.recall(0, Some(first), first, 20);
    for job in 0..100 {
        dispatch.put("example.net", job, now).unwrap();
    }
    assert_eq!(run(&mut dispatch, 2, now), [30, 70]);
    let next = "2026-02-24".parse().unwrap();
    dispatch.recall(0, Some(first), next, 0);
    for job in 0..100 {
        dispatch.put("example.net", job, now).unwrap();
    }
    assert_eq!(run(&mut dispatch, 2, now), [75, 25]);
}

#[derive(Clone, Debug)]
enum Step {
    Put(u8),
    Next(usize),
    Done(usize, u8),
    Back(usize),
    Fault(usize, bool),
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0_u8..5).prop_map(Step::Put),
        4 => (0_usize..2).prop_map(Step::Next),
        3 => ((0_usize..2), 0_u8..5).prop_map(|(at, end)| Step::Done(at, end)),
        1 => (0_usize..2).prop_map(Step::Back),
        1 => ((0_usize..2), any::<bool>()).prop_map(|(at, open)| Step::Fault(at, open)),
        1 => (1_u64..3_000).prop_map(Step::Wait),
    ]
}

proptest! {
    /// No job is lost or given out twice, whatever happens; and the windows hold.
    #[test]
    fn every_job_is_somewhere_once(steps in prop::collection::vec(step(), 1..300)) {
        let (mut dispatch, mut now) = dispatch(&["connections = 4", "rate = \"5/s\""]);
        let mut out: Vec<Vec<Ticket<u32>>> = vec![Vec::new(), Vec::new()];
        let (mut ended, mut made) = (BTreeMap::new(), 0);
        for step in steps {
            match step {
                Step::Put(domain) => {
                    made += 1;
                    if let Err((job, _)) = dispatch.put(&format!("d{domain}.example"), made, now) {
                        prop_assert!(ended.insert(job, ()).is_none());
                    }
                }
                Step::Next(at) => {
                    if let Next::Job(ticket) = dispatch.next(at, now) {
                        out[at].push(ticket);
                    }
                    prop_assert!(out[0].len() <= 4 * 2 * 5);
                }
                Step::Done(at, end) if !out[at].is_empty() => {
                    let ticket = out[at].remove(0);
                    let end = [End::Took, End::Refused, End::Less, End::Lost, End::Pause][usize::from(end)];
                    dispatch.done(at, &ticket.domain, end, MS, now);
                    prop_assert!(ended.insert(ticket.job, ()).is_none());
                }
                Step::Back(at) if !out[at].is_empty() => {
                    let ticket = out[at].remove(0);
                    dispatch.back(at, &ticket.domain, now);
                    if let Err((job, _)) = dispatch.put(&ticket.domain, ticket.job, now) {
                        prop_assert!(ended.insert(job, ()).is_none());
                    }
                }
                Step::Fault(at, opening) => {
                    for (job, _) in dispatch.fault(at, opening, "down", 0.5, now) {
                        prop_assert!(ended.insert(job, ()).is_none());
                    }
                }
                Step::Wait(millis) => now += Duration::from_millis(millis),
                Step::Done(..) | Step::Back(_) => {}
            }
        }
        let rest = dispatch.drain().into_iter().chain(out.into_iter().flatten().map(|t| t.job));
        for job in rest {
            prop_assert!(ended.insert(job, ()).is_none());
        }
        prop_assert_eq!(ended.len(), made as usize);
    }
}
