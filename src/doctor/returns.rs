//! The loop: whether a mail to our own mailbox comes back to us. Looks at the door first; sends a
//! mail, signed as any other, only where that was asked for (`--loop`).

use std::time::Duration;

use jiff::Timestamp;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

use super::patient::{Patient, words};
use super::sources::ago;
use super::{Finding, Group, Scope};
use crate::config::{Relay, RelayTarget};
use crate::delivery::{Composed, send_by};
use crate::links::Links;
use crate::mail::{Envelope, Kind, Letter, Sender, Signer, compose};
use crate::model::{EmailAddress, Outcome};
use crate::store::Store;

/// For one answer at our own door.
const WAIT: Duration = Duration::from_secs(10);
/// How often it is looked whether a mail is back.
const LOOK: Duration = Duration::from_millis(500);
/// By what word the mails of this check are noted.
const KIND: &str = "doctor";

/// A mail on its way.
struct Sent {
    number: u64,
    name: String,
}

/// Looks at the door, and at what came back of mails of ours.
pub(super) async fn look(patient: &Patient, scope: &Scope) -> Vec<Finding> {
    let Some(inbound) = &patient.config.inbound.address else {
        let says = "there is no inbound.address: replies and bounces go to a person";
        let mend = format!(
            "[inbound]\naddress = \"papers@{}\"   # and docs/mail-in.md",
            patient.config.mail.from.domain()
        );
        return vec![Finding::warn(Group::Loop, "mailbox", says).mend(mend)];
    };
    let Some(links) = patient.links() else {
        let says = "without the key no mail of ours can be known again";
        return vec![Finding::skipped(Group::Loop, "loop", says)];
    };
    let mut findings = Vec::new();
    if patient.config.inbound.imap.is_none() {
        findings.push(door(patient, inbound, &links).await);
    }
    let Ok(store) = &patient.store else {
        let says = "without the database nobody knows what came back";
        findings.push(Finding::skipped(Group::Loop, "loop", says));
        return findings;
    };
    match scope.send {
        true => findings.extend(send(patient, scope, store, &links).await),
        false => findings.push(last(patient, store).await),
    }
    findings
}

/// Whether the daemon's door takes mail to a `+address` of ours; none is handed over.
async fn door(patient: &Patient, inbound: &EmailAddress, links: &Links) -> Finding {
    const NAME: &str = "door";
    let at = patient.config.inbound.lmtp;
    let to = links.canary_by_mail(0).unwrap_or_else(|| inbound.to_string());
    match timeout(WAIT, knock(at, &to)).await {
        Ok(Ok(None)) => Finding::good(
            Group::Loop,
            NAME,
            format!("{at} takes mail for {inbound} and its +addresses"),
        ),
        Ok(Ok(Some(refused))) => {
            let says = format!("{at} does not take mail for {inbound}: {}", refused.trim());
            Finding::bad(Group::Loop, NAME, says)
                .mend("systemctl restart paperround   # it may run by an older configuration")
        }
        Ok(Err(error)) => {
            let says = format!("nothing takes mail at {at} (inbound.lmtp): {error}");
            Finding::bad(Group::Loop, NAME, says)
                .mend("systemctl start paperround   # or: paperround serve")
        }
        Err(_) => {
            let says = format!("{at} (inbound.lmtp) does not answer within {} s", WAIT.as_secs());
            Finding::bad(Group::Loop, NAME, says).mend("systemctl restart paperround")
        }
    }
}

/// What is said against a mail to `to`, if anything is (RFC 2033).
async fn knock(at: std::net::SocketAddr, to: &str) -> std::io::Result<Option<String>> {
    let stream = TcpStream::connect(at).await?;
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    for said in
        ["", "LHLO doctor\r\n", "MAIL FROM:<>\r\n", &format!("RCPT TO:<{to}>\r\n"), "RSET\r\n"]
    {
        write.write_all(said.as_bytes()).await?;
        loop {
            let line = lines.next_line().await?.ok_or(std::io::ErrorKind::UnexpectedEof)?;
            if line.as_bytes().get(3) == Some(&b'-') {
                continue;
            }
            if !line.starts_with('2') {
                return Ok(Some(line));
            }
            break;
        }
    }
    let _ = write.write_all(b"QUIT\r\n").await;
    Ok(None)
}

