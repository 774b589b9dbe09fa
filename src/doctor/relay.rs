//! The relays: whether each would take our mail, up to and with the recipient. Nothing is sent.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::certificate::{Certificate, SOON};
use super::patient::Patient;
use super::{Finding, Group, Scope};
use crate::config::{Relay, RelayTarget, SmtpTls};
use crate::delivery::{Probed, Step, probe};
use crate::mail::Envelope;
use crate::model::EmailAddress;

/// What a mail has beside its HTML, at the most: the text part, headers, signatures, and what
/// quoted-printable adds to all of it.
const BESIDE: u64 = 60_000;

/// Asks every relay, side by side.
pub(super) async fn look(patient: &Patient, scope: &Scope) -> Vec<Finding> {
    let asked = patient.config.mail.relays.iter().map(|relay| one(patient, scope, relay));
    futures_util::future::join_all(asked).await.into_iter().flatten().collect()
}

async fn one(patient: &Patient, scope: &Scope, relay: &Relay) -> Vec<Finding> {
    let named = |step: &str| format!("{step} {}", relay.name);
    match &relay.target {
        RelayTarget::Folder(folder) => {
            let says = format!("nothing is sent: mails are written into {}", folder.display());
            let mend =
                "[[mail.relays]]\nurl = \"smtps://USER@HOST\"\npassword_file = \"relay.password\"";
            vec![Finding::warn(Group::Relay, named("connect"), says).mend(mend)]
        }
        RelayTarget::Sendmail(program) => vec![sendmail(program, named("connect"))],
        RelayTarget::Smtp { .. } => smtp(patient, scope, relay).await,
    }
}

fn sendmail(program: &Path, name: String) -> Finding {
    let place = program.display();
    match std::fs::metadata(program) {
        Ok(about) if about.is_file() && about.permissions().mode() & 0o111 != 0 => {
            Finding::good(Group::Relay, name, format!("{place} is there and can be run"))
        }
        Ok(_) => Finding::bad(Group::Relay, name, format!("{place} is no program that can be run"))
            .mend(format!("chmod a+x {place}")),
        Err(error) => Finding::bad(Group::Relay, name, format!("{place} cannot be run: {error}"))
            .mend("apt install postfix   # or another mail server; or name its sendmail:\n[[mail.relays]]\nurl = \"sendmail:/usr/sbin/sendmail\""),
    }
}

/// To whom a relay is asked whether it would take mail.
fn recipient<'a>(patient: &'a Patient, scope: &'a Scope, relay: &Relay) -> &'a EmailAddress {
    let mail = &patient.config.mail;
    let ours = [patient.config.admin.alarms_to.as_ref(), mail.reply_to.as_ref()];
    let mut asked = [scope.to.as_ref()].into_iter().chain(ours).flatten();
    asked.find(|address| relay.serves(address.domain())).unwrap_or(&mail.from)
}

async fn smtp(patient: &Patient, scope: &Scope, relay: &Relay) -> Vec<Finding> {
    let named = |step: &str| format!("{step} {}", relay.name);
    let to = recipient(patient, scope, relay);
    let envelope = match Envelope::new(patient.envelope_sender(), to) {
        Ok(envelope) => envelope,
        Err(error) => {
            return vec![
                Finding::bad(Group::Relay, named("sender"), error.to_string())
                    .mend("[mail]\nfrom = \"papers@example.org\"   # in ASCII before the @"),
            ];
        }
    };
    let size = patient.config.digest.max_html.bytes() + BESIDE;
    patient.reach.asked();
    let probed = probe(relay, &envelope, size).await;
    if probed.peer.is_some() {
        patient.reach.heard();
    }
    told(patient, relay, &probed, &envelope, size)
}

fn told(
    patient: &Patient,
    relay: &Relay,
    probed: &Probed,
    envelope: &Envelope,
    size: u64,
) -> Vec<Finding> {
    let named = |step: &str| format!("{step} {}", relay.name);
    let good = |step: &str, says: String| Finding::good(Group::Relay, named(step), says);
    let bad = |step: &str, says: String| Finding::bad(Group::Relay, named(step), says);
    let RelayTarget::Smtp { host, port, tls, user } = &relay.target else { return Vec::new() };
    let stopped = probed.stopped.as_ref();
    let at = stopped.map(|(step, _)| *step);
    let words = stopped.map_or("", |(_, words)| words.as_str());
    if at == Some(Step::Connect) {
        let says = format!("{host} does not answer at port {port}: {words}");
        let mend = match port {
            25 => format!(
                "nc -vz {host} 25   # many hosting companies close port 25: then use the relay's 587\n\
                 [[mail.relays]]\nurl = \"smtp://{host}:587\""
            ),
            _ => format!("nc -vz {host} {port}   # then mend host, port or firewall"),
        };
        return vec![bad("connect", says).mend(mend)];
    }
    let peer = probed.peer.map_or(String::new(), |peer| format!(" at {}", peer.ip()));
    let mut findings =
        vec![good("connect", format!("{host}{peer} answers: {}", short(&probed.greeting)))];
    findings.push(encryption(patient, relay, probed, *tls));
    if at == Some(Step::Tls) {
        return findings;
    }
    if let Some(user) = user {
        if at == Some(Step::Login) {
            let says = format!("the relay does not let {user} in: {words}");
            let mend = "put the right password into the file of password_file, or the right user into the url";
            findings.push(bad("login", says).mend(mend));
            return findings;
        }
        findings.push(good("login", format!("{user} is let in")));
    }
    findings.push(limits(relay, probed, size));
    match at {
        Some(Step::Sender) => {
            let says = format!("the relay does not take {} as the sender: {words}", envelope.from);
            let mend = format!(
                "have the relay allow it, or name one that it does:\n[mail]\nbounce_address = \
                 \"ADDRESS\"   # now {} counts",
                patient.envelope_key()
            );
            findings.push(bad("recipient", says).mend(mend));
        }
        // 4yz: later it may (RFC 5321 4.2.1).
        Some(Step::Recipient) if words.starts_with('4') => {
            let says = format!("the relay does not take mail to {} now: {words}", envelope.to);
            findings.push(
                Finding::warn(Group::Relay, named("recipient"), says)
                    .mend("paperround doctor --only relay   # again in some minutes"),
            );
        }
        Some(Step::Recipient) => {
            let says = format!("the relay does not take mail to {}: {words}", envelope.to);
            let mend = match user {
                Some(_) => "ask the relay's owner what it wants; or try another: paperround doctor --only relay --to ADDRESS".to_owned(),
                None => format!(
                    "have the relay let this machine send (Postfix: mynetworks), or log in:\n\
                     [[mail.relays]]\nurl = \"smtp://USER@{host}:{port}\"\npassword_file = \
                     \"relay.password\""
                ),
            };
            findings.push(bad("recipient", says).mend(mend));
        }
        _ => {
            let says = format!("a mail to {} would be taken (none was sent)", envelope.to);
            findings.push(good("recipient", says));
        }
    }
    findings
}

