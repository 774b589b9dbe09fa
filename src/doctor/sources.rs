//! The sources: when each was last fetched well, and whether that is older than its schedule allows.

use jiff::{SignedDuration, Timestamp};

use super::patient::{Patient, words};
use super::{Finding, Group, Scope};
use crate::config::Source;
use crate::store::Store;

/// A fetch takes its time, and the daemon may have been restarted.
const GRACE: SignedDuration = SignedDuration::from_mins(30);

/// Looks at the fetches of each.
pub(super) async fn look(patient: &Patient, _: &Scope) -> Vec<Finding> {
    let store = match &patient.store {
        Ok(store) if matches!(store.is_new().await, Ok(false)) => store,
        _ => {
            let says = "no fetch is known without a database";
            return vec![Finding::skipped(Group::Sources, "sources", says)];
        }
    };
    let mut findings = Vec::new();
    for source in &patient.config.sources {
        findings.push(one(patient, store, source).await);
    }
    findings
}

async fn one(patient: &Patient, store: &Store, source: &Source) -> Finding {
    let name = source.name.as_str();
    let bad = |says: String| Finding::bad(Group::Sources, name, says);
    let fetch = format!("paperround fetch {name}");
    let now = patient.clock.now();
    let (good, fault) = (store.last_good_fetch(name, now), store.last_bad_fetch(name, now));
    let (good, fault) = match (good.await, fault.await) {
        (Ok(good), Ok(fault)) => (good, fault),
        (Err(error), _) | (_, Err(error)) => {
            let says = format!("its fetches cannot be read: {}", words(&error));
            return bad(says).mend("paperround doctor --only database");
        }
    };
    let since = |at: Timestamp| format!("{} ({})", at.strftime("%Y-%m-%d %H:%M UTC"), ago(now, at));
    // What went wrong after the last good one.
    let trouble = fault.filter(|fault| good.as_ref().is_none_or(|good| good.at < fault.at));
    let why = trouble.as_ref().map(|fault| {
        let reason = fault.reason.as_deref().unwrap_or("for no reason that was noted");
        format!("; since then {} at {}: {reason}", fault.outcome, since(fault.at))
    });
    let mend = match trouble.as_ref().and_then(|fault| fault.kept.as_deref()) {
        Some(kept) => {
            format!("{fetch}\nor, once it can be read: paperround source replay {name} {kept}")
        }
        None => fetch,
    };
    let Some(good) = good else {
        return match why {
            Some(why) => bad(format!("it was never fetched well{why}")).mend(mend),
            None => Finding::warn(Group::Sources, name, "it was never fetched").mend(mend),
        };
    };
    if is_late(patient, source, good.at, now) {
        let says = format!(
            "the last good fetch was {}, and its schedule is {:?}{}",
            since(good.at),
            source.schedule.to_string(),
            why.unwrap_or_default()
        );
        return bad(says).mend(mend);
    }
    match why {
        Some(why) => {
            let says = format!("the last good fetch was {}{why}", since(good.at));
            Finding::warn(Group::Sources, name, says).mend(mend)
        }
        None => {
            let says = format!("fetched well {}, {} listed", since(good.at), good.listed);
            Finding::good(Group::Sources, name, says)
        }
    }
}

/// Whether two fetches in a row were to come after the one at `at`, and none was good.
fn is_late(patient: &Patient, source: &Source, at: Timestamp, now: Timestamp) -> bool {
    let zone = &patient.config.site.time_zone;
    let next = |after: Timestamp| source.schedule.next_after(after, zone);
    let second = next(at).and_then(next);
    second.is_some_and(|second| second.saturating_add(GRACE).is_ok_and(|late| late < now))
}

/// How long ago, in words.
pub(super) fn ago(now: Timestamp, at: Timestamp) -> String {
    let mins = now.duration_since(at).as_mins();
    match mins {
        ..1 => "just now".to_owned(),
        1..120 => format!("{mins} minutes ago"),
        120..2_880 => format!("{} hours ago", mins / 60),
        _ => format!("{} days ago", mins / 1_440),
    }
}
