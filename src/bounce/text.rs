//! Reads reports that are written for people alone: whose addresses stand in it as failed, and
//! what is said about each. Never takes for failed the address of who reports, of who sent, or of
//! whom one may ask for help.

use super::address;
use super::meaning::Said;
use super::parts::Parts;
use super::standing::Standing;
use super::{dsn, meaning, wording};
use crate::model::{Finding, Verdict};

/// Lines of a report that are looked at.
const MOST_LINES: usize = 2000;
/// Lines that are read about one mention of an address.
const REACH: usize = 14;

/// An address in the report.
#[derive(Debug)]
struct Mention {
    addr: String,
    /// How plainly the line says that it is one that failed.
    weight: u8,
}

/// What the report says of whom.
pub(super) fn read(parts: &Parts, standing: Standing) -> Vec<Finding> {
    let lines: Vec<&str> = parts.text.lines().take(MOST_LINES).collect();
    let told = recipients(parts, &lines);
    let delayed = is_delay(parts);
    let alone = told.len() <= 1;
    let mut findings = Vec::new();
    for (addr, is_named) in told {
        let own = if alone { block(&lines, &addr, false) } else { block(&lines, &addr, true) };
        let whole = Said { text: &parts.text, ..Said::default() };
        let context = if alone { parts.text.as_str() } else { "" };
        let mut said = Said { text: &own, context, ..Said::default() };
        if !said.is_telling()
            && (alone || meaning::reason(said.text).is_none())
            && whole.is_telling()
        {
            said = whole;
        }
        let verdict = match said.verdict() {
            _ if delayed => Verdict::Delayed,
            Verdict::Hard if !standing.is_sure() || !is_named => Verdict::Soft,
            verdict => verdict,
        };
        findings.push(Finding {
            addr: Some(addr),
            verdict,
            status: said.status().map(str::to_owned),
            detail: wording::line(if own.trim().is_empty() { &parts.text } else { &own }),
        });
    }
    if findings.is_empty() {
        let said = Said { text: &parts.text, ..Said::default() };
        let verdict = if delayed { Verdict::Delayed } else { said.verdict() };
        findings.push(Finding {
            addr: None,
            verdict: if verdict == Verdict::Hard && !standing.is_sure() {
                Verdict::Soft
            } else {
                verdict
            },
            status: said.status().map(str::to_owned),
            detail: wording::line(&parts.text),
        });
    }
    findings
}

/// The one whom a report is about that does not name them for machines.
pub(super) fn only_recipient(parts: &Parts) -> Option<String> {
    let lines: Vec<&str> = parts.text.lines().take(MOST_LINES).collect();
    let mut told = recipients(parts, &lines);
    (told.len() == 1).then(|| told.remove(0).0)
}

/// What a report for people says about one address of several.
pub(super) fn about(text: &str, addr: &str) -> String {
    let lines: Vec<&str> = text.lines().take(MOST_LINES).collect();
    block(&lines, addr, true)
}

/// Whether it is only late.
fn is_delay(parts: &Parts) -> bool {
    const DELAYED: &[&str] = &[
        "not yet been delivered",
        "has been delayed",
        "still being retried",
        "warning message only",
        "is a warning only",
        "just a warning",
        "will be retried",
        "will continue to",
        "attempts will continue",
        "you do not need to resend",
        "no action is required",
        "still trying",
        "not been able to deliver your message yet",
        "will keep trying",
    ];
    let begin = wording::cut(&parts.text, 3000).to_ascii_lowercase();
    let subject = parts.subject.to_ascii_lowercase();
    let gives_up = ["given up", "giving up", "permanent", "returned to you"]
        .iter()
        .any(|words| begin.contains(words));
    let is_warned = subject.contains("delay") || subject.starts_with("warning");
    DELAYED.iter().any(|words| begin.contains(words)) && (is_warned || !gives_up)
}

