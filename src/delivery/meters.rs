//! What the sending counts: handles made once for each relay, as mails leave by the thousand a
//! second.

use std::time::Duration;

use jiff::Timestamp;
use metrics::{Counter, Gauge, Histogram};

use crate::config::Relay;
use crate::meter;
use crate::model::{MailKind, Outcome};

/// The handles of all relays.
pub(super) struct Meters {
    relays: Vec<Handles>,
    waits: [Histogram; 2],
}

struct Handles {
    label: String,
    /// By kind, and by sent, deferred and failed.
    ended: [[Counter; 3]; 2],
    took: Histogram,
    up: Gauge,
    faults: Counter,
}

const KINDS: [&str; 2] = ["digest", "notice"];

impl std::fmt::Debug for Meters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Meters({} relays)", self.relays.len())
    }
}

impl Meters {
    pub(super) fn new(relays: &[Relay]) -> Self {
        let handles = |relay: &Relay| {
            let label = label(&relay.name);
            let up = meter::RELAY_UP.gauge(&[&label]);
            up.set(1.0);
            Handles {
                ended: KINDS.map(|kind| {
                    ["sent", "deferred", "failed"]
                        .map(|outcome| meter::DELIVERIES.counter(&[&label, kind, outcome]))
                }),
                took: meter::SMTP_SECONDS.histogram(&[&label]),
                faults: meter::RELAY_FAULTS.counter(&[&label]),
                up,
                label,
            }
        };
        Self {
            relays: relays.iter().map(handles).collect(),
            waits: KINDS.map(|kind| meter::QUEUE_SECONDS.histogram(&[kind])),
        }
    }

    /// A mail by relay `at` ended; `took`: since its envelope was offered.
    pub(super) fn ended(
        &self,
        at: usize,
        kind: MailKind,
        outcome: &Outcome,
        took: Duration,
        waited: jiff::SignedDuration,
    ) {
        let Some(relay) = self.relays.get(at) else { return };
        let which = usize::from(!kind.is_digest());
        let (ended, refused) = match outcome {
            Outcome::Sent(_) => (0, None),
            Outcome::Deferred(reply) => (1, Some(class(reply))),
            Outcome::RelayDown(_) => (1, Some("connection".to_owned())),
            Outcome::Failed(reply) => (2, Some(class(reply))),
        };
        relay.ended[which][ended].increment(1);
        match refused {
            None => {
                relay.took.record(took.as_secs_f64());
                self.waits[which].record(waited.as_secs_f64().max(0.0));
            }
            Some(class) => meter::REFUSALS.add(&[&relay.label, &class], 1),
        }
    }

    /// Relay `at` is at fault, or takes connections.
    pub(super) fn is_up(&self, at: usize, up: bool) {
        let Some(relay) = self.relays.get(at) else { return };
        relay.up.set(if up { 1.0 } else { 0.0 });
        if !up {
            relay.faults.increment(1);
        }
    }
}

/// How long ago it was planned.
pub(super) fn since(planned: Timestamp, now: Timestamp) -> jiff::SignedDuration {
    now.duration_since(planned)
}

/// A relay's name without its login, which may be somebody's address.
pub(super) fn label(name: &str) -> String {
    match name.split_once("://") {
        Some((scheme, rest)) => {
            let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
            format!("{scheme}://{host}")
        }
        None => name.to_owned(),
    }
}

/// Class and subject of a reply's enhanced status code (RFC 3463 2), such as `5.1`; without one,
/// the class of its basic code, such as `4`. No other words become a label.
fn class(reply: &str) -> String {
    let mut words = reply.split_whitespace();
    let Some(code) = words.next().filter(|word| {
        word.len() == 3 && word.bytes().all(|b| b.is_ascii_digit()) && word.starts_with(['4', '5'])
    }) else {
        return "connection".to_owned();
    };
    let class = &code[..1];
    let enhanced = words.next().and_then(|word| {
        let mut parts = word.split('.');
        let (first, subject) = (parts.next()?, parts.next()?);
        let good = first == class && matches!(subject.as_bytes(), [b'0'..=b'7']);
        (good && parts.next().is_some()).then(|| format!("{class}.{subject}"))
    });
    enhanced.unwrap_or_else(|| class.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_have_few_classes() {
        for (reply, said) in [
            ("550 5.1.1 no such user", "5.1"),
            ("452 4.2.2 full", "4.2"),
            ("550 4.2.2 odd", "5"),
            ("554 5.99.1 odd", "5"),
            ("421 try later", "4"),
            ("connection reset", "connection"),
            ("", "connection"),
        ] {
            assert_eq!(class(reply), said, "{reply}");
        }
    }

    #[test]
    fn logins_are_no_labels() {
        assert_eq!(label("smtps://ann@mx.example.org:465"), "smtps://mx.example.org:465");
        assert_eq!(label("smtp://mx.example.org:25"), "smtp://mx.example.org:25");
        assert_eq!(label("folder:/var/out"), "folder:/var/out");
    }
}