fn encryption(patient: &Patient, relay: &Relay, probed: &Probed, tls: SmtpTls) -> Finding {
    let name = format!("tls {}", relay.name);
    let now = patient.clock.now();
    let RelayTarget::Smtp { host, port, .. } = &relay.target else {
        return Finding::skipped(Group::Relay, name, "it is no SMTP server");
    };
    let shown = probed.certificate.as_deref().and_then(Certificate::read);
    if let Some((Step::Tls, words)) = &probed.stopped {
        let offered = probed.offer("STARTTLS").is_some() || tls == SmtpTls::Implicit;
        let says = match &shown {
            Some(shown) => {
                format!(
                    "the certificate of {host} is not to be trusted: {words}; {}",
                    shown.words(now)
                )
            }
            None => format!("{host} does not encrypt: {words}"),
        };
        let mend = match &shown {
            Some(shown) if shown.days(now) < 0 => {
                format!("renew the certificate of {host}")
            }
            Some(shown) if !shown.hosts.is_empty() && !names(shown, host) => format!(
                "name the relay as its certificate does:\n[[mail.relays]]\nurl = \"smtp://{}:{port}\"",
                shown.hosts[0]
            ),
            Some(_) => format!(
                "give {host} a certificate of a public authority, or add its own authority to this \
                 machine: update-ca-certificates"
            ),
            None if !offered => format!(
                "[[mail.relays]]\nurl = \"smtps://{host}:465\"   # or, in a network of your own alone, \
                 smtp://{host}:{port}?tls=none"
            ),
            None => format!("openssl s_client -connect {host}:{port} -starttls smtp"),
        };
        return Finding::bad(Group::Relay, name, says).mend(mend);
    }
    if !probed.encrypted {
        let says = "mail goes to it unencrypted";
        return match probed.peer.is_some_and(|peer| peer.ip().is_loopback()) {
            true => Finding::good(Group::Relay, name, format!("{says}, on this machine")),
            false => Finding::warn(Group::Relay, name, says)
                .mend(format!("[[mail.relays]]\nurl = \"smtp://{host}:{port}\"   # without ?tls=")),
        };
    }
    match shown {
        Some(shown) if shown.days(now) < SOON => {
            let says = format!("its certificate ends soon: {}", shown.words(now));
            Finding::warn(Group::Relay, name, says).mend(format!("renew the certificate of {host}"))
        }
        Some(shown) => {
            Finding::good(Group::Relay, name, format!("encrypted; {}", shown.words(now)))
        }
        None => Finding::good(Group::Relay, name, "encrypted"),
    }
}

/// Whether the certificate names the host (RFC 6125 6.4).
fn names(shown: &Certificate, host: &str) -> bool {
    shown.hosts.iter().any(|name| match name.strip_prefix("*.") {
        Some(parent) => {
            host.split_once('.').is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(parent))
        }
        None => name.eq_ignore_ascii_case(host),
    })
}

/// What it says of how much it takes.
fn limits(relay: &Relay, probed: &Probed, size: u64) -> Finding {
    let name = format!("limits {}", relay.name);
    let most: Option<u64> = probed.offer("SIZE").and_then(|text| text.trim().parse().ok());
    // RFC 9422 4: what a connection and a mail may carry.
    let announced = probed.offer("LIMITS").filter(|text| !text.is_empty());
    let more = announced.map_or(String::new(), |text| format!("; it announces {text}"));
    match most.filter(|most| *most > 0) {
        Some(most) if most < size => {
            let says =
                format!("it takes mails of {most} bytes, and a digest may have {size}{more}");
            let html = most.saturating_sub(BESIDE) / 1_000;
            Finding::bad(Group::Relay, name, says)
                .mend(format!("[digest]\nmax_html = \"{} kB\"", html.max(20)))
        }
        Some(most) => {
            let says = format!("it takes mails of {most} bytes; a digest has at most {size}{more}");
            Finding::good(Group::Relay, name, says)
        }
        None => Finding::good(Group::Relay, name, format!("it announces no largest mail{more}")),
    }
}

fn short(text: &str) -> String {
    text.chars().take(80).collect()
}