/// The addresses that failed, each once, and whether the report itself or what came back names
/// them surely enough.
fn recipients(parts: &Parts, lines: &[&str]) -> Vec<(String, bool)> {
    let to = parts.returned_to();
    let is_to = |addr: &str| to.iter().any(|other| other.eq_ignore_ascii_case(addr));
    let others = others(parts);
    let mentions: Vec<Mention> = mentions(lines)
        .into_iter()
        .filter(|mention| {
            !others.iter().any(|other| other.eq_ignore_ascii_case(&mention.addr))
                || (mention.weight >= 3 && is_to(&mention.addr))
        })
        .collect();
    let best = mentions.iter().map(|mention| mention.weight).max().unwrap_or(0);
    let failed: Vec<&str> = parts.head.all("x-failed-recipients").take(20).collect();
    if best < 3 && !failed.is_empty() {
        return once(failed.into_iter().flat_map(address::find).map(|(_, addr)| addr.to_owned()));
    }
    if best >= 2 {
        return once(
            mentions
                .into_iter()
                .filter(|mention| mention.weight == best)
                .map(|mention| mention.addr),
        );
    }
    let known = once(
        mentions.iter().filter(|mention| is_to(&mention.addr)).map(|mention| mention.addr.clone()),
    );
    if !known.is_empty() {
        return known;
    }
    let weak = once(
        mentions.into_iter().filter(|mention| mention.weight == 1).map(|mention| mention.addr),
    );
    if weak.len() == 1 {
        return weak;
    }
    // Nobody is named: the mail that came back had one recipient alone.
    let back = once(
        to.into_iter().filter(|addr| !others.iter().any(|other| other.eq_ignore_ascii_case(addr))),
    );
    if back.len() == 1 { back } else { Vec::new() }
}

fn once(addrs: impl Iterator<Item = String>) -> Vec<(String, bool)> {
    let mut found: Vec<(String, bool)> = Vec::new();
    for addr in addrs {
        if found.len() < dsn::MOST_RECIPIENTS
            && !found.iter().any(|(known, _)| known.eq_ignore_ascii_case(&addr))
        {
            found.push((addr, true));
        }
    }
    found
}

/// Who reports, to whom, and who sent what came back.
fn others(parts: &Parts) -> Vec<String> {
    let back = parts.returned_head();
    let own = ["from", "sender", "to", "cc", "return-path", "reply-to", "errors-to"];
    let theirs = ["from", "sender", "return-path", "reply-to", "errors-to", "message-id"];
    let own = own.iter().flat_map(|name| parts.head.all(name).take(10));
    let theirs = theirs.iter().flat_map(|name| back.all(name).take(10));
    own.chain(theirs)
        .flat_map(|value| address::find(wording::cut(value, 2048)))
        .map(|(_, addr)| addr.to_owned())
        .take(200)
        .collect()
}

/// Every address, with the weight of its line.
fn mentions(lines: &[&str]) -> Vec<Mention> {
    let mut found = Vec::new();
    let mut listing = false;
    for line in lines {
        let line = wording::cut(line, 1000);
        let low = line.to_ascii_lowercase();
        if line.trim().is_empty() {
            continue;
        }
        let addrs = address::find(line);
        if addrs.is_empty() {
            if LISTS.iter().any(|words| low.contains(words)) {
                listing = true;
            } else if low.contains("transcript") || low.starts_with("---") {
                listing = false;
            }
            continue;
        }
        for (range, addr) in addrs {
            let weight = weigh(line, &low, &range, listing);
            if weight > 0 && found.len() < 20 * dsn::MOST_RECIPIENTS {
                found.push(Mention { addr: addr.to_owned(), weight });
            }
        }
    }
    found
}

/// Lines behind which the failed are listed.
const LISTS: &[&str] = &[
    "following address",
    "following recipient",
    "following user",
    "these recipients",
    "failed recipients",
    "this address",
    "following destination",
    "recipient(s)",
    "address(es)",
    "following mailbox",
    "delivery notifications -----",
    "fatal errors -----",
    "folgende",
    "destinataires suivants",
    "siguientes destinatarios",
    "seguenti destinatari",
];

/// Words before an address that say whose it is not.
const NOT_THEIRS: &[&str] = &[
    "from:",
    "from <",
    "mail from",
    "sender",
    "message-id",
    "message id",
    "messageid",
    "contact",
    "reply-to",
    "return-path",
    "by ",
    "help",
    "assistance",
    "please send",
    "e-mail to",
    "questions",
    "report",
    "subject:",
];

