//! The database: whether it can be asked, its schema, its pages; and whether anybody works on it.

use jiff::SignedDuration;

use super::patient::{Patient, words};
use super::{Finding, Group, Scope};
use crate::config::DatabaseTarget;

/// Mail that is due waits no longer, where somebody works.
const LATE: SignedDuration = SignedDuration::from_mins(15);

/// Looks at the schema and at every page.
pub(super) async fn look(patient: &Patient, _: &Scope) -> Vec<Finding> {
    let url = &patient.config.database.url;
    let bad = |name: &str, says: String| Finding::bad(Group::Database, name, says);
    let store = match &patient.store {
        Ok(store) => store,
        Err(why) => return vec![closed(patient, why)],
    };
    let mut findings =
        vec![Finding::good(Group::Database, "open", format!("{url} is there and answers"))];
    match store.migrations().await {
        Err(error) => {
            let says = format!("its schema cannot be read: {}", words(&error));
            findings.push(bad("schema", says).mend(restore(patient)));
            return findings;
        }
        Ok(steps) => {
            let missing: Vec<String> = steps
                .iter()
                .filter(|step| !step.done)
                .map(|step| step.version.to_string())
                .collect();
            let known = steps.iter().map(|step| step.version).max().unwrap_or(0);
            findings.push(match missing.is_empty() {
                true => {
                    Finding::good(Group::Database, "schema", format!("it has all {known} steps"))
                }
                false => bad("schema", format!("it lacks the steps {}", missing.join(", ")))
                    .mend("paperround migrate   # or start the daemon, which does it"),
            });
        }
    }
    findings.push(match store.soundness().await {
        Err(error) => {
            let says = format!("it cannot be looked through: {}", words(&error));
            bad("integrity", says).mend(restore(patient))
        }
        Ok(sound) if sound.read_only => {
            let says = format!("{} is a standby: it takes no writes", sound.version);
            bad("integrity", says)
                .mend("name the primary server:\n[database]\nurl = \"postgres://…\"")
        }
        Ok(sound) if !sound.faults.is_empty() => {
            let says = format!("{} finds it damaged: {}", sound.version, sound.faults.join("; "));
            bad("integrity", says).mend(restore(patient))
        }
        Ok(sound) => {
            Finding::good(Group::Database, "integrity", format!("{} finds it sound", sound.version))
        }
    });
    findings
}

fn closed(patient: &Patient, why: &str) -> Finding {
    let url = &patient.config.database.url;
    match &patient.config.database.target {
        DatabaseTarget::Sqlite(path) if !path.exists() => {
            Finding::warn(Group::Database, "open", format!("{why}; the first start makes it"))
                .mend("paperround migrate")
        }
        DatabaseTarget::Sqlite(path) => {
            let says = format!("{url} cannot be opened: {why}");
            Finding::bad(Group::Database, "open", says).mend(format!(
                "ls -l {0}   # who may read it; else {1}",
                path.display(),
                restore(patient)
            ))
        }
        DatabaseTarget::Postgres(_) => {
            let says = format!("{url} cannot be asked: {why}");
            Finding::bad(Group::Database, "open", says)
                .mend(format!("psql {url} -c 'select 1'   # then mend the server, or [database] in the configuration"))
        }
    }
}

fn restore(patient: &Patient) -> String {
    match &patient.config.database.target {
        DatabaseTarget::Sqlite(path) => {
            let path = path.display();
            format!(
                "stop the daemon, keep a copy of {path}, and put a backup in its place; without one:\n\
                 sqlite3 {path} .recover | sqlite3 {path}.mended"
            )
        }
        DatabaseTarget::Postgres(_) => {
            "look into the server's log; an index that is not valid: REINDEX INDEX NAME".to_owned()
        }
    }
}

/// Whether a process works on it, and whether what is due goes out.
pub(super) async fn work(patient: &Patient, _: &Scope) -> Vec<Finding> {
    let Ok(store) = &patient.store else { return Vec::new() };
    if !matches!(store.is_new().await, Ok(false)) {
        return Vec::new();
    }
    let nodes = match store.nodes().await {
        Ok(nodes) => nodes,
        Err(error) => {
            let says = format!("who works on it cannot be read: {}", words(&error));
            return vec![
                Finding::bad(Group::Database, "daemon", says).mend("paperround node list"),
            ];
        }
    };
    let alive: Vec<String> = nodes
        .iter()
        .filter(|node| !node.fenced && !node.expired)
        .map(|node| format!("{} (process {}, version {})", node.host, node.pid, node.version))
        .collect();
    let daemon = match alive.is_empty() {
        true => {
            let says = "no process works on it: nothing is fetched, planned or sent";
            Finding::warn(Group::Database, "daemon", says)
                .mend("systemctl start paperround   # or: paperround serve")
        }
        false => Finding::good(Group::Database, "daemon", alive.join(", ")),
    };
    let mut findings = vec![daemon];
    if let Ok(stuck) = store.count_never_due().await {
        findings.push(match stuck {
            0 => Finding::good(Group::Database, "readers", "every active reader has a next digest"),
            _ => {
                let says =
                    format!("{stuck} active without a next digest: they would never get one");
                Finding::bad(Group::Database, "readers", says)
                    .mend("paperround run --no-fetch   # gives them one; so does a running daemon")
            }
        });
    }
    let now = patient.clock.now();
    if let (Ok(Some(due)), Ok(count)) = (store.next_attempt().await, store.count_due(now).await) {
        let late = now.duration_since(due);
        findings.push(match count > 0 && late > LATE {
            true => {
                let says =
                    format!("{count} mails are due; the oldest for {} minutes", late.as_mins());
                Finding::warn(Group::Database, "queue", says)
                    .mend("paperround queue list --state deferred   # says why")
            }
            false => {
                Finding::good(Group::Database, "queue", "no mail waits for longer than it should")
            }
        });
    }
    findings
}