/// What is known without a mail.
async fn last(patient: &Patient, store: &Store) -> Finding {
    const NAME: &str = "loop";
    let now = patient.clock.now();
    let known = store.canaries().await.unwrap_or_default();
    let mend = "paperround doctor --only loop --loop   # sends a mail to ourselves";
    match known.first() {
        None => {
            let says = "no mail to ourselves was tried yet";
            Finding::skipped(Group::Loop, NAME, format!("{says}; --loop sends one"))
        }
        Some(canary) => match canary.seen_at {
            Some(seen) => {
                let took = took(canary.sent_at, seen);
                let says =
                    format!("a mail to ourselves came back {}, after {took} s", ago(now, seen));
                Finding::good(Group::Loop, NAME, says)
            }
            None => {
                let says = format!(
                    "the last mail to ourselves, {}, did not come back",
                    ago(now, canary.sent_at)
                );
                Finding::warn(Group::Loop, NAME, says).mend(mend)
            }
        },
    }
}

fn took(sent: Timestamp, seen: Timestamp) -> i64 {
    seen.duration_since(sent).as_secs().max(0)
}

/// Sends a mail by every relay, and one to the mailbox for reports; waits for all.
async fn send(patient: &Patient, scope: &Scope, store: &Store, links: &Links) -> Vec<Finding> {
    let base = u64::try_from(patient.clock.now().as_microsecond()).unwrap_or(0);
    let mut plans: Vec<(&Relay, bool)> = Vec::new();
    for relay in &patient.config.mail.relays {
        if !matches!(relay.target, RelayTarget::Folder(_)) {
            plans.push((relay, false));
        }
    }
    if plans.is_empty() {
        let says = "no mail leaves: every relay is a folder";
        return vec![Finding::skipped(Group::Loop, "loop", says)];
    }
    let apart = patient.config.mail.bounce_address.as_ref().map(EmailAddress::key)
        != patient.config.inbound.address.as_ref().map(EmailAddress::key);
    if patient.config.mail.bounce_address.is_some() && apart && scope.to.is_none() {
        plans.push((plans[0].0, true));
    }
    let (mut findings, mut sent) = (Vec::new(), Vec::new());
    for (number, (relay, to_bounces)) in (base..).zip(plans) {
        let name = match to_bounces {
            true => format!("loop bounces {}", relay.name),
            false => format!("loop {}", relay.name),
        };
        let back = match to_bounces {
            true => links.canary_by_bounces(number),
            false => links.canary_by_mail(number),
        };
        let done = match back {
            Some(back) => hand_over(patient, scope, store, links, relay, number, &back).await,
            None => Err("there is no mailbox of ours".to_owned()),
        };
        match done {
            Ok(()) => sent.push(Sent { number, name }),
            Err(why) => findings.push(
                Finding::bad(Group::Loop, name, format!("the mail was not taken: {why}"))
                    .mend("paperround doctor --only relay"),
            ),
        }
    }
    findings.extend(wait(patient, scope, store, sent).await);
    findings
}

/// Notes that a mail is on its way, and hands it to the relay.
async fn hand_over(
    patient: &Patient,
    scope: &Scope,
    store: &Store,
    links: &Links,
    relay: &Relay,
    number: u64,
    back: &str,
) -> Result<(), String> {
    let own: EmailAddress = back.parse().map_err(|_| format!("{back} is no address"))?;
    let to = scope.to.as_ref().unwrap_or(&own);
    let mail = letter(patient, links, number, to, &own)?;
    let now = patient.clock.now();
    store.canary_sent(number, KIND, now).await.map_err(|error| words(&error))?;
    match send_by(relay, &mail).await {
        Outcome::Sent(_) => Ok(()),
        Outcome::Deferred(why) | Outcome::Failed(why) | Outcome::RelayDown(why) => Err(why),
    }
}