/// Words before the address that we mailed, where another failed for it.
const ORIGINALLY: &[&str] = &[
    "expanded from: ",
    "expanded from: <",
    "expanded from <",
    "generated from ",
    "generated from <",
    "originally addressed to ",
    "originally addressed to <",
];

/// Words that name one who failed.
const NAMED: &[&str] = &[
    "to:",
    "to :",
    "rcpt to",
    "recipient",
    "user unknown",
    "unknown user",
    "user",
    "address",
    "mailbox",
    "deliver",
    "failed",
    "original-recipient",
    "final-recipient",
    "550",
    "551",
    "552",
    "553",
    "554",
    "501",
    "450",
    "451",
    "452",
    "421",
    "unknown",
    "not exist",
    "destinat",
];

/// Names of what stands behind a colon.
const LABELS: &[&str] =
    &["recipient", "address", "rcpt", "user", "destinat", "empf", "mailbox", "failed"];

fn weigh(line: &str, low: &str, range: &std::ops::Range<usize>, listing: bool) -> u8 {
    let before = low.get(..range.start).unwrap_or_default();
    let behind = line.get(range.end..).unwrap_or_default();
    let begin =
        before.trim_start_matches(|c: char| c.is_whitespace() || ">*-=<[(\"'|+•·:".contains(c));
    let is_helper = ["postmaster@", "abuse@", "support@", "helpdesk@"]
        .iter()
        .any(|name| low[range.start..].starts_with(name));
    if begin.is_empty() {
        let closed = behind.trim_start_matches(['>', ']', ')', '"', '\'']).trim_start();
        let is_alone =
            closed.is_empty() || closed.starts_with([':', ',', ';', '(', '-', '<']) || listing;
        return match (is_helper, is_alone) {
            (true, _) => 1,
            (false, true) => 3,
            (false, false) => {
                1 + u8::from(
                    !behind.starts_with('.') && NAMED.iter().any(|words| low.contains(words)),
                )
            }
        };
    }
    if ORIGINALLY.iter().any(|words| before.ends_with(words)) && !is_helper {
        return 3;
    }
    if NOT_THEIRS.iter().any(|words| before.contains(words)) {
        let is_rcpt = before.contains("rcpt to") || before.contains("recipient");
        return if is_rcpt && !is_helper { 2 } else { 0 };
    }
    if is_helper {
        return 0;
    }
    let label = begin.trim_end_matches(['<', ' ', '\t', '"', '[', '(', '\'']);
    let is_label = label.ends_with(':') && label.len() < 40;
    let is_answer = label.len() < 24 && wording::reply_code(begin).is_some();
    if is_label && label.trim_end_matches(':').trim_end() == "to" {
        return 1;
    }
    if is_answer
        || before.contains("rcpt to")
        || is_label && LABELS.iter().any(|name| label.contains(name))
    {
        return 3;
    }
    if NAMED.iter().any(|words| low.contains(words)) { 2 } else { 1 }
}

/// The lines about an address: from each mention on to the mention of another.
fn block(lines: &[&str], addr: &str, is_one_of_many: bool) -> String {
    let low = addr.to_ascii_lowercase();
    let mut text = String::new();
    let mut until = 0;
    for (i, line) in lines.iter().enumerate() {
        if !line.to_ascii_lowercase().contains(&low) {
            continue;
        }
        // What the server answered stands before the mention of the one that it is about.
        let from = lines[until.min(i)..i]
            .iter()
            .rev()
            .take(2)
            .take_while(|line| line.starts_with("<<<") || line.starts_with(">>>"))
            .count();
        for (j, line) in lines[i - from..].iter().take(REACH).enumerate() {
            let other = j > from
                && address::find(wording::cut(line, 1000)).iter().any(|(range, found)| {
                    !found.eq_ignore_ascii_case(addr)
                        && line[..range.start].trim_start_matches([' ', '\t', '<', '>']).is_empty()
                });
            let is_end = is_one_of_many
                && j > from + 1
                && line.trim().is_empty()
                && text.lines().count() > 2;
            if other || is_end {
                break;
            }
            let place = i - from + j;
            if place >= until && text.len() < 8 << 10 {
                text.push_str(wording::cut(line, 1000));
                text.push('\n');
            }
            until = until.max(place + 1);
        }
    }
    text
}
