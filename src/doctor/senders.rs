//! What the large mailbox providers ask of whoever sends much, as a checklist that points to what
//! was found. As of November 2026: Google (support.google.com/a/answer/81126), Yahoo
//! (senders.yahooinc.com/best-practices), Microsoft ("Outlook's New Requirements for High-Volume
//! Senders", for 5,000 mails a day and more).

use jiff::SignedDuration;

use super::patient::Patient;
use super::{Finding, Group, Verdict};

/// What is asked, by whom, and by which findings it is answered: a group, and how their names begin.
struct Wish {
    name: &'static str,
    who: &'static str,
    what: &'static str,
    by: &'static [(Group, &'static str)],
}

const ALL: &str = "Gmail, Yahoo, Outlook";

const WISHES: [Wish; 9] = [
    Wish { name: "spf", who: ALL, what: "SPF passes", by: &[(Group::Dns, "spf")] },
    Wish {
        name: "dkim",
        who: ALL,
        what: "mail is signed by DKIM",
        by: &[(Group::Dns, "dkim"), (Group::Mail, "signature")],
    },
    Wish {
        name: "dmarc",
        who: ALL,
        what: "the domain in From has a DMARC policy, at least p=none",
        by: &[(Group::Dns, "dmarc")],
    },
    Wish {
        name: "alignment",
        who: ALL,
        what: "SPF or DKIM speak for the domain in From",
        by: &[(Group::Dns, "alignment")],
    },
    Wish {
        name: "ptr",
        who: "Gmail, Yahoo",
        what: "sending addresses have names that lead back",
        by: &[(Group::Dns, "ptr")],
    },
    Wish {
        name: "tls",
        who: "Gmail",
        what: "mail is handed on encrypted",
        by: &[(Group::Relay, "tls")],
    },
    Wish {
        name: "one-click",
        who: "Gmail, Yahoo",
        what: "one click unsubscribes (RFC 8058)",
        by: &[
            (Group::Mail, "headers"),
            (Group::Site, "reachable"),
            (Group::Site, "this server"),
            (Group::Site, "one-click"),
        ],
    },
    Wish {
        name: "visible link",
        who: ALL,
        what: "each mail shows how to unsubscribe",
        by: &[(Group::Mail, "body")],
    },
    Wish {
        name: "own sender",
        who: ALL,
        what: "From is a domain of one's own, and takes replies",
        by: &[(Group::Mail, "sender"), (Group::Dns, "mx")],
    },
];

/// Goes through the list.
pub(super) async fn look(patient: &Patient, found: &[Finding]) -> Vec<Finding> {
    let mut list: Vec<Finding> = WISHES.iter().map(|wish| answer(wish, found)).collect();
    list.push(complaints(patient).await);
    list
}

fn answer(wish: &Wish, found: &[Finding]) -> Finding {
    let by: Vec<&Finding> = found
        .iter()
        .filter(|finding| {
            wish.by.iter().any(|(group, begins)| {
                let rest = finding.name.strip_prefix(begins);
                *group == finding.group && rest.is_some_and(|r| r.is_empty() || r.starts_with(' '))
            })
        })
        .collect();
    let says = format!("{} ({})", wish.what, wish.who);
    let worst = by.iter().max_by_key(|finding| finding.verdict);
    let Some(worst) = worst else {
        return Finding::skipped(Group::Senders, wish.name, format!("{says}: not looked at"));
    };
    let see = format!("see {} in {}", worst.name, worst.group.word());
    match worst.verdict {
        Verdict::Good => Finding::good(Group::Senders, wish.name, says),
        Verdict::Skipped => {
            Finding::skipped(Group::Senders, wish.name, format!("{says}: {}", worst.says))
        }
        Verdict::Warn => {
            Finding::warn(Group::Senders, wish.name, format!("{says}: perhaps not")).mend(see)
        }
        Verdict::Bad => Finding::bad(Group::Senders, wish.name, format!("{says}: no")).mend(see),
    }
}

/// Below 0.1 % is well, and 0.3 % is where mail is refused.
async fn complaints(patient: &Patient) -> Finding {
    const NAME: &str = "complaints";
    let what = "fewer than 0.3 % of mails are called spam, better 0.1 % (Gmail, Yahoo)";
    let since = patient.clock.now().saturating_sub(SignedDuration::from_hours(7 * 24));
    let counted = match (&patient.store, since) {
        (Ok(store), Ok(since)) if matches!(store.is_new().await, Ok(false)) => {
            store.complaints_since(since).await.ok()
        }
        _ => None,
    };
    let Some((mails, complaints)) = counted else {
        let says = format!("{what}: nothing is known without a database");
        return Finding::skipped(Group::Senders, NAME, says);
    };
    let says = format!("{what}: {complaints} of {mails} in the last week, as far as we were told");
    let mend = "look at which digests it was (paperround why EMAIL), and at postmaster.google.com; \
                send less often: [digest] schedule";
    match (complaints * 1_000, mails) {
        // One alone says nothing.
        _ if complaints < 2 => Finding::good(Group::Senders, NAME, says),
        (share, mails) if share >= mails * 3 => Finding::bad(Group::Senders, NAME, says).mend(mend),
        (share, mails) if share >= mails => Finding::warn(Group::Senders, NAME, says).mend(mend),
        _ => Finding::good(Group::Senders, NAME, says),
    }
}
