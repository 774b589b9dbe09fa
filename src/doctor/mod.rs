//! The doctor: looks at everything between a config that is good and a digest in an inbox, and says
//! of each thing how it stands and what mends it. Changes nothing, prints nothing, and sends a mail
//! only when asked to (`Scope::send`). Checks run side by side, each within a limit; one that
//! fails stops no other.

mod certificate;
mod database;
mod dkim;
mod dmarc;
mod dns;
mod files;
mod finding;
mod machine;
mod mail;
mod mx;
mod patient;
mod providers;
mod ptr;
mod reach;
mod relay;
mod returns;
mod senders;
mod site;
mod sources;
mod spf;
mod spf_tree;
mod tags;

use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::model::EmailAddress;

pub use finding::{Finding, Group, Verdict};
use patient::Patient;

/// For a check that asks the network or the database.
const LIMIT: Duration = Duration::from_secs(45);
/// For a look at every page of the database.
const LONG: Duration = Duration::from_secs(120);

/// How far a look goes.
#[derive(Clone, Debug)]
pub struct Scope {
    /// Ask nobody over the network.
    pub offline: bool,
    /// Only this group.
    pub only: Option<Group>,
    /// Send a mail to ourselves by every relay, and wait for its return.
    pub send: bool,
    /// Where that mail goes instead, to be answered by a person; and to whom relays are asked
    /// whether they would take mail.
    pub to: Option<EmailAddress>,
    /// How long its return is waited for.
    pub wait: Duration,
    /// The addresses from which our mail leaves, where that cannot be seen from here.
    pub from: Vec<IpAddr>,
}

impl Default for Scope {
    fn default() -> Self {
        let wait = Duration::from_secs(60);
        Self { offline: false, only: None, send: false, to: None, wait, from: Vec::new() }
    }
}

/// Looks. Cheap to clone.
#[derive(Clone)]
pub struct Doctor(Arc<Patient>);

impl std::fmt::Debug for Doctor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Doctor(…)")
    }
}

type Looking = Pin<Box<dyn Future<Output = Vec<Finding>> + Send>>;

/// One check: what it is about, and how to look.
struct Check {
    group: Group,
    name: &'static str,
    /// Whether it asks the network.
    asks: bool,
    limit: Duration,
    look: fn(Arc<Patient>, Arc<Scope>) -> Looking,
}

/// A check that asks the network, and one that does not.
macro_rules! check {
    ($group:ident, $name:literal, asks: $asks:literal, $limit:expr, $look:path) => {
        Check {
            group: Group::$group,
            name: $name,
            asks: $asks,
            limit: $limit,
            look: |patient, scope| Box::pin(async move { $look(&patient, &scope).await }),
        }
    };
}

const CHECKS: [Check; 17] = [
    check!(Dns, "spf", asks: true, LIMIT, spf::look),
    check!(Dns, "dkim", asks: true, LIMIT, dkim::look),
    check!(Dns, "dmarc", asks: true, LIMIT, dmarc::look),
    check!(Dns, "mx", asks: true, LIMIT, mx::look),
    check!(Dns, "ptr", asks: true, LIMIT, ptr::look),
    check!(Relay, "relay", asks: true, LONG, relay::look),
    check!(Site, "site", asks: true, LIMIT, site::look),
    // It has a limit of its own.
    check!(Loop, "loop", asks: true, Duration::MAX, returns::look),
    check!(Mail, "templates", asks: false, LIMIT, mail::templates),
    check!(Mail, "sample", asks: false, LIMIT, mail::sample),
    check!(Mail, "addresses", asks: false, LIMIT, mail::addresses),
    check!(Sources, "sources", asks: false, LIMIT, sources::look),
    check!(Database, "database", asks: false, LONG, database::look),
    check!(Database, "work", asks: false, LIMIT, database::work),
    check!(Machine, "clock", asks: true, LIMIT, machine::clock),
    check!(Machine, "machine", asks: false, LIMIT, machine::look),
    check!(Machine, "files", asks: false, LIMIT, files::look),
];

impl Doctor {
    /// Of what `config`, read from `file` where it was one, names. Opens what it can, makes
    /// nothing, and goes on where something cannot be opened.
    pub async fn open(config: Config, file: Option<&std::path::Path>, clock: Clock) -> Self {
        Self(Arc::new(Patient::open(config, file, clock).await))
    }

    /// Of an application that runs.
    pub fn of(app: &App) -> Self {
        Self(Arc::new(Patient::of(app)))
    }

    /// Looks at everything within `scope`: what was found, group by group.
    pub async fn examine(&self, scope: &Scope) -> Vec<Finding> {
        let scope = Arc::new(scope.clone());
        // What providers ask for follows from all the rest.
        let wanted = |group: Group| match scope.only {
            None | Some(Group::Senders) => true,
            Some(only) => only == group,
        };
        let running: Vec<_> = CHECKS
            .iter()
            .filter(|check| wanted(check.group))
            .map(|check| (check, tokio::spawn(self.one(check, &scope))))
            .collect();
        let mut findings = gather(running).await;
        dmarc::weigh(&mut findings);
        if scope.only.is_none_or(|only| only == Group::Senders) {
            let asked = senders::look(&self.0, &findings).await;
            findings.extend(asked);
        }
        findings.retain(|finding| scope.only.is_none_or(|only| only == finding.group));
        findings.sort_by_key(|finding| finding.group);
        findings
    }

    /// Whether somebody was asked over the network and nobody at all answered.
    pub fn heard_nothing(&self) -> bool {
        self.0.reach.is_silent()
    }

    /// Ends what was opened to look.
    pub async fn close(&self) {
        if let Ok(store) = &self.0.store {
            store.close().await;
        }
    }

    fn one(&self, check: &'static Check, scope: &Arc<Scope>) -> Looking {
        if check.asks && scope.offline {
            let words = "it asks the network; not looked at with --offline";
            let skipped = vec![Finding::skipped(check.group, check.name, words)];
            return Box::pin(std::future::ready(skipped));
        }
        let looking = (check.look)(Arc::clone(&self.0), Arc::clone(scope));
        Box::pin(async move {
            match tokio::time::timeout(check.limit, looking).await {
                Ok(found) => found,
                Err(_) => {
                    let words =
                        format!("this check did not end within {} s", check.limit.as_secs());
                    let again = format!("paperround doctor --only {} -v", check.group.word());
                    vec![Finding::bad(check.group, check.name, words).mend(again)]
                }
            }
        })
    }
}

/// What the checks found, each as it ended.
async fn gather(running: Vec<(&Check, JoinHandle<Vec<Finding>>)>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (check, task) in running {
        match task.await {
            Ok(found) => findings.extend(found),
            Err(fault) => findings.push(failed(check, &fault.to_string())),
        }
    }
    findings
}

/// A check that broke is a fault of ours: it is told like any other.
fn failed(check: &Check, words: &str) -> Finding {
    let says = format!("this check itself failed, by a fault of the program: {words}");
    Finding::bad(check.group, check.name, says).mend(format!(
        "paperround doctor --only {} -v   # and report what it says",
        check.group.word()
    ))
}

#[cfg(test)]
mod tests;