/// The mail: signed and addressed as all of ours.
fn letter(
    patient: &Patient,
    links: &Links,
    number: u64,
    to: &EmailAddress,
    back: &EmailAddress,
) -> Result<Composed, String> {
    let (mail, site) = (&patient.config.mail, &patient.config.site);
    let sender = Sender {
        name: mail.from_name.clone(),
        from: mail.from.clone(),
        // Any reply comes back as well.
        reply_to: Some(back.clone()),
        list_name: site.title.clone(),
        list_id: mail.list_id.clone(),
        contact: mail.reply_to.as_ref().unwrap_or(&mail.from).clone(),
        site: site.address().to_owned(),
        subscribe_by_mail: None,
        help_by_mail: None,
        signer: Signer::new(
            mail.dkim
                .iter()
                .map(|one| (one.domain.as_str(), one.selector.as_str(), one.key.clone())),
        ),
    };
    let words = match to == back {
        true => {
            "Paper Round sent this mail to itself, to see that it comes back. Nobody need read it."
        }
        false => {
            "Paper Round tries whether its mail arrives. Reply to this mail, with any words: \
                  when the reply arrives, the way is known to be open in both directions."
        }
    };
    let mark = links.proof(number, "mail");
    let domain = super::patient::ascii(mail.from.domain());
    let letter = Letter {
        sender: &sender,
        kind: &Kind::Notice,
        to,
        subject: &format!("{}: a test of the way", site.title),
        text: &format!("{words}\n"),
        html: &format!("<!DOCTYPE html><html lang=\"en\"><body><p>{words}</p></body></html>\n"),
        date: patient.clock.now(),
        message_id: &format!("<{mark}@{domain}>"),
        boundary: mark.get(..28).unwrap_or(&mark),
    };
    let message = compose(&letter).map_err(|error| error.to_string())?;
    let mut envelope = Envelope::new(&mail.from, to).map_err(|error| error.to_string())?;
    if let Some(from) = links.bounce_by_mail(crate::links::Person::default(), 0) {
        envelope.from = from;
    }
    Ok(Composed { envelope, name: format!("doctor-{number}"), message })
}

/// Waits until all are back, or for as long as was said.
async fn wait(
    patient: &Patient,
    scope: &Scope,
    store: &Store,
    mut sent: Vec<Sent>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let end = Instant::now() + scope.wait;
    while !sent.is_empty() {
        let mut still = Vec::new();
        for one in sent {
            match store.canary(one.number).await {
                Ok(Some(canary)) if canary.seen_at.is_some() => {
                    let seen = canary.seen_at.unwrap_or(canary.sent_at);
                    let says = format!(
                        "a mail to ourselves came back after {} s",
                        took(canary.sent_at, seen)
                    );
                    findings.push(Finding::good(Group::Loop, one.name, says));
                }
                _ => still.push(one),
            }
        }
        sent = still;
        if Instant::now() >= end {
            break;
        }
        sleep(LOOK).await;
    }
    let inbound = &patient.config.inbound;
    let address = inbound.address.as_ref().map_or(String::new(), ToString::to_string);
    for one in sent {
        let secs = scope.wait.as_secs();
        let says = match &scope.to {
            None => format!(
                "the relay took a mail to {address}, and it did not come back within {secs} s"
            ),
            Some(to) => format!("no reply to the mail to {to} came within {secs} s"),
        };
        let mend = match (&scope.to, &inbound.imap) {
            (Some(_), _) => "reply to it, then: paperround doctor --only loop".to_owned(),
            (None, Some((mailbox, _))) => format!(
                "look whether it lies in {}; +addresses of {address} must arrive there too",
                mailbox.url()
            ),
            (None, None) => format!(
                "have the mail server hand over {address} and its +addresses; in Postfix:\n\
                 recipient_delimiter = +\ntransport_maps = texthash:/etc/postfix/paperround\nand in \
                 /etc/postfix/paperround:\n{address}  lmtp:inet:{}",
                inbound.lmtp
            ),
        };
        findings.push(Finding::bad(Group::Loop, one.name, says).mend(mend));
    }
    findings
}
